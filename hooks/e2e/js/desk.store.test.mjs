// What the desk knows and what it sends, without a page and without a server. Run: node --test hooks/e2e/js/
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, test } from "node:test";

import { ApiError } from "../../../pb_public/shared/api.js";
import { useCatalogue } from "../../../pb_public/shared/i18n.js";
import { Keys } from "../../../pb_public/desk/commands.js";
import { Sender } from "../../../pb_public/desk/sender.js";
import { Store } from "../../../pb_public/desk/store.js";

useCatalogue("en", JSON.parse(readFileSync(new URL("../../../pb_public/i18n/en.json", import.meta.url), "utf8")));

const until = async (what, holds) => {
  const end = Date.now() + 5_000;
  while (!holds()) {
    if (Date.now() > end) assert.fail(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
const row = (n, change = {}) => ({
  id: `r${n}`, number: n, subject: "", channel: "chat", status: "open", priority: 0, assignee: "", tags: [],
  contact: { id: `c${n}`, name: `Contact ${n}`, email: "", phone: "", language: "bn", blocked: false, online: false },
  preview: "", preview_kind: "incoming", last_seq: 0, last_incoming_seq: 0, staff_seen_seq: 0, contact_seen_seq: 0,
  last_activity: `2026-11-22T10:${String(n).padStart(2, "0")}:00.000Z`, waiting_since: "", snoozed_until: "", language: "bn",
  rating: 0, email: "", mailbox: "", page: "", created: "2026-11-22T09:00:00.000Z", ...change,
});
const message = (seq, conversation, change = {}) => ({
  id: `m${seq}`, seq, conversation, kind: "incoming", author: { kind: "contact", id: "c", name: "", avatar: "" }, text: `text ${seq}`,
  files: [], client_id: "", created: "2026-11-22T11:00:00.000Z", ...change,
});

/** A server that keeps what it was asked and answers what the test says. */
class FakeApi {
  asked = [];
  /** @type {Record<string, (body: any) => any>} */
  answers = {};
  call(method, path, body) {
    this.asked.push([method, path, body]);
    const key = `${method} ${path.split("?")[0]}`;
    const answer = this.answers[key];
    return answer ? Promise.resolve().then(() => answer(body, path)) : Promise.reject(new ApiError("no", 404));
  }
  get(path) {
    return this.call("GET", path);
  }
  post(path, body) {
    return this.call("POST", path, body);
  }
  patch(path, body) {
    return this.call("PATCH", path, body);
  }
}
const boot = () => ({
  me: { id: "a1", name: "Ayesha", email: "", avatar: "", role: "owner", availability: "online", online: true, signature: "", languages: [], notify: {} },
  agents: [{ id: "a1", name: "Ayesha", online: true }, { id: "a2", name: "Rafi", online: true }],
  tags: [], canned: [], seq: 0, shop: { name: "Shop", time_zone: "Asia/Dhaka" },
  counts: { mine: 0, unassigned: 0, open: 0, pending: 0, snoozed: 0, solved: 0, channels: {} },
});

describe("the store", () => {
  let api, store;
  beforeEach(async () => {
    api = new FakeApi();
    api.answers["GET /api/desk/conversations"] = () => ({ rows: [row(3), row(2), row(1)], next: "" });
    store = new Store(api, boot(), () => "T");
    store.show({ view: "unassigned" });
    await until("list", () => store.list.state === "ready");
  });
  afterEach(() => store.stop());
  const ids = () => store.list.items.map((r) => r.id);
  const openTalk = (n, messages, more = false) => {
    api.answers[`GET /api/desk/conversations/r${n}`] = () => ({ conversation: row(n), contact: { id: `c${n}`, identities: [] }, messages, more, earlier: [], viewing: ["a1", "a2"], route: null });
    return store.open(n);
  };

  test("a message moves its conversation to the top; one that is assigned to somebody leaves the view", () => {
    store.receive("message", message(9, "r1"));
    assert.deepEqual(ids(), ["r1", "r3", "r2"]);
    assert.equal(store.rows.get("r1").preview, "text 9");
    store.receive("conversation", row(1, { assignee: "a2", last_seq: 9 }));
    assert.deepEqual(ids(), ["r3", "r2"]);
    store.receive("conversation", row(7));
    assert.deepEqual(ids(), ["r7", "r3", "r2"]);
  });
  test("a row that knows fewer messages does not take newer ones back", () => {
    store.receive("message", message(9, "r1", { text: "newest" }));
    store.receive("conversation", row(1, { last_seq: 4, preview: "older", tags: ["t"] }));
    assert.equal(store.rows.get("r1").preview, "newest");
    assert.deepEqual(store.rows.get("r1").tags, ["t"]);
  });
  test("an open conversation takes live messages by seq and each once", async () => {
    await openTalk(2, [message(5, "r2")]);
    store.receive("message", message(7, "r2"));
    store.receive("message", message(7, "r2"));
    store.receive("update", { id: "m7", seq: 7, conversation: "r2", delivery: "failed", delivery_detail: "550" });
    assert.deepEqual(store.talk.messages.map((m) => m.seq), [5, 7]);
    assert.equal(store.talk.messages[1].delivery, "failed");
    assert.deepEqual(store.viewersOf("r2"), ["Rafi"], "not oneself");
  });
  test("a change is shown at once and taken back when the server refuses", async () => {
    let refuse;
    api.answers["PATCH /api/desk/conversations/r2"] = () => new Promise((_, reject) => (refuse = reject));
    const done = store.patch("r2", { status: "solved" });
    assert.deepEqual(ids(), ["r3", "r1"]);
    await until("asked", () => refuse);
    store.receive("message", message(8, "r2", { text: "meanwhile" }));
    refuse(new ApiError("No.", 400));
    await assert.rejects(done);
    assert.deepEqual(ids(), ["r2", "r3", "r1"]);
    assert.equal(store.rows.get("r2").preview, "meanwhile", "only what was changed goes back");
  });
  test("what is seen is said once, and not of what was marked unread", async () => {
    api.answers["POST /api/desk/conversations/r2/seen"] = () => null;
    api.answers["POST /api/desk/conversations/r2/unseen"] = () => null;
    await openTalk(2, [message(5, "r2")]);
    store.receive("message", message(6, "r2"));
    await store.seen();
    await store.seen();
    assert.equal(api.asked.filter(([, path]) => path.endsWith("/seen")).length, 1);
    assert.equal(store.row.staff_seen_seq, 6);
    await store.unseen();
    await store.seen();
    assert.equal(api.asked.filter(([, path]) => path.endsWith("/seen")).length, 1);
    assert.ok(store.row.staff_seen_seq < 6);
  });
  test("after a gap the list, the counts and the open conversation are fetched again", async () => {
    await openTalk(2, [message(5, "r2")]);
    await openTalk(3, [message(4, "r3")]);
    api.answers["GET /api/desk/conversations"] = () => ({ rows: [row(8), row(3)], next: "" });
    api.answers["GET /api/desk/conversations/r3"] = () => ({ conversation: row(3, { last_seq: 9 }), contact: null, messages: [message(4, "r3"), message(9, "r3")], more: false, earlier: [], viewing: [], route: null });
    api.answers["GET /api/desk/boot"] = () => ({ ...boot(), counts: { ...boot().counts, open: 42 } });
    await store.catchUp();
    assert.deepEqual(ids(), ["r8", "r3"]);
    assert.equal(store.counts.open, 42);
    assert.deepEqual(store.talk.messages.map((m) => m.seq), [4, 9]);
    assert.equal(store.talks.has("r2"), false, "another one is fetched when it is opened");
  });
  test("a view that was left is shown at once as the stream has it since, and fetched anew", async () => {
    store.link = "live";
    const lists = () => api.asked.filter(([, path]) => path.startsWith("/api/desk/conversations?"));
    api.answers["GET /api/desk/conversations"] = () => ({ rows: [row(5, { status: "pending" })], next: "" });
    store.show({ view: "pending" });
    await until("pending", () => store.list.state === "ready");
    store.receive("message", message(9, "r1"));
    store.receive("conversation", row(3, { assignee: "a2" }));
    store.receive("conversation", row(5, { status: "open" }));
    assert.deepEqual(ids(), [], "it left the view on screen");
    let answer;
    api.answers["GET /api/desk/conversations"] = () => new Promise((done) => (answer = done));
    store.show({ view: "unassigned" });
    assert.equal(store.list.state, "ready");
    assert.deepEqual(ids(), ["r1", "r5", "r2"], "before any answer");
    await until("asked", () => answer);
    store.receive("conversation", row(6));
    answer({ rows: [row(8), row(2)], next: "" });
    await until("what the server says", () => ids()[0] === "r8");
    assert.deepEqual(ids(), ["r8", "r6", "r2"], "what came meanwhile is in it");
    assert.equal(lists().length, 3);
  });
  test("without the line a view that was left is not shown from memory, nor after something that no event tells in full", async () => {
    store.link = "live";
    for (const spoil of [() => (store.link = "waiting"), () => void store.relist()]) {
      store.link = "live";
      store.show({ view: "pending" });
      await until("pending", () => store.list.state === "ready");
      spoil();
      store.show({ view: "unassigned" });
      assert.equal(store.list.items.length, 0);
      await until("unassigned", () => store.list.state === "ready");
    }
  });
  test("a view can be fetched before it is wanted, once", async () => {
    store.link = "live";
    await Promise.all([store.lists.prepare("open", "newest"), store.lists.prepare("open", "newest"), store.lists.prepare("unassigned", "newest")]);
    assert.equal(api.asked.filter(([, path]) => path.includes("view=open")).length, 1);
    store.receive("conversation", row(9));
    store.show({ view: "open" });
    assert.deepEqual(ids(), ["r9", "r3", "r2", "r1"]);
    api.answers["GET /api/desk/conversations"] = () => Promise.reject(new ApiError("no", 500));
    await store.lists.prepare("solved", "newest");
    store.show({ view: "solved" });
    assert.equal(store.list.items.length, 0, "a failure is not kept");
  });
  test("a conversation that changed while it was on its way is fetched again", async () => {
    let n = 0;
    let answer;
    openTalk(2, []);
    await until("the first answer", () => store.talk?.state === "ready");
    store.talks.clear();
    api.answers["GET /api/desk/conversations/r2"] = () => {
      const said = { conversation: row(2), contact: null, messages: n++ ? [message(5, "r2"), message(6, "r2")] : [message(5, "r2")], more: false, earlier: [], viewing: [], route: null };
      return new Promise((done) => (answer = () => done(said)));
    };
    void store.open(2);
    await until("asked", () => answer);
    store.receive("message", message(6, "r2"));
    store.receive("viewing", { conversation: "r2", agents: [] });
    answer();
    await until("asked again", () => n === 2);
    answer();
    await until("both", () => store.talk.messages.length === 2);
    assert.equal(n, 2, "who looks is no reason");
  });
  test("a conversation that was fetched before it is wanted is there at once, and looked at again when that is a while ago", async () => {
    store.link = "live";
    const asked = () => api.asked.filter(([, path]) => path === "/api/desk/conversations/r2").length;
    await openTalk(2, [message(5, "r2")]);
    await store.open(0);
    store.receive("message", message(6, "r2"));
    await store.open(2);
    assert.deepEqual(store.talk.messages.map((m) => m.seq), [5, 6]);
    assert.equal(asked(), 1);
    await store.open(0);
    store.talks.get("r2").fetched -= 60_000;
    await store.open(2);
    assert.equal(store.talk.state, "ready");
    await until("a second look", () => asked() === 2);
  });
  test("a number that does not exist is said to be missing; an overtaken look-up changes nothing", async () => {
    await store.open(99);
    assert.equal(store.wantedMissing, true);
    let answer;
    api.answers["GET /api/desk/conversations/number:77"] = () => new Promise((resolve) => (answer = resolve));
    const slow = store.open(77);
    await openTalk(2, []);
    await until("asked", () => answer);
    answer({ conversation: row(77), contact: null, messages: [], more: false, earlier: [], viewing: [], route: null });
    await slow;
    assert.equal(store.current, "r2");
  });
  test("typing ends by itself and with the message", async () => {
    store.receive("typing", { conversation: "r1", on: true, by: "contact", id: "c1", name: "", what: "reply" });
    store.receive("typing", { conversation: "r1", on: true, by: "agent", id: "a1", name: "Ayesha", what: "reply" });
    assert.equal(store.typingIn("r1").length, 1, "not oneself");
    store.receive("message", message(9, "r1"));
    assert.equal(store.typingIn("r1").length, 0);
  });
  test("older messages are put before those that are here", async () => {
    await openTalk(2, [message(50, "r2")], true);
    api.answers["GET /api/desk/conversations/r2/messages"] = (_, path) => {
      assert.match(path, /before=50/);
      return { messages: [message(10, "r2"), message(20, "r2")], more: false };
    };
    await store.loadOlder();
    assert.deepEqual(store.talk.messages.map((m) => m.seq), [10, 20, 50]);
    await store.loadOlder();
    assert.equal(api.asked.filter(([, path]) => path.includes("/messages")).length, 1);
  });
});

describe("the sender", () => {
  const draft = (text, change = {}) => ({ conversation: "r1", kind: "reply", text, files: [], then: "", cc: "", ...change });
  const make = (post, onSent = () => {}) => new Sender({ api: { post }, agent: "a1", onSent, onChange: () => {} });

  test("messages of a conversation go one after the other, in order", async () => {
    const sent = [];
    let inFlight = 0;
    const sender = make(async (_, body) => {
      assert.equal(++inFlight, 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inFlight--;
      sent.push(body.text);
      return {};
    });
    for (const text of ["one", "two", "three"]) sender.send(draft(text));
    await until("all sent", () => sent.length === 3);
    assert.deepEqual(sent, ["one", "two", "three"]);
    await until("queue empty", () => sender.items.length === 0);
  });
  test("a dead line is tried again with the same client id and keeps the order", async () => {
    const asked = [];
    let down = true;
    const sender = make(async (_, body) => {
      asked.push(body.client_id);
      if (down) throw new ApiError("network", 0);
      return {};
    });
    const first = sender.send(draft("one"));
    const second = sender.send(draft("two"));
    await until("first attempt", () => first.state === "waiting" && asked.length > 0);
    assert.equal(second.state, "waiting");
    down = false;
    sender.resume();
    await until("all sent", () => sender.items.length === 0);
    assert.equal(asked[asked.length - 2], first.client_id);
    assert.equal(asked[asked.length - 1], second.client_id);
    assert.notEqual(first.client_id, second.client_id);
  });
  test("a refusal is shown with its sentence and waits for the person; others go on", async () => {
    let refuse = true;
    const sender = make(async (_, body) => {
      if (body.text === "bad" && refuse) throw new ApiError("The message is empty.", 400);
      return {};
    });
    const bad = sender.send(draft("bad"));
    sender.send(draft("good"));
    await until("good is sent", () => sender.items.length === 1);
    assert.equal(bad.state, "failed");
    assert.equal(bad.error, "The message is empty.");
    refuse = false;
    sender.retry(bad.client_id);
    await until("sent", () => sender.items.length === 0);
  });
  test("files go as a form, copies as a list", async () => {
    const bodies = [];
    const sender = make(async (_, body) => {
      bodies.push(body);
      return {};
    });
    sender.send(draft("with", { files: [new File(["x"], "x.txt")], cc: "a@b.example; c@d.example" }));
    sender.send(draft("without", { cc: "a@b.example" }));
    await until("sent", () => bodies.length === 2);
    assert.ok(bodies[0] instanceof FormData);
    assert.deepEqual(bodies[0].getAll("cc"), ["a@b.example", "c@d.example"]);
    assert.equal(bodies[0].get("files").name, "x.txt");
    assert.deepEqual(bodies[1].cc, ["a@b.example"]);
  });
  test("what is taken back is not sent", async () => {
    const sender = make(async () => {
      throw new ApiError("busy", 503);
    });
    const item = sender.send(draft("x"));
    await until("waiting", () => item.state === "waiting");
    assert.equal(sender.drop(item.client_id).text, "x");
    assert.equal(sender.of("r1").length, 0);
    assert.equal(sender.drop("nothing"), null);
  });
});

describe("keys", () => {
  const press = (key, change = {}) => ({ key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...change });
  test("letters are commands, two in a row lead somewhere, the browser's own are left alone", () => {
    const keys = new Keys();
    assert.deepEqual(keys.read(press("r"), 0), { command: "reply" });
    assert.deepEqual(keys.read(press("j"), 0), { move: 1 });
    assert.deepEqual(keys.read(press("g"), 10), {});
    assert.deepEqual(keys.read(press("m"), 500), { view: "mine" });
    assert.deepEqual(keys.read(press("m"), 600), { command: "take" });
    keys.read(press("g"), 1_000);
    assert.deepEqual(keys.read(press("m"), 9_000), { command: "take" }, "too late");
    assert.equal(keys.read(press("r", { ctrlKey: true }), 0), null);
    assert.equal(keys.read(press("a", { altKey: true }), 0), null);
    assert.deepEqual(keys.read(press("k", { ctrlKey: true }), 0), { command: "palette" });
    assert.equal(keys.read(press("F5"), 0), null);
  });
  test("the same keys work while a Bangla layout is in use", () => {
    const keys = new Keys();
    assert.deepEqual(keys.read(press("জ", { code: "KeyJ" }), 0), { move: 1 });
    assert.deepEqual(keys.read(press("র", { code: "KeyR" }), 0), { command: "reply" });
  });
});
