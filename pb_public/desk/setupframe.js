/** The page of the set-up, the same before there is an owner and after: the steps beside one calm column. */
import { firstLetter } from "../shared/format.js";
import { html, icon } from "../shared/html.js";
import { currentLanguage, LANGUAGES, t } from "../shared/i18n.js";

/** @typedef {import("../shared/html.js").Html} Html */
/** @typedef {{step: string, state: "open" | "done" | "skipped", proof: any}} Step */

/** The steps in their order. */
export const STEPS = ["account", "shop", "hours", "look", "mail", "widget", "staff", "backup"];

/** The step to go on with: the first that is neither done nor left out, then the first left out, then the end. @param {readonly Step[]} steps */
export function nextOpen(steps) {
  return (steps.find(({ state }) => state === "open") ?? steps.find(({ state }) => state === "skipped"))?.step ?? "end";
}

/** The step after another; behind the last is the end. @param {string} step */
export function after(step) {
  return STEPS[STEPS.indexOf(step) + 1] ?? "end";
}

/** The step before another, "" before the first that can be gone back to. @param {string} step */
export function before(step) {
  if (step === "end") return STEPS[STEPS.length - 1];
  const at = STEPS.indexOf(step);
  return at > 1 ? STEPS[at - 1] : "";
}

/** @param {Step["state"]} state @param {boolean} on @param {number} n */
function sign(state, on, n) {
  if (state === "done") return html`<i class="step-sign is-done">${icon("check", "xs")}</i>`;
  return html`<i class="step-sign ${on ? "is-on" : ""} ${state === "skipped" ? "is-skipped" : ""}"><span class="num">${t("setup.number", { n })}</span></i>`;
}

/** @param {readonly Step[]} steps @param {string} current @param {boolean} links before there is an owner the steps lead nowhere */
function stepList(steps, current, links) {
  return html`<ol class="setup-steps">${steps.map(({ step, state }, i) => {
    const on = step === current;
    const inside = html`${sign(state, on, i + 1)}<span><b>${t(`setup.step_${step}`)}</b>${state === "skipped" ? html`<small>${t("setup.skipped")}</small>` : ""}<span class="quiet">${state === "done" ? t("setup.is_done") : ""}</span></span>`;
    return html`<li class="${on ? "is-on" : ""}">${links && step !== "account" ? html`<a href="#/setup/${step}" ${on ? html`aria-current="step"` : ""}>${inside}</a>` : html`<span class="setup-step" ${on ? html`aria-current="step"` : ""}>${inside}</span>`}</li>`;
  })}</ol>`;
}

/**
 * @param {object} page
 * @param {string} page.shop name of the shop
 * @param {readonly Step[]} page.steps
 * @param {string} page.current
 * @param {boolean} page.links
 * @param {Html | ""} page.later what leads away
 */
export function frame({ shop, steps, current, links, later }) {
  const at = STEPS.indexOf(current);
  const done = steps.filter(({ state }) => state === "done").length;
  const name = current === "end" ? t("setup.step_end") : t(`setup.step_${current}`);
  return html`<aside class="setup-side" aria-label="${t("setup.steps")}">
      <p class="brand"><i>${firstLetter(shop) || "স"}</i><span class="brand-name">${shop}</span></p>
      <details class="setup-where"><summary><span class="setup-now"><b>${name}</b><small>${t("setup.done_n", { done, of: STEPS.length })}</small></span>${icon("down", "s")}</summary>${stepList(steps, current, links)}</details>
      <progress class="setup-bar" max="${STEPS.length}" value="${at < 0 ? STEPS.length : done}" aria-label="${t("setup.done_n", { done, of: STEPS.length })}"></progress>
      <div class="setup-all"><p class="setup-count">${t("setup.done_n", { done, of: STEPS.length })}</p>${stepList(steps, current, links)}</div>
      <div class="setup-foot">${later}</div>
    </aside>
    <div class="setup-langs" role="group" aria-label="${t("setup.language_of_page")}">${Object.entries(LANGUAGES).map(([id, label]) => html`<button type="button" lang="${id}" data-act="speak" data-lang="${id}" aria-pressed="${id === currentLanguage() ? "true" : "false"}">${label}</button>`)}</div>`;
}

/** What a step says of itself: it waits, it is well, or it is not. @param {"wait" | "good" | "bad" | "calm"} state @param {Html | string} words @param {Html | ""} [more] */
export function proof(state, words, more = "") {
  const mark = state === "wait" ? html`<i class="spin" aria-hidden="true"></i>` : icon(state === "good" ? "check" : state === "bad" ? "alert" : "clock", "s");
  return html`<div class="proof is-${state}"><span class="proof-mark">${mark}</span><div class="proof-words">${words}${more}</div></div>`;
}

/** @param {string} name @param {string} label @param {Html} input @param {string} [hint] @param {string} [wrong] */
export function field(name, label, input, hint = "", wrong = "") {
  return html`<label class="field ${wrong ? "is-wrong" : ""}" data-field="${name}"><span>${label}</span>${input}${wrong ? html`<small class="field-wrong" role="alert">${wrong}</small>` : hint ? html`<small>${hint}</small>` : ""}</label>`;
}
