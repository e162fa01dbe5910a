package letter

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/i18n"
)

func TestMain(m *testing.M) {
	texts, err := i18n.Load(os.DirFS("../../../../pb_public"))
	if err != nil {
		panic(err)
	}
	i18n.Use(texts)
	os.Exit(m.Run())
}

func TestSubjectLine(t *testing.T) { // rule 19
	for _, tt := range []struct {
		subject string
		answers bool
		want    string
	}{
		{"parcel", true, "Re: parcel [#1024]"},
		{"parcel", false, "parcel [#1024]"},
		{"RE: Re[2]: AW: Fwd: parcel [#1024]", true, "Re: parcel [#1024]"},
		{"উত্তর: পার্সেল [#১০২৪]", true, "Re: পার্সেল [#1024]"},
		{"Re: [#7] [#1024]", true, "Re: Your question to Shop [#1024]"},
		{"", false, "Your question to Shop [#1024]"},
		{"Recall: not a prefix", true, "Re: Recall: not a prefix [#1024]"},
		{strings.Repeat("x", 500), true, "Re: " + strings.Repeat("x", 200) + " [#1024]"},
	} {
		if got := Subject(tt.subject, 1024, "Shop", "en", tt.answers); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.subject, got, tt.want)
		}
	}
}

func TestReferencesStayShort(t *testing.T) { // rule 20
	var ids []string
	for i := range 100 {
		ids = append(ids, fmt.Sprintf("%c%d@x.test", "io"[i%2], i))
	}
	ids = append(ids, "i with blank@x.test", strings.Repeat("i", 300)+"@x.test", "i-no-domain")
	var lines []Line
	for _, id := range ids {
		lines = append(lines, Line{Incoming: id[0] == 'i', ID: id})
	}
	reply, refs := Thread(lines)
	if reply != "i98@x.test" || len(refs) != 21 || refs[0] != "i0@x.test" || refs[20] != "o99@x.test" {
		t.Errorf("reply to %s, references %v", reply, refs)
	}
	var long []string
	for i := range 60 {
		long = append(long, fmt.Sprintf("%s%d@x.test", strings.Repeat("l", 200), i))
	}
	field := FoldIDs(long)
	if len(field) > 8<<10 || !strings.HasPrefix(field, "<"+long[0]+">") || !strings.HasSuffix(field, "<"+long[59]+">") {
		t.Errorf("a field of %d bytes", len(field))
	}
}

