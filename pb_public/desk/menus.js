/** The menus of the commands. */
import { sentence } from "../shared/api.js";
import { html, icon } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { assignTo, COMMANDS, setPriority, setStatus, STATES, toggleTag } from "./commands.js";
import { PRIORITIES, priorityName, SORTS } from "./logic.js";
import { openMenu } from "./menu.js";
import { face, stateOf, tagVar } from "./parts.js";
import { remember } from "./prefs.js";
import { snoozeChoices } from "./times.js";

/** @typedef {import("./app.js").Desk} Desk */

/** @param {Desk} desk @param {HTMLElement} anchor */
export function assignMenu(desk, anchor) {
  const { store } = desk;
  openMenu(anchor, {
    title: t("desk.assign_to"),
    filter: store.agents.size > 5,
    choices: () => {
      const row = store.row;
      const others = [...store.agents.values()].filter((agent) => agent.id !== store.me.id).sort((a, b) => Number(b.online) - Number(a.online) || a.name.localeCompare(b.name));
      const me = store.agents.get(store.me.id) ?? store.me;
      return [
        { id: me.id, label: t("desk.assign_me"), hint: me.name, mark: face(me, "s"), on: row?.assignee === me.id },
        ...others.map((agent) => ({ id: agent.id, label: agent.name, hint: stateOf(agent) === "online" ? "" : t(`desk.availability_${stateOf(agent)}`), mark: face(agent, "s", agent.online ? stateOf(agent) : ""), on: row?.assignee === agent.id })),
        { id: "", label: t("desk.assign_nobody"), mark: html`<span class="face s is-none">${icon("close", "xs")}</span>`, on: row?.assignee === "" },
      ];
    },
    foot: desk.selection.size ? undefined : html`<button class="menu-item" type="button" data-act="handover">${icon("out", "s")}<span class="menu-label">${t("desk.handover")}</span><kbd>H</kbd></button>`,
    ready: (menu, close) =>
      menu.querySelector("[data-act=handover]")?.addEventListener("click", () => {
        close();
        desk.run("handover");
      }),
    pick: (id) => assignTo(desk, id),
  });
}

