/** Those who come with a link that works once: the owner of a new shop, and colleagues who were invited. */
import { ApiError, Api, sentence } from "../shared/api.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, currentLanguage, t } from "../shared/i18n.js";
import { loadStyle } from "./parts.js";
import { remember } from "./prefs.js";
import { field, frame, STEPS } from "./setupframe.js";

await Promise.all(["form", "setup"].map(loadStyle));

/** What was typed stays when the language is changed; a password is not kept. @type {{email?: string, name?: string}} */
const typed = {};

/**
 * @param {import("./session.js").Session} session @param {string} token of the link
 * @param {() => Promise<void>} open the desk
 */
export async function welcomeScreen(session, token, open) {
  await addTexts("setup");
  const api = new Api();
  const screen = document.createElement("main");
  screen.className = "setup";
  /** @type {{for: string, email: string, name: string, shop: string} | null} */
  let link = null;
  /** @type {unknown} */
  let failure = null;
  /** @type {Record<string, string>} */
  let wrong = {};
  let bad = "";
  let busy = false;
  let peek = false;
  let password = "";

  const gone = () => failure instanceof ApiError && [404, 409, 410].includes(failure.status);

  const form = () => {
    const owner = link?.for === "owner";
    return html`<form class="setup-page" data-act="" novalidate>
      <header><p class="setup-of">${owner ? t("setup.welcome") : t("setup.join_welcome", { shop: link?.shop ?? "" })}</p><h1>${t(owner ? "setup.account_title" : "setup.join_title")}</h1><p class="setup-why">${t(owner ? "setup.account_why" : "setup.join_why")}</p></header>
      <div class="setup-fields">
        ${field("name", t("setup.your_name"), html`<input name="name" autocomplete="name" maxlength="78" required value="${typed.name ?? link?.name ?? ""}">`, t("setup.your_name_hint"), wrong.name)}
        ${owner
          ? field("email", t("desk.email"), html`<input name="email" type="email" inputmode="email" autocomplete="username" autocapitalize="none" spellcheck="false" required value="${typed.email ?? ""}">`, t("setup.email_hint"), wrong.email)
          : html`<input name="username" class="quiet" tabindex="-1" aria-hidden="true" autocomplete="username" readonly value="${link?.email ?? ""}"><p class="setup-fact"><span>${t("desk.email")}</span><b>${link?.email ?? ""}</b></p>`}
        ${field("password", t("setup.password"), html`<span class="field-row"><input name="password" type="${peek ? "text" : "password"}" autocomplete="new-password" required minlength="8" value="${password}"><button class="tool" type="button" data-act="peek" aria-pressed="${peek ? "true" : "false"}" aria-label="${t("desk.password_show")}">${icon("eye", "s")}</button></span>`, t("setup.password_hint"), wrong.password)}
      </div>
      <p class="form-bad" role="alert" ${bad ? "" : html`hidden`}>${bad}</p>
      <footer class="setup-go"><button class="btn go" type="submit" ${busy ? html`disabled aria-busy="true"` : ""}>${t(owner ? "setup.account_go" : "setup.join_go")}</button></footer>
    </form>`;
  };

  const trouble = () => {
    const title = gone() ? t("setup.link_gone") : t("setup.link_trouble");
    const over = failure instanceof ApiError && failure.status === 409;
    return html`<div class="setup-page"><header><span class="setup-mark">${icon(gone() ? "link" : "cloud-off")}</span><h1>${title}</h1><p class="setup-why">${sentence(failure)}</p></header>
      ${gone() && ownerLink() ? html`<pre class="setup-command" tabindex="0" role="textbox" aria-readonly="true" aria-label="${t("setup.command")}">${over ? "shohay superuser upsert you@example.com a-new-password" : "shohay setup"}</pre>` : ""}
      <footer class="setup-go">${gone() ? html`<button class="btn ${over ? "go" : ""}" type="button" data-act="door">${t("desk.sign_in")}</button>` : html`<button class="btn go" type="button" data-act="again">${t("common.retry")}</button>`}</footer></div>`;
  };
  const ownerLink = () => location.hash.startsWith("#/start/");

  const draw = () => {
    const owner = ownerLink();
    document.title = t(owner ? "setup.title" : "setup.join_title");
    screen.classList.toggle("is-plain", !owner);
    const steps = STEPS.map((step) => ({ step, state: /** @type {const} */ ("open"), proof: null }));
    render(screen, html`${frame({ shop: owner ? "Shohay" : (link?.shop ?? document.documentElement.dataset.shop ?? ""), steps, current: "account", links: false, later: "" })}<section class="setup-main">${failure ? trouble() : link ? form() : html`<div class="setup-page"><span class="skeleton bar-a"></span><span class="skeleton bar-b"></span></div>`}</section>`);
  };

  const look = async () => {
    failure = null;
    try {
      link = await api.post("/api/welcome", { token });
    } catch (error) {
      failure = error;
    }
    draw();
    // Who went on by keys meanwhile stays where they are.
    if (link && !screen.contains(document.activeElement)) /** @type {HTMLInputElement | null} */ (screen.querySelector("input[name=name]"))?.focus();
  };

  const leave = (/** @type {string} */ hash) => {
    history.replaceState(null, "", hash || "/desk/");
    return open();
  };

  onAct(screen, {
    peek: () => {
      peek = !peek;
      draw();
    },
    speak: (target) => {
      if (target.dataset.lang === currentLanguage()) return; // what was typed stays
      remember("lang", target.dataset.lang ?? "");
      document.dispatchEvent(new Event("shohay-language"));
    },
    again: () => void look(),
    door: () => void leave(""),
  });
  screen.addEventListener("input", (event) => {
    if (!(event.target instanceof HTMLInputElement)) return;
    if (event.target.name === "password") password = event.target.value;
    if (event.target.name === "name" || event.target.name === "email") typed[event.target.name] = event.target.value;
  });
  screen.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy || !(event.target instanceof HTMLFormElement) || !link) return;
    const data = new FormData(event.target);
    const text = (/** @type {string} */ name) => String(data.get(name) ?? "").trim();
    busy = true;
    wrong = {};
    bad = "";
    draw();
    try {
      await session.welcome({ token, email: text("email"), name: text("name"), password: String(data.get("password") ?? ""), language: currentLanguage() });
      remember("last-email", text("email") || link.email);
      return void leave(link.for === "owner" ? "#/setup/shop" : "");
    } catch (error) {
      busy = false;
      if (error instanceof ApiError && error.fields.token) failure = error;
      else if (error instanceof ApiError && Object.keys(error.fields).length) wrong = Object.fromEntries(Object.entries(error.fields).map(([name, { message }]) => [name, message.replace(/[.।]?\.$/, (end) => (end === "।." ? "।" : "."))]));
      else bad = sentence(error);
      draw();
      /** @type {HTMLInputElement | null} */ (screen.querySelector(".is-wrong input"))?.focus();
    }
  });
  draw();
  void look();
  return screen;
}
