package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json/v2"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

var kills = flag.Int("kills", 15, "how often TestKill kills the program")

// mailbox adds a mailbox on the test's servers to a data folder.
func (s *staff) mailbox(tb testing.TB, imap *mailtest.IMAP, smtp *mailtest.SMTP) {
	tb.Helper()
	s.mailboxAt(tb, imap.Port, smtp.Port)
}

func (s *staff) mailboxAt(tb testing.TB, imap, smtp int) {
	tb.Helper()
	app := hookstest.Open(tb, s.dir)
	defer app.Stop()
	c, err := app.FindCollectionByNameOrId(schema.Mailboxes)
	if err != nil {
		tb.Fatal(err)
	}
	r := core.NewRecord(c)
	r.Load(map[string]any{
		schema.MailboxAddress: mailtest.Login, schema.MailboxActive: true, schema.MailboxLogin: mailtest.Login, schema.MailboxPassword: mailtest.Password,
		schema.MailboxIMAPHost: "127.0.0.1", schema.MailboxIMAPPort: imap, schema.MailboxIMAPSecurity: schema.SecurityNone,
		schema.MailboxSMTPHost: "127.0.0.1", schema.MailboxSMTPPort: smtp, schema.MailboxSMTPSecurity: schema.SecurityNone,
		schema.MailboxRateMinute: 10_000, schema.MailboxRateDay: 100_000, schema.MailboxFetchDays: 1,
	})
	if err := app.Save(r); err != nil {
		tb.Fatal(err)
	}
}

// battered is what the clients of TestKill know to be true: what was
// acknowledged, and in which order each of them said it.
type battered struct {
	t    *testing.T
	p    *program
	http *http.Client
	stop atomic.Bool

	mu      sync.Mutex
	chats   map[string][]string // visitor token -> texts in the order they were said
	replies map[string][]string // agent token -> texts of answers
	notes   []string
	mails   []string // Message-IDs
	open    []string // conversations that an agent may answer

	retried atomic.Int64
	kills   int
	copied  bool // there is a replica, which leaves a short life no time for mail
}

// ask sends a request until the program answers it for good, as the widget and
// the desk do: with the same body, and so with the same client id.
func (b *battered) ask(method, path, token string, body, into any) bool {
	raw, err := json.Marshal(body)
	if err != nil {
		b.t.Error(err)
		return false
	}
	for try := 0; ; try++ {
		if try > 0 {
			b.retried.Add(1)
			time.Sleep(10 * time.Millisecond)
		}
		req, err := http.NewRequest(method, b.p.Base+path, bytes.NewReader(raw))
		if err != nil {
			b.t.Error(err)
			return false
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", token)
		res, err := b.http.Do(req)
		if err != nil {
			continue
		}
		answer, err := io.ReadAll(res.Body)
		res.Body.Close()
		switch {
		case err != nil, res.StatusCode == http.StatusTooManyRequests, res.StatusCode >= 500:
			continue
		case res.StatusCode != http.StatusOK:
			b.t.Errorf("%s answered %d: %s", path, res.StatusCode, answer)
			return false
		}
		if into != nil {
			if err := json.Unmarshal(answer, into); err != nil {
				b.t.Errorf("%s: %v: %s", path, err, answer)
				return false
			}
		}
		return true
	}
}

// busy tells whether visitors, agents and those who write mails were heard.
func (b *battered) busy() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.chats) > 0 && len(b.replies) > 0 && len(b.mails) > 0
}

type answered struct {
	Token   string `json:"token"`
	Message struct {
		ID   string `json:"id"`
		Text string `json:"text"`
	} `json:"message"`
	Conversation struct {
		ID string `json:"id"`
	} `json:"conversation"`
}

func pause(least, most time.Duration) { time.Sleep(least + rand.N(most-least)) }

// visit is a visitor who says one thing after another.
func (b *battered) visit(n int) {
	var a answered
	if !b.ask("POST", "/api/chat/start", "", map[string]any{}, &a) {
		return
	}
	token := a.Token
	for i := 0; !b.stop.Load(); i++ {
		text := fmt.Sprintf("visitor %d says %d", n, i)
		if !b.ask("POST", "/api/chat/messages", token, map[string]any{"client_id": fmt.Sprintf("visitor-%d-%d", n, i), "text": text}, &a) {
			return
		}
		if a.Message.Text != text {
			b.t.Errorf("%q was acknowledged as %q", text, a.Message.Text)
		}
		b.mu.Lock()
		b.chats[token] = append(b.chats[token], text)
		if i == 0 {
			b.open = append(b.open, a.Conversation.ID)
		}
		b.mu.Unlock()
		pause(20*time.Millisecond, 120*time.Millisecond)
	}
}

