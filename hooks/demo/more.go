package demo

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// seedViews saves lists as a shop has them: two for everybody, one of the
// agent's own.
func seedViews(app core.App) error {
	agent, err := app.FindAuthRecordByEmail(schema.Agents, AgentEmail)
	if err != nil {
		return err
	}
	tagged := func(key string) (ids []string, err error) {
		for _, t := range tags {
			if t.key == key {
				r, err := app.FindFirstRecordByData(schema.Tags, schema.TagName, t.name)
				if err != nil {
					return nil, err
				}
				ids = append(ids, r.Id)
			}
		}
		return ids, nil
	}
	returns, err := tagged("return")
	if err != nil {
		return err
	}
	wholesale, err := tagged("wholesale")
	if err != nil {
		return err
	}
	unsolved := []string{schema.StatusOpen, schema.StatusPending, schema.StatusSnoozed}
	for i, v := range []struct {
		name, owner string
		filter      map[string]any
	}{
		{"বদল চলছে", "", map[string]any{"status": unsolved, "tags": returns}},
		{"আগে দেখুন", "", map[string]any{"status": unsolved, "priority": []int{1, 2}}},
		{"Wholesale", agent.Id, map[string]any{"tags": wholesale}},
	} {
		err := create(app, schema.Views, map[string]any{schema.ViewName: v.name, schema.ViewOwner: v.owner, schema.ViewFilter: v.filter, schema.ViewPosition: i})
		if err != nil {
			return err
		}
	}
	return nil
}

// internal are articles for the staff alone, in both languages, beside the one
// of the sample articles.
var internal = []struct{ slug, category, bn, bnText, en, enText string }{
	{"angry-customer", "contact-us", "রাগান্বিত গ্রাহককে যেভাবে উত্তর দিই",
		"1. আগে কথাটা পুরো পড়ুন, তারপর দুঃখ প্রকাশ করুন। দোষ কার, তা প্রথম উত্তরে লিখবেন না।\n2. কী করব আর কবে করব, সময় ধরে লিখুন: “আজ বিকেল ৫টার মধ্যে জানাচ্ছি”।\n3. কথা রাখতে না পারলে গ্রাহক জিজ্ঞেস করার আগেই জানান।\n4. গালি এলে তর্ক নয়; **জরুরি** ট্যাগ দিয়ে আয়েশার হাতে দিন।",
		"How we answer an angry customer",
		"1. Read all of it first, then say that you are sorry. Whose fault it was is not for the first answer.\n2. Say what we do and by when: “I will tell you by 5 pm today”.\n3. If we cannot keep that, say so before they ask.\n4. Do not argue with abuse: tag it **জরুরি** and hand it to Ayesha."},
}

// seedInternal writes them beside the help centre, whose categories it uses.
func seedInternal(app core.App, now time.Time) error {
	return app.RunInTransaction(func(tx core.App) error {
		for i, a := range internal {
			category, err := tx.FindFirstRecordByData(schema.Categories, schema.CategorySlug, a.category)
			if err != nil {
				return err
			}
			c, err := tx.FindCachedCollectionByNameOrId(schema.Articles)
			if err != nil {
				return err
			}
			group := ""
			for _, t := range [][3]string{{"bn", a.bn, a.bnText}, {"en", a.en, a.enText}} {
				r := core.NewRecord(c)
				r.Load(map[string]any{
					schema.ArticleGroup: group, schema.ArticleLanguage: t[0], schema.ArticleSlug: a.slug, schema.ArticleCategory: category.Id, schema.ArticleTitle: t[1], schema.ArticleMarkdown: t[2],
					schema.ArticleStatus: schema.StatusPublished, schema.ArticlePublishedAt: now, schema.ArticleInternal: true, schema.ArticlePosition: 90 + i,
				})
				if err := tx.Save(r); err != nil {
					return err
				}
				group = r.GetString(schema.ArticleGroup)
			}
		}
		return nil
	})
}

// searched is what customers looked for and did not find.
var searched = []struct {
	text, language string
	count, ago     int // ago in days
}{
	{"গিফট কার্ড", "bn", 4, 1}, {"blouse stitching", "en", 3, 2}, {"ব্লাউজ বানিয়ে দেন", "bn", 2, 3}, {"tailoring", "en", 2, 4},
}

// unanswered keeps what the help centre had no answer for: what was said in
// the scenes that have a question, and what was searched for.
func (s *stage) unanswered(scenes []scene) error {
	for i, sc := range scenes {
		if sc.missed == "" {
			continue
		}
		var seq int64
		err := s.app.DB().Select("MIN(seq)").From(schema.Messages).Where(dbx.HashExp{schema.MsgConversation: s.convs[i].Id, schema.MsgKind: schema.MessageIncoming}).Row(&seq)
		if err != nil {
			return err
		}
		err = create(s.app, schema.BotQuestions, map[string]any{
			schema.QuestionText: sc.missed, schema.QuestionLanguage: sc.who.language, schema.QuestionConversation: s.convs[i].Id, schema.QuestionSeq: seq,
			schema.QuestionWhy: schema.WhyNotFound, schema.QuestionState: schema.QuestionOpen,
		})
		if err != nil {
			return err
		}
	}
	if n, err := s.app.CountRecords(schema.SearchMisses); err != nil || n > 0 { // of a story that was told before
		return err
	}
	for _, m := range searched {
		err := create(s.app, schema.SearchMisses, map[string]any{
			schema.MissText: m.text, schema.MissLanguage: m.language, schema.MissCount: m.count, schema.MissLast: s.now.AddDate(0, 0, -m.ago),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
