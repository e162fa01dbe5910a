/** Writing to somebody first, by e-mail. */
import { sentence, withQuery } from "../shared/api.js";
import { html, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { randomId } from "./logic.js";
import { openSheet } from "./sheet.js";
import { face } from "./parts.js";
import { recall, remember } from "./prefs.js";
import { addresses } from "./sender.js";

/** @typedef {import("../shared/types.js").Contact} Contact */

/** @param {Contact} contact */
const emailOf = (contact) => contact.identities?.find((identity) => identity.kind === "email")?.value ?? /** @type {any} */ (contact).email ?? "";

/** @param {import("./app.js").Desk} desk */
export async function openCompose(desk) {
  await addTexts("deskmore");
  /** @type {Record<string, string>} */
  let draft = {};
  try {
    draft = JSON.parse(recall("draft-new") || "{}");
  } catch {
    // A broken draft is no draft.
  }
  const { sheet, close } = openSheet(
    "compose",
    t("desk.compose"),
    html`<form class="sheet-body" method="dialog" novalidate>
      <div class="field"><label for="compose-to"><span>${t("desk.mail_to")}</span></label><input id="compose-to" name="email" type="email" inputmode="email" role="combobox" aria-expanded="false" aria-controls="compose-found" autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="${t("deskmore.compose_to_hint")}" value="${draft.email ?? ""}" required><div class="found" id="compose-found" role="listbox"></div></div>
      <details class="copies" ${draft.cc || draft.bcc ? html`open` : ""}><summary class="link">${t("desk.mail_cc")}, ${t("desk.mail_bcc")}</summary>
        ${["cc", "bcc"].map((name) => html`<label class="field"><span>${t(`desk.mail_${name}`)}</span><input name="${name}" type="text" inputmode="email" autocomplete="off" autocapitalize="none" spellcheck="false" value="${draft[name] ?? ""}"></label>`)}</details>
      <label class="field"><span>${t("desk.contact_name")}</span><input name="name" autocomplete="off" value="${draft.name ?? ""}"></label>
      <label class="field"><span>${t("deskmore.subject")}</span><input name="subject" autocomplete="off" value="${draft.subject ?? ""}" required></label>
      <label class="field"><span>${t("deskmore.message")}</span><textarea name="text" rows="7" dir="auto" required>${draft.text ?? ""}</textarea></label>
      <p class="form-bad" role="alert" hidden></p>
      <footer class="sheet-foot"><button class="btn" type="button" data-act="close-sheet">${t("common.cancel")}</button><button class="btn go" type="submit">${t("desk.send")}</button></footer>
    </form>`,
  );
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  const found = /** @type {HTMLElement} */ (form.querySelector(".found"));
  const bad = /** @type {HTMLElement} */ (form.querySelector(".form-bad"));
  const clientId = randomId();
  let timer = 0;
  /** @type {AbortController | null} */
  let asked = null;
  /** @type {Contact[]} */
  let contacts = [];
  let at = -1;

  const draw = () => {
    field("email").setAttribute("aria-expanded", String(contacts.length > 0));
    render(
      found,
      contacts.length
        ? html`${contacts.map((contact, i) => html`<button class="menu-item ${i === at ? "is-at" : ""}" type="button" role="option" aria-selected="${i === at ? "true" : "false"}" tabindex="-1" data-act="pick" data-at="${i}">${face(contact, "s")}<span class="menu-label">${contact.name || emailOf(contact)}</span><span class="menu-hint">${emailOf(contact)}</span></button>`)}`
        : html``,
    );
  };
  const pick = (/** @type {number} */ index) => {
    const contact = contacts[index];
    if (!contact) return;
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
  onAct(form, { pick: (target) => pick(Number(target.dataset.at)) });
  form.addEventListener("input", (event) => {
    remember("draft-new", JSON.stringify(Object.fromEntries(new FormData(form))));
    if (event.target !== field("email")) return;
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
  field("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
    const complain = (/** @type {string} */ words, /** @type {string} */ name) => {
      bad.textContent = words;
      bad.hidden = false;
      field(name).focus();
    };
    bad.hidden = true;
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(body.email.trim())) return complain(t("desk.email_bad"), "email");
    if (!body.subject.trim()) return complain(t("deskmore.subject_missing"), "subject");
    if (!body.text.trim()) return complain(t("deskmore.text_missing"), "text");
    const button = /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]"));
    button.disabled = true;
    try {
      const answer = await desk.api.post("/api/desk/conversations", { ...body, email: body.email.trim(), cc: addresses(body.cc), bcc: addresses(body.bcc), client_id: clientId });
      remember("draft-new", "");
      desk.store.sent(answer);
      close();
      desk.go("all", answer.conversation.number);
      desk.toast(t("deskmore.compose_sent", { name: body.name || body.email }));
    } catch (error) {
      complain(sentence(error), "email");
    }
    button.disabled = false;
  });
  setTimeout(() => field(draft.email ? "text" : "email").focus());
}
