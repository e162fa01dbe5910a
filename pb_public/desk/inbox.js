/** <desk-list> and <desk-views>: the conversations of a view, and the views. */
import { age, count, full, lasted, upcoming } from "../shared/format.js";
import { html, icon, onAct, render, renderEach } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { sentence } from "../shared/api.js";
import { channelIcon, channelName, dueWords, isUnread, lineOf, nameOf, pressing, routeTo, viewIcon, viewName, ASIDE, VIEWS } from "./logic.js";
import { blank, contactFace, face, stars, tagChip } from "./parts.js";
import { draftOf } from "./prefs.js";

/** @typedef {import("../shared/types.js").Row} Row */

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

  connectedCallback() {
    this.className = "list";
    this.setAttribute("role", "region");
    this.innerHTML = html`<div class="list-top"></div>
      <div class="rows-head"></div>
      <div class="rows" tabindex="-1"><div class="rows-items"></div><div class="rows-end"></div></div>`.text;
    const draw = () => this.#render();
    const rows = this.#part("rows");
    const more = () => {
      if (rows.scrollTop + rows.clientHeight > rows.scrollHeight - 600) void this.desk.store.list.more();
    };
    rows.addEventListener("scroll", more, { passive: true });
    const minute = window.setInterval(() => {
      this.#version++;
      draw();
    }, 30_000);
    this.#undo = [
      this.desk.store.on(["list", "signs", "counts", "link"], () => {
        draw();
        more();
      }),
      this.desk.store.on(["people", "me"], () => {
        this.#version++;
        draw();
      }),
      () => clearInterval(minute),
      onAct(this, {
        drawer: () => this.desk.openDrawer(),
        compose: () => this.desk.run("compose"),
        sort: () => this.desk.run("sort"),
        again: () => void this.desk.store.list.load(),
        "more-again": () => void this.desk.store.list.more(),
        "show-all": (target) => this.desk.go(target.dataset.view ?? "open"),
      }),
    ];
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
    this.querySelector(`[data-id="${CSS.escape(id)}"]`)?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Row} row */
  #row(row) {
    const { store } = this.desk;
    const typing = store.typingIn(row.id);
    const viewers = store.viewersOf(row.id);
    const on = store.current === row.id || (store.current === "" && store.wanted === row.number);
    const marked = this.desk.marked === row.id;
    const signs = `${this.#version}${on}${marked}${typing[0]?.name ?? ""}|${viewers}`;
    const drawn = this.#drawn.get(row.id);
    if (drawn && drawn.row === row && drawn.signs === signs) return drawn.markup;
    const markup = this.#rowHtml(row, on, marked, typing, viewers);
    this.#drawn.set(row.id, { row, signs, markup });
    return markup;
  }

  /** @param {Row} row @param {boolean} on @param {boolean} marked @param {import("./types.js").Typing[]} typing @param {string[]} viewers */
  #rowHtml(row, on, marked, typing, viewers) {
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
    return html`<a class="row ${on ? "is-on" : ""} ${marked ? "is-marked" : ""} ${fresh ? "is-new" : ""}" href="${routeTo(store.view, row.number)}" data-id="${row.id}" ${on ? html`aria-current="true"` : ""}>
      ${contactFace(row)}
      <span class="row-name"><b>${nameOf(row.contact)}</b>${row.priority > 0 ? html`<span class="flag" title="${t("desk.priority_high")}">${icon("flag", "xs")}</span>` : ""}</span>
      <span class="when" title="${title}">${icon(channelIcon(row.channel), "xs")}<span class="quiet">${channelName(row.channel)}, </span><span class="num ${press}">${when}</span></span>
      <span class="line">${draft ? html`<span class="row-draft">${t("desk.draft")}</span> ${draft.text}` : html`${store.drafts.has(row.id) ? html`<span class="row-draft">${t("desk.draft")}</span> ` : ""}${row.preview_kind === "note" ? html`<span class="row-kind">${t("desk.note")}</span> ` : row.preview_kind === "outgoing" ? html`<span class="row-kind">${icon("reply", "xs")}</span> ` : ""}${lineOf(row)}`}</span>
      <span class="foot">${row.tags.slice(0, most).map((id) => tagChip(store.tags.get(id)))}${row.tags.length > most ? html`<span class="tag">+${count(row.tags.length - most)}</span>` : ""}${row.rating ? stars(row.rating) : ""}${sign}<span class="row-end">${assignee && store.view !== "mine" ? html`<span title="${t("desk.assigned_to", { name: assignee.name })}">${face(assignee, "xs")}</span>` : ""}${fresh ? html`<span class="dot"><span class="quiet">${t("desk.unread")}</span></span>` : ""}</span></span>
    </a>`;
  }

  #empty() {
    const { store } = this.desk;
    const view = store.view.startsWith("channel:") ? "channel" : store.view;
    const more = view === "unassigned" || view === "mine";
    return blank(view === "unassigned" ? "sun" : view === "mine" ? "me" : "inbox", t(`desk.empty_${view}`), t(`desk.empty_${view}_hint`), more ? html`<button class="btn" type="button" data-act="show-all" data-view="${view === "mine" ? "unassigned" : "open"}">${view === "mine" ? t("desk.go_unassigned") : t("desk.go_open")}</button>` : "");
  }

  #render() {
    const { store } = this.desk;
    const list = store.list;
    const counts = /** @type {Record<string, any>} */ (store.counts);
    const total = store.view.startsWith("channel:") ? counts.channels?.[store.view.slice(8)] : counts[store.view];
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
      html`<h1>${viewName(store.view)}${total > 0 ? html`<span class="num">${count(total)}</span>` : ""}</h1>
        <button class="link" type="button" data-act="sort" title="${t("desk.sort_by")}">${icon("sort", "s")}${t(`desk.sort_${store.sort}`)}</button>`,
    );
    const rows = list.items;
    if (this.#current !== store.view + store.current) {
      // A conversation that was left may have a draft now.
      this.#current = store.view + store.current;
      this.#version++;
      if (this.#drawn.size > 2_000) this.#drawn.clear();
    }
    renderEach(this.#part("rows-items"), rows, (row) => row.id, (row) => this.#row(store.rows.get(row.id) ?? row));
    const end = this.#part("rows-end");
    if (list.state === "loading" || list.state === "new") {
      render(end, rows.length ? html`` : html`${Array.from({ length: 7 }, (_, i) => html`<div class="row row-wait" aria-hidden="true" data-key="${i}"><span class="face skeleton"></span><span class="skeleton bar-a"></span><span class="skeleton bar-b"></span></div>`)}`);
    } else if (list.state === "error") {
      render(end, blank("cloud-off", t("desk.list_failed"), sentence(list.error), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`));
    } else if (rows.length === 0) {
      render(end, this.#empty());
    } else if (list.moreFailed) {
      render(end, html`<div class="rows-more">${t("desk.more_failed")} <button class="link" type="button" data-act="more-again">${t("common.retry")}</button></div>`);
    } else {
      render(end, list.next ? html`<div class="rows-more"><span class="skeleton bar-b"></span></div>` : html``);
    }
  }
}
customElements.define("desk-list", DeskList);

export class DeskViews extends HTMLElement {
  /** @type {import("./app.js").Desk} */
  desk = /** @type {any} */ (null);
  /** @type {(() => void)[]} */
  #undo = [];

  connectedCallback() {
    this.className = "views";
    this.setAttribute("role", "navigation");
    const draw = () => this.#render();
    this.#undo = [
      this.desk.store.on(["counts", "list", "me", "people", "link"], draw),
      onAct(this, {
        me: (target) => this.desk.run("me", target),
        go: () => this.desk.closeDrawer(),
        palette: () => this.desk.run("palette"),
        trouble: () => this.desk.run("mailboxes"),
      }),
    ];
    draw();
  }

  disconnectedCallback() {
    for (const undo of this.#undo.splice(0)) undo();
  }

  /** @param {string} view @param {number} n */
  #view(view, n) {
    const on = this.desk.store.view === view;
    return html`<a class="view ${on ? "is-on" : ""}" href="${routeTo(view)}" data-act="go" data-key="${view}" ${on ? html`aria-current="page"` : ""} title="${viewName(view)}">
      ${icon(viewIcon(view))}<span class="view-name">${viewName(view)}</span>${n > 0 ? html`<span class="n num">${count(n)}</span>` : ""}</a>`;
  }

  #render() {
    const { store } = this.desk;
    const { counts, me, boot } = store;
    /** @type {Record<string, number>} */
    const n = { ...counts, solved: 0, channels: 0 };
    const channels = Object.keys(counts.channels ?? {}).sort((a, b) => ["chat", "email", "portal"].indexOf(a) - ["chat", "email", "portal"].indexOf(b));
    this.setAttribute("aria-label", t("desk.views"));
    const mine = store.agents.get(me.id) ?? me;
    render(
      this,
      html`<div class="brand">${boot.shop.logo ? html`<img class="brand-logo" src="${boot.shop.logo}" alt="">` : html`<i>${[...boot.shop.name.trim()][0] ?? ""}</i>`}<span class="brand-name">${boot.shop.name}</span></div>
        ${VIEWS.map((view) => this.#view(view, n[view] ?? 0))}
        <h2 class="head">${t("desk.channels")}</h2>
        ${channels.map((channel) => this.#view(`channel:${channel}`, counts.channels[channel] ?? 0))}
        <h2 class="head">${t("desk.aside")}</h2>
        ${ASIDE.map((view) => this.#view(view, n[view] ?? 0))}
        <div class="views-foot">
          ${store.trouble ? html`<button class="view ill ${store.trouble.mild ? "is-mild" : ""}" type="button" data-act="trouble" title="${store.trouble.title}: ${store.trouble.text}">${icon("alert")}<span class="view-name">${store.trouble.title}<small>${store.trouble.text}</small></span></button>` : ""}
          <button class="view" type="button" data-act="palette" title="${t("desk.palette")}">${icon("command")}<span class="view-name">${t("desk.palette")}</span><kbd class="n">Ctrl K</kbd></button>
          <button class="view me" type="button" data-act="me" aria-haspopup="menu" title="${me.name}">${face(mine, "s", me.availability)}<span class="view-name">${me.name}<small>${t(`desk.availability_${me.availability}`)}</small></span>${icon("updown", "s")}</button>
        </div>`,
    );
    this.dataset.link = store.link;
  }
}
customElements.define("desk-views", DeskViews);
