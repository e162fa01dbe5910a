package conversation_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// A list that is walked in stretches, each a page that may be empty, is what
// the condition says, each row once and in order, in every way it is sorted.
func TestWalkedListsAreExact(t *testing.T) {
	for _, stretch := range []int{1, 7, 1000} {
		t.Run(fmt.Sprint(stretch), func(t *testing.T) { walked(t, stretch) })
	}
}

func walked(t *testing.T, stretch int) {
	t.Cleanup(conversation.WalkShort(stretch))
	app := hookstest.New(t)
	rafi := app.Agent("rafi", schema.RoleAgent)
	desk := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(rafi)}
	r := rand.New(rand.NewPCG(9, uint64(stretch)))
	type row struct {
		id, text, status, assignee, waiting, activity, due, channel string
		priority                                                    int
	}
	var all []row
	// Far ahead, so that nothing is overdue and no rule acts while the test runs.
	at := func(n int) string { return fmt.Sprintf("2126-11-%02d 10:00:00.000Z", 1+n) }
	for i := range 60 {
		text := []string{"where is my parcel", "hello", "thanks"}[r.IntN(3)]
		all = append(all, row{id: receive(t, app, chat(fmt.Sprint("v", i), fmt.Sprint("client-", i), text)).Conversation.Id, text: text})
	}
	// What the rooms do with them is done before they are changed.
	hookstest.Until(t, "everything to be at rest", time.Minute, func() bool {
		var busy int
		err := app.DB().NewQuery(`SELECT (SELECT MAX(value) - MIN(value) FROM shohay_counters WHERE name IN ('seq', 'automation')) + (SELECT COUNT(*) FROM bot_tasks)`).Row(&busy)
		return err == nil && busy == 0
	})
	for i := range all {
		x := &all[i]
		x.status, x.activity = []string{"open", "open", "pending", "solved"}[r.IntN(4)], at(r.IntN(9))
		x.channel, x.priority = []string{"chat", "email"}[r.IntN(2)], r.IntN(4)-1
		if r.IntN(2) == 0 {
			x.assignee = rafi.Id
		}
		if x.status == "open" && r.IntN(2) == 0 {
			x.waiting = at(r.IntN(8))
		}
		if x.status == "open" && r.IntN(2) == 0 {
			x.due = at(r.IntN(8))
		}
		_, err := app.DB().Update(schema.Conversations, dbx.Params{"status": x.status, "assignee": x.assignee, "waiting_since": x.waiting,
			"last_activity": x.activity, "due_at": x.due, "channel": x.channel, "priority": x.priority}, dbx.HashExp{"id": x.id}).Execute()
		if err != nil {
			t.Fatal(err)
		}
	}
	newest := func(a, b row) int { return strings.Compare(b.activity+b.id, a.activity+a.id) }
	first := func(key func(row) string) func(a, b row) int {
		return func(a, b row) int {
			x, y := key(a), key(b)
			switch {
			case x == "" && y == "":
				return newest(a, b)
			case x == "":
				return 1
			case y == "":
				return -1
			}
			return strings.Compare(x+a.id, y+b.id)
		}
	}
	sorts := map[string]func(a, b row) int{
		"newest": newest, "waiting": first(func(x row) string { return x.waiting }), "due": first(func(x row) string { return x.due }),
		"priority": func(a, b row) int {
			if a.priority != b.priority {
				return b.priority - a.priority
			}
			return newest(a, b)
		},
	}
	for name, c := range map[string]struct {
		filter map[string]any
		holds  func(row) bool
	}{
		"everything": {map[string]any{}, func(row) bool { return true }},
		"text":       {map[string]any{"text": "PARCEL"}, func(x row) bool { return strings.Contains(x.text, "parcel") }},
		"nothing":    {map[string]any{"text": "no such words", "status": []string{"open"}}, func(row) bool { return false }},
		"one state":  {map[string]any{"text": "hello", "status": []string{"solved"}}, func(x row) bool { return x.status == "solved" && x.text == "hello" }},
		"two states": {map[string]any{"status": []string{"open", "pending"}}, func(x row) bool { return x.status != "solved" }},
		"far states": {map[string]any{"status": []string{"solved", "open"}, "text": "a"}, func(x row) bool { return x.status != "pending" && x.text != "hello" }},
		"my two":     {map[string]any{"assignee": "me", "status": []string{"open", "pending"}}, func(x row) bool { return x.assignee == rafi.Id && x.status != "solved" }},
		"mine":       {map[string]any{"assignee": "me", "text": "a"}, func(x row) bool { return x.assignee == rafi.Id && x.text != "hello" }},
		"my open":    {map[string]any{"assignee": "me", "status": []string{"open"}}, func(x row) bool { return x.assignee == rafi.Id && x.status == "open" }},
		"nobody's":   {map[string]any{"assignee": "nobody", "status": []string{"open"}}, func(x row) bool { return x.assignee == "" && x.status == "open" }},
		"nobody":     {map[string]any{"assignee": "nobody"}, func(x row) bool { return x.assignee == "" }},
		"channel":    {map[string]any{"channels": []string{"email"}, "status": []string{"open"}}, func(x row) bool { return x.channel == "email" && x.status == "open" }},
		"urgent":     {map[string]any{"priority": []int{2}}, func(x row) bool { return x.priority == 2 }},
		"tag":        {map[string]any{"tags": []string{"nothing00000000"}, "status": []string{"open"}}, func(row) bool { return false }},
	} {
		var want []row
		for _, x := range all {
			if c.holds(x) {
				want = append(want, x)
			}
		}
		var made struct {
			View struct {
				ID    string
				Count int
			}
		}
		desk.Must(200, "POST", "/api/desk/views", map[string]any{"name": name, "filter": c.filter}).JSON(t, &made)
		if made.View.Count != len(want) {
			t.Errorf("%s counts %d instead of %d", name, made.View.Count, len(want))
		}
		for sort, compare := range sorts {
			slices.SortFunc(want, compare)
			for _, limit := range []int{1, 7, 100} {
				var got []string
				next, ended := "", false
				for range 500 {
					var page struct {
						Rows []struct{ ID string }
						Next string
					}
					desk.Must(200, "GET", fmt.Sprintf("/api/desk/conversations?view=saved:%s&sort=%s&limit=%d&before=%s", made.View.ID, sort, limit, next), nil).JSON(t, &page)
					for _, x := range page.Rows {
						got = append(got, x.ID)
					}
					if next = page.Next; next == "" {
						ended = true
						break
					}
				}
				ids := make([]string, len(want))
				for i, x := range want {
					ids[i] = x.id
				}
				if !ended || !slices.Equal(got, ids) {
					t.Fatalf("%s by %s in pages of %d, ended %t:\n%v instead of\n%v", name, sort, limit, ended, got, ids)
				}
			}
		}
	}
}
