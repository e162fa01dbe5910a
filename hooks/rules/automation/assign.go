package automation

import (
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
)

// among chooses among those who have a desk open and are available.
type among struct{ desk Desk }

// Choose implements [Assigner].
func (a among) Choose(app core.App, how string, _ *conversation.Conversation) (string, error) {
	var ids []string
	for _, agent := range a.desk.OnlineAgents() {
		ids = append(ids, agent.ID)
	}
	slices.Sort(ids)
	if len(ids) == 0 {
		return "", nil
	}
	if how == byLeastLoad {
		load, err := openOf(app)
		if err != nil {
			return "", err
		}
		return slices.MinFunc(ids, func(x, y string) int { return load[x] - load[y] }), nil
	}
	last, err := lastGiven(app)
	if err != nil {
		return "", err
	}
	if i := slices.IndexFunc(ids, func(id string) bool { return strings.Compare(id, last) > 0 }); i >= 0 {
		return ids[i], nil
	}
	return ids[0], nil
}

// openOf counts each agent's open conversations. Uses idx_conversations_live.
func openOf(app core.App) (map[string]int, error) {
	var rows []struct {
		Assignee string `db:"assignee"`
		N        int    `db:"n"`
	}
	err := app.DB().NewQuery(`SELECT assignee, COUNT(*) AS n FROM conversations WHERE status != 'solved' AND status = 'open' GROUP BY assignee`).All(&rows)
	load := map[string]int{}
	for _, r := range rows {
		load[r.Assignee] = r.N
	}
	return load, err
}

// lastGiven is whose turn it was last.
func lastGiven(app core.App) (agent string, err error) {
	var did []string
	err = app.DB().NewQuery(`SELECT did FROM automation_runs WHERE result = 'done' AND did LIKE {:like} ORDER BY created DESC, rowid DESC LIMIT 1`).
		Bind(dbx.Params{"like": `%"round_robin"%`}).Column(&did)
	if err != nil || len(did) == 0 {
		return "", err
	}
	var steps []Step
	if err := unpack(did[0], &steps); err != nil {
		return "", err
	}
	for _, s := range steps {
		if s.Do == doAssign && s.Value == byRoundRobin {
			agent = s.Result
		}
	}
	return agent, nil
}
