package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/bot/judge"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/search"
)

// mostQuestions are looked at; older ones have been overtaken by newer.
const mostQuestions = 2000

// keepQuestion remembers what could not be answered, once for a message.
// Uses idx_bot_questions_message.
func keepQuestion(tx core.App, conv *conversation.Conversation, seq int64, turn Turn) error {
	lang := turn.Session.Language
	_, err := tx.DB().NewQuery(`INSERT INTO bot_questions (id, text, language, conversation, seq, why, state, article, created, updated)
		VALUES ({:id}, {:text}, {:lang}, {:conv}, {:seq}, {:why}, 'open', '', {:now}, {:now}) ON CONFLICT DO NOTHING`).
		Bind(dbx.Params{"id": core.GenerateDefaultRandomId(), "text": clip(strings.Join(strings.Fields(turn.Session.Question), " "), 300), "lang": lang,
			"conv": conv.Id, "seq": seq, "why": turn.Missed, "now": types.NowDateTime().String()}).Execute()
	return err
}

// asked is a question that was not answered: the bot's, or of the help
// centre's search, which has no conversation.
type asked struct {
	ID           string `db:"id"`
	Text         string `db:"text"`
	Language     string `db:"language"`
	Conversation string `db:"conversation"`
	Number       int64  `db:"number"`
	Seq          int64  `db:"seq"`
	Count        int    `db:"count"`
	Why          string `db:"why"`
	At           string `db:"at"`
	Searched     bool   `db:"searched"`
}

// open lists what is not answered, the newest first. Uses
// idx_bot_questions_state and idx_search_misses_count.
func open(app core.App) (list []asked, err error) {
	err = app.DB().NewQuery(`SELECT q.id, q.text, q.language, q.conversation, COALESCE(c.number, 0) AS number, q.seq, 1 AS count, q.why, q.created AS at, FALSE AS searched
			FROM bot_questions q LEFT JOIN conversations c ON c.id = q.conversation WHERE q.state = 'open' ORDER BY q.created DESC LIMIT {:most}`).
		Bind(dbx.Params{"most": mostQuestions}).All(&list)
	if err != nil {
		return nil, err
	}
	var misses []asked
	err = app.DB().NewQuery(`SELECT id, text, language, '' AS conversation, 0 AS number, 0 AS seq, count, 'not_found' AS why, last_at AS at, TRUE AS searched
			FROM search_misses WHERE article = '' ORDER BY count DESC LIMIT {:most}`).Bind(dbx.Params{"most": mostQuestions}).All(&misses)
	return append(list, misses...), err
}

// Example is one of a group.
type Example struct {
	ID           string `json:"id"`
	Text         string `json:"text"`
	Conversation string `json:"conversation"`
	Number       int64  `json:"number"`
	Searched     bool   `json:"searched"`
	At           string `json:"at"`
}

// Group is questions that ask the same.
type Group struct {
	Text     string    `json:"text"` // the one that says it best
	Language string    `json:"language"`
	Count    int       `json:"count"`
	Last     string    `json:"last"`
	IDs      []string  `json:"ids"`
	Examples []Example `json:"examples"`
	Answers  []string  `json:"answers"` // what agents said to it

	keys map[string]bool
	all  []asked
}

const (
	mostGroups   = 100
	mostExamples = 5
	sameShare    = 0.6 // of the words of both together
)

// keysOf are what a question is about, in whatever script it is asked.
func keysOf(text string) map[string]bool {
	keys := map[string]bool{}
	for _, t := range search.Strong(search.Ask(text, nil, false)) {
		switch {
		case len(t.Key) > 2:
			keys[t.Key] = true
		case t.Sound != "":
			keys["0"+t.Sound] = true
		default:
			keys[t.Stem] = true
		}
	}
	return keys
}

func alike(a, b map[string]bool) bool {
	both := 0
	for k := range a {
		if b[k] {
			both++
		}
	}
	return both > 0 && float64(both) >= sameShare*float64(len(a)+len(b)-both)
}

