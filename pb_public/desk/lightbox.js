/** Files at full size, one after the other: pictures, PDF, sound, video and text. */
import { size } from "../shared/format.js";
import { flag, html, icon, onAct, render, safeUrl } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { openSheet } from "./sheet.js";

const MOST_TEXT = 200_000;

/** @typedef {import("../shared/types.js").FileInfo} FileInfo */

/** How a file can be shown here, "" for one that can only be downloaded. @param {FileInfo} file @returns {"" | "image" | "pdf" | "audio" | "video" | "text"} */
export function shownAs(file) {
  if (!file.url) return "";
  if (file.image) return "image";
  if (file.type === "application/pdf") return "pdf";
  if (/^audio\/(mpeg|mp4|aac|ogg|wav|x-wav|webm|flac|x-m4a)$/.test(file.type)) return "audio";
  if (/^video\/(mp4|webm|ogg|quicktime)$/.test(file.type)) return "video";
  return /^text\/(plain|csv)$/.test(file.type) || file.type === "application/json" ? "text" : "";
}

/** @param {FileInfo} file */
function stage(file) {
  const url = safeUrl(file.url);
  switch (shownAs(file)) {
    case "image":
      return html`<img data-key="${url}" data-act="zoom" src="${url}" alt="${file.name}">`;
    case "pdf":
      return html`<iframe data-key="${url}" src="${url}" title="${file.name}" referrerpolicy="no-referrer"></iframe>`;
    case "audio":
      return html`<audio data-key="${url}" src="${url}" controls preload="metadata"></audio>`;
    case "video":
      return html`<video data-key="${url}" src="${url}" controls preload="metadata" playsinline></video>`;
    case "text":
      return html`<pre data-key="${url}" class="lightbox-text" tabindex="0" dir="auto" data-keep></pre>`;
    default:
      return html`<p data-key="${url}" class="lightbox-none">${icon("file")}${t("desk.file_no_preview")}</p>`;
  }
}

/** @param {FileInfo[]} files @param {number} start */
export function openPictures(files, start) {
  if (files.length === 0) return;
  let at = Math.max(0, start);
  const { sheet } = openSheet("lightbox", t("desk.pictures"), html`<div class="lightbox-stage" data-act="close-sheet"></div><div class="lightbox-bar"></div>`, { bare: true });
  const place = /** @type {HTMLElement} */ (sheet.querySelector(".lightbox-stage"));
  const draw = () => {
    const file = files[at];
    place.classList.remove("is-zoomed");
    render(place, stage(file));
    const text = place.querySelector("pre");
    if (text && !text.textContent) {
      fetch(file.url).then((answer) => (answer.ok ? answer.text() : "")).then((read) => (text.textContent = read.length > MOST_TEXT ? `${read.slice(0, MOST_TEXT)}…` : read), () => (text.textContent = t("common.error_network")));
    }
    render(
      /** @type {HTMLElement} */ (sheet.querySelector(".lightbox-bar")),
      html`<span class="lightbox-name">${file.name} <small class="num">${size(file.size)}</small></span>
        <small class="num lightbox-at">${t("desk.file_of", { at: at + 1, n: files.length })}</small>
        <button class="tool" type="button" data-act="previous" aria-label="${t("desk.previous")}"${flag("disabled", at === 0)}>${icon("back")}</button>
        <button class="tool" type="button" data-act="next" aria-label="${t("desk.next")}"${flag("disabled", at === files.length - 1)}>${icon("next")}</button>
        <a class="tool" href="${safeUrl(file.url)}&amp;download=1" download="${file.name}" aria-label="${t("desk.download")}">${icon("download")}</a>
        <button class="tool" type="button" data-act="close-sheet" aria-label="${t("common.close")}">${icon("close")}</button>`,
    );
  };
  const turn = (/** @type {number} */ by) => {
    at = Math.max(0, Math.min(files.length - 1, at + by));
    draw();
  };
  onAct(sheet, {
    previous: () => turn(-1),
    next: () => turn(1),
    zoom: (_target, event) => {
      event.stopPropagation();
      place.classList.toggle("is-zoomed");
    },
  });
  sheet.addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLMediaElement) return; // the arrows are its own
    if (event.key === "ArrowLeft") turn(-1);
    if (event.key === "ArrowRight") turn(1);
    if (event.key === "Home") turn(-files.length);
    if (event.key === "End") turn(files.length);
  });
  draw();
}
