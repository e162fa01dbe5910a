package conversation

import (
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

const rowColumns = `cv.id, cv.number, cv.subject, cv.channel, cv.status, cv.priority, cv.assignee, cv.tags, cv.preview, cv.preview_kind,
	cv.last_seq, cv.last_incoming_seq, cv.staff_seen_seq, cv.contact_seen_seq, cv.last_activity, cv.waiting_since, cv.snoozed_until,
	cv.language, cv.rating, cv.email, cv.mailbox, cv.page, cv.created, cv.visitor, cv.contact, cv.spam, cv.automatic,
	COALESCE(c.name, '') AS contact_name, COALESCE(c.language, '') AS contact_language, COALESCE(c.blocked, FALSE) AS contact_blocked,
	COALESCE((SELECT value FROM identities i WHERE i.contact = cv.contact AND i.kind = 'email' LIMIT 1), '') AS contact_email,
	COALESCE((SELECT value FROM identities i WHERE i.contact = cv.contact AND i.kind = 'phone' LIMIT 1), '') AS contact_phone`

const rowFrom = ` FROM conversations cv LEFT JOIN contacts c ON c.id = cv.contact `

// Filter chooses a page of the list.
type Filter struct {
	View   string // mine, unassigned, open, pending, snoozed, solved, all, spam, automatic, channel:<name>
	Agent  string
	Sort   string // newest (default) or waiting
	Before string // cursor of the page before
	Query  string
	Limit  int
}

// waitingKey sorts those who do not wait behind those who do.
const waitingKey = `CASE cv.waiting_since WHEN '' THEN '9' ELSE cv.waiting_since END`

// where is the condition of a view and its parameters.
func (f Filter) where() (string, dbx.Params, error) {
	p := dbx.Params{}
	switch {
	case f.View == "mine": // idx_conversations_assignee
		p["agent"] = f.Agent
		return `cv.assignee = {:agent} AND cv.status = 'open'`, p, nil
	case f.View == "unassigned":
		return `cv.assignee = '' AND cv.status = 'open'`, p, nil
	case f.View == "open", f.View == "pending", f.View == "snoozed": // idx_conversations_status
		p["status"] = f.View
		return `cv.status = {:status}`, p, nil
	case f.View == "solved": // idx_conversations_status
		return `cv.status = 'solved' AND cv.spam = FALSE AND cv.automatic = FALSE`, p, nil
	case f.View == "all", f.View == "": // idx_conversations_activity
		return `cv.spam = FALSE`, p, nil
	case f.View == "spam": // idx_conversations_spam
		return `cv.spam = TRUE`, p, nil
	case f.View == "automatic": // idx_conversations_automatic
		return `cv.automatic = TRUE AND cv.spam = FALSE`, p, nil
	case strings.HasPrefix(f.View, "channel:"): // idx_conversations_channel
		p["channel"] = strings.TrimPrefix(f.View, "channel:")
		return `cv.channel = {:channel} AND cv.status = 'open'`, p, nil
	}
	return "", nil, errors.New("no such view")
}

// list returns a page of the desk's list and the cursor of the next, "" at the
// end. Paging is by key: page 1,000 costs what page 1 costs.
func (room *Room) list(app core.App, f Filter) ([]Row, string, error) {
	where, params, err := f.where()
	if err != nil {
		return nil, "", err
	}
	key, order := `cv.last_activity`, `cv.last_activity DESC, cv.id DESC`
	beyond := `(cv.last_activity, cv.id) < ({:key}, {:id})`
	if f.Sort == "waiting" {
		key, order = waitingKey, waitingKey+`, cv.id`
		beyond = `(` + waitingKey + `, cv.id) > ({:key}, {:id})`
	}
	query := `SELECT ` + rowColumns + `, ` + key + ` AS sort_key` + rowFrom + `WHERE ` + where + ` AND cv.merged_into = ''`
	if f.Query = strings.TrimSpace(f.Query); f.Query != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(f.Query) + "%"
		params["like"] = like
		params["number"] = strings.TrimPrefix(f.Query, "#")
		query += ` AND (cv.subject LIKE {:like} ESCAPE '\' OR cv.preview LIKE {:like} ESCAPE '\' OR c.name LIKE {:like} ESCAPE '\' OR CAST(cv.number AS TEXT) = {:number}
			OR EXISTS (SELECT 1 FROM identities i WHERE i.contact = cv.contact AND i.value LIKE {:like} ESCAPE '\'))`
	}
	if f.Before != "" {
		k, id, err := readCursor(f.Before)
		if err != nil {
			return nil, "", err
		}
		params["key"], params["id"] = k, id
		query += ` AND ` + beyond
	}
	query += ` ORDER BY ` + order + ` LIMIT ` + strconv.Itoa(f.Limit+1)

	var rows []struct {
		Row     `db:""`
		SortKey string `db:"sort_key"`
	}
	if err := app.DB().NewQuery(query).Bind(params).All(&rows); err != nil {
		return nil, "", fmt.Errorf("list conversations: %w", err)
	}
	cursor := ""
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		last := rows[f.Limit-1]
		cursor = base64.RawURLEncoding.EncodeToString([]byte(last.SortKey + "|" + last.ID))
	}
	page := make([]Row, 0, len(rows))
	for i := range rows {
		room.finish(&rows[i].Row)
		page = append(page, rows[i].Row)
	}
	return page, cursor, nil
}

