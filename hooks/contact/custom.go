package contact

import (
	"encoding/json/v2"
	"fmt"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// joinCustom gives keep the values of the owner's fields that it lacks, and
// what drop agreed to, in the order of time.
func joinCustom(keep, drop *core.Record) error {
	have, more := map[string]string{}, map[string]string{}
	for r, into := range map[*core.Record]*map[string]string{keep: &have, drop: &more} {
		if raw := r.GetString(schema.ContactCustom); strings.HasPrefix(raw, "{") {
			if err := json.Unmarshal([]byte(raw), into); err != nil {
				return fmt.Errorf("read the fields of contact %s: %w", r.Id, err)
			}
		}
	}
	for key, v := range more {
		if have[key] == "" {
			have[key] = v
		}
	}
	if len(have) > 0 {
		keep.Set(schema.ContactCustom, have)
	}
	if said := Consents(drop); len(said) > 0 {
		AddConsents(keep, said...)
	}
	return nil
}
