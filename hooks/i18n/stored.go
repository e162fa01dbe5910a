package i18n

import (
	"encoding/json/v2"
	"strings"
	"time"
)

// Stored is the language of sentences that are kept and read later by people
// with languages of their own: [T] then returns the key and its values, and
// [Told] says them. A value may be such a sentence itself, a time.Time or a
// time.Duration.
const Stored = "*"

// stored is how a sentence is kept.
type stored struct {
	Say  string         `json:"say"`
	With map[string]any `json:"with,omitempty"`
}

// storedStart tells a kept sentence from any other text.
const storedStart = `{"say":"`

// longestValue is how much of a value is kept, in characters: a column's limit
// must not cut through the form. A sentence inside has been held to it already.
const longestValue = 240

func keepSentence(key string, values []V) string {
	s := stored{Say: key}
	for _, v := range values {
		for name, value := range v {
			if s.With == nil {
				s.With = map[string]any{}
			}
			switch x := value.(type) {
			case time.Time:
				value = map[string]string{"at": x.UTC().Format(time.RFC3339)}
			case time.Duration:
				value = map[string]int64{"for": int64(x / time.Second)}
			case string:
				if r := []rune(x); len(r) > longestValue && !strings.HasPrefix(x, storedStart) {
					value = string(r[:longestValue]) + "…"
				}
			}
			s.With[name] = value
		}
	}
	raw, err := json.Marshal(s, json.Deterministic(true))
	if err != nil {
		return key // a value that is no text and no number; tests have none
	}
	return string(raw)
}

// Told says a text that was kept in the language of whoever reads it, times in
// the given zone. Any other text stays as it is.
func (c *Catalogue) Told(lang, text string, zone *time.Location) string {
	if !strings.HasPrefix(text, storedStart) {
		return text
	}
	var s stored
	if json.Unmarshal([]byte(text), &s) != nil {
		return text
	}
	values := V{}
	for name, value := range s.With {
		switch x := value.(type) {
		case string:
			if value = x; strings.HasPrefix(x, storedStart) {
				value = strings.TrimRight(c.Told(lang, x, zone), ".।")
			}
		case map[string]any:
			if at, ok := x["at"].(string); ok {
				if t, err := time.Parse(time.RFC3339, at); err == nil {
					value = c.When(lang, t.In(zone), time.Now().In(zone))
				}
			}
			if seconds, ok := x["for"].(float64); ok {
				value = c.Duration(lang, time.Duration(seconds)*time.Second)
			}
		}
		values[name] = value
	}
	return c.T(lang, s.Say, values)
}
