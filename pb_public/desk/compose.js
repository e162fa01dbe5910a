/** Writing to somebody first, by e-mail. */
import { sentence, withQuery } from "../shared/api.js";
import { upcoming } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { docOf } from "./drafts.js";
import { randomId } from "./logic.js";
import { Offers } from "./offers.js";
import { face, loadStyle } from "./parts.js";
import { recall, remember } from "./prefs.js";
import { cids, pictures } from "./rich.js";
import "./richbox.js";
import { addresses } from "./sender.js";
import { openSheet } from "./sheet.js";
import { beginMark, cannedMenu, chipsHtml, formatsHtml, formatsToggle, hasOpen, insertCanned, linkMenu, takeFiles, variables } from "./writing.js";

/** @typedef {import("../shared/types.js").Contact} Contact */

/** @param {Contact} contact */
const emailOf = (contact) => contact.identities?.find((identity) => identity.kind === "email")?.value ?? /** @type {any} */ (contact).email ?? "";

/** What was written the last time and not sent, but for its files. @returns {Record<string, string>} */
function lastDraft() {
  try {
    return JSON.parse(recall("draft-new") || "{}");
  } catch {
    return {}; // a broken draft is no draft
  }
}

/** @param {Record<string, string>} draft */
function formHtml(draft) {
  const address = html`inputmode="email" autocomplete="off" autocapitalize="none" spellcheck="false"`;
  const copy = (/** @type {string} */ name) => html`<label class="mail-line"><span>${t(`desk.mail_${name}`)}</span>
    <input name="${name}" type="text" ${address} value="${draft[name] ?? ""}" placeholder="name@example.com"></label>`;
  return html`<form class="sheet-body" method="dialog" novalidate>
    <div class="mail-lines">
      <div class="mail-line"><label for="compose-to">${t("desk.mail_to")}</label>
        <input id="compose-to" name="email" type="email" role="combobox" aria-expanded="false" aria-controls="compose-found" ${address}
          placeholder="${t("deskmore.compose_to_hint")}" value="${draft.email ?? ""}" required>
        <div class="found" id="compose-found" role="listbox" aria-label="${t("deskmore.compose_to_hint")}"></div></div>
      <details class="copies" ${draft.cc || draft.bcc ? html`open` : ""}><summary class="link">${t("desk.mail_cc")}<span class="bcc-word">, ${t("desk.mail_bcc")}</span></summary>${copy("cc")}${copy("bcc")}</details>
      <label class="mail-line"><span>${t("desk.contact_name")}</span><input name="name" autocomplete="off" value="${draft.name ?? ""}"></label>
      <label class="mail-line"><span>${t("deskmore.subject")}</span><input name="subject" autocomplete="off" value="${draft.subject ?? ""}" required></label>
    </div>
    <div class="box">
      <div class="box-over"></div>
      <rich-box class="txt" dir="auto" aria-label="${t("deskmore.message")}" enterkeyhint="enter" autocapitalize="sentences" spellcheck="true"></rich-box>
      <div class="compose-sign"></div>
      <ul class="chips"></ul>
      <div class="bar"></div>
      <input type="file" multiple hidden>
    </div>
    <p class="form-bad" role="alert" hidden></p>
    <footer class="sheet-foot"><button class="btn" type="button" data-act="close-sheet">${t("common.cancel")}</button>
      <span class="send"><button class="btn go" type="submit">${t("desk.send")}<kbd>Ctrl ↵</kbd></button>
        <button class="btn go send-more" type="button" data-act="later" aria-haspopup="menu" aria-label="${t("desk.send_later")}" title="${t("desk.send_later")}">${icon("clock", "s")}</button></span></footer>
  </form>`;
}

