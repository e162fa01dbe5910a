/** Messages that wait: for the seconds in which they can be taken back, or for their time. */
import { sentence } from "../shared/api.js";
import { size, upcoming } from "../shared/format.js";
import { html, icon } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { openMenu } from "./menu.js";
import { DEVICE } from "./drafts.js";
import { prose } from "./message.js";
import { toast } from "./parts.js";
import { richMarkup } from "./rich.js";
import { snoozeChoices } from "./times.js";

await addTexts("deskmore");

/**
 * @typedef {import("./app.js").Desk} Desk
 * @typedef {import("../shared/types.js").Waiting} Waiting
 */

/** Whole seconds that are left. @param {Waiting} item @param {number} now */
export function secondsLeft(item, now) {
  return Math.max(0, Math.ceil((new Date(item.due).getTime() - now) / 1000));
}

/** What is said about a message that waits, and what can be done. @param {Waiting} item @param {number} now */
function fate(item, now) {
  const act = (/** @type {string} */ name, /** @type {string} */ label, menu = false) => html`<button class="link" type="button" data-act="held" data-held="${name}" data-id="${item.id}" ${menu ? html`aria-haspopup="menu"` : ""}>${label}</button>`;
  const left = secondsLeft(item, now);
  switch (item.state) {
    case "held":
      return html`<span class="fate">${icon("clock", "xs")}<span>${left > 0 ? t("deskmore.held_seconds", { n: left }) : t("desk.sending")}</span></span>${left > 0 ? html`${act("back", t("common.undo"))}${act("now", t("deskmore.send_now"))}` : ""}`;
    case "scheduled":
      return html`<span class="fate is-later">${icon("clock", "xs")}<span>${t("deskmore.held_until", { time: upcoming(item.due, now) })}${item.if_reply === "stop" ? html` · ${t("deskmore.held_asks")}` : ""}</span></span>${act("change", t("deskmore.held_change"), true)}${act("now", t("deskmore.send_now"))}${act("back", t("deskmore.held_back"))}`;
    case "stopped":
      return html`<span class="fate is-uncertain">${icon("alert", "xs")}<span>${t("deskmore.held_stopped")}</span></span>${act("now", t("desk.send_anyway"))}${act("change", t("deskmore.held_change"), true)}${act("back", t("deskmore.held_back"))}`;
    default:
      return html`<span class="fate is-failed">${icon("alert", "xs")}<span>${t("desk.not_sent")}${item.error ? html`: ${item.error}` : ""}</span></span>${act("now", t("common.retry"))}${act("back", t("deskmore.held_back"))}`;
  }
}

/** @param {Desk} desk @param {Waiting} item @param {number} now */
export function heldHtml(desk, item, now) {
  const files = item.files.filter((file) => !file.cid);
  return html`<article class="msg ${item.kind === "note" ? "note" : "out"} is-unsent is-${item.state}" aria-label="${t("deskmore.held_label")}">
    ${item.html ? html`<div class="bubble is-rich" dir="auto">${richMarkup(item.html, [])}</div>` : item.text ? html`<div class="bubble" dir="auto">${prose(item.text)}</div>` : ""}
    ${files.length ? html`<div class="files">${files.map((file) => html`<span class="file">${icon("clip")}<span class="file-name">${file.name}</span><span class="meta num">${size(file.size)}</span></span>`)}</div>` : ""}
    <footer class="meta">${item.agent !== desk.store.me.id ? html`<span class="meta-who">${desk.store.agentName(item.agent)}</span>` : ""}${item.then === "solved" ? html`<span>${t("deskmore.held_solves")}</span>` : ""}${fate(item, now)}</footer>
  </article>`;
}

/** Does what a button of a waiting message says. @param {Desk} desk @param {string} act @param {string} id @param {HTMLElement} anchor */
export async function heldAct(desk, act, id, anchor) {
  const item = [...desk.store.talks.values()].flatMap((talk) => talk.waiting).find((other) => other.id === id);
  if (!item) return;
  if (act === "change") return whenMenu(desk, anchor, item.if_reply, (change) => void tell(desk, desk.api.patch(`/api/desk/held/${id}`, change)));
  if (act === "back") return takeBack(desk, item);
  await tell(desk, desk.api.post(`/api/desk/held/${id}/now`));
}

/** @param {Desk} desk @param {Promise<unknown>} done */
async function tell(desk, done) {
  try {
    await done;
  } catch (error) {
    desk.toast(sentence(error), { bad: true });
  }
}

