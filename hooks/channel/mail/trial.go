package mail

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/channel/mail/submit"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// trialMark stands in the tokens of mails that a mailbox writes to itself.
const trialMark = "trial"

// Step is one part of a trial.
type Step struct {
	Step string `json:"step"` // connect, sign_in, folder, send_connect, send, arrive
	OK   bool   `json:"ok"`
	Said string `json:"said"` // the server's words, or how long it took
}

// Trial is how a mailbox's letter to itself went.
type Trial struct {
	OK    bool   `json:"ok"`
	Steps []Step `json:"steps"`
	Hint  string `json:"hint"` // what to do, for the provider

	tell func(Step) // hears of each step at once; nil does not
}

func (t *Trial) step(name, said string) { t.add(Step{name, true, said}) }

func (t *Trial) fail(name, said, hint string) {
	t.add(Step{name, false, said})
	t.Hint = hint
}

func (t *Trial) add(s Step) {
	t.Steps = append(t.Steps, s)
	if t.tell != nil {
		t.tell(s)
	}
}

// ownTrial tells whether a mail is one that the mailbox wrote to itself.
func (room *Room) ownTrial(box *Mailbox, m *mime.Mail) bool {
	for _, id := range append([]string{m.MessageID}, references(m)...) {
		if t, ok := readToken(id); ok && t.conversation == trialMark && t.boundTo(room.keys(), settings.PurposeThread, mime.NormalAddress(box.Address())) {
			return true
		}
	}
	return false
}

// trial answers POST /api/desk/mailboxes/{id}/try: the mailbox writes itself a
// mail and waits for it; the first step that fails ends it. With ?live=1 the
// answer is a line of JSON for each step when it is done, and one for the end.
func (room *Room) trial(e *core.RequestEvent) error {
	box, err := room.boxOf(e)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(e.Request.Context(), room.trialTime+4*tryTime)
	defer cancel()
	lang := language(e)
	if e.Request.URL.Query().Get("live") != "1" {
		return e.JSON(http.StatusOK, room.tryMailbox(ctx, e.App, box, lang, nil))
	}
	h := e.Response.Header()
	h.Set("Content-Type", "application/x-ndjson")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // proxies pass each line on
	e.Response.WriteHeader(http.StatusOK)
	flush := http.NewResponseController(e.Response)
	line := func(v any) {
		raw, err := json.Marshal(v)
		if err == nil {
			_, err = e.Response.Write(append(raw, '\n'))
		}
		if err == nil {
			err = flush.Flush()
		}
		if err != nil {
			cancel() // nobody reads any more
		}
	}
	line(room.tryMailbox(ctx, e.App, box, lang, func(s Step) { line(s) }))
	return nil
}

// tryMailbox runs a trial and tells whoever waits for its outcome.
func (room *Room) tryMailbox(ctx context.Context, app core.App, box *Mailbox, lang string, tell func(Step)) Trial {
	t := room.runTrial(ctx, box, lang, tell)
	room.tried(app, box.Address(), t.OK && box.fetches() && box.sends())
	return t
}

