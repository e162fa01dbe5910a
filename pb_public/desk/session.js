/** Who is signed in at this browser: the token, kept across reloads, refreshed before it ends, shared by the tabs. */
import { Api } from "../shared/api.js";
import { recall, remember } from "./prefs.js";

const KEY = "shohay.agent";

/** When a token ends, in ms since 1970, or 0. @param {string} token */
export function endOf(token) {
  try {
    const body = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    return Number(JSON.parse(atob(body)).exp) * 1000 || 0;
  } catch {
    return 0;
  }
}

/** What tells this browser from others at sign-in, so that a strange one is noticed. */
function deviceMark() {
  let mark = recall("device");
  if (mark.length < 16) {
    mark = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    remember("device", mark);
  }
  return mark;
}

export class Session {
  token = "";
  /** Called when this browser is no longer signed in. @type {() => void} */
  onEnd = () => {};
  /** The password typed a moment ago, for setting up a second factor at the door; forgotten once the desk is open. */
  typed = "";
  #lasting = true;
  #timer = 0;

  constructor() {
    this.api = new Api({ token: () => this.token, onUnauthorised: (failed) => failed === this.token && this.end() });
    this.#read();
    window.addEventListener("storage", (event) => {
      if (event.key !== KEY && event.key !== null) return;
      const before = this.token;
      this.#read();
      if (before && !this.token) this.onEnd();
    });
  }

  #read() {
    const kept = localStorage.getItem(KEY);
    this.#lasting = kept !== null;
    const token = kept ?? sessionStorage.getItem(KEY) ?? "";
    const end = endOf(token);
    this.token = end && end < Date.now() ? "" : token;
  }

  #keep() {
    (this.#lasting ? localStorage : sessionStorage).setItem(KEY, this.token);
  }

  /**
   * @param {string} identity @param {string} password @param {boolean} lasting
   * @param {string} [code] of the authenticator app, once it was asked for
   */
  async signIn(identity, password, lasting, code = "") {
    const answer = await new Api().post("/api/collections/agents/auth-with-password", { identity, password, device: deviceMark(), ...(code ? { code } : {}) });
    this.token = answer.token;
    this.#lasting = lasting;
    this.#keep();
  }

  /** Signs in with a link that works once. @param {{token: string, email: string, name: string, password: string, language: string}} who */
  async welcome(who) {
    const answer = await new Api().post("/api/welcome/in", { ...who, device: deviceMark() });
    this.token = answer.token;
    this.#lasting = true;
    this.#keep();
  }

  /** Renews the token if it ends within days, or at once to learn whether it still holds; looks again every hour. */
  async refresh(atOnce = false) {
    clearInterval(this.#timer);
    this.#timer = window.setInterval(() => void this.refresh(), 3_600_000);
    const end = endOf(this.token);
    if (!this.token || (!atOnce && end && end - Date.now() > 4 * 86_400_000)) return;
    try {
      const answer = await this.api.post("/api/collections/agents/auth-refresh");
      if (!this.token) return;
      this.token = answer.token;
      this.#keep();
    } catch {
      // The old one still holds; a refused one has ended the session already.
    }
  }

  /** Goes on with another token: the old one ended with all others. @param {string} token */
  replace(token) {
    this.token = token;
    this.#keep();
  }

  end() {
    if (!this.token) return;
    this.token = "";
    clearInterval(this.#timer);
    localStorage.removeItem(KEY);
    sessionStorage.removeItem(KEY);
    this.onEnd();
  }
}
