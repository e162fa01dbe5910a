package content

import (
	"strings"
	"testing"
	"time"
)

// Test list g: pages and texts made to keep a reader busy.
func TestHostileContent(t *testing.T) {
	for name, page := range map[string]string{
		"outlook borders":  strings.Repeat(`<div style="border-top:solid #E1E1E1 1pt">x</div>`, 50_000),
		"quotes in quotes": strings.Repeat(`<blockquote>`, 100_000) + "x",
		"cites":            strings.Repeat(`<blockquote type="cite">x</blockquote>`, 50_000),
		"gmail quotes":     strings.Repeat(`<div class="gmail_quote">`, 100_000) + "x",
		"attributions":     strings.Repeat("<div>On 15 Feb 2026 10:54 a@b.test wrote:</div>", 30_000),
		"lines":            strings.Repeat("a<br>", 500_000),
		"styles":           `<p style="` + strings.Repeat("margin:0 ", 300_000) + `">x`,
		"classes":          `<div class="` + strings.Repeat("gmail_quot ", 200_000) + `">x`,
		"hidden":           strings.Repeat(`<div style="display:none">`, 50_000) + "x",
		"lists":            strings.Repeat("<ul><li>", 100_000) + "x",
		"links":            strings.Repeat(`<a href="https://x.test/`+strings.Repeat("y", 250)+`">z</a>`, 8_000),
		"comment":          "<!--" + strings.Repeat("-", 2_000_000),
		"kept":             `<div style="white-space:pre">` + strings.Repeat("a\n", 500_000),
	} {
		began := time.Now()
		SplitHTMLQuote(page)
		TextOf(page)
		PageLines(page)
		if d := time.Since(began); d > 6*time.Second {
			t.Errorf("%s took %v", name, d)
		}
	}
	for name, text := range map[string]string{
		"colons":           strings.Repeat("a:\n", 4000),
		"fields":           strings.Repeat("From: a\nTo: b\n", 2000),
		"addresses":        strings.Repeat("On 1 Jan 2026 a@b.test\n", 4000),
		"rulers":           strings.Repeat("________\n", 4000),
		"one long line":    "On " + strings.Repeat("a@b.test 10:54 2026 ", 100_000) + "wrote:",
		"forward marks":    strings.Repeat("---------- Forwarded message\n", 4000),
		"original marks":   strings.Repeat("-----Original\n", 4000),
		"blank lines":      strings.Repeat("\n", 1_000_000),
		"verbs":            strings.Repeat("wrote: ", 300_000),
		"dashes":           strings.Repeat("-", 1_000_000),
		"letters of files": strings.Repeat("M1TE&.#EA%``6`,(``/___@S__YF9F3,S,P```:@```````@@@`_2026`\n", 3900),
		"ends of lines":    strings.Repeat("the lamp of 1 May 2026 10:00 that a@b.test has:\n", 3900),
		"signatures":       strings.Repeat("-- \n", 3999),
	} {
		began := time.Now()
		Split("Fwd: x", text, "")
		Split("Re: x", text, text)
		Forwarded("x", text)
		ForwardStart(strings.Split(text, "\n"), true)
		if d := time.Since(began); d > 3*time.Second {
			t.Errorf("%s took %v", name, d)
		}
	}
}