func (room *Room) runTrial(ctx context.Context, box *Mailbox, lang string, tell func(Step)) (t Trial) {
	t.tell = tell
	began := time.Now()
	took := func() string {
		d := time.Since(began)
		began = time.Now()
		return i18n.T(lang, "mail.try_took", i18n.V{"ms": d.Milliseconds()})
	}
	var conn *imapbox.Conn
	last := uint32(0)
	if box.fetches() {
		account, err := room.imapAccount(ctx, box)
		if err == nil {
			conn, err = imapbox.Dial(ctx, account, imapbox.Timing{Dial: tryTime, Command: tryTime})
		}
		if err != nil {
			_, said := imapWords(lang, box, err)
			step := "connect"
			var auth *imapbox.AuthError
			if errors.As(err, &auth) {
				t.step("connect", "")
				step = "sign_in"
			}
			t.fail(step, said, room.hint(lang, box, step))
			return t
		}
		defer conn.Close()
		t.step("connect", "")
		t.step("sign_in", took())
		state, err := conn.Open()
		if err != nil {
			_, said := imapWords(lang, box, err)
			t.fail("folder", said, i18n.T(lang, "mail.hint_folder"))
			return t
		}
		t.step("folder", took())
		if state.UIDNext > 0 {
			last = state.UIDNext - 1
		}
	}
	if !box.sends() {
		t.OK = true
		return t
	}

	account, err := room.account(box, lang, room.tls)
	if err != nil {
		t.fail("send_sign_in", err.Error(), room.hint(lang, box, "sign_in"))
		return t
	}
	smtp, err := submit.Dial(ctx, account, tryTime)
	if err != nil {
		_, said := smtpWords(lang, box, err)
		step := "send_connect"
		var auth *submit.AuthError
		if errors.As(err, &auth) {
			t.step("send_connect", "")
			step = "send_sign_in"
		}
		t.fail(step, said, room.hint(lang, box, strings.TrimPrefix(step, "send_")))
		return t
	}
	defer smtp.Close()
	t.step("send_connect", took())
	nonce := strings.ToLower(newID())
	own := mime.NormalAddress(box.Address())
	id := messageID(room.keys(), settings.PurposeThread, trialMark, nonce, own, box.Domain())
	if _, failed := smtp.Send(own, []string{own}, "", trialMail(box, id, lang), tryTime, tryTime); failed != nil {
		t.fail("send", failed.Error(), room.hint(lang, box, "send"))
		return t
	}
	t.step("send", took())
	if conn == nil {
		t.OK = true
		return t
	}
	if said := room.await(ctx, conn, last, id); said != "" {
		t.fail("arrive", i18n.T(lang, said, i18n.V{"n": int(room.trialTime.Seconds())}), room.hint(lang, box, "arrive"))
		return t
	}
	t.step("arrive", took())
	t.OK = true
	return t
}

// await looks for the mail until it is there or the time is over. It returns
// the key of what is wrong.
func (room *Room) await(ctx context.Context, conn *imapbox.Conn, last uint32, id string) string {
	deadline := time.Now().Add(room.trialTime)
	for {
		uids, err := conn.After(last)
		if err != nil {
			return "mail.try_lost"
		}
		found := false
		err = conn.Fetch(uids, 256<<10, 16<<10, false, func(items []imapbox.Item) error {
			for _, it := range items {
				found = found || strings.Contains(string(it.Raw[:min(len(it.Raw), 16<<10)]), id)
				last = max(last, it.UID)
			}
			return nil
		})
		switch {
		case err != nil:
			return "mail.try_lost"
		case found:
			return ""
		case time.Now().After(deadline):
			return "mail.try_waited"
		}
		select {
		case <-ctx.Done():
			return "mail.try_waited"
		case <-time.After(min(time.Second, room.trialTime/20)):
		}
	}
}

// trialMail is what the mailbox writes to itself. The id stands in References
// too, because some servers replace Message-ID (rule 14).
func trialMail(box *Mailbox, id, lang string) []byte {
	own := mime.NormalAddress(box.Address())
	return fmt.Appendf(nil, "From: <%s>\r\nTo: <%s>\r\nSubject: Shohay\r\nDate: %s\r\nMessage-ID: <%s>\r\nReferences: <%s>\r\n"+
		"Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%s\r\n",
		own, own, time.Now().Format(time.RFC1123Z), id, id, i18n.T(lang, "mail.try_text"))
}

// hints are what to do with a provider, by the name of its server.
var hints = []struct{ host, key string }{
	{"gmail.com", "mail.hint_gmail"}, {"googlemail.com", "mail.hint_gmail"},
	{"outlook", "mail.hint_outlook"}, {"office365", "mail.hint_outlook"}, {"hotmail", "mail.hint_outlook"},
	{"yahoo", "mail.hint_yahoo"}, {"zoho", "mail.hint_zoho"}, {"mail.me.com", "mail.hint_icloud"},
}

// hint says what to do about a step that failed.
func (room *Room) hint(lang string, box *Mailbox, step string) string {
	host := strings.ToLower(box.GetString(schema.MailboxIMAPHost) + " " + box.GetString(schema.MailboxSMTPHost))
	switch step {
	case "sign_in":
		if box.oauth() {
			return i18n.T(lang, "mail.hint_oauth")
		}
		for _, h := range hints {
			if strings.Contains(host, h.host) {
				return i18n.T(lang, h.key)
			}
		}
		return i18n.T(lang, "mail.hint_password")
	case "connect":
		return i18n.T(lang, "mail.hint_connect")
	case "send":
		return i18n.T(lang, "mail.hint_send")
	}
	return i18n.T(lang, "mail.hint_arrive")
}
