/** <desk-search>: what is found, in the place of the list, while the search field is in use. */
import { withQuery } from "../shared/api.js";
import { sentence, ApiError } from "../shared/api.js";
import { age, count, full, phone } from "../shared/format.js";
import { html, icon, onAct, render, renderEach } from "../shared/html.js";
import { addTexts, currentLanguage, t } from "../shared/i18n.js";
import { Pages } from "../shared/list.js";
import { accept, findWords, hitWords, suggest, withoutFilters, withRecent } from "./asking.js";
import { channelIcon, channelName, lineOf, nameOf, routeTo } from "./logic.js";
import { blank, contactFace, face, loadStyle, tagChip } from "./parts.js";
import { recall, remember } from "./prefs.js";

/**
 * @typedef {import("../shared/types.js").Row} Row
 * @typedef {import("../shared/types.js").Contact} Contact
 * @typedef {{id: string, seq: number, kind: string, created: string}} FoundMessage
 * @typedef {{text: string, hit: boolean}} Piece
 * @typedef {{conversation: Row, message: FoundMessage | null, snippet: Piece[], hits: number}} Found
 */

const PAUSE = 130; // ms without a letter after which is asked
const MOST_LOADS = 40; // pages of history for a message far back

/** @param {Contact} contact @param {string} kind */
const first = (contact, kind) => contact.identities.find((identity) => identity.kind === kind)?.value ?? "";

/** A search for all that a customer said. @param {Contact} contact */
export function searchOf(contact) {
  return `${currentLanguage() === "bn" ? "থেকে" : "from"}:${first(contact, "email") || contact.customer_no}`;
}

/** A snippet with its hits marked. @param {readonly Piece[]} pieces */
export function snippetHtml(pieces) {
  return html`${pieces.map((piece) => (piece.hit ? html`<mark>${piece.text}</mark>` : piece.text))}`;
}

export class DeskSearch extends HTMLElement {
  /** @type {import("./app.js").Desk} */
  desk = /** @type {any} */ (null);
  /** @type {HTMLInputElement} */
  input = /** @type {any} */ (null);
  /** Whether it stands in the place of the list. */
  open = false;
  #query = "";
  #best = false;
  /** @type {Pages<Found>} */
  #list = /** @type {any} */ (null);
  /** @type {Contact[]} */
  #contacts = [];
  #loose = false;
  #filling = 0;
  #timer = 0;
  /** What the keys stand on: a suggestion, a customer or a conversation. */
  #at = -1;
  /** @type {import("./asking.js").Suggestion[]} */
  #suggestions = [];
  #from = 0;
  /** @type {(() => void)[]} */
  #undo = [];

