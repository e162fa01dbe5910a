// Package assign chooses who takes a conversation: one after the other, or
// whoever has the least to do, among those who are available (see
// [conversation.Room.OnlineAgents]). Automations ask it, and the shop's own
// setting does, in the transaction that takes a new conversation in.
//
// Whose turn it is stands in the agents' records: it was longest ago for the
// next one. It is read and written in one transaction of the one writer, so
// however many conversations come at once each finds another, and after a
// restart the turn goes on.
//
// What comes while nobody is available, or while the shop is closed, is noted
// (later.go) and given away the same way as soon as somebody is there, unless
// a person has taken it or solved it by then.
package assign

import (
	"encoding/json/v2"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Ways to choose, as automations name them.
const (
	RoundRobin = "round_robin"
	LeastLoad  = "least_load"
)

// Desk knows who is available; the conversation room does.
type Desk interface {
	OnlineAgents() []conversation.AgentView
	OnArrival(f func())
}

// Room chooses.
type Room struct {
	app  core.App
	desk Desk
	now  func() time.Time
	wake chan struct{} // somebody is there now
}

// Register binds the room.
func Register(app core.App, group *lifecycle.Group, desk Desk) *Room {
	room := &Room{app: app, desk: desk, now: time.Now, wake: make(chan struct{}, 1)}
	conversation.OnReceive(app, room.received)
	app.OnRecordUpdateExecute(schema.Conversations).BindFunc(claimed)
	desk.OnArrival(room.arrived)
	group.Go("assign", room.watch)
	return room
}

// received gives a new conversation away as the shop's setting says.
func (room *Room) received(tx core.App, in conversation.Incoming, got conversation.Received) error {
	how := usual(tx)
	conv := got.Conversation
	if how == "" || got.Message == nil || conv == nil || in.Older || in.Automatic || in.AutoReply || in.Bounce || in.Spam ||
		conv.GetString(schema.ConvAssignee) != "" || conv.Status() != schema.StatusOpen || conv.GetBool(schema.ConvSpam) {
		return nil
	}
	var first bool // idx_messages_conversation
	err := tx.DB().NewQuery(`SELECT NOT EXISTS (SELECT 1 FROM messages WHERE conversation = {:conv} AND seq < {:seq})`).
		Bind(dbx.Params{"conv": conv.Id, "seq": got.Message.Seq()}).Row(&first)
	if err != nil || !first {
		return err
	}
	if room.closed(tx) {
		return room.later(tx, asUsual, conv.Id)
	}
	who, err := room.choose(tx, how)
	if err != nil {
		return err
	}
	if who == "" {
		return room.later(tx, asUsual, conv.Id)
	}
	given, err := conversation.Apply(tx, conv.Id, "", conversation.Change{Assignee: &who})
	if err != nil {
		return fmt.Errorf("assign a new conversation: %w", err)
	}
	conv.SetProxyRecord(given.ProxyRecord())
	return nil
}

// usual is how the shop gives new conversations away, "" for not at all.
func usual(app core.App) string {
	return map[string]string{schema.ShopAssignTurn: RoundRobin, schema.ShopAssignLoad: LeastLoad}[settings.Shop(app).GetString(schema.ShopAssignNew)]
}

// closed tells that the shop gives nothing away now because it is closed.
func (room *Room) closed(app core.App) bool {
	return settings.Shop(app).GetBool(schema.ShopAssignHours) && !rules.Now(app, room.now()).Open
}

// Choose says who takes a conversation and notes that it was their turn; "" is
// nobody, because nobody is there. In a transaction.
func (room *Room) Choose(tx core.App, how string, conv *conversation.Conversation) (string, error) {
	who, err := room.choose(tx, how)
	if err == nil && who == "" {
		err = room.later(tx, how, conv.Id)
	}
	return who, err
}

func (room *Room) choose(tx core.App, how string) (string, error) {
	var ids []string
	for _, agent := range room.desk.OnlineAgents() {
		ids = append(ids, agent.ID)
	}
	if len(ids) == 0 {
		return "", nil
	}
	there, err := candidates(tx, ids)
	if err != nil || len(there) == 0 {
		return "", err
	}
	load := map[string]int{}
	if how == LeastLoad {
		if load, err = openOf(tx); err != nil {
			return "", err
		}
	}
	next := slices.MinFunc(there, func(a, b candidate) int {
		if d := load[a.ID] - load[b.ID]; d != 0 {
			return d
		}
		return compare(a, b)
	})
	return next.ID, room.given(tx, next.ID)
}

// candidate is an agent who may be given something.
type candidate struct {
	ID      string `db:"id"`
	GivenAt string `db:"given_at"`
}

// compare puts whose turn is longest ago in front.
func compare(a, b candidate) int {
	switch {
	case a.GivenAt < b.GivenAt || a.GivenAt == b.GivenAt && a.ID < b.ID:
		return -1
	case a.GivenAt == b.GivenAt && a.ID == b.ID:
		return 0
	}
	return 1
}

func candidates(tx core.App, ids []string) (list []candidate, err error) {
	raw, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	err = tx.DB().NewQuery(`SELECT id, given_at FROM agents WHERE id IN (SELECT value FROM json_each({:ids}))`).Bind(dbx.Params{"ids": string(raw)}).All(&list)
	if err != nil {
		return nil, fmt.Errorf("read whose turn it is: %w", err)
	}
	return list, nil
}

// given notes an agent's turn, later than every other's. It is no change that
// anybody's hook or session waits for.
func (room *Room) given(tx core.App, agent string) error {
	at := room.now()
	var last types.DateTime
	if err := tx.DB().NewQuery(`SELECT COALESCE(MAX(given_at), '') FROM agents`).Row(&last); err != nil {
		return fmt.Errorf("read the last turn: %w", err)
	}
	if !last.Time().Before(at.Truncate(time.Millisecond)) {
		at = last.Time().Add(time.Millisecond)
	}
	stamp, err := types.ParseDateTime(at)
	if err != nil {
		return err
	}
	_, err = tx.DB().NewQuery(`UPDATE agents SET given_at = {:at} WHERE id = {:id}`).Bind(dbx.Params{"at": stamp.String(), "id": agent}).Execute()
	return err
}

// openOf counts each agent's open conversations. Uses idx_conversations_live.
func openOf(app core.App) (map[string]int, error) {
	var rows []struct {
		Assignee string `db:"assignee"`
		N        int    `db:"n"`
	}
	err := app.DB().NewQuery(`SELECT assignee, COUNT(*) AS n FROM conversations WHERE status != 'solved' AND status = 'open' GROUP BY assignee`).All(&rows)
	load := map[string]int{}
	for _, r := range rows {
		load[r.Assignee] = r.N
	}
	return load, err
}
