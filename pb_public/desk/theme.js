/** For owners: how the shop's page and its help centre look, with the page beside it. */
import { sentence } from "../shared/api.js";
import { html, icon, onAct } from "../shared/html.js";
import { addTexts, LANGUAGES, t } from "../shared/i18n.js";
import { loadStyle } from "./parts.js";
import { openSheet } from "./sheet.js";
import { linksToText, showPictures, textsToLinks } from "./themewords.js";

const PATH = "/api/collections/shop/records/shop00000000001";

/** @typedef {import("./themewords.js").Link} Link */

/** A picture to be chosen, in the words of the desk and not of the browser. @param {string} name @param {string} label @param {string} now the file that is there */
function filePick(name, label, now) {
  return html`<div class="field"><span>${label}</span><span class="file-pick" data-pick="${name}"><img class="theme-pic" alt=""
    ${now ? html`src="/api/files/shop/shop00000000001/${encodeURIComponent(now)}"` : html`hidden`}><label class="btn">${icon("clip", "s")}${t("deskmore.theme_pick")}<span
    class="quiet">, ${label}</span><input class="quiet" type="file" name="${name}" accept="image/png,image/jpeg,image/webp"></label><output></output><button
    class="link" type="button" data-act="drop" data-name="${name}" ${now ? "" : html`hidden`}>${t("deskmore.theme_drop")}<span class="quiet">, ${label}</span></button></span></div>`;
}

/** @param {import("./app.js").Desk} desk */
export async function openTheme(desk) {
  await Promise.all([addTexts("deskmore"), loadStyle("boxes"), loadStyle("articles")]);
  const { api } = desk;
  const shop = await api.get(PATH);
  const languages = desk.store.boot.shop.languages.filter((lang) => lang in LANGUAGES);
  /** @type {Link[]} */
  let links = shop.links ?? [];
  /** @type {Record<string, string>} */
  const footer = { ...shop.footer };
  const { sheet, close } = openSheet(
    "templates theme-sheet",
    t("desk.theme_public"),
    html`<form class="sheet-body" novalidate><div class="template-panes"><div class="template-words">
      <label class="field"><span>${t("deskmore.theme_colour")}</span><input type="color" name="colour" value="${shop.colour || "#006a4e"}"></label>
      ${filePick("logo", t("deskmore.theme_logo"), shop.logo ?? "")}
      ${filePick("cover", t("deskmore.theme_cover"), shop.cover ?? "")}
      ${languages.map((lang) => html`<label class="field"><span>${t("deskmore.theme_links")} (${LANGUAGES[lang]})</span><textarea name="links_${lang}" rows="2" lang="${lang}" dir="auto">${linksToText(links, lang)}</textarea><small>${t("deskmore.theme_links_hint")}</small></label>
        <label class="field"><span>${t("deskmore.theme_footer")} (${LANGUAGES[lang]})</span><textarea name="footer_${lang}" rows="2" lang="${lang}" dir="auto">${footer[lang] ?? ""}</textarea></label>`)}
      <label class="field"><span>${t("deskmore.theme_css")}</span><textarea name="css" rows="6" spellcheck="false" maxlength="20000">${shop.css ?? ""}</textarea><small>${t("deskmore.theme_css_hint")}</small></label>
      <p class="meta">${t("deskmore.theme_own_page")}</p><p class="form-bad" role="alert" hidden></p></div>
      <div class="template-view"><iframe title="${t("deskmore.theme_view")}" src="/?lang=${languages[0] ?? "en"}"></iframe></div></div>
      <footer class="sheet-foot"><button class="btn" type="button" data-act="close-sheet">${t("common.cancel")}</button><button class="btn go" type="submit">${t("common.save")}</button></footer></form>`,
  );
  const form = /** @type {HTMLFormElement} */ (sheet.querySelector("form"));
  const frame = /** @type {HTMLIFrameElement} */ (sheet.querySelector("iframe"));
  const bad = /** @type {HTMLElement} */ (sheet.querySelector(".form-bad"));
  let timer = 0;
  let turn = 0;

  const theme = () => {
    const data = new FormData(form);
    const words = (/** @type {string} */ name) => String(data.get(name) ?? "").trim();
    return { colour: words("colour"), css: words("css"), links: textsToLinks(Object.fromEntries(languages.map((lang) => [lang, words(`links_${lang}`)])), links), footer: Object.fromEntries(languages.map((lang) => [lang, words(`footer_${lang}`)])) };
  };
  const complain = (/** @type {string} */ words) => {
    bad.textContent = words;
    bad.hidden = !words;
  };
  const look = async () => {
    const mine = ++turn;
    try {
      const { url } = await api.post("/api/desk/theme/preview", theme());
      if (mine !== turn || !sheet.isConnected) return;
      complain("");
      frame.src = `${url}&lang=${languages[0] ?? "en"}`;
    } catch (error) {
      if (mine === turn) complain(sentence(error));
    }
  };
  /** Pictures that are not saved yet: the address of a chosen one, "" for one that is to go. @type {Record<string, string>} */
  const pictures = {};
  const forget = (/** @type {string} */ name) => {
    if (pictures[name]) URL.revokeObjectURL(pictures[name]);
    delete pictures[name];
  };
  // They stay in this browser until they are saved, so the page beside gets them here.
  frame.addEventListener("load", () => {
    if (frame.contentDocument) showPictures(frame.contentDocument, pictures);
  });
  const picture = (/** @type {string} */ name, /** @type {string | undefined} */ src, /** @type {string} */ words) => {
    const pick = /** @type {HTMLElement} */ (sheet.querySelector(`[data-pick="${name}"]`));
    const small = /** @type {HTMLImageElement} */ (pick.querySelector("img"));
    small.hidden = !src;
    if (src) small.src = src;
    /** @type {HTMLElement} */ (pick.querySelector("[data-act=drop]")).hidden = !src;
    /** @type {HTMLElement} */ (pick.querySelector("output")).textContent = words;
  };
  form.addEventListener("change", (event) => {
    const field = event.target;
    const file = field instanceof HTMLInputElement && field.type === "file" ? field.files?.[0] : undefined;
    if (!(field instanceof HTMLInputElement) || !file) return;
    forget(field.name);
    pictures[field.name] = URL.createObjectURL(file);
    picture(field.name, pictures[field.name], file.name);
  });
  onAct(sheet, {
    drop: (button) => {
      const name = button.dataset.name ?? "";
      forget(name);
      pictures[name] = "";
      /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value = "";
      picture(name, "", t("deskmore.theme_dropped"));
      void look();
    },
  });
  sheet.addEventListener("close", () => Object.keys(pictures).forEach(forget));
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void look(), 500);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wanted = theme();
    const data = new FormData();
    data.set("colour", wanted.colour);
    data.set("css", wanted.css);
    data.set("links", JSON.stringify(wanted.links));
    data.set("footer", JSON.stringify(wanted.footer));
    for (const name of ["logo", "cover"]) {
      const file = /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).files?.[0];
      if (file) data.set(name, file);
      else if (pictures[name] === "") data.set(name, "");
    }
    try {
      ({ links } = await api.call("PATCH", PATH, data));
      desk.toast(t("deskmore.theme_saved"));
      close();
    } catch (error) {
      complain(sentence(error));
    }
  });
}
