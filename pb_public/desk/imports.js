/** For owners: customers from a table, conversations from an archive of mails. */
import { ApiError, sentence } from "../shared/api.js";
import { age, count } from "../shared/format.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, currentLanguage, t } from "../shared/i18n.js";
import { download } from "./download.js";
import { blank, loadStyle } from "./parts.js";
import { openSheet, waitLines } from "./sheet.js";

/**
 * @typedef {{id: string, kind: string, name: string, state: string, dry: boolean, header: boolean, mapping: string[] | null, total: number, done: number, made: number, joined: number, refused: number, error: string, created: string}} Import
 * @typedef {{encoding: string, separator: string, columns: {heading: string, sample: string[], field: string}[], rows: string[][], own: {field: string, label: string}[]}} Preview
 */

export const FIELDS = ["", "name", "first_name", "last_name", "email", "phone", "language", "note", "tags", "customer_no"];

/** What an import has come to, in one line. @param {Import} job */
export function resultWords(job) {
  if (job.state === "undone") return t("import.undone");
  if (job.state === "failed") return job.error || t("import.failed");
  const mail = job.kind === "mail";
  return [
    t(mail ? "import.mails_made" : job.dry ? "import.would_make" : "import.made", { n: job.made }),
    ...(job.joined ? [t(mail ? "import.mails_known" : job.dry ? "import.would_join" : "import.joined", { n: job.joined })] : []),
    ...(job.refused ? [t(job.kind === "mail" ? "import.mails_refused" : "import.refused", { n: job.refused })] : []),
  ].join(" · ");
}

/** Sends a file with progress: fetch tells none. @param {string} token @param {FormData} form @param {(part: number) => void} onPart @returns {Promise<any>} */
function send(token, form, onPart) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", "/api/desk/imports");
    call.setRequestHeader("Authorization", token);
    call.setRequestHeader("Accept-Language", currentLanguage());
    call.upload.onprogress = (event) => onPart(event.lengthComputable ? event.loaded / event.total : 0);
    call.onerror = () => reject(new ApiError(t("common.error_network"), 0));
    call.onload = () => {
      let answer = null;
      try {
        answer = JSON.parse(call.responseText);
      } catch {
        // What is no JSON is no answer of ours.
      }
      if (call.status === 200 && answer) resolve(answer);
      else reject(new ApiError(answer?.message || t("common.error_unknown"), call.status, answer?.data ?? {}));
    };
    call.send(form);
  });
}

