/** Something in braces that nothing was put in for, before an answer goes out with it. */
import { html, icon, onAct } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { openSheet } from "./sheet.js";
import { braced } from "./variables.js";

/**
 * @param {import("./app.js").Desk} desk @param {string} text @param {{anyway: () => void, look: () => void}} ways closing the sheet is looking first
 */
export async function openUnfilled(desk, text, { anyway, look }) {
  const found = braced(text);
  await addTexts("deskmore");
  const { sheet, close } = openSheet(
    "overtaken",
    t("deskmore.unfilled_title"),
    html`<div class="sheet-body"><p class="overtaken-hint">${t("deskmore.unfilled_hint")}</p>
      <ul class="facts unfilled">${found.map((whole) => html`<li><code>${whole}</code></li>`)}</ul>
      <footer class="sheet-foot"><button class="btn" type="button" data-act="anyway">${t("desk.send_anyway")}</button><button class="btn go" type="button" data-act="look">${icon("pen", "s")}${t("deskmore.unfilled_look")}</button></footer></div>`,
  );
  let sent = false;
  sheet.addEventListener("close", () => sent || look());
  onAct(sheet, {
    anyway: () => {
      sent = true;
      close();
      anyway();
    },
    look: close,
  });
  /** @type {HTMLElement} */ (sheet.querySelector("[data-act=look]")).focus();
}
