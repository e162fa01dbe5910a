package conversation

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/schema"
)

// Message is the typed messages record.
type Message struct{ core.BaseRecordProxy }

// WrapMessage returns the typed form of a messages record.
func WrapMessage(r *core.Record) *Message {
	m := &Message{}
	m.SetProxyRecord(r)
	return m
}

// Seq is the message's place in the one order of all messages.
func (m *Message) Seq() int64 { return int64(m.GetInt(schema.MsgSeq)) }

// Conversation is the record id of its conversation.
func (m *Message) Conversation() string { return m.GetString(schema.MsgConversation) }

// Conversation is the typed conversations record.
type Conversation struct{ core.BaseRecordProxy }

// Wrap returns the typed form of a conversations record.
func Wrap(r *core.Record) *Conversation {
	c := &Conversation{}
	c.SetProxyRecord(r)
	return c
}

// Number is read aloud to customers: #1024.
func (c *Conversation) Number() int64 { return int64(c.GetInt(schema.ConvNumber)) }

// Status is schema.StatusOpen, ….
func (c *Conversation) Status() string { return c.GetString(schema.ConvStatus) }

// Contact is the record id of the customer.
func (c *Conversation) Contact() string { return c.GetString(schema.ConvContact) }

// Channel is where it began.
func (c *Conversation) Channel() string { return c.GetString(schema.ConvChannel) }

// MergedInto is the record id of the conversation it became part of, or "".
func (c *Conversation) MergedInto() string { return c.GetString(schema.ConvMergedInto) }

// Deleted tells whether it can only be brought back by an owner.
func (c *Conversation) Deleted() bool { return !c.GetDateTime(schema.ConvDeletedAt).IsZero() }

// Event is what an event message says. From and To are ids or statuses; Names
// holds the words to show for ids, as they were then.
type Event struct {
	Type  string            `json:"type"` // status, assigned, tagged, untagged, merged, rated, email_left, priority, subject
	From  string            `json:"from"`
	To    string            `json:"to"`
	Names map[string]string `json:"names"`
	Text  string            `json:"-"` // the same in words, for programs that do not know the type
}

// next increases a counter of the database; only inside a transaction.
func next(tx core.App, counter string) (int64, error) { return contact.Take(tx, counter, 1) }

// orderMessage gives a new message its seq inside the transaction that inserts
// it. There is one writer, so the order of seq is the order of commits, and a
// transaction that is rolled back takes its number with it.
func orderMessage(e *core.RecordEvent) error {
	give := func() error {
		seq, err := next(e.App, schema.CounterSeq)
		if err != nil {
			return err
		}
		e.Record.Set(schema.MsgSeq, seq)
		return e.Next()
	}
	if e.App.IsTransactional() {
		return give()
	}
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(tx core.App) error {
		e.App = tx
		return give()
	})
}

// newMessage returns an unsaved message of the conversation.
func newMessage(app core.App, conv *Conversation, kind, author string) (*Message, error) {
	collection, err := app.FindCachedCollectionByNameOrId(schema.Messages)
	if err != nil {
		return nil, err
	}
	r := core.NewRecord(collection)
	r.Set(schema.MsgConversation, conv.Id)
	r.Set(schema.MsgKind, kind)
	r.Set(schema.MsgAuthorKind, author)
	return WrapMessage(r), nil
}

// note down an event of the conversation as a message of its own. It does not
// count as activity: the list is ordered by what people said.
func addEvent(tx core.App, conv *Conversation, agent string, ev Event) error {
	author := schema.AuthorSystem
	if agent != "" {
		author = schema.AuthorAgent
	}
	m, err := newMessage(tx, conv, schema.MessageEvent, author)
	if err != nil {
		return err
	}
	m.Set(schema.MsgAgent, agent)
	if ev.Names == nil {
		ev.Names = map[string]string{}
	}
	m.Set(schema.MsgEvent, ev)
	m.Set(schema.MsgText, clean(ev.Text))
	if err := saveMessage(tx, m); err != nil {
		return fmt.Errorf("save event: %w", err)
	}
	conv.Set(schema.ConvLastSeq, m.Seq())
	return nil
}

// saveMessage writes a new message. What it points to was loaded or made in
// the same transaction and its words are ours or cleaned, so asking the
// database once more for each of them would prove nothing; what can be too
// large is checked.
func saveMessage(tx core.App, m *Message) error {
	if fits(m) {
		return tx.SaveNoValidate(m.Record)
	}
	return tx.Save(m.Record)
}

// fits tells whether a message is far below what its columns hold.
func fits(m *Message) bool {
	switch m.GetString(schema.MsgChannel) {
	case "", schema.ChannelChat, schema.ChannelEmail, schema.ChannelPortal, schema.ChannelPhone:
	default:
		return false
	}
	files := m.GetUnsavedFiles(schema.MsgFiles)
	for _, f := range files {
		if f.Size > MaxFile {
			return false
		}
	}
	ev, _ := m.GetRaw(schema.MsgEvidence).(types.JSONRaw)
	cc, _ := m.GetRaw(schema.MsgCC).(types.JSONRaw)
	return len(files) < 50 && len(m.GetString(schema.MsgText)) < 500_000 && len(m.GetString(schema.MsgHTML)) < 1_000_000 && len(ev) < 16<<10 && len(cc) < 8<<10 &&
		len(m.GetString(schema.MsgClientID)) <= 80 && len(m.GetString(schema.MsgChannelID)) < 900 && len(m.GetString(schema.MsgReplyTo)) < 300
}

// preview is the first line of a text, short enough for the list.
func preview(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), " "); line != "" && !strings.HasPrefix(line, ">") {
			return clip(line, 140)
		}
	}
	return ""
}

// clip cuts a text to so many characters without splitting a letter from its
// vowel signs.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	if most := 4 * (n + 1); len(s) > most {
		s = s[:most] // enough for the characters below, of however long a text
	}
	r := []rune(s)
	for n > 0 && (unicode.IsMark(r[n]) || r[n] == '\u200d' || r[n-1] == '\u09cd' || r[n-1] == '\u200d') {
		n--
	}
	return strings.TrimSpace(string(r[:n])) + "…"
}

// clean makes a text storable: valid UTF-8 without NUL and the other C0
// controls that no text needs (mail rule 60).
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}

func now() types.DateTime { return types.NowDateTime() }
