/** Making one conversation of several: which, which one stays, and what that means for their customers. */
import { sentence, withQuery } from "../shared/api.js";
import { age, digits } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { undoByName } from "./bulk.js";
import { channelIcon, channelName, lineOf, nameOf } from "./logic.js";
import { loadStyle } from "./parts.js";
import { openSheet } from "./sheet.js";

/** @typedef {{id: string, number: number, name: string, line: string, channel: string, status: string, contact: string, at: string}} Item */

/** @param {import("../shared/types.js").Row} row @returns {Item} */
const itemOf = (row) => ({ id: row.id, number: row.number, name: nameOf(row.contact), line: lineOf(row), channel: row.channel, status: row.status, contact: row.contact.id, at: row.last_activity });

/**
 * What the agent should know before they merge.
 * @param {readonly Item[]} items @param {string} keep the id of the one that stays
 * @returns {{across: boolean, chats: Item[]}} across: different customers; chats: those whose browser begins anew
 */
export function mergeWarnings(items, keep) {
  const kept = items.find((item) => item.id === keep);
  const others = items.filter((item) => item.id !== keep);
  return {
    across: others.some((item) => item.contact !== kept?.contact),
    chats: others.filter((item) => item.channel === "chat" && (kept?.channel !== "chat" || item.contact !== kept.contact)),
  };
}

/** Which one stays unless the agent says otherwise: a chat before the others, else the oldest. @param {readonly Item[]} items */
export function keepFirst(items) {
  return [...items].sort((a, b) => Number(b.channel === "chat") - Number(a.channel === "chat") || a.number - b.number)[0]?.id ?? "";
}

