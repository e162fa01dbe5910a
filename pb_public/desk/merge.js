/** Making one of two contacts who are the same person: what happens is shown first, and can be undone for two minutes. */
import { sentence, withQuery } from "../shared/api.js";
import { digits, phone, shortDate } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { undoByName } from "./bulk.js";
import { channelIcon, nameOf } from "./logic.js";
import { face } from "./parts.js";
import { openSheet, waitLines } from "./sheet.js";

/**
 * @typedef {import("../shared/types.js").Contact} Contact
 * @typedef {{contact: Contact, conversations: import("../shared/types.js").Earlier[]}} Known
 */

/** @param {Contact} contact @param {string} kind */
const first = (contact, kind) => contact.identities?.find((identity) => identity.kind === kind)?.value ?? "";

/** @param {Contact} contact */
export function calledBy(contact) {
  return nameOf({ name: contact.name, email: first(contact, "email"), phone: first(contact, "phone") });
}

/**
 * What happens when drop becomes keep, as the server does it.
 * @param {Known} keep @param {Known} drop
 */
export function mergePlan(keep, drop) {
  const a = keep.contact;
  const b = drop.contact;
  return {
    name: a.name || b.name,
    conversations: drop.conversations.length,
    identities: b.identities.filter((identity) => identity.kind === "email" || identity.kind === "phone"),
    tags: b.tags.filter((tag) => !a.tags.includes(tag)),
    note: b.note.trim() !== "",
    blocks: b.blocked && !a.blocked,
    loses: [b.name && a.name && b.name !== a.name ? b.name : "", b.customer_no && a.customer_no ? b.customer_no : ""].filter(Boolean),
  };
}

/** @param {Known} known @param {string} label */
function card({ contact, conversations }, label) {
  const newest = conversations[0];
  return html`<section class="merge-card"><h3>${label}</h3>
    <div class="merge-who">${face({ id: contact.id, name: calledBy(contact) })}<span><b>${calledBy(contact)}</b><small>${contact.customer_no ? html`<span class="num">${t("desk.customer_no", { no: contact.customer_no })}</span>` : ""}</small></span></div>
    <ul>${contact.identities.filter((identity) => identity.kind !== "visitor").map((identity) => html`<li>${icon(identity.kind === "phone" ? "phone" : identity.kind === "email" ? "mail" : "me", "s")}<span class="num">${identity.kind === "phone" ? phone(identity.value) : identity.value}</span></li>`)}
      <li>${icon(newest ? channelIcon(newest.channel) : "chat", "s")}<span>${t("deskmore.merge_talks", { n: conversations.length })}${newest ? html`<span class="meta"> · #${digits(newest.number)}, ${shortDate(newest.last_activity)}</span>` : ""}</span></li></ul></section>`;
}

