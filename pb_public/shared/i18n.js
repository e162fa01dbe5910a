/**
 * Texts of all surfaces in the viewer's language. Catalogues are /i18n/<language>.json: one object per surface with flat keys.
 * A value may hold {placeholders} and may be an object of plural forms chosen by {n}.
 */

/** @typedef {Record<string, Record<string, string | Record<string, string>>>} Catalogue */
/** @typedef {Record<string, string | number>} Values */

/** Languages that have a catalogue, each by its own name. @type {Record<string, string>} */
export const LANGUAGES = { en: "English", bn: "বাংলা" };

/** @type {Catalogue} */
let catalogue = {};
/** Sections that came after the page; another language brings them along. @type {Set<string>} */
const later = new Set();
let language = "en";
let plural = new Intl.PluralRules("en");
let numbers = new Intl.NumberFormat("en");

/** @param {string} lang the locale that Intl gets */
export function localeOf(lang) {
  return lang === "bn" ? "bn-BD-u-nu-beng" : lang === "en" ? "en-GB" : lang;
}

/** The first language of ours among those wanted. @param {readonly (string | null | undefined)[]} wanted */
export function pickLanguage(wanted) {
  for (const tag of wanted) {
    const short = (tag ?? "").toLowerCase().split("-")[0];
    if (short in LANGUAGES) return short;
  }
  return "en";
}

/** @param {string} lang @param {Catalogue} texts */
export function useCatalogue(lang, texts) {
  language = lang;
  catalogue = texts;
  plural = new Intl.PluralRules(localeOf(lang));
  numbers = new Intl.NumberFormat(localeOf(lang));
}

/** The texts of a language, which need not be the current one. @param {string} lang @param {readonly string[]} sections @returns {Promise<Catalogue>} */
export async function fetchTexts(lang, sections) {
  const answer = await fetch(`/i18n/${lang}.json${sections.length ? `?only=${sections.join(",")}` : ""}`);
  if (!answer.ok) throw new Error(`catalogue ${lang}: ${answer.status}`);
  return answer.json();
}

/** Fetches more sections of the current language, each once. @param {...string} sections */
export async function addTexts(...sections) {
  const missing = sections.filter((section) => !(section in catalogue));
  if (missing.length === 0) return;
  const lang = language;
  const more = await fetchTexts(lang, missing);
  for (const section of missing) later.add(section);
  if (lang === language) catalogue = { ...catalogue, ...more };
}

/**
 * Fetches the catalogue of a language and makes it current.
 * @param {string} lang @param {readonly string[]} [sections] those that are needed; the server may send more
 */
export async function loadLanguage(lang, sections = []) {
  useCatalogue(lang, await fetchTexts(lang, sections.length ? [...new Set([...sections, ...later])] : []));
  if (typeof document !== "undefined") document.documentElement.lang = lang;
}

export function currentLanguage() {
  return language;
}

/** @param {string} key "surface.name" */
function find(key) {
  const dot = key.indexOf(".");
  return catalogue[key.slice(0, dot)]?.[key.slice(dot + 1)];
}

/** @param {string} key */
export function has(key) {
  return find(key) !== undefined;
}

/**
 * The text of a key. Numbers among the values are written in the language's digits. A missing key shows itself.
 * @param {string} key @param {Values} [values]
 */
export function t(key, values = {}) {
  const found = find(key);
  if (found === undefined) return key;
  const text = typeof found === "string" ? found : (found[plural.select(Number(values.n ?? 0))] ?? found.other ?? key);
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? numbers.format(value) : value;
  });
}
