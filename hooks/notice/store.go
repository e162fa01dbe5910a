package notice

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
)

// subscription is one device.
type subscription struct {
	ID        string         `db:"id"`
	Agent     string         `db:"agent"`
	Endpoint  string         `db:"endpoint"`
	Key       string         `db:"p256dh"`
	Auth      string         `db:"auth"`
	Device    string         `db:"device"`
	Language  string         `db:"language"`
	Failures  int            `db:"failures"`
	LastSent  types.DateTime `db:"last_sent"`
	LastError string         `db:"last_error"`
	Created   types.DateTime `db:"created"`
}

const subscriptionColumns = `id, agent, endpoint, p256dh, auth, device, language, failures, last_sent, last_error, created`

func findSubscription(app core.App, id string) (s subscription, err error) {
	err = app.DB().NewQuery(`SELECT ` + subscriptionColumns + ` FROM push_subscriptions WHERE id = {:id}`).Bind(dbx.Params{"id": id}).One(&s)
	return s, err
}

// subscriptionsOf lists an agent's devices, or everybody's. Uses idx_push_agent.
func subscriptionsOf(app core.App, agent string) (list []subscription, err error) {
	err = app.DB().NewQuery(`SELECT ` + subscriptionColumns + ` FROM push_subscriptions WHERE agent = {:agent} ORDER BY created DESC, id`).
		Bind(dbx.Params{"agent": agent}).All(&list)
	return list, err
}

