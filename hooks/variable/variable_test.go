package variable

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestVariablesAreFilled(t *testing.T) {
	values := map[string]string{"contact.name": "Nusrat Jahan", "contact.first_name": "Nusrat", "number": "12", "contact.phone": ""}
	for text, want := range map[string]string{
		"Hello {{contact.first_name}}, #{{ number }}":         "Hello Nusrat, #12",
		"Hello {{contact.name|there}}":                        "Hello Nusrat Jahan",
		"We call {{contact.phone | your number}}.":            "We call your number.",
		"We call {{contact.phone}}.":                          "We call .",
		"{{nonsense}} and {{other|words}} and {{not a name}}": "{{nonsense}} and words and {{not a name}}",
	} {
		if got := Fill(text, values); got != want {
			t.Errorf("%q became %q instead of %q", text, got, want)
		}
	}
	nobody := map[string]string{"contact.name": "", "contact.first_name": "", "number": "12"}
	for text, want := range map[string]string{
		"Hello {{contact.first_name}}, we close #{{number}}.": "Hello, we close #12.",
		"{{contact.name}}, এক সপ্তাহ":                         "এক সপ্তাহ",
		"Dear {{contact.name|customer}}, yes":                 "Dear customer, yes",
	} {
		if got := Fill(text, nobody); got != want {
			t.Errorf("without a name %q became %q instead of %q", text, got, want)
		}
	}
}

func TestAnUnknownVariableIsNamedWithWhatIsLikeIt(t *testing.T) {
	odd := Strangers("Hi {{contact.nmae}} {{number}} {{ contact.name | you }}", "{{customer name}} {{contact.nmae|x}} {{গ্রাহক}} {{}} {single} {{open")
	if want := []string{"contact.nmae", "customer name", "গ্রাহক", ""}; !slices.Equal(odd, want) {
		t.Errorf("unknown: %q instead of %q", odd, want)
	}
	for name, first := range map[string]string{"contact.nmae": "contact.name", "Contact.Name": "contact.name", "phone": "contact.phone", "subject": "conversation.subject", "nubmer": "number", "shop": "shop.name", "firstname": "contact.first_name"} {
		if near := Near(name, Names); len(near) != nearest || near[0] != first {
			t.Errorf("like %s: %v", name, near)
		}
	}
}

// The desk refuses by the same list before it asks.
func TestTheDeskKnowsTheSameVariables(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "pb_public", "desk", "variables.js"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?s)export const VARIABLES = \[(.*?)\]`).FindSubmatch(raw)
	if m == nil {
		t.Fatal("no list")
	}
	var list []string
	for name := range strings.SplitSeq(string(m[1]), ",") {
		if name = strings.Trim(strings.TrimSpace(name), `"`); name != "" {
			list = append(list, name)
		}
	}
	if !slices.Equal(list, Names) {
		t.Errorf("the desk's list is %v", list)
	}
}
