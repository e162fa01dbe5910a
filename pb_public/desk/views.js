/** <desk-views>: the shop, the views with their counts, and the person who is signed in. */
import { count } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { routeTo, viewIcon, viewName, VIEWS } from "./logic.js";
import { face } from "./parts.js";

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
        <div class="views-foot">
          <button class="view" type="button" data-act="palette" title="${t("desk.palette")}">${icon("command")}<span class="view-name">${t("desk.palette")}</span><kbd class="n">Ctrl K</kbd></button>
          <button class="view me" type="button" data-act="me" aria-haspopup="menu" title="${me.name}">${face(mine, "s", me.availability)}<span class="view-name">${me.name}<small>${t(`desk.availability_${me.availability}`)}</small></span>${icon("updown", "s")}</button>
        </div>`,
    );
    this.dataset.link = store.link;
  }
}
customElements.define("desk-views", DeskViews);
