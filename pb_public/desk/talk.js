/** <desk-talk>: the open conversation: who, what was said, and the composer under it. */
import { sentence } from "../shared/api.js";
import { dayName, digits, sameDay, upcoming } from "../shared/format.js";
import { html, icon, onAct, render, renderEach } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { channelIcon, channelName, eventRuns, isUnread, nameOf, routeTo } from "./logic.js";
import { messageHtml, unsentHtml } from "./message.js";
import { blank, contactFace, copyText, face, stateOf, tagChip } from "./parts.js";
import { recall } from "./prefs.js";

/** @typedef {import("../shared/types.js").Message} Message */

const NEAR = 80; // px from the end that still count as the end
const VIEWING_EVERY = 20_000;
const VIEWING_AFTER = 250; // who passes through a conversation does not look at it
/** Events that have nothing to do with mail. */
const PLAIN = /^(status|priority|subject|assigned|tagged|untagged|merged|rated|email_left|created)$/;

/** Whether two messages are one breath of one person. @param {Message} a @param {Message} b */
function together(a, b) {
  return a.kind === b.kind && a.kind !== "event" && a.author.id === b.author.id && sameDay(a.created, b.created) && new Date(b.created).getTime() - new Date(a.created).getTime() < 180_000;
}

export class DeskTalk extends HTMLElement {
  /** @type {import("./app.js").Desk} */
  desk = /** @type {any} */ (null);
  /** @type {(() => void)[]} */
  #undo = [];
  /** The conversation that is drawn. */
  #shown = "";
  #atEnd = true;
  /** The seq from which messages came while the person read further up. */
  #newSince = 0;
  /** The first unread one when the conversation was opened. */
  #unreadFrom = 0;
  /** @type {Map<string, "text" | "formatted">} */
  #format = new Map();
  /** @type {import("./composer.js").DeskComposer | null} */
  composer = null;
  #suggested = "";
  #viewed = "";
  /** The seq of the message that the address leads to, until it is shown. */
  aim = 0;
  /** The one that was led to. */
  #aimed = 0;
  /** What was to be written before the composer had come. @type {"" | "reply" | "note"} */
  #wanted = "";
  /** How waiting messages look, fetched with the first of them. @type {typeof import("./held.js") | null} */
  #held = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #tick;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #looks;

