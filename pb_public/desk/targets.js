/** How soon customers are answered: promises, the first one that fits a conversation holds. */
import { html, icon } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { openMenu } from "./menu.js";
import { tagChip } from "./parts.js";
import { ruleName } from "./automations.js";
import { lineSwitch, Pane, recordPath, select } from "./rules.js";
import { lengthOf } from "./rulewords.js";

/**
 * @typedef {{id: string, name: string, sort: number, active: boolean, channels: string[], mailboxes: string[], tags: string[], priority: number,
 *   first_reply: number, next_reply: number, resolution: number, count: string, mail_owners: boolean}} Target
 */

const PROMISES = /** @type {const} */ (["first_reply", "next_reply", "resolution"]);
const CHANNELS = ["chat", "email", "portal"];

/** A length of time as a number and its unit. @param {string} id @param {string} name @param {number} minutes @param {string} label */
function length(id, name, minutes, label) {
  const { n, unit } = lengthOf(minutes);
  return html`<label class="length"><span>${label}</span><span class="length-set"><input type="number" inputmode="numeric" min="0" max="9999" value="${minutes ? n : ""}" placeholder="—" data-change="length" data-name="${name}" data-id="${id}" aria-label="${label}">${select("unit", [1, 60, 1440].map((each) => [String(each), t(`rules.unit_${each}`)]), String(unit), `${label}: ${t("rules.unit")}`, `${id}.${name}`)}</span></label>`;
}

export class TargetsPane extends Pane {
  /** @type {Target[]} */
  list = [];

  async fetch() {
    this.list = await this.all("targets", "sort,id");
  }

  view() {
    return html`<p class="meta">${t("rules.targets_hint")}</p>
      <div class="cards">${this.list.map((target, i) => this.#card(target, i))}</div>
      <button class="btn add" type="button" data-act="add">${icon("plus", "s")}${t("rules.target_add")}</button>`;
  }

