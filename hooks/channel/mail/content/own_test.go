package content

import (
	"strings"
	"testing"
)

// Rules 46, 47, 49 and 50: nothing is lost between the two parts.
func TestOwnEndsWhereTheRestIsFolded(t *testing.T) {
	quote := "\n\nOn Mon, 16 Nov 2026 at 9:00, Shop <help@shop.test> wrote:\n> Which colour?"
	for name, c := range map[string]struct{ subject, text, page, own string }{
		"a quotation":        {"Re: x", "Blue, please." + quote, "", "Blue, please."},
		"a signature":        {"x", "Blue, please.\n\n-- \nAmina", "", "Blue, please."},
		"both":               {"Re: x", "Blue, please.\n\nSent from my iPhone" + quote, "", "Blue, please."},
		"nothing to fold":    {"x", "Blue, please.\n", "", "Blue, please.\n"},
		"a forwarded mail":   {"Fwd: x", "See this." + quote, "", "See this." + quote},
		"the page tells":     {"Re: x", "Blue, please.\n\nWhich colour?", `<p>Blue, please.</p><blockquote type="cite"><p>Which colour?</p></blockquote>`, "Blue, please."},
		"the page says else": {"Re: x", "Blue please, Which?", `<p>Red, please.</p><blockquote type="cite"><p>Which colour?</p></blockquote>`, "Blue please, Which?"},
		"only a quotation":   {"Re: x", strings.TrimSpace(quote), "", strings.TrimSpace(quote)},
		"Bangla":             {"Re: x", "নীলটা দিন।" + quote, "", "নীলটা দিন।"},
		"nothing":            {"x", "", "", ""},

		"a signature without dashes":         {"x", "Blue, please.\n\nAmina\nKhatun House", `<div>Blue, <b>please</b>.</div><div class="gmail_signature">Amina<br>Khatun House</div>`, "Blue, please."},
		"and history below it":               {"Re: x", "Blue, please.\n\nAmina\nKhatun House" + quote, `<div>Blue, please.</div><div class="gmail_signature">Amina<br>Khatun House</div><div class="gmail_quote">On Mon, 16 Nov 2026 at 9:00, Shop &lt;help@shop.test&gt; wrote:<blockquote>Which colour?</blockquote></div>`, "Blue, please."},
		"a signature that has more in text":  {"x", "Blue, please.\n\nAmina\nand a red one", `<div>Blue, please.</div><div class="gmail_signature">Amina</div>`, "Blue, please.\n\nAmina\nand a red one"},
		"a signature with words below it":    {"x", "Blue, please.\n\nAmina\n\nPS a red one too", `<div>Blue, please.</div><div class="gmail_signature">Amina</div><div>PS a red one too</div>`, "Blue, please.\n\nAmina\n\nPS a red one too"},
		"one that asks":                      {"x", "Hello\n\nAmina\nWhen does it come?", `<div>Hello</div><div id="Signature">Amina<br>When does it come?</div>`, "Hello\n\nAmina\nWhen does it come?"},
		"nothing but a signature":            {"x", "Amina", `<div class="gmail_signature">Amina</div>`, "Amina"},
		"in a mail passed on, its own stays": {"Fwd: x", "See this.\n\nAmina" + quote, `<div>See this.</div><div class="gmail_signature">Amina</div><div class="gmail_quote">On Mon, 16 Nov 2026 at 9:00, Shop &lt;help@shop.test&gt; wrote:<blockquote>Which colour?</blockquote></div>`, "See this.\n\nAmina" + quote},
		"the page, in letters":               {"Re: x", "* Blue,\n  please *\n\nWhich colour?", `<p><b>Blue, please</b></p><div class="gmail_quote">Which colour?</div>`, "* Blue,\n  please *"},
	} {
		if got := c.text[:Own(c.subject, c.text, c.page)]; got != c.own {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Rule 50, in HTML.
func TestHTMLSignatures(t *testing.T) {
	for name, c := range map[string]struct{ page, body string }{
		"Gmail":           {`<div>Blue.</div><div class="gmail_signature" data-smartmail="gmail_signature"><div>Amina</div></div>`, `<div>Blue.</div>`},
		"Thunderbird":     {`<p>Blue.</p><pre class="moz-signature">-- ` + "\n" + `Amina</pre>`, `<p>Blue.</p>`},
		"Outlook":         {`<div>Blue.</div><div id="Signature"><div>Amina</div><div>Client</div></div>`, `<div>Blue.</div>`},
		"a phone's line":  {`<div>Blue.</div><div><br></div><div>Sent from my iPhone</div>`, `<div>Blue.</div><div><br></div><div>`},
		"written below":   {`<div class="gmail_signature">Amina</div><div>Blue.</div>`, `<div class="gmail_signature">Amina</div><div>Blue.</div>`},
		"nothing else":    {`<div class="gmail_signature">Amina</div>`, `<div class="gmail_signature">Amina</div>`},
		"no signature":    {`<div>Blue.</div><div>Amina</div>`, `<div>Blue.</div><div>Amina</div>`},
		"one in the text": {`<div>See <span class="gmail_signature">Amina</span> there.</div>`, `<div>See <span class="gmail_signature">Amina</span> there.</div>`},
	} {
		body, sign := SplitHTMLSignature(c.page)
		if body != c.body || body+sign != c.page {
			t.Errorf("%s: %q and %q", name, body, sign)
		}
	}
}
