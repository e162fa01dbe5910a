/**
 * What was written and is not accepted yet. A message is shown at once, kept in the browser's storage until the server
 * has it, and sent again with the same client id until it is accepted or refused; a repeated one is one message there.
 * Messages of one conversation go one after the other, so their order stays.
 */
import { ApiError, sentence } from "../shared/api.js";
import { t } from "../shared/i18n.js";
import { backOff } from "../shared/live.js";
import { randomId } from "./logic.js";
import { cids } from "./rich.js";
import { recallAll, remember } from "./prefs.js";

/** @typedef {import("./types.js").Unsent} Unsent */

export class Sender {
  /** @type {Unsent[]} */
  items = [];
  /** @type {Set<string>} conversations whose queue runs */
  #running = new Set();
  #attempts = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} options
   * @param {import("../shared/api.js").Api} options.api
   * @param {string} options.agent
   * @param {(item: Unsent, answer: any) => void} options.onSent
   * @param {() => void} options.onChange
   * @param {(item: Unsent, since: import("./types.js").Message[]) => void} [options.onOvertaken] others wrote: the server did not take it
   */
  constructor({ api, agent, onSent, onChange, onOvertaken }) {
    this.api = api;
    this.agent = agent;
    this.onSent = onSent;
    this.onChange = onChange;
    this.onOvertaken = onOvertaken;
    for (const [key, text] of recallAll(`unsent.${agent}.`)) {
      try {
        const item = JSON.parse(text);
        const lost = item.files > 0;
        this.items.push({ ...item, files: [], state: lost ? "failed" : "waiting", error: lost ? t("desk.files_lost") : "" });
      } catch {
        remember(key, "");
      }
    }
    this.items.sort((a, b) => (a.created < b.created ? -1 : 1));
  }

  /** @param {string} conversation */
  of(conversation) {
    return this.items.filter((item) => item.conversation === conversation);
  }

  /** Whether closing the page now would lose a file. */
  get holdsFiles() {
    return this.items.some((item) => item.files.length > 0);
  }

  /** @param {Omit<Unsent, "client_id" | "created" | "state" | "error">} draft */
  send(draft) {
    /** @type {Unsent} */
    const item = { ...draft, client_id: randomId(), created: new Date().toISOString(), state: "waiting", error: "" };
    this.items.push(item);
    this.#keep(item);
    this.onChange();
    void this.#run(item.conversation);
    return item;
  }

  /** @param {string} clientId */
  retry(clientId) {
    const item = this.items.find((other) => other.client_id === clientId);
    if (!item) return;
    item.state = "waiting";
    item.error = "";
    this.onChange();
    void this.#run(item.conversation);
  }

  /** Takes an unsent message back. @param {string} clientId */
  drop(clientId) {
    const at = this.items.findIndex((item) => item.client_id === clientId);
    if (at < 0) return null;
    const [item] = this.items.splice(at, 1);
    remember(this.#key(item), "");
    this.onChange();
    return item;
  }

  /** The server can be reached again. */
  resume() {
    clearTimeout(this.#timer);
    this.#attempts = 0;
    for (const conversation of new Set(this.items.map((item) => item.conversation))) void this.#run(conversation);
  }

  /** @param {Unsent} item */
  #key(item) {
    return `unsent.${this.agent}.${item.client_id}`;
  }

  /** @param {Unsent} item */
  #keep(item) {
    remember(this.#key(item), JSON.stringify({ ...item, files: item.files.length, state: "", error: "" }));
  }

  /** @param {string} conversation */
  async #run(conversation) {
    if (this.#running.has(conversation)) return;
    this.#running.add(conversation);
    try {
      for (;;) {
        const item = this.items.find((other) => other.conversation === conversation && other.state === "waiting");
        if (!item) return;
        item.state = "sending";
        this.onChange();
        try {
          const answer = await this.api.post(`/api/desk/conversations/${conversation}/${item.hold || item.due ? "hold" : "reply"}`, bodyOf(item));
          this.#attempts = 0;
          this.drop(item.client_id);
          this.onSent(item, answer);
        } catch (error) {
          const since = error instanceof ApiError && error.status === 409 ? error.body?.since : undefined;
          if (since && this.onOvertaken) {
            this.drop(item.client_id);
            this.onOvertaken(item, since);
            continue;
          }
          const passing = error instanceof ApiError && (error.passing || error.status === 401);
          item.state = passing ? "waiting" : "failed";
          item.error = passing ? "" : sentence(error);
          this.onChange();
          if (passing) {
            this.#later(error instanceof ApiError ? error.retryAfter * 1000 : 0);
            return;
          }
        }
      }
    } finally {
      this.#running.delete(conversation);
    }
  }

  /** @param {number} least ms */
  #later(least) {
    clearTimeout(this.#timer);
    this.#attempts++;
    const attempts = this.#attempts;
    this.#timer = setTimeout(() => {
      this.resume();
      this.#attempts = attempts;
    }, Math.max(least, backOff(attempts)));
  }
}

/** What was typed into Cc or Bcc; a name before an address in angle brackets goes. @param {string} [typed] */
export function addresses(typed = "") {
  return typed.replace(/[^,;<>]*<([^<>]*)>/g, " $1 ").split(/[\s,;]+/).filter(Boolean);
}

/** @param {Unsent} item */
function bodyOf(item) {
  const fields = {
    client_id: item.client_id, kind: item.kind, text: item.text, then: item.then,
    ...(item.to && { to: item.to }), ...(item.html && { html: item.html }), ...(item.channel && { channel: item.channel }),
    ...(item.kind === "reply" && item.base ? { base: item.base } : {}), ...(item.anyway && { anyway: true }),
    ...(item.due ? { due: item.due, if_reply: item.if_reply ?? "stop" } : item.hold && { seconds: item.hold }),
  };
  const cc = addresses(item.cc);
  const bcc = addresses(item.bcc);
  if (item.files.length === 0) return { ...fields, ...(cc.length && { cc }), ...(bcc.length && { bcc }) };
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
  for (const address of cc) form.append("cc", address);
  for (const address of bcc) form.append("bcc", address);
  for (const file of item.files) {
    form.append("files", file, file.name);
    form.append("cids", cids.get(file) ?? "");
  }
  return form;
}
