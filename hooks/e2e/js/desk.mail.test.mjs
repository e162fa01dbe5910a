// What the desk decides about mail, contacts and the shop's site, without a page. Run: node --test hooks/e2e/js/
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, describe, test } from "node:test";

import { addTexts, has, loadLanguage, t, useCatalogue } from "../../../pb_public/shared/i18n.js";

// Modules that fetch their style when they are loaded need somewhere to put it.
globalThis.document ??= { createElement: () => ({}), head: { append: (/** @type {any} */ link) => setTimeout(() => link.onload()) }, documentElement: {}, querySelector: () => null };
const { signedSnippet } = await import("../../../pb_public/desk/embed.js");
const { calledBy, mergePlan } = await import("../../../pb_public/desk/merge.js");

const catalogue = (lang) => JSON.parse(readFileSync(new URL(`../../../pb_public/i18n/${lang}.json`, import.meta.url), "utf8"));
beforeEach(() => useCatalogue("en", catalogue("en")));

const contact = (change = {}) => ({
  id: "c1", name: "Nusrat", customer_no: "C-1", language: "bn", tags: ["a"], note: "", blocked: false, created: "", last_seen: "",
  identities: [{ id: "i1", kind: "email", value: "nusrat@example.com", verified: true }, { id: "i2", kind: "visitor", value: "v", verified: false }], ...change,
});

describe("texts that come later", () => {
  const asked = [];
  const serve = (path) => {
    asked.push(path);
    const [, lang, only] = /\/i18n\/(\w+)\.json\?only=(.*)/.exec(path);
    const all = catalogue(lang);
    return { ok: true, json: async () => Object.fromEntries(only.split(",").map((name) => [name, all[name]])) };
  };

  test("a section is fetched once, and another language brings it along", async (context) => {
    context.mock.method(globalThis, "fetch", async (path) => serve(path));
    await loadLanguage("en", ["common"]);
    assert.equal(has("deskmore.copied"), false);
    await addTexts("deskmore");
    await addTexts("deskmore");
    assert.equal(t("deskmore.copied"), "Copied");
    assert.equal(t("common.save"), "Save");
    await loadLanguage("bn", ["common"]);
    assert.equal(has("deskmore.copied"), true);
    assert.deepEqual(asked, ["/i18n/en.json?only=common", "/i18n/en.json?only=deskmore", "/i18n/bn.json?only=common,deskmore"]);
  });
});

describe("merging contacts", () => {
  test("the one that stays keeps its name and number and gets everything else", () => {
    const keep = { contact: contact(), conversations: [] };
    const drop = { contact: contact({ id: "c2", name: "Nusrat J.", customer_no: "C-2", tags: ["a", "b"], note: "calls at noon", blocked: true, identities: [{ id: "i3", kind: "phone", value: "+8801711000000", verified: false }, { id: "i4", kind: "visitor", value: "w", verified: false }] }), conversations: [{}, {}] };
    const plan = mergePlan(keep, drop);
    assert.equal(plan.name, "Nusrat");
    assert.equal(plan.conversations, 2);
    assert.deepEqual(plan.identities.map((identity) => identity.value), ["+8801711000000"]);
    assert.deepEqual(plan.tags, ["b"]);
    assert.equal(plan.note, true);
    assert.equal(plan.blocks, true);
    assert.deepEqual(plan.loses, ["Nusrat J.", "C-2"]);
  });

  test("a name that only the other has is kept, and nothing is said to be lost", () => {
    const plan = mergePlan({ contact: contact({ name: "", customer_no: "" }), conversations: [] }, { contact: contact({ id: "c2", customer_no: "C-2" }), conversations: [] });
    assert.equal(plan.name, "Nusrat");
    assert.deepEqual(plan.loses, []);
  });

  test("who has no name is called by an address, a number, or as a visitor", () => {
    assert.equal(calledBy(contact({ name: "" })), "nusrat@example.com");
    assert.equal(calledBy(contact({ name: "", identities: [] })), "Visitor");
  });
});

describe("the line for the shop's site", () => {
  test("it keeps the script and carries a customer that the widget can read", () => {
    const line = signedSnippet('<script src="https://shop.example/widget.js" async></script>');
    const carried = /data-contact='([^']+)'/.exec(line)[1];
    assert.deepEqual(Object.keys(JSON.parse(carried)), ["id", "name", "email", "hash"]);
    assert.match(line, /src="https:\/\/shop\.example\/widget\.js" async><\/script>$/);
  });
});
