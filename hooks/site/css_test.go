package site

import (
	"strings"
	"testing"
)

func TestAShopsCSSFetchesNothingFromElsewhere(t *testing.T) {
	for _, css := range []string{
		"", ".hero { background: #fff url(/api/files/shop/x/y.png) }", `.a::before { content: "»"; color: red }`, "@media (max-width: 600px) { .hero h1 { font-size: 20px } }",
		".a { background: url('data:image/png;base64,AAAA') }", "/* url(https://e.test) */ .a { width: calc(100% - var(--s4)) }", ".a { fill: url(#grad) }",
		"@layer x { .a:not([hidden]) > b { margin: 0 } }", `.a { content: "https://text.test" }`, "@keyframes k { from { opacity: 0 } 50.5% { opacity: .5 } }",
	} {
		if err := CheckCSS(css); err != nil {
			t.Errorf("%s is refused: %v", css, err)
		}
	}
	for _, css := range []string{
		"@import 'https://e.test/x.css';", "@IMPORT url(/x.css);", "@font-face { font-family: x; src: url(/x) }", "@charset 'x';", "@namespace x url(https://e.test);",
		".a { background: url(https://e.test/x.png) }", ".a { background: url(//e.test/x) }", ".a { background: URL( 'https://e.test' ) }", `.a { background: u\72l(https://e.test) }`,
		".a { background: url(data:text/html,x) }", ".a { background: url(data:image/svg+xml,<svg>) }", ".a { background: url(relative.png) }", `.a { background: url(/\\e.test) }`,
		`.a { background: image-set("https://e.test/x" 1x) }`, `.a { background: -webkit-image-set("https://e.test/x" 1x) }`, ".a { width: expression(alert(1)) }", ".a { behavior: url(/x.htc) }",
		"</style><script>alert(1)</script>", ".a { content: '</style>' }", ".a { color: red", ".a { color: red }}", ".a { content: \"x\n\" }", "/* open", ".a { background: url(/x }", "(]",
		".a { background: url(javascript:alert(1)) }", "@property --x { syntax: '<url>'; }", strings.Repeat("a", MaxCSS+1),
	} {
		if CheckCSS(css) == nil {
			t.Errorf("%.60s is taken", css)
		}
	}
	err := CheckCSS(".a { color: red }\n\n.b { background: url(https://e.test) }")
	if e, ok := err.(*CSSError); !ok || e.Line != 3 || e.What != "https://e.test" {
		t.Errorf("%v", err)
	}
}

func FuzzCSS(f *testing.F) {
	f.Add(".a{background:url(/x)}")
	f.Add(`@import"x";a{b:"\`)
	f.Fuzz(func(t *testing.T, css string) {
		if CheckCSS(css) != nil {
			return
		}
		low := strings.ToLower(css)
		for _, bad := range []string{"@import", "</style", "expression("} {
			if i := strings.Index(low, bad); i >= 0 && !strings.Contains(low, "/*") && !strings.ContainsAny(low[:i], "\"'") {
				t.Errorf("%q is taken with %s", css, bad)
			}
		}
	})
}

func TestAThemeIsLookedAtBeforeItIsSaved(t *testing.T) {
	s := start(t, pages(), "", false)
	s.shop(t, map[string]any{"colour": "#006a4e", "css": ".mine { color: red }"})
	if _, body := s.get(t, "GET", "/theme.css"); body != ".mine { color: red }" {
		t.Error(body)
	}
	if err := (Theme{CSS: "@import 'x';"}).Check("en"); err == nil {
		t.Error("a theme that fetches is taken")
	}
	if err := (Theme{Links: []Link{{URL: "javascript:alert(1)"}}}).Check("en"); err == nil {
		t.Error("a link that is no address is taken")
	}
}
