/**
 * Everything the desk knows, and the only place where it changes: what the server said at the start, what the stream says
 * since, and what this person does before the server agrees. Elements listen to topics and render.
 */
import { withQuery } from "../shared/api.js";
import { Live } from "../shared/live.js";
import { Lists } from "./lists.js";
import { Together } from "./together.js";
import { afterPaint, Topics } from "./topics.js";
import { again, led, moved } from "./moved.js";
import { typing } from "./typing.js";
import { givenNames, isUnread, mergeMessages, mergeNewest, rowAfter } from "./logic.js";

/**
 * @typedef {import("./types.js").Row} Row
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").Contact} Contact
 * @typedef {import("./types.js").Talk} Talk
 * @typedef {import("../shared/types.js").Agent} Agent
 * @typedef {import("../shared/types.js").Boot} Boot
 */

const TALKS_KEPT = 24;
/** How long a conversation that was fetched before it was wanted needs no second look: the stream keeps it right meanwhile. */
const FRESH_FOR = 10_000;
/** Events after which a conversation that is on its way is not what it was. */
const OVERTAKES = /^(message|update|held|draft|followers|mention|gone)$/;

export class Store extends Topics {
  /** @type {Map<string, Row>} */
  rows = new Map();
  /** Conversations in which this person has a draft. @type {Set<string>} */
  drafts = new Set();
  /** @type {Map<string, Talk>} */
  talks = new Map();
  /** @type {Map<string, Agent>} */
  agents = new Map();
  /** @type {Map<string, import("../shared/types.js").Tag>} */
  tags = new Map();
  /** @type {Map<string, string[]>} */
  viewing = new Map();
  /** @type {import("./types.js").Typing[]} */
  typing = [];
  /** What is wrong with the mail, in words. @type {{title: string, text: string, mild: boolean} | null} */
  trouble = null;
  /** How far the owner is with setting the shop up, while it is not done. @type {{done: number, of: number} | null} */
  setup = null;
  /** What else is wrong, for owners. @type {{title: string, text: string, mild: boolean} | null} */
  system = null;
  /** The addresses of the shop's mailboxes by id. @type {Map<string, string>} */
  mailboxes = new Map();
  view = "unassigned";
  query = "";
  /** @type {import("./logic.js").Sort} */
  sort = "newest";
  /** The conversation on screen. */
  current = "";
  /** A number whose conversation is being looked up, or was not found. */
  wanted = 0;
  wantedMissing = false;
  /** @type {import("../shared/live.js").LinkState} */
  link = "connecting";
  /** @type {(message: Message, row: Row | undefined) => void} */
  onIncoming = () => {};
  /** @type {(due: import("./types.js").DueNotice) => void} */
  onDue = () => {};
  /** @type {(notice: {conversation: string, number: number, text: string, automation: string}) => void} */
  onNotice = () => {};
  /** What is known of a contact is another now. @type {(id: string) => void} */
  onContact = () => {};
  /** Hours, targets or automations are others now. */
  onRules = () => {};
  /** The views for everybody are others now. @type {() => void} */
  onViews = () => {};
  /** Another device changed a draft. @type {(news: {conversation: string, on: boolean, rev: number, device: string}) => void} */
  onDraft = () => {};
  /** The conversation on screen is part of another now. @type {(number: number) => void} */
  onLed = () => {};
  /** Whether a conversation belongs to a saved view. @type {(row: Row, view: string) => boolean} */
  fits = () => false;
  together = new Together(this);
  /** A note came, or this person was given a conversation. @type {(message: Message, row: Row | undefined) => void} */
  onWord = () => {};
  #opening = 0;
  /** @type {Map<string, Promise<void>>} */
  #loads = new Map();
  /** Conversations that changed while they were on their way. @type {Set<string>} */
  #overtaken = new Set();

  /** @param {import("../shared/api.js").Api} api @param {Boot} boot @param {() => string} token @param {() => void} [onRefused] */
  constructor(api, boot, token, onRefused) {
    super();
    this.api = api;
    this.boot = boot;
    this.me = boot.me;
    this.counts = boot.counts;
    this.#take(boot);
    this.lists = new Lists(this);
    this.live = new Live({
      url: (after) => withQuery("/api/stream", { topic: "inbox", after: String(after) }),
      headers: () => ({ Authorization: token() }),
      onEvent: (name, data) => this.receive(name, data),
      onHello: (again) => again && void this.catchUp(),
      onState: (state) => {
        this.link = state;
        this.emit("link");
        if (state === "live" && this.list.state === "error") void this.relist();
      },
      onRefused,
    });
  }

