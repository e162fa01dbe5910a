/**
 * What else is known of a contact, block by block, under the contact's own lines. The server says which blocks there are;
 * each is drawn by the function of the same id. A part of the desk that knows more of customers (orders) registers its own.
 */
import { sentence, withQuery } from "../shared/api.js";
import { count, digits, full, phone, shortDate, size } from "../shared/format.js";
import { html, icon, onAct, render, safeUrl } from "../shared/html.js";
import { addTexts, currentLanguage, t } from "../shared/i18n.js";
import { channelIcon, routeTo } from "./logic.js";
import { openMenu } from "./menu.js";
import { blank, loadStyle, stars } from "./parts.js";

/**
 * @typedef {import("./app.js").Desk} Desk
 * @typedef {import("../shared/html.js").Html} Html
 * @typedef {{desk: Desk, contact: string, edit: (change: Edit) => void}} Around
 * @typedef {{block: string, field: string} | null} Edit what is being typed into
 * @typedef {(data: any, around: Around, editing: string) => Html | ""} Draw
 * @typedef {{id: string, key: string, label: string, kind: string, choices: string[], required: boolean}} Field
 * @typedef {{id: string, kind: "conversation" | "rating" | "note", at: string, number: number, channel: string, status: string, text: string, rating: number, agent: string}} Moment
 */

/** @type {Map<string, Draw>} */
const blocks = new Map();

/** Says how a block of the server is drawn. @param {string} id @param {Draw} draw */
export function registerBlock(id, draw) {
  blocks.set(id, draw);
}

export const ready = () => Promise.all([addTexts("profile"), loadStyle("profile"), loadStyle("form")]);

/** A field's value in words. @param {Field} field @param {string} value */
export function valueOf(field, value) {
  if (!value) return "";
  if (field.kind === "date") return shortDate(value) || value;
  if (field.kind === "number") return count(Number(value));
  return field.kind === "yes_no" ? t(`profile.${value === "yes" ? "yes" : "no"}`) : value;
}

registerBlock("custom", ({ fields, values }, _around, editing) => html`<section class="card"><h2>${t("profile.custom")}</h2><dl class="facts-list">${/** @type {Field[]} */ (fields).map((field) => {
  const value = values[field.key] ?? "";
  if (editing === field.key) {
    const input =
      field.kind === "choice" || field.kind === "yes_no"
        ? html`<select class="pick" name="${field.key}" data-edit="custom"><option value=""></option>${(field.kind === "yes_no" ? ["yes", "no"] : field.choices).map((each) => html`<option value="${each}" ${
          each === value ? html`selected` : ""}>${field.kind === "yes_no" ? t(`profile.${each}`) : each}</option>`)}</select>`
        : html`<input class="pick" name="${field.key}" data-edit="custom" type="${field.kind === "date" ? "date" : "text"}" ${field.kind === "number" ? html`inputmode="decimal"` : ""} value="${value}" maxlength="500" dir="auto" autocomplete="off">`;
    return html`<div data-key="${field.key}"><dt>${field.label}</dt><dd>${input}</dd></div>`;
  }
  return html`<div data-key="${field.key}"><dt>${field.label}</dt><dd><button class="kv-value ${value ? "" : field.required ? "is-missing" : "is-empty"}" type="button" data-act="edit-field" data-field="${field.key}">${
    valueOf(field, value) || (field.required ? t("profile.missing") : t("profile.add"))}</button></dd></div>`;
})}</dl></section>`);

registerBlock("consents", ({ list, kinds }) => html`<section class="card"><h2>${t("profile.consents")}</h2><ul class="consents">${/** @type {string[]} */ (kinds).map((what) => {
  const last = /** @type {any[]} */ (list).filter((one) => one.what === what).at(-1);
  return html`<li data-key="${what}"><label class="check"><input type="checkbox" data-consent="${what}" ${last?.given ? html`checked` : ""}>${
    t(`profile.consent_${what}`)}</label>${last ? html`<small title="${full(last.at)}">${t(last.given ? "profile.given" : "profile.withdrawn", { when: shortDate(last.at), who: last.by || t(`profile.source_${last.source || "desk"}`) })}</small>` : html`<small>${t("profile.not_asked")}</small>`}
    <button class="link consent-more" type="button" data-act="consent-more" data-what="${what}" aria-label="${t("profile.consent_more")}: ${t(`profile.consent_${what}`)}">${t("profile.consent_more")}</button></li>`;
})}</ul></section>`);