/** Takes a message back into its author's composer, with everything. @param {Desk} desk @param {Waiting} item */
export async function takeBack(desk, item) {
  /** @type {Waiting} */
  let draft;
  try {
    ({ draft } = await desk.api.post(`/api/desk/held/${item.id}/back?device=${DEVICE}`));
  } catch (error) {
    return desk.toast(sentence(error), { bad: true });
  }
  const talk = desk.store.talks.get(item.conversation);
  if (talk) {
    talk.waiting = talk.waiting.filter((other) => other.id !== item.id);
    talk.draft = undefined;
  }
  if (draft.agent !== desk.store.me.id) return desk.toast(t("deskmore.held_to_author", { name: desk.store.agentName(draft.agent) }));
  desk.store.setDraft(item.conversation, true);
  const row = desk.store.rows.get(item.conversation);
  if (desk.store.current !== item.conversation && row) desk.go(desk.store.view, row.number);
  else desk.store.emit("talk");
  const { composer } = desk.app.talk;
  if (composer?.conversation === item.conversation) await composer.takeBack(draft);
}

/** The newest message of this person that can still be taken back. @param {Desk} desk */
export function newestHeld(desk) {
  return [...desk.store.talks.values()]
    .flatMap((talk) => talk.waiting)
    .filter((item) => item.agent === desk.store.me.id && item.state === "held")
    .sort((a, b) => (a.due < b.due ? 1 : -1))[0];
}

/** Takes back what was sent last, whether the server has it or not. @param {Desk} desk @param {string} [clientId] */
export async function undoSend(desk, clientId = "") {
  const local = desk.sender.items.find((item) => (clientId ? item.client_id === clientId : true) && item.state === "waiting" && item.hold);
  if (local) {
    desk.sender.drop(local.client_id);
    const row = desk.store.rows.get(local.conversation);
    if (desk.store.current !== local.conversation && row) desk.go(desk.store.view, row.number);
    return void setTimeout(() => desk.app.talk.composer?.put(local), desk.store.current === local.conversation ? 0 : 400);
  }
  const item = clientId ? [...desk.store.talks.values()].flatMap((talk) => talk.waiting).find((other) => other.client_id === clientId) : newestHeld(desk);
  if (item) return takeBack(desk, item);
  desk.toast(t("deskmore.undo_late"), { bad: true });
}

/** Says that a message waits, with the way back. @param {Desk} desk @param {import("./types.js").Unsent} item */
export function announce(desk, item) {
  if (item.due) return toast(t("deskmore.later_done", { time: upcoming(item.due) }), { act: t("common.undo"), run: () => void undoSend(desk, item.client_id) });
  toast(item.then === "solved" ? t("deskmore.sending_solves") : t("deskmore.sending_soon"), { act: t("common.undo"), run: () => void undoSend(desk, item.client_id) });
}

/**
 * Asks when a message goes.
 * @param {Desk} desk @param {HTMLElement} anchor @param {string} ifReply @param {(when: {due: string, if_reply: string}) => void} pick
 * @param {boolean} [asking] whether it can be stopped by what the customer writes before
 */
export function whenMenu(desk, anchor, ifReply, pick, asking = true) {
  const choices = snoozeChoices(new Date(), desk.store.boot.shop.time_zone);
  const soon = new Date(Date.now() + 86_400_000);
  soon.setHours(9, 0, 0, 0);
  const local = new Date(soon.getTime() - soon.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  let asks = ifReply !== "send";
  openMenu(anchor, {
    title: t("deskmore.later_when"),
    choices: () => choices.map((choice, i) => ({ id: String(i), label: choice.label, hint: choice.hint, mark: icon("clock", "s") })),
    foot: html`<form class="menu-form"><label><span>${t("deskmore.later_pick")}</span><input type="datetime-local" name="at" value="${local}" required></label><button class="btn go" type="submit">${t("deskmore.later_go")}</button></form>
      ${asking ? html`<label class="menu-check"><input type="checkbox" name="asks" ${asks ? html`checked` : ""}><span>${t("deskmore.later_asks")}</span></label>` : ""}`,
    ready: (menu, close) => {
      menu.querySelector("[name=asks]")?.addEventListener("change", (event) => (asks = /** @type {HTMLInputElement} */ (event.target).checked));
      menu.querySelector("form")?.addEventListener("submit", (event) => {
        event.preventDefault();
        const at = new Date(/** @type {HTMLInputElement} */ (menu.querySelector("[name=at]")).value);
        if (isNaN(at.getTime()) || at.getTime() <= Date.now()) return desk.toast(t("desk.snooze_past"), { bad: true });
        close();
        pick({ due: at.toISOString(), if_reply: asks ? "stop" : "send" });
      });
    },
    pick: (id) => pick({ due: choices[Number(id)].at.toISOString(), if_reply: asks ? "stop" : "send" }),
  });
}

/** @param {Desk} desk @param {HTMLElement} anchor */
export function sendLater(desk, anchor) {
  const { composer } = desk.app.talk;
  if (!composer || composer.isEmpty) return desk.toast(t("deskmore.later_nothing"), { bad: true });
  whenMenu(desk, anchor, "stop", (when) => composer.send("", when));
}