  connectedCallback() {
    this.className = "found-pane";
    this.innerHTML = html`<div class="found-suggest" role="listbox"></div><div class="rows-head"></div><div class="found-rows rows" tabindex="-1"><div class="found-top"></div><div class="found-items"></div><div class="found-end"></div></div>`.text;
    const rows = this.#part("found-rows");
    rows.addEventListener("scroll", () => this.#more(), { passive: true });
    this.#undo = [
      this.desk.store.on(["list", "talk"], () => this.open && this.#draw()),
      onAct(this, {
        "take": (target) => this.#take(this.#suggestions[Number(target.dataset.at)]),
        "recent": (target) => this.ask(target.dataset.text ?? ""),
        "forget": () => {
          remember("searches", "");
          this.#draw();
        },
        "best": () => {
          this.#best = !this.#best;
          this.#start();
        },
        "bare": () => this.ask(withoutFilters(this.#query).left),
        "leave": () => this.close(),
        "again": () => this.#start(),
        "more-again": () => void this.#list.more(),
        "person": (target) => this.#person(Number(target.dataset.at)),
        "found": (target, event) => {
          event.preventDefault();
          this.#open(Number(target.dataset.at));
        },
      }),
    ];
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    this.#list?.stop();
    for (const undo of this.#undo.splice(0)) undo();
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`.${name}`));
  }

  /** Stands in the place of the list from now on. */
  show() {
    if (this.open) return;
    this.open = true;
    this.closest(".list")?.classList.add("is-searching");
    this.typed();
  }

  /** Gives the list its place back. */
  close() {
    if (!this.open) return;
    this.#keep();
    this.open = false;
    this.#query = this.input.value = "";
    clearTimeout(this.#timer);
    this.#list?.stop();
    this.closest(".list")?.classList.remove("is-searching");
    unmark();
    this.desk.store.emit("list");
    this.desk.focusList();
  }

  /** Searches for a text that was not typed. @param {string} text */
  ask(text) {
    this.input.value = text;
    this.input.focus();
    this.input.setSelectionRange(text.length, text.length);
    if (!this.open) this.show();
    else this.typed();
  }

  /** The field has changed. */
  typed() {
    const { tags, agents } = this.desk.store;
    const caret = this.input.selectionStart ?? this.input.value.length;
    const { from, list } = suggest(this.input.value, caret, {
      tags: [...tags.values()], agents: [...agents.values()], bangla: currentLanguage() === "bn",
      say: (name) => t(`deskmore.search_${name}`),
    });
    this.#suggestions = this.input.value.trim() ? list : [];
    this.#from = from;
    this.#at = -1;
    clearTimeout(this.#timer);
    if (this.input.value.trim() !== this.#query.trim() || !this.#list) this.#timer = window.setTimeout(() => this.#start(), PAUSE);
    this.#draw();
  }

  #start() {
    this.#query = this.input.value;
    this.#list?.stop();
    this.#at = -1;
    const query = this.#query;
    const before = this.#list;
    this.#list = new Pages({
      key: (/** @type {Found} */ found) => found.conversation.id,
      compare: () => 0,
      fetch: async (cursor, signal) => {
        const path = withQuery("/api/desk/search", { q: query.trim(), before: cursor, sort: this.#best ? "best" : "", typing: /\s$/.test(query) ? "" : "1", lang: currentLanguage() });
        const page = await this.desk.api.get(path, { signal });
        for (const found of page.rows) this.desk.store.rows.set(found.conversation.id, found.conversation);
        // A page may be empty while older messages are still to be looked at.
        if (cursor) this.#loose ||= page.loose;
        else {
          this.#contacts = page.contacts.slice(0, 3);
          this.#loose = page.loose;
          this.#filling = page.filling;
          this.#part("found-rows").scrollTop = 0;
        }
        return { items: page.rows, next: page.next };
      },
      onChange: () => this.#draw(),
    });
    if (!query.trim()) {
      this.#contacts = [];
      return this.#draw();
    }
    // What was found before stays until the answer is here: nothing flickers while somebody types.
    if (before) this.#list.items = before.items;
    void this.#list.load();
  }

  #more() {
    const rows = this.#part("found-rows");
    if (rows.scrollTop + rows.clientHeight > rows.scrollHeight - 600) void this.#list?.more();
  }

  /** @returns {string[]} */
  #recent() {
    try {
      const list = JSON.parse(recall("searches") || "[]");
      return Array.isArray(list) ? list.filter((text) => typeof text === "string") : [];
    } catch {
      return [];
    }
  }

  #keep() {
    if (this.#query.trim()) remember("searches", JSON.stringify(withRecent(this.#recent(), this.#query)));
  }

  // ---- keys

  /** A key in the field. Whether it was for the search. @param {KeyboardEvent} event */
  key(event) {
    if (event.isComposing) return false;
    if (event.key === "Escape") {
      if (this.#suggestions.length) {
        this.#suggestions = [];
        this.#draw();
      } else {
        this.close();
      }
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.move(event.key === "ArrowDown" ? 1 : -1, false);
    } else if (event.key === "Tab" && !event.shiftKey && this.#suggestions.length) {
      this.#take(this.#suggestions[Math.max(0, this.#at)]);
    } else if (event.key === "Enter") {
      if (this.#suggestions.length && this.#at >= 0) {
        this.#take(this.#suggestions[this.#at]);
      } else {
        this.#suggestions = [];
        this.#keep();
        if (this.input.value !== this.#query) {
          clearTimeout(this.#timer);
          this.#start();
        } else {
          this.openMarked();
        }
      }
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  /** Moves the mark; among results it opens what it stands on where there is room beside. @param {number} by @param {boolean} [opens] */
  move(by, opens = true) {
    const most = this.#suggestions.length || this.#contacts.length + this.#list.items.length;
    if (!most) return;
    this.#at = Math.max(0, Math.min(most - 1, this.#at + by));
    this.#draw();
    this.querySelector(".is-marked, .is-at")?.scrollIntoView({ block: "nearest" });
    const found = this.#at - this.#contacts.length;
    if (opens && !this.#suggestions.length && found >= 0 && !this.desk.narrow) this.#open(found, false);
  }

  openMarked() {
    const at = Math.max(0, this.#at);
    if (at < this.#contacts.length && (this.#at >= 0 || this.#list.items.length === 0)) this.#person(at);
    else this.#open(Math.max(0, at - (this.#at < 0 ? 0 : this.#contacts.length)));
  }

  /** @param {import("./asking.js").Suggestion | undefined} suggestion */
  #take(suggestion) {
    if (!suggestion) return;
    const { text, caret } = accept(this.input.value, this.input.selectionStart ?? this.input.value.length, this.#from, suggestion.insert);
    this.input.value = text;
    this.input.focus();
    this.input.setSelectionRange(caret, caret);
    this.typed();
  }

  /** @param {number} at */
  #person(at) {
    const contact = this.#contacts[at];
    if (contact) this.ask(searchOf(contact));
  }

  /** @param {number} at @param {boolean} [focus] */
  #open(at, focus = true) {
    const found = this.#list.items[at];
    if (!found) return;
    if (focus && this.desk.store.current === found.conversation.id && this.#at === at + this.#contacts.length && document.activeElement?.closest(".found-rows")) return this.desk.write("reply");
    this.#at = at + this.#contacts.length;
    this.#keep();
    const { desk } = this;
    desk.marked = found.conversation.id;
    desk.go(desk.store.view, found.conversation.number);
    if (focus) this.#part("found-rows").focus({ preventScroll: true });
    void reveal(desk, found);
    this.#draw();
  }

  // ---- drawing

  #draw() {
    if (!this.open || !this.isConnected) return;
    const asked = this.input.value.trim() !== "";
    render(
      this.#part("found-suggest"),
      html`${this.#suggestions.map((suggestion, i) => html`<button class="found-option ${i === this.#at ? "is-at" : ""}" type="button" role="option" tabindex="-1" aria-selected="${i === this.#at ? "true" : "false"}" data-act="take" data-at="${i}"><b>${suggestion.label}</b><span>${suggestion.hint === suggestion.label ? "" : suggestion.hint}</span></button>`)}`,
    );
    render(
      this.#part("rows-head"),
      html`<h1>${t("deskmore.search_results")}</h1>${asked ? html`<button class="link" type="button" data-act="best">${icon("sort", "s")}${t(this.#best ? "deskmore.search_best" : "deskmore.search_newest")}</button>` : ""}<button class="link" type="button" data-act="leave">${t("deskmore.search_leave")}</button>`,
    );
    const list = this.#list;
    const end = this.#part("found-end");
    if (!asked) {
      render(this.#part("found-top"), this.#beginHtml());
      renderEach(this.#part("found-items"), [], () => "", () => html``);
      return render(end, html``);
    }
    render(
      this.#part("found-top"),
      html`${this.#contacts.map((contact, i) => this.#contactHtml(contact, i))}${this.#loose ? html`<p class="found-note">${icon("find", "s")}${t("deskmore.search_loose")}</p>` : ""}${this.#filling > 0 ? html`<p class="found-note">${icon("clock", "s")}${t("deskmore.search_filling", { n: this.#filling })}</p>` : ""}`,
    );
    const failed = list?.state === "error";
    renderEach(this.#part("found-items"), failed || !list ? [] : list.items, (found) => found.conversation.id, (found, i) => this.#rowHtml(found, i));
    if (!list || list.state === "new" || (list.state === "loading" && list.items.length === 0)) {
      render(end, html`${Array.from({ length: 4 }, (_, i) => html`<div class="row row-wait" aria-hidden="true" data-key="${i}"><span class="face skeleton"></span><span class="skeleton bar-a"></span><span class="skeleton bar-b"></span></div>`)}`);
    } else if (failed) {
      const wrong = list.error instanceof ApiError && list.error.status === 400;
      render(end, wrong ? blank("find", t("deskmore.search_wrong"), sentence(list.error)) : blank("cloud-off", t("desk.list_failed"), sentence(list.error), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`));
    } else if (list.items.length === 0 && this.#suggestions.length) {
      render(end, html``); // a filter without its value finds nothing yet
    } else if (list.items.length === 0 && list.state === "ready" && !list.next) {
      const { some, left } = withoutFilters(this.#query);
      const act = some && left ? html`<button class="btn" type="button" data-act="bare">${t("deskmore.search_bare", { query: left })}</button>` : "";
      render(end, this.#contacts.length ? html`` : blank("find", t("desk.empty_find"), t(some ? "deskmore.search_none_filters" : "deskmore.search_none"), act));
    } else if (list.moreFailed) {
      render(end, html`<div class="rows-more">${t("desk.more_failed")} <button class="link" type="button" data-act="more-again">${t("common.retry")}</button></div>`);
    } else {
      render(end, list.next ? html`<div class="rows-more"><span class="skeleton bar-b"></span></div>` : html``);
      this.#more();
    }
  }

  /** Before anything is typed. */
  #beginHtml() {
    const recent = this.#recent();
    const bangla = currentLanguage() === "bn";
    const examples = bangla ? ["অবস্থা:খোলা", "অবস্থা:অপঠিত", "আছে:ফাইল", "মাধ্যম:ই-মেইল", "দায়িত্বে:আমি", "পরে:৭দিন"] : ["is:open", "is:unread", "has:file", "in:email", "assigned:me", "after:7d"];
    return html`${recent.length ? html`<h2 class="found-group">${t("deskmore.search_recent")}<button class="link" type="button" data-act="forget">${t("deskmore.search_forget")}</button></h2>${recent.map((text) => html`<button class="found-recent" type="button" data-act="recent" data-text="${text}">${icon("clock", "s")}<span dir="auto">${text}</span></button>`)}` : ""}
      <h2 class="found-group">${t("deskmore.search_narrow")}</h2>
      <div class="found-chips">${examples.map((text) => html`<button class="found-chip" type="button" data-act="recent" data-text="${`${text} `}">${text}</button>`)}</div>
      <p class="found-hint">${t("deskmore.search_hint")}</p>`;
  }

  /** @param {Contact} contact @param {number} i */
  #contactHtml(contact, i) {
    const who = nameOf({ name: contact.name, email: first(contact, "email"), phone: first(contact, "phone") });
    const under = [first(contact, "email"), phone(first(contact, "phone")), contact.customer_no].filter((text) => text && text !== who).join(" · ");
    return html`<button class="found-person ${i === this.#at ? "is-marked" : ""}" type="button" data-act="person" data-at="${i}">${face({ id: contact.id, name: who }, "s")}<span class="found-who"><b>${who}</b><small>${under}</small></span><span class="found-go">${t("deskmore.search_person")}</span></button>`;
  }

  /** @param {Found} found @param {number} i */
  #rowHtml(found, i) {
    const { store } = this.desk;
    const row = store.rows.get(found.conversation.id) ?? found.conversation;
    const on = store.current === row.id;
    const when = found.message?.created ?? row.last_activity;
    const by = found.message?.kind === "note" ? html`<span class="row-kind">${t("desk.note")}</span> ` : found.message?.kind === "outgoing" ? html`<span class="row-kind">${icon("reply", "xs")}</span> ` : "";
    return html`<a class="row found-row ${on ? "is-on" : ""} ${i + this.#contacts.length === this.#at && !this.#suggestions.length ? "is-marked" : ""}" href="${routeTo(store.view, row.number)}" data-act="found" data-at="${i}" ${on ? html`aria-current="true"` : ""}>
      ${contactFace(row)}
      <span class="row-name"><b>${nameOf(row.contact)}</b></span>
      <span class="when" title="${full(when)}">${icon(channelIcon(row.channel), "xs")}<span class="quiet">${channelName(row.channel)}, </span><span class="num">${age(when, Date.now())}</span></span>
      <span class="line found-line" dir="auto">${found.snippet.length ? html`${by}${snippetHtml(found.snippet)}` : lineOf(row)}</span>
      <span class="foot"><span class="found-number num">#${count(row.number).replace(/[,٬]/g, "")}</span><span class="found-status is-${row.status}">${t(`deskmore.search_is_${row.status}`)}</span>${row.tags.slice(0, 2).map((id) => tagChip(store.tags.get(id)))}${found.hits > 1 ? html`<span class="row-end found-hits">${t("deskmore.search_hits", { n: found.hits })}</span>` : ""}</span>
    </a>`;
  }
}
customElements.define("desk-search", DeskSearch);

/** Which showing of a message is the newest; an older one gives up. */
let revealing = 0;

/** Scrolls the open conversation to the message that was found, fetching history up to it, and marks the words. @param {import("./app.js").Desk} desk @param {Found} found */
async function reveal(desk, found) {
  const mine = ++revealing;
  unmark();
  const { store } = desk;
  const { message } = found;
  if (!message) return;
  const id = found.conversation.id;
  const here = () => mine === revealing && store.current === id;
  const until = Date.now() + 15_000;
  while (mine === revealing && Date.now() < until && !(store.current === id && store.talk?.state === "ready" && store.talk.messages.length)) await new Promise((resolve) => setTimeout(resolve, 40));
  for (let i = 0; i < MOST_LOADS && here(); i++) {
    const talk = store.talk;
    if (!talk || !talk.more || talk.messages[0].seq <= message.seq) break;
    if (talk.older === "loading") await new Promise((resolve) => setTimeout(resolve, 40));
    else await store.loadOlder();
    if (store.talk?.older === "error") break;
  }
  // The log goes to its end when it is first drawn; this comes after.
  for (let i = 0; i < 25 && here(); i++) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const element = desk.app.talk.querySelector(`.log-items [data-seq="${message.seq}"]`);
    if (!element || i < 2) continue;
    element.closest("details")?.setAttribute("open", "");
    element.scrollIntoView({ block: "center" });
    element.classList.add("is-found");
    markWords(element, hitWords(found.snippet));
    setTimeout(() => element.classList.remove("is-found"), 2_400);
    return;
  }
}

/** Marks words of an element without changing it, where the browser can. @param {Element} element @param {readonly string[]} words */
function markWords(element, words) {
  if (!("highlights" in CSS) || words.length === 0) return;
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  /** @type {Range[]} */
  const ranges = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement?.closest("footer, .meta")) continue;
    for (const [from, to] of findWords(node.textContent ?? "", words)) {
      const range = new Range();
      range.setStart(node, from);
      range.setEnd(node, to);
      ranges.push(range);
      /** @type {HTMLDetailsElement | null} */ (node.parentElement?.closest("details"))?.setAttribute("open", "");
    }
  }
  CSS.highlights.set("found", new Highlight(...ranges));
}

function unmark() {
  if ("highlights" in CSS) CSS.highlights.delete("found");
}

/** Makes the search of a list. @param {import("./app.js").Desk} desk @param {HTMLElement} list @param {HTMLInputElement} input */
export async function makeSearch(desk, list, input) {
  await Promise.all([addTexts("deskmore"), loadStyle("search")]);
  const search = /** @type {DeskSearch} */ (document.createElement("desk-search"));
  search.desk = desk;
  search.input = input;
  list.append(search);
  return search;
}
