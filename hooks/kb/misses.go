package kb

import (
	"strings"
	"unicode"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"golang.org/x/text/unicode/norm"
)

const (
	maxMiss    = 80   // letters
	mostMisses = 2000 // kept; the rarest go first
)

// Anonymous is what may be kept of a search: no addresses, no long numbers,
// not a whole letter. "" if nothing is left.
func Anonymous(text string) string {
	var kept []string
	letters := 0
	for word := range strings.FieldsSeq(norm.NFC.String(strings.ToLower(text))) {
		digits := 0
		for _, r := range word {
			if unicode.IsDigit(r) {
				digits++
			}
		}
		if digits > 3 || strings.ContainsAny(word, "@/\\") || strings.Contains(word, "www.") {
			continue
		}
		for _, r := range word {
			if unicode.IsLetter(r) {
				letters++
			}
		}
		kept = append(kept, word)
	}
	clean := strings.Join(kept, " ")
	if letters < 2 || len([]rune(clean)) > maxMiss {
		return ""
	}
	return clean
}

// Missed remembers for the owner that something was searched for and not
// found.
func Missed(app core.App, lang, text string) error {
	clean := Anonymous(text)
	if clean == "" {
		return nil
	}
	// idx_search_misses_text, idx_search_misses_count
	_, err := app.DB().NewQuery(`INSERT INTO search_misses (id, text, language, count, last_at, created, updated) VALUES ({:id}, {:text}, {:lang}, 1, {:now}, {:now}, {:now})
		ON CONFLICT (language, text) DO UPDATE SET count = count + 1, last_at = {:now}, updated = {:now}, article = ''`).
		Bind(dbx.Params{"id": core.GenerateDefaultRandomId(), "text": clean, "lang": lang, "now": types.NowDateTime().String()}).Execute()
	if err != nil {
		return err
	}
	_, err = app.DB().NewQuery(`DELETE FROM search_misses WHERE id IN (SELECT id FROM search_misses ORDER BY count DESC, last_at DESC LIMIT -1 OFFSET {:most})`).
		Bind(dbx.Params{"most": mostMisses}).Execute()
	return err
}
