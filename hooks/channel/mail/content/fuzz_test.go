package content

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzSplit: nothing of a text is lost when it is folded, and something is
// always visible (rule 49).
func FuzzSplit(f *testing.F) {
	for _, s := range []string{"Yes\n\nOn Sun, 15 Feb 2026 at 10:54, A <a@b.test> wrote:\n> x\n", "a\n\n-----Original Message-----\nFrom: x@y\nSent: z\nSubject: q\n\nb", "হ্যাঁ\n\nরবি, ১৫ ফেব, ২০২৬ তারিখে ১:৫৪ AM টায় তারিখে A <\na@b> লিখেছেন:\n> x",
		"> a\nb\n> c", "x\n-- \ny", "a\nSent from my iPhone", "---------- Forwarded message ---------\nFrom: a@b\nDate: x\nSubject: y\n\nz", "________\nFrom: a\nDate: b\nSubject: c", "\u202bבתאריך 15 2026 10:54 <a@b>:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "")
		began := time.Now()
		visible, quoted := SplitQuote(text)
		body, sign := SplitSignature(visible)
		if !blankText(text) && (blankText(visible) || blankText(body)) {
			t.Errorf("nothing visible of %q", text)
		}
		bare := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if bare(visible+quoted) != bare(text) || bare(body+sign) != bare(visible) {
			t.Errorf("%q became %q, %q and %q", text, body, sign, quoted)
		}
		Forwarded("Fwd: x", text)
		lines := strings.Split(text, "\n")
		if mark, head, ok := ForwardStart(lines, true); ok && (mark > head || head >= len(lines)) {
			t.Errorf("forwarded from %d, fields at %d of %d", mark, head, len(lines))
		}
		if d := time.Since(began); d > 10*time.Second { // a busy machine stalls for seconds
			t.Errorf("took %v", d)
		}
	})
}

// FuzzPage: a page's lines lie in order in it, and its text can be stored.
func FuzzPage(f *testing.F) {
	for _, s := range []string{`<p>a</p><blockquote type="cite">b</blockquote>`, `<div>a<div class="gmail_quote">On 1 Jan 2026 x@y wrote:<br>`, `<p style="margin:0">a</p><p hidden>b`, `<td>a<td>b<style>c`, `<a href="https://x.test">y</a>`, `<div style="white-space:pre">a` + "\n" + `b</div>`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, page string) {
		page = strings.ToValidUTF8(page, "")
		if s := TextOf(page); !utf8.ValidString(s) {
			t.Errorf("text %q", s)
		}
		last := 0
		for _, l := range PageLines(page) {
			if l.At < last || l.At > len(page) {
				t.Errorf("a line at %d after %d of %d", l.At, last, len(page))
			}
			last = l.At
		}
		if v, q := SplitHTMLQuote(page); v+q != page {
			t.Errorf("the parts of %q are not the page", page)
		}
	})
}
