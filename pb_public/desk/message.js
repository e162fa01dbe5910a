/** One message of a conversation as markup. */
import { clock, full, size } from "../shared/format.js";
import { Html, html, icon, safeUrl } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { told } from "./told.js";
import { eventWords, linkify, splitQuote } from "./logic.js";
import { cids, richMarkup } from "./rich.js";
import { marked } from "./mentions.js";

/**
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").Look} Look
 */

/** @param {string} text */
export function prose(text) {
  return html`${linkify(text).map((piece) => (piece.href ? html`<a href="${safeUrl(piece.href)}" target="_blank" rel="noopener noreferrer nofollow">${piece.text}</a>` : piece.text))}`;
}

/** @param {import("../shared/types.js").FileInfo[]} files @param {string} id */
function attachments(files, id) {
  files = files.filter((file) => !file.cid || !file.image); // the others stand in the text
  if (files.length === 0) return "";
  const images = files.filter((file) => file.image);
  const others = files.filter((file) => !file.image);
  return html`<div class="files">
    ${images.map((file) => {
      const scale = Math.min(1, 280 / file.width, 220 / file.height);
      const shape = file.width > 0 && file.height > 0 ? html` width="${Math.round(file.width * scale)}" height="${Math.round(file.height * scale)}"` : "";
      return html`<button class="shot" type="button" data-act="picture" data-message="${id}" data-url="${file.url}" aria-label="${t("desk.open_picture", { name: file.name })}"><img src="${safeUrl(file.url)}" alt="${file.name}" loading="lazy"${shape}></button>`;
    })}
    ${others.map((file) =>
      file.url === "" ? html`<span class="file is-gone" title="${t("desk.file_not_kept")}">${icon("block")}<span class="file-name">${file.name}</span></span>` : html`<a class="file" href="${safeUrl(file.url)}" target="_blank" rel="noopener"${/^(audio|video)\/|^application\/pdf$|^text\/(plain|csv)$/.test(file.type) ? html` data-act="picture" data-url="${file.url}"` : ""}>${icon("file")}<span class="file-name">${file.name}</span><span class="meta num">${size(file.size)}</span>${icon("download", "s")}</a>`,
    )}
  </div>`;
}

/**
 * What a message's writer wrote, what is folded below it, and what was added to it. The server says where a mail is to be
 * folded; of mails that came before it did, the quoted history is looked for here.
 * @param {Message} message
 */
export function partsOf(message) {
  const { text, channel, evidence } = message;
  const fold = evidence?.body;
  if (fold?.end && fold.end <= text.length) return { own: text.slice(0, fold.own ?? 0), quoted: text.slice(fold.own ?? 0, fold.end).trim(), rest: text.slice(fold.end).trim() };
  return { ...(channel === "email" && !evidence?.verdict ? splitQuote(text) : { own: text, quoted: "" }), rest: "" };
}

/** @param {Message} message @param {Look} look */
function body(message, look) {
  const formatted = message.has_html && (look.format === "formatted" || (look.format === "auto" && !message.text.trim()));
  if (formatted) return html`<mail-frame class="mail-frame" data-message="${message.id}" data-contact="${message.kind === "incoming" ? message.author.id : ""}"></mail-frame>`;
  const said = (/** @type {Html} */ markup) => (message.mentions?.length ? new Html(marked(markup.text, message.mentions, look.store.me.id)) : markup);
  if (message.html) return html`<div class="bubble is-rich" dir="auto">${said(richMarkup(message.html, message.files ?? []))}</div>`;
  const { own, quoted, rest } = partsOf(message);
  if (!own.trim() && !quoted) return "";
  if (message.kind === "outgoing" && message.automatic && message.channel !== "chat") return html`<details class="bubble folded" dir="auto"><summary>${own.trim().replace(/\s+/g, " ").slice(0, 160)}</summary><div>${prose(own)}</div></details>`;
  return html`<div class="bubble" dir="auto">${said(prose(own))}${quoted ? html`<details class="quoted"><summary aria-label="${t("desk.show_quoted")}" title="${t("desk.show_quoted")}"><i></i><i></i><i></i></summary><div>${prose(quoted)}</div></details>` : ""}${rest ? html`<div class="added">${prose(rest)}</div>` : ""}</div>`;
}

/** The state of a sent message in words. @param {Message} message @param {Look} look */
function delivery(message, look) {
  const state = message.kind === "outgoing" && look.readTo >= message.seq && message.channel === "chat" && message.delivery !== "failed" ? "read" : (message.delivery ?? "");
  if (!state) return "";
  const detail = told(message.delivery_detail ?? "", look.store);
  const words = t(`desk.delivery_${state}`);
  if (state === "failed" || state === "uncertain") {
    return html`<span class="fate is-${state}" title="${detail}">${icon(state === "failed" ? "alert" : "help", "xs")}<span>${words}${detail ? html`: ${detail}` : ""}</span></span>
      <button class="link" type="button" data-act="retry-delivery" data-id="${message.id}">${t("common.retry")}</button>`;
  }
  const mark = { queued: "clock", sending: "clock", sent: "check", delivered: "checks", read: "checks" }[state] ?? "check";
  return html`<span class="fate is-${state}" title="${detail || words}">${icon(mark, "xs")}<span>${detail && /^(queued|sending|sent)$/.test(state) ? detail : words}</span></span>`;
}

