package bot

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/bot/flow"
	"github.com/shohay/shohay/hooks/bot/intent"
	"github.com/shohay/shohay/hooks/bot/judge"
	"github.com/shohay/shohay/hooks/bot/model"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/search"
	"github.com/shohay/shohay/hooks/settings"
)

// Why the bot handed over; the end of a key of the catalogue.
const (
	whyAsked      = "asked"
	whyAnger      = "anger"
	whyRefund     = "refund"
	whyAttachment = "attachment"
	whyOrder      = "order"
	whyNotFound   = "not_found"
	whyFailures   = "failures"
	whyFlow       = "flow"
)

// Turn is what the bot does about a message.
type Turn struct {
	Text    string
	Article *conversation.OfferArticle
	Session Session
	Hand    string // why it hands over, "" if it does not
	To      *flow.Step
	Keep    []flow.Kept
	Tags    []string
	Solve   bool
	Missed  string // why the question of the session is kept for the owner
	Quiet   bool   // it says nothing
}

// mostFound is how many articles are looked at.
const (
	mostFound    = 6
	extractWidth = 420
	mostFailures = 2
)

// think decides. It reads, and may ask a language model; it writes nothing.
func (room *Room) think(ctx context.Context, app core.App, h Heard) (Turn, error) {
	t := Turn{Session: h.Session}
	t.Session.Language = h.Lang
	if t.Session.Awaits == schema.AwaitsAddress && h.Session.Handed > 0 {
		return room.address(h, t), nil
	}
	if h.Files {
		return room.handOver(app, h, t, whyAttachment, ""), nil
	}
	env := flow.Env{Language: h.Lang, Open: h.Open, Page: h.Page, Known: h.Known}
	if h.Steps != nil && t.Session.Flow == "" { // what the widget greeted with
		out := h.Steps.Begin(env)
		t.Session.Flow, t.Session.Step = h.Steps.ID, out.Waits
	}
	for _, c := range t.Session.Choices {
		if c.Do != doStep && flow.Same(c.Label, h.Text) {
			return room.chosen(ctx, app, h, t, c.Do)
		}
	}
	var step *flow.Step
	if h.Steps != nil {
		if i := slices.IndexFunc(h.Steps.Steps, func(s flow.Step) bool { return s.ID == t.Session.Step }); i >= 0 {
			step = &h.Steps.Steps[i]
		}
	}
	if step != nil && step.Kind == flow.Say {
		if out, ok := h.Steps.Answer(step.ID, h.Text, env); ok {
			return room.follow(app, h, t, out)
		}
	}
	wants := intent.Of(h.Text)
	switch wants {
	case intent.Person:
		return room.handOver(app, h, t, whyAsked, ""), nil
	case intent.Anger:
		return room.handOver(app, h, t, whyAnger, ""), nil
	}
	if step != nil && step.Kind == flow.Ask {
		if out, ok := h.Steps.Answer(step.ID, h.Text, env); ok {
			return room.follow(app, h, t, out)
		}
	}
	if t.Session.Awaits == schema.AwaitsOrder {
		t.Session.Awaits = ""
		return room.handOver(app, h, t, whyOrder, ""), nil
	}
	return room.small(ctx, app, h, t, wants)
}

// chosen does what a choice means.
func (room *Room) chosen(ctx context.Context, app core.App, h Heard, t Turn, do string) (Turn, error) {
	group, article := strings.CutPrefix(do, doArticle)
	switch {
	case article:
		l, err := room.Knowledge.Library(app)
		if err != nil {
			return t, err
		}
		if e := l.In(h.Lang, group); e != nil {
			_, text, err := kb.Body(app, e.ID)
			if err != nil {
				return t, err
			}
			return room.answerWith(app, h, t, e, shortly(text, search.Ask(t.Session.Question, nil, false))), nil
		}
		return room.handOver(app, h, t, whyNotFound, ""), nil
	case do == doPerson:
		return room.handOver(app, h, t, whyAsked, ""), nil
	case do == doYes:
		t.Text, t.Solve = i18n.T(h.Lang, "bot.glad"), true
		t.Session.Choices, t.Session.Failures, t.Session.Question = nil, 0, ""
		return t, nil
	default:
		return room.unhelped(app, h, t), nil
	}
}

// unhelped is for an answer that did not help, or a choice that was none.
func (room *Room) unhelped(app core.App, h Heard, t Turn) Turn {
	t.Session.Failures++
	t.Missed = schema.WhyNoHelp
	if t.Session.Failures >= mostFailures {
		return room.handOver(app, h, t, whyFailures, "")
	}
	t.Text = i18n.T(h.Lang, "bot.sorry_again")
	t.Session.Choices = []Choice{{i18n.T(h.Lang, "bot.person"), doPerson}}
	return t
}