/** @param {import("./app.js").Desk} desk */
export async function openMerge(desk, other = "") {
  const mine = desk.store.talk?.contact;
  if (!mine) return;
  await addTexts("deskmore");
  const { api, store } = desk;
  const { sheet, close } = openSheet(
    "merge",
    t("desk.merge"),
    html`<div class="sheet-body"><div class="merge-find"><p>${t("deskmore.merge_hint", { name: calledBy(mine) })}</p>
      <label class="field"><span>${t("deskmore.merge_with")}</span><input type="search" role="combobox" aria-expanded="false" aria-controls="merge-found" autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="${t("deskmore.merge_find")}"></label>
      <div class="found" id="merge-found" role="listbox" aria-label="${t("deskmore.merge_with")}"></div></div><div class="merge-plan"></div></div>`,
  );
  const input = /** @type {HTMLInputElement} */ (sheet.querySelector("input"));
  const list = /** @type {HTMLElement} */ (sheet.querySelector(".found"));
  const plan = /** @type {HTMLElement} */ (sheet.querySelector(".merge-plan"));
  const search = /** @type {HTMLElement} */ (sheet.querySelector(".merge-find"));
  /** @type {Contact[]} */
  let contacts = [];
  let at = -1;
  let timer = 0;
  let query = "";
  /** @type {AbortController | null} */
  let asked = null;
  /** The one that stays and the one that goes into it. @type {[Known, Known] | null} */
  let pair = null;
  let busy = false;
  let complaint = "";

  const drawFound = () => {
    input.setAttribute("aria-expanded", String(contacts.length > 0));
    render(
      list,
      contacts.length
        ? html`${contacts.map((contact, i) => html`<button class="menu-item ${i === at ? "is-at" : ""}" type="button" role="option" aria-selected="${i === at ? "true" : "false"}" tabindex="-1" data-act="pick" data-at="${i}">${face({ id: contact.id, name: calledBy(contact) }, "s")}<span class="menu-label">${calledBy(contact)}</span><span class="menu-hint">${first(contact, "email") || phone(first(contact, "phone")) || contact.customer_no}</span></button>`)}`
        : query.length > 1 ? html`<p class="menu-none">${t("deskmore.merge_none")}</p>` : html``,
    );
  };
  const drawPlan = () => {
    search.hidden = pair !== null;
    if (!pair) return render(plan, html``);
    const [keep, drop] = pair;
    const what = mergePlan(keep, drop);
    const names = { name: calledBy(keep.contact), other: calledBy(drop.contact) };
    render(
      plan,
      html`<div class="merge-pair">${card(keep, t("deskmore.merge_keep"))}<button class="tool" type="button" data-act="swap" aria-label="${t("deskmore.merge_swap")}" title="${t("deskmore.merge_swap")}">${icon("updown")}</button>${card(drop, t("deskmore.merge_drop"))}</div>
        <h3>${t("deskmore.merge_happens")}</h3>
        <ul class="facts">
          ${what.conversations ? html`<li>${t("deskmore.merge_moves", { n: what.conversations, ...names })}</li>` : ""}
          ${what.identities.length ? html`<li>${t("deskmore.merge_addresses", { list: what.identities.map((identity) => (identity.kind === "phone" ? phone(identity.value) : identity.value)).join(", "), ...names })}</li>` : ""}
          ${what.note || what.tags.length ? html`<li>${t("deskmore.merge_joined", names)}</li>` : ""}
          ${what.blocks ? html`<li class="is-bad">${t("deskmore.merge_blocks", names)}</li>` : ""}
          ${what.loses.length ? html`<li>${t("deskmore.merge_loses", { list: what.loses.join(", ") })}</li>` : ""}
        </ul>
        <p class="meta">${t("deskmore.merge_back")}</p>
        ${complaint ? html`<p class="form-bad" role="alert">${complaint}</p>` : ""}
        <footer class="sheet-foot"><button class="btn" type="button" data-act="other">${t("common.back")}</button><button class="btn go" type="button" data-act="merge" ${busy ? html`disabled` : ""}>${t("deskmore.merge_go", names)}</button></footer>`,
    );
  };
  const find = async () => {
    query = input.value.trim();
    asked?.abort();
    at = -1;
    if (query.length < 2) {
      contacts = [];
      return drawFound();
    }
    asked = new AbortController();
    try {
      const answer = await api.get(withQuery("/api/desk/contacts", { q: query }), { signal: asked.signal });
      contacts = answer.contacts.filter((/** @type {Contact} */ contact) => contact.id !== mine.id).slice(0, 8);
      drawFound();
    } catch (error) {
      if (!asked.signal.aborted) render(list, html`<p class="menu-none">${sentence(error)}</p>`);
    }
  };
  const pick = async (/** @type {string | undefined} */ id) => {
    if (!id) return;
    render(list, waitLines(2));
    try {
      const [keep, drop] = await Promise.all([mine.id, id].map((id) => api.get(`/api/desk/contacts/${id}`)));
      pair = [keep, drop];
      complaint = "";
      drawPlan();
      /** @type {HTMLElement | null} */ (plan.querySelector("[data-act=other]"))?.focus();
    } catch (error) {
      desk.toast(sentence(error), { bad: true });
    }
    drawFound();
  };
  /** Two contacts again: what is on screen of either is fetched anew. @param {string} id @param {string} name */
  const apart = async (id, name) => {
    await undoByName(desk, name);
    for (const [key, talk] of store.talks) if (talk.contact?.id === id && key !== store.current) store.talks.delete(key);
    void store.reload();
  };
  const merge = async () => {
    if (!pair || busy) return;
    const [keep, drop] = pair;
    busy = true;
    drawPlan();
    try {
      const { contact, undo } = await api.post(`/api/desk/contacts/${keep.contact.id}/merge`, { other: drop.contact.id });
      close();
      store.merged(contact, drop.contact.id);
      desk.toast(t("deskmore.merge_done", { name: calledBy(contact) }), { act: t("common.undo"), run: () => void apart(contact.id, undo) });
    } catch (error) {
      complaint = sentence(error);
    }
    busy = false;
    if (sheet.isConnected) drawPlan();
  };
  onAct(sheet, {
    pick: (target) => void pick(contacts[Number(target.dataset.at)]?.id),
    swap: () => {
      if (pair) pair = [pair[1], pair[0]];
      drawPlan();
    },
    other: () => {
      pair = null;
      drawPlan();
      input.focus();
    },
    merge: () => void merge(),
  });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void find(), 180);
  });
  input.addEventListener("keydown", (event) => {
    if (contacts.length === 0 || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") at = (at + (event.key === "ArrowDown" ? 1 : -1) + contacts.length) % contacts.length;
    else if (event.key === "Enter") void pick(contacts[Math.max(at, 0)]?.id);
    else return;
    event.preventDefault();
    if (event.key !== "Enter") drawFound();
  });
  input.focus();
  if (other) await pick(other);
}
