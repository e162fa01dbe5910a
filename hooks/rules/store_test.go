package rules_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

func save(t *testing.T, app core.App, collection string, values map[string]any) {
	t.Helper()
	c, err := app.FindCollectionByNameOrId(collection)
	if err != nil {
		t.Fatal(err)
	}
	r := core.NewRecord(c)
	r.Load(values)
	if err := app.Save(r); err != nil {
		t.Fatal(err)
	}
}

func shop(t *testing.T, app core.App, values map[string]any) {
	t.Helper()
	r, err := app.FindRecordById(schema.Shop, settings.ShopID)
	if err != nil {
		t.Fatal(err)
	}
	r.Load(values)
	if err := app.Save(r); err != nil {
		t.Fatal(err)
	}
}

// answered writes a conversation that was begun and answered at these times.
func answered(t *testing.T, app core.App, n int, channel string, from, to time.Time) {
	t.Helper()
	in := conversation.Incoming{
		Channel: channel, Account: "test", Keys: []string{fmt.Sprint(n)}, Text: "hello",
		From: []conversation.Identity{{Kind: schema.KindEmail, Value: fmt.Sprintf("c%d@example.com", n)}},
	}
	got, err := conversation.Receive(app, in)
	if err != nil {
		t.Fatal(err)
	}
	const layout = "2006-01-02 15:04:05.000Z"
	_, err = app.DB().Update(schema.Conversations, dbx.Params{
		"created": from.UTC().Format(layout), schema.ConvFirstReplyAt: to.UTC().Format(layout), schema.ConvLastActivity: to.UTC().Format(layout),
	}, dbx.HashExp{"id": got.Conversation.Id}).Execute()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOfficeReadsTheTableInTheShopsZone(t *testing.T) {
	app := hookstest.New(t)
	now := time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC) // Sunday, 8:00 in Dhaka
	if open, next := rules.Office(app.App, now); !open || !next.IsZero() {
		t.Errorf("without a table: %v %v", open, next)
	}
	save(t, app.App, schema.OfficeHours, map[string]any{"day": "0", "opens": "09:00", "closes": "17:00"})
	if open, next := rules.Office(app.App, now); open || !next.Equal(now.Add(time.Hour)) {
		t.Errorf("an hour before: %v %v", open, next)
	}
	if open, next := rules.Office(app.App, now.Add(time.Hour)); !open || !next.IsZero() {
		t.Errorf("at nine: %v %v", open, next)
	}
	shop(t, app.App, map[string]any{"time_zone": "Europe/London"})
	if open, next := rules.Office(app.App, now.Add(time.Hour)); open || !next.Equal(now.Add(7*time.Hour)) {
		t.Errorf("in London: %v %v", open, next)
	}
}

func TestExpectationIsThePromiseUntilThereIsEnoughToCount(t *testing.T) {
	app := hookstest.New(t)
	c := i18n.Current()
	now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	say := func(channel string, at time.Time) string { return rules.Expectation(app.App, c, "en", channel, at) }
	shop(t, app.App, map[string]any{"reply_promise": 45})
	if got := say("", now); got != "Usually replies in 45 minutes" {
		t.Errorf("an empty shop: %q", got)
	}
	for i := range 4 {
		answered(t, app.App, i, schema.ChannelPortal, now.Add(-time.Duration(i+2)*time.Hour), now.Add(-time.Duration(i+2)*time.Hour+3*time.Minute))
	}
	later := now.Add(11 * time.Minute) // what was counted is kept for ten
	if got := say("", later); got != "Usually replies in 45 minutes" {
		t.Errorf("four answers: %q", got)
	}
	answered(t, app.App, 9, schema.ChannelEmail, now.Add(-9*time.Hour), now.Add(-time.Hour))
	later = later.Add(11 * time.Minute)
	if got := say("", later); got != "Usually replies in 3 minutes" {
		t.Errorf("five answers, one of them late: %q", got)
	}
	if got := say(schema.ChannelEmail, later); got != "Usually replies in 45 minutes" {
		t.Errorf("one answer by mail: %q", got)
	}
	if got := say("", now.Add(30*24*time.Hour)); got != "Usually replies in 45 minutes" {
		t.Errorf("answers of last month: %q", got)
	}
}

func TestNightsDoNotCount(t *testing.T) {
	app := hookstest.New(t)
	for d := range 7 {
		save(t, app.App, schema.OfficeHours, map[string]any{"day": fmt.Sprint(d), "opens": "09:00", "closes": "22:00"})
	}
	dhaka := settings.Shop(app.App).Location()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, dhaka)
	for i := range 6 {
		midnight := time.Date(2026, 11, 20, 0, i, 0, 0, dhaka)
		answered(t, app.App, i, schema.ChannelEmail, midnight, time.Date(2026, 11, 20, 9, 10, 0, 0, dhaka))
	}
	if got := rules.Expectation(app.App, i18n.Current(), "en", "", now); got != "Usually replies in 10 minutes" {
		t.Errorf("written at midnight, answered at ten past nine: %q", got)
	}
	if got := rules.Expectation(app.App, i18n.Current(), "bn", "", now.Add(11*time.Hour)); got != "ফিরব আগামীকাল সকাল ৯টায়" {
		t.Errorf("at night: %q", got)
	}
}

func TestReplyTimesAreReadByIndex(t *testing.T) {
	app := hookstest.New(t)
	var plan []struct {
		Detail string `db:"detail"`
	}
	err := app.DB().NewQuery(`EXPLAIN QUERY PLAN SELECT created, first_reply_at FROM conversations
		WHERE last_activity >= '2026' AND first_reply_at != '' ORDER BY last_activity DESC LIMIT 200`).All(&plan)
	if err != nil || len(plan) != 1 || plan[0].Detail != "SEARCH conversations USING INDEX idx_conversations_activity (last_activity>?)" {
		t.Errorf("%v %v", plan, err)
	}
}

func TestHolidaysHoldAtOnceAndWhatCannotBeIsRefused(t *testing.T) {
	app := hookstest.New(t)
	noon := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	if s := rules.Now(app.App, noon); !s.Open {
		t.Fatal("closed without a table")
	}
	save(t, app.App, schema.Holidays, map[string]any{"name": "Eid", "first_day": "2026-11-22", "last_day": "2026-11-23"})
	if s := rules.Now(app.App, noon); s.Open || s.Holiday != "Eid" || !s.Opens.Equal(time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)) {
		t.Errorf("on the holiday: %+v", s)
	}
	c, err := app.FindCollectionByNameOrId(schema.Holidays)
	if err != nil {
		t.Fatal(err)
	}
	for field, values := range map[string]map[string]any{
		"first_day": {"name": "x", "first_day": "2026-02-30"},
		"last_day":  {"name": "x", "first_day": "2026-03-26", "last_day": "2026-03-25"},
		"closes":    {"name": "x", "first_day": "2026-03-26", "opens": "10:00"},
	} {
		r := core.NewRecord(c)
		r.Load(values)
		err := app.Save(r)
		if err == nil || !strings.Contains(err.Error(), field) || !strings.Contains(err.Error(), "।") {
			t.Errorf("%v: %v", values, err)
		}
	}
}
