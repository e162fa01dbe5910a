import assert from "node:assert/strict";
import { test } from "node:test";

import { articleBody, freshId, put, rename, unanswered } from "../../../pb_public/desk/botsteps.js";

test("what agents answered becomes paragraphs, and no markup", () => {
  assert.equal(articleBody(["Yes.\n\nFor 100 taka.", "<b>No</b> & never"]), "<p>Yes.</p><p>For 100 taka.</p><p>&lt;b&gt;No&lt;/b&gt; &amp; never</p>");
  assert.equal(articleBody([]), "");
});

test("a new step has a name of its own", () => {
  assert.equal(freshId([], "hand_over"), "hand-over-1");
  assert.equal(freshId([{ id: "say-1", kind: "say" }, { id: "say-3", kind: "say" }], "say"), "say-2");
});

test("a path into a step sets and takes away", () => {
  const step = /** @type {any} */ ({ id: "a", kind: "say", buttons: [{ text: { en: "Yes" }, next: "b" }] });
  put(step, "buttons.0.text.bn", "হ্যাঁ");
  put(step, "when.office", "open");
  put(step, "priority", 0);
  assert.deepEqual(step.buttons[0].text, { en: "Yes", bn: "হ্যাঁ" });
  assert.deepEqual(step.when, { office: "open" });
  assert.equal(step.priority, 0);
  put(step, "when.office", "");
  assert.deepEqual(step.when, {});
});

test("a step that gets another name keeps what leads to it", () => {
  const steps = /** @type {any} */ ([
    { id: "a", kind: "say", buttons: [{ text: {}, next: "c" }] }, { id: "b", kind: "if", then: "c", else: "a" }, { id: "c", kind: "ask", next: "b" },
  ]);
  rename(steps, "c", "colour");
  assert.deepEqual([steps[0].buttons[0].next, steps[1].then, steps[1].else, steps[2].id, steps[2].next], ["colour", "colour", "a", "colour", "b"]);
});

test("a suggestion is for somebody who waits", () => {
  assert.equal(unanswered([{ kind: "incoming" }, { kind: "outgoing", automatic: true }, { kind: "event" }]), true);
  assert.equal(unanswered([{ kind: "incoming" }, { kind: "outgoing" }]), false);
  assert.equal(unanswered([{ kind: "outgoing" }, { kind: "incoming" }, { kind: "note" }]), true);
  assert.equal(unanswered([]), false);
});
