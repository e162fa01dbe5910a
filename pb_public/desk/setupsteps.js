/** The steps of the set-up but for the mailbox, which has a module of its own. */
import { clock, full, readableOn, shortDate, size, upcoming } from "../shared/format.js";
import { html, icon, safeUrl } from "../shared/html.js";
import { currentLanguage, LANGUAGES, t } from "../shared/i18n.js";
import { daysFrom, HoursPane } from "./hours.js";
import { face, toast } from "./parts.js";
import { recordPath } from "./rules.js";
import { Page } from "./setup.js";
import { field, proof } from "./setupframe.js";
import { copyFrom } from "./sheet.js";

const SHOP = "/api/collections/shop/records/shop00000000001";
/** What a new shop is called until somebody names it. */
const UNNAMED = "My shop";

/** Colours to choose from, far apart and calm. */
const ACCENTS = ["#006a4e", "#0f766e", "#1d4ed8", "#6d28d9", "#be185d", "#c2410c", "#b45309", "#374151"];

/** Zones by name, this browser's own first. @param {string} chosen */
export function zones(chosen) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const all = Intl.supportedValuesOf("timeZone").filter((zone) => zone.includes("/"));
  return [...new Set([chosen, own, ...all])].filter(Boolean);
}

class ShopPage extends Page {
  get zone() {
    return this.value("time_zone", this.setup.shop.time_zone);
  }
  get languages() {
    const own = this.setup.shop.languages ?? [];
    return Object.keys(LANGUAGES).filter((lang) => (this.values[`in_${lang}`] ?? (own.includes(lang) ? "on" : "")) === "on");
  }
  view() {
    const { shop } = this.setup;
    const name = this.value("name", shop.name === UNNAMED ? "" : shop.name);
    const main = this.value("language", shop.language);
    return html`<div class="setup-fields">
      ${field("name", t("setup.shop_name"), html`<input name="name" value="${name}" maxlength="80" autocomplete="organization" required>`, t("setup.shop_name_hint"), this.wrong.name)}
      <fieldset class="setup-choice"><legend>${t("setup.shop_languages")}</legend><div>${Object.entries(LANGUAGES).map(([id, label]) => html`<label class="chip-check"><input type="checkbox" name="in_${id}" ${
        this.languages.includes(id) ? html`checked` : ""}><span lang="${id}">${label}</span></label>`)}</div><small>${
        this.wrong.languages || t("setup.shop_languages_hint")}</small></fieldset>
      ${this.languages.length > 1 ? html`<fieldset class="segment"><legend>${t("setup.shop_language")}</legend><div>${
        this.languages.map((id) => html`<label><input type="radio" name="language" value="${id}" ${id === main ? html`checked` : ""}><span lang="${id}">${LANGUAGES[id]}</span></label>`)}</div></fieldset>` : ""}
      ${field("time_zone", t("setup.shop_zone"), html`<select class="pick" name="time_zone">${zones(this.zone).map((zone) => html`<option value="${zone}" ${
        zone === this.zone ? html`selected` : ""}>${zone.replace(/_/g, " ")}</option>`)}</select>`, "", this.wrong.time_zone)}
    </div>
    ${proof("calm", t("setup.shop_now", { time: clock(Date.now(), this.zone) }))}`;
  }
  every = 20_000;
  async look() {
    this.draw();
  }
  changed() {
    this.draw();
  }
  async next() {
    const { languages } = this;
    const name = this.value("name", this.setup.shop.name === UNNAMED ? "" : this.setup.shop.name).trim();
    this.wrong = !name ? { name: t("setup.shop_name_missing") } : languages.length === 0 ? { languages: t("setup.shop_languages_none") } : {};
    if (Object.keys(this.wrong).length) return false;
    const wanted = this.value("language", this.setup.shop.language);
    this.setup.shop = await this.api.patch(SHOP, { name, languages, language: languages.includes(wanted) ? wanted : languages[0], time_zone: this.zone });
    Object.assign(this.setup.boot.shop, { name, time_zone: this.zone });
    document.documentElement.dataset.shop = name;
    await this.setup.mark("shop", "done");
    return true;
  }
}

