/** The help centre's articles: what there is, what is missing, and the way to each. */
import { sentence, withQuery } from "../shared/api.js";
import { age, count, full } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, currentLanguage, LANGUAGES, t } from "../shared/i18n.js";
import { blank, loadStyle } from "./parts.js";
import { waitLines } from "./sheet.js";

/**
 * @typedef {{id: string, group: string, language: string, slug: string, title: string, summary: string, category: string, status: "draft" | "published", internal: boolean,
 *   position: number, views: number, up: number, down: number, edited: boolean, by: string, published_at: string, updated: string, url: string}} Row
 * @typedef {{id: string, slug: string, titles: Record<string, string>, summaries: Record<string, string>, icon: string, position: number}} Category
 * @typedef {{id: string, text: string, language: string, count: number, last_at: string}} Miss
 * @typedef {{articles: Row[], categories: Category[], misses: Miss[]}} Library
 */

/** @param {Record<string, string>} words */
export function inMyLanguage(words) {
  return words[currentLanguage()] || Object.values(words).find(Boolean) || "";
}

/**
 * The articles of one line: those that say the same in different languages.
 * @param {Row[]} rows @param {string} lang the language that leads
 * @returns {Row[][]}
 */
export function byGroup(rows, lang) {
  /** @type {Map<string, Row[]>} */
  const groups = new Map();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  return [...groups.values()].map((group) => group.sort((a, b) => Number(b.language === lang) - Number(a.language === lang)));
}

/**
 * Opens something over the whole desk; the desk's keys rest meanwhile.
 * @param {import("./app.js").Desk} desk @param {string} title @param {() => unknown} [onClose]
 */
export async function openArea(desk, title, onClose) {
  await Promise.all([addTexts("deskmore"), ...["menu", "form", "sheet", "articles"].map(loadStyle)]);
  const back = document.activeElement;
  const area = document.createElement("dialog");
  area.className = "area";
  area.setAttribute("aria-label", title);
  document.body.append(area);
  area.show();
  desk.app.inert = true;
  const close = () => {
    onClose?.();
    desk.app.inert = document.querySelectorAll("dialog.area").length > 1;
    area.remove();
    if (back instanceof HTMLElement && back.isConnected) back.focus({ preventScroll: true });
  };
  return { area, close };
}

