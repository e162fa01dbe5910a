/** The saved views: what there are, how many stand in each, and whether a conversation belongs to one. */
import { givenNames } from "./logic.js";

/**
 * @typedef {import("../shared/types.js").Row} Row
 * @typedef {import("./types.js").ViewFilter} ViewFilter
 * @typedef {import("./types.js").SavedView} SavedView
 */

/** Whether a conversation fits a filter, as the server would say. @param {Row} row @param {ViewFilter} filter @param {string} me @param {number} now */
export function fits(row, filter, me, now) {
  const some = (/** @type {readonly unknown[] | undefined} */ list, /** @type {unknown} */ value) => !list?.length || list.includes(value);
  const hours = (now - new Date(row.last_activity).getTime()) / 3_600_000;
  const text = filter.text?.trim().toLowerCase() ?? "";
  return (
    !row.spam &&
    some(filter.status, row.status) &&
    some(filter.channels, row.channel) &&
    some(filter.priority, row.priority) &&
    (!filter.assignee || row.assignee === ({ me, nobody: "" }[filter.assignee] ?? filter.assignee)) &&
    (!filter.tags?.length || filter.tags.some((tag) => row.tags.includes(tag))) &&
    (!filter.language || row.language === filter.language) &&
    (!filter.older || hours >= filter.older) &&
    (!filter.newer || hours <= filter.newer) &&
    (!text || `${row.subject}\n${row.preview}\n${row.contact.name}`.toLowerCase().includes(text))
  );
}

const EACH = 10_000;

export class SavedViews {
  /** @type {SavedView[]} */
  list = [];
  #asked = 0;
  #filters = "";
  /** What the views are is something else now. @type {() => void} */
  onFilters = () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {import("../shared/api.js").Api} api @param {() => void} onChange */
  constructor(api, onChange) {
    this.api = api;
    this.onChange = onChange;
  }

  /** @param {string} view such as saved:abc */
  of(view) {
    return this.list.find((other) => `saved:${other.id}` === view);
  }

  async load() {
    this.#asked = Date.now();
    try {
      const { views } = await this.api.get("/api/desk/views");
      const filters = JSON.stringify(views.map((/** @type {SavedView} */ { id, filter, sort }) => [id, filter, sort]));
      if (this.#filters !== filters) this.onFilters();
      this.#filters = filters;
      this.list = views;
      for (const view of this.list) givenNames.set(`saved:${view.id}`, view.name);
      this.onChange();
    } catch {
      // What was known stays; the next count asks again.
    }
  }

  /** Counts changed: asks again, every few seconds at most. */
  soon() {
    if (this.list.length === 0 || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.load();
    }, Math.max(500, EACH - (Date.now() - this.#asked)));
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
