/** What a customer agreed to, and how that can be shown. */
import { sentence } from "../shared/api.js";
import { digits, full } from "../shared/format.js";
import { html, icon } from "../shared/html.js";
import { t } from "../shared/i18n.js";
import { talkOf } from "./profile.js";
import { openSheet } from "./sheet.js";

/** @typedef {{what: string, given: boolean, at: string, source: string, by: string, channel: string, words: string, number: number, note: string}} Consent */

const CHANNELS = /** @type {const} */ (["chat", "email", "portal", "phone", "shop", "paper"]);

/** @param {Consent} one */
function entry(one) {
  const how = [one.channel ? t(`profile.by_${one.channel}`) : "", one.number ? `#${digits(one.number)}` : "", one.by || t(`profile.source_${one.source || "desk"}`)].filter(Boolean);
  return html`<li>${icon(one.given ? "check" : "close", "s")}<span><b>${t(one.given ? "profile.did_agree" : "profile.did_withdraw")}</b> <time datetime="${one.at}">${full(one.at)}</time>
    <small>${how.join(" · ")}</small>${one.words ? html`<q dir="auto">${one.words}</q>` : ""}${one.note ? html`<small dir="auto">${one.note}</small>` : ""}</span></li>`;
}

/**
 * @param {import("./app.js").Desk} desk @param {string} contact @param {string} what @param {Consent[]} said @param {(answer: any) => void} take
 */
export function openConsent(desk, contact, what, said, take) {
  const past = said.filter((one) => one.what === what).reverse();
  const given = past[0]?.given ?? false;
  const talk = talkOf(desk, contact);
  const { sheet, close } = openSheet(
    "consent",
    t(`profile.consent_${what}`),
    html`<form class="sheet-body" method="dialog">
      ${past.length ? html`<ol class="consent-past">${past.map(entry)}</ol>` : html`<p class="meta">${t("profile.not_asked")}</p>`}
      <hr>
      <fieldset class="segment"><legend>${t("profile.now")}</legend><div>${[true, false].map(
        (on) => html`<label><input type="radio" name="given" value="${on ? "yes" : "no"}" ${on === !given ? html`checked` : ""}><span>${t(on ? "profile.did_agree" : "profile.did_withdraw")}</span></label>`,
      )}</div></fieldset>
      <label class="field"><span>${t("profile.how")}</span><select name="channel"><option value="">${talk ? t("profile.how_here") : t("profile.how_unknown")}</option>${CHANNELS.map(
        (channel) => html`<option value="${channel}">${t(`profile.by_${channel}`)}</option>`,
      )}</select></label>
      <label class="field"><span>${t("profile.words")}</span><textarea name="words" rows="3" maxlength="600" dir="auto"></textarea><small>${t("profile.words_hint")}</small></label>
      <p class="form-bad" role="alert" hidden></p>
      <footer class="sheet-foot"><button class="btn" type="button" data-act="close-sheet">${t("common.cancel")}</button><button class="btn go" type="submit">${t("common.save")}</button></footer>
    </form>`,
  );
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = new FormData(form);
    try {
      take(await desk.api.post(`/api/desk/contacts/${contact}/consents`, {
        what, given: data.get("given") === "yes", channel: data.get("channel"), words: data.get("words"), conversation: data.get("channel") ? "" : talk,
      }));
      close();
    } catch (error) {
      const bad = /** @type {HTMLElement} */ (form.querySelector(".form-bad"));
      bad.textContent = sentence(error);
      bad.hidden = false;
    }
  });
}
