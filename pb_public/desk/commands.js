/**
 * What can be done at the desk. Keyboard, buttons, menus and the command bar all run these by name, so each is written
 * once. Whatever changes a conversation can be undone for six seconds.
 */
import { sentence } from "../shared/api.js";
import { digits, upcoming } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { nameOf, priorityName, viewIcon, viewName, ASIDE, VIEWS } from "./logic.js";
import { copyText, takeBack } from "./parts.js";

/**
 * @typedef {import("./app.js").Desk} Desk
 * @typedef {import("../shared/types.js").Row} Row
 * @typedef {import("./types.js").Command} Command
 */

/** @param {Desk} desk */
const hasTalk = (desk) => desk.store.row !== undefined;
/** What was deleted is brought back first. @param {Desk} desk */
const canWrite = (desk) => hasTalk(desk) && !desk.store.row?.deleted_at;
/** There is something to change: the open conversation, or the chosen ones. @param {Desk} desk */
const hasAny = (desk) => hasTalk(desk) || desk.selection.size > 0;
/** Whether the open conversation is what a command is about. @param {Desk} desk @param {(row: Row) => boolean} fits */
const anyOr = (desk, fits) => desk.selection.size > 0 || (desk.store.row !== undefined && fits(desk.store.row));
/** @param {Desk} desk */
export const isOwner = (desk) => desk.store.me.role === "owner";

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

/** Changes the chosen conversations, if any are. @param {Desk} desk @param {import("./bulk.js").Change} change */
function changeChosen(desk, change) {
  if (desk.selection.size === 0) return false;
  void import("./bulk.js").then(({ bulk }) => bulk(desk, change), () => desk.toast(t("common.error_network"), { bad: true }));
  return true;
}

/** @param {Desk} desk @param {string} agent */
export function assignTo(desk, agent) {
  if (changeChosen(desk, { assignee: agent })) return;
  const row = desk.store.row;
  if (!row || row.assignee === agent) return;
  const name = desk.store.agentName(agent);
  const words = !agent ? t("desk.done_unassigned") : agent === desk.store.me.id ? t("desk.done_taken") : t("desk.done_assigned", { name });
  void change(desk, row, { assignee: agent }, words);
}

/** @param {Desk} desk @param {Row["status"]} status @param {string} [until] a time, or "answer" */
export function setStatus(desk, status, until = "") {
  if (changeChosen(desk, until ? { status, snoozed_until: until } : { status })) return;
  const row = desk.store.row;
  if (!row || (row.status === status && status !== "snoozed")) return;
  const words = until === "answer" ? t("desk.done_snoozed_answer") : status === "snoozed" ? t("desk.done_snoozed", { time: upcoming(until) }) : t(`desk.done_${status}`, { number: digits(row.number), name: nameOf(row.contact) });
  void change(desk, row, until ? { status, snoozed_until: until } : { status }, words);
}

/** @param {Desk} desk @param {string} tag */
export function toggleTag(desk, tag) {
  const row = desk.store.row;
  if (!row) return;
  const has = row.tags.includes(tag);
  const tags = has ? row.tags.filter((other) => other !== tag) : [...row.tags, tag];
  void change(desk, row, { tags }, t(has ? "desk.done_untagged" : "desk.done_tagged", { tag: desk.store.tagName(tag) }));
}

/** @param {Desk} desk @param {number} priority */
export function setPriority(desk, priority) {
  if (changeChosen(desk, { priority })) return;
  const row = desk.store.row;
  if (row && row.priority !== priority) void change(desk, row, { priority }, t("desk.done_priority", { priority: priorityName(priority) }));
}

