package team

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

// most is how much of a list a desk is given at its start.
const most = 5000

func people(app core.App) (staff []Person, err error) {
	err = app.DB().NewQuery(`SELECT id, name FROM agents`).All(&staff)
	return staff, err
}

// call notes that a note calls an agent. Uses idx_mentions_agent.
func call(tx core.App, message, agent string) error {
	return insert(tx, schema.Mentions, schema.MentionMessage, message, schema.MentionAgent, agent)
}

// setFollow lets an agent follow a conversation, or not. Uses
// idx_follows_conversation.
func setFollow(tx core.App, conv, agent string, on bool) error {
	if on {
		return insert(tx, schema.Follows, schema.FollowConversation, conv, schema.FollowAgent, agent)
	}
	_, err := tx.DB().NewQuery(`DELETE FROM follows WHERE conversation = {:conv} AND agent = {:agent}`).Bind(dbx.Params{"conv": conv, "agent": agent}).Execute()
	return err
}

// insert writes a pair once. The rows are ours alone: no record hook waits for
// them.
func insert(tx core.App, table, of, id, who, agent string) error {
	_, err := tx.DB().NewQuery(`INSERT INTO ` + table + ` (id, ` + of + `, ` + who + `, created, updated) VALUES ({:new}, {:id}, {:agent}, {:now}, {:now}) ON CONFLICT DO NOTHING`).
		Bind(dbx.Params{"new": core.GenerateDefaultRandomId(), "id": id, "agent": agent, "now": types.NowDateTime().String()}).Execute()
	if err != nil {
		return fmt.Errorf("write into %s: %w", table, err)
	}
	return nil
}

// followToo lets those who follow a conversation follow another one. Uses
// idx_follows_conversation.
func followToo(tx core.App, from, to string) error {
	agents, err := Followers(tx, from)
	for _, agent := range agents {
		if err == nil {
			err = setFollow(tx, to, agent, true)
		}
	}
	return err
}

// Followers lists who follows a conversation. Uses idx_follows_conversation.
func Followers(app core.App, conv string) (agents []string, err error) {
	agents = []string{}
	err = app.DB().NewQuery(`SELECT agent FROM follows WHERE conversation = {:conv} ORDER BY created, id`).Bind(dbx.Params{"conv": conv}).Column(&agents)
	return agents, err
}

// followed lists what an agent follows, the newest first. Uses
// idx_follows_agent.
func followed(app core.App, agent string) (ids []string, err error) {
	ids = []string{}
	err = app.DB().NewQuery(`SELECT conversation FROM follows WHERE agent = {:agent} ORDER BY rowid DESC LIMIT {:most}`).Bind(dbx.Params{"agent": agent, "most": most}).Column(&ids)
	return ids, err
}

// Conversations in which an agent is called: idx_mentions_agent, and of those
// where they have not looked yet idx_mentions_unseen.
const (
	callsOf       = `SELECT ms.conversation FROM mentions mt JOIN messages ms ON ms.id = mt.message WHERE mt.agent = {:me}`
	unseenCallsOf = callsOf + ` AND mt.seen = ''`
)

// view is the condition of the view "mentions": unseen ones stand in front.
func (r *room) view(_ core.App, agent, _ string) (conversation.Choice, error) {
	return conversation.Choice{
		Where: `cv.spam = FALSE AND cv.id IN (` + callsOf + `)`, First: `cv.id IN (` + unseenCallsOf + `)`, Params: dbx.Params{"me": agent},
	}, nil
}

// unseen counts the conversations in which an agent is called and has not
// looked.
func unseen(app core.App, agent string) (n int, err error) {
	err = app.DB().NewQuery(`SELECT COUNT(*) FROM conversations cv WHERE cv.id IN (` + unseenCallsOf + `) AND cv.spam = FALSE AND cv.deleted_at = '' AND cv.merged_into = ''`).
		Bind(dbx.Params{"me": agent}).Row(&n)
	return n, err
}

// calledIn lists those conversations.
func calledIn(app core.App, agent string) (ids []string, err error) {
	ids = []string{}
	err = app.DB().NewQuery(unseenCallsOf + ` GROUP BY ms.conversation LIMIT {:most}`).Bind(dbx.Params{"me": agent, "most": most}).Column(&ids)
	return ids, err
}

// look notes that an agent has seen what calls them in a conversation; false
// when there was nothing new. Uses idx_mentions_unseen.
func look(app core.App, conv, agent string) (bool, error) {
	result, err := app.NonconcurrentDB().NewQuery(`UPDATE mentions SET seen = {:now}, updated = {:now} WHERE agent = {:agent} AND seen = ''
		AND message IN (SELECT id FROM messages WHERE conversation = {:conv})`).
		Bind(dbx.Params{"conv": conv, "agent": agent, "now": types.NowDateTime().String()}).Execute()
	if err != nil {
		return false, fmt.Errorf("note that a mention was seen: %w", err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
