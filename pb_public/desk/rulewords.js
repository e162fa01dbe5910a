/** What a rule may ask and do, and a rule in words: pure, tested without a page. The server holds the same table. */
import { count } from "../shared/format.js";
import { currentLanguage, t } from "../shared/i18n.js";
import { unknownWords } from "./variables.js";

/**
 * @typedef {{field: string, op: string, values: string[]}} Condition
 * @typedef {{do: string, value?: string, text?: string, texts?: Record<string, string>}} Action
 * @typedef {object} Rule
 * @property {string} [id]
 * @property {string} name
 * @property {boolean} active
 * @property {number} sort
 * @property {string} trigger
 * @property {string} since
 * @property {number} minutes
 * @property {string} count
 * @property {"all" | "any"} match
 * @property {Condition[]} conditions
 * @property {Action[]} actions
 *
 * @typedef {{agents: (id: string) => string, tags: (id: string) => string, mailboxes: (id: string) => string, canned: (id: string) => string}} Names
 */

export const TRIGGERS = ["created", "customer_wrote", "answered", "changed", "due_soon", "overdue", "since"];
export const SINCE = ["customer", "answer", "created", "solved", "status"];

/** @type {Record<string, string[]>} operators of a kind */
export const OPERATORS = { choice: ["is", "is_not"], set: ["has", "has_not"], words: ["contains", "contains_not"], number: ["at_least", "at_most"], flag: ["is"] };

/** @type {Record<string, {kind: string, values?: string[], of?: "agents" | "tags" | "mailboxes"}>} */
export const FIELDS = {
  text: { kind: "words" },
  subject: { kind: "words" },
  channel: { kind: "choice", values: ["chat", "email", "portal", "phone"] },
  mailbox: { kind: "choice", of: "mailboxes" },
  status: { kind: "choice", values: ["open", "pending", "snoozed", "solved"] },
  priority: { kind: "choice", values: ["-1", "0", "1", "2"] },
  assignee: { kind: "choice", of: "agents" },
  tags: { kind: "set", of: "tags" },
  language: { kind: "choice", values: ["bn", "en"] },
  contact_tags: { kind: "set", of: "tags" },
  email_domain: { kind: "set" },
  blocked: { kind: "flag", values: ["yes", "no"] },
  open: { kind: "flag", values: ["yes", "no"] },
  files: { kind: "flag", values: ["yes", "no"] },
  waiting: { kind: "number" },
  messages: { kind: "number" },
  rating: { kind: "number" },
  due: { kind: "choice", values: ["", "soon", "over"] },
  changed: { kind: "choice", values: ["status", "assigned", "tagged", "untagged", "priority", "rated"] },
};

export const ACTIONS = ["assign", "status", "snooze", "priority", "add_tag", "remove_tag", "message", "note", "notify", "mail"];

/** @returns {Rule} */
export function newRule() {
  return { name: "", active: false, sort: 100, trigger: "created", since: "", minutes: 0, count: "office", match: "all", conditions: [], actions: [{ do: "assign", value: "round_robin" }] };
}

/** A record of the server as a rule. @param {any} record @returns {Rule} */
export function ruleOf(record) {
  return { ...newRule(), ...record, conditions: record.conditions ?? [], actions: record.actions ?? [] };
}

/** What a condition of a field starts as. @param {string} field @returns {Condition} */
export function conditionFor(field) {
  const { kind, values } = FIELDS[field] ?? FIELDS.text;
  return { field, op: OPERATORS[kind][0], values: kind === "flag" ? ["yes"] : kind === "number" ? ["30"] : kind === "choice" && values ? [values[0]] : [] };
}

/** What an action starts as. @param {string} what @returns {Action} */
export function actionFor(what) {
  return { do: what, ...{ assign: { value: "round_robin" }, status: { value: "solved" }, snooze: { value: "1440" }, priority: { value: "1" }, add_tag: { value: "" }, remove_tag: { value: "" }, message: { texts: { bn: "", en: "" } }, note: { text: "" }, notify: { value: "assignee", text: "" }, mail: { value: "owners", text: "" } }[what] };
}

