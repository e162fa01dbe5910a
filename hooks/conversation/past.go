package conversation

import (
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/schema"
)

// PastMail is a mail of an archive.
type PastMail struct {
	Source Source
	Raw    []byte
	Cut    bool // there was more of it
}

// PastTaken is what became of one: known tells that it was here already, OK
// that it could be taken.
type PastTaken struct{ Known, OK bool }

// Past is an answer of the shop's own that was sent before it was at home
// here, as an archive of mails has it.
type Past struct {
	Account    string
	Key        string
	Source     Source
	Mailbox    string
	ChannelID  string
	References []string // newest first
	To         Identity
	Name       string // of whom it went to
	Agent      string // who wrote it, if the sender's address is an agent's
	From       string
	CC         []string
	Subject    string
	Text, HTML string
	Files      []File
	RawSHA     string
	Sent       time.Time
}

// TakePast writes such an answer into the conversation it belongs to by its
// references, or into one of its own. Nothing is sent and nothing is set in
// motion; called again it returns what is there.
func TakePast(app core.App, p Past) (got Received, err error) {
	in, err := tidy(Incoming{
		Channel: schema.ChannelEmail, Account: p.Account, Keys: []string{p.Key}, Source: p.Source, ChannelID: p.ChannelID, References: p.References,
		From: []Identity{p.To}, Name: p.Name, Mailbox: p.Mailbox, Subject: p.Subject, Text: p.Text, HTML: p.HTML, SenderAddress: p.From,
		RecipientAddress: p.To.Value, CC: p.CC, RawSHA: p.RawSHA, Sent: p.Sent, Older: true, Files: p.Files,
	})
	if err != nil {
		return got, err
	}
	if contact.Normalise(p.To.Kind, p.To.Value) == "" {
		return got, errors.New("an answer goes to somebody")
	}
	err = app.RunInTransaction(func(tx core.App) error {
		known, err := findKnown(tx, in.Account, in.Keys)
		if err != nil {
			return err
		}
		if known != nil {
			got = *known
			return nil
		}
		got, err = writePast(tx, p, in)
		return err
	})
	if err != nil {
		return Received{}, fmt.Errorf("take an answer of the past: %w", err)
	}
	return got, nil
}

func writePast(tx core.App, p Past, in Incoming) (Received, error) {
	who, err := contact.FindOrCreate(tx, []contact.Identity{contact.Identity(p.To)}, contact.Defaults{Name: p.Name})
	if err != nil {
		return Received{}, err
	}
	where, err := locateByHint(tx, in)
	if err != nil {
		return Received{}, err
	}
	conv := where.conv
	if conv == nil {
		if conv, err = open(tx, in, who); err != nil {
			return Received{}, err
		}
	}
	m, err := newMessage(tx, conv, schema.MessageOutgoing, schema.AuthorAgent)
	if err != nil {
		return Received{}, err
	}
	m.Set(schema.MsgAgent, p.Agent)
	transcribe(m, in)
	m.Set(schema.MsgDelivery, schema.DeliverySent)
	m.Set(schema.MsgEvidence, Evidence{Older: true, NoAutomatic: true})
	at, err := types.ParseDateTime(in.Sent)
	if err == nil && !in.Sent.IsZero() {
		m.Set(schema.MsgSentAt, at)
	}
	if err := attachFiles(m, in.Files); err != nil {
		return Received{}, err
	}
	if err := saveMessage(tx, m); err != nil {
		return Received{}, fmt.Errorf("save message: %w", err)
	}
	conv.Set(schema.ConvLastSeq, m.Seq())
	if !at.IsZero() && at.After(conv.GetDateTime(schema.ConvLastActivity)) && at.Before(now()) {
		conv.Set(schema.ConvLastActivity, at)
	}
	conv.Set(schema.ConvPreview, previewOf(in.Text, in.Files))
	conv.Set(schema.ConvPreviewKind, schema.MessageOutgoing)
	if err := tx.SaveNoValidate(conv.Record); err != nil {
		return Received{}, fmt.Errorf("save conversation: %w", err)
	}
	if err := remember(tx, in, m.Id); err != nil {
		return Received{}, err
	}
	return Received{Message: m, Conversation: conv, New: true, name: who.GetString(schema.ContactName)}, nil
}
