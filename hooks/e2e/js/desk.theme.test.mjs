import assert from "node:assert/strict";
import { test } from "node:test";
import { linksToText, showPictures, textsToLinks } from "../../../pb_public/desk/themewords.js";

test("a link that is written in one language is a link", () => {
  assert.deepEqual(textsToLinks({ bn: "দোকান | /shop\n/plain", en: "" }, []), [{ label: { bn: "দোকান" }, url: "/shop" }, { label: { bn: "/plain" }, url: "/plain" }]);
  assert.deepEqual(textsToLinks({ bn: "দোকান | /shop", en: "Shop | /shop" }, []), [{ label: { bn: "দোকান", en: "Shop" }, url: "/shop" }]);
});

test("names change, go, and stay in languages that have no box", () => {
  const before = [{ label: { bn: "দোকান", en: "Shop", ar: "متجر" }, url: "/shop" }, { label: { bn: "অফার" }, url: "/offers" }];
  const texts = { bn: linksToText(before, "bn"), en: linksToText(before, "en") };
  assert.equal(texts.en, "Shop | /shop\nঅফার | /offers");
  assert.deepEqual(textsToLinks({ ...texts, bn: "নতুন নাম | /shop\nঅফার | /offers" }, before)[0], { label: { ar: "متجر", bn: "নতুন নাম", en: "Shop" }, url: "/shop" });
  assert.deepEqual(textsToLinks({ ...texts, bn: "দোকান | /shop" }, before).map(({ url }) => url), ["/shop"]);
});

/** As much of a page as the pictures need. */
function page() {
  const parts = { mark: { tag: "i", text: "র" }, cover: null, covered: false };
  const element = (tag) => ({ tag, remove() { parts.cover = null; } });
  const hero = {
    querySelector: () => parts.cover,
    append: (made) => { parts.cover = made; },
    classList: { toggle: (_, on) => { parts.covered = on; } },
  };
  const found = { ".brand > img, .brand > i": { replaceWith: (made) => { parts.mark = made; } }, ".brand b": { textContent: " রূপালী স্টোর " }, ".hero": hero };
  return { parts, createElement: element, querySelector: (name) => found[name] ?? null };
}

test("pictures are shown before they are saved, and taken away", () => {
  const shown = page();
  showPictures(shown, { logo: "blob:logo", cover: "blob:cover" });
  assert.equal(shown.parts.mark.src, "blob:logo");
  assert.equal(shown.parts.cover.src, "blob:cover");
  assert.equal(shown.parts.cover.className, "cover");
  assert.ok(shown.parts.covered);
  showPictures(shown, {}); // nothing was chosen: as it is
  assert.equal(shown.parts.cover.src, "blob:cover");
  showPictures(shown, { logo: "", cover: "" });
  assert.deepEqual([shown.parts.mark.tag, shown.parts.mark.textContent], ["i", "রূ"]);
  assert.equal(shown.parts.cover, null);
  assert.equal(shown.parts.covered, false);
});
