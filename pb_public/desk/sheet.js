/** Modal sheets: settings, help, the command bar, pictures. */
import { html, icon, onAct } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { loadStyle } from "./parts.js";

await Promise.all(["menu", "form", "sheet"].map(loadStyle));

/**
 * Opens a modal sheet. Returns its element and what closes it.
 * @param {string} name a class
 * @param {string} title
 * @param {import("../shared/html.js").Html} body
 * @param {{bare?: boolean}} [options] bare: without a head
 */
export function openSheet(name, title, body, { bare = false } = {}) {
  const back = document.activeElement;
  const sheet = document.createElement("dialog");
  sheet.className = `sheet ${name}`;
  sheet.setAttribute("aria-label", title);
  sheet.innerHTML = html`${bare
    ? ""
    : html`<header class="sheet-head"><h2>${title}</h2><button class="tool" type="button" data-act="close-sheet" aria-label="${t("common.close")}">${icon("close")}</button></header>`}${body}`.text;
  const close = () => sheet.close();
  sheet.addEventListener("close", () => {
    for (const toasts of sheet.querySelectorAll(".toasts")) document.body.append(toasts);
    sheet.remove();
    if (back instanceof HTMLElement && back.isConnected) back.focus({ preventScroll: true });
  });
  sheet.addEventListener("pointerdown", (event) => {
    if (event.target === sheet) close();
  });
  sheet.addEventListener("keydown", (event) => {
    if (!sheet.open) return; // closed, and not yet away: the key is the desk's
    event.stopPropagation();
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    event.preventDefault();
    close();
  });
  onAct(sheet, { "close-sheet": close });
  sheet.tabIndex = -1;
  document.body.append(sheet);
  sheet.showModal();
  sheet.focus({ preventScroll: true });
  return { sheet, close };
}

/** Lines that stand where something is being fetched. @param {number} n */
export function waitLines(n) {
  return html`<div class="sheet-wait" aria-busy="true">${Array.from({ length: n }, () => html`<span class="skeleton bar-b"></span>`)}</div>`;
}

/**
 * Copies what an element shows, or a text instead of it. Without a secure page there is no clipboard: then it is selected.
 * @param {import("./app.js").Desk} desk @param {HTMLElement | null} element @param {string} [text]
 */
export async function copyFrom(desk, element, text) {
  try {
    await navigator.clipboard.writeText(text ?? element?.textContent ?? "");
    desk.toast(t("deskmore.copied"));
  } catch {
    if (!element) return;
    if (text) element.textContent = text;
    getSelection()?.selectAllChildren(element);
    desk.toast(t("deskmore.copy_by_hand"));
  }
}
