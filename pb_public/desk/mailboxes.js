/** The shop's mailboxes: whether mail comes and goes, what to do when it does not, and the past on request. */
import { sentence } from "../shared/api.js";
import { age, count, digits, full } from "../shared/format.js";
import { html, icon, onAct, render, safeUrl } from "../shared/html.js";
import { addTexts, currentLanguage, t } from "../shared/i18n.js";
import { illness, illnessWords, takeHealth } from "./health.js";
import { openMenu } from "./menu.js";
import { routeTo } from "./logic.js";
import { blank, loadStyle } from "./parts.js";
import { copyFrom, openSheet, waitLines } from "./sheet.js";

/**
 * @typedef {import("./health.js").Mailbox} Mailbox
 * @typedef {{ok: boolean, steps: {step: string, ok: boolean, said: string}[], hint: string}} Trial
 * @typedef {{on: boolean, good: boolean, says: string, record: {name: string, host: string, type: string, value: string} | null}} Dkim
 * @typedef {{url: string, code: string, redirect?: string, expires: string, interval: number}} SignIn code: to be typed there; redirect: where the provider sends the owner when there is none
 *
 * @typedef {object} Doing what is going on with a mailbox
 * @property {"try" | "signin" | ""} busy
 * @property {Trial | null} trial
 * @property {SignIn | null} signin
 * @property {Dkim | null} dkim
 * @property {string} said a failure in words
 */

const STEPS = ["connect", "sign_in", "folder", "send_connect", "send", "arrive"];

/** A trial from step to step: those after the one that failed were not tried. @param {Trial} trial @returns {{step: string, state: "good" | "bad" | "none", said: string}[]} */
export function trialSteps(trial) {
  const shown = trial.steps.map(({ step, ok, said }) => ({ step, state: /** @type {"good" | "bad"} */ (ok ? "good" : "bad"), said }));
  const last = shown[shown.length - 1];
  if (!last || last.state === "good") return shown;
  const at = STEPS.indexOf(last.step === "send_sign_in" ? "send_connect" : last.step);
  return [...shown, ...STEPS.slice(at + 1).map((step) => ({ step, state: /** @type {const} */ ("none"), said: "" }))];
}

/** @param {Trial} trial */
export function trialHtml(trial) {
  const mark = { good: "check", bad: "close", none: "dot" };
  return html`<div class="trial" role="status"><ol>${trialSteps(trial).map(({ step, state, said }) => html`<li class="is-${state}">${icon(mark[state], "s")}<span>${t(`deskmore.try_${step}`)}${said ? html`<small>${said}</small>` : ""}</span></li>`)}</ol>
    ${trial.hint ? html`<p class="hint">${icon("help", "s")}<span>${trial.hint}</span></p>` : ""}${trial.ok ? html`<p class="hint is-good">${icon("checks", "s")}<span>${t("deskmore.try_good")}</span></p>` : ""}</div>`;
}

/** @param {SignIn} signin */
export function signInHtml(signin) {
  if (!signin.code) {
    return html`<div class="trial" role="status"><p>${t("deskmore.signin_page")}</p><p class="signin"><a class="btn go" href="${safeUrl(signin.url)}" target="_blank" rel="noopener noreferrer">${t("deskmore.signin_open")}</a></p>
      <p class="meta">${t("deskmore.signin_redirect")} <code>${signin.redirect ?? ""}</code></p><p class="meta">${t("deskmore.signin_waits")}</p></div>`;
  }
  return html`<div class="trial" role="status"><p>${t("deskmore.signin_how")}</p><p class="signin"><b class="num" aria-label="${t("deskmore.signin_code")}">${signin.code}</b><a class="btn go" href="${safeUrl(signin.url)}" target="_blank" rel="noopener noreferrer">${t("deskmore.signin_open")}</a></p><p class="meta">${t("deskmore.signin_waits")}</p></div>`;
}

