package site

import (
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/i18n"
	"os"
)

func TestTemplates(t *testing.T) {
	texts, err := i18n.Load(os.DirFS("../../pb_public"))
	if err != nil {
		t.Fatal(err)
	}
	values := Values{
		"name": `<b>"Rafi"</b>`, "raw": HTML("<i>ok</i>"), "n": 3, "yes": true, "no": false, "zero": 0, "empty": "", "none": []Values{},
		"list": []Values{{"x": "one", "name": "inner"}, {"x": "two"}},
		"one":  Values{"x": "single"},
		"time": "৩টা",
	}
	for source, want := range map[string]string{
		"plain":                                    "plain",
		"{{name}}":                                 "&lt;b&gt;&#34;Rafi&#34;&lt;/b&gt;",
		"{{ raw }} {{n}} {{unknown}}.":             "<i>ok</i> 3 .",
		"{{#yes}}a{{/yes}}{{#no}}b{{/no}}":         "a",
		"{{^yes}}a{{/yes}}{{^no}}b{{/no}}":         "b",
		"{{#zero}}a{{/zero}}{{^empty}}b{{/empty}}": "b",
		"{{#list}}[{{x}} {{name}}]{{/list}}":       "[one inner][two &lt;b&gt;&#34;Rafi&#34;&lt;/b&gt;]",
		"{{#none}}a{{/none}}{{^none}}b{{/none}}":   "b",
		"{{#one}}{{x}}{{/one}}":                    "single",
		"{{#list}}{{#yes}}{{x}}{{/yes}};{{/list}}": "one;two;",
		"{{t:time.now}} {{t:time.ago}}":            "এইমাত্র ৩টা আগে",
		"{{#list}}{{t:time.minutes}}{{/list}}":     "৩ মিনিট৩ মিনিট",
		"<a href=\"{{asset:/a&b.css}}\">":          "<a href=\"/a&amp;b.css?v=1\">",
		"a\n  {{#yes}}\n  b\n  {{/yes}}\nc\n":      "a\n  b\nc\n",
		"a\n{{! a remark }}\nb":                    "a\nb",
	} {
		tpl, err := parseTemplate(source)
		if err != nil {
			t.Errorf("%q: %v", source, err)
			continue
		}
		f := &filler{catalogue: texts, lang: "bn", asset: func(name string) string { return name + "?v=1" }, scopes: []i18n.V{i18n.V(values)}}
		f.fill(tpl.nodes)
		if got := f.out.String(); got != want {
			t.Errorf("%q gives %q, want %q", source, got, want)
		}
	}
}

func TestBrokenTemplatesAreRefused(t *testing.T) {
	for source, want := range map[string]string{
		"{{#a}}x":            "{{#a}} is not closed",
		"{{#a}}x{{/b}}":      "{{/b}} closes {{#a}}",
		"x{{/b}}":            "{{/b}} closes",
		"{{a":                "{{ is not closed",
		"{{ }}":              "is empty",
		"{{#a}}{{^b}}{{/a}}": "closes {{#b}}",
	} {
		if _, err := parseTemplate(source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", source, err, want)
		}
	}
}

func TestEveryAccentCanBeRead(t *testing.T) {
	for _, colour := range []string{"#006a4e", "#ffffff", "#000000", "#ffd400", "#b5179e", "#00ff00", "#7f7f7f", "#e91e63", "#1e88e5", "#ff5722", "#ffe14d", "nonsense", ""} {
		a := accentOf(colour)
		for what, c := range map[string]float64{
			"text on the light panel": contrast(a.light, lightPanel),
			"text on the light tint":  contrast(a.light, a.lightSoft),
			"text on the accent":      contrast(a.lightInk, a.light),
			"text on the dark panel":  contrast(a.dark, darkPanel),
			"text on the dark tint":   contrast(a.dark, a.darkSoft),
			"text on the dark accent": contrast(a.darkInk, a.dark),
			"quiet text on the tint":  contrast(rgb{0x5f, 0x5c, 0x56}, a.lightSoft),
			"quiet text on the dark":  contrast(rgb{0xa9, 0xa7, 0x9f}, a.darkSoft),
		} {
			if c < readable {
				t.Errorf("%s: %s has a contrast of %.2f", colour, what, c)
			}
		}
		if strings.ContainsAny(accentStyle(colour), "<>\"'") {
			t.Errorf("%s makes the style %s", colour, accentStyle(colour))
		}
	}
}

func TestInitial(t *testing.T) {
	for name, want := range map[string]string{"রূপালী স্টোর": "রূ", " my shop": "M", "": "", "স্টোর": "স্"} {
		if got := initial(name); got != want {
			t.Errorf("initial(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestOnlyWebAddressesBecomeLinks(t *testing.T) {
	for raw, want := range map[string]string{"javascript:alert(1)": "", "data:text/html,x": "", "https://": "", "": "", "https://a.example/": "https://a.example/"} {
		if got, _ := webAddress(raw); got != want {
			t.Errorf("webAddress(%s) = %s", raw, got)
		}
	}
}

func TestAnAddressFitsOneLine(t *testing.T) {
	for raw, want := range map[string]string{"": "", "12 Lake Road": "12 Lake Road", "12 Lake Road,\r\n\nMirpur, Dhaka \n": "12 Lake Road, Mirpur, Dhaka"} {
		if got := oneLine(raw); got != want {
			t.Errorf("%q gives %q", raw, got)
		}
	}
}