func TestParagraphs(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"a\nb\n\nc", "<p>a<br>\r\nb</p>\r\n<p>c</p>\r\n"},
		{"<script>", "<p>&lt;script&gt;</p>\r\n"},
		{"see https://shop.test/a.", `<p>see <a href="https://shop.test/a">https://shop.test/a</a>.</p>` + "\r\n"},
		{`https://shop.test/"onclick="x`, `<p><a href="https://shop.test/">https://shop.test/</a>&#34;onclick=&#34;x</p>` + "\r\n"},
		{"**not bold** - {shop}", "<p>**not bold** - {shop}</p>\r\n"},
	} {
		got := strings.ReplaceAll(htmlOf(literal(tt.text)), ` dir="auto" style="`+textStyle+`"`, "")
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestTheOwnersWords(t *testing.T) {
	values := Values{"shop": "A **shop** & {number}", "number": "7", "empty": ""}
	blocks := map[string][]block{"text": literal("said **so**\n\ntwice")}
	for _, tt := range []struct{ body, html, plain string }{
		{"Hello from {shop}", "<p>Hello from A **shop** &amp; {number}</p>\r\n", "Hello from A **shop** & {number}\r\n"},
		{"No **{number}** here", "<p>No <strong>7</strong> here</p>\r\n", "No 7 here\r\n"},
		{"open ** stars", "<p>open ** stars</p>\r\n", "open ** stars\r\n"},
		{"{unknown}", "<p>{unknown}</p>\r\n", "{unknown}\r\n"},
		{"a\n\n{empty}\n\nb", "<p>a</p>\r\n<p>b</p>\r\n", "a\r\n\r\nb\r\n"},
		{"{text}\n\nbye", "<p>said **so**</p>\r\n<p>twice</p>\r\n<p>bye</p>\r\n", "said **so**\r\n\r\ntwice\r\n\r\nbye\r\n"},
		{"take:\n- one\n- two\nand go", "<p>take:</p>\r\n<ul><li>one</li>\r\n<li>two</li>\r\n</ul><p>and go</p>\r\n", "take:\r\n\r\n- one\r\n- two\r\n\r\nand go\r\n"},
		{"<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>\r\n", "<b>x</b>\r\n"},
	} {
		all := parse(tt.body, values, blocks)
		got := htmlOf(all)
		for _, style := range []string{textStyle, itemStyle} {
			got = strings.ReplaceAll(got, ` dir="auto" style="`+style+`"`, "")
		}
		got = strings.NewReplacer(`<ul style="margin:0 0 16px 0;padding:0 0 0 22px">`+"\r\n", "<ul>", "</ul>\r\n", "</ul>").Replace(got)
		if got != tt.html {
			t.Errorf("%q: %q, want %q", tt.body, got, tt.html)
		}
		if plain := plainOf(all); plain != tt.plain {
			t.Errorf("%q: %q, want %q", tt.body, plain, tt.plain)
		}
	}
}

// Rule 66: both forms say the same, in every language, and need no picture.
func TestBothFormsSayTheSame(t *testing.T) {
	shop := Shop{Name: "Shohay Shop", Colour: "#006a4e"}
	for _, lang := range []string{"en", "bn"} {
		for name, l := range map[string]Letter{
			"acknowledgement": Ack(lang, shop, 1024, "soon", Builtin(lang, "acknowledgement")),
			"transcript":      Transcript(lang, shop, 1024, []Turn{{"Rahim", "today", "where\n\nis it"}}, Builtin(lang, "transcript")),
			"code":            Code(lang, shop, "123456", "10", Builtin(lang, "code")),
			"reply":           Reply{Lang: lang, Shop: shop, Number: 1024, Text: "It is on its way.", Signature: "Ayesha", Quotes: []Quote{{"Rahim wrote:", "where?"}}}.Letter(Builtin(lang, "reply")),
		} {
			html, plain := strings.NewReplacer("<strong>", "", "</strong>", "").Replace(l.HTML()), l.Plain()
			if strings.Contains(plain, "{") || strings.Contains(l.Subject, "{") || strings.Contains(plain, "mail.tpl") || strings.Contains(plain, "mail.request") {
				t.Errorf("%s in %s has gaps: %s\n%s", name, lang, l.Subject, plain)
			}
			for line := range strings.SplitSeq(plain, "\r\n") {
				line = strings.TrimLeft(line, "> -")
				if first, _, _ := strings.Cut(line, " · "); !strings.Contains(html, escaped(first)) {
					t.Errorf("%s in %s: %q is only in the plain form", name, lang, line)
				}
			}
			for _, never := range []string{"<table", "<img", "url(", "background", "<script", "http:"} {
				if strings.Contains(html, never) {
					t.Errorf("%s in %s holds %s", name, lang, never)
				}
			}
			if !strings.Contains(html, `lang="`+lang+`"`) || !strings.Contains(html, `dir="auto"`) {
				t.Errorf("%s in %s does not say its language", name, lang)
			}
		}
	}
}

func TestAnOwnersSlipLosesNothing(t *testing.T) {
	shop := Shop{Name: "Shop"}
	if l := (Reply{Lang: "en", Shop: shop, Text: "the answer", Signature: "Ayesha"}).Letter(Template{Body: "Have a nice day"}); !strings.Contains(l.Plain(), "the answer") || !strings.Contains(l.Plain(), "Ayesha") {
		t.Error(l.Plain())
	}
	if l := Code("en", shop, "424242", "10", Template{Subject: "x", Body: "Hello"}); !strings.Contains(l.Plain(), "424242") {
		t.Error(l.Plain())
	}
	if l := Transcript("en", shop, 1, []Turn{{"A", "now", "words"}}, Template{Subject: "x", Body: "Hello"}); !strings.Contains(l.Plain(), "words") {
		t.Error(l.Plain())
	}
	if l := Ack("en", shop, 1, "", Template{Subject: "a\r\nBcc: x@y.test", Body: "b"}); strings.ContainsAny(l.Subject, "\r\n") {
		t.Errorf("subject %q", l.Subject)
	}
}