/** Deletes the open conversation or the chosen ones. @param {Desk} desk */
async function remove(desk) {
  if (changeChosen(desk, { delete: true })) return;
  const { store, api } = desk;
  const row = store.row;
  if (!row) return;
  const view = store.view;
  desk.leave(row, true);
  try {
    const answer = await api.delete(`/api/desk/conversations/${row.id}`);
    store.putRow({ ...(store.rows.get(row.id) ?? row), deleted_at: new Date().toISOString() });
    desk.toast(t("desk.done_deleted", { number: digits(row.number) }), {
      act: t("common.undo"),
      run: () => void api.post("/api/desk/undo", { undo: answer.undo }).then(() => desk.go(view, row.number), (/** @type {unknown} */ error) => desk.toast(sentence(error), { bad: true })),
    });
  } catch (error) {
    desk.toast(sentence(error), { bad: true });
  }
}

/** Brings the open deleted conversation back, or the chosen ones. @param {Desk} desk */
async function restore(desk) {
  const { store, api, selection } = desk;
  const rows = (selection.size ? [...selection.ids] : [store.current]).map((id) => store.rows.get(id)).filter((row) => row !== undefined);
  selection.clear();
  try {
    for (const row of rows) {
      const { conversation } = await api.post(`/api/desk/conversations/${row.id}/restore`);
      store.putRow(conversation);
    }
    desk.toast(t("desk.done_restored", { n: rows.length }));
  } catch (error) {
    desk.toast(sentence(error), { bad: true });
  }
}

/** Blocks the customer of the open conversation, or no longer, with the way back. @param {Desk} desk @param {boolean} blocked */
async function block(desk, blocked) {
  const { store } = desk;
  const contact = store.talk?.contact;
  if (!contact) return;
  const set = (/** @type {boolean} */ to) => store.patchContact(contact.id, { blocked: to });
  const failed = (/** @type {unknown} */ error) => desk.toast(sentence(error), { bad: true });
  try {
    await set(blocked);
    desk.toast(t(blocked ? "desk.blocked_now" : "desk.unblocked_now", { name: contact.name || t("desk.visitor") }), { act: t("common.undo"), run: () => void set(!blocked).catch(failed) });
  } catch (error) {
    failed(error);
  }
}

/** Follows the open conversation, or not, with the way back. @param {Desk} desk @param {boolean} on */
async function follow(desk, on) {
  const { store, api } = desk;
  const id = store.current;
  const set = (/** @type {boolean} */ to) => api.post(`/api/desk/conversations/${id}/follow`, { on: to }).then(({ followers }) => {
    store.together.follow(id, followers);
    store.emit("talk");
  });
  const failed = (/** @type {unknown} */ error) => desk.toast(sentence(error), { bad: true });
  try {
    await set(on);
    desk.toast(t(on ? "desk.done_followed" : "desk.done_unfollowed"), { act: t("common.undo"), run: () => void set(!on).catch(failed) });
  } catch (error) {
    failed(error);
  }
}

/** Opens one of the menus, which are fetched when they are first wanted. @param {keyof typeof import("./menus.js")} name @returns {Command["run"]} */
const menu = (name) => async (desk, anchor) => (await import("./menus.js"))[name](desk, anchor);

/** @param {boolean} on @returns {Command["run"]} */
const spam = (on) => async (desk) => {
  if (changeChosen(desk, { spam: on })) return;
  const mail = await import("./mail.js");
  await mail.ready();
  return mail.setSpam(desk, on);
};

/** Whether somebody is there, as they say it themselves. */
export const STATES = /** @type {const} */ (["online", "away", "offline"]);

