package watchdog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Pauses before mails that could not be sent are tried again.
const (
	firstPause = 5 * time.Minute
	lastPause  = time.Hour
)

// ErrNoMail says that somebody can never be mailed: their address is one of
// the shop's own mailboxes, and the mail would come back as a customer's.
var ErrNoMail = errors.New("this person cannot be mailed")

// post mails the owners what is owed, until ctx ends.
func (room *Room) post(ctx context.Context) {
	pause := time.Duration(0)
	for {
		if pause == 0 {
			select {
			case <-ctx.Done():
				return
			case <-room.bell:
			}
		} else {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause): // a bell changes nothing: there was no way out a moment ago
			}
		}
		switch err := room.mailOwed(ctx); {
		case ctx.Err() != nil:
			return
		case err != nil:
			pause = min(max(pause*2, firstPause), lastPause)
			room.app.Logger().Warn("the owners could not be mailed", "again", pause.String(), "error", err)
		default:
			pause = 0
		}
	}
}

// mailOwed sends one mail with all news to each owner.
func (room *Room) mailOwed(ctx context.Context) error {
	room.mu.Lock()
	var news, over []Finding
	owed := map[string]string{}
	avoid := map[string]bool{}
	for _, f := range room.findings {
		kind, of, _ := cutCheck(f.Check)
		if kind == KindMailOut && f.State != schema.CheckOK {
			avoid[of] = true
		}
		if kind == KindMailIn && f.State == schema.CheckBad { // the same sign-in, as a rule
			avoid[of] = true
		}
		switch room.kept[f.Check].Owed {
		case schema.CheckOwedBad:
			news = append(news, f)
		case schema.CheckOwedOver:
			over = append(over, f)
		default:
			continue
		}
		owed[f.Check] = room.kept[f.Check].Owed
	}
	room.mu.Unlock()
	if len(owed) == 0 {
		return nil
	}
	if err := room.mailOwners(ctx, news, over, avoid); err != nil {
		return err
	}
	room.mu.Lock()
	defer room.mu.Unlock()
	for name, what := range owed {
		if k := room.kept[name]; k.Owed == what {
			room.kept[name] = k.Mailed()
			room.unsaved[name] = true
		}
	}
	room.save()
	return nil
}

// mailOwners is done when one owner was reached, or none can be.
func (room *Room) mailOwners(ctx context.Context, news, over []Finding, avoid map[string]bool) error {
	owners, err := room.app.FindAllRecords(schema.Agents, dbx.HashExp{schema.AgentRole: schema.RoleOwner})
	if err != nil {
		return fmt.Errorf("find the owners: %w", err)
	}
	var faults []error
	reached := false
	for _, o := range owners {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if o.Email() == "" {
			continue
		}
		lang := languageOf(room.app, o)
		switch err := room.Mail(room.app, o.Email(), lang, Letter(room.app, lang, news, over), avoid); {
		case err == nil:
			reached = true
		case !errors.Is(err, ErrNoMail):
			faults = append(faults, err)
		}
	}
	if reached {
		return nil
	}
	return errors.Join(faults...)
}

func languageOf(app core.App, agent *core.Record) string {
	for _, lang := range agent.GetStringSlice(schema.AgentLanguages) {
		if i18n.Current().Has(lang) {
			return lang
		}
	}
	return settings.Shop(app).Language()
}

// Letter is the mail to an owner: what is wrong and what to do, then what is in
// order again.
func Letter(app core.App, lang string, news, over []Finding) letter.Letter {
	shop := settings.Shop(app)
	name := shop.Name()
	var body []string
	add := func(head string, list []Finding, do bool) {
		if len(list) == 0 {
			return
		}
		body = append(body, i18n.T(lang, head))
		for _, f := range list {
			said, what := Words(app, lang, f)
			line := "• " + Label(lang, f) + ": " + said
			if do && what != "" {
				line += "\n" + what
			}
			body = append(body, line)
		}
	}
	add("watch.mail_bad", news, true)
	add("watch.mail_over", over, false)
	body = append(body, i18n.T(lang, "watch.mail_once"))
	key := "watch.subject_bad"
	first := news
	if len(news) == 0 {
		key, first = "watch.subject_over", over
	}
	subject := i18n.T(lang, key, i18n.V{"shop": name, "what": Label(lang, first[0])})
	link := strings.TrimRight(app.Settings().Meta.AppURL, "/") + "/desk/"
	return letter.Staff(lang, letter.Shop{Name: name, Colour: shop.Colour()}, subject, strings.Join(body, "\n\n"), link)
}

