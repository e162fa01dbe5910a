package e2e

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/hookstest"
	"modernc.org/sqlite"
)

// TestHotQueriesUseTheirIndexes asks SQLite how it would answer what the
// rooms really ask of a filled database: nothing hot may read a whole table or
// sort what an index holds in order.
func TestHotQueriesUseTheirIndexes(t *testing.T) {
	s := prepare(t, 3, nil)
	fill(t, s.dir, 2000, 20_000, s.agentIDs())
	var spy overheard
	app := hookstest.OpenWith(t, s.dir, spy.connect)
	desk := &hookstest.Client{TB: t, Base: app.Serve(), Token: s.tokens[0]}
	var list struct{ Next string }
	for _, view := range []string{"mine", "unassigned", "open", "pending", "snoozed", "solved", "all", "channel:email"} {
		desk.Must(200, "GET", "/api/desk/conversations?sort=waiting&view="+view, nil).JSON(t, &list)
		if list.Next != "" {
			desk.Must(200, "GET", "/api/desk/conversations?sort=waiting&view="+view+"&before="+list.Next, nil)
		}
		desk.Must(200, "GET", "/api/desk/conversations?view="+view, nil).JSON(t, &list)
		if list.Next != "" {
			desk.Must(200, "GET", "/api/desk/conversations?view="+view+"&before="+list.Next, nil)
		}
	}
	const conv = "/api/desk/conversations/v00000000001000"
	desk.Must(200, "GET", conv, nil)
	desk.Must(200, "GET", conv+"/messages?before=900000", nil)
	desk.Must(200, "GET", conv+"/messages?after=5", nil)
	desk.Must(200, "GET", "/api/desk/boot", nil)
	for _, query := range []string{"parcel", "%231001", "parcel+is:open", "is:mine", "from:customer7@mail.test", "parcel+has:file+before:today", "customer"} {
		desk.Must(200, "GET", "/api/desk/search?q="+query, nil)
	}
	inbox := desk.Listen("topic=inbox&after=19990")
	inbox.Await("hello", "")
	visitor := &hookstest.Client{TB: t, Base: desk.Base}
	var started struct{ Token string }
	visitor.Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(t, &started)
	visitor.Token = started.Token
	var sent struct{ Conversation struct{ ID string } }
	for i := range 2 {
		visitor.Must(200, "POST", "/api/chat/messages", map[string]any{"client_id": fmt.Sprint("client-id-", i), "text": "hello"}).JSON(t, &sent)
	}
	visitor.Must(200, "GET", "/api/chat/messages?after=0", nil)
	visitor.Listen("topic=conversation/"+sent.Conversation.ID+"&after=0").Await("message", "hello")
	visitor.Must(204, "POST", "/api/chat/read", map[string]any{"seq": 1 << 30})
	desk.Must(200, "POST", "/api/desk/conversations/"+sent.Conversation.ID+"/reply", map[string]any{"client_id": "r1", "kind": "reply", "text": "hi"})
	desk.Must(204, "POST", "/api/desk/conversations/"+sent.Conversation.ID+"/seen", map[string]any{"seq": 1 << 30})
	inbox.Await("conversation", `"status":"pending"`)
	inbox.Await("counts", "")

	// Tables that stay small, whatever the shop does.
	small := []string{"agents", "tags", "canned_replies", "mailboxes", "office_hours", "shop", "shohay_counters", "_collections", "_params", "_superusers", "_migrations", "sqlite_schema", "sqlite_master",
		"targets", "imports", "backup_places", "articles", "shohay_search_help_rows", "shohay_search_fill",
		"checks", "setup_steps",
		"shohay_unclaimed"} // given away as soon as somebody is there
	// Of these a query sorts the rows of one person or conversation only, of
	// conversations those that sleep.
	few := append([]string{"identities", "drafts", "follows"}, small...)
	db, err := sql.Open("sqlite", filepath.Join(s.dir, "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	checked := 0
	for _, q := range spy.queries() {
		rows, err := db.Query(`EXPLAIN QUERY PLAN `+q, make([]any, strings.Count(q, "?"))...)
		if err != nil {
			t.Fatalf("%v\n%s", err, q)
		}
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, detail)
		}
		rows.Close()
		checked++
		for _, step := range plan {
			table, scans := strings.CutPrefix(step, "SCAN ")
			table, rest, _ := strings.Cut(table, " ")
			table = aliased(q, table)
			switch {
			case strings.Contains(q, "WITH RECURSIVE "+table+"("): // the query's own rows, which it limits
			case scans && !slices.Contains(small, table) && table != "CONSTANT" && !strings.Contains(rest, "INDEX"):
				t.Errorf("reads all of %s:\n%s\n%s", table, q, strings.Join(plan, "\n"))
			case strings.Contains(step, "USE TEMP B-TREE FOR ORDER BY") && !slices.Contains(few, mainTable(q)) && !strings.Contains(q, "status = 'snoozed'"):
				t.Errorf("sorts what an index should hold in order:\n%s\n%s", q, strings.Join(plan, "\n"))
			}
		}
	}
	if checked < 30 {
		t.Errorf("only %d queries were asked", checked)
	}
}

