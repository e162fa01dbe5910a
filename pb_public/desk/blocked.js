/** Addresses and domains whose mail goes to Spam. */
import { sentence } from "../shared/api.js";
import { age, full } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { blank, loadStyle } from "./parts.js";
import { openSheet, waitLines } from "./sheet.js";

const PATH = "/api/collections/blocked_senders/records";

/** @typedef {{id: string, value: string, note: string, created: string}} Blocked */

/** @param {import("./app.js").Desk} desk */
export async function openBlocked(desk) {
  await Promise.all([addTexts("deskmore"), loadStyle("boxes")]);
  const { api } = desk;
  const { sheet } = openSheet(
    "boxes",
    t("deskmore.blocked"),
    html`<div class="sheet-body"><p>${t("deskmore.blocked_why")}</p>
      <form class="block-form" novalidate><label class="field"><span>${t("deskmore.block_what")}</span><input name="value" autocomplete="off" autocapitalize="none" spellcheck="false" inputmode="email" placeholder="seller@mail.example" maxlength="320" required></label><button class="btn go" type="submit">${t("deskmore.block_go")}</button></form>
      <p class="form-bad" role="alert" hidden></p><div class="blocked"></div></div>`,
  );
  const list = /** @type {HTMLElement} */ (sheet.querySelector(".blocked"));
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  const bad = /** @type {HTMLElement} */ (sheet.querySelector(".form-bad"));
  /** @type {Blocked[] | null} */
  let all = null;
  /** @type {unknown} */
  let failure = null;

  const draw = () => {
    if (!all) return render(list, failure ? blank("cloud-off", t("deskmore.load_failed"), sentence(failure), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`) : waitLines(3));
    render(
      list,
      all.length
        ? html`<ul>${all.map((item) => html`<li data-key="${item.id}">${icon(item.value.includes("@") ? "mail" : "globe", "s")}<span class="blocked-value">${item.value}${item.note ? html`<small>${item.note}</small>` : ""}</span>${item.created ? html`<span class="meta" title="${full(item.created)}">${age(item.created)}</span>` : ""}<button class="tool tiny" type="button" data-act="remove" data-id="${item.id}" aria-label="${t("deskmore.unblock", { value: item.value })}" title="${t("deskmore.unblock", { value: item.value })}">${icon("close", "xs")}</button></li>`)}</ul>`
        : blank("block", t("deskmore.blocked_none"), t("deskmore.blocked_none_hint")),
    );
  };
  const load = async () => {
    failure = null;
    try {
      all = (await api.get(`${PATH}?perPage=500&sort=value&skipTotal=1`)).items;
    } catch (error) {
      failure = error;
    }
    draw();
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const value = String(new FormData(form).get("value") ?? "").trim().toLowerCase().replace(/^@/, "");
    bad.hidden = true;
    try {
      if (!value) return;
      const item = await api.post(PATH, { value });
      all = [...(all ?? []), item].sort((a, b) => a.value.localeCompare(b.value));
      form.reset();
      draw();
    } catch (error) {
      bad.textContent = all?.some((item) => item.value === value) ? t("deskmore.blocked_already") : sentence(error);
      bad.hidden = false;
    }
  });
  onAct(sheet, {
    again: () => void load(),
    remove: async (target) => {
      const item = all?.find((other) => other.id === target.dataset.id);
      if (!item) return;
      try {
        await api.delete(`${PATH}/${item.id}`);
        all = (all ?? []).filter((other) => other !== item);
        draw();
        desk.toast(t("deskmore.unblocked", { value: item.value }), { act: t("common.undo"), run: () => void api.post(PATH, { value: item.value, note: item.note }).then(load, (error) => desk.toast(sentence(error), { bad: true })) });
      } catch (error) {
        desk.toast(sentence(error), { bad: true });
      }
    },
  });
  draw();
  await load();
}
