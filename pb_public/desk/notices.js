/** How an agent wants to be called: here, on their devices, by mail, and when. */
import { ApiError, sentence } from "../shared/api.js";
import { age } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, currentLanguage, localeOf, t } from "../shared/i18n.js";
import { callMe, callNoMore, isCalled, obstacle } from "./device.js";
import { allowNotices, chime, noticesWanted } from "./notify.js";
import { loadStyle } from "./parts.js";
import { isOn, recall, remember } from "./prefs.js";
import { openSheet } from "./sheet.js";

/** @typedef {{id: string, device: string, created: string, last_sent: string, trouble: boolean}} Device */
/** @typedef {{mentions?: boolean, follows?: boolean, push?: string, preview?: boolean, mail?: string, mail_minutes?: number, hours?: {on: boolean, days: number[], from: string, to: string}}} Choice */

/** @param {string} name @param {string} label @param {string} hint @param {boolean} on */
function toggle(name, label, hint, on) {
  return html`<label class="switch"><span><b>${label}</b><small>${hint}</small></span><input type="checkbox" role="switch" name="${name}" ${on ? html`checked` : ""}></label>`;
}

/** @param {string} name @param {string} legend @param {string} value */
function scope(name, legend, value) {
  return html`<fieldset class="segment"><legend>${legend}</legend><div>${["off", "mine", "all"].map((id) => html`<label><input type="radio" name="${name}" value="${id}" ${
    id === value ? html`checked` : ""}><span>${t(`notice.scope_${id}`)}</span></label>`)}</div></fieldset>`;
}

/** The days of the week from the one it begins with there. @param {string} locale @returns {{day: number, name: string}[]} */
export function weekOf(locale) {
  const first = /^bn/.test(locale) ? 6 : 1;
  const short = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
  // The 4th of January 1970 was a Sunday.
  return Array.from({ length: 7 }, (_, i) => (first + i) % 7).map((day) => ({ day, name: short.format(new Date(Date.UTC(1970, 0, 4 + day))) }));
}

/** @type {any} the browser's offer to install the desk, kept for a click */
let offer = null;
window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer = event;
});

