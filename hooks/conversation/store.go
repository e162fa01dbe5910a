package conversation

import (
	"database/sql"
	"encoding/base64"
	"encoding/json/v2"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

const rowColumns = `cv.id, cv.number, cv.subject, cv.channel, cv.status, cv.priority, cv.assignee, cv.tags, cv.preview, cv.preview_kind,
	cv.last_seq, cv.last_incoming_seq, cv.staff_seen_seq, cv.contact_seen_seq, cv.last_activity, cv.waiting_since, cv.snoozed_until,
	cv.language, cv.rating, cv.email, cv.mailbox, cv.page, cv.created, cv.visitor, cv.contact, cv.spam, cv.automatic, cv.merged_into, cv.deleted_at,
	cv.due_at, cv.due_kind, cv.due_warn_at,
	COALESCE(c.name, '') AS contact_name, COALESCE(c.language, '') AS contact_language, COALESCE(c.blocked, FALSE) AS contact_blocked,
	COALESCE((SELECT value FROM identities i WHERE i.contact = cv.contact AND i.kind = 'email' LIMIT 1), '') AS contact_email,
	COALESCE((SELECT value FROM identities i WHERE i.contact = cv.contact AND i.kind = 'phone' LIMIT 1), '') AS contact_phone`

const (
	rowFrom    = ` FROM conversations cv` + rowContact
	rowContact = ` LEFT JOIN contacts c ON c.id = cv.contact `
)

// Filter chooses a page of the list.
type Filter struct {
	View   string // mine, unassigned, open, pending, snoozed, solved, all, spam, automatic, channel:<name>, tag:<id>, or one that a room added
	Agent  string
	Sort   string // newest (default), waiting, priority; "" is the view's own
	Before string // cursor of the page before
	Query  string
	Limit  int
}

// Choice is the condition of a view on cv, the conversations.
type Choice struct {
	Where   string
	Params  dbx.Params
	Index   string   // that SQLite would not find by itself, "" to let it choose
	Walk    string   // "" or the condition by which Index is walked; see walk.go
	Each    []string // what Walk is, place by place of Index, each in the list's order; none where it is one
	Sort    string   // order that the view prefers, "" for the newest first
	First   string   // condition of rows that stand in front of the others, "" for none
	Deleted bool     // of those that are deleted
}

// choice is the condition of a view.
func (room *Room) choice(app core.App, f Filter) (Choice, error) {
	p := dbx.Params{}
	name, rest, _ := strings.Cut(f.View, ":")
	switch name {
	case "mine": // idx_conversations_assignee
		p["agent"] = f.Agent
		return Choice{Where: `cv.assignee = {:agent} AND cv.status = 'open'`, Params: p}, nil
	case "unassigned":
		return Choice{Where: `cv.assignee = '' AND cv.status = 'open'`, Params: p}, nil
	case "open", "pending", "snoozed": // idx_conversations_status
		p["status"] = f.View
		return Choice{Where: `cv.status = {:status}`, Params: p}, nil
	case "solved": // idx_conversations_status
		return Choice{Where: `cv.status = 'solved' AND cv.spam = FALSE AND cv.automatic = FALSE`, Params: p}, nil
	case "all", "": // idx_conversations_activity
		return Choice{Where: `cv.spam = FALSE`, Params: p}, nil
	case "spam": // idx_conversations_spam
		return Choice{Where: `cv.spam = TRUE`, Params: p}, nil
	case "automatic": // idx_conversations_automatic
		return Choice{Where: `cv.automatic = TRUE AND cv.spam = FALSE`, Params: p}, nil
	case "channel": // idx_conversations_channel
		p["channel"] = rest
		return Choice{Where: `cv.channel = {:channel} AND cv.status = 'open'`, Params: p}, nil
	case "tag":
		p["tag"] = `%"` + escapeLike(rest) + `"%`
		return Choice{Where: `cv.tags != '[]' AND cv.status = 'open' AND cv.tags LIKE {:tag} ESCAPE '\'`, Params: p, Index: "idx_conversations_tagged"}, nil
	}
	if add, ok := room.views[name]; ok {
		return add(app, f.Agent, rest)
	}
	return Choice{}, errors.New("no such view")
}

// ViewFunc is the condition of a view that another room adds; agent is the
// record id of whoever looks, rest what stands behind the colon of its name.
type ViewFunc func(app core.App, agent, rest string) (Choice, error)

// AddView adds a view, or with a colon behind the name a family of them. Only
// at registration.
func (room *Room) AddView(name string, f ViewFunc) { room.views[name] = f }

// order is one ordered part of a list.
type order struct {
	cond   string // rows of the part
	key    string // column that is sorted by, with the id behind it
	rising bool
	mark   string   // stands before the key in cursors
	from   string   // rowFrom, or with the index that SQLite would not find
	walk   string   // what is walked through if the list is walked: cond, or what an index has of it
	each   []string // as in Choice
}

func (o order) sql() (by, beyond string) {
	if o.rising {
		return o.key + `, cv.id`, `(` + o.key + `, cv.id) > ({:key}, {:id})`
	}
	return o.key + ` DESC, cv.id DESC`, `(` + o.key + `, cv.id) < ({:key}, {:id})`
}

const (
	waits     = `cv.status = 'open' AND cv.waiting_since != ''`
	waitMark  = "w"
	dueMark   = "d"
	frontMark = "f"
)

// Orders of a list.
const (
	SortNewest   = "newest"
	SortWaiting  = "waiting"
	SortPriority = "priority"
	SortDue      = "due"
)

// orders are the parts of a list, each in the order of an index. Sorted by
// waiting, first come those who wait, the longest in front
// (idx_conversations_waiting), then the others as usual. Only customers of open
// conversations wait. Sorted by priority, each priority is a part
// (idx_conversations_priority). Sorted by due, first comes what is due first
// (idx_conversations_due).
func orders(view, sort string, c Choice) []order {
	usual := order{cond: `TRUE`, key: `cv.last_activity`, from: rowFrom, walk: c.Walk, each: c.Each}
	if c.Index != "" {
		usual.from = ` FROM conversations cv INDEXED BY ` + c.Index + rowContact
	}
	if sort == "" {
		sort = c.Sort
	}
	if c.First != "" {
		front := usual
		front.cond, front.mark = c.First, frontMark
		usual.cond = `NOT (` + c.First + `)`
		return []order{front, usual}
	}
	switch {
	case sort == SortPriority:
		parts := make([]order, 0, 4)
		for _, p := range []int{PriorityUrgent, PriorityHigh, PriorityNormal, PriorityLow} {
			o := usual
			o.cond, o.mark = `cv.priority = `+strconv.Itoa(p), "p"+strconv.Itoa(p)
			if p != PriorityNormal {
				o.cond += ` AND cv.priority != 0`
				o.walk, o.each = o.cond, nil
				o.from = ` FROM conversations cv INDEXED BY idx_conversations_priority` + rowContact
			}
			parts = append(parts, o)
		}
		return parts
	case sort == SortDue && !c.Deleted:
		usual.cond = `cv.due_at = ''`
		return []order{{cond: `cv.due_at != ''`, key: `cv.due_at`, rising: true, mark: dueMark, walk: `cv.due_at != ''`,
			from: ` FROM conversations cv INDEXED BY idx_conversations_due` + rowContact}, usual}
	case sort != SortWaiting, c.Deleted, view == "pending", view == "snoozed", view == "solved", view == "spam", view == "automatic":
		return []order{usual}
	}
	usual.cond = `NOT (` + waits + `)`
	return []order{{cond: waits, key: `cv.waiting_since`, rising: true, mark: waitMark, walk: waits,
		from: ` FROM conversations cv INDEXED BY idx_conversations_waiting` + rowContact}, usual}
}

// list returns a page of the desk's list and the cursor of the next, "" at the
// end. Paging is by key: page 1,000 costs what page 1 costs. A page of a list
// that is walked may hold fewer rows than the limit, or none, and not be the
// last.
func (room *Room) list(app core.App, f Filter) ([]Row, string, error) {
	choice, err := room.choice(app, f)
	if err != nil {
		return nil, "", err
	}
	where, params := choice.Where, choice.Params
	if f.Query = strings.TrimSpace(f.Query); f.Query != "" {
		where += ` AND ` + f.matches(params)
	}
	if choice.Deleted {
		where += ` AND cv.deleted_at != ''`
	} else {
		where += ` AND cv.deleted_at = ''`
	}
	mark, key, id := "", "", ""
	if f.Before != "" {
		if mark, key, id, err = readCursor(f.Before); err != nil {
			return nil, "", err
		}
	}
	page, cursor := make([]Row, 0, f.Limit), ""
	late := time.Now().Add(walkTime)
	for _, o := range orders(f.View, f.Sort, choice) {
		if key != "" && mark != o.mark {
			continue // this part was read to its end
		}
		read := room.part
		if choice.Walk != "" {
			read = room.walker(late)
		}
		rows, sortKeys, end, err := read(app, where, params, o, f.Limit+1-len(page), key, id)
		if err != nil {
			return nil, "", err
		}
		key = "" // the next part begins at its beginning
		for j, r := range rows {
			if len(page) == f.Limit {
				return page, cursor, nil
			}
			page = append(page, r)
			cursor = o.cursor(sortKeys[j], r.ID)
		}
		if end.ID != "" {
			return page, o.cursor(end.Key, end.ID), nil
		}
	}
	return page, "", nil
}

func (o order) cursor(key, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(o.mark + "|" + key + "|" + id))
}

