/** For owners: whether everything is in order, what to do where it is not, and the backups. */
import { sentence } from "../shared/api.js";
import { age, count, full, size, upcoming } from "../shared/format.js";
import { html, icon, onAct, render, safeUrl } from "../shared/html.js";
import { addTexts, currentLanguage, t } from "../shared/i18n.js";
import { takeSystem } from "./health.js";
import { blank, loadStyle } from "./parts.js";
import { openSheet, waitLines } from "./sheet.js";

/**
 * @typedef {import("./health.js").System} System
 * @typedef {import("./health.js").Check} Check
 *
 * @typedef {object} Place where backups go
 * @property {string} id
 * @property {string} name
 * @property {"folder" | "s3"} kind
 * @property {boolean} active
 * @property {string} where
 * @property {boolean} encrypted
 * @property {boolean} running
 * @property {string} next
 * @property {string} last_good
 * @property {number} last_bytes
 * @property {string} error
 * @property {boolean} continuous
 * @property {string} live_good
 * @property {string} live_error
 * @property {{name: string, bytes: number}[]} files
 */

const MARKS = { disk: "stack", mail_in: "mail", mail_out: "reply", backup: "copy", replica: "copy", queue: "next", certificate: "shield", clock: "clock", workers: "bolt" };

/** What the head of the sheet says. @param {Pick<System, "checks">} system @returns {{state: "ok" | "warn" | "bad", words: string}} */
export function summary({ checks }) {
  const bad = checks.filter((check) => check.state === "bad").length;
  const warn = checks.filter((check) => check.state === "warn").length;
  if (bad) return { state: "bad", words: t("watch.sum_bad", { n: bad }) };
  if (warn) return { state: "warn", words: t("watch.sum_warn", { n: warn }) };
  return { state: "ok", words: t("watch.sum_ok") };
}

/** How the copying of every change to a place goes. @param {Place} place @param {number} now @returns {{state: "ok" | "warn" | "bad", words: string} | null} */
export function liveState(place, now) {
  if (!place.continuous) return null;
  if (place.live_error) return { state: "bad", words: t("watch.live_bad", { said: place.live_error }) };
  if (!place.live_good) return { state: "warn", words: t("watch.live_begins") };
  return { state: "ok", words: t("watch.live_good", { time: age(place.live_good, now) }) };
}

/** @param {Check} check @param {System["disk"]} disk @param {number} now */
function checkHtml(check, disk, now) {
  const mark = MARKS[/** @type {keyof typeof MARKS} */ (check.kind)] ?? "dot";
  return html`<li class="finding is-${check.state}" data-key="${check.name}">${icon(check.state === "ok" ? "check" : mark, "s")}<span><b>${check.label}</b><span>${check.said}</span>${check.kind === "disk" && disk ? diskHtml(disk) : ""}${check.do ? html`<span class="finding-do">${check.do}</span>` : ""}</span>
    ${check.state !== "ok" && check.since ? html`<time datetime="${check.since}" title="${t("watch.since", { time: full(check.since) })}">${age(check.since, now)}</time>` : ""}</li>`;
}

/** @param {{free: number, total: number, floor: number}} disk */
function diskHtml(disk) {
  const used = disk.total ? Math.round(((disk.total - disk.free) / disk.total) * 100) : 0;
  return html`<meter min="0" max="100" high="90" optimum="0" value="${used}" aria-label="${t("watch.space", { free: size(disk.free), total: size(disk.total) })}"></meter>`;
}

/** @param {Place} place @param {number} now */
function placeHtml(place, now) {
  const live = liveState(place, now);
  // The place that the program comes with speaks the reader's language until it is given a name.
  const name = place.name === "This machine" ? t("watch.this_machine") : place.name;
  const fact = (/** @type {string} */ label, /** @type {string} */ words, title = "") => html`<div><dt>${label}</dt><dd class="num" title="${title}">${words}</dd></div>`;
  const state = !place.active ? "is-offline" : place.error || live?.state === "bad" ? "is-ill" : "is-online";
  return html`<section class="place" data-key="${place.id}" data-id="${place.id}" aria-label="${name}">
    <header><i class="state-dot ${state}"></i><span class="place-name"><b>${name}</b><small>${place.where}</small></span>
      <span class="place-marks">${place.encrypted ? html`<span class="chip">${icon("shield", "xs")}${t("watch.encrypted")}</span>` : ""}${place.continuous ? html`<span class="chip">${icon("bolt", "xs")}${t("watch.continuous")}</span>` : ""}</span></header>
    <dl>${fact(t("watch.last_good"), place.last_good ? age(place.last_good, now) : t("watch.never"), place.last_good ? full(place.last_good) : "")}
      ${place.last_bytes ? fact(t("watch.bytes"), size(place.last_bytes)) : ""}${place.active && place.next ? fact(t("watch.next"), upcoming(place.next, now), full(place.next)) : ""}${fact(t("watch.kept"), count(place.files.length))}</dl>
    ${live ? html`<p class="live is-${live.state}">${icon(live.state === "ok" ? "checks" : live.state === "warn" ? "clock" : "alert", "s")}<span>${live.words}</span></p>` : ""}
    ${place.error ? html`<p class="live is-bad">${icon("alert", "s")}<span>${t("watch.place_bad", { said: place.error })}</span></p>` : ""}
    ${place.active ? html`<div class="place-acts"><button class="btn" type="button" data-act="now" ${place.running ? html`disabled` : ""}>${place.running ? html`<i class="spin"></i>${t("watch.runs")}` : html`${icon("copy", "s")}${t("watch.now")}`}</button></div>` : html`<p class="meta">${t("watch.place_off")}</p>`}
  </section>`;
}

