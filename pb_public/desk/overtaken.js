/** Others wrote while an answer was being written: what they wrote, before it is sent. */
import { age } from "../shared/format.js";
import { html, icon, onAct } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { nameOf } from "./logic.js";
import { prose } from "./message.js";
import { face, loadStyle } from "./parts.js";
import { richMarkup } from "./rich.js";
import { openSheet } from "./sheet.js";

/** @typedef {import("../shared/types.js").Message} Message */

/**
 * @param {import("./app.js").Desk} desk @param {string} conversation @param {readonly Message[]} messages
 * @param {{anyway: () => void, look: () => void}} ways closing the sheet is looking first
 */
export async function openOvertaken(desk, conversation, messages, { anyway, look }) {
  await Promise.all([addTexts("deskmore"), loadStyle("team")]);
  const row = desk.store.rows.get(conversation);
  const customer = row ? nameOf(row.contact) : t("desk.visitor");
  const whose = (/** @type {Message} */ message) => (message.kind === "incoming" ? message.author.name || customer : message.author.name || t("desk.bot"));
  const colleague = messages.find((message) => message.kind !== "incoming");
  const { sheet, close } = openSheet(
    "overtaken",
    colleague ? t("deskmore.overtaken_answered", { name: whose(colleague) }) : t("deskmore.overtaken_wrote", { name: customer }),
    html`<div class="sheet-body">
      <p class="overtaken-hint">${t("deskmore.overtaken_hint")}</p>
      <ol class="overtaken-list" aria-label="${t("deskmore.overtaken_list")}">${messages.map((message) => html`<li class="${message.kind === "incoming" ? "is-in" : "is-out"}">
        <header>${face({ id: message.author.id, name: whose(message), avatar: message.author.avatar }, "xs")}<b>${whose(message)}</b><time class="num" datetime="${message.created}">${age(message.created)}</time></header>
        <div dir="auto">${message.html ? richMarkup(message.html, message.files ?? []) : prose(message.text.trim().slice(0, 1200))}${(message.files ?? []).map((file) => html`<span class="file">${icon("clip", "s")}<span class="file-name">${file.name}</span></span>`)}</div></li>`)}</ol>
      <footer class="sheet-foot"><button class="btn" type="button" data-act="anyway">${t("desk.send_anyway")}</button><button class="btn go" type="button" data-act="look">${t("deskmore.overtaken_look")}</button></footer>
    </div>`,
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

/**
 * The server stopped an answer that had been sent already as far as the desk knew.
 * @param {import("./app.js").Desk} desk @param {import("./types.js").Unsent} item @param {Message[]} messages
 */
export function stopped(desk, item, messages) {
  for (const message of messages) desk.store.receive("message", message);
  const { conversation } = item;
  return openOvertaken(desk, conversation, messages, {
    anyway: () => desk.sender.send({ ...item, anyway: true }),
    look: () => {
      const put = () => {
        const { composer } = desk.app.talk;
        if (composer?.conversation !== conversation) return false;
        composer.put(item);
        return true;
      };
      if (put()) return;
      // It is on another page now: back there, and the text with it.
      const row = desk.store.rows.get(conversation);
      if (row) desk.go("all", row.number);
      let tries = 0;
      const timer = setInterval(() => (put() || ++tries > 100) && clearInterval(timer), 50);
    },
  });
}
