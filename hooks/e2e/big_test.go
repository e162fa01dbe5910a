package e2e

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/lookup"
	"modernc.org/sqlite"
)

// fill writes a history of years into a data folder by plain SQL: the given
// numbers of conversations and messages, a tenth of the conversations alive,
// most of them long solved, with customers who came back.
func fill(tb testing.TB, dir string, conversations, messages int, agents []string) {
	tb.Helper()
	wrapped, err := hooks.ConnectDB(filepath.Join(dir, "data.db"))
	if err != nil {
		tb.Fatal(err)
	}
	defer wrapped.Close()
	db := wrapped.DB()
	db.SetMaxOpenConns(1)
	tx, err := db.Begin()
	if err != nil {
		tb.Fatal(err)
	}
	defer tx.Rollback()
	insert := func(query string) func(args ...any) {
		stmt, err := tx.Prepare(query)
		if err != nil {
			tb.Fatal(err)
		}
		return func(args ...any) {
			if _, err := stmt.Exec(args...); err != nil {
				tb.Fatal(query, ": ", err)
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2)) // the same shop every time
	now := time.Now().UTC()
	at := func(seconds int) string {
		return now.Add(-time.Duration(seconds) * time.Second).Format("2006-01-02 15:04:05.000Z")
	}
	contacts := max(conversations*2/5, 1)
	addContact := insert(`INSERT INTO contacts (id, name, customer_no, language, tokenKey, password, created, updated) VALUES (?, ?, ?, 'bn', ?, '!', ?, ?)`)
	addIdentity := insert(`INSERT INTO identities (id, contact, kind, value, verified, created, updated) VALUES (?, ?, 'email', ?, TRUE, ?, ?)`)
	for i := range contacts {
		id := fmt.Sprintf("c%014d", i)
		addContact(id, fmt.Sprintf("Customer %d", i), fmt.Sprintf("C-%06d", i), id, at(0), at(0))
		addIdentity(id, id, fmt.Sprintf("customer%d@mail.test", i), at(0), at(0))
	}

	channels := []string{"chat", "email", "portal"}
	addConversation := insert(`INSERT INTO conversations (id, number, contact, channel, visitor, subject, status, priority, assignee, tags, preview, preview_kind,
		last_seq, last_incoming_seq, staff_seen_seq, contact_seen_seq, last_activity, last_incoming, waiting_since, first_reply_at, solved_at, language, created, updated)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, '[]', 'When will my parcel arrive?', 'incoming', ?, ?, 0, 0, ?, ?, ?, '', ?, 'bn', ?, ?)`)
	addMessage := insert(`INSERT INTO messages (id, conversation, seq, kind, author_kind, agent, contact, text, channel, client_id, channel_id, delivery, created, updated)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	per := messages / conversations
	seq := 0
	for i := range conversations {
		id, contact := fmt.Sprintf("v%014d", i), fmt.Sprintf("c%014d", r.IntN(contacts))
		channel, age := channels[r.IntN(3)], (conversations-i)*300
		status, solved, waiting, visitor, agent := "solved", at(age), "", "", ""
		switch n := r.IntN(100); {
		case n < 6:
			status, solved = "open", ""
			if r.IntN(2) == 0 {
				waiting = at(age)
			}
		case n < 9:
			status, solved = "pending", ""
		}
		if channel == "chat" {
			visitor = "a" + id
		}
		if r.IntN(4) > 0 {
			agent = agents[r.IntN(len(agents))]
		}
		last := 0
		for m := range per {
			seq++
			last = seq
			kind, author, by, who, delivery := "incoming", "contact", "", contact, ""
			if m%2 == 1 {
				kind, author, by, who, delivery = "outgoing", "agent", agents[0], "", "sent"
			}
			channelID := ""
			if channel == "email" {
				channelID = fmt.Sprintf("m%d@mail.test", seq)
			}
			addMessage(fmt.Sprintf("m%014d", seq), id, seq, kind, author, by, who, saying(r, seq), channel, fmt.Sprintf("client%d", seq), channelID, delivery, at(age), at(age))
		}
		addConversation(id, 2000+i, contact, channel, visitor, fmt.Sprintf("Order %d", i), status, agent, last, last, at(age), at(age), waiting, solved, at(age), at(age))
	}
	for _, query := range []string{
		fmt.Sprintf(`UPDATE shohay_counters SET value = %d WHERE name = 'seq'`, seq),
		fmt.Sprintf(`UPDATE shohay_counters SET value = %d WHERE name = 'conversation'`, 2000+conversations),
		fmt.Sprintf(`UPDATE shohay_counters SET value = %d WHERE name = 'customer'`, contacts),
	} {
		if _, err := tx.Exec(query); err != nil {
			tb.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		tb.Fatal(err)
	}
	if _, err := db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		tb.Fatal(err)
	}
}

// sayings are what customers and staff write; "parcel" is in two of three.
var sayings = []string{
	"When will my parcel arrive? I ordered it on Monday, and the page says that it left yesterday.",
	"Your parcel is with the courier and should reach you tomorrow between 3 and 6 pm.",
	"vai amar parcel ta ekhono ashe nai, delivery man phone o dhore na. taka ferot dan",
	"পার্সেলটা এখনো পাইনি, কুরিয়ারের parcel নম্বরটা দেবেন?",
	"শাড়িটা ছবির মতো না, ফেরত দিতে চাই। টাকা কবে পাব?",
	"Thank you, the parcel came and everything fits.",
	"bkash e payment korsi kintu confirm hoy nai",
	"দুঃখিত, আজই রাইডার পাঠিয়ে দিচ্ছি। আপনার parcel কাল দুপুরের মধ্যে পাবেন।",
	"Hello, the navy panjabi in size 42 is a bit tight. Can I change it to 44?",
}

// saying is one of them with a few words that are rarer the further down they
// stand in a vocabulary of 20,000.
func saying(r *rand.Rand, seq int) string {
	text := sayings[r.IntN(len(sayings))]
	for range 4 {
		n := int(20_000 * math.Pow(r.Float64(), 3))
		text += " " + string(rune('a'+n%26)) + string("aeiou"[n/26%5]) + string(rune('b'+n/130%24)) + string("aeiou"[n/3120%5]) + string(rune('a'+n%19)) + "in"
	}
	if seq%2500 == 0 {
		text += " umbrella"
	}
	return text
}

func (s *staff) agentIDs() (ids []string) {
	for _, a := range s.agents {
		ids = append(ids, a.Id)
	}
	return ids
}

var keepBig = flag.String("big", "", "folder that BenchmarkBig fills once and uses again")

// BenchmarkBig measures a desk on 100,000 conversations with a million
// messages: the time of each request over one connection, so it holds all that
// the server does and the loopback beside.
func BenchmarkBig(b *testing.B) {
	s := prepare(b, 5, nil)
	begun := time.Now()
	filled := false
	if *keepBig != "" {
		tokens, err := os.ReadFile(filepath.Join(*keepBig, "tokens"))
		if filled = err == nil; filled {
			s.dir, s.tokens = *keepBig, strings.Fields(string(tokens))
		}
	}
	if !filled {
		fill(b, s.dir, 100_000, 1_000_000, s.agentIDs())
	}
	if !filled {
		app := hookstest.Open(b, s.dir)
		if err := lookup.Rebuild(context.Background(), app, func(int64, int64) {}); err != nil {
			b.Fatal(err)
		}
		app.Stop()
	}
	if *keepBig != "" && !filled {
		if err := os.CopyFS(*keepBig, os.DirFS(s.dir)); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*keepBig, "tokens"), []byte(strings.Join(s.tokens, "\n")), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	info, err := os.Stat(filepath.Join(s.dir, "data.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("filled in %s, %d MB", time.Since(begun).Round(time.Second), info.Size()>>20)
	p := serve(b, s.dir)
	r := rand.New(rand.NewPCG(3, 4))
	some := func() string { return fmt.Sprintf("v%014d", r.IntN(100_000)) }
	recent := func() string { return fmt.Sprintf("v%014d", 99_999-r.IntN(2000)) }
	views := []string{"open", "mine", "unassigned", "all", "solved", "channel:email", "channel:chat", "pending"}
	for _, c := range []struct {
		name string
		path func() string
	}{
		{"inbox", func() string { return "/api/desk/conversations?limit=30&view=" + views[r.IntN(len(views))] }},
		{"inbox-waiting", func() string { return "/api/desk/conversations?limit=30&sort=waiting&view=open" }},
		{"open-recent", func() string { return "/api/desk/conversations/" + recent() }},
		{"open-any", func() string { return "/api/desk/conversations/" + some() }},
		{"older-messages", func() string { return "/api/desk/conversations/" + some() + "/messages?before=900000" }},
		{"boot", func() string { return "/api/desk/boot" }},
		{"search-number", func() string { return fmt.Sprintf("/api/desk/search?q=%%23%d", 2000+r.IntN(100_000)) }},
		{"search-common", looking("parcel", "the parcel", "amar parcel")},
		{"search-rare", looking("umbrella", "umbrella parcel", "navy panjabi umbrella")},
		{"search-bangla", looking("ফেরত", "শাড়িটা ফেরত", "পার্সেল পাইনি")},
		{"search-banglish", looking("ferot", "taka ferot", "sari ferot")},
		{"search-typing", looking("par", "parc&typing=1", "fer&typing=1", "umbr&typing=1")},
		{"search-typo", looking("panjbai", "confrim payment", "umbrela")},
		{"search-filters", looking("parcel is:open", "parcel is:pending", "umbrella is:open", "parcel has:file", "parcel in:chat after:7d", "parcel is:mine", "is:unread parcel before:today")},
		{"search-person", looking("parcel from:customer77@mail.test", "customer 77", "from:customer12")},
		{"search-none", looking("zzzzqqq", "parcel zzzzqqq")},
		{"search-best", looking("parcel&sort=best", "umbrella&sort=best")},
	} {
		took := timed(b, p, s.tokens[0], 200, c.path)
		b.ReportMetric(took[len(took)/2], c.name+"-p50-ms")
		b.ReportMetric(took[len(took)*95/100], c.name+"-p95-ms")
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(memory(b, p.cmd.Process.Pid, "VmRSS"), "rss-MB")
}

// looking asks for one of the searches after the other.
func looking(searches ...string) func() string {
	n := 0
	return func() string {
		n++
		query, more, _ := strings.Cut(searches[n%len(searches)], "&")
		return "/api/desk/search?q=" + url.QueryEscape(query) + "&" + more
	}
}

// timed makes n requests one after another and returns their times in
// milliseconds, sorted.
func timed(tb testing.TB, p *program, token string, n int, path func() string) []float64 {
	tb.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	var took []float64
	for range n {
		req, err := http.NewRequest(http.MethodGet, p.Base+path(), nil)
		if err != nil {
			tb.Fatal(err)
		}
		req.Header.Set("Authorization", token)
		begun := time.Now()
		res, err := client.Do(req)
		if err != nil {
			tb.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK {
			tb.Fatalf("%s: %d %v: %s", req.URL, res.StatusCode, err, body)
		}
		took = append(took, float64(time.Since(begun).Microseconds())/1000)
	}
	slices.Sort(took)
	return took
}

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
		"targets", "imports", "backup_places", "articles", "shohay_search_help_rows", "shohay_search_fill"}
	// Of these a query sorts the rows of one person or conversation only, of
	// conversations those that sleep.
	few := append([]string{"identities", "drafts"}, small...)
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
