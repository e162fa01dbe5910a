package content

import (
	"strings"
	"testing"
	"time"
)

func TestTextOfReadsWell(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"paragraphs", `<p>Hello,</p><p>where is my <b>parcel</b>?</p>`, "Hello,\n\nwhere is my parcel?"},
		{"divs and breaks", `<div>one</div><div><br></div><div>two<br>three</div>`, "one\n\ntwo\nthree"},
		{"words stay apart", "<span>My</span> <span>order</span>\n is <i>late</i>.", "My order is late."},
		{"no blank before a full stop", `<b>late</b>.`, "late."},
		{"list", `<ul><li>red</li><li>blue</li></ul><ol><li>a</li><li>b</li></ol>`, "- red\n- blue\n\n1. a\n2. b"},
		{"link", `see <a href="https://shop.test/o/1">your order</a>, please`, "see your order <https://shop.test/o/1>, please"},
		{"link that is its own text", `<a href="https://shop.test/">shop.test</a>`, "shop.test"},
		{"quote", `<p>yes</p><blockquote><p>did it come?</p><p>thanks</p></blockquote>`, "yes\n\n> did it come?\n>\n> thanks"},
		{"table", `<table><tr><td>Item</td><td>2</td></tr><tr><td>Total</td><td>৳500</td></tr></table>`, "Item 2\nTotal ৳500"},
		{"style, script, title", `<head><title>x</title><style>p{color:red}</style><body><script>alert(1)</script>hi`, "hi"},
		{"hidden preview line", `<div style="display:none">preview<p>more</div><p>body</p>`, "body"},
		{"hidden unclosed paragraph", `<p style="display:none">preview<p>body`, "body"},
		{"pre", "<pre>a\n  b</pre>", "a\n  b"},
		{"entities", `Tom &amp; Jerry&nbsp;&lt;3`, "Tom & Jerry <3"},
		{"bangla", `<p>আমার <b>পার্সেল</b> কোথায়?</p>`, "আমার পার্সেল কোথায়?"},
		{"picture", `<img src="cid:1" alt="broken cup">`, "[broken cup]"},
		{"empty", `<p> </p><br>`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := TextOf(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func resolve(cid string) string {
	if cid == "logo@x" {
		return "/api/files/m/1/logo.png"
	}
	return ""
}

// Rules 51 and 53.
func TestSafeHTMLKeepsWritingAndDropsTheRest(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"text", `<p align="center">Hi <b>you</b></p>`, `<p align="center">Hi <b>you</b></p>`},
		{"script", `<script>alert(1)</script>a`, `a`},
		{"handler", `<p onclick="x()">a</p>`, `<p>a</p>`},
		{"style element", `<style>@import url(http://e.test)</style>a`, `a`},
		{"style url", `<p style="background:url(http://e.test/x);color:red">a</p>`, `<p style="color: red">a</p>`},
		{"position", `<div style="position:fixed;top:0">a</div>`, `<div>a</div>`},
		{"form", `<form action="http://e.test"><input name="p"><button>go</button></form>a`, `goa`},
		{"frame", `<iframe src="http://e.test"></iframe><object data="x"></object><embed src="x">a`, `a`},
		{"base and meta", `<base href="http://e.test"><meta http-equiv="refresh" content="0;url=http://e.test">a`, `a`},
		{"javascript link", `<a href="javascript:alert(1)">a</a>`, `a`},
		{"relative link", `<a href="/api/desk">a</a>`, `a`},
		{"protocol-relative link", `<a href="//e.test/x">a</a>`, `a`},
		{"data link", `<a href="data:text/html,x">a</a>`, `a`},
		{"link", `<a href="https://shop.test/a?b=1&amp;c=2" target="_top">order</a>`,
			`<a href="https://shop.test/a?b=1&amp;c=2" title="https://shop.test/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer nofollow">order</a>`},
		{"link that lies", `<a href="https://evil.test/login">www.bank.test</a>`,
			`<a href="https://evil.test/login" title="https://evil.test/login" target="_blank" rel="noopener noreferrer nofollow">www.bank.test</a> <small class="real-host">[evil.test]</small>`},
		{"inline picture", `<img src="cid:logo@x" width="40" alt="l" onerror="x()">`,
			`<img src="/api/files/m/1/logo.png" alt="l" loading="lazy" referrerpolicy="no-referrer" width="40">`},
		{"inline picture, encoded id", `<img src="cid:logo%40x">`, `<img src="/api/files/m/1/logo.png" alt="" loading="lazy" referrerpolicy="no-referrer">`},
		{"unknown cid", `<img src="cid:gone" alt="cup">`, `<span class="no-image">[cup]</span>`},
		{"data picture", `<img src="data:image/svg+xml;base64,PHN2Zz4=">a`, `a`},
		{"srcset", `<img srcset="http://e.test/1 1x" src="cid:gone">`, `<span class="no-image">[]</span>`},
		{"tracking pixel", `<img src="http://e.test/t.gif" width="1" height="1">a`, `a`},
		{"svg", `<svg onload="x()"><a href="javascript:x()">b</a></svg>a`, `ba`},
		{"comment", `<!-- <script>x</script> -->a<!--[if mso]>b<![endif]-->`, `a`},
		{"unbalanced", `<div><p>a</div></div></td>b<b>c`, `<div><p>a</p></div>b<b>c</b>`},
		{"table", `<table width="100%" background="http://e.test/x"><tr><td colspan="2" bgcolor="#fff">a</td></tr></table>`,
			`<table width="100%"><tr><td colspan="2" bgcolor="#fff">a</td></tr></table>`},
		{"unknown element", `<o:p>a</o:p><custom-x>b</custom-x>`, `ab`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := SafeHTML(tt.in, resolve, false)
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// Rule 52.
func TestRemotePicturesLoadOnlyWhenAsked(t *testing.T) {
	page := `<img src="https://e.test/a.png"><img src="http://e.test/b.png"><img src="//e.test/c.png">`
	safe, blocked := SafeHTML(page, nil, false)
	if strings.Contains(safe, "e.test") || blocked != 2 {
		t.Errorf("blocked %d: %s", blocked, safe)
	}
	safe, blocked = SafeHTML(page, nil, true)
	if strings.Count(safe, `src="http`) != 2 || blocked != 0 {
		t.Errorf("asked for: blocked %d: %s", blocked, safe)
	}
}

// A second opinion on whatever the table does not list: no probe leaves
// anything that runs, loads or leads back into the desk.
func TestSafeHTMLProbes(t *testing.T) {
	probes := []string{
		`<img src=x onerror=alert(1)>`, `<svg/onload=alert(1)>`, `<math><mi//xlink:href="data:x,<script>alert(4)</script>">`,
		`<a href=" javascript:alert(1)">x</a>`, `<a href="java&#115;cript:alert(1)">x</a>`, "<a href=\"java\tscript:alert(1)\">x</a>",
		`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<style><img src="</style><img src=x onerror=alert(1)//">`,
		`<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>`, `<title><a id="</title><img src=x onerror=alert(1)>">`,
		`<p style="background-image:url('http://e.test/x')">`, `<p style="color:expression(alert(1))">`, `<p style="color:red;behavior:url(x)">`,
		`<link rel=stylesheet href=http://e.test/x.css>`, `<video poster=http://e.test/x><source src=http://e.test/y></video>`,
		`<audio src=http://e.test/x autoplay>`, `<table background=http://e.test/x>`, `<body background=http://e.test/x onload=alert(1)>`,
		`<input type=image src=http://e.test/x>`, `<isindex action=javascript:alert(1)>`, `<details open ontoggle=alert(1)>`,
		`<img src="cid:logo@x" style="width:1px" onload=alert(1)>`, `<template><script>alert(1)</script></template>`,
		`<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`, `<a href="https://x.test" onmouseover=alert(1)>x</a>`,
		`<<script>alert(1)//<</script>`, `<img """><script>alert(1)</script>">`, `<p id=app class=modal name=body>x</p>`,
		`<a href="mailto:x@y.test?subject=a" style="position:absolute">m</a>`, `<meta charset=utf-7>+ADw-script+AD4-`,
	}
	for _, probe := range probes {
		safe, _ := SafeHTML(probe, resolve, false)
		low := strings.ToLower(safe)
		for _, bad := range []string{"<script", "onerror=", "onload=", "onclick", "onmouse", "ontoggle", "javascript:", "url(", "expression", "<style", "<svg", "<link",
			"<form", "<input", "<video", "<audio", "e.test", "position", "behavior", " id=", "<meta", "<math", "background="} {
			// Escaped text is only text.
			if strings.Contains(strings.ReplaceAll(low, "&#34;", `"`), bad) && strings.Contains(low, bad) && !strings.Contains(low, "&lt;"+strings.TrimPrefix(bad, "<")) {
				if !onlyInText(low, bad) {
					t.Errorf("%s\nleaves %q in %s", probe, bad, safe)
				}
			}
		}
	}
}

// onlyInText is true when every occurrence of bad is outside of tags.
func onlyInText(page, bad string) bool {
	for rest := page; ; {
		i := strings.IndexByte(rest, '<')
		if i < 0 {
			return true
		}
		j := strings.IndexByte(rest[i:], '>')
		if j < 0 || strings.Contains(rest[i:i+j+1], bad) {
			return false
		}
		rest = rest[i+j+1:]
	}
}

// Hostile sizes: what is linear takes a fraction of a second here; what is
// quadratic would take minutes. The limit leaves room for the race detector on
// a busy machine.
func TestSafeHTMLIsLinear(t *testing.T) {
	for name, page := range map[string]string{
		"nested":       strings.Repeat("<div>", 200_000),
		"closing":      strings.Repeat("</div>", 200_000),
		"alternating":  strings.Repeat("<b><i></b>", 100_000),
		"links":        strings.Repeat(`<a href="https://a.test">b.test`, 20_000),
		"styled cells": strings.Repeat(`<td style="color:red;font-weight:bold">x</td>`, 10_000),
		"open bracket": strings.Repeat("<", 1_000_000),
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			SafeHTML(page, nil, false)
			TextOf(page)
			SplitHTMLQuote(page)
			if d := time.Since(began); d > 20*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

func FuzzSafeHTML(f *testing.F) {
	for _, s := range []string{`<p>a</p>`, `<img src="cid:logo@x">`, `<a href="http://x.test">y.test</a>`, `</b><i><b></i>`, `<svg><style><img src=x onerror=y>`, `<p style="color:red">`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, page string) {
		safe, _ := SafeHTML(page, resolve, false)
		again, _ := SafeHTML(safe, func(string) string { return "" }, false)
		_ = again
		if strings.Contains(strings.ToLower(safe), "<script") {
			t.Errorf("script left in %q", safe)
		}
		TextOf(page)
		if v, q := SplitHTMLQuote(page); v+q != page {
			t.Errorf("the parts of %q are not the page", page)
		}
		v, q := SplitQuote(page)
		if strings.TrimSpace(page) != "" && strings.TrimSpace(v) == "" {
			t.Errorf("nothing visible of %q (quoted %q)", page, q)
		}
	})
}

// What the pages of real programs look like inside.
func TestTextOfKnowsMailPrograms(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"outlook's lines stay together", `<p class="MsoNormal">Dear all,<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">one</p><p class="MsoNormal">two</p>`, "Dear all,\n\none\ntwo"},
		{"paragraphs without margin", `<p style="margin:0">a</p><p style="margin: 0px;">b</p><p>c</p>`, "a\nb\n\nc"},
		{"kept line breaks", "<div style=\"white-space:pre-wrap\">one\ntwo\n\nthree</div><div>four</div>", "one\ntwo\n\nthree\nfour"},
		{"preview line pushed away", `<div style="max-height:0;overflow:hidden">peek</div><div>&#847;&zwnj;&nbsp;&#8199;&zwnj;&nbsp;</div><p>Body</p>`, "Body"},
		{"hidden attribute", `<p hidden>no</p><p>yes</p>`, "yes"},
		{"everything hidden is shown", `<div style="display:none"><p>only this</p>`, "only this"},
		{"an svg never closed", `<p>a</p><svg><p>b`, "a"},
		{"only an svg", `<svg><p>b`, "b"},
		{"joiners in words", `<p>ক্&zwj;ষ</p>`, "ক্\u200dষ"},
		{"emoji as a picture", `<p>ok <img alt="👍" src="x"></p>`, "ok 👍"},
		{"safe links", `<a href="https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fshop.test%2Fo%2F1&amp;data=x">order</a>`, "order <https://shop.test/o/1>"},
		{"conditional comments", `<!--[if mso]><p>mso</p><![endif]--><![if !mso]><p>others</p><![endif]>`, "others"},
		{"word's list", `<p class="MsoListParagraph"><![if !supportLists]><span style="font-family:Symbol">·<span>&nbsp; </span></span><![endif]>cup</p>`, "· cup"},
		{"table in a table", `<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td></tr><tr><td>c</td></tr></table>`, "a b\n\nc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := TextOf(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