/** What a reader must know of a mail before believing it. @param {Message} message @param {Look} look */
function warnings(message, look) {
  if (message.kind !== "incoming") return "";
  if (look.mail) return look.mail.notesHtml(message, look);
  return html`${message.trust === "unverified" ? html`<p class="caution" title="${t("desk.unverified_hint")}">${icon("shield", "s")}${t("desk.unverified")}</p>` : ""}
    ${message.trust === "other" ? html`<p class="caution" title="${t("desk.other_sender_hint")}">${icon("shield", "s")}${t("desk.other_sender", { from: message.from ?? "" })}</p>` : ""}`;
}

/** A subject without its Re: and Fwd:. @param {string} subject */
function bareSubject(subject) {
  return subject.replace(/^(\s*(re|fwd?|aw|উত্তর)\s*[::]\s*)+/i, "").trim();
}

/** @param {Message} message @param {Look} look */
export function messageHtml(message, look) {
  if (message.kind === "event") {
    const said = look.mail?.eventHtml(message, look) ?? null;
    const words = said ?? eventWords(message, (id) => look.store.agentName(id), (id) => look.store.tagName(id));
    return html`<div class="event ${said && look.mail?.isTrouble(message) ? "is-bad" : ""}" data-seq="${message.seq}"><span>${words}</span> <time class="num" datetime="${message.created}" title="${full(message.created)}">${clock(message.created)}</time></div>`;
  }
  const side = message.kind === "incoming" ? "in" : message.kind === "note" ? "note" : "out";
  const mail = message.channel === "email";
  const bot = message.author.kind === "bot" ? t("desk.bot") : "";
  const who = message.kind === "incoming" ? (mail || message.trust ? message.from || message.author.name : "") : message.author.id === look.store.me.id ? t("desk.you") : bot || message.author.name;
  return html`<article class="msg ${side} ${look.aimed ? "is-aimed" : ""} ${look.follows ? "is-next" : ""}" data-seq="${message.seq}" aria-label="${message.author.name || t("desk.visitor")}, ${clock(message.created)}">
    ${warnings(message, look)}
    ${mail && message.kind === "incoming" && bareSubject(message.subject ?? "") !== bareSubject(look.subject) && message.subject ? html`<div class="msg-subject">${message.subject}</div>` : ""}
    ${body(message, look)}
    ${attachments(message.files ?? [], message.id)}
    ${look.goesOn && !/^(failed|uncertain)$/.test(message.delivery ?? "") && !message.has_html && !message.raw ? "" : html`<footer class="meta">
      ${who ? html`<span class="meta-who">${who}</span>` : ""}
      ${message.kind === "note" ? html`<span>${t("desk.only_staff")}</span>` : ""}
      ${message.automatic && !bot ? html`<span>${t("desk.automatic")}</span>` : ""}
      <time class="num" datetime="${message.created}" title="${full(message.created)}">${clock(message.created)}</time>
      ${delivery(message, look)}
      <button class="tool tiny msg-more" type="button" data-act="message-menu" data-id="${message.id}" aria-label="${t("desk.message_more")}" aria-haspopup="menu">${icon("more", "s")}</button>
    </footer>`}
  </article>`;
}

/** A message that the server does not have yet. @param {import("./types.js").Unsent} item */
export function unsentHtml(item) {
  const failed = item.state === "failed";
  return html`<article class="msg ${item.kind === "note" ? "note" : "out"} is-unsent" aria-busy="${failed ? "false" : "true"}">
    ${item.html ? html`<div class="bubble is-rich" dir="auto">${richMarkup(item.html, [])}</div>` : item.text ? html`<div class="bubble" dir="auto">${prose(item.text)}</div>` : ""}
    ${item.files.some((file) => !cids.has(file)) ? html`<div class="files">${item.files.filter((file) => !cids.has(file)).map((file) => html`<span class="file">${icon("clip")}<span class="file-name">${file.name}</span><span class="meta num">${size(file.size)}</span></span>`)}</div>` : ""}
    <footer class="meta">
      ${failed
        ? html`<span class="fate is-failed">${icon("alert", "xs")}<span>${t("desk.not_sent")}${item.error ? html`: ${item.error}` : ""}</span></span>
          <button class="link" type="button" data-act="resend" data-id="${item.client_id}">${t("common.retry")}</button>
          <button class="link" type="button" data-act="take-back" data-id="${item.client_id}">${t("desk.take_back")}</button>`
        : html`<span class="fate">${icon("clock", "xs")}<span>${item.state === "sending" ? t("desk.sending") : t("desk.waits_for_line")}</span></span>`}
    </footer>
  </article>`;
}

