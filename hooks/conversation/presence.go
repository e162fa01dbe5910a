package conversation

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
)

// viewingFor is how long a desk counts as looking at a conversation after it
// last said so; it says so every 20 s.
const viewingFor = 45 * time.Second

// AgentView is a member of staff as the desks see them.
type AgentView struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Email        string `json:"email"`
	Avatar       string `json:"avatar"`
	Role         string `json:"role"`
	Availability string `json:"availability"`
	Online       bool   `json:"online"` // a desk of theirs is open
	State        string `json:"state"`  // how they are: availability, unless nobody touches their desk or none is open

	patience time.Duration // after which an untouched desk makes them away; 0 is never
}

// roster keeps the staff in memory: every published message names its author.
type roster struct {
	mu   sync.Mutex
	all  map[string]AgentView
	app  core.App
	seen func(agent string) bool
	idle func(a AgentView) bool // nobody has touched their desk for long
}

func (r *roster) load() map[string]AgentView {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all != nil {
		return r.all
	}
	records, err := r.app.FindAllRecords(schema.Agents)
	if err != nil {
		r.app.Logger().Error("the staff cannot be read", "error", err)
		return nil
	}
	r.all = map[string]AgentView{}
	for _, rec := range records {
		r.all[rec.Id] = AgentViewOf(rec)
	}
	return r.all
}

// AgentViewOf is an agents record for the desks; Online is not filled.
func AgentViewOf(rec *core.Record) AgentView {
	v := AgentView{
		ID: rec.Id, Name: rec.GetString(schema.AgentName), Email: rec.Email(), Role: rec.GetString(schema.AgentRole),
		Availability: rec.GetString(schema.AgentAvailability),
	}
	if v.Availability == "" {
		v.Availability = schema.AvailabilityOnline
	}
	v.patience = patienceOf(rec.GetInt(schema.AgentAwayAfter))
	if f := rec.GetString(schema.AgentAvatar); f != "" {
		v.Avatar = "/api/files/" + rec.BaseFilesPath() + "/" + f + "?thumb=96x96"
	}
	return v
}

func (r *roster) get(id string) (AgentView, bool) {
	v, ok := r.load()[id]
	if ok {
		v.Online = r.seen(id)
		v.State = r.state(v)
	}
	return v, ok
}

func (r *roster) ids() (ids []string) {
	for id := range r.load() {
		ids = append(ids, id)
	}
	return ids
}

// list is the staff by name.
func (r *roster) list() []AgentView {
	all := []AgentView{}
	for id := range r.load() {
		v, _ := r.get(id)
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b AgentView) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return all
}

func (r *roster) forget() {
	r.mu.Lock()
	r.all = nil
	r.mu.Unlock()
}

// OnlineAgents are those who have a desk open, sit at it and are available to
// customers.
func (room *Room) OnlineAgents() (online []AgentView) {
	for _, a := range room.agents.list() {
		if a.State == schema.AvailabilityOnline {
			online = append(online, a)
		}
	}
	return online
}

// OnArrival calls f whenever an agent has become available. To be called at
// registration; f must not wait for anything.
func (room *Room) OnArrival(f func()) { room.arrivals = append(room.arrivals, f) }

// viewers remembers who looks at what.
type viewers struct {
	mu sync.Mutex
	by map[string]map[string]time.Time // conversation -> agent -> until
}

func (v *viewers) set(conversation, agent string, on bool, at time.Time) []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.by == nil {
		v.by = map[string]map[string]time.Time{}
	}
	if v.by[conversation] == nil {
		v.by[conversation] = map[string]time.Time{}
	}
	if on {
		v.by[conversation][agent] = at.Add(viewingFor)
	} else {
		delete(v.by[conversation], agent)
	}
	return v.listLocked(conversation, at)
}

func (v *viewers) list(conversation string, at time.Time) []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.listLocked(conversation, at)
}

func (v *viewers) listLocked(conversation string, at time.Time) []string {
	agents := []string{}
	for a, until := range v.by[conversation] {
		if until.Before(at) {
			delete(v.by[conversation], a)
			continue
		}
		agents = append(agents, a)
	}
	if len(v.by[conversation]) == 0 {
		delete(v.by, conversation)
	}
	slices.Sort(agents)
	return agents
}

