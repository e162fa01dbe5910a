import assert from "node:assert/strict";
import test from "node:test";
import { accept, findWords, hitWords, suggest, withoutFilters, withRecent, wordAt } from "../../../pb_public/desk/asking.js";

const known = { tags: [{ name: "refund" }, { name: "Damaged goods" }], agents: [{ name: "Rafi Islam" }, { name: "আয়েশা" }], say: (name) => name, bangla: false };
const labels = (text, caret = text.length, more = {}) => suggest(text, caret, { ...known, ...more }).list.map((s) => s.label);
const inserts = (text) => suggest(text, text.length, known).list.map((s) => s.insert);

test("the word at the caret; quotation marks hold words together", () => {
  assert.deepEqual(wordAt("late tag:re", 11), { from: 5, word: "tag:re" });
  assert.deepEqual(wordAt('from:"Rahim U', 13), { from: 0, word: 'from:"Rahim U' });
  assert.deepEqual(wordAt("late ", 5), { from: 5, word: "" });
});

test("filters are offered by their names, values by theirs", () => {
  assert.deepEqual(labels("ta"), ["tag:"]);
  assert.deepEqual(labels("parcel ট্যা", undefined, { bangla: true }), ["ট্যাগ:"]);
  assert.deepEqual(labels("t"), []);
  assert.deepEqual(labels("parcel "), []);
  assert.ok(labels("").length >= 8);
  assert.deepEqual(inserts("tag:"), ["tag:refund ", 'tag:"Damaged goods" ']);
  assert.deepEqual(inserts("-tag:dam"), ['-tag:"Damaged goods" ']);
  assert.deepEqual(inserts("tag:goods"), ['tag:"Damaged goods" ']);
  assert.deepEqual(labels("is:un"), ["unread", "unassigned"]);
  assert.deepEqual(labels("is:open"), []);
  assert.deepEqual(labels("অবস্থা:খো", undefined, { bangla: true }), ["খোলা"]);
  assert.deepEqual(inserts("assigned:is"), ['assigned:"Rafi Islam" ']);
  assert.deepEqual(labels("agent:m"), ["me"]);
  assert.deepEqual(labels("http://x"), []);
});

test("a suggestion takes the place of the whole word", () => {
  assert.deepEqual(accept("late ta parcel", 7, 5, "tag:"), { text: "late tag: parcel", caret: 9 });
  assert.deepEqual(accept("tag:re", 6, 0, "tag:refund "), { text: "tag:refund ", caret: 11 });
  assert.deepEqual(accept("tag:refu more", 6, 0, "tag:refund "), { text: "tag:refund more", caret: 11 });
});

test("a search without its filters", () => {
  assert.deepEqual(withoutFilters('late is:open tag:"damaged goods" parcel'), { some: true, left: "late parcel" });
  assert.deepEqual(withoutFilters("অবস্থা:খোলা ফেরত -আছে:ফাইল"), { some: true, left: "ফেরত" });
  assert.deepEqual(withoutFilters("http://is.open note:x"), { some: false, left: "http://is.open note:x" });
});

test("recent searches are few, each once, the newest first", () => {
  assert.deepEqual(withRecent(["a b", "refund"], " Refund "), ["Refund", "a b"]);
  assert.deepEqual(withRecent(["a b"], "x"), ["a b"]);
  assert.equal(withRecent(Array.from({ length: 8 }, (_, i) => `query ${i}`), "new one").length, 8);
});

test("words of a snippet are found in a text as whole words", () => {
  const words = hitWords([{ text: "টাকা ", hit: false }, { text: "ফেরত", hit: true }, { text: "Refund", hit: true }, { text: "refund", hit: true }]);
  assert.deepEqual(words, ["ফেরত", "refund"]);
  assert.deepEqual(findWords("ফেরতের নয়, ফেরত। REFUND refunds", words).map(([a, b]) => "ফেরতের নয়, ফেরত। REFUND refunds".slice(a, b)), ["ফেরত", "REFUND"]);
});
