/** The owner sets the shop up: one page a step, each of which can be left out and come back to. */
import { sentence } from "../shared/api.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, currentLanguage, t } from "../shared/i18n.js";
import { loadStyle, toast } from "./parts.js";
import { recall, remember } from "./prefs.js";
import { after, before, frame, nextOpen, STEPS } from "./setupframe.js";

await Promise.all(["form", "sheet", "boxes", "rules", "setup"].map(loadStyle));

/**
 * @typedef {import("./setupframe.js").Step} Step
 * @typedef {{id: string, name: string, email: string, role: string, invited: boolean, expires: string}} Colleague
 * @typedef {{open: boolean, always: boolean, next: string, now: string, zone: string}} Office
 * @typedef {{done: number, of: number, wanted: boolean, closed: boolean, steps: Step[], staff: Colleague[], can_mail: boolean, office: Office, base: string}} State
 */

/** One step: what it shows, and what Continue does. */
export class Page {
  /** Fields that were refused, and why. @type {Record<string, string>} */
  wrong = {};
  /** What the page is about, kept while it is drawn anew. @type {Record<string, string>} */
  values = {};
  /** How often the server is asked while the page is looked at, in ms; 0 is never. */
  every = 0;
  /** @type {Record<string, (target: HTMLElement) => unknown>} */
  acts = {};
  /** @param {Setup} setup @param {string} name */
  constructor(setup, name) {
    this.setup = setup;
    this.name = name;
  }
  get api() {
    return this.setup.api;
  }
  /** @returns {Step} */
  get step() {
    return this.setup.state.steps.find(({ step }) => step === this.name) ?? { step: this.name, state: "open", proof: null };
  }
  get done() {
    return this.step.state === "done";
  }
  /** @param {string} name @param {string} [otherwise] */
  value(name, otherwise = "") {
    return this.values[name] ?? otherwise;
  }
  async fetch() {}
  /** @returns {import("../shared/html.js").Html} */
  view() {
    return html``;
  }
  /** What stands beside on a wide page. @returns {import("../shared/html.js").Html | ""} */
  beside() {
    return "";
  }
  /** Before Continue: keeps what was typed. @returns {Promise<boolean>} whether to go on */
  async next() {
    return true;
  }
  /** Whether Continue leads on; without, the step has a button of its own. */
  get ready() {
    return true;
  }
  /** @param {HTMLElement} _field @returns {unknown} */
  changed(_field) {
    return undefined;
  }
  /** Asked from time to time. */
  async look() {
    await this.setup.refresh();
  }
  draw() {
    this.setup.draw();
  }
  stop() {}
}

export class Setup {
  /** @type {State} */
  state = /** @type {any} */ (null);
  /** The shop's record. @type {any} */
  shop = null;
  /** @type {Page} */
  page = /** @type {any} */ (null);
  busy = false;
  bad = "";
  screen = document.createElement("main");
  #timer = 0;
  #turn = 0;
  #undo = () => {};

  /** @param {import("./session.js").Session} session @param {import("../shared/types.js").Boot} boot */
  constructor(session, boot) {
    this.session = session;
    this.boot = boot;
    this.api = session.api;
    this.screen.className = "setup";
    /** What panes of the desk that stand in a step ask of the desk. */
    this.desk = /** @type {import("./app.js").Desk} */ (/** @type {unknown} */ ({ api: this.api, toast, store: { boot, me: boot.me } }));
  }

