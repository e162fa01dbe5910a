import assert from "node:assert/strict";
import test from "node:test";
import { readFileSync } from "node:fs";

globalThis.document ??= /** @type {any} */ ({ addEventListener() {}, documentElement: { lang: "en" } });
const { agentsFor, markAt } = await import("../../../pb_public/desk/offers.js");
const { marked } = await import("../../../pb_public/desk/mentions.js");
const { COMMANDS, inBar, isAbout, Keys } = await import("../../../pb_public/desk/commands.js");
const { Sender } = await import("../../../pb_public/desk/sender.js");
const { ApiError } = await import("../../../pb_public/shared/api.js");
const { Together } = await import("../../../pb_public/desk/together.js");

test("the word behind a mark", () => {
  assert.deepEqual(markAt("ask @ra", 7, "@"), { from: 4, query: "ra" });
  assert.deepEqual(markAt("@", 1, "@"), { from: 0, query: "" });
  assert.deepEqual(markAt("(@Rafi Ah", 9, "@"), { from: 1, query: "Rafi Ah" });
  assert.deepEqual(markAt("#ফের", 4, "#"), { from: 0, query: "ফের" });
  for (const [text, mark] of [["me@ra", "@"], ["@rafi\nand", "@"], ["@a b c d e", "@"], ["@ rafi", "@"], ["no mark", "#"], ["@rafi  x", "@"]]) assert.equal(markAt(text, text.length, /** @type {"@"} */ (mark)), null, text);
  assert.deepEqual(markAt("@ra and more", 3, "@"), { from: 0, query: "ra" }); // only what stands before the caret
});

test("colleagues by any word of their name, those at a desk first", () => {
  const agents = /** @type {any[]} */ ([{ id: "1", name: "Rafi Ahmed", online: false }, { id: "2", name: "Ahmed Khan", online: true }, { id: "3", name: "মিনা খাতুন", online: false }]);
  assert.deepEqual(agentsFor(agents, "ah").map((agent) => agent.id), ["2", "1"]);
  assert.deepEqual(agentsFor(agents, "খা").map((agent) => agent.id), ["3"]);
  assert.deepEqual(agentsFor(agents, "rafi a").map((agent) => agent.id), ["1"]);
  assert.deepEqual(agentsFor(agents, "Rafi Ahmed ").map((agent) => agent.id), []); // called already
  assert.equal(agentsFor(agents, "").length, 3);
});

test("a name that is called is marked, and nothing else", () => {
  const mentions = [{ id: "a", as: "Rafi" }, { id: "b", as: "Rafi Ahmed" }, { id: "c", as: "মিনা" }, { id: "d", as: `O&"<b>` }];
  const mark = (/** @type {string} */ text) => marked(text, mentions, "c");
  assert.equal(mark("@Rafi Ahmed, @Rafi"), '<span class="mention">@Rafi Ahmed</span>, <span class="mention">@Rafi</span>');
  assert.equal(mark("@মিনা!"), '<span class="mention is-me">@মিনা</span>!');
  assert.equal(mark("@মিনার @Rafia"), "@মিনার @Rafia");
  assert.equal(mark('<a href="https://x/@Rafi">@Rafi</a>'), '<a href="https://x/@Rafi"><span class="mention">@Rafi</span></a>');
  assert.equal(mark("@O&amp;&quot;&lt;b&gt;"), '<span class="mention">@O&amp;&quot;&lt;b&gt;</span>');
});

