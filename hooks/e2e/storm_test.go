package e2e

import (
	"flag"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/channel/mail/dovecottest"
	"github.com/shohay/shohay/hooks/channel/mail/eximtest"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

var storm = flag.Int("mails", 600, "how many mails TestStorm delivers")

// TestStorm delivers mails in any order and with copies to a real Dovecot,
// some of them through a real Exim, while an agent answers through that Exim
// and the program is killed every few seconds. In the end every mail is one
// message of the right conversation, and every answer lies in its customer's
// mailbox under one name.
func TestStorm(t *testing.T) {
	dovecot := dovecottest.Start(t)
	exim := eximtest.Start(t, dovecot.LMTP)
	s := prepare(t, 1, nil)
	s.mailboxAt(t, dovecot.IMAP, exim.Port)
	n := *storm
	bag := mailtest.Posts(rand.Uint64(), n*81/100, n*15/100, n-n*81/100-n*15/100)
	rand.Shuffle(len(bag), func(i, j int) { bag[i], bag[j] = bag[j], bag[i] })
	b := &battered{
		t: t, p: newProgram(t, s.dir), chats: map[string][]string{}, replies: map[string][]string{},
		http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	}

	var wg sync.WaitGroup
	var delivered atomic.Bool
	wg.Go(func() { b.serveDesk(0, s.tokens[0]) })
	byExim := 0
	wg.Go(func() {
		defer delivered.Store(true)
		for i, p := range bag {
			if i%20 == 0 {
				byExim++
				if err := exim.Send(p.From, mailtest.Login, p.Raw); err != nil {
					t.Error("exim: ", err)
				}
			} else {
				dovecot.Put(p.Raw)
			}
			if i%100 == 99 {
				pause(0, 400*time.Millisecond)
			}
		}
	})

	db, number := counting(t, s.dir)
	want := map[string]bool{}
	for _, p := range bag {
		want[p.ID] = true
	}
	begun, died := time.Now(), 0
	for !delivered.Load() || number(`SELECT COUNT(*) FROM messages WHERE kind = 'incoming'`) < len(want) {
		b.p.start()
		b.p.await()
		pause(500*time.Millisecond, 4*time.Second)
		b.p.kill()
		died++
		if time.Since(begun) > 20*time.Minute {
			t.Fatalf("%d of %d mails after %v", number(`SELECT COUNT(*) FROM messages WHERE kind = 'incoming'`), len(want), time.Since(begun))
		}
	}
	t.Logf("%d mails, %d of them by Exim, in %v with %d kills", len(bag), byExim, time.Since(begun).Round(time.Second), died)
	b.p.start()
	b.p.await()
	b.stop.Store(true)
	wg.Wait()
	hookstest.Until(t, "every place on the server is looked at", time.Minute, func() bool {
		return number(`SELECT COUNT(*) FROM ledger WHERE uid > 0 AND message != ''`) >= len(bag)
	})
	hookstest.Until(t, "all answers are out", 10*time.Minute, func() bool {
		return number(`SELECT COUNT(*) FROM outbox WHERE channel = 'email' AND state IN ('queued', 'sending')`) == 0
	})
	hookstest.Until(t, "Exim has handed on everything", 10*time.Minute, func() bool { return exim.Waiting() == 0 })
	b.p.stop()

	checkStorm(t, db, bag)
	b.checkAnswers(db, dovecot.Delivered())
}

// checkStorm finds every mail once, with those it belongs to.
func checkStorm(t *testing.T, db *dbx.DB, bag []mailtest.Post) {
	t.Helper()
	var all []said
	if err := db.NewQuery(`SELECT id, seq, conversation, kind, text, channel_id, channel, delivery FROM messages ORDER BY seq`).All(&all); err != nil {
		t.Fatal(err)
	}
	conv := map[string]string{}
	for i, m := range all {
		if i > 0 && m.Seq != all[i-1].Seq+1 {
			t.Errorf("seq %d follows %d", m.Seq, all[i-1].Seq)
		}
		if m.Kind != schema.MessageIncoming {
			continue
		}
		if conv[m.ChannelID] != "" {
			t.Errorf("mail %s is there twice", m.ChannelID)
		}
		conv[m.ChannelID] = m.Conversation
	}
	talks, used, ids, copies := map[int]string{}, map[string]bool{}, map[string]bool{}, 0
	for _, p := range bag {
		ids[p.ID] = true
		if p.Copy {
			copies++
		}
		switch c := conv[p.ID]; {
		case c == "":
			t.Errorf("mail %s is missing", p.ID)
		case talks[p.Talk] == "" && used[c]:
			t.Errorf("mail %s is in a conversation of others", p.ID)
		case talks[p.Talk] != "" && talks[p.Talk] != c:
			t.Errorf("mail %s is not with those it belongs to", p.ID)
		default:
			talks[p.Talk], used[c] = c, true
		}
	}
	var conversations, asides, strays int
	err := db.NewQuery(`SELECT (SELECT COUNT(*) FROM conversations), (SELECT COUNT(*) FROM quarantine),
		(SELECT COUNT(*) FROM messages m LEFT JOIN conversations c ON c.id = m.conversation WHERE c.id IS NULL OR m.seq > c.last_seq)`).Row(&conversations, &asides, &strays)
	if err != nil || conversations != len(talks) || asides != 0 || strays != 0 || len(conv) != len(ids) {
		t.Errorf("%d conversations for %d, %d messages for %d mails, %d put aside, %d strays, %v", conversations, len(talks), len(conv), len(ids), asides, strays, err)
	}
	t.Logf("%d mails, %d copies among them: %d messages in %d conversations", len(bag), copies, len(conv), conversations)
	for _, pragma := range []string{"integrity_check", "foreign_key_check"} {
		var found []string
		if err := db.NewQuery(`PRAGMA ` + pragma).Column(&found); err != nil {
			t.Fatal(err)
		}
		if len(found) > 0 && found[0] != "ok" {
			t.Errorf("%s: %v", pragma, found)
		}
	}
}

// checkAnswers finds every acknowledged answer in a customer's mailbox, under
// one Message-ID, and no note.
func (b *battered) checkAnswers(db *dbx.DB, mails []string) {
	t := b.t
	t.Helper()
	sent := map[string][]string{} // text -> Message-IDs
	for _, raw := range mails {
		raw = strings.ReplaceAll(raw, "\r\n", "\n")
		_, body, _ := strings.Cut(raw, "\n\n")
		id := header(strings.ReplaceAll(raw, "\n", "\r\n"), "Message-Id")
		for _, texts := range b.replies {
			for _, text := range texts {
				if strings.Contains(body, text) {
					sent[text] = append(sent[text], id)
				}
			}
		}
		for _, note := range b.notes {
			if strings.Contains(body, note) {
				t.Errorf("a note went out: %s", note)
			}
		}
	}
	answers, doubled := 0, 0
	for _, texts := range b.replies {
		for _, text := range texts {
			answers++
			ids := slices.Compact(slices.Sorted(slices.Values(sent[text])))
			if len(sent[text]) > 1 {
				doubled++
			}
			if len(ids) != 1 || ids[0] == "" {
				var m said
				err := db.NewQuery(`SELECT id, seq, conversation, kind, text, channel_id, channel, delivery FROM messages WHERE text = {:text}`).Bind(dbx.Params{"text": text}).One(&m)
				t.Errorf("%q lies in mailboxes under %d names: %v (%+v, %v)", text, len(ids), ids, m, err)
			}
		}
	}
	if answers == 0 {
		t.Error("nobody answered")
	}
	t.Logf("%d answers through Exim, %d of them twice under one Message-ID, %d mails in customers' mailboxes", answers, doubled, len(mails))
}