registerBlock("satisfaction", ({ n, average, last }) => html`<section class="card"><h2>${t("profile.satisfaction")}<span class="card-side num">${
  t("profile.rated_n", { n })}</span></h2><p class="satisfaction"><b class="num">${digits(average.toFixed(1))}</b>${
  stars(Math.round(average))}</p>
  <p class="meta">${t("profile.rated_last")} <a class="link" href="${routeTo("all", last.number)}">${"★".repeat(last.rating)}</a>${last.comment ? html` “${last.comment}”` : ""}</p></section>`);

registerBlock("files", ({ n, files }) => html`<section class="card"><h2>${t("profile.files")}<span class="card-side num">${count(n)}</span></h2><div class="file-wall">${/** @type {any[]} */ (files).map((file, i) =>
  html`<a class="${file.image ? "is-image" : ""} ${i >= 8 ? "is-later" : ""}" href="${safeUrl(file.url)}" target="_blank" rel="noopener" title="${file.name}, ${size(file.size)}, ${
    shortDate(file.created)}, #${digits(file.number)}">${file.image ? html`<img src="${safeUrl(file.url)}" alt="${file.name}" loading="lazy">` : html`${icon("file", "s")}<span>${file.name}</span>`}</a>`,
)}</div>${files.length > 8 ? html`<button class="link" type="button" data-act="all-files">${t("profile.all_files", { n: files.length })}</button>` : ""}</section>`);

registerBlock("alike", (list) => html`<section class="card alike"><h2>${t("profile.alike")}</h2>${/** @type {any[]} */ (list).map((one) => html`<div class="alike-one" data-key="${one.id}"><span><b>${
  one.name || one.customer_no}</b><small>${t(`profile.alike_${one.why}`, { value: one.why === "phone" ? phone(one.value) : one.value })} · ${one.customer_no}</small></span><button class="btn" type="button" data-act="merge-with" data-id="${one.id}">${t("profile.merge")}</button></div>`)}</section>`);

/** The open conversation, if it is the customer's: where they said it. @param {Desk} desk @param {string} contact */
export function talkOf(desk, contact) {
  const row = desk.store.row;
  return row && row.contact?.id === contact ? row.id : "";
}

export class Profile {
  /** @type {{id: string, data: any}[]} */
  #list = [];
  #contact = "";
  /** @type {Edit} */
  #edit = null;
  /** @type {HTMLElement | null} */
  #host = null;
  #allFiles = false;
  #asked = 0;
  /** @type {() => void} */
  #unlisten = () => {};

  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    desk.store.onContact = (id) => {
      if (id === this.#contact) void this.#load();
    };
  }

  stop() {
    this.#unlisten();
    this.desk.store.onContact = () => {};
  }

  /** @param {HTMLElement} host @param {string} contact */
  show(host, contact) {
    if (host !== this.#host) {
      this.#unlisten();
      this.#host = host;
      const undo = onAct(host, {
        "edit-field": (target) => this.#begin(target.dataset.field ?? ""),
        "all-files": () => {
          this.#allFiles = true;
          this.#draw();
        },
        "consent-more": async (target) => (await import("./consent.js")).openConsent(this.desk, this.#contact, target.dataset.what ?? "", this.#said(), (answer) => this.#take(answer)),
        "merge-with": async (target) => (await import("./merge.js")).openMerge(this.desk, target.dataset.id),
        timeline: () => void openTimeline(this.desk),
        "blocks-again": () => void this.#load(),
      });
      const changed = (/** @type {Event} */ event) => {
        const field = event.target;
        if (field instanceof HTMLInputElement && field.dataset.consent) void this.#consent(field.dataset.consent, field.checked);
        else if ((field instanceof HTMLInputElement || field instanceof HTMLSelectElement) && field.dataset.edit) void this.#save(field.name, field.value);
      };
      const left = (/** @type {FocusEvent} */ event) => {
        if (event.target instanceof HTMLElement && event.target.dataset.edit) setTimeout(() => this.#end(), 0);
      };
      const keys = (/** @type {KeyboardEvent} */ event) => {
        if (!(event.target instanceof HTMLElement) || !event.target.dataset.edit) return;
        if (event.key === "Enter") event.target.blur();
        if (event.key === "Escape") this.#end();
      };
      host.addEventListener("change", changed);
      host.addEventListener("focusout", left);
      host.addEventListener("keydown", keys);
      this.#unlisten = () => {
        undo();
        host.removeEventListener("change", changed);
        host.removeEventListener("focusout", left);
        host.removeEventListener("keydown", keys);
      };
      this.#draw();
    }
    if (contact === this.#contact) return;
    this.#contact = contact;
    this.#list = [];
    this.#edit = null;
    this.#allFiles = false;
    this.#draw();
    if (contact) void this.#load();
  }

  async #load() {
    const turn = ++this.#asked;
    try {
      const answer = await this.desk.api.get(`/api/desk/contacts/${this.#contact}/blocks`);
      if (turn !== this.#asked) return;
      this.#take(answer);
    } catch (error) {
      if (turn !== this.#asked || !this.#host || this.#list.length) return;
      render(this.#host, html`<p class="meta">${sentence(error)} <button class="link" type="button" data-act="blocks-again">${t("common.retry")}</button></p>`);
    }
  }

  /** @param {{blocks: {id: string, data: any}[]}} answer */
  #take(answer) {
    this.#list = answer.blocks;
    this.#draw();
  }

  #draw() {
    if (!this.#host) return;
    /** @type {Around} */
    const around = { desk: this.desk, contact: this.#contact, edit: (edit) => (this.#edit = edit) };
    this.#host.classList.toggle("is-all", this.#allFiles);
    render(
      this.#host,
      html`${this.#list.map(({ id, data }) => html`<div data-key="${id}">${blocks.get(id)?.(data, around, this.#edit?.block === id ? this.#edit.field : "") ?? ""}</div>`)}
        ${this.#contact ? html`<button class="link timeline-open" type="button" data-act="timeline" data-key="timeline">${icon("stack", "s")}${t("profile.timeline_open")}</button>` : ""}`,
    );
  }

  /** @param {string} field */
  #begin(field) {
    this.#edit = { block: "custom", field };
    this.#draw();
    const input = /** @type {HTMLInputElement | null} */ (this.#host?.querySelector("[data-edit]"));
    input?.focus();
  }

  #end() {
    if (!this.#edit || this.#host?.querySelector("[data-edit]:focus")) return;
    this.#edit = null;
    this.#draw();
  }

  /** @param {string} key @param {string} value */
  async #save(key, value) {
    const block = this.#list.find(({ id }) => id === "custom");
    const field = /** @type {Field | undefined} */ (block?.data.fields.find((/** @type {Field} */ one) => one.key === key));
    const before = block?.data.values[key] ?? "";
    const contact = this.#contact;
    this.#edit = null;
    if (value.trim() === before) return this.#draw();
    const put = async (/** @type {string} */ v) => {
      const answer = await this.desk.api.patch(`/api/desk/contacts/${contact}/custom`, { [key]: v });
      if (contact === this.#contact) this.#take(answer);
    };
    try {
      await put(value);
      this.#undoable(t("profile.saved", { field: field?.label ?? key }), () => put(before));
    } catch (error) {
      this.desk.toast(sentence(error), { bad: true });
      this.#draw();
    }
  }

  #said() {
    return this.#list.find(({ id }) => id === "consents")?.data.list ?? [];
  }

  /** @param {string} what @param {boolean} given */
  async #consent(what, given) {
    const contact = this.#contact;
    const put = async (/** @type {boolean} */ on) => {
      const answer = await this.desk.api.post(`/api/desk/contacts/${contact}/consents`, { what, given: on, conversation: talkOf(this.desk, contact) });
      if (contact === this.#contact) this.#take(answer);
    };
    try {
      await put(given);
      this.#undoable(t(given ? "profile.consent_given" : "profile.consent_withdrawn", { what: t(`profile.consent_${what}`) }), () => put(!given));
    } catch (error) {
      this.desk.toast(sentence(error), { bad: true });
      void this.#load();
    }
  }

  /** @param {string} words @param {() => Promise<void>} back */
  #undoable(words, back) {
    this.desk.toast(words, { act: t("common.undo"), run: () => void back().catch((error) => this.desk.toast(sentence(error), { bad: true })) });
  }
}

/** Says that an address is theirs, by a mailed code or by hand. @param {Desk} desk @param {string} contact @param {import("../shared/types.js").Identity} identity @param {HTMLElement} anchor */
export async function proveMenu(desk, contact, identity, anchor) {
  await ready();
  const path = `/api/desk/contacts/${contact}/identities/${identity.id}`;
  const set = async (/** @type {Record<string, unknown>} */ body) => desk.store.putContact((await desk.api.post(`${path}/verify`, body)).contact);
  const tell = (/** @type {unknown} */ error) => desk.toast(sentence(error), { bad: true });
  const choices = identity.verified
    ? [{ id: "not", label: t("profile.prove_not"), mark: icon("close", "s") }]
    : [...(identity.kind === "email" ? [{ id: "code", label: t("profile.prove_code"), mark: icon("mail", "s") }] : []), { id: "hand", label: t("profile.prove_hand"), mark: icon("hand", "s") }];
  openMenu(anchor, {
    title: t("desk.identity_prove", { value: identity.value }),
    choices: () => choices,
    pick: (id) => {
      if (id === "code") return void desk.api.post(`${path}/code`).then(() => askCode(desk, identity.value, set), tell);
      const on = id === "hand";
      void set({ verified: on }).then(() => desk.toast(t(on ? "profile.proven_hand" : "profile.proven_not", { value: identity.value }), { act: t("common.undo"), run: () => void set({ verified: !on }).catch(tell) }), tell);
    },
  });
}

/** @param {Desk} desk @param {string} address @param {(body: {code: string}) => Promise<void>} set */
async function askCode(desk, address, set) {
  const { openSheet } = await import("./sheet.js");
  const { sheet, close } = openSheet(
    "prove",
    t("profile.prove_code"),
    html`<form class="sheet-body"><p>${t("profile.code_told", { value: address })}</p><label class="field"><span>${t("profile.code")}</span><input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="12" required></label><p class="form-bad" role="alert" hidden></p><footer class="sheet-foot"><button class="btn" type="button" data-act="close-sheet">${t("common.cancel")}</button><button class="btn go" type="submit">${t("profile.prove")}</button></footer></form>`,
  );
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  form.querySelector("input")?.focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const bad = /** @type {HTMLElement} */ (form.querySelector(".form-bad"));
    try {
      await set({ code: String(new FormData(form).get("code") ?? "") });
      close();
      desk.toast(t("profile.proven_code", { value: address }));
    } catch (error) {
      bad.textContent = sentence(error);
      bad.hidden = false;
    }
  });
}