/** @type {Command[]} */
export const COMMANDS = [
  { id: "reply", label: () => t("desk.reply"), icon: "reply", keys: "R", when: canWrite, run: (desk) => desk.write("reply") },
  { id: "note", label: () => t("desk.note_add"), icon: "pen", keys: "N", when: canWrite, run: (desk) => desk.write("note") },
  { id: "solve", label: () => t("desk.solve"), icon: "check", keys: "E", when: (desk) => anyOr(desk, (row) => row.status !== "solved" && !row.deleted_at), run: (desk) => setStatus(desk, "solved") },
  { id: "reopen", label: () => t("desk.reopen"), icon: "undo", keys: "E", when: (desk) => anyOr(desk, (row) => row.status !== "open" && !row.deleted_at), run: (desk) => setStatus(desk, "open") },
  { id: "pending", label: () => t("desk.set_pending"), icon: "clock", keys: "P", when: (desk) => anyOr(desk, (row) => row.status !== "pending" && !row.deleted_at), run: (desk) => setStatus(desk, "pending") },
  { id: "snooze", label: () => t("desk.snooze"), icon: "snooze", keys: "S", when: (desk) => anyOr(desk, (row) => !row.deleted_at), run: menu("snoozeMenu") },
  { id: "assign", label: () => t("desk.assign"), icon: "me", keys: "A", when: hasAny, run: menu("assignMenu") },
  { id: "handover", label: () => t("desk.handover"), icon: "out", keys: "H", when: hasTalk, run: async (desk) => (await import("./handover.js")).openHandover(desk) },
  { id: "follow", label: () => t("desk.follow"), icon: "bell", keys: "F", when: (desk) => hasTalk(desk) && !desk.store.together.following.has(desk.store.current), run: (desk) => follow(desk, true) },
  { id: "unfollow", label: () => t("desk.unfollow"), icon: "bell", keys: "F", when: (desk) => hasTalk(desk) && desk.store.together.following.has(desk.store.current), run: (desk) => follow(desk, false) },
  { id: "mention", label: () => t("desk.mention_add"), icon: "at", keys: "@", when: hasTalk, run: (desk) => desk.mark("@") },
  { id: "article-link", label: () => t("desk.article_link"), icon: "link", when: hasTalk, run: (desk) => desk.mark("#") },
  { id: "take", label: () => t("desk.assign_me"), icon: "hand", keys: "M", when: (desk) => anyOr(desk, (row) => row.assignee !== desk.store.me.id), run: (desk) => assignTo(desk, desk.store.me.id) },
  { id: "tag", label: () => t("desk.tags"), icon: "tag", keys: "T", when: hasAny, run: menu("tagMenu") },
  { id: "unread", label: () => t("desk.mark_unread"), icon: "dot", keys: "U", when: (desk) => anyOr(desk, (row) => row.last_incoming_seq > 0), run: (desk) => void (changeChosen(desk, { seen: false }) || desk.store.unseen().catch((error) => desk.toast(sentence(error), { bad: true }))) },
  { id: "priority", label: () => t("desk.priority"), icon: "flag", keys: "!", when: hasAny, run: menu("priorityMenu") },
  { id: "choose", label: () => t("desk.choose"), icon: "check", keys: "X", when: (desk) => desk.store.list.items.length > 0, run: (desk) => desk.choose() },
  { id: "choose-all", label: () => t("desk.choose_all"), icon: "checks", keys: "⇧ X", when: (desk) => desk.store.list.items.length > 0, run: (desk) => desk.chooseAll() },
  { id: "merge-talks", label: () => t("desk.merge_talks"), icon: "merge", keys: "⇧ M", when: hasAny, run: async (desk) => (await import("./mergetalk.js")).openMergeTalks(desk) },
  { id: "split", label: () => t("desk.split"), icon: "split", keys: "⇧ D", when: hasTalk, run: async (desk) => (await import("./split.js")).openSplit(desk) },
  { id: "delete", label: () => t("desk.delete"), icon: "trash", keys: "#", when: (desk) => anyOr(desk, (row) => !row.deleted_at), run: remove },
  { id: "restore", label: () => t("desk.restore"), icon: "undo", when: (desk) => (desk.store.view === "deleted" || desk.selection.size === 0) && anyOr(desk, (row) => Boolean(row.deleted_at)), run: restore },
  { id: "bulk-more", label: () => t("desk.more"), icon: "more", when: (desk) => desk.selection.size > 0, run: async (desk, anchor) => (await import("./bulk.js")).bulkMenu(desk, anchor) },
  { id: "undo", label: () => t("desk.undo_last"), icon: "undo", keys: "Z", run: (desk) => takeBack() || (COMMANDS.find((other) => other.id === "undo-send")?.when?.(desk) ? desk.run("undo-send") : desk.toast(t("desk.undo_nothing"))) },
  { id: "send-later", label: () => t("desk.send_later"), icon: "clock", when: hasTalk, run: async (desk, anchor) => (await import("./held.js")).sendLater(desk, anchor) },
  { id: "undo-send", label: () => t("desk.undo_send"), icon: "undo", when: (desk) => desk.sender.items.some((item) => item.hold) || [...desk.store.talks.values()].some((talk) => talk.waiting.some((item) => item.state === "held")), run: async (desk) => (await import("./held.js")).undoSend(desk) },
  { id: "canned", label: () => t("desk.canned"), icon: "bolt", when: hasTalk, run: (desk) => desk.writeCanned() },
  {
    id: "copy-link", label: () => t("desk.copy_link"), icon: "link", when: hasTalk,
    run: (desk) => void copyText(location.href).then((done) => desk.toast(done ? t("desk.link_copied") : location.href)),
  },
  { id: "canned-manage", label: () => t("desk.canned_manage"), icon: "bolt", run: async (desk) => (await import("./canned.js")).openCanned(desk) },
  { id: "canned-save", label: () => t("desk.canned_save"), icon: "plus", when: (desk) => hasTalk(desk) && desk.app.talk.composer?.box.isEmpty === false, run: async (desk) => (await import("./canned.js")).saveCanned(desk) },
  { id: "print", label: () => t("desk.print"), icon: "file", when: hasTalk, run: async (desk, anchor) => (await import("./print.js")).printMenu(desk, anchor) },
  {
    id: "files", label: () => t("desk.files_all"), icon: "clip", when: (desk) => desk.store.talk?.messages.some((message) => (message.files ?? []).length > 0) === true,
    run: async (desk) => {
      const { openPictures } = await import("./lightbox.js");
      const files = (desk.store.talk?.messages ?? []).flatMap((message) => (message.files ?? []).filter((file) => file.url));
      openPictures(files, files.length - 1);
    },
  },
  { id: "person", label: () => t("desk.contact"), icon: "panel", keys: "I", when: hasTalk, run: (desk) => desk.togglePerson() },
  { id: "block", label: () => t("desk.block"), icon: "block", when: (desk) => desk.store.talk?.contact?.blocked === false, run: (desk) => block(desk, true) },
  { id: "unblock", label: () => t("desk.unblock"), icon: "block", when: (desk) => desk.store.talk?.contact?.blocked === true, run: (desk) => block(desk, false) },
  { id: "erase", label: () => t("desk.erase"), icon: "trash", when: (desk) => isOwner(desk) && Boolean(desk.store.talk?.contact), run: async (desk) => desk.store.talk?.contact && (await import("./erase.js")).openErase(desk, desk.store.talk.contact) },
  { id: "spam", label: () => t("desk.spam_mark"), icon: "block", keys: "⇧ S", when: (desk) => anyOr(desk, (row) => !row.spam), run: spam(true) },
  { id: "not-spam", label: () => t("desk.spam_clear"), icon: "inbox", when: (desk) => anyOr(desk, (row) => row.spam === true), run: spam(false) },
  {
    id: "transcript", label: () => t("desk.transcript"), icon: "mail", when: (desk) => Boolean(desk.store.row?.email || desk.store.row?.contact.email),
    run: async (desk, anchor) => {
      const mail = await import("./mail.js");
      await mail.ready();
      return mail.transcriptMenu(desk, anchor);
    },
  },
  { id: "merge", label: () => t("desk.merge"), icon: "merge", when: hasTalk, run: async (desk) => (await import("./merge.js")).openMerge(desk) },
  { id: "compose", label: () => t("desk.compose"), icon: "compose", keys: "C", run: async (desk) => (await import("./compose.js")).openCompose(desk) },
  { id: "search", label: () => t("desk.filter"), icon: "find", keys: "/", run: (desk) => desk.focusFilter() },
  { id: "sort", label: () => t("desk.sort_by"), icon: "sort", run: menu("sortMenu") },
  ...VIEWS.map((view, i) => ({ id: `go-${view}`, label: () => t("desk.go_to", { view: viewName(view) }), icon: viewIcon(view), keys: `G ${"IMNOPZS"[i]}`, run: (/** @type {Desk} */ desk) => desk.go(view) })),
  { id: "go-all", label: () => t("desk.go_to", { view: t("desk.view_all") }), icon: "stack", keys: "G A", run: (desk) => desk.go("all") },
  { id: "go-deleted", label: () => t("desk.go_to", { view: viewName("deleted") }), icon: "trash", when: isOwner, run: (desk) => desk.go("deleted") },
  { id: "save-view", label: () => t("desk.view_save"), icon: "views", keys: "V", run: async (desk) => (await import("./viewsheet.js")).openView(desk) },
  { id: "change-view", label: () => t("desk.view_change"), icon: "settings", when: (desk) => { const view = desk.saved.of(desk.store.view); return view !== undefined && (!view.shared || isOwner(desk)); }, run: async (desk) => (await import("./viewsheet.js")).openView(desk, desk.store.view.slice(6)) },
  { id: "tags-sheet", label: () => t("desk.tags_keep"), icon: "tag", run: async (desk) => (await import("./tagsheet.js")).openTags(desk) },
  ...ASIDE.map((view) => ({ id: `go-${view}`, label: () => t("desk.go_to", { view: viewName(view) }), icon: viewIcon(view), run: (/** @type {Desk} */ desk) => desk.go(view) })),
  { id: "palette", label: () => t("desk.palette"), icon: "command", keys: "Ctrl K", run: async (desk) => (await import("./palette.js")).openPalette(desk) },
  ...STATES.map((state) => ({ id: `be-${state}`, label: () => t("desk.be", { state: t(`desk.availability_${state}`) }), icon: "me", when: (/** @type {Desk} */ desk) => desk.store.me.availability !== state, run: (/** @type {Desk} */ desk) => void desk.store.patchMe({ availability: state }).catch((error) => desk.toast(sentence(error), { bad: true })) })),
  { id: "settings", label: () => t("desk.settings"), icon: "settings", keys: ",", run: async (desk) => (await import("./settings.js")).openSettings(desk) },
  { id: "notices", label: () => t("desk.notices"), icon: "bell", run: async (desk) => (await import("./notices.js")).openNotices(desk) },
  { id: "signatures", label: () => t("desk.signatures"), icon: "pen", run: async (desk) => (await import("./signatures.js")).openSignatures(desk) },
  { id: "security", label: () => t("desk.security"), icon: "shield", run: async (desk) => (await import("./security.js")).openSecurity(desk) },
  { id: "imports", label: () => t("desk.imports"), icon: "download", when: isOwner, run: async (desk) => (await import("./imports.js")).openImports(desk) },
  { id: "system", label: () => t("desk.system"), icon: "bolt", when: isOwner, run: async (desk) => (await import("./system.js")).openSystem(desk) },
  { id: "audit", label: () => t("desk.audit"), icon: "eye", when: isOwner, run: async (desk) => (await import("./audit.js")).openAudit(desk) },
  { id: "retention", label: () => t("desk.retention"), icon: "clock", when: isOwner, run: async (desk) => (await import("./retention.js")).openRetention(desk) },
  { id: "help", label: () => t("desk.shortcuts"), icon: "keyboard", keys: "?", run: async (desk) => (await import("./help.js")).openHelp(desk) },
  { id: "mailboxes", label: () => t("desk.mailboxes"), icon: "mail", run: async (desk) => (await import("./mailboxes.js")).openMailboxes(desk) },
  { id: "automations", label: () => t("desk.automations"), icon: "bolt", when: isOwner, run: async (desk) => (await import("./rules.js")).openRules(desk, "automations") },
  { id: "targets", label: () => t("desk.targets"), icon: "clock", when: isOwner, run: async (desk) => (await import("./rules.js")).openRules(desk, "targets") },
  { id: "assignment", label: () => t("desk.assignment"), icon: "me", when: isOwner, run: async (desk) => (await import("./assignment.js")).openAssignment(desk) },
  { id: "fields", label: () => t("desk.contact_fields"), icon: "panel", when: isOwner, run: async (desk) => (await import("./fields.js")).openFields(desk) },
  { id: "sort-due", label: () => t("desk.sort_by_due"), icon: "sort", run: (desk) => desk.store.show({ sort: "due" }) },
  { id: "timeline", label: () => t("desk.timeline"), icon: "stack", when: hasTalk, run: async (desk) => (await import("./profile.js")).openTimeline(desk) },
  { id: "hours", label: () => t("desk.hours"), icon: "sun", when: isOwner, run: async (desk) => (await import("./rules.js")).openRules(desk, "hours") },
  { id: "callbacks", label: () => t("desk.callbacks"), icon: "phone", run: async (desk) => (await import("./callbacks.js")).openCallbacks(desk) },
  { id: "articles", label: () => t("desk.articles"), icon: "text", run: async (desk) => (await import("./articles.js")).openArticles(desk) },
  { id: "bot", label: () => t("desk.bot_settings"), icon: "robot", run: async (desk) => (await import("./bot.js")).openBot(desk) },
  { id: "theme", label: () => t("desk.theme_public"), icon: "panel", when: isOwner, run: async (desk) => (await import("./theme.js")).openTheme(desk) },
  { id: "embed", label: () => t("desk.embed"), icon: "chat", when: isOwner, run: async (desk) => (await import("./embed.js")).openEmbed(desk) },
  { id: "greeting", label: () => t("desk.greeting"), icon: "chat", when: isOwner, run: async (desk) => (await import("./greeting.js")).openGreeting(desk) },
  { id: "setup", label: () => t("desk.setup"), icon: "checks", when: isOwner, run: () => void (location.hash = "#/setup") },
  { id: "admin", label: () => t("desk.admin"), icon: "panel", when: isOwner, run: () => void window.open("/_/", "_blank", "noopener") },
  { id: "me", label: () => t("desk.me_menu"), icon: "me", run: menu("meMenu") },
  { id: "more", label: () => t("desk.more"), icon: "more", when: hasTalk, run: menu("moreMenu") },
  { id: "sign-out", label: () => t("desk.sign_out"), icon: "out", run: (desk) => desk.signOut() },
];

