/** Canned replies: found by folder, written with formatting and variables, for oneself or for everybody. */
import { sentence } from "../shared/api.js";
import { flag, html, icon, onAct, render } from "../shared/html.js";
import { addTexts, LANGUAGES, t } from "../shared/i18n.js";
import { docOf } from "./drafts.js";
import { blank, loadStyle } from "./parts.js";
import "./richbox.js";
import { wordsOf } from "./rules.js";
import { openSheet } from "./sheet.js";
import { unknownWords } from "./variables.js";

const PATH = "/api/collections/canned_replies/records";
const VARIABLES = ["contact.name", "contact.first_name", "agent.name", "conversation.number", "shop.name"];

/** @typedef {import("../shared/types.js").Canned} Canned */

/** Replies by their folders; those without one come first. @param {readonly Canned[]} all @param {string} query @returns {[string, Canned[]][]} */
export function byFolder(all, query) {
  const wanted = query.trim().toLocaleLowerCase();
  /** @type {Map<string, Canned[]>} */
  const folders = new Map();
  for (const reply of [...all].sort((a, b) => a.title.localeCompare(b.title))) {
    if (wanted && !`${reply.title} ${reply.shortcut} ${reply.folder ?? ""} ${reply.text}`.toLocaleLowerCase().includes(wanted)) continue;
    const folder = reply.folder ?? "";
    folders.set(folder, [...(folders.get(folder) ?? []), reply]);
  }
  return [...folders].sort(([a], [b]) => Number(a !== "") - Number(b !== "") || a.localeCompare(b));
}

