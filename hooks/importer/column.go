package importer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/schema"
	"golang.org/x/text/unicode/norm"
)

// What a column may hold.
const (
	fieldNone     = ""
	fieldName     = "name"
	fieldFirst    = "first_name"
	fieldLast     = "last_name"
	fieldEmail    = "email"
	fieldPhone    = "phone"
	fieldLanguage = "language"
	fieldNote     = "note"
	fieldTags     = "tags"
	fieldNumber   = "customer_no"
)

var fields = []string{fieldNone, fieldName, fieldFirst, fieldLast, fieldEmail, fieldPhone, fieldLanguage, fieldNote, fieldTags, fieldNumber}

// headings are how such columns are called, lower case, without blanks and
// marks. Several columns may hold addresses, numbers or notes.
var headings = map[string]string{
	"name": fieldName, "fullname": fieldName, "customername": fieldName, "contactname": fieldName, "displayname": fieldName, "customer": fieldName, "নাম": fieldName, "গ্রাহকেরনাম": fieldName, "পুরোনাম": fieldName, "ক্রেতারনাম": fieldName,
	"firstname": fieldFirst, "givenname": fieldFirst, "lastname": fieldLast, "surname": fieldLast, "familyname": fieldLast,
	"email": fieldEmail, "emailaddress": fieldEmail, "mail": fieldEmail, "email1value": fieldEmail, "ইমেইল": fieldEmail, "ইমেল": fieldEmail, "মেইল": fieldEmail, "ইমেইলঠিকানা": fieldEmail,
	"phone": fieldPhone, "phonenumber": fieldPhone, "mobile": fieldPhone, "mobilenumber": fieldPhone, "mobileno": fieldPhone, "cell": fieldPhone, "telephone": fieldPhone, "tel": fieldPhone, "phone1value": fieldPhone, "whatsapp": fieldPhone, "contactnumber": fieldPhone,
	"ফোন": fieldPhone, "ফোননম্বর": fieldPhone, "মোবাইল": fieldPhone, "মোবাইলনম্বর": fieldPhone, "মোবাইলনাম্বার": fieldPhone,
	"language": fieldLanguage, "lang": fieldLanguage, "locale": fieldLanguage, "ভাষা": fieldLanguage,
	"note": fieldNote, "notes": fieldNote, "comment": fieldNote, "comments": fieldNote, "remark": fieldNote, "remarks": fieldNote, "address": fieldNote, "নোট": fieldNote, "মন্তব্য": fieldNote, "ঠিকানা": fieldNote,
	"tag": fieldTags, "tags": fieldTags, "label": fieldTags, "labels": fieldTags, "group": fieldTags, "groups": fieldTags, "ট্যাগ": fieldTags,
	"customerno": fieldNumber, "customernumber": fieldNumber, "customerid": fieldNumber, "গ্রাহকনম্বর": fieldNumber,
}

// ownPrefix stands before the key of a contact field of the owner's.
const ownPrefix = "own:"

// Own is a contact field of the owner's.
type Own struct {
	Key     string
	Label   string   // in the language that was asked for
	Names   []string // how a column of it is called: its key, its labels
	Kind    string
	Choices []string
	// Fit brings a value into the form it is kept in; ok is false for what the
	// field cannot hold.
	Fit func(value string) (kept string, ok bool)
}

func (o Own) field() string { return ownPrefix + o.Key }

// guess is what a column of that heading holds. A field of the owner's goes
// before what a shop can do without: an address is a note only where there is
// no field for it.
func guess(heading string, own []Own) string {
	h := plain(heading)
	field := headings[h]
	switch field {
	case fieldName, fieldFirst, fieldLast, fieldEmail, fieldPhone:
		return field
	}
	for _, o := range own {
		if h != "" && slices.ContainsFunc(o.Names, func(name string) bool { return plain(name) == h }) {
			return o.field()
		}
	}
	return field
}

var marks = regexp.MustCompile(`[^\p{L}\p{M}\p{N}]+`)

func plain(heading string) string {
	return marks.ReplaceAllString(strings.ToLower(norm.NFC.String(heading)), "")
}

