package mail

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/channel/mail/auth"
	"github.com/shohay/shohay/hooks/channel/mail/content"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/channel/mail/spam"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Limits of what one sender may cause (rule 32). What is over them is stored
// and marked, and nothing automatic follows.
const (
	newPerHour   = 20  // conversations begun
	newPerDay    = 100 // likewise
	mailsPerDay  = 200
	knownFor     = time.Minute
	checkLimit   = 3 * time.Second // for the lookups of one mail
	nearlyEqual  = 0.9
	comparedText = 4000 // characters
)

// facts are what mails are compared with: rarely changed, asked for each mail.
type facts struct {
	own      map[string]bool // all addresses of all mailboxes
	staff    map[string]bool // addresses of agents
	forms    map[string]bool // senders that write for a customer
	blocked  spam.Blocklist
	deceived auth.Known // names and domains that somebody may pretend to be
	at       time.Time
}

type factsHolder struct {
	mu   sync.Mutex
	last *facts
}

// known returns the facts, at most a minute old.
func (room *Room) known(app core.App) (*facts, error) {
	room.facts.mu.Lock()
	defer room.facts.mu.Unlock()
	if f := room.facts.last; f != nil && time.Since(f.at) < knownFor {
		return f, nil
	}
	f := &facts{staff: map[string]bool{}, forms: map[string]bool{}, at: time.Now()}
	var err error
	if f.own, err = ownAddresses(app); err != nil {
		return nil, err
	}
	shop := settings.Shop(app)
	var forms []string
	if raw := shop.GetString(schema.ShopFormSenders); raw != "" && raw != "null" {
		if err := shop.UnmarshalJSONField(schema.ShopFormSenders, &forms); err != nil {
			app.Logger().Warn("mail: the list of contact forms cannot be read", "error", err)
		}
	}
	for _, a := range forms {
		f.forms[mime.NormalAddress(a)] = true
	}
	delete(f.forms, "")
	var staff []string
	if err := app.DB().NewQuery(`SELECT email FROM agents WHERE email != ''`).Column(&staff); err != nil {
		return nil, fmt.Errorf("read the addresses of the staff: %w", err)
	}
	for _, a := range staff {
		f.staff[mime.NormalAddress(a)] = true
	}
	var values []string
	if err := app.DB().NewQuery(`SELECT LOWER(value) FROM blocked_senders`).Column(&values); err != nil {
		return nil, fmt.Errorf("read the blocked senders: %w", err)
	}
	f.blocked = spam.Block(values)
	for a := range f.own {
		f.deceived.Own = append(f.deceived.Own, a)
	}
	if err := app.DB().NewQuery(`SELECT name FROM agents WHERE name != ''`).Column(&f.deceived.Names); err != nil {
		return nil, fmt.Errorf("read the names of the staff: %w", err)
	}
	f.deceived.Names = append(f.deceived.Names, shop.Name())
	err = app.DB().NewQuery(`SELECT domain FROM (SELECT SUBSTR(value, INSTR(value, '@') + 1) AS domain, COUNT(*) AS n FROM identities
		WHERE kind = 'email' AND verified = TRUE GROUP BY domain) ORDER BY n DESC LIMIT 200`).Column(&f.deceived.Contacts)
	if err != nil {
		return nil, fmt.Errorf("read the domains of customers: %w", err)
	}
	f.deceived = f.deceived.Ready()
	room.facts.last = f
	return f, nil
}

// forgetFacts makes the next mail read them anew.
func (room *Room) forgetFacts() {
	room.facts.mu.Lock()
	room.facts.last = nil
	room.facts.mu.Unlock()
}

func (room *Room) factsChanged(e *core.RecordEvent) error {
	room.forgetFacts()
	return e.Next()
}

// judge gathers what speaks for and against the sender.
func (room *Room) judge(in *conversation.Incoming, box *Mailbox, known *facts, m *mime.Mail, raw []byte, cut, form bool) {
	servers := auth.Servers(box.GetString(schema.MailboxIMAPHost))
	if s := strings.TrimSpace(box.GetString(schema.MailboxAuthServ)); s != "" {
		servers = []string{s}
	}
	v := auth.Check(room.life(), raw, m, auth.Options{Servers: servers, LookupTXT: room.lookupTXT, Partial: cut, Limit: checkLimit})
	in.Auth = string(v.State)
	ev := &in.Evidence
	for _, c := range []conversation.Check{{Name: "dmarc", Result: v.DMARC, Domain: v.Domain, Detail: v.Policy}, {Name: "dkim", Result: v.DKIM, Domain: v.Domain}, {Name: "spf", Result: v.SPF, Domain: v.Domain}} {
		if c.Result != "" {
			ev.Checks = append(ev.Checks, c)
		}
	}
	warn := func(key string, values map[string]any) {
		w := conversation.Warning{Key: key, Values: map[string]string{}}
		for k, v := range values {
			w.Values[k] = fmt.Sprint(v)
		}
		ev.Warnings = append(ev.Warnings, w)
	}
	if v.State == auth.Fail {
		warn(v.Reason, map[string]any{"domain": v.Domain, "server": v.Server})
	}
	for _, w := range auth.Warnings(m, known.deceived) {
		warn(w.Key, w.Values)
	}
	if !form {
		// Rule 28: elsewhere only when it is proven, else staff choose.
		address, choice := auth.AnswerTo(m, v, known.own, known.forms)
		switch {
		case len(choice) > 0:
			for _, a := range choice {
				if a != m.From.Addr {
					ev.ReplyTo = a
					break
				}
			}
		case address != m.From.Addr:
			in.ReplyTo = identityValue(address)
		}
	}
	ev.Verdict, ev.Reason = string(m.Verdict), m.Reason
	ev.NoAutomatic = m.NoAck || len(in.References) > maxHops || len(m.References) > maxHops
}

