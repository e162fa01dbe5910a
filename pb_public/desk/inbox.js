/** <desk-list> and <desk-views>: the conversations of a view, and the views. */
import { age, count, firstLetter, full, lasted, upcoming } from "../shared/format.js";
import { html, icon, onAct, render, renderEach } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { sentence } from "../shared/api.js";
import { channelIcon, channelName, dueWords, isUnread, lineOf, nameOf, pressing, priorityName, routeTo, shownRows, viewIcon, viewName, ASIDE, VIEWS } from "./logic.js";
import { blank, contactFace, face, stars, stateOf, tagChip, tagVar } from "./parts.js";
import { draftOf } from "./prefs.js";
import { afterPaint } from "./topics.js";

/** @typedef {import("../shared/types.js").Row} Row */

/** For how long a list may be on its way before that is shown, in ms. */
const PATIENCE = 120;

export class DeskList extends HTMLElement {
  /** @type {import("./app.js").Desk} */
  desk = /** @type {any} */ (null);
  /** @type {(() => void)[]} */
  #undo = [];
  /** What stands in the place of the list while the field is in use. @type {import("./search.js").DeskSearch | null} */
  search = null;
  /** @type {Promise<import("./search.js").DeskSearch> | null} */
  #fetching = null;
  /** Moves when every row may look different: with time, people and drafts. */
  #version = 0;
  /** The markup of rows that did not change since. @type {Map<string, {row: Row, signs: string, markup: import("../shared/html.js").Html}>} */
  #drawn = new Map();
  #current = "";
  /** The height of a row: they are all the same. */
  #height = 0;
  /** How far the list is scrolled, and how much of it is seen. */
  #top = 0;
  #seen = 0;
  /** The view was opened in this frame. */
  #first = false;
  /** The view and order that are drawn. */
  #shown = "";
  /** One whose list did not come in a moment. */
  #waiting = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #patience;
  #scrolling = 0;
  /** What is fetched when something is chosen for the first time. @type {typeof import("./bulk.js") | null} */
  #bulk = null;