  async begin() {
    [this.state, this.shop] = await Promise.all([this.api.get("/api/desk/setup"), this.api.get("/api/collections/shop/records/shop00000000001")]);
    this.boot.shop.time_zone = this.shop.time_zone;
    this.#undo = onAct(this.screen, {
      speak: (target) => void this.#speak(target.dataset.lang ?? "en"),
      skip: () => void this.skip(),
      back: () => this.go(before(this.page.name)),
      continue: () => void this.next(),
    });
    this.screen.addEventListener("click", (event) => {
      const target = event.target instanceof Element && event.target.closest("[data-act]");
      if (target instanceof HTMLElement) void this.page.acts[target.dataset.act ?? ""]?.(target);
    });
    this.screen.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.next();
    });
    const keep = (/** @type {Event} */ event) => {
      const field = event.target;
      if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement)) return;
      if (field.name && !(field instanceof HTMLInputElement && field.type === "file")) this.page.values[field.name] = field instanceof HTMLInputElement && field.type === "checkbox" ? (field.checked ? "on" : "") : field.value;
      if (event.type === "change" || (field instanceof HTMLInputElement && field.type === "color")) void this.page.changed(field);
    };
    this.screen.addEventListener("input", keep);
    this.screen.addEventListener("change", keep);
    const routed = () => {
      if (this.screen.isConnected && location.hash.startsWith("#/setup")) return void this.route();
      // The desk, or somebody else's set-up.
      window.removeEventListener("hashchange", routed);
      this.stop();
    };
    window.addEventListener("hashchange", routed);
    await this.route();
  }

  stop() {
    clearTimeout(this.#timer);
    this.page?.stop();
    this.#undo();
  }

  /** Shows the step of the address, or the one to go on with. */
  async route() {
    const asked = /^#\/setup\/([a-z]+)$/.exec(location.hash)?.[1] ?? "";
    const name = asked === "end" || STEPS.indexOf(asked) > 0 ? asked : nextOpen(this.state.steps);
    if (asked !== name) history.replaceState(null, "", `#/setup/${name}`);
    const mine = ++this.#turn;
    clearTimeout(this.#timer);
    this.page?.stop();
    const page = name === "mail" ? new (await import("./setupmail.js")).MailPage(this, name) : (await import("./setupsteps.js")).pageOf(this, name);
    if (mine !== this.#turn) return;
    this.page = page;
    this.bad = "";
    try {
      await page.fetch();
    } catch (error) {
      this.bad = sentence(error);
    }
    if (mine !== this.#turn) return;
    this.draw();
    this.screen.querySelector(".setup-main")?.scrollTo(0, 0);
    this.screen.querySelector("details")?.removeAttribute("open");
    this.focus();
    this.watch();
  }

  /** To the title: from there the keyboard leads through the step. */
  focus() {
    /** @type {HTMLElement | null} */ (this.screen.querySelector("h1"))?.focus({ preventScroll: true });
  }

  /** Asks from time to time, if the page wants that. */
  watch() {
    clearTimeout(this.#timer);
    if (!this.page.every) return;
    this.#timer = window.setTimeout(async () => {
      const { page } = this;
      if (document.visibilityState === "visible" && this.screen.isConnected) {
        try {
          await page.look();
        } catch {
          // The line is gone for a moment; the next look tells.
        }
      }
      if (page === this.page && this.screen.isConnected) this.watch();
    }, this.page.every);
  }

  /** Asks the server again how far everything is. */
  async refresh() {
    this.state = await this.api.get("/api/desk/setup");
    this.draw();
  }

  /** @param {string} step @param {"open" | "done" | "skipped"} state */
  async mark(step, state) {
    this.state = await this.api.post(`/api/desk/setup/${step}`, { state });
  }

  /** @param {string} step */
  go(step) {
    if (step) location.hash = `#/setup/${step}`;
  }

  /** Does something once at a time; what goes wrong is said on the page. @param {() => Promise<unknown>} act */
  async doing(act) {
    if (this.busy) return;
    this.busy = true;
    this.bad = "";
    this.page.wrong = {};
    this.draw();
    try {
      await act();
    } catch (error) {
      const fields = /** @type {{fields?: Record<string, {message: string}>}} */ (error).fields ?? {};
      this.page.wrong = Object.fromEntries(Object.entries(fields).map(([name, { message }]) => [name, message.replace(/।\.$/, "।")]));
      this.bad = Object.keys(fields).length ? "" : sentence(error);
      if (Object.keys(fields).some((name) => !this.screen.querySelector(`[data-field="${CSS.escape(name)}"]`))) this.bad = sentence(error);
    }
    this.busy = false;
    this.draw();
    /** @type {HTMLElement | null} */ (this.screen.querySelector(".is-wrong :is(input, select)"))?.focus();
  }

  next() {
    return this.doing(async () => {
      const { page } = this;
      if (await page.next()) this.go(after(page.name));
    });
  }

  skip() {
    const { page } = this;
    return this.doing(async () => {
      // Who works alone has nobody to invite.
      if (!page.done) await this.mark(page.name, page.name === "staff" ? "done" : "skipped");
      this.go(after(page.name));
    });
  }

  /** @param {string} lang */
  async #speak(lang) {
    if (lang === currentLanguage()) return;
    remember("lang", lang);
    const others = (this.boot.me.languages ?? []).filter((other) => other !== lang);
    await this.api.patch("/api/desk/me", { languages: [lang, ...others] }).catch(() => {});
    this.stop();
    document.dispatchEvent(new Event("shohay-language"));
  }

  draw() {
    const { page, state, shop } = this;
    const end = page.name === "end";
    const at = STEPS.indexOf(page.name) + 1;
    document.title = `${t(end ? "setup.step_end" : `setup.step_${page.name}`)} · ${shop.name}`;
    const beside = page.beside();
    const back = before(page.name);
    render(
      this.screen,
      html`${frame({ shop: shop.name, steps: state.steps, current: page.name, links: true, later: html`<a class="link" href="#/unassigned">${icon("inbox", "s")}${t("setup.to_desk")}</a>` })}
        <section class="setup-main ${beside ? "has-beside" : ""}" data-key="${page.name}"><form class="setup-page" novalidate>
          <header><p class="setup-of">${end ? t("setup.step_end") : t("setup.step_of", { n: at, of: STEPS.length })}</p><h1 tabindex="-1">${t(`setup.${page.name}_title`, { shop: shop.name })}</h1><p class="setup-why">${t(`setup.${page.name}_why`)}</p></header>
          <div class="setup-body">${page.view()}</div>
          ${beside ? html`<aside class="setup-beside" aria-label="${t("setup.preview")}">${beside}</aside>` : ""}
          <p class="form-bad" role="alert" ${this.bad ? "" : html`hidden`}>${this.bad}</p>
          ${end ? "" : html`<footer class="setup-go">${back ? html`<button class="btn" type="button" data-act="back">${t("common.back")}</button>` : ""}<span class="setup-gap"></span>
            ${page.done ? "" : html`<button class="link" type="button" data-act="skip" ${this.busy ? html`disabled` : ""}>${t(page.name === "staff" ? "setup.alone" : "setup.skip")}</button>`}
            ${page.ready ? html`<button class="btn go" type="submit" ${this.busy ? html`disabled aria-busy="true"` : ""}>${t("setup.continue")}</button>` : ""}</footer>`}
        </form></section>`,
    );
  }
}

/** @param {import("./session.js").Session} session @param {import("../shared/types.js").Boot} boot */
export async function setupScreen(session, boot) {
  await addTexts("setup", "deskmore", "rules");
  const setup = new Setup(session, boot);
  await setup.begin();
  if (!recall("lang")) remember("lang", currentLanguage());
  requestAnimationFrame(() => setup.focus()); // once it is in the window
  return setup.screen;
}
