/** Taking messages out of a conversation into one of their own. */
import { sentence } from "../shared/api.js";
import { clock, digits, shortDate } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { undoByName } from "./bulk.js";
import { nameOf } from "./logic.js";
import { loadStyle } from "./parts.js";
import { openSheet } from "./sheet.js";

/** @typedef {import("../shared/types.js").Message} Message */

/** The messages that a split takes along. @param {readonly Message[]} messages @param {string} from a message's id @param {boolean} following */
export function takenOut(messages, from, following) {
  const said = messages.filter((message) => message.kind !== "event");
  const at = said.findIndex((message) => message.id === from);
  return at < 0 ? [] : following ? said.slice(at) : [said[at]];
}

/** @param {import("./app.js").Desk} desk @param {string} [message] the id of the first one that goes */
export async function openSplit(desk, message = "") {
  await Promise.all([addTexts("deskmore"), loadStyle("tidy")]);
  const { api, store } = desk;
  const { talk, row } = store;
  if (!talk || !row) return;
  const said = talk.messages.filter((other) => other.kind !== "event");
  if (said.length < 2) return desk.toast(t("deskmore.split_one"));
  let from = message || said[said.length - 1].id;
  let following = true;
  let busy = false;
  let complaint = "";
  const { sheet, close } = openSheet("split", t("desk.split"), html`<div class="sheet-body"><p>${t("deskmore.split_hint")}</p><div class="split-list" role="radiogroup" aria-label="${t("deskmore.split_from")}"></div><div class="split-foot"></div></div>`);
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (sheet.querySelector(`.${name}`));
  const draw = () => {
    const going = new Set(takenOut(talk.messages, from, following).map((other) => other.id));
    const all = going.size === said.length && !talk.more;
    render(
      part("split-list"),
      html`${said.map((other) => html`<label class="split-item ${going.has(other.id) ? "is-going" : ""} ${other.kind === "note" ? "is-note" : ""}" data-key="${other.id}"><input type="radio" name="from" value="${other.id}" ${other.id === from ? html`checked` : ""}><span class="split-what"><small>${other.kind === "incoming" ? nameOf(row.contact) : other.author.name} · ${shortDate(other.created)}, ${clock(other.created)}</small><span dir="auto">${other.text.slice(0, 160) || other.files[0]?.name || ""}</span></span>${going.has(other.id) ? icon("split", "s") : ""}</label>`)}`,
    );
    render(
      part("split-foot"),
      html`<label class="switch"><input type="checkbox" name="following" ${following ? html`checked` : ""}><span>${t("deskmore.split_following")}</span></label>
        ${row.channel === "chat" ? html`<p class="caution">${icon("chat", "s")}<span>${t("deskmore.split_chat")}</span></p>` : ""}
        ${all ? html`<p class="form-bad" role="alert">${t("deskmore.split_all")}</p>` : complaint ? html`<p class="form-bad" role="alert">${complaint}</p>` : ""}
        <footer class="sheet-foot"><button class="btn go" type="button" data-act="split" ${busy || all ? html`disabled` : ""}>${t("deskmore.split_go", { n: going.size })}</button></footer>`,
    );
  };
  onAct(sheet, {
    split: async () => {
      if (busy) return;
      busy = true;
      draw();
      try {
        const answer = await api.post(`/api/desk/messages/${from}/split`, { following });
        store.putRow(answer.conversation);
        close();
        desk.go(store.view, answer.conversation.number);
        desk.toast(t("deskmore.split_done", { number: digits(answer.conversation.number) }), {
          act: t("common.undo"),
          run: () => void undoByName(desk, answer.undo).then(() => desk.go(store.view, row.number)),
        });
      } catch (error) {
        complaint = sentence(error);
        busy = false;
        draw();
      }
    },
  });
  sheet.addEventListener("change", (event) => {
    if (!(event.target instanceof HTMLInputElement)) return;
    if (event.target.name === "from") from = event.target.value;
    else following = event.target.checked;
    draw();
  });
  draw();
  sheet.querySelector("input:checked")?.scrollIntoView({ block: "center" });
}
