/** How the desk calls for attention: a sound, a number in the title, a notice of the system. Each can be switched off. */
import { count } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { nameOf, routeTo } from "./logic.js";
import { isOn, recall } from "./prefs.js";

/** @type {AudioContext | null} */
let audio = null;

/** Two soft notes, made here: there is no file to fetch. */
export function chime() {
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

/**
 * @param {import("./app.js").Desk} desk
 * @returns {() => void} what ends it
 */
export function startNotices(desk) {
  const { store } = desk;
  /** Conversations in which somebody wrote while nobody looked. @type {Set<string>} */
  const called = new Set();
  let lastSound = 0;

  const title = () => {
    const shop = store.boot.shop.name;
    const row = store.row;
    const name = row ? `${nameOf(row.contact)} · ${shop}` : shop;
    document.title = called.size > 0 ? `(${count(called.size)}) ${name}` : name;
  };
  const looked = () => {
    if (document.visibilityState !== "visible" || !document.hasFocus()) return;
    called.clear();
    title();
  };
  // A page may make sounds only after it was touched once.
  const touched = () => {
    if (audio?.state === "suspended") void audio.resume();
    else if (!audio && isOn("sound")) {
      try {
        audio = new AudioContext();
      } catch {
        // As above.
      }
    }
    document.removeEventListener("pointerdown", touched);
  };

  store.onIncoming = (message, row) => {
    const mine = !row || row.assignee === "" || row.assignee === store.me.id;
    if (!mine || message.automatic || row?.contact.blocked) return;
    const looking = document.visibilityState === "visible" && document.hasFocus();
    if (looking && store.current === message.conversation) return;
    if (store.me.availability !== "offline" && isOn("sound") && Date.now() - lastSound > 1_500) {
      lastSound = Date.now();
      chime();
    }
    if (looking) return;
    called.add(message.conversation);
    title();
    if (!noticesWanted()) return;
    const notice = new Notification(row ? nameOf(row.contact) : message.author.name || t("desk.visitor"), {
      body: message.text.slice(0, 160) || message.files[0]?.name || "",
      tag: message.conversation,
    });
    notice.addEventListener("click", () => {
      window.focus();
      notice.close();
      const now = store.rows.get(message.conversation);
      if (now) location.hash = routeTo(store.view, now.number);
    });
  };

  document.addEventListener("visibilitychange", looked);
  window.addEventListener("focus", looked);
  document.addEventListener("pointerdown", touched);
  const off = store.on("talk", title);
  title();
  return () => {
    off();
    store.onIncoming = () => {};
    document.removeEventListener("visibilitychange", looked);
    window.removeEventListener("focus", looked);
    document.removeEventListener("pointerdown", touched);
  };
}
