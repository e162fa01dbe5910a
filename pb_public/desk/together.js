/** What the desk knows of working together: where this person is called, what they follow, and who follows what. */

/** @typedef {import("./types.js").Message} Message */

export class Together {
  /** Conversations in which a note calls this person; true while they have not looked. @type {Map<string, boolean>} */
  mentions = new Map();
  /** @type {Set<string>} */
  following = new Set();
  /** @type {Map<string, string[]>} */
  followers = new Map();
  /** The newest note of each conversation that came while the desk was open. @type {Map<string, Message>} */
  notes = new Map();

  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
  }

  /** @param {import("../shared/types.js").Boot} boot */
  take(boot) {
    for (const id of this.mentions.keys()) this.mentions.set(id, false);
    for (const id of boot.mentions ?? []) this.mentions.set(id, true);
    this.following = new Set(boot.following ?? []);
  }

  /** @param {string} id @param {string[] | undefined} agents */
  follow(id, agents) {
    if (!agents) return;
    this.followers.set(id, agents);
    this.following[agents.includes(this.store.me.id) ? "add" : "delete"](id);
  }

  /** @param {string} name @param {any} data */
  receive(name, data) {
    const { store } = this;
    if (name === "followers") this.follow(data.conversation, data.agents);
    else if (name === "mention") {
      this.mentions.set(data.conversation, data.unseen);
      const row = store.rows.get(data.conversation);
      if (row) store.putRow(row);
      // Unseen ones stand in front: the order is another one now.
      if (store.view === "mentions") void store.list.load();
    } else if (name === "gone") {
      const talk = store.talks.get(data.conversation);
      if (talk) talk.messages = talk.messages.filter((message) => message.id !== data.id);
    }
    store.emit("talk");
    store.emit("list");
  }

  /** Rows of the view came. @param {import("./types.js").Row[]} rows */
  listed(rows) {
    for (const { id } of rows) if (!this.mentions.has(id)) this.mentions.set(id, false);
  }

  /** Those where this person is called and has not looked stand in front. @param {(a: import("./types.js").Row, b: import("./types.js").Row) => number} usual */
  ordered(usual) {
    return (/** @type {import("./types.js").Row} */ a, /** @type {import("./types.js").Row} */ b) => Number(this.mentions.get(b.id) ?? false) - Number(this.mentions.get(a.id) ?? false) || usual(a, b);
  }

  /** The open conversation was looked at. */
  async seen() {
    const id = this.store.current;
    if (!this.mentions.get(id)) return;
    this.mentions.set(id, false);
    try {
      await this.store.api.post(`/api/desk/conversations/${id}/mentions/seen`);
    } catch {
      this.mentions.set(id, true);
    }
  }
}
