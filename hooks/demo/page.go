package demo

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

const (
	mailPage = "demo/mail/index.html"
	maxReply = 64 << 10 // bytes of a mail written on the page
)

// inbox shows what a customer received, and lets them answer.
func (d *Demo) inbox(e *core.RequestEvent) error {
	return d.show(e, http.StatusOK, "")
}

func (d *Demo) show(e *core.RequestEvent, status int, fault string) error {
	lang := d.Site.Language(e)
	to := mime.NormalAddress(e.Request.URL.Query().Get("to"))
	var list []site.Values
	var newest string
	if to != "" {
		mails, err := d.post.mails(to)
		if err != nil {
			return err
		}
		now, loc := d.Now(), settings.Shop(e.App).Location()
		for i, m := range mails {
			if i == 0 {
				newest = m.Subject
			}
			when := ""
			if !m.Date.IsZero() {
				when = d.Catalogue.DateTime(lang, m.Date.In(loc))
				if age := now.Sub(m.Date); age >= 0 && age < 20*hours {
					when = d.Catalogue.Relative(lang, m.Date, now)
				}
			}
			var files []site.Values
			for _, p := range m.Parts {
				files = append(files, site.Values{"file": p.Name})
			}
			list = append(list, site.Values{
				"from": m.From.Name, "address": m.From.Addr, "subject": m.Subject, "when": when, "text": strings.TrimSpace(m.Text), "files": files,
				"head": head(m), "raw": "/demo/mail/raw?" + url.Values{"to": {to}, "n": {strconv.Itoa(m.number)}}.Encode(),
			})
		}
	}
	var people []site.Values
	for _, address := range d.post.people() {
		people = append(people, site.Values{"person": address, "here": address == to, "href": "?" + url.Values{"to": {address}, "lang": {lang}}.Encode()})
	}
	subject := newest
	if subject != "" && !strings.HasPrefix(strings.ToLower(subject), "re:") {
		subject = "Re: " + subject
	}
	e.Response.Header().Set("Cache-Control", "private, no-cache")
	return d.Site.Render(e, status, mailPage, site.Values{
		"to": to, "mails": list, "people": people, "shop.address": ShopAddress, "fault": fault, "sent": e.Request.URL.Query().Get("sent") != "", "answers": subject,
		"action": "/demo/mail/send?" + url.Values{"to": {to}, "lang": {lang}}.Encode(), "fresh": len(list) == 0,
	})
}

// head is the part of a header that shows how mails belong together.
func head(m received) string {
	var b strings.Builder
	for _, name := range []string{"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted"} {
		for _, v := range m.Header.All(name) {
			b.WriteString(name + ": " + mime.Text(v) + "\n")
		}
	}
	return b.String()
}

// raw is a mail as it arrived.
func (d *Demo) raw(e *core.RequestEvent) error {
	q := e.Request.URL.Query()
	n, _ := strconv.Atoi(q.Get("n"))
	mails, err := d.post.mails(mime.NormalAddress(q.Get("to")))
	if err != nil {
		return err
	}
	for _, m := range mails {
		if m.number == n {
			h := e.Response.Header()
			h.Set("Content-Type", "text/plain; charset=utf-8")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
			h.Set("Cache-Control", "private, no-cache")
			_, err := e.Response.Write(m.raw)
			return err
		}
	}
	return e.NotFoundError("", nil)
}

// send writes to the shop as the customer whose mail is shown, in answer to
// the newest mail they have.
func (d *Demo) send(e *core.RequestEvent) error {
	e.Request.Body = http.MaxBytesReader(e.Response, e.Request.Body, maxReply)
	if err := e.Request.ParseForm(); err != nil {
		return e.BadRequestError("", err)
	}
	lang := d.Site.Language(e)
	to := mime.NormalAddress(e.Request.URL.Query().Get("to"))
	text, subject := strings.TrimSpace(e.Request.PostForm.Get("text")), strings.TrimSpace(e.Request.PostForm.Get("subject"))
	if !valid(to) || to == ShopAddress || text == "" {
		return d.show(e, http.StatusUnprocessableEntity, d.Catalogue.T(lang, "demo.mail_empty"))
	}
	mails, err := d.post.mails(to)
	if err != nil {
		return err
	}
	head := letterHead{
		from: to, to: ShopAddress, subject: strings.ToValidUTF8(subject, ""), date: d.Now(),
		id: strings.ToLower(rand.Text()) + "@" + domain(to),
	}
	if len(mails) > 0 {
		head.answers = mails[0].MessageID
	}
	if head.subject == "" {
		head.subject, _, _ = strings.Cut(text, "\n")
	}
	if err := d.post.deliver(ShopAddress, compose(head, strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\r\n", "\n"))); err != nil {
		return errors.Join(errors.New("the demo's mail server did not take the mail"), err)
	}
	return e.Redirect(http.StatusSeeOther, "/demo/mail/?"+url.Values{"to": {to}, "lang": {lang}, "sent": {"1"}}.Encode())
}
