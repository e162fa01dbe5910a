/** One flow of the bot: its steps, and beside them the bot itself to try it. */
import { sentence } from "../shared/api.js";
import { flag, html, icon, onAct, render } from "../shared/html.js";
import { currentLanguage, t } from "../shared/i18n.js";
import { openArea } from "./articles.js";
import { freshId, put, rename } from "./botsteps.js";
import { priorityName } from "./logic.js";

/**
 * @typedef {Record<string, string>} Words
 * @typedef {{id: string, kind: string, text?: Words, buttons?: {text: Words, next: string}[], next?: string, save?: string, when?: {language?: string, office?: string, page?: string, contact?: string},
 *   then?: string, else?: string, article?: string, agent?: string, tag?: string, priority?: number}} Step
 * @typedef {{me: boolean, text: string}} Line
 */

const KINDS = ["say", "ask", "if", "article", "tag", "hand_over"];
const EMPTY = { say: { text: {} }, ask: { text: {}, save: "note" }, if: { when: {} }, article: {}, tag: {}, hand_over: { text: {} } };

/**
 * @param {import("./app.js").Desk} desk @param {import("./bot.js").Flow | null} flow
 * @param {{fields: string[], languages: string[], done: () => unknown}} options
 * @param {string} [saved] what of it is saved, if that is not the flow
 */
