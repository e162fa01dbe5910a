package e2e

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/lookup"
	"github.com/shohay/shohay/hooks/schema"
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
		addContact(id, called(i), fmt.Sprintf("C-%06d", i), id, at(0), at(0))
		addIdentity(id, id, fmt.Sprintf("customer%d@mail.test", i), at(0), at(0))
	}

	addTag := insert(`INSERT INTO tags (id, name, created, updated) VALUES (?, ?, ?, ?)`)
	for i, name := range tagNames {
		addTag(fmt.Sprintf("t%014d", i), name, at(0), at(0))
	}

	channels := []string{"chat", "email", "portal"}
	addConversation := insert(`INSERT INTO conversations (id, number, contact, channel, visitor, subject, status, priority, assignee, tags, preview, preview_kind,
		last_seq, last_incoming_seq, staff_seen_seq, contact_seen_seq, last_activity, last_incoming, waiting_since, first_reply_at, solved_at, language, created, updated)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'When will my parcel arrive?', 'incoming', ?, ?, 0, 0, ?, ?, ?, '', ?, 'bn', ?, ?)`)
	addMessage := insert(`INSERT INTO messages (id, conversation, seq, kind, author_kind, agent, contact, text, channel, client_id, channel_id, delivery, file_info, created, updated)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
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
			files := "[]"
			if seq%40 == 0 {
				files = `[{"stored": "receipt.pdf", "name": "receipt.pdf", "type": "application/pdf", "size": 48000}]`
			}
			addMessage(fmt.Sprintf("m%014d", seq), id, seq, kind, author, by, who, saying(r, seq), channel, fmt.Sprintf("client%d", seq), channelID, delivery, files, at(age), at(age))
		}
		priority := 0
		if r.IntN(20) == 0 {
			priority = 1 + r.IntN(2)
		}
		tags := "[]"
		if r.IntN(8) == 0 {
			tags = fmt.Sprintf(`["t%014d"]`, r.IntN(len(tagNames)))
		}
		addConversation(id, 2000+i, contact, channel, visitor, fmt.Sprintf("Order %d", i), status, priority, agent, tags, last, last, at(age), at(age), waiting, solved, at(age), at(age))
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

var tagNames = []string{"refund", "late-parcel", "exchange", "payment", "complaint", "wholesale", "damaged", "size", "vip", "follow-up"}

var (
	firstNames = []string{"Nusrat", "Rahim", "Karim", "Fatema", "Tanvir", "Sadia", "Mehedi", "Sumaiya", "Arif", "Jannat", "রাকিব", "নাসরিন", "সাকিব", "তানিয়া", "Imran", "Shirin", "Habib", "Rumana", "Farhan", "Lamia"}
	lastNames  = []string{"Jahan", "Uddin", "Hossain", "Akter", "Islam", "Rahman", "Chowdhury", "Begum", "Ahmed", "Khan", "সরকার", "খাতুন", "Sultana", "Mahmud", "Talukder", "Sikder", "Bhuiyan", "Das", "Roy", "Miah"}
)

// called is a customer's name; there are 400 names.
func called(i int) string { return firstNames[i%20] + " " + lastNames[i/20%20] }

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

var keepBig = flag.String("big", "", "folder that benchmarks fill once with a million messages and use again")

// bigShop is a shop with 100,000 conversations and a million messages.
func bigShop(tb testing.TB) *staff {
	tb.Helper()
	s := prepare(tb, 5, nil)
	begun := time.Now()
	if *keepBig != "" {
		if tokens, err := os.ReadFile(filepath.Join(*keepBig, "tokens")); err == nil {
			s.dir, s.tokens = *keepBig, strings.Fields(string(tokens))
			app := hookstest.Open(tb, s.dir)
			s.agents = nil
			for i := range 5 {
				r, err := app.FindAuthRecordByEmail(schema.Agents, fmt.Sprintf("agent%d@shop.test", i))
				if err != nil {
					tb.Fatal(err)
				}
				s.agents = append(s.agents, r)
			}
			app.Stop()
			return s
		}
	}
	fill(tb, s.dir, 100_000, 1_000_000, s.agentIDs())
	app := hookstest.Open(tb, s.dir)
	if err := lookup.Rebuild(context.Background(), app, func(int64, int64) {}); err != nil {
		tb.Fatal(err)
	}
	app.Stop()
	if *keepBig != "" {
		if err := os.CopyFS(*keepBig, os.DirFS(s.dir)); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*keepBig, "tokens"), []byte(strings.Join(s.tokens, "\n")), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	info, err := os.Stat(filepath.Join(s.dir, "data.db"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Logf("filled in %s, %d MB", time.Since(begun).Round(time.Second), info.Size()>>20)
	return s
}
