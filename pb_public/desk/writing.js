/** What every place where answers and mails are written has: the formatting bar, links, canned replies, variables, files. */
import { size } from "../shared/format.js";
import { html, icon } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { docOf } from "./drafts.js";
import { cannedFor, fill, randomId } from "./logic.js";
import { cids, mapText } from "./rich.js";

/**
 * @typedef {import("./app.js").Desk} Desk
 * @typedef {import("./richbox.js").RichBox} RichBox
 * @typedef {import("../shared/types.js").Canned} Canned
 */

const MOST_FILES = 10;
const MOST_BYTES = 25 * 1024 * 1024;
const FORMATS = [["bold", "bold", "Ctrl B"], ["italic", "italic", "Ctrl I"], ["ul", "list", "Ctrl ⇧ 8"], ["quote", "quote", "Ctrl ⇧ 9"]];

/** The buttons that format. @param {boolean} open on a phone */
export function formatsHtml(open) {
  return html`<span class="formats ${open ? "is-open" : ""}" role="group" aria-label="${t("desk.formatting")}">
    ${FORMATS.map(([what, mark, keys]) => toolHtml("format", mark, t(`desk.format_${what}`), keys, what))}${toolHtml("link", "link", t("desk.format_link"), "Ctrl K")}</span>`;
}

/** @param {string} act @param {string} mark @param {string} label @param {string} keys @param {string} [what] */
function toolHtml(act, mark, label, keys, what = "") {
  return html`<button class="tool" type="button" data-act="${act}" data-format="${what}" tabindex="-1" aria-label="${label}" title="${label} (${keys})">${icon(mark, "s")}</button>`;
}

/** The button that opens the formatting bar where it does not fit. @param {boolean} open */
export function formatsToggle(open) {
  return html`<button class="tool only-phone" type="button" data-act="aa" aria-label="${t("desk.formatting")}" aria-expanded="${open ? "true" : "false"}">${icon("bold")}</button>`;
}

/** The files beside the text. @param {readonly File[]} files */
export function chipsHtml(files) {
  return html`${files.map((file, i) => cids.has(file) ? "" : html`<li class="chip">
    ${icon(file.type.startsWith("image/") ? "image" : "clip", "s")}<span class="file-name">${file.name}</span><span class="meta num">${size(file.size)}</span>
    <button class="tool tiny" type="button" data-act="drop-file" data-at="${i}" aria-label="${t("desk.remove_file", { name: file.name })}">${icon("close", "xs")}</button></li>`)}`;
}

/**
 * Takes files in that are not too many and not too big; pictures may stand in the text.
 * @param {Desk} desk @param {RichBox} box @param {File[]} have what is there, which grows @param {readonly File[]} files @param {boolean} inText
 */
export function takeFiles(desk, box, have, files, inText) {
  for (const file of files) {
    if (file.size > MOST_BYTES) desk.toast(t("desk.file_too_big", { name: file.name, limit: size(MOST_BYTES) }), { bad: true });
    else if (have.length >= MOST_FILES) desk.toast(t("desk.files_too_many", { n: MOST_FILES }), { bad: true });
    else {
      have.push(file);
      if (!inText || !/^image\/(png|jpeg|gif|webp)$/.test(file.type)) continue;
      const cid = `p${randomId().slice(0, 16)}`;
      cids.set(file, cid);
      box.insertPicture(cid, file);
    }
  }
}