export async function openFlow(desk, flow, { fields, languages, done }, saved) {
  const { api, store } = desk;
  const { area, close: shut } = await openArea(desk, t("bot.tab_flows"));
  area.classList.add("is-bot", "is-flow");
  /** @type {Step[]} */
  const steps = structuredClone(flow?.steps ?? []);
  const made = { id: flow?.id ?? "", name: flow?.name ?? "", active: flow?.active ?? false, page: flow?.page ?? "" };
  /** @type {{group: string, title: string}[]} */
  let articles = [];
  /** @type {Line[]} */
  let lines = [];
  /** @type {string[]} */
  let choices = [];
  /** @type {{step: string, text: string}[]} */
  let faults = [];
  /** @type {any} */
  let session = {};
  const env = { language: currentLanguage(), open: true, page: "", known: false };
  let turn = 0;
  let timer = 0;
  const written = () => JSON.stringify([made.name, made.active, made.page, steps]);
  let kept = saved ?? written();

  const close = () => {
    clearTimeout(timer);
    shut();
    void done();
    if (written() === kept) return;
    const lost = { ...made, sort: flow?.sort ?? 100, steps };
    desk.toast(t("bot.flow_left"), { act: t("bot.flow_left_back"), run: () => void openFlow(desk, lost, { fields, languages, done }, kept) });
  };
  const options = (/** @type {[string, string][]} */ list, /** @type {string | undefined} */ value) => html`${list.map(([id, label]) => html`<option value="${id}"${flag("selected", id === (value ?? ""))}>${label}</option>`)}`;
  const lang = (/** @type {string} */ id) => t(`bot.lang_${id}`);
  const pick = (/** @type {number} */ at, /** @type {string} */ path, /** @type {string} */ label, /** @type {[string, string][]} */ list, /** @type {string | undefined} */ value) =>
    html`<label class="field"><span>${label}</span><select data-at="${at}" data-path="${path}">${options(list, value)}</select></label>`;
  const next = (/** @type {number} */ at, /** @type {string} */ path, /** @type {string | undefined} */ value, end = false) =>
    pick(at, path, t(path === "else" ? "bot.else" : "bot.then"), [["", t(end ? "bot.listens" : "bot.choose_step")], ...steps.filter(({ id }) => id !== steps[at].id).map(({ id }) => /** @type {[string, string]} */ ([id, id]))], value);
  const words = (/** @type {number} */ at, /** @type {string} */ path, /** @type {Words | undefined} */ text, /** @type {string} */ key, long = true) =>
    html`<div class="bot-two">${languages.map((id) => html`<label class="field"><span>${t(key, { lang: lang(id) })}</span>${long ? html`<textarea data-at="${at}" data-path="${path}.${id}" lang="${id}" rows="2" maxlength="1000">${text?.[id] ?? ""}</textarea>` : html`<input data-at="${at}" data-path="${path}.${id}" lang="${id}" value="${text?.[id] ?? ""}" maxlength="40" autocomplete="off">`}</label>`)}</div>`;

  /** @param {Step} step @param {number} at */
  const inside = (step, at) => {
    const tags = /** @type {[string, string][]} */ ([["", t("bot.no_tag")], ...store.boot.tags.map((/** @type {{id: string, name: string}} */ one) => [one.id, one.name])]);
    switch (step.kind) {
      case "say":
        return html`${words(at, "text", step.text, "bot.text_in")}
          ${(step.buttons ?? []).map((button, i) => html`<div class="bot-button">${words(at, `buttons.${i}.text`, button.text, "bot.button_in", false)}<div class="bot-lead">${next(at, `buttons.${i}.next`, button.next)}<button class="tool" type="button" data-act="unbutton" data-at="${at}" data-i="${i}" aria-label="${t("bot.button_remove")}">${icon("close", "s")}</button></div></div>`)}
          <div class="bot-lead"><button class="btn" type="button" data-act="button" data-at="${at}">${icon("plus", "s")}${t("bot.button_add")}</button>${step.buttons?.length ? "" : next(at, "next", step.next, true)}</div>`;
      case "ask":
        return html`${words(at, "text", step.text, "bot.text_in")}<div class="bot-two">${pick(at, "save", t("bot.save_as"), [...["note", "name", "email", "phone"].map((id) => /** @type {[string, string]} */ ([id, t(`bot.save_${id}`)])), ...fields.map((id) => /** @type {[string, string]} */ ([`field:${id}`, t("bot.save_field", { name: id })]))], step.save)}${next(at, "next", step.next)}</div>`;
      case "if":
        return html`<div class="bot-two">${pick(at, "when.language", t("bot.when_language"), [["", t("bot.any")], ...languages.map((id) => /** @type {[string, string]} */ ([id, lang(id)]))], step.when?.language)}
          ${pick(at, "when.office", t("bot.when_office"), [["", t("bot.any")], ["open", t("bot.when_open")], ["closed", t("bot.when_closed")]], step.when?.office)}
          ${pick(at, "when.contact", t("bot.when_contact"), [["", t("bot.any")], ["known", t("bot.when_known")], ["unknown", t("bot.when_unknown")]], step.when?.contact)}
          <label class="field"><span>${t("bot.when_page")}</span><input data-at="${at}" data-path="when.page" value="${step.when?.page ?? ""}" placeholder="/cart" autocomplete="off"></label></div>
          <div class="bot-two">${next(at, "then", step.then)}${next(at, "else", step.else)}</div>`;
      case "article":
        return html`<div class="bot-two">${pick(at, "article", t("bot.article"), [["", "…"], ...articles.map((one) => /** @type {[string, string]} */ ([one.group, one.title]))], step.article)}${next(at, "next", step.next, true)}</div>`;
      case "tag":
        return html`<div class="bot-two">${pick(at, "tag", t("bot.tag"), tags, step.tag)}${next(at, "next", step.next)}</div>`;
      default:
        return html`${words(at, "text", step.text, "bot.text_in")}<div class="bot-three">${pick(at, "agent", t("bot.agent"), [["", t("bot.anybody")], ...store.boot.agents.map((/** @type {{id: string, name: string}} */ one) => /** @type {[string, string]} */ ([one.id, one.name]))], step.agent)}${pick(at, "tag", t("bot.tag"), tags, step.tag)}
          ${pick(at, "priority", t("bot.priority"), [["", t("bot.priority_keep")], ...[-1, 0, 1, 2].map((n) => /** @type {[string, string]} */ ([String(n), priorityName(n)]))], step.priority === undefined ? "" : String(step.priority))}</div>`;
    }
  };

  const draw = () => {
    if (!area.isConnected) return;
    render(area, html`<header class="area-head"><button class="tool" type="button" data-act="close" aria-label="${t("common.close")}">${icon("back")}</button><h2>${made.name || t("bot.flow_new")}</h2>
        ${made.id ? html`<button class="btn" type="button" data-act="delete">${t("bot.flow_delete")}</button>` : ""}<button class="btn go" type="button" data-act="save">${t("common.save")}</button></header>
      <div class="flow-panes"><div class="flow-steps">
        <div class="flow-head"><label class="field"><span>${t("bot.flow_name")}</span><input name="name" value="${made.name}" maxlength="120" required autocomplete="off"></label>
          <label class="field"><span>${t("bot.flow_page")}</span><input name="page" value="${made.page}" maxlength="200" placeholder="/cart" autocomplete="off"><small>${t("bot.flow_page_hint")}</small></label>
          <label class="switch"><span><b>${t("bot.flow_active")}</b></span><input type="checkbox" role="switch" name="active" ${flag("checked", made.active)}></label></div>
        <p class="form-bad" role="alert" ${flag("hidden", !faults.length)}>${faults.length ? t("bot.faults", { n: faults.length }) : ""}</p>
        <ol class="flow-list">${steps.map((step, at) => html`<li class="flow-step ${faults.some((one) => one.step === step.id) ? "is-bad" : ""}" data-key="s-${at}-${step.kind}">
          <header><span class="flow-n num">${at + 1}</span><b>${t(`bot.kind_${step.kind}`)}</b><input class="flow-id" data-at="${at}" data-path="id" value="${step.id}" aria-label="${t("bot.step_id")}" maxlength="40" autocomplete="off"><button class="tool" type="button" data-act="remove" data-at="${at}" aria-label="${t("bot.step_remove", { id: step.id })}">${icon("trash", "s")}</button></header>
          ${inside(step, at)}
          ${faults.filter((one) => one.step === step.id).map((one) => html`<p class="flow-fault">${icon("alert", "s")}${one.text}</p>`)}</li>`)}</ol>
        <div class="flow-add" role="group" aria-label="${t("bot.step_add")}">${KINDS.map((kind) => html`<button class="btn" type="button" data-act="add" data-kind="${kind}">${icon("plus", "s")}${t(`bot.kind_${kind}`)}</button>`)}</div>
      </div>
      <aside class="flow-try" aria-label="${t("bot.preview")}"><header><h3>${t("bot.preview")}</h3><button class="btn" type="button" data-act="begin">${icon("undo", "s")}${t("bot.preview_again")}</button></header>
        <div class="flow-env">${languages.map((id) => html`<label class="check"><input type="radio" name="env_language" value="${id}" ${flag("checked", env.language === id)}>${lang(id)}</label>`)}<label class="check"><input type="checkbox" name="env_open" ${flag("checked", env.open)}>${t("bot.when_office")}: ${t("bot.when_open")}</label><label class="check"><input type="checkbox" name="env_known" ${flag("checked", env.known)}>${t("bot.when_contact")}: ${t("bot.when_known")}</label></div>
        <div class="flow-talk" role="log">${lines.map((line, i) => html`<p class="flow-line ${line.me ? "is-me" : ""} ${line.text.startsWith("→") ? "is-done" : ""}" data-key="l-${i}" dir="auto">${line.text}</p>`)}</div>
        <div class="flow-choices">${choices.map((label) => html`<button type="button" data-act="choose" data-label="${label}">${label}</button>`)}</div>
        <form class="flow-write"><input name="write" placeholder="${t("bot.preview_write")}" aria-label="${t("bot.preview_write")}" autocomplete="off" maxlength="2000"><button class="btn go" type="submit" aria-label="${t("desk.send")}">${icon("next", "s")}</button></form>
        <p class="field-hint">${t("bot.preview_hint")}</p></aside></div>`);
    const talk = area.querySelector(".flow-talk");
    if (talk) talk.scrollTop = talk.scrollHeight;
  };

  /** @param {string} text what the visitor writes, "" opens the widget */
  const run = async (text) => {
    const mine = ++turn;
    try {
      const answer = await api.post("/api/desk/bot/preview", { steps, text, session: text ? session : {}, env });
      if (mine !== turn) return;
      if (!text) lines = [];
      faults = answer.faults;
      session = answer.session;
      choices = answer.choices;
      lines.push(...answer.says.map((/** @type {string} */ one) => ({ me: false, text: one })), ...answer.done.map((/** @type {string} */ one) => ({ me: false, text: `→ ${one}` })));
    } catch (error) {
      desk.toast(sentence(error), { bad: true });
    }
    draw();
  };
  const write = (/** @type {string} */ text) => {
    if (!text.trim()) return;
    lines.push({ me: true, text });
    choices = [];
    draw();
    void run(text);
  };
  const changed = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void run(""), 400);
  };

  area.addEventListener("input", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
    const { at, path } = field.dataset;
    if (at !== undefined && path && path !== "id") {
      put(steps[Number(at)], path, field.value);
      changed();
    } else if (field.name === "name" || field.name === "page") made[field.name] = field.value;
  });
  area.addEventListener("change", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) return;
    const { at, path } = field.dataset;
    if (path === "id" && at !== undefined) {
      rename(steps, steps[Number(at)].id, field.value.trim());
      void run("");
    } else if (path && at !== undefined && field instanceof HTMLSelectElement) {
      put(steps[Number(at)], path, path === "priority" && field.value !== "" ? Number(field.value) : field.value);
      void run("");
    } else if (field instanceof HTMLInputElement && field.name === "active") made.active = field.checked;
    else if (field instanceof HTMLInputElement && field.name.startsWith("env_")) {
      if (field.name === "env_language") env.language = field.value;
      else env[field.name === "env_open" ? "open" : "known"] = field.checked;
      void run("");
    }
  });
  area.addEventListener("submit", (event) => {
    event.preventDefault();
    const field = /** @type {HTMLInputElement} */ (area.querySelector("[name=write]"));
    const text = field.value;
    field.value = "";
    write(text);
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) close();
  });
  onAct(area, {
    close,
    begin: () => void run(""),
    choose: (target) => write(target.dataset.label ?? ""),
    add: (target) => {
      const kind = target.dataset.kind ?? "say";
      steps.push({ id: freshId(steps, kind), kind, ...structuredClone(EMPTY[/** @type {"say"} */ (kind)]) });
      void run("");
    },
    remove: (target) => {
      steps.splice(Number(target.dataset.at), 1);
      void run("");
    },
    button: (target) => {
      const step = steps[Number(target.dataset.at)];
      step.buttons = [...(step.buttons ?? []), { text: {}, next: "" }];
      delete step.next;
      void run("");
    },
    unbutton: (target) => {
      const step = steps[Number(target.dataset.at)];
      step.buttons?.splice(Number(target.dataset.i), 1);
      if (!step.buttons?.length) delete step.buttons;
      void run("");
    },
    save: async () => {
      const body = { name: made.name.trim() || t("bot.flow_new"), page: made.page.trim(), active: made.active, steps };
      try {
        const row = await (made.id ? api.patch(`/api/collections/bot_flows/records/${made.id}`, body) : api.post("/api/collections/bot_flows/records", { ...body, sort: 100 }));
        made.id = row.id;
        kept = written();
        desk.toast(t("bot.saved"));
        close();
      } catch (error) {
        desk.toast(sentence(error), { bad: true });
        void run("");
      }
    },
    delete: async () => {
      try {
        await api.delete(`/api/collections/bot_flows/records/${made.id}`);
        const { id: _gone, ...body } = { ...made, steps };
        desk.toast(t("bot.flow_deleted", { name: made.name }), { act: t("common.undo"), run: () => void api.post("/api/collections/bot_flows/records", { ...body, sort: flow?.sort ?? 100 }).then(done, (error) => desk.toast(sentence(error), { bad: true })) });
        kept = written();
        close();
      } catch (error) {
        desk.toast(sentence(error), { bad: true });
      }
    },
  });
  draw();
  try {
    const { articles: rows } = await api.get("/api/desk/articles?status=published&internal=0");
    const seen = new Set();
    articles = rows.filter((/** @type {{group: string}} */ row) => !seen.has(row.group) && seen.add(row.group));
  } catch (error) {
    desk.toast(sentence(error), { bad: true });
  }
  await run("");
}
