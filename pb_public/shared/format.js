/** Dates, digits, sizes, initials and colours, in the viewer's language. Everything here is a pure function of its arguments. */
import { currentLanguage, has, localeOf, t } from "./i18n.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {Intl.DateTimeFormatOptions} options @param {string} [locale] */
function dates(options, locale = localeOf(currentLanguage())) {
  const key = locale + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale, options);
    formats.set(key, format);
  }
  return format;
}

/** @param {string | number | Date} when */
function toDate(when) {
  if (when instanceof Date) return when;
  return new Date(typeof when === "string" ? when.replace(" ", "T") : when);
}

/** @type {Map<string, Intl.NumberFormat>} */
const numbers = new Map();

/** Making a format takes longer than writing hundreds of numbers with it. @param {number} n @param {boolean} useGrouping */
function number(n, useGrouping) {
  const key = currentLanguage() + useGrouping;
  let format = numbers.get(key);
  if (!format) numbers.set(key, (format = new Intl.NumberFormat(localeOf(currentLanguage()), { useGrouping })));
  return format.format(n);
}

/** A number in the viewer's digits, without grouping: numbers that are names. @param {number} n */
export function digits(n) {
  return number(n, false);
}

/** A count in the viewer's digits. @param {number} n */
export function count(n) {
  return number(n, true);
}

/**
 * 10:42 in English, সকাল ১০:৪২ in Bangla: a language whose catalogue names the parts of the day says the hour with them.
 * @param {string | number | Date} when @param {string} [zone] an IANA time zone
 */
export function clock(when, zone) {
  const date = toDate(when);
  if (isNaN(date.getTime())) return "";
  const timeZone = zone ? { timeZone: zone } : {};
  if (currentLanguage() !== "bn" || !has("time.clock")) return dates({ hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...timeZone }).format(date);
  const [h, m] = dates({ hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...timeZone }, "en-GB").format(date).split(":").map(Number);
  let part = "";
  for (const pair of t("time.day_parts").split(" ")) {
    const [from, name] = pair.split("=");
    if (h >= Number(from)) part = name;
  }
  return t("time.clock", { part, h: digits(h % 12 || 12), m: digits(Math.floor(m / 10)) + digits(m % 10) });
}

/** Everything, for a title. @param {string | number | Date} when */
export function full(when) {
  const date = toDate(when);
  if (isNaN(date.getTime())) return "";
  return `${dates({ weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(date)}, ${clock(date)}`;
}

/** 18 Nov, or 18 Nov 2024 in another year. @param {string | number | Date} when @param {number} [now] */
export function shortDate(when, now = Date.now()) {
  const date = toDate(when);
  if (isNaN(date.getTime())) return "";
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return dates({ day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) }).format(date);
}

/** 2024 @param {string | number | Date} when */
export function yearOf(when) {
  const date = toDate(when);
  return isNaN(date.getTime()) ? "" : digits(date.getFullYear());
}

/** The age of something, as short as a list row needs: now, 18m, 3h, then a date. @param {string | number | Date} when @param {number} [now] */
export function age(when, now = Date.now()) {
  const past = now - toDate(when).getTime();
  if (isNaN(past)) return "";
  if (past < MINUTE) return t("common.now");
  if (past < HOUR) return t("common.minutes_short", { n: Math.floor(past / MINUTE) });
  if (past < DAY) return t("common.hours_short", { n: Math.floor(past / HOUR) });
  return shortDate(when, now);
}

/** How long something has lasted: 18m, 3h, 2d. Never a date. @param {string} since @param {number} [now] */
export function lasted(since, now = Date.now()) {
  const past = Math.max(0, now - toDate(since).getTime());
  if (isNaN(past)) return "";
  if (past < MINUTE) return t("common.now");
  if (past < HOUR) return t("common.minutes_short", { n: Math.floor(past / MINUTE) });
  if (past < DAY) return t("common.hours_short", { n: Math.floor(past / HOUR) });
  return t("common.days_short", { n: Math.floor(past / DAY) });
}

