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

const { ASIDE, belongs, comparing, parseRoute, viewIcon, viewName } = await import("../../../pb_public/desk/logic.js");
const { illness, illnessWords, troubleOf } = await import("../../../pb_public/desk/health.js");
const mail = await import("../../../pb_public/desk/mail.js");
const { trialSteps } = await import("../../../pb_public/desk/mailboxes.js");
const { strangers } = await import("../../../pb_public/desk/templates.js");
const { addresses } = await import("../../../pb_public/desk/sender.js");

const event = (type, change = {}) => ({ id: "e", kind: "event", author: { kind: "system", id: "", name: "" }, event: { type, ...change } });
const letter = (change = {}) => ({ id: "m", kind: "incoming", channel: "email", conversation: "r1", author: { kind: "contact", id: "c1", name: "" }, from: "tanvir@buildco.example", to: "help@rupali.test", cc: [], trust: "", text: "", ...change });
const look = (row = {}) => ({ store: { rows: new Map([["r1", row]]), mailboxes: new Map(), emit() {} } });

describe("what is put aside", () => {
  test("spam stands in its own view and in no other", () => {
    const row = { status: "solved", assignee: "", channel: "email", spam: true, automatic: false };
    const views = ["unassigned", "mine", "open", "pending", "snoozed", "solved", "all", "channel:email", ...ASIDE];
    assert.deepEqual(views.filter((view) => belongs(row, view, "me")), ["spam"]);
  });

  test("what only machines wrote is not among the solved, but among all", () => {
    const row = { status: "solved", assignee: "", channel: "email", spam: false, automatic: true };
    assert.deepEqual(["solved", "all", ...ASIDE].filter((view) => belongs(row, view, "me")), ["all", "automatic"]);
  });

  test("by waiting time come those who wait, the longest first, then the others, the newest first", () => {
    const rows = [
      { id: "new", status: "open", waiting_since: "", last_activity: "2026-11-22T12:00" },
      { id: "late", status: "open", waiting_since: "2026-11-22T11:00", last_activity: "2026-11-22T11:00" },
      { id: "shut", status: "solved", waiting_since: "2026-11-20T09:00", last_activity: "2026-11-22T10:00" },
      { id: "long", status: "open", waiting_since: "2026-11-21T11:00", last_activity: "2026-11-22T09:00" },
    ];
    assert.deepEqual(rows.sort(comparing("waiting")).map((row) => row.id), ["long", "late", "new", "shut"]);
  });

  test("both views have an address, a name and an icon of their own", () => {
    for (const view of ASIDE) {
      assert.deepEqual(parseRoute(`#/${view}/12`), { view, number: 12 });
      assert.doesNotMatch(viewName(view), /desk\./);
      assert.notEqual(viewIcon(view), "stack");
    }
  });
});

describe("a mailbox's health", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const box = (change = {}) => ({ id: "b", name: "", address: "help@shop.example", active: true, last_fetch: "2026-11-22T11:59:00.000Z", last_send: "", last_error: "", waiting: 0, oldest: "", older: { state: "" }, ...change });

  test("one that fetches and sends is well; one that is switched off is nobody's worry", () => {
    assert.equal(illness(box(), now), "");
    assert.equal(illness(box({ active: false, last_error: "x" }), now), "");
    assert.equal(illness(box({ last_fetch: "" }), now), "", "nothing was fetched yet, or it only sends");
  });

  test("an error is said in the server's words, a missing sign-in before it", () => {
    assert.equal(illnessWords(box({ last_error: "IMAP login failed" }), now), "IMAP login failed");
    assert.equal(illness(box({ last_error: "x", owner: { sign_in: "google", signed_in: false } }), now), "signin");
  });

  test("half an hour without mail coming or going is worth a word, a minute less is not", () => {
    assert.equal(illness(box({ last_fetch: "2026-11-22T11:29:59Z" }), now), "silent");
    assert.equal(illness(box({ last_fetch: "2026-11-22T11:31:00Z" }), now), "");
    assert.equal(illness(box({ waiting: 2, oldest: "2026-11-22T10:00:00Z" }), now), "stuck");
    assert.equal(illnessWords(box({ waiting: 2, oldest: "2026-11-22T10:00:00Z" }), now), "2 mails have been waiting to go out, the oldest for 2h.");
  });

  test("the views name the one that is ill, or how many are", () => {
    assert.equal(troubleOf([box(), box({ active: false })], now), null);
    assert.deepEqual(troubleOf([box(), box({ address: "b@shop.example", last_error: "No." })], now), { title: "b@shop.example", text: "No.", mild: false });
    assert.deepEqual(troubleOf([box({ owner: { quarantined: 2 } })], now), { title: "2 mails could not be read", text: "It is kept. See why.", mild: true });
    assert.equal(troubleOf([box({ last_error: "a" }), box({ last_error: "b" })], now).title, "2 mailboxes need attention");
  });
});

