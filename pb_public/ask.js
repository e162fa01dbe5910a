/** The question form of the first page, fetched when somebody comes near it. */
import { listFiles, say } from "./files.js";

/** @param {HTMLFormElement} form */
export function helpAsking(form) {
  checkBeforeSending(form);
  listFiles(form);
  answerBeforeAsking(form);
  workAhead(form);
}

/** What the help centre says to the question, while it is typed. @param {HTMLFormElement} form */
function answerBeforeAsking(form) {
  const field = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("message"));
  const place = /** @type {HTMLElement | null} */ (form.querySelector(".maybe"));
  if (!place) return;
  let wait = 0;
  let turn = 0;
  const ask = async () => {
    const mine = ++turn;
    const q = field.value.trim().slice(0, 200);
    if (q.length < 8) {
      place.hidden = true;
      return;
    }
    try {
      const answer = await fetch(`/api/help/search?${new URLSearchParams({ q, lang: document.documentElement.lang, typing: "0" })}`);
      if (!answer.ok || mine !== turn) return;
      /** @type {{articles: {title: string, url: string, language: string, sure: number}[]}} */
      const { articles } = await answer.json();
      const good = articles.filter(({ sure }) => sure >= 0.4).slice(0, 3);
      const title = document.createElement("b");
      title.textContent = place.dataset.title ?? "";
      place.replaceChildren(title, ...good.map((article) => {
        const link = document.createElement("a");
        link.href = article.url;
        link.lang = article.language;
        link.target = "_blank";
        link.rel = "noopener";
        link.textContent = article.title;
        return link;
      }));
      place.hidden = good.length === 0;
    } catch {
      // the form works without
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(wait);
    wait = window.setTimeout(() => void ask(), 600);
  });
}

/** A little computing, once somebody writes, tells a browser from a machine that asks by the thousand. @param {HTMLFormElement} form */
function workAhead(form) {
  if (!window.Worker || !window.crypto?.subtle) return;
  form.addEventListener("focusin", () => {
    const stamp = /** @type {HTMLInputElement} */ (form.elements.namedItem("form")).value;
    const worker = new Worker("/work.js", { type: "module" });
    worker.addEventListener("message", (event) => {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "work";
      field.value = String(event.data);
      form.append(field);
      worker.terminate();
    });
    worker.addEventListener("error", () => worker.terminate());
    worker.postMessage(stamp.split(".")[0]);
  }, { once: true });
}

/** @param {HTMLFormElement} form */
function checkBeforeSending(form) {
  form.noValidate = true; // the browser's own bubbles speak the browser's language
  const needed = { contact: form.dataset.needContact ?? "", message: form.dataset.needMessage ?? "" };
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));
  const send = button.textContent;

  form.addEventListener("submit", (event) => {
    /** @type {HTMLElement | undefined} */
    let first;
    for (const [name, words] of Object.entries(needed)) {
      const field = /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
      const empty = field.value.trim() === "";
      say(field, empty ? words : "");
      if (empty) first ??= field;
    }
    if (first) {
      event.preventDefault();
      first.focus();
      return;
    }
    button.disabled = true;
    button.textContent = form.dataset.sending ?? "";
  });
  form.addEventListener("input", (event) => {
    const field = event.target;
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) {
      if (field.type !== "file" && field.value.trim() !== "") say(field, "");
    }
  });
  // coming back with the browser's button must not find the form locked
  window.addEventListener("pageshow", () => {
    button.disabled = false;
    button.textContent = send;
  });
  /** @type {HTMLElement | null} */ (form.querySelector(".errors"))?.focus();
}
