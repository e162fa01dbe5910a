package notice

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// activeFor is how long an agent counts as being at a desk after it said so;
// it says so every minute while it is in front and somebody touches it.
const activeFor = 100 * time.Second

// desks remembers who is at a desk.
type desks struct {
	mu    sync.Mutex
	until map[string]time.Time
}

func (d *desks) set(agent string, on bool, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.until == nil {
		d.until = map[string]time.Time{}
	}
	if on {
		d.until[agent] = now.Add(activeFor)
	} else {
		delete(d.until, agent)
	}
}

func (d *desks) active(agent string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.until[agent].After(now)
}

// messageCreated hands what may concern somebody to the loop.
func (room *Room) messageCreated(e *core.RecordEvent) error {
	switch e.Record.GetString(schema.MsgKind) {
	case schema.MessageIncoming, schema.MessageEvent, schema.MessageNote:
		if room.subscribed.Load() {
			select {
			case room.heard <- e.Record.Id:
			default: // hundreds at once: nobody reads hundreds of pushes
			}
		}
	}
	return e.Next()
}

// watch tells agents what happens until ctx ends.
func (room *Room) watch(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-room.heard:
			if err := room.consider(id); err != nil {
				room.app.Logger().Error("nobody is told of a message", "message", id, "error", err)
			}
		}
	}
}

// notice is what one push says, as the service worker reads it.
type notice struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	URL   string `json:"url"`
	Tag   string `json:"tag"`
	Lang  string `json:"lang"`
	Badge int    `json:"badge"`
}

// happening is what a message means to agents.
type happening struct {
	conv     *conversation.Conversation
	name     string // of the customer
	text     string
	assigned string          // who was given the conversation, "" for a message
	by       string          // who gave it, or wrote the note
	note     bool            // it is a note, or given with one
	author   string          // name of whoever wrote the note
	calls    map[string]bool // agents whom it calls
	follow   map[string]bool // agents who follow the conversation
}

// consider decides who is told of a message.
func (room *Room) consider(id string) error {
	h, ok, err := room.happened(id)
	if err != nil || !ok {
		return err
	}
	agents, err := room.app.FindAllRecords(schema.Agents)
	if err != nil {
		return err
	}
	now := room.now()
	local := now.In(settings.Shop(room.app).Location())
	for _, a := range agents {
		c := choiceOf(a.GetString(schema.AgentNotify))
		if !h.wanted(c, a.Id) || a.Id == h.by || a.GetString(schema.AgentAvailability) == schema.AvailabilityOffline ||
			room.desks.active(a.Id, now) || !c.Hours.In(local) {
			continue
		}
		if err := room.queuePushes(a, c, h, now); err != nil {
			return err
		}
	}
	return nil
}

// wanted tells whether an agent wants to hear of it.
func (h happening) wanted(c Choice, agent string) bool {
	called, follows := h.calls[agent] && *c.Mentions, h.follow[agent] && *c.Follows
	switch {
	case c.Push == scopeOff:
		return false
	case h.assigned != "":
		return h.assigned == agent
	case h.note:
		return called || follows
	}
	return follows || concerns(c.Push, h.conv.GetString(schema.ConvAssignee), agent)
}

