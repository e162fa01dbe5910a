package mail_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// letters are mails of different people, told by their number.
func letters(n int) (raws [][]byte) {
	for i := range n {
		raws = append(raws, []byte(letter{id: fmt.Sprintf("%d@customer.test", i), from: fmt.Sprintf("c%d@customer.test", i), body: fmt.Sprint("mail ", i)}.String()))
	}
	return raws
}

// Of thirty mails that come together one cannot be written, one makes the
// writer panic and one cannot be read: each costs itself and no other.
func TestAMailThatCannotBeTakenInSpoilsNoOther(t *testing.T) { // rule 7
	d := newDesk(t)
	conversation.OnReceive(d.App, func(_ core.App, in conversation.Incoming, _ conversation.Received) error {
		switch in.ChannelID {
		case "7@customer.test":
			return errors.New("it will not be written")
		case "19@customer.test":
			panic("it takes the writer with it")
		}
		return nil
	})
	d.serve()
	d.imap.Stop()
	for i, raw := range letters(30) {
		if i == 12 {
			raw = []byte(letter{from: "a@x.test, b@x.test", subject: "nobody's"}.String())
		}
		d.imap.Put(string(raw))
	}
	d.imap.Restart()
	d.until("the checkpoint is behind all of them", func() bool { return d.field(schema.MailboxUID) == "30" })
	at := 0
	for _, m := range d.incoming(27) {
		for at == 7 || at == 12 || at == 19 {
			at++
		}
		if got := m.GetString(schema.MsgChannelID); got != fmt.Sprintf("%d@customer.test", at) {
			t.Errorf("%s stands where mail %d should", got, at)
		}
		at++
	}
	if n := d.count("quarantine", "raw != ''"); n != 3 {
		t.Errorf("%d mails put aside", n)
	}
	if n := d.count("conversations", "TRUE"); n != 27 {
		t.Errorf("%d conversations", n)
	}
	if n := d.count("ledger", "attempts > 4"); n != 0 {
		t.Errorf("%d mails were tried too often", n)
	}
}

// A mail that takes the process with it is found among those it came with,
// which are taken in.
func TestAMailThatEndsTheProcessIsFoundAmongTheOthers(t *testing.T) { // rule 7
	d := newDesk(t, func(r *core.Record) { r.Set(schema.MailboxActive, false) }).serve()
	raws := letters(5)
	if err := d.Rooms.Mail.BeginAll(d.box, 1, raws); err != nil { // the first death, among all
		t.Fatal(err)
	}
	if err := d.Rooms.Mail.TakeAll(d.box, 1, raws[:2]); err != nil { // after the start those before it
		t.Fatal(err)
	}
	for range 5 { // the others, alone
		if _, err := d.Rooms.Mail.Begin(d.box, 3); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := d.Rooms.Mail.TakeAll(d.box, 1, raws); err != nil {
			t.Fatal(err)
		}
	}
	for i, m := range d.incoming(4) {
		if got, want := m.GetString(schema.MsgText), fmt.Sprint("mail ", []int{0, 1, 3, 4}[i]); got != want {
			t.Errorf("message %d says %q, not %q", i, got, want)
		}
	}
	if d.count("quarantine", "TRUE") != 1 || d.count("ledger", "uid = 3 AND quarantine != ''") != 1 {
		t.Error("the mail was not put aside")
	}
}

// A mailbox that cannot be reached for three days, while mail goes on to come:
// it is tried again at least every 15 minutes, never switched off, and then all
// of it comes in, in order.
func TestThreeDaysWithoutTheServer(t *testing.T) {
	d := newDesk(t)
	const most = 15 * time.Minute
	var mu sync.Mutex
	var gone time.Duration
	tries, put := 0, 0
	down := make(chan struct{})
	d.Rooms.Mail.Patient(func(pause time.Duration) {
		select {
		case <-down:
		default: // the line broke, the server still stops
			time.Sleep(10 * time.Millisecond)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if gone >= 72*time.Hour {
			return
		}
		if pause > most || pause < 0 {
			t.Errorf("a pause of %v", pause)
		}
		tries++
		if gone += pause; tries%3 == 0 {
			d.imap.Put(letter{id: fmt.Sprintf("%d@customer.test", put), from: fmt.Sprintf("c%d@customer.test", put), body: fmt.Sprint("mail ", put)}.String())
			put++
		}
		if gone >= 72*time.Hour {
			d.imap.Restart()
		}
	})
	d.serve()
	d.imap.Stop()
	close(down)
	d.until("the owner is told", func() bool {
		return strings.Contains(d.field(schema.MailboxLastError), "no mail server listens there") || d.count("messages", "kind='incoming'") > 0
	})
	hookstest.Until(t, "the server is back", 30*time.Second, func() bool {
		return d.field(schema.MailboxLastError) == "" && d.count("messages", "kind='incoming'") > 80
	})
	mu.Lock()
	defer mu.Unlock()
	for i, m := range d.incoming(put) {
		if got := m.GetString(schema.MsgChannelID); got != fmt.Sprintf("%d@customer.test", i) {
			t.Errorf("message %d is %s", i, got)
		}
	}
	if d.field(schema.MailboxActive) != "1" && d.field(schema.MailboxActive) != "true" {
		t.Errorf("the mailbox is switched off: %s", d.field(schema.MailboxActive))
	}
	if tries < 72*4 {
		t.Errorf("only %d tries in three days", tries)
	}
	t.Logf("%d tries in three days, %d mails meanwhile", tries, put)
}
