package request

import "testing"

// The link to a request leads nowhere on the request's own page.
func TestWithoutLink(t *testing.T) {
	for text, want := range map[string]string{
		"We have it.\n\nSee it online\nhttps://s.test/requests/l/a.b.c\n\nA machine wrote this.": "We have it.\n\nA machine wrote this.",
		"Write to https://s.test/help":    "Write to https://s.test/help",
		"https://s.test/requests/l/a.b.c": "",
	} {
		if got := withoutLink(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}