// serveDesk is an agent who answers conversations, old and new, now and then
// with a note.
func (b *battered) serveDesk(n int, token string) {
	for i := 0; !b.stop.Load(); i++ {
		var list struct {
			Rows []struct {
				ID string `json:"id"`
			} `json:"rows"`
		}
		if i%4 == 0 && b.ask("GET", "/api/desk/conversations?view=channel:email&limit=50", token, nil, &list) {
			b.mu.Lock()
			for _, r := range list.Rows {
				b.open = append(b.open, r.ID)
			}
			b.mu.Unlock()
		}
		b.mu.Lock()
		id := ""
		if len(b.open) > 0 {
			id = b.open[rand.IntN(len(b.open))]
		}
		b.mu.Unlock()
		if id == "" {
			time.Sleep(5 * time.Millisecond)
			continue
		}
		kind, text := "reply", fmt.Sprintf("agent %d answers %d.", n, i)
		if i%7 == 3 {
			kind, text = "note", fmt.Sprintf("agent %d notes %d.", n, i)
		}
		if !b.ask("POST", "/api/desk/conversations/"+id+"/reply", token, map[string]any{"client_id": fmt.Sprintf("agent-%d-%d", n, i), "kind": kind, "text": text}, nil) {
			return
		}
		b.mu.Lock()
		if kind == "note" {
			b.notes = append(b.notes, text)
		} else {
			b.replies[token] = append(b.replies[token], text)
		}
		b.mu.Unlock()
		pause(10*time.Millisecond, 80*time.Millisecond)
	}
}

// post delivers mails of a few customers, some of them answers to their own.
func (b *battered) post(imap *mailtest.IMAP) {
	for i := 0; !b.stop.Load(); i++ {
		who := i % 10
		id := fmt.Sprintf("mail-%d@customer.test", i)
		raw := fmt.Sprintf("From: Customer %d <customer%d@customer.test>\r\nTo: %s\r\nSubject: Question %d\r\nMessage-ID: <%s>\r\nDate: %s\r\n", who, who, mailtest.Login, i, id, time.Now().Format(time.RFC1123Z))
		if i >= 10 && i%2 == 0 {
			raw += fmt.Sprintf("In-Reply-To: <mail-%d@customer.test>\r\n", i-10)
		}
		words := "\r\nWhere is parcel " + strconv.Itoa(i) + "?\r\n"
		if i%4 == 1 {
			raw += "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=part\r\n"
			words = "\r\n--part\r\nContent-Type: text/plain\r\n" + words + "--part\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=receipt.pdf\r\n\r\n%PDF-1.4 " + id + "\r\n--part--\r\n"
		}
		imap.Put(raw + words)
		b.mu.Lock()
		b.mails = append(b.mails, id)
		b.mu.Unlock()
		pause(30*time.Millisecond, 150*time.Millisecond)
	}
}

// watch is a desk that listens through all of it and comes back each time with
// the number of what it has.
func (b *battered) watch(ctx context.Context, token string, heard *[]int64, mu *sync.Mutex) {
	last := int64(0)
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.p.Base+"/api/stream?topic=inbox&after="+strconv.FormatInt(last, 10), nil)
		if err != nil {
			b.t.Error(err)
			return
		}
		req.Header.Set("Authorization", token)
		res, err := b.http.Do(req)
		if err != nil || res.StatusCode != http.StatusOK {
			if err == nil {
				res.Body.Close()
			}
			time.Sleep(10 * time.Millisecond)
			continue
		}
		sc := bufio.NewScanner(res.Body)
		sc.Buffer(nil, 1<<20)
		for sc.Scan() {
			if id, ok := strings.CutPrefix(sc.Text(), "id: "); ok {
				seq, err := strconv.ParseInt(id, 10, 64)
				if err != nil || seq <= last {
					b.t.Errorf("the desk heard %q after %d", id, last)
					continue
				}
				last = seq
				mu.Lock()
				*heard = append(*heard, seq)
				mu.Unlock()
			}
			if sc.Text() == "event: reset" {
				b.t.Error("the desk was away for more than a moment")
			}
		}
		res.Body.Close()
	}
}