/** Words between commas. @param {string} text */
export function wordsOf(text) {
  return [...new Set(text.split(/[,،\n]/).map((word) => word.trim()).filter(Boolean))];
}

/** All that an action says. @param {Action} action */
export const textsOf = (action) => [...Object.values(action.texts ?? {}), action.text ?? ""];

/**
 * What is still missing, by place: "conditions.0", "actions.2", "minutes", "name". Keys of the catalogue.
 * @param {Rule} rule @returns {Record<string, string>}
 */
export function problemsOf(rule) {
  /** @type {Record<string, string>} */
  const found = {};
  if (!rule.name.trim()) found.name = "rules.need_name";
  if (rule.trigger === "since" && !(rule.minutes > 0)) found.minutes = "error.rule_minutes";
  if (rule.trigger === "since" && !rule.since) found.since = "error.rule_since";
  if (rule.actions.length === 0) found.actions = "error.rule_no_action";
  rule.conditions.forEach(({ field, values }, i) => {
    const kind = FIELDS[field]?.kind;
    if (!kind) found[`conditions.${i}`] = "error.rule_field";
    else if (kind === "number" ? !/^\d+$/.test(values[0] ?? "") : values.length === 0) found[`conditions.${i}`] = kind === "number" ? "error.rule_number" : "error.rule_values";
  });
  rule.actions.forEach((action, i) => {
    const said = textsOf(action).some((text) => text.trim());
    const key = `actions.${i}`;
    if (!ACTIONS.includes(action.do)) found[key] = "error.rule_action";
    else if (action.do === "snooze" && !(Number(action.value) > 0)) found[key] = "error.rule_number";
    else if (action.do === "remove_tag" && !action.value) found[key] = "error.rule_values";
    else if (action.do === "add_tag" && !action.value && !action.text?.trim()) found[key] = "error.rule_values";
    else if (action.do === "message" && !action.value && !said) found[key] = "error.rule_empty";
    else if (["note", "notify", "mail"].includes(action.do) && !said) found[key] = "error.rule_empty";
    else if (unknownWords(textsOf(action))) found[key] = "error.variable_unknown";
  });
  return found;
}

/** How long, in the largest unit that is whole. @param {number} minutes @returns {{n: number, unit: 1 | 60 | 1440}} */
export function lengthOf(minutes) {
  const unit = minutes > 0 && minutes % 1440 === 0 ? 1440 : minutes > 0 && minutes % 60 === 0 ? 60 : 1;
  return { n: minutes / unit, unit };
}

/** @param {number} minutes */
export function lengthWords(minutes) {
  const { n, unit } = lengthOf(minutes);
  return t(unit === 1440 ? "rules.days" : unit === 60 ? "rules.hours" : "rules.minutes", { n });
}

/** A value of a field in words. @param {string} field @param {string} value @param {Names} names */
export function valueWords(field, value, names) {
  const spec = FIELDS[field];
  if (spec?.of === "agents") return value ? names.agents(value) : t("rules.nobody");
  if (spec?.of === "tags") return names.tags(value);
  if (spec?.of === "mailboxes") return value ? names.mailboxes(value) : t("rules.no_mailbox");
  if (field === "status") return t(`desk.status_${value}`);
  if (field === "channel") return t(`desk.channel_${value}`);
  if (field === "priority") return t(`rules.priority_${value === "-1" ? "low" : value}`);
  if (field === "language") return t(`rules.language_${value}`);
  if (field === "due") return t(`rules.due_${value || "none"}`);
  if (field === "changed") return t(`rules.changed_${value}`);
  if (spec?.kind === "flag") return t(`rules.${value === "yes" ? "yes" : "no"}`);
  return spec?.kind === "number" ? count(Number(value)) : value;
}