/** @param {import("./app.js").Desk} desk */
export async function openCompose(desk) {
  await Promise.all([addTexts("deskmore"), loadStyle("compose")]);
  const draft = lastDraft();
  const { sheet, close } = openSheet("compose", t("desk.compose"), formHtml(draft));
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (form.querySelector(`.${name}`));
  const found = part("found");
  const bad = part("form-bad");
  const box = /** @type {import("./richbox.js").RichBox} */ (form.querySelector("rich-box"));
  const picker = /** @type {HTMLInputElement} */ (form.querySelector("input[type=file]"));
  const clientId = randomId();
  box.doc = docOf({ text: draft.text ?? "", html: draft.html ?? "" });
  box.placeholder = t("deskmore.compose_placeholder");
  let timer = 0;
  /** @type {AbortController | null} */
  let asked = null;
  /** @type {Contact[]} */
  let contacts = [];
  /** Who was chosen. @type {Contact | null} */
  let picked = null;
  let at = -1;

  const draw = () => {
    field("email").setAttribute("aria-expanded", String(contacts.length > 0));
    render(
      found,
      contacts.length
        ? html`${contacts.map((contact, i) => html`<button class="menu-item ${i === at ? "is-at" : ""}" type="button" role="option" aria-selected="${i === at ? "true" : "false"}" tabindex="-1" data-act="pick" data-at="${i}">
            ${face(contact, "s")}<span class="menu-label">${contact.name || emailOf(contact)}</span><span class="menu-hint">${emailOf(contact)}</span></button>`)}`
        : html``,
    );
  };
  const pick = (/** @type {number} */ index) => {
    const contact = contacts[index];
    if (!contact) return;
    picked = contact;
    field("email").value = emailOf(contact);
    field("name").value = contact.name;
    contacts = [];
    draw();
    field("subject").focus();
  };
  const find = async () => {
    const q = field("email").value.trim();
    asked?.abort();
    at = -1;
    if (q.length < 2) {
      contacts = [];
      return draw();
    }
    asked = new AbortController();
    try {
      const answer = await desk.api.get(withQuery("/api/desk/contacts", { q }), { signal: asked.signal });
      contacts = answer.contacts.filter((/** @type {Contact} */ contact) => emailOf(contact)).slice(0, 6);
      draw();
    } catch {
      // Suggestions are a courtesy; an address can always be typed.
    }
  };

  // ---- the text, written as an answer is
  /** @type {File[]} */
  let files = [];
  let bar = false;
  let offerAt = 0;
  let offersOff = "";
  const insert = (/** @type {import("../shared/types.js").Canned} */ reply) => {
    insertCanned(box, reply, variables(desk, { name: field("name").value, email: field("email").value, subject: field("subject").value }));
    typed();
  };
  const offers = new Offers({
    box, desk, kind: "reply", insert,
    get language() {
      return picked?.language ?? "";
    },
    refresh: () => redraw(),
  });
  const offered = () => (offersOff && offersOff === box.value ? [] : offers.list());
  const redraw = () => {
    const list = offered();
    render(part("box-over"), list.length ? offers.html(list, offerAt, t("desk.offers")) : html``);
    render(part("compose-sign"), html`${signHtml(desk)}`);
    render(part("chips"), chipsHtml(files));
    render(part("bar"), barHtml(bar));
  };
  const keep = () => {
    const { email, cc, bcc, name, subject } = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
    remember("draft-new", JSON.stringify({ email, cc, bcc, name, subject, text: box.text, html: box.html.replace(/<img [^>]*>/g, "") }));
  };
  const typed = () => {
    offerAt = 0;
    offersOff = "";
    keep();
    redraw();
  };
  const take = (/** @type {File[]} */ more, inText = true) => {
    takeFiles(desk, box, files, more, inText);
    typed();
  };
  const pickOffer = (/** @type {number} */ index) => {
    offered()[index]?.put();
    typed();
  };
  box.onFiles = (more) => take(more);
  box.addEventListener("input", typed);
  box.addEventListener("click", redraw);
  box.addEventListener("blur", () => setTimeout(redraw, 150));
  picker.addEventListener("change", () => {
    take([...(picker.files ?? [])], false);
    picker.value = "";
    box.focus();
  });
  form.addEventListener("dragover", (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length || event.defaultPrevented) return;
    event.preventDefault();
    take([...event.dataTransfer.files], event.target instanceof Node && box.contains(event.target));
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const list = offered();
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") void linkMenu(desk, box, box, typed);
    else if (list.length && step) {
      offerAt = (offerAt + step + list.length) % list.length;
      redraw();
    } else if (list.length && (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey))) pickOffer(offerAt);
    else if (list.length && event.key === "Escape") {
      offersOff = box.value;
      redraw();
    } else return;
    event.preventDefault();
  });
  form.addEventListener("pointerdown", (event) => event.target instanceof Element && event.target.closest(".formats button, .canned-item") && event.preventDefault());
  onAct(form, {
    pick: (target) => pick(Number(target.dataset.at)),
    "pick-offer": (target) => pickOffer(Number(target.dataset.at)),
    canned: (target) => void cannedMenu(desk, box, target, picked?.language ?? "", insert, false),
    attach: () => picker.click(),
    article: () => {
      beginMark(box, "#");
      typed();
    },
    format: (target) => {
      box.format(/** @type {"bold"} */ (target.dataset.format));
      typed();
    },
    link: (target) => void linkMenu(desk, box, target, typed),
    aa: () => {
      bar = !bar;
      redraw();
      box.focus();
    },
    "drop-file": (target) => {
      files.splice(Number(target.dataset.at), 1);
      redraw();
    },
    signature: () => {
      close();
      desk.run("signatures");
    },
    later: (target) => valid() && void import("./held.js").then(({ whenMenu }) => whenMenu(desk, target, "send", ({ due }) => void send(due), false)),
  });
  redraw();

  form.addEventListener("input", (event) => {
    keep();
    if (event.target !== field("email")) return;
    picked = null;
    clearTimeout(timer);
    timer = window.setTimeout(() => void find(), 180);
  });
  field("email").addEventListener("keydown", (event) => {
    if (contacts.length === 0) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      at = (at + (event.key === "ArrowDown" ? 1 : -1) + contacts.length) % contacts.length;
      draw();
    } else if (event.key === "Enter" && at >= 0) {
      pick(at);
    } else if (event.key === "Escape") {
      contacts = [];
      draw();
    } else {
      return;
    }
    event.preventDefault();
  });

  // ---- sending
  const complain = (/** @type {string} */ words, /** @type {HTMLElement} */ where) => {
    bad.textContent = words;
    bad.hidden = false;
    where.focus();
    return false;
  };
  const shown = () => files.filter((file) => !cids.has(file) || pictures(box.doc).includes(cids.get(file) ?? ""));
  const valid = () => {
    bad.hidden = true;
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(field("email").value.trim())) return complain(t("desk.email_bad"), field("email"));
    if (!field("subject").value.trim()) return complain(t("deskmore.subject_missing"), field("subject"));
    if (box.isEmpty && shown().length === 0) return complain(t("deskmore.text_missing"), box);
    return true;
  };
  let busy = false;
  /** @param {string} [due] @param {boolean} [open] although something in {{braces}} is open */
  const send = async (due, open = false) => {
    if (busy || !valid()) return;
    if (!open && hasOpen(`${field("subject").value}\n${box.text}`)) {
      const { openUnfilled } = await import("./unfilled.js");
      return openUnfilled(desk, `${field("subject").value}\n${box.text}`, { anyway: () => void send(due, true), look: () => box.focus() });
    }
    busy = true;
    const to = field("email").value.trim();
    const name = field("name").value.trim();
    try {
      const answer = await desk.api.post(due ? "/api/desk/held" : "/api/desk/conversations", bodyOf({
        client_id: clientId, email: to, name, subject: field("subject").value.trim(), text: box.text, html: box.html,
        cc: addresses(field("cc").value), bcc: addresses(field("bcc").value), ...(due && { due }),
      }, shown()));
      remember("draft-new", "");
      desk.store.sent(answer);
      close();
      desk.go("all", answer.conversation.number);
      desk.toast(due ? t("deskmore.later_done", { time: upcoming(due) }) : t("deskmore.compose_sent", { name: name || to }));
    } catch (error) {
      complain(sentence(error), field("email"));
    }
    busy = false;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  setTimeout(() => (draft.email ? box : field("email")).focus());
}

