/** <desk-person>: the contact of the open conversation. Everything is edited where it stands. */
import { sentence } from "../shared/api.js";
import { clock, digits, full, phone, sameDay, shortDate, yearOf } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { LANGUAGES, t } from "../shared/i18n.js";
import { channelIcon, nameOf, routeTo } from "./logic.js";
import { contactFace, copyText, stars, tagChip, toast } from "./parts.js";
import { clockIn, zoneOf } from "./times.js";
import { told } from "./told.js";
import { afterPaint } from "./topics.js";

/** @type {typeof import("./profile.js") | null} */
let profile = null;

/** @typedef {import("../shared/types.js").Contact} Contact */

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const KINDS = /** @type {const} */ ({ email: "mail", phone: "phone", user: "me", visitor: "globe" });

export class DeskPerson extends HTMLElement {
  /** @type {import("./app.js").Desk} */
  desk = /** @type {any} */ (null);
  /** @type {(() => void)[]} */
  #undo = [];
  #adding = "";
  #noteTimer = 0;
  #contact = "";
  /** @type {import("./profile.js").Profile | null} */
  #more = null;

  connectedCallback() {
    this.className = "person";
    this.setAttribute("role", "complementary");
    const draw = () => this.#render();
    const minute = window.setInterval(draw, 30_000);
    this.#undo = [
      this.desk.store.on(["talk", "people", "me"], draw),
      () => clearInterval(minute),
      onAct(this, {
        close: () => this.desk.closePerson(),
        "add-identity": (target) => void this.#add(target),
        "clear-identity": async (target) => {
          const { contact } = this.desk.store.talk ?? {};
          if (!contact) return;
          try {
            await this.desk.api.post(`/api/desk/contacts/${contact.id}/identities/${target.dataset.id}/clear`);
            await this.#again(contact.id);
          } catch (error) {
            toast(sentence(error), { bad: true });
          }
        },
        "prove-identity": (target) => void this.#prove(target),
        "drop-identity": (target) => void this.#dropIdentity(target.dataset.id ?? ""),
        "cancel-add": () => {
          this.#adding = "";
          this.#render();
        },
        language: (target) => void this.#language(target),
        tags: (target) => void this.#tags(target),
        "talk-tags": (target) => this.desk.run("tag", target),
        block: () => this.desk.run(this.#person?.blocked ? "unblock" : "block"),
        erase: () => this.desk.run("erase"),
        merge: () => this.desk.run("merge"),
        copy: (target) => void this.#copy(target.dataset.value ?? ""),
      }),
    ];
    this.addEventListener("change", (event) => this.#changed(event));
    this.addEventListener("input", (event) => {
      if (!(event.target instanceof HTMLTextAreaElement)) return;
      clearTimeout(this.#noteTimer);
      const note = event.target.value;
      const contact = this.#contact;
      grow(event.target);
      // Of somebody else by now it would be written over their note.
      this.#noteTimer = window.setTimeout(() => this.#person?.id === contact && void this.#patch({ note }), 900);
    });
    this.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#saveIdentity(/** @type {HTMLFormElement} */ (event.target));
    });
    this.addEventListener("keydown", (event) => {
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) {
        event.stopPropagation();
        if (event.key === "Enter" && event.target.name === "name") event.target.blur();
        if (event.key === "Escape") {
          if (event.target.name === "name") event.target.value = this.#person?.name ?? "";
          this.#adding = "";
          event.target.blur();
          this.#render();
        }
      } else if (event.key === "Escape") {
        this.desk.closePerson();
      }
    });
    draw();
  }

  disconnectedCallback() {
    clearTimeout(this.#noteTimer);
    this.#more?.stop();
    for (const undo of this.#undo.splice(0)) undo();
  }

  get #person() {
    return this.desk.store.talk?.contact ?? null;
  }

  /** Changes the contact; what is said about it offers the way back. @param {Partial<Contact>} change @param {string} [words] */
  async #patch(change, words = "") {
    const contact = this.#person;
    if (!contact) return;
    /** @type {Record<string, unknown>} */
    const back = {};
    for (const key of Object.keys(change)) back[key] = contact[/** @type {keyof Contact} */ (key)];
    try {
      await this.desk.store.patchContact(contact.id, change);
      if (words) toast(words, { act: t("common.undo"), run: () => void this.desk.store.patchContact(contact.id, /** @type {Partial<Contact>} */ (back)).catch((error) => toast(sentence(error), { bad: true })) });
    } catch (error) {
      toast(sentence(error), { bad: true });
      this.#render();
    }
  }

  /** @param {Event} event */
  #changed(event) {
    const field = event.target;
    const contact = this.#person;
    if (!contact) return;
    if (field instanceof HTMLInputElement && field.name === "name" && field.value.trim() !== contact.name) void this.#patch({ name: field.value.trim() }, t("desk.contact_renamed"));
    if (field instanceof HTMLTextAreaElement && field.value !== contact.note) {
      clearTimeout(this.#noteTimer);
      void this.#patch({ note: field.value });
    }
  }

  /** @param {HTMLElement} target */
  async #add(target) {
    const { openMenu } = await import("./menu.js");
    openMenu(target, {
      title: t("desk.identity_add"),
      choices: () => [
        { id: "email", label: t("desk.identity_email"), mark: icon("mail", "s") },
        { id: "phone", label: t("desk.identity_phone"), mark: icon("phone", "s") },
      ],
      pick: (kind) => {
        this.#adding = kind;
        this.#render();
        setTimeout(() => /** @type {HTMLInputElement | null} */ (this.querySelector(".identity-form input"))?.focus());
      },
    });
  }

  /** @param {HTMLFormElement} form */
  async #saveIdentity(form) {
    const contact = this.#person;
    const value = String(new FormData(form).get("value") ?? "").trim();
    if (!contact || !value) return;
    try {
      await this.desk.api.post(`/api/desk/contacts/${contact.id}/identities`, { kind: this.#adding, value });
      this.#adding = "";
      await this.#again(contact.id);
    } catch (error) {
      toast(sentence(error), { bad: true });
    }
  }

  /** @param {string} id */
  async #dropIdentity(id) {
    const contact = this.#person;
    const identity = contact?.identities.find((other) => other.id === id);
    if (!contact || !identity) return;
    try {
      await this.desk.api.delete(`/api/desk/contacts/${contact.id}/identities/${id}`);
      await this.#again(contact.id);
      toast(t("desk.identity_removed", { value: identity.value }), {
        act: t("common.undo"),
        run: () => void this.desk.api.post(`/api/desk/contacts/${contact.id}/identities`, { kind: identity.kind, value: identity.value }).then(() => this.#again(contact.id), (error) => toast(sentence(error), { bad: true })),
      });
    } catch (error) {
      toast(sentence(error), { bad: true });
    }
  }

  /** @param {string} id */
  async #again(id) {
    const { contact } = await this.desk.api.get(`/api/desk/contacts/${id}`);
    this.desk.store.putContact(contact);
  }

  /** @param {HTMLElement} target */
  async #prove(target) {
    const contact = this.#person;
    const identity = contact?.identities.find((other) => other.id === target.dataset.id);
    if (!contact || !identity) return;
    const { proveMenu } = await import("./profile.js");
    proveMenu(this.desk, contact.id, identity, target);
  }

  /** What else is known is fetched with the first contact that is looked at. */
  async #blocks() {
    const host = /** @type {HTMLElement | null} */ (this.querySelector(".person-more"));
    if (!host) return;
    profile ??= await import("./profile.js");
    await profile.ready();
    this.#more ??= new profile.Profile(this.desk);
    this.#more.show(host, this.#contact);
  }

  /** @param {HTMLElement} target */
  async #language(target) {
    const { openMenu } = await import("./menu.js");
    openMenu(target, {
      title: t("desk.language"),
      choices: () => Object.entries(LANGUAGES).map(([id, label]) => ({ id, label, on: this.#person?.language === id })),
      pick: (language) => void this.#patch({ language }, t("desk.contact_language_is", { language: LANGUAGES[language] ?? language })),
    });
  }

  /** @param {HTMLElement} target */
  async #tags(target) {
    const { openMenu } = await import("./menu.js");
    openMenu(target, {
      title: t("desk.tags"),
      filter: true,
      choices: () => [...this.desk.store.tags.values()].map((tag) => ({ id: tag.id, label: tag.name, mark: html`<i class="tag-dot" data-var="${tag.colour ? `--tag:${tag.colour}` : ""}"></i>`, on: this.#person?.tags?.includes(tag.id) })),
      pick: (id) => {
        const tags = this.#person?.tags ?? [];
        void this.#patch({ tags: tags.includes(id) ? tags.filter((other) => other !== id) : [...tags, id] });
      },
    });
  }

  /** @param {string} value */
  async #copy(value) {
    if (await copyText(value)) toast(t("desk.copied", { value }));
  }

  /** Why an address counts as theirs. @param {import("../shared/types.js").Identity} identity */
  #proof(identity) {
    const when = identity.verified_at ? full(identity.verified_at) : "";
    const name = this.desk.store.agentName(identity.verified_by ?? "");
    if (identity.verified_how === "hand") return t("desk.verified_hand", { name, when });
    return identity.verified_how === "code" ? t("desk.verified_code", { name, when }) : t("desk.verified");
  }

  #render() {
    const { store } = this.desk;
    const { talk, row } = store;
    this.setAttribute("aria-label", t("desk.contact"));
    this.hidden = !store.current && !store.wanted;
    const contact = talk?.contact;
    if (!contact || !row) {
      this.#contact = "";
      render(this, html`<div class="person-wait" aria-hidden="true"><span class="face l skeleton"></span><span class="skeleton bar-a"></span><span class="skeleton bar-b"></span><span class="skeleton bar-b"></span></div>`);
      return;
    }
    if (this.#contact !== contact.id) {
      this.#contact = contact.id;
      this.#adding = "";
    }
    const zone = zoneOf(contact, store.boot.shop.time_zone);
    const there = clockIn(zone, Date.now());
    const here = clockIn(HERE, Date.now());
    const identities = (contact.identities ?? []).filter((identity) => identity.kind !== "visitor");
    const page = typeof row.page === "string" ? { url: row.page, title: row.page } : row.page;
    const rated = talk.earlier.filter((other) => other.rating > 0);
    render(
      this,
      html`<header class="person-head">
          ${contactFace(row, "l")}
          <div class="person-name"><input class="inplace" name="name" value="${contact.name}" placeholder="${nameOf({ ...row.contact, name: "" })}" aria-label="${t("desk.contact_name")}" autocomplete="off" spellcheck="false">
            <p class="meta">${contact.customer_no ? html`<span class="num">${t("desk.customer_no", { no: contact.customer_no })}</span> · ` : ""}<span>${t("desk.since", { when: yearOf(contact.created) })}</span></p></div>
          <button class="tool only-drawer" type="button" data-act="close" aria-label="${t("common.close")}">${icon("close")}</button>
        </header>
        ${contact.blocked ? html`<p class="caution">${icon("block", "s")}${t("desk.contact_blocked")}</p>` : ""}
        <section class="card kv">
          ${identities.map(
            (identity) => html`<div class="kv-row" data-key="${identity.id}">${icon(KINDS[/** @type {keyof typeof KINDS} */ (identity.kind)] ?? "me", "s")}<button class="kv-value" type="button" data-act="copy" data-value="${identity.value}" title="${t("desk.copy")}"><span class="num">${
              identity.kind === "phone" ? phone(identity.value) : identity.value}</span>${identity.verified ? html`<span class="verified" title="${this.#proof(identity)}">${icon("check", "xs")}</span>` : ""}</button>${
              identity.kind === "email" || identity.kind === "phone" ? html`<button class="tool tiny kv-act" type="button" data-act="prove-identity" data-id="${identity.id}" aria-haspopup="menu" aria-label="${
              t("desk.identity_prove", { value: identity.value })}" title="${t("desk.identity_prove", { value: identity.value })}">${icon("shield", "xs")}</button><button class="tool tiny kv-act is-next" type="button" data-act="drop-identity" data-id="${identity.id}" aria-label="${
              t("desk.identity_remove", { value: identity.value })}">${icon("close", "xs")}</button>` : ""}</div>${
              bounceHtml(identity, store)}`,
          )}
          ${this.#adding
            ? html`<form class="identity-form" data-key="adding"><input name="value" type="${this.#adding === "email" ? "email" : "tel"}" inputmode="${
              this.#adding === "email" ? "email" : "tel"}" required placeholder="${this.#adding === "email" ? "name@example.com" : "+880 1711-000 000"}" aria-label="${
              this.#adding === "email" ? t("desk.identity_email") : t("desk.identity_phone")}" autocomplete="off"><button class="btn go" type="submit">${t("common.add")}</button><button class="tool" type="button" data-act="cancel-add" aria-label="${t("common.cancel")}">${icon("close", "s")}</button></form>`
            : html`<div class="kv-row" data-key="add">${icon("plus", "s")}<button class="link" type="button" data-act="add-identity" aria-haspopup="menu">${t("desk.identity_add")}</button></div>`}
          ${there ? html`<div class="kv-row" data-key="zone">${icon("pin", "s")}<span>${there === here ? there : t("desk.time_there", { time: there })}<span class="meta"> · ${zone.split("/").pop()?.replace(/_/g, " ")}</span></span></div>` : ""}
          <div class="kv-row" data-key="language">${icon("language", "s")}<button class="kv-value" type="button" data-act="language" aria-haspopup="menu">${
            LANGUAGES[contact.language] || contact.language || t("desk.language")}${icon("down", "xs")}</button></div>
          ${page?.url ? html`<div class="kv-row" data-key="page">${icon("globe", "s")}<a class="kv-clip" href="${
            /^https?:/.test(page.url) ? page.url : "#"}" target="_blank" rel="noopener noreferrer" title="${page.url}">${page.title || page.url}</a></div>` : ""}
          ${contact.last_seen && !row.contact.online ? html`<div class="kv-row" data-key="seen">${icon("eye", "s")}<span title="${
            full(contact.last_seen)}">${t("desk.last_seen", { when: sameDay(contact.last_seen, new Date().toISOString()) ? clock(contact.last_seen) : shortDate(contact.last_seen) })}</span></div>` : ""}
        </section>
        <section class="card"><h2>${t("desk.tags")}<button class="link" type="button" data-act="talk-tags" aria-haspopup="menu">${t("desk.edit")}</button></h2>
          <p class="tag-line">${row.tags.length ? row.tags.map((id) => tagChip(store.tags.get(id))) : html`<span class="meta">${t("desk.no_tags")}</span>`}</p></section>
        <section class="card"><h2>${t("desk.contact_tags")}<button class="link" type="button" data-act="tags" aria-haspopup="menu">${t("desk.edit")}</button></h2>
          <p class="tag-line">${contact.tags?.length ? contact.tags.map((id) => tagChip(store.tags.get(id))) : html`<span class="meta">${t("desk.no_tags")}</span>`}</p></section>
        <section class="card"><h2>${t("desk.contact_note")}</h2>
          <textarea class="sticky" name="note" rows="2" dir="auto" placeholder="${t("desk.contact_note_hint")}" aria-label="${t("desk.contact_note")}">${contact.note}</textarea></section>
        <div class="person-more" data-keep data-key="more"></div>
        <section class="card"><h2>${t("desk.earlier")}${rated.length ? html`<span class="num card-side">${t("desk.average", { n: (rated.reduce((sum, other) => sum + other.rating, 0) / rated.length).toFixed(1) })}</span>` : ""}</h2>
          ${talk.earlier.length
            ? html`<div class="earlier">${talk.earlier.map(
                (other) => html`<a href="${routeTo("all", other.number)}" data-key="${other.id}">${icon(channelIcon(other.channel), "s")}<span class="earlier-words"><span class="earlier-subject">${
                  other.subject || `#${digits(other.number)}`}</span><span class="meta"><span title="${full(other.last_activity)}">${
                  shortDate(other.last_activity)}</span> · ${t(`desk.status_${other.status}`)}${other.rating ? html` · ${stars(other.rating)}` : ""}</span></span></a>`,
              )}</div>`
            : html`<p class="meta">${t("desk.earlier_none")}</p>`}</section>
        <section class="card person-acts"><button class="link is-quiet" type="button" data-act="merge">${icon("merge", "s")}${t("desk.merge")}</button><button class="link is-quiet" type="button" data-act="block">${icon("block", "s")}${
          contact.blocked ? t("desk.unblock") : t("desk.block")}</button>${this.desk.store.me.role === "owner" ? html`<button class="link is-quiet" type="button" data-act="erase">${icon("trash", "s")}${t("desk.erase")}</button>` : ""}</section>`,
    );
    const note = this.querySelector("textarea");
    if (note) grow(note);
    afterPaint(() => this.isConnected && this.#contact === contact.id && void this.#blocks());
  }
}

/** Whether the browser itself fits a box to its text. */
const GROWS = CSS.supports("field-sizing", "content");

/** @param {HTMLTextAreaElement} box */
function grow(box) {
  if (GROWS) return;
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight + 2, 320)}px`;
}
/** What became of mail to an address, and that it may be forgotten. @param {import("../shared/types.js").Identity} identity @param {import("./store.js").Store} store */
function bounceHtml(identity, store) {
  const { id, bounce, bounced_at: at, quiet_until: quiet } = identity;
  if (!bounce && !quiet) return "";
  const words = bounce ? t(`desk.bounce_${bounce}`, { when: at ? shortDate(at) : "" }) : t("desk.quiet_until", { when: shortDate(quiet ?? "") });
  return html`<p class="caution kv-note" data-key="bounce-${id}">${icon("alert", "s")}<span title="${bounce ? told(identity.bounce_reason ?? "", store) : ""}">${words} <button class="link" type="button" data-act="clear-identity" data-id="${id}">${t("desk.bounce_clear")}</button></span></p>`;
}

customElements.define("desk-person", DeskPerson);