func readCursor(s string) (key, id string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	key, id, ok := strings.Cut(string(raw), "|")
	if err != nil || !ok {
		return "", "", errors.New("not a cursor of this list")
	}
	return key, id, nil
}

// rows reads some conversations by id.
func (room *Room) rows(app core.App, ids ...string) ([]Row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	params := dbx.Params{}
	names := make([]string, len(ids))
	for i, id := range ids {
		name := "id" + strconv.Itoa(i)
		params[name], names[i] = id, "{:"+name+"}"
	}
	var rows []Row
	query := `SELECT ` + rowColumns + rowFrom + `WHERE cv.id IN (` + strings.Join(names, ",") + `)`
	if err := app.DB().NewQuery(query).Bind(params).All(&rows); err != nil {
		return nil, fmt.Errorf("read conversations: %w", err)
	}
	for i := range rows {
		room.finish(&rows[i])
	}
	return rows, nil
}

func (room *Room) row(app core.App, id string) (Row, error) {
	var r Row
	err := app.DB().NewQuery(`SELECT ` + rowColumns + rowFrom + `WHERE cv.id = {:id}`).Bind(dbx.Params{"id": id}).One(&r)
	if err != nil {
		return r, err
	}
	room.finish(&r)
	return r, nil
}

// messagesAfter reads messages of all conversations above a seq, ascending.
// Uses idx_messages_seq. The limit stands in the text: SQLite would compile
// the statement anew for every binding of it.
func messagesAfter(app core.App, after int64, limit int) (rows []messageRow, err error) {
	err = app.DB().NewQuery(`SELECT ` + messageColumns + ` FROM messages m LEFT JOIN contacts c ON c.id = m.contact
		WHERE m.seq > {:after} ORDER BY m.seq LIMIT ` + strconv.Itoa(limit)).Bind(dbx.Params{"after": after}).All(&rows)
	return rows, err
}

// messageByID reads one message.
func messageByID(app core.App, id string) (row messageRow, err error) {
	err = app.DB().NewQuery(`SELECT ` + messageColumns + ` FROM messages m LEFT JOIN contacts c ON c.id = m.contact WHERE m.id = {:id}`).
		Bind(dbx.Params{"id": id}).One(&row)
	return row, err
}

// page reads messages of one conversation, ascending: the first above after,
// or, with after 0, the last below before (0 is the end). more tells that the
// conversation goes on beyond. Uses idx_messages_conversation.
func page(app core.App, conversation string, after, before int64, limit int, said bool) (rows []messageRow, more bool, err error) {
	cond, order := `m.seq > {:after}`, `m.seq`
	if after == 0 {
		order = `m.seq DESC`
		if before > 0 {
			cond = `m.seq < {:before}`
		} else {
			cond = `TRUE`
		}
	}
	if said {
		cond += ` AND m.kind IN ('incoming','outgoing') AND m.trust != 'other'`
	}
	err = app.DB().NewQuery(`SELECT ` + messageColumns + ` FROM messages m LEFT JOIN contacts c ON c.id = m.contact
		WHERE m.conversation = {:conv} AND ` + cond + ` ORDER BY ` + order + ` LIMIT ` + strconv.Itoa(limit+1)).
		Bind(dbx.Params{"conv": conversation, "after": after, "before": before}).All(&rows)
	if err != nil {
		return nil, false, fmt.Errorf("read messages: %w", err)
	}
	if more = len(rows) > limit; more {
		rows = rows[:limit]
	}
	if after == 0 {
		for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
			rows[i], rows[j] = rows[j], rows[i]
		}
	}
	return rows, more, nil
}

