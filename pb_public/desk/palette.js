/** The command bar: everything that can be done, and every conversation, by a few letters. */
import { withQuery } from "../shared/api.js";
import { digits } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { assignTo, COMMANDS, inBar, isAbout, toggleTag } from "./commands.js";
import { channelIcon, lineOf, nameOf, viewIcon, viewName } from "./logic.js";
import { openSheet } from "./sheet.js";
import { calledBy } from "./merge.js";
import { contactFace, face } from "./parts.js";
import { searchOf } from "./search.js";

/**
 * @typedef {{key: string, label: string, hint: string, mark: import("../shared/html.js").Html, run: () => void, group: string}} Entry
 */

/** Whether all letters of the words stand in the text in that order; the fewer gaps, the higher. @param {string} text @param {string} query */
export function match(text, query) {
  if (!query) return 1;
  const hay = text.toLocaleLowerCase();
  const at = hay.indexOf(query);
  if (at === 0) return 100;
  if (at > 0) return /[\s:(]/.test(hay[at - 1]) ? 80 : 50;
  const words = query.split(/\s+/);
  return words.length > 1 && words.every((word) => hay.includes(word)) ? 30 : 0;
}

/** @param {import("./app.js").Desk} desk */
export async function openPalette(desk) {
  await addTexts("deskmore");
  const { store } = desk;
  const { sheet, close } = openSheet(
    "palette",
    t("desk.palette"),
    html`<div class="palette-find">${icon("find")}<input type="text" enterkeyhint="go" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-label="${t("desk.palette")}" placeholder="${t("deskmore.palette_hint")}" autocomplete="off" autocapitalize="none" spellcheck="false"></div><div class="palette-list" id="palette-list" role="listbox"></div>`,
    { bare: true },
  );
  const input = /** @type {HTMLInputElement} */ (sheet.querySelector("input"));
  const list = /** @type {HTMLElement} */ (sheet.querySelector(".palette-list"));
  let at = 0;
  let timer = 0;
  /** @type {AbortController | null} */
  let asked = null;
  /** @type {import("../shared/types.js").Row[]} */
  let rows = [];
  /** The snippet of a conversation that was found by what was said in it. @type {Map<string, string>} */
  const snippets = new Map();
  /** @type {import("../shared/types.js").Contact[]} */
  let contacts = [];
  /** @type {Entry[]} */
  let shown = [];

  /** @returns {Entry[]} */
  const entries = () => {
    const row = store.row;
    const about = row ? t("deskmore.about", { name: nameOf(row.contact), number: digits(row.number) }) : "";
    const general = t("deskmore.group_desk");
    /** @type {Entry[]} */
    const all = COMMANDS.filter((command) => inBar(command) && (command.when?.(desk) ?? true)).map((command) => ({
      key: command.id,
      label: command.label(),
      hint: command.keys ?? "",
      mark: icon(command.icon, "s"),
      group: row && isAbout(command) ? about : general,
      run: () => desk.run(command.id),
    }));
    for (const view of [...desk.saved.list.map((saved) => `saved:${saved.id}`), ...Object.keys(store.counts.channels ?? {}).map((channel) => `channel:${channel}`), ...[...store.tags.keys()].map((tag) => `tag:${tag}`)]) {
      all.push({ key: `view-${view}`, label: t("desk.go_to", { view: viewName(view) }), hint: "", mark: icon(viewIcon(view), "s"), group: general, run: () => desk.go(view) });
    }
    if (row) {
      for (const agent of store.agents.values()) {
        if (agent.id !== store.me.id && agent.id !== row.assignee) all.push({ key: `assign-${agent.id}`, label: t("deskmore.assign_to_name", { name: agent.name }), hint: "", mark: face(agent, "xs"), group: about, run: () => assignTo(desk, agent.id) });
      }
      for (const tag of store.tags.values()) {
        const on = row.tags.includes(tag.id);
        all.push({ key: `tag-${tag.id}`, label: on ? t("deskmore.tag_remove", { tag: tag.name }) : t("deskmore.tag_add", { tag: tag.name }), hint: "", mark: icon("tag", "s"), group: about, run: () => toggleTag(desk, tag.id) });
      }
      for (const reply of store.boot.canned) {
        all.push({ key: `canned-${reply.id}`, label: t("deskmore.insert", { title: reply.title }), hint: reply.shortcut ? `/${reply.shortcut.replace(/^\//, "")}` : "", mark: icon("bolt", "s"), group: t("desk.canned"), run: () => setTimeout(() => { desk.write("reply"); desk.app.talk.composer?.insert(reply); }) });
      }
    }
    return all.sort((a, b) => Number(b.group === about) - Number(a.group === about));
  };

  const draw = () => {
    const query = input.value.trim().toLocaleLowerCase();
    const found = entries()
      .map((entry) => ({ entry, rank: match(entry.label, query) }))
      .filter(({ entry, rank }) => rank > 0 && (query || !/^(assign-|tag-|canned-|view-)/.test(entry.key)));
    if (query) found.sort((a, b) => b.rank - a.rank);
    shown = found.slice(0, query ? 12 : found.length).map(({ entry }) => entry);
    shown.push(
      ...contacts.map((contact) => ({ key: contact.id, label: calledBy(contact), hint: "", line: t("deskmore.search_person"), channel: "", mark: face({ id: contact.id, name: calledBy(contact) }, "xs"), group: t("desk.contact"), run: () => desk.searchFor(searchOf(contact)) })),
      ...rows.map((row) => ({ key: row.id, label: nameOf(row.contact), hint: `#${digits(row.number)}`, mark: html`${contactFace(row, "xs")}`, group: t("desk.conversations"), run: () => desk.go("all", row.number), line: snippets.get(row.id) || lineOf(row), channel: row.channel })),
    );
    at = Math.max(0, Math.min(at, shown.length - 1));
    let group = "";
    render(
      list,
      shown.length
        ? html`${shown.map((entry, i) => {
            const head = query && !rows.length ? "" : entry.group !== group && (!query || entry.group === t("desk.conversations")) ? html`<div class="palette-group">${entry.group}</div>` : "";
            group = entry.group;
            const more = /** @type {any} */ (entry);
            return html`${head}<button class="menu-item ${i === at ? "is-at" : ""}" type="button" role="option" id="palette-${i}" aria-selected="${i === at ? "true" : "false"}" tabindex="-1" data-act="pick" data-at="${i}">${entry.mark}<span class="menu-label">${entry.label}${more.line ? html`<small>${more.channel ? icon(channelIcon(more.channel), "xs") : ""}${more.line}</small>` : ""}</span>${entry.hint ? html`<span class="menu-hint">${entry.hint.split(" ").map((key) => html`<kbd>${key}</kbd>`)}</span>` : ""}</button>`;
          })}`
        : html`<p class="menu-none">${t("deskmore.palette_none")}</p>`,
    );
    input.setAttribute("aria-activedescendant", `palette-${at}`);
    list.querySelector(".is-at")?.scrollIntoView({ block: "nearest" });
  };
  const look = async () => {
    const query = input.value.trim().replace(/^#/, "");
    asked?.abort();
    if (query.length < 2) {
      rows = [];
      contacts = [];
      return draw();
    }
    asked = new AbortController();
    try {
      const number = /^\d{1,9}$/.test(query) ? Number(query) : 0;
      const page = await desk.api.get(withQuery("/api/desk/search", { q: query, typing: 1 }), { signal: asked.signal });
      rows = page.rows.slice(0, 6).map((/** @type {import("./search.js").Found} */ found) => found.conversation);
      contacts = page.contacts.slice(0, 3);
      snippets.clear();
      for (const found of page.rows) snippets.set(found.conversation.id, found.snippet.map((/** @type {{text: string}} */ piece) => piece.text).join(""));
      if (number && !rows.some((row) => row.number === number)) {
        const known = [...store.rows.values()].find((row) => row.number === number);
        if (known) rows.unshift(known);
      }
    } catch {
      rows = [];
      contacts = [];
    }
    if (sheet.isConnected) draw();
  };
  const choose = () => {
    const entry = shown[at];
    if (!entry) return;
    close();
    setTimeout(entry.run);
  };
  onAct(sheet, {
    pick: (target) => {
      at = Number(target.dataset.at);
      choose();
    },
  });
  input.addEventListener("input", () => {
    at = 0;
    draw();
    clearTimeout(timer);
    timer = window.setTimeout(() => void look(), 160);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      at = (at + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % Math.max(1, shown.length);
      draw();
    } else if (event.key === "Enter") {
      choose();
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      close();
    } else {
      return;
    }
    event.preventDefault();
  });
  draw();
  input.focus();
}
