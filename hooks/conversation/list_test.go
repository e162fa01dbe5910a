package conversation_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// Paging through a list gives what the list is, each row once, however the
// pages are cut and with times that are equal.
func TestPagesOfTheList(t *testing.T) {
	app := hookstest.New(t)
	rafi := app.Agent("rafi", schema.RoleAgent)
	desk := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(rafi)}
	r := rand.New(rand.NewPCG(7, 7))
	type row struct {
		id, status, assignee, waiting, activity, due string
		number                                       int
	}
	var all []row
	at := func(n int) string { return fmt.Sprintf("2026-11-%02d 10:00:00.000Z", 1+n) }
	for i := range 120 {
		conv := receive(t, app, chat(fmt.Sprint("v", i), fmt.Sprint("client-", i), fmt.Sprint("hello ", i))).Conversation
		x := row{id: conv.Id, number: int(conv.Number()), status: []string{"open", "open", "open", "pending", "solved"}[r.IntN(5)], activity: at(r.IntN(12))}
		if x.status == "open" && r.IntN(2) == 0 {
			x.waiting = at(r.IntN(8))
		}
		if r.IntN(3) == 0 {
			x.assignee = rafi.Id
		}
		if x.status == "open" && r.IntN(2) == 0 {
			x.due = at(r.IntN(8))
		}
		if _, err := app.DB().Update(schema.Conversations, dbx.Params{"status": x.status, "assignee": x.assignee, "waiting_since": x.waiting, "last_activity": x.activity, "due_at": x.due}, dbx.HashExp{"id": x.id}).Execute(); err != nil {
			t.Fatal(err)
		}
		all = append(all, x)
	}
	newestFirst := func(a, b row) int { return strings.Compare(b.activity+b.id, a.activity+a.id) }
	waitingFirst := func(a, b row) int {
		switch {
		case a.waiting != "" && b.waiting != "":
			return strings.Compare(a.waiting+a.id, b.waiting+b.id)
		case a.waiting != "":
			return -1
		case b.waiting != "":
			return 1
		}
		return newestFirst(a, b)
	}
	dueFirst := func(a, b row) int {
		switch {
		case a.due != "" && b.due != "":
			return strings.Compare(a.due+a.id, b.due+b.id)
		case a.due != "":
			return -1
		case b.due != "":
			return 1
		}
		return newestFirst(a, b)
	}
	views := map[string]func(row) bool{
		"all": func(row) bool { return true }, "open": func(x row) bool { return x.status == "open" },
		"solved": func(x row) bool { return x.status == "solved" }, "mine": func(x row) bool { return x.status == "open" && x.assignee == rafi.Id },
		"unassigned": func(x row) bool { return x.status == "open" && x.assignee == "" }, "channel:chat": func(x row) bool { return x.status == "open" },
		"channel:email": func(row) bool { return false },
	}
	for view, holds := range views {
		for sort, compare := range map[string]func(a, b row) int{"newest": newestFirst, "waiting": waitingFirst, "due": dueFirst} {
			var want []string
			rows := slices.Clone(all)
			slices.SortFunc(rows, compare)
			for _, x := range rows {
				if holds(x) {
					want = append(want, x.id)
				}
			}
			for _, limit := range []int{1, 7, 30, 100} {
				var got []string
				next := ""
				for range 200 {
					var page struct {
						Rows []struct{ ID string }
						Next string
					}
					desk.Must(200, "GET", fmt.Sprintf("/api/desk/conversations?view=%s&sort=%s&limit=%d&before=%s", view, sort, limit, next), nil).JSON(t, &page)
					for _, x := range page.Rows {
						got = append(got, x.ID)
					}
					if len(page.Rows) > limit {
						t.Fatalf("a page of %d has %d rows", limit, len(page.Rows))
					}
					if next = page.Next; next == "" {
						break
					}
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%s by %s in pages of %d: %d rows instead of %d, or in another order", view, sort, limit, len(got), len(want))
				}
			}
		}
	}
	for _, bad := range []string{"x", "!!!", "fHw", "d3w"} {
		desk.Must(400, "GET", "/api/desk/conversations?view=all&before="+bad, nil)
	}
	desk.Must(400, "GET", "/api/desk/conversations?view=nothing", nil)
}

func TestTheListFinds(t *testing.T) {
	app := hookstest.New(t)
	desk := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(app.Agent("rafi", schema.RoleAgent))}
	one := receive(t, app, letter("box1", "ayesha@mail.test", "m1@mail.test", "100% cotton? \\ and _ too"))
	two := receive(t, app, chat("v1", "client-1", "আমার অর্ডার ১০২ কোথায়"))
	time.Sleep(2 * time.Millisecond)
	number := fmt.Sprint(two.Conversation.Number())
	bangla := strings.Map(func(r rune) rune { return '০' + r - '0' }, number)
	for q, want := range map[string]string{
		"cotton": one.Conversation.Id, "100%": one.Conversation.Id, "%": one.Conversation.Id, "_": one.Conversation.Id, `\`: one.Conversation.Id, "AYESHA@": one.Conversation.Id,
		"অর্ডার": two.Conversation.Id, "#" + number: two.Conversation.Id, "#" + number + " ": two.Conversation.Id, number: two.Conversation.Id, "#" + bangla: two.Conversation.Id,
		"#999999": "", "nothing of it": "", "' OR 1=1 --": "",
	} {
		var page struct{ Rows []struct{ ID string } }
		desk.Must(200, "GET", "/api/desk/conversations?view=all&q="+url.QueryEscape(q), nil).JSON(t, &page)
		var got []string
		for _, r := range page.Rows {
			got = append(got, r.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %v instead of %s", q, got, want)
		}
	}
}