/** @param {import("./app.js").Desk} desk */
export async function openNotices(desk) {
  await Promise.all([addTexts("notice"), loadStyle("notices")]);
  const { api, store } = desk;
  const chosen = /** @type {Choice} */ (store.me.notify ?? {});
  const hours = chosen.hours ?? { on: false, days: [0, 1, 2, 3, 4, 6], from: "09:00", to: "21:00" };
  const zone = store.boot.shop.time_zone;
  const { sheet, close } = openSheet(
    "notices",
    t("notice.title"),
    html`<form class="sheet-body" method="dialog" novalidate>
      <h3>${t("notice.group_open")}</h3>
      ${toggle("sound", t("notice.sound"), t("notice.sound_hint"), isOn("sound"))}
      ${toggle("desktop", t("notice.desktop"), t("notice.desktop_hint"), noticesWanted())}
      <hr>
      <h3>${t("notice.group_team")}</h3>
      ${toggle("mentions", t("notice.mentions"), t("notice.mentions_hint"), chosen.mentions !== false)}
      ${toggle("follows", t("notice.follows"), t("notice.follows_hint"), chosen.follows !== false)}
      <hr>
      <h3>${t("notice.group_away")}</h3>
      <div class="notice-device"></div>
      ${scope("push", t("notice.which"), chosen.push || "mine")}
      ${toggle("preview", t("notice.preview"), t("notice.preview_hint"), chosen.preview !== false)}
      <div class="notice-devices" aria-live="polite"></div>
      <hr>
      <h3>${t("notice.group_mail")}</h3>
      ${scope("mail", t("notice.mail_which"), chosen.mail || "off")}
      <label class="field notice-minutes"><span>${t("notice.mail_after")}</span><input name="mail_minutes" type="number" inputmode="numeric" min="5" max="1440" step="1" value="${chosen.mail_minutes || 30}"><small>${t("notice.mail_after_hint")}</small></label>
      <hr>
      <h3>${t("notice.group_hours")}</h3>
      ${toggle("hours", t("notice.hours"), t("notice.hours_hint"), hours.on)}
      <div class="notice-hours">
        <fieldset class="notice-days"><legend>${t("notice.days")}</legend><div>${weekOf(localeOf(currentLanguage())).map(({ day, name }) => html`<label><input type="checkbox" name="day" value="${day}" ${
          hours.days.includes(day) ? html`checked` : ""}><span>${name}</span></label>`)}</div></fieldset>
        <div class="notice-span"><label class="field"><span>${t("notice.from")}</span><input type="time" name="from" value="${hours.from || "09:00"}"></label><label class="field"><span>${t("notice.to")}</span><input type="time" name="to" value="${hours.to || "21:00"}"></label></div>
        <p class="meta">${t("notice.zone", { zone })}</p>
      </div>
      <p class="form-bad" role="alert" hidden></p>
      <footer class="sheet-foot"><button class="btn" type="button" data-act="close-sheet">${t("common.cancel")}</button><button class="btn go" type="submit">${t("common.save")}</button></footer>
    </form>`,
  );
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  const place = (/** @type {string} */ name) => /** @type {HTMLElement} */ (form.querySelector(name));
  /** @type {Device[] | null} */
  let devices = null;
  let busy = false;

  const draw = () => {
    const problem = obstacle();
    const on = isCalled();
    render(
      place(".notice-device"),
      html`${problem
          ? html`<p class="hint">${icon("bell", "s")}<span>${t(`notice.push_${problem}`)}</span></p>`
          : html`<label class="switch"><span><b>${t("notice.push")}</b><small>${t("notice.push_hint")}</small></span><input type="checkbox" role="switch" data-act="device" ${on ? html`checked` : ""} ${busy ? html`disabled` : ""}></label>`}
        ${offer ? html`<button class="sheet-link" type="button" data-act="install">${icon("panel")}<span><b>${t("notice.install")}</b><small>${t("notice.install_hint")}</small></span>${icon("next", "s")}</button>` : ""}`,
    );
    const now = Date.now();
    const own = recall("push-id");
    render(
      place(".notice-devices"),
      !devices
        ? html``
        : html`<h4>${t("notice.group_devices")}</h4>${devices.length
            ? html`<ul class="device-list">${devices.map(
                (device) => html`<li data-key="${device.id}"><span><b>${device.device || t("notice.unknown_device")}</b><small class="${
                  device.trouble ? "is-bad" : ""}">${device.id === own ? `${t("notice.device_this")} · ` : ""}${device.trouble ? t("notice.device_trouble") : device.last_sent ? t("notice.device_sent", { time: age(device.last_sent, now) }) : t("notice.device_new", { time: age(device.created, now) })}</small></span><button class="btn" type="button" data-act="remove" data-id="${device.id}" aria-label="${
                  t("notice.device_remove")}: ${device.device}">${t("notice.device_remove")}</button></li>`,
              )}</ul><button class="btn" type="button" data-act="try" ${busy ? html`disabled aria-busy="true"` : ""}>${icon("bell", "s")}${t("notice.try")}</button>`
            : html`<p class="meta">${t("notice.devices_none")}</p>`}`,
    );
    place(".notice-hours").hidden = !(/** @type {HTMLInputElement} */ (form.elements.namedItem("hours")).checked);
    place(".notice-minutes").hidden = new FormData(form).get("mail") === "off";
  };
  const load = async () => {
    try {
      devices = (await api.get("/api/desk/push")).devices;
    } catch (error) {
      desk.toast(sentence(error), { bad: true });
    }
    if (sheet.isConnected) draw();
  };

  form.addEventListener("change", async (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement)) return;
    if (field.name === "sound" && field.checked) chime();
    if (field.name === "desktop" && field.checked && !(await allowNotices())) {
      field.checked = false;
      desk.toast(t("notice.desktop_refused"), { bad: true });
    }
    draw();
  });
  onAct(form, {
    device: async () => {
      if (busy) return;
      const on = !isCalled();
      busy = true;
      try {
        if (!on) await callNoMore(api);
        else if (await allowNotices()) await callMe(api);
        else desk.toast(t("notice.desktop_refused"), { bad: true });
        if (on === isCalled()) desk.toast(t(on ? "notice.push_on" : "notice.push_off"));
      } catch (error) {
        desk.toast(error instanceof ApiError ? sentence(error) : t("notice.push_failed"), { bad: true });
      }
      busy = false;
      await load();
    },
    install: async () => {
      const asked = offer;
      offer = null;
      await asked?.prompt();
      draw();
    },
    remove: async (target) => {
      const gone = devices?.find((device) => device.id === target.dataset.id);
      if (!gone) return;
      try {
        if (gone.id === recall("push-id")) await callNoMore(api);
        else await api.delete(`/api/desk/push/${gone.id}`);
        desk.toast(t("notice.device_removed", { device: gone.device }));
      } catch (error) {
        desk.toast(sentence(error), { bad: true });
      }
      await load();
    },
    try: async () => {
      busy = true;
      draw();
      try {
        const { sent, failed } = await api.post("/api/desk/push/try");
        if (failed.length) desk.toast(failed[0], { bad: true });
        else desk.toast(sent ? t("notice.try_sent", { n: sent }) : t("notice.try_none"));
      } catch (error) {
        desk.toast(sentence(error), { bad: true });
      }
      busy = false;
      await load();
    },
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const sound = data.has("sound");
    const desktop = data.has("desktop");
    const bad = place(".form-bad");
    try {
      await store.patchMe({
        notify: {
          ...store.me.notify, sound, desktop, mentions: data.has("mentions"), follows: data.has("follows"), push: String(data.get("push")), preview: data.has("preview"), mail: String(data.get("mail")), mail_minutes: Number(data.get("mail_minutes")) || 30,
          hours: { on: data.has("hours"), days: data.getAll("day").map(Number), from: String(data.get("from")), to: String(data.get("to")) },
        },
      });
    } catch (error) {
      bad.textContent = sentence(error);
      bad.hidden = false;
      bad.scrollIntoView({ block: "nearest" });
      return;
    }
    remember("sound", sound ? "" : "off");
    remember("desktop", desktop ? "on" : "");
    close();
    desk.toast(t("notice.saved"));
  });
  draw();
  await load();
}
