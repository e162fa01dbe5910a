/** When, if, then: the list of automations, the editor that reads like a sentence, what one would have done, and what it did. */
import { withQuery } from "../shared/api.js";
import { age, count, digits, full } from "../shared/format.js";
import { html, icon } from "../shared/html.js";
import { has, t } from "../shared/i18n.js";
import { routeTo } from "./logic.js";
import { openMenu } from "./menu.js";
import { blank } from "./parts.js";
import { lineSwitch, Pane, recordPath, select, wordsOf } from "./rules.js";
import {
  ACTIONS, actionFor, actionWords, conditionFor, conditionWords, FIELDS, foundWords, lengthOf, newRule, OPERATORS, personWords, problemsOf, ruleOf,
  inOurWords, ruleWords, SINCE, textsOf, TRIGGERS, valueWords, wordsOf as splitWords } from "./rulewords.js";
import { unknownWords } from "./variables.js";

/**
 * @typedef {import("./rulewords.js").Rule} Rule
 * @typedef {import("./rulewords.js").Condition} Condition
 * @typedef {import("./rulewords.js").Action} Action
 * @typedef {Condition & {found: string[] | null, holds: boolean}} Finding
 * @typedef {Action & {skip?: string, result?: string}} Step
 * @typedef {{number: number, name: string, subject: string, holds: boolean, when: string, why: Finding[], steps: Step[] | null}} Trial
 * @typedef {{id: string, number: number, name: string, subject: string, automation: string, event: string, result: string, why: Finding[], did: Step[], created: string}} Run
 */

/** The name of an automation: those that came with the program speak the reader's language. @param {{id?: string, name: string}} rule */
export function ruleName(rule) {
  const key = `rules.name_${rule.id}`;
  return has(key) && t(`rules.was_${rule.id}`) === rule.name ? t(key) : rule.name;
}

export class AutomationsPane extends Pane {
  /** @type {Rule[]} */
  list = [];
  /** @type {Map<string, string>} */
  mailboxes = new Map();
  /** The one being made or changed. @type {Rule | null} */
  draft = null;
  #before = "";
  #touched = false;
  #saving = "";
  /** @type {{looked: number, holds: number, conversations: Trial[]} | null} */
  trial = null;
  #trying = false;
  /** @type {{of: string, result: string, list: Run[], next: string} | null} */
  log = null;
  /** @type {import("./rulewords.js").Names} */
  names = {
    agents: (id) => this.desk.store.agentName(id) || t("rules.somebody_gone"),
    tags: (id) => this.desk.store.tags.get(id)?.name ?? t("rules.tag_gone"),
    mailboxes: (id) => this.mailboxes.get(id) ?? t("rules.mailbox_gone"),
    canned: (id) => this.desk.store.boot.canned.find((reply) => reply.id === id)?.title ?? t("rules.canned_gone"),
  };

  async fetch() {
    const [list, boxes] = await Promise.all([this.all("automations", "sort,id"), this.all("mailboxes", "address")]);
    this.list = list.map(ruleOf);
    this.mailboxes = new Map(boxes.map((box) => [box.id, box.address]));
  }

