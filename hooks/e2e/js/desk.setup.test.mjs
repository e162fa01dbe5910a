// What the set-up decides, without a page. Run: node --test hooks/e2e/js/
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, describe, test } from "node:test";

import { useCatalogue } from "../../../pb_public/shared/i18n.js";

// Modules that fetch their style when they are loaded need somewhere to put it.
globalThis.document ??= { createElement: () => ({}), head: { append: (/** @type {any} */ link) => setTimeout(() => link.onload()) }, documentElement: {}, querySelector: () => null };
const { after, before, nextOpen, STEPS } = await import("../../../pb_public/desk/setupframe.js");
const { meant, PROVIDERS, providerOf, serversOf } = await import("../../../pb_public/desk/setupmail.js");
const { officeWords, zones } = await import("../../../pb_public/desk/setupsteps.js");

const catalogue = (lang) => JSON.parse(readFileSync(new URL(`../../../pb_public/i18n/${lang}.json`, import.meta.url), "utf8"));
beforeEach(() => useCatalogue("en", catalogue("en")));

const states = (/** @type {Record<string, string>} */ change) => STEPS.map((step) => ({ step, state: change[step] ?? "done", proof: null }));

describe("the way through the steps", () => {
  test("it goes on with the first open one, then with what was left out, then to the end", () => {
    assert.equal(nextOpen(states({ shop: "open", hours: "open", account: "done" })), "shop");
    assert.equal(nextOpen(states({ hours: "skipped", mail: "open" })), "mail");
    assert.equal(nextOpen(states({ hours: "skipped", mail: "skipped" })), "hours");
    assert.equal(nextOpen(states({})), "end");
  });
  test("forth and back meet, and nobody goes back before the shop", () => {
    assert.equal(after("account"), "shop");
    assert.equal(after("backup"), "end");
    assert.equal(before("end"), "backup");
    assert.equal(before("shop"), "");
    for (const step of STEPS.slice(1, -1)) assert.equal(before(after(step)), step);
  });
  test("every step has its words in both languages", () => {
    for (const lang of ["en", "bn"]) {
      const words = catalogue(lang).setup;
      for (const step of [...STEPS, "end"]) for (const key of [`step_${step}`, `${step}_title`, `${step}_why`]) assert.ok(words[key], `${lang} lacks ${key}`);
      for (const [id, { tokens, password }] of Object.entries(PROVIDERS)) {
        if (password !== "none") assert.ok(words[`mail_told_${id}`], `${lang} lacks mail_told_${id}`);
        if (tokens) assert.ok(words[`mail_tokens_${tokens}`], `${lang} lacks mail_tokens_${tokens}`);
      }
    }
  });
});

describe("the mailbox", () => {
  test("the provider is known by the address", () => {
    assert.equal(providerOf("Mina@GMail.com "), "gmail");
    assert.equal(providerOf("mina@hotmail.com"), "microsoft");
    assert.equal(providerOf("mina@ymail.com"), "yahoo");
    assert.equal(providerOf("help@rupali.example"), "");
    assert.equal(providerOf("nonsense"), "");
  });
  test("servers follow the domain where they are the shop's own", () => {
    assert.deepEqual(serversOf("cpanel", "help@Rupali.example").imap, { host: "mail.rupali.example", port: 993, security: "tls" });
    assert.deepEqual(serversOf("other", "").smtp.host, "");
    assert.equal(serversOf("gmail", "help@rupali.example").imap.host, "imap.gmail.com");
    assert.equal(serversOf("zoho", "mina@zoho.eu").imap.host, "imap.zoho.eu");
    assert.equal(serversOf("zoho", "mina@zohomail.com").smtp.host, "smtp.zoho.com");
    assert.equal(serversOf("zoho", "help@rupali.example").imap.host, "imappro.zoho.com");
    assert.deepEqual(serversOf("microsoft", "mina@outlook.com").smtp, { host: "smtp-mail.outlook.com", port: 587, security: "starttls" });
    assert.equal(serversOf("microsoft", "help@rupali.example").smtp.host, "smtp.office365.com");
  });
  test("an app password that is shown in groups is typed without them; any other is left alone", () => {
    assert.equal(meant("abcd efgh ijkl mnop", "gmail"), "abcdefghijklmnop");
    assert.equal(meant("my old horse", "gmail"), "my old horse");
    assert.equal(meant("abcd efgh ijkl mnop", "cpanel"), "abcd efgh ijkl mnop");
    assert.equal(meant(" secret ", "other"), "secret");
  });
});

describe("the shop", () => {
  test("its own zone comes first and none comes twice", () => {
    const all = zones("Asia/Dhaka");
    assert.equal(all[0], "Asia/Dhaka");
    assert.equal(new Set(all).size, all.length);
    assert.ok(all.length > 200 && all.every((zone) => zone.length > 2));
  });
  test("what customers are told of the hours", () => {
    const office = { open: true, always: false, next: "", now: "", zone: "Asia/Dhaka" };
    assert.match(officeWords({ ...office, always: true }), /never told/);
    assert.match(officeWords(office), /do not close/);
    assert.match(officeWords({ ...office, open: false }), /No day/);
    assert.match(officeWords({ ...office, open: false, next: new Date(Date.now() + 3_600_000).toISOString() }), /^You open /);
  });
});