/** @param {Desk} desk @param {HTMLElement} anchor */
export function snoozeMenu(desk, anchor) {
  const choices = snoozeChoices(new Date(), desk.store.boot.shop.time_zone);
  const soon = new Date(Date.now() + 86_400_000);
  const local = new Date(soon.getTime() - soon.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  openMenu(anchor, {
    title: t("desk.snooze_until"),
    choices: () => [
      ...choices.map((choice, i) => ({ id: String(i), label: choice.label, hint: choice.hint, mark: icon("clock", "s") })),
      { id: "answer", label: t("desk.snooze_answer"), mark: icon("reply", "s") },
    ],
    foot: html`<form class="menu-form"><label><span>${t("desk.snooze_pick")}</span><input type="datetime-local" name="at" value="${local}" min="${new Date().toISOString().slice(0, 10)}T00:00" required></label><button class="btn go" type="submit">${t("desk.snooze")}</button></form>`,
    ready: (menu, close) => {
      menu.querySelector("form")?.addEventListener("submit", (event) => {
        event.preventDefault();
        const value = /** @type {HTMLInputElement} */ (menu.querySelector("[name=at]")).value;
        const at = new Date(value);
        if (isNaN(at.getTime()) || at.getTime() <= Date.now()) return desk.toast(t("desk.snooze_past"), { bad: true });
        close();
        setStatus(desk, "snoozed", at.toISOString());
      });
    },
    pick: (id) => setStatus(desk, "snoozed", id === "answer" ? id : choices[Number(id)].at.toISOString()),
  });
}

/** @param {Desk} desk @param {HTMLElement} anchor */
export function tagMenu(desk, anchor) {
  const { store, selection } = desk;
  const rows = () => (selection.size ? [...selection.ids].map((id) => store.rows.get(id)) : [store.row]);
  const has = (/** @type {string} */ id) => rows().every((row) => row?.tags.includes(id));
  openMenu(anchor, {
    title: t("desk.tags"),
    filter: true,
    choices: () => [...store.tags.values()].sort((a, b) => a.name.localeCompare(b.name)).map((tag) => ({ id: tag.id, label: tag.name, mark: html`<i class="tag-dot" data-var="${tagVar(tag)}"></i>`, on: has(tag.id) })),
    extra: (query) => ([...store.tags.values()].some((tag) => tag.name.toLocaleLowerCase() === query.toLocaleLowerCase()) ? null : { id: "+", label: t("desk.tag_make", { name: query }), mark: icon("plus", "s") }),
    foot: html`<button class="menu-item" type="button" data-act="keep-tags">${icon("settings", "s")}<span class="menu-label">${t("desk.tags_keep")}</span></button>`,
    ready: (menu, close) =>
      menu.querySelector("[data-act=keep-tags]")?.addEventListener("click", () => {
        close();
        desk.run("tags-sheet");
      }),
    pick: (id, query) => {
      if (id === "+") return void makeTag(desk, query);
      if (selection.size) return void import("./bulk.js").then(({ bulk }) => bulk(desk, has(id) ? { remove_tags: [id] } : { add_tags: [id] }));
      toggleTag(desk, id);
      return true;
    },
  });
}

/** Makes a tag of what was typed, and puts it on. @param {Desk} desk @param {string} name */
async function makeTag(desk, name) {
  try {
    const { freeColour } = await import("./colour.js");
    const { tag } = await desk.api.post("/api/desk/tags", { name, colour: freeColour([...desk.store.tags.values()].map((other) => other.colour)) });
    desk.store.tags.set(tag.id, tag);
    if (desk.selection.size) (await import("./bulk.js")).bulk(desk, { add_tags: [tag.id] });
    else toggleTag(desk, tag.id);
  } catch (error) {
    desk.toast(sentence(error), { bad: true });
  }
}

/** @param {Desk} desk @param {HTMLElement} anchor */
export function priorityMenu(desk, anchor) {
  const one = desk.selection.size ? undefined : desk.store.row?.priority;
  openMenu(anchor, {
    title: t("desk.priority"),
    choices: () => PRIORITIES.map((priority) => ({ id: String(priority), label: priorityName(priority), mark: html`<span class="flag is-${priority}">${icon("flag", "s")}</span>`, on: one === priority })),
    pick: (id) => setPriority(desk, Number(id)),
  });
}

/** @param {Desk} desk @param {HTMLElement} anchor */
export function moreMenu(desk, anchor) {
  const ids = ["handover", "follow", "unfollow", "tag", "pending", "unread", "priority", "copy-link", "files", "print", "transcript", "merge-talks", "split", "spam", "not-spam", "delete", "restore", ...(matchMedia("(max-width: 800px)").matches ? ["assign", "snooze", "person"] : [])];
  openMenu(anchor, {
    title: t("desk.more"),
    choices: () => COMMANDS.filter((command) => ids.includes(command.id) && (command.when?.(desk) ?? true)).map((command) => ({ id: command.id, label: command.label(), keys: command.keys, mark: icon(command.icon, "s") })),
    pick: (id) => void setTimeout(() => desk.run(id, anchor)),
  });
}

/** @param {Desk} desk @param {HTMLElement} anchor */
export function meMenu(desk, anchor) {
  const me = desk.store.me;
  openMenu(anchor, {
    title: me.name,
    choices: () => [
      ...STATES.map((state) => ({ id: `be-${state}`, label: t(`desk.availability_${state}`), mark: html`<i class="state-dot is-${state}"></i>`, on: me.availability === state })),
      { id: "settings", label: t("desk.settings"), mark: icon("settings", "s"), keys: "," },
      { id: "help", label: t("desk.shortcuts"), mark: icon("keyboard", "s"), keys: "?" },
      ...(me.role === "owner" ? [{ id: "admin", label: t("desk.admin"), mark: icon("panel", "s") }] : []),
      { id: "sign-out", label: t("desk.sign_out"), mark: icon("out", "s") },
    ],
    pick: (id) => void setTimeout(() => desk.run(id, anchor)),
  });
}

/** @param {Desk} desk @param {HTMLElement} anchor */
export function sortMenu(desk, anchor) {
  openMenu(anchor, {
    title: t("desk.sort_by"),
    choices: () => SORTS.map((sort) => ({ id: sort, label: t(`desk.sort_${sort}`), on: desk.store.sort === sort })),
    pick: (id) => {
      remember("sort", id);
      desk.store.show({ sort: SORTS.find((sort) => sort === id) ?? "newest" });
    },
  });
}
