package team

import (
	"strings"
	"unicode"
)

// Person is somebody who can be called.
type Person struct {
	ID   string `db:"id"`
	Name string `db:"name"`
}

// Call is one name in a note.
type Call struct {
	ID string `json:"id"` // of the agent
	As string `json:"as"` // the name as it stands behind the @
}

// Called lists whom a text calls, each once, in order: "@" at the beginning of
// a word and then a whole name, or a first name that only one of the staff has.
// Of two names that fit the longer one counts; of two people with the same name
// both are called.
func Called(text string, staff []Person) (calls []Call) {
	letters := []rune(text)
	first := map[string]int{}
	for _, p := range staff {
		first[strings.ToLower(firstName(p.Name))]++
	}
	seen := map[string]bool{}
	for i, r := range letters {
		if r != '@' || i > 0 && part(letters[i-1]) {
			continue
		}
		most, as := 0, ""
		var who []string
		for _, p := range staff {
			names := []string{strings.Join(strings.Fields(p.Name), " ")}
			if f := firstName(p.Name); first[strings.ToLower(f)] == 1 {
				names = append(names, f)
			}
			for _, name := range names {
				n := len([]rune(name))
				if n == 0 || n < most || !stands(letters[i+1:], name, n) {
					continue
				}
				if n > most {
					most, who = n, nil
				}
				who, as = append(who, p.ID), string(letters[i+1:i+1+n])
			}
		}
		for _, id := range who {
			if !seen[id] {
				seen[id] = true
				calls = append(calls, Call{id, as})
			}
		}
	}
	return calls
}

func firstName(name string) string {
	f, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return f
}

// stands tells whether the letters begin with a name that ends there.
func stands(letters []rune, name string, n int) bool {
	return len(letters) >= n && strings.EqualFold(string(letters[:n]), name) && (len(letters) == n || !part(letters[n]))
}

// part tells whether a letter belongs to a word.
func part(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) }
