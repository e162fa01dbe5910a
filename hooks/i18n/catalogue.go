package i18n

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync/atomic"
)

// Fallback is the language every other one falls back to; its file must exist.
const Fallback = "en"

// V holds the values of a sentence's placeholders. Numbers are written in the
// digits of the language, everything else as fmt would.
type V map[string]any

// Catalogue is every text of every language. It is read-only after Load and
// safe for concurrent use.
type Catalogue struct {
	languages []string
	texts     map[string]map[string]message // language -> "section.key" -> text
	locales   map[string]*locale
}

// message is one text: a plain one has only other.
type message struct {
	one, other string
	plural     bool
}

// Load reads i18n/*.json of fsys; the file's name is the language's code.
func Load(fsys fs.FS) (*Catalogue, error) {
	files, err := fs.Glob(fsys, "i18n/*.json")
	if err != nil {
		return nil, err
	}
	c := &Catalogue{texts: map[string]map[string]message{}, locales: map[string]*locale{}}
	for _, name := range files {
		lang := strings.TrimSuffix(path.Base(name), ".json")
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		texts, err := parse(data)
		if err != nil {
			return nil, fmt.Errorf("read texts %s: %w", name, err)
		}
		c.texts[lang] = texts
		c.languages = append(c.languages, lang)
	}
	if c.texts[Fallback] == nil {
		return nil, errors.New("read texts: i18n/" + Fallback + ".json is missing")
	}
	slices.Sort(c.languages)
	for _, lang := range c.languages {
		l, err := newLocale(c, lang)
		if err != nil {
			return nil, fmt.Errorf("read texts i18n/%s.json: %w", lang, err)
		}
		c.locales[lang] = l
	}
	return c, nil
}

// parse flattens {"section": {"key": text}}. A name that stands twice in one
// object is an error (json/v2's default): the second would silently win.
func parse(data []byte) (map[string]message, error) {
	var sections map[string]map[string]jsontext.Value
	if err := json.Unmarshal(data, &sections); err != nil {
		return nil, err
	}
	texts := map[string]message{}
	for section, entries := range sections {
		for key, raw := range entries {
			m, err := parseMessage(raw)
			if err != nil {
				return nil, fmt.Errorf("%s.%s: %w", section, key, err)
			}
			texts[section+"."+key] = m
		}
	}
	return texts, nil
}

func parseMessage(raw jsontext.Value) (message, error) {
	if raw.Kind() == '"' {
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return message{}, err
		}
		return message{other: s}, nil
	}
	var forms map[string]string
	if err := json.Unmarshal(raw, &forms); err != nil {
		return message{}, errors.New(`neither a text nor {"one": …, "other": …}`)
	}
	one, hasOne := forms["one"]
	other, hasOther := forms["other"]
	if !hasOne || !hasOther || len(forms) != 2 {
		return message{}, errors.New(`a plural needs exactly "one" and "other"`)
	}
	return message{one: one, other: other, plural: true}, nil
}

// Languages returns the codes of all languages, sorted.
func (c *Catalogue) Languages() []string { return slices.Clone(c.languages) }

// Has tells whether there is a file for the language.
func (c *Catalogue) Has(lang string) bool { return c.texts[lang] != nil }

// Keys returns every key of a language, sorted.
func (c *Catalogue) Keys(lang string) []string {
	return slices.Sorted(maps.Keys(c.texts[lang]))
}

// Section returns the texts of one section as the browser wants them: strings,
// and {"one", "other"} for plurals. What the language lacks is filled in
// English.
func (c *Catalogue) Section(lang, section string) map[string]any {
	out := map[string]any{}
	prefix := section + "."
	for _, l := range []string{Fallback, lang} {
		for key, m := range c.texts[l] {
			name, ok := strings.CutPrefix(key, prefix)
			switch {
			case !ok:
			case m.plural:
				out[name] = map[string]string{"one": m.one, "other": m.other}
			default:
				out[name] = m.other
			}
		}
	}
	return out
}

// T returns the sentence for a key with its placeholders filled; for [Stored],
// what keeps it.
func (c *Catalogue) T(lang, key string, values ...V) string {
	if lang == Stored {
		return keepSentence(key, values)
	}
	spoken := lang
	m, ok := c.texts[lang][key]
	if !ok {
		spoken = Fallback
		if m, ok = c.texts[Fallback][key]; !ok {
			return key
		}
	}
	text := m.other
	if m.plural && isOne(spoken, count(values)) {
		text = m.one
	}
	return c.fill(spoken, text, values)
}

// fill replaces {name}. A name without a value stays as it stands, which a
// reader notices and a test finds.
func (c *Catalogue) fill(lang, text string, values []V) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			break
		}
		end := strings.IndexByte(text[open:], '}')
		if end < 0 {
			break
		}
		name := text[open+1 : open+end]
		b.WriteString(text[:open])
		if v, ok := lookUp(values, name); ok {
			b.WriteString(c.show(lang, v))
		} else {
			b.WriteString(text[open : open+end+1])
		}
		text = text[open+end+1:]
	}
	b.WriteString(text)
	return b.String()
}

func lookUp(values []V, name string) (any, bool) {
	for _, v := range values {
		if x, ok := v[name]; ok {
			return x, true
		}
	}
	return nil, false
}

func (c *Catalogue) show(lang string, v any) string {
	switch v.(type) {
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, float32, float64:
		return c.Digits(lang, fmt.Sprint(v))
	}
	return fmt.Sprint(v)
}

// count is the {n} that chooses the plural; without one the other form is meant.
func count(values []V) float64 {
	n, ok := lookUp(values, "n")
	if !ok {
		return -1
	}
	switch x := n.(type) {
	case int:
		return float64(x)
	case int32:
		return float64(x)
	case int64:
		return float64(x)
	case uint64:
		return float64(x)
	case float64:
		return x
	}
	return -1
}

// isOne is the CLDR rule for the form "one" of whole numbers; the languages
// named also say it of nothing at all.
func isOne(lang string, n float64) bool {
	switch lang {
	case "bn", "as", "hi", "gu", "kn", "fa", "am", "zu":
		return n >= 0 && n <= 1
	}
	return n == 1
}

var current atomic.Pointer[Catalogue]

// Use makes c the catalogue of the package's own T. The program does it once,
// before anything speaks.
func Use(c *Catalogue) { current.Store(c) }

// Current is the catalogue that [Use] was given, nil before.
func Current() *Catalogue { return current.Load() }

// T speaks with the catalogue given to [Use]; before that, it returns the key.
func T(lang, key string, values ...V) string {
	if c := current.Load(); c != nil {
		return c.T(lang, key, values...)
	}
	return key
}
