/** The lists of views that were shown: what the stream says keeps each right, so that going back to one shows it at once. */
import { withQuery } from "../shared/api.js";
import { Pages } from "../shared/list.js";
import { belongs, comparing } from "./logic.js";

/**
 * @typedef {import("./types.js").Row} Row
 * @typedef {{list: Pages<Row>, view: string, filtered: boolean}} Kept
 */

const KEPT = 12;

export class Lists {
  /** The newest last. @type {Map<string, Kept>} */
  #kept = new Map();
  /** @type {Kept} */
  #now;

  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
    this.#now = this.#make(store.view, store.sort, store.query);
  }

  /** The list on screen. */
  get now() {
    return this.#now.list;
  }

  /** The list of what the store wants on screen, with what is known of it; whoever shows it fetches it anew. */
  show() {
    const { view, sort, query, link } = this.store;
    this.#now.list.stop();
    const key = `${view} ${sort}`;
    const kept = this.#kept.get(key);
    // Without the line nothing that was kept is known to be true.
    this.#now = kept && !query && link === "live" ? kept : this.#make(view, sort, query);
    this.#keep(key, this.#now);
    return this.#now.list;
  }

  /** Fetches a view's first page before somebody goes there. @param {string} view @param {import("./logic.js").Sort} sort */
  async prepare(view, sort) {
    const key = `${view} ${sort}`;
    if (this.store.link !== "live" || this.#kept.has(key) || (view === this.store.view && sort === this.store.sort)) return;
    const made = this.#make(view, sort, "");
    this.#keep(key, made);
    await made.list.load();
    if (made.list.state !== "ready" && this.#kept.get(key) === made && made !== this.#now) this.#kept.delete(key);
  }

  /** Puts a row where it belongs now. @param {Row} row */
  put(row) {
    const { store } = this;
    const all = belongs(row, "all", store.me.id);
    for (const { list, view, filtered } of this.#all()) {
      if (filtered && all) list.refresh(row);
      else list.put(row, belongs(row, view, store.me.id) || (all && store.fits(row, view)));
    }
  }

  /** A row whose places do not change. @param {Row} row */
  refresh(row) {
    for (const { list } of this.#all()) list.refresh(row);
  }

  /** Forgets all but the list on screen: something changed that no event tells in full. */
  forget() {
    for (const { list } of this.#kept.values()) if (list !== this.now) list.stop();
    this.#kept.clear();
  }

  #all() {
    return new Set([...this.#kept.values(), this.#now]);
  }

  /** @param {string} key @param {Kept} kept */
  #keep(key, kept) {
    this.#kept.delete(key);
    // Where this person is called has an order of its own, and what was deleted tells nobody when it goes for good.
    if (kept.filtered || kept.view === "mentions" || kept.view === "deleted") return;
    this.#kept.set(key, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT) this.#kept.delete(oldest);
  }

  /** @param {string} view @param {import("./logic.js").Sort} sort @param {string} query @returns {Kept} */
  #make(view, sort, query) {
    const { store } = this;
    /** @type {Pages<Row>} */
    const list = new Pages({
      key: (/** @type {Row} */ row) => row.id,
      compare: view === "mentions" ? store.together.ordered(comparing("newest")) : comparing(sort),
      fetch: async (before, signal) => {
        const path = withQuery("/api/desk/conversations", { view, sort, before, q: query, limit: 30 });
        const page = await store.api.get(path, { signal });
        for (const row of page.rows) store.rows.set(row.id, row);
        if (view === "mentions") store.together.listed(page.rows);
        return { items: page.rows, next: page.next };
      },
      onChange: () => list === this.now && store.emit("list"),
    });
    return { list, view, filtered: query !== "" };
  }
}
