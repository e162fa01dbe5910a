/** Kept sentences, and what of a mail is folded. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { useCatalogue } from "../../../pb_public/shared/i18n.js";
import { partsOf } from "../../../pb_public/desk/message.js";
import { told } from "../../../pb_public/desk/told.js";

const catalogue = (lang) => JSON.parse(readFileSync(new URL(`../../../pb_public/i18n/${lang}.json`, import.meta.url), "utf8"));

describe("kept sentences", () => {
  const bounced = JSON.stringify({ say: "mail.bounced", with: { address: "a@b.example", reason: JSON.stringify({ say: "mail.bounce_full" }) } });

  test("are told in the reader's language, with what stands inside of them", () => {
    const said = new Set();
    for (const lang of ["en", "bn"]) {
      useCatalogue(lang, catalogue(lang));
      const words = told(bounced);
      assert.match(words, /a@b\.example/);
      assert.doesNotMatch(words, /[{}]|mail\./);
      said.add(words);
    }
    assert.equal(said.size, 2);
  });

  test("say times and spans", () => {
    useCatalogue("en", catalogue("en"));
    const words = told(JSON.stringify({ say: "mail.waiting_long", with: { said: "451 later", when: { at: new Date(Date.now() + 60_000).toISOString() }, time: { for: 7200 } } }));
    assert.match(words, /^Not sent for 2 ?h: 451 later\. Next try .{3,20}\.$/);
  });

  test("anything else stays as it is, and what is broken says nothing", () => {
    assert.equal(told("550 no such user"), "550 no such user");
    assert.equal(told(""), "");
    assert.equal(told('{"say":"mail.bou'), "");
  });
});

describe("what is folded of a mail", () => {
  const mail = (text, body, more = {}) => ({ channel: "email", text, evidence: { verdict: "human", ...(body ? { body } : {}) }, ...more });

  test("the server's marks decide, and nothing is lost", () => {
    const text = "Blue 🙂\n\n-- \nAmina\n\nInvitation: tomorrow";
    const parts = partsOf(mail(text, { own: 7, end: 18 }));
    assert.deepEqual(parts, { own: "Blue 🙂", quoted: "-- \nAmina", rest: "Invitation: tomorrow" });
    assert.equal((parts.own + parts.quoted + parts.rest).replace(/\s/g, ""), text.replace(/\s/g, ""));
  });

  test("without marks all of it is shown, but of mails from before there were any", () => {
    const text = "Yes.\n\nOn Mon, 1 Nov 2026 at 10:12, Shop <a@b.c> wrote:\n> Question?";
    assert.deepEqual(partsOf(mail(text)), { own: text, quoted: "", rest: "" });
    assert.equal(partsOf({ channel: "email", text }).own, "Yes.");
    assert.deepEqual(partsOf({ channel: "chat", text }), { own: text, quoted: "", rest: "" });
    assert.deepEqual(partsOf(mail("short", { own: 3, end: 99 })).own, "short");
  });
});
