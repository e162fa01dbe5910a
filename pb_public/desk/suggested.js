/** What the bot would answer to a mail or a form, for the agent to take or leave. */
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { unanswered } from "./botsteps.js";
import { loadStyle } from "./parts.js";

/** @typedef {{title: string, text: string, url: string}} Suggestion */

/** @param {HTMLElement} foot under the conversation @param {readonly import("./types.js").Message[]} messages @param {readonly Suggestion[]} list @param {import("./composer.js").DeskComposer | null} composer */
export async function showSuggested(foot, messages, list, composer) {
  await Promise.all([addTexts("bot"), loadStyle("bot")]);
  let place = /** @type {HTMLElement | null} */ (foot.querySelector(".suggested"));
  if (!list.length || !composer || !unanswered(messages)) return place?.remove();
  if (place && place.dataset.of !== composer.conversation) {
    place.remove();
    place = null;
  }
  if (!place) {
    place = document.createElement("section");
    place.className = "suggested";
    place.dataset.of = composer.conversation;
    foot.prepend(place);
  }
  place.setAttribute("aria-label", t("bot.suggestion"));
  render(place, html`<header>${icon("robot", "s")}${t("bot.suggestion")}</header><ul>${list.map((one, i) => html`<li data-key="${i}"><span dir="auto">${one.title}</span><button class="btn" type="button" data-act="insert" data-at="${i}">${t("bot.suggestion_insert")}</button></li>`)}</ul>`);
  if (place.dataset.bound) return;
  place.dataset.bound = "1";
  const box = place;
  onAct(box, {
    insert: (target) => {
      composer.setKind("reply");
      composer.insert(/** @type {any} */ ({ text: list[Number(target.dataset.at)].text, html: "" }));
      box.remove();
    },
  });
}
