// The desk's and the shared modules' logic, without a page. Run: node --test hooks/e2e/js/
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, test } from "node:test";

import { ApiError, Api, withQuery } from "../../../pb_public/shared/api.js";
import { age, clock, dayName, digits, firstLetter, initials, lasted, luminance, phone, readableOn, size, upcoming } from "../../../pb_public/shared/format.js";
import { escape, html, safeUrl } from "../../../pb_public/shared/html.js";
import { has, pickLanguage, t, useCatalogue } from "../../../pb_public/shared/i18n.js";
import { Pages } from "../../../pb_public/shared/list.js";
import { backOff, EventParser, Live } from "../../../pb_public/shared/live.js";
import * as logic from "../../../pb_public/desk/logic.js";
import * as braced from "../../../pb_public/desk/variables.js";
import * as times from "../../../pb_public/desk/times.js";

const catalogue = (lang) => JSON.parse(readFileSync(new URL(`../../../pb_public/i18n/${lang}.json`, import.meta.url), "utf8"));
const speak = (lang) => useCatalogue(lang, catalogue(lang));
const until = async (what, holds) => {
  const end = Date.now() + 5_000;
  while (!holds()) {
    if (Date.now() > end) assert.fail(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

beforeEach(() => speak("en"));

const row = (change = {}) => ({
  id: "r1", number: 1024, subject: "", channel: "chat", status: "open", priority: 0, assignee: "", tags: [],
  contact: { id: "c1", name: "Nusrat", email: "", phone: "", language: "bn", blocked: false, online: false },
  preview: "", preview_kind: "incoming", last_seq: 5, last_incoming_seq: 5, staff_seen_seq: 4, contact_seen_seq: 0,
  last_activity: "2026-11-22T10:00:00.000Z", waiting_since: "2026-11-22T10:00:00.000Z", snoozed_until: "", language: "bn",
  rating: 0, email: "", mailbox: "", page: "", created: "2026-11-22T09:00:00.000Z", ...change,
});
const message = (seq, change = {}) => ({
  id: `m${seq}`, seq, conversation: "r1", kind: "incoming", author: { kind: "contact", id: "c1", name: "Nusrat", avatar: "" },
  text: `text ${seq}`, files: [], client_id: "", created: `2026-11-22T10:${String(seq % 60).padStart(2, "0")}:00.000Z`, ...change,
});

describe("html", () => {
  test("every value is escaped, markup of its own is not, nothing stays nothing", () => {
    const evil = `<img src=x onerror="alert('1')">&`;
    assert.equal(html`<b title="${evil}">${evil}</b>`.text, `<b title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;">&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;</b>`);
    assert.equal(html`${[html`<i></i>`, evil, null, undefined, false, 0]}`.text, `<i></i>${escape(evil)}0`);
  });
  test("an address that could run something leads nowhere", () => {
    for (const bad of ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,<script>", "//evil.example", "vbscript:x", "data:image/svg+xml,<svg onload=1>"]) {
      assert.equal(safeUrl(bad), "#", bad);
    }
    for (const good of ["https://a.example/b?c=1", "/api/files/m/1/x?e=1&k=2", "mailto:a@b.example", "blob:http://x/1"]) assert.equal(safeUrl(good), good);
  });
});

describe("texts and formats", () => {
  test("placeholders, plurals and digits follow the language", () => {
    assert.equal(t("desk.new_below", { n: 1 }), "1 new message");
    assert.equal(t("desk.new_below", { n: 1200 }), "1,200 new messages");
    speak("bn");
    assert.equal(t("desk.new_below", { n: 3 }), "৩টি নতুন বার্তা");
    assert.equal(digits(1024), "১০২৪");
    assert.equal(t("desk.no_such_key"), "desk.no_such_key");
  });
  test("every key that is put together at run time exists in both languages", () => {
    const keys = [
      ...["unassigned", "mine", "open", "pending", "snoozed", "solved", "all"].flatMap((v) => [`view_${v}`, `empty_${v}`, `empty_${v}_hint`]),
      ...["empty_channel", "empty_channel_hint", "sort_newest", "sort_waiting", "sort_priority"],
      ...["open", "pending", "snoozed", "solved"].flatMap((s) => [`status_${s}`, `event_status_${s}`, `event_status_${s}_alone`]),
      ...["solved", "open", "pending"].map((s) => `done_${s}`),
      ...["online", "away", "offline"].map((s) => `availability_${s}`),
      ...["queued", "sending", "sent", "delivered", "read", "uncertain", "failed"].map((s) => `delivery_${s}`),
      ...["assigned", "unassigned", "tagged", "untagged", "merged", "rated", "email_left", "sender", "created", "priority_set", "unmerged", "split", "split_from", "deleted", "restored", "status_snoozed_answer", "subject", "status_snoozed_until"].flatMap((s) => [`event_${s}`, `event_${s}_alone`]),
      "event_taken",
    ];
    for (const lang of ["en", "bn"]) {
      speak(lang);
      for (const key of keys) assert.ok(has(`desk.${key}`), `${lang} lacks desk.${key}`);
    }
  });
  test("a language is picked from what is wanted", () => {
    assert.equal(pickLanguage(["", null, "fr-FR", "bn-BD"]), "bn");
    assert.equal(pickLanguage(["fr"]), "en");
  });
  test("ages are short and then dates", () => {
    const now = Date.parse("2026-11-22T12:00:00Z");
    assert.equal(age("2026-11-22T11:59:40Z", now), "now");
    assert.equal(age("2026-11-22T11:42:00Z", now), "18m");
    assert.equal(age("2026-11-22T09:00:00Z", now), "3h");
    assert.match(age("2026-11-10T09:00:00Z", now), /^10 Nov$/);
    assert.match(age("2025-11-10T09:00:00Z", now), /^10 Nov 2025$/);
    assert.equal(lasted("2026-11-19T09:00:00Z", now), "3d");
    speak("bn");
    assert.equal(age("2026-11-22T09:00:00Z", now), "৩ ঘণ্টা");
  });
  test("the clock names the part of the day in Bangla and never says AM", () => {
    assert.equal(clock("2026-11-22T04:42:00Z", "Asia/Dhaka"), "10:42");
    speak("bn");
    assert.equal(clock("2026-11-22T04:42:00Z", "Asia/Dhaka"), "সকাল ১০:৪২");
    assert.equal(clock("2026-11-22T18:05:00Z", "Asia/Dhaka"), "রাত ১২:০৫");
    assert.equal(clock("2026-11-22T10:30:00Z", "Asia/Dhaka"), "বিকেল ৪:৩০");
  });
  test("days are named as people do", () => {
    const noon = new Date(2026, 10, 22, 12).getTime();
    assert.equal(dayName(new Date(2026, 10, 22, 1), noon), "Today");
    assert.equal(dayName(new Date(2026, 10, 21, 23), noon), "Yesterday");
    assert.equal(dayName(new Date(2026, 10, 18, 23), noon), "Wednesday");
    assert.equal(dayName(new Date(2026, 9, 2), noon), "2 October");
    assert.equal(upcoming(new Date(2026, 10, 23, 9), noon), "tomorrow 09:00");
  });
  test("small things", () => {
    assert.equal(initials("নুসরাত আক্তার"), "নআ");
    assert.equal(initials("tanvir rahman khan"), "TK");
    assert.equal(initials("  "), "?");
    assert.deepEqual([" রূপালী স্টোর", "deshi", ""].map(firstLetter), ["রূ", "d", ""]);
    assert.equal(size(188416), "184 KB");
    assert.equal(size(1536 * 1024), "1.5 MB");
    assert.equal(phone("01711204437"), "+880 1711-204 437");
    assert.equal(phone("+8801711204437"), "+880 1711-204 437");
    assert.equal(phone("12345"), "12345");
    assert.equal(readableOn("#006a4e"), "#ffffff");
    assert.equal(readableOn("#ffd700"), "#10100f");
    assert.equal(luminance("red"), -1);
    assert.equal(withQuery("/a", { x: 1, y: "", z: undefined, q: "ক&" }), "/a?x=1&q=%E0%A6%95%26");
  });
});

describe("the list", () => {
  test("views hold what they say", () => {
    assert.ok(logic.belongs(row(), "unassigned", "a1"));
    assert.ok(!logic.belongs(row({ assignee: "a1" }), "unassigned", "a1"));
    assert.ok(logic.belongs(row({ assignee: "a1" }), "mine", "a1"));
    assert.ok(!logic.belongs(row({ assignee: "a1", status: "solved" }), "mine", "a1"));
    assert.ok(logic.belongs(row({ status: "solved" }), "solved", "a1"));
    assert.ok(logic.belongs(row({ status: "solved" }), "all", "a1"));
    assert.ok(logic.belongs(row(), "channel:chat", "a1"));
    assert.ok(!logic.belongs(row(), "channel:email", "a1"));
  });
  test("newest first, or who waits longest and then the others", () => {
    const a = row({ id: "a", last_activity: "2026-11-22T10:00", waiting_since: "2026-11-22T09:00" });
    const b = row({ id: "b", last_activity: "2026-11-22T11:00", waiting_since: "" });
    const c = row({ id: "c", last_activity: "2026-11-22T09:30", waiting_since: "2026-11-22T08:00" });
    assert.deepEqual([a, b, c].sort(logic.comparing("newest")).map((r) => r.id), ["b", "a", "c"]);
    assert.deepEqual([a, b, c].sort(logic.comparing("waiting")).map((r) => r.id), ["c", "a", "b"]);
  });
  test("waiting turns amber, then red, and only while open", () => {
    const now = Date.parse("2026-11-22T10:00:00Z");
    const since = (minutes) => new Date(now - minutes * 60_000).toISOString();
    assert.equal(logic.pressing(row({ waiting_since: since(2) }), now), "");
    assert.equal(logic.pressing(row({ waiting_since: since(6) }), now), "wait");
    assert.equal(logic.pressing(row({ waiting_since: since(18) }), now), "late");
    assert.equal(logic.pressing(row({ waiting_since: since(18), channel: "email" }), now), "");
    assert.equal(logic.pressing(row({ waiting_since: since(18), status: "solved" }), now), "");
  });

  const numbers = (pages) =>
    new Pages({
      key: (n) => String(n.id),
      compare: (a, b) => a.at - b.at,
      onChange: () => {},
      fetch: pages,
    });
  test("pages join without doubles and live items find their place", async () => {
    const list = numbers(async (cursor) => (cursor === "" ? { items: [{ id: 1, at: 1 }, { id: 2, at: 5 }], next: "x" } : { items: [{ id: 2, at: 5 }, { id: 3, at: 9 }], next: "" }));
    await list.load();
    list.put({ id: 9, at: 3 }, true);
    list.put({ id: 8, at: 99 }, true);
    assert.deepEqual(list.items.map((n) => n.id), [1, 9, 2], "99 stands behind what is loaded and is left to paging");
    await list.more();
    assert.deepEqual(list.items.map((n) => n.id), [1, 9, 2, 3]);
    list.put({ id: 1, at: 7 }, true);
    list.put({ id: 9, at: 3 }, false);
    assert.deepEqual(list.items.map((n) => n.id), [2, 1, 3]);
    await list.more();
    assert.equal(list.items.length, 3);
  });
  test("what happens while a page is on its way wins over the page", async () => {
    let answer;
    const list = numbers(() => new Promise((resolve) => (answer = resolve)));
    const loading = list.load();
    list.put({ id: 1, at: 8 }, true);
    list.put({ id: 2, at: 2 }, false);
    answer({ items: [{ id: 1, at: 1 }, { id: 2, at: 2 }, { id: 3, at: 3 }], next: "" });
    await loading;
    assert.deepEqual(list.items, [{ id: 3, at: 3 }, { id: 1, at: 8 }]);
  });
  test("an answer that was overtaken is dropped; a failed refresh keeps what is there", async () => {
    const answers = [];
    const list = numbers(() => new Promise((resolve, reject) => answers.push({ resolve, reject })));
    const first = list.load();
    const second = list.load();
    answers[1].resolve({ items: [{ id: 2, at: 2 }], next: "" });
    answers[0].resolve({ items: [{ id: 1, at: 1 }], next: "" });
    await Promise.all([first, second]);
    assert.deepEqual(list.items.map((n) => n.id), [2]);
    const third = list.load();
    answers[2].reject(new Error("down"));
    await third;
    assert.equal(list.state, "ready");
    assert.equal(list.items.length, 1);
    assert.equal(list.error.message, "down");
  });
});

describe("messages", () => {
  test("stand in the order of seq, each once, the newer copy", () => {
    const merged = logic.mergeMessages([message(2), message(5)], [message(3), message(5, { text: "new" }), message(1)]);
    assert.deepEqual(merged.map((m) => m.seq), [1, 2, 3, 5]);
    assert.equal(merged[3].text, "new");
  });
  test("a newest page with a gap before it takes the place of what was known", () => {
    const joined = logic.mergeNewest([message(1), message(2)], false, [message(8), message(9)], true);
    assert.deepEqual(joined.messages.map((m) => m.seq), [8, 9]);
    assert.equal(joined.more, true);
  });
  test("a newest page that touches what is known is added to it", () => {
    const joined = logic.mergeNewest([message(1), message(2)], false, [message(2), message(3)], true);
    assert.deepEqual(joined.messages.map((m) => m.seq), [1, 2, 3]);
    assert.equal(joined.more, false, "the older ones are all here already");
  });
  test("a live message newer than the page is not lost over a gap", () => {
    const joined = logic.mergeNewest([message(1), message(12)], false, [message(12), message(13)], true);
    assert.deepEqual(joined.messages.map((m) => m.seq), [1, 12, 13]);
  });
  test("a row follows its messages and never goes back", () => {
    const before = row({ last_seq: 5, waiting_since: "" });
    const after = logic.rowAfter(before, message(6, { text: "Hello" }));
    assert.equal(after.preview, "Hello");
    assert.equal(after.waiting_since, message(6).created);
    assert.equal(logic.rowAfter(after, message(5)), after);
    assert.equal(logic.rowAfter(after, message(7, { kind: "outgoing" })).waiting_since, "");
    assert.equal(logic.rowAfter(after, message(7, { kind: "event" })).preview, "Hello");
    assert.ok(logic.isUnread(after));
  });
  test("quoted history is folded, an answer between quotes is not", () => {
    assert.deepEqual(logic.splitQuote("Yes.\n\nOn Mon, 1 Nov 2026 at 10:12, Shop <a@b.c> wrote:\n> Question?\n> More"), { own: "Yes.", quoted: "On Mon, 1 Nov 2026 at 10:12, Shop <a@b.c> wrote:\n> Question?\n> More" });
    assert.equal(logic.splitQuote("Yes.\n\nOn Mon, 1 Nov 2026 at 10:12, Shop\n<a@b.c> wrote:\n> Question?").own, "Yes.");
    assert.equal(logic.splitQuote("ঠিক আছে।\n\nসোম, ১ নভেম্বর তারিখে দোকান লিখেছেন:\n> প্রশ্ন?").own, "ঠিক আছে।");
    assert.equal(logic.splitQuote("Ok\n> old\n> older").own, "Ok");
    assert.equal(logic.splitQuote("Hi\n-----Original Message-----\nFrom: x\nold").own, "Hi");
    for (const whole of ["> one?\nYes.\n> two?\nNo.", "plain\ntext", "> only quoted", "On a wire:\nfine", ""]) assert.deepEqual(logic.splitQuote(whole), { own: whole, quoted: "" }, whole);
    const inline = "On Mon, 1 Nov 2026, Shop wrote:\n> size?\nL please";
    assert.equal(logic.splitQuote(`Below.\n${inline}`).quoted, "");
  });
  test("addresses can be followed and keep their punctuation out", () => {
    const pieces = logic.linkify("দেখুন https://a.example/x?y=1। বা (www.b.example/c), মেইল me@c.example.");
    assert.deepEqual(pieces.filter((p) => p.href).map((p) => p.href), ["https://a.example/x?y=1", "https://www.b.example/c", "mailto:me@c.example"]);
    assert.equal(pieces.map((p) => p.text).join(""), "দেখুন https://a.example/x?y=1। বা (www.b.example/c), মেইল me@c.example.");
    assert.deepEqual(logic.linkify("javascript:alert(1)").filter((p) => p.href), []);
  });
  test("events are told in words", () => {
    const agent = { kind: "agent", id: "a1", name: "Ayesha", avatar: "" };
    const words = (event, author = agent) => logic.eventWords(message(9, { kind: "event", event, author }), (id) => ({ a2: "Rafi" })[id] ?? "", (id) => ({ t1: "delivery" })[id] ?? "");
    assert.equal(words({ type: "status", from: "open", to: "solved" }), "Ayesha solved this");
    assert.equal(words({ type: "status", to: "open" }, { kind: "system", id: "", name: "", avatar: "" }), "Opened again");
    assert.equal(words({ type: "assigned", to: "a2", names: { a2: "Rafi Ahmed" } }), "Ayesha assigned this to Rafi Ahmed");
    assert.equal(words({ type: "assigned", to: "a1" }), "Ayesha took this");
    assert.equal(words({ type: "assigned", from: "a2", to: "" }), "Ayesha assigned this to nobody");
    assert.equal(words({ type: "tagged", to: "t1", names: {} }), "Ayesha added the tag delivery");
    assert.equal(words({ type: "rated", to: "4" }, { kind: "contact", id: "c1", name: "Nusrat", avatar: "" }), "Nusrat rated this ★★★★");
  });
});

describe("the composer", () => {
  test("a message has an address of its own", () => {
    assert.equal(logic.messageIn("#/all/1024/m/77"), 77);
    for (const other of ["#/all/1024", "#/all/1024/m/x", "#/all/m/77", ""]) assert.equal(logic.messageIn(other), 0);
    assert.deepEqual(logic.parseRoute("#/mine/1024/m/77"), { view: "mine", number: 1024 });
  });

  test("many changes in a row fold, few and loud ones do not", () => {
    const event = (seq, type = "tagged") => message(seq, { kind: "event", event: { type } });
    const four = logic.eventRuns([message(1), event(2), event(3), event(4), event(5), message(6)]);
    assert.deepEqual([...four.events], [[1, [event(2), event(3), event(4)]]]);
    assert.deepEqual([...four.folded], [2, 3, 4]);
    for (const few of [[event(1), event(2), event(3), message(4)], [event(1), event(2), event(3, "bounced"), event(4), event(5)], [event(1), event(2), message(3), event(4), event(5)]]) assert.equal(logic.eventRuns(few).events.size, 0);
  });

  test("a variable that is empty says what stands behind its bar", () => {
    const values = { "contact.name": "", "shop.name": "Deshi" };
    assert.equal(logic.fill("Hi {{contact.name|there}} of {{shop.name|a shop}}{{contact.name}} {{none|x}} {{none}}", values), "Hi there of Deshi x {{none}}");
    assert.equal(logic.fill("{{ contact.name | আপু }}", values), "আপু");
  });
  test("one that nobody knows is named with what is like it", () => {
    const text = "Hi {{contact.nmae}} {{number}} {{ contact.name | you }} {{customer name}} {{contact.nmae|x}} {{}} {single} {{open";
    assert.deepEqual(braced.strangers([text, "{{গ্রাহক}}"]), ["contact.nmae", "customer name", "", "গ্রাহক"]);
    for (const [odd, first] of [["contact.nmae", "contact.name"], ["Contact.Name", "contact.name"], ["phone", "contact.phone"], ["nubmer", "number"], ["shop", "shop.name"], ["firstname", "contact.first_name"]]) assert.equal(braced.near(odd)[0], first, odd);
    assert.equal(braced.unknownWords(["{{number}}"]), "");
    assert.match(braced.unknownWords([text]), /^Nothing is put in for \{\{contact\.nmae\}\}.*: \{\{contact\.name\}\}, /);
  });

  test("variables are filled and unknown ones are seen", () => {
    assert.equal(logic.fill("Hi {{contact.name}}, {{ number }} {{nothing}}", { "contact.name": "Nusrat", number: "#1024" }), "Hi Nusrat, #1024 {{nothing}}");
  });
  test("a slash begins a canned reply at the start of a word only", () => {
    assert.deepEqual(logic.slashAt("/ref", 4), { from: 0, query: "ref" });
    assert.deepEqual(logic.slashAt("ধন্যবাদ /ফে", 11), { from: 8, query: "ফে" });
    assert.equal(logic.slashAt("and/or", 6), null);
    assert.equal(logic.slashAt("https://x", 9), null);
    assert.equal(logic.slashAt("/ref und", 8), null);
  });
  test("shortcuts are found before titles, titles before text, the contact's language first", () => {
    const canned = [
      { id: "1", title: "Refund", shortcut: "money", text: "…", language: "en" },
      { id: "2", title: "Other", shortcut: "/refund", text: "…", language: "en" },
      { id: "3", title: "Third", shortcut: "", text: "about a refund", language: "bn" },
      { id: "4", title: "Nothing", shortcut: "", text: "", language: "bn" },
    ];
    assert.deepEqual(logic.cannedFor(canned, "refu", "bn").map((c) => c.id), ["2", "1", "3"]);
    assert.deepEqual(logic.cannedFor(canned, "", "bn").map((c) => c.id), ["4", "3", "2", "1"]);
  });
  test("the road of an answer is named", () => {
    assert.equal(logic.roadOf(row(), { channel: "chat", recipient: "", detail: "", then: "a@b.example" }), "Chat, and a@b.example if they leave");
    assert.equal(logic.roadOf(row(), { channel: "email", recipient: "a@b.example", detail: "", then: "" }), "E-mail to a@b.example");
    assert.equal(logic.roadOf(row({ channel: "email" }), null), "No address to answer to");
  });
  test("ids need no secure page and do not repeat", () => {
    const ids = new Set(Array.from({ length: 500 }, logic.randomId));
    assert.equal(ids.size, 500);
    for (const id of ids) assert.match(id, /^[0-9a-z]{24}$/);
  });
});

describe("addresses, times and keys", () => {
  test("routes are read and written, nonsense leads home", () => {
    assert.deepEqual(logic.parseRoute("#/mine/1024"), { view: "mine", number: 1024 });
    assert.deepEqual(logic.parseRoute("#/channel:chat"), { view: "channel:chat", number: 0 });
    assert.deepEqual(logic.parseRoute("#/evil/12x"), { view: "unassigned", number: 0 });
    assert.deepEqual(logic.parseRoute(""), { view: "unassigned", number: 0 });
    assert.equal(logic.routeTo("all", 7), "#/all/7");
  });
  test("snoozing offers times to come, the week of Dhaka begins on Sunday", () => {
    for (let day = 1; day <= 7; day++) {
      for (const hour of [0, 9, 16, 17, 23]) {
        const now = new Date(2026, 10, day, hour, 20);
        for (const zone of ["Asia/Dhaka", "Europe/Berlin"]) {
          const choices = times.snoozeChoices(now, zone);
          for (const choice of choices) assert.ok(choice.at > now, `${choice.label} at ${now}`);
          const week = choices.find((choice) => choice.label === t("desk.snooze_week"));
          if (week) assert.equal(week.at.getDay(), zone === "Asia/Dhaka" ? 0 : 1);
        }
      }
    }
  });
  test("a phone number tells where the clock runs", () => {
    const contact = (value) => ({ identities: [{ id: "1", kind: "phone", value, verified: true }] });
    assert.equal(times.zoneOf(contact("+880 1711-204437"), "X"), "Asia/Dhaka");
    assert.equal(times.zoneOf(contact("+447700900123"), "X"), "Europe/London");
    assert.equal(times.zoneOf(contact("01711204437"), "X"), "X");
    assert.equal(times.clockIn("No/Where", 0), "");
  });
});

describe("live", () => {
  const lives = [];
  afterEach(() => lives.splice(0).forEach((live) => live.stop()));
  const encoder = new TextEncoder();

  /** A server whose lines the test writes and cuts. */
  function server() {
    const lines = [];
    const fetcher = async (url, init) => {
      let controller;
      const body = new ReadableStream({ start: (c) => (controller = c) });
      const line = {
        url,
        headers: init.headers,
        send: (name, data) => controller.enqueue(encoder.encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)),
        raw: (text) => controller.enqueue(encoder.encode(text)),
        cut: () => controller.close(),
      };
      init.signal.addEventListener("abort", () => {
        try {
          controller.error(new Error("aborted"));
        } catch {
          // closed already
        }
      });
      lines.push(line);
      return new Response(body);
    };
    return { lines, fetcher };
  }
  function open(fetcher) {
    const got = { events: [], hellos: [], states: [] };
    const live = new Live({
      url: (after) => `/s?after=${after}`,
      headers: () => ({ Authorization: "T" }),
      onEvent: (name, data) => got.events.push([name, data.seq ?? 0]),
      onHello: (again) => got.hellos.push(again),
      onState: (state) => got.states.push(state),
      fetch: fetcher,
    });
    lives.push(live);
    return { live, got };
  }

  test("events are cut out of any pieces", () => {
    const stream = ": ping\r\n\r\nid: 7\r\nevent: message\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\nevent: x\ndata:{}\n\nevent: empty\n\n";
    for (let cut = 1; cut < 9; cut++) {
      const events = [];
      const parser = new EventParser((event) => events.push(event));
      for (let i = 0; i < stream.length; i += cut) parser.feed(stream.slice(i, i + cut));
      assert.deepEqual(events, [{ name: "message", data: '{"a":\n1}', id: "7" }, { name: "x", data: "{}", id: "" }], `pieces of ${cut}`);
    }
  });
  test("messages come in order, each once, over reconnects that say what is known", async () => {
    const { lines, fetcher } = server();
    const { live, got } = open(fetcher);
    live.start(4);
    await until("first line", () => lines.length === 1);
    assert.equal(lines[0].url, "/s?after=4");
    assert.equal(lines[0].headers.Authorization, "T");
    lines[0].send("hello", { seq: 6 });
    for (const seq of [5, 6, 6, 5]) lines[0].send("message", { seq });
    await until("two messages", () => got.events.length === 3);
    lines[0].cut();
    await until("second line", () => lines.length === 2);
    assert.equal(lines[1].url, "/s?after=6");
    lines[1].send("hello", { seq: 8 });
    for (const seq of [6, 7, 8]) lines[1].send("message", { seq });
    await until("all", () => live.after === 8);
    assert.deepEqual(got.events, [["hello", 6], ["message", 5], ["message", 6], ["hello", 8], ["message", 7], ["message", 8]]);
    assert.deepEqual(got.hellos, [false, true]);
    assert.deepEqual(got.states, ["live", "lost", "connecting", "live"]);
  });
  test("after a reset it goes on from the server's newest and says that all must be fetched", async () => {
    const { lines, fetcher } = server();
    const { live, got } = open(fetcher);
    live.start(1);
    await until("line", () => lines.length === 1);
    lines[0].send("hello", { seq: 900 });
    lines[0].send("reset", {});
    lines[0].send("message", { seq: 901 });
    await until("message", () => live.after === 901);
    assert.deepEqual(got.hellos, [false, true]);
    lines[0].cut();
    await until("second line", () => lines.length === 2);
    lines[1].send("hello", { seq: 40 });
    lines[1].send("reset", {});
    lines[1].send("message", { seq: 41 });
    await until("a restored server's message", () => live.after === 41);
  });
  test("a refused, broken or nonsense line is tried again for ever, with growing waits", async () => {
    let asked = 0;
    const { live } = open(async () => {
      asked++;
      if (asked === 1) throw new TypeError("network");
      return new Response("busy", { status: 503 });
    });
    live.start(0);
    await until("three attempts", () => asked >= 3);
    assert.equal(live.state === "live", false);
    for (let n = 1; n < 40; n++) {
      assert.ok(backOff(n, () => 1) <= 30_000);
      assert.ok(backOff(n, () => 0) >= 250);
    }
    assert.ok(backOff(6, () => 0) > backOff(1, () => 1));
  });
  test("broken data in an event does not stop the line", async () => {
    const { lines, fetcher } = server();
    const { live, got } = open(fetcher);
    live.start(0);
    await until("line", () => lines.length === 1);
    lines[0].raw("event: message\ndata: {broken\n\n");
    lines[0].send("message", { seq: 1 });
    await until("message", () => live.after === 1);
    assert.deepEqual(got.events, [["message", 1]]);
    live.stop();
    assert.equal(lines.length, 1);
  });
  test("waking connects at once when the line is not known to be alive", async () => {
    const { lines, fetcher } = server();
    let down = true;
    const { live } = open((url, init) => (down ? Promise.reject(new TypeError("down")) : fetcher(url, init)));
    live.start(0);
    await until("lost", () => live.state === "lost");
    down = false;
    live.wake();
    await until("line", () => lines.length === 1);
    lines[0].send("hello", { seq: 0 });
    await until("live", () => live.state === "live");
    live.wake();
    assert.equal(lines.length, 1, "a line that lives is left alone");
  });
});

describe("requests", () => {
  const api = (answer) => new Api({ token: () => "T", fetch: async () => answer() });
  test("a refusal carries the server's sentence and field", async () => {
    const refuse = api(() => new Response(JSON.stringify({ status: 400, message: "No.", data: { email: { code: "x", message: "Bad address." } } }), { status: 400 }));
    await assert.rejects(refuse.get("/x"), (error) => error instanceof ApiError && error.sentence === "Bad address." && !error.passing);
  });
  test("what may pass by itself is known as such", async () => {
    const down = api(() => {
      throw new TypeError("network");
    });
    await assert.rejects(down.get("/x"), (error) => error.status === 0 && error.passing);
    const busy = api(() => new Response("<html>", { status: 503, headers: { "Retry-After": "7" } }));
    await assert.rejects(busy.get("/x"), (error) => error.passing);
    const often = api(() => new Response("{}", { status: 429, headers: { "Retry-After": "7" } }));
    await assert.rejects(often.get("/x"), (error) => error.passing && error.retryAfter === 7);
  });
  test("a refused token is reported with its value", async () => {
    let refused = "";
    const stale = new Api({ token: () => "old", onUnauthorised: (token) => (refused = token), fetch: async () => new Response("{}", { status: 401 }) });
    await assert.rejects(stale.get("/x"));
    assert.equal(refused, "old");
  });
});
