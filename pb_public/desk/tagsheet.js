/** Keeping the tags in order: make, rename, colour, merge, delete. */
import { sentence } from "../shared/api.js";
import { html, icon, onAct, render } from "../shared/html.js";
import { addTexts, t } from "../shared/i18n.js";
import { COLOURS, freeColour } from "./colour.js";
import { openMenu } from "./menu.js";
import { blank, loadStyle, tagChip, tagVar } from "./parts.js";
import { openSheet, waitLines } from "./sheet.js";

/** @typedef {{id: string, name: string, colour: string, conversations: number, contacts: number}} Tag */

/** @param {import("./app.js").Desk} desk */
export async function openTags(desk) {
  await Promise.all([addTexts("deskmore"), loadStyle("tidy")]);
  const { api, store } = desk;
  const owner = store.me.role === "owner";
  const { sheet } = openSheet(
    "tags-sheet",
    t("desk.tags_keep"),
    html`<div class="sheet-body"><form class="tag-new"><label class="field"><span>${t("deskmore.tag_new")}</span><input name="name" maxlength="40" autocomplete="off" placeholder="${t("deskmore.tag_new_hint")}" required></label><button class="btn go" type="submit">${icon("plus", "s")}${t("deskmore.tag_add_go")}</button></form><p class="form-bad" role="alert" hidden></p><div class="tag-list"></div></div>`,
  );
  const list = /** @type {HTMLElement} */ (sheet.querySelector(".tag-list"));
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  const bad = /** @type {HTMLElement} */ (sheet.querySelector(".form-bad"));
  /** @type {Tag[] | null} */
  let tags = null;
  /** @type {unknown} */
  let failure = null;

  const say = (/** @type {unknown} */ error) => {
    bad.hidden = !error;
    bad.textContent = error ? sentence(error) : "";
  };
  /** @param {Tag} tag */
  const used = (tag) => [tag.conversations ? t("deskmore.merge_talks", { n: tag.conversations }) : "", tag.contacts ? t("deskmore.tag_people", { n: tag.contacts }) : ""].filter(Boolean).join(", ") || t("deskmore.tag_unused");
  const draw = () => {
    if (!tags) return render(list, failure ? blank("cloud-off", t("deskmore.load_failed"), sentence(failure), html`<button class="btn" type="button" data-act="again">${t("common.retry")}</button>`) : waitLines(4));
    if (tags.length === 0) return render(list, blank("tag", t("deskmore.tags_empty"), t("deskmore.tags_empty_hint")));
    render(
      list,
      html`${tags.map(
        (tag) => html`<div class="tag-row" data-key="${tag.id}" data-id="${tag.id}">
          <button class="tag-paint" type="button" data-act="paint" aria-haspopup="menu" aria-label="${t("deskmore.tag_colour_of", { tag: tag.name })}" title="${t("deskmore.tag_colour")}"><i class="tag-dot" data-var="${tagVar(tag)}"></i></button>
          <input class="tag-name" name="rename" value="${tag.name}" maxlength="40" aria-label="${t("deskmore.tag_name_of", { tag: tag.name })}" autocomplete="off">
          <span class="tag-seen">${tagChip(tag)}</span><span class="meta">${used(tag)}</span>
          ${owner ? html`<button class="tool" type="button" data-act="merge" aria-haspopup="menu" aria-label="${t("deskmore.tag_merge", { tag: tag.name })}" title="${t("deskmore.tag_merge", { tag: tag.name })}">${icon("merge", "s")}</button><button class="tool" type="button" data-act="remove" aria-label="${t("deskmore.tag_delete", { tag: tag.name })}" title="${t("deskmore.tag_delete", { tag: tag.name })}">${icon("trash", "s")}</button>` : ""}
        </div>`,
      )}`,
    );
  };
  const load = async () => {
    failure = null;
    try {
      tags = (await api.get("/api/desk/tags")).tags;
    } catch (error) {
      failure = error;
    }
    if (sheet.isConnected) draw();
  };
  /** @param {Promise<unknown>} act */
  const then = async (act) => {
    say(null);
    try {
      await act;
    } catch (error) {
      say(error);
    }
    await load();
  };
  const of = (/** @type {HTMLElement} */ target) => tags?.find((tag) => tag.id === /** @type {HTMLElement | null} */ (target.closest("[data-id]"))?.dataset.id);
  /** Ends a tag; the way back is offered. @param {Tag} tag @param {Promise<{undo: string}>} act @param {string} words */
  const end = (tag, act, words) =>
    then(
      act.then(({ undo }) => desk.toast(words, { act: t("common.undo"), run: () => void then(api.post("/api/desk/undo", { undo })) })),
    );

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const input = /** @type {HTMLInputElement} */ (form.elements.namedItem("name"));
    const name = input.value.trim();
    if (!name) return;
    void then(
      api.post("/api/desk/tags", { name, colour: freeColour((tags ?? []).map((tag) => tag.colour)) }).then(() => {
        input.value = "";
        input.focus();
      }),
    );
  });
  list.addEventListener("change", (event) => {
    if (!(event.target instanceof HTMLInputElement)) return;
    const tag = of(event.target);
    const name = event.target.value.trim();
    if (tag && name && name !== tag.name) void then(api.patch(`/api/desk/tags/${tag.id}`, { name }));
    else if (tag) event.target.value = tag.name;
  });
  list.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.target.blur();
  });
  onAct(sheet, {
    again: () => void load(),
    paint: (target) => {
      const tag = of(target);
      if (!tag) return;
      openMenu(target, {
        title: t("deskmore.tag_colour"),
        choices: () => COLOURS.map((colour) => ({ id: colour, label: t(`deskmore.colour_${COLOURS.indexOf(colour)}`), mark: html`<i class="tag-dot" data-var="--tag:${colour}"></i>`, on: tag.colour === colour })),
        foot: html`<form class="menu-form"><label><span>${t("deskmore.tag_own_colour")}</span><input type="color" name="own" value="${/^#[0-9a-f]{6}$/.test(tag.colour) ? tag.colour : COLOURS[0]}"></label><button class="btn go" type="submit">${t("common.save")}</button></form>`,
        ready: (menu, close) =>
          menu.querySelector("form")?.addEventListener("submit", (event) => {
            event.preventDefault();
            const colour = /** @type {HTMLInputElement} */ (menu.querySelector("[name=own]")).value;
            close();
            void then(api.patch(`/api/desk/tags/${tag.id}`, { colour }));
          }),
        pick: (colour) => void then(api.patch(`/api/desk/tags/${tag.id}`, { colour })),
      });
    },
    merge: (target) => {
      const tag = of(target);
      if (!tag) return;
      openMenu(target, {
        title: t("deskmore.tag_merge", { tag: tag.name }),
        filter: true,
        choices: () => (tags ?? []).filter((other) => other.id !== tag.id).map((other) => ({ id: other.id, label: other.name, mark: html`<i class="tag-dot" data-var="${tagVar(other)}"></i>` })),
        foot: html`<p class="menu-none">${t("deskmore.tag_merge_hint", { tag: tag.name })}</p>`,
        pick: (into) => void end(tag, api.post(`/api/desk/tags/${tag.id}/merge`, { into }), t("deskmore.tag_merged", { tag: tag.name, into: store.tagName(into) })),
      });
    },
    remove: (target) => {
      const tag = of(target);
      if (tag) void end(tag, api.delete(`/api/desk/tags/${tag.id}`), t("deskmore.tag_deleted", { tag: tag.name }));
    },
  });
  const stop = store.on("tags", () => void load());
  sheet.addEventListener("close", stop);
  draw();
  await load();
}
