package kb

import (
	"strings"
	"testing"
)

func TestCleanKeepsFormattingAndDropsTheRest(t *testing.T) {
	for in, want := range map[string]string{
		`<h1>A</h1><div>b</div>`:                                               `<h2>A</h2><p>b</p>`,
		`<div><p>a</p></div>`:                                                  `<p>a</p>`,
		`<p style="x" onclick=y>a`:                                             `<p>a</p>`,
		`<script>alert(1)</script><iframe src=x></iframe>a`:                    `a`,
		`<a href="javascript:alert(1)">a</a><a href="//e.test">b</a>`:          `ab`,
		`<a href="/help/en/x">a</a> <a href="https://e.test/?a=1&b=2">b</a>`:   `<a href="/help/en/x">a</a> <a href="https://e.test/?a=1&amp;b=2">b</a>`,
		`<img src="https://e.test/x.png"><img src="data:image/png;base64,xx">`: ``,
		`<img src="https://shop.test/api/files/articles/abcdefghijklmno/a_b.png?token=1" alt="x" width="20" height="30" onerror=z>`: `<img src="/help/files/abcdefghijklmno/a_b.png" alt="x" width="20" height="30"/>`,
		`<img src="/help/files/abcdefghijklmno/a.png?e=1&k=2">`:                                                                     `<img src="/help/files/abcdefghijklmno/a.png"/>`,
		`<table><tr><td colspan="2" bgcolor=red>a</td></tr></table>`:                                                                `<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>`,
		`<svg><style><img src=x onerror=alert(1)></style></svg>`:                                                                    ``,
		`<math><mtext><table><mglyph><style><img src=x onerror=1>`:                                                                  `<table></table>`,
	} {
		if got := Clean(in); got != want {
			t.Errorf("%s\n gives %s\n want  %s", in, got, want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	got, err := FromMarkdown("# Title\n\nText **bold** <script>x</script>\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [ফেরত](/help/bn/ফেরত)\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<h2>Title</h2>", "<strong>bold</strong>", "<td>1</td>", "<li>", ">ফেরত</a>"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if strings.Contains(got, "script") {
		t.Error(got)
	}
}

func TestHeadingsGetNamesOfTheirOwn(t *testing.T) {
	html, contents := Page(`<h2>কত দিনে?</h2><h3>Size &amp; fit</h3><h2>কত দিনে?</h2><h2> </h2><h2>!?</h2>`, nil)
	var ids []string
	for _, h := range contents {
		ids = append(ids, h.ID)
	}
	if got := strings.Join(ids, " "); got != "কত-দিনে size-fit কত-দিনে-2 part" {
		t.Error(got, html)
	}
}

func TestPlainText(t *testing.T) {
	if got := PlainText("<h2>A</h2><p>b <b>c</b>d</p><ul><li>e</li><li>f</li></ul>"); got != "A\nb cd\ne\nf" {
		t.Errorf("%q", got)
	}
}

func TestSlugs(t *testing.T) {
	for in, want := range map[string]string{
		"How do I return it?": "how-do-i-return-it", "ফেরত দেব কীভাবে?": "ফেরত-দেব-কীভাবে", " ": "", "It's 100%": "its-100", "../../etc": "etc", "a--b": "a-b",
	} {
		if got := Slug(in); got != want {
			t.Errorf("Slug(%q) = %q, want %q", in, got, want)
		}
	}
	if n := len([]rune(Slug(strings.Repeat("ক ", 500)))); n > maxSlug+2 {
		t.Errorf("%d letters", n)
	}
}

func TestVideos(t *testing.T) {
	for link, want := range map[string]string{
		"https://www.youtube.com/watch?v=dQw4w9WgXcQ":   "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1&rel=0",
		"https://youtu.be/dQw4w9WgXcQ":                  "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1&rel=0",
		"https://www.youtube.com/shorts/dQw4w9WgXcQ":    "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1&rel=0",
		"https://vimeo.com/123456789":                   "https://player.vimeo.com/video/123456789?autoplay=1&dnt=1",
		"https://www.facebook.com/shop/videos/12345/":   "https://www.facebook.com/plugins/video.php?autoplay=true&href=https%3A%2F%2Fwww.facebook.com%2Fshop%2Fvideos%2F12345%2F",
		"https://evil.test/watch?v=dQw4w9WgXcQ":         "",
		"javascript:alert(1)":                           "",
		"https://youtu.be/\"><script>":                  "",
		"https://youtube.com.evil.test/watch?v=abcdefg": "",
	} {
		if got, _ := ParseVideo(link); got.Embed != want {
			t.Errorf("%s: %s", link, got.Embed)
		}
	}
}

func TestBeginnings(t *testing.T) {
	for _, c := range []struct {
		text string
		most int
		want string
	}{
		{"Short.", 20, "Short."}, {"One sentence here. And another one that is long", 30, "One sentence here."},
		{"প্রথম বাক্য এখানে। দ্বিতীয় বাক্য অনেক লম্বা হয়ে যায়", 30, "প্রথম বাক্য এখানে।"}, {"no end of this sentence at all", 12, "no end of…"},
	} {
		if got := Beginning(c.text, c.most); got != c.want {
			t.Errorf("%q", got)
		}
	}
}