/** @param {import("./app.js").Desk} desk */
export async function openMergeTalks(desk) {
  await Promise.all([addTexts("deskmore"), loadStyle("tidy")]);
  const { api, store, selection } = desk;
  const chosen = selection.size > 1;
  const rows = chosen ? [...selection.ids].map((id) => store.rows.get(id)) : [store.row];
  /** @type {Item[]} */
  let items = rows.filter((row) => row !== undefined).map(itemOf);
  const [first] = items;
  if (!first) return;
  let keep = chosen ? keepFirst(items) : first.id;
  /** @type {Item[]} */
  const near = chosen ? [] : (store.talk?.earlier ?? []).map((other) => ({ id: other.id, number: other.number, name: first.name, line: other.subject || /** @type {any} */ (other).preview || "", channel: other.channel, status: other.status, contact: first.contact, at: other.last_activity }));
  /** @type {Item[]} */
  let found = [];
  let busy = false;
  let complaint = "";
  let timer = 0;
  /** @type {AbortController | null} */
  let asked = null;

  const { sheet, close } = openSheet(
    "mergetalk",
    t("desk.merge_talks"),
    html`<div class="sheet-body"><div class="mt-in"></div>
      <label class="field mt-find"><span>${t("deskmore.mt_add")}</span><input type="search" autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="${t("deskmore.mt_find")}"></label>
      <div class="mt-near"></div><div class="mt-foot"></div></div>`,
  );
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (sheet.querySelector(`.${name}`));
  const input = /** @type {HTMLInputElement} */ (sheet.querySelector("input"));

  /** @param {Item} item */
  const line = (item) => html`${icon(channelIcon(item.channel), "s")}<span class="mt-what"><b><span class="num">#${digits(item.number)}</span> ${item.name}</b><small dir="auto">${item.line}</small></span><span class="meta">${item.status === "open" ? "" : html`${t(`desk.status_${item.status}`)} · `}${age(item.at)}</span>`;
  const draw = () => {
    const { across, chats } = mergeWarnings(items, keep);
    const known = new Set(items.map((item) => item.id));
    const offered = (input.value.trim() ? found : near).filter((item) => !known.has(item.id)).slice(0, 6);
    render(
      part("mt-in"),
      html`<p>${items.length > 1 ? t("deskmore.mt_which_stays") : t("deskmore.mt_hint")}</p>
        <div class="mt-list" role="radiogroup" aria-label="${t("deskmore.mt_which_stays")}">${items.map(
          (item) => html`<label class="mt-item ${item.id === keep ? "is-kept" : ""}" data-key="${item.id}"><input type="radio" name="keep" value="${item.id}" ${item.id === keep ? html`checked` : ""}>${line(item)}${item.id === keep && items.length > 1 ? html`<span class="mt-keep">${t("deskmore.mt_stays")}</span>` : ""}${items.length > 1 && (chosen || item.id !== first.id) ? html`<button class="tool tiny" type="button" data-act="out" data-id="${item.id}" aria-label="${t("deskmore.mt_take_out", { number: digits(item.number) })}">${icon("close", "xs")}</button>` : ""}</label>`,
        )}</div>`,
    );
    render(part("mt-near"), html`${offered.length ? html`<h3>${input.value.trim() ? t("deskmore.mt_found") : t("deskmore.mt_same", { name: first.name })}</h3>` : input.value.trim() ? html`<p class="menu-none">${t("deskmore.mt_none")}</p>` : ""}${offered.map((item) => html`<button class="mt-item" type="button" data-act="in" data-id="${item.id}" data-key="${item.id}">${line(item)}${icon("plus", "s")}</button>`)}`);
    const kept = items.find((item) => item.id === keep) ?? first;
    render(
      part("mt-foot"),
      items.length > 1
        ? html`${across ? html`<p class="caution is-strong" role="alert">${icon("alert", "s")}<span>${t("deskmore.mt_across", { name: kept.name })}</span></p>` : ""}
            ${chats.map((item) => html`<p class="caution" data-key="${item.id}">${icon("chat", "s")}<span>${t("deskmore.mt_chat_ends", { number: digits(item.number), name: item.name, channel: channelName(kept.channel) })}</span></p>`)}
            <ul class="facts"><li>${t("deskmore.mt_order")}</li><li>${t("deskmore.mt_numbers", { number: digits(kept.number) })}</li></ul>
            ${complaint ? html`<p class="form-bad" role="alert">${complaint}</p>` : ""}
            <footer class="sheet-foot"><button class="btn ${across ? "bad" : "go"}" type="button" data-act="merge" ${busy ? html`disabled` : ""}>${t(across ? "deskmore.mt_go_across" : "deskmore.mt_go", { n: items.length - 1, number: digits(kept.number) })}</button></footer>`
        : html``,
    );
  };
  const find = async () => {
    asked?.abort();
    const q = input.value.trim();
    if (q.length < 2) {
      found = [];
      return draw();
    }
    asked = new AbortController();
    try {
      const page = await api.get(withQuery("/api/desk/conversations", { view: "all", q, limit: 8 }), { signal: asked.signal });
      found = page.rows.map(itemOf);
    } catch (error) {
      if (asked.signal.aborted) return;
      complaint = sentence(error);
    }
    draw();
  };
  const merge = async () => {
    if (busy || items.length < 2) return;
    busy = true;
    complaint = "";
    draw();
    try {
      const answer = await api.post(`/api/desk/conversations/${keep}/merge`, { others: items.filter((item) => item.id !== keep).map((item) => item.id), across: mergeWarnings(items, keep).across });
      selection.clear();
      for (const item of items) {
        const row = store.rows.get(item.id);
        if (row && item.id !== keep) store.putRow({ ...row, merged_into: keep });
      }
      store.putRow(answer.conversation);
      close();
      desk.go(store.view, answer.conversation.number);
      desk.toast(t("deskmore.mt_done", { n: items.length - 1, number: digits(answer.conversation.number) }), { act: t("common.undo"), run: () => void undoByName(desk, answer.undo) });
    } catch (error) {
      complaint = sentence(error);
      busy = false;
      draw();
    }
  };
  onAct(sheet, {
    in: (target) => {
      const item = [...found, ...near].find((other) => other.id === target.dataset.id);
      if (item) items = [...items, item];
      input.value = "";
      draw();
    },
    out: (target, event) => {
      event.preventDefault();
      items = items.filter((item) => item.id !== target.dataset.id);
      if (!items.some((item) => item.id === keep)) keep = keepFirst(items);
      draw();
    },
    merge: () => void merge(),
  });
  sheet.addEventListener("change", (event) => {
    if (!(event.target instanceof HTMLInputElement) || event.target.type !== "radio") return;
    keep = event.target.value;
    draw();
  });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void find(), 200);
  });
  draw();
  if (!chosen) input.focus();
}