test("every command has its words, its key does it, and the command bar and the list of keys have it", () => {
  const en = JSON.parse(readFileSync(new URL("../../../pb_public/i18n/en.json", import.meta.url), "utf8"));
  const source = readFileSync(new URL("../../../pb_public/desk/commands.js", import.meta.url), "utf8");
  const ids = COMMANDS.map((command) => command.id);
  assert.equal(new Set(ids).size, ids.length, "each once");
  for (const [, section, key] of source.matchAll(/label: \(\) => t\("(\w+)\.(\w+)"/g)) assert.ok(en[section]?.[key], `${section}.${key} has no words`);

  /** What a key does, as shown: "⇧ M", "G I", "Ctrl K". @param {string} shown */
  const does = (shown) => {
    const keys = new Keys();
    const parts = shown.split(" ");
    const shift = parts[0] === "⇧";
    const ctrl = parts[0] === "Ctrl";
    /** @type {any} */
    let read = null;
    for (const part of shift || ctrl ? parts.slice(1) : parts) {
      const key = shift ? part : part.toLowerCase();
      read = keys.read({ key, code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : "", ctrlKey: ctrl, metaKey: false, altKey: false, shiftKey: shift }, 1);
    }
    return read;
  };
  for (const { id, keys } of COMMANDS) {
    if (!keys) continue;
    const read = does(keys);
    if (id === "solve" || id === "reopen") assert.equal(read?.toggle, true, id);
    else if (id.startsWith("go-")) assert.equal(read?.view, id.slice(3), id);
    else assert.equal(read?.command, id === "unfollow" ? "follow" : id, `${keys} does not do ${id}`);
  }
  // No key does something that is not a command with that key.
  for (const key of [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,./?!#@"]) {
    const read = new Keys().read({ key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: /[A-Z]/.test(key) }, 1);
    if (!read?.command) continue;
    const command = COMMANDS.find((other) => other.id === read.command);
    assert.ok(command?.keys, `${key} runs ${read.command}, which shows no key`);
  }
  // What is not in the command bar opens something that is no action by itself.
  assert.deepEqual(COMMANDS.filter((command) => !inBar(command)).map((command) => command.id).sort(), ["me", "more", "palette"]);
  // In the bar what is for the whole desk does not stand under the name of a customer.
  const about = COMMANDS.filter(isAbout).map((command) => command.id);
  for (const id of ["imports", "automations", "audit", "be-away", "choose", "go-deleted", "undo-send"]) assert.ok(!about.includes(id), id);
  for (const id of ["reply", "block", "erase", "merge"]) assert.ok(about.includes(id), id);
  const help = readFileSync(new URL("../../../pb_public/desk/help.js", import.meta.url), "utf8");
  assert.match(help, /COMMANDS\.filter\(\(command\) => command\.when !== isOwner \|\| isOwner\(on\)\)/);
  assert.match(help, /commands\.filter\(\(command\) => command\.keys/);
  assert.match(help, /inBar\(command\) && !command\.keys/);
});

test("an answer that was overtaken is handed back, and the next one still goes", async () => {
  /** @type {any[]} */
  const posted = [];
  /** @type {any[]} */
  const handed = [];
  const since = [{ id: "m1", text: "hello?" }];
  const api = /** @type {any} */ ({
    post: async (/** @type {string} */ path, /** @type {any} */ body) => {
      posted.push(body);
      if (body.base === 5 && !body.anyway) throw new ApiError("others wrote", 409, {}, 0, { since });
      return { message: { id: "x" } };
    },
  });
  const sender = new Sender({ api, agent: "a", onSent: () => {}, onChange: () => {}, onOvertaken: (item, messages) => handed.push([item.text, messages]) });
  const draft = { conversation: "c", kind: /** @type {const} */ ("reply"), files: [], then: /** @type {const} */ (""), cc: "" };
  sender.send({ ...draft, text: "one", base: 5 });
  sender.send({ ...draft, text: "two", base: 9 });
  sender.send({ ...draft, text: "three", base: 5, anyway: true });
  sender.send({ ...draft, kind: "note", text: "four", base: 5 });
  await new Promise((done) => setTimeout(done, 10));
  assert.deepEqual(handed, [["one", since]]);
  assert.equal(sender.items.length, 0);
  assert.deepEqual(posted.map((body) => [body.text, body.base, body.anyway]), [["one", 5, undefined], ["two", 9, undefined], ["three", 5, true], ["four", undefined, undefined]]);
});

test("where somebody is called and has not looked stands in front", () => {
  const store = /** @type {any} */ ({ me: { id: "me" }, rows: new Map(), talks: new Map([["c2", { messages: [{ id: "m1" }, { id: "m2" }] }]]), view: "", emit() {} });
  const together = new Together(store);
  together.take(/** @type {any} */ ({ mentions: ["c1"], following: ["c3"] }));
  together.listed(/** @type {any[]} */ ([{ id: "c1" }, { id: "c2" }]));
  const usual = (/** @type {any} */ a, /** @type {any} */ b) => (a.id < b.id ? 1 : -1);
  assert.deepEqual([{ id: "c2" }, { id: "c1" }].sort(/** @type {any} */ (together.ordered(usual))).map((row) => row.id), ["c1", "c2"]);
  together.receive("mention", { conversation: "c1", unseen: false });
  together.receive("mention", { conversation: "c2", unseen: true });
  assert.deepEqual([...together.mentions], [["c1", false], ["c2", true]]);
  together.receive("followers", { conversation: "c1", agents: ["x", "me"] });
  together.receive("followers", { conversation: "c3", agents: ["x"] });
  assert.deepEqual([...together.following], ["c1"]);
  together.receive("gone", { conversation: "c2", id: "m1" });
  assert.deepEqual(store.talks.get("c2").messages, [{ id: "m2" }]);
});