// column is one as the preview shows it.
type column struct {
	Heading string   `json:"heading"`
	Sample  []string `json:"sample"`
	Field   string   `json:"field"`
}

const samples = 4

// columns looks at the first rows: whether the first names the columns, and
// what each holds.
func columns(rows [][]string, own []Own) (list []column, header bool) {
	width := 0
	for _, r := range rows {
		width = max(width, len(r))
	}
	if len(rows) == 0 || width == 0 {
		return nil, false
	}
	named := 0
	for _, cell := range rows[0] {
		if guess(cell, own) != fieldNone {
			named++
		}
		if contact.Normalise(schema.KindEmail, cell) != "" {
			named = -mostColumns // an address: this is a customer already
		}
	}
	header = named > 0
	body := rows
	if header {
		body = rows[1:]
	}
	list = make([]column, width)
	for i := range list {
		c := &list[i]
		c.Sample = []string{}
		if header && i < len(rows[0]) {
			c.Heading = rows[0][i]
			c.Field = guess(c.Heading, own)
		}
		values := cells(body, i)
		for _, v := range values {
			if len(c.Sample) < samples {
				c.Sample = append(c.Sample, short(v))
			}
		}
		if c.Field == fieldNone {
			c.Field = byContent(values)
		}
	}
	for i := range list { // a name is there once
		field := list[i].Field
		switch field {
		case fieldEmail, fieldPhone, fieldNote, fieldTags:
			continue
		}
		if slices.ContainsFunc(list[:i], func(c column) bool { return c.Field == field }) {
			list[i].Field = fieldNone
		}
	}
	return list, header
}

func cells(rows [][]string, i int) (values []string) {
	for _, r := range rows {
		if i < len(r) && r[i] != "" {
			values = append(values, r[i])
		}
	}
	return values
}

// byContent tells addresses and numbers by how they look.
func byContent(values []string) string {
	emails, phones := 0, 0
	for _, v := range values {
		if contact.Normalise(schema.KindEmail, v) != "" {
			emails++
		}
		if p, _ := phone(v); p != "" && len(v) >= 10 {
			phones++
		}
	}
	switch {
	case len(values) > 0 && emails*10 >= len(values)*7:
		return fieldEmail
	case len(values) > 0 && phones*10 >= len(values)*8:
		return fieldPhone
	}
	return fieldNone
}

func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}

// mobile is a number of a mobile telephone in Bangladesh, in any of the ways
// it is written; what is kept is its end.
var mobile = regexp.MustCompile(`^(?:\+?880|0)?(1[3-9][0-9]{8})$`)

var (
	float     = regexp.MustCompile(`^([0-9০-৯]{6,15})[.,]0+$`)
	scientist = regexp.MustCompile(`^[0-9]([.,][0-9]+)?[eE]\+?[0-9]+$`)
)

// phone brings a number into the form it is kept in. What a spreadsheet did to
// it is undone where that is possible: a lost zero in front, a decimal point
// behind, an apostrophe. why is the key of what is wrong, if nothing helps.
func phone(raw string) (number, why string) {
	s := strings.Map(func(r rune) rune {
		switch {
		case r >= '০' && r <= '৯':
			return '0' + r - '০'
		case r == '\u00a0' || r == '\u200b' || r == '\u200e' || r == '\u202a' || r == '\u202c' || r == '/':
			return -1
		}
		return r
	}, strings.TrimLeft(strings.TrimSpace(raw), "'\u2019=\""))
	s = strings.TrimSuffix(strings.TrimSpace(s), `"`)
	if scientist.MatchString(s) {
		return "", "import.why_phone_cut"
	}
	if m := float.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	if strings.HasPrefix(s, "00") {
		s = "+" + s[2:]
	}
	value := contact.Normalise(schema.KindPhone, s)
	if value == "" {
		return "", "import.why_phone"
	}
	if m := mobile.FindStringSubmatch(value); m != nil {
		return "+880" + m[1], ""
	}
	return value, ""
}

// spellings are the ways in which a number may be known already.
func spellings(number string) []string {
	if m := mobile.FindStringSubmatch(number); m != nil {
		return []string{number, "0" + m[1], "880" + m[1], m[1]}
	}
	return []string{number}
}
