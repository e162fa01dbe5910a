package e2e

import (
	"fmt"
	"io"
	"net/smtp"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/shohay/shohay/hooks/demo"
	"github.com/shohay/shohay/hooks/hookstest"
)

// readMailbox returns the raw mails in a customer's mailbox of the demo.
func readMailbox(tb testing.TB, addr, user string) (mails []string) {
	tb.Helper()
	c, err := imapclient.DialInsecure(addr, nil)
	if err != nil {
		tb.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(user, demo.MailPassword).Wait(); err != nil {
		return nil // the mailbox comes into being with the first mail
	}
	box, err := c.Select("INBOX", nil).Wait()
	if err != nil {
		tb.Fatal(err)
	}
	if box.NumMessages == 0 {
		return nil
	}
	fetch := c.Fetch(imap.SeqSet{{Start: 1, Stop: box.NumMessages}}, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{Peek: true}}})
	defer fetch.Close()
	for m := fetch.Next(); m != nil; m = fetch.Next() {
		for item := m.Next(); item != nil; item = m.Next() {
			if body, ok := item.(imapclient.FetchItemDataBodySection); ok {
				raw, err := io.ReadAll(body.Literal)
				if err != nil {
					tb.Fatal(err)
				}
				mails = append(mails, string(raw))
			}
		}
	}
	return mails
}

func TestTheRoadOfAMailInTheBrowser(t *testing.T) {
	t.Parallel()
	prog := newProgram(t, t.TempDir())
	prog.verb = "demo"
	prog.start()
	prog.await()
	var smtpAt, imapAt string
	hookstest.Until(t, "the demo's text", patience, func() bool {
		m := regexp.MustCompile(`SMTP (\S+), IMAP (\S+)\.\)`).FindStringSubmatch(prog.log.String())
		if m != nil {
			smtpAt, imapAt = m[1], m[2]
		}
		return m != nil
	})
	agent := desk(t, chromium(t), prog.Base, demo.OwnerEmail, demo.Password)

	// A mail appears in the open desk by itself.
	const id = "road-1@customer.example"
	err := smtp.SendMail(smtpAt, nil, "parul@customer.example", []string{demo.ShopAddress}, []byte(strings.ReplaceAll(fmt.Sprintf(
		"From: Parul <parul@customer.example>\nTo: %s\nSubject: Mirror cracked\nDate: %s\nMessage-ID: <%s>\n\nThe mirror came with a crack, order 20451.\n",
		demo.ShopAddress, time.Now().Format(time.RFC1123Z), id), "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	agent.opens("The mirror came with a crack")
	agent.sees("The mirror came with a crack, order 20451.")
	agent.answers("We are sorry. A new one leaves today.", false)

	// The answer lies in the customer's mailbox and continues their thread.
	var answer string
	hookstest.Until(t, "the answer in the customer's mailbox", patience, func() bool {
		for _, m := range readMailbox(t, imapAt, "parul@customer.example") {
			if strings.Contains(m, "A new one leaves today.") {
				answer = m
			}
		}
		return answer != ""
	})
	for _, line := range []string{"In-Reply-To: <" + id + ">", "To: <parul@customer.example>"} {
		if !strings.Contains(strings.ReplaceAll(answer, "\r\n ", " "), line) {
			t.Errorf("the answer lacks %q:\n%s", line, answer)
		}
	}

	// What they answer joins the conversation, by the token in our Message-ID.
	ours := regexp.MustCompile(`(?i)message-id:\s*(<[^>]+>)`).FindStringSubmatch(answer)
	if ours == nil {
		t.Fatal("the answer has no Message-ID:\n" + answer)
	}
	err = smtp.SendMail(smtpAt, nil, "parul@customer.example", []string{demo.ShopAddress}, []byte(strings.ReplaceAll(fmt.Sprintf(
		"From: Parul <parul@customer.example>\nTo: %s\nSubject: Re: Mirror cracked\nMessage-ID: <road-2@customer.example>\nIn-Reply-To: %s\nReferences: <%s> %s\n\nThank you, that was quick.\n",
		demo.ShopAddress, ours[1], id, ours[1]), "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	agent.sees("Thank you, that was quick.")
}
