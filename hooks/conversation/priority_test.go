package conversation_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

func TestTheListByPriorityPagesThroughEverythingOnce(t *testing.T) {
	app := hookstest.New(t)
	desk := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(app.Agent("rafi", schema.RoleAgent))}
	priorities := []int{0, 2, -1, 0, 1, 2, 0, -1, 1, 0, 0}
	want := map[int][]string{}
	for i, p := range priorities {
		id := receive(t, app, chat(fmt.Sprint("v", i), "client-1", "hello")).Conversation.Id
		if _, err := conversation.Apply(app, id, "", conversation.Change{Priority: &p}); err != nil {
			t.Fatal(err)
		}
		want[p] = append([]string{id}, want[p]...) // the newest in front
		time.Sleep(2 * time.Millisecond)           // last_activity has milliseconds
	}
	order := slices.Concat(want[2], want[1], want[0], want[-1])
	for _, limit := range []int{1, 2, 3, 4, 30} {
		var got []string
		for before := ""; ; {
			var page struct {
				Rows []struct{ ID string }
				Next string
			}
			desk.Must(200, "GET", fmt.Sprintf("/api/desk/conversations?view=open&sort=priority&limit=%d&before=%s", limit, before), nil).JSON(t, &page)
			for _, r := range page.Rows {
				got = append(got, r.ID)
			}
			if before = page.Next; before == "" || len(got) > len(order) {
				break
			}
		}
		if !slices.Equal(got, order) {
			t.Errorf("in pages of %d: %v instead of %v", limit, got, order)
		}
	}
}

func TestSnoozedUntilTheCustomerAnswers(t *testing.T) {
	app := hookstest.New(t)
	app.Serve()
	id := receive(t, app, chat("v1", "client-1", "hello")).Conversation.Id
	other := receive(t, app, chat("v2", "client-1", "hello")).Conversation.Id
	conv, err := conversation.Apply(app, id, "", conversation.Change{Status: ptr(schema.StatusSnoozed), SnoozedUntil: ptr(conversation.UntilAnswer)})
	if err != nil || conv.Status() != schema.StatusSnoozed {
		t.Fatalf("%v", err)
	}
	// The loop that wakes the others has been through since.
	soon := time.Now().Add(300 * time.Millisecond).UTC().Format(time.RFC3339Nano)
	if _, err := conversation.Apply(app, other, "", conversation.Change{Status: ptr(schema.StatusSnoozed), SnoozedUntil: &soon}); err != nil {
		t.Fatal(err)
	}
	hookstest.Until(t, "the other is open again", 10*time.Second, func() bool {
		return count(t, app, `SELECT COUNT(*) FROM conversations WHERE id={:id} AND status='open'`, dbx.Params{"id": other}) == 1
	})
	if n := count(t, app, `SELECT COUNT(*) FROM conversations WHERE id={:id} AND status='snoozed'`, dbx.Params{"id": id}); n != 1 {
		t.Error("it came back by itself")
	}
	if got := receive(t, app, chat("v1", "client-2", "yes")); got.Conversation.Id != id || got.Conversation.Status() != schema.StatusOpen {
		t.Errorf("after the answer it is %s", got.Conversation.Status())
	}
}
