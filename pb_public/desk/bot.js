/** The bot: whether it answers, what it could not answer, its flows and the language model. */
import { sentence } from "../shared/api.js";
import { age, count, digits } from "../shared/format.js";
import { flag, html, icon, onAct, render } from "../shared/html.js";
import { addTexts, LANGUAGES, t } from "../shared/i18n.js";
import { openArea } from "./articles.js";
import { articleBody } from "./botsteps.js";
import { blank, loadStyle } from "./parts.js";
import { waitLines } from "./sheet.js";

/**
 * @typedef {{id: string, name: string, active: boolean, page: string, sort: number, steps: import("./botflow.js").Step[]}} Flow
 * @typedef {{bot: any, model: any, has_key: boolean, use: {requests: number, tokens: number}, flows: Flow[], fields: string[], languages: string[]}} Overview
 * @typedef {{id: string, text: string, conversation: string, number: number, searched: boolean, at: string}} Example
 * @typedef {{text: string, language: string, count: number, last: string, ids: string[], examples: Example[], answers: string[]}} Group
 * @typedef {{groups: Group[], answered: {article: string, title: string, count: number, at: string}[]}} Questions
 */

const TABS = ["questions", "settings", "flows", "model"];

/** @param {import("./app.js").Desk} desk @param {string} [first] the tab */
export async function openBot(desk, first = "questions") {
  await Promise.all([addTexts("bot", "deskmore"), loadStyle("bot")]);
  const { api } = desk;
  const { area, close } = await openArea(desk, t("bot.title"));
  area.classList.add("is-bot");
  const owner = desk.store.me.role === "owner";
  let tab = owner ? first : "questions";
  /** @type {Overview | null} */
  let all = null;
  /** @type {Questions | null} */
  let asked = null;
  /** @type {unknown} */
  let failure = null;
  let said = "";

  const load = async () => {
    try {
      [asked, all] = await Promise.all([api.get("/api/desk/bot/questions"), owner ? api.get("/api/desk/bot") : null]);
      failure = null;
    } catch (error) {
      failure = error;
    }
    draw();
  };

  const questions = () => {
    if (!asked) return waitLines(6);
    const { groups, answered } = asked;
    return html`<div class="bot-narrow">
      ${answered.length ? html`<section class="bot-done" aria-label="${t("bot.answered_now")}"><h3>${icon("check", "s")}${t("bot.answered_now")}</h3><ul>${answered.slice(0, 5).map((one) => html`<li data-key="d-${one.article}">${t("bot.answered_by", { title: one.title, n: one.count })} <small>${age(one.at)}</small></li>`)}</ul></section>` : ""}
      ${groups.length ? html`<ul class="bot-groups">${groups.map((group, i) => html`<li class="bot-group" data-key="${group.ids[0]}">
        <b class="bot-count num">${count(group.count)}</b>
        <div class="bot-asked"><h3 lang="${group.language}" dir="auto">${group.text}</h3><small>${t("bot.asked_times", { n: group.count })} · ${age(group.last)}</small>
          <ul class="bot-examples">${group.examples.map((one) => html`<li dir="auto">${one.conversation ? html`<button class="link" type="button" data-act="see" data-id="${one.number}">#${digits(one.number)}</button> ` : ""}${one.text}${one.searched ? html` <small>${t("bot.searched")}</small>` : ""}</li>`)}</ul>
          ${group.answers.length ? html`<details><summary>${t("bot.agents_said")}</summary>${group.answers.map((one) => html`<blockquote dir="auto">${one}</blockquote>`)}</details>` : ""}</div>
        <div class="bot-acts"><button class="btn go" type="button" data-act="write" data-at="${i}">${icon("text", "s")}${t("bot.write_article")}</button><button class="btn" type="button" data-act="dismiss" data-at="${i}">${t("bot.dismiss")}</button></div>
      </li>`)}</ul>` : blank("check", t("bot.questions_none"), t("bot.questions_none_hint"))}</div>`;
  };

  const toggle = (/** @type {string} */ name, /** @type {string} */ hint, /** @type {boolean} */ on) =>
    html`<label class="switch"><span><b>${t(`bot.${name}`)}</b><small>${hint}</small></span><input type="checkbox" role="switch" name="${name}" ${flag("checked", on)}></label>`;

  const settings = () => {
    if (!all) return waitLines(6);
    const { bot, languages } = all;
    return html`<form class="bot-form bot-narrow" data-do="settings">
      ${toggle("enabled", t("bot.enabled_hint"), bot.enabled)}
      <div class="bot-two">${languages.map((lang) => html`<label class="field"><span>${t("bot.name_in", { lang: t(`bot.lang_${lang}`) })}</span><input name="name_${lang}" value="${bot.names?.[lang] ?? ""}" maxlength="40" lang="${lang}" autocomplete="off"></label>`)}</div>
      <hr>${toggle("suggest_portal", t("bot.suggest_hint"), bot.suggest_portal)}${toggle("suggest_mail", t("bot.suggest_hint"), bot.suggest_mail)}
      <p class="form-bad" role="alert" hidden></p><footer><button class="btn go" type="submit">${t("common.save")}</button></footer></form>`;
  };

  const model = () => {
    if (!all) return waitLines(6);
    const { model: llm, use } = all;
    const field = (/** @type {string} */ name, /** @type {string} */ value, type = "text", hint = "") =>
      html`<label class="field"><span>${t(`bot.model_${name}`)}</span><input name="${name}" type="${type}" value="${value}" autocomplete="off" ${type === "number" ? html`inputmode="numeric" min="0"` : ""}>${hint ? html`<small>${hint}</small>` : ""}</label>`;
    return html`<form class="bot-form bot-narrow" data-do="model">
      <p class="field-hint">${t("bot.model_hint")}</p>
      <label class="switch"><span><b>${t("bot.model_on")}</b></span><input type="checkbox" role="switch" name="enabled" ${flag("checked", llm.enabled)}></label>
      ${field("url", llm.url, "text", t("bot.model_url_hint"))}
      <div class="bot-two">${field("name", llm.model)}${field("key", "", "password", all.has_key ? t("bot.model_key_kept") : "")}</div>
      <div class="bot-three">${field("timeout", llm.timeout, "number")}${field("requests", llm.requests, "number")}${field("tokens", llm.tokens, "number")}</div>
      <p class="field-hint num">${t("bot.model_use", { requests: count(use.requests), tokens: count(use.tokens) })}</p>
      <p class="bot-said" role="status">${said}</p>
      <p class="form-bad" role="alert" hidden></p><footer><button class="btn" type="button" data-act="try">${t("bot.model_try")}</button><button class="btn go" type="submit">${t("common.save")}</button></footer></form>`;
  };

  const flows = () => {
    if (!all) return waitLines(6);
    return html`<div class="bot-narrow"><p class="bot-top"><button class="btn go" type="button" data-act="flow">${icon("plus", "s")}${t("bot.flow_new")}</button></p>
      ${all.flows.length ? html`<ul class="article-list">${all.flows.map((one) => html`<li class="article-row" data-key="${one.id}"><button class="article-open" type="button" data-act="flow" data-id="${one.id}"><b>${one.name}</b><small>${one.page || one.steps?.[0]?.text?.[document.documentElement.lang] || ""}</small></button><span class="mark ${one.active ? "is-good" : ""}">${t(one.active ? "bot.flow_active" : "bot.flow_off")}</span></li>`)}</ul>` : blank("chat", t("bot.tab_flows"), t("bot.flow_none"))}</div>`;
  };

  const views = /** @type {Record<string, () => import("../shared/html.js").Html>} */ ({ questions, settings, flows, model });
  const draw = () => {
    if (!area.isConnected) return;
    render(area, html`<header class="area-head"><button class="tool" type="button" data-act="close" aria-label="${t("common.close")}">${icon("back")}</button><h2>${t("bot.title")}</h2></header>
      <div class="area-bar"><div class="area-tabs" role="group">${TABS.filter((name) => owner || name === "questions").map((name) => html`<button type="button" class="${tab === name ? "is-on" : ""}" data-act="tab" data-tab="${name}" aria-pressed="${tab === name ? "true" : "false"}">${t(`bot.tab_${name}`)}${name === "questions" && asked?.groups.length ? html` <span class="num">${count(asked.groups.length)}</span>` : ""}</button>`)}</div></div>
      <div class="area-main">${failure ? blank("alert", t("deskmore.load_failed"), sentence(failure), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`) : views[tab]()}</div>`);
  };

  /** @param {unknown} error */
  const complain = (error) => {
    const bad = /** @type {HTMLElement | null} */ (area.querySelector(".form-bad"));
    if (!bad) return;
    bad.textContent = error ? sentence(error) : "";
    bad.hidden = !error;
  };
  /** @param {HTMLFormElement} form */
  const save = async (form) => {
    if (!all) return false;
    const data = new FormData(form);
    const text = (/** @type {string} */ name) => String(data.get(name) ?? "").trim();
    complain(null);
    try {
      if (form.dataset.do === "settings") {
        const names = Object.fromEntries(all.languages.map((lang) => [lang, text(`name_${lang}`)]));
        await api.patch(`/api/collections/bot/records/${all.bot.id}`, { enabled: data.has("enabled"), names, suggest_portal: data.has("suggest_portal"), suggest_mail: data.has("suggest_mail") });
      } else {
        await api.patch(`/api/collections/language_model/records/${all.model.id}`, { enabled: data.has("enabled"), url: text("url"), model: text("name"), key: text("key"), timeout: Number(text("timeout")), requests: Number(text("requests")), tokens: Number(text("tokens")) });
      }
      await load();
      return true;
    } catch (error) {
      complain(error);
      return false;
    }
  };
  area.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await save(/** @type {HTMLFormElement} */ (event.target))) desk.toast(t("bot.saved"));
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) close();
  });

  onAct(area, {
    close,
    again: () => void load(),
    tab: (target) => {
      tab = target.dataset.tab ?? tab;
      draw();
    },
    see: (target) => {
      close();
      void desk.store.open(Number(target.dataset.id));
    },
    write: async (target) => {
      const group = asked?.groups[Number(target.dataset.at)];
      if (!group) return;
      try {
        const { article } = await api.post("/api/desk/articles", { title: group.text, language: group.language || undefined });
        const body = articleBody(group.answers);
        if (body) await api.patch(`/api/desk/articles/${article.id}`, { seen: article.edit?.at ?? "", edit: { title: group.text, summary: "", body, markdown: "" } });
        const { categories } = await api.get("/api/desk/articles");
        await (await import("./article.js")).openArticle(desk, article.id, { categories, done: load });
      } catch (error) {
        desk.toast(sentence(error), { bad: true });
      }
    },
    dismiss: async (target) => {
      const ids = asked?.groups[Number(target.dataset.at)]?.ids ?? [];
      const move = (/** @type {boolean} */ undo) => api.post("/api/desk/bot/questions/dismiss", { ids, undo }).then(load, (error) => desk.toast(sentence(error), { bad: true }));
      await move(false);
      desk.toast(t("bot.dismissed"), { act: t("common.undo"), run: () => void move(true) });
    },
    try: async () => {
      const form = /** @type {HTMLFormElement} */ (area.querySelector("form"));
      if (!(await save(form))) return;
      try {
        const { ok, text } = await api.post("/api/desk/bot/model/try");
        said = ok ? t("bot.model_said", { text }) : t("bot.model_failed", { why: text });
        await load();
      } catch (error) {
        complain(error);
      }
    },
    flow: async (target) => {
      const flow = all?.flows.find(({ id }) => id === target.dataset.id);
      await (await import("./botflow.js")).openFlow(desk, flow ?? null, { fields: all?.fields ?? [], languages: all?.languages ?? Object.keys(LANGUAGES), done: load });
    },
  });
  draw();
  await load();
}