// TestKill kills the program again and again, at any instant of its life, while
// visitors write, agents answer and mails come and go. After the last start all
// that was acknowledged is there once and in order.
func TestKill(t *testing.T) {
	batter(t, *kills, func(*staff) {}, func(string) {})
}

// batter is TestKill with a shop that change readies. At the end, when everything
// is in, last gets the data folder, and then the program is stopped.
func batter(t *testing.T, kills int, change func(s *staff), last func(dir string)) *battered {
	t.Helper()
	if testing.Short() {
		t.Log("with -short the program is killed three times only")
		kills = min(kills, 3)
	}
	imap, smtp := mailtest.NewIMAP(t), mailtest.NewSMTP(t)
	s := prepare(t, 3, nil)
	s.mailbox(t, imap, smtp)
	change(s)
	b := &battered{
		t: t, kills: kills, copied: s.copied, p: newProgram(t, s.dir), chats: map[string][]string{}, replies: map[string][]string{},
		http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var heard []int64
	var heardMu sync.Mutex
	var wg, watching sync.WaitGroup
	for n := range 6 {
		wg.Go(func() { b.visit(n) })
	}
	for n := range 2 {
		wg.Go(func() { b.serveDesk(n, s.tokens[n]) })
	}
	wg.Go(func() { b.post(imap) })
	watching.Go(func() { b.watch(ctx, s.tokens[2], &heard, &heardMu) })

	begun := time.Now()
	answered := 0
	for range kills {
		b.p.start()
		// A quarter of the kills fall into the start, the rest into the work.
		wait := rand.N(150 * time.Millisecond)
		if rand.IntN(4) > 0 {
			b.p.await()
			answered++
			wait = rand.N(700 * time.Millisecond)
		}
		time.Sleep(wait)
		b.p.kill()
	}
	b.p.start()
	b.p.await()
	time.Sleep(500 * time.Millisecond)
	hookstest.Until(t, "everybody has said something", time.Minute, b.busy)
	b.stop.Store(true)
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	t.Logf("%d kills in %s, %d of them while it answered; %d mails in, %d requests repeated", kills, time.Since(begun).Round(time.Second), answered, len(b.mails), b.retried.Load())

	db, number := counting(t, s.dir)
	hookstest.Until(t, "all mails are in", 60*time.Second, func() bool {
		return number(`SELECT COUNT(*) FROM messages WHERE kind='incoming' AND channel='email'`) >= len(b.mails)
	})
	hookstest.Until(t, "all answers by mail are out", 90*time.Second, func() bool {
		return number(`SELECT COUNT(*) FROM outbox WHERE channel='email' AND state IN ('queued','sending')`) == 0
	})
	var newest int64
	if err := db.NewQuery(`SELECT MAX(seq) FROM messages`).Row(&newest); err != nil {
		t.Fatal(err)
	}
	hookstest.Until(t, "the desk has heard the last", 20*time.Second, func() bool {
		heardMu.Lock()
		defer heardMu.Unlock()
		return len(heard) > 0 && heard[len(heard)-1] == newest
	})
	cancel()
	watching.Wait()
	last(s.dir)
	b.p.stop()
	b.check(db, smtp, heard)
	return b
}

// said is a stored message.
type said struct {
	ID           string `db:"id"`
	Seq          int64  `db:"seq"`
	Conversation string `db:"conversation"`
	Kind         string `db:"kind"`
	Text         string `db:"text"`
	ChannelID    string `db:"channel_id"`
	Channel      string `db:"channel"`
	Delivery     string `db:"delivery"`
}

func (b *battered) check(db *dbx.DB, smtp *mailtest.SMTP, heard []int64) {
	t := b.t
	t.Helper()
	var all []said
	if err := db.NewQuery(`SELECT id, seq, conversation, kind, text, channel_id, channel, delivery FROM messages ORDER BY seq`).All(&all); err != nil {
		t.Fatal(err)
	}
	byText, byMail := map[string][]said{}, map[string][]said{}
	for i, m := range all {
		if i > 0 && m.Seq != all[i-1].Seq+1 {
			t.Errorf("seq %d follows %d", m.Seq, all[i-1].Seq)
		}
		byText[m.Text] = append(byText[m.Text], m)
		if m.Kind == schema.MessageIncoming && m.ChannelID != "" {
			byMail[m.ChannelID] = append(byMail[m.ChannelID], m)
		}
	}
	once := func(text, kind string) said {
		found := byText[text]
		if len(found) != 1 || found[0].Kind != kind {
			t.Errorf("%q is there %d times", text, len(found))
			return said{}
		}
		return found[0]
	}

	chats, replies, out := 0, 0, 0
	for _, texts := range b.chats {
		conv, last := "", int64(0)
		for _, text := range texts {
			m := once(text, schema.MessageIncoming)
			if m.Seq <= last || conv != "" && m.Conversation != conv {
				t.Errorf("%q is out of order or elsewhere", text)
			}
			conv, last = m.Conversation, m.Seq
			chats++
		}
	}
	for _, id := range b.mails {
		if n := len(byMail[id]); n != 1 {
			t.Errorf("mail %s is there %d times", id, n)
		}
	}
	sent := map[string]map[string]int{} // text -> Message-ID -> how often
	for _, m := range smtp.Mails() {
		_, body, _ := strings.Cut(m.Raw, "\r\n\r\n")
		id := header(m.Raw, "Message-Id")
		for _, texts := range b.replies {
			for _, text := range texts {
				if strings.Contains(body, text) {
					if sent[text] == nil {
						sent[text] = map[string]int{}
					}
					sent[text][id]++
				}
			}
		}
		for _, note := range b.notes {
			if strings.Contains(body, note) {
				t.Errorf("a note went out: %s", note)
			}
		}
	}
	doubled := 0
	for _, texts := range b.replies {
		last := int64(0)
		for _, text := range texts {
			m := once(text, schema.MessageOutgoing)
			if m.Seq <= last {
				t.Errorf("%q is out of order", text)
			}
			last = m.Seq
			replies++
			if m.Channel != schema.ChannelEmail {
				continue
			}
			out++
			ids := sent[text]
			if len(ids) != 1 {
				t.Errorf("%q went out under %d names: %v (delivery %s)", text, len(ids), ids, m.Delivery)
			}
			for id, n := range ids {
				if id == "" || id != strings.Trim(m.ChannelID, "<>") && m.ChannelID != "" {
					t.Errorf("%q went out as %q and is stored as %q", text, id, m.ChannelID)
				}
				if n > 1 {
					doubled++
				}
			}
			if m.Delivery != schema.DeliverySent && m.Delivery != schema.DeliveryUncertain && m.Delivery != schema.DeliveryDelivered {
				t.Errorf("%q is %s", text, m.Delivery)
			}
		}
	}
	for _, note := range b.notes {
		once(note, schema.MessageNote)
	}
	if len(heard) != len(all) {
		t.Errorf("the desk heard %d of %d messages", len(heard), len(all))
	}
	if chats == 0 || replies == 0 || len(b.mails) == 0 || out == 0 && !b.copied && b.kills >= 15 {
		t.Error("nothing happened")
	}
	t.Logf("%d chat messages, %d mails in, %d answers of which %d by mail (%d of those twice under one Message-ID), %d notes, %d events heard", chats, len(b.mails), replies, out, doubled, len(b.notes), len(heard))

	for _, pragma := range []string{"integrity_check", "foreign_key_check"} {
		var found []string
		if err := db.NewQuery(`PRAGMA ` + pragma).Column(&found); err != nil {
			t.Fatal(err)
		}
		if len(found) > 0 && found[0] != "ok" {
			t.Errorf("%s: %v", pragma, found)
		}
	}
	var strays int
	if err := db.NewQuery(`SELECT COUNT(*) FROM messages m LEFT JOIN conversations c ON c.id = m.conversation WHERE c.id IS NULL OR m.seq > c.last_seq`).Row(&strays); err != nil || strays != 0 {
		t.Errorf("%d messages hang in the air, %v", strays, err)
	}
}

// header is the first value of a header field, without angle brackets.
func header(raw, name string) string {
	head, _, _ := strings.Cut(raw, "\r\n\r\n")
	for line := range strings.SplitSeq(strings.ReplaceAll(head, "\r\n ", " "), "\r\n") {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(k, name) {
			return strings.Trim(strings.TrimSpace(v), "<>")
		}
	}
	return ""
}

// counting opens the database beside the program, which may be killed
// meanwhile, and asks it for numbers.
func counting(t *testing.T, dir string) (*dbx.DB, func(query string) int) {
	t.Helper()
	db, err := hooks.ConnectDB(filepath.Join(dir, "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, func(query string) (n int) {
		t.Helper()
		if err := db.NewQuery(query).Row(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
}