/** @param {import("./app.js").Desk} desk */
export async function openSystem(desk) {
  await Promise.all([addTexts("watch", "deskmore"), loadStyle("system")]);
  const { api } = desk;
  const { sheet } = openSheet("system", t("desk.system"), html`<div class="sheet-body"></div>`);
  const body = /** @type {HTMLElement} */ (sheet.querySelector(".sheet-body"));
  /** @type {System | null} */
  let system = null;
  /** @type {Place[] | null} */
  let places = null;
  let bucket = ""; // where attachments lie, "" for the disk
  /** @type {unknown} */
  let failure = null;
  let said = "";

  const draw = () => {
    if (!system) return render(body, failure ? blank("cloud-off", t("deskmore.load_failed"), sentence(failure), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`) : waitLines(6));
    const now = Date.now();
    const { state, words } = summary(system);
    const { disk } = system;
    const ill = system.checks.filter((check) => check.state !== "ok");
    const well = system.checks.filter((check) => check.state === "ok");
    render(
      body,
      html`<header class="system-head is-${state}"><span class="system-mark">${icon(state === "ok" ? "checks" : "alert")}</span><span role="status"><b>${words}</b><small>${system.looked ? t("watch.looked", { time: age(system.looked, now) }) : t("watch.looks")}</small></span>
          <button class="btn" type="button" data-act="look">${t("watch.look")}</button></header>
        ${system.release ? html`<p class="release">${icon("download", "s")}<span>${t("watch.release", { version: system.release.version })} <a class="link" href="${safeUrl(system.release.url)}" target="_blank" rel="noopener noreferrer">${t("watch.release_open")}</a></span></p>` : ""}
        ${ill.length ? html`<ul class="checks is-loud">${ill.map((check) => checkHtml(check, disk, now))}</ul>` : ""}
        ${well.length ? html`<section><h3>${t("watch.well")}</h3><ul class="checks">${well.map((check) => checkHtml(check, disk, now))}</ul></section>` : ""}
        <section class="places"><h3>${t("watch.backups")}</h3>${places ? (places.length ? places.map((place) => placeHtml(place, now)) : html`<p class="meta">${t("watch.no_places")}</p>`) : waitLines(3)}
          ${bucket ? html`<p class="live is-warn">${icon("alert", "s")}<span>${t("watch.in_bucket", { bucket })}</span></p>` : ""}
          ${said ? html`<p class="form-bad" role="alert">${said}</p>` : ""}
          <a class="link" href="/_/#/collections?collection=backup_places" target="_blank" rel="noopener">${t("watch.places_open")}</a></section>
        <p class="system-foot num">Shohay ${system.version} · ${t("watch.up", { time: age(system.started, now) })}</p>`,
    );
  };

  let timer = 0;
  const loadPlaces = async () => {
    try {
      ({ places, bucket } = await api.get(`/api/desk/backups?lang=${currentLanguage()}`));
    } catch (error) {
      places ??= [];
      said = sentence(error);
    }
    if (sheet.isConnected) draw();
  };
  const load = async (now = false) => {
    clearTimeout(timer);
    try {
      system = /** @type {{data: System}} */ (await api.get(`/api/health?lang=${currentLanguage()}${now ? "&now=1" : ""}`)).data;
      failure = null;
      takeSystem(desk, system);
    } catch (error) {
      failure = error;
    }
    if (!sheet.isConnected) return;
    draw();
    await loadPlaces();
    if (sheet.isConnected) timer = window.setTimeout(() => void load(), places?.some((place) => place.running) ? 2_000 : 20_000);
  };

  onAct(sheet, {
    again: () => void load(),
    look: () => void load(true),
    now: async (target) => {
      const id = /** @type {HTMLElement | null} */ (target.closest("[data-id]"))?.dataset.id ?? "";
      said = "";
      try {
        await api.post(`/api/desk/backups/${id}/now`);
        const place = places?.find((one) => one.id === id);
        if (place) place.running = true;
      } catch (error) {
        said = sentence(error);
      }
      draw();
      clearTimeout(timer);
      timer = window.setTimeout(() => void load(), 2_000);
    },
  });
  const off = desk.store.on("health", () => void load());
  sheet.addEventListener("close", () => {
    off();
    clearTimeout(timer);
  });
  draw();
  await load();
}
