/** What stands under mails: the person's own signature and, for owners, those of the mailboxes, with the mail as it will look. */
import { sentence } from "../shared/api.js";
import { flag, html, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { docOf } from "./drafts.js";
import { loadStyle } from "./parts.js";
import "./richbox.js";
import { openSheet } from "./sheet.js";
import { strangers } from "./templates.js";
import { near } from "./variables.js";

const BOXES = "/api/collections/mailboxes/records";
const VARIABLES = ["agent", "shop", "number", "address"];
const USES = /** @type {const} */ (["instead", "below"]);

/** @typedef {{id: string, address: string, signature: string, signature_html: string, signature_use: string}} Box */

/** @param {import("./app.js").Desk} desk */
export async function openSignatures(desk) {
  await Promise.all([addTexts("deskmore", "error"), loadStyle("team"), loadStyle("boxes"), loadStyle("canned")]);
  const { api, store } = desk;
  const owner = store.me.role === "owner";
  /** @type {Box[]} */
  const boxes = owner ? (await api.get(`${BOXES}?fields=id,address,signature,signature_html,signature_use&perPage=100&sort=address`)).items : (await api.get("/api/desk/mailboxes")).mailboxes;
  let at = boxes[0]?.id ?? "";
  let plain = false;
  const box = () => boxes.find((other) => other.id === at);
  const chips = (/** @type {string} */ sign) => html`<div class="canned-vars" role="group" aria-label="${t("deskmore.variables")}">${VARIABLES.map((name) => html`<button class="chip" type="button" data-act="variable" data-into="${sign}" data-name="${name}">{${name}} · ${t(`deskmore.sign_var_${name}`)}</button>`)}</div>`;
  const { sheet, close } = openSheet(
    "templates signatures",
    t("desk.signatures"),
    html`<form class="sheet-body" novalidate><div class="template-panes"><div class="template-words">
      <div class="field"><span id="sign-own">${t("deskmore.signature")}</span><rich-box class="txt sign-box" data-sign="own" dir="auto" aria-labelledby="sign-own"></rich-box><small>${t("deskmore.signature_hint")}</small>${chips("own")}</div>
      ${boxes.length ? html`<label class="field"><span>${t("deskmore.sign_mailbox")}</span><select name="box">${boxes.map((other) => html`<option value="${other.id}"${flag("selected", other.id === at)}>${other.address}</option>`)}</select></label>` : ""}
      ${owner && boxes.length
        ? html`<div class="field"><span id="sign-box">${t("deskmore.sign_of_box")}</span><rich-box class="txt sign-box" data-sign="box" dir="auto" aria-labelledby="sign-box"></rich-box>${chips("box")}</div>
          <fieldset class="segment"><legend>${t("deskmore.sign_use")}</legend><div>${USES.map((use) => html`<label><input type="radio" name="use" value="${use}"><span>${t(`deskmore.sign_${use}`)}</span></label>`)}</div></fieldset>`
        : ""}
      <p class="meta">${t("deskmore.sign_chat")}</p>
      <p class="form-bad" role="alert" hidden></p></div>
      <div class="template-view sign-view"><div class="sign-tabs tabs" role="tablist" aria-label="${t("deskmore.template_view")}"></div><iframe title="${t("deskmore.template_view")}" sandbox="" referrerpolicy="no-referrer"></iframe><pre hidden dir="auto"></pre></div></div>
      <footer class="sheet-foot"><button class="btn" type="button" data-act="close-sheet">${t("common.cancel")}</button><button class="btn go" type="submit">${t("common.save")}</button></footer></form>`,
  );
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  const frame = /** @type {HTMLIFrameElement} */ (form.querySelector("iframe"));
  const text = /** @type {HTMLElement} */ (form.querySelector("pre"));
  const bad = /** @type {HTMLElement} */ (form.querySelector(".form-bad"));
  const rich = (/** @type {string} */ name) => /** @type {import("./richbox.js").RichBox | null} */ (form.querySelector(`[data-sign=${name}]`));
  const own = /** @type {import("./richbox.js").RichBox} */ (rich("own"));
  const of = rich("box");
  let timer = 0;
  let asking = 0;

  const complain = (/** @type {string} */ words) => {
    bad.textContent = words;
    bad.hidden = words === "";
  };
  const tabs = () => {
    render(/** @type {HTMLElement} */ (form.querySelector(".sign-tabs")), html`${[false, true].map((way) => html`<button type="button" data-act="form" data-form="${way ? "text" : "html"}" aria-selected="${way === plain ? "true" : "false"}" role="tab">${t(way ? "deskmore.sign_as_text" : "deskmore.sign_as_mail")}</button>`)}`);
    frame.hidden = plain;
    text.hidden = !plain;
  };
  const look = async () => {
    const turn = ++asking;
    try {
      const answer = await api.post("/api/desk/mail/signature", { text: own.text.trim(), html: own.html, mailbox: at, lang: store.boot.shop.language, ...(of && { box: { text: of.text.trim(), html: of.html, use: String(new FormData(form).get("use") ?? "") } }) });
      if (turn !== asking || !sheet.isConnected) return;
      frame.srcdoc = answer.html;
      text.textContent = answer.text;
      complain("");
    } catch (error) {
      if (turn === asking) complain(sentence(error));
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void look(), 300);
  };
  /** Puts the mailbox that is chosen on the page; what was written for the one before is kept. */
  const show = () => {
    const now = box();
    if (!of || !now) return;
    of.doc = docOf({ text: now.signature, html: now.signature_html });
    for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("[name=use]"))) input.checked = input.value === (now.signature_use || "instead");
  };
  const keep = () => {
    const now = box();
    if (of && now) Object.assign(now, { signature: of.text.trim(), signature_html: of.html, signature_use: String(new FormData(form).get("use") ?? "") });
  };
  const before = JSON.stringify(boxes);
  own.doc = docOf({ text: store.me.signature ?? "", html: store.me.signature_html ?? "" });
  form.addEventListener("input", soon);
  form.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement && event.target.name === "box") {
      keep();
      at = event.target.value;
      show();
    }
    soon();
  });
  onAct(form, {
    variable: (target) => {
      rich(target.dataset.into ?? "")?.insertText(`{${target.dataset.name}}`);
      soon();
    },
    form: (target) => {
      plain = target.dataset.form === "text";
      tabs();
    },
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    keep();
    const was = /** @type {Box[]} */ (JSON.parse(before));
    try {
      if (own.text.trim().length > 490) throw new Error("long");
      const changed = of ? boxes.filter((now, i) => now.signature !== was[i].signature).map((now) => now.signature) : [];
      const mine = own.text.trim();
      const [odd] = (mine === (store.me.signature ?? "") ? changed : [mine, ...changed]).flatMap((words) => strangers(words, VARIABLES));
      if (odd) return complain(t("error.variable_unknown", { name: `{${odd}}`, list: near(odd.replace(/[{} ]/g, ""), VARIABLES).map((name) => `{${name}}`).join(", ") }));
      await store.patchMe({ signature: own.text.trim(), signature_html: own.html });
      if (owner) {
        for (const [i, now] of boxes.entries()) if (JSON.stringify(now) !== JSON.stringify(was[i])) await api.patch(`${BOXES}/${now.id}`, { signature: now.signature, signature_html: now.signature_html, signature_use: now.signature_use });
      }
    } catch (error) {
      return complain(error instanceof Error && error.message === "long" ? t("deskmore.sign_long") : sentence(error));
    }
    close();
    desk.toast(t("deskmore.settings_saved"));
  });
  tabs();
  show();
  await look();
}