  get #problems() {
    return this.draft ? problemsOf(this.draft) : {};
  }

  view() {
    if (this.log) return this.#logView(this.log);
    if (this.draft) return this.#editor(this.draft);
    return html`<p class="meta">${t("rules.automations_hint")}</p>
      ${this.list.length === 0 ? blank("bolt", t("rules.none"), t("rules.none_hint")) : ""}
      <div class="cards">${this.list.map((rule) => html`<section class="rule-card ${rule.active ? "" : "is-off"}" data-key="${rule.id ?? ""}">
        <header>${lineSwitch("active", rule.id ?? "", rule.active, ruleName(rule))}<button class="rule-open" type="button" data-act="edit"
          data-id="${rule.id ?? ""}"><b>${ruleName(rule)}</b><span>${ruleWords(rule, this.names)}</span></button>
          <button class="tool" type="button" data-act="log" data-id="${rule.id ?? ""}" aria-label="${t("rules.log")}"
            title="${t("rules.log")}">${icon("stack", "s")}</button>
          <button class="tool" type="button" data-act="more" data-id="${rule.id ?? ""}" aria-haspopup="menu"
            aria-label="${t("desk.more")}">${icon("more", "s")}</button></header></section>`)}</div>
      <div class="rules-foot"><button class="btn go" type="button" data-act="new">${icon("plus", "s")}${t("rules.new")}</button><button class="btn"
        type="button" data-act="log" data-id="">${t("rules.log_all")}</button></div>`;
  }

  // ---- the editor

  /** @param {Rule} rule */
  #editor(rule) {
    const wrong = this.#touched ? this.#problems : {};
    const bad = (/** @type {string} */ key) => (wrong[key] ? html`<p class="rule-bad" role="alert">${this.#words(key, wrong[key])}</p>` : "");
    const { n, unit } = lengthOf(rule.minutes);
    return html`<button class="link rules-back" type="button" data-act="back">${icon("back", "s")}${t("rules.automations")}</button>
      <label class="field"><span>${t("rules.name")}</span><input value="${ruleName(rule)}" data-change="name" maxlength="120"
        placeholder="${t("rules.name_hint")}" autocomplete="off"></label>${bad("name")}
      <section class="rule-part"><h3>${t("rules.part_when")}</h3>
        <div class="rule-line">${select("trigger", TRIGGERS.map((id) => [id, t(`rules.when_${id}`)]), rule.trigger, t("rules.part_when"))}
        ${rule.trigger === "since"
          ? html`<input class="pick num" type="number" inputmode="numeric" min="1" max="9999" value="${n || ""}" data-change="length"
            aria-label="${t("rules.after_how_long")}">${select("unit", [1, 60, 1440].map((id) => [String(id), t(`rules.unit_${id}`)]), String(unit), t("rules.unit"))}
            <span>${t("rules.after")}</span>${select("since", SINCE.map((id) =>
              [id, t(`rules.from_${id}`)]), rule.since || "customer", t("rules.counted_from"))}${select("count", ["office", "clock"].map((id) =>
              [id, t(`rules.count_${id}`)]), rule.count || "office", t("rules.counted"))}`
          : ""}</div>${bad("minutes")}${bad("since")}</section>
      <section class="rule-part"><h3>${t("rules.part_if")}${rule.conditions.length > 1
        ? select("match", [["all", t("rules.match_all")], ["any", t("rules.match_any")]], rule.match, t("rules.part_if")) : ""}</h3>
        ${rule.conditions.length === 0 ? html`<p class="meta">${t("rules.always")}</p>` : rule.conditions.map((condition, i) =>
          html`<div class="rule-line" data-key="${i}.${condition.field}">${select("field", Object.keys(FIELDS).map((id) =>
          [id, t(`rules.field_${id}`)]), condition.field, t("rules.what_asked"), String(i))}
          ${OPERATORS[FIELDS[condition.field]?.kind ?? "words"].length > 1
            ? select("op", OPERATORS[FIELDS[condition.field]?.kind ?? "words"].map((id) =>
            [id, t(`rules.op_${id}`)]), condition.op, t("rules.how_compared"), String(i)) : html`<span>${t(`rules.op_${condition.op}`)}</span>`}
          ${this.#values(condition, i)}<button class="tool tiny" type="button" data-act="drop-condition" data-at="${i}"
            aria-label="${t("rules.line_drop")}">${icon("close", "xs")}</button></div>${bad(`conditions.${i}`)}`)}
        <button class="link add" type="button" data-act="add-condition">${icon("plus", "s")}${t("rules.condition_add")}</button></section>
      <section class="rule-part"><h3>${t("rules.part_then")}</h3>
        ${rule.actions.map((action, i) => html`<div class="rule-line" data-key="${i}.${action.do}">${select("do", ACTIONS.map((id) =>
          [id, t(`rules.do_${id}`)]), action.do, t("rules.what_done"), String(i))}${this.#action(action, i)}<button class="tool tiny" type="button"
          data-act="drop-action" data-at="${i}" aria-label="${t("rules.line_drop")}">${icon("close", "xs")}</button></div>${bad(`actions.${i}`)}`)}${bad("actions")}
        <button class="link add" type="button" data-act="add-action">${icon("plus", "s")}${t("rules.action_add")}</button></section>
      <p class="rule-says" aria-live="polite">${icon("robot", "s")}<span>${ruleWords(rule, this.names)}</span></p>
      ${this.#saving ? html`<p class="form-bad" role="alert">${this.#saving}</p>` : ""}
      ${this.trial ? this.#trialView(this.trial) : ""}
      <footer class="sheet-foot"><button class="btn" type="button" data-act="try" ${this.#trying ? html`disabled`
        : ""}>${t("rules.try")}</button><button class="btn go" type="button" data-act="save">${t("common.save")}</button></footer>`;
  }

  /** What a condition is compared with. @param {Condition} condition @param {number} i */
  #values(condition, i) {
    const { field, values } = condition;
    const spec = FIELDS[field] ?? FIELDS.text;
    if (spec.kind === "number") return html`<input class="pick num" type="number" inputmode="numeric" min="0" max="999999" value="${values[0] ?? ""}"
      data-change="values" data-at="${i}" aria-label="${t("rules.compared_with")}">`;
    if (spec.kind === "flag") return select("values", ["yes", "no"].map((id) => [id, t(`rules.${id}`)]), values[0] ?? "yes", t("rules.compared_with"), String(i));
    if (!spec.values && !spec.of) return html`<input class="pick wide" value="${values.join(", ")}" data-change="values" data-at="${i}"
      placeholder="${t(field === "email_domain" ? "rules.domains_hint" : "rules.words_hint")}" aria-label="${t("rules.compared_with")}" dir="auto" autocomplete="off">`;
    return html`<button class="pick chips" type="button" data-act="values" data-at="${i}" aria-haspopup="menu"
      aria-label="${t("rules.compared_with")}">${values.length ? values.map((value) =>
      html`<span class="chip">${valueWords(field, value, this.names)}</span>`) : html`<span class="meta">${t("rules.choose")}</span>`}${icon("down", "xs")}</button>`;
  }

  /** What an action needs. @param {Action} action @param {number} i */
  #action(action, i) {
    const { store } = this.desk;
    const at = String(i);
    const people = [...store.agents.values()].map((agent) => /** @type {[string, string]} */ ([agent.id, agent.name]));
    const tags = [...store.tags.values()].map((tag) => /** @type {[string, string]} */ ([tag.id, tag.name]));
    const value = action.value ?? "";
    const text = (/** @type {string} */ name, /** @type {string} */ words, /** @type {string} */ label) =>
      html`<label class="rule-text"><span>${label}</span><textarea rows="2" data-change="${name}" data-at="${i}" dir="auto" maxlength="5000">${words}</textarea></label>`;
    switch (action.do) {
      case "assign":
        return select("value", [["round_robin", t("rules.whose_turn")], ["least_load", t("rules.least_load")], ...people, ["", t("rules.nobody")]],
          value, t("rules.do_assign"), at);
      case "status":
        return select("value", ["open", "pending", "solved"].map((id) => [id, t(`desk.status_${id}`)]), value, t("rules.do_status"), at);
      case "priority":
        return select("value", ["-1", "0", "1", "2"].map((id) => [id, valueWords("priority", id, this.names)]), value, t("rules.do_priority"), at);
      case "snooze": {
        const { n, unit } = lengthOf(Number(value) || 0);
        return html`<input class="pick num" type="number" inputmode="numeric" min="1" max="9999" value="${n || ""}" data-change="snooze"
          data-at="${i}" aria-label="${t("rules.do_snooze")}">${select("snooze-unit", [1, 60, 1440].map((id) =>
          [String(id), t(`rules.unit_${id}`)]), String(unit), t("rules.unit"), at)}`;
      }
      case "add_tag":
        return value || !action.text
          ? select("value", [["", t("rules.choose")], ...tags], value, t("rules.do_add_tag"), at)
          : html`<input class="pick" value="${action.text}" data-change="text" data-at="${i}" maxlength="40" aria-label="${t("rules.do_add_tag")}">`;
      case "remove_tag":
        return select("value", [["", t("rules.choose")], ...tags], value, t("rules.do_remove_tag"), at);
      case "message":
        return html`${select("value", [["", t("rules.own_words")], ...store.boot.canned.map((reply) =>
          /** @type {[string, string]} */ ([reply.id, reply.title]))], value, t("rules.do_message"), at)}
          ${value ? "" : html`${text("texts.bn", action.texts?.bn ?? action.text ?? "", t("rules.in_bangla"))}${text("texts.en",
            action.texts?.en ?? "", t("rules.in_english"))}<p class="meta">${t("rules.message_hint")}</p>`}`;
      case "note":
        return text("text", inOurWords(action.text ?? ""), t("rules.words"));
      default: {
        const who = action.do === "notify" ? ["assignee", "all"] : ["assignee", "owners"];
        return html`${select("value", [...who.map((id) => /** @type {[string, string]} */ ([id, t(`rules.who_${id}`)])), ...people], value,
          t(`rules.do_${action.do}`), at)}${text("text", inOurWords(action.text ?? ""), t("rules.words"))}`;
      }
    }
  }

  /** @param {{looked: number, holds: number, conversations: Trial[]}} trial */
  #trialView(trial) {
    const hits = trial.conversations.filter((one) => one.holds);
    const misses = trial.conversations.filter((one) => !one.holds);
    const line = (/** @type {Trial} */ one) => html`<details class="run"><summary>${icon(one.holds ? "check" : "close", "xs")}<a
      href="${routeTo("all", one.number)}" class="num">#${digits(one.number)}</a><span>${one.name || t("desk.visitor")}${one.subject
      ? ` · ${one.subject}` : ""}</span></summary>${this.#why(one.why, one.steps ?? [])}</details>`;
    return html`<section class="trial-box" aria-live="polite"><h3>${t("rules.trial", { n: trial.holds, of: count(trial.looked) })}</h3>
      ${hits.slice(0, 20).map(line)}${misses.length ? html`<details class="misses"><summary
        class="link">${t("rules.trial_others", { n: misses.length })}</summary>${misses.slice(0, 20).map(line)}</details>` : ""}</section>`;
  }

  /** @param {Finding[]} why @param {Step[]} did */
  #why(why, did) {
    return html`<ul class="why">${(why ?? []).map((one) =>
      html`<li class="${one.holds ? "is-good" : "is-bad"}">${icon(one.holds ? "check" : "close", "xs")}<span>${conditionWords(one, this.names)}
      <small>${t("rules.found", { what: foundWords(one, this.names) })}</small></span></li>`)}
      ${(did ?? []).map((step) => html`<li class="${step.skip ? "is-left" : "is-done"}">${icon(step.skip ? "dot"
        : "bolt", "xs")}<span>${step.result && step.do === "assign" ? t("rules.does_assign", { name: personWords(step.result, this.names) })
        : actionWords(step, this.names)}${step.skip ? html`<small>${t("rules.left_out", { why: t(step.skip) })}</small>` : ""}</span></li>`)}</ul>`;
  }

  // ---- the log

  /** @param {NonNullable<AutomationsPane["log"]>} log */
  #logView(log) {
    const rule = this.list.find(({ id }) => id === log.of);
    return html`<button class="link rules-back" type="button" data-act="close-log">${icon("back", "s")}${t("rules.automations")}</button>
      <h3>${rule ? t("rules.log_of", { name: ruleName(rule) })
        : t("rules.log_all")}${select("result", [["", t("rules.result_all")], ...["done", "unmatched", "held", "failed"].map((id) =>
        /** @type {[string, string]} */ ([id, t(`rules.result_${id}`)]))], log.result, t("rules.log"))}</h3>
      ${log.list.length === 0 ? blank("stack", t("rules.log_none"), t("rules.log_none_hint")) : ""}
      <div class="runs">${log.list.map((run) => html`<details class="run" data-key="${run.id}"><summary><i class="run-mark is-${run.result}"></i><a
        href="${routeTo("all", run.number)}" class="num">#${digits(run.number)}</a><span>${run.name || t("desk.visitor")}${log.of ? ""
        : html`<small>${ruleName(this.list.find(({ id }) => id === run.automation) ?? { name: t("rules.rule_gone") })}</small>`}</span><span
        class="meta" title="${full(run.created)}">${t(`rules.result_${run.result}`)} · ${age(run.created)}</span></summary>${run.result === "held"
        ? html`<p class="meta">${t("rules.held_chain")}</p>` : run.result === "failed" ? html`<p class="meta">${t("rules.failed_hint")}</p>`
        : ""}${this.#why(run.why, run.did)}</details>`)}</div>
      ${log.next ? html`<button class="btn" type="button" data-act="log-more">${t("rules.more")}</button>` : ""}`;
  }

  /** @param {boolean} [more] */
  async #readLog(more = false) {
    const { log } = this;
    if (!log) return;
    try {
      const page = await this.desk.api.get(withQuery("/api/desk/automations/runs", { automation: log.of, result: log.result, before: more ? log.next : "" }));
      if (this.log !== log) return;
      log.list = more ? [...log.list, ...page.runs] : page.runs;
      log.next = page.next;
    } catch (error) {
      this.desk.toast(wordsOf(error), { bad: true });
    }
    this.draw();
  }

  // ---- what is done in it

  /** Changes the draft and shows it. @param {(rule: Rule) => void} act */
  #edit(act) {
    if (!this.draft) return;
    act(this.draft);
    this.#saving = "";
    this.draw();
  }

  /** @param {HTMLElement} field */
  changed(field) {
    const change = field.dataset.change ?? "";
    const value = /** @type {HTMLInputElement} */ (field).value;
    if (change === "result" && this.log) {
      this.log.result = value;
      return this.#readLog();
    }
    if (change === "active") return this.#switch(field.dataset.id ?? "", /** @type {HTMLInputElement} */ (field).checked);
    const at = Number(field.dataset.at || 0);
    return this.#edit((rule) => {
      const condition = rule.conditions[at];
      const action = rule.actions[at];
      const beside = (/** @type {string} */ name) => Number(/** @type {HTMLInputElement | null} */ (field.parentElement?.querySelector(`[data-change="${name}"]`))?.value) || 0;
      if (change === "trigger") {
        rule.trigger = value;
        if (value === "since" && !rule.since) Object.assign(rule, { since: "customer", minutes: rule.minutes || 30, count: rule.count || "office" });
      } else if (change === "length" || change === "unit") rule.minutes = Math.round(beside("length")) * (beside("unit") || 1);
      else if (change === "since" || change === "count" || change === "name") rule[change] = value;
      else if (change === "match") rule.match = value === "any" ? "any" : "all";
      else if (change === "field") rule.conditions[at] = conditionFor(value);
      else if (change === "op") condition.op = value;
      else if (change === "values") condition.values = FIELDS[condition.field].kind === "words" || condition.field === "email_domain"
        ? splitWords(value) : value === "" ? [] : [value];
      else if (change === "do") rule.actions[at] = actionFor(value);
      else if (change === "value") {
        action.value = value;
        if (action.do === "add_tag") action.text = "";
      } else if (change === "snooze" || change === "snooze-unit") action.value = String(Math.round(beside("snooze")) * (beside("snooze-unit") || 1));
      else if (change === "text") action.text = value;
      else if (change.startsWith("texts.")) {
        action.texts = { ...action.texts, [change.slice(6)]: value };
        action.text = "";
      }
    });
  }

  /** @param {string} id @param {boolean} on */
  #switch(id, on) {
    const rule = this.list.find((other) => other.id === id);
    if (!rule) return undefined;
    return this.doing(async () => {
      await this.desk.api.patch(recordPath("automations", id), { active: on });
      this.undoable(t(on ? "rules.switched_on" : "rules.switched_off", { name: ruleName(rule) }), () =>
        this.desk.api.patch(recordPath("automations", id), { active: !on }));
    });
  }

  /** @param {Rule} rule */
  #open(rule) {
    this.draft = structuredClone(rule);
    this.#before = JSON.stringify(rule);
    this.#touched = false;
    this.#saving = "";
    this.trial = null;
    this.draw();
    /** @type {HTMLElement | null} */ (this.host.querySelector(rule.id ? ".rules-back" : "input"))?.focus();
  }

  /** What is wrong, in words. @param {string} place @param {string} key */
  #words(place, key) {
    const action = key === "error.variable_unknown" ? this.draft?.actions[Number(place.split(".")[1])] : undefined;
    return action ? unknownWords(textsOf(action)) : t(key);
  }

  /** What the server keeps of a rule. @param {Rule} rule */
  #body(rule) {
    const { name, active, sort, trigger, since, minutes, count: counted, match, conditions, actions } = rule;
    return { name, active, sort, trigger, since: trigger === "since" ? since : "", minutes: trigger === "since" ? minutes
      : 0, count: counted, match, conditions, actions };
  }

  async #save() {
    const rule = this.draft;
    if (!rule) return;
    this.#touched = true;
    if (Object.keys(this.#problems).length) {
      this.draw();
      this.host.querySelector(".rule-bad")?.scrollIntoView({ block: "center" });
      return;
    }
    if (rule.id && ruleName(rule) === t(`rules.name_${rule.id}`)) rule.name = t(`rules.was_${rule.id}`);
    const { api } = this.desk;
    try {
      const saved = rule.id ? await api.patch(recordPath("automations", rule.id), this.#body(rule)) : await api.post(recordPath("automations"), this.#body(rule));
      const before = rule.id ? /** @type {Rule} */ (JSON.parse(this.#before)) : null;
      this.draft = null;
      this.undoable(t("rules.saved", { name: ruleName(saved) }), () => (before ? api.patch(recordPath("automations", saved.id), this.#body(before))
        : api.delete(recordPath("automations", saved.id))));
      await this.load();
    } catch (error) {
      this.#saving = wordsOf(error);
      this.draw();
    }
  }

  async #try() {
    if (!this.draft || this.#trying) return;
    this.#touched = true;
    if (Object.keys(this.#problems).some((key) => key !== "name")) return this.draw();
    this.#trying = true;
    this.draw();
    try {
      this.trial = await this.desk.api.post("/api/desk/automations/try", this.#body(this.draft));
      this.#saving = "";
    } catch (error) {
      this.#saving = wordsOf(error);
    }
    this.#trying = false;
    this.draw();
    this.host.querySelector(".trial-box")?.scrollIntoView({ block: "nearest" });
  }

  acts = {
    new: () => this.#open({ ...newRule(), sort: (this.list.at(-1)?.sort ?? 0) + 10 }),
    edit: (/** @type {HTMLElement} */ target) => {
      const rule = this.list.find(({ id }) => id === target.dataset.id);
      if (rule) this.#open(rule);
    },
    back: () => {
      const draft = this.draft;
      this.draft = null;
      this.draw();
      if (draft && JSON.stringify(draft) !== this.#before && (draft.id || draft.conditions.length || draft.name)) {
        this.desk.toast(t("rules.not_saved"), {
          act: t("common.undo"),
          run: () => {
            this.draft = draft;
            this.draw();
          },
        });
      }
    },
    "add-condition": () => this.#edit((rule) => void rule.conditions.push(conditionFor("text"))),
    "drop-condition": (/** @type {HTMLElement} */ target) => this.#edit((rule) => void rule.conditions.splice(Number(target.dataset.at), 1)),
    "add-action": () => this.#edit((rule) => void rule.actions.push(actionFor(rule.actions.length ? "add_tag" : "assign"))),
    "drop-action": (/** @type {HTMLElement} */ target) => this.#edit((rule) => void rule.actions.splice(Number(target.dataset.at), 1)),
    values: (/** @type {HTMLElement} */ target) => {
      const at = Number(target.dataset.at);
      const condition = () => this.draft?.conditions[at];
      const field = condition()?.field ?? "";
      const spec = FIELDS[field];
      const ids = spec.values ?? (spec.of === "agents" ? ["", ...this.desk.store.agents.keys()] : spec.of === "tags"
        ? [...this.desk.store.tags.keys()] : ["", ...this.mailboxes.keys()]);
      openMenu(target, {
        title: t(`rules.field_${field}`),
        filter: ids.length > 7,
        choices: () => ids.map((id) => ({ id: id || "-", label: valueWords(field, id, this.names), on: condition()?.values.includes(id) })),
        pick: (picked) => {
          const id = picked === "-" ? "" : picked;
          this.#edit((rule) => {
            const { values } = rule.conditions[at];
            rule.conditions[at].values = values.includes(id) ? values.filter((other) => other !== id) : [...values, id];
          });
          return true;
        },
      });
    },
    save: () => this.#save(),
    try: () => this.#try(),
    log: (/** @type {HTMLElement} */ target) => {
      this.log = { of: target.dataset.id ?? "", result: target.dataset.id ? "" : "done", list: [], next: "" };
      void this.#readLog();
    },
    "log-more": () => this.#readLog(true),
    "close-log": () => {
      this.log = null;
      this.draw();
    },
    more: (/** @type {HTMLElement} */ target) => {
      const rule = this.list.find(({ id }) => id === target.dataset.id);
      if (!rule) return;
      openMenu(target, {
        title: ruleName(rule),
        choices: () => [
          { id: "edit", label: t("desk.edit"), mark: icon("pen", "s") },
          { id: "log", label: t("rules.log"), mark: icon("stack", "s") },
          { id: "copy", label: t("rules.duplicate"), mark: icon("copy", "s") },
          { id: "drop", label: t("rules.delete"), mark: icon("close", "s") },
        ],
        pick: (what) => {
          if (what === "edit") this.#open(rule);
          else if (what === "log") this.acts.log(target);
          else if (what === "copy") this.#open({ ...structuredClone(rule), id: undefined, active: false, name: t("rules.copy_of",
            { name: ruleName(rule) }), sort: rule.sort + 1 });
          else {
            const { id } = rule;
            void this.doing(() => this.desk.api.delete(recordPath("automations", id)));
            this.undoable(t("rules.dropped", { name: ruleName(rule) }), () => this.desk.api.post(recordPath("automations"), { id, ...this.#body(rule) }));
          }
        },
      });
    },
  };
}
