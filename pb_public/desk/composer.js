/** <desk-composer>: where a reply or a note is written. Its draft survives reloads; what is sent survives everything. */
import { size } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { cannedFor, fill, nameOf, roadOf, slashAt } from "./logic.js";
import { draftOf, keepDraft } from "./prefs.js";

const TYPING_EVERY = 3_000;
const TYPING_ENDS = 5_000;
const MOST_FILES = 10;
const MOST_BYTES = 25 * 1024 * 1024;

/** Files that were attached in a conversation which is not on screen now. @type {Map<string, File[]>} */
const kept = new Map();

/** @typedef {"" | "pending" | "solved" | "open"} Then */

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
  #copies = { cc: "", bcc: "" };
  #ccOpen = false;
  #drawn = "";
  #saveTimer = 0;
  #typingSaid = 0;
  #typingTimer = 0;
  /** The canned reply under the caret. */
  #cannedAt = 0;
  #cannedOff = "";
  /** @type {(() => void)[]} */
  #undo = [];

  connectedCallback() {
    this.className = "composer";
    this.innerHTML = html`<div class="box-over"></div>
      <div class="box"><div class="box-tabs"></div>
      <textarea class="txt" rows="2" dir="auto" enterkeyhint="enter" autocapitalize="sentences"></textarea>
      <ul class="chips"></ul><div class="bar"></div><input type="file" multiple hidden><div class="drop" aria-hidden="true"></div></div>`.text;
    const draft = draftOf(this.conversation);
    this.files = kept.get(this.conversation) ?? [];
    kept.delete(this.conversation);
    if (draft) {
      this.box.value = draft.text;
      this.kind = draft.kind;
      this.#base = draft.base;
      this.#copies = { cc: draft.cc, bcc: draft.bcc ?? "" };
      this.#ccOpen = draft.cc + this.#copies.bcc !== "";
    }
    const box = this.box;
    box.addEventListener("input", () => this.#typed());
    box.addEventListener("keydown", (event) => this.#key(event));
    box.addEventListener("blur", () => this.#typing(false));
    box.addEventListener("click", () => this.#canned());
    box.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      this.add(files);
    });
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
      this.add([...event.dataTransfer.files]);
    };
    frame.addEventListener("dragover", over);
    frame.addEventListener("dragleave", out);
    frame.addEventListener("drop", drop);
    const flush = () => this.#saveNow();
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
        canned: (target) => void this.cannedMenu(target),
        "pick-canned": (target) => this.#pickCanned(Number(target.dataset.at)),
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
        noted: () => {
          this.#base = this.desk.store.row?.last_seq ?? 0;
          this.#save();
          this.refresh();
        },
      }),
    ];
    this.refresh();
    this.#grow();
  }

  disconnectedCallback() {
    this.#saveNow();
    if (this.files.length) kept.set(this.conversation, this.files);
    this.#typing(false);
    for (const undo of this.#undo.splice(0)) undo();
  }

  get box() {
    return /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea"));
  }

  get #row() {
    return this.desk.store.rows.get(this.conversation);
  }

  get #empty() {
    return this.box.value.trim() === "" && this.files.length === 0;
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
    if (this.#base === 0 && !this.#empty) this.#base = this.#row?.last_seq ?? 0;
    if (this.box.value === "") this.#base = 0;
    this.#grow();
    this.#save();
    this.#cannedOff = "";
    this.#canned();
    this.#typing(this.box.value.trim() !== "");
    this.refresh();
  }

  #grow() {
    const box = this.box;
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, Math.max(160, innerHeight * 0.42))}px`;
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
    clearTimeout(this.#saveTimer);
    this.#saveTimer = window.setTimeout(() => this.#saveNow(), 300);
  }

  #saveNow() {
    clearTimeout(this.#saveTimer);
    keepDraft(this.conversation, { text: this.box.value, kind: this.kind, base: this.#base, ...this.#copies, at: Date.now() });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    event.stopPropagation();
    if (event.isComposing) return;
    const found = this.#found();
    if (found.length) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        this.#cannedAt = (this.#cannedAt + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
        return this.refresh();
      }
      if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.shiftKey) || event.key === "Tab") {
        event.preventDefault();
        return this.#pickCanned(this.#cannedAt);
      }
      if (event.key === "Escape") {
        this.#cannedOff = this.box.value;
        return this.refresh();
      }
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.send(event.shiftKey ? "solved" : "");
    } else if (event.key === "Escape") {
      this.box.blur();
      this.desk.focusList();
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      this.desk.run("palette");
    }
  }

  // ---- canned replies

  #found() {
    if (this.#cannedOff === this.box.value && this.#cannedOff) return [];
    if (document.activeElement !== this.box) return [];
    const slash = slashAt(this.box.value, this.box.selectionStart);
    return slash ? cannedFor(this.desk.store.boot.canned, slash.query, this.#row?.language || this.#row?.contact.language || "").slice(0, 6) : [];
  }

  #canned() {
    this.#cannedAt = 0;
    this.refresh();
  }

  /** @param {number} at */
  #pickCanned(at) {
    const reply = this.#found()[at];
    const slash = slashAt(this.box.value, this.box.selectionStart);
    if (!reply || !slash) return;
    this.box.setSelectionRange(slash.from, this.box.selectionStart);
    this.insert(reply.text);
  }

  /** @param {HTMLElement} anchor */
  async cannedMenu(anchor) {
    const { openMenu } = await import("./menu.js");
    const language = this.#row?.language || this.#row?.contact.language || "";
    openMenu(anchor, {
      title: t("desk.canned"),
      filter: true,
      choices: () => cannedFor(this.desk.store.boot.canned, "", language).map((reply) => ({ id: reply.id, label: reply.title, hint: reply.shortcut ? `/${reply.shortcut.replace(/^\//, "")}` : "", find: reply.text })),
      foot: this.desk.store.boot.canned.length ? undefined : html`<p class="menu-none">${t("desk.canned_none")}</p>`,
      pick: (id) => {
        const reply = this.desk.store.boot.canned.find((other) => other.id === id);
        setTimeout(() => reply && this.insert(reply.text));
      },
    });
  }

  /** Puts a canned text at the caret, its variables filled. @param {string} text */
  insert(text) {
    const { store } = this.desk;
    const row = this.#row;
    const name = row?.contact.name ?? "";
    const filled = fill(text, {
      "contact.name": name || t("desk.variable_customer"),
      "contact.first_name": name.split(/\s+/)[0] || t("desk.variable_customer"),
      "contact.email": row?.contact.email ?? "",
      "agent.name": store.me.name,
      number: row ? `#${row.number}` : "",
      "conversation.number": row ? `#${row.number}` : "",
      "shop.name": store.boot.shop.name,
    });
    this.box.focus();
    // execCommand keeps the browser's own undo; where it is gone the text is set.
    if (!document.execCommand("insertText", false, filled)) this.box.setRangeText(filled, this.box.selectionStart, this.box.selectionEnd, "end");
    this.#typed();
  }

  // ---- files

  /** @param {File[]} files */
  add(files) {
    for (const file of files) {
      if (file.size > MOST_BYTES) this.desk.toast(t("desk.file_too_big", { name: file.name, limit: size(MOST_BYTES) }), { bad: true });
      else if (this.files.length >= MOST_FILES) this.desk.toast(t("desk.files_too_many", { n: MOST_FILES }), { bad: true });
      else this.files.push(file);
    }
    if (this.#base === 0) this.#base = this.#row?.last_seq ?? 0;
    this.refresh();
  }

  // ---- sending

  /** What was written by somebody else since the writing began. */
  #since() {
    const { store } = this.desk;
    const talk = store.talks.get(this.conversation);
    if (!talk || this.#base === 0 || this.#empty) return null;
    return talk.messages.filter((message) => message.seq > this.#base && message.kind !== "event" && message.author.id !== store.me.id).pop() ?? null;
  }

  /** @param {Then} then */
  send(then) {
    const row = this.#row;
    if (!row || this.#empty) {
      if (then === "solved" && row && this.#empty) this.desk.run("solve");
      return;
    }
    const text = this.box.value.trim();
    this.desk.sender.send({ conversation: this.conversation, kind: this.kind, text, files: this.files, then, ...(this.kind === "reply" ? this.#copies : { cc: "", bcc: "" }) });
    this.files = [];
    this.box.value = "";
    this.#base = 0;
    const was = this.kind;
    this.kind = "reply";
    this.#typing(false);
    this.#saveNow();
    this.#grow();
    this.refresh();
    if (then === "solved") this.desk.sentSolved(row);
    else if (was === "reply" || !matchMedia("(pointer: coarse)").matches) this.box.focus();
  }

  /** Puts an unsent message back to be edited. @param {import("./types.js").Unsent} item */
  put(item) {
    this.box.value = this.box.value.trim() ? `${item.text}\n\n${this.box.value}` : item.text;
    this.kind = item.kind;
    this.files.push(...item.files);
    this.#typed();
    this.box.focus();
  }

  /** @param {HTMLElement} anchor */
  async #thenMenu(anchor) {
    const { openMenu } = await import("./menu.js");
    openMenu(anchor, {
      title: t("desk.send_and"),
      choices: () => [
        { id: "solved", label: t("desk.send_solve"), keys: "Ctrl ⇧ ↵", mark: icon("check", "s") },
        { id: "open", label: t("desk.send_open"), mark: icon("inbox", "s") },
      ],
      pick: (id) => this.send(/** @type {Then} */ (id)),
    });
  }

  // ---- drawing

  refresh() {
    const row = this.#row;
    if (!row || !this.isConnected) return;
    const { store } = this.desk;
    const note = this.kind === "note";
    const mail = !note && row.channel !== "chat";
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (this.querySelector(`.${name}`));
    const road = roadOf(row, store.talks.get(this.conversation)?.route ?? null);
    part("box").dataset.kind = this.kind;
    const found = this.#found();
    const since = this.#since();
    const whose = since ? (since.kind === "incoming" ? nameOf(row.contact) : since.author.name) : "";
    render(
      part("box-over"),
      html`${since ? html`<div class="alert" role="status">${icon("alert", "s")}<span>${since.kind === "note" ? t("desk.wrote_note_since", { name: whose }) : t("desk.wrote_since", { name: whose })}</span><button class="link" type="button" data-act="noted">${t("desk.i_saw_it")}</button></div>` : ""}
        ${row.contact.blocked ? html`<div class="alert is-bad">${icon("block", "s")}<span>${t("desk.contact_blocked")}</span></div>` : ""}
        ${found.length
          ? html`<div class="canned" role="listbox" aria-label="${t("desk.canned")}">${found.map((reply, i) => html`<button class="canned-item ${i === this.#cannedAt ? "is-at" : ""}" type="button" role="option" aria-selected="${i === this.#cannedAt ? "true" : "false"}" data-act="pick-canned" data-at="${i}" tabindex="-1"><span class="canned-head"><b>${reply.title}</b>${reply.shortcut ? html`<kbd>/${reply.shortcut.replace(/^\//, "")}</kbd>` : ""}</span><span class="canned-text">${reply.text}</span></button>`)}</div>`
          : ""}`,
    );
    render(
      part("box-tabs"),
      html`<div class="tabs" role="tablist"><button type="button" role="tab" aria-selected="${note ? "false" : "true"}" data-act="kind" data-kind="reply" title="${t("desk.reply")} (R)">${t("desk.reply")}</button><button type="button" role="tab" aria-selected="${note ? "true" : "false"}" data-act="kind" data-kind="note" title="${t("desk.note")} (N)">${t("desk.note")}</button></div>
        <span class="to" title="${note ? "" : road}">${note ? t("desk.only_staff_see") : road}</span>
        ${mail && !this.#ccOpen ? html`<button class="link" type="button" data-act="cc">${t("desk.mail_cc")}</button>` : ""}
        ${mail && this.#ccOpen ? ["cc", "bcc"].map((name) => html`<label class="cc" data-key="${name}"><span>${t(`desk.mail_${name}`)}</span><input name="${name}" type="text" inputmode="email" autocomplete="off" autocapitalize="none" spellcheck="false" value="${this.#copies[/** @type {"cc" | "bcc"} */ (name)]}" placeholder="name@example.com"></label>`) : ""}
        ${mail ? this.desk.mail?.copiesHtml(this.desk, this.conversation, `${this.#copies.cc} ${this.#copies.bcc}`) : ""}`,
    );
    this.box.placeholder = note ? t("desk.note_placeholder") : t("desk.reply_placeholder", { name: nameOf(row.contact) });
    this.box.setAttribute("aria-label", note ? t("desk.note") : t("desk.reply"));
    render(
      part("chips"),
      html`${this.files.map((file, i) => html`<li class="chip">${icon(file.type.startsWith("image/") ? "image" : "clip", "s")}<span class="file-name">${file.name}</span><span class="meta num">${size(file.size)}</span><button class="tool tiny" type="button" data-act="drop-file" data-at="${i}" aria-label="${t("desk.remove_file", { name: file.name })}">${icon("close", "xs")}</button></li>`)}`,
    );
    const offline = store.link === "lost";
    render(
      part("bar"),
      html`<button class="tool" type="button" data-act="canned" aria-haspopup="menu" aria-label="${t("desk.canned")}" title="${t("desk.canned")} (/)">${icon("bolt")}</button>
        <button class="tool" type="button" data-act="attach" aria-label="${t("desk.attach")}" title="${t("desk.attach")}">${icon("clip")}</button>
        <span class="bar-hint">${offline ? t("desk.kept_until_line") : t("desk.slash_hint")}</span>
        <span class="send"><button class="btn go" type="button" data-act="send" ${this.#empty ? html`disabled` : ""}>${note ? t("desk.add_note") : since ? t("desk.send_anyway") : t("desk.send")}<kbd>Ctrl ↵</kbd></button><button class="btn go send-more" type="button" data-act="then" aria-haspopup="menu" aria-label="${t("desk.send_and")}" ${this.#empty ? html`disabled` : ""}>${icon("down", "xs")}</button></span>`,
    );
    part("drop").textContent = t("desk.drop_here");
    const drawn = `${this.kind}`;
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      this.#grow();
    }
  }
}
customElements.define("desk-composer", DeskComposer);
