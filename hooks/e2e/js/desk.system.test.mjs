// What the desk says of the system and its backups, without a page. Run: node --test hooks/e2e/js/
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, describe, test } from "node:test";

import { useCatalogue } from "../../../pb_public/shared/i18n.js";

globalThis.document ??= { createElement: () => ({}), head: { append: (/** @type {any} */ link) => setTimeout(() => link.onload()) }, documentElement: {}, querySelector: () => null };
const { systemTrouble, takeSystem } = await import("../../../pb_public/desk/health.js");
const { changeWords } = await import("../../../pb_public/desk/audit.js");
const { liveState, summary } = await import("../../../pb_public/desk/system.js");

beforeEach(() => useCatalogue("en", JSON.parse(readFileSync(new URL("../../../pb_public/i18n/en.json", import.meta.url), "utf8"))));

const check = (kind, state) => ({ name: kind, kind, label: kind, state, since: "", said: `${kind} is ${state}`, do: "" });

describe("the line for owners", () => {
  test("it is not there while everything is in order, and leaves mail to mail's own line", () => {
    assert.equal(systemTrouble({ checks: [check("disk", "ok")], release: null }), null);
    assert.equal(systemTrouble({ checks: [check("mail_in", "bad"), check("disk", "ok")], release: null }), null);
  });

  test("one thing is named, several are counted, the gravest is told", () => {
    assert.deepEqual(systemTrouble({ checks: [check("disk", "warn")], release: null }), { title: "disk", text: "disk is warn", mild: true });
    assert.deepEqual(systemTrouble({ checks: [check("backup", "bad"), check("disk", "warn")], release: null }), { title: "2 things to look at", text: "backup is bad", mild: false });
  });

  test("a newer release is said when nothing else is", () => {
    const release = { version: "1.4.0", url: "https://example.com" };
    assert.equal(systemTrouble({ checks: [], release }).title, "New version 1.4.0");
    assert.equal(systemTrouble({ checks: [check("disk", "bad")], release }).title, "disk");
  });

  test("the views are drawn again only when it changes", () => {
    let drawn = 0;
    const desk = { store: { system: null, emit: () => drawn++ } };
    for (const state of ["ok", "ok", "bad", "bad", "ok"]) takeSystem(desk, { checks: [check("disk", state)], release: null });
    assert.equal(drawn, 2);
  });
});

describe("the sheet", () => {
  test("its head counts what is wrong", () => {
    assert.deepEqual(summary({ checks: [check("disk", "ok")] }), { state: "ok", words: "Everything is in order" });
    assert.equal(summary({ checks: [check("disk", "warn")] }).words, "One thing to look at");
    assert.deepEqual(summary({ checks: [check("disk", "bad"), check("queue", "bad"), check("clock", "warn")] }), { state: "bad", words: "2 things need you" });
  });

  test("how every change is copied is said only of a continuous place", () => {
    const now = Date.parse("2026-11-23T12:00:00Z");
    assert.equal(liveState({ continuous: false, live_error: "x", live_good: "" }, now), null);
    assert.equal(liveState({ continuous: true, live_error: "", live_good: "" }, now).state, "warn");
    assert.match(liveState({ continuous: true, live_error: "", live_good: "2026-11-23T11:57:00Z" }, now).words, /3m/);
    assert.deepEqual(liveState({ continuous: true, live_error: "denied", live_good: "2026-11-23T11:57:00Z" }, now), { state: "bad", words: "Changes are not being copied: denied" });
  });
});

test("who did what is told in words: no record's id, no “empty → empty”, no field as it is stored", () => {
  assert.equal(changeWords({ field: "merged", from: "1004", to: "7fij60fgaaucpx5" }, "merged"), "#1004");
  assert.equal(changeWords({ field: "deleted", from: "", to: "" }, "deleted"), "");
  assert.equal(changeWords({ field: "blocked", from: "true", to: "false" }, "update"), "Blocked: yes → no");
  assert.equal(changeWords({ field: "consents", from: "null", to: '[{"what":"newsletter","given":true,"at":"2026-11-29"}]' }, "update"), "Agreed to: Newsletter (yes)");
  assert.equal(changeWords({ field: "tags", from: '["a"]', to: '["a","b"]' }, "update"), "Tags: a → a, b");
  assert.equal(changeWords({ field: "priority", from: "1", to: "2" }, "priority"), "High → Urgent");
  assert.equal(changeWords({ field: "status", from: "open", to: "solved" }, "status"), "open → solved");
});