// happened reads what a message means; false when it concerns nobody.
func (room *Room) happened(id string) (h happening, ok bool, err error) {
	m, err := room.app.FindRecordById(schema.Messages, id)
	if err != nil {
		return h, false, nil // removed already
	}
	r, err := room.app.FindRecordById(schema.Conversations, m.GetString(schema.MsgConversation))
	if err != nil {
		return h, false, nil
	}
	h.conv = conversation.Wrap(r)
	if h.conv.GetBool(schema.ConvSpam) || h.conv.GetString(schema.ConvMergedInto) != "" {
		return h, false, nil
	}
	if h.follow, err = followersOf(room.app, h.conv.Id); err != nil {
		return h, false, err
	}
	switch m.GetString(schema.MsgKind) {
	case schema.MessageNote:
		h.note, h.by, h.text = true, m.GetString(schema.MsgAgent), m.GetString(schema.MsgText)
		if h.calls, err = calledBy(room.app, m.Id); err != nil || len(h.calls)+len(h.follow) == 0 {
			return h, false, err
		}
		h.author = room.nameOf(h.by)
	case schema.MessageEvent:
		var ev conversation.Event
		if m.UnmarshalJSONField(schema.MsgEvent, &ev) != nil {
			return h, false, nil
		}
		if ev.Type == "handed_over" {
			// What the bot does not take care of any more is like a message now.
			h.text, err = lastWords(room.app, h.conv.Id)
			break
		}
		if ev.Type != "assigned" || ev.To == "" {
			return h, false, nil
		}
		h.assigned, h.by, h.text = ev.To, m.GetString(schema.MsgAgent), h.conv.GetString(schema.ConvPreview)
		if note, err := room.app.FindRecordById(schema.Messages, ev.Names["note"]); err == nil && note.GetString(schema.MsgKind) == schema.MessageNote {
			h.note, h.text = true, note.GetString(schema.MsgText)
		}
	default:
		w := conversation.WrapMessage(m)
		if m.GetBool(schema.MsgAutomatic) || w.Evidence().Older || w.Evidence().SpamReason != "" || h.conv.Status() != schema.StatusOpen ||
			room.attended(room.app, m.GetString(schema.MsgChannel), h.conv.Id, int64(m.GetInt(schema.MsgSeq))) {
			return h, false, nil
		}
		h.text = m.GetString(schema.MsgText)
	}
	if err != nil {
		return h, false, err
	}
	who, err := room.app.FindRecordById(schema.Contacts, h.conv.Contact())
	if err != nil || contact.Wrap(who).Blocked() {
		return h, false, nil
	}
	h.name = contact.Wrap(who).Name()
	return h, true, nil
}

// lastWords is what a customer said last. Uses idx_messages_conversation.
func lastWords(app core.App, conv string) (text string, err error) {
	err = app.DB().NewQuery(`SELECT text FROM messages WHERE conversation = {:conv} AND kind = 'incoming' ORDER BY seq DESC LIMIT 1`).Bind(dbx.Params{"conv": conv}).Row(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return text, err
}

// nameOf is an agent's name.
func (room *Room) nameOf(agent string) string {
	r, err := room.app.FindRecordById(schema.Agents, agent)
	if err != nil {
		return "" // left since
	}
	return r.GetString(schema.AgentName)
}

// queuePushes makes a push for each of an agent's devices.
func (room *Room) queuePushes(agent *core.Record, c Choice, h happening, now time.Time) error {
	devices, err := subscriptionsOf(room.app, agent.Id)
	if err != nil || len(devices) == 0 {
		return err
	}
	badge, err := unread(room.app, agent.Id)
	if err != nil {
		return err
	}
	for _, s := range devices {
		content, err := h.notice(room.app, s, agent, *c.Preview, badge)
		if err != nil {
			return err
		}
		room.queue.add(push{subscription: s.ID, tag: h.conv.Id, content: content, made: now, due: now})
	}
	return nil
}

// mostBody is how much of a message a lock screen gets.
const mostBody = 140

// notice puts it into the words of a device. Without preview there is nothing
// of the customer in it.
func (h happening) notice(app core.App, s subscription, agent *core.Record, preview bool, badge int) ([]byte, error) {
	lang := s.Language
	if !i18n.Current().Has(lang) {
		lang = languageOf(agent)
	}
	number := i18n.Current().Digits(lang, fmt.Sprint(h.conv.Number()))
	n := notice{URL: fmt.Sprintf("/desk/#/all/%d", h.conv.Number()), Tag: h.conv.Id, Lang: lang, Badge: badge}
	name := h.name
	if name == "" || !preview {
		name = i18n.T(lang, "notice.customer")
	}
	switch {
	case h.assigned != "":
		n.Title = i18n.T(lang, "notice.assigned", i18n.V{"number": number})
		n.Body = name + " · #" + number
		if h.note && preview {
			n.Body = short(h.text)
		}
	case h.note:
		n.Title = i18n.T(lang, "notice.noted", i18n.V{"name": h.author, "number": number})
		if h.calls[agent.Id] {
			n.Title = i18n.T(lang, "notice.mentioned", i18n.V{"name": h.author})
		}
		if n.Body = name + " · #" + number; preview {
			n.Body = short(h.text)
		}
	case preview:
		n.Title = name
		n.Body = short(h.text)
		if n.Body == "" {
			n.Body = i18n.T(lang, "notice.file")
		}
	default:
		n.Title = i18n.T(lang, "notice.message")
		n.Body = settings.Shop(app).Name() + " · #" + number
	}
	return encode(n)
}

// short is the beginning of a text on one line.
func short(text string) string {
	return shortTo(text, mostBody)
}
