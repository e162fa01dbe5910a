package importer

import (
	"encoding/json/v2"
	"maps"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

// mostOwn is how many bytes the values of the owner's fields take at most, as
// contacts have room for.
const mostOwn = 32 << 10

// Reasons of a row that one of the owner's fields refuses: whyOwn, the kind of
// the field, a line and its key.
const (
	whyOwn  = "import." + "why_own_"
	whyMuch = "import.why_own_much"
)

// answers are how tables say yes and no.
var answers = map[string]string{
	"yes": "yes", "y": "yes", "true": "yes", "1": "yes", "১": "yes", "হ্যাঁ": "yes", "হ্যা": "yes", "হাঁ": "yes", "জি": "yes",
	"no": "no", "n": "no", "false": "no", "0": "no", "০": "no", "না": "no",
}

// setOwn puts a cell into a field of the owner's; why is the reason if it
// cannot hold it. A field that is gone meanwhile is passed over.
func (p *person) setOwn(own []Own, field, cell string) (why string) {
	i := slices.IndexFunc(own, func(o Own) bool { return o.field() == field })
	if i < 0 {
		return ""
	}
	o := own[i]
	if o.Kind == schema.CustomYesNo {
		if said := answers[plain(cell)]; said != "" {
			cell = said
		}
	}
	kept, ok := o.Fit(cell)
	if !ok {
		return whyOwn + o.Kind + "|" + o.Key
	}
	if kept != "" {
		if p.own == nil {
			p.own = map[string]string{}
		}
		p.own[o.Key] = kept
	}
	return ""
}

// words says why a row was refused.
func words(lang, reason string, own []Own) string {
	key, field, ok := strings.Cut(reason, "|")
	if !ok {
		return i18n.T(lang, key)
	}
	v := i18n.V{"field": field, "choices": ""}
	for _, o := range own {
		if o.Key == field {
			v["field"], v["choices"] = o.Label, strings.Join(o.Choices, ", ")
		}
	}
	return i18n.T(lang, key, v)
}

func tooMuch(values map[string]string) bool {
	if len(values) == 0 {
		return false
	}
	raw, err := json.Marshal(values)
	return err != nil || len(raw) > mostOwn
}

// ownOf are a contact's values by the key of the owner's fields.
func ownOf(r *core.Record) map[string]string {
	values := map[string]string{}
	if raw := r.GetString(schema.ContactCustom); strings.HasPrefix(raw, "{") {
		if json.Unmarshal([]byte(raw), &values) != nil {
			return map[string]string{}
		}
	}
	return values
}

// withOwn are a contact's values together with those of a row that it lacks,
// and these alone.
func withOwn(r *core.Record, p person) (all, added map[string]string) {
	all, added = ownOf(r), map[string]string{}
	for key, v := range p.own {
		if all[key] == "" {
			added[key] = v
		}
	}
	maps.Copy(all, added)
	return all, added
}

// withoutOwn takes values off a contact where nobody changed them.
func withoutOwn(r *core.Record, added map[string]string) {
	values := ownOf(r)
	before := len(values)
	maps.DeleteFunc(values, func(key, v string) bool { return added[key] != "" && added[key] == v })
	if len(values) != before {
		r.Set(schema.ContactCustom, values)
	}
}