/** Asks for the address of a link. @param {Desk} desk @param {RichBox} box @param {HTMLElement} anchor @param {() => void} done */
export async function linkMenu(desk, box, anchor, done) {
  const range = box.range?.cloneRange() ?? null;
  const [{ openMenu }] = await Promise.all([import("./menu.js"), addTexts("deskmore")]);
  openMenu(anchor, {
    title: t("deskmore.link"),
    choices: () => (box.linkHere ? [{ id: "none", label: t("deskmore.link_remove"), mark: icon("close", "s") }] : []),
    foot: html`<form class="menu-form"><label><span>${t("deskmore.link_address")}</span>
      <input type="text" inputmode="url" name="href" value="${box.linkHere}" placeholder="https://" autocomplete="off" autocapitalize="none" spellcheck="false" required></label>
      <button class="btn go" type="submit">${t("common.save")}</button></form>`,
    ready: (menu, close) => {
      const input = /** @type {HTMLInputElement} */ (menu.querySelector("[name=href]"));
      setTimeout(() => input.focus());
      menu.querySelector("form")?.addEventListener("submit", (event) => {
        event.preventDefault();
        const typed = input.value;
        close();
        if (!box.link(typed, range)) desk.toast(t("deskmore.link_bad"), { bad: true });
        done();
      });
    },
    pick: () => {
      box.link("", range);
      done();
    },
  });
}

/**
 * The canned replies to choose from.
 * @param {Desk} desk @param {RichBox} box @param {HTMLElement} anchor @param {string} language @param {(reply: Canned) => void} insert @param {boolean} [keeps] whether they can be changed from here
 */
export async function cannedMenu(desk, box, anchor, language, insert, keeps = true) {
  const { openMenu } = await import("./menu.js");
  /** @param {Canned} reply */
  const choice = (reply) => ({
    id: reply.id, label: reply.title,
    hint: reply.shortcut ? `/${reply.shortcut.replace(/^\//, "")}` : (reply.folder ?? ""),
    find: `${reply.folder ?? ""} ${reply.text}`,
  });
  openMenu(anchor, {
    title: t("desk.canned"),
    filter: true,
    choices: () => [
      ...cannedFor(desk.store.boot.canned, "", language).map(choice),
      ...(!keeps || box.isEmpty ? [] : [{ id: "save", label: t("desk.canned_save"), mark: icon("plus", "s") }]),
      ...(keeps ? [{ id: "manage", label: t("desk.canned_manage"), mark: icon("settings", "s") }] : []),
    ],
    pick: (id) => {
      const reply = desk.store.boot.canned.find((other) => other.id === id);
      setTimeout(() => (reply ? insert(reply) : desk.run(id === "save" ? "canned-save" : "canned-manage")));
    },
  });
}

/** Puts a canned reply at the caret, its variables filled. @param {RichBox} box @param {Canned} reply @param {Record<string, string>} values */
export function insertCanned(box, reply, values) {
  const known = { ...values };
  for (const name of ["contact.name", "contact.first_name"]) {
    if (!new RegExp(`\\{\\{\\s*${name}\\s*\\|`).test(reply.text)) known[name] ||= t("desk.variable_customer");
  }
  box.insertDoc(mapText(docOf({ text: reply.text, html: reply.html ?? "" }), (text) => fill(text, known)));
}

/** Whether something in {{braces}} is left in a text. @param {string} text */
export function hasOpen(text) {
  return /\{\{[^{}\n]{0,80}\}\}/.test(text);
}

/** Begins an offer as if its mark was typed. @param {RichBox} box @param {"@" | "#"} mark */
export function beginMark(box, mark) {
  box.focus();
  const before = box.value.slice(0, box.selectionStart);
  box.insertText(`${before && !/\s$/.test(before) ? " " : ""}${mark}`);
}

/**
 * What variables stand for.
 * @param {Desk} desk @param {{name?: string, email?: string, phone?: string, number?: string, subject?: string}} about
 * @returns {Record<string, string>}
 */
export function variables(desk, { name = "", email = "", phone = "", number = "", subject = "" }) {
  const { me, boot } = desk.store;
  return {
    "contact.name": name, "contact.first_name": name.split(/\s+/)[0], "contact.email": email, "contact.phone": phone,
    "agent.name": me.name, "agent.first_name": me.name.split(/\s+/)[0],
    number, "conversation.number": number && `#${number}`, "conversation.subject": subject, "shop.name": boot.shop.name,
  };
}
