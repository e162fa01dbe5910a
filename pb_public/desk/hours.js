/** When the shop is open: the week, and the days that differ. Every change is kept at once and can be undone. */
import { shortDate } from "../shared/format.js";
import { html, icon } from "../shared/html.js";
import { currentLanguage, localeOf, t } from "../shared/i18n.js";
import { lineSwitch, Pane, recordPath } from "./rules.js";

/**
 * @typedef {{id: string, day: string, opens: string, closes: string}} Span
 * @typedef {{id: string, name: string, first_day: string, last_day: string, yearly: boolean, opens: string, closes: string}} Holiday
 */

/** The days of the week, Saturday first where the shop is in Dhaka. @param {string} zone */
export function daysFrom(zone) {
  const first = zone === "Asia/Dhaka" ? 6 : 1;
  return Array.from({ length: 7 }, (_, i) => String((first + i) % 7));
}

/** @param {string} day */
function dayWord(day) {
  return new Intl.DateTimeFormat(localeOf(currentLanguage()), { weekday: "long", timeZone: "UTC" }).format(new Date(Date.UTC(2026, 10, 22 + Number(day))));
}

/** A clock shows no 24:00. @param {string} time */
const shown = (time) => (time === "24:00" ? "00:00" : time);

/** A span that does not meet those of its day. @param {readonly Span[]} day @returns {{opens: string, closes: string}} */
export function nextSpan(day) {
  const last = day.map(({ closes }) => closes).sort().at(-1);
  if (!last || last >= "21:00") return { opens: "09:00", closes: "18:00" };
  const hour = Number(last.slice(0, 2)) + 1;
  return { opens: `${String(hour).padStart(2, "0")}:00`, closes: `${String(Math.min(hour + 3, 24)).padStart(2, "0")}:00` };
}

export class HoursPane extends Pane {
  /** The week alone. */
  brief = false;
  /** @type {Span[]} */
  spans = [];
  /** @type {Holiday[]} */
  holidays = [];

  async fetch() {
    [this.spans, this.holidays] = await Promise.all([this.all("office_hours", "day,opens"), this.all("holidays", "first_day")]);
  }

