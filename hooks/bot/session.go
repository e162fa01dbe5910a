package bot

import (
	"database/sql"
	"encoding/json/v2"
	"errors"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// Session is where the bot stands in a conversation.
type Session struct {
	Seq      int64    `json:"seq"`
	Handed   int64    `json:"handed"`
	Failures int      `json:"failures"`
	Awaits   string   `json:"awaits"`
	Flow     string   `json:"flow"`
	Step     string   `json:"step"`
	Choices  []Choice `json:"choices"`
	Question string   `json:"question"`
	Language string   `json:"language"`
	Begun    bool     `json:"begun"`
}

// Choice is one that was offered, and what it means.
type Choice struct {
	Label string `json:"label"`
	Do    string `json:"do"` // "yes", "no", "person", "article:<group>"
}

// What choices mean.
const (
	doYes     = "yes"
	doNo      = "no"
	doPerson  = "person"
	doArticle = "article:"
	doStep    = "" // the flow knows
)

// sessionOf reads the session of a conversation; a new one if there is none.
// Uses idx_bot_sessions_conversation.
func sessionOf(app core.App, conv string) (Session, error) {
	r, err := app.FindFirstRecordByData(schema.BotSessions, schema.TalkConversation, conv)
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, nil
	}
	if err != nil {
		return Session{}, err
	}
	s := Session{
		Seq: int64(r.GetInt(schema.TalkSeq)), Handed: int64(r.GetInt(schema.TalkHanded)), Failures: r.GetInt(schema.TalkFailures), Awaits: r.GetString(schema.TalkAwaits),
		Flow: r.GetString(schema.TalkFlow), Step: r.GetString(schema.TalkStep), Question: r.GetString(schema.TalkQuestion), Language: r.GetString(schema.TalkLanguage), Begun: true,
	}
	if raw := r.GetString(schema.TalkChoices); raw != "" && raw != "null" {
		_ = json.Unmarshal([]byte(raw), &s.Choices) // our own
	}
	return s, nil
}

func saveSession(tx core.App, conv string, s Session) error {
	r, err := tx.FindFirstRecordByData(schema.BotSessions, schema.TalkConversation, conv)
	if errors.Is(err, sql.ErrNoRows) {
		c, err := tx.FindCachedCollectionByNameOrId(schema.BotSessions)
		if err != nil {
			return err
		}
		r = core.NewRecord(c)
		r.Set(schema.TalkConversation, conv)
	} else if err != nil {
		return err
	}
	r.Load(map[string]any{
		schema.TalkSeq: s.Seq, schema.TalkHanded: s.Handed, schema.TalkFailures: s.Failures, schema.TalkAwaits: s.Awaits, schema.TalkFlow: s.Flow, schema.TalkStep: s.Step,
		schema.TalkChoices: s.Choices, schema.TalkQuestion: clip(s.Question, 590), schema.TalkLanguage: s.Language,
	})
	return tx.Save(r)
}

// marks are the places in a conversation that decide whether the bot may talk.
type marks struct {
	Solved int64 `db:"solved"` // when it was last solved
	Spoken int64 `db:"spoken"` // when an agent last spoke
}

// marksOf uses idx_messages_conversation.
func marksOf(app core.App, conv string) (m marks, err error) {
	err = app.DB().NewQuery(`SELECT
		COALESCE(MAX(CASE WHEN kind = 'event' AND json_extract(NULLIF(event, ''), '$.type') = 'status' AND json_extract(NULLIF(event, ''), '$.to') = 'solved' THEN seq END), 0) AS solved,
		COALESCE(MAX(CASE WHEN kind = 'outgoing' AND author_kind = 'agent' THEN seq END), 0) AS spoken
		FROM messages WHERE conversation = {:conv}`).Bind(dbx.Params{"conv": conv}).One(&m)
	return m, err
}

// silent tells that a person has the conversation.
func (s Session) silent(m marks) bool { return m.Spoken > m.Solved || s.Handed > m.Solved }

// renewed is the session after the conversation was solved: a new beginning.
func (s Session) renewed(m marks) Session {
	if m.Solved > s.Seq {
		return Session{Seq: s.Seq, Language: s.Language, Begun: s.Begun}
	}
	return s
}

func clip(s string, n int) string {
	r := []rune(s)
	return string(r[:min(n, len(r))])
}
