package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// person is a customer of the demo.
type person struct {
	name, email, phone, visitor, language string
	note                                  string
}

// scene is one conversation. Its steps are played in the order of their times
// together with those of the others, so that seq and time agree.
type scene struct {
	channel  string
	who      person
	subject  string
	page     string
	priority int
	missed   string // what of it the help centre had no answer for
	steps    []step
}

// step is one thing that happens, at an offset before now. Exactly one of the
// kinds below is set.
type step struct {
	ago           time.Duration
	in, out, note string // what is said
	by            string // agent's address; "" where the customer acts
	html          string
	file          *attachment
	tag           []string // keys of tags
	assign        string   // agent's address
	status        string
	snooze        time.Duration // from now
	rate          int
	comment       string
	email         string // left in the chat
	then          string // status after an answer
}

type attachment struct {
	name string
	data []byte
}

func (a *attachment) files() []conversation.File {
	if a == nil {
		return nil
	}
	return []conversation.File{{Name: a.name, Size: int64(len(a.data)), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(a.data)), nil }}}
}

// stage is the play while it runs.
type stage struct {
	app    core.App
	room   *conversation.Room
	box    string
	now    time.Time
	agents map[string]string // address -> record id
	tags   map[string]string
	moved  map[string]time.Time // message -> when it was said
	convs  []*core.Record
	last   []string // per scene: id of the newest mail
	sent   []letterOut
}

// letterOut is an answer by mail that lies in a customer's mailbox.
type letterOut struct {
	to  string
	raw []byte
}

// play writes the conversations in one transaction: a start that is
// interrupted leaves none.
func (d *Demo) play(app core.App, box *core.Record) error {
	scenes := story(d.Now().In(settings.Shop(app).Location()))
	var sent []letterOut
	// Nobody is to be told by mail that what they wrote last week arrived.
	if err := acknowledge(app, false); err != nil {
		return err
	}
	err := app.RunInTransaction(func(tx core.App) error {
		s := &stage{
			app: tx, room: d.Conversation, box: box.Id, now: d.Now(), agents: map[string]string{}, tags: map[string]string{},
			moved: map[string]time.Time{}, convs: make([]*core.Record, len(scenes)), last: make([]string, len(scenes)),
		}
		if err := s.cast(); err != nil {
			return err
		}
		type cue struct{ scene, step int }
		var order []cue
		for i, sc := range scenes {
			for j := range sc.steps {
				order = append(order, cue{i, j})
			}
		}
		slices.SortStableFunc(order, func(a, b cue) int {
			return int(scenes[b.scene].steps[b.step].ago - scenes[a.scene].steps[a.step].ago)
		})
		for _, c := range order {
			if err := s.act(c.scene, c.step, scenes[c.scene], scenes[c.scene].steps[c.step]); err != nil {
				return fmt.Errorf("scene %d, step %d: %w", c.scene, c.step, err)
			}
		}
		sent = s.sent
		return s.settle(scenes)
	})
	if err != nil {
		return err
	}
	if err := acknowledge(app, true); err != nil {
		return err
	}
	for _, l := range sent {
		if err := d.post.deliver(l.to, l.raw); err != nil {
			return err
		}
	}
	return nil
}

// acknowledge switches the shop's acknowledgements.
func acknowledge(app core.App, on bool) error {
	shop, err := app.FindRecordById(schema.Shop, settings.ShopID)
	if err != nil {
		return err
	}
	shop.Set(schema.ShopAckEnabled, on)
	return app.Save(shop)
}

func (s *stage) cast() error {
	for _, email := range []string{OwnerEmail, AgentEmail} {
		r, err := s.app.FindAuthRecordByEmail(schema.Agents, email)
		if err != nil {
			return err
		}
		s.agents[email] = r.Id
	}
	for _, t := range tags {
		r, err := s.app.FindFirstRecordByData(schema.Tags, schema.TagName, t.name)
		if err != nil {
			return err
		}
		s.tags[t.key] = r.Id
	}
	return nil
}

func (s *stage) act(scene, n int, sc scene, st step) error {
	before, err := conversation.NewestSeq(s.app)
	if err != nil {
		return err
	}
	id := fmt.Sprintf("demo-%d-%d", scene+1, n+1)
	if err := s.perform(scene, id, sc, st); err != nil {
		return err
	}
	var made []string
	err = s.app.DB().Select("id").From(schema.Messages).Where(dbx.NewExp("seq > {:seq}", dbx.Params{"seq": before})).Column(&made)
	for _, m := range made {
		s.moved[m] = s.now.Add(-st.ago)
	}
	return err
}

