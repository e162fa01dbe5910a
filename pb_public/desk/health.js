/** Whether mail comes and goes and, for owners, everything else: asked now and then, and said in the views when it does not. */
import { ApiError } from "../shared/api.js";
import { lasted } from "../shared/format.js";
import { addTexts, currentLanguage, t } from "../shared/i18n.js";

/**
 * @typedef {object} Older
 * @property {"" | "running" | "done" | "stopped"} state
 * @property {number} days 0 is everything
 * @property {number} total
 * @property {number} done
 *
 * @typedef {object} Mailbox
 * @property {string} id
 * @property {string} name
 * @property {string} address
 * @property {boolean} active
 * @property {string} last_fetch
 * @property {string} last_send
 * @property {string} last_error in words
 * @property {number} waiting mails on their way out
 * @property {string} oldest since when the oldest of them waits
 * @property {Older} older
 * @property {{sign_in: string, signed_in: boolean, folder: string, processed_folder: string, imap_host: string, smtp_host: string, quarantined: number, bounced: number, blocked: number, alerts?: Alert[]}} [owner]
 *
 * @typedef {object} Alert refusals by policy and complaints, in words
 * @property {string} what
 * @property {string} why
 * @property {string} do
 * @property {string} said the server's words
 * @property {number} number of the latest conversation
 * @property {number} count
 * @property {string} at
 *
 * @typedef {{name: string, kind: string, label: string, state: "ok" | "warn" | "bad", since: string, said: string, do: string}} Check what the watchdog looks at, in words
 *
 * @typedef {object} System how the shop is, for owners
 * @property {"ok" | "warn" | "bad"} state
 * @property {string} looked
 * @property {string} started
 * @property {string} version
 * @property {{version: string, url: string} | null} release
 * @property {Check[]} checks the gravest first
 * @property {{free: number, total: number, floor: number} | null} disk
 */

const EVERY = 60_000;
const PATIENCE = 30 * 60_000;

/** What is wrong with a mailbox, the gravest first; empty when nothing is. @param {Mailbox} box @param {number} now @returns {"" | "error" | "signin" | "stuck" | "silent"} */
export function illness(box, now) {
  if (!box.active) return "";
  if (box.owner && /^(google|microsoft)$/.test(box.owner.sign_in) && !box.owner.signed_in) return "signin";
  if (box.last_error) return "error";
  if (box.waiting > 0 && box.oldest && now - new Date(box.oldest).getTime() > PATIENCE) return "stuck";
  if (box.last_fetch && now - new Date(box.last_fetch).getTime() > PATIENCE) return "silent";
  return "";
}

/** The same in words. @param {Mailbox} box @param {number} now */
export function illnessWords(box, now) {
  const ill = illness(box, now);
  if (ill === "error") return box.last_error;
  if (ill === "signin") return t("deskmore.box_signin");
  if (ill === "stuck") return t("deskmore.box_stuck", { n: box.waiting, time: lasted(box.oldest, now) });
  if (ill === "silent") return t("deskmore.box_silent", { time: lasted(box.last_fetch, now) });
  return "";
}

/** What the views say of all of them. @param {Mailbox[]} boxes @param {number} now */
export function troubleOf(boxes, now) {
  const sick = boxes.filter((box) => illness(box, now));
  const n = boxes.reduce((sum, box) => sum + (box.owner?.quarantined ?? 0), 0);
  const alerts = boxes.flatMap((box) => box.owner?.alerts ?? []);
  if (sick.length === 0 && alerts.length > 0) return { title: t("deskmore.alerts_n", { n: alerts.reduce((sum, alert) => sum + alert.count, 0) }), text: alerts[0].what, mild: false };
  if (sick.length === 0) return n > 0 ? { title: t("deskmore.unreadable_n", { n }), text: t("deskmore.unreadable_hint"), mild: true } : null;
  const title = sick.length === 1 ? sick[0].address : t("deskmore.boxes_ill", { n: sick.length });
  return { title, text: illnessWords(sick[0], now), mild: false };
}

/** What the views say of everything but mail, which has a line of its own. @param {System} system */
export function systemTrouble(system) {
  const ill = system.checks.filter((check) => check.state !== "ok" && !/^mail_/.test(check.kind));
  if (ill.length === 0) return system.release ? { title: t("watch.release_short", { version: system.release.version }), text: t("watch.release_open"), mild: true } : null;
  const title = ill.length === 1 ? ill[0].label : t("watch.several", { n: ill.length });
  return { title, text: ill[0].said, mild: ill[0].state === "warn" };
}

/** @param {import("./app.js").Desk} desk @param {System} system */
export function takeSystem(desk, system) {
  const { store } = desk;
  const before = JSON.stringify(store.system);
  store.system = systemTrouble(system);
  if (JSON.stringify(store.system) !== before) store.emit("counts");
}

/** @param {import("./app.js").Desk} desk @returns {() => void} what ends it */
export function watchHealth(desk) {
  const lookAround = async () => {
    if (document.visibilityState !== "visible" || desk.store.me.role !== "owner") return;
    try {
      await addTexts("watch");
      takeSystem(desk, (await desk.api.get(`/api/health?lang=${currentLanguage()}`)).data);
    } catch {
      // A server that cannot be reached is said elsewhere.
    }
  };
  const look = async () => {
    if (document.visibilityState !== "visible") return;
    try {
      await addTexts("deskmore");
      takeHealth(desk, (await desk.api.get(`/api/desk/mailboxes?lang=${currentLanguage()}`)).mailboxes);
    } catch (error) {
      // A server that cannot be reached is said elsewhere.
      if (error instanceof ApiError && error.status === 404) end();
    }
  };
  const both = () => void Promise.all([look(), lookAround()]);
  const timer = window.setInterval(both, EVERY);
  const off = desk.store.on("health", () => void lookAround());
  const end = () => {
    clearInterval(timer);
    off();
    document.removeEventListener("visibilitychange", both);
  };
  document.addEventListener("visibilitychange", both);
  both();
  return end;
}

/** @param {import("./app.js").Desk} desk @param {Mailbox[]} boxes */
export function takeHealth(desk, boxes) {
  const { store } = desk;
  const before = JSON.stringify(store.trouble) + store.mailboxes.size;
  store.mailboxes = new Map(boxes.map((box) => [box.id, box.address]));
  store.trouble = troubleOf(boxes, Date.now());
  if (JSON.stringify(store.trouble) + store.mailboxes.size !== before) {
    store.emit("counts");
    store.emit("talk");
  }
}
