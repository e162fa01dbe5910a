package site

import (
	"bytes"
	"encoding/json/v2"
	"strings"
	"unicode/utf8"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Greeting is what the closed widget says by itself to somebody who has been
// on a page for a while. It travels in widget.js, so that a visitor who does
// not open the widget asks us nothing.
type Greeting struct {
	After int               `json:"after"` // seconds
	Pages []string          `json:"pages"` // * stands for anything; none is every page
	Texts map[string]string `json:"texts"`
}

// place is where widget.js keeps room for the greeting.
var place = []byte("GREETING = null")

const (
	widgetFile     = "widget.js"
	maxGreeting    = 200 // characters: it is a bubble
	maxGreetPages  = 20
	leastGreetTime = 5 // seconds; sooner is a nuisance
)

// greetingOf is the shop's greeting, nil if there is none. A language without
// words of the shop's has ours.
func greetingOf(shop *settings.ShopRecord, c *i18n.Catalogue) *Greeting {
	if !shop.GetBool(schema.ShopGreetEnabled) || !shop.WidgetEnabled() {
		return nil
	}
	g := &Greeting{After: max(shop.GetInt(schema.ShopGreetAfter), leastGreetTime), Pages: greetPages(shop.GetString(schema.ShopGreetPages)), Texts: map[string]string{}}
	var own map[string]string
	_ = shop.UnmarshalJSONField(schema.ShopGreetTexts, &own) // checked when it was saved
	for _, lang := range c.Languages() {
		if g.Texts[lang] = strings.TrimSpace(own[lang]); g.Texts[lang] == "" {
			g.Texts[lang] = c.T(lang, "widget.greet")
		}
	}
	return g
}

func greetPages(raw string) []string {
	list := []string{}
	for line := range strings.Lines(raw) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// checkGreeting refuses a greeting that could not be shown.
func checkGreeting(e *core.RecordEvent) error {
	lang, faults := settings.Shop(e.App).Language(), validation.Errors{}
	if raw := e.Record.GetString(schema.ShopGreetTexts); raw != "" && raw != "null" {
		var texts map[string]string
		if e.Record.UnmarshalJSONField(schema.ShopGreetTexts, &texts) != nil {
			faults[schema.ShopGreetTexts] = validation.NewError("greet_texts", i18n.T(lang, "error.greet_texts"))
		}
		for _, s := range texts {
			if utf8.RuneCountInString(s) > maxGreeting {
				faults[schema.ShopGreetTexts] = validation.NewError("greet_long", i18n.T(lang, "error.greet_long", i18n.V{"n": maxGreeting}))
			}
		}
	}
	pages := greetPages(e.Record.GetString(schema.ShopGreetPages))
	if len(pages) > maxGreetPages {
		faults[schema.ShopGreetPages] = validation.NewError("greet_many", i18n.T(lang, "error.greet_many", i18n.V{"n": maxGreetPages}))
	}
	for _, p := range pages {
		if !strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "*") {
			faults[schema.ShopGreetPages] = validation.NewError("greet_page", i18n.T(lang, "error.greet_page", i18n.V{"page": p}))
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return e.Next()
}

// greeting is widget.js with the shop's greeting in its place; the file as it
// is without one.
func (s *Site) greeting(shop *settings.ShopRecord, f *file) *file {
	g := greetingOf(shop, s.Catalogue)
	if g == nil || f.data == nil {
		return f
	}
	said, err := json.Marshal(g, json.Deterministic(true))
	if err != nil {
		return f
	}
	const key = widgetFile + "?greeting"
	whole := f.etag + hash(said)
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept := s.files[key]; kept != nil && kept.whole == whole {
		return kept
	}
	data := bytes.Replace(f.data, place, append([]byte("GREETING = "), said...), 1)
	made := &file{name: f.name, kind: f.kind, data: data, etag: hash(data), modified: f.modified, size: int64(len(data)), disk: f.disk, whole: whole}
	s.files[key] = made
	return made
}
