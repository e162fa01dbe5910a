/** The step with the shop's mailbox: which provider, what it wants, and the mail that the mailbox writes to itself. */
import { currentLanguage, t } from "../shared/i18n.js";
import { html, icon, safeUrl } from "../shared/html.js";
import { signInHtml, trialHtml } from "./mailboxes.js";
import { recordPath } from "./rules.js";
import { Page } from "./setup.js";
import { field, proof } from "./setupframe.js";

/**
 * @typedef {{host: string, port: number, security: "tls" | "starttls" | "none"}} Server
 * @typedef {{name: string, imap: Server, smtp: Server, password: string, page: string, domains: string[], tokens: "google" | "microsoft" | ""}} Provider
 *   page: where the provider lets an app password be made; tokens: how one signs in there without one
 */

/** @param {string} host @param {number} port @param {Server["security"]} [security] @returns {Server} */
const server = (host, port, security = "tls") => ({ host, port, security });

/** The providers that small shops use. A * in a host is the domain of the address. @type {Record<string, Provider>} */
export const PROVIDERS = {
  gmail: { name: "Gmail", imap: server("imap.gmail.com", 993), smtp: server("smtp.gmail.com", 465), password: "app", page: "https://myaccount.google.com/apppasswords", domains: ["gmail.com", "googlemail.com"], tokens: "google" },
  microsoft: { name: "Outlook", imap: server("outlook.office365.com", 993), smtp: server("smtp.office365.com", 587, "starttls"), password: "none", page: "", domains: ["outlook.com", "hotmail.com", "live.com", "msn.com"], tokens: "microsoft" },
  yahoo: { name: "Yahoo", imap: server("imap.mail.yahoo.com", 993), smtp: server("smtp.mail.yahoo.com", 465), password: "app", page: "https://login.yahoo.com/account/security", domains: ["yahoo.com", "ymail.com", "yahoo.co.uk", "yahoo.co.in", "rocketmail.com"], tokens: "" },
  zoho: { name: "Zoho", imap: server("imappro.zoho.com", 993), smtp: server("smtppro.zoho.com", 465), password: "app", page: "https://accounts.zoho.com/home#security/app_password", domains: ["zoho.com", "zohomail.com", "zoho.in", "zoho.eu"], tokens: "" },
  cpanel: { name: "cPanel", imap: server("mail.*", 993), smtp: server("mail.*", 465), password: "own", page: "", domains: [], tokens: "" },
  other: { name: "", imap: server("imap.*", 993), smtp: server("smtp.*", 465), password: "own", page: "", domains: [], tokens: "" },
};

/** The provider of an address, if its domain tells it. @param {string} address */
export function providerOf(address) {
  const domain = address.trim().toLowerCase().split("@")[1] ?? "";
  return Object.keys(PROVIDERS).find((id) => PROVIDERS[id].domains.includes(domain)) ?? "";
}

/** What is known of the servers for an address. @param {string} id @param {string} address @returns {{imap: Server, smtp: Server}} */
export function serversOf(id, address) {
  const domain = address.trim().toLowerCase().split("@")[1] ?? "";
  const { imap, smtp } = PROVIDERS[id];
  const fill = (/** @type {Server} */ s) => ({ ...s, host: domain ? s.host.replace("*", domain) : s.host.includes("*") ? "" : s.host });
  // Zoho's private addresses live on other servers than shops' own domains.
  const zoho = id === "zoho" && /^(zoho\.(com|in|eu)|zohomail\.com)$/.exec(domain);
  if (zoho) {
    const end = zoho[2] ?? "com";
    return { imap: server(`imap.zoho.${end}`, 993), smtp: server(`smtp.zoho.${end}`, 465) };
  }
  if (id === "microsoft" && PROVIDERS.microsoft.domains.includes(domain)) return { imap: fill(imap), smtp: server("smtp-mail.outlook.com", 587, "starttls") };
  return { imap: fill(imap), smtp: fill(smtp) };
}

