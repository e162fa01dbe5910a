/** Mails that could not become messages: why, the original, and what to do with each. */
import { sentence } from "../shared/api.js";
import { age, full } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { download } from "./download.js";
import { blank, loadStyle } from "./parts.js";
import { openSheet, waitLines } from "./sheet.js";

/** @typedef {{id: string, mailbox: string, sender: string, subject: string, reason: string, retried: number, raw: boolean, created: string}} Mail */

/** @param {import("./app.js").Desk} desk */
export async function openSetAside(desk) {
  await Promise.all([addTexts("deskmore"), loadStyle("boxes")]);
  const { api } = desk;
  const { sheet } = openSheet("boxes", t("deskmore.setaside"), html`<div class="sheet-body"></div>`);
  const body = /** @type {HTMLElement} */ (sheet.querySelector(".sheet-body"));
  /** @type {Mail[] | null} */
  let mails = null;
  let more = false;
  let page = 1;
  /** @type {unknown} */
  let failure = null;
  /** Mails that something is being done with. @type {Set<string>} */
  const busy = new Set();
  /** Mails whose discarding can still be taken back. @type {Map<string, number>} */
  const going = new Map();

  const draw = () => {
    if (!mails) return render(body, failure ? blank("cloud-off", t("deskmore.load_failed"), sentence(failure), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`) : waitLines(4));
    const shown = mails.filter((mail) => !going.has(mail.id));
    if (shown.length === 0) return render(body, blank("check", t("deskmore.setaside_none"), t("deskmore.setaside_none_hint")));
    render(
      body,
      html`<p>${t("deskmore.setaside_why")}</p>
        ${shown.map(
          (mail) => html`<section class="mailbox" data-key="${mail.id}" data-id="${mail.id}" aria-label="${mail.subject || mail.sender}">
            <header><span class="mailbox-name"><b dir="auto">${mail.subject || t("deskmore.no_subject")}</b><small>${mail.sender || t("deskmore.no_sender")} · <span title="${full(mail.created)}">${age(mail.created)}</span>${desk.store.mailboxes.get(mail.mailbox) ? html` · ${desk.store.mailboxes.get(mail.mailbox)}` : ""}</small></span></header>
            <p class="caution">${icon("alert", "s")}<span>${mail.reason}${mail.retried ? html`<small>${t("deskmore.retried", { n: mail.retried })}</small>` : ""}</span></p>
            <div class="mailbox-acts">${mail.raw ? html`<button class="btn" type="button" data-act="retry" ${busy.has(mail.id) ? html`disabled` : ""}>${icon("undo", "s")}${t("deskmore.read_again")}</button><button class="btn" type="button" data-act="raw">${icon("download", "s")}${t("deskmore.original")}</button>` : ""}<button class="btn" type="button" data-act="discard">${icon("close", "s")}${t("deskmore.discard")}</button></div>
          </section>`,
        )}
        ${more ? html`<button class="btn" type="button" data-act="more" data-key="more">${t("deskmore.show_more")}</button>` : ""}`,
    );
  };
  const load = async () => {
    failure = null;
    try {
      const answer = await api.get(`/api/desk/quarantine?page=${page}`);
      const known = new Set((mails ?? []).map((mail) => mail.id));
      mails = [...(page > 1 ? (mails ?? []) : []), ...answer.mails.filter((/** @type {Mail} */ mail) => page === 1 || !known.has(mail.id))];
      more = answer.more;
    } catch (error) {
      failure = error;
      if (mails) desk.toast(sentence(error), { bad: true });
    }
    draw();
  };
  /** @param {HTMLElement} target */
  const idOf = (target) => /** @type {HTMLElement | null} */ (target.closest("[data-id]"))?.dataset.id ?? "";
  const retry = async (/** @type {string} */ id) => {
    busy.add(id);
    draw();
    try {
      const { conversation } = await api.post(`/api/desk/quarantine/${id}/retry`);
      mails = (mails ?? []).filter((mail) => mail.id !== id);
      desk.toast(t("deskmore.read_now"), conversation ? { act: t("desk.show"), run: () => void show(conversation) } : {});
    } catch (error) {
      desk.toast(sentence(error), { bad: true });
      page = 1;
      await load();
    }
    busy.delete(id);
    draw();
  };
  const show = async (/** @type {string} */ conversation) => {
    const answer = await api.get(`/api/desk/conversations/${conversation}`);
    for (const open of document.querySelectorAll("dialog[open]")) /** @type {HTMLDialogElement} */ (open).close();
    desk.go("all", answer.conversation.number);
  };
  /** @param {string} id */
  const gone = (id) => {
    clearTimeout(going.get(id));
    return api.delete(`/api/desk/quarantine/${id}`).then(
      () => {
        mails = (mails ?? []).filter((mail) => mail.id !== id);
        going.delete(id);
      },
      (error) => {
        going.delete(id);
        desk.toast(sentence(error), { bad: true });
        if (sheet.isConnected) draw();
      },
    );
  };
  onAct(sheet, {
    again: () => void load(),
    more: () => {
      page++;
      void load();
    },
    retry: (target) => void retry(idOf(target)),
    raw: (target) => void download(desk, `/api/desk/quarantine/${idOf(target)}/raw`, `mail-${idOf(target)}.eml`),
    discard: (target) => {
      // It goes when it can no longer be taken back.
      const id = idOf(target);
      going.set(id, window.setTimeout(() => void gone(id), 6_500));
      draw();
      desk.toast(t("deskmore.discarded"), {
        act: t("common.undo"),
        run: () => {
          clearTimeout(going.get(id));
          going.delete(id);
          if (sheet.isConnected) draw();
        },
      });
    },
  });
  const leave = () => {
    for (const id of going.keys()) void gone(id);
  };
  sheet.addEventListener("close", leave);
  window.addEventListener("pagehide", leave, { once: true });
  draw();
  await load();
}
