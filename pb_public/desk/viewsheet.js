/** Saving a view, and changing, ordering and deleting those that are saved. */
import { sentence } from "../shared/api.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { undoByName } from "./bulk.js";
import { channelName, PRIORITIES, priorityName, SORTS } from "./logic.js";
import { loadStyle, tagVar } from "./parts.js";
import { openSheet } from "./sheet.js";

/** @typedef {import("./types.js").ViewFilter} ViewFilter */

const AGES = [1, 4, 24, 72, 168, 720];

/** What the list shows now, as a filter to begin with. @param {string} view @param {string} query @returns {ViewFilter} */
export function filterOf(view, query) {
  /** @type {ViewFilter} */
  const filter = view === "all" ? {} : { status: ["pending", "snoozed", "solved"].includes(view) ? [view] : ["open"] };
  if (view === "mine") filter.assignee = "me";
  if (view === "unassigned") filter.assignee = "nobody";
  if (view.startsWith("channel:")) filter.channels = [view.slice(8)];
  if (view.startsWith("tag:")) filter.tags = [view.slice(4)];
  if (query) filter.text = query;
  return filter;
}

/** @param {import("./app.js").Desk} desk @param {string} [id] of the view that is changed; none makes a new one */
export async function openView(desk, id = "") {
  await Promise.all([addTexts("deskmore"), loadStyle("tidy")]);
  const { api, store, saved } = desk;
  const view = saved.list.find((other) => other.id === id);
  /** @type {ViewFilter} */
  const filter = { ...(view?.filter ?? filterOf(store.view, store.query)) };
  const owner = store.me.role === "owner";
  /** @param {"status" | "channels" | "tags" | "priority"} name @param {[string | number, import("../shared/html.js").Html | string][]} choices */
  const checks = (name, choices) => html`<fieldset class="vw-set"><legend>${t(`deskmore.vw_${name}`)}</legend>${choices.map(([value, label]) => html`<label class="vw-check"><input type="checkbox" name="${name}" value="${value}" ${/** @type {unknown[]} */ (filter[name] ?? []).includes(value) ? html`checked` : ""}><span>${label}</span></label>`)}</fieldset>`;
  /** @param {string} name @param {string} label @param {[string, string][]} options @param {string} value */
  const select = (name, label, options, value) => html`<label class="field"><span>${label}</span><select name="${name}">${options.map(([key, words]) => html`<option value="${key}" ${key === value ? html`selected` : ""}>${words}</option>`)}</select></label>`;
  const age = (/** @type {number} */ hours) => (hours < 24 ? t("deskmore.vw_hours", { n: hours }) : t("deskmore.vw_days", { n: hours / 24 }));
  const { sheet, close } = openSheet(
    "viewsheet",
    t(view ? "desk.view_change" : "desk.view_save"),
    html`<form class="sheet-body vw">
      <label class="field"><span>${t("deskmore.vw_name")}</span><input name="name" maxlength="40" required autocomplete="off" value="${view?.name ?? ""}" placeholder="${t("deskmore.vw_name_hint")}"></label>
      ${checks("status", ["open", "pending", "snoozed", "solved"].map((status) => [status, status === "open" ? t("deskmore.vw_open") : t(`desk.view_${status}`)]))}
      ${checks("channels", Object.keys(store.counts.channels ?? {}).map((channel) => [channel, channelName(channel)]))}
      ${checks("priority", PRIORITIES.map((priority) => [priority, priorityName(priority)]))}
      <div class="vw-tags"></div>
      <div class="vw-pair">${select("assignee", t("deskmore.vw_assignee"), [["", t("deskmore.vw_anybody")], ["me", t("deskmore.vw_me")], ["nobody", t("desk.assign_nobody")], .../** @type {[string, string][]} */ ([...store.agents.values()].map((agent) => [agent.id, agent.name]))], filter.assignee ?? "")}
      ${select("language", t("deskmore.vw_language"), [["", t("deskmore.vw_any")], ["bn", "বাংলা"], ["en", "English"]], filter.language ?? "")}</div>
      <div class="vw-pair">${select("older", t("deskmore.vw_older"), [["0", t("deskmore.vw_any")], .../** @type {[string, string][]} */ (AGES.map((hours) => [String(hours), age(hours)]))], String(filter.older ?? 0))}
      ${select("newer", t("deskmore.vw_newer"), [["0", t("deskmore.vw_any")], .../** @type {[string, string][]} */ (AGES.map((hours) => [String(hours), age(hours)]))], String(filter.newer ?? 0))}</div>
      <div class="vw-pair"><label class="field"><span>${t("deskmore.vw_text")}</span><input name="text" maxlength="100" autocomplete="off" value="${filter.text ?? ""}"></label>
      ${select("sort", t("desk.sort_by"), SORTS.map((sort) => [sort, t(`desk.sort_${sort}`)]), view?.sort || store.sort)}</div>
      ${owner ? html`<label class="switch"><input type="checkbox" name="shared" ${view?.shared ? html`checked` : ""}><span>${t("deskmore.vw_shared")}</span></label>` : ""}
      <p class="form-bad" role="alert" hidden></p>
      <footer class="sheet-foot">${view ? html`<button class="btn" type="button" data-act="up">${t("deskmore.vw_up")}</button><button class="btn" type="button" data-act="remove">${icon("trash", "s")}${t("desk.delete")}</button>` : ""}<button class="btn go" type="submit">${t("common.save")}</button></footer>
    </form>`,
  );
  // Drawn by render, which gives elements their colours.
  if (store.tags.size) render(/** @type {HTMLElement} */ (sheet.querySelector(".vw-tags")), checks("tags", [...store.tags.values()].map((tag) => [tag.id, html`<i class="tag-dot" data-var="${tagVar(tag)}"></i>${tag.name}`])));
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  const bad = /** @type {HTMLElement} */ (sheet.querySelector(".form-bad"));
  const say = (/** @type {unknown} */ error) => {
    bad.hidden = false;
    render(bad, html`${sentence(error)}`);
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const text = (/** @type {string} */ name) => String(data.get(name) ?? "").trim();
    const body = {
      name: text("name"),
      sort: text("sort"),
      ...(owner ? { shared: data.get("shared") === "on" } : {}),
      filter: {
        status: data.getAll("status"), channels: data.getAll("channels"), tags: data.getAll("tags"), priority: data.getAll("priority").map(Number),
        assignee: text("assignee"), language: text("language"), older: Number(text("older")), newer: Number(text("newer")), text: text("text"),
      },
    };
    try {
      const answer = await (view ? api.patch(`/api/desk/views/${view.id}`, body) : api.post("/api/desk/views", body));
      await saved.load();
      close();
      desk.go(`saved:${answer.view.id}`);
      if (view) void store.relist();
    } catch (error) {
      say(error);
    }
  });
  onAct(sheet, {
    up: async () => {
      const ids = saved.list.filter((other) => other.shared === view?.shared).map((other) => other.id);
      const at = ids.indexOf(id);
      if (at > 0) ids.splice(at - 1, 2, ids[at], ids[at - 1]);
      try {
        await api.post("/api/desk/views/order", { ids });
        await saved.load();
      } catch (error) {
        say(error);
      }
    },
    remove: async () => {
      try {
        const { undo } = await api.delete(`/api/desk/views/${id}`);
        close();
        desk.go("open");
        await saved.load();
        desk.toast(t("deskmore.vw_deleted", { name: view?.name ?? "" }), { act: t("common.undo"), run: () => void undoByName(desk, undo).then(() => saved.load()) });
      } catch (error) {
        say(error);
      }
    },
  });
  /** @type {HTMLElement | null} */ (form.querySelector("[name=name]"))?.focus();
}
