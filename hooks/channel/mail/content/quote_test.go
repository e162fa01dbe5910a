package content

import (
	"strings"
	"testing"
	"time"
)

// Rules 46 to 49: forms of quoted history as mailers write them.
func TestSplitQuoteFindsTheHistory(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"gmail", "It came, thanks!\n\nOn Sun, 15 Feb 2026 at 10:54, Shohay Shop <help@shop.test> wrote:\n\n> Has it come?\n> Ayesha\n", "It came, thanks!"},
		{"gmail wrapped", "Yes.\n\nOn Sun, 15 Feb 2026 at 10:54, A Very Long Shop Name Indeed <\nhelp@shop.test> wrote:\n\n> Has it come?", "Yes."},
		{"gmail without marks", "Yes.\n\nOn Feb 15, 2026, Ayesha wrote:\nHas it come?", "Yes."},
		{"apple", "Blue please\n\n> On 15 Feb 2026, at 10:54, Help <help@shop.test> wrote:\n> \n> Which colour?", "Blue please"},
		{"iphone", "Blue please\n\nSent from my iPhone\n\n> On 15 Feb 2026, at 10:54, Help <help@shop.test> wrote:\n> \n> Which colour?", "Blue please\n\nSent from my iPhone"},
		{"outlook", "Thank you.\n\n-----Original Message-----\nFrom: Help <help@shop.test>\nSent: Sunday, 15 February 2026 10:54\nTo: Rahim\nSubject: Re: parcel\n\nHas it come?", "Thank you."},
		{"outlook new", "Thank you.\n\n________________________________\nFrom: Help <help@shop.test>\nSent: Sunday, 15 February 2026 10:54\nTo: Rahim\nSubject: Re: parcel\n\nHas it come?", "Thank you."},
		{"outlook bare fields", "Thank you.\n\nFrom: Help <help@shop.test>\nDate: Sunday, 15 February 2026\nTo: Rahim\nSubject: parcel\n\nHas it come?", "Thank you."},
		{"outlook bold fields", "Thank you.\n\n*From:* Help <help@shop.test>\n*Sent:* Sunday\n*To:* Rahim\n*Subject:* parcel\n\nHas it come?", "Thank you."},
		{"outlook german", "Danke.\n\nVon: Help <help@shop.test>\nGesendet: Sonntag, 15. Februar 2026\nAn: Rahim\nBetreff: parcel\n\nIst es da?", "Danke."},
		{"german", "Danke.\n\nAm 15.02.2026 um 10:54 schrieb Help <help@shop.test>:\n\n> Ist es da?", "Danke."},
		{"french", "Merci\n\nLe dim. 15 févr. 2026 à 10:54, Help <help@shop.test> a écrit :\n\n> Bien reçu ?", "Merci"},
		{"spanish", "Gracias\n\nEl dom, 15 feb 2026 a las 10:54, Help (<help@shop.test>) escribió:\n\n> ¿Llegó?", "Gracias"},
		{"bangla gmail", "হ্যাঁ, পেয়েছি।\n\nরবি, ১৫ ফেব, ২০২৬ তারিখে ১:৫৪ AM টায় তারিখে সহায় দোকান <\nhelp@shop.test> লিখেছেন:\n\n> পেয়েছেন?", "হ্যাঁ, পেয়েছি।"},
		{"bangla gmail, verb alone", "হ্যাঁ।\n\nরবি, ১৫ ফেব, ২০২৬ তারিখে ১:৫৪ AM টায় তারিখে সহায় <help@shop.test>\nলিখেছেন:\n\n> পেয়েছেন?", "হ্যাঁ।"},
		{"bangla thunderbird", "ধন্যবাদ\n\n-------- মূল বার্তা --------\nবিষয়: পার্সেল\nপেয়েছেন?", "ধন্যবাদ"},
		{"only marks", "No, not yet\n\n> Has it come?\n> Ayesha", "No, not yet"},
		{"our marker", "No, not yet\n\n" + Marker + "\n\nHas it come?", "No, not yet"},
		{"attribution above our marker", "No.\n\nOn Sun, 15 Feb 2026, Help <help@shop.test> wrote:\n> " + Marker + "\n> Has it come?", "No."},
		{"signature below the quote", "Yes\n\nOn 15 Feb 2026 Help <help@shop.test> wrote:\n> Has it come?\n\n-- \nRahim\nDhaka", "Yes"},
		{"no subject line needed", "ok\n\nOn 2/15/26, 10:54 AM, help@shop.test wrote:\n> x", "ok"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			visible, quoted := SplitQuote(tt.text)
			if visible != tt.want {
				t.Errorf("visible %q, want %q", visible, tt.want)
			}
			if quoted == "" || !strings.HasSuffix(strings.TrimRight(tt.text, "\n"), strings.TrimRight(quoted, "\n")) {
				t.Errorf("the rest is not the history: %q", quoted)
			}
		})
	}
}

