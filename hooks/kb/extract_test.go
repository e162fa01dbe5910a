package kb

import (
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/search"
)

func TestExtracts(t *testing.T) {
	long := "A product can be returned within seven days of getting it.\nHow it goes\nPress Return in My orders, then a rider comes and takes the parcel from you.\nWho pays\nReason\nA change of mind costs sixty taka, whatever was bought and wherever you live in the country."
	for question, want := range map[string]string{
		"return days":    "A product can be returned within seven days of getting it.",
		"rider parcel":   "Press Return in My orders, then a rider comes and takes the parcel from you.",
		"change of mind": "A change of mind costs sixty taka, whatever was bought and wherever you live in the country.",
		"moon":           "A product can be returned within seven days of getting it.",
	} {
		if got := Extract(long, search.Ask(question, nil, false), 160); got != want {
			t.Errorf("%q: %q", question, got)
		}
	}
	if got := Extract(" short ", nil, 10); got != "short" {
		t.Error(got)
	}
	if got := Extract(strings.Repeat("word ", 200), nil, 100); len(got) > 130 || got == "" {
		t.Error(got)
	}
}
