/** <desk-app>: the panes, the address, the keyboard, and the hands that commands work with. */
import { html, icon, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { COMMANDS, Keys } from "./commands.js";
import { belongs, messageIn, nameOf, parseRoute, routeTo, SORTS, VIEWS } from "./logic.js";
import { loadStyle, toast } from "./parts.js";
import { pruneDrafts, recall } from "./prefs.js";
import { Selection } from "./selection.js";
import { Sender } from "./sender.js";
import { Store } from "./store.js";
import { afterPaint } from "./topics.js";
import { fits, SavedViews } from "./views.js";
import "./inbox.js";
import "./talk.js";

/** @typedef {import("../shared/types.js").Row} Row */

/** What every pane of the desk is given. */
export class Desk {
  /** The row that j and k have moved to. */
  marked = "";
  /** What is chosen to be changed together. */
  selection = new Selection();
  /** The chosen ones are being changed. */
  busy = false;
  /** @type {DeskApp} */
  app = /** @type {any} */ (null);
  toast = toast;
  /** What is said about mails, fetched with the first of them. @type {typeof import("./mail.js") | null} */
  mail = null;
  #fetching = false;
  /** Which way the person goes through the list. */
  #by = 1;
  /** Where the open conversation stood in its view when it was last seen there. */
  #place = { id: "", view: "", at: 0 };

  /** @param {import("./session.js").Session} session @param {import("../shared/types.js").Boot} boot */
  constructor(session, boot) {
    this.session = session;
    this.api = session.api;
    this.store = new Store(session.api, boot, () => session.token, () => void session.refresh(true));
    this.store.onLed = (number) => history.replaceState(null, "", routeTo(this.store.view, number));
    this.saved = new SavedViews(session.api, () => this.store.emit("list"));
    this.saved.onFilters = () => this.store.lists.forget();
    this.store.sort = this.sortOf("");
    this.store.fits = (row, view) => {
      const saved = this.saved.of(view);
      if (view === "mentions") return this.store.together.mentions.has(row.id);
      return saved !== undefined && fits(row, saved.filter, this.store.me.id, Date.now());
    };
    this.sender = new Sender({
      api: session.api,
      agent: boot.me.id,
      onSent: (item, answer) => {
        if (answer.held) this.store.waits(answer.held);
        else this.store.sent(answer);
        this.store.setDraft(item.conversation, false);
      },
      onChange: () => this.store.emit("talk"),
      onOvertaken: (item, since) => void import("./overtaken.js").then(({ stopped }) => stopped(this, item, since)).catch(() => this.toast(t("common.error_network"), { bad: true })),
    });
  }

  /** @param {string} id @param {HTMLElement} [anchor] @returns {void} */
  run(id, anchor) {
    const command = COMMANDS.find((other) => other.id === id);
    if (command?.id === "follow" && !command.when?.(this)) return this.can("unfollow") ? this.run("unfollow", anchor) : undefined;
    if (!command || (command.when && !command.when(this))) return;
    // What a command needs may have to be fetched.
    Promise.resolve(command.run(this, anchor ?? this.app.anchorFor(id))).catch(() => this.toast(t("common.error_network"), { bad: true }));
  }

  /** The order of a view: its own if it was saved with one, else the person's. @param {string} view */
  sortOf(view) {
    const wanted = this.saved.of(view)?.sort || recall("sort");
    return SORTS.find((sort) => sort === wanted) ?? "newest";
  }

  /** Whether a command can be run now. @param {string} id */
  can(id) {
    const command = COMMANDS.find((other) => other.id === id);
    return command !== undefined && (command.when?.(this) ?? true);
  }

  async fetchMail() {
    if (this.#fetching) return;
    this.#fetching = true;
    try {
      const mail = await import("./mail.js");
      await mail.ready();
      this.mail = mail;
      this.store.emit("talk");
    } catch {
      // The next drawing asks again.
    }
    this.#fetching = false;
  }

  /** @param {string} view @param {number} [number] */
  go(view, number = 0) {
    const to = routeTo(view, number);
    if (location.hash === to) return;
    // As location.hash would, but without waiting for the browser to say so.
    history.pushState(null, "", to);
    this.app.route();
  }

  /** Fetches the conversation that is opened next while this one is read. */
  #ahead() {
    const { store } = this;
    if (this.narrow || /** @type {any} */ (navigator).connection?.saveData) return;
    afterPaint(() => {
      const at = store.list.index(store.current);
      const next = at < 0 ? undefined : store.list.items[at + this.#by];
      if (next) store.prefetch(next.id);
    });
  }

  /** The conversation of the address was opened. */
  opened() {
    this.#ahead();
    this.#by = 1;
  }

  /** Moves the mark in the list and opens what it stands on where there is room beside. @param {number} by */
  move(by) {
    if (this.app.list.search?.open) return this.app.list.search.move(by);
    const { list, current } = this.store;
    const at = list.index(this.marked || current);
    const next = list.items[at < 0 ? (by > 0 ? 0 : list.items.length - 1) : at + by];
    if (!next) return;
    this.marked = next.id;
    this.#by = by;
    this.app.list.reveal(next.id);
    if (list.index(next.id) > list.items.length - 4) void list.more();
    if (!this.narrow && this.selection.size === 0) this.go(this.store.view, next.number);
    else this.store.emit("list");
  }

  /** Chooses the row that stands under the mark, or lets it go. @param {string} [id] @param {boolean} [reach] all rows up to it */
  choose(id = this.marked || this.store.current, reach = false) {
    const row = this.store.list.items.find((other) => other.id === id) ?? this.store.list.items[0];
    if (!row) return;
    if (reach) this.selection.reach(row.id, this.store.list.items.map((other) => other.id));
    else this.selection.toggle(row.id);
    this.marked = row.id;
    this.store.emit("list");
  }

  chooseAll() {
    this.selection.every(this.store.list.items.map((row) => row.id));
    this.store.emit("list");
  }

  chooseNone() {
    this.selection.clear();
    this.store.emit("list");
  }

  openMarked() {
    const { search } = this.app.list;
    if (search?.open && document.activeElement?.closest(".found-rows")) return search.openMarked();
    const row = this.store.rows.get(this.marked) ?? this.store.list.items[0];
    if (!row) return;
    if (this.store.current !== row.id) this.go(this.store.view, row.number);
    else this.write("reply");
  }

  /** Notes where the open conversation stands: an answer may take it out of the view before it is solved. */
  keepPlace() {
    const { current, view, list } = this.store;
    const at = list.index(current);
    if (at >= 0) this.#place = { id: current, view, at };
  }

  /** A conversation is about to leave the view, or did when it was answered: goes to the one after it, or to the list on a phone. @param {Row} row @param {boolean} [everywhere] "all" loses it too */
  leave(row, everywhere = false) {
    const { store } = this;
    if (store.current !== row.id || this.app.list.search?.open) return;
    const { items } = store.list;
    const at = store.list.index(row.id);
    const gone = at < 0 && this.#place.id === row.id && this.#place.view === store.view;
    if (!gone && (!belongs(row, store.view, store.me.id) || (store.view === "all" && !everywhere))) return;
    const [after, before] = gone ? [this.#place.at, this.#place.at - 1] : [at + 1, at - 1];
    const next = this.narrow ? undefined : (items[after] ?? items[before]);
    this.marked = next?.id ?? "";
    this.go(this.store.view, next?.number ?? 0);
  }

  /** @param {Row} row @param {boolean} [quiet] something else tells it */
  sentSolved(row, quiet = false) {
    this.leave(row);
    if (!quiet) this.toast(t("desk.sent_solved", { name: nameOf(row.contact) }), { act: t("desk.show"), run: () => this.go("all", row.number) });
  }

  /** @param {"reply" | "note"} kind */
  write(kind) {
    if (this.narrow && this.app.pane !== "talk") this.app.setPane("talk");
    this.app.talk.write(kind);
  }

  /** Begins to call a colleague in a note, or to link to an article in an answer. @param {"@" | "#"} mark */
  mark(mark) {
    this.write(mark === "@" ? "note" : "reply");
    const begin = (tries = 0) => {
      const { composer } = this.app.talk;
      if (composer) composer.mark(mark);
      else if (tries < 40) setTimeout(() => begin(tries + 1), 50);
    };
    begin();
  }

  writeCanned() {
    const composer = this.app.talk.composer;
    composer?.box.focus();
    composer?.cannedMenu(composer);
  }

  /** One pane at a time. */
  get narrow() {
    return matchMedia("(max-width: 800px)").matches;
  }

  /** Whether a pane can be seen. @param {string} pane */
  paneIs(pane) {
    return !this.narrow || this.app.pane === pane;
  }

  focusFilter() {
    if (this.narrow) this.go(this.store.view);
    this.app.list.focusFilter();
  }
  /** @param {string} text */
  searchFor(text) {
    if (this.narrow) this.go(this.store.view);
    void this.app.list.openSearch(text);
  }
  focusList() {
    /** @type {HTMLElement | null} */ (this.app.list.querySelector(".rows"))?.focus({ preventScroll: true });
  }
  openDrawer() {
    this.app.setDrawer("views");
  }
  closeDrawer() {
    this.app.setDrawer("");
  }
  togglePerson() {
    this.app.setDrawer(this.app.drawer === "person" ? "" : "person");
  }
  closePerson() {
    this.app.setDrawer("");
  }
  signOut() {
    // A device that nobody is signed in on is not called.
    void import("./device.js").then(({ leave }) => leave(this.api)).catch(() => {}).then(() => this.session.end());
  }
}

export class DeskApp extends HTMLElement {
  /** @type {Desk} */
  desk = /** @type {any} */ (null);
  /** Which pane a phone shows. @type {"list" | "talk"} */
  pane = "list";
  /** What is slid over the panes. @type {"" | "views" | "person"} */
  drawer = "";
  #keys = new Keys();
  /** @type {(() => void)[]} */
  #undo = [];
  #lostSince = 0;

  connectedCallback() {
    if (!this.desk) return;
    const { desk } = this;
    desk.app = this;
    pruneDrafts();
    this.innerHTML = html`<div class="link-state" role="status" aria-live="polite"></div><div class="panes"></div>`.text;
    const panes = /** @type {HTMLElement} */ (this.querySelector(".panes"));
    const add = (/** @type {string} */ name) => {
      const pane = /** @type {any} */ (document.createElement(name));
      pane.desk = desk;
      panes.append(pane);
    };
    ["desk-views", "desk-list", "desk-talk"].forEach(add);
    const shade = document.createElement("div");
    shade.className = "shade";
    shade.addEventListener("click", () => this.setDrawer(""));
    panes.append(shade);

    const on = (/** @type {EventTarget} */ target, /** @type {string} */ type, /** @type {(event: any) => void} */ act) => {
      target.addEventListener(type, act);
      this.#undo.push(() => target.removeEventListener(type, act));
    };
    on(window, "hashchange", () => this.route());
    on(document, "keydown", (event) => this.#key(event));
    on(window, "beforeunload", (event) => desk.sender.holdsFiles && event.preventDefault());
    if (window.visualViewport) on(window.visualViewport, "resize", () => this.#fit());
    void desk.saved.load().then(() => this.isConnected && desk.store.show({ sort: desk.sortOf(desk.store.view) }));
    this.#undo.push(
      desk.store.on("counts", () => desk.saved.soon()),
      desk.store.on("list", () => desk.keepPlace()),
      () => desk.saved.stop(),
      desk.store.on("link", () => this.#link()),
      () => desk.store.stop(),
    );
    const patience = window.setInterval(() => this.#link(), 1_000);
    this.#undo.push(() => clearInterval(patience));
    // The contact's pane is fetched with the first conversation.
    const stop = desk.store.on("talk", () => {
      if (!desk.store.current && !desk.store.wanted) return;
      stop();
      void Promise.all([import("./person.js"), loadStyle("person")]).then(() => this.isConnected && add("desk-person"));
    });
    this.#undo.push(stop);
    this.route();
    desk.store.start();
    desk.sender.resume();
    // What is fetched when it is first wanted must be there when the line is not.
    const rest = window.setTimeout(() => {
      addTexts("deskmore").catch(() => {});
      for (const name of ["menus", "palette", "search", "settings", "compose", "help", "lightbox", "mailframe", "mail", "held", "overtaken", "offers"]) import(`./${name}.js`).catch(() => {});
    }, 12_000);
    this.#undo.push(() => clearTimeout(rest));
    // So are the views that are gone to most, one after the other.
    const views = window.setTimeout(async () => {
      if (desk.narrow || /** @type {any} */ (navigator).connection?.saveData) return;
      for (const view of VIEWS) if (view !== "mentions" && this.isConnected) await desk.store.lists.prepare(view, desk.sortOf(view));
    }, 4_000);
    this.#undo.push(() => clearTimeout(views));
    const writing = window.setTimeout(() => import("./composer.js").catch(() => {}), 2_500);
    this.#undo.push(() => clearTimeout(writing));
    const health = window.setTimeout(() => void import("./health.js").then(({ watchHealth }) => this.isConnected && this.#undo.push(watchHealth(desk))), 2_500);
    this.#undo.push(() => clearTimeout(health));
    if (desk.store.me.role === "owner") {
      const setup = window.setTimeout(() => void import("./setupmark.js").then(({ watchSetup }) => this.isConnected && this.#undo.push(watchSetup(desk))).catch(() => {}), 600);
      this.#undo.push(() => clearTimeout(setup));
    }
    const device = window.setTimeout(() => void import("./device.js").then(({ watchDevice }) => this.isConnected && this.#undo.push(watchDevice(desk))), 1_500);
    this.#undo.push(() => clearTimeout(device));
    desk.store.onViews = () => void desk.saved.load();
    desk.store.onNotice = (said) => void Promise.all([import("./notify.js"), import("./rulewords.js"), addTexts("rules")]).then(([{ said: tell }, { inOurWords }]) => tell(desk, { ...said, text: inOurWords(said.text), title: inOurWords(said.automation), bad: false }));
    desk.store.onDue = (due) => void import("./notify.js").then(({ dueNotice }) => dueNotice(desk, due));
    desk.store.onDraft = (news) => {
      const { composer } = this.talk;
      if (composer?.conversation === news.conversation) composer.draftNews(news);
    };
    desk.store.onWord = (message, row) => void import("./notify.js").then(({ word }) => word(desk, message, row));
    desk.store.onIncoming = (message, row) => void import("./notify.js").then(({ notice }) => notice(desk, message, row));
  }

  disconnectedCallback() {
    for (const undo of this.#undo.splice(0)) undo();
  }

  get list() {
    return /** @type {import("./inbox.js").DeskList} */ (this.querySelector("desk-list"));
  }
  get talk() {
    return /** @type {import("./talk.js").DeskTalk} */ (this.querySelector("desk-talk"));
  }

  /** Where the menu of a command opens when it came from the keyboard. @param {string} id @returns {HTMLElement} */
  anchorFor(id) {
    const shown = (/** @type {string} */ selector) => [.../** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll(selector))].find((element) => element.offsetParent !== null);
    return shown(`[data-command="${id}"]`) ?? shown(`[data-act="${id}"]`) ?? shown('[data-command="more"]') ?? this.list;
  }

  /** @param {"" | "views" | "person"} drawer */
  setDrawer(drawer) {
    this.drawer = drawer;
    this.dataset.drawer = drawer;
    if (drawer) setTimeout(() => /** @type {HTMLElement | null} */ (this.querySelector(drawer === "views" ? ".view.is-on" : ".person button"))?.focus({ preventScroll: true }), 50);
  }

  /** @param {"list" | "talk"} pane */
  setPane(pane) {
    this.pane = pane;
    this.dataset.pane = pane;
  }

  /** Shows what the address says. */
  route() {
    const { store } = this.desk;
    const { view, number } = parseRoute(location.hash);
    if (!location.hash) history.replaceState(null, "", routeTo(view));
    if (view !== store.view) this.list.search?.close();
    if (view !== store.view) this.desk.selection.clear();
    store.show({ view, sort: this.desk.sortOf(view) });
    this.talk.aim = messageIn(location.hash);
    this.setPane(number ? "talk" : "list");
    this.setDrawer("");
    const row = store.row;
    if (!number || !row || row.number !== number) void store.open(number);
    if (number) this.desk.opened();
    if (number) this.desk.marked = store.current || this.desk.marked;
    store.emit("list");
    store.emit("counts");
  }

  /** Keeps the composer above the keyboard where the browser does not do it. */
  #fit() {
    const seen = window.visualViewport;
    if (!seen) return;
    const hidden = innerHeight - seen.height - seen.offsetTop;
    this.style.setProperty("--keyboard", hidden > 80 ? `${Math.round(hidden)}px` : "0px");
  }

  #link() {
    const { store, sender } = this.desk;
    if (store.link === "live") {
      if (this.#lostSince) sender.resume();
      this.#lostSince = 0;
    } else if (!this.#lostSince) {
      this.#lostSince = Date.now();
    }
    // A blink of the line is nobody's business.
    const show = this.#lostSince > 0 && (Date.now() - this.#lostSince > 2_500 || !navigator.onLine);
    this.classList.toggle("is-lost", show);
    const n = sender.items.filter((item) => item.state !== "failed").length;
    render(
      /** @type {HTMLElement} */ (this.querySelector(".link-state")),
      show ? html`<p>${icon("cloud-off", "s")}<span>${navigator.onLine ? t("desk.reconnecting") : t("desk.offline")}${n > 0 ? html` ${t("desk.waiting_to_send", { n })}` : ""}</span></p>` : html``,
    );
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { desk } = this;
    const target = event.target;
    if (event.defaultPrevented || document.querySelector(".menu, dialog[open]")) return;
    if (target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && !(event.ctrlKey || event.metaKey)) return;
    if (event.key === "Escape") {
      if (this.drawer) this.setDrawer("");
      else if (desk.selection.size) desk.chooseNone();
      else if (desk.narrow && this.pane === "talk") desk.go(desk.store.view);
      else this.list.search?.close();
      return;
    }
    const inLog = target instanceof Element && target.closest(".log") !== null;
    if ((event.key === "Enter" || event.key === " ") && target instanceof Element && target.closest("button, a, summary") && !target.closest(".row")) return;
    if (inLog && /^(Arrow|Page|Home|End)/.test(event.key)) return;
    const read = this.#keys.read(event, Date.now());
    if (!read) return;
    event.preventDefault();
    if (read.command) desk.run(read.command);
    else if (read.view) desk.go(read.view);
    else if (read.move) desk.move(read.move);
    else if (read.open) desk.openMarked();
    else if (read.page) this.talk.page(read.page);
    else if (read.toggle) desk.run((desk.selection.size ? desk.store.view : desk.store.row?.status) === "solved" ? "reopen" : "solve");
  }
}
customElements.define("desk-app", DeskApp);
