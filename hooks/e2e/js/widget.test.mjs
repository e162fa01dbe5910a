// Tests of the widget's logic, without a browser: the same script, with the
// hook that makes it hand out its parts instead of drawing itself.
//
//	node --test hooks/e2e/js/

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import vm from "node:vm";

const source = readFileSync(new URL("../../../pb_public/widget.js", import.meta.url), "utf8");
const parts = (globalThis.__shohayTest = {});
vm.runInThisContext(source);
delete globalThis.__shohayTest;
const { makeStore, makeChat, palette, contrast, events, contact, fileProblem, links, backoff, fits } = parts;

/** What localStorage is to the widget; tabs share one. */
function shelf() {
  const hidden = { getItem: (k) => (Object.hasOwn(box, k) ? box[k] : null), setItem: (k, v) => void (box[k] = String(v)), removeItem: (k) => void delete box[k] };
  const box = Object.create(hidden);
  return box;
}

const prefix = "shohay:https://desk.example:";
const page = { url: "https://shop.example/", title: "Shop" };
const store = (box = shelf(), tab = "a") => makeStore({ shelf: box, prefix, tab });
const conversation = (more = {}) => ({ id: "c1", number: 1, status: "open", last_seq: 0, staff_seen_seq: 0, contact_seen_seq: 0, rating: 0, email: "", ...more });
const message = (seq, more = {}) => ({ id: "m" + seq, seq, conversation: "c1", kind: "outgoing", author: { kind: "agent", id: "a1", name: "Ayesha", avatar: "" }, text: "t" + seq, files: [], client_id: "", created: "2026-11-22T10:00:00.000Z", ...more });
const seqs = (s) => s.messages.map((m) => m.seq);
const texts = (s) => s.messages.map((m) => m.text);

async function until(what, condition, ms = 5000) {
  for (const end = Date.now() + ms; !condition(); ) {
    assert.ok(Date.now() < end, "waited in vain: " + what);
    await new Promise((done) => setTimeout(done, 5));
  }
}

// ---- the store

test("messages stand in the order of seq, each once, however they arrive", () => {
  const s = store();
  s.add([message(5), message(2)], "aside");
  s.add([message(3), message(5)], "live");
  s.add([message(2), message(9), message(1)], "page");
  assert.deepEqual(seqs(s), [1, 2, 3, 5, 9]);
});

test("the answer to a POST does not move the cursor over what is still missing", () => {
  const s = store();
  s.add([message(10)], "live");
  s.add([message(12, { kind: "incoming", client_id: "mine-0001" })], "aside");
  assert.equal(s.cursor, 10);
  s.add([message(11), message(12)], "live");
  assert.equal(s.cursor, 12);
  assert.deepEqual(seqs(s), [10, 11, 12]);
});

test("after reset live messages do not move the cursor before the gap is filled", () => {
  const s = store();
  s.add([message(10)], "live");
  s.gap = true;
  s.add([message(500)], "live");
  assert.equal(s.cursor, 10);
  s.add([message(11), message(12)], "page");
  assert.equal(s.cursor, 12);
  s.whole();
  assert.equal(s.cursor, 500);
  assert.deepEqual(seqs(s), [10, 11, 12, 500]);
});

test("a message of ours that comes by the stream leaves the queue", () => {
  const box = shelf(), s = store(box);
  s.enqueue("one", [], page);
  const { client_id } = s.pending[0];
  s.add([message(4, { kind: "incoming", client_id })], "live");
  assert.equal(s.pending.length, 0);
  assert.deepEqual(Object.keys(box), []);
});

test("older news of a conversation changes nothing, and what was seen stays seen", () => {
  const s = store();
  s.merge(conversation({ last_seq: 9, staff_seen_seq: 9 }));
  s.merge(conversation({ last_seq: 5, status: "solved" }));
  assert.equal(s.conversation.status, "open");
  s.merge(conversation({ last_seq: 9, staff_seen_seq: 3, status: "solved" }));
  assert.equal(s.conversation.staff_seen_seq, 9);
  assert.equal(s.conversation.status, "solved");
});

