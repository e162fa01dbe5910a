package mail_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks"
	"github.com/shohay/shohay/hooks/channel/mail/dovecottest"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// The whole road against a real server: in by TLS and IDLE, out by SMTP, and
// the customer's answer joins.
func TestTheWholeRoadAgainstDovecot(t *testing.T) {
	server := dovecottest.Start(t)
	d := &desk{App: hookstest.New(t, func(deps *hooks.Deps) { deps.MailTLS = server.TLS }), t: t, imap: mailtest.NewIMAP(t), smtp: mailtest.NewSMTP(t)}
	d.Shop(map[string]any{schema.ShopLanguage: "en", schema.ShopAckEnabled: false})
	d.url = d.Serve()
	owner := &hookstest.Client{TB: t, Base: d.url, Token: d.Token(d.Agent("owner", schema.RoleOwner))}

	// The owner sets the mailbox up; Dovecot's own certificate is checked.
	var made struct{ ID string }
	owner.Must(200, "POST", boxes, d.form(map[string]any{
		"address": mailtest.Login, "imap_host": "localhost", "imap_port": server.IMAPS, "imap_security": "tls",
	})).JSON(t, &made)
	box, err := d.FindRecordById(schema.Mailboxes, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	d.box = box
	d.until("Dovecot is read", func() bool { return d.field(schema.MailboxUIDValidity) != "0" })

	server.Put(letter{id: "one@customer.test", body: "Where is my parcel?"}.String())
	began := time.Now()
	first := d.incoming(1)[0]
	t.Logf("noticed by IDLE after %v", time.Since(began).Round(10*time.Millisecond))

	m := d.reply(first.GetString(schema.MsgConversation), "It is on its way.")
	sent := d.taken(1)[0]
	got := mime.Parse([]byte(sent.Raw))
	if strings.Join(got.InReplyTo, "") != "one@customer.test" || got.MessageID != d.Rooms.Mail.MessageID(first.GetString(schema.MsgConversation), m.Id, "rahim@customer.test") {
		t.Errorf("in reply to %v, id %s", got.InReplyTo, got.MessageID)
	}
	server.Put(letter{id: "two@customer.test", refs: "<" + got.MessageID + ">", body: "Thanks!"}.String())
	// A burst, and a mail large enough to come in windows.
	big := strings.Repeat("0123456789012345678901234567890123456789012345678901234567\r\n", 60_000)
	for i := range 100 {
		server.Put(letter{id: fmt.Sprintf("burst%d@customer.test", i), from: fmt.Sprintf("c%d@customer.test", i), body: fmt.Sprint("burst ", i)}.String())
	}
	server.Put(letter{id: "big@customer.test", from: "big@customer.test", extra: "Content-Type: application/octet-stream; name=big.txt\nContent-Disposition: attachment\n", body: big}.String())
	all := d.incoming(103)
	seen := map[string]*recordOf{}
	for _, r := range all {
		id := r.GetString(schema.MsgChannelID)
		if seen[id] != nil {
			t.Errorf("%s came twice", id)
		}
		seen[id] = &recordOf{conv: r.GetString(schema.MsgConversation), files: r.GetString(schema.MsgFileInfo)}
	}
	if seen["two@customer.test"] == nil || seen["two@customer.test"].conv != first.GetString(schema.MsgConversation) {
		t.Error("the answer did not join")
	}
	if big := seen["big@customer.test"]; big == nil || !strings.Contains(big.files, `"size":3600002`) {
		t.Errorf("the big mail: %+v", big)
	}
	if log := server.Log(); strings.Contains(log, "Error:") || strings.Contains(log, "Panic:") {
		t.Errorf("Dovecot complains:\n%s", log)
	}
}

type recordOf struct{ conv, files string }

func TestDovecotWithAStrangeCertificateOrByStartTLS(t *testing.T) {
	server := dovecottest.Start(t)
	distrust := newDesk(t, func(r *core.Record) { r.Set(schema.MailboxActive, false) }).serve()
	owner := &hookstest.Client{TB: t, Base: distrust.url, Token: distrust.Token(distrust.Agent("owner", schema.RoleOwner))}
	for security, port := range map[string]int{"tls": server.IMAPS, "starttls": server.IMAP} {
		form := distrust.form(map[string]any{"address": security + "@shop.test", "imap_host": "localhost", "imap_port": port, "imap_security": security})
		if a := owner.Must(400, "POST", boxes, form); !strings.Contains(string(a.Body), "its certificate is not trusted") {
			t.Errorf("%s: %s", security, a.Body)
		}
	}

	trust := &desk{App: hookstest.New(t, func(deps *hooks.Deps) { deps.MailTLS = server.TLS }), t: t, imap: mailtest.NewIMAP(t), smtp: mailtest.NewSMTP(t)}
	trust.url = trust.Serve()
	owner = &hookstest.Client{TB: t, Base: trust.url, Token: trust.Token(trust.Agent("owner", schema.RoleOwner))}
	form := trust.form(map[string]any{"imap_host": "localhost", "imap_port": server.IMAP, "imap_security": "starttls"})
	owner.Must(200, "POST", boxes, form)
	form["address"], form["password"] = "other@shop.test", "wrong"
	if a := owner.Must(400, "POST", boxes, form); !strings.Contains(string(a.Body), "AUTHENTICATIONFAILED") {
		t.Errorf("%s", a.Body)
	}
}
