// A mail's head and the files of a conversation, as the desk reads them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

// Sheets and menus fetch their styles when they are loaded; here there is no page.
globalThis.document = /** @type {any} */ ({ createElement: () => ({ set onload(f) { setTimeout(f); } }), head: { append: () => {} } });
const { decodeWords, headerFields, verdicts } = await import("../../../pb_public/desk/headers.js");
const { shownAs } = await import("../../../pb_public/desk/lightbox.js");

describe("headers", () => {
  test("folded and encoded fields are read, the body is not", () => {
    const head = "Received: from a.example\r\n\tby b.example; Sun, 22 Nov 2026\r\nSubject: =?UTF-8?B?4KaG4Kaq4Kao4Ka+4Kaw?= =?utf-8?q?_=E0=A6=AA=E0=A6=BE?=\r\nX-Empty:\r\nnot a field\r\n\r\nFrom: body@example.com\r\n";
    assert.deepEqual(headerFields(head), [
      { name: "Received", value: "from a.example by b.example; Sun, 22 Nov 2026" },
      { name: "Subject", value: "আপনার পা" },
      { name: "X-Empty", value: "" },
    ]);
    assert.equal(decodeWords("=?no-such-charset?q?x?= plain =?utf-8?b?%%%?="), "=?no-such-charset?q?x?= plain =?utf-8?b?%%%?=");
  });

  test("verdicts of others are found", () => {
    assert.deepEqual(verdicts("mx.example; spf=pass smtp.mailfrom=a@b.example; dkim=FAIL (bad); dmarc = none"), [{ name: "SPF", result: "pass" }, { name: "DKIM", result: "fail" }, { name: "DMARC", result: "none" }]);
    assert.deepEqual(verdicts("mx.example; none"), []);
  });
});

describe("files", () => {
  test("what a browser shows safely is shown, everything else is a download", () => {
    const file = (type, more = {}) => ({ name: "f", url: "/api/files/m/1/f", size: 1, type, image: false, width: 0, height: 0, ...more });
    for (const [type, want] of [["application/pdf", "pdf"], ["audio/ogg", "audio"], ["video/mp4", "video"], ["text/plain", "text"], ["text/html", ""], ["image/svg+xml", ""], ["application/zip", ""], ["text/javascript", ""]]) assert.equal(shownAs(file(type)), want, type);
    assert.equal(shownAs(file("image/png", { image: true })), "image");
    assert.equal(shownAs(file("application/pdf", { url: "" })), "");
  });
});
