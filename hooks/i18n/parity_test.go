package i18n

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

func placeholders(m message) []string {
	var names []string
	for _, found := range placeholder.FindAllStringSubmatch(m.other, -1) {
		names = append(names, found[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestLanguagesSayTheSame(t *testing.T) {
	c := load(t)
	for _, lang := range c.languages {
		for key, english := range c.texts[Fallback] {
			m, ok := c.texts[lang][key]
			if !ok {
				t.Errorf("%s lacks %s", lang, key)
				continue
			}
			if m.plural != english.plural {
				t.Errorf("%s %s: a plural in one language only", lang, key)
			}
			if got, want := placeholders(m), placeholders(english); !slices.Equal(got, want) {
				t.Errorf("%s %s has the placeholders %v, English %v", lang, key, got, want)
			}
			if strings.TrimSpace(m.other) == "" || m.plural && strings.TrimSpace(m.one) == "" {
				t.Errorf("%s %s is empty", lang, key)
			}
			if m.plural && !slices.Contains(placeholders(english), "n") {
				t.Errorf("%s %s is a plural without {n}", lang, key)
			}
		}
		for key := range c.texts[lang] {
			if _, ok := c.texts[Fallback][key]; !ok {
				t.Errorf("%s has %s, English does not", lang, key)
			}
			if !regexp.MustCompile(`^[a-z]+\.[a-z0-9_]+$`).MatchString(key) {
				t.Errorf("%s: the key %q is not section.snake_case", lang, key)
			}
		}
	}
}

// An address, a file name or a package in quotes looks like a key too; those
// end in one of these.
var notKeys = regexp.MustCompile(`\.(js|css|html|json|go|svg|png|txt|log|db|test|com|net|org|local|example|md|sh|xml|ico)$`)

func TestEveryKeyInTheSourcesExists(t *testing.T) {
	c := load(t)
	sections := map[string]bool{}
	for _, key := range c.Keys(Fallback) {
		section, _, _ := strings.Cut(key, ".")
		sections[section] = true
	}
	// A whole literal in quotes, or a hole {{t:key}} of a page.
	literal := regexp.MustCompile("[\"'`]([a-z]+\\.[a-z0-9_]+)[\"'`]|\\{\\{t:([a-z]+\\.[a-z0-9_]+)")
	found := 0
	check := func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		source := strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") ||
			strings.HasSuffix(path, ".js") || strings.HasSuffix(path, ".html")
		if !source {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range literal.FindAllStringSubmatch(string(data), -1) {
			key := m[1] + m[2]
			section, _, _ := strings.Cut(key, ".")
			if !sections[section] || m[2] == "" && notKeys.MatchString(key) {
				continue
			}
			found++
			if _, ok := c.texts[Fallback][key]; !ok {
				t.Errorf("%s uses %s, which no file has", path, key)
			}
		}
		return nil
	}
	for _, root := range []string{"../../hooks", "../../pb_public", "../../installer"} {
		if err := filepath.WalkDir(root, check); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if main, err := os.Stat("../../main.go"); err == nil {
		if err := check("../../main.go", fs.FileInfoToDirEntry(main), nil); err != nil {
			t.Fatal(err)
		}
	}
	if found < 10 {
		t.Errorf("only %d keys found: the pattern no longer reads the sources", found)
	}
}