/** @param {import("./app.js").Desk} desk */
export async function openArticles(desk) {
  await addTexts("deskmore");
  const { api } = desk;
  const { area, close } = await openArea(desk, t("deskmore.articles"));
  const lang = currentLanguage();
  /** @type {Library | null} */
  let library = null;
  /** @type {unknown} */
  let failure = null;
  const filter = { q: "", show: "all", language: "", category: "" };
  /** @type {Set<string>} */
  const marked = new Set();
  let turn = 0;

  const load = async () => {
    const mine = ++turn;
    const query = { q: filter.q, language: filter.language, category: filter.category, status: filter.show === "draft" || filter.show === "published"
      ? filter.show : "", internal: filter.show === "internal" ? "1" : "" };
    try {
      const answer = await api.get(withQuery("/api/desk/articles", query));
      if (mine !== turn) return;
      library = answer;
      failure = null;
    } catch (error) {
      if (mine !== turn) return;
      failure = error;
    }
    draw();
  };

  /** @param {Row[]} group @param {number} at @param {number} last */
  const line = (group, at, last) => {
    const [row] = group;
    const movable = filter.category !== "" && !filter.q;
    const votes = group.reduce((sum, { up, down }) => ({ up: sum.up + up, down: sum.down + down }), { up: 0, down: 0 });
    return html`<li class="article-row" data-key="${row.group}">
      <input type="checkbox" data-act="mark" data-group="${row.group}" ${marked.has(row.group) ? html`checked` : ""} aria-label="${row.title}">
      <button class="article-open" type="button" data-act="open" data-id="${row.id}"><b lang="${row.language}">${row.title}</b><small>${row.summary}</small></button>
      <span class="article-marks">${row.internal ? html`<span class="mark is-note">${t("deskmore.article_internal")}</span>`
        : ""}${group.some(({ edited }) => edited) ? html`<span class="mark">${t("deskmore.article_edited")}</span>` : ""}
        ${group.map((other) => html`<button class="mark ${other.status === "published" ? "is-good" : ""}" type="button" data-act="open"
          data-id="${other.id}" title="${LANGUAGES[other.language] ?? other.language}: ${t(`deskmore.article_${other.status}`)}">${other.language.toUpperCase()}</button>`)}</span>
      <span class="article-counts num">${icon("eye", "s")}${count(group.reduce((sum, { views }) => sum + views, 0))}${votes.up + votes.down
        ? html` · ${t("deskmore.article_votes", { up: votes.up, down: votes.down })}` : ""}</span>
      <time title="${full(row.updated)}">${age(row.updated)}</time>
      ${movable ? html`<span class="article-moves"><button class="tool" type="button" data-act="up" data-at="${at}" ${at === 0 ? html`disabled` : ""}
        aria-label="${t("deskmore.move_up")}">↑</button><button class="tool" type="button" data-act="down" data-at="${at}" ${at === last
        ? html`disabled` : ""} aria-label="${t("deskmore.move_down")}">↓</button></span>` : ""}
    </li>`;
  };

  const misses = () => html`<ul class="misses">${(library?.misses ?? []).map((miss) =>
    html`<li data-key="${miss.id}"><b class="num">${count(miss.count)}</b><span lang="${miss.language}">${miss.text}
    <small>${age(miss.last_at)}</small></span><button class="btn" type="button" data-act="write"
    data-id="${miss.id}">${t("deskmore.miss_write")}</button><button class="tool" type="button" data-act="forget" data-id="${miss.id}"
    aria-label="${t("deskmore.miss_forget")}">${icon("close", "s")}</button></li>`)}</ul>`;

  const main = () => {
    if (failure) return blank("alert", t("deskmore.articles_failed"), sentence(failure),
      html`<button class="btn" type="button" data-act="retry">${t("common.retry")}</button>`);
    if (!library) return waitLines(8);
    if (filter.show === "misses") return library.misses.length ? misses() : blank("find", t("deskmore.misses_none"), t("deskmore.misses_none_hint"));
    const groups = byGroup(library.articles, lang);
    const searched = filter.q || filter.show !== "all" || filter.language || filter.category;
    if (!groups.length && searched) return blank("find", t("deskmore.articles_none_found"), t("deskmore.articles_none_found_hint"));
    if (!groups.length) return blank("text", t("deskmore.articles_none"), t("deskmore.articles_none_hint"),
      html`<p class="blank-acts"><button class="btn go" type="button" data-act="sample">${t("deskmore.articles_sample")}</button><button class="btn"
      type="button" data-act="new">${t("deskmore.article_new")}</button></p>`);
    return html`<ul class="article-list">${groups.map((group, i) => line(group, i, groups.length - 1))}</ul>`;
  };

  const bulk = () => (marked.size ? html`<div class="art-bulk" role="toolbar"
    aria-label="${t("deskmore.articles_marked", { n: marked.size })}"><span>${t("deskmore.articles_marked", { n: marked.size })}</span>${["publish",
    "unpublish", "internal", "public"].map((act) => html`<button class="btn" type="button" data-act="bulk"
    data-do="${act}">${t(`deskmore.article_do_${act}`)}</button>`)}<select data-bulk-category aria-label="${t("deskmore.article_category")}">
    <option value="">${t("deskmore.article_category")}…</option>${(library?.categories ?? []).map((category) =>
    html`<option value="${category.id}">${inMyLanguage(category.titles)}</option>`)}</select>${desk.store.me.role === "owner"
    ? html`<button class="btn" type="button" data-act="bulk" data-do="delete">${t("deskmore.article_delete")}</button>` : ""}</div>` : "");

  const draw = () => {
    const tabs = ["all", "published", "draft", "internal", "misses"];
    render(area, html`<header class="area-head"><button class="tool" type="button" data-act="close"
      aria-label="${t("common.close")}">${icon("back")}</button>
      <h2>${t("deskmore.articles")}</h2>${desk.store.me.role === "owner"
      ? html`<button class="btn" type="button" data-act="synonyms">${icon("find", "s")}<span>${t("deskmore.synonyms")}</span></button>` : ""}<a
      class="btn" href="/help/${lang}/" target="_blank" rel="noopener">${icon("globe", "s")}<span>${t("deskmore.articles_see")}</span></a><button
      class="btn go" type="button" data-act="new">${icon("plus", "s")}<span>${t("deskmore.article_new")}</span></button></header>
      <div class="area-bar"><label class="area-find">${icon("find", "s")}<input type="search" name="q" value="${filter.q}"
        placeholder="${t("deskmore.articles_find")}" aria-label="${t("deskmore.articles_find")}"></label>
        <div class="area-tabs" role="group">${tabs.map((tab) =>
          html`<button type="button" class="${filter.show === tab ? "is-on" : ""}" data-act="show" data-show="${tab}"
          aria-pressed="${filter.show === tab}">${t(`deskmore.articles_${tab}`)}${tab === "misses" && library?.misses.length
          ? html` <span class="num">${count(library.misses.length)}</span>` : ""}</button>`)}</div>
        <select name="category" aria-label="${t("deskmore.article_category")}">
          <option value="">${t("deskmore.articles_every_category")}</option>${(library?.categories ?? []).map((category) =>
          html`<option value="${category.id}" ${filter.category === category.id ? html`selected` : ""}>${inMyLanguage(category.titles)}</option>`)}
          <option value="none" ${filter.category === "none" ? html`selected` : ""}>${t("deskmore.articles_no_category")}</option></select>
        <select name="language" aria-label="${t("desk.language")}">
          <option value="">${t("deskmore.articles_every_language")}</option>${Object.entries(LANGUAGES).map(([id, label]) =>
          html`<option value="${id}" ${filter.language === id ? html`selected` : ""}>${label}</option>`)}</select>
      </div>${bulk()}<div class="area-main">${main()}</div>`);
  };

  /** @param {string} id @param {{title?: string, language?: string}} [fresh] */
  const edit = async (id, fresh) => (await import("./article.js")).openArticle(desk, id, { fresh, categories: library?.categories ?? [], done: load });
  /** @param {string} act @param {Record<string, unknown>} [more] */
  const doBulk = async (act, more = {}) => {
    const ids = (library?.articles ?? []).filter(({ group }) => marked.has(group)).map(({ id }) => id);
    try {
      await api.post("/api/desk/articles/bulk", { ids, do: act, ...more });
      marked.clear();
      desk.toast(t("deskmore.articles_done", { n: ids.length }));
    } catch (error) {
      desk.toast(sentence(error), { bad: true });
    }
    await load();
  };
  /** Deleting waits for the way back. */
  const remove = () => {
    const gone = new Set(marked);
    const ids = (library?.articles ?? []).filter(({ group }) => gone.has(group)).map(({ id }) => id);
    if (library) library.articles = library.articles.filter(({ group }) => !gone.has(group));
    marked.clear();
    draw();
    const timer = window.setTimeout(() => void api.post("/api/desk/articles/bulk", { ids, do: "delete" }).catch((error) =>
      desk.toast(sentence(error), { bad: true })).then(() => (area.isConnected ? load() : undefined)), 6_000);
    desk.toast(t("deskmore.articles_deleted", { n: ids.length }), {
      act: t("common.undo"),
      run: () => {
        clearTimeout(timer);
        void load();
      },
    });
  };
  /** @param {number} at @param {number} by */
  const move = async (at, by) => {
    const groups = byGroup(library?.articles ?? [], lang);
    [groups[at], groups[at + by]] = [groups[at + by], groups[at]];
    if (library) library.articles = groups.flat();
    draw();
    try {
      await api.post("/api/desk/articles/bulk", { ids: groups.map(([row]) => row.id), do: "order" });
    } catch (error) {
      desk.toast(sentence(error), { bad: true });
      await load();
    }
  };

  let wait = 0;
  area.addEventListener("input", (event) => {
    if (!(event.target instanceof HTMLInputElement) || event.target.name !== "q") return;
    filter.q = event.target.value;
    clearTimeout(wait);
    wait = window.setTimeout(load, 200);
  });
  area.addEventListener("change", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLSelectElement)) return;
    if (field.matches("[data-bulk-category]")) {
      if (field.value) void doBulk("category", { category: field.value });
      return;
    }
    if (field.name === "category") filter.category = field.value;
    if (field.name === "language") filter.language = field.value;
    void load();
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) close();
  });
  onAct(area, {
    close,
    retry: () => {
      failure = null;
      draw();
      void load();
    },
    new: () => void edit(""),
    synonyms: () => void import("./synonyms.js").then(({ openSynonyms }) => openSynonyms(desk)).catch((error) => desk.toast(sentence(error), { bad: true })),
    open: (target) => void edit(target.dataset.id ?? ""),
    show: (target) => {
      filter.show = target.dataset.show ?? "all";
      void load();
    },
    mark: (target) => {
      const group = target.dataset.group ?? "";
      if (!marked.delete(group)) marked.add(group);
      draw();
    },
    bulk: (target) => (target.dataset.do === "delete" ? remove() : void doBulk(target.dataset.do ?? "")),
    up: (target) => void move(Number(target.dataset.at), -1),
    down: (target) => void move(Number(target.dataset.at), 1),
    sample: async (target) => {
      target.setAttribute("disabled", "");
      try {
        const { articles } = await api.post("/api/desk/articles/sample");
        desk.toast(t("deskmore.articles_sampled", { n: articles }));
      } catch (error) {
        desk.toast(sentence(error), { bad: true });
      }
      await load();
    },
    write: (target) => {
      const miss = library?.misses.find(({ id }) => id === target.dataset.id);
      if (miss) void edit("", { title: miss.text, language: miss.language });
    },
    forget: async (target) => {
      try {
        await api.delete(`/api/collections/search_misses/records/${target.dataset.id}`);
      } catch (error) {
        desk.toast(sentence(error), { bad: true });
      }
      await load();
    },
  });
  draw();
  await load();
  /** @type {HTMLElement | null} */ (area.querySelector("[name=q]"))?.focus();
}

/**
 * Public articles for whoever writes an answer and wants to link to one.
 * @param {import("../shared/api.js").Api} api @param {string} q @param {string} language the customer's @param {AbortSignal} [signal]
 * @returns {Promise<{title: string, url: string, language: string}[]>}
 */
export async function pickArticles(api, q, language, signal) {
  const { articles } = await api.get(withQuery("/api/desk/articles", { pick: 1, q }), { signal });
  /** @type {Row[][]} */
  const groups = byGroup(articles, language);
  return groups.map(([row]) => ({ title: row.title, url: new URL(row.url, location.origin).href, language: row.language }));
}
