/** Giving a conversation to somebody with a note: one act, and one way back. */
import { sentence } from "../shared/api.js";
import { flag, html, onAct } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { nameOf, randomId } from "./logic.js";
import { face, loadStyle, stateOf } from "./parts.js";
import "./richbox.js";
import { openSheet } from "./sheet.js";

/** @param {import("./app.js").Desk} desk @param {string} [to] who is chosen at once */
export async function openHandover(desk, to) {
  await Promise.all([addTexts("deskmore"), loadStyle("team")]);
  const { store, api } = desk;
  const row = store.row;
  if (!row) return;
  const others = [...store.agents.values()].filter((agent) => agent.id !== row.assignee).sort((a, b) => Number(b.online) - Number(a.online) || a.name.localeCompare(b.name));
  const first = to ?? (others.find((agent) => agent.id !== store.me.id) ?? others[0])?.id ?? "";
  const { sheet, close } = openSheet(
    "handover",
    t("deskmore.handover_title", { name: nameOf(row.contact) }),
    html`<form class="sheet-body" method="dialog" novalidate>
      <fieldset class="people"><legend>${t("desk.assign_to")}</legend><div>
        ${others.map((agent) => html`<label class="person-pick"><input type="radio" name="to" value="${agent.id}"${flag("checked", agent.id === first)}>${face(agent, "s", stateOf(agent))}<span><b>${agent.id === store.me.id ? t("desk.assign_me") : agent.name}</b><small>${t(`desk.availability_${stateOf(agent)}`)}</small></span></label>`)}
        ${row.assignee ? html`<label class="person-pick"><input type="radio" name="to" value=""${flag("checked", first === "")}><span class="face s is-none" aria-hidden="true">–</span><span><b>${t("desk.assign_nobody")}</b><small>${t("deskmore.handover_nobody_hint")}</small></span></label>` : ""}</div></fieldset>
      <div class="field"><span id="handover-note">${t("deskmore.handover_note")}</span><rich-box class="txt handover-box" dir="auto" aria-labelledby="handover-note"></rich-box><small>${t("deskmore.handover_hint")}</small></div>
      <p class="form-bad" role="alert" hidden></p>
      <footer class="sheet-foot"><button class="btn" type="button" data-act="close-sheet">${t("common.cancel")}</button><button class="btn go" type="submit">${t("deskmore.handover_do")}<kbd>Ctrl ↵</kbd></button></footer>
    </form>`,
  );
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  const box = /** @type {import("./richbox.js").RichBox} */ (form.querySelector("rich-box"));
  const bad = /** @type {HTMLElement} */ (form.querySelector(".form-bad"));
  const clientId = randomId();
  let busy = false;
  onAct(sheet, { "close-sheet": close });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    const assignee = String(new FormData(form).get("to") ?? first);
    bad.hidden = true;
    if (box.isEmpty) {
      bad.textContent = t("deskmore.handover_empty");
      bad.hidden = false;
      return box.focus();
    }
    busy = true;
    try {
      const answer = await api.post(`/api/desk/conversations/${row.id}/handover`, { assignee, text: box.text, html: box.html, client_id: clientId });
      close();
      desk.leave(row);
      store.sent(answer);
      desk.toast(assignee ? t("deskmore.handover_done", { name: store.agentName(assignee) }) : t("desk.done_unassigned"), answer.undo ? {
        act: t("common.undo"),
        run: () => void api.post("/api/desk/undo", { undo: answer.undo }).then(() => desk.go("all", row.number), (/** @type {unknown} */ error) => desk.toast(sentence(error), { bad: true })),
      } : {});
    } catch (error) {
      bad.textContent = sentence(error);
      bad.hidden = false;
    }
    busy = false;
  });
  setTimeout(() => box.focus());
}