/** A password as it is meant: providers show app passwords in groups. @param {string} password @param {string} id */
export function meant(password, id) {
  return PROVIDERS[id].password === "app" && /^[a-z]{4}( [a-z]{4}){3}$/i.test(password.trim()) ? password.replace(/ /g, "") : password.trim();
}

const SECURITIES = ["tls", "starttls", "none"];

/** @typedef {import("./mailboxes.js").Trial} Trial */

export class MailPage extends Page {
  /** The record of the mailbox that is being set up. */
  box = "";
  /** It is in use already: then it stays so, and the server tries what is changed before it takes it. */
  active = false;
  /** @type {Trial | null} */
  trial = null;
  trying = false;
  /** @type {import("./mailboxes.js").SignIn | null} */
  signin = null;

  async fetch() {
    const { mailboxes } = await this.api.get(`/api/desk/mailboxes?lang=${currentLanguage()}`);
    const box = mailboxes[0];
    if (!box) return;
    this.box = box.id;
    this.active = box.active;
    const record = await this.api.get(recordPath("mailboxes", box.id));
    const known = Object.keys(PROVIDERS).find((id) => PROVIDERS[id].imap.host === record.imap_host || (id !== "cpanel" && id !== "other" && serversOf(id, record.address).imap.host === record.imap_host));
    this.values = {
      provider: known ?? (record.imap_host.startsWith("mail.") ? "cpanel" : "other"), address: record.address, login: record.login,
      imap_host: record.imap_host, imap_port: String(record.imap_port || ""), imap_security: record.imap_security, smtp_host: record.smtp_host, smtp_port: String(record.smtp_port || ""), smtp_security: record.smtp_security,
      way: record.sign_in === "google" || record.sign_in === "microsoft" ? "tokens" : "password", oauth_client: record.oauth_client ?? "", folder: record.folder,
    };
  }

  get provider() {
    return this.value("provider");
  }
  get byTokens() {
    const { tokens, password } = PROVIDERS[this.provider] ?? PROVIDERS.other;
    return tokens !== "" && (password === "none" || this.value("way") === "tokens");
  }
  get ready() {
    return this.done && !this.trying;
  }