func (s *stage) perform(scene int, id string, sc scene, st step) error {
	var conv string
	if s.convs[scene] != nil {
		conv = s.convs[scene].Id
	}
	agent := s.agents[st.by]
	change := func(c conversation.Change) error {
		_, err := conversation.Apply(s.app, conv, agent, c)
		return err
	}
	switch {
	case st.in != "":
		return s.hear(scene, id, sc, st)
	case st.out != "":
		return s.answer(scene, id, sc, st, conv)
	case st.note != "":
		_, err := s.room.Reply(s.app, conversation.Draft{Conversation: conv, Kind: schema.MessageNote, Agent: agent, ClientID: id, Text: st.note})
		return err
	case st.tag != nil:
		ids := make([]string, 0, len(st.tag))
		for _, key := range st.tag {
			ids = append(ids, s.tags[key])
		}
		return change(conversation.Change{Tags: &ids})
	case st.assign != "":
		to := s.agents[st.assign]
		return change(conversation.Change{Assignee: &to})
	case st.snooze != 0:
		status, until := schema.StatusSnoozed, s.now.Add(st.snooze).UTC().Format(time.RFC3339)
		return change(conversation.Change{Status: &status, SnoozedUntil: &until})
	case st.status != "":
		return change(conversation.Change{Status: &st.status})
	case st.rate != 0:
		_, err := conversation.Rate(s.app, conv, st.rate, st.comment)
		return err
	case st.email != "":
		_, err := conversation.LeaveEmail(s.app, conv, st.email, sc.who.name)
		return err
	}
	return fmt.Errorf("a step in which nothing happens")
}

// hear takes in what a customer says, as the channel would hand it over.
func (s *stage) hear(scene int, id string, sc scene, st step) error {
	in := conversation.Incoming{
		Channel: sc.channel, Keys: []string{id}, ClientID: id, Name: sc.who.name, Language: sc.who.language,
		Text: st.in, Files: st.file.files(), Page: sc.page,
	}
	switch sc.channel {
	case schema.ChannelChat:
		in.Account, in.Visitor = "chat:"+sc.who.visitor, sc.who.visitor
		in.From = append(in.From, conversation.Identity{Kind: schema.KindVisitor, Value: sc.who.visitor, Verified: true})
	case schema.ChannelPortal:
		in.Account, in.Subject, in.Email = schema.ChannelPortal, sc.subject, sc.who.email
	case schema.ChannelEmail:
		mid := id + "@" + domain(sc.who.email)
		in.Account, in.Mailbox, in.ClientID, in.ChannelID, in.Keys = s.box, s.box, "", mid, []string{mid}
		in.Subject, in.HTML, in.Auth = sc.subject, st.html, "pass"
		in.SenderAddress, in.RecipientAddress, in.Sent = sc.who.email, ShopAddress, s.now.Add(-st.ago)
		if s.last[scene] != "" {
			in.References, in.Subject = []string{s.last[scene]}, "Re: "+sc.subject
		}
		s.last[scene] = mid
	}
	if sc.who.email != "" && sc.channel != schema.ChannelChat {
		in.From = append(in.From, conversation.Identity{Kind: schema.KindEmail, Value: sc.who.email, Verified: sc.channel == schema.ChannelEmail})
	}
	if sc.who.phone != "" {
		in.From = append(in.From, conversation.Identity{Kind: schema.KindPhone, Value: sc.who.phone})
	}
	got, err := conversation.Receive(s.app, in)
	if err != nil {
		return err
	}
	for i, other := range s.convs {
		if other != nil && (other.Id == got.Conversation.Id) != (i == scene) {
			return fmt.Errorf("%s went into another conversation", id)
		}
	}
	first := s.convs[scene] == nil
	s.convs[scene] = got.Conversation.Record
	if first {
		return s.introduce(got, sc)
	}
	return nil
}

// introduce gives the conversation its priority and the contact its note.
func (s *stage) introduce(got conversation.Received, sc scene) error {
	if sc.priority > 0 {
		if _, err := conversation.Apply(s.app, got.Conversation.Id, "", conversation.Change{Priority: &sc.priority}); err != nil {
			return err
		}
	}
	who, err := s.app.FindRecordById(schema.Contacts, got.Conversation.Contact())
	if err != nil {
		return err
	}
	if sc.who.name != "" && contact.Wrap(who).Name() == "" {
		who.Set(schema.ContactName, sc.who.name)
	}
	if sc.who.note != "" {
		who.Set(schema.ContactNote, sc.who.note)
	}
	return s.app.Save(who)
}

