// Rules at the desk, without a page. Run: node --test hooks/e2e/js/
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, describe, test } from "node:test";

import { useCatalogue } from "../../../pb_public/shared/i18n.js";
import { comparing, dueWords, pressing } from "../../../pb_public/desk/logic.js";
import { actionFor, ACTIONS, conditionFor, FIELDS, inOurWords, lengthOf, newRule, OPERATORS, problemsOf, ruleWords, SINCE, TRIGGERS, wordsOf } from "../../../pb_public/desk/rulewords.js";

const catalogue = (lang) => JSON.parse(readFileSync(new URL(`../../../pb_public/i18n/${lang}.json`, import.meta.url), "utf8"));
beforeEach(() => useCatalogue("en", catalogue("en")));

const names = { agents: (id) => ({ a1: "Rafi" })[id] ?? id, tags: (id) => ({ t1: "refund" })[id] ?? id, mailboxes: (id) => id, canned: (id) => id };
const rule = (change) => ({ ...newRule(), name: "x", ...change });

describe("a rule in words", () => {
  test("reads as one sentence in both languages", () => {
    const one = rule({ trigger: "customer_wrote", conditions: [{ field: "text", op: "contains", values: ["refund", "ফেরত"] }, { field: "channel", op: "is", values: ["email"] }], actions: [{ do: "add_tag", value: "t1" }, { do: "assign", value: "a1" }] });
    assert.equal(ruleWords(one, names), "When the customer writes, if the text contains “refund” or “ফেরত” and the channel is E-mail: tag it refund and assign it to Rafi.");
    useCatalogue("bn", catalogue("bn"));
    assert.match(ruleWords(one, names), /^গ্রাহক লিখলে, যদি .*“refund” অথবা “ফেরত”.*।$/);
  });
  test("says time, and any instead of all", () => {
    const one = rule({ trigger: "since", since: "status", minutes: 10080, count: "clock", match: "any", conditions: [{ field: "status", op: "is", values: ["pending"] }, { field: "open", op: "is", values: ["no"] }], actions: [{ do: "status", value: "solved" }] });
    assert.match(ruleWords(one, names), /^When 7 days have passed since the status changed, if .* or the shop is closed: set it to /i);
  });
  test("has words for everything it can ask and do", () => {
    for (const lang of ["en", "bn"]) {
      const texts = catalogue(lang).rules;
      for (const key of [...TRIGGERS.map((id) => `when_${id}`), ...SINCE.flatMap((id) => [`since_${id}`, `from_${id}`]), ...Object.keys(FIELDS).map((id) => `field_${id}`), ...ACTIONS.map((id) => `do_${id}`), ...Object.values(OPERATORS).flat().map((id) => `op_${id}`)]) {
        assert.ok(texts[key], `${lang}: rules.${key}`);
      }
    }
  });
});

describe("what is missing", () => {
  test("of a new rule only the name", () => {
    assert.deepEqual(Object.keys(problemsOf(newRule())), ["name"]);
  });
  test("is said at its place", () => {
    const one = rule({ trigger: "since", since: "", minutes: 0, conditions: [conditionFor("tags"), { field: "waiting", op: "at_least", values: ["x"] }], actions: [actionFor("message"), actionFor("remove_tag"), { do: "snooze", value: "0" }] });
    assert.deepEqual(Object.keys(problemsOf(one)).sort(), ["actions.0", "actions.1", "actions.2", "conditions.0", "conditions.1", "minutes", "since"]);
    assert.ok(problemsOf(rule({ actions: [] })).actions);
    assert.deepEqual(problemsOf(rule({ actions: [{ do: "message", texts: { en: "Hi {{contact.name|you}}", bn: "{{contact.nmae}}" } }] })), { "actions.0": "error.variable_unknown" });
  });
  test("what starts a line can mostly be left as it is", () => {
    for (const field of ["channel", "status", "waiting", "open", "changed"]) assert.deepEqual(problemsOf(rule({ conditions: [conditionFor(field)] })), {}, field);
  });
});

test("lengths are said in the largest unit that is whole", () => {
  assert.deepEqual([0, 30, 60, 90, 120, 1440, 10080].map((minutes) => lengthOf(minutes)), [{ n: 0, unit: 1 }, { n: 30, unit: 1 }, { n: 1, unit: 60 }, { n: 90, unit: 1 }, { n: 2, unit: 60 }, { n: 1, unit: 1440 }, { n: 7, unit: 1440 }]);
});

test("words stand between commas, each once", () => {
  assert.deepEqual(wordsOf(" refund, ফেরত,, refund ,taka ferot\n"), ["refund", "ফেরত", "taka ferot"]);
});

describe("what is due", () => {
  const now = Date.parse("2026-11-22T10:00:00Z");
  const row = (due, warn) => ({ status: "open", channel: "chat", waiting_since: "2026-11-22T08:00:00Z", due_at: due, due_warn_at: warn });
  test("says what is left, then by how much it is over, and turns amber and red", () => {
    assert.equal(dueWords(row("2026-11-22T12:00:00Z"), now), "2h left");
    assert.equal(pressing(row("2026-11-22T12:00:00Z", "2026-11-22T11:30:00Z"), now), "");
    assert.equal(pressing(row("2026-11-22T10:10:00Z", "2026-11-22T09:50:00Z"), now), "wait");
    assert.equal(dueWords(row("2026-11-22T09:40:00Z"), now), "20m over");
    assert.equal(pressing(row("2026-11-22T09:40:00Z", "2026-11-22T09:00:00Z"), now), "late");
  });
  test("nothing is due of what waits for the customer, and without a target age counts", () => {
    assert.equal(dueWords({ ...row("2026-11-22T09:40:00Z"), status: "pending" }, now), "");
    assert.equal(dueWords(row(""), now), "");
    assert.equal(pressing(row(""), now), "late");
  });
});

test("sorted by due, what is due first stands in front, then the newest", () => {
  const row = (id, due, at) => ({ id, due_at: due, last_activity: at, status: "open", waiting_since: "" });
  const rows = [row("a", "", "2026-11-22T09:00:00Z"), row("b", "2026-11-22T12:00:00Z", "2026-11-20T09:00:00Z"), row("c", "", "2026-11-22T10:00:00Z"), row("d", "2026-11-22T11:00:00Z", "2026-11-19T09:00:00Z")];
  assert.deepEqual(rows.sort(comparing("due")).map(({ id }) => id), ["d", "b", "c", "a"]);
});

test("what came with the program and was never changed is said in the reader's language", () => {
  const seeds = ["1764000610_targets.go", "1764000620_automations.go"].map((file) => readFileSync(new URL(`../../../pb_migrations/${file}`, import.meta.url), "utf8")).join("");
  for (const lang of ["en", "bn"]) {
    const texts = JSON.parse(readFileSync(new URL(`../../../pb_public/i18n/${lang}.json`, import.meta.url), "utf8"));
    useCatalogue(lang, texts);
    const known = Object.keys(texts.rules).filter((key) => key.startsWith("was_"));
    assert.ok(known.length >= 7);
    for (const key of known) assert.ok(seeds.includes(`"${texts.rules[key]}"`), `${key} came with nothing`);
    assert.equal(inOurWords("Nobody has answered for half an hour."), texts.rules.name_unanswered);
    assert.equal(inOurWords("Call them!"), "Call them!");
  }
});