// small answers what is no question to the help centre.
func (room *Room) small(ctx context.Context, app core.App, h Heard, t Turn, wants intent.Intent) (Turn, error) {
	say := func(key string) (Turn, error) {
		t.Text, t.Session.Choices = i18n.T(h.Lang, key), []Choice{{i18n.T(h.Lang, "bot.person"), doPerson}}
		return t, nil
	}
	has := func(do string) bool {
		return slices.ContainsFunc(t.Session.Choices, func(c Choice) bool { return c.Do == do })
	}
	switch wants {
	case intent.Yes:
		if has(doYes) {
			return room.chosen(ctx, app, h, t, doYes)
		}
		return say("bot.what")
	case intent.No:
		if has(doNo) {
			return room.unhelped(app, h, t), nil
		}
		return say("bot.what")
	case intent.Thanks:
		return say("bot.welcome")
	case intent.Robot:
		return say("bot.robot")
	case intent.Greeting:
		return say("bot.hello")
	case intent.Hours:
		t.Text = room.hours(app, h.Lang)
		t.Session.Choices = []Choice{{i18n.T(h.Lang, "bot.person"), doPerson}}
		return t, nil
	case intent.Order:
		if number.MatchString(h.Text) {
			return room.handOver(app, h, t, whyOrder, ""), nil
		}
		t.Text, t.Session.Choices, t.Session.Awaits = i18n.T(h.Lang, "bot.order"), nil, schema.AwaitsOrder
		return t, nil
	}
	return room.search(ctx, app, h, t, wants == intent.Refund)
}

// number is what looks like an order or a phone number.
var number = regexp.MustCompile(`\p{Nd}{4,}`)

// search asks the help centre.
func (room *Room) search(ctx context.Context, app core.App, h Heard, t Turn, refund bool) (Turn, error) {
	t.Session.Question, t.Session.Choices = h.Text, nil
	found, err := room.Knowledge.Search(ctx, app, kb.Question{Text: clip(impersonal(h.Text), 300), Language: h.Lang, Limit: mostFound, Extract: extractWidth})
	if err != nil {
		return t, err
	}
	verdict, n := judge.Of(candidates(found))
	if refund { // people answer for money; what is written of it is said all the same
		if verdict == judge.Answer {
			f := found[0]
			t = room.answerWith(app, h, t, f.Entry, f.Extract)
			return room.handOver(app, h, t, whyRefund, t.Text), nil
		}
		return room.handOver(app, h, t, whyRefund, ""), nil
	}
	if verdict != judge.Nothing && !h.Dry {
		if said, f, ok := room.ask(ctx, app, h, found); ok {
			return room.answerWith(app, h, t, f.Entry, said), nil
		}
	}
	switch verdict {
	case judge.Answer:
		return room.answerWith(app, h, t, found[0].Entry, found[0].Extract), nil
	case judge.Choice:
		t.Text = i18n.T(h.Lang, "bot.mean")
		for _, f := range found[:n] {
			t.Session.Choices = append(t.Session.Choices, Choice{f.Entry.Title, doArticle + f.Entry.Group})
		}
		t.Session.Choices = append(t.Session.Choices, Choice{i18n.T(h.Lang, "bot.none_of_these"), doNo})
		return t, nil
	}
	t.Missed = schema.WhyNotFound
	return room.handOver(app, h, t, whyNotFound, i18n.T(h.Lang, "bot.not_found")), nil
}

// impersonal is a question without the addresses and numbers that tell who
// asks: no article holds them, so with them no question would be answered.
func impersonal(text string) string { return strings.ReplaceAll(model.Private(text), "…", " ") }

func candidates(found []kb.Found) []judge.Candidate {
	list := make([]judge.Candidate, len(found))
	for i, f := range found {
		list[i] = judge.Candidate{Sure: f.Sure, Score: f.Score}
	}
	return list
}

// ask has the language model word an answer from what was found, if there is
// one, it may be asked, and it names its source.
func (room *Room) ask(ctx context.Context, app core.App, h Heard, found []kb.Found) (said string, from kb.Found, ok bool) {
	config, on := room.modelOf(app)
	if !on {
		return "", from, false
	}
	var passages []model.Passage
	for _, f := range found[:min(3, len(found))] {
		if f.Sure >= search.WorthAsking {
			passages = append(passages, model.Passage{Title: f.Entry.Title, Text: f.Text})
		}
	}
	if len(passages) == 0 || !room.mayAsk(app) {
		return "", from, false
	}
	a, err := model.Ask(ctx, config, h.Lang, h.Text, passages)
	room.spent(app, a.Tokens)
	if err != nil {
		app.Logger().Info("the language model gave no answer", "error", err)
		return "", from, false
	}
	return a.Text, found[a.Cited], true
}

// answerWith says what an article says, and where it stands.
func (room *Room) answerWith(app core.App, h Heard, t Turn, e *kb.Entry, extract string) Turn {
	t.Article = &conversation.OfferArticle{Title: e.Title, URL: addressOf(app, e)}
	t.Text = strings.TrimSpace(extract) + "\n" + t.Article.URL + "\n\n" + i18n.T(h.Lang, "bot.helped")
	t.Session.Choices = []Choice{{i18n.T(h.Lang, "bot.yes"), doYes}, {i18n.T(h.Lang, "bot.no"), doNo}, {i18n.T(h.Lang, "bot.person"), doPerson}}
	return t
}