// overheard are the queries that an app asked its database.
type overheard struct {
	mu  sync.Mutex
	all map[string]bool
}

func (o *overheard) connect(path string) (*dbx.DB, error) {
	c, err := sqlite.NewConnector(path + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(ON)")
	if err != nil {
		return nil, err
	}
	return dbx.NewFromDB(sql.OpenDB(spyConnector{c, o}), "sqlite"), nil
}

func (o *overheard) hear(query string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.all == nil {
		o.all = map[string]bool{}
	}
	o.all[query] = true
}

// queries are those that read or change rows, in a steady order.
func (o *overheard) queries() (all []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for q := range o.all {
		switch word, _, _ := strings.Cut(strings.TrimSpace(q), " "); strings.ToUpper(strings.TrimSpace(word)) {
		case "SELECT", "UPDATE", "DELETE", "WITH":
			if !strings.Contains(q, "_logs") { // the auxiliary database
				all = append(all, q)
			}
		}
	}
	slices.Sort(all)
	return all
}

type spyConnector struct {
	driver.Connector
	o *overheard
}

func (s spyConnector) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := s.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return spyConn{c.(sqliteConn), s.o}, nil
}

type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.SessionResetter
}

type spyConn struct {
	sqliteConn
	o *overheard
}

func (s spyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s.o.hear(query)
	return s.sqliteConn.ExecContext(ctx, query, args)
}

func (s spyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s.o.hear(query)
	return s.sqliteConn.QueryContext(ctx, query, args)
}

// aliased is the table behind an alias of a query.
func aliased(query, name string) string {
	f := strings.Fields(query)
	for i := 1; i < len(f); i++ {
		if strings.Trim(f[i], "`,()") == name && (i+1 >= len(f) || !strings.HasPrefix(f[i], "=")) {
			if before := strings.Trim(f[i-1], "`()"); !slices.Contains([]string{"FROM", "JOIN", "AS", "from", "join"}, before) && i >= 2 && strings.EqualFold(strings.Trim(f[i-2], "("), "FROM") || i >= 2 && strings.EqualFold(f[i-2], "JOIN") {
				return before
			}
		}
	}
	return name
}

// mainTable is what a query selects from, not what the queries inside it do.
func mainTable(query string) string {
	depth := 0
	outer := strings.Map(func(r rune) rune {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth > 0 || r == ')' {
			return -1
		}
		return r
	}, query)
	_, rest, ok := strings.Cut(outer, "FROM ")
	if !ok { // a value alone, asked for inside
		_, rest, _ = strings.Cut(query, "FROM ")
	}
	name, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	return strings.Trim(name, "`\n")
}
