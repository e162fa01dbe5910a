// Formatted text: the desk reads and writes it as the server does (hooks/rich/testdata/cases.json is both sides').
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import { fromText, isPlain, linkOf, linkTyped, parse, pictures, richMarkup, toHtml, toLines, toText } from "../../../pb_public/desk/rich.js";

const cases = JSON.parse(readFileSync(new URL("../../rich/testdata/cases.json", import.meta.url), "utf8"));

describe("formatted text", () => {
  test("what the server writes is read and written the same, and says the same", () => {
    assert.ok(cases.length > 10);
    for (const { name, clean, text } of cases) {
      assert.equal(toHtml(parse(clean)), clean, name);
      assert.equal(toText(parse(clean)), text, name);
    }
  });

  test("what stands in the composer is read back as it was", () => {
    for (const { name, clean } of cases.filter((c) => !/<img|<pre/.test(c.clean))) assert.equal(toHtml(parse(toLines(parse(clean)))), clean, name);
  });

  test("a line of the composer is a line, an empty one parts paragraphs", () => {
    assert.equal(toHtml(parse("এক<div>দুই</div><div><br></div><div>তিন</div>")), "<p>এক<br>দুই</p><p>তিন</p>");
    assert.equal(toHtml(parse("<div>a</div><ul><li>b</li></ul><div>c</div>")), "<p>a</p><ul><li>b</li></ul><p>c</p>");
    assert.equal(toText(parse("<div><b>a</b></div><div>b<br></div><div>c</div>")), "a\nb\nc");
  });

  test("plain text becomes a document and the same text again", () => {
    for (const text of ["one", "এক\nদুই\n\nতিন", "Send:\n\n- a\n- b\n\n1. x\n2. y\n\nbye", "> you wrote\n>\n> this\n\nyes", "2. not a list\n3. at all", "a - b\n- c", "-- \nname".replace("-- \n", "--\n"), "5 < 6 & \"7\"", ">", "1. alone"]) {
      const again = toText(fromText(text));
      assert.equal(toText(fromText(again)), again, text);
      if (text !== ">" && text !== "a - b\n- c") assert.equal(again, text);
    }
    assert.equal(toHtml(fromText("see\n- a\n- b")), "<p>see</p><ul><li>a</li><li>b</li></ul>");
    assert.ok(isPlain(fromText("one\ntwo\n\nthree")));
    assert.ok(!isPlain(fromText("- one")));
  });

  test("nothing runs, whatever is in it", () => {
    for (const bad of ['<img src=x onerror=alert(1)>', '<a href="javascript:alert(1)">x</a>', "<script>alert(1)</script>", '<p onclick="x()">a</p>', '<svg><a href="https://a.example/"><b>x', '<a href="https://a.example/" onmouseover="x">y</a>', '<p title="><img src=x onerror=alert(1)>">z</p>', "<<img src=x onerror=alert(1)>>", '<a href="https://a.example/&#34; onclick=&#34;x">q</a>']) {
      const shown = richMarkup(bad, []).text;
      assert.ok(!/<script|<svg|javascript:/i.test(shown), shown);
      for (const [tag] of shown.matchAll(/<[^>]*>/g)) assert.ok(!/\son\w+\s*=/.test(tag.replace(/"[^"]*"/g, '""')), shown);
    }
  });

  test("pictures are those of the message", () => {
    const doc = '<p>see <img src="cid:p1" alt="a&#34;b.png"> and <img src="cid:p2" alt="gone.png"></p>';
    const shown = richMarkup(doc, [{ name: "a.png", url: "/api/files/m/1/a.png?e=1&k=2", size: 1, type: "image/png", image: true, width: 4, height: 3, cid: "p1" }]).text;
    assert.match(shown, /src="\/api\/files\/m\/1\/a.png\?e=1&amp;k=2" alt="a&#34;b.png"/);
    assert.match(shown, /\[gone.png\]/);
    assert.deepEqual(pictures(parse(doc)), ["p1", "p2"]);
  });

  test("links are what can be followed, typed as people type them", () => {
    for (const good of ["https://shop.example/a?b=c#d", "http://x.example", "mailto:a@b.example", "tel:+8801711111111"]) assert.equal(linkOf(good), good);
    for (const bad of ["javascript:alert(1)", "data:text/html,x", "//x.example", "https://", "https://u:p@x.example/", "https://x .example", "file:///etc/passwd", "mailto:"]) assert.equal(linkOf(bad), "", bad);
    assert.equal(linkTyped("shop.example/cart"), "https://shop.example/cart");
    assert.equal(linkTyped("me@shop.example"), "mailto:me@shop.example");
    assert.equal(linkTyped("+880 1711-111111"), "tel:+8801711111111");
    assert.equal(linkTyped("javascript:alert(1)"), "");
    assert.equal(linkTyped("no address"), "");
  });
});
