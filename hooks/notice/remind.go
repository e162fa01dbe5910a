package notice

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

const (
	lookEvery  = time.Minute
	mostListed = 20              // conversations named in one mail
	mailAgain  = 5 * time.Minute // after a mail that could not be sent; doubled up to mailLast
	mailLast   = 2 * time.Hour
)

// remind mails agents about conversations that wait until ctx ends.
func (room *Room) remind(ctx context.Context) {
	for {
		timer := time.NewTimer(lookEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		if err := room.look(room.now()); err != nil {
			room.app.Logger().Error("agents could not be reminded", "error", err)
		}
	}
}

// look mails every agent who is due at an instant.
func (room *Room) look(now time.Time) error {
	agents, err := room.app.FindAllRecords(schema.Agents)
	if err != nil {
		return err
	}
	choices := map[string]Choice{}
	least := 0
	for _, a := range agents {
		if c := choiceOf(a.GetString(schema.AgentNotify)); c.Mail != scopeOff {
			choices[a.Id] = c
			if least == 0 || c.Minutes < least {
				least = c.Minutes
			}
		}
	}
	if len(choices) == 0 {
		return nil
	}
	list, err := longWaiting(room.app, now.Add(-time.Duration(least)*time.Minute))
	if err != nil {
		return err
	}
	local := now.In(settings.Shop(room.app).Location())
	for _, a := range agents {
		c, wants := choices[a.Id]
		if !wants || !c.Hours.In(local) || room.desks.active(a.Id, now) || room.mailPauses[a.Id].until.After(now) {
			continue
		}
		if err := room.remindAgent(a, c, list, now); err != nil {
			return err
		}
	}
	return forgetAnswered(room.app)
}

// pause is how long nothing is mailed to an agent whose mail failed.
type pause struct {
	until time.Time
	long  time.Duration
}

func (room *Room) remindAgent(agent *core.Record, c Choice, list []waiting, now time.Time) error {
	told, err := toldOf(room.app, agent.Id)
	if err != nil {
		return err
	}
	var due []waiting
	for _, w := range list {
		if now.Sub(w.Since.Time()) >= time.Duration(c.Minutes)*time.Minute && concerns(c.Mail, w.Assignee, agent.Id) && told[w.ID] != w.Since.String() {
			due = append(due, w)
		}
	}
	if len(due) == 0 {
		return nil
	}
	// Noted first: a mail too few after a kill is better than one each minute.
	// One that could not be sent is taken back and tried again.
	if err := tell(room.app, agent.Id, due); err != nil {
		return err
	}
	err = room.mail(room.app, agent.Email(), languageOf(agent), room.letterOf(agent, due, now))
	if err == nil {
		delete(room.mailPauses, agent.Id)
		return nil
	}
	p := pause{long: max(mailAgain, min(room.mailPauses[agent.Id].long*2, mailLast))}
	p.until = now.Add(p.long)
	room.mailPauses[agent.Id] = p
	room.app.Logger().Warn("an agent could not be mailed about waiting customers", "agent", agent.Id, "error", err)
	if errors.Is(err, ErrNoMail) {
		return nil
	}
	return forget(room.app, agent.Id, due)
}

// ErrNoMail is of a mail that may never go out: trying again is in vain.
var ErrNoMail = errors.New("this agent cannot be mailed")

// letterOf is the mail about what waits, the longest first.
func (room *Room) letterOf(agent *core.Record, due []waiting, now time.Time) letter.Letter {
	lang, shop := languageOf(agent), settings.Shop(room.app)
	say := func(key string, v i18n.V) string { return i18n.T(lang, key, v) }
	var lines strings.Builder
	for i := len(due) - 1; i >= max(0, len(due)-mostListed); i-- {
		w := due[i]
		name := w.Name
		if name == "" {
			name = say("notice.customer", nil)
		}
		fmt.Fprintf(&lines, "- %s\n", say("notice.mail_line", i18n.V{
			"number": i18n.Current().Digits(lang, fmt.Sprint(w.Number)), "name": plainLine(name),
			"time": i18n.Current().Duration(lang, now.Sub(w.Since.Time()).Round(time.Minute)),
		}))
	}
	if more := len(due) - mostListed; more > 0 {
		lines.WriteString("- " + say("notice.mail_more", i18n.V{"n": more}) + "\n")
	}
	body := say("notice.mail_body", i18n.V{"n": len(due)}) + "\n\n" + lines.String()
	if url := strings.TrimRight(room.app.Settings().Meta.AppURL, "/"); strings.HasPrefix(url, "http") {
		body += "\n" + url + "/desk/"
	}
	return letter.Note(lang, letter.Shop{Name: shop.Name(), Colour: shop.Colour()},
		letter.Template{Subject: say("notice.mail_subject", i18n.V{"n": len(due), "shop": shop.Name()}), Body: body}, nil, say("notice.mail_footer", nil))
}

// plainLine is what a customer wrote without what would mean something in the
// words of a letter: braces, stars, line ends.
func plainLine(s string) string {
	return shortTo(strings.Map(func(r rune) rune {
		if r == '{' || r == '}' || r == '*' {
			return -1
		}
		return r
	}, s), 80)
}

func shortTo(text string, most int) string {
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) <= most {
		return string(r)
	}
	return strings.TrimRight(string(r[:most-1]), " ") + "…"
}
