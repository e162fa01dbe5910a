package importer

import (
	"net/mail"
	"strings"

	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/schema"
)

// person is a row of a table.
type person struct {
	name, language, number string
	notes, tags            []string
	emails, phones         []string
	own                    map[string]string // by the key of the owner's fields
}

const (
	mostName = 119
	mostNote = 4900
	mostTags = 20
)

// personOf reads a row by what its columns hold; why is the reason of what is
// wrong with it.
func personOf(row, mapping []string, own []Own) (p person, why string) {
	if row == nil {
		return p, "import.why_row"
	}
	first, last := "", ""
	bad, unfit := "", ""
	for i, field := range mapping {
		if i >= len(row) || row[i] == "" {
			continue
		}
		cell := row[i]
		switch field {
		case fieldName:
			p.name = cell
		case fieldFirst:
			first = cell
		case fieldLast:
			last = cell
		case fieldEmail:
			for part := range strings.FieldsFuncSeq(cell, func(r rune) bool { return r == ';' || r == ',' }) {
				value := contact.Normalise(schema.KindEmail, strings.TrimPrefix(strings.TrimSpace(part), "mailto:"))
				if value == "" {
					bad = "import.why_email"
					continue
				}
				if a, err := mail.ParseAddress(part); err == nil && p.name == "" && a.Name != "" {
					p.name = a.Name
				}
				p.emails = append(p.emails, value)
			}
		case fieldPhone:
			for part := range strings.FieldsFuncSeq(cell, func(r rune) bool { return r == ';' || r == ',' && strings.Count(cell, ",") > 0 && len(cell) > 14 }) {
				value, wrong := phone(part)
				if value == "" {
					bad = wrong
					continue
				}
				p.phones = append(p.phones, value)
			}
		case fieldLanguage:
			p.language = languageOf(cell)
		case fieldNote:
			p.notes = append(p.notes, cell)
		case fieldTags:
			for t := range strings.FieldsFuncSeq(cell, func(r rune) bool { return r == ',' || r == ';' || r == '|' }) {
				if t = clip(strings.TrimSpace(t), 40); t != "" && len(p.tags) < mostTags {
					p.tags = append(p.tags, t)
				}
			}
		case fieldNumber:
			p.number = clip(cell, 20)
		default:
			if wrong := p.setOwn(own, field, cell); wrong != "" && unfit == "" {
				unfit = wrong
			}
		}
	}
	if p.name == "" {
		p.name = strings.TrimSpace(first + " " + last)
	}
	p.name = clip(strings.Join(strings.Fields(p.name), " "), mostName)
	if len(p.emails)+len(p.phones) == 0 {
		if bad != "" {
			return p, bad
		}
		return p, "import.why_nothing"
	}
	if unfit == "" && tooMuch(p.own) {
		unfit = whyMuch
	}
	return p, unfit
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// languageOf reads a language as people and programs write it.
func languageOf(cell string) string {
	word := strings.ToLower(strings.TrimSpace(cell))
	switch {
	case strings.HasPrefix(word, "bn"), strings.HasPrefix(word, "ban"), strings.HasPrefix(word, "ben"), strings.HasPrefix(word, "বাং"):
		return "bn"
	case strings.HasPrefix(word, "en"), strings.HasPrefix(word, "ইং"):
		return "en"
	}
	return ""
}

func (p person) identities() (list []contact.Identity) {
	for _, e := range p.emails {
		list = append(list, contact.Identity{Kind: schema.KindEmail, Value: e})
	}
	for _, n := range p.phones {
		list = append(list, contact.Identity{Kind: schema.KindPhone, Value: n})
	}
	return list
}