  connectedCallback() {
    this.className = "talk";
    this.setAttribute("role", "main");
    this.innerHTML = html`<header class="top"></header>
      <div class="log-frame"><div class="log" tabindex="0"><div class="log-start"></div><div class="log-items" role="log" aria-live="polite"></div><div class="log-end"></div></div><div class="log-jump"></div></div>
      <div class="talk-foot"></div><div class="talk-empty"></div>`.text;
    const draw = () => this.#render();
    const log = this.log;
    log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const sizes = new ResizeObserver(() => this.#atEnd && this.#toEnd());
    sizes.observe(log);
    sizes.observe(this.#part("log-items"));
    const look = () => this.#look();
    document.addEventListener("visibilitychange", look);
    window.addEventListener("focus", look);
    window.addEventListener("pagehide", this.#leave);
    const beat = window.setInterval(() => this.#beat(true), VIEWING_EVERY);
    this.#undo = [
      this.desk.store.on(["talk", "signs", "people", "me"], draw),
      onAct(this, {
        back: () => this.desk.go(this.desk.store.view),
        run: (target) => this.desk.run(target.dataset.command ?? "", target),
        picture: (target, event) => void this.#picture(target, event),
        resend: (target) => this.desk.sender.retry(target.dataset.id ?? ""),
        "take-back": (target) => this.#takeBack(target.dataset.id ?? ""),
        "retry-delivery": (target) => void this.#retryDelivery(target.dataset.id ?? ""),
        "message-menu": (target) => void this.#messageMenu(target),
        accept: (target) => this.desk.mail?.acceptSender(this.desk, target),
        held: (target) => void this.#held?.heldAct(this.desk, target.dataset.held ?? "", target.dataset.id ?? "", target),
        older: () => void this.desk.store.loadOlder(),
        again: () => void this.desk.store.reload(),
        end: () => this.#jump(),
      }),
      () => sizes.disconnect(),
      () => document.removeEventListener("visibilitychange", look),
      () => window.removeEventListener("focus", look),
      () => window.removeEventListener("pagehide", this.#leave),
      () => clearInterval(beat),
      () => clearTimeout(this.#tick),
    ];
    draw();
  }

  disconnectedCallback() {
    this.#leave();
    for (const undo of this.#undo.splice(0)) undo();
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`.${name}`));
  }

  get log() {
    return this.#part("log");
  }

  // ---- who looks at what

  /** @param {boolean} on */
  #beat(on) {
    const id = on && document.visibilityState === "visible" ? this.desk.store.current : "";
    if (this.#viewed && this.#viewed !== id) this.#say(this.#viewed, false);
    this.#viewed = id;
    if (id) this.#say(id, true);
  }

  #beatSoon() {
    clearTimeout(this.#looks);
    this.#looks = setTimeout(() => this.#beat(true), VIEWING_AFTER);
  }

  /** @param {string} id @param {boolean} on */
  #say(id, on) {
    this.desk.api.post(`/api/desk/conversations/${id}/viewing`, { on }).catch(() => {});
  }

  #leave = () => {
    clearTimeout(this.#looks);
    this.#beat(false);
  };

  #look() {
    if ((document.visibilityState === "visible") !== (this.#viewed !== "")) this.#beat(document.visibilityState === "visible");
    this.#markSeen();
  }

  #markSeen() {
    if (this.#atEnd && document.visibilityState === "visible" && document.hasFocus() && this.desk.paneIs("talk")) {
      void this.desk.store.seen();
      void this.desk.store.together.seen();
    }
  }

  // ---- where the log stands

  #scrolled() {
    const log = this.log;
    this.#atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
    if (this.#atEnd) {
      this.#newSince = 0;
      this.#jumpButton();
      this.#markSeen();
    }
    if (log.scrollTop < 400 && this.desk.store.talk?.older !== "error") void this.desk.store.loadOlder();
  }

  #toEnd() {
    const log = this.log;
    log.scrollTop = log.scrollHeight;
    this.#atEnd = true;
  }

  #jump() {
    this.#newSince = 0;
    this.log.scrollTo({ top: this.log.scrollHeight, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    this.#jumpButton();
  }

  #jumpButton() {
    const talk = this.desk.store.talk;
    const n = this.#newSince && talk ? talk.messages.filter((message) => message.seq >= this.#newSince && message.kind !== "event").length : 0;
    render(this.#part("log-jump"), n > 0 ? html`<button class="jump" type="button" data-act="end">${icon("down", "s")}${t("desk.new_below", { n })}</button>` : html``);
  }

  /** Scrolls the log by part of its height. @param {number} part */
  page(part) {
    this.log.scrollBy({ top: this.log.clientHeight * part, behavior: "auto" });
  }

  // ---- acts on messages

  /** @param {HTMLElement} target @param {Event} event */
  async #picture(target, event) {
    if (event instanceof MouseEvent && (event.ctrlKey || event.metaKey || event.shiftKey)) return; // another tab was meant
    event.preventDefault();
    const { openPictures, shownAs } = await import("./lightbox.js");
    const files = (this.desk.store.talk?.messages ?? []).flatMap((message) => (message.files ?? []).filter(shownAs));
    openPictures(files, files.findIndex((file) => file.url === target.dataset.url));
  }

  /** @param {string} clientId */
  #takeBack(clientId) {
    const item = this.desk.sender.drop(clientId);
    if (item) this.composer?.put(item);
  }

