package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/auth"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/schema"
)

// TakePast takes mails of an archive into a mailbox's conversations, as older
// mail of its folder would be (rule 11): with their dates, by the same rules of
// threading, and with nothing set in motion. Mails from an address of ours are
// our own answers. They are written together, in their order; where that fails,
// one by one. Their UIDs go up.
func (room *Room) TakePast(ctx context.Context, mailbox string, mails []conversation.PastMail) ([]conversation.PastTaken, error) {
	r, err := room.app.FindRecordById(schema.Mailboxes, mailbox)
	if err != nil {
		return nil, fmt.Errorf("find the mailbox: %w", err)
	}
	box := wrap(r)
	facts, err := room.known(room.app)
	if err != nil {
		return nil, err
	}
	taken := make([]conversation.PastTaken, len(mails))
	var all []*arrival
	var at []int
	seen := map[string]bool{}
	for i, p := range mails {
		raw := p.Raw
		if !bytes.Contains(raw, []byte("\r\n")) { // as it went over the wire, so that it is known again
			raw = bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
		}
		m := mime.Parse(raw)
		key := ledgerKey(m)
		known := seen[key]
		if !known {
			if known, err = room.has(box.Id, key); err != nil {
				return nil, err
			}
		}
		if known {
			taken[i] = conversation.PastTaken{Known: true, OK: true}
			continue
		}
		a := &arrival{item: imapbox.Item{UID: p.Source.UID, Raw: raw, Size: int64(len(raw)), Cut: p.Cut, Older: true, Silent: true}, src: p.Source}
		if facts.own[m.From.Addr] || facts.staff[m.From.Addr] && fromUs(m, facts.own) {
			if _, some := answered(m, facts); !some {
				continue
			}
			a.ours = true
		}
		seen[key] = key != ""
		all, at = append(all, a), append(at, i)
	}
	if len(all) == 0 {
		return taken, nil
	}
	for try := 1; ; try++ {
		err := room.together(box, all, func(core.App, uint32) error { return nil })
		if err == nil {
			break
		}
		if ctx.Err() != nil || disk.IsFull(err) || try > tries {
			return nil, err
		}
	}
	for i, a := range all {
		if taken[at[i]], err = room.becameOf(box.Id, a.src); err != nil {
			return nil, err
		}
	}
	return taken, nil
}

// becameOf is what became of a mail of an archive. Uses idx_ledger_uid.
func (room *Room) becameOf(box string, src conversation.Source) (conversation.PastTaken, error) {
	var at struct {
		Message    string `db:"message"`
		Quarantine string `db:"quarantine"`
	}
	err := room.app.DB().NewQuery(`SELECT message, quarantine FROM ledger WHERE account = {:account} AND folder = {:folder} AND uidvalidity = {:validity} AND uid = {:uid} AND uid > 0`).
		Bind(dbx.Params{"account": box, "folder": src.Folder, "validity": int64(src.UIDValidity), "uid": int64(src.UID)}).One(&at)
	if errorsIsNoRows(err) {
		return conversation.PastTaken{OK: true}, nil
	}
	return conversation.PastTaken{Known: at.Message == nothing, OK: at.Quarantine == ""}, err
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

// answered is whom an answer of ours went to; false for one that went to
// nobody else, such as a mail to oneself, and for what is no answer.
func answered(m *mime.Mail, facts *facts) (to mime.Address, some bool) {
	if m.Bounce || m.Receipt || m.Complaint {
		return to, false
	}
	for _, list := range [][]mime.Address{m.To, m.CC} {
		for _, x := range list {
			if x.Addr != "" && !auth.Own(x.Addr, facts.own) && identityValue(x.Addr) != "" {
				return x, true
			}
		}
	}
	return to, false
}

// ourAnswer is what follows from an answer of ours in an archive.
func (room *Room) ourAnswer(box *Mailbox, a *arrival, m *mime.Mail) (deed, error) {
	facts, err := room.known(room.app)
	if err != nil {
		return nil, err
	}
	to, some := answered(m, facts)
	if !some {
		return nil, errors.New("an answer of ours to nobody")
	}
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
	return func(tx core.App) error {
		got, err := conversation.TakePast(tx, p)
		if err != nil || got.New {
			return err
		}
		return settle(tx, box.Id, a.src, nothing, "")
	}, nil
}

// agentOf is the agent with an address, "" if there is none.
func agentOf(app core.App, address string) string {
	r, err := app.FindAuthRecordByEmail(schema.Agents, address)
	if err != nil {
		return ""
	}
	return r.Id
}
