/** For owners: words that customers use for the same, which the search goes by. */
import { sentence } from "../shared/api.js";
import { html } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { loadStyle } from "./parts.js";
import { openSheet } from "./sheet.js";

/** @param {import("./app.js").Desk} desk */
export async function openSynonyms(desk) {
  await Promise.all([addTexts("deskmore"), ...["sheet", "form", "boxes"].map(loadStyle)]);
  /** @type {{own: string, supplied: string}} */
  const { own, supplied } = await desk.api.get("/api/desk/articles/synonyms");
  const { sheet, close } = openSheet(
    "synonyms",
    t("deskmore.synonyms_title"),
    html`<form class="sheet-body" novalidate>
      <label class="field"><span class="quiet">${t("deskmore.synonyms_title")}</span>
        <textarea name="synonyms" rows="16" spellcheck="false" dir="auto" maxlength="40000" aria-describedby="synonyms-hint">${own.trim() ? own : supplied}</textarea>
        <small id="synonyms-hint">${t("deskmore.synonyms_hint")}</small></label>
      <p class="form-bad" role="alert" hidden></p>
      <footer class="sheet-foot">
        <button class="btn" type="button" data-act="supplied">${t("deskmore.synonyms_reset")}</button>
        <button class="btn" type="button" data-act="close-sheet">${t("common.cancel")}</button>
        <button class="btn go" type="submit">${t("common.save")}</button>
      </footer></form>`,
  );
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  const words = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("synonyms"));
  const bad = /** @type {HTMLElement} */ (sheet.querySelector(".form-bad"));
  sheet.querySelector("[data-act=supplied]")?.addEventListener("click", () => {
    words.value = supplied;
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    // The supplied list is not copied, so that it grows with later releases.
    const synonyms = words.value.trim() === supplied.trim() ? "" : words.value;
    try {
      await desk.api.patch("/api/collections/shop/records/shop00000000001", { synonyms });
      desk.toast(t("deskmore.synonyms_saved"));
      close();
    } catch (error) {
      bad.textContent = sentence(error);
      bad.hidden = false;
    }
  });
}
