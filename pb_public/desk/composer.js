/** <desk-composer>: where a reply or a note is written. Its draft survives reloads; what is sent survives everything. */
import { flag, html, icon, onAct, render } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { docOf, DraftSync } from "./drafts.js";
import { nameOf, roadOf } from "./logic.js";
import { Offers } from "./offers.js";
import { cids, pictures } from "./rich.js";
import "./richbox.js";
import { beginMark, cannedMenu, chipsHtml, formatsHtml, formatsToggle, hasOpen, insertCanned, linkMenu, takeFiles, variables } from "./writing.js";

const TYPING_EVERY = 3_000;
const TYPING_ENDS = 5_000;

/** Files that were attached in a conversation which is not on screen now. @type {Map<string, File[]>} */
const kept = new Map();

/** Seconds in which an answer by mail can be taken back. @param {Record<string, unknown> | undefined} notify the agent's choices */
export function undoSeconds(notify) {
  const n = notify?.undo_send;
  return typeof n === "number" && [0, 5, 10, 20, 30].includes(n) ? n : 10;
}

/**
 * @typedef {"" | "pending" | "solved" | "open"} Then
 * @typedef {import("../shared/types.js").Message} Message
 */

export class DeskComposer extends HTMLElement {
  /** @type {import("./app.js").Desk} */
  desk = /** @type {any} */ (null);
  conversation = "";
  /** @type {"reply" | "note"} */
  kind = "reply";
  /** @type {File[]} */
  files = [];
  /** The newest seq that was there when the writing began. */
  #base = 0;
  /** Who else gets it. */
  #copies = { to: "", cc: "", bcc: "" };
  #ccOpen = false;
  #typingSaid = 0;
  #typingTimer = 0;
  /** What is offered for the word at the caret. */
  #offers = new Offers(this);
  #offerAt = 0;
  #offersOff = "";
  /** The way it goes, when it is not the usual one. */
  channel = "";
  /** The formatting bar is open on a phone. */
  #bar = false;
  /** @type {DraftSync} */
  #sync = /** @type {any} */ (null);
  /** @type {(() => void)[]} */
  #undo = [];

