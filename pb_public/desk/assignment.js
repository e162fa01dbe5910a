/** For owners: who gets a new conversation. */
import { sentence } from "../shared/api.js";
import { flag, html, icon } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { face, loadStyle, stateOf } from "./parts.js";
import { openSheet } from "./sheet.js";

const PATH = "/api/collections/shop/records/shop00000000001";
const WAYS = /** @type {const} */ ({ hand: "hand", turn: "updown", load: "stack" });

/** @param {import("./app.js").Desk} desk */
export async function openAssignment(desk) {
  await Promise.all([addTexts("deskmore"), loadStyle("team")]);
  const { api, store } = desk;
  const shop = await api.get(PATH);
  const chosen = shop.assign_new || "hand";
  const there = [...store.agents.values()].filter((agent) => stateOf(agent) === "online");
  const { sheet, close } = openSheet(
    "assignment",
    t("desk.assignment"),
    html`<form class="sheet-body" method="dialog" novalidate>
      <fieldset class="people"><legend>${t("deskmore.assign_new")}</legend>
        <div>${Object.entries(WAYS).map(([way, mark]) => html`<label class="person-pick"><input type="radio" name="assign_new"
        value="${way}"${flag("checked", way === chosen)}>${icon(mark)}<span><b>${t(`deskmore.assign_${way}`)}</b>
        <small>${t(`deskmore.assign_${way}_hint`)}</small></span></label>`)}</div></fieldset>
      <label class="switch"><span><b>${t("deskmore.assign_hours")}</b>
        <small>${t("deskmore.assign_hours_hint")}</small></span><input type="checkbox" role="switch" name="assign_hours"${flag("checked", shop.assign_hours)}></label>
      <p>${t("deskmore.assign_who")}</p>
      <p class="assign-now">${there.slice(0, 5).map((agent) => face(agent, "s", "online"))}<span>${there.length
        ? t("deskmore.assign_now", { names: there.map((agent) => agent.name).join(", ") }) : t("deskmore.assign_now_none")}</span></p>
      <p class="form-bad" role="alert" hidden></p>
      <footer class="sheet-foot"><button class="btn" type="button" data-act="close-sheet">${t("common.cancel")}</button><button class="btn go"
        type="submit">${t("common.save")}</button></footer>
    </form>`,
  );
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  const bad = /** @type {HTMLElement} */ (form.querySelector(".form-bad"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const before = { assign_new: shop.assign_new, assign_hours: shop.assign_hours };
    const failed = (/** @type {unknown} */ error) => desk.toast(sentence(error), { bad: true });
    try {
      await api.patch(PATH, { assign_new: data.get("assign_new"), assign_hours: data.has("assign_hours") });
    } catch (error) {
      bad.textContent = sentence(error);
      bad.hidden = false;
      return;
    }
    close();
    desk.toast(t("deskmore.assignment_saved"), { act: t("common.undo"), run: () => void api.patch(PATH, before).catch(failed) });
  });
}
