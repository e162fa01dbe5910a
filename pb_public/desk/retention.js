/** For owners: for how long each kind of thing is kept. */
import { sentence } from "../shared/api.js";
import { full, upcoming } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { fits, shorter } from "./keeping.js";
import { blank, loadStyle } from "./parts.js";
import { openSheet, waitLines } from "./sheet.js";

const PATH = "/api/collections/shop/records/shop00000000001";

/**
 * @typedef {import("./keeping.js").Kind} Kind
 * @typedef {{kinds: Kind[], backups: number, copies: number, last: {at: string, gone: {field: string, to: string}[]} | null, next: string}} Answer
 */

const GROUPS = /** @type {const} */ ({
  said: ["solved", "spam", "deleted", "originals", "quarantine"],
  around: ["sent", "questions", "audit", "sign_ins", "logs"],
});

/** What is wrong with a number of days, in words. @param {Kind} kind */
function wrong(kind) {
  return t(kind.zero === "forever" ? "retention.least_or_ever" : "retention.least", { least: kind.least, most: kind.most });
}

/** @param {import("./app.js").Desk} desk */
export async function openRetention(desk) {
  await Promise.all([addTexts("retention", "deskmore"), loadStyle("retention")]);
  const { api } = desk;
  const { sheet, close } = openSheet("retention", t("retention.title"), html`<form class="sheet-body" method="dialog" novalidate></form>`);
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  /** @type {Answer | null} */
  let answer = null;
  /** @type {unknown} */
  let failure = null;
  /** @type {Record<string, string>} as it is typed, by kind */
  const typed = {};
  /** @type {Record<string, number | undefined>} what would go, by kind; undefined while it is counted */
  let would = {};
  let at = ""; // when it would
  let sure = false;
  let said = "";
  let busy = false;
  let turn = 0;
  let timer = 0;

  const daysOf = (/** @type {Kind} */ kind) => (/^\s*\d{1,5}\s*$/.test(typed[kind.name] ?? "") ? Number(typed[kind.name]) : NaN);
  const changed = () => (answer?.kinds ?? []).filter((kind) => daysOf(kind) !== kind.days);
  const goes = () => changed().filter((kind) => fits(kind, daysOf(kind)) && shorter(kind, daysOf(kind)));

  /** @param {Kind} kind */
  const row = (kind) => {
    const days = daysOf(kind);
    const ok = fits(kind, days);
    const hints = [kind.zero === "at_once" ? t("retention.at_once") : "", ok && days === 0 && kind.zero === "forever" ? t("retention.forever") : ""].filter(Boolean);
    const counted = ok && kind.name in would && shorter(kind, days);
    const n = would[kind.name];
    return html`<div class="keep ${ok ? "" : "is-bad"}" data-key="${kind.name}">
      <label for="keep-${kind.name}"><b>${t(`retention.${kind.name}`)}</b><small>${t(`retention.${kind.name}_hint`)}</small></label>
      <span class="keep-days"><input id="keep-${kind.name}" name="${kind.name}" inputmode="numeric" maxlength="5" autocomplete="off" value="${typed[kind.name]}"
        aria-describedby="keep-${kind.name}-say" aria-invalid="${ok ? "false" : "true"}"><span>${t("retention.days")}</span></span>
      <span class="keep-say" id="keep-${kind.name}-say" aria-live="polite">${ok
        ? counted
          ? html`<span class="keep-goes ${n ? "is-some" : ""}">${n === undefined ? t("retention.counting") : t(n ? "retention.would" : "retention.would_none", { n, when: upcoming(at) })}</span>`
          : hints.join(" · ")
        : wrong(kind)}</span>
    </div>`;
  };

  const draw = () => {
    if (failure) return render(form, blank("cloud-off", t("deskmore.load_failed"), sentence(failure), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`));
    if (!answer) return render(form, waitLines(8));
    const { kinds, backups, copies, last, next } = answer;
    const lost = goes().reduce((sum, kind) => sum + (would[kind.name] ?? 0), 0);
    const what = last?.gone.map(({ field, to }) => `${t(`retention.${field}`)}: ${Number(to).toLocaleString(document.documentElement.lang)}`).join(", ");
    render(
      form,
      html`<p>${t("retention.intro")}</p>
        ${Object.entries(GROUPS).map(([group, names]) => html`<section class="keeps" data-key="${group}"><h3>${t(`retention.${group}`)}</h3>
          ${names.flatMap((name) => kinds.filter((kind) => kind.name === name).map(row))}</section>`)}
        <section class="keep-words"><h3>${t("retention.backups")}</h3>
          <p>${backups ? t("retention.backups_words", { n: backups }) : t("retention.backups_none")}${copies ? html` ${t("retention.copies_words", { n: copies })}` : ""}</p>
          <p class="meta">${t("retention.backups_own")}</p><p class="meta">${t("retention.fixed")}</p>
          <p class="meta">${last ? t("retention.last", { when: full(last.at), what: what || t("retention.last_nothing") }) : t("retention.last_none")}</p><p class="meta">${t("retention.next", { when: full(next) })}</p></section>
        <p class="form-bad" role="alert" ${said ? "" : html`hidden`}>${said}</p>
        <footer class="sheet-foot keep-foot">${sure && lost ? html`<p class="keep-sure" role="alert">${icon("trash")}<span>${t("retention.sure", { n: lost, when: full(at) })}</span></p>` : ""}
          <button class="btn" type="button" data-act="close-sheet">${t("common.cancel")}</button>
          <button class="btn ${sure && lost ? "bad" : "go"}" type="submit" ${busy || !changed().length ? html`disabled` : ""}>${sure && lost ? t("retention.save_anyway") : t("common.save")}</button></footer>`,
    );
  };

  /** Asks what would go the next time. @returns {Promise<boolean>} */
  const count = async () => {
    const asked = goes();
    const mine = ++turn;
    would = Object.fromEntries(asked.map(({ name }) => [name, undefined]));
    draw();
    if (!asked.length) return true;
    try {
      const { counts, at: when } = await api.post("/api/desk/retention/try", { days: Object.fromEntries(asked.map((kind) => [kind.name, daysOf(kind)])) });
      if (mine !== turn || !sheet.isConnected) return false;
      would = counts;
      at = when;
      said = "";
    } catch (error) {
      if (mine !== turn) return false;
      would = {};
      said = sentence(error);
    }
    draw();
    return !said;
  };

  const load = async () => {
    failure = null;
    draw();
    try {
      answer = await api.get("/api/desk/retention");
      for (const { name, days } of answer?.kinds ?? []) typed[name] = String(days);
    } catch (error) {
      failure = error;
    }
    draw();
  };

  form.addEventListener("input", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement)) return;
    typed[field.name] = field.value.replace(/[০-৯]/g, (digit) => String(digit.charCodeAt(0) - 0x9e6));
    sure = false;
    said = "";
    turn++;
    would = {};
    draw();
    clearTimeout(timer);
    timer = window.setTimeout(() => void count(), 400);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wanted = changed();
    const bad = wanted.find((kind) => !fits(kind, daysOf(kind)));
    if (bad) return form.querySelector(`#keep-${bad.name}`) instanceof HTMLElement && /** @type {HTMLElement} */ (form.querySelector(`#keep-${bad.name}`)).focus();
    if (!wanted.length || busy) return;
    clearTimeout(timer);
    if (!sure) {
      if (!(await count())) return;
      if (goes().some(({ name }) => would[name])) {
        sure = true;
        return draw();
      }
    }
    busy = true;
    draw();
    try {
      await api.patch(PATH, Object.fromEntries(wanted.map((kind) => [kind.field, daysOf(kind)])));
      desk.toast(t("retention.saved"));
      close();
    } catch (error) {
      said = sentence(error);
      busy = false;
      draw();
    }
  });
  onAct(sheet, { again: () => void load() });
  await load();
}
