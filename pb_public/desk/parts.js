/** Small pieces that several panes share: faces, tags, empty places, short words about what happened. */
import { hue, initials } from "../shared/format.js";
import { html, icon } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { nameOf } from "./logic.js";

/** @param {{id?: string, name: string, avatar?: string}} person @param {string} [size] a class: "s" or "l" @param {string} [state] online | away | offline */
export function face(person, size = "", state = "") {
  const name = person.name || "?";
  const inside = person.avatar ? html`<img src="${person.avatar}" alt="" loading="lazy">` : initials(name);
  return html`<span class="face ${size}" data-hue="${hue(person.id || name)}" aria-hidden="true">${inside}${state ? html`<i class="face-state is-${state}"></i>` : ""}</span>`;
}

/** How somebody of the staff is now. @param {import("../shared/types.js").Agent} agent @returns {"online" | "away" | "offline"} */
export function stateOf(agent) {
  return agent.state ?? (agent.online ? agent.availability : "offline");
}

/** @param {import("../shared/types.js").Row} row @param {string} [size] */
export function contactFace(row, size = "") {
  const named = row.contact.name || row.contact.email;
  return face({ id: row.contact.id, name: named || nameOf(row.contact) }, size, row.contact.online ? "online" : "");
}

/** The colour of a tag, for data-var. @param {{colour: string} | undefined} tag */
export function tagVar(tag) {
  return tag && /^#[0-9a-f]{6}$/i.test(tag.colour) ? `--tag:${tag.colour}` : "";
}

/** @param {import("../shared/types.js").Tag | undefined} tag */
export function tagChip(tag) {
  if (!tag) return "";
  return html`<span class="tag" data-var="${tagVar(tag)}">${tag.name}</span>`;
}

/** @param {number} n */
export function stars(n) {
  return html`<span class="stars" role="img" aria-label="${t("desk.rated", { n })}">${"★".repeat(n)}</span>`;
}

/** An empty place that says what to do. @param {string} name of an icon @param {string} title @param {string} text @param {import("../shared/html.js").Html | ""} [act] */
export function blank(name, title, text, act = "") {
  return html`<div class="blank"><span class="blank-mark">${icon(name)}</span><h2>${title}</h2><p>${text}</p>${act}</div>`;
}

/** @type {Map<string, Promise<void>>} */
const styles = new Map();

/** Fetches the style of something that is not there from the start. @param {string} name @returns {Promise<void>} */
export function loadStyle(name) {
  const known = styles.get(name);
  if (known) return known;
  const loading = new Promise((/** @type {(value: void) => void} */ resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = `/desk/css/${name}.css`;
    link.onload = link.onerror = () => resolve();
    document.head.append(link);
  });
  styles.set(name, loading);
  return loading;
}

/** @type {HTMLElement | null} */
let shelf = null;
/** The way back that is still on offer. @type {(() => void) | null} */
let wayBack = null;

/** Goes the way back that was offered last; false when there is none. */
export function takeBack() {
  const back = wayBack;
  back?.();
  return back !== null;
}

/**
 * Says that something happened, for six seconds, with a way back.
 * @param {string} text
 * @param {{act?: string, run?: () => void, bad?: boolean}} [options]
 */
export function toast(text, { act = "", run, bad = false } = {}) {
  if (!shelf) {
    shelf = document.createElement("div");
    shelf.className = "toasts";
    shelf.setAttribute("role", "status");
    shelf.setAttribute("aria-live", "polite");
    document.body.append(shelf);
  }
  const box = document.createElement("div");
  box.className = bad ? "toast is-bad" : "toast";
  box.innerHTML = html`<span>${text}</span>${act ? html`<button class="toast-act" type="button">${act}</button>` : ""}`.text;
  let timer = 0;
  const back = () => {
    gone();
    run?.();
  };
  const gone = () => {
    clearTimeout(timer);
    if (wayBack === back) wayBack = null;
    box.remove();
  };
  if (run && act === t("common.undo")) wayBack = back;
  const wait = () => {
    clearTimeout(timer);
    timer = window.setTimeout(gone, 6_000);
  };
  box.querySelector("button")?.addEventListener("click", back);
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", wait);
  while (shelf.children.length > 2) shelf.firstElementChild?.remove();
  // An open sheet makes the rest of the page inert; the message must stand in it to be reached.
  const sheet = document.querySelector("dialog[open]");
  (sheet ?? document.body).append(shelf);
  shelf.append(box);
  wait();
}

/** Copies a text; whether that could be done. Pages that are not secure have no clipboard, only the old way. @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = document.createElement("textarea");
    const at = document.activeElement;
    box.value = text;
    box.className = "quiet";
    (document.querySelector("dialog[open]") ?? document.body).append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    if (at instanceof HTMLElement) at.focus();
    return done;
  }
}
