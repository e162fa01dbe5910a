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
	} {
		if got := paragraphs(tt.text); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}
