/** This browser as a device: the service worker, being called when the desk is closed, and whether somebody sits here. */
import { t } from "../shared/i18n.js";
import { recall, remember } from "./prefs.js";

const WORKER = "/desk/sw.js";

/** Why this browser cannot be called: "" if it can. @returns {"" | "insecure" | "ios" | "none"} */
export function obstacle() {
  if (!isSecureContext) return "insecure";
  if ("PushManager" in window && "serviceWorker" in navigator && "Notification" in window) return "";
  // There Apple gives it to apps of the home screen only.
  return /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1) ? "ios" : "none";
}

/** The browser and system in words that people know. @param {string} agent navigator.userAgent */
export function deviceName(agent) {
  const browser = (/** @type {[RegExp, string][]} */ ([[/Edg/, "Edge"], [/OPR|Opera/, "Opera"], [/SamsungBrowser/, "Samsung Internet"], [/Firefox|FxiOS/, "Firefox"], [/Chrome|CriOS/, "Chrome"], [/Safari/, "Safari"]]).find(([mark]) => mark.test(agent)) ?? [])[1];
  const system = (/** @type {[RegExp, string][]} */ ([[/Android/, "Android"], [/iPhone/, "iPhone"], [/iPad/, "iPad"], [/Windows/, "Windows"], [/Mac OS X|Macintosh/, "Mac"], [/CrOS/, "ChromeOS"], [/Linux/, "Linux"]]).find(([mark]) => mark.test(agent)) ?? [])[1];
  if (!browser || !system) return browser ?? system ?? t("notice.unknown_device");
  return t("notice.device_on", { browser, system });
}

/** @param {string} key base64url @returns {Uint8Array<ArrayBuffer>} */
export function bytesOf(key) {
  const text = atob(key.replace(/-/g, "+").replace(/_/g, "/"));
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** @returns {Promise<ServiceWorkerRegistration>} */
async function worker() {
  const registration = await navigator.serviceWorker.register(WORKER, { scope: "/desk/", updateViaCache: "none" });
  // The browser looks for a newer one when it finds the time; that may be after the line is gone again.
  if (registration.active) await registration.update().catch(() => {});
  return navigator.serviceWorker.ready;
}

/** Whether this device was switched on here, and may still show something. */
export function isCalled() {
  return recall("push") === "on" && !obstacle() && Notification.permission === "granted";
}

/**
 * Lets this device be called. @param {import("../shared/api.js").Api} api
 * @returns {Promise<string>} the id that it has at the server
 */
export async function callMe(api) {
  const { key } = await api.get("/api/desk/push");
  const { pushManager } = await worker();
  const wanted = bytesOf(key);
  let subscription = await pushManager.getSubscription();
  const had = subscription?.options.applicationServerKey;
  if (subscription && had && String(new Uint8Array(had)) !== String(wanted)) {
    // It was made for another server, or before a key file was lost.
    await subscription.unsubscribe();
    subscription = null;
  }
  subscription ??= await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: wanted });
  const { endpoint, keys } = subscription.toJSON();
  const { id } = await api.post("/api/desk/push", { endpoint, keys, device: deviceName(navigator.userAgent) });
  remember("push", "on");
  remember("push-id", id);
  return id;
}

/** Ends it. @param {import("../shared/api.js").Api} api */
export async function callNoMore(api) {
  const id = recall("push-id");
  remember("push", "");
  remember("push-id", "");
  const registration = "serviceWorker" in navigator ? await navigator.serviceWorker.getRegistration("/desk/") : undefined;
  const subscription = await registration?.pushManager?.getSubscription();
  await Promise.allSettled([subscription?.unsubscribe(), id ? api.delete(`/api/desk/push/${id}`) : undefined]);
}

/** Ends it because the person signs out; waits for no server. @param {import("../shared/api.js").Api} api */
export async function leave(api) {
  if (!recall("push-id")) return;
  await Promise.race([callNoMore(api), new Promise((done) => setTimeout(done, 2_000))]);
}

/** How long after the last touch somebody still counts as sitting here, in ms. */
const IDLE = 180_000;
/** How often a touched desk says so, in ms. */
const TELL = 20_000;

/**
 * Keeps the worker, and tells the server whether somebody is at this desk, so that nobody is called who sees it anyway.
 * @param {import("./app.js").Desk} desk @returns {() => void} what ends it
 */
export function watchDevice(desk) {
  let touched = Date.now();
  let told = false;
  let toldAt = 0;
  const looking = () => document.visibilityState === "visible" && document.hasFocus();
  const tell = () => {
    const on = looking() && Date.now() - touched < IDLE;
    if (!on && !told) return;
    told = on;
    toldAt = Date.now();
    desk.api.post("/api/desk/active", { on, idle: Math.round((Date.now() - touched) / 1000) }).catch(() => {});
  };
  const touch = () => {
    touched = Date.now();
    // Back at once for the colleagues, and not more often than they need.
    if (Date.now() - toldAt > TELL) tell();
  };
  const came = () => {
    if (looking()) touched = Date.now();
    tell();
  };
  /** @param {MessageEvent} event */
  const hear = (event) => {
    const url = event.data?.open ? new URL(event.data.open, location.href) : null;
    if (url?.pathname === "/desk/" && url.hash) location.hash = url.hash;
  };
  const timer = setInterval(tell, 60_000);
  document.addEventListener("visibilitychange", came);
  window.addEventListener("focus", came);
  window.addEventListener("blur", tell);
  for (const type of ["pointerdown", "keydown", "wheel"]) document.addEventListener(type, touch, { passive: true, capture: true });
  if ("serviceWorker" in navigator && isSecureContext) {
    navigator.serviceWorker.addEventListener("message", hear);
    void (isCalled() ? callMe(desk.api) : worker()).catch(() => {});
  }
  came();
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", came);
    window.removeEventListener("focus", came);
    window.removeEventListener("blur", tell);
    for (const type of ["pointerdown", "keydown", "wheel"]) document.removeEventListener(type, touch, { capture: true });
    navigator.serviceWorker?.removeEventListener("message", hear);
  };
}
