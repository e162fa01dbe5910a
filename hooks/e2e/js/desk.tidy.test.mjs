import assert from "node:assert/strict";
import test from "node:test";
import { COLOURS, contrast, freeColour, GROUND, legible, WORDS } from "../../../pb_public/desk/colour.js";
import { readdirSync, readFileSync } from "node:fs";

globalThis.document ??= /** @type {any} */ ({ addEventListener() {}, documentElement: { lang: "en" } });
const { Selection } = await import("../../../pb_public/desk/selection.js");
const { fits, SavedViews } = await import("../../../pb_public/desk/views.js");
const { belongs, comparing, parseRoute, shownRows } = await import("../../../pb_public/desk/logic.js");

const THEMES = { light: { ink: "#1d1c1a", panel: "#ffffff" }, dark: { ink: "#edece7", panel: "#1a1b19" } };
const LIST = ["a", "b", "c", "d", "e"];

test("choosing one by one, by reach and everything", () => {
  const s = new Selection();
  s.toggle("b");
  s.reach("d", LIST);
  assert.deepEqual([...s.ids], ["b", "c", "d"]);
  s.reach("a", LIST); // from where the choosing began
  assert.deepEqual([...s.ids].sort(), ["a", "b", "c", "d"]);
  s.toggle("c");
  assert.equal(s.has("c"), false);
  s.every(LIST);
  assert.equal(s.size, 5);
  assert.equal(s.all, true);
  s.toggle("a"); // all but one is no longer all
  assert.equal(s.all, false);
  s.clear();
  assert.equal(s.size, 0);
  s.reach("c", LIST); // nothing to reach from
  assert.deepEqual([...s.ids], ["c"]);
});

test("nobody changes what they do not see any more", () => {
  const s = new Selection();
  s.every(LIST);
  s.keep(new Set(["b", "x"]));
  assert.deepEqual([...s.ids], ["b"]);
  s.keep(new Set(["x"]));
  assert.equal(s.size, 0);
  assert.equal(s.all, false);
});

test("tags can be read in light and dark, whatever colour somebody picks", () => {
  const steps = ["00", "40", "80", "bf", "ff"];
  const all = [...COLOURS, ...steps.flatMap((r) => steps.flatMap((g) => steps.map((b) => `#${r}${g}${b}`)))];
  for (const [name, theme] of Object.entries(THEMES)) {
    for (const colour of all) assert.ok(legible(colour, theme) >= 4.5, `${colour} in ${name}: ${legible(colour, theme).toFixed(2)}`);
  }
  assert.ok(Math.abs(contrast([0, 0, 0], [255, 255, 255]) - 21) < 0.01);
  const css = readFileSync(new URL("../../../pb_public/desk/css/parts.css", import.meta.url), "utf8");
  assert.match(css, new RegExp(`\\.tag \\{[^}]*var\\(--tag\\) ${GROUND * 100}%, var\\(--panel\\)[^}]*var\\(--tag\\) ${WORDS * 100}%, var\\(--ink\\)`));
});

test("a new tag gets a colour that few have", () => {
  assert.equal(freeColour([]), COLOURS[1]);
  assert.equal(freeColour([COLOURS[1], COLOURS[2].toUpperCase()]), COLOURS[3]);
});

test("what is merged or deleted belongs to no list but the one for it", () => {
  const row = /** @type {any} */ ({ status: "open", assignee: "", channel: "chat", tags: ["t1"] });
  assert.equal(belongs(row, "tag:t1", "me"), true);
  assert.equal(belongs(row, "tag:t2", "me"), false);
  assert.equal(belongs({ ...row, status: "solved" }, "tag:t1", "me"), false);
  for (const view of ["all", "open", "unassigned", "tag:t1", "channel:chat"]) {
    assert.equal(belongs({ ...row, merged_into: "x" }, view, "me"), false, view);
    assert.equal(belongs({ ...row, deleted_at: "2026" }, view, "me"), false, view);
  }
  assert.equal(belongs({ ...row, deleted_at: "2026" }, "deleted", "me"), true);
  assert.equal(belongs(row, "deleted", "me"), false);
});

test("by priority the urgent come first, then the newest", () => {
  const row = (/** @type {string} */ id, /** @type {number} */ priority) => /** @type {any} */ ({ id, priority, last_activity: id });
  const sorted = [row("1", -1), row("2", 0), row("3", 2), row("4", 0), row("5", 1)].sort(comparing("priority"));
  assert.deepEqual(sorted.map((r) => r.id), ["3", "5", "4", "2", "1"]);
});