// answer writes what an agent says. A mail counts as sent: it is put into the
// customer's mailbox once everything is committed.
func (s *stage) answer(scene int, id string, sc scene, st step, conv string) error {
	sent, err := s.room.Reply(s.app, conversation.Draft{
		Conversation: conv, Kind: schema.MessageOutgoing, Agent: s.agents[st.by], ClientID: id, Text: st.out, Files: st.file.files(), Then: st.then,
	})
	if err != nil {
		return err
	}
	at := s.now.Add(-st.ago)
	mid, delivery := "", schema.DeliveryDelivered
	if sent.Message.GetString(schema.MsgChannel) == schema.ChannelEmail {
		mid, delivery = id+"@rupali.test", schema.DeliverySent
		raw := compose(letterHead{
			from: ShopAddress, name: "রূপালী স্টোর", to: sc.who.email, subject: "Re: " + strings.TrimPrefix(sc.subject, "Re: "),
			date: at, id: mid, answers: s.last[scene],
		}, st.out)
		s.sent = append(s.sent, letterOut{sc.who.email, raw})
		s.last[scene] = mid
	}
	_, err = s.app.DB().Update(schema.Messages, dbx.Params{
		schema.MsgDelivery: delivery, schema.MsgChannelID: mid, schema.MsgSentAt: date(at), schema.MsgDeliveryDetail: "",
	}, dbx.HashExp{"id": sent.Message.Id}).Execute()
	return err
}

// settle moves everything to its time, and marks as read and as sent what a
// shop would have read and sent by now.
func (s *stage) settle(scenes []scene) error {
	for id, at := range s.moved {
		if _, err := s.app.DB().Update(schema.Messages, dbx.Params{"created": date(at), "updated": date(at)}, dbx.HashExp{"id": id}).Execute(); err != nil {
			return err
		}
	}
	if _, err := s.app.DB().Update(schema.Outbox, dbx.Params{schema.OutboxState: schema.OutboxSent}, nil).Execute(); err != nil {
		return err
	}
	for i, sc := range scenes {
		if err := s.settleScene(s.convs[i].Id, sc); err != nil {
			return err
		}
	}
	if err := s.unanswered(scenes); err != nil {
		return err
	}
	// contacts are as old as their first conversation
	_, err := s.app.DB().NewQuery(`UPDATE contacts SET
		created = (SELECT MIN(created) FROM conversations c WHERE c.contact = contacts.id),
		last_seen = (SELECT MAX(last_incoming) FROM conversations c WHERE c.contact = contacts.id)
		WHERE id IN (SELECT contact FROM conversations)`).Execute()
	return err
}

func (s *stage) settleScene(id string, sc scene) error {
	set := dbx.Params{}
	var waiting time.Time
	for _, st := range sc.steps {
		at := s.now.Add(-st.ago)
		if st.in != "" || st.out != "" || st.note != "" {
			set[schema.ConvLastActivity] = date(at)
		}
		switch {
		case st.in != "":
			set[schema.ConvLastIncoming] = date(at)
			if waiting.IsZero() {
				waiting = at
			}
			delete(set, schema.ConvSolvedAt)
		case st.out != "":
			waiting = time.Time{}
			if set[schema.ConvFirstReplyAt] == nil {
				set[schema.ConvFirstReplyAt] = date(at)
			}
		}
		if st.status == schema.StatusSolved || st.then == schema.StatusSolved {
			set[schema.ConvSolvedAt], waiting = date(at), time.Time{}
		}
	}
	set["created"] = date(s.now.Add(-sc.steps[0].ago))
	set["updated"] = set[schema.ConvLastActivity]
	if r, err := s.app.FindRecordById(schema.Conversations, id); err != nil {
		return err
	} else if r.GetDateTime(schema.ConvWaitingSince).IsZero() == waiting.IsZero() {
		if !waiting.IsZero() {
			set[schema.ConvWaitingSince] = date(waiting)
		}
	} else {
		return fmt.Errorf("conversation %s waits since %q, the story says %v", id, r.GetString(schema.ConvWaitingSince), waiting)
	}
	if waiting.IsZero() {
		// answered, so the customer has read it
		set[schema.ConvContactSeenSeq] = dbx.NewExp(schema.ConvLastSeq)
		set[schema.ConvStaffSeenSeq] = dbx.NewExp(schema.ConvLastIncomingSeq)
	}
	_, err := s.app.DB().Update(schema.Conversations, set, dbx.HashExp{"id": id}).Execute()
	return err
}

// visitorID is the id of a browser that never was; the same in every demo.
func visitorID(name string) string {
	sum := sha256.Sum256([]byte("demo visitor " + name))
	return hex.EncodeToString(sum[:12])
}

func domain(address string) string {
	_, d, _ := strings.Cut(address, "@")
	return d
}

func date(t time.Time) string { return t.UTC().Format(types.DefaultDateLayout) }
