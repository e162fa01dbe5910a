package portal

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shohay/shohay/hooks/channel/portal/form"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

// Limits of the form.
const (
	maxMessage = 5000 // letters
	maxName    = 100
	maxContact = 254
	maxOrder   = 60
)

// topics are what a question may be about.
var topics = []string{"ordering", "payment", "delivery", "returns", "warranty", "other"}

// question is what somebody typed.
type question struct {
	*form.Form
	stamp   string
	name    string
	contact string
	message string
	order   string
	topic   string // one of topics, "" for none
}

// readQuestion reads the form; what could be read before an error is there.
func readQuestion(r *http.Request, fileLimit int64) (question, error) {
	f, err := form.Read(r, fileLimit)
	q := question{Form: f, stamp: f.Raw("form"), name: f.Line("name"), contact: f.Line("contact"), message: f.Text("message"), order: f.Line("order")}
	if t := f.Raw("topic"); slices.Contains(topics, t) {
		q.topic = t
	}
	return q, err
}

// fault is a sentence about a field.
type fault = form.Fault

// check names everything that is wrong, in the order of the page.
func (f *question) check(fileLimit int64, size func(int64) string) []fault {
	var faults []fault
	add := func(field, key string, value map[string]any) {
		faults = append(faults, fault{Field: field, Key: "portal." + key, Values: value})
	}
	switch {
	case f.contact == "":
		add("contact", "error_contact", nil)
	case f.identity().Value == "":
		add("contact", "error_contact_bad", nil)
	}
	if utf8.RuneCountInString(f.name) > maxName {
		add("name", "error_name_long", map[string]any{"n": maxName})
	}
	if utf8.RuneCountInString(f.order) > maxOrder {
		add("order", "error_order_long", map[string]any{"n": maxOrder})
	}
	switch n := utf8.RuneCountInString(f.message); {
	case n == 0:
		add("message", "error_message", nil)
	case n > maxMessage:
		add("message", "error_message_long", map[string]any{"n": maxMessage})
	}
	return append(faults, f.CheckFiles(fileLimit, size)...)
}

// identity is who asks: a bare e-mail address or a telephone number. Value is
// empty if it is neither.
func (f *question) identity() conversation.Identity {
	if strings.Contains(f.contact, "@") {
		_, domain, _ := strings.Cut(f.contact, "@")
		value := contact.Normalise(schema.KindEmail, f.contact)
		if strings.ContainsAny(f.contact, "<>\" ,;") || !strings.Contains(strings.Trim(domain, "."), ".") || len(f.contact) > maxContact {
			value = ""
		}
		return conversation.Identity{Kind: schema.KindEmail, Value: value}
	}
	return conversation.Identity{Kind: schema.KindPhone, Value: contact.Normalise(schema.KindPhone, f.contact)}
}

// subject is the first line of the question, short enough for a mail.
func (f *question) subject() string {
	line, _, _ := strings.Cut(f.message, "\n")
	line = form.OneLine(line)
	if utf8.RuneCountInString(line) <= 70 {
		return line
	}
	cut := string([]rune(line)[:69])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRightFunc(cut, unicode.IsPunct) + "…"
}

// key tells this question from every other: see the package comment.
func (f *question) key() string {
	h := sha256.New()
	for _, part := range []string{form.ID(f.stamp), f.name, f.contact, f.message, f.order, f.topic} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	f.Sum(h)
	return hex.EncodeToString(h.Sum(nil)[:20])
}

// said is the message with what was given beside it, for whoever answers.
func (f *question) said(label func(key string) string) string {
	text := f.message
	if f.order != "" || f.topic != "" {
		text += "\n"
	}
	if f.order != "" {
		text += "\n" + label("portal.order") + ": " + f.order
	}
	if f.topic != "" {
		text += "\n" + label("portal.topic") + ": " + label(fmt.Sprintf("portal.topic_%s", f.topic))
	}
	return text
}
