/** Which conversations of a list are chosen, to be changed together. No DOM. */

export class Selection {
  /** @type {Set<string>} */
  ids = new Set();
  /** Everything in the view is meant, also what is not loaded yet. */
  all = false;
  /** Where a range begins. */
  #from = "";

  get size() {
    return this.ids.size;
  }

  /** @param {string} id */
  has(id) {
    return this.ids.has(id);
  }

  /** @param {string} id */
  toggle(id) {
    this.all = false;
    if (!this.ids.delete(id)) this.ids.add(id);
    this.#from = id;
  }

  /** Everything from where the choosing began to here. @param {string} id @param {readonly string[]} listed */
  reach(id, listed) {
    const from = listed.indexOf(this.#from);
    const to = listed.indexOf(id);
    if (from < 0 || to < 0) return this.toggle(id);
    this.all = false;
    for (const other of listed.slice(Math.min(from, to), Math.max(from, to) + 1)) this.ids.add(other);
  }

  /** @param {readonly string[]} listed */
  every(listed) {
    for (const id of listed) this.ids.add(id);
    this.all = true;
  }

  clear() {
    this.ids.clear();
    this.all = false;
    this.#from = "";
  }

  /** Forgets what is not in the list any more: nobody changes what they do not see. @param {ReadonlySet<string>} listed */
  keep(listed) {
    for (const id of this.ids) if (!listed.has(id)) this.ids.delete(id);
    if (this.ids.size === 0) this.clear();
  }
}
