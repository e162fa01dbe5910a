package contact

import (
	"cmp"
	"encoding/json/v2"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// Consent is that a customer agreed to something, or took it back: who, when,
// by which way, to which words, and where that can be seen.
type Consent struct {
	What    string `json:"what"`
	Given   bool   `json:"given"`
	At      string `json:"at"`      // RFC 3339
	Source  string `json:"source"`  // where it was written down: desk, portal, site …
	By      string `json:"by"`      // the agent who wrote it down; "" is the customer
	Channel string `json:"channel"` // how the customer said it: one of [ConsentChannels] or ""
	Words   string `json:"words"`   // what they agreed to, as it was put to them
	Number  int64  `json:"number"`  // of the conversation in which they said it; 0 for none
	Note    string `json:"note"`
}

// ConsentKinds are what a customer can agree to, ConsentChannels how.
var (
	ConsentKinds    = []string{"newsletter", "messages", "calls"}
	ConsentChannels = []string{"chat", "email", "portal", "phone", "shop", "paper"}
)

// keptConsents is how much of the past is kept: what was said last counts, and
// that it was another way before may have to be shown.
const keptConsents = 60

// Consents are what a contact agreed to and took back, the oldest first.
func Consents(r *core.Record) []Consent {
	list := []Consent{}
	if raw := r.GetString(schema.ContactConsents); strings.HasPrefix(raw, "[") {
		if err := json.Unmarshal([]byte(raw), &list); err != nil {
			return []Consent{}
		}
	}
	return list
}

// Agreed are the last words on everything that a contact was asked.
func Agreed(r *core.Record) map[string]Consent {
	last := map[string]Consent{}
	for _, c := range Consents(r) {
		last[c.What] = c
	}
	return last
}

// AddConsents writes down what a contact said, in the order of time. The last
// word on each thing is never forgotten.
func AddConsents(r *core.Record, said ...Consent) {
	list := append(Consents(r), said...)
	slices.SortStableFunc(list, func(a, b Consent) int { return cmp.Compare(a.At, b.At) })
	for i := 0; len(list) > keptConsents && i < len(list); {
		if slices.ContainsFunc(list[i+1:], func(c Consent) bool { return c.What == list[i].What }) {
			list = slices.Delete(list, i, i+1)
		} else {
			i++
		}
	}
	r.Set(schema.ContactConsents, list)
}
