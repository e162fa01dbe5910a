/** How the desk calls for attention: a sound, a number in the title, a notice of the system. Each can be switched off. */
import { count, digits } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { eventWords, nameOf } from "./logic.js";
import { isOn, recall } from "./prefs.js";

/** @type {AudioContext | null} */
let audio = null;

/** Two soft notes, made here: there is no file to fetch. */
export function chime() {
  // A page that nobody touched yet may not make a sound.
  if (navigator.userActivation && !navigator.userActivation.hasBeenActive) return;
  try {
    audio ??= new AudioContext();
    if (audio.state === "suspended") void audio.resume();
    const start = audio.currentTime + 0.02;
    for (const [i, pitch] of [659.25, 987.77].entries()) {
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      const at = start + i * 0.11;
      tone.type = "sine";
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(0.14, at + 0.012);
      gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
      tone.connect(gain).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.52);
    }
  } catch {
    // No sound device is no error.
  }
}

/** Asks for the permission to show notices; to be called on a click. @returns {Promise<boolean>} */
export async function allowNotices() {
  if (!("Notification" in window)) return false;
  return (await Notification.requestPermission()) === "granted";
}

export function noticesWanted() {
  return "Notification" in window && Notification.permission === "granted" && recall("desktop") === "on";
}

/** Conversations in which somebody wrote while nobody looked. @type {Set<string>} */
const called = new Set();
let lastSound = 0;

function looking() {
  return document.visibilityState === "visible" && document.hasFocus();
}

/** Writes their number before the title, whatever the title is now. */
function mark() {
  const bare = document.title.replace(/^\(.+?\) /, "");
  const title = called.size > 0 ? `(${count(called.size)}) ${bare}` : bare;
  if (title !== document.title) document.title = title;
}

/** Their number on the icon of the installed desk; with none it is taken off, also what a push has put there. */
function badge() {
  if (!("setAppBadge" in navigator)) return;
  void (called.size > 0 ? navigator.setAppBadge(called.size) : navigator.clearAppBadge()).catch(() => {});
}

function looked() {
  if (!looking()) return;
  called.clear();
  mark();
  badge();
}
document.addEventListener("visibilitychange", looked);
window.addEventListener("focus", looked);
new MutationObserver(mark).observe(/** @type {Node} */ (document.querySelector("title")), { childList: true });

/**
 * A customer wrote: calls whoever it concerns.
 * @param {import("./app.js").Desk} desk
 * @param {import("../shared/types.js").Message} message
 * @param {import("../shared/types.js").Row | undefined} row as it was before
 */
export function notice(desk, message, row) {
  const { store } = desk;
  const followed = store.together.following.has(message.conversation) && /** @type {any} */ (store.me.notify)?.follows !== false;
  const mine = !row || row.assignee === "" || row.assignee === store.me.id || followed;
  if (!mine || message.automatic || message.attended || row?.contact.blocked || row?.spam || message.evidence?.spam_reason || message.evidence?.older) return;
  if (looking() && store.current === message.conversation) return;
  if (store.me.availability !== "offline" && isOn("sound") && Date.now() - lastSound > 1_500) {
    lastSound = Date.now();
    chime();
  }
  if (looking()) return;
  called.add(message.conversation);
  mark();
  badge();
  if (!noticesWanted()) return;
  const box = new Notification(row ? nameOf(row.contact) : message.author.name || t("desk.visitor"), {
    body: message.text.slice(0, 160) || message.files[0]?.name || "",
    tag: message.conversation,
  });
  box.addEventListener("click", () => {
    window.focus();
    box.close();
    const now = store.rows.get(message.conversation);
    if (now) desk.go(store.view, now.number);
  });
}

/**
 * A colleague called this person in a note, gave them a conversation, or wrote a note in one that they follow.
 * @param {import("./app.js").Desk} desk
 * @param {import("../shared/types.js").Message} message
 * @param {import("../shared/types.js").Row | undefined} row as it was before
 */
export function word(desk, message, row) {
  const { store } = desk;
  const { me, together } = store;
  const wants = /** @type {{mentions?: boolean, follows?: boolean}} */ (me.notify ?? {});
  const name = message.author.name || t("desk.colleague");
  let title = "";
  let text = message.text;
  if (message.event?.type === "handed_over") {
    // The bot gives it to people now: as if the customer had just written.
    return notice(desk, { ...message, text: eventWords(message, () => "", () => "") }, row);
  }
  if (message.kind === "event") {
    if (message.event?.type !== "assigned" || message.event.to !== me.id) return;
    const note = together.notes.get(message.conversation);
    title = t("desk.given_to_you", { name });
    text = note && note.id === message.event.names?.note ? note.text : (row?.preview ?? "");
  } else if (message.mentions?.some(({ id }) => id === me.id)) {
    if (wants.mentions === false) return;
    title = t("desk.mentioned_you", { name });
  } else if (together.following.has(message.conversation)) {
    if (wants.follows === false || (looking() && store.current === message.conversation)) return;
    title = t("desk.noted_followed", { name });
  } else return;
  const number = row?.number ?? store.rows.get(message.conversation)?.number ?? 0;
  const tell = (/** @type {number} */ known) => said(desk, { conversation: message.conversation, number: known, title, text: text.replace(/\s+/g, " ").slice(0, 140), bad: false });
  if (number) return tell(number);
  // It is not in this list: its number is asked for.
  desk.api.get(`/api/desk/conversations/${message.conversation}`).then(({ conversation }) => tell(conversation.number)).catch(() => {});
}

/**
 * Time is short, or over: calls whoever takes care of it.
 * @param {import("./app.js").Desk} desk
 * @param {import("./types.js").DueNotice} due
 */
export function dueNotice(desk, due) {
  said(desk, { ...due, title: due.name || t("desk.visitor"), text: t(`desk.event_${due.level}_alone`, { what: t(`desk.due_${due.kind}`) }), bad: due.level === "overdue" });
}

/**
 * The program itself calls for somebody to a conversation.
 * @param {import("./app.js").Desk} desk
 * @param {{conversation: string, number: number, title: string, text: string, bad: boolean}} word
 */
export function said(desk, { conversation, number, title, text, bad }) {
  const { store } = desk;
  if (store.me.availability !== "offline" && isOn("sound")) chime();
  const open = () => desk.go("all", number);
  if (looking()) {
    if (store.current !== conversation || !bad) desk.toast(`#${digits(number)} ${title}: ${text}`, { act: t("desk.show"), run: open, bad });
    return;
  }
  called.add(conversation);
  mark();
  if (!noticesWanted()) return;
  const box = new Notification(`#${digits(number)} ${title}`, { body: text, tag: conversation });
  box.addEventListener("click", () => {
    window.focus();
    box.close();
    open();
  });
}
