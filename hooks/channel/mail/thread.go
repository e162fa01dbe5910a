package mail

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

const (
	maxTokens   = 20        // tokens of one mail that are checked
	tokenSearch = 256 << 10 // bytes of a body that are searched for tokens
)

// thread finds what ties a mail to conversations (rule 17): tokens in the
// order of their worth, then hints. A token that is not real is nothing.
func (room *Room) thread(app core.App, in *conversation.Incoming, m *mime.Mail, sender string) error {
	in.References = references(m)
	for _, t := range tokensOf(m, in.References) {
		t, err := located(app, t)
		if err != nil {
			return err
		}
		address, ok, err := room.proof(app, t, sender)
		if err != nil {
			return err
		}
		if !ok || t.conversation == in.Thread.Conversation || slices.ContainsFunc(in.Also, func(o conversation.Thread) bool { return o.Conversation == t.conversation }) {
			continue
		}
		th := conversation.Thread{Conversation: t.conversation, Address: address}
		if in.Thread.Conversation == "" {
			in.Thread = th
		} else {
			in.Also = append(in.Also, th)
		}
	}
	in.Numbers = numbersIn(m.Subject)
	return nil
}

// tokensOf lists what has the form of a token of ours: in plus addresses, in
// the ids the mail refers to, newest first, and in its text.
func tokensOf(m *mime.Mail, refs []string) (all []token) {
	add := func(t token, ok bool) {
		if ok && len(all) < maxTokens && !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	for _, a := range arrivedAt(m) {
		add(readPlus(a))
		add(readBounce(a))
	}
	for _, id := range refs {
		add(readToken(id))
	}
	for _, text := range []string{m.Text, m.HTML} {
		for _, id := range anywhere.FindAllString(text[:min(len(text), tokenSearch)], maxTokens) {
			add(readToken(id))
		}
	}
	return all
}

// arrivedAt are the addresses that a mail came to, as its fields tell.
func arrivedAt(m *mime.Mail) (all []string) {
	for _, list := range [][]mime.Address{m.To, m.CC} {
		for _, a := range list {
			all = append(all, a.Addr)
		}
	}
	for _, field := range []string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Forwarded-To", "X-Envelope-To"} {
		for _, v := range m.Header.All(field) {
			all = append(all, strings.Trim(v, "<> \t"))
		}
	}
	return all
}

var numberForm = regexp.MustCompile(`\[#([0-9]{1,12})\]|\(#([0-9]{1,12})\)|\[#([০-৯]{1,12})\]`)

// numbersIn reads [#123] in a subject: a hint and no more, because anybody can
// count.
func numbersIn(subject string) (numbers []int64) {
	for _, found := range numberForm.FindAllStringSubmatch(subject, 5) {
		digits := strings.Map(func(r rune) rune {
			if r >= '০' && r <= '৯' {
				return '0' + r - '০'
			}
			return r
		}, found[1]+found[2]+found[3])
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil && !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// proof checks a token of ours: it is real when it is bound to an address that
// the message, or for a plus address anything in the conversation, went to. It
// returns that address. claimed is tried too, for a message whose records are
// gone.
func (room *Room) proof(app core.App, t token, claimed string) (address string, ok bool, err error) {
	keys := room.keys()
	sentTo, err := recipientsOf(app, t)
	if err != nil {
		return "", false, err
	}
	for _, a := range append(sentTo, claimed) {
		a = contact.Normalise(schema.KindEmail, a)
		if t.boundTo(keys, settings.PurposeThread, a) {
			return a, true, nil
		}
	}
	return "", false, nil
}

// located completes a token that names only its message. One that is unknown
// stays as it is, and proves nothing.
func located(app core.App, t token) (token, error) {
	if t.conversation != "" {
		return t, nil
	}
	err := app.DB().NewQuery(`SELECT conversation FROM messages WHERE id = {:id}`).Bind(dbx.Params{"id": t.message}).Row(&t.conversation)
	if err != nil && !errorsIsNoRows(err) {
		return t, fmt.Errorf("find the message of a token: %w", err)
	}
	return t, nil
}

// references are the ids a mail refers to, newest first.
func references(m *mime.Mail) []string {
	var all []string
	add := func(id string) {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	for _, id := range m.InReplyTo {
		add(id)
	}
	for _, id := range slices.Backward(m.References) {
		add(id)
	}
	return all
}
