/**
 * A mail as its sender formatted it. The server has sanitised it; here it stands in a frame of its own that may not run
 * scripts and, until the agent asks, may not fetch anything from elsewhere: fetching tells the sender that it was read.
 */
import { html, icon } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { recall, remember } from "./prefs.js";

/** @typedef {{html: string, quoted?: string, blocked: number}} Mail */

/** @type {Map<string, Promise<Mail>>} */
const mails = new Map();
/** Messages whose remote images the agent asked for. @type {Set<string>} */
const allowed = new Set();

/** @type {import("../shared/api.js").Api | null} */
let api = null;

/** @param {import("../shared/api.js").Api} given */
export function serveMailFrames(given) {
  api = given;
  if (!customElements.get("mail-frame")) customElements.define("mail-frame", MailFrame);
}

/**
 * The document of a frame. Its own policy stands in it beside the page's: no script, no form, no frame, nothing fetched
 * but our own files and, if asked for, images.
 * @param {string} body sanitised by the server @param {string} quoted the history below it, folded @param {boolean} images
 */
export function frameDocument(body, quoted, images) {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:${images ? " https: http:" : ""}; form-action 'none'; base-uri 'none'`;
  return `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="referrer" content="no-referrer"><style>
    :root { color-scheme: light; }
    html { overflow-x: auto; overflow-y: hidden; }
    body { margin: 0; padding: 14px 16px; font: 15px/1.55 system-ui, "Noto Sans", "Noto Sans Bengali", "Nirmala UI", Vrinda, sans-serif; color: #1d1c1a; background: #fff; overflow-wrap: break-word; }
    img { max-width: 100%; height: auto; } table { max-width: 100%; } a { color: #006a4e; } pre { white-space: pre-wrap; }
    blockquote { margin: 8px 0; padding-inline-start: 12px; border-inline-start: 2px solid #ddd; color: #5f5c56; }
    details { margin-top: 10px; } summary { list-style: none; display: inline-block; padding: 0 9px; border-radius: 8px; background: #e9e7e2; color: #5f5c56; font-weight: 700; line-height: 16px; letter-spacing: 2px; cursor: pointer; }
    summary::-webkit-details-marker { display: none; }
  </style></head><body>${body}${quoted ? `<details><summary>···</summary>${quoted}</details>` : ""}</body></html>`;
}

class MailFrame extends HTMLElement {
  /** @type {ResizeObserver | null} */
  #sizes = null;
  #shown = "";

  connectedCallback() {
    void this.#show();
  }

  disconnectedCallback() {
    this.#sizes?.disconnect();
    this.#sizes = null;
    this.#shown = "";
  }

  /** Whether images from elsewhere may be fetched: of this message, or always of its sender. @param {string} id */
  #images(id) {
    return allowed.has(id) || (Boolean(this.dataset.contact) && recall(`images.${this.dataset.contact}`) === "on");
  }

  async #show() {
    const id = this.dataset.message ?? "";
    if (!api || this.#shown === id) return;
    this.#shown = id;
    this.innerHTML = html`<div class="mail-wait skeleton" aria-busy="true"></div>`.text;
    const asked = mails.get(id) ?? api.get(`/api/desk/messages/${id}/html?fold=1${this.#images(id) ? "&remote=1" : ""}`);
    mails.set(id, asked);
    try {
      const mail = await asked;
      if (this.#shown === id && this.isConnected) this.#frame(id, mail);
    } catch {
      mails.delete(id);
      this.#shown = "";
      this.innerHTML = html`<p class="mail-failed">${t("desk.mail_failed")} <button class="link" type="button">${t("common.retry")}</button></p>`.text;
      this.querySelector("button")?.addEventListener("click", () => void this.#show());
    }
  }

  /** @param {string} id @param {Mail} mail */
  #frame(id, mail) {
    this.#sizes?.disconnect();
    const images = this.#images(id);
    this.innerHTML = html`${mail.blocked > 0 && !images
      ? html`<div class="mail-blocked">${icon("image", "s")}<span>${t("desk.images_blocked", { n: mail.blocked })}</span><button class="link" type="button" data-images="once">${t("desk.images_show")}</button>${this.dataset.contact ? html`<button class="link" type="button" data-images="always">${t("desk.images_always")}</button>` : ""}</div>`
      : ""}<iframe title="${t("desk.mail_frame")}" sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer"></iframe>`.text;
    this.querySelector(".mail-blocked")?.addEventListener("click", (event) => {
      const asked = event.target instanceof HTMLElement ? event.target.dataset.images : "";
      if (!asked) return;
      allowed.add(id);
      if (asked === "always") remember(`images.${this.dataset.contact}`, "on");
      mails.delete(id);
      this.#shown = "";
      void this.#show();
    });
    const frame = /** @type {HTMLIFrameElement} */ (this.querySelector("iframe"));
    frame.addEventListener("load", () => {
      const inside = frame.contentDocument;
      if (!inside?.body) return;
      for (const link of inside.querySelectorAll("a[href]")) {
        link.setAttribute("target", "_blank");
        link.setAttribute("rel", "noopener noreferrer nofollow");
      }
      const fit = () => {
        const height = Math.min(Math.max(inside.body.scrollHeight, inside.body.offsetHeight), 20_000);
        if (height && Math.abs(frame.offsetHeight - height) > 1) frame.style.height = `${height + (inside.documentElement.scrollWidth > inside.documentElement.clientWidth ? 16 : 0)}px`;
      };
      fit();
      this.#sizes = new ResizeObserver(fit);
      this.#sizes.observe(inside.body);
      inside.addEventListener("load", fit, true);
    });
    frame.srcdoc = frameDocument(mail.html, mail.quoted ?? "", images);
  }
}