/** The DNS record of the key that a mailbox signs with, and what DNS says of it. @param {Dkim} dkim @param {string} id */
function dkimHtml(dkim, id) {
  const { record } = dkim;
  const line = (/** @type {string} */ name, /** @type {string} */ label, /** @type {string} */ value) => html`<div><dt>${label}</dt><dd class="code"><pre id="${name}-${id}" tabindex="0" role="textbox" aria-readonly="true" aria-label="${label}">${value}</pre><button class="btn" type="button" data-act="copy" data-of="${name}-${id}">${icon("copy", "s")}${t("desk.copy")}</button></dd></div>`;
  return html`<div class="trial" role="status"><p class="hint ${dkim.good ? "is-good" : ""}">${icon(dkim.good ? "checks" : "help", "s")}<span>${dkim.says}</span></p>
    ${record ? html`<p>${t("deskmore.dkim_how", { type: record.type })}</p><dl class="dns">${line("host", t("deskmore.dkim_name"), record.name || record.host)}${line("value", t("deskmore.dkim_value"), record.value)}</dl><button class="link" type="button" data-act="dkim">${t("deskmore.dkim_again")}</button>` : ""}</div>`;
}

/** What the owner has to mend: what happened, why, what to do. @param {import("./health.js").Alert} alert */
function alertHtml(alert) {
  const said = alert.said ? html`<small>${t("deskmore.alert_server", { said: alert.said })}</small>` : "";
  return html`<div class="caution is-bad">${icon("alert", "s")}<span><b>${alert.what}</b>${alert.why} ${alert.do} ${alert.number ? html`<a class="link" href="${routeTo("all", alert.number)}">${t("deskmore.alert_latest", { number: `#${digits(alert.number)}` })}</a>` : ""}${said}</span></div>`;
}

/** @param {import("./health.js").Older} older @param {boolean} owner */
function olderHtml(older, owner) {
  if (older.state !== "running") return older.state === "done" ? html`<p class="meta">${t("deskmore.older_done", { n: older.done })}</p>` : "";
  return html`<div class="older-run" role="status"><span>${older.total ? t("deskmore.older_runs", { done: older.done, total: older.total }) : t("deskmore.older_begins")}</span><progress max="${older.total || 1}" value="${older.done}"></progress>${owner ? html`<button class="link" type="button" data-act="stop">${t("deskmore.older_stop")}</button>` : ""}</div>`;
}

