/**
 * The pages of a customer's requests work without this file. With it: an answer appears by itself, chosen files are listed, a second
 * press does nothing, and the chat of this browser comes along when its guest signs in.
 */
const door = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-visitor]"));
const answer = /** @type {HTMLFormElement | null} */ (document.querySelector("form.answer"));
const talk = /** @type {HTMLElement | null} */ (document.querySelector("#talk"));

if (door) bringChat(door);
if (answer) {
  once(answer);
  void import("./files.js").then(({ listFiles }) => listFiles(answer));
}
if (talk) follow(talk);
/** @type {HTMLElement | null} */ (document.querySelector("main .errors"))?.focus();

/** The token of a chat on these pages, so that its guest becomes who they say they are. @param {HTMLFormElement} form */
function bringChat(form) {
  try {
    const token = localStorage.getItem(`shohay:${location.origin}:token`);
    if (!token) return;
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "visitor";
    field.value = token;
    form.append(field);
  } catch {
    // no storage, no chat
  }
}

/** @param {HTMLFormElement} form */
function once(form) {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));
  const words = button.textContent;
  form.addEventListener("submit", () => {
    button.disabled = true;
    button.textContent = form.dataset.sending ?? "";
  });
  // coming back with the browser's button must not find the form locked
  window.addEventListener("pageshow", () => {
    button.disabled = false;
    button.textContent = words;
  });
}

/** Fetches the conversation again whenever something was said in it. @param {HTMLElement} place */
function follow(place) {
  const { number, path, live } = place.dataset;
  let asked = 0;
  let wait = 0;
  const fresh = async () => {
    const mine = ++asked;
    try {
      const page = await fetch(path ?? "", { credentials: "same-origin", redirect: "error" });
      if (!page.ok || mine !== asked) return;
      const now = new DOMParser().parseFromString(await page.text(), "text/html");
      offer(now.querySelector(".afterwards"));
      const made = now.querySelector("#talk");
      if (!made || made.innerHTML === place.innerHTML) return;
      const down = innerHeight + scrollY >= document.documentElement.scrollHeight - 400;
      place.replaceChildren(...made.childNodes);
      if (down && !document.activeElement?.closest("form")) document.querySelector("#end")?.scrollIntoView({ block: "end" });
    } catch {
      // the next one may come through
    }
  };
  /** What can be done now, unless they are about to do something. @param {Element | null} made */
  const offer = (made) => {
    const old = document.querySelector(".afterwards");
    const comment = /** @type {HTMLTextAreaElement | null} */ (old?.querySelector("textarea"));
    const busy = old?.contains(document.activeElement) || comment?.value !== comment?.defaultValue || old?.querySelector(":checked:not([checked])");
    if (made && old && !busy && made.innerHTML !== old.innerHTML) old.replaceChildren(...made.childNodes);
  };
  const soon = () => {
    clearTimeout(wait);
    wait = window.setTimeout(fresh, 150);
  };
  if (live === undefined) {
    const every = setInterval(() => !document.hidden && void fresh(), 60_000);
    window.addEventListener("pagehide", () => clearInterval(every), { once: true });
    return;
  }
  const stream = new EventSource(`/api/stream?${new URLSearchParams({ topic: `request/${number}`, after: live })}`);
  for (const kind of ["message", "conversation", "reset"]) stream.addEventListener(kind, soon);
  window.addEventListener("pagehide", () => stream.close(), { once: true });
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
}