  /** @param {string} day */
  #of(day) {
    return this.spans.filter((span) => span.day === day).sort((a, b) => a.opens.localeCompare(b.opens));
  }

  view() {
    const zone = this.desk.store.boot.shop.time_zone;
    const days = daysFrom(zone);
    return html`<p class="meta">${t("rules.hours_hint", { zone: zone.replace(/_/g, " ") })}</p>
      ${this.spans.length === 0
        ? html`<div class="always"><p><b>${t("rules.always_open")}</b>
          <small>${t("rules.always_open_hint")}</small></p><button class="btn" type="button" data-act="begin">${t("rules.set_hours")}</button></div>`
        : html`<div class="week">${days.map((day) => {
            const spans = this.#of(day);
            return html`<div class="week-day" data-key="${day}"><b>${dayWord(day)}</b>${lineSwitch("day", day, spans.length > 0, dayWord(day))}
              <div class="week-spans">${spans.length === 0 ? html`<span class="meta">${t("rules.closed_day")}</span>` : spans.map((span) =>
                html`<span class="span" data-key="${span.id}"><input type="time" value="${span.opens}" data-change="opens" data-id="${span.id}"
                aria-label="${t("rules.opens")}"><span aria-hidden="true">–</span><input type="time" value="${shown(span.closes)}"
                data-change="closes" data-id="${span.id}" aria-label="${t("rules.closes")}">${spans.length > 1
                ? html`<button class="tool tiny" type="button" data-act="drop-span" data-id="${span.id}"
                aria-label="${t("rules.span_drop")}">${icon("close", "xs")}</button>` : ""}</span>`)}
              ${spans.length ? html`<button class="tool tiny" type="button" data-act="add-span" data-day="${day}" aria-label="${t("rules.span_add")}"
                title="${t("rules.span_add")}">${icon("plus", "xs")}</button><button class="tool tiny" type="button" data-act="copy-day"
                data-day="${day}" aria-label="${t("rules.copy_day")}" title="${t("rules.copy_day")}">${icon("copy", "xs")}</button>` : ""}</div></div>`;
          })}</div>`}
      ${this.brief ? "" : this.#holidays()}`;
  }

  #holidays() {
    return html`<h3>${t("rules.holidays")}</h3>
      <p class="meta">${t("rules.holidays_hint")}</p>
      <div class="holidays">${this.holidays.map((day) => this.#holiday(day))}</div>
      <button class="btn add" type="button" data-act="add-holiday">${icon("plus", "s")}${t("rules.holiday_add")}</button>`;
  }

  /** @param {Holiday} day */
  #holiday(day) {
    const field = (/** @type {string} */ name, /** @type {string} */ type, /** @type {string} */ value, /** @type {string} */ label) =>
      html`<label class="holiday-field"><span>${label}</span><input type="${type}" value="${value}" data-change="${name}" data-id="${day.id}"
      data-of="holiday" ${name === "name" ? html`maxlength="80"` : ""}></label>`;
    return html`<div class="holiday" data-key="${day.id}">
      ${field("name", "text", day.name, t("rules.holiday_name"))}
      ${field("first_day", "date", day.first_day, t("rules.holiday_first"))}
      ${field("last_day", "date", day.last_day, t("rules.holiday_last"))}
      <div class="holiday-more"><label class="check"><input type="checkbox" data-change="yearly" data-id="${day.id}" data-of="holiday" ${day.yearly
        ? html`checked` : ""}>${t("rules.holiday_yearly")}</label>
        <label class="check"><input type="checkbox" data-change="short" data-id="${day.id}" data-of="holiday" ${day.opens ? html`checked`
          : ""}>${t("rules.holiday_short")}</label>
        ${day.opens ? html`<span class="span"><input type="time" value="${day.opens}" data-change="opens" data-id="${day.id}" data-of="holiday"
          aria-label="${t("rules.opens")}"><span aria-hidden="true">–</span><input type="time" value="${shown(day.closes)}" data-change="closes"
          data-id="${day.id}" data-of="holiday" aria-label="${t("rules.closes")}"></span>` : ""}
        <button class="tool" type="button" data-act="drop-holiday" data-id="${day.id}" aria-label="${t("rules.drop", { name: day.name })}"
          title="${t("rules.drop", { name: day.name })}">${icon("close", "s")}</button></div></div>`;
  }

  /** Replaces the week, or days of it, and offers the way back. @param {string[]} days @param {{day: string, opens: string, closes: string}[]} wanted @param {string} words */
  async #replace(days, wanted, words) {
    const { api } = this.desk;
    const put = async (/** @type {{day: string, opens: string, closes: string}[]} */ list) => {
      for (const span of this.spans.filter(({ day }) => days.includes(day))) await api.delete(recordPath("office_hours", span.id));
      for (const { day, opens, closes } of list) await api.post(recordPath("office_hours"), { day, opens, closes });
      await this.fetch();
    };
    const before = this.spans.filter(({ day }) => days.includes(day));
    await this.doing(() => put(wanted));
    this.undoable(words, () => put(before));
  }

  /** @param {HTMLElement} field */
  changed(field) {
    if (!(field instanceof HTMLInputElement)) return;
    const { id = "", of } = field.dataset;
    const name = field.dataset.change ?? "";
    if (of === "holiday") return this.#changeHoliday(id, name, field);
    if (name === "day") return this.#replace([id], field.checked ? [{ day: id, opens: "09:00", closes: "18:00" }] : [], t(field.checked
      ? "rules.day_opened" : "rules.day_closed", { day: dayWord(id) }));
    const span = this.spans.find((other) => other.id === id);
    if (!span || !field.value) return this.draw();
    const value = name === "closes" && field.value === "00:00" ? "24:00" : field.value;
    const before = name === "opens" ? span.opens : span.closes;
    if (value === before) return undefined;
    return this.doing(async () => {
      await this.desk.api.patch(recordPath("office_hours", id), { [name]: value });
      this.undoable(t("rules.hours_saved", { day: dayWord(span.day) }), () => this.desk.api.patch(recordPath("office_hours", id), { [name]: before }));
    });
  }

  /** @param {string} id @param {string} name @param {HTMLInputElement} field */
  #changeHoliday(id, name, field) {
    const day = this.holidays.find((other) => other.id === id);
    if (!day) return undefined;
    /** @type {Record<string, unknown>} */
    let change = { [name]: field.type === "checkbox" ? field.checked : field.value.trim() };
    if (name === "short") change = field.checked ? { opens: "10:00", closes: "14:00" } : { opens: "", closes: "" };
    if (name === "closes" && field.value === "00:00") change = { closes: "24:00" };
    if ((name === "name" || name === "first_day") && !field.value.trim()) return this.draw();
    // Moving the first day behind the last moves both.
    if (name === "first_day" && day.last_day && field.value > day.last_day) change.last_day = "";
    /** @type {Record<string, unknown>} */
    const back = {};
    for (const key of Object.keys(change)) back[key] = day[/** @type {keyof Holiday} */ (key)];
    return this.doing(async () => {
      await this.desk.api.patch(recordPath("holidays", id), change);
      this.undoable(t("rules.holiday_saved", { name: String(change.name ?? day.name) }), () => this.desk.api.patch(recordPath("holidays", id), back));
    });
  }

  acts = {
    begin: () => this.#replace(daysFrom("Asia/Dhaka"), daysFrom("Asia/Dhaka").map((day) => ({ day, opens: "09:00", closes: "21:00" })), t("rules.hours_set")),
    "add-span": (/** @type {HTMLElement} */ target) => {
      const day = target.dataset.day ?? "0";
      return this.#replace([day], [...this.#of(day), { day, ...nextSpan(this.#of(day)) }], t("rules.hours_saved", { day: dayWord(day) }));
    },
    "drop-span": (/** @type {HTMLElement} */ target) => {
      const span = this.spans.find(({ id }) => id === target.dataset.id);
      if (span) void this.#replace([span.day], this.#of(span.day).filter((other) => other !== span), t("rules.hours_saved", { day: dayWord(span.day) }));
    },
    "copy-day": (/** @type {HTMLElement} */ target) => {
      const from = target.dataset.day ?? "0";
      const open = daysFrom("Asia/Dhaka").filter((day) => this.#of(day).length > 0);
      return this.#replace(open, open.flatMap((day) => this.#of(from).map(({ opens, closes }) =>
        ({ day, opens, closes }))), t("rules.day_copied", { day: dayWord(from) }));
    },
    "add-holiday": () => {
      const zone = this.desk.store.boot.shop.time_zone;
      const day = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(new Date(Date.now() + 86_400_000));
      return this.doing(async () => {
        const made = await this.desk.api.post(recordPath("holidays"), { name: t("rules.holiday_new"), first_day: day });
        await this.fetch();
        this.draw();
        const name = /** @type {HTMLInputElement | null} */ (this.host.querySelector(`[data-key="${made.id}"] input`));
        name?.focus();
        name?.select();
      });
    },
    "drop-holiday": (/** @type {HTMLElement} */ target) => {
      const day = this.holidays.find(({ id }) => id === target.dataset.id);
      if (!day) return;
      const { name, first_day, last_day, yearly, opens, closes } = day;
      void this.doing(() => this.desk.api.delete(recordPath("holidays", day.id)));
      this.undoable(t("rules.dropped", { name: `${name}, ${shortDate(first_day)}` }), () =>
        this.desk.api.post(recordPath("holidays"), { name, first_day, last_day, yearly, opens, closes }));
    },
  };
}
