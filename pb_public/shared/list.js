/**
 * A list that is fetched page by page and kept right by live changes. No DOM: a view renders `items` and `state`.
 *
 * Items are unique by key and sorted by `compare`. A live item that belongs behind the last loaded one is left to paging.
 */

/** @template T */
export class Pages {
  /** @type {T[]} */
  items = [];
  /** @type {"new" | "loading" | "ready" | "error"} */
  state = "new";
  /** The cursor of the next page; empty when everything is here. */
  next = "";
  /** @type {unknown} */
  error = null;
  moreFailed = false;
  /** What live changes said while a first page was on its way: it wins over the page. @type {Map<string, T | null>} */
  #meanwhile = new Map();
  /** @type {AbortController | null} */
  #request = null;
  #paging = false;

  /** @param {import("./types.js").PagesOptions<T>} options */
  constructor(options) {
    this.options = options;
  }

  get paging() {
    return this.#paging;
  }

  /** Fetches the first page anew. What is shown stays until the answer is here. */
  async load() {
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    this.#meanwhile.clear();
    this.#paging = false;
    this.state = this.state === "ready" ? "ready" : "loading";
    this.options.onChange();
    try {
      const page = await this.options.fetch("", request.signal);
      if (this.#request !== request) return;
      this.items = [];
      this.next = page.next;
      this.#add(page.items);
      for (const [key, item] of this.#meanwhile) {
        this.#cut(key);
        if (item) this.#insert(item);
      }
      this.state = "ready";
      this.error = null;
      this.moreFailed = false;
    } catch (error) {
      if (this.#request !== request || request.signal.aborted) return;
      this.error = error;
      // A list that was there stays there: a failed refresh is no reason to take it away.
      this.state = this.state === "ready" ? "ready" : "error";
    }
    this.#request = null;
    this.options.onChange();
  }

  /** Fetches the page behind the last one. */
  async more() {
    if (!this.next || this.#paging || this.#request || this.state !== "ready") return;
    this.#paging = true;
    const request = (this.#request = new AbortController());
    this.moreFailed = false;
    this.options.onChange();
    try {
      const page = await this.options.fetch(this.next, request.signal);
      if (this.#request !== request) return;
      this.next = page.next;
      this.#add(page.items);
    } catch {
      if (this.#request !== request || request.signal.aborted) return;
      this.moreFailed = true;
    }
    this.#request = null;
    this.#paging = false;
    this.options.onChange();
  }

  /** A live change: the item is here now, or belongs elsewhere. @param {T} item @param {boolean} belongs */
  put(item, belongs) {
    const key = this.options.key(item);
    if (this.#request) this.#meanwhile.set(key, belongs ? item : null);
    this.#cut(key);
    if (belongs && this.state === "ready") this.#insert(item);
    this.options.onChange();
  }

  /** Replaces an item where it stands, if it is here. @param {T} item */
  refresh(item) {
    const at = this.index(this.options.key(item));
    if (at < 0) return;
    this.items[at] = item;
    this.options.onChange();
  }

  /** @param {string} key */
  index(key) {
    return this.items.findIndex((item) => this.options.key(item) === key);
  }

  stop() {
    this.#request?.abort();
    this.#request = null;
  }

  /** @param {string} key */
  #cut(key) {
    const at = this.index(key);
    if (at >= 0) this.items.splice(at, 1);
  }

  /** @param {T} item */
  #insert(item) {
    let at = this.items.findIndex((other) => this.options.compare(item, other) < 0);
    if (at < 0) {
      if (this.next) return;
      at = this.items.length;
    }
    this.items.splice(at, 0, item);
  }

  /** @param {T[]} items in the server's order */
  #add(items) {
    const known = new Set(this.items.map(this.options.key));
    for (const item of items) {
      const key = this.options.key(item);
      if (!known.has(key)) this.items.push(item);
      known.add(key);
    }
  }
}
