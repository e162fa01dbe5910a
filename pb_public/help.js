import { offerChat } from "./chat.js";

/**
 * The help centre works without this file. With it: answers while typing, a film in its place, a vote without leaving the page, and the
 * chat when it is asked for.
 */

/**
 * @typedef {{text: string, mark: boolean}} Piece
 * @typedef {{title: string, url: string, language: string, snippet: Piece[]}} Answer
 */

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form.find"))) answerWhileTyping(form);
for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-embed]"))) playInPlace(link);
const helpful = /** @type {HTMLElement | null} */ (document.querySelector("#helpful"));
if (helpful) voteInPlace(helpful);
offerChat();

/** @param {HTMLFormElement} form */
function answerWhileTyping(form) {
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("q"));
  const lang = document.documentElement.lang;
  const list = document.createElement("div");
  list.className = "answers";
  list.id = "answers";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  form.append(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-controls": list.id, "aria-expanded": "false", "aria-autocomplete": "list" })) field.setAttribute(name, value);

  /** @type {AbortController | undefined} */
  let asking;
  let wait = 0;
  let chosen = -1;
  /** @type {Map<string, Answer[]>} */
  const known = new Map();

  const close = () => {
    list.hidden = true;
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  /** @param {Answer[]} answers */
  const show = (answers) => {
    list.replaceChildren(...answers.map(row));
    chosen = -1;
    list.hidden = answers.length === 0;
    field.setAttribute("aria-expanded", String(answers.length > 0));
    field.removeAttribute("aria-activedescendant");
  };
  const ask = async () => {
    const q = field.value.trim();
    asking?.abort();
    if (q.length < 2) return close();
    const had = known.get(q);
    if (had) return show(had);
    asking = new AbortController();
    try {
      const answer = await fetch(`/api/help/search?${new URLSearchParams({ q, lang })}`, { signal: asking.signal });
      if (!answer.ok) return;
      /** @type {{articles: Answer[]}} */
      const { articles } = await answer.json();
      known.set(q, articles);
      if (field.value.trim() === q && document.activeElement === field) show(articles);
    } catch {
      // the button still works
    }
  };
  /** @param {number} by */
  const move = (by) => {
    const rows = list.children;
    if (list.hidden || rows.length === 0) return;
    rows[chosen]?.setAttribute("aria-selected", "false");
    chosen = (chosen + by + (chosen < 0 && by < 0 ? 1 : 0) + rows.length) % rows.length;
    rows[chosen].setAttribute("aria-selected", "true");
    rows[chosen].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", rows[chosen].id);
  };

  field.addEventListener("input", () => {
    clearTimeout(wait);
    wait = window.setTimeout(ask, 140);
  });
  field.addEventListener("focus", () => {
    if (known.has(field.value.trim())) void ask();
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      /** @type {HTMLAnchorElement} */ (list.children[chosen]).click();
    }
  });
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Node && !form.contains(event.target)) close();
  });
  form.addEventListener("focusout", (event) => {
    if (!(event.relatedTarget instanceof Node) || !form.contains(event.relatedTarget)) close();
  });
}

let rows = 0;

/** @param {Answer} answer */
function row(answer) {
  const link = document.createElement("a");
  const title = document.createElement("b");
  const text = document.createElement("small");
  link.href = answer.url;
  link.id = `answer-${++rows}`;
  link.lang = answer.language;
  link.setAttribute("role", "option");
  link.setAttribute("aria-selected", "false");
  title.textContent = answer.title;
  for (const piece of answer.snippet) {
    const part = document.createElement(piece.mark ? "mark" : "span");
    part.textContent = piece.text;
    text.append(part);
  }
  link.append(title, text);
  return link;
}

/** Only the click asks the other site for anything. @param {HTMLAnchorElement} link */
function playInPlace(link) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const frame = document.createElement("iframe");
    frame.src = link.dataset.embed ?? "";
    frame.allow = "autoplay; fullscreen; encrypted-media; picture-in-picture";
    frame.allowFullscreen = true;
    frame.title = document.title;
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    link.replaceWith(frame);
    frame.focus();
  });
}

/** @param {HTMLElement} section */
function voteInPlace(section) {
  const [why, thanks] = [...section.querySelectorAll("template")].map((template) => template.content);
  section.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !why || !thanks) return;
    event.preventDefault();
    const button = event instanceof SubmitEvent ? event.submitter : null;
    const data = new FormData(form, button instanceof HTMLButtonElement ? button : undefined);
    for (const other of form.querySelectorAll("button")) other.disabled = true;
    try {
      const body = new URLSearchParams([...data].map(([name, value]) => [name, String(value)]));
      const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body });
      const next = answer.ok ? (await answer.json()).next : "";
      if (!next) throw new Error(String(answer.status));
      form.replaceWith((next === "no" ? why : thanks).cloneNode(true));
      /** @type {HTMLElement | null} */ (section.querySelector("input[type=radio]"))?.focus();
    } catch {
      // the way without a script says what is wrong
      const hidden = document.createElement("input");
      hidden.type = "hidden";
      hidden.name = "vote";
      hidden.value = String(data.get("vote"));
      form.append(hidden);
      form.submit();
    }
  });
}
