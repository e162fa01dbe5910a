/** Menus: they open at what was pressed, narrow as one types, and are sheets from below on a phone. */
import { html, icon, onAct, render } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { loadStyle } from "./parts.js";

/** @typedef {import("./types.js").Choice} Choice */

await loadStyle("menu");

/** @type {(() => void) | null} */
let closeMenu = null;

/**
 * Opens a menu at an element. Typing narrows it, arrows move, Enter picks.
 * @param {HTMLElement} anchor
 * @param {object} options
 * @param {string} options.title
 * @param {() => Choice[]} options.choices asked again after a pick that keeps the menu open
 * @param {(id: string, query: string) => boolean | void} options.pick true keeps it open
 * @param {boolean} [options.filter]
 * @param {(query: string) => Choice | null} [options.extra] one more choice for what was typed
 * @param {import("../shared/html.js").Html} [options.foot]
 * @param {(menu: HTMLElement, close: () => void) => void} [options.ready]
 */
export function openMenu(anchor, { title, choices, pick, filter = false, extra, foot, ready }) {
  closeMenu?.();
  const back = document.activeElement;
  const veil = document.createElement("div");
  veil.className = "menu-veil";
  const menu = document.createElement("div");
  menu.className = "menu";
  menu.setAttribute("role", "dialog");
  menu.setAttribute("aria-label", title);
  menu.innerHTML = html`<div class="menu-title">${title}</div>
    ${filter ? html`<input class="menu-find" type="text" enterkeyhint="go" role="combobox" aria-expanded="true" aria-controls="menu-list" aria-label="${title}" placeholder="${t("desk.menu_find")}" autocomplete="off" autocapitalize="none" spellcheck="false">` : ""}
    <div class="menu-list" id="menu-list" role="listbox" aria-label="${title}" tabindex="-1"></div>
    ${foot ? html`<div class="menu-foot">${foot}</div>` : ""}`.text;
  const list = /** @type {HTMLElement} */ (menu.querySelector(".menu-list"));
  const find = /** @type {HTMLInputElement | null} */ (menu.querySelector(".menu-find"));
  let at = 0;
  /** @type {Choice[]} */
  let shown = [];

  const draw = () => {
    const query = find?.value.trim() ?? "";
    const words = query.toLocaleLowerCase();
    shown = choices().filter((choice) => !words || `${choice.label} ${choice.find ?? ""}`.toLocaleLowerCase().includes(words));
    const more = query && extra ? extra(query) : null;
    if (more) shown.push(more);
    at = Math.max(0, Math.min(at, shown.length - 1));
    render(
      list,
      shown.length
        ? html`${shown.map(
            (choice, i) => html`<button class="menu-item ${i === at ? "is-at" : ""}" role="option" id="menu-${i}" aria-selected="${choice.on ? "true" : "false"}" tabindex="-1" data-act="pick" data-at="${i}">
              ${choice.mark ?? ""}<span class="menu-label">${choice.label}</span>${choice.hint ? html`<span class="menu-hint">${choice.hint}</span>` : ""}${choice.keys ? html`<kbd>${choice.keys}</kbd>` : ""}${choice.on ? icon("check", "s") : ""}
            </button>`,
          )}`
        : html`<p class="menu-none">${t("desk.menu_none")}</p>`,
    );
    (find ?? list).setAttribute("aria-activedescendant", `menu-${at}`);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const close = () => {
    if (closeMenu !== close) return;
    closeMenu = null;
    veil.remove();
    menu.remove();
    window.removeEventListener("resize", close);
    if (back instanceof HTMLElement && back.isConnected) back.focus({ preventScroll: true });
  };
  closeMenu = close;
  const choose = () => {
    const choice = shown[at];
    if (!choice) return;
    const query = find?.value.trim() ?? "";
    if (pick(choice.id, query) === true) {
      if (find) find.value = "";
      draw();
      find?.focus();
    } else {
      close();
    }
  };

  onAct(menu, {
    pick: (target) => {
      at = Number(target.dataset.at);
      choose();
    },
  });
  find?.addEventListener("input", () => {
    at = 0;
    draw();
  });
  menu.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      at = (at + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % Math.max(1, shown.length);
      draw();
    } else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement) && (event.target === find || event.target === list)) {
      choose();
    } else if (event.key === "Escape") {
      close();
    } else if (event.key === "Tab" && !foot) {
      close();
    } else {
      return;
    }
    event.preventDefault();
  });
  veil.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    close();
  });
  window.addEventListener("resize", close);

  // What is behind an open sheet cannot be reached: its menus stand in it.
  (anchor.closest("dialog[open]") ?? document.body).append(veil, menu);
  draw();
  place(menu, anchor);
  (find && !matchMedia("(pointer: coarse)").matches ? find : list).focus({ preventScroll: true });
  ready?.(menu, close);
  return close;
}

/** Puts a box beside its anchor, inside the window. @param {HTMLElement} box @param {HTMLElement} anchor */
export function place(box, anchor) {
  if (matchMedia("(max-width: 800px)").matches) return; // there it is a sheet at the bottom
  const a = anchor.getBoundingClientRect();
  const b = box.getBoundingClientRect();
  const left = Math.max(8, Math.min(a.left, innerWidth - b.width - 8));
  const below = a.bottom + 6;
  const top = below + b.height <= innerHeight - 8 || a.top < b.height + 14 ? Math.min(below, Math.max(8, innerHeight - b.height - 8)) : a.top - b.height - 6;
  box.style.left = `${left}px`;
  box.style.top = `${top}px`;
}