// TypingView is a typing event. What is "note" only between desks.
type TypingView struct {
	Conversation string `json:"conversation"`
	On           bool   `json:"on"`
	By           string `json:"by"`
	ID           string `json:"id"`
	Name         string `json:"name"`
	What         string `json:"what"`
}

// publicTyping is a TypingView for the customer: it has no room for notes.
type publicTyping struct {
	Conversation string `json:"conversation"`
	On           bool   `json:"on"`
	By           string `json:"by"`
	Name         string `json:"name"`
}

func (publicTyping) Public() {}

// ReadView tells how far one side has read.
type ReadView struct {
	Conversation string `json:"conversation"`
	By           string `json:"by"` // staff or contact
	Seq          int64  `json:"seq"`
}

// Public marks ReadView for customers' topics.
func (ReadView) Public() {}

// OnlineView tells a customer whether somebody is there.
type OnlineView struct {
	Online bool `json:"online"`
}

// Public marks OnlineView for customers' topics.
func (OnlineView) Public() {}

// ContactTyping tells the desks that the customer types.
func (room *Room) ContactTyping(conversation, contactID, name string, on bool) {
	room.hub.TellStaff(live.Inbox, live.ForStaff("typing", 0, TypingView{conversation, on, schema.AuthorContact, contactID, name, "reply"}))
}

// agentTyping tells the other desks and, for an answer, the customer.
func (room *Room) agentTyping(conversation string, a AgentView, on bool, what string) {
	room.hub.TellStaff(live.Inbox, live.ForStaff("typing", 0, TypingView{conversation, on, schema.AuthorAgent, a.ID, a.Name, what}))
	if what == "reply" {
		room.hub.Tell(live.ConversationTopic(conversation), live.ForPublic("typing", 0, publicTyping{conversation, on, schema.AuthorAgent, a.Name}))
	}
}

// Seen marks a conversation as read by one side up to seq and tells the other.
func (room *Room) Seen(app core.App, conversation, by string, seq int64) error {
	seq, err := MarkSeen(app, conversation, by, seq)
	if err != nil || seq == 0 {
		return err
	}
	ev := ReadView{conversation, "staff", seq}
	if by == schema.ConvContactSeenSeq {
		ev.By = "contact"
	}
	room.hub.TellStaff(live.Inbox, live.ForStaff("read", 0, ev))
	room.hub.Tell(live.ConversationTopic(conversation), live.ForPublic("read", 0, ev))
	return nil
}

// presenceChanged tells the desks who came or went.
func (room *Room) presenceChanged(listener string, online bool) {
	if id, ok := strings.CutPrefix(listener, "agent/"); ok {
		a, _ := room.agents.get(id)
		a.Online = online
		room.touches.met(id, online, time.Now())
		a.State = room.agents.state(a)
		room.touches.told(id, a.State)
		room.hub.TellStaff(live.Inbox, live.ForStaff("presence", 0, presenceView{Agents: []AgentView{a}}))
		room.tellVisitors()
		if a.State == schema.AvailabilityOnline {
			for _, f := range room.arrivals {
				f()
			}
		}
		return
	}
	visitor, ok := strings.CutPrefix(listener, "visitor/")
	if !ok {
		return
	}
	if conv, err := findByVisitor(room.app, visitor); err == nil && conv != nil {
		if !online {
			if err := contact.Departed(room.app, conv.Contact()); err != nil {
				room.app.Logger().Warn("when a contact was last seen could not be noted", "contact", conv.Contact(), "error", err)
			}
		}
		room.hub.TellStaff(live.Inbox, live.ForStaff("presence", 0, presenceView{Agents: []AgentView{}, Contact: &contactPresence{conv.Contact(), online}}))
	}
}

// presenceView tells the desks who came or went.
type presenceView struct {
	Agents  []AgentView      `json:"agents"`
	Contact *contactPresence `json:"contact,omitempty"`
}

type contactPresence struct {
	ID     string `json:"id"`
	Online bool   `json:"online"`
}

// tellVisitors says to everybody who chats whether somebody is there, when
// that changed.
func (room *Room) tellVisitors() {
	online := len(room.OnlineAgents()) > 0
	if room.staffed.Swap(online) != online {
		room.hub.Tell(live.Visitors, live.ForPublic("presence", 0, OnlineView{online}))
	}
}
