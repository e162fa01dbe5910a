/** The first module of the desk: language and theme, then the person, then the panes. */
import { ApiError } from "../shared/api.js";
import { html, icon } from "../shared/html.js";
import { loadLanguage, pickLanguage, t } from "../shared/i18n.js";
import { Desk } from "./app.js";
import { viewIcon, viewName, VIEWS } from "./logic.js";
import { applyTheme, recall, remember } from "./prefs.js";
import { Session } from "./session.js";

/** @typedef {import("./app.js").DeskApp} DeskApp */

applyTheme();
const session = new Session();
let shownLanguage = "";

/** @param {string} wanted */
async function speak(wanted) {
  const lang = pickLanguage([wanted, recall("lang"), ...navigator.languages, document.documentElement.lang]);
  if (lang === shownLanguage) return;
  await loadLanguage(lang, ["time", "common", "desk"]);
  shownLanguage = lang;
}

/** @param {HTMLElement} screen */
function show(screen) {
  document.querySelector("#desk")?.remove();
  screen.id = "desk";
  document.body.prepend(screen);
}

/** The server cannot be reached: shows the desk without what is in it, says so and keeps trying. @param {string} words */
function waiting(words) {
  const screen = document.createElement("div");
  screen.className = "frame";
  const line = html`<i class="skeleton bar-b"></i>`;
  screen.innerHTML = html`<div class="panes">
      <nav class="views" aria-label="${t("desk.desk")}"><p class="frame-shop brand-name">${document.documentElement.dataset.shop ?? ""}</p>${VIEWS.map((view) => html`<span class="view">${icon(viewIcon(view))}<span class="view-name">${viewName(view)}</span></span>`)}</nav>
      <div class="list" aria-hidden="true"><div class="frame-rows">${Array.from({ length: 7 }, () => html`<p>${line}${line}</p>`)}</div></div>
      <main class="talk"><div class="cover-box" role="status">${icon("cloud-off")}<h1>${words}</h1><p>${t("desk.cover_hint")}</p><button class="btn" type="button">${t("common.retry")}</button></div></main>
    </div>`.text;
  const again = () => {
    clearTimeout(timer);
    window.removeEventListener("online", again);
    void open();
  };
  const timer = setTimeout(again, 4_000);
  window.addEventListener("online", again);
  screen.querySelector("button")?.addEventListener("click", again);
  show(screen);
}

async function signIn() {
  await speak("");
  const { signInScreen } = await import("./signin.js");
  show(signInScreen(session, open));
}

/** A link that makes the owner (start) or lets a colleague in (join). */
const doorLink = () => /^#\/(start|join)\/([a-z0-9]{20,60})$/i.exec(location.hash);
const wantsSetup = () => location.hash === "#/setup" || location.hash.startsWith("#/setup/");
let inSetup = false;

async function open() {
  const link = doorLink();
  if (link) {
    await speak("");
    const { welcomeScreen } = await import("./welcome.js");
    return show(await welcomeScreen(session, link[2], open));
  }
  inSetup = wantsSetup();
  if (!session.token) return signIn();
  const texts = speak("");
  try {
    const [boot] = await Promise.all([session.api.get("/api/desk/boot"), texts]);
    if (!recall("lang") && boot.me.languages?.[0]) await speak(boot.me.languages[0]);
    session.typed = "";
    void session.refresh();
    if (inSetup && boot.me.role === "owner") {
      const { setupScreen } = await import("./setup.js");
      return show(await setupScreen(session, boot));
    }
    const app = /** @type {DeskApp} */ (document.createElement("desk-app"));
    app.desk = new Desk(session, boot);
    show(app);
  } catch (error) {
    if (error instanceof ApiError && error.fields.second_factor) {
      const { secondScreen } = await import("./second.js");
      const typed = session.typed;
      session.typed = "";
      return show(await secondScreen(session, typed, open));
    }
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
      session.end();
      return;
    }
    await texts; // what is said needs words
    waiting(error instanceof ApiError && error.status === 0 ? t("desk.cover_offline") : t("desk.cover_trouble"));
  }
}

session.onEnd = () => void signIn();
document.addEventListener("shohay-language", () => {
  remember("lang", recall("lang"));
  shownLanguage = "";
  void open();
});

// Between the desk and the set-up, also by the browser's own back.
window.addEventListener("hashchange", () => {
  if (doorLink() || wantsSetup() !== inSetup) void open();
});

open().catch(() => {
  // Not even the texts could be fetched: there are no words but these.
  setTimeout(() => location.reload(), 5_000);
});
