/** What is offered while somebody writes: "/" a canned reply, "@" a colleague in a note, "#" an article to link to. */
import { html } from "../shared/html.js";
import { cannedFor, slashAt } from "./logic.js";
import { face, stateOf } from "./parts.js";

const MOST = 6;

/** @typedef {{title: string, text: string, hint: string, mark: import("../shared/html.js").Html | "", put: () => void}} Offer */

/**
 * The word behind a mark before the caret: the mark stands at the beginning of a word.
 * @param {string} text @param {number} caret @param {"@" | "#"} mark @returns {{from: number, query: string} | null}
 */
export function markAt(text, caret, mark) {
  const before = text.slice(0, caret);
  const at = before.lastIndexOf(mark);
  if (at < 0 || (at > 0 && !/[\s(]/.test(before[at - 1]))) return null;
  const query = before.slice(at + 1);
  return query.length <= 40 && !/[\n@#]/.test(query) && !/^\s|\s\s/.test(query) && query.split(" ").length <= 4 ? { from: at, query } : null;
}

/**
 * Colleagues whose name, or a word of it, begins so; those at their desks first.
 * @param {readonly import("../shared/types.js").Agent[]} agents @param {string} query
 */
export function agentsFor(agents, query) {
  const wanted = query.toLocaleLowerCase();
  const fits = (/** @type {string} */ name) => name.startsWith(wanted) || name.split(/\s+/).some((word) => word.startsWith(wanted));
  // Who is called already needs no offer.
  return agents.filter((agent) => fits(agent.name.toLocaleLowerCase())).sort((a, b) => Number(b.online) - Number(a.online) || a.name.localeCompare(b.name));
}

export class Offers {
  /** @type {{query: string, found: {title: string, url: string, language: string}[]}} */
  #articles = { query: "\n", found: [] };
  #asked = "\n";
  #timer = 0;

  /** @param {{box: import("./richbox.js").RichBox, desk: import("./app.js").Desk, kind: "reply" | "note", language: string, insert: (reply: import("../shared/types.js").Canned) => void, refresh: () => void}} composer where it is written */
  constructor(composer) {
    this.composer = composer;
  }

  /** @returns {Offer[]} */
  list() {
    const { box, desk, kind, language } = this.composer;
    if (document.activeElement !== box) return [];
    const { value, selectionStart: caret } = box;
    const slash = slashAt(value, caret);
    const put = (/** @type {number} */ from, /** @type {() => void} */ insert) => () => {
      box.setSelectionRange(from, box.selectionStart);
      insert();
    };
    if (slash) {
      return cannedFor(desk.store.boot.canned, slash.query, language)
        .slice(0, MOST)
        .map((reply) => ({ title: reply.title, text: reply.text, hint: reply.shortcut ? `/${reply.shortcut.replace(/^\//, "")}` : "", mark: "", put: put(slash.from, () => this.composer.insert(reply)) }));
    }
    const at = kind === "note" ? markAt(value, caret, "@") : null;
    if (at) {
      return agentsFor([...desk.store.agents.values()].filter((agent) => agent.id !== desk.store.me.id), at.query)
        .slice(0, MOST)
        .map((agent) => ({ title: agent.name, text: agent.email, hint: "", mark: face(agent, "xs", stateOf(agent)), put: put(at.from, () => box.insertText(`@${agent.name} `)) }));
    }
    const hash = markAt(value, caret, "#");
    if (!hash || /^\d+$/.test(hash.query)) return []; // a number is a conversation's
    this.#ask(hash.query);
    return (this.#articles.query === hash.query ? this.#articles.found : [])
      .slice(0, MOST)
      .map((article) => ({ title: article.title, text: article.url, hint: article.language, mark: "", put: put(hash.from, () => box.insertDoc([{ kind: "p", spans: [{ text: article.title, href: article.url }, { text: " " }] }])) }));
  }

  /** @param {string} query */
  #ask(query) {
    if (this.#asked === query) return;
    this.#asked = query;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(async () => {
      try {
        const { pickArticles } = await import("./articles.js");
        const found = await pickArticles(this.composer.desk.api, query, this.composer.language);
        if (this.#asked !== query) return;
        this.#articles = { query, found };
        this.composer.refresh();
      } catch {
        this.#asked = "\n"; // the next letter asks again
      }
    }, 120);
  }

  /** @param {Offer[]} offers @param {number} at @param {string} label */
  html(offers, at, label) {
    return html`<div class="canned" role="listbox" aria-label="${label}">${offers.map((offer, i) => html`<button class="canned-item ${i === at ? "is-at" : ""}" type="button" role="option" aria-selected="${i === at ? "true" : "false"}" data-act="pick-offer" data-at="${i}" tabindex="-1"><span class="canned-head">${offer.mark}<b>${offer.title}</b>${offer.hint ? html`<kbd>${offer.hint}</kbd>` : ""}</span><span class="canned-text">${offer.text}</span></button>`)}</div>`;
  }
}
