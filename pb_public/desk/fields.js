/** For owners: what is to be known of customers beside name and addresses. */
import { html, icon, onAct } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { loadStyle } from "./parts.js";
import { Pane, recordPath, select } from "./rules.js";
import { openSheet } from "./sheet.js";

/** @typedef {{id: string, key: string, label_en: string, label_bn: string, kind: string, choices: string[] | null, required: boolean, sort: number, widget: boolean}} Field */

const KINDS = ["text", "number", "date", "choice", "yes_no"];

/** A key for programs from a name: Latin letters, digits, and one that nobody has. @param {string} name @param {readonly string[]} taken */
export function keyFrom(name, taken) {
  const base = name.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^[_\d]+|_+$/g, "").slice(0, 30) || "field";
  for (let i = 1; ; i++) {
    const key = i === 1 ? base : `${base}_${i}`;
    if (!taken.includes(key)) return key;
  }
}

/** What a field is called to whoever looks. @param {Pick<Field, "label_en" | "label_bn">} field */
const called = (field) => (document.documentElement.lang === "bn" ? field.label_bn : "") || field.label_en;

class FieldsPane extends Pane {
  /** @type {Field[]} */
  list = [];

  async fetch() {
    this.list = await this.all("contact_fields", "sort,created");
  }

  view() {
    return html`<p class="meta">${t("profile.fields_hint")}</p>
      <div class="cards">${this.list.map((field) => this.#card(field))}</div>
      <button class="btn add" type="button" data-act="add">${icon("plus", "s")}${t("profile.field_add")}</button>`;
  }

  /** @param {Field} field */
  #card(field) {
    const input = (/** @type {"label_en" | "label_bn"} */ name, /** @type {string} */ label) => html`<label class="holiday-field"><span>${label}</span><input value="${field[name]}" data-change="${name}" data-id="${field.id}" maxlength="60" dir="auto"></label>`;
    return html`<section class="rule-card" data-key="${field.id}"><div class="field-pair">${input("label_bn", t("profile.label_bn"))}${input("label_en", t("profile.label_en"))}
      <button class="tool" type="button" data-act="drop" data-id="${field.id}" aria-label="${t("rules.drop", { name: called(field) })}" title="${t("rules.drop", { name: called(field) })}">${icon("close", "s")}</button></div>
      <p class="line">${select("kind", KINDS.map((id) => [id, t(`profile.kind_${id}`)]), field.kind, t("profile.kind"), field.id)}${field.kind === "choice" ? html`<input class="pick wide" value="${(field.choices ?? []).join(", ")}" data-change="choices" data-id="${field.id}" placeholder="${t("profile.choices_hint")}" aria-label="${t("profile.choices_hint")}" dir="auto">` : ""}
        <label class="check"><input type="checkbox" data-change="required" data-id="${field.id}" ${field.required ? html`checked` : ""}>${t("profile.required")}</label>
        <label class="check"><input type="checkbox" data-change="widget" data-id="${field.id}" ${field.widget ? html`checked` : ""}>${t("profile.widget")}</label></p>
      ${field.widget ? html`<p class="meta">${t("profile.widget_hint", { key: field.key })}</p>` : ""}</section>`;
  }

  /** @param {HTMLElement} box */
  changed(box) {
    const { change = "", id = "", at = "" } = box.dataset;
    const field = this.list.find((other) => other.id === (id || at));
    if (!field) return undefined;
    const value = /** @type {HTMLInputElement} */ (box).value;
    /** @type {Partial<Field>} */
    const body =
      change === "kind"
        ? { kind: value, ...(value === "choice" && !field.choices?.length ? { choices: [t("profile.choice_one"), t("profile.choice_two")] } : {}) }
        : change === "choices"
          ? { choices: value.split(",").map((word) => word.trim()).filter(Boolean) }
          : change === "required" || change === "widget"
            ? { [change]: /** @type {HTMLInputElement} */ (box).checked }
            : { [change]: value.trim() };
    /** @type {Record<string, unknown>} */
    const back = {};
    for (const key of Object.keys(body)) back[key] = field[/** @type {keyof Field} */ (key)];
    return this.doing(async () => {
      await this.desk.api.patch(recordPath("contact_fields", field.id), body);
      this.undoable(t("rules.saved", { name: called({ ...field, ...body }) }), () => this.desk.api.patch(recordPath("contact_fields", field.id), back));
    });
  }

  acts = {
    add: () =>
      this.doing(async () => {
        const made = await this.desk.api.post(recordPath("contact_fields"), { key: keyFrom("field", this.list.map(({ key }) => key)), label_en: "New field", label_bn: "নতুন ঘর", kind: "text", sort: (this.list.at(-1)?.sort ?? 0) + 10 });
        await this.fetch();
        this.draw();
        const first = /** @type {HTMLInputElement | null} */ (this.host.querySelector(`[data-key="${made.id}"] input`));
        first?.focus();
        first?.select();
      }),
    drop: (/** @type {HTMLElement} */ button) => {
      const field = this.list.find(({ id }) => id === button.dataset.id);
      if (!field) return;
      const { id, key, label_en, label_bn, kind, choices, required, sort, widget } = field;
      void this.doing(() => this.desk.api.delete(recordPath("contact_fields", id)));
      // What customers' values are is not touched, so bringing the field back brings them back.
      this.undoable(t("rules.dropped", { name: called(field) }), () => this.desk.api.post(recordPath("contact_fields"), { id, key, label_en, label_bn, kind, choices, required, sort, widget }));
    },
  };
}

/** @param {import("./app.js").Desk} desk */
export async function openFields(desk) {
  await Promise.all([addTexts("deskmore", "rules", "profile"), loadStyle("rules")]);
  const { sheet } = openSheet("fields", t("desk.contact_fields"), html`<div class="sheet-body"><div class="rules-pane"></div></div>`);
  const pane = new FieldsPane(desk, /** @type {HTMLElement} */ (sheet.querySelector(".rules-pane")));
  onAct(sheet, { add: pane.acts.add, drop: pane.acts.drop, again: () => void pane.load() });
  sheet.addEventListener("change", (event) => event.target instanceof HTMLElement && void pane.changed(event.target));
  await pane.load();
}
