/** For owners: the words of the mails that the shop writes, with the mail as it will look beside them. */
import { sentence, withQuery } from "../shared/api.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, currentLanguage, LANGUAGES, t } from "../shared/i18n.js";
import { loadStyle } from "./parts.js";
import { openSheet } from "./sheet.js";
import { near } from "./variables.js";

const PATH = "/api/collections/mail_templates/records";
const KINDS = /** @type {const} */ (["acknowledgement", "reply", "transcript", "code"]);

/**
 * @typedef {{subject: string, body: string}} Words
 * @typedef {{subject: string, html: string, text: string, words: Words, builtin: Words, variables: string[]}} Preview
 */

/** The variables of a text that this mail does not know, as they stand between the braces; {{two}} make none here. @param {string} text @param {readonly string[]} known */
export function strangers(text, known) {
  return [...new Set([...text.matchAll(/\{(\{[^{}\n]{0,80}\})\}|\{(\w+)\}/g)].map((match) => match[1] ?? match[2]))].filter((name) => !known.includes(name));
}

/** @param {import("./app.js").Desk} desk */
export async function openTemplates(desk) {
  await Promise.all([addTexts("deskmore", "error"), loadStyle("boxes")]);
  const { api } = desk;
  const languages = desk.store.boot.shop.languages.filter((lang) => lang in LANGUAGES);
  /** @type {string} */
  let kind = KINDS[0];
  let lang = languages.includes(currentLanguage()) ? currentLanguage() : (languages[0] ?? "en");
  /** @param {string} name @param {string} legend @param {[string, string][]} options @param {string} value */
  const choice = (name, legend, options, value) => html`<fieldset class="segment"><legend class="quiet">${legend}</legend><div>${options.map(([id, label]) => html`<label><input type="radio" name="${name}" value="${id}" ${id === value ? html`checked` : ""}><span>${label}</span></label>`)}</div></fieldset>`;
  const { sheet } = openSheet(
    "templates",
    t("deskmore.templates"),
    html`<form class="sheet-body" novalidate>
      <div class="template-pick">${choice("kind", t("deskmore.templates"), KINDS.map((id) => [id, t(`deskmore.template_${id}`)]), kind)}
        ${languages.length > 1 ? choice("lang", t("desk.language"), languages.map((id) => [id, LANGUAGES[id]]), lang) : ""}</div>
      <div class="template-panes"><div class="template-words">
        <label class="field" data-part="subject"><span>${t("deskmore.subject")}</span><input name="subject" maxlength="200" dir="auto" autocomplete="off"></label>
        <label class="field"><span>${t("deskmore.template_text")}</span><textarea name="body" rows="11" dir="auto" maxlength="10000"></textarea></label>
        <div class="variables"></div>
        <p class="meta">${t("deskmore.template_marks")}</p>
        <p class="form-bad" role="alert" hidden></p></div>
      <div class="template-view"><p class="template-subject" dir="auto"></p><iframe title="${t("deskmore.template_view")}" sandbox="" referrerpolicy="no-referrer"></iframe></div></div>
      <footer class="sheet-foot"><button class="btn" type="button" data-act="builtin">${t("deskmore.template_builtin")}</button><button class="btn go" type="submit">${t("common.save")}</button></footer>
    </form>`,
  );
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  const subject = /** @type {HTMLInputElement} */ (form.elements.namedItem("subject"));
  const body = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("body"));
  const bad = /** @type {HTMLElement} */ (form.querySelector(".form-bad"));
  const frame = /** @type {HTMLIFrameElement} */ (form.querySelector("iframe"));
  /** @type {Preview | null} */
  let preview = null;
  let timer = 0;
  let asking = 0;

  const complain = (/** @type {string} */ words) => {
    bad.textContent = words;
    bad.hidden = words === "";
  };
  /** What is said of the first variable that this mail does not know. */
  const unknown = () => {
    const known = preview?.variables ?? [];
    const [odd] = preview ? strangers(`${subject.value} ${body.value}`, known) : [];
    return odd ? t("error.variable_unknown", { name: `{${odd}}`, list: near(odd.replace(/[{} ]/g, ""), known).map((name) => `{${name}}`).join(", ") }) : "";
  };
  const draw = () => {
    if (!preview) return;
    /** @type {HTMLElement} */ (form.querySelector(".template-subject")).textContent = preview.subject;
    frame.srcdoc = preview.html;
    render(/** @type {HTMLElement} */ (form.querySelector(".variables")), html`<span class="meta">${t("deskmore.variables")}</span>${preview.variables.map((name) => html`<button class="chip" type="button" data-act="insert" data-name="${name}" title="${t(`deskmore.variable_${name}`)}">{${name}}</button>`)}`);
    complain(unknown());
  };
  /** Fetches the mail as it would go out; with what is typed, or with what is saved. @param {boolean} typed */
  const look = async (typed) => {
    const turn = ++asking;
    try {
      const path = withQuery("/api/desk/mail/preview", { template: kind, lang, ...(typed ? { subject: subject.value || " ", body: body.value || " " } : {}) });
      const answer = /** @type {Preview} */ (await api.get(path));
      if (turn !== asking || !sheet.isConnected) return;
      preview = answer;
      if (!typed) {
        subject.value = answer.words.subject;
        body.value = answer.words.body;
      }
      /** @type {HTMLElement} */ (form.querySelector("[data-part=subject]")).hidden = kind === "reply";
      draw();
    } catch (error) {
      if (turn === asking) complain(sentence(error));
    }
  };
  /** The owner's own words for this mail, if there are any. @returns {Promise<string>} their record's id */
  const own = async () => (await api.get(withQuery(PATH, { filter: `key='${kind}' && language='${lang}'`, perPage: 1 }))).items[0]?.id ?? "";

  form.addEventListener("input", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.type === "radio") return;
    clearTimeout(timer);
    timer = window.setTimeout(() => void look(true), 350);
  });
  form.addEventListener("change", (event) => {
    if (!(event.target instanceof HTMLInputElement) || event.target.type !== "radio") return;
    if (event.target.name === "kind") kind = event.target.value;
    else lang = event.target.value;
    clearTimeout(timer);
    void look(false);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (unknown()) {
      complain(unknown());
      return body.focus();
    }
    try {
      const id = await own();
      // What is as built in stays empty: a better text of ours then comes with an update.
      const words = { subject: subject.value === preview?.builtin.subject ? "" : subject.value.trim(), body: body.value === preview?.builtin.body ? "" : body.value.trim() };
      if (!words.subject && !words.body) await (id ? api.delete(`${PATH}/${id}`) : Promise.resolve());
      else if (id) await api.patch(`${PATH}/${id}`, words);
      else await api.post(PATH, { key: kind, language: lang, ...words });
      desk.toast(t("deskmore.template_saved"));
      await look(false);
    } catch (error) {
      complain(sentence(error));
    }
  });
  onAct(form, {
    builtin: () => {
      if (!preview) return;
      const before = { subject: subject.value, body: body.value };
      subject.value = preview.builtin.subject;
      body.value = preview.builtin.body;
      void look(true);
      desk.toast(t("deskmore.template_is_builtin"), {
        act: t("common.undo"),
        run: () => {
          subject.value = before.subject;
          body.value = before.body;
          void look(true);
        },
      });
    },
    insert: (target) => {
      body.focus();
      body.setRangeText(`{${target.dataset.name}}`, body.selectionStart, body.selectionEnd, "end");
      void look(true);
    },
  });
  await look(false);
}