  connectedCallback() {
    this.className = "composer";
    this.innerHTML = html`<div class="box-over"></div>
      <div class="box">
        <div class="box-tabs"></div>
        <rich-box class="txt" dir="auto" enterkeyhint="enter" autocapitalize="sentences" spellcheck="true"></rich-box>
        <ul class="chips"></ul>
        <div class="bar"></div>
        <input type="file" multiple hidden>
        <div class="drop" aria-hidden="true"></div>
      </div>`.text;
    this.#sync = new DraftSync(this);
    const draft = this.#sync.recall();
    this.files = kept.get(this.conversation) ?? [];
    kept.delete(this.conversation);
    for (const file of this.files) this.#show(file);
    if (draft) {
      this.box.doc = docOf({ text: draft.text, html: draft.html ?? "" });
      this.files.forEach((file) => this.#show(file));
      this.kind = draft.kind;
      this.#base = draft.base;
      this.#copies = { to: draft.to ?? "", cc: draft.cc, bcc: draft.bcc ?? "" };
      this.#ccOpen = draft.cc + this.#copies.bcc !== "";
    }
    const box = this.box;
    box.addEventListener("input", () => this.#typed());
    box.addEventListener("keydown", (event) => this.#key(event));
    box.addEventListener("blur", () => this.#typing(false));
    box.addEventListener("click", () => this.#offer());
    box.onFiles = (files) => this.add(files, true);
    const picker = /** @type {HTMLInputElement} */ (this.querySelector("input[type=file]"));
    picker.addEventListener("change", () => {
      this.add([...(picker.files ?? [])]);
      picker.value = "";
      box.focus();
    });
    this.addEventListener("input", (event) => {
      if (!(event.target instanceof HTMLInputElement) || !/^b?cc$/.test(event.target.name)) return;
      this.#copies[/** @type {"cc" | "bcc"} */ (event.target.name)] = event.target.value;
      this.#save();
    });
    this.addEventListener("change", (event) => {
      if (!(event.target instanceof HTMLSelectElement) || event.target.name !== "to") return;
      this.#copies.to = event.target.value;
      this.#save();
    });
    const frame = /** @type {HTMLElement} */ (this.closest(".talk") ?? this);
    const over = (/** @type {DragEvent} */ event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.classList.add("is-drop");
    };
    const out = (/** @type {DragEvent} */ event) => {
      if (!(event.relatedTarget instanceof Node) || !frame.contains(event.relatedTarget)) this.classList.remove("is-drop");
    };
    const drop = (/** @type {DragEvent} */ event) => {
      this.classList.remove("is-drop");
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      this.add([...event.dataTransfer.files], event.target instanceof Node && box.contains(event.target));
    };
    frame.addEventListener("dragover", over);
    frame.addEventListener("dragleave", out);
    frame.addEventListener("drop", drop);
    const flush = () => this.#sync.flush();
    window.addEventListener("pagehide", flush);
    this.#undo = [
      () => frame.removeEventListener("dragover", over),
      () => frame.removeEventListener("dragleave", out),
      () => frame.removeEventListener("drop", drop),
      () => window.removeEventListener("pagehide", flush),
      onAct(this, {
        kind: (target) => this.setKind(target.dataset.kind === "note" ? "note" : "reply"),
        send: () => this.send(""),
        then: (target) => void this.#thenMenu(target),
        attach: () => picker.click(),
        format: (target) => {
          this.box.format(/** @type {"bold"} */ (target.dataset.format));
          this.#typed();
        },
        link: (target) => void this.linkMenu(target),
        aa: () => {
          this.#bar = !this.#bar;
          this.refresh();
          this.box.focus();
        },
        "other-use": () => this.#sync.settle(true),
        "other-drop": () => this.#sync.settle(false),
        ways: (target) => void this.waysMenu(target),
        canned: (target) => void this.cannedMenu(target),
        "pick-offer": (target) => this.#pickOffer(Number(target.dataset.at)),
        "drop-file": (target) => {
          this.files.splice(Number(target.dataset.at), 1);
          this.refresh();
        },
        cc: () => {
          this.#ccOpen = true;
          this.refresh();
          this.querySelector("input")?.focus();
        },
        "add-cc": (target) => {
          const { cc } = this.#copies;
          this.#copies.cc = `${cc}${/[^\s,;]\s*$/.test(cc) ? ", " : ""}${target.dataset.address ?? ""}`;
          this.#ccOpen = true;
          this.#save();
          this.refresh();
        },
        noted: () => this.noted(),
        article: () => this.mark("#"),
        mention: () => this.mark("@"),
      }),
    ];
    // A press on a button of the bar leaves the caret where it is.
    this.addEventListener("pointerdown", (event) => event.target instanceof Element && event.target.closest(".formats button") && event.preventDefault());
    this.refresh();
  }

  disconnectedCallback() {
    this.#sync.end();
    if (this.files.length) kept.set(this.conversation, this.files);
    this.#typing(false);
    for (const undo of this.#undo.splice(0)) undo();
  }

  get box() {
    return /** @type {import("./richbox.js").RichBox} */ (this.querySelector("rich-box"));
  }

  get #row() {
    return this.desk.store.rows.get(this.conversation);
  }

  /** The language of the customer. */
  get language() {
    return this.#row?.language || this.#row?.contact.language || "";
  }

  get isEmpty() {
    return this.box.isEmpty && this.#attached.length === 0;
  }

  /** The files that do not stand in the text, but for those that were taken out of it. */
  get #attached() {
    return this.files.filter((file) => !cids.has(file));
  }

  /** What was written, for keeping. */
  written() {
    const { box } = this;
    return { text: box.text, html: box.html, kind: this.kind, base: this.#base, ...this.#copies };
  }

  /** Puts a kept draft here; null clears. @param {import("../shared/types.js").Waiting | null} draft @param {File[]} files @param {boolean} [joined] before what stands here */
  restore(draft, files, joined = false) {
    const { doc } = this.box;
    this.files = joined ? [...files, ...this.files] : files;
    this.box.doc = [...(draft ? docOf(draft) : []), ...(joined ? doc : [])];
    for (const file of this.files) this.#show(file);
    this.#base = draft?.base ?? 0;
    if (draft) {
      this.kind = draft.kind;
      this.channel = draft.channel;
      this.#copies = { to: draft.to ?? "", cc: draft.cc, bcc: draft.bcc };
      this.#ccOpen = draft.cc + draft.bcc !== "";
    }
    this.refresh();
  }

  /** Puts a text behind what stands here. @param {import("./rich.js").Block[]} doc */
  addText(doc) {
    this.box.doc = [...this.box.doc, ...doc];
    for (const file of this.files) this.#show(file);
    this.#typed();
  }

  /** A message was taken back. @param {import("../shared/types.js").Waiting} draft */
  async takeBack(draft) {
    await this.#sync.back(draft);
    this.box.focus();
    this.box.toEnd();
  }

  /** @param {Parameters<DraftSync["news"]>[0]} news */
  draftNews(news) {
    void this.#sync.news(news);
  }

  /** @param {File} file that may stand in the text */
  #show(file) {
    const cid = cids.get(file);
    if (cid) this.box.picture(cid, file);
  }

  /** How an answer would go. */
  get #route() {
    const route = this.desk.store.talks.get(this.conversation)?.route;
    return route?.ways?.find((way) => way.channel === this.channel) ?? route;
  }

  /** Whether the answer goes by mail, as far as it is known here. */
  get #byMail() {
    return (this.channel || this.desk.store.talks.get(this.conversation)?.route?.channel || this.#row?.channel) !== "chat";
  }

  /** @param {"reply" | "note"} kind */
  setKind(kind) {
    this.kind = kind;
    this.refresh();
    this.#save();
    this.box.focus();
  }

  // ---- typing

  #typed() {
    if (this.#base === 0 && !this.isEmpty) {
      this.#base = this.#newest();
      void import("./held.js").catch(() => {}); // soon needed, and the line may be gone by then
    }
    if (this.isEmpty) this.#base = 0;
    this.#save();
    this.#offersOff = "";
    this.#offer();
    this.#typing(!this.box.isEmpty);
  }

  /** @param {boolean} on */
  #typing(on) {
    clearTimeout(this.#typingTimer);
    const now = Date.now();
    if (on) this.#typingTimer = window.setTimeout(() => this.#typing(false), TYPING_ENDS);
    if (on ? now - this.#typingSaid < TYPING_EVERY : this.#typingSaid === 0) return;
    this.#typingSaid = on ? now : 0;
    this.desk.api.post(`/api/desk/conversations/${this.conversation}/typing`, { on, what: this.kind }).catch(() => {});
  }

  #save() {
    this.#sync.changed();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    event.stopPropagation();
    if (event.isComposing) return;
    const found = this.#found();
    if (found.length) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        this.#offerAt = (this.#offerAt + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
        return this.refresh();
      }
      if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.shiftKey) || event.key === "Tab") {
        event.preventDefault();
        return this.#pickOffer(this.#offerAt);
      }
      if (event.key === "Escape") {
        this.#offersOff = this.box.value;
        return this.refresh();
      }
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.send(event.shiftKey ? "solved" : "");
    } else if (event.key === "Escape") {
      this.box.blur();
      this.desk.focusList();
    } else if ((event.ctrlKey || event.metaKey) && (event.key.toLowerCase() === "k" || event.code === "KeyK")) {
      event.preventDefault();
      // On words it makes a link; elsewhere it is the command bar's, as on the whole desk.
      if (this.box.linkHere || (this.box.range && !this.box.range.collapsed)) void this.linkMenu(this.box);
      else this.desk.run("palette");
    }
  }

  // ---- canned replies, colleagues, articles

  #found() {
    return this.#offersOff && this.#offersOff === this.box.value ? [] : this.#offers.list();
  }

  #offer() {
    this.#offerAt = 0;
    this.refresh();
  }

  /** @param {number} at */
  #pickOffer(at) {
    const offer = this.#found()[at];
    if (!offer) return;
    offer.put();
    this.#typed();
  }

  /** Begins an offer as if its mark was typed. @param {"@" | "#"} mark */
  mark(mark) {
    beginMark(this.box, mark);
    this.#typed();
  }

  /** @param {HTMLElement} anchor */
  linkMenu(anchor) {
    return linkMenu(this.desk, this.box, anchor, () => this.#typed());
  }

  /** @param {HTMLElement} anchor */
  cannedMenu(anchor) {
    return cannedMenu(this.desk, this.box, anchor, this.language, (reply) => this.insert(reply));
  }

  /** Puts a canned reply at the caret. @param {import("../shared/types.js").Canned} reply */
  insert(reply) {
    const row = this.#row;
    const { name, email, phone } = row?.contact ?? { name: "", email: "", phone: "" };
    insertCanned(this.box, reply, variables(this.desk, { name, email, phone, number: row ? String(row.number) : "", subject: row?.subject }));
    this.#typed();
  }

  // ---- files

  /** @param {File[]} files @param {boolean} [inText] pictures stand in the text where it goes by mail */
  add(files, inText = false) {
    takeFiles(this.desk, this.box, this.files, files, inText && (this.kind === "note" || this.#byMail));
    if (this.#base === 0) this.#base = this.#newest();
    this.#save();
    this.refresh();
  }

  // ---- sending

  /** The newest seq that is shown here: a message comes a moment before the row that tells of it. */
  #newest() {
    return Math.max(this.#row?.last_seq ?? 0, this.desk.store.talks.get(this.conversation)?.messages.at(-1)?.seq ?? 0);
  }

  /** What was written by somebody else since the writing began. */
  #since() {
    const { store } = this.desk;
    const talk = store.talks.get(this.conversation);
    if (!talk || this.#base === 0 || this.isEmpty) return null;
    return talk.messages.filter((message) => message.seq > this.#base && message.kind !== "event" && message.author.id !== store.me.id).pop() ?? null;
  }

  /** What others wrote to each other since then: what must be looked at before an answer goes. */
  #overtaken() {
    const { store } = this.desk;
    if (this.kind === "note" || this.#base === 0) return [];
    return (store.talks.get(this.conversation)?.messages ?? []).filter((message) =>
      message.seq > this.#base && !message.automatic && (message.kind === "incoming" ? !message.evidence?.older
      : message.kind === "outgoing" && message.author.id !== store.me.id));
  }

  /** Takes note of what came: from here on it is known. */
  noted() {
    this.#base = this.#newest();
    this.#save();
    this.refresh();
  }

  /** @param {Then} then @param {{due: string, if_reply: string}} [later] @param {boolean} [anyway] although others wrote since @param {boolean} [open] although something in {{braces}} is open */
  send(then, later, anyway = false, open = false) {
    const row = this.#row;
    if (!row || this.isEmpty) {
      if (then === "solved" && row && this.isEmpty) this.desk.run("solve");
      return;
    }
    const offline = () => this.desk.toast(t("common.error_network"), { bad: true });
    if (!open && this.kind === "reply" && hasOpen(this.box.text)) {
      const ways = { anyway: () => this.send(then, later, anyway, true), look: () => this.box.focus() };
      return void import("./unfilled.js").then(({ openUnfilled }) => openUnfilled(this.desk, this.box.text, ways)).catch(offline);
    }
    const overtaken = this.#overtaken();
    if (overtaken.length && !anyway) {
      const ways = { anyway: () => this.send(then, later, true, open), look: () => this.box.focus() };
      return void import("./overtaken.js").then(({ openOvertaken }) => openOvertaken(this.desk, this.conversation, overtaken, ways)).catch(offline);
    }
    const { box, kind, channel } = this;
    const shown = pictures(box.doc);
    const files = this.files.filter((file) => !cids.has(file) || shown.includes(cids.get(file) ?? ""));
    const hold = kind === "reply" && !later && this.#byMail ? undoSeconds(this.desk.store.me.notify) : 0;
    const item = this.desk.sender.send({ conversation: this.conversation, kind, text: box.text, html: box.html, files, then, channel, hold,
      base: this.#base, anyway, ...later, ...(kind === "reply" ? this.#copies : { to: "", cc: "", bcc: "" }) });
    this.files = [];
    box.doc = [];
    this.#base = 0;
    const was = kind;
    this.kind = "reply";
    this.channel = "";
    this.#typing(false);
    this.#sync.sent();
    this.refresh();
    if (hold || later) void import("./held.js").then(({ announce }) => announce(this.desk, item)).catch(() => {});
    if (then === "solved") this.desk.sentSolved(row, Boolean(hold || later));
    else if (was === "reply" || !matchMedia("(pointer: coarse)").matches) this.box.focus();
  }

  /** Puts an unsent message back to be edited. @param {import("./types.js").Unsent} item */
  put(item) {
    this.files.unshift(...item.files);
    this.box.doc = [...docOf({ text: item.text, html: item.html ?? "" }), ...this.box.doc];
    for (const file of this.files) this.#show(file);
    this.kind = item.kind;
    this.channel = item.channel ?? "";
    this.#copies = { to: item.to ?? "", cc: item.cc, bcc: item.bcc ?? "" };
    this.#ccOpen = item.cc + this.#copies.bcc !== "";
    this.#typed();
    this.box.focus();
    this.box.toEnd();
  }

  /** Which way the answer goes, where there are several. @param {HTMLElement} anchor */
  async waysMenu(anchor) {
    const ways = this.desk.store.talks.get(this.conversation)?.route?.ways ?? [];
    const row = this.#row;
    if (ways.length < 2 || !row) return;
    const { openMenu } = await import("./menu.js");
    openMenu(anchor, {
      title: t("desk.send_by"),
      choices: () => ways.map((way) => ({ id: way.channel, label: roadOf(row, way), mark: icon(way.channel === "chat" ? "chat"
        : "mail", "s"), on: way.channel === this.#route?.channel })),
      pick: (id) => {
        this.channel = id === this.desk.store.talks.get(this.conversation)?.route?.channel ? "" : id;
        this.refresh();
        this.box.focus();
      },
    });
  }

  /** @param {HTMLElement} anchor */
  async #thenMenu(anchor) {
    const { openMenu } = await import("./menu.js");
    openMenu(anchor, {
      title: t("desk.send_and"),
      choices: () => [
        { id: "solved", label: t("desk.send_solve"), keys: "Ctrl ⇧ ↵", mark: icon("check", "s") },
        { id: "open", label: t("desk.send_open"), mark: icon("inbox", "s") },
        ...(this.kind === "reply" ? [{ id: "later", label: t("desk.send_later"), mark: icon("clock", "s") }] : []),
      ],
      pick: (id) => (id === "later" ? void setTimeout(() => this.desk.run("send-later", anchor)) : this.send(/** @type {Then} */ (id))),
    });
  }

  // ---- drawing

  refresh() {
    const row = this.#row;
    if (!row || !this.isConnected) return;
    const { store } = this.desk;
    const talk = store.talks.get(this.conversation);
    if (talk?.state === "ready" && talk.draft !== undefined) this.#sync.meet(talk.draft);
    const note = this.kind === "note";
    const mail = !note && this.#byMail;
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (this.querySelector(`.${name}`));
    part("box").dataset.kind = this.kind;
    const found = this.#found();
    const since = this.#since();
    const busy = note ? [] : store.typingIn(this.conversation).filter((sign) => sign.by === "agent" && sign.what === "reply");
    const whose = since ? (since.kind === "incoming" ? nameOf(row.contact) : since.author.name) : "";
    render(part("box-over"), this.#overHtml(found, since, busy, whose));
    render(part("box-tabs"), this.#tabsHtml(mail));
    this.box.placeholder = note ? t("desk.note_placeholder") : t("desk.reply_placeholder", { name: nameOf(row.contact) });
    this.box.setAttribute("aria-label", note ? t("desk.note") : t("desk.reply"));
    render(part("chips"), chipsHtml(this.files));
    render(part("bar"), this.#barHtml(since !== null));
    part("drop").textContent = t("desk.drop_here");
  }

  /** What is said above the box. @param {import("./offers.js").Offer[]} found @param {Message | null} since @param {readonly import("./types.js").Typing[]} busy @param {string} whose */
  #overHtml(found, since, busy, whose) {
    const { other } = this.#sync;
    /** @param {string} look @param {string} mark @param {string} text @param {import("../shared/html.js").Html | ""} [acts] */
    const alert = (look, mark, text, acts = "") => html`<div class="alert ${look}" role="status">${icon(mark, "s")}<span>${text}</span>${acts}</div>`;
    /** @param {string} act @param {string} label */
    const link = (act, label) => html`<button class="link" type="button" data-act="${act}">${label}</button>`;
    return html`${busy.length ? alert("is-live", "pen", t("desk.colleague_answers", { name: busy.map((sign) => sign.name).join(", ") })) : ""}
      ${since ? alert("", "alert", t(since.kind === "note" ? "desk.wrote_note_since" : "desk.wrote_since", { name: whose }), link("noted", t("desk.i_saw_it"))) : ""}
      ${other
        ? alert("", "copy", t("desk.draft_other", { text: other.text.replace(/\s+/g, " ").slice(0, 90) }),
          html`${link("other-use", t("desk.draft_use"))}${link("other-drop", t("desk.draft_drop"))}`)
        : ""}
      ${this.#row?.contact.blocked ? alert("is-bad", "block", t("desk.contact_blocked")) : ""}
      ${found.length ? this.#offers.html(found, this.#offerAt, t("desk.offers")) : ""}`;
  }

  /** Reply or note, and to whom it goes. @param {boolean} mail */
  #tabsHtml(mail) {
    const row = this.#row;
    if (!row) return html``;
    const note = this.kind === "note";
    const road = roadOf(row, this.#route ?? null);
    const ways = !note && (this.desk.store.talks.get(this.conversation)?.route?.ways?.length ?? 0) > 1;
    /** @param {"reply" | "note"} kind @param {string} label @param {string} key */
    const tab = (kind, label, key) =>
      html`<button type="button" role="tab" aria-selected="${this.kind === kind ? "true" : "false"}" data-act="kind" data-kind="${kind}"
        title="${label} (${key})">${label}</button>`;
    /** @param {"cc" | "bcc"} name */
    const copy = (name) => html`<label class="cc" data-key="${name}"><span>${t(`desk.mail_${name}`)}</span>
      <input name="${name}" type="text" inputmode="email" autocomplete="off" autocapitalize="none" spellcheck="false" value="${this.#copies[name]}"
        placeholder="name@example.com"></label>`;
    return html`<div class="tabs" role="tablist">${tab("reply", t("desk.reply"), "R")}${tab("note", t("desk.note"), "N")}</div>
      ${ways ? html`<button class="to link" type="button" data-act="ways" aria-haspopup="menu" title="${t("desk.send_by")}">${road}${icon("down", "xs")}</button>` : ""}
      ${(mail && this.desk.mail?.toHtml(this.desk, this.conversation, this.#copies.to)) ||
      (ways ? "" : html`<span class="to" title="${note ? "" : road}">${note ? t("desk.only_staff_see") : road}</span>`)}
      ${mail && !this.#ccOpen ? html`<button class="link" type="button" data-act="cc">${t("desk.mail_cc")}</button>` : ""}
      ${mail && this.#ccOpen ? html`${copy("cc")}${copy("bcc")}` : ""}
      ${mail ? this.desk.mail?.copiesHtml(this.desk, this.conversation, `${this.#copies.cc} ${this.#copies.bcc}`) : ""}`;
  }

  /** What can be put in, and the way out. @param {boolean} late others wrote since */
  #barHtml(late) {
    const note = this.kind === "note";
    const off = flag("disabled", this.isEmpty);
    const offline = this.desk.store.link === "lost";
    /** @param {string} act @param {string} mark @param {string} label @param {string} [keys] */
    const tool = (act, mark, label, keys = "") =>
      html`<button class="tool" type="button" data-act="${act}" aria-label="${label}" title="${label}${keys && ` (${keys})`}">${icon(mark)}</button>`;
    return html`<button class="tool" type="button" data-act="canned" aria-haspopup="menu" aria-label="${t("desk.canned")}"
      title="${t("desk.canned")} (/)">${icon("bolt")}</button>
      ${tool("attach", "clip", t("desk.attach"))}
      ${note ? tool("mention", "at", t("desk.mention_add"), "@") : tool("article", "text", t("desk.article_link"), "#")}
      ${formatsToggle(this.#bar)}
      ${formatsHtml(this.#bar)}
      <span class="bar-hint">${offline ? t("desk.kept_until_line") : note ? t("desk.at_hint") : t("desk.slash_hint")}</span>
      <span class="send">
        <button class="btn go" type="button" data-act="send"${off}>${note ? t("desk.add_note") : late ? t("desk.send_anyway") : t("desk.send")}<kbd>Ctrl ↵</kbd></button>
        <button class="btn go send-more" type="button" data-act="then" aria-haspopup="menu" aria-label="${t("desk.send_and")}"${off}>${icon("down", "xs")}</button>
      </span>`;
  }
}
customElements.define("desk-composer", DeskComposer);
