/** The look of the shop's page, without the page: links as they are typed, and pictures that are not saved yet. */

import { firstLetter } from "../shared/format.js";

/** @typedef {{label: Record<string, string>, url: string}} Link */

/** Links as lines of "name | address", a name for each language. @param {Link[]} links @param {string} lang */
export function linksToText(links, lang) {
  return links.map(({ label, url }) => `${label[lang] ?? Object.values(label)[0] ?? ""} | ${url}`).join("\n");
}

/**
 * What the boxes of all languages say together. A link may stand in one of them alone; one that was there before and is taken
 * out of any of them is gone.
 * @param {Record<string, string>} texts by language @param {Link[]} before what is named in other languages stays @returns {Link[]}
 */
export function textsToLinks(texts, before) {
  const boxes = Object.entries(texts).map(([lang, text]) => ({ lang, lines: text.split("\n").flatMap((line) => {
    const at = line.lastIndexOf("|");
    const url = line.slice(at + 1).trim();
    return url ? [{ name: at < 0 ? "" : line.slice(0, at).trim(), url }] : [];
  }) }));
  /** @type {Map<string, Link>} */
  const all = new Map();
  for (const { lang, lines } of boxes) {
    for (const { name, url } of lines) {
      const old = before.find((link) => link.url === url);
      if (old && boxes.some((box) => !box.lines.some((line) => line.url === url))) continue;
      const kept = Object.entries(old?.label ?? {}).filter(([other]) => !(other in texts));
      all.set(url, { label: { ...Object.fromEntries(kept), ...all.get(url)?.label, [lang]: name || url }, url });
    }
  }
  return [...all.values()];
}

/**
 * Puts pictures into a page of the shop that is looked at.
 * @param {Document} page @param {Record<string, string>} pictures by name; "" for none
 */
export function showPictures(page, { logo, cover }) {
  const make = (/** @type {string} */ src) => Object.assign(page.createElement("img"), { src, alt: "" });
  const mark = page.querySelector(".brand > img, .brand > i");
  if (mark && logo) mark.replaceWith(make(logo));
  if (mark && logo === "") mark.replaceWith(Object.assign(page.createElement("i"), { textContent: firstLetter(page.querySelector(".brand b")?.textContent ?? "") }));
  const hero = page.querySelector(".hero");
  if (!hero || cover === undefined) return;
  hero.querySelector("img.cover")?.remove();
  hero.classList.toggle("covered", cover !== "");
  if (cover) hero.append(Object.assign(make(cover), { className: "cover" }));
}
