package mail

import (
	"bytes"
	"context"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/auth"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

// TakePast takes one mail of an archive into a mailbox's conversations, as
// older mail of its folder would be (rule 11): with its date, by the same
// rules of threading, and with nothing set in motion. Mails from an address of
// ours are our own answers. known tells that it was here already, ok that it
// could be taken.
func (room *Room) TakePast(ctx context.Context, mailbox string, src conversation.Source, raw []byte, cut bool) (known, ok bool, err error) {
	r, err := room.app.FindRecordById(schema.Mailboxes, mailbox)
	if err != nil {
		return false, false, fmt.Errorf("find the mailbox: %w", err)
	}
	box := wrap(r)
	if !bytes.Contains(raw, []byte("\r\n")) { // as it went over the wire, so that it is known again
		raw = bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
	}
	m := mime.Parse(raw)
	if known, err = room.has(box.Id, ledgerKey(m)); err != nil || known {
		return known, known, err
	}
	facts, err := room.known(room.app)
	if err != nil {
		return false, false, err
	}
	a := &arrival{item: imapbox.Item{UID: src.UID, Raw: raw, Size: int64(len(raw)), Cut: cut, Older: true, Silent: true}, src: src}
	if facts.own[m.From.Addr] || facts.staff[m.From.Addr] && fromUs(m, facts.own) {
		return room.takeOwn(box, a, m, facts)
	}
	if err := room.keep([]*arrival{a}); err != nil {
		return false, false, err
	}
	if err := room.alone(box, a); err != nil {
		return false, false, err
	}
	var at struct {
		Message    string `db:"message"`
		Quarantine string `db:"quarantine"`
	}
	err = room.app.DB().NewQuery(`SELECT message, quarantine FROM ledger WHERE account = {:account} AND folder = {:folder} AND uidvalidity = {:validity} AND uid = {:uid} AND uid > 0`).
		Bind(dbx.Params{"account": box.Id, "folder": src.Folder, "validity": int64(src.UIDValidity), "uid": int64(src.UID)}).One(&at)
	if errorsIsNoRows(err) {
		return false, true, nil
	}
	return at.Message == nothing, at.Quarantine == "", err
}

// has tells whether the ledger knows a mail. Uses idx_ledger_key.
func (room *Room) has(box, key string) (some bool, err error) {
	err = room.app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM ledger WHERE account = {:account} AND dedupe_key = {:key} AND dedupe_key != '')`).
		Bind(dbx.Params{"account": box, "key": key}).Row(&some)
	return some, err
}

// fromUs tells whether a mail of an agent's own address is an answer of the
// shop: it did not come to the shop.
func fromUs(m *mime.Mail, own map[string]bool) bool {
	for _, list := range [][]mime.Address{m.To, m.CC} {
		for _, a := range list {
			if auth.Own(a.Addr, own) {
				return false
			}
		}
	}
	return true
}

// takeOwn takes in an answer of ours. One that went to nobody else, such as a
// mail to oneself, is passed over.
func (room *Room) takeOwn(box *Mailbox, a *arrival, m *mime.Mail, facts *facts) (known, ok bool, err error) {
	var to mime.Address
	for _, list := range [][]mime.Address{m.To, m.CC} {
		for _, x := range list {
			if to.Addr == "" && x.Addr != "" && !auth.Own(x.Addr, facts.own) && identityValue(x.Addr) != "" {
				to = x
			}
		}
	}
	if to.Addr == "" || m.Bounce || m.Receipt || m.Complaint {
		return false, false, nil
	}
	if err := room.keep([]*arrival{a}); err != nil {
		return false, false, err
	}
	release, err := room.hold(a)
	if err != nil {
		return false, false, err
	}
	defer release()
	text, page := m.Text, m.HTML
	if r := []rune(text); len(r) > maxText {
		text = string(r[:maxText])
	}
	if len(page) > maxHTML {
		page = ""
	}
	p := conversation.Past{
		Account: box.Id, Key: ledgerKey(m), Source: a.src, Mailbox: box.Id, ChannelID: m.MessageID, References: references(m),
		To: conversation.Identity{Kind: schema.KindEmail, Value: identityValue(to.Addr)}, Name: to.Name, Agent: agentOf(room.app, m.From.Addr), From: m.From.Addr,
		CC: others(m, facts.own, to.Addr), Subject: m.Subject, Text: text, HTML: page, Files: filesOf(m), RawSHA: a.sha, Sent: m.Date,
	}
	got, err := conversation.TakePast(room.app, p)
	return err == nil && !got.New, err == nil, err
}

// agentOf is the agent with an address, "" if there is none.
func agentOf(app core.App, address string) string {
	r, err := app.FindAuthRecordByEmail(schema.Agents, address)
	if err != nil {
		return ""
	}
	return r.Id
}