  /** @param {Target} target @param {number} i */
  #card(target, i) {
    const tags = this.desk.store.tags;
    return html`<section class="rule-card ${target.active ? "" : "is-off"}" data-key="${target.id}">
      <header>${lineSwitch("active", target.id, target.active, ruleName(target))}<input class="inplace" value="${ruleName(target)}" data-change="name" data-id="${target.id}" maxlength="80" aria-label="${t("rules.target_name")}">
        <button class="tool" type="button" data-act="up" data-id="${target.id}" ${i === 0 ? html`disabled` : ""} aria-label="${t("rules.move_up")}" title="${t("rules.move_up")}">${icon("back", "s is-up")}</button>
        <button class="tool" type="button" data-act="drop" data-id="${target.id}" aria-label="${t("rules.drop", { name: ruleName(target) })}" title="${t("rules.drop", { name: ruleName(target) })}">${icon("close", "s")}</button></header>
      <p class="line"><span>${t("rules.holds_for")}</span>${CHANNELS.map((channel) => html`<label class="chip-check"><input type="checkbox" data-change="channel" data-id="${target.id}" value="${channel}" ${target.channels.includes(channel) ? html`checked` : ""}><span>${t(`desk.channel_${channel}`)}</span></label>`)}${target.channels.length === 0 ? html`<span class="meta">${t("rules.all_channels")}</span>` : ""}</p>
      <p class="line"><span>${t("rules.with_tags")}</span>${target.tags.map((id) => tagChip(tags.get(id)))}<button class="link" type="button" data-act="tags" data-id="${target.id}" aria-haspopup="menu">${target.tags.length ? t("desk.edit") : t("rules.any_tags")}</button>
        <span>${t("rules.from_priority")}</span>${select("priority", ["0", "1", "2"].map((id) => [id, t(`rules.priority_${id}`)]), String(target.priority), t("rules.from_priority"), target.id)}</p>
      <div class="lengths">${PROMISES.map((name) => length(target.id, name, target[name], t(`desk.due_${name}`)))}</div>
      <p class="line"><span>${t("rules.counted")}</span>${select("count", ["office", "clock"].map((id) => [id, t(`rules.count_${id}`)]), target.count, t("rules.counted"), target.id)}
        <label class="check"><input type="checkbox" data-change="mail_owners" data-id="${target.id}" ${target.mail_owners ? html`checked` : ""}>${t("rules.mail_owners")}</label></p>
    </section>`;
  }

  /** @param {string} id @param {Partial<Target>} change */
  #save(id, change) {
    const target = this.list.find((other) => other.id === id);
    if (!target) return undefined;
    /** @type {Record<string, unknown>} */
    const back = {};
    for (const key of Object.keys(change)) back[key] = target[/** @type {keyof Target} */ (key)];
    return this.doing(async () => {
      await this.desk.api.patch(recordPath("targets", id), change);
      this.undoable(t("rules.saved", { name: change.name ?? ruleName(target) }), () => this.desk.api.patch(recordPath("targets", id), back));
    });
  }

  /** @param {HTMLElement} field */
  changed(field) {
    const { id = "", change = "", name = "", at = "" } = field.dataset;
    if (field instanceof HTMLSelectElement) {
      if (change === "unit") {
        const [target, promise] = at.split(".");
        const box = /** @type {HTMLInputElement | null} */ (field.parentElement?.querySelector("input"));
        const n = Number(box?.value) || 0;
        return n ? this.#save(target, { [promise]: n * Number(field.value) }) : undefined;
      }
      return this.#save(at, change === "priority" ? { priority: Number(field.value) } : { count: field.value });
    }
    if (!(field instanceof HTMLInputElement)) return undefined;
    const target = this.list.find((other) => other.id === id);
    if (!target) return undefined;
    switch (change) {
      case "length": {
        const unit = Number(/** @type {HTMLSelectElement | null} */ (field.parentElement?.querySelector("select"))?.value) || 1;
        return this.#save(id, { [name]: Math.max(0, Math.round(Number(field.value) || 0)) * unit });
      }
      case "channel":
        return this.#save(id, { channels: field.checked ? [...target.channels, field.value] : target.channels.filter((channel) => channel !== field.value) });
      case "name":
        return field.value.trim() ? this.#save(id, { name: field.value.trim() }) : this.draw();
      default:
        return this.#save(id, { [change]: field.checked });
    }
  }

  acts = {
    add: () => this.doing(() => this.desk.api.post(recordPath("targets"), { name: t("rules.target_new"), sort: (this.list.at(-1)?.sort ?? 0) + 10, first_reply: 60, next_reply: 240, count: "office" })),
    drop: (/** @type {HTMLElement} */ button) => {
      const target = this.list.find(({ id }) => id === button.dataset.id);
      if (!target) return;
      const { id, name, sort, active, channels, mailboxes, tags, priority, first_reply, next_reply, resolution, count, mail_owners } = target;
      void this.doing(() => this.desk.api.delete(recordPath("targets", id)));
      this.undoable(t("rules.dropped", { name: ruleName(target) }), () => this.desk.api.post(recordPath("targets"), { id, name, sort, active, channels, mailboxes, tags, priority, first_reply, next_reply, resolution, count, mail_owners }));
    },
    up: (/** @type {HTMLElement} */ button) => {
      const at = this.list.findIndex(({ id }) => id === button.dataset.id);
      if (at < 1) return;
      const order = [...this.list];
      [order[at - 1], order[at]] = [order[at], order[at - 1]];
      void this.doing(async () => {
        for (const [i, target] of order.entries()) if (target.sort !== (i + 1) * 10) await this.desk.api.patch(recordPath("targets", target.id), { sort: (i + 1) * 10 });
      });
    },
    tags: (/** @type {HTMLElement} */ button) => {
      const id = button.dataset.id ?? "";
      const target = () => this.list.find((other) => other.id === id);
      openMenu(button, {
        title: t("desk.tags"),
        filter: true,
        choices: () => [...this.desk.store.tags.values()].map((tag) => ({ id: tag.id, label: tag.name, on: target()?.tags.includes(tag.id) })),
        pick: (tag) => {
          const tags = target()?.tags ?? [];
          void this.#save(id, { tags: tags.includes(tag) ? tags.filter((other) => other !== tag) : [...tags, tag] });
        },
      });
    },
  };
}
