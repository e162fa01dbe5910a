/**
 * What can be done at the desk. Keyboard, buttons, menus and the command bar all run these by name, so each is written
 * once. Whatever changes a conversation can be undone for six seconds.
 */
import { sentence } from "../shared/api.js";
import { digits, upcoming } from "../shared/format.js";
import { html, icon } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { nameOf, snoozeChoices, viewName, VIEWS } from "./logic.js";
import { openMenu } from "./overlay.js";
import { face } from "./parts.js";
import { remember } from "./prefs.js";

/**
 * @typedef {import("./app.js").Desk} Desk
 * @typedef {import("../shared/types.js").Row} Row
 *
 * @typedef {object} Command
 * @property {string} id
 * @property {() => string} label
 * @property {string} icon
 * @property {string} [keys] as shown: "E", "G I"
 * @property {(desk: Desk) => boolean} [when]
 * @property {(desk: Desk, anchor: HTMLElement) => unknown} run
 */

/** @param {Desk} desk */
const hasTalk = (desk) => desk.store.row !== undefined;

/**
 * Changes the open conversation, says so, and offers the way back.
 * @param {Desk} desk @param {Row} row @param {Parameters<import("./store.js").Store["patch"]>[1]} change @param {string} words
 */
async function change(desk, row, change, words) {
  /** @type {Record<string, unknown>} */
  const back = {};
  for (const field of Object.keys(change)) back[field] = row[/** @type {keyof Row} */ (field)];
  if (change.status && row.status === "snoozed") back.snoozed_until = row.snoozed_until;
  const leaves = change.status !== undefined && change.status !== "open" && row.status !== change.status;
  if (leaves) desk.leave(row);
  const done = desk.store.patch(row.id, change);
  desk.toast(words, {
    act: t("common.undo"),
    run: () => {
      void done.catch(() => {}).then(() => desk.store.patch(row.id, back)).catch((error) => desk.toast(sentence(error), { bad: true }));
      if (leaves) desk.go(desk.store.view, row.number);
    },
  });
  try {
    await done;
  } catch (error) {
    desk.toast(`#${digits(row.number)}: ${sentence(error)}`, { bad: true });
  }
}

/** @param {Desk} desk @param {string} agent */
export function assignTo(desk, agent) {
  const row = desk.store.row;
  if (!row || row.assignee === agent) return;
  const name = desk.store.agentName(agent);
  const words = !agent ? t("desk.done_unassigned") : agent === desk.store.me.id ? t("desk.done_taken") : t("desk.done_assigned", { name });
  void change(desk, row, { assignee: agent }, words);
}

/** @param {Desk} desk @param {Row["status"]} status @param {string} [until] */
export function setStatus(desk, status, until = "") {
  const row = desk.store.row;
  if (!row || (row.status === status && status !== "snoozed")) return;
  const words = status === "snoozed" ? t("desk.done_snoozed", { time: upcoming(until) }) : t(`desk.done_${status}`, { number: digits(row.number), name: nameOf(row.contact) });
  void change(desk, row, until ? { status, snoozed_until: until } : { status }, words);
}

/** @param {Desk} desk @param {string} tag */
export function toggleTag(desk, tag) {
  const row = desk.store.row;
  if (!row) return;
  const tags = row.tags.includes(tag) ? row.tags.filter((other) => other !== tag) : [...row.tags, tag];
  desk.store.patch(row.id, { tags }).catch((error) => desk.toast(sentence(error), { bad: true }));
}

