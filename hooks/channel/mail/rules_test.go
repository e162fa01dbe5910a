package mail_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

// A mail that the checkpoint has passed and the ledger does not know is found
// when the folder is compared with the ledger: after each reconnection.
func TestAMailBelowTheCheckpointIsFound(t *testing.T) { // rule 2
	d := newDesk(t).serve()
	for i := range 3 {
		d.imap.Put(letter{id: fmt.Sprintf("m%d@customer.test", i), subject: fmt.Sprint("mail ", i)}.String())
	}
	lost := d.incoming(3)[1]
	for _, q := range []string{"DELETE FROM ledger WHERE message = '" + lost.Id + "'", "DELETE FROM messages WHERE id = '" + lost.Id + "'"} {
		if _, err := d.DB().NewQuery(q).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	d.imap.Stop()
	d.imap.Restart()
	d.until("it is back", func() bool { return d.count("messages", "channel_id = '"+lost.GetString(schema.MsgChannelID)+"'") == 1 })
	if n := d.count("messages", "kind = 'incoming'"); n != 3 {
		t.Errorf("%d messages", n)
	}
}

var linkForm = regexp.MustCompile(`https?://[^\s"'<>)]+`)

// Mail scanners open every link of a mail, and mails are forwarded: nothing in
// one of ours signs anybody in, and nothing of an answer looks like a newsletter.
func TestNoLinkOfAMailSignsAnybodyIn(t *testing.T) { // rules 31 and 69
	d := acking(t)
	d.imap.Put(letter{id: "one@customer.test"}.String())
	d.reply(d.incoming(1)[0].GetString(schema.MsgConversation), "It is on its way.")
	for _, sent := range d.taken(2) {
		m := mime.Parse([]byte(sent.Raw))
		for _, link := range linkForm.FindAllString(m.Text+" "+m.HTML, -1) {
			if strings.ContainsAny(link, "?#=") {
				t.Errorf("%s has more in it than a place", link)
			}
		}
		for _, field := range []string{"List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Precedence"} {
			if m.Header.Has(field) {
				t.Errorf("%q has %s", m.Subject, field)
			}
		}
	}
}

// Nothing is unpacked: an archive is one file whatever it says of itself, and
// a picture is measured by its head.
func TestArchivesStayPacked(t *testing.T) { // rule 55
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	w, err := z.Create("../../zeros.txt")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(bytes.Repeat([]byte{0}, 20<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	// A picture of 60,000 by 60,000 that has no picture in it.
	head := []byte("IHDR")
	head = binary.BigEndian.AppendUint32(head, 60_000)
	head = append(binary.BigEndian.AppendUint32(head, 60_000), 8, 6, 0, 0, 0)
	picture := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	picture = binary.BigEndian.AppendUint32(picture, crc32.ChecksumIEEE(head))

	q := newQuiet(t)
	part := func(kind, name string, raw []byte) string {
		return "--x\nContent-Type: " + kind + "; name=" + name + "\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(raw) + "\n"
	}
	began := time.Now()
	m := q.take(letter{extra: "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nSee.\n" + part("application/zip", "a.zip", packed.Bytes()) + part("image/png", "huge.png", picture) + "--x--\n"})
	var infos []conversation.FileInfo
	if err := m.UnmarshalJSONField(schema.MsgFileInfo, &infos); err != nil {
		t.Fatal(err)
	}
	if len(infos) != 2 || infos[0].Name != "a.zip" || infos[0].Size != int64(packed.Len()) || infos[1].Name != "huge.png" || infos[1].Width != 60_000 {
		t.Errorf("%+v", infos)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

// A mail's own date is shown and decides nothing: its place is by arrival.
func TestAMailStandsWhereItArrived(t *testing.T) { // rule 59
	q := newQuiet(t)
	conv, ours := q.begin()
	last := 0
	for i, date := range []string{"Mon, 01 Jan 2001 00:00:00 +0000", "Fri, 01 Jan 2100 00:00:00 +0000", "yesterday"} {
		l := letter{refs: "<" + ours + ">", body: strings.Repeat(fmt.Sprint("text ", i), 9), id: fmt.Sprintf("date%d@customer.test", i)}
		raw := regexp.MustCompile(`Date: [^\r\n]*`).ReplaceAllString(l.String(), "Date: "+date)
		q.uid++
		if err := q.Rooms.Mail.TakeIn(q.box, q.uid, raw); err != nil {
			t.Fatal(err)
		}
		m, err := q.FindFirstRecordByData(schema.Messages, schema.MsgChannelID, l.id)
		if err != nil {
			t.Fatal(err)
		}
		if age := time.Since(m.GetDateTime(schema.Created).Time()); m.GetString(schema.MsgConversation) != conv || m.GetInt(schema.MsgSeq) <= last || age > time.Minute || age < -time.Minute {
			t.Errorf("%s: seq %d after %d, %v old", date, m.GetInt(schema.MsgSeq), last, age)
		}
		if sent := m.GetString(schema.MsgSentAt); i < 2 && !strings.HasPrefix(sent, []string{"2001", "2100"}[i]) || i == 2 && sent != "" {
			t.Errorf("%s: shown as sent %q", date, sent)
		}
		last = m.GetInt(schema.MsgSeq)
	}
}

// Whoever left no address is answered without mail, and without an error.
func TestACustomerWithoutAnAddressIsNoError(t *testing.T) { // rule 71
	d := newDesk(t).serve()
	got, err := conversation.Receive(d.App, conversation.Incoming{
		Channel: schema.ChannelPortal, Account: "portal", Keys: []string{"form:1"}, From: []conversation.Identity{{Kind: schema.KindPhone, Value: "+8801711204437"}}, Name: "Rina", Subject: "call me", Text: "call me",
	})
	if err != nil {
		t.Fatal(err)
	}
	m := d.reply(got.Conversation.Id, "We call you.")
	if d.count("outbox", "TRUE") != 0 || m.GetString(schema.MsgDelivery) != "" || !strings.Contains(told(m.GetString(schema.MsgDeliveryDetail)), "address") {
		t.Errorf("%d rows, delivery %q: %q", d.count("outbox", "TRUE"), m.GetString(schema.MsgDelivery), m.GetString(schema.MsgDeliveryDetail))
	}
}

// The form of the portal is acknowledged like a mail, by mail, once.
func TestAQuestionOfTheFormIsAcknowledged(t *testing.T) { // rules 36 and 37
	d := acking(t)
	ask := func(key, address string) string {
		got, err := conversation.Receive(d.App, conversation.Incoming{
			Channel: schema.ChannelPortal, Account: "portal", Keys: []string{"form:" + key}, From: []conversation.Identity{{Kind: schema.KindEmail, Value: address}},
			Name: "Rina", Subject: "a question", Text: "Is it in stock? " + key, Email: address, Language: "bn",
		})
		if err != nil {
			t.Fatal(err)
		}
		return got.Conversation.Id
	}
	conv := ask("1", "rina@customer.test")
	sent := d.taken(1)[0]
	m := mime.Parse([]byte(sent.Raw))
	if strings.Join(sent.To, " ") != "rina@customer.test" || header(sent.Raw, "Auto-Submitted") != "auto-replied" || !strings.Contains(m.Text, "#") || strings.Contains(m.Text, "in stock") {
		t.Errorf("to %v: %s\n%s", sent.To, m.Subject, m.Text)
	}
	ask("2", "rina@customer.test")   // a second question of the day
	ask("3", "noreply@machine.test") // nobody reads there
	// What they answer to it joins.
	d.imap.Put(letter{from: "rina@customer.test", id: "answer@customer.test", refs: "<" + m.MessageID + ">", body: "thank you"}.String())
	d.until("the answer is in", func() bool {
		return d.count("messages", "channel_id = 'answer@customer.test' AND conversation = '"+conv+"'") == 1
	})
	if d.acks() != 1 {
		t.Errorf("%d acknowledgements", d.acks())
	}
}
