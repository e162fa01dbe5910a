/** For owners: what the closed chat says by itself, where and when, with a picture of it. */
import { sentence } from "../shared/api.js";
import { flag, html, icon, render } from "../shared/html.js";
import { addTexts, currentLanguage, fetchTexts, LANGUAGES, t } from "../shared/i18n.js";
import { greetsOn, pagesOf, pathOf, wrongPages } from "./greetwords.js";
import { loadStyle } from "./parts.js";
import { openSheet } from "./sheet.js";

const PATH = "/api/collections/shop/records/shop00000000001";

/** @param {import("./app.js").Desk} desk */
export async function openGreeting(desk) {
  await Promise.all([addTexts("greeting", "widget", "deskmore"), loadStyle("boxes"), loadStyle("greeting")]);
  const { api } = desk;
  const shop = await api.get(PATH);
  const languages = desk.store.boot.shop.languages.filter((lang) => lang in LANGUAGES);
  /** What it says where the owner writes nothing. @type {Record<string, string>} */
  const ours = {};
  for (const lang of languages) ours[lang] = lang === currentLanguage() ? t("widget.greet") : String((await fetchTexts(lang, ["widget"])).widget.greet);
  let shown = languages.includes(currentLanguage()) ? currentLanguage() : (languages[0] ?? "en");
  /** @type {Record<string, string>} */
  const texts = { ...shop.greet_texts };
  const { sheet, close } = openSheet(
    "greeting",
    t("desk.greeting"),
    html`<form class="sheet-body" method="dialog" novalidate>
      <label class="switch"><span><b>${t("greeting.on")}</b><small>${t("greeting.on_hint")}</small></span><input type="checkbox" role="switch" name="enabled"${flag("checked", shop.greet_enabled)}></label>
      <div class="template-panes"><div class="template-words">
        ${languages.map((lang) => html`<label class="field"><span>${t("greeting.text")} (${LANGUAGES[lang]})</span>
          <textarea name="text_${lang}" rows="2" maxlength="200" lang="${lang}" dir="auto" placeholder="${ours[lang]}">${texts[lang] ?? ""}</textarea></label>`)}
        <label class="field"><span>${t("greeting.after")}</span><span class="greet-after"><input name="after" inputmode="numeric" maxlength="4" value="${shop.greet_after || 20}" autocomplete="off"><span>${t("greeting.seconds")}</span></span></label>
        <label class="field"><span>${t("greeting.pages")}</span><textarea name="pages" rows="3" spellcheck="false" autocapitalize="none" placeholder="/cart&#10;/product/*">${shop.greet_pages ?? ""}</textarea><small>${t("greeting.pages_hint")}</small></label>
        <label class="field"><span>${t("greeting.try")}</span><input name="try" autocomplete="off" inputmode="url" placeholder="https://shop.example/cart"><output class="greet-said"></output></label>
      </div><div class="greet-view" aria-live="polite"></div></div>
      <p class="form-bad" role="alert" hidden></p>
      <footer class="sheet-foot"><button class="btn" type="button" data-act="close-sheet">${t("common.cancel")}</button><button class="btn go" type="submit">${t("common.save")}</button></footer>
    </form>`,
  );
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  const view = /** @type {HTMLElement} */ (sheet.querySelector(".greet-view"));
  const said = /** @type {HTMLOutputElement} */ (sheet.querySelector(".greet-said"));
  const bad = /** @type {HTMLElement} */ (sheet.querySelector(".form-bad"));
  const words = (/** @type {string} */ name) => String(new FormData(form).get(name) ?? "").replace(/[০-৯]/g, (digit) => String(digit.charCodeAt(0) - 0x9e6));
  const complain = (/** @type {string} */ text) => {
    bad.textContent = text;
    bad.hidden = !text;
  };

  const draw = () => {
    const on = new FormData(form).has("enabled");
    const own = String(new FormData(form).get(`text_${shown}`) ?? "").trim();
    const text = own || (ours[shown] ?? "");
    const colour = /^#[0-9a-f]{6}$/i.test(shop.colour) ? shop.colour : "#006a4e";
    render(
      view,
      html`<div class="greet-langs">${languages.length > 1 ? languages.map((lang) => html`<button type="button" class="link" data-key="${lang}" data-lang="${lang}" aria-pressed="${lang === shown ? "true" : "false"}" lang="${lang}">${LANGUAGES[lang]}</button>`) : ""}</div>
        <div class="greet-page ${shop.widget_position === "left" ? "is-left" : ""} ${on ? "" : "is-off"}" data-var="--shop:${colour}" role="img" aria-label="${t("greeting.view")}">
          <i class="greet-line"></i><i class="greet-line"></i><i class="greet-box"></i><i class="greet-line is-short"></i>
          ${on ? html`<p class="greet-bubble" lang="${shown}" dir="auto"><span>${text}</span>${icon("close", "s")}</p>` : html`<p class="greet-none">${t("greeting.off")}</p>`}
          <span class="greet-launch">${icon("chat")}</span></div>`,
    );
    const path = pathOf(words("try"));
    said.textContent = !path ? "" : t(greetsOn(pagesOf(words("pages")), path) ? "greeting.greets" : "greeting.silent", { page: path });
  };
  view.addEventListener("click", (event) => {
    const lang = event.target instanceof HTMLElement ? event.target.dataset.lang : "";
    if (!lang) return;
    shown = lang;
    draw();
  });
  form.addEventListener("focusin", (event) => {
    const lang = event.target instanceof HTMLTextAreaElement && event.target.name.startsWith("text_") ? event.target.name.slice(5) : "";
    if (!lang || lang === shown) return;
    shown = lang;
    draw();
  });
  form.addEventListener("input", () => {
    complain("");
    draw();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const pages = pagesOf(words("pages"));
    const wrong = wrongPages(pages);
    if (wrong) return complain(t(`greeting.pages_${wrong}`, { page: pages.find((page) => !page.startsWith("/") && !page.startsWith("*")) ?? "" }));
    const after = Number(words("after"));
    if (!Number.isInteger(after) || after < 5 || after > 3600) return complain(t("greeting.after_wrong"));
    for (const lang of languages) texts[lang] = String(new FormData(form).get(`text_${lang}`) ?? "").trim();
    try {
      await api.patch(PATH, { greet_enabled: new FormData(form).has("enabled"), greet_texts: texts, greet_pages: pages.join("\n"), greet_after: after });
      desk.toast(t("greeting.saved"));
      close();
    } catch (error) {
      complain(sentence(error));
    }
  });
  draw();
}
