import assert from "node:assert/strict";
import { test } from "node:test";
import { wordDiff } from "../../../pb_public/desk/diff.js";

const said = (before, after) => wordDiff(before, after).map(({ kind, text }) => ({ same: "", new: "+", old: "-" })[kind] + text).join("|");

test("a change of words is shown by words", () => {
  assert.equal(said("we return the money", "we return your money"), "we return |-the|+your| money");
  assert.equal(said("", "new text"), "+new text");
  assert.equal(said("same", "same"), "same");
  assert.equal(said("৭ দিনের মধ্যে", "১০ দিনের মধ্যে"), "-৭|+১০| দিনের মধ্যে");
});

test("whatever changed, both texts can be read from it", () => {
  let seed = 7;
  const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
  for (let round = 0; round < 300; round++) {
    const words = () => Array.from({ length: random(12) }, () => "abcde"[random(5)]).join(" ");
    const [before, after] = [words(), words()];
    const parts = wordDiff(before, after);
    assert.equal(parts.filter(({ kind }) => kind !== "new").map(({ text }) => text).join(""), before);
    assert.equal(parts.filter(({ kind }) => kind !== "old").map(({ text }) => text).join(""), after);
  }
});

test("a very long text ends", () => {
  const long = (word) => Array.from({ length: 6000 }, (_, i) => word + i).join(" ");
  assert.equal(wordDiff(long("a"), long("b")).length > 1, true);
});