/** @param {Desk} desk @param {HTMLElement} anchor */
function assignMenu(desk, anchor) {
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
function snoozeMenu(desk, anchor) {
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
function tagMenu(desk, anchor) {
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
function moreMenu(desk, anchor) {
  const ids = ["tag", "pending", "unread", "priority", "copy-link", ...(matchMedia("(max-width: 800px)").matches ? ["assign", "snooze", "person"] : [])];
  openMenu(anchor, {
    title: t("desk.more"),
    choices: () => COMMANDS.filter((command) => ids.includes(command.id) && (command.when?.(desk) ?? true)).map((command) => ({ id: command.id, label: command.label(), hint: command.keys, mark: icon(command.icon, "s") })),
    pick: (id) => void setTimeout(() => desk.run(id, anchor)),
  });
}

/** @param {Desk} desk @param {HTMLElement} anchor */
function meMenu(desk, anchor) {
  const me = desk.store.me;
  const states = /** @type {const} */ (["online", "away", "offline"]);
  openMenu(anchor, {
    title: me.name,
    choices: () => [
      ...states.map((state) => ({ id: `be-${state}`, label: t(`desk.availability_${state}`), mark: html`<i class="state-dot is-${state}"></i>`, on: me.availability === state })),
      { id: "settings", label: t("desk.settings"), mark: icon("settings", "s"), hint: "," },
      { id: "help", label: t("desk.shortcuts"), mark: icon("keyboard", "s"), hint: "?" },
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
function sortMenu(desk, anchor) {
  openMenu(anchor, {
    title: t("desk.sort_by"),
    choices: () => /** @type {const} */ (["newest", "waiting"]).map((sort) => ({ id: sort, label: t(`desk.sort_${sort}`), on: desk.store.sort === sort })),
    pick: (id) => {
      remember("sort", id);
      desk.store.show({ sort: id === "waiting" ? "waiting" : "newest" });
    },
  });
}

/** @type {Command[]} */
export const COMMANDS = [
  { id: "reply", label: () => t("desk.reply"), icon: "reply", keys: "R", when: hasTalk, run: (desk) => desk.write("reply") },
  { id: "note", label: () => t("desk.note_add"), icon: "pen", keys: "N", when: hasTalk, run: (desk) => desk.write("note") },
  { id: "solve", label: () => t("desk.solve"), icon: "check", keys: "E", when: (desk) => hasTalk(desk) && desk.store.row?.status !== "solved", run: (desk) => setStatus(desk, "solved") },
  { id: "reopen", label: () => t("desk.reopen"), icon: "undo", keys: "E", when: (desk) => hasTalk(desk) && desk.store.row?.status !== "open", run: (desk) => setStatus(desk, "open") },
  { id: "pending", label: () => t("desk.set_pending"), icon: "clock", keys: "P", when: (desk) => hasTalk(desk) && desk.store.row?.status !== "pending", run: (desk) => setStatus(desk, "pending") },
  { id: "snooze", label: () => t("desk.snooze"), icon: "snooze", keys: "S", when: (desk) => hasTalk(desk), run: snoozeMenu },
  { id: "assign", label: () => t("desk.assign"), icon: "me", keys: "A", when: hasTalk, run: assignMenu },
  { id: "take", label: () => t("desk.assign_me"), icon: "hand", keys: "M", when: (desk) => hasTalk(desk) && desk.store.row?.assignee !== desk.store.me.id, run: (desk) => assignTo(desk, desk.store.me.id) },
  { id: "tag", label: () => t("desk.tags"), icon: "tag", keys: "T", when: hasTalk, run: tagMenu },
  { id: "unread", label: () => t("desk.mark_unread"), icon: "dot", keys: "U", when: (desk) => hasTalk(desk) && (desk.store.row?.last_incoming_seq ?? 0) > 0, run: (desk) => void desk.store.unseen().catch((error) => desk.toast(sentence(error), { bad: true })) },
  {
    id: "priority", label: () => t("desk.priority_toggle"), icon: "flag", keys: "!", when: hasTalk,
    run: (desk) => {
      const row = desk.store.row;
      if (row) desk.store.patch(row.id, { priority: row.priority > 0 ? 0 : 1 }).catch((error) => desk.toast(sentence(error), { bad: true }));
    },
  },
  { id: "canned", label: () => t("desk.canned"), icon: "bolt", when: hasTalk, run: (desk) => desk.writeCanned() },
  {
    id: "copy-link", label: () => t("desk.copy_link"), icon: "link", when: hasTalk,
    run: (desk) => void navigator.clipboard?.writeText(location.href).then(() => desk.toast(t("desk.link_copied"))),
  },
  { id: "person", label: () => t("desk.contact"), icon: "panel", keys: "I", when: hasTalk, run: (desk) => desk.togglePerson() },
  { id: "compose", label: () => t("desk.compose"), icon: "compose", keys: "C", run: async (desk) => (await import("./compose.js")).openCompose(desk) },
  { id: "search", label: () => t("desk.filter"), icon: "find", keys: "/", run: (desk) => desk.focusFilter() },
  { id: "sort", label: () => t("desk.sort_by"), icon: "sort", run: (desk, anchor) => sortMenu(desk, anchor) },
  ...VIEWS.map((view, i) => ({ id: `go-${view}`, label: () => t("desk.go_to", { view: viewName(view) }), icon: /** @type {Record<string, string>} */ ({ unassigned: "inbox", mine: "me", open: "stack", pending: "clock", snoozed: "snooze", solved: "check" })[view], keys: `G ${"IMOPZS"[i]}`, run: (/** @type {Desk} */ desk) => desk.go(view) })),
  { id: "go-all", label: () => t("desk.go_to", { view: t("desk.view_all") }), icon: "stack", keys: "G A", run: (desk) => desk.go("all") },
  { id: "palette", label: () => t("desk.palette"), icon: "command", keys: "Ctrl K", run: async (desk) => (await import("./palette.js")).openPalette(desk) },
  { id: "settings", label: () => t("desk.settings"), icon: "settings", keys: ",", run: async (desk) => (await import("./settings.js")).openSettings(desk) },
  { id: "help", label: () => t("desk.shortcuts"), icon: "keyboard", keys: "?", run: async (desk) => (await import("./help.js")).openHelp() },
  { id: "admin", label: () => t("desk.admin"), icon: "panel", when: (desk) => desk.store.me.role === "owner", run: () => void window.open("/_/", "_blank", "noopener") },
  { id: "me", label: () => t("desk.me_menu"), icon: "me", run: meMenu },
  { id: "more", label: () => t("desk.more"), icon: "more", when: hasTalk, run: moreMenu },
  { id: "sign-out", label: () => t("desk.sign_out"), icon: "out", run: (desk) => desk.signOut() },
];

/** @type {Record<string, string>} the command of a key */
const KEYS = { r: "reply", n: "note", s: "snooze", a: "assign", m: "take", t: "tag", u: "unread", p: "pending", i: "person", c: "compose", "/": "search", "?": "help", ",": "settings", "!": "priority" };
/** @type {Record<string, string>} the view after g */
const PLACES = { i: "unassigned", m: "mine", o: "open", p: "pending", z: "snoozed", s: "solved", a: "all" };

/**
 * The letter of a key as on a Latin keyboard: with a Bangla layout in use the same keys work.
 * @param {{key: string, code: string}} event
 */
export function latinKey(event) {
  if (event.key.length !== 1 || /[\x20-\x7e]/.test(event.key)) return event.key;
  return /^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase() ?? { Slash: "/", Comma: "," }[event.code] ?? event.key;
}

/** Reads keys one after the other: a command's, or two of a way ("g" then "m"). */
export class Keys {
  #gone = 0;

  /**
   * @param {{key: string, code: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean}} event
   * @param {number} now
   * @returns {{command?: string, view?: string, move?: number, open?: boolean, toggle?: boolean, page?: number} | null}
   */
  read(event, now) {
    const key = latinKey(event);
    if (event.ctrlKey || event.metaKey) return key.toLowerCase() === "k" && !event.altKey ? { command: "palette" } : null;
    if (event.altKey) return null;
    const led = now - this.#gone < 1_500;
    this.#gone = 0;
    if (led && PLACES[key]) return { view: PLACES[key] };
    if (key === "g") {
      this.#gone = now;
      return {};
    }
    if (key === "j" || key === "ArrowDown") return { move: 1 };
    if (key === "k" || key === "ArrowUp") return { move: -1 };
    if (key === "Enter" || key === "o") return { open: true };
    if (key === "e") return { toggle: true };
    if (key === " ") return { page: event.shiftKey ? -0.85 : 0.85 };
    return KEYS[key] ? { command: KEYS[key] } : null;
  }
}