test("of a long list a window is drawn that holds what is seen", () => {
  assert.deepEqual(shownRows(100, 90, 0, 800), { from: 0, to: 100 });
  for (const top of [0, 1_000, 45_000, 89_000, 1e9]) {
    const { from, to } = shownRows(1_000, 90, top, 800);
    assert.ok(to - from <= 70, `${to - from} rows at ${top}`);
    assert.ok(from >= 0 && to <= 1_000 && from < to);
    const first = Math.min(Math.floor(top / 90), 1_000 - 9);
    assert.ok(from <= first && to >= Math.min(1_000, first + 9), `${from}-${to} at ${top}`);
  }
  assert.ok(shownRows(1_000, 0, 0, 800).to > 0);
});

test("addresses of tags' views are known", () => {
  assert.deepEqual(parseRoute("#/tag:abc123/1024"), { view: "tag:abc123", number: 1024 });
  assert.equal(parseRoute("#/deleted").view, "deleted");
  assert.equal(parseRoute("#/tag:<script>").view, "unassigned");
});

test("a saved view holds live what the server would list", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const row = /** @type {any} */ ({ status: "open", assignee: "a1", channel: "chat", tags: ["t1"], language: "bn", priority: 1, spam: false, subject: "", preview: "Where is my Parcel", contact: { name: "Karim" }, last_activity: "2026-11-22T10:00:00Z" });
  /** @type {[object, boolean][]} */
  const cases = [
    [{}, true], [{ status: ["open", "pending"] }, true], [{ status: ["solved"] }, false], [{ assignee: "me" }, true], [{ assignee: "nobody" }, false], [{ assignee: "a2" }, false],
    [{ channels: ["email"] }, false], [{ tags: ["t2", "t1"] }, true], [{ tags: ["t2"] }, false], [{ language: "en" }, false], [{ priority: [1, 2] }, true], [{ priority: [0] }, false],
    [{ older: 2 }, true], [{ older: 3 }, false], [{ newer: 2 }, true], [{ newer: 1 }, false], [{ text: " parcel " }, true], [{ text: "karim" }, true], [{ text: "p%cel" }, false],
  ];
  for (const [filter, want] of cases) assert.equal(fits(row, filter, "a1", now), want, JSON.stringify(filter));
  assert.equal(fits({ ...row, spam: true }, {}, "a1", now), false);
  assert.equal(fits({ ...row, assignee: "" }, { assignee: "nobody" }, "a1", now), true);
});

test("saved views are asked for again a few seconds after counts change, once", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  let asked = 0;
  const saved = new SavedViews(/** @type {any} */ ({ get: async () => (asked++, { views: [{ id: "v1", name: "One", filter: {}, sort: "", count: asked }] }) }), () => {});
  saved.soon(); // there are none: nothing to count
  context.mock.timers.tick(60_000);
  assert.equal(asked, 0);
  await saved.load();
  for (let i = 0; i < 20; i++) saved.soon();
  context.mock.timers.tick(9_000);
  assert.equal(asked, 1);
  context.mock.timers.tick(2_000);
  await Promise.resolve();
  assert.equal(asked, 2);
  assert.equal(saved.of("saved:v1")?.count, 2);
  saved.soon();
  saved.stop();
  context.mock.timers.tick(60_000);
  assert.equal(asked, 2);
});

test("a style that comes later names nothing that the first page has by the same class alone", () => {
  const folder = new URL("../../../pb_public/desk/", import.meta.url);
  const read = (/** @type {string} */ name) => readFileSync(new URL(name, folder), "utf8");
  const first = new Set([...read("index.html").matchAll(/desk\/css\/([\w-]+)\.css/g)].map(([, name]) => name));
  const named = (/** @type {string} */ name) => new Set([...read(`css/${name}.css`).replace(/\/\*[^]*?\*\//g, "").matchAll(/([^{}]+)\{/g)].flatMap(([, list]) => list.split(",").map((one) => /^\.([\w-]+)(?::{1,2}[\w-]+(?:\([^)]*\))?)*$/.exec(one.trim())?.[1] ?? "")).filter(Boolean));
  const early = new Set([...first].flatMap((name) => [...named(name)]));
  assert.ok(early.size > 100);
  for (const file of readdirSync(new URL("css/", folder))) {
    const name = file.replace(".css", "");
    if (first.has(name) || name === "print") continue; // what is printed is meant so
    assert.deepEqual([...named(name)].filter((one) => early.has(one)), [], file);
  }
});
