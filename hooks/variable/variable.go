// Package variable knows what may stand in {{braces}} in a text that the shop
// writes once and sends often: canned replies and what automations say.
//
// What stands behind a bar, as in {{contact.name|there}}, is said where the
// variable is empty. A name that nobody knows stays as it is, so that it is
// seen; so that no customer sees it, such a text is refused when it is saved.
package variable

import (
	"regexp"
	"slices"
	"strings"

	"github.com/shohay/shohay/hooks/search"
)

// Names are the variables. The desk has the same list in variables.js.
var Names = []string{
	"contact.name", "contact.first_name", "contact.email", "contact.phone", "agent.name", "agent.first_name",
	"number", "conversation.number", "conversation.subject", "shop.name",
}

var (
	braces = regexp.MustCompile(`\{\{\s*([\w.]+)\s*(?:\|([^{}|]*))?\}\}`)
	// anything is wider: whoever writes {{customer name}} means a variable too.
	anything = regexp.MustCompile(`\{\{([^{}\n]{0,80})\}\}`)
	// gaps are what goes with a name that is empty: the blank or the comma.
	gaps = regexp.MustCompile(` \{\{\s*contact\.(?:first_)?name\s*\}\}|\{\{\s*contact\.(?:first_)?name\s*\}\},? ?`)
)

// Fill puts the values in. A customer without a name is greeted without one,
// unless the text has words for that.
func Fill(text string, values map[string]string) string {
	if values["contact.name"] == "" {
		text = gaps.ReplaceAllString(text, "")
	}
	text = braces.ReplaceAllStringFunc(text, func(whole string) string {
		m := braces.FindStringSubmatch(whole)
		other := strings.TrimSpace(m[2])
		value, known := values[m[1]]
		if known && value != "" {
			return value
		}
		if known || strings.Contains(whole, "|") {
			return other
		}
		return whole
	})
	return strings.TrimSpace(text)
}

// Strangers are the variables of texts that are none of the known, each once,
// as they were written between the braces.
func Strangers(texts ...string) []string {
	var odd []string
	for _, text := range texts {
		for _, m := range anything.FindAllStringSubmatch(text, -1) {
			name, _, _ := strings.Cut(m[1], "|")
			if name = strings.TrimSpace(name); !slices.Contains(Names, name) && !slices.Contains(odd, name) {
				odd = append(odd, name)
			}
		}
	}
	return odd
}

// Said are the values of the sentence that refuses one: what was written, and
// what may have been meant, in braces as they are typed.
func Said(name string) map[string]any {
	near := Near(name, Names)
	for i, n := range near {
		near[i] = "{{" + n + "}}"
	}
	return map[string]any{"name": "{{" + name + "}}", "list": strings.Join(near, ", ")}
}

// nearest are so many.
const nearest = 3

// Near are the known names that are most like another one, the best first.
func Near(name string, known []string) []string {
	name = strings.ToLower(name)
	like := func(other string) int {
		best := search.Distance(name, other)
		if first, last, found := strings.Cut(other, "."); found {
			best = min(best, search.Distance(name, last)+1, search.Distance(name, first)+2)
		}
		return best
	}
	near := slices.Clone(known)
	slices.SortStableFunc(near, func(a, b string) int { return like(a) - like(b) })
	return near[:min(nearest, len(near))]
}