// NewestSeq is the cursor a stream may start from: see newestSeq.
func NewestSeq(app core.App) (int64, error) { return newestSeq(app) }

// newestSeq is the highest seq given so far, deleted messages included.
func newestSeq(app core.App) (n int64, err error) {
	err = app.DB().NewQuery(`SELECT value FROM ` + schema.Counters + ` WHERE name={:name}`).Bind(dbx.Params{"name": schema.CounterSeq}).Row(&n)
	return n, err
}

// tally counts living conversations. Uses idx_conversations_live alone.
type tally struct {
	Status   string `db:"status"`
	Assignee string `db:"assignee"`
	Channel  string `db:"channel"`
	N        int    `db:"n"`
}

func tallies(app core.App) (t []tally, err error) {
	err = app.DB().NewQuery(`SELECT status, assignee, channel, COUNT(*) AS n FROM conversations WHERE status != 'solved' GROUP BY status, assignee, channel`).All(&t)
	return t, err
}

// earlier lists the customer's other conversations, newest first.
// Uses idx_conversations_contact.
func earlier(app core.App, contactID, except string, limit int) ([]EarlierView, error) {
	rows := []EarlierView{}
	err := app.DB().NewQuery(`SELECT id, number, subject, preview, channel, status, rating, last_activity FROM conversations
		WHERE contact = {:contact} AND id != {:except} AND merged_into = '' ORDER BY last_activity DESC LIMIT ` + strconv.Itoa(limit)).
		Bind(dbx.Params{"contact": contactID, "except": except}).All(&rows)
	for i := range rows {
		rows[i].LastActivity = isoString(rows[i].LastActivity)
	}
	return rows, err
}

// EarlierView is another conversation of the same customer.
type EarlierView struct {
	ID           string `json:"id" db:"id"`
	Number       int64  `json:"number" db:"number"`
	Subject      string `json:"subject" db:"subject"`
	Preview      string `json:"preview" db:"preview"`
	Channel      string `json:"channel" db:"channel"`
	Status       string `json:"status" db:"status"`
	Rating       int    `json:"rating" db:"rating"`
	LastActivity string `json:"last_activity" db:"last_activity"`
}

// findNumber returns the id of the conversation with the number.
func findNumber(app core.App, number string) (id string, err error) {
	err = app.DB().NewQuery(`SELECT id FROM conversations WHERE number = {:number}`).Bind(dbx.Params{"number": number}).Row(&id)
	return id, err
}

// dueSnoozed lists snoozed conversations whose time has come.
// Uses idx_conversations_snoozed.
func dueSnoozed(app core.App, at string) (ids []string, err error) {
	err = app.DB().NewQuery(`SELECT id FROM conversations WHERE status = 'snoozed' AND snoozed_until <= {:now} ORDER BY snoozed_until LIMIT 100`).
		Bind(dbx.Params{"now": at}).Column(&ids)
	return ids, err
}

// nextSnoozed is when the next snoozed conversation comes back, "" for never.
func nextSnoozed(app core.App) (string, error) {
	var at sql.NullString
	err := app.DB().NewQuery(`SELECT MIN(snoozed_until) FROM conversations WHERE status = 'snoozed'`).Row(&at)
	return at.String, err
}

// unanswered is when the customer wrote the oldest message that nobody has
// answered, "" if there is none. Uses idx_messages_conversation.
func unanswered(app core.App, id string) (since string, err error) {
	err = app.DB().NewQuery(`SELECT COALESCE(MIN(created), '') FROM messages WHERE conversation = {:id} AND kind = 'incoming' AND automatic = FALSE AND seq >
		COALESCE((SELECT MAX(seq) FROM messages WHERE conversation = {:id} AND kind = 'outgoing' AND automatic = FALSE), 0)`).
		Bind(dbx.Params{"id": id}).Row(&since)
	return since, err
}
