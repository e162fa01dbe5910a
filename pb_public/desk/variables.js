/** What may stand in {{braces}}; what is none of it is refused where a text is kept. */
import { t } from "../shared/i18n.js";

/** As package variable of the server has them. */
export const VARIABLES = [
  "contact.name", "contact.first_name", "contact.email", "contact.phone", "agent.name", "agent.first_name",
  "number", "conversation.number", "conversation.subject", "shop.name",
];

/** What stands in braces in a text, with them, each once. @param {string} text */
export function braced(text) {
  return [...new Set(text.match(/\{\{[^{}\n]{0,80}\}\}/g) ?? [])];
}

/** The variables of texts that nobody knows, as they were written between the braces. @param {readonly string[]} texts @returns {string[]} */
export function strangers(texts) {
  const names = texts.flatMap(braced).map((whole) => whole.slice(2, -2).split("|")[0].trim());
  return [...new Set(names)].filter((name) => !VARIABLES.includes(name));
}

/** @param {string} a @param {string} b */
function distance(a, b) {
  const [x, y] = [[...a], [...b]];
  let row = [...y.keys(), y.length];
  x.forEach((r, i) => {
    const next = [i + 1];
    y.forEach((s, j) => next.push(r === s ? row[j] : Math.min(row[j], row[j + 1], next[j]) + 1));
    row = next;
  });
  return row[y.length];
}

/** The three known names most like another, the best first. @param {string} name @param {readonly string[]} [known] */
export function near(name, known = VARIABLES) {
  const asked = name.toLowerCase();
  const like = (/** @type {string} */ other) => {
    const [first, last] = other.split(".");
    return Math.min(distance(asked, other), ...(last ? [distance(asked, last) + 1, distance(asked, first) + 2] : []));
  };
  return [...known].sort((a, b) => like(a) - like(b)).slice(0, 3);
}

/** What is said of the first unknown one, "" where all are known; from the texts "error". @param {readonly string[]} texts */
export function unknownWords(texts) {
  const [odd] = strangers(texts);
  return odd === undefined ? "" : t("error.variable_unknown", { name: `{{${odd}}}`, list: near(odd).map((name) => `{{${name}}}`).join(", ") });
}
