package lookup

import (
	"context"
	"strconv"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/search"
	"github.com/shohay/shohay/hooks/whole"
)

// conversationsOf are the newest conversations of some customers.
// Uses idx_conversations_contact.
func conversationsOf(ctx context.Context, app core.App, ids []string, limit int) (found []string, err error) {
	params := dbx.Params{}
	names := make([]string, len(ids))
	for i, id := range ids {
		name := "c" + strconv.Itoa(i)
		params[name], names[i] = id, "{:"+name+"}"
	}
	err = whole.Column(ctx, app.DB().NewQuery(`SELECT id FROM conversations WHERE contact IN (`+strings.Join(names, ",")+`) ORDER BY last_activity DESC LIMIT `+strconv.Itoa(limit)).
		Bind(params), &found)
	return found, err
}

type named struct {
	ID    string `db:"id"`
	Name  string `db:"name"`
	Email string `db:"email"`
}

// tagsNamed are the tags with a name, or else those that begin with it.
func tagsNamed(app core.App, name string) ([]string, error) {
	var all []named
	if err := app.DB().NewQuery(`SELECT id, name, '' AS email FROM tags`).All(&all); err != nil {
		return nil, err
	}
	return called(all, name), nil
}

// agentsNamed are the agents with a name or address, or else those whose name
// begins with it.
func agentsNamed(app core.App, name string) ([]string, error) {
	var all []named
	if err := app.DB().NewQuery(`SELECT id, name, email FROM agents`).All(&all); err != nil {
		return nil, err
	}
	return called(all, name), nil
}

func called(all []named, name string) (ids []string) {
	name = fold(name)
	var begin []string
	for _, n := range all {
		full := fold(n.Name)
		switch {
		case full == name || strings.EqualFold(n.Email, name):
			ids = append(ids, n.ID)
		case name != "" && (strings.HasPrefix(full, name) || strings.Contains(full, "-"+name)):
			begin = append(begin, n.ID)
		}
	}
	if len(ids) > 0 {
		return ids
	}
	return begin
}

// place is a conversation in the list.
type place struct {
	ID       string `db:"id"`
	Activity string `db:"last_activity"`
}

type hit struct {
	Seq          int64  `db:"seq"`
	Conversation string `db:"conversation"`
}

// newestSeq is the highest seq there is. Uses idx_messages_seq.
func newestSeq(app core.App) (n int64, err error) {
	err = app.DB().NewQuery(`SELECT COALESCE(MAX(seq), 0) FROM messages`).Row(&n)
	return n, err
}

// hits are messages of a list of seqs whose conversations fulfil the plan's
// conditions, the newest first. Uses idx_messages_seq.
func (p *plan) hits(ctx context.Context, app core.App, seqs []int64) (found []hit, err error) {
	if len(seqs) == 0 {
		return nil, nil
	}
	list := make([]string, len(seqs))
	for i, n := range seqs {
		list[i] = strconv.FormatInt(n, 10)
	}
	err = whole.All(ctx, app.DB().NewQuery(`SELECT m.seq, m.conversation FROM messages m JOIN conversations cv ON cv.id = m.conversation
		WHERE m.seq IN (`+strings.Join(list, ",")+`) AND `+strings.Join(p.where, " AND ")+` ORDER BY m.seq DESC`).
		Bind(p.params), &found)
	return found, err
}

// text is what a snippet is made of.
type text struct {
	ID      string `db:"id"`
	Seq     int64  `db:"seq"`
	Kind    string `db:"kind"`
	Subject string `db:"subject"`
	Text    string `db:"text"`
	Created string `db:"created"`
}

// texts reads the beginnings of messages by seq.
func texts(ctx context.Context, app core.App, seqs []int64) (map[int64]text, error) {
	list := make([]string, len(seqs))
	for i, n := range seqs {
		list[i] = strconv.FormatInt(n, 10)
	}
	var rows []text
	err := whole.All(ctx, app.DB().NewQuery(`SELECT id, seq, kind, subject, substr(text, 1, 20000) AS text, `+saidAt+` FROM messages WHERE seq IN (`+strings.Join(list, ",")+`)`), &rows)
	found := map[int64]text{}
	for _, r := range rows {
		found[r.Seq] = r
	}
	return found, err
}

// numbered is the conversation of a number, "" for none; one that was merged
// is the one it went into. Uses idx_conversations_number.
func numbered(app core.App, n int64) (id string, err error) {
	var ids []string
	err = app.DB().NewQuery(`SELECT CASE WHEN merged_into != '' THEN merged_into ELSE id END FROM conversations WHERE number = {:n} AND deleted_at = ''`).Bind(dbx.Params{"n": n}).Column(&ids)
	if len(ids) > 0 {
		id = ids[0]
	}
	return id, err
}

var _ search.Store = core.App(nil)
