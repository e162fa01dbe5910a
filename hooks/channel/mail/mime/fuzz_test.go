package mime

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzHeader: a field read for people is one line of storable text.
func FuzzHeader(f *testing.F) {
	for _, s := range []string{"plain", "=?utf-8?B?4KaG4KY=?= =?utf-8?B?ruCmvuCmsA==?=", "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "=?utf-7?Q?+AGE-?=", "=?gb2312?B?xOO6ww==?= x", "=??Q?", "\xe0\xa6", "a\r\n b",
		"attachment; filename*0*=utf-8''%E0; filename*1=\"x\"", "<a@b> <c@d>", "Sun, 15 Feb 2026 10:30:00 +0600 (BST)"} {
		f.Add(s, "koi8-r")
	}
	f.Fuzz(func(t *testing.T, raw, charset string) {
		if s := decodeText(raw, charset); !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n\x00") || utf8.RuneCountInString(s) > maxField+1 {
			t.Errorf("%q", s)
		}
		if s := cleanText(decodeBytes([]byte(raw), charset)); !utf8.ValidString(s) || strings.ContainsAny(s, "\r\x00") {
			t.Errorf("text %q", s)
		}
		value, params := parseParams(raw)
		if strings.ContainsAny(value, ";") {
			t.Errorf("value %q", value)
		}
		for _, p := range params {
			if n := safeName(p); len(n) > maxName || strings.ContainsAny(n, "/\\\x00\n") {
				t.Errorf("name %q", n)
			}
		}
		for _, id := range parseIDs(raw) {
			if strings.ContainsAny(id, " <>\r\n\t") || len(id) > maxID {
				t.Errorf("id %q", id)
			}
		}
		parseDate(raw)
	})
}

// FuzzAddress: what comes out of an address field is an address that reads
// back as itself, and never one that only an encoded word spells.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"Rahim <r@shop.test>", `"U, R" <r@shop.test>, b@c`, "=?utf-8?q?victim?=@shop.test", "<a@b> <c@d>", "a@b (c)", "g: a@b;", "a@münchen.test", `"a@b" <c@d>`, "<>", "(((", "\"\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, a := range addresses([]string{raw}, "") {
			if a.Addr == "" {
				continue
			}
			if again := normalAddress(a.Addr); again != a.Addr {
				t.Errorf("%q is not stable: %q", a.Addr, again)
			}
			if strings.ContainsAny(a.Addr, " <>\r\n\x00,;") || strings.Count(a.Addr, "@") != 1 {
				t.Errorf("address %q", a.Addr)
			}
			if strings.ContainsAny(a.Name, "\r\n\x00") || !utf8.ValidString(a.Name) {
				t.Errorf("name %q", a.Name)
			}
		}
	})
}

// FuzzTransferSize: the size that is counted is the size that is read.
func FuzzTransferSize(f *testing.F) {
	for _, s := range []string{"", "aGVsbG8=", "aGVs bG8", "a=b==c", "====", "YQ", "Y", "a-_/+"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if n, want := transferSize(body, "base64"), len(decodeTransfer(body, "base64")); n != int64(want) {
			t.Errorf("%q: %d, want %d", body, n, want)
		}
	})
}
