/** A person's own sign-in: password, authenticator app, where they are signed in; for owners also everybody's. */
import { sentence } from "../shared/api.js";
import { age, full } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { blank, loadStyle } from "./parts.js";
import { codeField, codesHtml, saveCodes, setUpSecond } from "./second.js";
import { openSheet, waitLines } from "./sheet.js";

/**
 * @typedef {{id: string, device: string, address: string, last_used: string, created: string, current: boolean}} Session
 * @typedef {{sessions: Session[], second: boolean, codes: number, required: boolean, staff?: {id: string, name: string, second: boolean}[]}} State
 */

/** @param {import("./app.js").Desk} desk */
export async function openSecurity(desk) {
  await Promise.all([addTexts("session", "deskmore"), loadStyle("security")]);
  const { api, session } = desk;
  const { sheet } = openSheet("security", t("session.title"), html`<div class="sheet-body"><div class="security-top"></div><div class="security-second"></div><div class="security-rest"></div></div>`);
  const place = (/** @type {string} */ name) => /** @type {HTMLElement} */ (sheet.querySelector(name));
  /** @type {State | null} */
  let state = null;
  /** @type {unknown} */
  let failure = null;
  /** Which form is open. @type {"" | "password" | "setup" | "end" | "codes" | "shown"} */
  let doing = "";
  /** @type {string[]} */
  let codes = [];
  let bad = "";

  const passwordHtml = () =>
    doing === "password"
      ? html`<form class="second" data-form="password" novalidate><h3>${t("session.password_change")}</h3>
          <label class="field"><span>${t("session.password_now")}</span><input name="old" type="password" autocomplete="current-password" required></label>
          <label class="field"><span>${t("session.password_new")}</span><input name="new" type="password" autocomplete="new-password" minlength="8" required><small>${t("session.password_hint")}</small></label>
          ${bad ? html`<p class="form-bad" role="alert">${bad}</p>` : ""}
          <div class="second-acts"><button class="btn" type="button" data-act="cancel">${t("common.cancel")}</button><button class="btn go" type="submit">${t("session.password_change")}</button></div></form>`
      : html`<div class="security-line"><span><b>${t("session.password")}</b></span><button class="btn" type="button" data-act="do" data-what="password">${t("session.password_change")}</button></div>`;

  /** @param {State} now */
  const secondHtml = (now) => {
    if (doing === "end" || doing === "codes") {
      return html`<form class="second" data-form="${doing}" novalidate><h3>${t(doing === "end" ? "session.second_end" : "session.codes_new")}</h3>${codeField(t("session.code"), t("session.code_hint"))}
        ${bad ? html`<p class="form-bad" role="alert">${bad}</p>` : ""}
        <div class="second-acts"><button class="btn" type="button" data-act="cancel">${t("common.cancel")}</button><button class="btn ${doing === "end" ? "bad" : "go"}" type="submit">${t(doing === "end" ? "session.second_end" : "session.codes_new")}</button></div></form>`;
    }
    if (doing === "shown") return html`<div class="second">${codesHtml(codes)}</div>`;
    return html`<div class="security-line"><span><b>${t("session.second")} <i class="badge ${now.second ? "is-on" : ""}">${t(now.second ? "session.second_on" : "session.second_off")}</i></b><small>${now.second ? t("session.second_codes", { n: now.codes }) : t("session.second_why")}</small></span>
      ${now.second
        ? html`<span class="security-acts"><button class="btn" type="button" data-act="do" data-what="codes">${t("session.codes_new")}</button>${now.required ? "" : html`<button class="btn" type="button" data-act="do" data-what="end">${t("session.second_end")}</button>`}</span>`
        : html`<button class="btn go" type="button" data-act="do" data-what="setup">${t("session.second_start")}</button>`}</div>`;
  };

  const draw = () => {
    if (!state) {
      render(place(".security-top"), failure ? blank("cloud-off", t("deskmore.load_failed"), sentence(failure), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`) : waitLines(4));
      return;
    }
    const now = Date.now();
    const { sessions, staff, required } = state;
    render(place(".security-top"), passwordHtml());
    if (doing !== "setup") render(place(".security-second"), html`<hr>${secondHtml(state)}`);
    render(
      place(".security-rest"),
      html`<hr><h3>${t("session.sessions")}</h3>
        <ul class="device-list">${sessions.map(
          (one) => html`<li data-key="${one.id}"><span><b>${one.device || t("session.unknown")}</b><small title="${full(one.created)}">${one.current ? t("session.session_this") : t("session.session_used", { time: age(one.last_used, now) })} · <bdi>${one.address}</bdi></small></span>${one.current ? "" : html`<button class="btn" type="button" data-act="revoke" data-id="${one.id}" aria-label="${t("session.session_end")}: ${one.device}">${t("session.session_end")}</button>`}</li>`,
        )}</ul>
        ${sessions.length > 1 ? html`<button class="btn" type="button" data-act="end-all">${icon("out", "s")}${t("session.end_all")}</button>` : ""}
        ${staff
          ? html`<hr><h3>${t("session.staff")}</h3>
            <label class="switch"><span><b>${t("session.require")}</b><small>${t("session.require_hint")}</small></span><input type="checkbox" role="switch" data-act="require" ${required ? html`checked` : ""}></label>
            <ul class="device-list">${staff.map((one) => html`<li data-key="${one.id}"><span><b>${one.name}</b><small>${t(one.second ? "session.second_on" : "session.second_off")}</small></span>${one.second && one.id !== desk.store.me.id ? html`<button class="btn" type="button" data-act="reset" data-id="${one.id}" aria-label="${t("session.reset_of", { name: one.name })}">${t("session.reset")}</button>` : ""}</li>`)}</ul>`
          : ""}`,
    );
  };
  const load = async () => {
    try {
      state = await api.get("/api/desk/sessions");
      failure = null;
    } catch (error) {
      failure = error;
    }
    if (sheet.isConnected) draw();
  };
  /** @param {typeof doing} what */
  const turn = (what) => {
    doing = what;
    bad = "";
    draw();
    /** @type {HTMLInputElement | null} */ (sheet.querySelector("form input"))?.focus();
  };
  /** Does something that may be refused, and says what came of it. @param {() => Promise<string>} work */
  const run = async (work) => {
    try {
      const words = await work();
      if (words) desk.toast(words);
    } catch (error) {
      desk.toast(sentence(error), { bad: true });
    }
    await load();
  };

  sheet.addEventListener("submit", async (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    const what = form.dataset.form;
    if (!what) return;
    event.preventDefault();
    const data = new FormData(form);
    const text = (/** @type {string} */ name) => String(data.get(name) ?? "");
    try {
      if (what === "password") {
        const { token } = await api.post("/api/desk/password", { old: text("old"), new: text("new") });
        session.replace(token);
        desk.toast(t("session.password_done"));
        turn("");
      } else if (what === "end") {
        await api.post("/api/desk/second/end", { code: text("code") });
        desk.toast(t("session.second_ended"));
        turn("");
      } else {
        codes = (await api.post("/api/desk/second/codes", { code: text("code") })).codes;
        turn("shown");
      }
      await load();
    } catch (error) {
      bad = sentence(error);
      draw();
    }
  });
  onAct(sheet, {
    again: () => void load(),
    cancel: () => turn(""),
    "save-codes": () => doing === "shown" && saveCodes(codes),
    "codes-kept": () => doing === "shown" && turn(""),
    do: (target) => {
      const what = /** @type {typeof doing} */ (target.dataset.what);
      turn(what);
      if (what !== "setup") return;
      const done = () => {
        place(".security-second").replaceChildren();
        turn("");
        void load();
      };
      const frame = document.createElement("div");
      place(".security-second").replaceChildren(frame);
      void setUpSecond(frame, api, { onDone: done, onBack: done });
    },
    revoke: (target) =>
      void run(async () => {
        const one = state?.sessions.find((other) => other.id === target.dataset.id);
        await api.delete(`/api/desk/sessions/${target.dataset.id}`);
        return t("session.session_ended", { device: one?.device ?? "" });
      }),
    "end-all": () =>
      void run(async () => {
        session.replace((await api.post("/api/desk/sessions/end")).token);
        return t("session.ended_all");
      }),
    require: () =>
      void run(async () => {
        const on = !state?.required;
        await api.patch("/api/collections/shop/records/shop00000000001", { second_factor: on });
        return t(on ? "session.require_on" : "session.require_off");
      }),
    reset: (target) =>
      void run(async () => {
        const one = state?.staff?.find((other) => other.id === target.dataset.id);
        await api.delete(`/api/desk/staff/${target.dataset.id}/second`);
        return t("session.reset_done", { name: one?.name ?? "" });
      }),
  });
  draw();
  await load();
}