/** The week alone: holidays have their place at the desk. */
class Week extends HoursPane {
  brief = true;
}

/** Weeks that shops have. @type {Record<string, [string[], string, string]>} */
const WEEKS = {
  all: [["6", "0", "1", "2", "3", "4", "5"], "10:00", "20:00"],
  friday: [["6", "0", "1", "2", "3", "4"], "10:00", "20:00"],
  sunday: [["1", "2", "3", "4", "5", "6"], "09:00", "18:00"],
};

/** What customers are told now. @param {import("./setup.js").Office} office */
export function officeWords(office) {
  if (office.always) return t("setup.now_always");
  if (office.open) return office.next ? t("setup.now_open", { time: upcoming(office.next) }) : t("setup.now_open_on");
  return office.next ? t("setup.now_closed", { time: upcoming(office.next) }) : t("setup.now_closed_on");
}

class HoursPage extends Page {
  week = new Week(this.setup.desk, document.createElement("div"));
  async fetch() {
    // The pane draws by way of the page.
    this.week.draw = () => this.draw();
    await this.week.fetch();
    this.week.ready = true;
  }
  view() {
    const { office } = this.setup.state;
    return html`<div class="setup-presets" role="group" aria-label="${t("setup.hours_presets")}">${Object.entries(WEEKS).map(([id, [, opens, closes]]) => html`<button class="chip" type="button" data-act="preset" data-week="${id}">${
      t(`setup.hours_${id}`, { opens: at(opens), closes: at(closes) })}</button>`)}${this.week.spans.length ? html`<button class="chip" type="button" data-act="always">${t("rules.always_open")}</button>` : ""}</div>
      <div class="setup-week">${this.week.spans.length ? this.week.view() : html`<div class="always"><p><b>${t("rules.always_open")}</b><small>${t("rules.always_open_hint")}</small></p></div>`}</div>
      ${proof(office.open ? "good" : "calm", html`<b>${t(office.open ? "setup.open_now" : "setup.closed_now")}</b> ${officeWords(office)}`)}`;
  }
  /** @param {HTMLElement} input */
  async changed(input) {
    if (!input.dataset.change) return;
    await this.week.changed(input);
    await this.setup.refresh();
  }
  /** @param {string[]} days @param {string} opens @param {string} closes */
  async #set(days, opens, closes) {
    for (const span of this.week.spans) await this.api.delete(recordPath("office_hours", span.id));
    for (const day of days) await this.api.post(recordPath("office_hours"), { day, opens, closes });
    await this.week.fetch();
    await this.setup.refresh();
  }
  acts = {
    preset: (/** @type {HTMLElement} */ target) => this.setup.doing(() => this.#set(...WEEKS[target.dataset.week ?? "all"])),
    always: () => this.setup.doing(() => this.#set([], "", "")),
    ...Object.fromEntries(["begin", "add-span", "drop-span", "copy-day"].map((name) => [name, async (/** @type {HTMLElement} */ target) => {
      await /** @type {any} */ (this.week.acts)[name](target);
      setTimeout(() => void this.setup.refresh(), 600);
    }])),
  };
  async next() {
    await this.setup.mark("hours", "done");
    return true;
  }
}

/** A time of the week in the reader's own way. @param {string} time */
function at(time) {
  return clock(`2026-01-01T${time}:00Z`, "UTC");
}

class LookPage extends Page {
  /** @type {File | null} */
  logo = null;
  logoUrl = "";
  get colour() {
    return this.value("colour", this.setup.shop.colour || ACCENTS[0]).toLowerCase();
  }
  get picture() {
    const { shop } = this.setup;
    return this.logoUrl || (shop.logo ? `/api/files/shop/${shop.id}/${shop.logo}?thumb=96x96` : "");
  }
  view() {
    const own = !ACCENTS.includes(this.colour);
    return html`<div class="setup-fields">
      <fieldset class="setup-choice"><legend>${t("setup.look_colour")}</legend><div class="swatches">${ACCENTS.map((colour) => html`<label class="swatch" data-var="--swatch:${colour}"><input type="radio" name="colour" value="${colour}" ${
        colour === this.colour ? html`checked` : ""} aria-label="${colour}"><span>${icon("check", "s")}</span></label>`)}
        <label class="swatch is-own" data-var="--swatch:${own ? this.colour : "#ffffff"}"><input type="color" data-own="1" value="${this.colour}" aria-label="${t("setup.look_own")}"><span>${
          icon(own ? "check" : "plus", "s")}</span></label></div><small>${t("setup.look_colour_hint")}</small></fieldset>
      <div class="field"><span>${t("setup.look_logo")}</span><span class="file-pick">${this.picture ? html`<img class="setup-logo" src="${safeUrl(this.picture)}" alt="">` : ""}<label class="btn">${icon("image", "s")}${t("setup.look_pick")}<input class="quiet" type="file" data-logo="1" accept="image/png,image/jpeg,image/webp"></label><output>${this.logo?.name ?? ""}</output></span><small>${
        this.wrong.logo || t("setup.look_logo_hint")}</small></div>
    </div>`;
  }
  beside() {
    const { shop } = this.setup;
    const { office } = this.setup.state;
    return html`<div class="peek" aria-hidden="true" data-var="--accent:${this.colour};--accent-ink:${readableOn(this.colour)}">
      <div class="peek-page"><span class="peek-bar"><i class="peek-logo">${this.picture ? html`<img src="${safeUrl(this.picture)}" alt="">` : [...shop.name.trim()][0]}</i><b>${shop.name}</b></span><i></i><i></i><i class="is-short"></i></div>
      <div class="peek-chat"><header><i class="peek-logo">${this.picture ? html`<img src="${safeUrl(this.picture)}" alt="">` : [...shop.name.trim()][0]}</i><span><b>${shop.name}</b><small>${
        t(office.open ? "setup.peek_open" : "setup.peek_closed")}</small></span></header>
        <p class="peek-in">${t("setup.peek_asks")}</p><p class="peek-out">${t("setup.peek_says")}</p><span class="peek-write">${t("setup.peek_write")}</span></div>
      <span class="peek-button">${icon("chat")}</span></div>`;
  }
  /** @param {HTMLElement} input */
  changed(input) {
    if (input instanceof HTMLInputElement && input.dataset.own) this.values.colour = input.value;
    if (input instanceof HTMLInputElement && input.dataset.logo) {
      this.logo = input.files?.[0] ?? null;
      this.stop();
      this.logoUrl = this.logo ? URL.createObjectURL(this.logo) : "";
    }
    this.draw();
  }
  stop() {
    if (this.logoUrl) URL.revokeObjectURL(this.logoUrl);
    this.logoUrl = "";
  }
  async next() {
    const data = new FormData();
    data.set("colour", this.colour);
    if (this.logo) data.set("logo", this.logo);
    this.setup.shop = await this.api.call("PATCH", SHOP, data);
    await wear();
    await this.setup.mark("look", "done");
    return true;
  }
}

/** Puts the shop's colour on, as the server makes it readable in light and dark. */
async function wear() {
  const page = await fetch("/desk/").then((answer) => answer.text()).catch(() => "");
  const css = /<style>([^<]*)<\/style>/.exec(page)?.[1];
  const style = document.head.querySelector("style");
  if (css && style) style.textContent = css;
}

const SITES = /** @type {const} */ (["wordpress", "shopify", "html"]);

class WidgetPage extends Page {
  every = 2_000;
  snippet = "";
  async fetch() {
    this.snippet = (await this.api.get("/api/desk/embed")).snippet;
  }
  get ready() {
    return this.done;
  }
  view() {
    const site = this.value("site", "wordpress");
    const near = /^https?:\/\/(127\.|localhost|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(this.setup.state.base);
    const seen = this.step.proof;
    return html`<div class="code"><pre id="setup-snippet" tabindex="0" role="textbox" aria-readonly="true" aria-label="${t("setup.widget_line")}">${this.snippet}</pre><button class="btn" type="button" data-act="copy">${icon("copy", "s")}${t("desk.copy")}</button></div>
      ${near ? html`<p class="caution">${icon("alert", "s")}<span>${t("setup.widget_near")}</span></p>` : ""}
      <fieldset class="segment"><legend>${t("setup.widget_where")}</legend><div>${SITES.map((id) => html`<label><input type="radio" name="site" value="${id}" ${id === site ? html`checked` : ""}><span>${t(`setup.site_${id}`)}</span></label>`)}</div></fieldset>
      <ol class="steps setup-how">${[1, 2, 3].map((n) => html`<li><p>${t(`setup.${site}_${n}`)}</p></li>`)}</ol>
      ${this.done
        ? proof("good", html`<b>${t("setup.widget_seen", { host: seen?.host ?? "" })}</b> ${seen?.at ? full(seen.at) : ""}`, html`<button class="link" type="button" data-act="strange">${t("setup.widget_strange")}</button>`)
        : proof("wait", html`<b>${t("setup.widget_waits")}</b> ${t("setup.widget_waits_hint")}`)}`;
  }
  changed() {
    this.draw();
  }
  acts = {
    copy: () => copyFrom(this.setup.desk, this.setup.screen.querySelector("#setup-snippet")),
    strange: () => this.setup.doing(() => this.setup.mark("widget", "open")),
  };
}

class StaffPage extends Page {
  /** The last invitation: how it went. @type {{id: string, link: string, mailed: boolean, said: string} | null} */
  sent = null;
  view() {
    const { staff } = this.setup.state;
    return html`<ul class="setup-people">${staff.map((who) => html`<li data-key="${who.id}">${face(who, "s")}<span><b>${who.name}</b><small>${who.email}</small></span><span class="setup-role">${
      who.invited ? (Date.parse(who.expires) > Date.now() ? t("setup.invited_until", { time: shortDate(who.expires) }) : t("setup.invite_over")) : t(who.role === "owner" ? "setup.role_owner" : "setup.role_agent")}</span>${
      who.invited ? html`<button class="link" type="button" data-act="again" data-id="${who.id}">${t("setup.invite_again")}</button><button class="tool" type="button" data-act="drop" data-id="${who.id}" aria-label="${
      t("setup.invite_drop", { name: who.name })}" title="${t("setup.invite_drop", { name: who.name })}">${icon("close", "s")}</button>` : ""}</li>`)}</ul>
      ${this.sent
        ? proof(this.sent.mailed ? "good" : "calm", html`<b>${this.sent.mailed ? t("setup.invite_mailed") : t("setup.invite_link")}</b> ${
          this.sent.mailed ? t("setup.invite_link_too") : this.sent.said}`, html`<div class="code"><pre id="setup-link" tabindex="0" role="textbox" aria-readonly="true" aria-label="${t("setup.invite_link")}">${this.sent.link}</pre><button class="btn" type="button" data-act="copy">${icon("copy", "s")}${t("desk.copy")}</button></div>`)
        : ""}
      <div class="setup-invite">
        ${field("email", t("setup.invite_email"), html`<input name="email" type="email" inputmode="email" autocomplete="off" autocapitalize="none" spellcheck="false" value="${this.value("email")}">`, "", this.wrong.email)}
        ${field("name", t("setup.invite_name"), html`<input name="name" autocomplete="off" maxlength="78" value="${this.value("name")}">`, "", this.wrong.name)}
        <fieldset class="segment"><legend>${t("setup.invite_role")}</legend><div>${["agent", "owner"].map((role) => html`<label><input type="radio" name="role" value="${role}" ${
          role === this.value("role", "agent") ? html`checked` : ""}><span>${t(`setup.role_${role}`)}</span></label>`)}</div></fieldset>
        <button class="btn" type="button" data-act="invite" ${this.setup.busy ? html`disabled` : ""}>${icon("mail", "s")}${t("setup.invite")}</button>
      </div>
      ${this.setup.state.can_mail ? "" : html`<p class="field-hint">${t("setup.invite_no_mail")}</p>`}`;
  }
  /** Continue with an address typed means to invite it. */
  async next() {
    if (this.value("email").trim()) {
      await this.#invite();
      return false;
    }
    if (!this.done) await this.setup.mark("staff", "done");
    return true;
  }
  async #invite() {
    this.sent = await this.api.post("/api/desk/staff/invite", { email: this.value("email"), name: this.value("name"), role: this.value("role", "agent") });
    this.values = {};
    await this.setup.refresh();
  }
  acts = {
    invite: () => this.setup.doing(() => this.#invite()),
    again: (/** @type {HTMLElement} */ target) => this.setup.doing(async () => {
      this.sent = await this.api.post(`/api/desk/staff/${target.dataset.id}/invite`);
      await this.setup.refresh();
    }),
    drop: (/** @type {HTMLElement} */ target) => this.setup.doing(async () => {
      await this.api.delete(`/api/desk/staff/${target.dataset.id}/invite`);
      if (this.sent?.id === target.dataset.id) this.sent = null;
      await this.setup.refresh();
    }),
    copy: () => copyFrom(this.setup.desk, this.setup.screen.querySelector("#setup-link")),
  };
}

/** @typedef {{id: string, name: string, kind: string, active: boolean, where: string, encrypted: boolean, running: boolean, next: string, last_good: string, last_try: string, last_file: string, last_bytes: number, error: string}} Place */

class BackupPage extends Page {
  /** @type {Place[]} */
  places = [];
  /** A backup was asked for. */
  asked = false;
  /** The place's last try before that: with another one it is over. */
  before = "";
  async fetch() {
    this.places = (await this.api.get("/api/desk/backups")).places;
  }
  get place() {
    return this.places.find(({ active }) => active);
  }
  get running() {
    return this.asked && (this.place?.running === true || this.place?.last_try === this.before);
  }
  get ready() {
    return this.done && !this.running;
  }
  every = 1_000;
  async look() {
    if (!this.asked) return;
    await this.fetch();
    if (!this.running) this.asked = false;
    await this.setup.refresh();
  }
  view() {
    const { place } = this;
    if (!place) return html`<p class="caution">${icon("alert", "s")}<span>${t("setup.backup_none")}</span></p>`;
    const folder = this.value("folder", "");
    return html`<p class="setup-fact"><span>${t("setup.backup_where")}</span><b class="setup-path">${place.where}</b></p>
      <details class="setup-more"><summary>${icon("down", "s")}${t("setup.backup_elsewhere")}</summary><div class="setup-fields">
        ${field("folder", t("setup.backup_folder"), html`<input name="folder" value="${folder}" placeholder="${place.where.startsWith("/") ? "/media/usb/shohay" : "E:\\Shohay"}" spellcheck="false" autocapitalize="none" autocomplete="off">`, t("setup.backup_folder_hint"), this.wrong.folder)}
        ${field("passphrase", t("setup.backup_pass"), html`<input name="passphrase" value="${this.value("passphrase")}" spellcheck="false" autocomplete="off">`, t("setup.backup_pass_hint"), this.wrong.passphrase)}</div></details>
      ${this.running
        ? proof("wait", html`<b>${t("setup.backup_runs")}</b> ${t("setup.backup_runs_hint")}`)
        : place.error
          ? proof("bad", html`<b>${t("setup.backup_failed")}</b> ${place.error}`)
          : this.done
            ? proof("good", html`<b>${t("setup.backup_good", { size: size(place.last_bytes) })}</b> ${place.last_file}`, html`<small>${t("setup.backup_next", { time: upcoming(place.next) })}</small>`)
            : ""}
      ${this.running ? "" : html`<p><button class="btn ${this.done ? "" : "go"}" type="button" data-act="make" ${this.setup.busy ? html`disabled` : ""}>${icon("shield", "s")}${t(this.done ? "setup.backup_again" : "setup.backup_now")}</button></p>`}`;
  }
  acts = {
    make: () => this.setup.doing(async () => {
      const { place } = this;
      if (!place) return;
      const folder = this.value("folder").trim();
      const passphrase = this.value("passphrase");
      if (folder || passphrase) await this.api.patch(recordPath("backup_places", place.id), { ...(folder ? { folder } : {}), ...(passphrase ? { passphrase } : {}) });
      this.values = {};
      this.before = place.last_try;
      await this.api.post(`/api/desk/backups/${place.id}/now`);
      this.asked = true;
    }),
  };
}

class EndPage extends Page {
  /** How many articles were written. */
  sample = -1;
  view() {
    const { steps, wanted } = this.setup.state;
    const left = steps.filter(({ state }) => state !== "done");
    const act = (/** @type {string} */ mark, /** @type {string} */ title, /** @type {string} */ hint, /** @type {import("../shared/html.js").Html} */ button) => html`<li>${icon(mark)}<span><b>${title}</b><small>${hint}</small></span>${button}</li>`;
    return html`${left.length ? proof("calm", html`<b>${t("setup.end_left", { n: left.length })}</b>`, html`<span class="setup-left">${
      left.map(({ step }) => html`<a class="chip" href="#/setup/${step}">${t(`setup.step_${step}`)}</a>`)}</span>`) : proof("good", html`<b>${t("setup.end_all")}</b>`)}
      <ul class="setup-nexts">
        ${act("text", t("setup.end_help"), t("setup.end_help_hint"), this.sample < 0 ? html`<button class="btn" type="button" data-act="sample" ${
          this.setup.busy ? html`disabled aria-busy="true"` : ""}>${t("setup.end_help_go")}</button>` : html`<span class="setup-ok">${icon("check", "s")}${
          t("setup.end_help_done", { n: this.sample })}</span>`)}
        ${act("globe", t("setup.end_page"), t("setup.end_page_hint"), html`<a class="btn" href="/" target="_blank" rel="noopener">${t("desk.show")}</a>`)}
        ${act("phone", t("setup.end_phone"), t("setup.end_phone_hint"), html``)}
        ${act("download", t("setup.end_bring"), t("setup.end_bring_hint"), html``)}
      </ul>
      <footer class="setup-go">${wanted && left.length ? html`<button class="link" type="button" data-act="close">${t("setup.end_quiet")}</button>` : ""}<span class="setup-gap"></span><a class="btn go" href="#/unassigned">${t("setup.to_desk")}</a></footer>`;
  }
  acts = {
    sample: () => this.setup.doing(async () => {
      this.sample = (await this.api.call("POST", "/api/desk/articles/sample", {}, { timeout: 120_000 })).articles;
    }),
    close: () => this.setup.doing(async () => {
      await this.setup.mark("closed", "done");
      toast(t("setup.end_quiet_done"));
    }),
  };
}

/** @param {import("./setup.js").Setup} setup @param {string} name @returns {Page} */
export function pageOf(setup, name) {
  const made = { shop: ShopPage, hours: HoursPage, look: LookPage, widget: WidgetPage, staff: StaffPage, backup: BackupPage }[name] ?? EndPage;
  return new made(setup, name);
}
