/** Pictures at full size, one after the other. */
import { size } from "../shared/format.js";
import { flag, html, icon, onAct, render, safeUrl } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { openSheet } from "./sheet.js";

/** @param {import("../shared/types.js").FileInfo[]} pictures @param {number} start */
export function openPictures(pictures, start) {
  if (pictures.length === 0) return;
  let at = Math.max(0, start);
  const { sheet } = openSheet("lightbox", t("desk.pictures"), html`<div class="lightbox-stage" data-act="close-sheet"></div><div class="lightbox-bar"></div>`, { bare: true });
  const draw = () => {
    const picture = pictures[at];
    render(/** @type {HTMLElement} */ (sheet.querySelector(".lightbox-stage")), html`<img data-key="${picture.url}" src="${safeUrl(picture.url)}" alt="${picture.name}">`);
    render(
      /** @type {HTMLElement} */ (sheet.querySelector(".lightbox-bar")),
      html`<span class="lightbox-name">${picture.name} <small class="num">${size(picture.size)}</small></span>
        <button class="tool" type="button" data-act="previous" aria-label="${t("desk.previous")}"${flag("disabled", at === 0)}>${icon("back")}</button>
        <button class="tool" type="button" data-act="next" aria-label="${t("desk.next")}"${flag("disabled", at === pictures.length - 1)}>${icon("next")}</button>
        <a class="tool" href="${safeUrl(picture.url)}&amp;download=1" download="${picture.name}" aria-label="${t("desk.download")}">${icon("download")}</a>
        <button class="tool" type="button" data-act="close-sheet" aria-label="${t("common.close")}">${icon("close")}</button>`,
    );
  };
  const turn = (/** @type {number} */ by) => {
    at = Math.max(0, Math.min(pictures.length - 1, at + by));
    draw();
  };
  onAct(sheet, { previous: () => turn(-1), next: () => turn(1) });
  sheet.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") turn(-1);
    if (event.key === "ArrowRight") turn(1);
  });
  draw();
}