  /** A server as typed, else as the provider has it. @param {"imap" | "smtp"} kind @returns {Server} */
  #server(kind) {
    const usual = serversOf(this.provider, this.value("address"))[kind];
    return { host: this.value(`${kind}_host`, usual.host), port: Number(this.value(`${kind}_port`, String(usual.port))) || usual.port, security: /** @type {Server["security"]} */ (this.value(`${kind}_security`, usual.security)) };
  }

  view() {
    const { provider } = this;
    const chosen = PROVIDERS[provider];
    return html`<fieldset class="providers" ${this.trying ? html`disabled` : ""}><legend class="quiet">${t("setup.mail_provider")}</legend>${Object.entries(PROVIDERS).map(([id, { name }]) => html`<label><input type="radio" name="provider" value="${id}" ${id === provider ? html`checked` : ""}><span>${name || t("setup.mail_other")}${id === "microsoft" ? html`<small>Microsoft 365</small>` : id === "cpanel" ? html`<small>${t("setup.mail_cpanel")}</small>` : ""}</span></label>`)}</fieldset>
      ${chosen ? this.#form(chosen) : html`<p class="field-hint">${t("setup.mail_choose")}</p>`}
      ${this.#outcome()}`;
  }

  /** @param {Provider} chosen */
  #form(chosen) {
    const { provider } = this;
    const tokens = this.byTokens;
    const plain = provider === "other" || provider === "cpanel";
    return html`<div class="setup-fields">
      ${chosen.tokens && chosen.password !== "none" ? html`<fieldset class="segment"><legend class="quiet">${t("setup.mail_way")}</legend><div>${["password", "tokens"].map((way) => html`<label><input type="radio" name="way" value="${way}" ${way === this.value("way", "password") ? html`checked` : ""}><span>${way === "password" ? t("setup.mail_app") : t("deskmore.signin", { provider: "Google" })}</span></label>`)}</div></fieldset>` : ""}
      ${this.#told(chosen, tokens)}
      ${field("address", t("setup.mail_address"), html`<input name="address" type="email" inputmode="email" autocomplete="email" autocapitalize="none" spellcheck="false" value="${this.value("address")}" placeholder="help@shop.com">`, "", this.wrong.address)}
      ${tokens
        ? html`${field("oauth_client", t("setup.mail_client"), html`<input name="oauth_client" autocomplete="off" spellcheck="false" value="${this.value("oauth_client")}">`, t("setup.mail_client_hint"), this.wrong.oauth_client)}
          ${field("oauth_secret", t("setup.mail_client_secret"), html`<input name="oauth_secret" type="password" autocomplete="off" value="${this.value("oauth_secret")}">`, this.box ? t("setup.mail_kept") : "", this.wrong.oauth_secret)}`
        : field("password", t(chosen.password === "app" ? "setup.mail_app" : "setup.mail_password"), html`<input name="password" type="password" autocomplete="off" value="${this.value("password")}">`, this.box ? t("setup.mail_kept") : "", this.wrong.password)}
      <details class="setup-more" ${plain ? html`open` : ""}><summary>${icon("down", "s")}${t("setup.mail_servers")}</summary><div class="setup-fields">
        ${plain || this.value("login") ? field("login", t("setup.mail_login"), html`<input name="login" autocomplete="off" autocapitalize="none" spellcheck="false" value="${this.value("login")}" placeholder="${this.value("address")}">`, t("setup.mail_login_hint"), this.wrong.login) : ""}
        ${/** @type {const} */ (["imap", "smtp"]).map((kind) => this.#serverHtml(kind))}</div></details>
    </div>
    ${this.trying || this.signin ? "" : html`<p><button class="btn ${this.done ? "" : "go"}" type="button" data-act="try" ${this.setup.busy ? html`disabled` : ""}>${icon("mail", "s")}${t(this.done ? "setup.mail_again" : "setup.mail_try")}</button></p>`}`;
  }

  /** What the provider wants, and where one gets it. @param {Provider} chosen @param {boolean} tokens */
  #told(chosen, tokens) {
    const words = t(tokens ? `setup.mail_tokens_${chosen.tokens}` : `setup.mail_told_${this.provider}`);
    return html`<p class="setup-told">${icon("help", "s")}<span>${words} ${!tokens && chosen.page ? html`<a class="link" href="${safeUrl(chosen.page)}" target="_blank" rel="noopener noreferrer">${t("setup.mail_make", { provider: chosen.name })}</a>` : ""}</span></p>`;
  }

  /** @param {"imap" | "smtp"} kind */
  #serverHtml(kind) {
    const { host, port, security } = this.#server(kind);
    return html`<fieldset class="setup-server"><legend>${t(`setup.mail_${kind}`)}</legend>
      ${field(`${kind}_host`, t("setup.mail_host"), html`<input name="${kind}_host" autocomplete="off" autocapitalize="none" spellcheck="false" value="${host}">`, "", this.wrong[`${kind}_host`])}
      ${field(`${kind}_port`, t("setup.mail_port"), html`<input name="${kind}_port" inputmode="numeric" autocomplete="off" value="${String(port)}">`, "", this.wrong[`${kind}_port`])}
      ${field(`${kind}_security`, t("setup.mail_security"), html`<select class="pick" name="${kind}_security">${SECURITIES.map((id) => html`<option value="${id}" ${id === security ? html`selected` : ""}>${t(`setup.security_${id}`)}</option>`)}</select>`, "", this.wrong[`${kind}_security`])}</fieldset>`;
  }

  #outcome() {
    if (this.signin) return signInHtml(this.signin);
    if (this.trying) return html`${this.trial ? trialHtml(this.trial) : ""}${proof("wait", t("setup.mail_trying"))}`;
    if (this.trial && !this.trial.ok) return html`${trialHtml(this.trial)}`;
    if (this.done) return html`${this.trial ? trialHtml(this.trial) : ""}${proof("good", html`<b>${t("setup.mail_good", { address: this.step.proof?.address ?? "" })}</b> ${t("setup.mail_good_hint")}`)}`;
    return "";
  }

  /** @param {HTMLElement} input */
  changed(input) {
    if (!(input instanceof HTMLInputElement)) return;
    if (input.name === "address" && !this.provider) this.values.provider = providerOf(input.value);
    if (input.name === "provider") {
      // What another provider was given is none of this one's.
      for (const name of ["imap_host", "imap_port", "imap_security", "smtp_host", "smtp_port", "smtp_security", "login", "password"]) delete this.values[name];
      this.trial = null;
      this.wrong = {};
    }
    this.draw();
  }

  /** Keeps the mailbox, not in use yet. */
  async #save() {
    const [imap, smtp] = [this.#server("imap"), this.#server("smtp")];
    const { tokens } = PROVIDERS[this.provider];
    const password = meant(this.value("password"), this.provider);
    const record = {
      address: this.value("address").trim(), login: this.value("login").trim(), imap_host: imap.host.trim(), imap_port: imap.port, imap_security: imap.security, smtp_host: smtp.host.trim(), smtp_port: smtp.port, smtp_security: smtp.security,
      ...(this.active ? {} : { active: false }), sign_in: this.byTokens ? tokens : "password", ...(this.byTokens ? { oauth_client: this.value("oauth_client").trim() } : {}), ...(this.value("oauth_secret") ? { oauth_secret: this.value("oauth_secret") } : {}), ...(password ? { password } : {}),
    };
    if (!record.address) this.wrong = { address: t("setup.mail_address_missing") };
    else if (!this.byTokens && !password && !this.box) this.wrong = { password: t("setup.mail_password_missing") };
    else if (this.byTokens && !record.oauth_client) this.wrong = { oauth_client: t("setup.mail_client_missing") };
    if (Object.keys(this.wrong).length) return false;
    if (this.box) await this.api.patch(recordPath("mailboxes", this.box), record);
    else this.box = (await this.api.post(recordPath("mailboxes"), { ...record, fetch_days: 7 })).id;
    delete this.values.password;
    delete this.values.oauth_secret;
    return true;
  }

  /** Signs in at the provider's page and waits for it. */
  async #signIn() {
    this.signin = await this.api.post(`/api/desk/mailboxes/${this.box}/signin`);
    this.draw();
    const pause = Math.max(this.signin?.interval || 5, 2) * 1000;
    try {
      for (let state = ""; this.setup.screen.isConnected && this.setup.page === this && state !== "signed_in"; ) {
        await new Promise((resolve) => setTimeout(resolve, pause));
        state = (await this.api.post(`/api/desk/mailboxes/${this.box}/signin/finish`)).state;
      }
    } finally {
      this.signin = null;
    }
  }

  /** The trial, step by step as it goes. */
  async #try() {
    const answer = await fetch(`/api/desk/mailboxes/${this.box}/try?live=1`, {
      method: "POST", headers: { Authorization: this.setup.session.token, "Accept-Language": currentLanguage(), "Content-Type": "application/json" }, body: "{}", signal: AbortSignal.timeout(180_000),
    });
    if (!answer.ok || !answer.body) throw new Error(String(answer.status));
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    /** @type {Trial} */
    let trial = { ok: false, steps: [], hint: "" };
    for (let rest = "", ended = false; !ended; ) {
      const { value = "", done } = await reader.read();
      ended = done;
      const lines = (rest + value).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines.filter(Boolean)) {
        const said = JSON.parse(line);
        trial = said.steps ? said : { ...trial, steps: [...trial.steps, said] };
      }
      this.trial = trial;
      if (this.setup.page === this) this.draw();
    }
    return trial.ok;
  }

  acts = {
    try: () => this.setup.doing(async () => {
      this.trial = null;
      if (!(await this.#save())) return;
      this.trying = true;
      this.draw();
      try {
        if (this.byTokens) await this.#signIn();
        // Only a mailbox that heard itself is put to use.
        if (await this.#try()) {
          if (!this.active) await this.api.patch(recordPath("mailboxes", this.box), { active: true });
          this.active = true;
          await this.setup.refresh();
        }
      } finally {
        this.trying = false;
      }
    }),
  };
}
