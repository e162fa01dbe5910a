/** For owners: who did what when. */
import { sentence } from "../shared/api.js";
import { withQuery } from "../shared/api.js";
import { age, digits, full } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, has, t } from "../shared/i18n.js";
import { priorityName } from "./logic.js";
import { blank, face, loadStyle } from "./parts.js";
import { openSheet, waitLines } from "./sheet.js";

/**
 * @typedef {{field: string, from: string, to: string}} Change
 * @typedef {{id: string, kind: string, action: string, agent: string, actor: string, collection: string, target: string, label: string, changes: Change[], address: string, created: string}} Entry
 */

const KINDS = ["", "conversation", "contact", "configuration", "signin", "export"];
const TIMES = ["", "1", "7", "30"];

/** What was done, in words; an action that came with a later version shows itself. @param {string} action */
export function actionWords(action) {
  return has(`audit.act_${action}`) ? t(`audit.act_${action}`) : action.replaceAll("_", " ");
}

/** A value that is kept as a list, as people read it. @param {string} value */
function listed(value) {
  if (!/^[[{]/.test(value)) return value;
  try {
    const list = [JSON.parse(value)].flat();
    const words = (/** @type {any} */ one) => (one?.what ? `${has(`profile.consent_${one.what}`) ? t(`profile.consent_${one.what}`) : one.what} (${t(`audit.is_${Boolean(one.given)}`)})` : typeof one === "object" ? Object.values(one ?? {}).filter((part) => typeof part === "string" && part).join(" ") : String(one));
    return list.map(words).filter(Boolean).join(", ");
  } catch {
    return value; // it was too long to be kept whole
  }
}

/** A field and its values in a line. Conversations' own events name the value alone. @param {Change} change @param {string} action */
export function changeWords(change, action) {
  // Two conversations of which one went into the other, or came out of it: the row names the one.
  if (change.field === action && /^(merged|unmerged|split|split_from)$/.test(action) && change.from) return `#${digits(Number(change.from))}`;
  const was = change.from === "null" ? "" : change.from;
  const is = change.to === "null" ? "" : change.to;
  if (!was && !is) return "";
  const said = (/** @type {string} */ value) =>
    change.field === "priority" && /^-?\d$/.test(value) ? priorityName(Number(value)) :
    value && has(`desk.${change.field}_${value}`) ? t(`desk.${change.field}_${value}`) : /^(true|false)$/.test(value) ? t(`audit.is_${value}`) : listed(value) || t("audit.empty");
  const [from, to] = [said(was), said(is)];
  const values = !was && is ? to : `${from} → ${to}`;
  return change.field === action ? values : `${has(`audit.field_${change.field}`) ? t(`audit.field_${change.field}`) : change.field.replaceAll("_", " ")}: ${values}`;
}

/** @param {import("./app.js").Desk} desk */
export async function openAudit(desk) {
  await Promise.all([addTexts("audit", "deskmore"), loadStyle("audit")]);
  const { api } = desk;
  const pick = (/** @type {string} */ name, /** @type {string} */ label, /** @type {[string, string][]} */ options) =>
    html`<label class="audit-pick"><span class="quiet">${label}</span><select name="${name}" aria-label="${label}">${options.map(([value, words]) => html`<option value="${value}">${words}</option>`)}</select></label>`;
  const { sheet, close } = openSheet(
    "audit",
    t("audit.title"),
    html`<div class="sheet-body"><form class="audit-filter" role="search">
        <input name="q" type="search" placeholder="${t("audit.find")}" aria-label="${t("audit.find")}" autocomplete="off">
        ${pick("agent", t("audit.person"), [["", t("audit.everybody")]])}
        ${pick("kind", t("audit.kind"), KINDS.map((kind) => [kind, t(`audit.kind_${kind || "all"}`)]))}
        ${pick("days", t("audit.time"), TIMES.map((days) => [days, t(`audit.time_${days || "all"}`)]))}
      </form><div class="audit-rows" aria-live="polite"></div></div>`,
  );
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  const place = /** @type {HTMLElement} */ (sheet.querySelector(".audit-rows"));
  /** @type {Entry[] | null} */
  let rows = null;
  let next = "";
  let days = 0;
  /** @type {unknown} */
  let failure = null;
  let turn = 0;
  /** @type {Set<string>} */
  const open = new Set();

  /** @param {Entry} row */
  const rowHtml = (row) => {
    const link = row.collection === "conversations" && /^#\d+$/.test(row.label) ? `#/all/${row.label.slice(1)}` : "";
    const label = link ? html`<a class="link" href="${link}" data-act="go">#${digits(Number(row.label.slice(1)))}</a>` : row.label ? html`<b>${row.label}</b>` : "";
    const changes = row.changes.map((change) => changeWords(change, row.action)).filter(Boolean);
    const many = changes.length > 2 && !open.has(row.id);
    const shown = many ? changes.slice(0, 2) : changes;
    return html`<li class="audit-row" data-key="${row.id}">${face({ id: row.agent, name: row.actor || t("audit.machine") }, "s")}
      <span class="audit-what"><span><b>${row.actor || t(row.kind === "signin" ? "audit.nobody" : "audit.machine")}</b> ${actionWords(row.action)} ${label}${row.collection && !["conversations", "contacts", "agents"].includes(row.collection) && row.kind === "configuration" ? html` <small>${row.collection}</small>` : ""}</span>
        ${shown.length ? html`<small>${shown.map((words, i) => html`${i ? html`<br>` : ""}${words}`)}${many ? html` <button class="link" type="button" data-act="more-of" data-id="${row.id}">+${digits(changes.length - 2)}</button>` : ""}</small>` : ""}
        ${row.kind === "signin" && row.address ? html`<small><bdi>${row.address}</bdi></small>` : ""}</span>
      <time class="num" datetime="${row.created}" title="${full(row.created)}">${age(row.created, Date.now())}</time></li>`;
  };
  const draw = () => {
    if (failure && !rows) return render(place, blank("cloud-off", t("deskmore.load_failed"), sentence(failure), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`));
    if (!rows) return render(place, waitLines(6));
    render(
      place,
      rows.length
        ? html`<ol class="audit-list">${rows.map(rowHtml)}</ol>${next ? html`<button class="btn" type="button" data-act="further">${t("deskmore.show_more")}</button>` : html`<p class="meta">${t("audit.kept", { n: days })}</p>`}`
        : blank("find", t("audit.none"), t("audit.none_hint")),
    );
  };
  /** @param {boolean} more */
  const load = async (more) => {
    const mine = ++turn;
    const data = new FormData(form);
    const span = Number(data.get("days"));
    try {
      const answer = await api.get(
        withQuery("/api/desk/audit", {
          q: String(data.get("q") ?? ""), agent: String(data.get("agent") ?? ""), kind: String(data.get("kind") ?? ""),
          from: span ? new Date(Date.now() - span * 86_400_000).toISOString() : "", before: more ? next : "",
        }),
      );
      if (mine !== turn || !sheet.isConnected) return;
      rows = more ? [...(rows ?? []), ...answer.rows] : answer.rows;
      next = answer.next;
      days = answer.days;
      failure = null;
      const people = /** @type {HTMLSelectElement} */ (form.elements.namedItem("agent"));
      if (people.options.length === 1) for (const person of answer.people) people.add(new Option(person.name, person.id));
    } catch (error) {
      if (mine !== turn) return;
      failure = error;
      if (more) desk.toast(sentence(error), { bad: true });
      else rows = null;
    }
    draw();
  };
  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void load(false), 200);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void load(false);
  });
  onAct(sheet, {
    again: () => void load(false),
    further: () => void load(true),
    go: () => close(),
    "more-of": (target) => {
      open.add(target.dataset.id ?? "");
      draw();
    },
  });
  draw();
  await load(false);
}