// part reads rows of one part of a list, from the key on, to its end.
func (room *Room) part(app core.App, where string, params dbx.Params, o order, limit int, key, id string) (found []Row, keys []string, end stop, err error) {
	by, beyond := o.sql()
	query := `SELECT ` + rowColumns + `, ` + o.key + ` AS sort_key` + o.from + `WHERE ` + where + ` AND cv.merged_into = '' AND ` + o.cond
	if key != "" {
		query += ` AND ` + beyond
		params = maps.Clone(params)
		params["key"], params["id"] = key, id
	}
	var rows []struct {
		Row     `db:""`
		SortKey string `db:"sort_key"`
	}
	if err := app.DB().NewQuery(query + ` ORDER BY ` + by + ` LIMIT ` + strconv.Itoa(limit)).Bind(params).All(&rows); err != nil {
		return nil, nil, stop{}, fmt.Errorf("list conversations: %w", err)
	}
	for i := range rows {
		room.finish(&rows[i].Row)
		found, keys = append(found, rows[i].Row), append(keys, rows[i].SortKey)
	}
	return found, keys, stop{}, nil
}

// matches is the condition of a query: #1024 is that conversation, everything
// else is looked for in what the list shows and in the customer's addresses.
func (f Filter) matches(params dbx.Params) string {
	if number, ok := strings.CutPrefix(f.Query, "#"); ok {
		if n, err := strconv.ParseInt(digits(number), 10, 64); err == nil {
			params["number"] = n
			// What was merged leads on: idx_conversations_number.
			return `cv.id = (SELECT CASE merged_into WHEN '' THEN id ELSE merged_into END FROM conversations WHERE number = {:number})`
		}
	}
	params["like"] = "%" + escapeLike(f.Query) + "%"
	params["number"] = digits(f.Query)
	return `(cv.subject LIKE {:like} ESCAPE '\' OR cv.preview LIKE {:like} ESCAPE '\' OR c.name LIKE {:like} ESCAPE '\' OR CAST(cv.number AS TEXT) = {:number}
		OR EXISTS (SELECT 1 FROM identities i WHERE i.contact = cv.contact AND i.value LIKE {:like} ESCAPE '\'))`
}

