package report

import (
	"slices"
	"testing"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// Which addresses the words of a report name (rule 42), in forms of servers
// that write no part for machines.
func TestAddressesNamedInWords(t *testing.T) {
	for name, c := range map[string]struct {
		said string
		want []string
	}{
		"a name that ends like a word before addresses": {"roland@b.test\n   Error: RCPT TO:<roland@b.test>\n   550 5.1.1 <roland@b.test>... User unknown\n", []string{"roland@b.test"}},
		"a name that begins like one":                   {"Invalid final delivery userid: userx@b.test\n", []string{"userx@b.test"}},
		"in brackets":                                   {"\tRecipient: [SMTP:userx@b.test]\n\tReason: unknown user\n", []string{"userx@b.test"}},
		"behind the list of recipients": {"Your message\n\n  To:      orders@shop.test\n  Subject: x\n\ndid not reach the following recipient(s):\n\nuserx@b.test on Fri, 20 Jul 2001 11:08:59 -0700\n    The recipient name is not recognized\n",
			[]string{"userx@b.test"}},
		"in an X.400 address":    {"did not reach the following recipient(s):\n\nc=US;a= ;p=B;dda:SMTP=userx@b.test; on Fri, 4 Oct 2002\n    The recipient name is not recognized\n", []string{"userx@b.test"}},
		"what it was made from":  {"The following address(es) failed:\n\n  an undisclosed address\n    (generated from userx@b.test)\n", []string{"userx@b.test"}},
		"the refused sender":     {"could not be delivered because they are not accepting mail from shop@c.test:\n\n\tscreenname\n", []string{""}},
		"several, one per block": {"<ann@b.test>:\nThis user doesn't have an account (ann@b.test)\n\n<zoe@b.test>:\nThis user doesn't have an account (zoe@b.test)\n", []string{"ann@b.test", "zoe@b.test"}},
		"in Bangla":              {"ঠিকানা: rahim@b.test\nএই ঠিকানা নেই\n", []string{"rahim@b.test"}},
		"in Chinese":             {"收件人: userx@b.test 不存在\n", []string{"userx@b.test"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := mime.Parse([]byte("From: MAILER-DAEMON@b.test\nTo: bounces@shop.test\nSubject: Undeliverable\n\n" + c.said))
			r, ok := Read(m)
			if !ok {
				t.Fatalf("not a report: %s", m.Verdict)
			}
			var got []string
			for _, p := range r.Recipients {
				got = append(got, p.Address)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("named %q, want %q", got, c.want)
			}
		})
	}
}

// A mail that somebody sent to an own address comes back to it (rule 42).
func TestTheSenderCanBeTheRecipient(t *testing.T) {
	m := mime.Parse([]byte("From: MAILER-DAEMON@b.test\nTo: me@shop.test\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n" +
		"--x\nContent-Type: text/plain\n\n<me@shop.test>: Host not found\n\n--x\nContent-Type: message/rfc822\n\nFrom: me@shop.test\nTo: me@shop.test\nSubject: trial\n\nhello\n--x--\n"))
	r, ok := Read(m)
	if !ok || len(r.Recipients) != 1 || r.Recipients[0].Address != "me@shop.test" {
		t.Errorf("%v %+v", ok, r.Recipients)
	}
}

// In the record of a whole conversation the refusal is the reason; a report
// that says it goes on is no failure, whatever its subject says (rule 43).
func TestReasonsInRecords(t *testing.T) {
	session := "The following addresses did NOT receive a copy of your message:\n\n> ann@b.test\n\nAttempting SMTP connection to [192.0.2.1 : 25]\nWaiting for socket connection...\nSocket connection established\nWaiting for protocol initiation...\n220 b.test ESMTP ready\nEHLO c.test\n250-b.test Hello\n250-VRFY\n250-EXPN\n250-ETRN\n250-AUTH LOGIN CRAM-MD5\n250-8BITMIME\n250 SIZE 40000000\nMAIL From:<shop@c.test> SIZE=1861\n250 <shop@c.test>, Sender ok\nRCPT To:<ann@b.test>\n552 Message for <ann@b.test> would exceed mailbox quota\nQUIT\n"
	for name, c := range map[string]struct {
		subject, said, key string
		kind               Kind
	}{
		"a record":  {"failure", session, "mail.bounce_full", Full},
		"goes on":   {"Delivery failure notification", "could not be delivered to the following recipients:\nann@b.test\n\nPlease do not resend your original message.\nDelivery attempts will continue to be made for 5 day(s).\n", "mail.bounce_delayed", Delayed},
		"the quota": {"failure notice", "<ann@b.test>:\nThis person's account is exceeding their quota.\n", "mail.bounce_full", Full},
	} {
		r, ok := Read(mime.Parse([]byte("From: MAILER-DAEMON@b.test\nTo: bounces@shop.test\nSubject: " + c.subject + "\n\n" + c.said)))
		if !ok || r.Kind != c.kind || r.Key != c.key || len(r.Recipients) != 1 || r.Recipients[0].Address != "ann@b.test" {
			t.Errorf("%s: %v %s %s %+v", name, ok, r.Kind, r.Key, r.Recipients)
		}
	}
}

// What a filter writes below every mail is no reason; what it caught is one
// (rule 43).
func TestFootersOfFiltersAreNoReason(t *testing.T) {
	for said, want := range map[string]string{
		"*** This mail came from outside and has been scanned for all viruses by Guard Labs ***":         "mail.bounce_unknown",
		"No virus found in this message.\nChecked by Guard 9.0":                                          "mail.bounce_unknown",
		"This mail was scanned by Guard Labs and is believed to be virus-free.":                          "mail.bounce_unknown",
		"Your mail has been scanned by Guard Labs. A virus was found in it, and it was not passed on.":   "mail.bounce_virus",
		"Your mail has been scanned by Guard Labs and is considered spam.":                               "mail.bounce_spam",
		"The mail has been checked for viruses. The file orders.exe contains a virus and was taken out.": "mail.bounce_virus",
	} {
		m := mime.Parse([]byte("From: postmaster@b.test\nTo: bounces@shop.test\nSubject: Delivery Status Notification (Failure)\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n" +
			"--x\nContent-Type: text/plain\n\nDelivery to the following recipients failed.\n\n       ann@b.test\n\n" + said + "\n\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.b.test\n\nFinal-Recipient: rfc822; ann@b.test\nAction: failed\nStatus: 5.1.1\n\n--x--\n"))
		r, ok := Read(m)
		if !ok || r.Key != want {
			t.Errorf("%q: %v %s, want %s", said, ok, r.Key, want)
		}
	}
}
