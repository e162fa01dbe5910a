/** The head of a mail for people: who says it came from whom, by which ways, and what was checked. */
import { full } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { openSheet, waitLines } from "./sheet.js";

const MOST = 256 * 1024;

/** The fields of a mail's head in their order, folded lines joined. @param {string} source @returns {{name: string, value: string}[]} */
export function headerFields(source) {
  const end = /\r?\n\r?\n/.exec(source)?.index ?? source.length;
  /** @type {{name: string, value: string}[]} */
  const fields = [];
  for (const line of source.slice(0, end).split(/\r?\n/)) {
    const last = fields[fields.length - 1];
    const found = /^([!-9;-~]{1,100}):\s?(.*)$/.exec(line);
    if (/^[ \t]/.test(line) && last) last.value += ` ${line.trim()}`;
    else if (found) fields.push({ name: found[1], value: found[2].trim() });
  }
  return fields.map(({ name, value }) => ({ name, value: decodeWords(value) }));
}

/** Encoded words (RFC 2047) in the letters they stand for. @param {string} value */
export function decodeWords(value) {
  return value.replace(/(=\?[\w.-]+(?:\*[\w-]+)?\?[bq]\?[^?\s]*\?=)\s+(?==\?)/gi, "$1").replace(/=\?([\w.-]+)(?:\*[\w-]+)?\?([bq])\?([^?\s]*)\?=/gi, (whole, charset, how, text) => {
    try {
      const raw = how.toLowerCase() === "b" ? atob(text) : text.replaceAll("_", " ").replace(/=([\da-f]{2})/gi, (/** @type {string} */ _, /** @type {string} */ hex) => String.fromCharCode(parseInt(hex, 16)));
      return new TextDecoder(charset).decode(Uint8Array.from(raw, (/** @type {string} */ c) => c.charCodeAt(0)));
    } catch {
      return whole;
    }
  });
}

/** The verdicts in an Authentication-Results field. @param {string} value @returns {{name: string, result: string}[]} */
export function verdicts(value) {
  return [...value.matchAll(/(?:^|[;\s])(spf|dkim|dmarc|arc|dara)\s*=\s*([a-z]+)/gi)].map(([, name, result]) => ({ name: name.toUpperCase(), result: result.toLowerCase() }));
}

/** Reads the beginning of a mail and no more of it. @param {import("./app.js").Desk} desk @param {string} id */
async function headOf(desk, id) {
  const answer = await fetch(`/api/desk/messages/${id}/raw`, { headers: { Authorization: desk.api.token() } });
  if (!answer.ok || !answer.body) throw new Error(String(answer.status));
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let source = "";
  while (source.length < MOST && !/\r?\n\r?\n/.test(source)) {
    const { done, value } = await reader.read();
    if (done) break;
    source += decoder.decode(value, { stream: true });
  }
  void reader.cancel().catch(() => {});
  return source;
}

const FIRST = ["from", "to", "cc", "reply-to", "date", "subject", "message-id"];

/** @param {import("./app.js").Desk} desk @param {import("./types.js").Message} message */
export async function openHeaders(desk, message) {
  await addTexts("deskmore");
  const { sheet } = openSheet("headers", t("deskmore.headers"), html`<div class="sheet-body">${waitLines(6)}</div>`);
  const body = /** @type {HTMLElement} */ (sheet.querySelector(".sheet-body"));
  const load = async () => {
    try {
      const fields = headerFields(await headOf(desk, message.id));
      const named = (/** @type {string} */ name) => fields.filter((field) => field.name.toLowerCase() === name);
      // Only what was checked here counts: anybody can write a verdict into a mail.
      const checks = (message.evidence?.checks ?? []).map(({ name, result }) => ({ name: name.toUpperCase(), result }));
      const claims = [...new Set(named("authentication-results").flatMap((field) => verdicts(field.value)).map(({ name, result }) => `${name} ${result}`))];
      render(
        body,
        html`<p class="meta">${t("deskmore.headers_received", { time: full(message.created) })}</p>
          ${checks.length ? html`<p class="head-checks">${checks.map(({ name, result }) => html`<span class="state is-${result === "pass" ? "solved" : /fail|reject/.test(result) ? "spam" : "pending"}">${name}: ${result}</span>`)}</p>` : html`<p class="meta">${t("deskmore.headers_unchecked")}</p>`}
          ${claims.length ? html`<p class="meta">${t("deskmore.headers_claims", { list: claims.join(", ") })}</p>` : ""}
          <dl class="head-list">${FIRST.flatMap((name) => named(name)).map(({ name, value }) => html`<div><dt>${name}</dt><dd dir="auto">${value}</dd></div>`)}</dl>
          <details class="head-all"><summary>${t("deskmore.headers_all", { n: fields.length })}</summary><dl class="head-list">${fields.map(({ name, value }) => html`<div><dt>${name}</dt><dd dir="auto">${value}</dd></div>`)}</dl></details>`,
      );
    } catch {
      render(body, html`<p>${icon("alert", "s")} ${t("desk.mail_failed")} <button class="link" type="button" data-act="again">${t("common.retry")}</button></p>`);
    }
  };
  onAct(sheet, { again: () => void load() });
  await load();
}