  connectedCallback() {
    this.className = "list";
    this.setAttribute("role", "region");
    this.innerHTML = html`<div class="list-top"></div>
      <div class="rows-head"></div>
      <div class="rows" tabindex="-1"><div class="rows-items"></div><div class="rows-end"></div></div>`.text;
    const draw = () => this.#render();
    const rows = this.#part("rows");
    const scrolled = () => {
      // Of a long list only what can be seen is in the page.
      this.#scrolling ||= requestAnimationFrame(() => {
        this.#scrolling = 0;
        this.#top = rows.scrollTop;
        this.#rows();
      });
    };
    rows.addEventListener("scroll", scrolled, { passive: true });
    // The browser says where things are when it knows: asking in the middle of drawing has it lay out the page twice.
    const last = this.#part("rows-end");
    const end = new IntersectionObserver((seen) => seen[seen.length - 1].isIntersecting && void this.desk.store.list.more(), { root: rows, rootMargin: "0px 0px 600px" });
    end.observe(last);
    const size = new ResizeObserver(() => {
      this.#seen = rows.clientHeight;
      const first = this.#part("rows-items").firstElementChild;
      if (first instanceof HTMLElement && first.offsetHeight) this.#height = first.offsetHeight;
      this.#rows();
    });
    size.observe(rows);
    const minute = window.setInterval(() => {
      this.#version++;
      draw();
    }, 30_000);
    this.#undo = [
      this.desk.store.on(["list", "signs", "counts", "link"], () => {
        draw();
        if (!this.desk.store.list.next) return;
        end.unobserve(last); // it may have stayed near, which nobody would say
        end.observe(last);
      }),
      this.desk.store.on(["people", "me"], () => {
        this.#version++;
        draw();
      }),
      () => clearInterval(minute),
      () => clearTimeout(this.#patience),
      () => end.disconnect(),
      () => size.disconnect(),
      onAct(this, {
        drawer: () => this.desk.openDrawer(),
        compose: () => this.desk.run("compose"),
        sort: () => this.desk.run("sort"),
        again: () => void this.desk.store.list.load(),
        "more-again": () => void this.desk.store.list.more(),
        "show-all": (target) => this.desk.go(target.dataset.view ?? "open"),
        choose: (target, event) => {
          event.preventDefault();
          const id = /** @type {HTMLElement | null} */ (target.closest("[data-id]"))?.dataset.id;
          this.desk.choose(id, event instanceof MouseEvent && event.shiftKey);
        },
        "choose-all": () => this.desk.chooseAll(),
        "choose-none": () => this.desk.chooseNone(),
        run: (target) => this.desk.run(target.dataset.command ?? "", target),
      }),
    ];
    this.#touches();
    const isField = (/** @type {Event} */ event) => event.target instanceof HTMLInputElement && event.target.type === "search";
    this.addEventListener("focusin", (event) => isField(event) && void this.openSearch());
    this.addEventListener("input", (event) => isField(event) && this.search?.typed());
    this.addEventListener("keydown", (event) => {
      if (!isField(event) || event.ctrlKey || event.metaKey) return;
      event.stopPropagation();
      this.search?.key(event);
    });
    // A person who rests on a row is about to open it.
    let rest = 0;
    this.addEventListener("pointerover", (event) => {
      clearTimeout(rest);
      const row = event.target instanceof Element && event.target.closest("[data-id]");
      if (row instanceof HTMLElement && event.pointerType === "mouse") rest = window.setTimeout(() => this.desk.store.prefetch(row.dataset.id ?? ""), 90);
    });
    draw();
  }

  disconnectedCallback() {
    for (const undo of this.#undo.splice(0)) undo();
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`.${name}`));
  }

  focusFilter() {
    const input = this.querySelector("input");
    input?.focus();
    input?.select();
  }

  /** Puts what is found in the place of the list; text is searched for, without it what stands in the field. @param {string} [text] */
  async openSearch(text) {
    const input = /** @type {HTMLInputElement | null} */ (this.querySelector(".search input"));
    if (!input) return;
    try {
      this.#fetching ??= import("./search.js").then(({ makeSearch }) => makeSearch(this.desk, this, input));
      this.search = await this.#fetching;
    } catch {
      this.#fetching = null;
      return this.desk.toast(t("common.error_network"), { bad: true });
    }
    if (text !== undefined) this.search.ask(text);
    else this.search.show();
  }

  /** Brings the marked row into sight. @param {string} id */
  reveal(id) {
    const row = this.querySelector(`[data-id="${CSS.escape(id)}"]`);
    if (row) return row.scrollIntoView({ block: "nearest" });
    const at = this.desk.store.list.index(id);
    if (at >= 0 && this.#height) this.#part("rows").scrollTop = at * this.#height - this.#part("rows").clientHeight / 2;
  }

  /** Choosing by hand: Shift and click reach to a row; a long press on a phone chooses it, and then each touch does. */
  #touches() {
    const rowOf = (/** @type {Event} */ event) => {
      const row = event.target instanceof Element ? event.target.closest(".row[data-id]") : null;
      return row instanceof HTMLElement ? row : null;
    };
    let timer = 0;
    let pressed = false;
    this.addEventListener("pointerdown", (event) => {
      pressed = false;
      clearTimeout(timer);
      const row = rowOf(event);
      if (!row || event.pointerType === "mouse") return;
      timer = window.setTimeout(() => {
        pressed = true;
        this.desk.choose(row.dataset.id);
      }, 480);
    });
    for (const end of ["pointerup", "pointercancel", "pointermove"]) this.addEventListener(end, (event) => (end !== "pointermove" || Math.abs(/** @type {PointerEvent} */ (event).movementY) > 4) && clearTimeout(timer));
    this.addEventListener("contextmenu", (event) => pressed && event.preventDefault());
    this.addEventListener("click", (event) => {
      const row = rowOf(event);
      if (!row || (event.target instanceof Element && event.target.closest("[data-act]"))) return;
      const some = this.desk.selection.size > 0;
      if (!pressed && !event.shiftKey && !(some && matchMedia("(pointer: coarse)").matches)) return;
      event.preventDefault();
      if (event.shiftKey && !some && this.desk.store.current) this.desk.selection.toggle(this.desk.store.current);
      if (!pressed) this.desk.choose(row.dataset.id, event.shiftKey);
      pressed = false;
    });
    this.addEventListener("mousedown", (event) => event.shiftKey && rowOf(event) && event.preventDefault()); // no text is marked
  }

  /** @param {Row} row */
  #row(row) {
    const { store } = this.desk;
    const typing = store.typingIn(row.id);
    const viewers = store.viewersOf(row.id);
    const on = store.current === row.id || (store.current === "" && store.wanted === row.number);
    const marked = this.desk.marked === row.id;
    const chosen = this.desk.selection.has(row.id);
    const signs = `${this.#version}${on}${marked}${chosen}${typing[0]?.name ?? ""}|${viewers}`;
    const drawn = this.#drawn.get(row.id);
    if (drawn && drawn.row === row && drawn.signs === signs) return drawn.markup;
    const markup = this.#rowHtml(row, { on, marked, chosen }, typing, viewers);
    this.#drawn.set(row.id, { row, signs, markup });
    return markup;
  }

  /** @param {Row} row @param {{on: boolean, marked: boolean, chosen: boolean}} state @param {import("./types.js").Typing[]} typing @param {string[]} viewers */
  #rowHtml(row, { on, marked, chosen }, typing, viewers) {
    const { store } = this.desk;
    const now = Date.now();
    const fresh = isUnread(row);
    const press = pressing(row, now);
    const assignee = row.assignee ? store.agents.get(row.assignee) : undefined;
    const draft = on ? null : draftOf(row.id);
    const when = row.status === "snoozed" && row.snoozed_until ? upcoming(row.snoozed_until) : dueWords(row, now) || (row.waiting_since && row.status === "open" ? lasted(row.waiting_since, now) : age(row.last_activity, now));
    const title = row.due_at && row.status === "open" ? t("desk.due_title", { what: t(`desk.due_${row.due_kind}`), time: full(row.due_at) }) : row.waiting_since && row.status === "open" ? t("desk.waits_since", { time: full(row.waiting_since) }) : full(row.last_activity);
    const sign = typing.length
      ? html`<span class="row-sign is-live">${t("desk.is_typing", { name: typing[0].by === "contact" ? nameOf(row.contact) : typing[0].name })}</span>`
      : viewers.length
        ? html`<span class="row-sign">${icon("eye", "xs")}<span>${t("desk.is_viewing", { name: viewers.join(", ") })}</span></span>`
        : "";
    const most = sign ? 1 : 3;
    // With nothing to say below there is room for more of the message.
    const plain = row.tags.length <= most && !row.tags.some((id) => store.tags.has(id)) && !row.rating && !sign;
    const ended = fresh || (assignee && store.view !== "mine");
    return html`<a class="row ${plain ? (ended ? "is-plain is-ended" : "is-plain") : ""} ${on ? "is-on" : ""} ${marked ? "is-marked" : ""} ${fresh ? "is-new" : ""} ${chosen ? "is-chosen" : ""}" href="${routeTo(store.view, row.number)}" data-id="${row.id}" ${on ? html`aria-current="true"` : ""}>
      <span class="row-pick" data-act="choose" title="${t("desk.choose")} (X)">${contactFace(row)}<i class="pick-box" aria-hidden="true">${chosen ? icon("check", "s") : ""}</i>${chosen ? html`<span class="quiet">${t("desk.is_chosen")}</span>` : ""}</span>
      <span class="row-name"><b>${nameOf(row.contact)}</b>${row.priority ? html`<span class="flag is-${row.priority}" title="${priorityName(row.priority)}">${icon(row.priority < 0 ? "down" : "flag", "xs")}<span class="quiet">${priorityName(row.priority)}</span></span>` : ""}</span>
      <span class="when" title="${title}">${icon(channelIcon(row.channel), "xs")}<span class="quiet">${channelName(row.channel)}, </span><span class="num ${press}">${when}</span></span>
      <span class="line">${draft ? html`<span class="row-draft">${t("desk.draft")}</span> ${draft.text}` : html`${store.drafts.has(row.id) ? html`<span class="row-draft">${t("desk.draft")}</span> ` : ""}${row.preview_kind === "note" ? html`<span class="row-kind">${t("desk.note")}</span> ` : row.preview_kind === "outgoing" ? html`<span class="row-kind">${icon("reply", "xs")}</span> ` : ""}${lineOf(row)}`}</span>
      <span class="foot">${row.tags.slice(0, most).map((id) => tagChip(store.tags.get(id)))}${row.tags.length > most ? html`<span class="tag">+${count(row.tags.length - most)}</span>` : ""}${row.rating ? stars(row.rating) : ""}${sign}<span class="row-end">${assignee && store.view !== "mine" ? html`<span title="${t("desk.assigned_to", { name: assignee.name })}">${face(assignee, "xs", stateOf(assignee))}</span>` : ""}${fresh ? html`<span class="dot"><span class="quiet">${t("desk.unread")}</span></span>` : ""}</span></span>
    </a>`;
  }

  #empty() {
    const { store } = this.desk;
    const view = /^(channel|tag|saved):/.exec(store.view)?.[1] ?? store.view;
    const more = view === "unassigned" || view === "mine";
    return blank(view === "unassigned" ? "sun" : view === "mine" ? "me" : view === "mentions" ? "at" : "inbox", t(`desk.empty_${view}`), t(`desk.empty_${view}_hint`), more ? html`<button class="btn" type="button" data-act="show-all" data-view="${view === "mine" ? "unassigned" : "open"}">${view === "mine" ? t("desk.go_unassigned") : t("desk.go_open")}</button>` : "");
  }

  get #key() {
    const { view, sort, query } = this.desk.store;
    return `${view} ${sort} ${query}`;
  }

  /** Draws the rows; of a long list those that can be seen, with room for the others above and below. */
  #rows() {
    const { store } = this.desk;
    if (this.#shown !== this.#key) return;
    const items = this.#part("rows-items");
    const rows = store.list.items;
    let { from, to } = shownRows(rows.length, this.#height, this.#top, this.#seen);
    if (this.#first && this.#height && this.#seen) to = Math.min(to, Math.ceil(this.#seen / this.#height) + 1);
    renderEach(items, rows.slice(from, to), (row) => row.id, (row) => this.#row(store.rows.get(row.id) ?? row));
    const room = `${from * this.#height}px ${(rows.length - to) * this.#height}px`;
    if (items.style.paddingBlock !== room) items.style.paddingBlock = room;
    if (!this.#height && rows.length) {
      const first = /** @type {HTMLElement | null} */ (items.firstElementChild);
      if (first?.offsetHeight) this.#height = first.offsetHeight;
    }
  }

  #render() {
    const { store } = this.desk;
    const list = store.list;
    const key = this.#key;
    if (this.#shown && this.#shown !== key && list.state === "loading" && list.items.length === 0 && this.#waiting !== key) {
      // A list that comes in a moment takes the other's place at once; only one that is late says so.
      clearTimeout(this.#patience);
      this.#patience = setTimeout(() => {
        this.#waiting = key;
        this.#render();
      }, PATIENCE);
      return;
    }
    clearTimeout(this.#patience);
    this.#waiting = "";
    if (this.#shown !== key) {
      this.#shown = key;
      if (this.#top) this.#part("rows").scrollTop = this.#top = 0;
      // First what is seen, then what may be scrolled to.
      this.#first = true;
      afterPaint(() => {
        this.#first = false;
        this.#rows();
      });
    }
    const counts = /** @type {Record<string, any>} */ (store.counts);
    const total = this.desk.saved.of(store.view)?.count ?? countOf(counts, store.view);
    const changes = store.view.startsWith("saved:") && this.desk.can("change-view");
    const { selection } = this.desk;
    if (selection.size) selection.keep(new Set(list.items.map((row) => row.id)));
    if (selection.size && !this.#bulk) void import("./bulk.js").then((bulk) => ((this.#bulk = bulk), this.#render()));
    this.classList.toggle("is-choosing", selection.size > 0);
    this.setAttribute("aria-label", t("desk.conversations"));
    this.setAttribute("aria-busy", String(list.state === "loading"));
    render(
      this.#part("list-top"),
      html`<button class="tool only-narrow" type="button" data-act="drawer" aria-label="${t("desk.views")}">${icon("menu")}</button>
        <label class="search">${icon("find")}<span class="quiet">${t("desk.filter")}</span><input type="search" placeholder="${t("desk.filter")}" autocomplete="off" enterkeyhint="search" spellcheck="false"><kbd>/</kbd></label>
        <button class="tool" type="button" data-act="compose" aria-label="${t("desk.compose")}" title="${t("desk.compose")}">${icon("compose")}</button>`,
    );
    render(
      this.#part("rows-head"),
      selection.size && this.#bulk ? this.#bulk.bulkBar(this.desk) : html`<h1>${viewName(store.view)}${total > 0 ? html`<span class="num">${count(total)}</span>` : ""}</h1>
        ${changes ? html`<button class="tool tiny" type="button" data-act="run" data-command="change-view" aria-label="${t("desk.view_change")}" title="${t("desk.view_change")}">${icon("settings", "xs")}</button>` : ""}<button class="link" type="button" data-act="sort" title="${t("desk.sort_by")}">${icon("sort", "s")}${t(`desk.sort_${store.sort}`)}</button>`,
    );
    const rows = list.items;
    if (this.#current !== store.view + store.current) {
      // A conversation that was left may have a draft now.
      this.#current = store.view + store.current;
      this.#version++;
      if (this.#drawn.size > 2_000) this.#drawn.clear();
    }
    this.#rows();
    const end = this.#part("rows-end");
    if (list.state === "loading" || list.state === "new") {
      render(end, rows.length ? html`` : html`${Array.from({ length: 7 }, (_, i) => html`<div class="row row-wait" aria-hidden="true" data-key="${i}"><span class="face skeleton"></span><span class="skeleton bar-a"></span><span class="skeleton bar-b"></span></div>`)}`);
    } else if (list.state === "error") {
      render(end, blank("cloud-off", t("desk.list_failed"), sentence(list.error), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`));
    } else if (rows.length === 0 && !list.next) {
      render(end, this.#empty());
    } else if (list.moreFailed) {
      render(end, html`<div class="rows-more">${t("desk.more_failed")} <button class="link" type="button" data-act="more-again">${t("common.retry")}</button></div>`);
    } else {
      render(end, list.next ? html`<div class="rows-more"><span class="skeleton bar-b"></span>${rows.length ? "" : html`<p class="meta" role="status">${t("desk.still_looking")}</p>`}</div>` : html``);
    }
  }
}
customElements.define("desk-list", DeskList);

/** How many stand in a view. @param {Record<string, any>} counts @param {string} view @returns {number} */
function countOf(counts, view) {
  const [name, rest] = view.split(":");
  if (rest === undefined) return counts[view] ?? counts.more?.[view] ?? 0;
  return (name === "channel" ? counts.channels : name === "tag" ? counts.tags : counts.more)?.[rest] ?? 0;
}

/** Tags that stand in the list of views at once. */
const TAGS_SHOWN = 6;

export class DeskViews extends HTMLElement {
  /** @type {import("./app.js").Desk} */
  desk = /** @type {any} */ (null);
  /** @type {(() => void)[]} */
  #undo = [];
  #allTags = false;

  connectedCallback() {
    this.className = "views";
    this.setAttribute("role", "navigation");
    const draw = () => this.#render();
    this.#undo = [
      this.desk.store.on(["counts", "list", "me", "people", "link", "tags"], draw),
      onAct(this, {
        me: (target) => this.desk.run("me", target),
        go: () => this.desk.closeDrawer(),
        "all-tags": () => {
          this.#allTags = !this.#allTags;
          draw();
        },
        run: (target) => this.desk.run(target.dataset.command ?? "", target),
        palette: () => this.desk.run("palette"),
        trouble: () => this.desk.run("mailboxes"),
        system: () => this.desk.run("system"),
      }),
    ];
    draw();
  }

  disconnectedCallback() {
    for (const undo of this.#undo.splice(0)) undo();
  }

  /** @param {string} view @param {number} n @returns {[string, import("../shared/html.js").Html]} */
  #view(view, n) {
    const on = this.desk.store.view === view;
    return [view, html`<a class="view ${on ? "is-on" : ""}" href="${routeTo(view)}" data-act="go" ${on ? html`aria-current="page"` : ""} title="${viewName(view)}">
      ${view.startsWith("tag:") ? html`<i class="tag-dot" data-var="${tagVar(this.desk.store.tags.get(view.slice(4)))}"></i>` : icon(viewIcon(view))}<span class="view-name">${viewName(view)}</span>${n > 0 ? html`<span class="n num">${n >= 100 && view.startsWith("saved:") ? `${count(99)}+` : count(n)}</span>` : ""}</a>`];
  }

  /** The tags, those with most open conversations first. @returns {[string, import("../shared/html.js").Html][]} */
  #tags() {
    const { store } = this.desk;
    const n = (/** @type {string} */ id) => store.counts.tags?.[id] ?? 0;
    const tags = [...store.tags.values()].sort((a, b) => n(b.id) - n(a.id) || a.name.localeCompare(b.name));
    /** @type {[string, import("../shared/html.js").Html]} */
    const more = ["more-tags", html`<button class="view view-more" type="button" data-act="all-tags" aria-expanded="${this.#allTags ? "true" : "false"}">${icon(this.#allTags ? "down" : "more")}<span class="view-name">${this.#allTags ? t("desk.tags_less") : t("desk.tags_all")}</span></button>`];
    const shown = this.#allTags ? tags : tags.filter((tag, i) => i < TAGS_SHOWN || store.view === `tag:${tag.id}`);
    return [
      ["head-tags", html`<h2 class="head">${t("desk.tags")}<button class="tool tiny" type="button" data-act="run" data-command="tags-sheet" aria-label="${t("desk.tags_keep")}" title="${t("desk.tags_keep")}">${icon("settings", "xs")}</button></h2>`],
      ...shown.map((tag) => this.#view(`tag:${tag.id}`, n(tag.id))),
      ...(tags.length > TAGS_SHOWN ? [more] : []),
    ];
  }

  #render() {
    const { store } = this.desk;
    const { counts, me, boot } = store;
    /** @type {Record<string, number>} */
    const n = /** @type {any} */ ({ ...counts, mentions: counts.more?.mentions ?? 0, solved: 0 });
    const channels = Object.keys(counts.channels ?? {}).sort((a, b) => ["chat", "email", "portal", "phone"].indexOf(a) - ["chat", "email", "portal", "phone"].indexOf(b));
    this.setAttribute("aria-label", t("desk.views"));
    const mine = store.agents.get(me.id) ?? me;
    // Whoever reads this has a desk open, whatever the line says.
    const now = me.availability === "online" && mine.state === "away" ? "away" : me.availability;
    /** @type {[string, import("../shared/html.js").Html][]} */
    const parts = [
      ["brand", html`<div class="brand">${boot.shop.logo ? html`<img class="brand-logo" src="${boot.shop.logo}" alt="">` : html`<i>${firstLetter(boot.shop.name)}</i>`}<span class="brand-name">${boot.shop.name}</span></div>`],
      ...VIEWS.map((view) => this.#view(view, n[view] ?? 0)),
      ["head-saved", html`<h2 class="head">${t("desk.views_saved")}<button class="tool tiny" type="button" data-act="run" data-command="save-view" aria-label="${t("desk.view_save")}" title="${t("desk.view_save")} (V)">${icon("plus", "xs")}</button></h2>`],
      ...this.desk.saved.list.map((view) => this.#view(`saved:${view.id}`, view.count)),
      ["callbacks", html`<button class="view" type="button" data-act="run" data-command="callbacks" title="${t("desk.callbacks")}">${icon("phone")}<span class="view-name">${t("desk.callbacks")}</span>${counts.more?.callbacks ? html`<span class="n num">${count(counts.more.callbacks)}</span>` : ""}</button>`],
      ["head-channels", html`<h2 class="head">${t("desk.channels")}</h2>`],
      ...channels.map((channel) => this.#view(`channel:${channel}`, counts.channels[channel] ?? 0)),
      ...this.#tags(),
      ["head-aside", html`<h2 class="head">${t("desk.aside")}</h2>`],
      ...[...ASIDE, ...(me.role === "owner" ? ["deleted"] : [])].map((view) => this.#view(view, n[view] ?? 0)),
      ["foot", html`<div class="views-foot">
          ${store.system ? html`<button class="view ill ${store.system.mild ? "is-mild" : ""}" type="button" data-act="system" title="${store.system.title}: ${store.system.text}">${icon("alert")}<span class="view-name">${store.system.title}<small>${store.system.text}</small></span></button>` : ""}
          ${store.trouble ? html`<button class="view ill ${store.trouble.mild ? "is-mild" : ""}" type="button" data-act="trouble" title="${store.trouble.title}: ${store.trouble.text}">${icon("alert")}<span class="view-name">${store.trouble.title}<small>${store.trouble.text}</small></span></button>` : ""}
          ${store.setup ? html`<a class="view" href="#/setup" title="${t("desk.setup_n", store.setup)}">${icon("checks")}<span class="view-name">${t("desk.setup_n", store.setup)}</span></a>` : ""}
          <button class="view" type="button" data-act="palette" title="${t("desk.palette")}">${icon("command")}<span class="view-name">${t("desk.palette")}</span><kbd class="n">Ctrl K</kbd></button>
          <button class="view me" type="button" data-act="me" aria-haspopup="menu" title="${me.name}">${face(mine, "s", now)}<span class="view-name">${me.name}<small>${t(`desk.availability_${now}`)}</small></span>${icon("updown", "s")}</button>
        </div>`],
    ];
    renderEach(this, parts, ([key]) => key, ([, markup]) => markup);
    this.dataset.link = store.link;
  }
}
customElements.define("desk-views", DeskViews);
