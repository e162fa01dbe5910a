/** A person's own settings. */
import { sentence } from "../shared/api.js";
import { html, icon, onAct } from "../shared/html.js";
import { addTexts, currentLanguage, LANGUAGES, t } from "../shared/i18n.js";
import { undoSeconds } from "./composer.js";
import { openSheet } from "./sheet.js";
import { applyTheme, recall, remember } from "./prefs.js";

/** @param {string} name @param {string} label @param {string} hint @param {boolean} on */
function toggle(name, label, hint, on) {
  return html`<label class="switch"><span><b>${label}</b><small>${hint}</small></span><input type="checkbox" role="switch" name="${name}" ${on ? html`checked` : ""}></label>`;
}

/** @param {string} name @param {string} legend @param {[string, string][]} options @param {string} value */
function choice(name, legend, options, value) {
  return html`<fieldset class="segment"><legend>${legend}</legend><div>${options.map(([id, label]) => html`<label><input type="radio" name="${name}" value="${id}" ${id === value ? html`checked` : ""}><span>${label}</span></label>`)}</div></fieldset>`;
}

/** What has a sheet of its own: the person's, and for owners what was done and brought along. @param {import("./app.js").Desk} desk */
function ownLinks(desk) {
  const links = [["signatures", "pen", t("desk.signatures"), t("deskmore.signatures_hint")], ["notices", "bell", t("desk.notices"), t("notice.hint")], ["security", "shield", t("desk.security"), t("session.hint")]];
  if (desk.store.me.role === "owner") links.push(["system", "bolt", t("desk.system"), t("watch.hint")], ["audit", "eye", t("desk.audit"), t("audit.hint")], ["retention", "clock", t("desk.retention"), t("retention.hint")], ["imports", "download", t("desk.imports"), t("import.hint")]);
  return html`<nav class="sheet-links" aria-label="${t("desk.settings")}">${links.map(([id, mark, label, hint]) => html`<button class="sheet-link" type="button" data-act="open" data-command="${id}">${icon(mark)}<span><b>${label}</b><small>${hint}</small></span>${icon("next", "s")}</button>`)}</nav>`;
}

/** What concerns the whole shop, each a sheet of its own. @param {import("./app.js").Desk} desk */
function shopLinks(desk) {
  const links = [["mailboxes", "mail", t("desk.mailboxes"), t("deskmore.mailboxes_hint")]];
  if (desk.store.me.role === "owner") links.push(["automations", "bolt", t("desk.automations"), t("deskmore.automations_hint")], ["targets", "clock", t("desk.targets"), t("deskmore.targets_hint")], ["hours", "sun", t("desk.hours"), t("deskmore.hours_hint")], ["embed", "chat", t("desk.embed"), t("deskmore.embed_hint")], ["greeting", "chat", t("desk.greeting"), t("greeting.hint")]);
  if (desk.store.me.role === "owner") links.push(["assignment", "me", t("desk.assignment"), t("deskmore.assignment_hint")]);
  if (desk.store.me.role === "owner") links.push(["fields", "panel", t("desk.contact_fields"), t("deskmore.fields_hint")]);
  links.unshift(["bot", "robot", t("desk.bot_settings"), t("bot.hint")]);
  links.unshift(["articles", "text", t("desk.articles"), t("deskmore.articles_hint")]);
  if (desk.store.me.role === "owner") links.push(["setup", "checks", t("desk.setup"), t("deskmore.setup_hint")]);
  if (desk.store.me.role === "owner") links.push(["theme", "panel", t("desk.theme_public"), t("deskmore.theme_public_hint")]);
  return html`<hr><nav class="sheet-links" aria-label="${t("deskmore.shop")}"><h3>${t("deskmore.shop")}</h3>${links.map(([id, mark, label, hint]) => html`<button class="sheet-link" type="button" data-act="open" data-command="${id}">${icon(mark)}<span><b>${label}</b><small>${hint}</small></span>${icon("next", "s")}</button>`)}</nav>`;
}

/** @param {import("./app.js").Desk} desk */
export async function openSettings(desk) {
  await addTexts("deskmore", "notice", "session", "audit", "import", "bot", "watch", "retention", "greeting");
  const { me } = desk.store;
  const { sheet, close } = openSheet(
    "settings",
    t("desk.settings"),
    html`<form class="sheet-body" method="dialog">
      <label class="field"><span>${t("deskmore.your_name")}</span><input name="name" value="${me.name}" autocomplete="name" required maxlength="78"><small>${t("deskmore.your_name_hint")}</small></label>
      ${choice("availability", t("deskmore.availability"), [["online", t("desk.availability_online")], ["away", t("desk.availability_away")], ["offline", t("desk.availability_offline")]], me.availability)}
      ${choice("away_after", t("deskmore.away_after"), [[5, 5], [0, 10], [15, 15], [30, 30], [60, 60], [-1, 0]].map(([value, n]) => [String(value), n ? t("deskmore.away_after_n", { n }) : t("deskmore.away_after_never")]), String(me.away_after ?? 0))}
      <p class="field-hint">${t("deskmore.away_after_hint")}</p>
      ${choice("undo_send", t("deskmore.undo_send"), [0, 5, 10, 20, 30].map((n) => [String(n), n ? t("deskmore.undo_send_n", { n }) : t("deskmore.undo_send_off")]), String(undoSeconds(me.notify)))}
      <p class="field-hint">${t("deskmore.undo_send_hint")}</p>
      <hr>
      ${choice("lang", t("deskmore.desk_language"), Object.entries(LANGUAGES), currentLanguage())}
      ${choice("theme", t("deskmore.theme"), [["", t("deskmore.theme_system")], ["light", t("deskmore.theme_light")], ["dark", t("deskmore.theme_dark")]], recall("theme"))}
      <hr>
      ${toggle("formatted", t("deskmore.formatted"), t("deskmore.formatted_hint"), recall("formatted") === "on")}
      <hr>
      ${ownLinks(desk)}
      ${shopLinks(desk)}
      <p class="form-bad" role="alert" hidden></p>
      <footer class="sheet-foot"><button class="btn" type="button" data-act="close-sheet">${t("common.cancel")}</button><button class="btn go" type="submit">${t("common.save")}</button></footer>
    </form>`,
  );
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  onAct(form, { open: (target) => desk.run(target.dataset.command ?? "") });
  const themeBefore = recall("theme");
  let saved = false;
  form.addEventListener("change", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement)) return;
    if (field.name === "theme") {
      remember("theme", field.value);
      applyTheme();
    }
  });
  sheet.addEventListener("close", () => {
    if (saved) return;
    remember("theme", themeBefore);
    applyTheme();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const text = (/** @type {string} */ name) => String(data.get(name) ?? "");
    const bad = /** @type {HTMLElement} */ (form.querySelector(".form-bad"));
    const others = (me.languages ?? []).filter((lang) => lang !== text("lang"));
    try {
      await desk.store.patchMe({
        name: text("name").trim(),
        availability: text("availability"),
        away_after: Number(text("away_after")) || 0,
        languages: [text("lang"), ...others],
        notify: { ...me.notify, undo_send: Number(text("undo_send")) },
      });
    } catch (error) {
      bad.textContent = sentence(error);
      bad.hidden = false;
      return;
    }
    saved = true;
    remember("formatted", data.has("formatted") ? "on" : "");
    close();
    if (text("lang") !== currentLanguage()) {
      remember("lang", text("lang"));
      document.dispatchEvent(new Event("shohay-language"));
    } else {
      desk.store.emit("talk");
      desk.toast(t("deskmore.settings_saved"));
    }
  });
}