// Rules 48 and 49: what must never be folded away.
func TestSplitQuoteShowsEverythingWhenInDoubt(t *testing.T) {
	for _, tt := range []struct{ name, text string }{
		{"plain", "Where is my parcel?\nIt was due on Monday."},
		{"forwarded", "See below\n\n---------- Forwarded message ---------\nFrom: Help <help@shop.test>\nDate: Sun\nSubject: parcel\nTo: me\n\nHas it come?"},
		{"forwarded by apple", "Begin forwarded message:\n\nFrom: Help <help@shop.test>\nSubject: parcel\nDate: Sun\n\nHas it come?"},
		{"answers between", "On 15 Feb 2026 Help <help@shop.test> wrote:\n> Which colour?\nBlue\n> Which size?\nLarge"},
		{"answers between, greeting first", "Hi,\n\nOn 15 Feb 2026 Help <help@shop.test> wrote:\n> Which colour?\n\nBlue\n\n> Which size?\n\nLarge"},
		{"answer below", "On 15 Feb 2026 Help <help@shop.test> wrote:\n> Which colour?\n\nBlue please"},
		{"marks, answer below", "> Which colour?\n\nBlue please"},
		{"nothing above", "On 15 Feb 2026 Help <help@shop.test> wrote:\n> Which colour?"},
		{"bangla sentence", "আপনি লিখেছেন: পার্সেল আজ আসবে। কিন্তু আসেনি।"},
		{"bangla sentence at a line's end", "গতকাল আপনি লিখেছেন:\nপার্সেল আজ আসবে।"},
		{"a sentence that ends in wrote", "My brother wrote:\nplease send two."},
		{"address lines of an order", "To: 12 Lake Road, Dhaka\nFrom the shop I want two cups."},
		{"two field-like lines", "From: Dhaka\nTo: Khulna\nhow much is the delivery?"},
		{"empty", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			visible, quoted := SplitQuote(tt.text)
			if visible != tt.text || quoted != "" {
				t.Errorf("visible %q\nquoted %q", visible, quoted)
			}
		})
	}
}

func TestSplitQuoteIsLinear(t *testing.T) {
	for name, text := range map[string]string{
		"on":     strings.Repeat("On ", 400_000),
		"lines":  strings.Repeat("On Monday 1 @\n", 4000),
		"quotes": strings.Repeat("> From: a\n", 4000),
		"long":   strings.Repeat("লিখেছেন ", 100_000),
	} {
		began := time.Now()
		SplitQuote(text)
		if d := time.Since(began); d > 2*time.Second {
			t.Errorf("%s took %v", name, d)
		}
	}
}

// Rule 50.
func TestSplitSignature(t *testing.T) {
	for _, tt := range []struct{ text, body string }{
		{"Hello\n\n-- \nRahim\nDhaka", "Hello"},
		{"Hello\n\nSent from my iPhone", "Hello"},
		{"-- \nRahim", "-- \nRahim"},
		{"a -- b", "a -- b"},
	} {
		if body, _ := SplitSignature(tt.text); body != tt.body {
			t.Errorf("%q: %q, want %q", tt.text, body, tt.body)
		}
	}
}

