/** The keyboard at a glance. */
import { html } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { COMMANDS, inBar, isOwner } from "./commands.js";
import { viewName } from "./logic.js";
import { openSheet } from "./sheet.js";

/** @param {string} keys */
function caps(keys) {
  return html`<span class="caps">${keys.split(" ").map((key) => html`<kbd>${key}</kbd>`)}</span>`;
}

/** @param {import("./app.js").Desk} on */
export async function openHelp(on) {
  await addTexts("deskmore");
  // What only owners can do is told only to them.
  const commands = COMMANDS.filter((command) => command.when !== isOwner || isOwner(on));
  const keyed = commands.filter((command) => command.keys && !["reopen", "unfollow"].includes(command.id));
  const others = commands.filter((command) => inBar(command) && !command.keys && !command.id.startsWith("go-"));
  const talk = keyed.filter((command) => command.when);
  const ways = keyed.filter((command) => command.id.startsWith("go-"));
  const desk = keyed.filter((command) => !command.when && !command.id.startsWith("go-"));
  /** @param {string} title @param {[string, string][]} rows */
  const group = (title, rows) => html`<section><h3>${title}</h3><dl>${rows.map(([label, keys]) => html`<div><dt>${label}</dt><dd>${caps(keys)}</dd></div>`)}</dl></section>`;
  /** @param {typeof keyed} commands @returns {[string, string][]} */
  const rows = (commands) => commands.map((command) => [command.label(), command.keys ?? ""]);
  openSheet(
    "help",
    t("desk.shortcuts"),
    html`<div class="sheet-body help-groups">
      ${group(t("deskmore.group_list"), [[t("deskmore.key_next"), "J"], [t("deskmore.key_previous"), "K"], [t("deskmore.key_open"), "Enter"], [t("deskmore.key_page"), "Space"], ...rows(desk)])}
      ${group(t("deskmore.group_talk"), rows(talk))}
      ${group(t("deskmore.group_write"), [[t("desk.send"), "Ctrl ↵"], [t("desk.send_solve"), "Ctrl ⇧ ↵"], [t("desk.canned"), "/"], [t("desk.mention_add"), "@"], [t("desk.article_link"), "#"], [t("deskmore.key_leave"), "Esc"]])}
      ${group(t("deskmore.group_bar"), others.map((command) => [command.label(), "Ctrl K"]))}
      ${group(t("deskmore.group_go"), ways.map((command) => [viewName(command.id.slice(3)), command.keys ?? ""]))}
    </div>`,
  );
}