test("solved and reopened are told once each, where they happened", () => {
  const s = store();
  s.begin({ conversation: conversation({ last_seq: 3 }), messages: [message(3)], more: false, seq: 3 });
  s.merge(conversation({ last_seq: 3, status: "solved" }));
  s.merge(conversation({ last_seq: 3, status: "solved" }));
  s.add([message(4, { kind: "incoming" })], "aside");
  s.merge(conversation({ last_seq: 4, status: "open" }));
  assert.deepEqual(s.lines, [{ seq: 3, kind: "solved_line" }, { seq: 3, kind: "reopened_line" }]);
});

test("what is begun after a solved one is not that one reopened", () => {
  const s = store();
  s.begin({ conversation: conversation({ last_seq: 3, status: "solved" }), messages: [message(3)], more: false, seq: 3 });
  s.add([message(4, { kind: "incoming" })], "aside");
  s.merge(conversation({ id: "another", last_seq: 4, status: "open" }));
  assert.deepEqual(s.lines, [{ seq: 3, kind: "solved_line" }]);
});

test("unread are the answers above what the contact has seen", () => {
  const s = store();
  s.begin({ conversation: conversation({ last_seq: 4, contact_seen_seq: 2 }), messages: [message(2), message(3, { kind: "incoming" }), message(4)], more: false, seq: 4 });
  assert.deepEqual(s.unread().map((m) => m.seq), [4]);
  s.seen("contact", 4);
  assert.equal(s.unread().length, 0);
});

test("the queue survives a reload in the order of writing, without the files", () => {
  const box = shelf(), first = store(box);
  first.enqueue("one", [], page);
  first.enqueue("two", [new File(["x"], "photo.jpg")], page);
  first.enqueue("three", [], page);
  const again = store(box);
  again.restore();
  assert.deepEqual(again.pending.map((p) => p.text), ["one", "two", "three"]);
  assert.deepEqual(again.pending.map((p) => p.client_id), first.pending.map((p) => p.client_id));
  assert.deepEqual(again.pending.map((p) => again.lost(p)), [false, true, false]);
  again.enqueue("four", [], page);
  again.restore();
  assert.deepEqual(again.pending.map((p) => p.text), ["one", "two", "three", "four"]);
});

test("another tab leaves files time to go, but takes what is old", () => {
  const box = shelf(), first = store(box, "a");
  first.enqueue("with a photo", [new File(["x"], "photo.jpg")], page);
  first.enqueue("text", [], page);
  const other = store(box, "b");
  other.restore();
  assert.deepEqual(other.pending.map((p) => p.text), ["text"]);
  const key = Object.keys(box)[0], item = JSON.parse(box[key]);
  box[key] = JSON.stringify({ ...item, at: item.at - 3600e3 });
  other.restore();
  assert.deepEqual(other.pending.map((p) => p.text), ["with a photo", "text"]);
});

test("what arrived before a reload is not sent again", () => {
  const box = shelf(), first = store(box);
  first.enqueue("one", [], page);
  const again = store(box);
  again.begin({ conversation: conversation({ last_seq: 7 }), messages: [message(7, { kind: "incoming", client_id: first.pending[0].client_id })], more: false, seq: 7 });
  again.restore();
  assert.equal(again.pending.length, 0);
  assert.deepEqual(Object.keys(box), []);
});

test("a broken entry is dropped, and keys of the page are left alone", () => {
  const box = shelf();
  box[prefix + "q:x"] = "{";
  box.cart = "full";
  const s = store(box);
  s.restore();
  assert.deepEqual([s.pending.length, Object.keys(box)], [0, ["cart"]]);
});

test("ids grow even when the clock stands still", () => {
  const s = store();
  for (let i = 0; i < 50; i++) s.enqueue("m" + i, [], page);
  const ids = s.pending.map((p) => p.client_id);
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(ids).size, 50);
  assert.ok(ids.every((id) => id.length >= 8 && id.length <= 80));
});

test("without localStorage the queue lives in memory", () => {
  const forbidden = { getItem() { throw new Error("no"); }, setItem() { throw new Error("no"); }, removeItem() { throw new Error("no"); } };
  for (const box of [null, forbidden]) {
    const s = store(box);
    s.enqueue("one", [], page);
    s.restore();
    assert.deepEqual(s.pending.map((p) => p.text), ["one"]);
    s.remove(s.pending[0].client_id);
    assert.equal(s.pending.length, 0);
  }
});

// ---- the whole, against a server that can be ill

