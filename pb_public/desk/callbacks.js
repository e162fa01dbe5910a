/** Customers who wait for a call: who is due, who calls, what came of it. */
import { sentence } from "../shared/api.js";
import { digits, full, upcoming } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { blank, loadStyle } from "./parts.js";
import { openSheet, waitLines } from "./sheet.js";

/**
 * @typedef {object} Callback
 * @property {string} id
 * @property {number} number of the conversation
 * @property {string} name
 * @property {string} phone
 * @property {string} tel
 * @property {string} topic
 * @property {string} due
 * @property {string} until
 * @property {string} outcome of the last try
 * @property {number} tries
 * @property {string} agent
 * @property {boolean} claimed
 * @property {boolean} overdue
 */

/** @param {import("./app.js").Desk} desk */
export async function openCallbacks(desk) {
  await Promise.all([addTexts("callback"), loadStyle("callbacks")]);
  const { api, store } = desk;
  /** @type {Callback[] | null} */
  let all = null;
  /** @type {string[]} */
  let outcomes = [];
  /** @type {unknown} */
  let failure = null;
  const { sheet } = openSheet("callbacks", t("callback.queue"), html`<div class="sheet-body"></div>`);
  const body = /** @type {HTMLElement} */ (sheet.querySelector(".sheet-body"));

  /** @param {Callback} item */
  const row = (item) => {
    const mine = item.claimed && item.agent === store.me.id;
    const other = item.claimed && !mine;
    const late = item.overdue ? "is-late" : new Date(item.due).getTime() <= Date.now() ? "is-due" : "";
    const meta = [
      item.name ? item.phone : "", // else it stands above already
      item.tries ? t("callback.tries", { n: item.tries }) + (item.outcome ? `: ${t(`callback.outcome_${item.outcome}`)}` : "") : "",
      other ? t("callback.by", { name: store.agentName(item.agent) }) : "",
    ].filter(Boolean);
    return html`<li class="${late}" data-key="${item.id}">
      <div class="call-head"><b>${item.name || item.phone}</b><a class="num" href="#/all/${item.number}" data-act="open">#${digits(item.number)}</a><span class="call-due" title="${full(item.due)}">${icon("clock", "xs")}${late ? t(item.overdue ? "callback.overdue" : "callback.now") : upcoming(item.due)}</span></div>
      ${item.topic ? html`<p dir="auto">${item.topic}</p>` : ""}
      ${meta.length ? html`<p class="meta">${meta.join(" · ")}</p>` : ""}
      ${other ? "" : html`<div class="call-acts">${mine
        ? html`<a class="btn go" href="${item.tel}">${icon("phone", "s")}${t("callback.call")}</a><button class="btn" type="button" data-act="release" data-id="${item.id}">${t("callback.release")}</button>
          <form data-id="${item.id}"><fieldset><legend>${t("callback.what")}</legend>${outcomes.map((outcome, i) => html`<label><input type="radio" name="outcome" value="${outcome}" ${i === 0 ? html`checked` : ""}><span>${t(`callback.outcome_${outcome}`)}</span></label>`)}</fieldset>
            <label class="field"><span>${t("callback.next")}</span><input type="datetime-local" name="next"><small>${t("callback.next_hint")}</small></label>
            <label class="field"><span>${t("callback.note")}</span><textarea name="note" rows="2" maxlength="5000"></textarea></label>
            <button class="btn go" type="submit">${t("callback.save")}</button></form>`
        : html`<button class="btn go" type="button" data-act="claim" data-id="${item.id}">${icon("phone", "s")}${t("callback.claim")}</button>`}</div>`}
    </li>`;
  };
  const draw = () => {
    if (!all) return render(body, failure ? blank("cloud-off", t("callback.failed"), sentence(failure), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`) : waitLines(3));
    render(body, all.length ? html`<ul class="calls">${all.map(row)}</ul>` : blank("phone", t("callback.none"), t("callback.none_hint")));
  };
  /** @param {{callbacks: Callback[], outcomes: string[]}} answer */
  const take = (answer) => {
    all = answer.callbacks;
    outcomes = answer.outcomes;
    draw();
  };
  const load = async () => {
    failure = null;
    try {
      take(await api.get("/api/desk/callbacks"));
    } catch (error) {
      failure = error;
      draw();
    }
  };
  /** @param {string} id @param {string} what @param {object} [said] */
  const act = async (id, what, said) => {
    try {
      take(await api.post(`/api/desk/callbacks/${id}/${what}`, said ?? {}));
      if (what === "outcome") desk.toast(t("callback.saved"));
    } catch (error) {
      desk.toast(sentence(error), { bad: true });
      await load();
    }
  };
  // A form that somebody is filling in is not taken from under their hands.
  const typing = () => body.contains(document.activeElement) && document.activeElement?.matches("textarea, input") === true;
  const off = store.on("counts", () => typing() || void load());
  sheet.addEventListener("close", off);

  body.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    event.preventDefault();
    const data = new FormData(form);
    const at = String(data.get("next") ?? "");
    void act(form.dataset.id ?? "", "outcome", { outcome: data.get("outcome"), note: data.get("note"), next: at ? new Date(at).toISOString() : "" });
  });
  onAct(sheet, {
    again: () => void load(),
    open: () => sheet.close(),
    claim: (target) => void act(target.dataset.id ?? "", "claim"),
    release: (target) => void act(target.dataset.id ?? "", "release"),
  });
  draw();
  await load();
}
