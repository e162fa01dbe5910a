/**
 * The question form works without this file. With it, what is missing is said before anything is sent, chosen files are listed and
 * can be taken back, a second press does nothing, and the chat can be opened from the page.
 */
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form.ask"));
const chat = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-chat]"));

if (chat) offerChat(chat);
if (form) {
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

/** A press before the chat has loaded opens it as soon as it is there. @param {HTMLButtonElement} button */
function offerChat(button) {
  const widget = () => /** @type {{ open(): void } | undefined} */ (/** @type {any} */ (window).Shohay);
  const script = document.querySelector('script[src^="/widget.js"]');
  let wanted = false;
  button.hidden = false;
  button.addEventListener("click", () => {
    wanted = true;
    widget()?.open();
  });
  script?.addEventListener("load", () => {
    if (wanted) widget()?.open();
  });
  script?.addEventListener("error", () => {
    button.hidden = true;
  });
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

/** Puts a sentence under a field, or takes it away. @param {HTMLElement} field @param {string} words */
function say(field, words) {
  const fault = document.getElementById(`${field.id}-error`);
  if (fault) fault.textContent = words;
  if (words) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

/** @param {HTMLFormElement} form */
function listFiles(form) {
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem("files"));
  const list = /** @type {HTMLElement} */ (form.querySelector(".chosen"));
  const pick = /** @type {HTMLElement} */ (form.querySelector(".pick"));
  const most = Number(form.dataset.maxFiles);
  const limit = Number(form.dataset.maxBytes);
  /** @type {File[]} */
  let chosen = [];
  document.documentElement.classList.add("js");

  const show = () => {
    const transfer = new DataTransfer();
    for (const file of chosen) transfer.items.add(file);
    input.files = transfer.files;
    list.replaceChildren(...chosen.map((file) => row(file)));
  };

  /** @param {File} file */
  const row = (file) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const weight = document.createElement("small");
    const remove = document.createElement("button");
    name.textContent = file.name;
    weight.textContent = size(file.size, form);
    remove.type = "button";
    remove.setAttribute("aria-label", `${form.dataset.remove}: ${file.name}`);
    remove.append(cross());
    remove.addEventListener("click", () => {
      chosen = chosen.filter((other) => other !== file);
      say(input, "");
      show();
      input.focus();
    });
    item.append(name, weight, remove);
    return item;
  };

  /** @param {Iterable<File>} files */
  const add = (files) => {
    let fault = "";
    for (const file of files) {
      if (chosen.some((other) => other.name === file.name && other.size === file.size && other.lastModified === file.lastModified)) continue;
      if (file.size > limit) fault = (form.dataset.big ?? "").replace("{name}", file.name);
      else if (chosen.length >= most) fault = form.dataset.many ?? "";
      else chosen.push(file);
    }
    show();
    say(input, fault);
  };

  input.addEventListener("change", () => add(Array.from(input.files ?? [])));
  for (const kind of ["dragenter", "dragover"]) {
    pick.addEventListener(kind, (event) => {
      event.preventDefault();
      pick.classList.add("over");
    });
  }
  pick.addEventListener("dragleave", () => pick.classList.remove("over"));
  pick.addEventListener("drop", (event) => {
    event.preventDefault();
    pick.classList.remove("over");
    add(Array.from(event.dataTransfer?.files ?? []));
  });
  form.addEventListener("paste", (event) => {
    const files = Array.from(event.clipboardData?.files ?? []);
    if (files.length) {
      event.preventDefault();
      add(files);
    }
  });
}

function cross() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", "M5.500 5.500l9 9M14.500 5.500l-9 9");
  svg.append(path);
  return svg;
}

/** A file's size in the page's language. @param {number} bytes @param {HTMLElement} form */
function size(bytes, form) {
  const mega = bytes >= 1024 * 1024;
  const n = mega ? bytes / 1024 / 1024 : Math.max(1, bytes / 1024);
  const lang = document.documentElement.lang;
  const number = new Intl.NumberFormat(lang === "bn" ? "bn-BD" : lang, { maximumFractionDigits: mega && n < 10 ? 1 : 0 }).format(n);
  return ((mega ? form.dataset.mb : form.dataset.kb) ?? "{n}").replace("{n}", number);
}