// escapeLike makes a text one that LIKE takes by the letter.
func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// digits turns Bangla digits into those that numbers are stored in.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '০' && r <= '৯' {
			return '0' + r - '০'
		}
		return r
	}, s)
}

func readCursor(s string) (mark, key, id string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	mark, rest, ok := strings.Cut(string(raw), "|")
	key, id, too := strings.Cut(rest, "|")
	if err != nil || !ok || !too || key == "" {
		return "", "", "", errors.New("not a cursor of this list")
	}
	return mark, key, id, nil
}

// Rows reads some conversations as the desk lists them, in no order.
func (room *Room) Rows(app core.App, ids ...string) ([]Row, error) { return room.rows(app, ids...) }

// rows reads some conversations by id.
func (room *Room) rows(app core.App, ids ...string) ([]Row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	var rows []Row
	// One text for every number of ids: SQLite compiles it once.
	query := `SELECT ` + rowColumns + rowFrom + `WHERE cv.id IN (SELECT value FROM json_each({:ids}))`
	if err := app.DB().NewQuery(query).Bind(dbx.Params{"ids": string(list)}).All(&rows); err != nil {
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
	return readMessagesAfter(app, limit)(after)
}

// readMessagesAfter is messagesAfter for one goroutine that asks again and
// again: dbx goes through the text of a query only once.
func readMessagesAfter(app core.App, limit int) func(after int64) ([]messageRow, error) {
	q := app.DB().NewQuery(`SELECT ` + messageColumns + ` FROM messages m LEFT JOIN contacts c ON c.id = m.contact
		WHERE m.seq > {:after} ORDER BY m.seq LIMIT ` + strconv.Itoa(limit))
	return func(after int64) (rows []messageRow, err error) {
		err = q.Bind(dbx.Params{"after": after}).All(&rows)
		return rows, err
	}
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

// tally counts living conversations, by idx_conversations_live alone, and what
// was put aside in the last month and nobody has looked at, under the names of
// those views (idx_conversations_spam, idx_conversations_automatic).
type tally struct {
	Status   string `db:"status"`
	Assignee string `db:"assignee"`
	Channel  string `db:"channel"`
	N        int    `db:"n"`
}

func tallies(app core.App) (t []tally, err error) {
	err = app.DB().NewQuery(`SELECT status, assignee, channel, COUNT(*) AS n FROM conversations WHERE status != 'solved' GROUP BY status, assignee, channel
		UNION ALL SELECT 'spam', '', '', COUNT(*) FROM conversations WHERE spam = TRUE AND merged_into = '' AND deleted_at = '' AND last_activity > {:month} AND last_incoming_seq > staff_seen_seq
		UNION ALL SELECT 'automatic', '', '', COUNT(*) FROM conversations WHERE automatic = TRUE AND merged_into = '' AND deleted_at = '' AND last_activity > {:month} AND spam = FALSE AND last_incoming_seq > staff_seen_seq`).
		Bind(dbx.Params{"month": now().AddDate(0, -1, 0).String()}).All(&t)
	return t, err
}

// taggedOpen counts the open conversations of each tag, by
// idx_conversations_tagged alone.
func taggedOpen(app core.App) (map[string]int, error) {
	var rows []struct {
		Tag string `db:"tag"`
		N   int    `db:"n"`
	}
	err := app.DB().NewQuery(`SELECT t.value AS tag, COUNT(*) AS n FROM conversations cv INDEXED BY idx_conversations_tagged, json_each(cv.tags) t
		WHERE cv.status = 'open' AND cv.tags != '[]' GROUP BY t.value`).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("count tags: %w", err)
	}
	n := make(map[string]int, len(rows))
	for _, r := range rows {
		n[r.Tag] = r.N
	}
	return n, nil
}

// CountView counts the conversations of a view, up to most.
func (room *Room) CountView(app core.App, f Filter, most int) (n int, err error) {
	c, err := room.choice(app, f)
	if err != nil {
		return 0, err
	}
	from := `conversations cv`
	if c.Index != "" {
		from += ` INDEXED BY ` + c.Index
	}
	if c.Walk != "" {
		c.Where = c.Walk + ` AND ` + c.Where
	}
	err = app.DB().NewQuery(`SELECT COUNT(*) FROM (SELECT 1 FROM ` + from + ` LEFT JOIN contacts c ON c.id = cv.contact WHERE ` + c.Where + ` AND cv.merged_into = '' AND cv.deleted_at = '' LIMIT ` + strconv.Itoa(most) + `)`).
		Bind(c.Params).Row(&n)
	if err != nil {
		return 0, fmt.Errorf("count a view: %w", err)
	}
	return n, nil
}

// IDs lists the conversations of a view, at most so many.
func (room *Room) IDs(app core.App, f Filter) ([]string, error) {
	var ids []string
	for f.Limit > 0 {
		page := f
		page.Limit = min(f.Limit, maxPage)
		rows, next, err := room.list(app, page)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		if f.Limit -= len(rows); next == "" {
			break
		}
		f.Before = next
	}
	return ids, nil
}

// earlier lists the customer's other conversations, newest first.
// Uses idx_conversations_contact.
func earlier(app core.App, contactID, except string, limit int) ([]EarlierView, error) {
	rows := []EarlierView{}
	err := app.DB().NewQuery(`SELECT id, number, subject, preview, channel, status, rating, last_activity FROM conversations
		WHERE contact = {:contact} AND id != {:except} AND merged_into = '' AND deleted_at = '' ORDER BY last_activity DESC LIMIT ` + strconv.Itoa(limit)).
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
	err = app.DB().NewQuery(`SELECT id FROM conversations WHERE status = 'snoozed' AND snoozed_until != '' AND snoozed_until <= {:now} ORDER BY snoozed_until LIMIT 100`).
		Bind(dbx.Params{"now": at}).Column(&ids)
	return ids, err
}

// nextSnoozed is when the next snoozed conversation comes back, "" for never.
func nextSnoozed(app core.App) (string, error) {
	var at sql.NullString
	err := app.DB().NewQuery(`SELECT MIN(snoozed_until) FROM conversations WHERE status = 'snoozed' AND snoozed_until != ''`).Row(&at)
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
