/** The menus of the commands. */
import { sentence } from "../shared/api.js";
import { html, icon } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { assignTo, COMMANDS, setStatus, toggleTag } from "./commands.js";
import { openMenu } from "./menu.js";
import { face } from "./parts.js";
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
        ...others.map((agent) => ({ id: agent.id, label: agent.name, hint: agent.online ? "" : t("desk.availability_offline"), mark: face(agent, "s", agent.online ? agent.availability : ""), on: row?.assignee === agent.id })),
        { id: "", label: t("desk.assign_nobody"), mark: html`<span class="face s is-none">${icon("close", "xs")}</span>`, on: row?.assignee === "" },
      ];
    },
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
    choices: () => choices.map((choice, i) => ({ id: String(i), label: choice.label, hint: choice.hint, mark: icon("clock", "s") })),
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
    pick: (id) => setStatus(desk, "snoozed", choices[Number(id)].at.toISOString()),
  });
}

/** @param {Desk} desk @param {HTMLElement} anchor */
export function tagMenu(desk, anchor) {
  const { store } = desk;
  openMenu(anchor, {
    title: t("desk.tags"),
    filter: true,
    choices: () => [...store.tags.values()].sort((a, b) => a.name.localeCompare(b.name)).map((tag) => ({ id: tag.id, label: tag.name, mark: html`<i class="tag-dot" data-var="${/^#[0-9a-f]{6}$/i.test(tag.colour) ? `--tag:${tag.colour}` : ""}"></i>`, on: store.row?.tags.includes(tag.id) })),
    foot: store.tags.size ? undefined : html`<p class="menu-none">${t("desk.tags_none")}</p>`,
    pick: (id) => {
      toggleTag(desk, id);
      return true;
    },
  });
}

/** @param {Desk} desk @param {HTMLElement} anchor */
export function moreMenu(desk, anchor) {
  const ids = ["tag", "pending", "unread", "priority", "copy-link", "files", "print", "transcript", "spam", "not-spam", ...(matchMedia("(max-width: 800px)").matches ? ["assign", "snooze", "person"] : [])];
  openMenu(anchor, {
    title: t("desk.more"),
    choices: () => COMMANDS.filter((command) => ids.includes(command.id) && (command.when?.(desk) ?? true)).map((command) => ({ id: command.id, label: command.label(), keys: command.keys, mark: icon(command.icon, "s") })),
    pick: (id) => void setTimeout(() => desk.run(id, anchor)),
  });
}

/** @param {Desk} desk @param {HTMLElement} anchor */
export function meMenu(desk, anchor) {
  const me = desk.store.me;
  const states = /** @type {const} */ (["online", "away", "offline"]);
  openMenu(anchor, {
    title: me.name,
    choices: () => [
      ...states.map((state) => ({ id: `be-${state}`, label: t(`desk.availability_${state}`), mark: html`<i class="state-dot is-${state}"></i>`, on: me.availability === state })),
      { id: "settings", label: t("desk.settings"), mark: icon("settings", "s"), keys: "," },
      { id: "help", label: t("desk.shortcuts"), mark: icon("keyboard", "s"), keys: "?" },
      ...(me.role === "owner" ? [{ id: "admin", label: t("desk.admin"), mark: icon("panel", "s") }] : []),
      { id: "sign-out", label: t("desk.sign_out"), mark: icon("out", "s") },
    ],
    pick: (id) => {
      if (!id.startsWith("be-")) return void setTimeout(() => desk.run(id, anchor));
      desk.store.patchMe({ availability: id.slice(3) }).catch((error) => desk.toast(sentence(error), { bad: true }));
    },
  });
}

/** @param {Desk} desk @param {HTMLElement} anchor */
export function sortMenu(desk, anchor) {
  openMenu(anchor, {
    title: t("desk.sort_by"),
    choices: () => /** @type {const} */ (["newest", "waiting"]).map((sort) => ({ id: sort, label: t(`desk.sort_${sort}`), on: desk.store.sort === sort })),
    pick: (id) => {
      remember("sort", id);
      desk.store.show({ sort: id === "waiting" ? "waiting" : "newest" });
    },
  });
}