// anybody tells whether any device is subscribed at all.
func anybody(app core.App) (some bool, err error) {
	err = app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM push_subscriptions)`).Row(&some)
	return some, err
}

func saveSent(app core.App, id string, at time.Time) error {
	when, _ := types.ParseDateTime(at)
	_, err := app.DB().NewQuery(`UPDATE push_subscriptions SET last_sent = {:at}, failures = 0, last_error = '' WHERE id = {:id}`).
		Bind(dbx.Params{"id": id, "at": when.String()}).Execute()
	return err
}

func saveRefused(app core.App, id, why string) error {
	if r := []rune(why); len(r) > 290 {
		why = string(r[:290])
	}
	_, err := app.DB().NewQuery(`UPDATE push_subscriptions SET failures = failures + 1, last_error = {:why} WHERE id = {:id}`).
		Bind(dbx.Params{"id": id, "why": why}).Execute()
	return err
}

func removeSubscription(app core.App, id string) error {
	_, err := app.DB().NewQuery(`DELETE FROM push_subscriptions WHERE id = {:id}`).Bind(dbx.Params{"id": id}).Execute()
	return err
}

// ForgetDevices ends all pushes to an agent, whose sessions were ended.
func ForgetDevices(app core.App, agent string) error {
	_, err := app.DB().NewQuery(`DELETE FROM push_subscriptions WHERE agent = {:agent}`).Bind(dbx.Params{"agent": agent}).Execute()
	return err
}

// mostDevices is how many devices one agent may have; the oldest give way.
const mostDevices = 20

func trimDevices(app core.App, agent string) error {
	_, err := app.DB().NewQuery(`DELETE FROM push_subscriptions WHERE agent = {:agent} AND id NOT IN
		(SELECT id FROM push_subscriptions WHERE agent = {:agent} ORDER BY updated DESC, id LIMIT {:most})`).
		Bind(dbx.Params{"agent": agent, "most": mostDevices}).Execute()
	return err
}

// unread counts what an agent would find marked as unread: the number on the
// app's icon. Uses idx_conversations_live.
func unread(app core.App, agent string) (n int, err error) {
	err = app.DB().NewQuery(`SELECT COUNT(*) FROM conversations WHERE status = 'open' AND assignee IN ('', {:agent})
		AND last_incoming_seq > staff_seen_seq AND spam = FALSE AND merged_into = ''`).Bind(dbx.Params{"agent": agent}).Row(&n)
	return n, err
}

// waiting is a conversation in which nobody has answered.
type waiting struct {
	ID       string         `db:"id"`
	Number   int64          `db:"number"`
	Name     string         `db:"name"` // or their address or number
	Subject  string         `db:"subject"`
	Assignee string         `db:"assignee"`
	Since    types.DateTime `db:"waiting_since"`
}

// mostWaiting is how many conversations one look takes; in a shop where more
// wait, one mail more would not help.
const mostWaiting = 500

// longWaiting are the open conversations that wait since before a time, the
// newest first. Whoever is blocked waits for nobody. Uses idx_conversations_waiting.
func longWaiting(app core.App, before time.Time) (list []waiting, err error) {
	at, _ := types.ParseDateTime(before)
	err = app.DB().NewQuery(`SELECT c.id, c.number, COALESCE(NULLIF(p.name, ''), NULLIF(c.email, ''),
			(SELECT i.value FROM identities i WHERE i.contact = c.contact AND i.kind IN ('email', 'phone') ORDER BY i.kind LIMIT 1), '') AS name, c.subject, c.assignee, c.waiting_since
		FROM conversations c LEFT JOIN contacts p ON p.id = c.contact
		WHERE c.status = 'open' AND c.waiting_since != '' AND c.waiting_since <= {:at} AND c.spam = FALSE AND c.merged_into = '' AND p.blocked IS NOT TRUE
		ORDER BY c.waiting_since DESC LIMIT {:most}`).Bind(dbx.Params{"at": at.String(), "most": mostWaiting}).All(&list)
	return list, err
}

// followersOf are the agents who follow a conversation. Uses
// idx_follows_conversation.
func followersOf(app core.App, conv string) (map[string]bool, error) {
	return agentsBy(app, `SELECT agent FROM follows WHERE conversation = {:id}`, conv)
}

// calledBy are the agents whom a note calls. Uses idx_mentions_message.
func calledBy(app core.App, message string) (map[string]bool, error) {
	return agentsBy(app, `SELECT agent FROM mentions WHERE message = {:id}`, message)
}

func agentsBy(app core.App, query, id string) (map[string]bool, error) {
	var agents []string
	err := app.DB().NewQuery(query).Bind(dbx.Params{"id": id}).Column(&agents)
	if err != nil {
		return nil, fmt.Errorf("read who is to be told: %w", err)
	}
	list := make(map[string]bool, len(agents))
	for _, a := range agents {
		list[a] = true
	}
	return list, nil
}

// toldOf is since when each conversation waited that the agent was mailed
// about. Uses idx_reminders_agent.
func toldOf(app core.App, agent string) (map[string]string, error) {
	var rows []struct {
		Conversation string `db:"conversation"`
		Since        string `db:"since"`
	}
	err := app.DB().NewQuery(`SELECT conversation, since FROM reminders WHERE agent = {:agent}`).Bind(dbx.Params{"agent": agent}).All(&rows)
	told := make(map[string]string, len(rows))
	for _, r := range rows {
		told[r.Conversation] = r.Since
	}
	return told, err
}

// tell notes that an agent is mailed about conversations.
func tell(app core.App, agent string, list []waiting) error {
	return app.RunInTransaction(func(tx core.App) error {
		collection, err := tx.FindCachedCollectionByNameOrId(schema.Reminders)
		if err != nil {
			return err
		}
		for _, w := range list {
			_, err := tx.DB().NewQuery(`DELETE FROM reminders WHERE agent = {:agent} AND conversation = {:conv}`).
				Bind(dbx.Params{"agent": agent, "conv": w.ID}).Execute()
			if err != nil {
				return err
			}
			r := core.NewRecord(collection)
			r.Set(schema.ReminderAgent, agent)
			r.Set(schema.ReminderConversation, w.ID)
			r.Set(schema.ReminderSince, w.Since)
			if err := tx.SaveNoValidate(r); err != nil {
				return fmt.Errorf("note a reminder: %w", err)
			}
		}
		return nil
	})
}

// forgetAnswered drops reminders of conversations that wait no more.
func forgetAnswered(app core.App) error {
	_, err := app.DB().NewQuery(`DELETE FROM reminders WHERE NOT EXISTS (SELECT 1 FROM conversations c
		WHERE c.id = reminders.conversation AND c.waiting_since = reminders.since)`).Execute()
	return err
}

// forget takes back that an agent was mailed about conversations.
func forget(app core.App, agent string, list []waiting) error {
	for _, w := range list {
		_, err := app.DB().NewQuery(`DELETE FROM reminders WHERE agent = {:agent} AND conversation = {:conv}`).
			Bind(dbx.Params{"agent": agent, "conv": w.ID}).Execute()
		if err != nil {
			return err
		}
	}
	return nil
}
