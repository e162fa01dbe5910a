/** Changing the chosen conversations together: one request, said once, undone by one more. */
import { sentence } from "../shared/api.js";
import { count, digits, upcoming } from "../shared/format.js";
import { html, icon } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { priorityName } from "./logic.js";

/** @typedef {import("./app.js").Desk} Desk */
/** @typedef {{status?: string, snoozed_until?: string, assignee?: string, add_tags?: string[], remove_tags?: string[], priority?: number, spam?: boolean, delete?: boolean, seen?: boolean}} Change */

/** What was done, in words. @param {Desk} desk @param {Change} change @param {number} n */
export function bulkWords(desk, change, n) {
  const { store } = desk;
  if (change.delete) return t("deskmore.bulk_deleted", { n });
  if (change.spam !== undefined) return t(change.spam ? "deskmore.bulk_spam" : "deskmore.bulk_not_spam", { n });
  if (change.assignee !== undefined) return change.assignee ? t("deskmore.bulk_assigned", { n, name: store.agentName(change.assignee) }) : t("deskmore.bulk_unassigned", { n });
  if (change.status === "snoozed") return change.snoozed_until === "answer" ? t("deskmore.bulk_snoozed_answer", { n }) : t("deskmore.bulk_snoozed", { n, time: upcoming(change.snoozed_until ?? "") });
  if (change.status) return t(`deskmore.bulk_${change.status}`, { n });
  if (change.add_tags?.length) return t("deskmore.bulk_tagged", { n, tag: store.tagName(change.add_tags[0]) });
  if (change.remove_tags?.length) return t("deskmore.bulk_untagged", { n, tag: store.tagName(change.remove_tags[0]) });
  if (change.priority !== undefined) return t("deskmore.bulk_priority", { n, priority: priorityName(change.priority) });
  return t(change.seen ? "deskmore.bulk_read" : "deskmore.bulk_unread", { n });
}

/** Takes back what the server gave a name for. @param {Desk} desk @param {string} name */
export async function undoByName(desk, name) {
  try {
    await desk.api.post("/api/desk/undo", { undo: name });
    await desk.store.refresh();
  } catch (error) {
    desk.toast(sentence(error), { bad: true });
  }
}

/** Changes what is chosen. @param {Desk} desk @param {Change} change */
export async function bulk(desk, change) {
  await addTexts("deskmore");
  const { store, selection } = desk;
  const whole = selection.all && store.list.next !== "";
  const ids = [...selection.ids];
  desk.busy = true;
  store.emit("list");
  try {
    const answer = await desk.api.post("/api/desk/bulk", { ...(whole ? { view: store.view, q: store.query } : { ids }), change });
    selection.clear();
    for (const row of answer.rows) store.putRow(row);
    if (answer.done > answer.rows.length) void store.relist();
    if (answer.done > 0) desk.toast(bulkWords(desk, change, answer.done), { act: t("common.undo"), run: () => void undoByName(desk, answer.undo) });
    if (answer.more) desk.toast(t("deskmore.bulk_more", { n: answer.done }));
    if (answer.failed.length > 0) {
      const first = answer.failed[0];
      desk.toast(t("deskmore.bulk_failed", { n: answer.failed.length, why: `${first.number ? `#${digits(first.number)}: ` : ""}${first.message}` }), { bad: true });
    }
  } catch (error) {
    desk.toast(sentence(error), { bad: true });
  }
  desk.busy = false;
  store.emit("list");
}

/** The bar over the list while something is chosen. @param {Desk} desk */
export function bulkBar(desk) {
  const { store, selection } = desk;
  const listed = store.list.items.length;
  const more = store.list.next !== "";
  const off = desk.busy ? html`disabled` : "";
  /** @param {string} command @param {string} mark @param {string} label @param {string} keys */
  const tool = (command, mark, label, keys) => html`<button class="tool" type="button" data-act="run" data-command="${command}" data-key="${command}" aria-label="${label}" title="${keys ? `${label} (${keys})` : label}" ${off}>${icon(mark, "s")}</button>`;
  const deleted = store.view === "deleted";
  return html`<div class="bulk" role="toolbar" aria-label="${t("desk.chosen", { n: selection.size })}" data-key="bulk">
    <button class="tool" type="button" data-act="choose-none" aria-label="${t("desk.choose_none")}" title="${t("desk.choose_none")} (Esc)">${icon("close", "s")}</button>
    <span class="bulk-n" aria-live="polite">${selection.all && more ? t("desk.chosen_all") : t("desk.chosen", { n: selection.size })}${!selection.all && (selection.size < listed || more) ? html`<button class="link" type="button" data-act="choose-all" title="${t("desk.choose_all")} (⇧ X)">${t("desk.choose_everything")}</button>` : ""}</span>
    <span class="bulk-acts">${deleted
      ? tool("restore", "undo", t("desk.restore"), "")
      : html`${tool("assign", "me", t("desk.assign"), "A")}${store.view === "solved" ? tool("reopen", "undo", t("desk.reopen"), "E") : tool("solve", "check", t("desk.solve"), "E")}${tool("snooze", "snooze", t("desk.snooze"), "S")}${tool("tag", "tag", t("desk.tags"), "T")}${tool("bulk-more", "more", t("desk.more"), "")}`}</span>
  </div>`;
}

/** What else can be done with what is chosen. @param {Desk} desk @param {HTMLElement} anchor */
export async function bulkMenu(desk, anchor) {
  const { openMenu } = await import("./menu.js");
  const { selection, store } = desk;
  const spam = store.view === "spam";
  openMenu(anchor, {
    title: t("desk.chosen", { n: selection.size }),
    choices: () => [
      { id: "pending", label: t("desk.set_pending"), mark: icon("clock", "s"), keys: "P" },
      { id: "reopen", label: t("desk.reopen"), mark: icon("undo", "s") },
      { id: "priority", label: t("desk.priority"), mark: icon("flag", "s"), keys: "!" },
      { id: "unread", label: t("desk.mark_unread"), mark: icon("dot", "s"), keys: "U" },
      ...(selection.size > 1 && !selection.all ? [{ id: "merge-talks", label: t("desk.merge_talks"), mark: icon("merge", "s"), keys: "⇧ M" }] : []),
      spam ? { id: "not-spam", label: t("desk.spam_clear"), mark: icon("inbox", "s") } : { id: "spam", label: t("desk.spam_mark"), mark: icon("block", "s") },
      { id: "delete", label: t("desk.delete"), hint: count(selection.size), mark: icon("trash", "s"), keys: "#" },
    ],
    pick: (id) => void setTimeout(() => desk.run(id, anchor)),
  });
}