// Rule 46: the marks of mail programs in HTML.
func TestSplitHTMLQuote(t *testing.T) {
	for _, tt := range []struct{ name, page, want string }{
		{"gmail", `<div dir="ltr">It came</div><br><div class="gmail_quote"><div class="gmail_attr">On Sun wrote:<br></div><blockquote>Has it?</blockquote></div>`, "It came"},
		{"apple", `<div>Blue</div><div><br><blockquote type="cite"><div>On Sun</div>Which?</blockquote></div>`, "Blue"},
		{"outlook web", `<div>Thanks</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Help</div><div>Has it?</div>`, "Thanks"},
		{"outlook", `<p>Thanks</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3pt"><p><b>From:</b> Help &lt;h@x&gt;<br><b>Sent:</b> Sunday<br><b>To:</b> me<br><b>Subject:</b> parcel</p></div><p>Has it?</p>`, "Thanks"},
		{"thunderbird", `<p>Yes</p><div class="moz-cite-prefix">On Sun wrote:</div><blockquote type="cite">Has it?</blockquote>`, "Yes"},
		{"ours", `<p>Yes</p><div class="shohay_quote"><p>wrote</p><blockquote type="cite">Has it?</blockquote></div>`, "Yes"},
		{"yahoo", `<div>Yes</div><div id="ydp1" class="yahoo_quoted"><div>On Sun wrote:</div></div>`, "Yes"},

		{"answer below", `<blockquote type="cite">Which?</blockquote><div>Blue</div>`, "> Which?\n\nBlue"},
		{"answers between", `<div>Hi</div><blockquote type="cite">Which?</blockquote><div>Blue</div><blockquote type="cite">Size?</blockquote><div>L</div>`, "Hi\n\n> Which?\n\nBlue\n\n> Size?\n\nL"},
		{"nothing above", `<div class="gmail_quote">all</div>`, "all"},
		{"forwarded by gmail", `<div>see</div><div>---------- Forwarded message ---------</div><div class="gmail_quote">all</div>`, "see\n---------- Forwarded message ---------\nall"},
		{"forwarded by gmail, as it is", `<div>see</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: x</div>all</div>`, "see\n---------- Forwarded message ---------\nFrom: x\nall"},
		{"a plain border", `<p>Table</p><div style="border-top:solid #E1E1E1 1pt">more</div>`, "Table\n\nmore"},
		{"no quote", `<p>hello</p>`, "hello"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			visible, quoted := SplitHTMLQuote(tt.page)
			if got := TextOf(visible); got != tt.want {
				t.Errorf("visible %q, want %q", got, tt.want)
			}
			if visible+quoted != tt.page {
				t.Error("the parts are not the page")
			}
		})
	}
}

// A link that a mailer broke off a quoted line is no answer to it (rule 49).
func TestBrokenLinksInQuotedLines(t *testing.T) {
	head := "Blue, please.\n\nOn Monday, 24 September, 2012 at 3:46 PM, Shop wrote:\n\n"
	for name, c := range map[string]struct {
		below string
		cut   bool
	}{
		"its rest in brackets":   {"> Which colour?\n> See (http://shop.test/colours\n_page=3)\n>\n> Bye", true},
		"at the end of the mail": {"> Which colour?\n> See <http://shop.test/colours\n_page=3>", true},
		"the mark at its end":    {"> Which colour?\n>\n (http://shop.test/colours) >\n> Bye", true},
		"an answer below a link": {"> Which colour?\n> See http://shop.test/colours\nblue\n> Bye", false},
		"a link as an answer":    {"> Which colour?\n> See (http://shop.test/colours)\n(http://my.test/blue)\n> Bye", false},
		"a word in brackets":     {"> Which colour (see there)?\n(blue)\n> Bye", false},
		"more than the link":     {"> Which colour?\n> See (http://shop.test/colours\nI take the blue one :)\n> Bye", false},
	} {
		visible, _ := SplitQuote(head + c.below)
		if (visible == "Blue, please.") != c.cut {
			t.Errorf("%s: %q", name, visible)
		}
	}
}