/** @param {boolean} open the formatting bar, on a phone */
function barHtml(open) {
  /** @param {string} act @param {string} mark @param {string} label */
  const tool = (act, mark, label) => html`<button class="tool" type="button" data-act="${act}" aria-label="${label}" title="${label}">${icon(mark)}</button>`;
  return html`${tool("canned", "bolt", t("desk.canned"))}${tool("attach", "clip", t("desk.attach"))}${tool("article", "text", t("desk.article_link"))}
    ${formatsToggle(open)}${formatsHtml(open)}<span class="bar-hint">${t("desk.slash_hint")}</span>`;
}

/** The person's signature, which the mail will have, or the way to one. @param {import("./app.js").Desk} desk */
function signHtml(desk) {
  const { signature } = desk.store.me;
  return signature
    ? html`<button class="sign-line" type="button" data-act="signature" title="${t("desk.signatures")}"><span dir="auto">${signature.trim()}</span>${icon("pen", "xs")}</button>`
    : html`<button class="link" type="button" data-act="signature">${icon("pen", "xs")}${t("deskmore.compose_sign")}</button>`;
}

/** @param {Record<string, string | string[]>} fields @param {readonly File[]} files */
function bodyOf(fields, files) {
  if (files.length === 0) return fields;
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) form.append(name, one);
  for (const file of files) {
    form.append("files", file, file.name);
    form.append("cids", cids.get(file) ?? "");
  }
  return form;
}
