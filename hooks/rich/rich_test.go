package rich_test

import (
	"encoding/json/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/rich"
	"golang.org/x/net/html"
)

// kase is a line of testdata/cases.json, which the desk's own tests read too:
// server and browser agree on what a message says.
type kase struct{ Name, HTML, Clean, Text string }

func cases(tb testing.TB) (all []kase) {
	tb.Helper()
	raw, err := os.ReadFile("testdata/cases.json")
	if err == nil {
		err = json.Unmarshal(raw, &all, json.MatchCaseInsensitiveNames(true))
	}
	if err != nil || len(all) < 10 {
		tb.Fatalf("%d cases, %v", len(all), err)
	}
	return all
}

func TestHTMLBecomesTheSubsetAndText(t *testing.T) {
	for _, c := range cases(t) {
		d := rich.Parse(c.HTML)
		if got := d.HTML(nil); got != c.Clean {
			t.Errorf("%s: HTML\n%s\ninstead of\n%s", c.Name, got, c.Clean)
		}
		if got := d.Text(); got != c.Text {
			t.Errorf("%s: text\n%q\ninstead of\n%q", c.Name, got, c.Text)
		}
		if again := rich.Parse(c.Clean).HTML(nil); again != c.Clean {
			t.Errorf("%s: cleaned twice\n%s", c.Name, again)
		}
	}
}

func TestPlainIsWhatNeedsNoFormatting(t *testing.T) {
	for source, want := range map[string]bool{
		"<p>a<br>b</p><p>c</p>": true, `<a href="https://a.example/">https://a.example/</a>`: true, "<b>a</b>": false,
		"<ul><li>a</li></ul>": false, `<p><img src="cid:a"></p>`: false, `<a href="https://a.example/">here</a>`: false,
	} {
		if got := rich.Parse(source).Plain(); got != want {
			t.Errorf("%s: plain is %t", source, got)
		}
	}
}

func TestPicturesThatAreNotThereGo(t *testing.T) {
	d := rich.Parse(`<p>a <img src="cid:one" alt="1"></p><ul><li><img src="cid:two"></li><li>b</li></ul><blockquote><img src="cid:two"></blockquote>`)
	if got := strings.Join(d.Images(), " "); got != "one two" {
		t.Errorf("pictures: %s", got)
	}
	got := d.WithImages(func(id string) bool { return id == "one" }).HTML(nil)
	if got != `<p>a <img src="cid:one" alt="1"></p><ul><li>b</li></ul>` {
		t.Errorf("without the second: %s", got)
	}
}

func TestDeepAndLargeHTMLIsReadInTime(t *testing.T) {
	for name, source := range map[string]string{
		"quotes in quotes": strings.Repeat("<blockquote>", 20_000) + "x", "lists in lists": strings.Repeat("<ul><li>", 20_000) + "x",
		"spans in spans": strings.Repeat("<span>", 20_000) + "x", "open tags": strings.Repeat("<b><i>", 20_000) + "x", "words": strings.Repeat("<p>শব্দ</p>", 40_000),
	} {
		begin := time.Now()
		d := rich.Parse(source)
		_, _ = d.HTML(nil), d.Text()
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
}

// allowed are the tags of the subset and what may stand in them.
var allowed = map[string]string{
	"p": "", "br": "", "strong": "", "em": "", "code": "", "pre": "", "ul": "", "ol": "", "li": "", "blockquote": "", "a": "href", "img": "src alt",
}

func FuzzParse(f *testing.F) {
	for _, c := range cases(f) {
		f.Add(c.HTML)
	}
	f.Add(`<a href="https://a.example/"><a href="https://b.example/">x</a><li>y<pre> z<ul><p>`)
	f.Add(`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`)
	f.Fuzz(func(t *testing.T, source string) {
		d := rich.Parse(source)
		clean, text := d.HTML(nil), d.Text()
		z := html.NewTokenizer(strings.NewReader(clean))
		for {
			kind := z.Next()
			if kind == html.ErrorToken {
				break
			}
			token := z.Token()
			if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
				if kind == html.CommentToken || kind == html.DoctypeToken {
					t.Fatalf("%q in %q", token.String(), clean)
				}
				continue
			}
			may, ok := allowed[token.Data]
			if !ok {
				t.Fatalf("<%s> in %q", token.Data, clean)
			}
			for _, a := range token.Attr {
				if !strings.Contains(" "+may+" ", " "+a.Key+" ") {
					t.Fatalf("%s in <%s> of %q", a.Key, token.Data, clean)
				}
				if a.Key == "href" && rich.Link(a.Val) == "" || a.Key == "src" && !strings.HasPrefix(a.Val, "cid:") {
					t.Fatalf("%s leads to %q", token.Data, a.Val)
				}
			}
		}
		again := rich.Parse(clean)
		if got := again.HTML(nil); got != clean {
			t.Fatalf("cleaned twice: %q\nonce: %q", got, clean)
		}
		if got := again.Text(); got != text {
			t.Fatalf("text of the clean form: %q\nof the source: %q", got, text)
		}
	})
}