// group puts questions that ask the same together, those asked most in front.
func group(list []asked) (groups []*Group) {
	for _, q := range list {
		keys := keysOf(q.Text)
		at := slices.IndexFunc(groups, func(g *Group) bool { return alike(g.keys, keys) })
		if at < 0 {
			groups = append(groups, &Group{keys: keys, Examples: []Example{}, Answers: []string{}})
			at = len(groups) - 1
		}
		g := groups[at]
		g.all = append(g.all, q)
		g.Count += max(1, q.Count)
		g.IDs = append(g.IDs, q.ID)
		g.Last = max(g.Last, iso(q.At))
		if len(g.Examples) < mostExamples {
			g.Examples = append(g.Examples, Example{q.ID, q.Text, q.Conversation, q.Number, q.Searched, iso(q.At)})
		}
	}
	for _, g := range groups {
		best := g.all[0]
		for _, q := range g.all[1:] { // a whole sentence says more than two words that were searched for
			if best.Searched && !q.Searched || best.Searched == q.Searched && len(q.Text) > len(best.Text) && len(q.Text) < 160 {
				best = q
			}
		}
		g.Text, g.Language = best.Text, best.Language
	}
	slices.SortStableFunc(groups, func(a, b *Group) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return strings.Compare(b.Last, a.Last)
	})
	return groups[:min(len(groups), mostGroups)]
}

// answers are what agents said next in the conversations of a group. Uses
// idx_messages_conversation.
func answers(app core.App, g *Group) error {
	for _, q := range g.all {
		if q.Conversation == "" || len(g.Answers) == 3 {
			continue
		}
		var said []string
		err := app.DB().NewQuery(`SELECT text FROM messages WHERE conversation = {:conv} AND seq > {:seq} AND kind = 'outgoing' AND author_kind = 'agent' AND text != '' ORDER BY seq LIMIT 2`).
			Bind(dbx.Params{"conv": q.Conversation, "seq": q.Seq}).Column(&said)
		if err != nil {
			return err
		}
		if text := strings.TrimSpace(strings.Join(said, "\n\n")); text != "" && !slices.Contains(g.Answers, text) {
			g.Answers = append(g.Answers, text)
		}
	}
	return nil
}

func iso(s string) string { return strings.Replace(s, " ", "T", 1) }

// askAgain asks the old questions whenever an article was published.
func (room *Room) askAgain(ctx context.Context) {
	for ctx.Err() == nil {
		if err := room.rerun(ctx); err != nil && ctx.Err() == nil {
			room.app.Logger().Error("old questions could not be asked again", "error", err)
		}
		pause(ctx, room.again, time.Hour)
	}
}

// rerun marks the open questions that the help centre answers now.
func (room *Room) rerun(ctx context.Context) error {
	list, err := open(room.app)
	if err != nil {
		return err
	}
	for _, q := range list {
		found, err := room.Knowledge.Search(ctx, room.app, kb.Question{Text: impersonal(q.Text), Language: q.Language, Limit: mostFound})
		if err != nil {
			return err
		}
		// As the bot would answer it: to offer a choice is not to answer.
		if verdict, _ := judge.Of(candidates(found)); verdict != judge.Answer {
			continue
		}
		// An answer that was there already and did not help is none.
		if q.Why == schema.WhyNoHelp && found[0].Entry.Updated.UTC().Format("2006-01-02 15:04:05.000Z") < q.At {
			continue
		}
		query := `UPDATE bot_questions SET state = 'answered', article = {:article}, updated = {:now} WHERE id = {:id} AND state = 'open'`
		if q.Searched {
			query = `UPDATE search_misses SET article = {:article}, updated = {:now} WHERE id = {:id}`
		}
		if _, err := room.app.NonconcurrentDB().NewQuery(query).Bind(dbx.Params{"article": found[0].Entry.ID, "id": q.ID, "now": types.NowDateTime().String()}).Execute(); err != nil {
			return err
		}
	}
	return nil
}

// Answered is how many old questions an article answers now.
type Answered struct {
	Article string `json:"article" db:"article"`
	Title   string `json:"title" db:"title"`
	Count   int    `json:"count" db:"count"`
	At      string `json:"at" db:"at"`
}

func answered(app core.App) (list []Answered, err error) {
	list = []Answered{}
	err = app.DB().NewQuery(`SELECT x.article, a.title, SUM(x.n) AS count, MAX(x.at) AS at FROM (
			SELECT article, 1 AS n, updated AS at FROM bot_questions WHERE state = 'answered'
			UNION ALL SELECT article, count AS n, updated AS at FROM search_misses WHERE article != ''
		) x JOIN articles a ON a.id = x.article GROUP BY x.article ORDER BY at DESC LIMIT 30`).All(&list)
	for i := range list {
		list[i].At = iso(list[i].At)
	}
	return list, err
}
