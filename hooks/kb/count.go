package kb

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// views are counted here and written together.
type views struct {
	mu    sync.Mutex
	count map[string]int
}

// Viewed counts a reader of an article; machines that say so are not readers.
func (room *Room) Viewed(article, userAgent string) {
	agent := strings.ToLower(userAgent)
	for _, machine := range []string{"bot", "crawl", "spider", "slurp", "preview", "monitor"} {
		if strings.Contains(agent, machine) {
			return
		}
	}
	room.views.mu.Lock()
	defer room.views.mu.Unlock()
	if room.views.count == nil {
		room.views.count = map[string]int{}
	}
	room.views.count[article]++
}

// FlushViews writes the views counted so far. They are no change of the
// article: nothing is told and no time is touched.
func (room *Room) FlushViews(app core.App) error {
	room.views.mu.Lock()
	count := room.views.count
	room.views.count = nil
	room.views.mu.Unlock()
	if len(count) == 0 {
		return nil
	}
	err := app.RunInTransaction(func(tx core.App) error {
		for id, n := range count {
			if _, err := tx.DB().NewQuery(`UPDATE articles SET views = views + {:n} WHERE id = {:id}`).Bind(dbx.Params{"n": n, "id": id}).Execute(); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		room.forget()
		return nil
	}
	room.views.mu.Lock()
	defer room.views.mu.Unlock()
	if room.views.count == nil {
		room.views.count = map[string]int{}
	}
	for id, n := range count {
		room.views.count[id] += n
	}
	return err
}

// voterDays is how long a vote remembers that its reader has voted.
const voterDays = 30

// keepCounts writes views, and makes votes nameless after a month.
func (room *Room) keepCounts(ctx context.Context, app core.App) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	if err := room.Reindex(app); err != nil {
		app.Logger().Error("the search of the help centre could not be filled", "error", err)
	}
	for {
		if err := room.FlushViews(app); err != nil {
			app.Logger().Warn("views could not be written; they are kept", "error", err)
		}
		if err := room.forgetVoters(app); err != nil {
			app.Logger().Warn("old votes could not be made nameless", "error", err)
		}
		select {
		case <-ctx.Done():
			if err := room.FlushViews(app); err != nil {
				app.Logger().Warn("views could not be written", "error", err)
			}
			return
		case <-tick.C:
		}
	}
}

func (room *Room) forgetVoters(app core.App) error {
	before := room.now().UTC().AddDate(0, 0, -voterDays).Format(types.DefaultDateLayout)
	// idx_article_votes_voter
	_, err := app.DB().NewQuery(`UPDATE article_votes SET voter = '' WHERE voter != '' AND created < {:before}`).Bind(dbx.Params{"before": before}).Execute()
	return err
}

// Reader is who votes: enough to know a second vote, too little to know them.
type Reader struct{ Network, Browser string }

// ErrTooMany is returned to those who vote like a machine.
var ErrTooMany = errors.New("too many votes")

// Vote takes a reader's word on a public article and returns the vote's id. A
// second one of the same reader replaces the first.
func (room *Room) Vote(app core.App, article string, who Reader, helpful bool, reason, comment string) error {
	if _, ok := room.limiter.Allow(who.Network); !ok {
		return ErrTooMany
	}
	voter := room.Keys().MAC(settings.PurposeForm, "vote", article, who.Network, who.Browser)
	defer room.forget()
	return app.RunInTransaction(func(tx core.App) error {
		// idx_article_votes_voter
		vote, err := tx.FindFirstRecordByFilter(schema.ArticleVotes, schema.VoteArticle+" = {:article} && "+schema.VoteVoter+" = {:voter}", dbx.Params{"article": article, "voter": voter})
		if err != nil {
			c, err := tx.FindCachedCollectionByNameOrId(schema.ArticleVotes)
			if err != nil {
				return err
			}
			vote = core.NewRecord(c)
			vote.Set(schema.VoteArticle, article)
			vote.Set(schema.VoteVoter, voter)
		}
		was, fresh := vote.GetBool(schema.VoteHelpful), vote.IsNew()
		vote.Set(schema.VoteHelpful, helpful)
		if helpful {
			reason, comment = "", ""
		}
		if reason != "" || comment != "" || helpful {
			vote.Set(schema.VoteReason, reason)
			vote.Set(schema.VoteComment, comment)
		}
		if err := tx.Save(vote); err != nil {
			return err
		}
		up, down := 0, 0
		if !fresh && was != helpful {
			if was {
				up--
			} else {
				down--
			}
		}
		if fresh || was != helpful {
			if helpful {
				up++
			} else {
				down++
			}
		}
		_, err = tx.DB().NewQuery(`UPDATE articles SET votes_up = max(0, votes_up + {:up}), votes_down = max(0, votes_down + {:down}) WHERE id = {:id}`).
			Bind(dbx.Params{"up": up, "down": down, "id": article}).Execute()
		return err
	})
}