// suspect decides whether the mail goes to the spam view: by a block, by the
// provider's mark, by what the shop's own staff called spam.
func (room *Room) suspect(in *conversation.Incoming, known *facts, m *mime.Mail, folder string) {
	ev := &in.Evidence
	if reason := known.blocked.Match(in.SenderAddress); reason != "" {
		in.Spam, ev.SpamReason = true, reason
		return
	}
	if in.Thread.Conversation != "" {
		return // somebody who has an answer of ours
	}
	room.classify(in, m, folder)
}

// tempo looks at how often and how alike the sender has written (rules 32 and
// 38). Call it in the transaction that takes the mail in. It says whether the
// loop breaker has to act. Uses idx_messages_sender.
func (room *Room) tempo(tx core.App, in *conversation.Incoming) (loop bool, err error) {
	if in.Older {
		return false, nil
	}
	now := types.NowDateTime()
	n, err := countOf(tx, in.SenderAddress, now)
	if err != nil {
		return false, fmt.Errorf("count a sender's mails: %w", err)
	}
	if n.newHour >= newPerHour || n.newDay >= newPerDay || n.day >= mailsPerDay {
		in.Evidence.Bulk, in.Evidence.NoAutomatic = true, true
	}
	if in.Thread.Conversation == "" && room.crowd.over(in.SenderAddress, in.Name, now.Time()) {
		in.Evidence.Bulk, in.Evidence.NoAutomatic = true, true
	}
	loop = n.window >= loopMails
	if !loop && n.day >= loopEqual {
		var texts []string
		err = tx.DB().NewQuery(`SELECT SUBSTR(text, 1, 4000) FROM messages WHERE kind = 'incoming' AND channel = 'email' AND sender = {:sender} AND created > {:day}
			ORDER BY created DESC LIMIT {:n}`).Bind(dbx.Params{"sender": in.SenderAddress, "day": now.Add(-24 * time.Hour).String(), "n": loopEqual}).Column(&texts)
		if err != nil {
			return false, fmt.Errorf("compare a sender's mails: %w", err)
		}
		loop = len(texts) == loopEqual
		for _, t := range texts {
			loop = loop && alike(t, in.Text)
		}
	}
	if loop {
		in.Evidence.NoAutomatic = true
	}
	return loop, nil
}

// counted is how often a sender has written: mails in the window of a loop and
// in a day, conversations in an hour and in a day. Above mailsPerDay nothing is
// counted exactly.
type counted struct{ window, day, newHour, newDay int }

// countOf reads the times and counts them here: most senders have written once
// or never, and two DISTINCT cost SQLite more than the rows. Uses
// idx_messages_sender.
func countOf(tx core.App, sender string, now types.DateTime) (n counted, err error) {
	var rows []struct {
		Created      string `db:"created"`
		Conversation string `db:"conversation"`
	}
	err = tx.DB().NewQuery(`SELECT created, conversation FROM messages WHERE kind = 'incoming' AND channel = 'email' AND sender = {:sender} AND created > {:day}
		ORDER BY created DESC LIMIT ` + strconv.Itoa(mailsPerDay)).
		Bind(dbx.Params{"sender": sender, "day": now.Add(-24 * time.Hour).String()}).All(&rows)
	window, hour := now.Add(-loopWindow).String(), now.Add(-time.Hour).String()
	inHour, inDay := map[string]bool{}, map[string]bool{}
	for _, r := range rows {
		if r.Created > window {
			n.window++
		}
		if r.Created > hour {
			inHour[r.Conversation] = true
		}
		inDay[r.Conversation] = true
	}
	n.day, n.newHour, n.newDay = len(rows), len(inHour), len(inDay)
	return n, err
}

// alike tells whether two texts are nearly the same, by the words their new
// parts share.
func alike(a, b string) bool {
	count := func(s string) (map[string]int, int) {
		s = content.Split("", clip(s, comparedText), "").Visible
		words := map[string]int{}
		all := strings.Fields(strings.ToLower(s))
		for _, w := range all {
			words[w]++
		}
		return words, len(all)
	}
	wa, na := count(a)
	wb, nb := count(b)
	if na+nb == 0 {
		return true
	}
	shared := 0
	for w, n := range wa {
		shared += min(n, wb[w])
	}
	return float64(2*shared) >= nearlyEqual*float64(na+nb)
}

// brake stops automatic mail to a sender who writes like a machine, and says
// so in the conversation, once.
func (room *Room) brake(tx core.App, in conversation.Incoming, conv string) error {
	values := i18n.V{"address": in.SenderAddress}
	news, err := silence(tx, in.From[0].Value, i18n.T(i18n.Stored, "mail.event_silenced", values))
	if err != nil || !news {
		return err
	}
	return conversation.AddNotice(tx, conv, conversation.Event{Type: "silenced", To: in.SenderAddress, Text: i18n.T(settings.Shop(tx).Language(), "mail.event_silenced", values)})
}
