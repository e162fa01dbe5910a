/** What elements listen to: topics, each told once a frame at most. */

/** @typedef {import("./types.js").Topic} Topic */

/** Runs something once what was changed is on the screen, or soon where there is none. @param {() => void} act */
export function afterPaint(act) {
  if (typeof document !== "undefined" && document.visibilityState === "visible") requestAnimationFrame(() => setTimeout(act));
  else setTimeout(act);
}

export class Topics {
  /** @type {Map<Topic, Set<() => void>>} */
  #listeners = new Map();
  /** @type {Set<() => void>} */
  #due = new Set();

  /** @param {Topic | Topic[]} topics @param {() => void} listener @returns {() => void} what undoes it */
  on(topics, listener) {
    const all = Array.isArray(topics) ? topics : [topics];
    for (const topic of all) {
      const set = this.#listeners.get(topic) ?? new Set();
      set.add(listener);
      this.#listeners.set(topic, set);
    }
    return () => {
      for (const topic of all) this.#listeners.get(topic)?.delete(listener);
      this.#due.delete(listener);
    };
  }

  /** Tells the listeners of a topic, once a frame at most. @param {Topic} topic */
  emit(topic) {
    const idle = this.#due.size === 0;
    for (const listener of this.#listeners.get(topic) ?? []) this.#due.add(listener);
    if (!idle || this.#due.size === 0) return;
    const flush = () => {
      const due = [...this.#due];
      this.#due.clear();
      for (const listener of due) listener();
    };
    if (typeof document !== "undefined" && document.visibilityState === "visible") requestAnimationFrame(flush);
    else setTimeout(flush, 50);
  }

  /** @param {Topic[]} topics */
  emitAll(...topics) {
    for (const topic of topics) this.emit(topic);
  }

  /** Nobody listens any more. */
  quiet() {
    this.#listeners.clear();
  }
}