/** Days between two moments, counted by local midnights. @param {Date} a @param {Date} b */
function daysBetween(a, b) {
  const start = new Date(a.getFullYear(), a.getMonth(), a.getDate()).getTime();
  const end = new Date(b.getFullYear(), b.getMonth(), b.getDate()).getTime();
  return Math.round((end - start) / DAY);
}

/** Today, Yesterday, Thursday, 18 November. @param {string | number | Date} when @param {number} [now] */
export function dayName(when, now = Date.now()) {
  const date = toDate(when);
  if (isNaN(date.getTime())) return "";
  const away = daysBetween(date, new Date(now));
  if (away === 0) return t("common.today");
  if (away === 1) return t("common.yesterday");
  if (away > 1 && away < 7) return dates({ weekday: "long" }).format(date);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return dates({ day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" }) }).format(date);
}

/** A moment to come: 15:00 today, Tuesday 9:00, 3 Dec 9:00. @param {string | number | Date} when @param {number} [now] */
export function upcoming(when, now = Date.now()) {
  const date = toDate(when);
  if (isNaN(date.getTime())) return "";
  const away = daysBetween(new Date(now), date);
  if (away <= 0) return clock(date);
  if (away === 1) return t("common.tomorrow_at", { time: clock(date) });
  const day = dates(away < 7 ? { weekday: "short" } : { day: "numeric", month: "short" }).format(date);
  return `${day}, ${clock(date)}`;
}

/** Whether two moments are on one local day. @param {string} a @param {string} b */
export function sameDay(a, b) {
  return toDate(a).toDateString() === toDate(b).toDateString();
}

/** 184 KB @param {number} bytes */
export function size(bytes) {
  const units = ["B", "KB", "MB", "GB"];
  let n = bytes;
  let unit = 0;
  while (n >= 1000 && unit < units.length - 1) {
    n /= 1024;
    unit++;
  }
  const shown = new Intl.NumberFormat(localeOf(currentLanguage()), { maximumFractionDigits: n < 10 && unit > 0 ? 1 : 0 }).format(n);
  return `${shown} ${units[unit]}`;
}

/**
 * The one or two letters of a face. Bangla vowel signs cannot stand alone, so the bare letter is taken.
 * @param {string} name
 */
export function initials(name) {
  const words = name.trim().split(/[\s@._-]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = (/** @type {string} */ word) => [...word].find((c) => /[\p{L}\p{N}]/u.test(c)) ?? "";
  if (words.length === 0) return "?";
  const letters = words.length === 1 ? first(words[0]) : first(words[0]) + first(words[words.length - 1]);
  return letters.toLocaleUpperCase();
}

/** The first letter of a name with its signs, for a mark: রূ of রূপালী. @param {string} name */
export const firstLetter = (name) => [...new Intl.Segmenter().segment(name.trim())][0]?.segment ?? "";

/** One of twelve hues, always the same for the same text. @param {string} text */
export function hue(text) {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return (hash >>> 0) % 12;
}

/** Groups a phone number for the eye; other text is left alone. @param {string} value */
export function phone(value) {
  const bd = /^(?:\+?880|0)(1\d{3})[\s-]?(\d{3})[\s-]?(\d{3})$/.exec(value.replace(/[\s-]/g, ""));
  return bd ? `+880 ${bd[1]}-${bd[2]} ${bd[3]}` : value;
}

/**
 * Black or white, whichever reads better on the colour, or empty when the colour is not #rrggbb.
 * @param {string} colour
 */
export function readableOn(colour) {
  const light = luminance(colour);
  if (light < 0) return "";
  return (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) ? "#10100f" : "#ffffff";
}

/** WCAG relative luminance, or -1. @param {string} colour */
export function luminance(colour) {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (!hex) return -1;
  const [r, g, b] = hex.slice(1).map((part) => {
    const c = parseInt(part, 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
