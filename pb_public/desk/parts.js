/** Small pieces of markup that several panes share. */
import { hue, initials } from "../shared/format.js";
import { html, icon } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { nameOf } from "./logic.js";

/** @param {{id?: string, name: string, avatar?: string}} person @param {string} [size] a class: "s" or "l" @param {string} [state] online | away | offline */
export function face(person, size = "", state = "") {
  const name = person.name || "?";
  const inside = person.avatar ? html`<img src="${person.avatar}" alt="" loading="lazy">` : initials(name);
  return html`<span class="face ${size}" data-hue="${hue(person.id || name)}" aria-hidden="true">${inside}${state ? html`<i class="face-state is-${state}"></i>` : ""}</span>`;
}

/** @param {import("../shared/types.js").Row} row @param {string} [size] */
export function contactFace(row, size = "") {
  const named = row.contact.name || row.contact.email;
  return face({ id: row.contact.id, name: named || nameOf(row.contact) }, size, row.contact.online ? "online" : "");
}

/** @param {import("../shared/types.js").Tag | undefined} tag */
export function tagChip(tag) {
  if (!tag) return "";
  return html`<span class="tag" data-var="${/^#[0-9a-f]{6}$/i.test(tag.colour) ? `--tag:${tag.colour}` : ""}">${tag.name}</span>`;
}

/** @param {number} n */
export function stars(n) {
  return html`<span class="stars" role="img" aria-label="${t("desk.rated", { n })}">${"★".repeat(n)}</span>`;
}

/** An empty place that says what to do. @param {string} name of an icon @param {string} title @param {string} text @param {import("../shared/html.js").Html | ""} [act] */
export function blank(name, title, text, act = "") {
  return html`<div class="blank"><span class="blank-mark">${icon(name)}</span><h2>${title}</h2><p>${text}</p>${act}</div>`;
}
