/**
 * The one road of realtime: a fetch() stream of server-sent events that never gives up.
 *
 * Messages carry a seq. They are handed on in its order, each once; on every connect the server is told the last seq that
 * was handed on and sends what came after it. Whatever is not a message (counts, typing, changed rows) has no memory on
 * the server, so `onHello` says after every connect but the first that those must be fetched again.
 */

/** No byte for this long (the server pings every 20 s) means that the line is dead. */
export const SILENCE = 45_000;

/** Splits a byte stream's text into server-sent events. */
export class EventParser {
  #rest = "";
  /** @param {(event: {name: string, data: string, id: string}) => void} onEvent */
  constructor(onEvent) {
    this.onEvent = onEvent;
  }
  /** @param {string} text */
  feed(text) {
    this.#rest += text;
    // A \r at the very end may be the first half of \r\n: it waits for the next piece.
    const held = this.#rest.endsWith("\r") ? "\r" : "";
    const ready = (held ? this.#rest.slice(0, -1) : this.#rest).replace(/\r\n?/g, "\n");
    const blocks = ready.split("\n\n");
    this.#rest = (blocks.pop() ?? "") + held;
    for (const block of blocks) this.#block(block);
  }
  /** @param {string} block */
  #block(block) {
    let name = "message";
    let id = "";
    /** @type {string[]} */
    const data = [];
    for (const line of block.split("\n")) {
      const at = line.indexOf(":");
      if (at === 0 || line === "") continue;
      const field = at < 0 ? line : line.slice(0, at);
      const value = at < 0 ? "" : line.slice(at + 1).replace(/^ /, "");
      if (field === "event") name = value;
      else if (field === "data") data.push(value);
      else if (field === "id") id = value;
    }
    if (data.length > 0) this.onEvent({ name, data: data.join("\n"), id });
  }
}

/** How long to wait before the n-th attempt (n from 1): doubling from half a second to 30 s, at random within it. @param {number} n @param {() => number} [random] */
export function backOff(n, random = Math.random) {
  const most = Math.min(30_000, 500 * 2 ** Math.min(n - 1, 10));
  return most / 2 + (random() * most) / 2;
}

/** @typedef {"live" | "connecting" | "lost"} LinkState */

export class Live {
  /** The newest seq handed on. */
  after = 0;
  /** @type {LinkState} */
  state = "connecting";
  #running = false;
  #attempts = 0;
  #connects = 0;
  #heard = 0;
  #greeted = 0;
  /** @type {AbortController | null} */
  #line = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #watch;
  /** @type {(() => void)[]} */
  #undo = [];

  /**
   * @param {object} options
   * @param {(after: number) => string} options.url
   * @param {() => Record<string, string>} options.headers
   * @param {(name: string, data: any) => void} options.onEvent
   * @param {(again: boolean) => void} [options.onHello] after each connect; again is false the first time
   * @param {(state: LinkState) => void} [options.onState]
   * @param {() => void} [options.onRefused] the server does not accept the token
   * @param {typeof fetch} [options.fetch]
   */
  constructor({ url, headers, onEvent, onHello = () => {}, onState = () => {}, onRefused = () => {}, fetch: fetcher }) {
    this.url = url;
    this.headers = headers;
    this.onEvent = onEvent;
    this.onHello = onHello;
    this.onState = onState;
    this.onRefused = onRefused;
    this.fetcher = fetcher ?? ((input, init) => fetch(input, init));
  }

  /** @param {number} after */
  start(after) {
    if (this.#running) return;
    this.#running = true;
    this.after = after;
    if (typeof window !== "undefined") {
      const wake = () => this.wake();
      const visible = () => document.visibilityState === "visible" && this.wake();
      const gone = () => this.#drop("lost");
      const on = (/** @type {EventTarget} */ target, /** @type {string} */ type, /** @type {() => void} */ act) => {
        target.addEventListener(type, act);
        this.#undo.push(() => target.removeEventListener(type, act));
      };
      on(window, "online", wake);
      on(window, "pageshow", wake);
      on(window, "offline", gone);
      on(document, "visibilitychange", visible);
    }
    this.#watch = setInterval(() => {
      if (this.#line && Date.now() - this.#heard > SILENCE) this.#again();
    }, 5_000);
    void this.#connect();
  }

  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    for (const undo of this.#undo.splice(0)) undo();
    this.#line?.abort();
    this.#line = null;
  }

  /** The network or the person came back: connect now unless the line is known to be alive. */
  wake() {
    if (!this.#running) return;
    if (this.state === "live" && Date.now() - this.#heard < 25_000) return;
    this.#attempts = 0;
    this.#line?.abort();
    this.#line = null;
    clearTimeout(this.#timer);
    void this.#connect();
  }

  /** @param {LinkState} state */
  #say(state) {
    if (this.state === state) return;
    this.state = state;
    this.onState(state);
  }

  /** @param {LinkState} state */
  #drop(state) {
    this.#line?.abort();
    this.#line = null;
    this.#say(state);
    if (this.#running) this.#again();
  }

  #again() {
    this.#line?.abort();
    this.#line = null;
    clearTimeout(this.#timer);
    this.#attempts++;
    this.#say("lost");
    this.#timer = setTimeout(() => void this.#connect(), backOff(this.#attempts));
  }

  async #connect() {
    const line = new AbortController();
    this.#line = line;
    this.#heard = Date.now();
    if (this.state === "lost") this.#say("connecting");
    try {
      const answer = await this.fetcher(this.url(this.after), {
        headers: { Accept: "text/event-stream", ...this.headers() },
        cache: "no-store",
        signal: line.signal,
      });
      if (this.#line !== line) return;
      if (answer.status === 401 || answer.status === 403) this.onRefused();
      if (!answer.ok || !answer.body) throw new Error(`stream: ${answer.status}`);
      const parser = new EventParser((event) => {
        if (this.#line === line) this.#receive(event.name, event.data);
      });
      const text = new TextDecoder();
      const reader = answer.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (this.#line !== line) {
          void reader.cancel().catch(() => {});
          return;
        }
        this.#heard = Date.now();
        if (done) break;
        parser.feed(text.decode(value, { stream: true }));
      }
    } catch {
      // Whatever broke the line, the answer is the same: try again.
    }
    if (this.#running && this.#line === line) this.#again();
  }

  /** @param {string} name @param {string} json */
  #receive(name, json) {
    /** @type {any} */
    let data;
    try {
      data = JSON.parse(json);
    } catch {
      return;
    }
    if (name === "hello") {
      this.#attempts = 0;
      this.#greeted = Number(data.seq) || 0;
      this.#say("live");
      this.onEvent(name, data);
      this.onHello(this.#connects++ > 0);
      return;
    }
    if (name === "reset") {
      this.after = this.#greeted; // ahead of it only after a backup was restored
      this.onEvent(name, data);
      this.onHello(true);
      return;
    }
    if (name === "message") {
      if (data.seq <= this.after) return;
      this.after = data.seq;
    }
    this.onEvent(name, data);
  }
}