/** @param {import("./app.js").Desk} desk */
export async function openImports(desk) {
  await Promise.all([addTexts("import", "deskmore"), loadStyle("imports")]);
  const { api } = desk;
  const { sheet } = openSheet("imports", t("import.title"), html`<div class="sheet-body"></div>`);
  const body = /** @type {HTMLElement} */ (sheet.querySelector(".sheet-body"));
  /** @type {Import[] | null} */
  let jobs = null;
  /** @type {unknown} */
  let failure = null;
  /** @type {Import | null} */
  let job = null;
  /** @type {Preview | null} */
  let preview = null;
  /** @type {{id: string, address: string}[]} */
  let boxes = [];
  let sending = -1;
  let bad = "";
  let timer = 0;

  const busy = () => job?.state === "running" || job?.state === "undoing";
  const trouble = () => (bad ? html`<p class="form-bad" role="alert">${bad}</p>` : html``);
  /** @param {Import} one */
  const progress = (one) => html`<div class="import-run" role="status"><span>${t(one.state === "undoing" ? "import.undoing" : one.dry ? "import.checking" : "import.running", { done: count(one.done), total: count(one.total) })}</span><progress max="${one.total || 1}" value="${one.done}"></progress></div>`;

  const startHtml = () => html`
    ${sending >= 0
      ? html`<div class="import-run" role="status"><span>${t("import.sending")}</span><progress max="1" value="${sending}"></progress></div>`
      : html`<label class="sheet-link import-pick">${icon("me")}<span><b>${t("import.contacts")}</b><small>${t("import.contacts_hint")}</small></span><input type="file" accept=".csv,.tsv,.txt,text/csv" data-kind="contacts"></label>
        ${boxes.length
          ? html`<div class="import-mail"><label class="sheet-link import-pick">${icon("mail")}<span><b>${t("import.mails")}</b><small>${t("import.mails_hint")}</small></span><input type="file" accept=".mbox,.mbx,application/mbox" data-kind="mail"></label>
            <label class="field"><span>${t("import.mailbox")}</span><select name="mailbox">${boxes.map((box) => html`<option value="${box.id}">${box.address}</option>`)}</select></label></div>`
          : html`<p class="meta">${t("import.mails_need")}</p>`}`}
    ${trouble()}
    ${jobs?.length
      ? html`<hr><h3>${t("import.earlier")}</h3><ul class="device-list">${jobs.map(
          (one) => html`<li data-key="${one.id}"><span><b>${one.name}</b><small>${one.state === "new" ? t("import.not_begun") : one.state === "running" || one.state === "undoing" ? t("import.under_way") : resultWords(one)} · ${age(one.created, Date.now())}</small></span><button class="btn" type="button" data-act="open" data-id="${one.id}">${t("import.open")}</button></li>`,
        )}</ul>`
      : ""}`;

  /** What a column holds. @param {Preview} look @param {number} i @param {Preview["columns"][number]} column @param {string | undefined} chosen */
  const holds = (look, i, column, chosen) => {
    const option = (/** @type {string} */ field, /** @type {string} */ label) => html`<option value="${field}" ${chosen === field ? html`selected` : ""}>${label}</option>`;
    return html`<select data-column="${i}" aria-label="${t("import.holds", { column: column.heading || String(i + 1) })}">${FIELDS.map((field) => option(field, t(`import.field_${field || "none"}`)))}${
      look.own.length ? html`<optgroup label="${t("import.own")}">${look.own.map(({ field, label }) => option(field, label))}</optgroup>` : ""}</select>`;
  };

  /** @param {Import} one @param {Preview} look */
  const mapHtml = (one, look) => {
    const mapping = one.mapping ?? [];
    return html`<p>${t("import.map_why")}</p>
      <div class="import-table" tabindex="0" role="group" aria-label="${one.name}"><table><thead><tr>${look.columns.map(
        (column, i) => html`<th scope="col"><span class="import-heading">${one.header ? column.heading || "–" : t("import.column", { n: i + 1 })}</span>${
          holds(look, i, column, mapping[i])}</th>`,
      )}</tr></thead><tbody>${look.rows.map((cells) => html`<tr>${look.columns.map((_, i) => html`<td class="${mapping[i] ? "" : "is-left"}">${cells[i] ?? ""}</td>`)}</tr>`)}</tbody></table></div>
      <label class="switch"><span><b>${t("import.header")}</b><small>${t("import.rows", { n: one.total })} · ${look.encoding}</small></span><input type="checkbox" role="switch" name="header" ${one.header ? html`checked` : ""}></label>`;
  };

  /** @param {Import} one */
  const jobHtml = (one) => {
    const fresh = one.state === "new" || one.state === "failed";
    const checked = one.state === "new" && one.dry && one.done > 0;
    const ended = one.state === "finished";
    return html`<div class="import-job"><button class="link import-back" type="button" data-act="back">${icon("back", "s")}${t("import.back")}</button><h3>${one.name}</h3>
      ${busy() ? progress(one) : ""}
      ${fresh && one.kind === "contacts" && preview ? mapHtml(one, preview) : ""}
      ${fresh && one.kind === "mail" ? html`<p>${t("import.mails_found", { n: one.total })}</p>` : ""}
      ${checked || ended || one.state === "undone" || one.state === "failed" ? html`<p class="import-result ${one.state === "failed" ? "is-bad" : ""}" role="status">${icon(one.state === "failed" ? "alert" : "checks", "s")}<span>${resultWords(one)}</span></p>` : ""}
      ${one.refused && one.kind === "contacts" && !busy() ? html`<button class="btn" type="button" data-act="report">${icon("download", "s")}${t("import.report")}</button>` : ""}
      ${trouble()}
      <div class="second-acts">
        ${fresh && one.kind === "contacts" ? html`<button class="btn" type="button" data-act="check">${t("import.check")}</button>` : ""}
        ${fresh ? html`<button class="btn go" type="button" data-act="start">${t("import.go", { n: one.total })}</button>` : ""}
        ${ended && one.kind === "contacts" ? html`<button class="btn" type="button" data-act="undo">${icon("undo", "s")}${t("import.undo")}</button>` : ""}
      </div></div>`;
  };

  const draw = () => {
    if (job) return render(body, jobHtml(job));
    if (!jobs) return render(body, failure ? blank("cloud-off", t("deskmore.load_failed"), sentence(failure), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`) : waitLines(3));
    render(body, startHtml());
  };
  const load = async () => {
    try {
      const [list, mail] = await Promise.all([api.get("/api/desk/imports"), api.get("/api/desk/mailboxes")]);
      jobs = list.imports;
      boxes = mail.mailboxes;
      failure = null;
    } catch (error) {
      failure = error;
    }
    if (sheet.isConnected) draw();
  };
  /** Looks again while something goes on. */
  const follow = async () => {
    clearTimeout(timer);
    if (!job || !sheet.isConnected) return;
    try {
      const id = job.id;
      const answer = await api.get(`/api/desk/imports/${id}${preview ? "" : "?preview=1"}`);
      if (job?.id !== id) return;
      job = answer.import;
      preview = answer.preview ?? preview;
    } catch (error) {
      bad = sentence(error);
    }
    draw();
    if (busy()) timer = window.setTimeout(() => void follow(), 700);
  };
  /** @param {string} path @param {unknown} [wish] */
  const ask = async (path, wish) => {
    bad = "";
    try {
      job = (await api.post(`/api/desk/imports/${job?.id}/${path}`, wish ?? {})).import;
    } catch (error) {
      bad = sentence(error);
    }
    draw();
    void follow();
  };
  const wish = (/** @type {boolean} */ dry) => ({ mapping: job?.mapping ?? [], header: job?.header ?? false, dry });

  sheet.addEventListener("change", async (event) => {
    const field = event.target;
    if (field instanceof HTMLSelectElement && field.dataset.column && job) {
      const mapping = [...(job.mapping ?? [])];
      mapping[Number(field.dataset.column)] = field.value;
      job = { ...job, mapping, done: 0 };
      draw();
    }
    if (!(field instanceof HTMLInputElement)) return;
    if (field.name === "header" && job) {
      job = { ...job, header: field.checked, total: job.total + (field.checked ? -1 : 1), done: 0 };
      draw();
    }
    const file = field.files?.[0];
    if (!file) return;
    const form = new FormData();
    form.set("kind", field.dataset.kind ?? "");
    form.set("mailbox", /** @type {HTMLSelectElement | null} */ (sheet.querySelector("[name=mailbox]"))?.value ?? "");
    form.set("file", file);
    sending = 0;
    bad = "";
    draw();
    try {
      const answer = await send(desk.session.token, form, (part) => {
        sending = part;
        draw();
      });
      job = answer.import;
      preview = answer.preview ?? null;
    } catch (error) {
      bad = sentence(error);
    }
    sending = -1;
    draw();
  });
  onAct(sheet, {
    again: () => void load(),
    open: (target) => {
      job = jobs?.find((one) => one.id === target.dataset.id) ?? null;
      preview = null;
      bad = "";
      draw();
      void follow();
    },
    back: () => {
      clearTimeout(timer);
      job = null;
      bad = "";
      draw();
      void load();
    },
    check: () => void ask("start", wish(true)),
    start: () => void ask("start", job?.kind === "contacts" ? wish(false) : {}),
    undo: () => void ask("undo"),
    report: () => job && void download(desk, `/api/desk/imports/${job.id}/report`, `${job.name.replace(/\.[^.]*$/, "")}-refused.csv`),
  });
  sheet.addEventListener("close", () => clearTimeout(timer));
  draw();
  await load();
}
