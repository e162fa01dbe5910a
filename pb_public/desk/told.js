/** Sentences of the server that are kept by key and values, said in the reader's language. */
import { lasted, upcoming } from "../shared/format.js";
import { addTexts, currentLanguage, has, t } from "../shared/i18n.js";

const START = '{"say":"';

/** The language in which the server's sentences were asked for. */
let asked = "";

/** The server's words have a section of their own; few readers need it. @param {{emit: (topic: "talk") => void}} [store] */
export function fetchWords(store) {
  const lang = currentLanguage();
  if (asked === lang) return;
  asked = lang;
  addTexts("mail").then(
    () => store?.emit("talk"),
    () => (asked = ""),
  );
}

/**
 * A kept sentence in words; any other text as it is. "" while its words are being fetched.
 * @param {string} text @param {{emit: (topic: "talk") => void}} [store] who draws again when the words have come @returns {string}
 */
export function told(text, store) {
  if (!text.startsWith(START)) return text;
  /** @type {{say: string, with?: Record<string, string | number | {at?: string, for?: number}>}} */
  let kept;
  try {
    kept = JSON.parse(text);
  } catch {
    return "";
  }
  if (!has(kept.say)) {
    fetchWords(store);
    return "";
  }
  /** @type {Record<string, string | number>} */
  const values = {};
  for (const [name, value] of Object.entries(kept.with ?? {})) {
    if (typeof value === "string") values[name] = value.startsWith(START) ? told(value, store).replace(/[.।]+$/, "") : value;
    else if (typeof value === "number") values[name] = value;
    else values[name] = value.at ? upcoming(value.at) : lasted(new Date(Date.now() - (value.for ?? 0) * 1000).toISOString());
  }
  return t(kept.say, values);
}