// supplied is the name of the place for backups that the program comes with;
// readers have it in their language while nobody has given it another.
const supplied = "This machine"

// Label is what a check is called.
func Label(lang string, f Finding) string {
	label := i18n.T(lang, fmt.Sprintf("watch.kind_%s", f.Kind))
	name := f.Facts.Name
	if name == supplied {
		name = i18n.T(lang, "watch.this_machine")
	}
	if name != "" && f.Kind != KindWorkers {
		label += " (" + name + ")"
	}
	return label
}

// Words say what a check found, and what to do about it ("" for nothing).
func Words(app core.App, lang string, f Finding) (said, do string) {
	return WordsAt(settings.Shop(app).Location(), lang, f)
}

// WordsAt are the words with times in a zone, where no shop is open.
func WordsAt(zone *time.Location, lang string, f Finding) (said, do string) {
	c := i18n.Current()
	at := ""
	if !f.Facts.At.IsZero() {
		at = c.DateTime(lang, f.Facts.At.In(zone))
	} else {
		at = i18n.T(lang, "watch.never")
	}
	v := i18n.V{
		"name": f.Facts.Name, "said": c.Told(lang, f.Facts.Said, zone), "free": c.Size(lang, int64(f.Facts.Free)), "total": c.Size(lang, int64(f.Facts.Total)),
		"floor": c.Size(lang, int64(f.Facts.Floor)), "n": f.Facts.N, "time": c.Duration(lang, f.Facts.For), "at": at,
	}
	said = i18n.T(lang, "watch."+f.Code, v)
	if f.State != schema.CheckOK {
		do = doFor(lang, f.Code, v)
	}
	return said, do
}

func doFor(lang, code string, v i18n.V) string { return i18n.T(lang, "watch."+doKey(code)+"_do", v) }

// Codes are all that a finding may say beside that it is well, for the test of
// the catalogue.
var Codes = []string{
	"disk_full", "disk_low", "mail_in_dead", "mail_in_dead_said", "mail_in_late", "mail_in_late_said", "mail_out_dead", "mail_out_dead_said", "mail_out_late", "mail_out_late_said",
	"backup_fails", "backup_failed", "backup_old", "backup_late", "backup_none", "replica_fails", "replica_behind", "replica_failed", "replica_late",
	"queue_stuck", "queue_failed", "queue_slow", "queue_some_failed", "certificate_none", "certificate_none_said", "certificate_over", "certificate_over_said",
	"certificate_ends", "certificate_ends_said", "certificate_soon", "certificate_soon_said",
	"certificate_over_proxy", "certificate_ends_proxy", "certificate_soon_proxy", "clock_behind", "clock_back", "clock_ahead", "workers_fall", "workers_fell",
}

// Kinds are all kinds of checks.
var Kinds = []string{KindDisk, KindMailIn, KindMailOut, KindBackup, KindReplica, KindQueue, KindCertificate, KindClock, KindWorkers}

// doKey is the key of what to do: several findings of a kind share one.
func doKey(code string) string {
	code = strings.TrimSuffix(code, "_said")
	shared := map[string]string{
		"mail_in_late": "mail_in", "mail_in_dead": "mail_in", "mail_out_late": "mail_out", "mail_out_dead": "mail_out", "backup_fails": "backup", "backup_failed": "backup",
		"backup_old": "backup", "backup_late": "backup", "replica_fails": "replica", "replica_behind": "replica", "replica_failed": "replica", "replica_late": "replica",
		"queue_stuck": "queue", "queue_slow": "queue", "queue_some_failed": "queue_failed", "workers_fall": "workers", "workers_fell": "workers",
		"clock_behind": "clock", "clock_back": "clock", "clock_ahead": "clock",
	}
	switch {
	case strings.HasPrefix(code, KindCertificate) && strings.HasSuffix(code, "_proxy"):
		return "certificate_proxy"
	case strings.HasPrefix(code, KindCertificate) && code != "certificate_none":
		return KindCertificate
	case slices.Contains(Codes, code) && shared[code] != "":
		return shared[code]
	}
	return code
}

// cutCheck parts the name of a check into its kind and what it looks at.
func cutCheck(name string) (kind, of string, parted bool) { return strings.Cut(name, ":") }