/** @param {string[]} words @param {boolean} [all] */
function joined(words, all = false) {
  if (words.length < 2) return words.join("");
  return t(all ? "rules.and" : "rules.or", { list: words.slice(0, -1).join(", "), last: words[words.length - 1] });
}

/** @param {Condition} condition @param {Names} names */
export function conditionWords(condition, names) {
  const { field, op, values } = condition;
  const kind = FIELDS[field]?.kind;
  const what = t(`rules.field_${field}`);
  if (kind === "flag") return t(`rules.flag_${field}_${values[0] === "no" ? "no" : "yes"}`);
  return t(`rules.says_${op}`, { field: what, values: joined(values.map((value) => (kind === "words" ? `“${value}”` : valueWords(field, value, names)))) || "…" });
}

/** What came with the program and was never changed, in the reader's language. @param {string} text */
export function inOurWords(text) {
  const id = ["autoturn0000001", "autoremind00001", "autoclose000001", "autorefund00001", "unanswered"].find((one) => t(`rules.was_${one}`) === text);
  return id ? t(`rules.name_${id}`) : text;
}

/** @param {Action} action @param {Names} names */
export function actionWords(action, names) {
  const value = action.value ?? "";
  const text = (inOurWords(action.text ?? "") || action.texts?.[currentLanguage()]?.trim() || Object.values(action.texts ?? {}).find((some) => some.trim()) || "").replace(/\s+/g, " ").trim().replace(/[.।]$/, "");
  const short = text.length > 60 ? `${text.slice(0, 58)}…` : text;
  switch (action.do) {
    case "assign":
      if (!value) return t("rules.does_unassign");
      return ["round_robin", "least_load"].includes(value) ? t(`rules.does_${value}`) : t("rules.does_assign", { name: names.agents(value) });
    case "status":
      return t("rules.does_status", { status: t(`desk.status_${value}`) });
    case "snooze":
      return t("rules.does_snooze", { time: lengthWords(Number(value) || 0) });
    case "priority":
      return t("rules.does_priority", { priority: t(`rules.priority_${value === "-1" ? "low" : value || 0}`) });
    case "add_tag":
      return t("rules.does_add_tag", { tag: value ? names.tags(value) : text || "…" });
    case "remove_tag":
      return t("rules.does_remove_tag", { tag: value ? names.tags(value) : "…" });
    case "message":
      return t("rules.does_message", { text: value ? names.canned(value) : short || "…" });
    case "note":
      return t("rules.does_note", { text: short || "…" });
    default:
      return t(`rules.does_${action.do}`, { who: personWords(value, names), text: short || "…" });
  }
}

/** @param {string} value @param {Names} names */
export function personWords(value, names) {
  return ["assignee", "all", "owners"].includes(value) ? t(`rules.who_${value}`) : names.agents(value);
}

/** @param {Rule} rule */
export function triggerWords(rule) {
  if (rule.trigger !== "since") return t(`rules.when_${rule.trigger}`);
  return t(`rules.since_${rule.since || "customer"}`, { time: lengthWords(rule.minutes || 0), count: rule.count === "clock" ? "" : ` ${t("rules.in_office")}` });
}

/** The whole rule as one sentence. @param {Rule} rule @param {Names} names */
export function ruleWords(rule, names) {
  const conditions = rule.conditions.map((condition) => conditionWords(condition, names));
  const doings = joined(rule.actions.map((action) => actionWords(action, names)), true);
  return conditions.length ? t("rules.sentence_if", { when: triggerWords(rule), conditions: joined(conditions, rule.match !== "any"), doings }) : t("rules.sentence", { when: triggerWords(rule), doings });
}

/** What a condition found, for the log. @param {{field: string, found: string[] | null}} finding @param {Names} names */
export function foundWords(finding, names) {
  const words = (finding.found ?? []).filter((value) => value !== "" || FIELDS[finding.field]?.kind === "choice").map((value) => valueWords(finding.field, value, names));
  return words.join(", ") || t("rules.nothing");
}