  /** @param {string} id */
  async #retryDelivery(id) {
    try {
      const answer = await this.desk.api.post(`/api/desk/messages/${id}/retry`);
      const message = this.desk.store.talk?.messages.find((other) => other.id === id);
      if (answer?.message) this.desk.store.sent(answer);
      else if (message) this.desk.store.receive("update", { id, conversation: message.conversation, delivery: "queued", delivery_detail: "" });
    } catch (error) {
      this.desk.toast(sentence(error), { bad: true });
    }
  }

  /** @param {HTMLElement} target */
  async #messageMenu(target) {
    const message = this.desk.store.talk?.messages.find((other) => other.id === target.dataset.id);
    if (!message) return;
    const formatted = this.#formatOf(message) === "formatted" || (message.has_html && !message.text.trim());
    /** @type {import("./types.js").Choice[]} */
    const choices = [];
    if (message.has_html && message.text.trim()) choices.push({ id: "format", label: formatted ? t("desk.show_text") : t("desk.show_formatted"), mark: icon(formatted ? "text" : "image", "s") });
    choices.push({ id: "link", label: t("desk.message_link"), mark: icon("link", "s") });
    if (message.raw && message.channel === "email") choices.push({ id: "headers", label: t("desk.headers"), mark: icon("shield", "s") });
    if (message.raw) choices.push({ id: "raw", label: t("desk.download_original"), mark: icon("download", "s") });
    const { mail } = this.desk;
    if (mail) choices.push(...mail.choicesFor(this.desk, message));
    const people = [
      [t("desk.mail_from"), message.from ?? ""],
      [t("desk.mail_to"), message.to ?? ""],
      [t("desk.mail_cc"), (message.cc ?? []).join(", ")],
      [t("desk.mail_bcc"), (message.bcc ?? []).join(", ")],
      ...(mail?.proofOf(this.desk, message) ?? []),
    ].filter(([, value]) => value);
    const { openMenu } = await import("./menu.js");
    openMenu(target, {
      title: t("desk.message_more"),
      choices: () => choices,
      foot: people.length ? html`<dl class="mail-people">${people.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>` : undefined,
      pick: (id) => {
        if (mail?.pick(this.desk, message, id, target)) return;
        if (id === "format") {
          this.#format.set(message.id, formatted ? "text" : "formatted");
          this.#render();
        } else if (id === "headers") {
          void import("./headers.js").then(({ openHeaders }) => openHeaders(this.desk, message));
        } else if (id === "link") {
          const row = this.desk.store.row;
          const link = row ? `${location.origin}${location.pathname}#/all/${row.number}/m/${message.seq}` : "";
          if (row) void copyText(link).then((done) => this.desk.toast(done ? t("desk.link_copied") : link));
        } else {
          void import("./download.js").then(({ download }) => download(this.desk, `/api/desk/messages/${message.id}/raw`, `${message.id}.eml`));
        }
      },
    });
  }

  /** @param {Message} message @returns {"auto" | "text" | "formatted"} */
  #formatOf(message) {
    return this.#format.get(message.id) ?? (recall("formatted") === "on" && message.kind === "incoming" ? "formatted" : "auto");
  }

  // ---- drawing

  #render() {
    const { store } = this.desk;
    const { talk, row } = store;
    const shop = store.boot.shop.name;
    const title = row ? `${nameOf(row.contact)} · ${shop}` : shop;
    if (document.title.replace(/^\(.+?\) /, "") !== title) document.title = title;
    const key = store.current || (store.wanted ? `number:${store.wanted}` : "");
    const opened = this.#shown !== key;
    this.classList.toggle("is-empty", !key);
    this.classList.toggle("is-solved", row?.status === "solved");
    if (!key) {
      if (opened) {
        this.#shown = "";
        this.#beatSoon();
        this.#setComposer("");
        render(this.#part("top"), html``);
        renderEach(this.#part("log-items"), [], () => "", () => html``);
      }
      render(this.#part("talk-empty"), blank("chat", t("desk.pick_one"), t("desk.pick_one_hint"), html`<p class="keys-hint"><kbd>J</kbd><kbd>K</kbd> ${t("desk.key_move")} <kbd>?</kbd> ${t("desk.key_help")}</p>`));
      return;
    }
    render(this.#part("talk-empty"), html``);
    if (opened) {
      this.#shown = key;
      this.#newSince = 0;
      this.#unreadFrom = row && isUnread(row) ? row.staff_seen_seq + 1 : 0;
      this.#atEnd = true;
      this.#beatSoon();
      this.#setComposer(store.current);
    }
    this.#head();
    this.#messages(opened);
    this.composer?.refresh();
    if (talk?.state === "ready") this.#markSeen();
    this.#suggest();
  }

  /** What the bot suggests comes when there is something. */
  #suggest() {
    const { talk } = this.desk.store;
    const list = talk?.suggestions ?? [];
    const key = `${talk?.id} ${talk?.messages.at(-1)?.seq} ${list.length}`;
    if (key === this.#suggested || !this.composer || (!list.length && !this.querySelector(".suggested"))) return;
    this.#suggested = key;
    const { composer } = this;
    void import("./suggested.js").then(({ showSuggested }) => showSuggested(this.#part("talk-foot"), talk?.messages ?? [], list, composer), () => (this.#suggested = ""));
  }

  /** @param {"reply" | "note"} kind */
  write(kind) {
    // The composer of the conversation before may still stand here.
    if (this.composer && this.composer.conversation === this.desk.store.current) this.composer.setKind(kind);
    else this.#wanted = kind;
  }

  /** @param {string} id */
  #setComposer(id) {
    if ((this.composer?.conversation ?? "") === id) return;
    this.composer?.remove();
    this.composer = null;
    if (!id) return;
    if (!customElements.get("desk-composer")) {
      // It comes with the first conversation; where the line is down it is asked for again.
      import("./composer.js").then(() => this.#setComposer(this.desk.store.current), () => setTimeout(() => this.#setComposer(this.desk.store.current), 2_000));
      return;
    }
    const composer = /** @type {import("./composer.js").DeskComposer} */ (document.createElement("desk-composer"));
    composer.desk = this.desk;
    composer.conversation = id;
    this.composer = composer;
    this.#part("talk-foot").append(composer);
    this.#suggested = "";
    if (this.#wanted) composer.setKind(this.#wanted);
    this.#wanted = "";
  }

  #head() {
    const { store } = this.desk;
    const { row } = store;
    if (!row) {
      render(this.#part("top"), html`<button class="tool only-phone" type="button" data-act="back" aria-label="${t("common.back")}">${icon("back")}</button><span class="skeleton bar-a"></span>`);
      return;
    }
    this.#part("talk-foot").hidden = Boolean(row.deleted_at);
    const viewers = store.viewersOf(row.id);
    const typing = store.typingIn(row.id).filter((sign) => sign.by === "agent");
    const assignee = store.agents.get(row.assignee);
    const solved = row.status === "solved";
    const mail = row.channel !== "chat" && row.subject;
    const name = nameOf(row.contact);
    /** @param {string} command @param {string} mark @param {string} label @param {string} keys */
    const tool = (command, mark, label, keys) => html`<button class="btn" type="button" data-act="run" data-command="${command}" data-key="${command}" title="${label} (${keys})">${icon(mark, "s")}<span class="btn-word">${label}</span></button>`;
    render(
      this.#part("top"),
      html`<button class="tool only-phone" type="button" data-act="back" aria-label="${t("common.back")}">${icon("back")}</button>
        <div class="top-who">
          <h1 title="${name}"><bdi>${name}</bdi></h1>
          <p class="top-sub"><span class="num">#${digits(row.number)}</span><span title="${channelName(row.channel)}">${
            mail ? html`${icon(channelIcon(row.channel), "xs")}<span class="quiet">${channelName(row.channel)}</span>` : channelName(row.channel)}</span>${
            row.deleted_at ? html`<span class="state is-spam">${t("desk.view_deleted")}</span>` : row.spam ? html`<span class="state is-spam">${t("desk.view_spam")}</span>` : row.status !== "open" ? html`<span class="state is-${row.status}">${
            t(`desk.status_${row.status}`)}${row.status === "snoozed" && row.snoozed_until ? html` · ${upcoming(row.snoozed_until)}` : ""}</span>` : ""}${
            row.contact.online ? html`<span class="online">${t("desk.online_now")}</span>` : ""}${row.tags.map((id) => html`<span class="top-tag">${
            tagChip(store.tags.get(id))}</span>`)}</p>
        </div>
        <div class="top-acts">
          ${typing.length || viewers.length
            ? html`<span class="also ${typing.length ? "is-live" : ""}" title="${typing.length ? t("desk.is_typing", { name: typing[0].name }) : t("desk.is_viewing", { name: viewers.join(", ") })}">${
              icon(typing.length ? "pen" : "eye", "s")}${typing.length ? face({ id: typing[0].id, name: typing[0].name }, "xs") : (store.viewing.get(row.id) ?? []).slice(0, 3).map((id) => face(store.agents.get(id) ?? { id, name: "?" }, "xs"))}<span class="also-word">${
              typing.length ? t("desk.is_typing", { name: typing[0].name }) : t("desk.is_viewing", { name: viewers.join(", ") })}</span></span>`
            : ""}
          ${this.#follow(row.id)}
          <button class="btn" type="button" data-act="run" data-command="assign" data-key="assign" aria-haspopup="menu" title="${t("desk.assign")} (A)">${
            assignee ? face(assignee, "xs", stateOf(assignee)) : icon("me", "s")}<span class="btn-word">${assignee ? (assignee.id === store.me.id ? t("desk.you") : assignee.name.split(" ")[0]) : t("desk.assign")}</span></button>
          ${solved || row.deleted_at ? "" : tool("snooze", "snooze", t("desk.snooze"), "S")}
          ${row.deleted_at
            ? html`<button class="btn go" type="button" data-act="run" data-command="restore" data-key="restore">${icon("undo", "s")}<span class="btn-word">${t("desk.restore")}</span></button>`
            : row.spam
              ? html`<button class="btn" type="button" data-act="run" data-command="not-spam" data-key="not-spam">${icon("inbox", "s")}<span class="btn-word">${t("desk.spam_clear")}</span></button>`
              : solved
                ? tool("reopen", "undo", t("desk.reopen"), "E")
                : html`<button class="btn go" type="button" data-act="run" data-command="solve" data-key="solve" title="${t("desk.solve")} (E)">${icon("check", "s")}<span class="btn-word">${t("desk.solve")}</span></button>`}
          <button class="tool" type="button" data-act="run" data-command="more" aria-haspopup="menu" aria-label="${t("desk.more")}" title="${t("desk.more")}">${icon("more")}</button>
          <button class="tool only-drawer" type="button" data-act="run" data-command="person" aria-label="${t("desk.contact")}" title="${t("desk.contact")}">${icon("panel")}</button>
        </div>
        ${mail ? html`<h2 class="top-subject" dir="auto" title="${row.subject}">${row.subject}</h2>` : ""}`,
    );
  }

  /** The button to follow, with whoever does. @param {string} id */
  #follow(id) {
    const { together, agents, me } = this.desk.store;
    const others = (together.followers.get(id) ?? []).filter((agent) => agent !== me.id);
    const on = together.following.has(id);
    const names = others.map((agent) => agents.get(agent)?.name ?? "").filter(Boolean).join(", ");
    const title = `${t(on ? "desk.unfollow" : "desk.follow")} (F)${names ? `. ${t("desk.followed_by", { names })}` : ""}`;
    return html`<button class="tool follow ${on ? "is-on" : ""}" type="button" data-act="run" data-command="follow" data-key="follow" aria-pressed="${on ? "true" : "false"}" aria-label="${title}" title="${title}">${icon("bell", "s")}${
      others.slice(0, 3).map((agent) => face(agents.get(agent) ?? { id: agent, name: "?" }, "xs"))}</button>`;
  }

  /** @param {boolean} opened */
  #messages(opened) {
    const { store, sender } = this.desk;
    const { talk, row } = store;
    const start = this.#part("log-start");
    const end = this.#part("log-end");
    const items = this.#part("log-items");
    items.setAttribute("aria-label", t("desk.log"));
    items.setAttribute("aria-busy", String(talk?.state !== "ready"));
    if (store.wantedMissing || (talk?.state === "error" && talk.messages.length === 0)) {
      renderEach(items, [], () => "", () => html``);
      render(end, html``);
      render(
        start,
        store.wantedMissing
          ? blank("find", t("desk.talk_missing", { number: digits(store.wanted) }), t("desk.talk_missing_hint"), html`<a class="btn" href="${routeTo(store.view)}">${t("common.back")}</a>`)
          : blank("cloud-off", t("desk.talk_failed"), sentence(talk?.error), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`),
      );
      return;
    }
    if (!talk || !row || (talk.state === "loading" && talk.messages.length === 0)) {
      renderEach(items, [], () => "", () => html``);
      render(end, html``);
      render(start, html`<div class="log-wait" aria-hidden="true"><span class="skeleton"></span><span class="skeleton out"></span><span class="skeleton"></span></div>`);
      return;
    }
    const log = this.log;
    const height = log.scrollHeight;
    const top = log.scrollTop;
    const firstBefore = items.querySelector("[data-seq]")?.getAttribute("data-seq") ?? "";
    const lastBefore = Number([...items.querySelectorAll("[data-seq]")].pop()?.getAttribute("data-seq") ?? 0);

    render(start, talk.older === "error" ? html`<button class="link older" type="button" data-act="older">${t("desk.older_failed")}</button>` : talk.more ? html`<div class="older"><span class="skeleton bar-b"></span></div>` : html``);

    const known = new Set(talk.messages.map((message) => message.client_id).filter(Boolean));
    const unsent = sender.of(talk.id).filter((item) => !known.has(item.client_id));
    /** @type {{key: string, markup: import("../shared/html.js").Html}[]} */
    const shown = [];
    /** @type {Message | null} */
    let before = null;
    // Where everything is new nothing needs to be marked.
    let unreadShown = !talk.more && this.#unreadFrom <= (talk.messages[0]?.seq ?? 0);
    const { events, folded } = eventRuns(talk.messages);
    talk.messages.forEach((message, i) => {
      if (!before || !sameDay(before.created, message.created)) {
        shown.push({ key: `day-${message.created.slice(0, 10)}-${message.seq}`, markup: html`<div class="day"><span>${dayName(message.created)}</span></div>` });
        before = null;
      }
      if (!unreadShown && this.#unreadFrom && message.seq >= this.#unreadFrom && message.kind === "incoming") {
        unreadShown = true;
        shown.push({ key: "unread", markup: html`<div class="unread-line"><span>${t("desk.unread_from_here")}</span></div>` });
        before = null;
      }
      const next = talk.messages[i + 1];
      const look = {
        store,
        follows: before !== null && together(before, message),
        goesOn: next !== undefined && together(message, next) && !(next.kind === "incoming" && next.seq === this.#unreadFrom),
        readTo: row.contact_seen_seq,
        format: this.#formatOf(message),
        mail: this.desk.mail,
        subject: row.subject,
        aimed: message.seq === this.#aimed,
      };
      // Many changes in a row are one line that opens.
      if (message.kind === "event") {
        const run = events.get(i);
        if (run) shown.push({ key: `events-${message.seq}`, markup: html`<details class="events"><summary>${t("desk.events_n", { n: run.length })}</summary>${run.map((event) => messageHtml(event, { ...look, aimed: event.seq === this.#aimed }))}</details>` });
        if (run || folded.has(message.seq)) {
          before = message;
          return;
        }
      }
      // A message keeps the place and the element that it had before the server knew it.
      shown.push({ key: message.client_id || message.id, markup: messageHtml(message, look) });
      before = message;
    });
    for (const item of unsent) shown.push({ key: item.client_id, markup: unsentHtml(item) });
    const waiting = talk.waiting.filter((item) => !known.has(item.client_id) && !unsent.some((other) => other.client_id === item.client_id));
    const held = this.#held;
    if (held) for (const item of waiting) shown.push({ key: item.client_id || item.id, markup: held.heldHtml(this.desk, item, Date.now()) });
    else if (waiting.length) void import("./held.js").then((module) => {
      this.#held = module;
      store.emit("talk");
    });
    clearTimeout(this.#tick);
    if (waiting.some((item) => item.state === "held")) this.#tick = setTimeout(() => store.emit("talk"), 1_000);
    renderEach(items, shown, (item) => item.key, (item) => item.markup);
    if (!this.desk.mail && talk.messages.some((message) => message.channel === "email" || (message.event && !PLAIN.test(message.event.type)))) void this.desk.fetchMail();
    if (items.querySelector("mail-frame:not(:defined)")) void import("./mailframe.js").then(({ serveMailFrames }) => serveMailFrames(this.desk.api));

    const typing = store.typingIn(talk.id).filter((sign) => sign.by === "contact");
    render(end, typing.length ? html`<div class="typing">${contactFace(row, "s")}<span class="dots" role="status" aria-label="${t("desk.is_typing", { name: nameOf(row.contact) })}"><i></i><i></i><i></i></span></div>` : html``);

    const firstNow = items.querySelector("[data-seq]")?.getAttribute("data-seq") ?? "";
    const newest = talk.messages[talk.messages.length - 1];
    if (opened || lastBefore === 0) {
      this.#toEnd();
    } else if (firstBefore && firstNow !== firstBefore && Number(firstNow) < Number(firstBefore)) {
      log.scrollTop = top + log.scrollHeight - height; // older ones came in above: what is read stays where it was
    } else if (this.#atEnd || unsent.some((item) => item.state !== "failed" && Date.now() - new Date(item.created).getTime() < 500)) {
      this.#toEnd();
    } else if (newest && newest.seq > lastBefore && !this.#newSince) {
      this.#newSince = lastBefore + 1;
    }
    if (this.aim) this.#lead();
    this.#jumpButton();
  }

  /** Shows the message that the address leads to; what lies between is fetched. */
  #lead() {
    const { talk } = this.desk.store;
    if (!talk || talk.state !== "ready") return;
    const first = talk.messages[0]?.seq ?? 0;
    if (first > this.aim && talk.more) return void (talk.older === "" && this.desk.store.loadOlder());
    const seq = this.aim;
    this.aim = 0;
    const element = this.#part("log-items").querySelector(`[data-seq="${seq}"]`);
    if (!element) return this.desk.toast(t("desk.message_missing"), { bad: true });
    this.#aimed = seq;
    this.#atEnd = false;
    for (let fold = element.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null) fold.open = true;
    element.scrollIntoView({ block: "center" });
    element.classList.add("is-aimed");
    setTimeout(() => {
      this.#aimed = 0;
      element.classList.remove("is-aimed");
    }, 4_000);
  }
}
customElements.define("desk-talk", DeskTalk);