// addressOf is the whole address of an article.
func addressOf(app core.App, e *kb.Entry) string {
	return strings.TrimSuffix(app.Settings().Meta.AppURL, "/") + e.Path()
}

// shortly is what a text says about the terms.
func shortly(text string, terms []search.Term) string { return kb.Extract(text, terms, extractWidth) }

// hours is when people are there, in words.
func (room *Room) hours(app core.App, lang string) string {
	calendar, c, now := rules.Current(app), i18n.Current(), room.now()
	zone := settings.Shop(app).Location()
	lines := []string{rules.Now(app, now).Sentence(c, lang, now, zone)}
	for _, l := range rules.Sign(c, lang, calendar.Week, now.In(zone).Weekday()) {
		lines = append(lines, l.Days+": "+l.Hours)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// word is a text of the bot's that depends on something.
func word(lang, kind, name string) string { return i18n.T(lang, "bot."+kind+"_"+name) }

// reason is why it handed over, as the desk says it.
func reason(lang, why string) string { return i18n.T(lang, "desk."+"why_"+why) }

// handOver passes the conversation to people. before is what is said first.
func (room *Room) handOver(app core.App, h Heard, t Turn, why, before string) Turn {
	t.Hand = why
	t.Session.Choices, t.Session.Awaits, t.Session.Step = nil, "", ""
	var says []string
	if before != "" {
		before = strings.TrimSuffix(before, "\n\n"+i18n.T(h.Lang, "bot.helped"))
		says = append(says, before)
	}
	switch why {
	case whyAttachment, whyAnger, whyRefund, whyOrder, whyFailures:
		says = append(says, word(h.Lang, "hand", why))
	}
	open, next := rules.Office(app, room.now())
	switch {
	case open:
		says = append(says, i18n.T(h.Lang, "bot.hand_open"))
	case next.IsZero():
		says = append(says, i18n.T(h.Lang, "bot.hand_closed"))
	default:
		says = append(says, i18n.T(h.Lang, "bot.hand_closed_until", i18n.V{"when": rules.When(i18n.Current(), h.Lang, next, room.now(), settings.Shop(app).Location())}))
	}
	if !open && !h.Known {
		says = append(says, i18n.T(h.Lang, "bot.ask_address"))
		t.Session.Awaits = schema.AwaitsAddress
	}
	t.Text = strings.Join(says, "\n")
	return t
}

var mailAddress = regexp.MustCompile(`[^\s<>,;()"]+@[^\s<>,;()"]+\.[^\s<>,;()"]+`)

// address takes the one that was asked for; anything else is for the people.
func (room *Room) address(h Heard, t Turn) Turn {
	a := contact.Normalise(schema.KindEmail, strings.TrimRight(mailAddress.FindString(h.Text), ".।!?"))
	if a == "" {
		return Turn{Quiet: true, Session: t.Session}
	}
	t.Keep = []flow.Kept{{Save: flow.SaveEmail, Value: a}}
	t.Session.Awaits, t.Session.Choices = "", nil
	t.Text = i18n.T(h.Lang, "bot.address_kept", i18n.V{"email": a})
	return t
}

// follow says and does what a flow came to.
func (room *Room) follow(app core.App, h Heard, t Turn, out flow.Outcome) (Turn, error) {
	t.Session.Step, t.Session.Choices, t.Session.Awaits = out.Waits, nil, ""
	t.Keep, t.Tags = out.Keep, out.Tags
	l, err := room.Knowledge.Library(app)
	if err != nil {
		return t, err
	}
	var says []string
	for _, s := range out.Says {
		if s.Text != "" {
			says = append(says, s.Text)
		}
		e := l.In(h.Lang, s.Article)
		if s.Article == "" || e == nil {
			continue
		}
		_, text, err := kb.Body(app, e.ID)
		if err != nil {
			return t, err
		}
		t = room.answerWith(app, h, t, e, shortly(text, nil))
		says = append(says, strings.TrimSuffix(t.Text, "\n\n"+i18n.T(h.Lang, "bot.helped")))
	}
	switch {
	case out.Hand != nil:
		text := out.Hand.Text.In(h.Lang)
		before := strings.Join(says, "\n\n")
		if text != "" {
			before = strings.TrimSpace(before + "\n" + text)
		}
		t = room.handOver(app, h, t, whyFlow, before)
		t.To = out.Hand
		return t, nil
	case out.Waits != "":
		t.Session.Choices = nil
		for _, label := range out.Choices {
			t.Session.Choices = append(t.Session.Choices, Choice{Label: label, Do: doStep})
		}
	case t.Article != nil:
		says = append(says, i18n.T(h.Lang, "bot.helped"))
	}
	if t.Text = strings.Join(says, "\n\n"); t.Text == "" {
		t.Text = i18n.T(h.Lang, "bot.what")
	}
	return t, nil
}