/** @param {import("./app.js").Desk} desk */
export async function openMailboxes(desk) {
  await Promise.all([addTexts("deskmore"), loadStyle("boxes")]);
  const { api } = desk;
  const owner = desk.store.me.role === "owner";
  const { sheet } = openSheet("boxes", t("desk.mailboxes"), html`<div class="sheet-body"></div>`);
  const body = /** @type {HTMLElement} */ (sheet.querySelector(".sheet-body"));
  /** @type {Mailbox[] | null} */
  let boxes = null;
  /** @type {unknown} */
  let failure = null;
  /** @type {Map<string, Doing>} */
  const doings = new Map();
  const doing = (/** @type {string} */ id) => {
    const known = doings.get(id) ?? { busy: /** @type {const} */ (""), trial: null, signin: null, dkim: null, said: "" };
    doings.set(id, known);
    return known;
  };

  /** @param {Mailbox} box */
  const boxHtml = (box) => {
    const now = Date.now();
    const ill = illness(box, now);
    const { busy, trial, signin, dkim, said } = doing(box.id);
    const oauth = box.owner && /^(google|microsoft)$/.test(box.owner.sign_in);
    const fact = (/** @type {string} */ label, /** @type {string} */ when) => html`<div><dt>${label}</dt><dd class="num" title="${when ? full(when) : ""}">${when ? age(when, now) : t("deskmore.never")}</dd></div>`;
    return html`<section class="mailbox" data-key="${box.id}" data-id="${box.id}" aria-label="${box.address}">
      <header><i class="state-dot ${!box.active ? "is-offline" : ill ? "is-ill" : "is-online"}"></i><span class="mailbox-name"><b>${box.address}</b><small>${box.active ? (ill ? t("deskmore.box_ill") : t("deskmore.box_well")) : t("deskmore.box_off")}${box.name && box.name !== box.address ? html` · ${box.name}` : ""}</small></span></header>
      ${ill ? html`<p class="caution is-bad">${icon("alert", "s")}<span>${illnessWords(box, now)}</span></p>` : ""}
      <dl class="mailbox-facts">${fact(t("deskmore.last_in"), box.last_fetch)}${fact(t("deskmore.last_out"), box.last_send)}<div><dt>${t("deskmore.waiting")}</dt><dd class="num">${count(box.waiting)}</dd></div>
        ${box.owner?.quarantined ? html`<div><dt>${t("deskmore.unreadable")}</dt><dd class="num">${count(box.owner.quarantined)}</dd></div>` : ""}</dl>
      ${box.owner?.blocked ? html`<p class="caution">${icon("alert", "s")}<span>${t("deskmore.box_reputation", { n: box.owner.blocked })}</span></p>` : ""}
      ${(box.owner?.alerts ?? []).map(alertHtml)}
      ${box.owner?.alerts?.length ? html`<button class="btn" type="button" data-act="dismiss">${icon("check", "s")}${t("deskmore.alert_dismiss")}</button>` : ""}
      ${olderHtml(box.older ?? { state: "", days: 0, total: 0, done: 0 }, owner)}
      ${owner
        ? html`<div class="mailbox-acts">
            ${box.active || oauth ? html`<button class="btn" type="button" data-act="try" ${busy ? html`disabled` : ""}>${icon("checks", "s")}${t("deskmore.try")}</button>` : ""}
            ${oauth ? html`<button class="btn ${box.owner?.signed_in ? "" : "go"}" type="button" data-act="signin" ${busy ? html`disabled` : ""}>${icon("me", "s")}${t(box.owner?.signed_in ? "deskmore.signin_again" : "deskmore.signin", { provider: box.owner?.sign_in === "google" ? "Google" : "Microsoft" })}</button>` : ""}
            ${box.active && box.owner?.imap_host && box.older?.state !== "running" ? html`<button class="btn" type="button" data-act="older" aria-haspopup="menu">${icon("clock", "s")}${t("deskmore.older")}</button>` : ""}
            ${box.active && box.owner?.smtp_host ? html`<button class="btn" type="button" data-act="dkim">${icon("shield", "s")}${t("deskmore.dkim")}</button>` : ""}
            <a class="btn" href="/_/#/collections?collection=mailboxes&amp;recordId=${box.id}" target="_blank" rel="noopener">${icon("settings", "s")}${t("deskmore.box_settings")}</a></div>`
        : ill ? html`<p class="meta">${t("deskmore.tell_owner")}</p>` : ""}
      ${busy === "try" ? html`<p class="trial-wait" role="status"><i class="spin"></i>${t("deskmore.try_runs")}</p>` : ""}
      ${said ? html`<p class="form-bad" role="alert">${said}</p>` : ""}
      ${trial ? trialHtml(trial) : ""}${signin ? signInHtml(signin) : ""}${dkim ? dkimHtml(dkim, box.id) : ""}
    </section>`;
  };

  const draw = () => {
    if (!boxes) return render(body, failure ? blank("cloud-off", t("deskmore.load_failed"), sentence(failure), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`) : waitLines(4));
    /** @param {string} act @param {string} mark @param {string} label @param {string} hint */
    const link = (act, mark, label, hint) => html`<button class="sheet-link" type="button" data-act="${act}">${icon(mark)}<span><b>${label}</b><small>${hint}</small></span>${icon("next", "s")}</button>`;
    render(
      body,
      html`${boxes.length
          ? boxes.map(boxHtml)
          : blank("mail", t("deskmore.no_boxes"), owner ? t("deskmore.no_boxes_owner") : t("deskmore.no_boxes_hint"), owner ? html`<a class="btn go" href="/_/#/collections?collection=mailboxes" target="_blank" rel="noopener">${t("deskmore.box_add")}</a>` : "")}
        <nav class="sheet-links" aria-label="${t("desk.more")}">
          ${link("setaside", "file", t("deskmore.setaside"), t("deskmore.setaside_hint"))}
          ${link("blocked", "block", t("deskmore.blocked"), t("deskmore.blocked_hint"))}
          ${owner ? link("templates", "pen", t("deskmore.templates"), t("deskmore.templates_hint")) : ""}
        </nav>`,
    );
  };

  let timer = 0;
  const load = async () => {
    clearTimeout(timer);
    try {
      boxes = (await api.get(`/api/desk/mailboxes?lang=${currentLanguage()}`)).mailboxes;
      failure = null;
      takeHealth(desk, boxes ?? []);
    } catch (error) {
      failure = error;
    }
    if (!sheet.isConnected) return;
    draw();
    const soon = boxes?.some((box) => box.older?.state === "running");
    timer = window.setTimeout(() => void load(), soon ? 2_000 : 15_000);
  };

  /** @param {HTMLElement} target */
  const idOf = (target) => /** @type {HTMLElement | null} */ (target.closest("[data-id]"))?.dataset.id ?? "";

  const trial = async (/** @type {string} */ id) => {
    const state = doing(id);
    Object.assign(state, { busy: "try", trial: null, said: "" });
    draw();
    try {
      // The mailbox waits for its own mail, up to two minutes.
      state.trial = await api.call("POST", `/api/desk/mailboxes/${id}/try`, {}, { timeout: 180_000 });
    } catch (error) {
      state.said = sentence(error);
    }
    state.busy = "";
    if (sheet.isConnected) void load();
  };

  const signIn = async (/** @type {string} */ id) => {
    const state = doing(id);
    Object.assign(state, { busy: "signin", signin: null, said: "" });
    draw();
    try {
      const signin = /** @type {SignIn} */ (await api.post(`/api/desk/mailboxes/${id}/signin`));
      state.signin = signin;
      draw();
      const pause = Math.max(signin.interval || 5, 2) * 1000;
      for (let done = ""; sheet.isConnected && done !== "signed_in"; ) {
        await new Promise((resolve) => setTimeout(resolve, pause));
        if (sheet.isConnected) done = (await api.post(`/api/desk/mailboxes/${id}/signin/finish`)).state;
      }
      if (sheet.isConnected) desk.toast(t("deskmore.signin_done"));
    } catch (error) {
      state.said = sentence(error);
    }
    Object.assign(state, { busy: "", signin: null });
    if (sheet.isConnected) void load();
  };

  const older = async (/** @type {string} */ id, /** @type {Record<string, unknown>} */ wish) => {
    const state = doing(id);
    state.said = "";
    try {
      await api.post(`/api/desk/mailboxes/${id}/older`, wish);
    } catch (error) {
      state.said = sentence(error);
    }
    await load();
  };

  onAct(sheet, {
    again: () => void load(),
    try: (target) => void trial(idOf(target)),
    signin: (target) => void signIn(idOf(target)),
    older: (target) => {
      const id = idOf(target);
      openMenu(target, {
        title: t("deskmore.older"),
        choices: () => [...[7, 30, 90, 365].map((n) => ({ id: String(n), label: t("deskmore.older_days", { n }) })), { id: "all", label: t("deskmore.older_all") }],
        foot: html`<p class="menu-none">${t("deskmore.older_hint")}</p>`,
        pick: (choice) => void older(id, choice === "all" ? { all: true } : { days: Number(choice) }),
      });
    },
    dkim: async (target) => {
      const state = doing(idOf(target));
      try {
        state.dkim = await api.get(`/api/desk/mailboxes/${idOf(target)}/dkim`);
        state.said = "";
      } catch (error) {
        state.said = sentence(error);
      }
      if (sheet.isConnected) draw();
    },
    copy: (target) => void copyFrom(desk, sheet.querySelector(`#${target.dataset.of}`)),
    dismiss: async (target) => {
      const id = idOf(target);
      try {
        await api.call("DELETE", `/api/desk/mailboxes/${id}/alerts`);
      } catch (error) {
        doing(id).said = sentence(error);
      }
      await load();
    },
    stop: (target) => void older(idOf(target), { stop: true }),
    setaside: async () => (await import("./setaside.js")).openSetAside(desk),
    blocked: async () => (await import("./blocked.js")).openBlocked(desk),
    templates: async () => (await import("./templates.js")).openTemplates(desk),
  });
  sheet.addEventListener("close", () => clearTimeout(timer));
  draw();
  await load();
}