/** A server with the routes that the widget calls; conversations by token. */
class Server {
  seq = 100;
  tokens = new Map(); // token -> {id, messages, …} or null
  streams = new Set();
  posts = []; // every POST of a message that arrived, also repeated ones
  log = [];
  ill = (/** @type {string} */ _what, /** @type {any} */ _body) => /** @type {any} */ (null);
  wrong = new Set(); // identity hashes that are refused

  fetch = async (url, init = {}) => {
    const { pathname, searchParams } = new URL(url), what = `${init.method || "GET"} ${pathname}`, body = init.body && typeof init.body === "string" ? JSON.parse(init.body) : init.body;
    this.log.push(what);
    await new Promise((done) => setTimeout(done, 1));
    const sick = this.ill(what, body);
    if (sick === "down") throw new TypeError("fetch failed");
    if (typeof sick === "number") return this.#json(sick, { status: sick, message: "Sentence " + sick, data: {} }, { "Retry-After": "1" });
    const token = (init.headers?.Authorization || "").slice(7);
    let answer;
    if (what === "POST /api/chat/start") answer = this.#start(body);
    else if (!this.tokens.has(token)) return this.#json(401, { status: 401, message: "Unknown token", data: {} });
    else if (pathname === "/api/stream") return this.#stream(token, Number(searchParams.get("after")), init.signal);
    else if (what === "POST /api/chat/messages") answer = this.#take(token, body);
    else if (what === "GET /api/chat/messages") answer = this.#page(token, searchParams);
    else if (what === "POST /api/chat/email") answer = { conversation: this.#view(Object.assign(this.tokens.get(token), { email: body.email })) };
    else answer = null;
    if (sick === "lost") throw new TypeError("the answer was lost");
    return answer ? this.#json(200, answer) : new Response(null, { status: 204 });
  };

  #json(status, body, headers = {}) {
    return new Response(JSON.stringify(body), { status, headers });
  }
  #view(c) {
    const { messages, ...view } = c;
    return { ...view, last_seq: messages.at(-1)?.seq || 0 };
  }
  #start({ token, identity }) {
    if (identity && this.wrong.has(identity.hash)) return { token: "", conversation: null, messages: [], more: false, seq: 0 };
    if (!this.tokens.has(token)) this.tokens.set((token = "t" + (this.tokens.size + 1)), null);
    const c = this.tokens.get(token), all = c ? c.messages : [];
    return { token, conversation: c && this.#view(c), messages: all.slice(-50), more: all.length > 50, seq: this.seq };
  }
  #take(token, body) {
    const get = (k) => (body instanceof FormData ? body.get(k) : body[k]), files = body instanceof FormData ? body.getAll("files").map((f) => ({ name: f.name, url: "/f", size: f.size, type: f.type, image: false })) : [];
    this.posts.push(get("text"));
    if (!this.tokens.get(token)) this.tokens.set(token, { ...conversation({ id: "c" + token }), messages: [] });
    const c = this.tokens.get(token), old = c.messages.find((m) => m.client_id === get("client_id"));
    const m = old || this.say(c, get("text"), { kind: "incoming", client_id: get("client_id"), files, author: { kind: "contact", id: "", name: "", avatar: "" } });
    return { message: m, conversation: this.#view(c), duplicate: !!old };
  }
  #page(token, q) {
    const all = this.tokens.get(token)?.messages || [], limit = 50;
    const list = q.has("before") ? all.filter((m) => m.seq < Number(q.get("before"))) : all.filter((m) => m.seq > Number(q.get("after")));
    return { messages: q.has("before") ? list.slice(-limit) : list.slice(0, limit), more: list.length > limit, conversation: this.tokens.get(token) && this.#view(this.tokens.get(token)) };
  }
  #stream(token, after, signal) {
    const c = this.tokens.get(token), encode = new TextEncoder();
    let stream;
    const body = new ReadableStream({
      start: (out) => {
        const send = (name, data) => out.enqueue(encode.encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`));
        const close = () => {
          if (this.streams.delete(stream)) try { out.error(new TypeError("network")); } catch { /* closed already */ }
        };
        stream = { c, send, close };
        this.streams.add(stream);
        signal?.addEventListener("abort", close);
        send("hello", { seq: this.seq, conversation: this.#view(c), online: true });
        const missed = c.messages.filter((m) => m.seq > after);
        if (missed.length > 200) send("reset", {});
        else missed.forEach((m) => send("message", m));
      },
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  }
  /** Writes a message without telling the streams: a commit before its publication. */
  write(c, text, more = {}) {
    const m = message(++this.seq, { conversation: c.id, text, ...more });
    c.messages.push(m);
    return m;
  }
  say(c, text, more) {
    const m = this.write(c, text, more);
    this.publish(c, m);
    return m;
  }
  publish(c, m) {
    for (const s of this.streams) if (s.c === c) s.send("message", m);
  }
  drop() {
    for (const s of [...this.streams]) s.close();
  }
  only() {
    return [...this.tokens.values()].filter(Boolean)[0];
  }
}

let open = [];
function tab(server, box = shelf(), name = "a", more = {}) {
  let seen = true, closed = false;
  // A closed tab asks nothing any more; what was under way in it is never answered.
  const fetch = (url, init) => (closed ? new Promise(() => {}) : server.fetch(url, init));
  const chat = makeChat({ base: "https://desk.example", prefix, shelf: box, tab: name, fetch, visible: () => seen, slow: 0.01, ...more }, () => {});
  chat.lang = "en";
  chat.show = (on) => {
    seen = on;
    chat.awake(false);
  };
  chat.close = () => {
    closed = true;
    chat.stop();
    clearTimeout(chat.timer);
    clearTimeout(chat.again);
  };
  open.push(chat);
  return chat;
}
const tale = (name, body) => test(name, async () => {
  try {
    await body();
  } finally {
    open.forEach((chat) => chat.close());
    open = [];
  }
});

tale("nothing is stored before the first message, and the token before it leaves", async () => {
  const server = new Server(), box = shelf(), chat = tab(server, box);
  await chat.start();
  assert.deepEqual(Object.keys(box), []);
  let kept = "";
  server.ill = (what) => void (what === "POST /api/chat/messages" && (kept = box[prefix + "token"]));
  await chat.send("Hello", [], page);
  assert.equal(kept, chat.token);
  assert.deepEqual(texts(chat.store), ["Hello"]);
});

tale("a message whose answer was lost is repeated by the same visitor and is one message", async () => {
  const server = new Server(), chat = tab(server);
  await chat.start();
  let lost = 3;
  server.ill = (what) => (what === "POST /api/chat/messages" && lost-- > 0 ? "lost" : null);
  chat.send("once", [], page);
  await until("sent", () => chat.store.messages.length && !chat.store.pending.length);
  assert.deepEqual(server.only().messages.map((m) => m.text), ["once"]);
  assert.ok(server.posts.length > 1);
});

tale("a reload in the middle of sending makes neither a second message nor a second conversation", async () => {
  const server = new Server(), box = shelf(), first = tab(server, box);
  await first.start();
  server.ill = (what) => (what === "POST /api/chat/messages" ? "lost" : null);
  await first.send("before the reload", [], page);
  first.close();
  server.ill = () => null;
  const again = tab(server, box);
  assert.ok(again.known());
  await again.connect();
  await until("queue empty", () => !again.store.pending.length && again.store.messages.length === 1);
  assert.equal([...server.tokens.values()].filter(Boolean).length, 1);
  assert.deepEqual(server.only().messages.map((m) => m.text), ["before the reload"]);
});

tale("a failure stops the queue: nothing overtakes", async () => {
  const server = new Server(), chat = tab(server);
  await chat.start();
  let bad = 4;
  server.ill = (what, body) => (what === "POST /api/chat/messages" && body.text === "one" && bad-- > 0 ? 500 : null);
  for (const s of ["one", "two", "three"]) chat.send(s, [], page);
  await until("all sent", () => chat.store.messages.length === 3);
  assert.deepEqual(server.only().messages.map((m) => m.text), ["one", "two", "three"]);
  assert.ok(server.posts.filter((s) => s === "one").length === 1 && bad < 0);
});

tale("what the server refuses for good waits for the visitor and holds up nobody", async () => {
  const server = new Server(), box = shelf(), chat = tab(server, box);
  await chat.start();
  server.ill = (what, body) => (what === "POST /api/chat/messages" && body.text === "bad" ? 400 : null);
  await Promise.all([chat.send("bad", [], page), chat.send("good", [], page)]);
  await until("the good one", () => chat.store.messages.length === 1);
  assert.deepEqual(chat.store.pending.map((p) => [p.text, p.error]), [["bad", "Sentence 400"]]);
  const again = tab(server, box);
  await again.connect();
  assert.deepEqual(again.store.pending.map((p) => [p.text, p.error]), [["bad", "Sentence 400"]]);
});

tale("Retry-After is kept even by the impatient", async () => {
  const server = new Server(), chat = tab(server, shelf(), "a", { slow: 0.3 });
  await chat.start();
  let n = 0;
  server.ill = (what) => (what === "POST /api/chat/messages" && n++ === 0 ? 429 : null);
  await chat.send("hello", [], page);
  for (let i = 0; i < 20; i++) chat.kick();
  await new Promise((done) => setTimeout(done, 60));
  assert.equal(n, 1);
  await until("sent", () => chat.store.messages.length === 1);
  assert.equal(n, 2);
});

tale("a server that is away for long loses nothing: the queue and the stream come back by themselves", async () => {
  const server = new Server(), chat = tab(server);
  await chat.start();
  await chat.send("first", [], page);
  await until("stream", () => server.streams.size === 1);
  server.ill = () => "down";
  server.drop();
  chat.send("while away 1", [], page);
  chat.send("while away 2", [], page);
  server.write(server.only(), "answer meanwhile");
  await until("it is seen to be down", () => !chat.up);
  await new Promise((done) => setTimeout(done, 150));
  server.ill = () => null;
  await until("all there", () => chat.store.messages.length === 4 && chat.up && !chat.store.pending.length);
  assert.deepEqual(texts(chat.store), ["first", "answer meanwhile", "while away 1", "while away 2"]);
  assert.deepEqual(seqs(chat.store), server.only().messages.map((m) => m.seq));
});

tale("an answer committed before ours is not lost when the stream broke in between", async () => {
  const server = new Server(), chat = tab(server);
  await chat.start();
  await chat.send("first", [], page);
  await until("stream", () => server.streams.size === 1 && chat.up);
  server.write(server.only(), "late answer");
  server.ill = (what) => (what === "GET /api/stream" || what === "GET /api/chat/messages" ? "down" : null);
  server.drop();
  await chat.send("second", [], page);
  assert.deepEqual(texts(chat.store), ["first", "second"]);
  server.ill = () => null;
  await until("the late answer", () => chat.store.messages.length === 3);
  assert.deepEqual(texts(chat.store), ["first", "late answer", "second"]);
});

tale("after a gap that is too large for the stream history is paged, in order", async () => {
  const server = new Server(), chat = tab(server);
  await chat.start();
  await chat.send("first", [], page);
  await until("stream", () => chat.up);
  server.ill = () => "down";
  server.drop();
  for (let i = 0; i < 260; i++) server.write(server.only(), "n" + i);
  let pages = 0;
  server.ill = (what) => (what === "GET /api/chat/messages" && ++pages === 3 ? 500 : null); // and the paging breaks once
  await until("all pages", () => chat.store.messages.length === 261);
  server.say(server.only(), "live");
  await until("live", () => chat.store.messages.length === 262);
  assert.deepEqual(seqs(chat.store), server.only().messages.map((m) => m.seq));
  assert.equal(chat.store.cursor, server.seq);
});

tale("a stream that is refused is replaced by asking, and taken when it is to be had", async () => {
  const server = new Server(), chat = tab(server);
  await chat.start();
  server.ill = (what) => (what === "GET /api/stream" ? 503 : null);
  await chat.send("hello", [], page);
  server.write(server.only(), "answer");
  await until("the answer by asking", () => chat.store.messages.length === 2);
  assert.ok(chat.up);
  assert.equal(server.streams.size, 0);
  server.ill = () => null;
  await until("stream", () => server.streams.size === 1);
});

tale("two tabs: both see everything once, a tab that is hidden has no stream and catches up", async () => {
  const server = new Server(), box = shelf(), a = tab(server, box, "a"), b = tab(server, box, "b");
  await a.start();
  await b.start();
  assert.notEqual(a.token, b.token);
  await a.send("from a", [], page);
  for (const k of Object.keys(box)) b.shared(k, box[k]); // what the browser's storage event tells
  await until("b follows", () => b.token === a.token && b.store.messages.length === 1);
  await b.send("from b", [], page);
  server.say(server.only(), "answer");
  await until("both", () => a.store.messages.length === 3 && b.store.messages.length === 3);
  assert.equal([...server.tokens.values()].filter(Boolean).length, 1);
  a.show(false);
  await until("one stream", () => server.streams.size === 1);
  server.say(server.only(), "unseen");
  await until("b has it", () => b.store.messages.length === 4);
  assert.equal(a.store.messages.length, 3);
  a.show(true);
  await until("a caught up", () => a.store.messages.length === 4);
  assert.deepEqual(texts(a.store), ["from a", "from b", "answer", "unseen"]);
  assert.deepEqual(texts(b.store), texts(a.store));
});

tale("two tabs that both try to send one queue send it once and in order", async () => {
  const server = new Server(), box = shelf(), a = tab(server, box, "a");
  await a.start();
  await a.send("zero", [], page);
  server.ill = (what) => (what === "POST /api/chat/messages" ? "down" : null);
  for (const s of ["one", "two", "three"]) a.send(s, [], page);
  const b = tab(server, box, "b");
  await b.connect();
  assert.deepEqual(b.store.pending.map((p) => p.text), ["one", "two", "three"]);
  server.ill = () => null;
  a.kick();
  b.kick();
  await until("both", () => a.store.messages.length === 4 && b.store.messages.length === 4 && !a.store.pending.length && !b.store.pending.length);
  assert.deepEqual(server.only().messages.map((m) => m.text), ["zero", "one", "two", "three"]);
});

tale("files go with the message, and after a reload their loss is told", async () => {
  const server = new Server(), box = shelf(), a = tab(server, box);
  await a.start();
  await a.send("look", [new File(["abc"], "photo.jpg", { type: "image/jpeg" })], page);
  assert.deepEqual(server.only().messages[0].files.map((f) => f.name), ["photo.jpg"]);
  server.ill = (what) => (what === "POST /api/chat/messages" ? "down" : null);
  await a.send("another", [new File(["abc"], "b.jpg")], page);
  await a.send("", [new File(["abc"], "c.jpg")], page);
  a.close();
  server.ill = () => null;
  const again = tab(server, box);
  await again.connect();
  await until("the text went", () => again.store.messages.length === 2);
  assert.deepEqual(again.store.lines.map((l) => l.kind), ["files_lost"]);
  assert.deepEqual(again.store.pending.map((p) => [p.text, again.store.lost(p)]), [["", true]]);
  assert.equal(again.store.head(), undefined);
});

tale("a token that the server no longer knows is replaced, and the message still goes", async () => {
  const server = new Server(), box = shelf(), a = tab(server, box);
  await a.start();
  await a.send("one", [], page);
  server.tokens.clear();
  server.drop();
  a.send("two", [], page);
  await until("sent anew", () => server.only()?.messages.some((m) => m.text === "two") && !a.store.pending.length);
  assert.equal(box[prefix + "token"], a.token);
});

tale("a wrong signature makes a stranger of the customer, not an error", async () => {
  const server = new Server(), chat = tab(server), warn = console.warn;
  console.warn = () => {};
  server.ill = (what, body) => (body?.identity ? 403 : null);
  chat.identity = { id: "7", hash: "bad" };
  try {
    await chat.start();
  } finally {
    console.warn = warn;
  }
  assert.ok(chat.token);
  assert.equal(chat.identity, null);
});

tale("somebody else who signs in on the same computer sees nothing of the one before", async () => {
  const server = new Server(), box = shelf(), chat = tab(server, box);
  chat.identity = { id: "7", hash: "x" };
  await chat.start();
  await chat.send("secret of 7", [], page);
  const { token } = chat;
  chat.identify({ id: "8", hash: "y" });
  await until("a new token", () => chat.token && chat.token !== token);
  assert.deepEqual(texts(chat.store), []);
  chat.identify(null);
  assert.equal(box[prefix + "token"], undefined);
});

tale("an e-mail address left before the first message goes after it", async () => {
  const server = new Server(), box = shelf(), chat = tab(server, box);
  await chat.start();
  await chat.leaveEmail("rina@example.com");
  assert.equal(box[prefix + "email"], "rina@example.com");
  await chat.send("hello", [], page);
  await until("left", () => chat.store.conversation?.email === "rina@example.com");
  assert.equal(box[prefix + "email"], undefined);
});

// ---- pure

test("events are read however the chunks are cut", () => {
  const text = 'event: hello\ndata: {"seq":1}\n\n: ping\n\nid: 2\nevent: message\ndata: {"text":"হ্যালো: data: x"}\n\n';
  for (let cut = 1; cut < text.length; cut++) {
    const got = [], feed = events((name, data) => got.push([name, data]));
    feed(text.slice(0, cut));
    feed(text.slice(cut));
    assert.deepEqual(got, [["hello", { seq: 1 }], ["message", { text: "হ্যালো: data: x" }]]);
  }
});

test("any colour of a shop gives readable text in light and dark", () => {
  for (const colour of ["#006a4e", "#fff", "#000000", "#ffd400", "#0a58ca", "#777777", "#e91e63", "#9cf", "nonsense", ""])
    for (const dark of [false, true]) {
      const { accent, ink, text } = palette(colour, dark), panel = dark ? [26, 27, 25] : [255, 255, 255];
      assert.ok(contrast(accent, ink) >= 4.5, `${colour} ink`);
      assert.ok(contrast(text, panel) >= 4.5, `${colour} text`);
    }
});

test("data-contact is read as JSON and as base64 of JSON", () => {
  const who = { id: "7", name: "রিনা", hash: "ab" }, json = JSON.stringify(who), warn = console.warn;
  assert.deepEqual(contact(json), who);
  assert.deepEqual(contact(Buffer.from(json).toString("base64")), who);
  assert.ok(!contact(null) && !contact(""));
  console.warn = () => {};
  assert.equal(contact("???"), null);
  console.warn = warn;
});

test("files are judged by size and type, and an unknown type is left to the server", () => {
  const limits = { file_bytes: 100, files: 5, types: ["image/*", "application/pdf"], text: 10 };
  for (const [size, type, want] of [[0, "image/png", "file_empty"], [101, "image/png", "file_too_big"], [100, "image/png", ""], [5, "application/pdf", ""], [5, "", ""], [5, "application/x-msdownload", "file_type"]])
    assert.equal(fileProblem({ size, type }, limits), want);
});

test("addresses in a text become links without the punctuation around them", () => {
  assert.deepEqual(links("See https://a.example/x?y=1. Or (http://b.example)!"), ["See ", "https://a.example/x?y=1", ". Or (", "http://b.example", ")!"]);
  assert.deepEqual(links("javascript:alert(1)"), ["javascript:alert(1)"]);
  assert.deepEqual(links("দেখুন https://a.example/ক।"), ["দেখুন ", "https://a.example/ক", "।"]);
});

test("pauses grow to half a minute and never stop", () => {
  for (let n = 0; n < 2000; n += 7) {
    const ms = backoff(n);
    assert.ok(ms >= 500 && ms <= 30000, `${n}: ${ms}`);
  }
});

test("the widget is at most 20 KB on the wire", () => {
  const size = gzipSync(source, { level: 9 }).length;
  assert.ok(size <= 20 * 1024, `${size} bytes`);
});

// ---- the greeting

test("the greeting comes on the pages that are named, and on no other", () => {
  assert.ok(fits([], "/anything"));
  assert.ok(fits(["/cart"], "/cart"));
  assert.ok(!fits(["/cart"], "/cart/pay"));
  assert.ok(!fits(["/cart"], "/shop/cart"));
  assert.ok(fits(["/help", "/product/*"], "/product/saree-12"));
  assert.ok(!fits(["/product/*"], "/product"));
  assert.ok(fits(["*sale*"], "/winter/sale/2026"));
  assert.ok(fits(["/a.html"], "/a.html"));
  assert.ok(!fits(["/a.html"], "/aXhtml"), "a dot is a dot");
  assert.ok(fits(["/(x)[1]+?^$|{}\\\\"], "/(x)[1]+?^$|{}\\\\"), "nothing but * is special");
  assert.ok(fits(["/পণ্য/***"], "/পণ্য/শাড়ি"));
});

test("without the server's word there is no greeting", () => {
  assert.equal(source.split("GREETING = null").length, 2, "the place that the server fills stands there once");
});