/** Everything that happened with a contact, over all channels, page by page. @param {Desk} desk */
export async function openTimeline(desk) {
  await ready();
  const { openSheet, waitLines } = await import("./sheet.js");
  const contact = desk.store.talk?.contact;
  if (!contact) return;
  const { sheet, close } = openSheet("timeline", t("profile.timeline", { name: contact.name || t("desk.visitor") }), html`<div class="sheet-body"></div>`);
  const body = /** @type {HTMLElement} */ (sheet.querySelector(".sheet-body"));
  /** @type {Moment[]} */
  let list = [];
  let next = "";
  /** @type {unknown} */
  let failure = null;
  let loaded = false;
  const month = (/** @type {string} */ at) => new Intl.DateTimeFormat(currentLanguage() === "bn" ? "bn-BD-u-nu-beng" : "en-GB", { month: "long", year: "numeric" }).format(new Date(at));
  const draw = () => {
    if (failure && !loaded) return render(body, blank("cloud-off", t("profile.failed"), sentence(failure), html`<button class="btn" type="button" data-act="more">${t("common.retry")}</button>`));
    if (!loaded) return render(body, waitLines(5));
    let last = "";
    render(
      body,
      html`<ol class="timeline">${list.map((one) => {
        const head = month(one.at);
        const first = head !== last;
        last = head;
        const mark = one.kind === "note" ? "pen" : one.kind === "rating" ? "sun" : channelIcon(one.channel);
        return html`${first ? html`<li class="timeline-month" data-key="m${head}">${head}</li>` : ""}<li class="is-${one.kind}" data-key="${one.id}">${icon(mark, "s")}<a href="${
          routeTo("all", one.number)}" data-act="close"><span class="timeline-text">${one.kind === "rating" ? html`${stars(one.rating)} ${one.text}` : one.text || t("desk.attachment_only")}</span><small><span title="${full(one.at)}">${shortDate(one.at)}</span> · #${digits(one.number)}${
          one.kind === "conversation" ? ` · ${t(`desk.status_${one.status}`)}` : one.kind === "note" ? ` · ${t("desk.note")}${
          one.agent ? `, ${desk.store.agentName(one.agent)}` : ""}` : ""}</small></a></li>`;
      })}</ol>${next ? html`<button class="btn" type="button" data-act="more">${t("profile.more")}</button>` : ""}`,
    );
  };
  const more = async () => {
    failure = null;
    draw();
    try {
      const page = await desk.api.get(withQuery(`/api/desk/contacts/${contact.id}/timeline`, { before: next }));
      list = [...list, ...page.moments];
      next = page.next;
      loaded = true;
    } catch (error) {
      failure = error;
      if (loaded) desk.toast(sentence(error), { bad: true });
    }
    draw();
  };
  onAct(sheet, { more: () => void more(), close });
  await more();
}
