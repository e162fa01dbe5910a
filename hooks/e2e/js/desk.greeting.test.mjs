import assert from "node:assert/strict";
import { test } from "node:test";
import { greetsOn, pagesOf, pathOf, wrongPages } from "../../../pb_public/desk/greetwords.js";

test("addresses are lines", () => {
  assert.deepEqual(pagesOf(" /cart \n\n/product/*\n"), ["/cart", "/product/*"]);
});

test("an address copied from the browser is a page of the shop", () => {
  assert.equal(pathOf("https://shop.test/product/%E0%A6%B6%E0%A6%BE%E0%A7%9C%E0%A6%BF?x=1#y"), "/product/শাড়ি".normalize("NFC").length ? decodeURI("/product/%E0%A6%B6%E0%A6%BE%E0%A7%9C%E0%A6%BF") : "");
  assert.equal(pathOf("/cart"), "/cart");
  assert.equal(pathOf("  "), "");
  assert.equal(pathOf("https://shop.test/%"), "https://shop.test/%");
});

test("it greets where it was told to, and everywhere when nothing is said", () => {
  for (const [pages, path, ok] of [
    [[], "/anything", true],
    [["/cart"], "/cart", true],
    [["/cart"], "/cart/2", false],
    [["/product/*"], "/product/3", true],
    [["/product/*"], "/products", false],
    [["*"], "/x", true],
    [["*.html"], "/a/b.html", true],
    [["*.html"], "/a/bxhtml", false],
    [["/a(b"], "/a(b", true],
  ]) assert.equal(greetsOn(pages, path), ok, `${pages} ${path}`);
});

test("what is no address is named", () => {
  assert.equal(wrongPages(["/cart", "*"]), "");
  assert.equal(wrongPages(["cart"]), "page");
  assert.equal(wrongPages(Array.from({ length: 21 }, () => "/a")), "many");
});
