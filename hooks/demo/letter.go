package demo

import (
	"bytes"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
)

// letterHead is what stands above a plain mail.
type letterHead struct {
	from, name string
	to         string
	subject    string
	date       time.Time
	id         string // Message-ID without <>
	answers    string // the Message-ID it answers, "" for none
}

// compose writes a plain text mail (RFC 5322, RFC 2045).
func compose(h letterHead, text string) []byte {
	var b bytes.Buffer
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	field("From", (&mail.Address{Name: h.name, Address: h.from}).String())
	field("To", (&mail.Address{Address: h.to}).String())
	field("Subject", mime.QEncoding.Encode("utf-8", strings.Join(strings.Fields(h.subject), " ")))
	field("Date", h.date.Format(time.RFC1123Z))
	field("Message-ID", "<"+h.id+">")
	if h.answers != "" {
		field("In-Reply-To", "<"+h.answers+">")
		field("References", "<"+h.answers+">")
	}
	field("MIME-Version", "1.0")
	field("Content-Type", "text/plain; charset=utf-8")
	field("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(strings.ReplaceAll(strings.TrimSpace(text), "\n", "\r\n") + "\r\n")) // a buffer does not fail
	_ = w.Close()
	return b.Bytes()
}
