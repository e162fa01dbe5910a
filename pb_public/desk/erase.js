/** For owners: takes a customer's data along, or erases them for good. */
import { sentence } from "../shared/api.js";
import { html, icon, onAct } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { download } from "./download.js";
import { nameOf } from "./logic.js";
import { openSheet } from "./sheet.js";

/** @param {import("./app.js").Desk} desk @param {import("../shared/types.js").Contact} contact */
export async function openErase(desk, contact) {
  await addTexts("deskmore");
  const number = contact.customer_no || contact.id;
  const name = contact.name || nameOf(/** @type {any} */ (contact));
  const { sheet, close } = openSheet(
    "erase",
    t("deskmore.erase_title", { name }),
    html`<form class="sheet-body" novalidate>
      <p>${t("deskmore.erase_what")}</p>
      <p>${t("deskmore.erase_backups")}</p>
      <p><button class="btn" type="button" data-act="archive">${icon("download", "s")}${t("deskmore.erase_archive")}</button></p>
      <label class="field"><span>${t("deskmore.erase_number", { number })}</span><input name="number" autocomplete="off" autocapitalize="none" spellcheck="false"></label>
      <p class="form-bad" role="alert" hidden></p>
      <footer class="sheet-foot"><button class="btn" type="button" data-act="close-sheet">${t("common.cancel")}</button><button class="btn bad" type="submit">${t("deskmore.erase_do")}</button></footer></form>`,
  );
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  const bad = /** @type {HTMLElement} */ (sheet.querySelector(".form-bad"));
  const button = /** @type {HTMLButtonElement} */ (sheet.querySelector("[type=submit]"));
  onAct(sheet, { archive: () => void download(desk, `/api/desk/contacts/${contact.id}/archive`, `${number.toLowerCase()}.zip`) });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      // Years of conversations take a while.
      await desk.api.call("DELETE", `/api/desk/contacts/${contact.id}`, { number: String(new FormData(form).get("number") ?? "").trim() }, { timeout: 180_000 });
      close();
      desk.go(desk.store.view);
      desk.toast(t("deskmore.erase_done", { number }));
      void desk.store.relist();
    } catch (error) {
      bad.textContent = sentence(error);
      bad.hidden = false;
      button.disabled = false;
      /** @type {HTMLElement | null} */ (form.querySelector("input"))?.focus();
    }
  });
}