describe("a trial of a mailbox", () => {
  test("the steps after the one that failed stand there untried", () => {
    const steps = trialSteps({ ok: false, hint: "", steps: [{ step: "connect", ok: true, said: "" }, { step: "sign_in", ok: false, said: "no" }] });
    assert.deepEqual(steps.map(({ step, state }) => `${step} ${state}`), ["connect good", "sign_in bad", "folder none", "send_connect none", "send none", "arrive none"]);
  });

  test("every step has words", () => {
    for (const step of ["connect", "sign_in", "folder", "send_connect", "send_sign_in", "send", "arrive"]) assert.ok(has(`deskmore.try_${step}`), step);
  });
});

describe("events about mails", () => {
  test("another conversation is named by a link in the viewer's digits", () => {
    useCatalogue("bn", catalogue("bn"));
    const words = mail.eventHtml(event("possibly", { to: "r9", names: { r9: "#1024" } })).text;
    assert.match(words, /<a class="link" href="#\/all\/1024">#১০২৪<\/a>/);
  });

  test("every event of the server has words of its own", () => {
    for (const type of ["continues", "continued", "possibly", "mentioned", "sender", "accepted", "spam", "not_spam", "transcript", "bounced", "undelivered", "delayed", "uncertain", "complaint", "read", "silenced"]) {
      const words = mail.eventHtml(event(type, { to: "a@b.example", names: { address: "a@b.example", reason: "full." } }));
      assert.ok(words, type);
      assert.doesNotMatch(words.text, /deskmore|\{|undefined/, type);
    }
    assert.equal(mail.eventHtml(event("assigned", { to: "x" })), null);
  });

  test("what came back is a trouble and says why, escaped", () => {
    const back = event("bounced", { names: { address: "<a@b.example>", reason: "the mailbox is full." } });
    assert.ok(mail.isTrouble(back));
    assert.match(mail.eventHtml(back).text, /The mail came back from &lt;a@b.example&gt;: the mailbox is full</);
    assert.equal(mail.isTrouble(event("read")), false);
  });
});

describe("what speaks for a sender", () => {
  test("a warning is said by its key and values; a key that is not known is left out", () => {
    const warned = letter({ evidence: { auth: "fail", warnings: [{ key: "mail.warn_name_address", values: { name: "help@rupali.test", address: "m@x.example" } }, { key: "mail.of_tomorrow" }, { key: "mail.auth_fail_signature", values: { domain: "x.example" } }] } });
    const words = mail.notesHtml(warned, look()).text;
    assert.match(words, /The name shows help@rupali.test, but the mail comes from m@x.example/);
    assert.match(words, /class="caution is-bad"[^]*signature of x.example/);
    assert.doesNotMatch(words, /of_tomorrow/);
  });

  test("the words of warnings are fetched with the first warning, once", async (context) => {
    const { mail: words, ...rest } = catalogue("en");
    useCatalogue("de", rest);
    let drawn = 0;
    const fetched = context.mock.method(globalThis, "fetch", async () => ({ ok: true, json: async () => ({ mail: words }) }));
    const store = { rows: new Map(), emit: () => drawn++ };
    const warned = letter({ evidence: { auth: "", warnings: [{ key: "mail.warn_domain_mixed", values: { domain: "x.example" } }] } });
    mail.notesHtml(warned, { store });
    mail.notesHtml(warned, { store });
    await new Promise((resolve) => setTimeout(resolve));
    assert.equal(fetched.mock.callCount(), 1);
    assert.equal(drawn, 1);
    assert.match(mail.notesHtml(warned, { store }).text, /letters of several alphabets/);
  });

  test("somebody else's mail can be accepted, an ordinary one has nothing said about it", () => {
    assert.match(mail.notesHtml(letter({ trust: "other" }), look()).text, /data-act="accept"/);
    assert.equal(mail.notesHtml(letter({ evidence: { auth: "pass" } }), look()).text.trim(), "");
  });

  test("why it is spam is said only where it is spam", () => {
    const spam = letter({ evidence: { auth: "", spam: 0.92, spam_reason: "learned" } });
    assert.match(mail.notesHtml(spam, look({ spam: true })).text, /92% sure/);
    assert.doesNotMatch(mail.notesHtml(spam, look({ spam: false })).text, /92/);
    assert.match(mail.spamWords({ auth: "", spam_reason: "blocked_domain" }), /domain is blocked/);
  });

  test("an address is found in every way of writing it", () => {
    assert.deepEqual(mail.partsOf('"a@b.example" <Real@C.example>'), { address: "real@c.example", domain: "c.example" });
    assert.deepEqual(mail.partsOf("plain@d.example"), { address: "plain@d.example", domain: "d.example" });
    assert.equal(mail.partsOf("nobody").address, "");
  });
});

describe("who else gets an answer", () => {
  test("those of the last mail's Cc are offered, without the shop, the customer and who is there already", () => {
    const messages = [letter({ cc: ["old@x.example"] }), letter({ cc: ["Mitu <mitu@buildco.example>", "help@rupali.test", "accounts@buildco.example", "TANVIR@buildco.example"] }), letter({ trust: "other", cc: ["spy@x.example"] })];
    assert.deepEqual(mail.missingCopies(messages, ["help@rupali.test"], "Accounts@buildco.example"), ["mitu@buildco.example"]);
    assert.deepEqual(mail.missingCopies([], [], ""), []);
  });

  test("what is typed may have names, commas, semicolons and blanks", () => {
    assert.deepEqual(addresses("Mitu Das <mitu@x.example>, b@x.example; c@x.example d@x.example"), ["mitu@x.example", "b@x.example", "c@x.example", "d@x.example"]);
    assert.deepEqual(addresses(undefined), []);
  });
});

describe("the shop's mails", () => {
  test("every mail and every variable has a name", () => {
    for (const kind of ["acknowledgement", "reply", "transcript", "code"]) assert.ok(has(`deskmore.template_${kind}`), kind);
    for (const name of ["shop", "number", "expected", "text", "signature", "agent", "transcript", "code", "minutes"]) assert.ok(has(`deskmore.variable_${name}`), name);
  });

  test("a variable that the mail does not know is found once", () => {
    assert.deepEqual(strangers("{shop} {nmber} {nmber} {number}", ["shop", "number"]), ["nmber"]);
    assert.deepEqual(strangers("{{shop}} {{agent.name}} {shop}", ["shop"]), ["{shop}", "{agent.name}"]);
  });
});

describe("where an answer can go", () => {
  const from = (address, more = {}) => ({ kind: "incoming", channel: "email", from: address, ...more });

  test("the usual address stands first, then those that the last mail and the contact know", () => {
    const messages = [from("old@a.example"), from("Rahim <New@A.example>", { evidence: { auth: "", reply_to: "wish@b.example" } }), from("evil@c.example", { trust: "other" })];
    assert.deepEqual(mail.answerAddresses(messages, ["office@a.example", "new@a.example"], ["help@shop.example"], "new@a.example"), ["new@a.example", "wish@b.example", "office@a.example"]);
  });

  test("the shop's own address is none, and one alone is no choice", () => {
    assert.deepEqual(mail.answerAddresses([from("help@shop.example")], [], ["help@shop.example"], "a@b.example"), ["a@b.example"]);
    const desk = { store: { talks: new Map([["c", { messages: [], contact: { identities: [] }, route: { recipient: "a@b.example" } }]]), mailboxes: new Map() } };
    assert.equal(mail.toHtml(desk, "c", ""), "");
  });

  test("what was chosen is selected, escaped", () => {
    const desk = { store: { talks: new Map([["c", { messages: [], contact: { identities: [{ kind: "email", value: "x@y.example" }] }, route: { recipient: "a@b.example" } }]]), mailboxes: new Map() } };
    assert.match(mail.toHtml(desk, "c", "x@y.example").text, /<option value="" >a@b\.example<\/option><option value="x@y\.example" selected>/);
  });
});