  start() {
    this.live.start(this.boot.seq);
  }

  stop() {
    this.live.stop();
    this.list.stop();
    this.quiet();
  }

  /** @param {Boot} boot */
  #take(boot) {
    this.boot = boot;
    this.me = boot.me;
    this.counts = boot.counts;
    this.agents = new Map(boot.agents.map((agent) => [agent.id, agent]));
    this.drafts = new Set(boot.drafts ?? []);
    this.together.take(boot);
    this.#setTags(boot.tags);
  }

  /** @param {import("../shared/types.js").Tag[]} tags */
  #setTags(tags) {
    this.tags = new Map(tags.map((tag) => [tag.id, tag]));
    for (const tag of tags) givenNames.set(`tag:${tag.id}`, tag.name);
  }

  /** Shows another view, order or filter. @param {{view?: string, sort?: import("./logic.js").Sort, query?: string}} change */
  show(change) {
    const { view = this.view, sort = this.sort, query = change.view && change.view !== this.view ? "" : this.query } = change;
    if (view === this.view && sort === this.sort && query === this.query && this.list.state !== "new") return;
    Object.assign(this, { view, sort, query });
    void this.lists.show().load();
    this.emit("list");
  }

  /** The list on screen. */
  get list() {
    return this.lists.now;
  }

  /** Fetches the list on screen again, and later every other: something changed that no event tells in full. */
  relist() {
    this.lists.forget();
    return this.list.load();
  }

  // ---- what the stream says

  /** @param {string} name @param {any} data */
  receive(name, data) {
    if (OVERTAKES.test(name) && this.#loads.has(data.conversation)) this.#overtaken.add(data.conversation);
    switch (name) {
      case "hello":
        if (data.agents) this.#people(data.agents);
        return;
      case "reset":
        // Too much was missed, or the server's past is another one now: nothing here is known to be true.
        for (const talk of this.talks.values()) talk.messages = [];
        return;
      case "message":
        return this.#message(data);
      case "update":
        return this.#update(data);
      case "conversation":
        return this.putRow(data);
      case "read":
        return this.#read(data);
      case "typing":
        return typing(this, data);
      case "held": {
        const talk = this.talks.get(data.conversation);
        if (talk) talk.waiting = data.items;
        return this.emit("talk");
      }
      case "draft": {
        const talk = this.talks.get(data.conversation);
        if (talk) Object.assign(talk, { draft: undefined, fetched: 0 }); // the next opening fetches it
        this.setDraft(data.conversation, data.on);
        return this.onDraft(data);
      }
      case "followers":
      case "mention":
      case "gone":
        return this.together.receive(name, data);
      case "canned":
        return void this.refreshCanned();
      case "viewing":
        this.viewing.set(data.conversation, data.agents.filter((/** @type {string} */ id) => id !== this.me.id));
        return this.emit("signs");
      case "presence":
        if (data.agents) this.#people(data.agents);
        if (data.contact) this.#contactOnline(data.contact);
        return;
      case "notice":
        return this.onNotice(data);
      case "contact":
        return this.onContact(data.id);
      case "rules":
        return this.onRules();
      case "views":
        return this.onViews();
      case "health":
        return this.emit("health");
      case "due":
        return this.onDue(data);
      case "tags":
        return this.#tagsNow(data.tags);
      case "counts":
        this.counts = data;
        return this.emit("counts");
    }
  }

  /** @param {Partial<Agent>[]} agents */
  #people(agents) {
    for (const agent of agents) {
      const known = this.agents.get(agent.id ?? "");
      if (known) this.agents.set(known.id, { ...known, ...agent });
      else if (agent.id && agent.name) this.agents.set(agent.id, /** @type {Agent} */ (agent));
      if (agent.id === this.me.id) this.me = { ...this.me, ...agent };
    }
    this.emit("people");
  }

  /** @param {{id: string, online: boolean}} contact */
  #contactOnline(contact) {
    for (const row of this.rows.values()) {
      if (row.contact.id === contact.id && row.contact.online !== contact.online) {
        this.#setRow({ ...row, contact: { ...row.contact, online: contact.online } });
      }
    }
  }

  /** @param {import("../shared/types.js").Tag[]} tags */
  #tagsNow(tags) {
    const gone = [...this.tags.keys()].some((id) => !tags.some((tag) => tag.id === id));
    this.#setTags(tags);
    this.emitAll("tags", "counts", "people", "talk");
    if (gone) void this.refresh();
  }

  /** Fetches what is on screen again: something changed that no event tells in full. */
  async refresh() {
    await Promise.all([this.relist(), this.current ? again(this, this.current) : undefined]);
  }

  /** @param {Message} message */
  #message(message) {
    const talk = this.talks.get(message.conversation);
    if (talk && talk.state === "ready") {
      talk.messages = mergeMessages(talk.messages, [message]);
      this.emit("talk");
    }
    this.typing = this.typing.filter((sign) => sign.conversation !== message.conversation || sign.by !== (message.kind === "incoming" ? "contact" : "agent"));
    this.emit("signs");
    const row = this.rows.get(message.conversation);
    if (row) this.putRow(rowAfter(row, message));
    if (/^(merged|unmerged|split|split_from)$/.test(message.event?.type ?? "")) moved(this, message);
    if (message.kind === "note") this.together.notes.set(message.conversation, message);
    if (message.kind === "incoming") this.onIncoming(message, row);
    else if (message.kind !== "outgoing" && message.author.id !== this.me.id) this.onWord(message, row);
  }

  /** @param {{id: string, conversation: string} & Partial<Message>} change */
  #update(change) {
    const talk = this.talks.get(change.conversation);
    const at = talk?.messages.findIndex((message) => message.id === change.id) ?? -1;
    if (!talk || at < 0) return;
    talk.messages = talk.messages.map((message, i) => (i === at ? { ...message, ...change } : message));
    this.emit("talk");
  }

  /** @param {{conversation: string, by: string, seq: number}} read */
  #read({ conversation, by, seq }) {
    const row = this.rows.get(conversation);
    if (!row) return;
    const field = by === "staff" ? "staff_seen_seq" : "contact_seen_seq";
    if (seq > row[field]) this.#setRow({ ...row, [field]: seq });
  }

  /** The canned replies are others now. */
  async refreshCanned() {
    try {
      this.boot.canned = (await this.api.get("/api/desk/boot")).canned;
      this.emit("me");
    } catch {
      // The next start has them.
    }
  }

  /** @param {string} conversation @param {boolean} on */
  setDraft(conversation, on) {
    if (this.drafts.has(conversation) === on) return;
    this.drafts[on ? "add" : "delete"](conversation);
    this.emit("list");
  }

  /** A row as the server has it now. @param {Row} row */
  putRow(row) {
    const known = this.rows.get(row.id);
    // The stream and an answer may cross: a row that knows fewer messages is the older one.
    if (known && known.last_seq > row.last_seq) row = { ...row, last_seq: known.last_seq, preview: known.preview, preview_kind: known.preview_kind, last_activity: known.last_activity, last_incoming_seq: known.last_incoming_seq };
    // What the customer has read stays read.
    if (known && known.contact_seen_seq > row.contact_seen_seq) row = { ...row, contact_seen_seq: known.contact_seen_seq };
    this.rows.set(row.id, row);
    if (row.merged_into && this.current === row.id) void led(this, row.merged_into);
    this.lists.put(row);
    this.emit("list");
    this.emit("talk");
  }

  /** A row whose place in the list does not change. @param {Row} row */
  #setRow(row) {
    this.rows.set(row.id, row);
    this.lists.refresh(row);
    this.emit("list");
    this.emit("talk");
  }

  /** After a gap in the line: whatever has no memory on the server is fetched again. */
  async catchUp() {
    const refreshes = [this.relist()];
    if (this.current) refreshes.push(this.#load(this.current));
    for (const talk of this.talks.values()) if (talk.id !== this.current) this.talks.delete(talk.id);
    try {
      this.#take(await this.api.get("/api/desk/boot"));
    } catch {
      // The next connect tries again.
    }
    this.emitAll("counts", "people", "me", "talk");
    await Promise.all(refreshes);
  }

  // ---- conversations

  get talk() {
    return this.talks.get(this.current);
  }

  get row() {
    return this.rows.get(this.current);
  }

  /** Puts the conversation of a number on screen; 0 puts none there. @param {number} number */
  async open(number) {
    const opening = ++this.#opening;
    const before = this.talk;
    if (before) before.held = false;
    this.wantedMissing = false;
    if (!number) {
      this.current = "";
      this.wanted = 0;
      return this.emit("talk");
    }
    let id = "";
    for (const row of this.rows.values()) if (row.number === number && !row.merged_into) id = row.id;
    this.wanted = number;
    this.current = id;
    this.emit("talk");
    this.emit("list");
    const talk = this.talk;
    if (id && talk?.state === "ready" && this.link === "live") {
      // It is on the screen; what no event tells of it is looked at afterwards.
      talk.used = Date.now();
      if (talk.used - talk.fetched > FRESH_FOR) afterPaint(() => this.current === id && void this.#load(id));
      return;
    }
    if (id) return this.#load(id);
    try {
      const data = await this.api.get(`/api/desk/conversations/number:${number}`);
      if (this.#opening !== opening) return;
      this.current = data.conversation.id;
      this.opened(data);
      if (data.conversation.number !== number) {
        this.wanted = data.conversation.number;
        this.onLed(data.conversation.number);
      }
    } catch (error) {
      if (this.#opening !== opening) return;
      this.wantedMissing = true;
    }
    this.emit("talk");
    this.emit("list");
  }

  /** Fetches the open conversation again. */
  async reload() {
    await (this.current ? this.#load(this.current) : this.wanted && this.open(this.wanted));
  }

  /** Fetches a conversation before it is asked for. @param {string} id */
  prefetch(id) {
    if (!this.talks.has(id)) void this.#load(id);
  }

  /** @param {string} id */
  #load(id) {
    const running = this.#loads.get(id);
    if (running) return running;
    const load = this.#fetch(id).finally(() => {
      this.#loads.delete(id);
      if (this.#overtaken.delete(id) && this.talks.has(id)) void this.#load(id);
    });
    this.#loads.set(id, load);
    return load;
  }

  /** @param {string} id */
  async #fetch(id) {
    const talk = this.talks.get(id) ?? this.#newTalk(id);
    const asked = (talk.used = Date.now());
    if (talk.state === "error") talk.state = "loading";
    this.emit("talk");
    try {
      this.opened(await this.api.get(`/api/desk/conversations/${id}`));
      talk.fetched = asked;
    } catch (error) {
      talk.error = error;
      if (talk.state === "loading") talk.state = "error";
    }
    this.emit("talk");
  }

  /** @param {string} id @returns {Talk} */
  #newTalk(id) {
    /** @type {Talk} */
    const talk = { id, contact: null, messages: [], more: false, route: null, earlier: [], state: "loading", error: null, older: "", waiting: [], draft: undefined, held: false, used: Date.now(), fetched: 0 };
    this.talks.set(id, talk);
    if (this.talks.size > TALKS_KEPT) {
      const oldest = [...this.talks.values()].filter((other) => other.id !== this.current).sort((a, b) => a.used - b.used)[0];
      if (oldest) this.talks.delete(oldest.id);
    }
    return talk;
  }

  /** @param {import("../shared/types.js").Opened} data */
  opened(data) {
    const talk = this.talks.get(data.conversation.id) ?? this.#newTalk(data.conversation.id);
    Object.assign(talk, mergeNewest(talk.messages, talk.more, data.messages, data.more));
    talk.contact = data.contact;
    talk.earlier = data.earlier ?? [];
    talk.route = data.route ?? null;
    talk.waiting = data.held ?? [];
    talk.draft = data.draft ?? null;
    talk.suggestions = data.suggestions ?? [];
    this.together.follow(talk.id, data.followers);
    talk.state = "ready";
    talk.error = null;
    this.viewing.set(talk.id, (data.viewing ?? []).filter((id) => id !== this.me.id));
    this.putRow(data.conversation);
  }

  /** Fetches the messages before the oldest one here. */
  async loadOlder() {
    const talk = this.talk;
    if (!talk || !talk.more || talk.older === "loading" || talk.state !== "ready") return;
    talk.older = "loading";
    this.emit("talk");
    try {
      const before = talk.messages[0]?.seq ?? 0;
      const page = await this.api.get(`/api/desk/conversations/${talk.id}/messages?before=${before}&limit=50`);
      talk.messages = mergeMessages(page.messages, talk.messages);
      talk.more = page.more;
      talk.older = "";
    } catch {
      talk.older = "error";
    }
    this.emit("talk");
  }

  /** A message of the server that waits for its time. @param {import("../shared/types.js").Waiting} item */
  waits(item) {
    const talk = this.talks.get(item.conversation);
    if (talk && !talk.messages.some((message) => message.client_id === item.client_id)) talk.waiting = [...talk.waiting.filter((other) => other.id !== item.id), item];
    this.emit("talk");
  }

  /** What the server made of a sent message. @param {{message?: Message, conversation?: Row}} answer */
  sent(answer) {
    const { message, conversation } = answer;
    const talk = message && this.talks.get(message.conversation);
    if (message && talk && talk.state === "ready") talk.messages = mergeMessages(talk.messages, [message]);
    if (conversation) this.putRow(conversation);
    this.emit("talk");
  }

  /**
   * Changes a conversation: here at once, then on the server; back again if the server refuses.
   * @param {string} id @param {Partial<Pick<Row, "status" | "assignee" | "tags" | "priority" | "snoozed_until" | "subject">>} change
   */
  async patch(id, change) {
    const before = this.rows.get(id);
    if (before) this.putRow({ ...before, ...change });
    try {
      const { conversation } = await this.api.patch(`/api/desk/conversations/${id}`, change);
      if (conversation) this.putRow(conversation);
    } catch (error) {
      const now = this.rows.get(id);
      if (before && now) {
        /** @type {Record<string, unknown>} */
        const back = {};
        for (const field of Object.keys(change)) back[field] = before[/** @type {keyof Row} */ (field)];
        this.putRow({ ...now, ...back });
      }
      throw error;
    }
  }

  /** Notes that the person has seen everything of the open conversation. */
  async seen() {
    const { row, talk } = this;
    if (!row || !talk || talk.held || talk.state !== "ready" || !isUnread(row)) return;
    const seq = Math.max(row.last_incoming_seq, talk.messages[talk.messages.length - 1]?.seq ?? 0);
    this.#setRow({ ...row, staff_seen_seq: seq });
    await new Promise((painted) => afterPaint(() => painted(undefined)));
    try {
      await this.api.post(`/api/desk/conversations/${row.id}/seen`, { seq });
    } catch {
      const now = this.rows.get(row.id);
      if (now) this.#setRow({ ...now, staff_seen_seq: row.staff_seen_seq });
    }
  }

  async unseen() {
    const { row, talk } = this;
    if (!row || !talk) return;
    talk.held = true;
    this.#setRow({ ...row, staff_seen_seq: Math.min(row.staff_seen_seq, row.last_incoming_seq - 1) });
    await this.api.post(`/api/desk/conversations/${row.id}/unseen`);
  }

  /** @param {string} id the contact's @param {Partial<Contact>} change */
  async patchContact(id, change) {
    const { contact } = await this.api.patch(`/api/desk/contacts/${id}`, change);
    this.putContact(contact);
  }

  /** @param {Contact} contact */
  putContact(contact) {
    for (const talk of this.talks.values()) if (talk.contact?.id === contact.id) talk.contact = contact;
    for (const row of this.rows.values()) {
      if (row.contact.id !== contact.id) continue;
      const first = (/** @type {string} */ kind) => contact.identities.find((identity) => identity.kind === kind)?.value ?? "";
      this.#setRow({ ...row, contact: { ...row.contact, name: contact.name, language: contact.language, blocked: contact.blocked, email: first("email"), phone: first("phone") } });
    }
    this.emit("talk");
  }

  /** Two contacts have become one. @param {Contact} contact @param {string} gone the other's id */
  merged(contact, gone) {
    for (const talk of this.talks.values()) if (talk.contact?.id === gone) talk.contact = contact;
    for (const row of this.rows.values()) if (row.contact.id === gone) this.rows.set(row.id, { ...row, contact: { ...row.contact, id: contact.id } });
    this.putContact(contact);
    void this.relist();
    void this.reload();
  }

  /** @param {Record<string, unknown>} change */
  async patchMe(change) {
    const { me } = await this.api.patch("/api/desk/me", change);
    this.me = { ...this.me, ...me };
    const agent = this.agents.get(this.me.id);
    if (agent) this.agents.set(agent.id, { ...agent, name: this.me.name, availability: this.me.availability });
    this.emit("me");
    this.emit("people");
  }

  /** @param {string} id */
  agentName(id) {
    return this.agents.get(id)?.name ?? "";
  }

  /** @param {string} id */
  tagName(id) {
    return this.tags.get(id)?.name ?? "";
  }

  /** Who else looks at a conversation. @param {string} id */
  viewersOf(id) {
    return (this.viewing.get(id) ?? []).map((agent) => this.agentName(agent)).filter(Boolean);
  }

  /** @param {string} id */
  typingIn(id) {
    return this.typing.filter((sign) => sign.conversation === id);
  }
}