/** What is done at the desk rather than with the open conversation, although not always. */
const AT_DESK = /^(be-|choose|undo-send|change-view|bulk-more)/;

/** Whether a command is about what is open. @param {Command} command */
export function isAbout(command) {
  return command.when !== undefined && command.when !== isOwner && !AT_DESK.test(command.id);
}

/** Whether the command bar offers a command: what only opens a menu of others it does not. @param {Command} command */
export function inBar(command) {
  return !["palette", "more", "me"].includes(command.id);
}

/** @type {Record<string, string>} the command of a key */
const KEYS = { r: "reply", n: "note", s: "snooze", a: "assign", m: "take", h: "handover", f: "follow", "@": "mention", t: "tag", u: "unread", p: "pending", i: "person", c: "compose", "/": "search", "?": "help", ",": "settings", "!": "priority", "#": "delete", x: "choose", X: "choose-all", M: "merge-talks", D: "split", S: "spam", z: "undo", v: "save-view" };
/** @type {Record<string, string>} the view after g */
const PLACES = { i: "unassigned", m: "mine", n: "mentions", o: "open", p: "pending", z: "snoozed", s: "solved", a: "all" };

/**
 * The letter of a key as on a Latin keyboard: with a Bangla layout in use the same keys work.
 * @param {{key: string, code: string, shiftKey?: boolean}} event
 */
export function latinKey(event) {
  if (event.key.length !== 1 || /[\x20-\x7e]/.test(event.key)) return event.key;
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  return (event.shiftKey ? letter : letter?.toLowerCase()) ?? { Slash: "/", Comma: "," }[event.code] ?? event.key;
}

/** Reads keys one after the other: a command's, or two of a way ("g" then "m"). */
export class Keys {
  #gone = -Infinity;

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
    this.#gone = -Infinity;
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
