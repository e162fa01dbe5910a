package mail_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// posted checks that a bag of mails became what it should, whatever the order.
func (d *desk) posted(bag []mailtest.Post) {
	d.t.Helper()
	records, err := d.FindRecordsByFilter(schema.Messages, "kind = 'incoming'", "seq", 0, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	conv := map[string]string{} // by Message-ID
	for _, r := range records {
		id := r.GetString(schema.MsgChannelID)
		if conv[id] != "" {
			d.t.Errorf("%s is there twice", id)
		}
		conv[id] = r.GetString(schema.MsgConversation)
	}
	talks, used := map[int]string{}, map[string]int{}
	for _, p := range bag {
		c := conv[p.ID]
		if c == "" {
			d.t.Errorf("%s is missing", p.ID)
			continue
		}
		if talks[p.Talk] == "" {
			talks[p.Talk] = c
			used[c]++
		} else if talks[p.Talk] != c {
			d.t.Errorf("%s is not in the conversation of the others", p.ID)
		}
	}
	for c, n := range used {
		if n > 1 {
			d.t.Errorf("%d conversations are one (%s)", n, c)
		}
	}
	if n := d.count("conversations", "TRUE"); n != len(talks) {
		d.t.Errorf("%d conversations instead of %d", n, len(talks))
	}
	if len(conv) != len(records) || d.count("quarantine", "TRUE") != 0 {
		d.t.Errorf("%d messages, %d put aside", len(records), d.count("quarantine", "TRUE"))
	}
	if n := d.count("ledger", "uid > 0 AND message = ''"); n != 0 {
		d.t.Errorf("the ledger has not finished with %d mails", n)
	}
}

// A thousand mails that are 810 conversations, among them 150 answers and 40
// copies, delivered in one heap and in any order, answers before what they
// answer.
func TestAThousandMailsAre810Conversations(t *testing.T) {
	bag := mailtest.Posts(uint64(time.Now().UnixNano()), 810, 150, 40)
	d := newDesk(t).serve()
	d.imap.Stop()
	shuffled := slices.Clone(bag)
	rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for _, p := range shuffled {
		d.imap.Put(p.Raw)
	}
	began := time.Now()
	d.imap.Restart()
	hookstest.Until(t, "all of them are in", 2*time.Minute, func() bool { return d.field(schema.MailboxUID) == "1000" })
	t.Logf("%d mails in %v", len(bag), time.Since(began).Round(time.Millisecond))
	d.posted(bag)
	if n := d.count("messages", "kind = 'incoming'"); n != 960 {
		t.Errorf("%d messages instead of 960", n)
	}
}