/** @param {import("./app.js").Desk} desk @param {{text: string, html: string, language: string}} [begin] a new one with this text */
export async function openCanned(desk, begin) {
  await Promise.all([addTexts("deskmore", "error"), loadStyle("canned")]);
  const { api, store } = desk;
  const { sheet } = openSheet(
    "canned-sheet",
    t("desk.canned"),
    html`<div class="canned-panes"><div class="canned-side">
      <div class="canned-tools"><input class="canned-find" type="search" aria-label="${t("deskmore.canned_find")}"
      placeholder="${t("deskmore.canned_find")}" autocomplete="off"><button class="btn" type="button"
      data-act="new">${icon("plus", "s")}${t("deskmore.canned_new")}</button></div><div class="canned-list"></div></div><div class="canned-edit"></div></div>`,
  );
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (sheet.querySelector(`.${name}`));
  const find = /** @type {HTMLInputElement} */ (part("canned-find"));
  /** Which one is on screen; "new" is one that is not saved. */
  let at = "";
  const all = () => store.boot.canned;

  const list = () => {
    const folders = byFolder(all(), find.value);
    render(
      part("canned-list"),
      folders.length
        ? html`${folders.map(([folder, replies]) => html`<section data-key="f-${folder}">${folder ? html`<h3>${folder}</h3>` : ""}
          <ul>${replies.map((reply) => html`<li data-key="${reply.id}"><button type="button" class="canned-row ${reply.id === at ? "is-on" : ""}"
          data-act="open" data-id="${reply.id}" aria-current="${reply.id === at ? "true" : "false"}"><b>${reply.title}</b>
          <small>${reply.language ? `${LANGUAGES[/** @type {"en"} */ (reply.language)]} · ` : ""}${reply.owner ? t("deskmore.canned_mine")
          : t("deskmore.canned_shared")}${reply.shortcut ? ` · /${reply.shortcut.replace(/^\//, "")}` : ""}</small></button></li>`)}</ul></section>`)}`
        : blank("bolt", all().length ? t("deskmore.canned_nothing") : t("deskmore.canned_none"), t("deskmore.canned_none_hint")),
    );
  };

  /** @param {Canned} reply */
  const edit = (reply) => {
    at = reply.id || "new";
    part("canned-panes").dataset.open = "edit";
    const folders = [...new Set(all().map((other) => other.folder ?? "").filter(Boolean))].sort();
    part("canned-edit").innerHTML = html`<form class="canned-form" novalidate>
      <button class="link only-phone canned-back" type="button" data-act="to-list">${icon("back", "s")}${t("common.back")}</button>
      <label class="field"><span>${t("deskmore.canned_title")}</span><input name="title" value="${reply.title}" maxlength="80" required autocomplete="off"></label>
      <div class="canned-two">
        <label class="field"><span>${t("deskmore.canned_shortcut")}</span><input name="shortcut" value="${reply.shortcut.replace(/^\//, "")}"
          maxlength="40" autocomplete="off" autocapitalize="none" placeholder="delivery"></label>
        <label class="field"><span>${t("deskmore.canned_folder")}</span><input name="folder" value="${reply.folder ?? ""}" maxlength="60"
          list="canned-folders" autocomplete="off"><datalist id="canned-folders">${folders.map((folder) => html`<option value="${folder}"></option>`)}</datalist></label>
      </div>
      <div class="canned-two">
        <label class="field"><span>${t("deskmore.canned_language")}</span><select name="language">
          <option value="">${t("deskmore.canned_any")}</option>${Object.entries(LANGUAGES).map(([id, name]) =>
          html`<option value="${id}"${flag("selected", id === reply.language)}>${name}</option>`)}</select></label>
        <label class="field"><span>${t("deskmore.canned_who")}</span><select name="owner"><option value="">${t("deskmore.canned_shared")}</option>
          <option value="me"${flag("selected", Boolean(reply.owner))}>${t("deskmore.canned_mine")}</option></select></label>
      </div>
      <div class="field"><span id="canned-text">${t("deskmore.canned_text")}</span><rich-box class="txt canned-body" dir="auto" aria-labelledby="canned-text"></rich-box>
        <div class="canned-vars" role="group" aria-label="${t("deskmore.canned_vars")}">${VARIABLES.map((name) =>
          html`<button class="chip" type="button" data-act="variable" data-name="${name}">${t(`deskmore.var_${name.replace(".", "_")}`)}</button>`)}</div>
        <small>${t("deskmore.canned_vars_hint", { example: "{{contact.name|there}}" })}</small></div>
      <p class="form-bad" role="alert" hidden></p>
      <footer class="canned-foot">${reply.id ? html`<button class="btn" type="button" data-act="delete">${t("deskmore.canned_delete")}</button>`
        : ""}<button class="btn go" type="submit">${t("common.save")}</button></footer>
    </form>`.text;
    const form = /** @type {HTMLFormElement} */ (sheet.querySelector(".canned-form"));
    const body = /** @type {import("./richbox.js").RichBox} */ (form.querySelector("rich-box"));
    body.doc = docOf({ text: reply.text, html: reply.html ?? "" });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const data = new FormData(form);
      const bad = /** @type {HTMLElement} */ (form.querySelector(".form-bad"));
      const fields = { title: String(data.get("title")).trim(), shortcut: String(data.get("shortcut")).trim().replace(/^\//, ""),
        folder: String(data.get("folder")).trim(), language: String(data.get("language")), owner: data.get("owner") ? store.me.id
        : "", text: body.text, html: body.html };
      bad.hidden = true;
      try {
        if (!fields.title || !fields.text.trim()) throw new Error("empty");
        const unknown = unknownWords([fields.text]);
        if (unknown && fields.text !== reply.text) {
          bad.textContent = unknown;
          bad.hidden = false;
          return body.focus();
        }
        const saved = await (reply.id ? api.patch(`${PATH}/${reply.id}`, fields) : api.post(PATH, fields));
        store.boot.canned = [...all().filter((other) => other.id !== saved.id), saved];
        at = saved.id;
        desk.toast(t("deskmore.canned_saved"));
        list();
        edit(saved);
      } catch (error) {
        bad.textContent = error instanceof Error && error.message === "empty" ? t("deskmore.canned_empty") : wordsOf(error);
        bad.hidden = false;
      }
    });
    list();
    if (!reply.id) /** @type {HTMLInputElement} */ (form.querySelector("[name=title]")).focus();
  };

  /** @param {string} id */
  const remove = async (id) => {
    const reply = all().find((other) => other.id === id);
    if (!reply) return;
    try {
      await api.delete(`${PATH}/${id}`);
      store.boot.canned = all().filter((other) => other.id !== id);
      close();
      desk.toast(t("deskmore.canned_deleted", { title: reply.title }), {
        act: t("common.undo"),
        run: () => void api.post(PATH, { ...reply, id: undefined }).then((back) => {
          store.boot.canned = [...all().filter((other) => other.id !== back.id), back];
          list();
        }, (error) => desk.toast(sentence(error), { bad: true })),
      });
    } catch (error) {
      desk.toast(sentence(error), { bad: true });
    }
  };
  const close = () => {
    at = "";
    part("canned-panes").dataset.open = "";
    part("canned-edit").innerHTML = blank("bolt", t("deskmore.canned_pick"), t("deskmore.canned_pick_hint")).text;
    list();
  };
  const fresh = (/** @type {{text: string, html: string, language: string}} */ from) => edit({ id: "", title: "", shortcut: "", folder: "", owner: "", ...from });

  find.addEventListener("input", list);
  onAct(sheet, {
    new: () => fresh({ text: "", html: "", language: "" }),
    open: (target) => {
      const reply = all().find((other) => other.id === target.dataset.id);
      if (reply) edit(reply);
    },
    "to-list": close,
    delete: () => void remove(at),
    variable: (target) => /** @type {import("./richbox.js").RichBox} */ (sheet.querySelector("rich-box")).insertText(`{{${target.dataset.name}}}`),
  });
  close();
  if (begin) fresh(begin);
}

/** Keeps what stands in the composer as a canned reply. @param {import("./app.js").Desk} desk */
export function saveCanned(desk) {
  const box = desk.app.talk.composer?.box;
  const row = desk.store.row;
  return openCanned(desk, { text: box?.text ?? "", html: box?.html ?? "", language: row?.language || row?.contact.language || "" });
}
