import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, kept, shorter } from "../../../pb_public/desk/keeping.js";

const kind = (zero, days, more = {}) => ({ name: "x", field: "x_days", days, first: 365, least: 30, most: 3650, zero, ...more });

test("no days mean what the kind says", () => {
  assert.equal(kept(kind("forever", 0), 0), Infinity);
  assert.equal(kept(kind("at_once", 0), 0), 0);
  assert.equal(kept(kind("usual", 0), 0), 365);
});

test("only a time that lets something go earlier is asked about", () => {
  assert.equal(shorter(kind("forever", 0), 3650), true);
  assert.equal(shorter(kind("forever", 90), 0), false);
  assert.equal(shorter(kind("forever", 90), 91), false);
  assert.equal(shorter(kind("forever", 90), 89), true);
  assert.equal(shorter(kind("at_once", 30), 0), true);
  assert.equal(shorter(kind("usual", 30), 0), false);
});

test("what cannot be meant does not fit", () => {
  for (const [days, zero, ok] of [[0, "forever", true], [0, "", false], [29, "forever", false], [30, "", true], [3650, "", true], [3651, "", false], [NaN, "forever", false], [30.5, "", false]]) {
    assert.equal(fits(kind(zero, 90), days), ok, `${days} ${zero}`);
  }
});
