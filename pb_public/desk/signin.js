/** The door of the desk. */
import { ApiError } from "../shared/api.js";
import { html, icon, render } from "../shared/html.js";
import { addTexts, currentLanguage, LANGUAGES, t } from "../shared/i18n.js";
import { loadStyle } from "./parts.js";
import { recall, remember } from "./prefs.js";

await Promise.all(["form", "door"].map(loadStyle));

/**
 * @param {import("./session.js").Session} session
 * @param {() => Promise<void>} open
 */
export function signInScreen(session, open) {
  const screen = document.createElement("main");
  screen.className = "cover";
  const shop = document.documentElement.dataset.shop ?? "";
  document.title = shop ? `${t("desk.sign_in")} · ${shop}` : t("desk.sign_in");
  screen.innerHTML = html`<form class="cover-box door" method="post" novalidate>
      <span class="door-mark">${[...(shop.trim() || "স")][0]}</span>
      <h1>${shop || t("desk.desk")}</h1>
      <p class="door-hint">${t("desk.sign_in_hint")}</p>
      <label class="field"><span>${t("desk.email")}</span><input name="identity" type="email" inputmode="email" autocomplete="username" autocapitalize="none" spellcheck="false" required value="${recall("last-email")}"></label>
      <label class="field"><span>${t("desk.password")}</span><span class="field-row"><input name="password" type="password" autocomplete="current-password" required><button class="tool" type="button" data-peek aria-label="${t("desk.password_show")}" aria-pressed="false">${icon("eye", "s")}</button></span></label>
      <div class="door-code"></div>
      <label class="check"><input type="checkbox" name="lasting" checked><span>${t("desk.stay")}</span></label>
      <p class="form-bad" role="alert" hidden></p>
      <button class="btn go wide" type="submit">${t("desk.sign_in")}</button>
      <p class="door-langs">${Object.entries(LANGUAGES).map(([id, name]) => html`<button class="link" type="button" lang="${id}" data-lang="${id}" ${id === currentLanguage() ? html`aria-current="true"` : ""}>${name}</button>`)}</p>
    </form>`.text;
  const form = /** @type {HTMLFormElement} */ (screen.querySelector("form"));
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  const bad = /** @type {HTMLElement} */ (form.querySelector(".form-bad"));
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]"));
  const peek = /** @type {HTMLButtonElement} */ (form.querySelector("[data-peek]"));

  peek.addEventListener("click", () => {
    const shown = field("password").type === "password";
    field("password").type = shown ? "text" : "password";
    peek.setAttribute("aria-pressed", String(shown));
    field("password").focus();
  });
  for (const choice of form.querySelectorAll("[data-lang]")) {
    choice.addEventListener("click", () => {
      remember("lang", /** @type {HTMLElement} */ (choice).dataset.lang ?? "");
      document.dispatchEvent(new Event("shohay-language"));
    });
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const identity = field("identity").value.trim();
    const password = field("password").value;
    const complain = (/** @type {string} */ words, /** @type {string} */ name) => {
      bad.textContent = words;
      bad.hidden = false;
      field(name).focus();
      field(name).select();
    };
    bad.hidden = true;
    if (!identity) return complain(t("desk.email_missing"), "identity");
    if (!password) return complain(t("desk.password_missing"), "password");
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      await session.signIn(identity, password, field("lasting").checked, field("code")?.value.trim() ?? "");
      remember("last-email", identity);
      session.typed = password;
      await open();
    } catch (error) {
      const status = error instanceof ApiError ? error.status : -1;
      const code = error instanceof ApiError ? error.fields.code : undefined;
      if (code && !field("code")) {
        // The password is right; one thing more is wanted.
        await Promise.all([addTexts("session"), loadStyle("security")]);
        const { codeField } = await import("./second.js");
        render(/** @type {HTMLElement} */ (form.querySelector(".door-code")), codeField(t("session.code"), t("session.code_hint")));
        field("code").focus();
      } else if (code) complain(code.message, "code");
      else if (status === 400 || status === 401 || status === 403) complain(t("desk.sign_in_wrong"), "password");
      else complain(status === 429 ? t("desk.sign_in_often") : t("common.error_network"), "password");
    }
    button.disabled = false;
    button.removeAttribute("aria-busy");
  });
  queueMicrotask(() => setTimeout(() => field(recall("last-email") ? "password" : "identity").focus()));
  return screen;
}
