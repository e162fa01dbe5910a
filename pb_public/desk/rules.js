/** For owners: opening hours, response targets and automations, one sheet with a place for each. */
import { sentence } from "../shared/api.js";
import { html, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { blank, loadStyle } from "./parts.js";
import { openSheet, waitLines } from "./sheet.js";

/** @typedef {import("./app.js").Desk} Desk */
/** @typedef {"hours" | "targets" | "automations"} Place */

/** What a place of the sheet is: it fetches, draws, and hears of what is done in it. */
export class Pane {
  /** @param {Desk} desk @param {HTMLElement} host */
  constructor(desk, host) {
    this.desk = desk;
    this.host = host;
    /** @type {unknown} */
    this.failure = null;
    this.ready = false;
  }

  /** @returns {Promise<void>} */
  async fetch() {}
  /** @returns {import("../shared/html.js").Html} */
  view() {
    return html``;
  }
  /** @type {Record<string, (target: HTMLElement) => unknown>} */
  acts = {};
  /** @param {HTMLElement} _field @returns {unknown} */
  changed(_field) {
    return undefined;
  }
  /** @param {HTMLElement} _field @returns {unknown} */
  typed(_field) {
    return undefined;
  }

  async load() {
    this.failure = null;
    if (!this.ready) this.draw();
    try {
      await this.fetch();
      this.ready = true;
    } catch (error) {
      // What is shown already stays: a failed refresh takes nothing away.
      if (!this.ready) this.failure = error;
    }
    this.draw();
  }

  draw() {
    if (!this.host.isConnected) return;
    if (this.failure) return render(this.host, blank("cloud-off", t("deskmore.load_failed"), sentence(this.failure), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`));
    render(this.host, this.ready ? this.view() : waitLines(5));
  }

  /** Does something to the server's records and shows them as they are then; a refusal is said. @param {() => Promise<unknown>} act */
  async doing(act) {
    try {
      await act();
    } catch (error) {
      this.desk.toast(wordsOf(error), { bad: true });
    }
    await this.load();
  }

  /** Says that something was done, with a way back. @param {string} words @param {() => Promise<unknown>} back */
  undoable(words, back) {
    this.desk.toast(words, { act: t("common.undo"), run: () => void this.doing(back) });
  }

  /** All records of a collection. @param {string} name @param {string} sort @returns {Promise<any[]>} */
  async all(name, sort) {
    return (await this.desk.api.get(`/api/collections/${name}/records?perPage=500&sort=${sort}`)).items;
  }
}

/** What is wrong, the field's own words first. @param {unknown} error */
export function wordsOf(error) {
  const fields = /** @type {{data?: Record<string, {message?: string}>}} */ (error)?.data ?? {};
  return Object.values(fields).map(({ message }) => message ?? "").filter(Boolean).join(" ") || sentence(error);
}

/** @param {string} path @param {string} id */
export const recordPath = (path, id = "") => `/api/collections/${path}/records${id ? `/${id}` : ""}`;

/** A switch as it stands in a line. @param {string} act @param {string} id @param {boolean} on @param {string} label */
export function lineSwitch(act, id, on, label) {
  return html`<label class="switch is-bare"><span class="quiet">${label}</span><input type="checkbox" role="switch" data-change="${act}" data-id="${id}" ${on ? html`checked` : ""}></label>`;
}

/** @param {string} name @param {[string, string][]} options @param {string} value @param {string} label @param {string} [extra] more data */
export function select(name, options, value, label, extra = "") {
  return html`<select class="pick" data-change="${name}" data-at="${extra}" aria-label="${label}">${options.map(([id, words]) => html`<option value="${id}" ${id === value ? html`selected` : ""}>${words}</option>`)}</select>`;
}

const PLACES = /** @type {const} */ (["automations", "targets", "hours"]);

/** @param {Desk} desk @param {Place} [place] */
export async function openRules(desk, place = "automations") {
  await Promise.all([addTexts("deskmore", "error", "rules"), loadStyle("rules")]);
  const title = { automations: t("rules.automations"), targets: t("rules.targets"), hours: t("rules.hours_title") };
  const { sheet } = openSheet(
    "rules",
    t("rules.title"),
    html`<div class="sheet-body"><fieldset class="segment rules-places"><legend class="quiet">${t("rules.title")}</legend><div>${PLACES.map((id) => html`<label><input type="radio" name="place" value="${id}" ${id === place ? html`checked` : ""}><span>${title[id]}</span></label>`)}</div></fieldset><div class="rules-pane"></div></div>`,
  );
  const host = /** @type {HTMLElement} */ (sheet.querySelector(".rules-pane"));
  /** @type {Pane | null} */
  let pane = null;
  let turn = 0;
  let chosen = place;
  const show = async (/** @type {string} */ id) => {
    const mine = ++turn;
    render(host, waitLines(5));
    try {
      const made = id === "hours" ? new (await import("./hours.js")).HoursPane(desk, host) : id === "targets" ? new (await import("./targets.js")).TargetsPane(desk, host) : new (await import("./automations.js")).AutomationsPane(desk, host);
      if (mine !== turn) return;
      pane = made;
      await made.load();
    } catch (error) {
      if (mine === turn) render(host, blank("cloud-off", t("deskmore.load_failed"), sentence(error), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`));
    }
  };
  sheet.addEventListener("change", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLElement)) return;
    if (field instanceof HTMLInputElement && field.name === "place") {
      chosen = /** @type {Place} */ (field.value);
      void show(chosen);
    } else void pane?.changed(field);
  });
  sheet.addEventListener("input", (event) => event.target instanceof HTMLElement && void pane?.typed(event.target));
  host.addEventListener("click", (event) => {
    const target = event.target instanceof Element && event.target.closest("[data-act]");
    if (!(target instanceof HTMLElement)) return;
    const act = target.dataset.act ?? "";
    if (act === "again") void (pane ? pane.load() : show(chosen));
    else void pane?.acts[act]?.(target);
  });
  // What another owner changes shows at once.
  const before = desk.store.onRules;
  desk.store.onRules = () => void pane?.load();
  sheet.addEventListener("close", () => {
    desk.store.onRules = before;
  });
  await show(place);
}

