package kb

import (
	"strings"
	"sync"
	"sync/atomic"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/search"
	"github.com/shohay/shohay/hooks/search/sample"
	"github.com/shohay/shohay/hooks/settings"
)

// supplied are the synonyms that come with the program.
var supplied = sync.OnceValue(func() *search.Synonyms { return search.NewSynonyms(sample.Synonyms()) })

// mostSynonyms is how many groups a shop may have; each is looked up for every
// word of a question.
const mostSynonyms = 1000

// ownSynonyms are those that an owner wrote, read once for each text.
type ownSynonyms struct {
	last atomic.Pointer[struct {
		text   string
		groups *search.Synonyms
	}]
}

// of are what those who ask mean by the same in this shop.
func (o *ownSynonyms) of(app core.App) *search.Synonyms {
	text := settings.Shop(app).GetString(schema.ShopSynonyms)
	if strings.TrimSpace(text) == "" {
		return supplied()
	}
	if l := o.last.Load(); l != nil && l.text == text {
		return l.groups
	}
	groups, err := sample.ReadSynonyms(strings.NewReader(text))
	if err != nil { // checked when it was saved
		return supplied()
	}
	made := search.NewSynonyms(groups)
	o.last.Store(&struct {
		text   string
		groups *search.Synonyms
	}{text, made})
	return made
}

// checkSynonyms refuses a list that could not be read, and a word that stands
// alone: it has been parted by something else than a comma.
func checkSynonyms(e *core.RecordEvent) error {
	text := e.Record.GetString(schema.ShopSynonyms)
	if text == e.Record.Original().GetString(schema.ShopSynonyms) {
		return e.Next()
	}
	refuse := func(code string, v i18n.V) error {
		return validation.Errors{schema.ShopSynonyms: validation.NewError(code, i18n.T(settings.Shop(e.App).Language(), "error."+code, v))}
	}
	groups, err := sample.ReadSynonyms(strings.NewReader(text))
	if err != nil {
		return refuse("synonyms_unread", i18n.V{})
	}
	if len(groups) > mostSynonyms {
		return refuse("synonyms_many", i18n.V{"n": mostSynonyms})
	}
	for _, g := range groups {
		if len(g) < 2 {
			return refuse("synonyms_alone", i18n.V{"word": strings.Join(g, "")})
		}
	}
	return e.Next()
}
