/** What is decided while somebody types a search: pure functions, tested without a page. */

/**
 * @typedef {object} Suggestion
 * @property {string} label what it stands for
 * @property {string} insert what is put in place of the word being typed
 * @property {string} hint
 * @property {boolean} [open] more is to be typed behind it
 *
 * @typedef {object} Known what filters can be about
 * @property {{name: string}[]} tags
 * @property {{name: string}[]} agents
 * @property {(name: string) => string} say the words for a filter or a value of one
 * @property {boolean} bangla filters are inserted by their Bangla names
 */

/** The filters: name, Bangla name, and the values of those that have a list of them. @type {{name: string, bn: string, values?: [string, string][]}[]} */
export const FILTERS = [
  { name: "from", bn: "থেকে" },
  { name: "to", bn: "প্রতি" },
  { name: "tag", bn: "ট্যাগ" },
  {
    name: "is", bn: "অবস্থা",
    values: [["open", "খোলা"], ["pending", "অপেক্ষায়"], ["snoozed", "পরে"], ["solved", "সমাধান"], ["unread", "অপঠিত"], ["unassigned", "কারও-নয়"], ["mine", "আমার"], ["spam", "স্প্যাম"]],
  },
  { name: "has", bn: "আছে", values: [["file", "ফাইল"]] },
  { name: "in", bn: "মাধ্যম", values: [["chat", "চ্যাট"], ["email", "ই-মেইল"], ["portal", "পোর্টাল"], ["phone", "ফোন"]] },
  { name: "assigned", bn: "দায়িত্বে" },
  { name: "after", bn: "পরে", values: [["today", "আজ"], ["yesterday", "গতকাল"], ["7d", "৭দিন"], ["30d", "৩০দিন"]] },
  { name: "before", bn: "আগে", values: [["today", "আজ"], ["7d", "৭দিন"], ["30d", "৩০দিন"]] },
];

/** The word at the caret: quotation marks hold words together. @param {string} text @param {number} caret */
export function wordAt(text, caret) {
  let from = 0;
  let inside = false;
  for (let i = 0; i < caret; i++) {
    if (text[i] === '"') inside = !inside;
    else if (!inside && /\s/.test(text[i])) from = i + 1;
  }
  return { from, word: text.slice(from, caret) };
}

/** @param {string} value */
const quoted = (value) => (/\s/.test(value) ? `"${value}"` : value);

/**
 * What the word at the caret may become: a filter, or a value of the filter that it names.
 * @param {string} text @param {number} caret @param {Known} known @returns {{from: number, list: Suggestion[]}}
 */
export function suggest(text, caret, known) {
  const { from, word } = wordAt(text, caret);
  const minus = word.startsWith("-") ? "-" : "";
  const bare = word.slice(minus.length);
  const colon = bare.indexOf(":");
  const wanted = (colon < 0 ? bare : bare.slice(colon + 1)).replace(/^"/, "").toLocaleLowerCase();
  if (colon < 0) {
    if (bare === "" && text.trim() !== "" && !minus) return { from, list: [] };
    const list = FILTERS.filter((filter) => wanted === "" || filter.name.startsWith(wanted) || filter.bn.startsWith(wanted)).map((filter) => {
      const name = known.bangla ? filter.bn : filter.name;
      return { label: `${name}:`, insert: `${minus}${name}:`, hint: known.say(filter.name), open: true };
    });
    // One letter of a word is no wish for a filter.
    return { from, list: wanted === "" || wanted.length > 1 ? list : [] };
  }
  const name = bare.slice(0, colon).toLocaleLowerCase();
  const filter = FILTERS.find((other) => other.name === name || other.bn === name || (other.name === "assigned" && name === "agent"));
  if (!filter) return { from, list: [] };
  const head = `${minus}${bare.slice(0, colon + 1)}`;
  /** @type {{value: string, hint: string, find: string}[]} */
  let values = [];
  if (filter.values) values = filter.values.map(([value, bn]) => ({ value: known.bangla ? bn : value, hint: known.say(`${filter.name}_${value}`), find: `${value} ${bn}` }));
  else if (filter.name === "tag") values = known.tags.map((tag) => ({ value: tag.name, hint: "", find: tag.name }));
  else if (filter.name === "assigned") values = [{ value: known.bangla ? "আমি" : "me", hint: known.say("assigned_me"), find: "me আমি" }, ...known.agents.map((agent) => ({ value: agent.name, hint: "", find: agent.name }))];
  const list = values
    .filter(({ find }) => find.toLocaleLowerCase().split(/\s+/).some((part) => part.startsWith(wanted)) || find.toLocaleLowerCase().startsWith(wanted))
    .map(({ value, hint }) => ({ label: value, insert: `${head}${quoted(value)} `, hint }));
  // What is complete needs no suggestion.
  if (list.length === 1 && list[0].label.toLocaleLowerCase() === wanted) return { from, list: [] };
  return { from, list: list.slice(0, 8) };
}

/** The text with the word at the caret replaced. @param {string} text @param {number} caret @param {number} from @param {string} insert */
export function accept(text, caret, from, insert) {
  const rest = text.slice(caret).replace(insert.endsWith(" ") ? /^\S*\s*/ : /^\S*/, "");
  return { text: text.slice(0, from) + insert + rest, caret: from + insert.length };
}

/** Whether a search has filters, and what is left without them. @param {string} text */
export function withoutFilters(text) {
  const names = FILTERS.flatMap((filter) => [filter.name, filter.bn]).concat("agent");
  const pattern = new RegExp(`(^|\\s)-?(${names.join("|")}):("[^"]*"?|\\S*)`, "gi");
  const left = text.replace(pattern, " ").replace(/\s+/g, " ").trim();
  return { some: left !== text.replace(/\s+/g, " ").trim(), left };
}

/** Recent searches with a new one in front, each once. @param {readonly string[]} list @param {string} text */
export function withRecent(list, text) {
  const said = text.trim().replace(/\s+/g, " ");
  if (said.length < 2) return [...list];
  return [said, ...list.filter((other) => other.toLocaleLowerCase() !== said.toLocaleLowerCase())].slice(0, 8);
}

/** The words that were found, as they stand in the snippet. @param {readonly {text: string, hit: boolean}[]} pieces */
export function hitWords(pieces) {
  return [...new Set(pieces.filter((piece) => piece.hit).map((piece) => piece.text.toLocaleLowerCase()))];
}

/**
 * Where words stand in a text, as whole words.
 * @param {string} text @param {readonly string[]} words @returns {[number, number][]}
 */
export function findWords(text, words) {
  const wanted = words.map((word) => word.toLocaleLowerCase());
  /** @type {[number, number][]} */
  const found = [];
  for (const match of text.matchAll(/[\p{L}\p{N}][\p{L}\p{N}\p{M}\u200c\u200d'’]*/gu)) {
    if (wanted.includes(match[0].toLocaleLowerCase())) found.push([match.index, match.index + match[0].length]);
  }
  return found;
}
