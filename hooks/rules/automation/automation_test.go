package automation_test

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
	"github.com/shohay/shohay/hooks/hookstest/template"
	"github.com/shohay/shohay/hooks/schema"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

type list = []map[string]any

func automate(t *testing.T, app core.App, values map[string]any) *core.Record {
	t.Helper()
	c, err := app.FindCollectionByNameOrId(schema.Automations)
	if err != nil {
		t.Fatal(err)
	}
	r := core.NewRecord(c)
	r.Load(map[string]any{"name": "test", "match": "all", "active": true, "conditions": list{}, "count": "clock"})
	r.Load(values)
	if err := app.Save(r); err != nil {
		t.Fatal(err)
	}
	return r
}

func say(t *testing.T, app core.App, visitor, key, text string, more ...func(*conversation.Incoming)) *conversation.Conversation {
	t.Helper()
	in := conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:" + visitor, Keys: []string{key}, Visitor: visitor, Text: text, Name: "Ayesha", Language: "en",
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: visitor}},
	}
	for _, f := range more {
		f(&in)
	}
	got, err := conversation.Receive(app, in)
	if err != nil {
		t.Fatal(err)
	}
	return got.Conversation
}

func column(t *testing.T, app core.App, sql string, params dbx.Params) (rows []string) {
	t.Helper()
	if err := app.DB().NewQuery(sql).Bind(params).Column(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// results are what the log says of a conversation: automation's name and
// result.
func results(t *testing.T, app core.App, conv string) string {
	t.Helper()
	return strings.Join(column(t, app, `SELECT a.name || ' ' || r.result FROM automation_runs r JOIN automations a ON a.id = r.automation WHERE r.conversation = {:c} ORDER BY r.created, r.rowid`, dbx.Params{"c": conv}), ", ")
}

func caughtUp(t *testing.T, app *hookstest.App) {
	t.Helper()
	hookstest.Until(t, "the follower", 5*time.Second, func() bool {
		v := column(t, app.App, `SELECT value FROM shohay_counters WHERE name IN ('seq', 'automation')`, nil)
		return len(v) == 2 && v[0] == v[1]
	})
}

func find(t *testing.T, app core.App, id string) *core.Record {
	t.Helper()
	r, err := app.FindRecordById(schema.Conversations, id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestARefundIsTaggedAndRaisedAndTheLogSaysWhy(t *testing.T) {
	app := hookstest.New(t)
	automate(t, app.App, map[string]any{"name": "refund", "trigger": "customer_wrote",
		"conditions": list{{"field": "text", "op": "contains", "values": []string{"refund", "ফেরত"}}},
		"actions":    list{{"do": "add_tag", "text": "Refund"}, {"do": "priority", "value": "1"}, {"do": "message", "texts": map[string]string{"en": "Hello {{contact.name}}, we look at #{{number}}.", "bn": "দেখছি"}}}})
	app.Serve()
	yes := say(t, app.App, "v1", "1", "আমার টাকা ফেরত চাই")
	no := say(t, app.App, "v2", "1", "do you deliver to Sylhet?")
	caughtUp(t, app)
	if got := results(t, app.App, yes.Id); got != "refund done" {
		t.Errorf("log: %q", got)
	}
	r := find(t, app.App, yes.Id)
	if tags := column(t, app.App, `SELECT name FROM tags WHERE id = {:tag}`, dbx.Params{"tag": strings.Join(r.GetStringSlice("tags"), ",")}); strings.Join(tags, ",") != "Refund" || r.GetInt(schema.ConvPriority) != 1 {
		t.Errorf("tags %v, priority %d", tags, r.GetInt(schema.ConvPriority))
	}
	if said := column(t, app.App, `SELECT text FROM messages WHERE conversation = {:c} AND kind = 'outgoing' AND automatic = TRUE AND author_kind = 'bot'`, dbx.Params{"c": yes.Id}); len(said) != 1 || said[0] != fmt.Sprintf("Hello Ayesha, we look at #%d.", yes.Number()) {
		t.Errorf("said %q", said)
	}
	if r.GetString(schema.ConvWaitingSince) == "" || r.GetString(schema.ConvFirstReplyAt) != "" {
		t.Error("what a machine said counts as an answer")
	}
	if got := results(t, app.App, no.Id); got != "refund unmatched" {
		t.Errorf("log of the other: %q", got)
	}
	why := column(t, app.App, `SELECT why FROM automation_runs WHERE conversation = {:c}`, dbx.Params{"c": no.Id})
	if !strings.Contains(why[0], "Sylhet") || !strings.Contains(why[0], `"holds":false`) {
		t.Errorf("why: %s", why)
	}
	// Again it is tagged already: only the message goes.
	say(t, app.App, "v1", "2", "refund!!")
	caughtUp(t, app)
	did := column(t, app.App, `SELECT did FROM automation_runs WHERE conversation = {:c} ORDER BY rowid DESC LIMIT 1`, dbx.Params{"c": yes.Id})
	if strings.Count(did[0], "rules.skip_same") != 2 {
		t.Errorf("the second time: %s", did)
	}
}

func TestAutomationsDoNotChaseEachOther(t *testing.T) {
	app := hookstest.New(t)
	place := 0
	changed := func(name, from, to string) {
		place++
		automate(t, app.App, map[string]any{"name": name, "sort": place, "trigger": "changed", "conditions": list{{"field": "changed", "op": "is", "values": []string{"priority"}}, {"field": "priority", "op": "is", "values": []string{from}}},
			"actions": list{{"do": "priority", "value": to}}})
	}
	changed("up", "1", "2")
	changed("down", "2", "1")
	app.Serve()
	conv := say(t, app.App, "v1", "1", "hello")
	one := 1
	if _, err := conversation.Apply(app.App, conv.Id, "", conversation.Change{Priority: &one}); err != nil {
		t.Fatal(err)
	}
	caughtUp(t, app)
	// Both look at the agent's doing, then each once at the other's.
	if got := results(t, app.App, conv.Id); got != "up done, down done, down unmatched, up done" {
		t.Errorf("log: %q", got)
	}
}

func TestNoMoreThanThreeInAChain(t *testing.T) {
	app := hookstest.New(t)
	for i := range 6 {
		automate(t, app.App, map[string]any{"name": fmt.Sprint("a", i), "sort": i, "trigger": "changed",
			"conditions": list{{"field": "subject", "op": "contains", "values": []string{"chain"}}}, "match": "any",
			"actions": list{{"do": "add_tag", "text": fmt.Sprint("tag", i)}}})
	}
	app.Serve()
	conv := say(t, app.App, "v1", "1", "hello", func(in *conversation.Incoming) { in.Subject = "chain" })
	one := 1
	if _, err := conversation.Apply(app.App, conv.Id, "", conversation.Change{Priority: &one}); err != nil {
		t.Fatal(err)
	}
	caughtUp(t, app)
	if longest := column(t, app.App, `SELECT MAX(json_array_length(chain)) FROM automation_runs WHERE result = 'done' AND chain != 'null'`, nil); longest[0] > "2" {
		t.Errorf("%s automations set a fourth one off", longest[0])
	}
	if n := column(t, app.App, `SELECT COUNT(*) FROM messages WHERE json_extract(event, '$.type') = 'tagged'`, nil); n[0] != "6" {
		t.Errorf("%s tags were given", n[0])
	}
}

func TestMessagesToACustomerHaveAMeasure(t *testing.T) {
	app := hookstest.New(t)
	// All that a canned reply may have is filled for a machine too.
	c, err := app.FindCollectionByNameOrId(schema.CannedReplies)
	if err != nil {
		t.Fatal(err)
	}
	canned := core.NewRecord(c)
	canned.Load(map[string]any{schema.CannedTitle: "On it", schema.CannedText: "{{contact.first_name|Friend}}, we are on it ({{conversation.number}}{{contact.phone}}, {{agent.first_name}})."})
	if err := app.Save(canned); err != nil {
		t.Fatal(err)
	}
	rule := automate(t, app.App, map[string]any{"trigger": "customer_wrote", "actions": list{{"do": "message", "value": canned.Id}}})
	kept := rule.Get("actions")
	rule.Set("actions", list{{"do": "note", "text": "ask {{customer name}}"}})
	if err := app.Save(rule); err == nil || !strings.Contains(err.Error(), "{{customer name}}") || !strings.Contains(err.Error(), "{{contact.name}}") {
		t.Errorf("a variable that nobody knows: %v", err)
	}
	rule.Set("actions", kept)
	app.Serve()
	var conv *conversation.Conversation
	for i := range 8 {
		conv = say(t, app.App, "v1", fmt.Sprint(i), "hello")
	}
	caughtUp(t, app)
	if n := column(t, app.App, `SELECT COUNT(*) FROM messages WHERE conversation = {:c} AND kind = 'outgoing'`, dbx.Params{"c": conv.Id}); n[0] != "5" {
		t.Errorf("%s messages went out", n[0])
	}
	want := fmt.Sprintf("Ayesha, we are on it (#%d, My shop).", conv.Number())
	if said := column(t, app.App, `SELECT text FROM messages WHERE conversation = {:c} AND kind = 'outgoing' LIMIT 1`, dbx.Params{"c": conv.Id}); said[0] != want {
		t.Errorf("said %q instead of %q", said[0], want)
	}
	did := column(t, app.App, `SELECT did FROM automation_runs WHERE conversation = {:c} ORDER BY rowid DESC LIMIT 1`, dbx.Params{"c": conv.Id})
	if !strings.Contains(did[0], "rules.skip_limit") {
		t.Errorf("the last one: %s", did)
	}
}

func TestMachinesAndDoubtfulSendersSetNothingOff(t *testing.T) {
	app := hookstest.New(t)
	automate(t, app.App, map[string]any{"name": "all", "trigger": "customer_wrote", "actions": list{{"do": "priority", "value": "2"}}})
	app.Serve()
	mail := func(id string, change func(*conversation.Incoming)) *conversation.Conversation {
		return say(t, app.App, "", id, "hello", func(in *conversation.Incoming) {
			in.Channel, in.Account, in.Visitor, in.From = schema.ChannelEmail, "box", "", []conversation.Identity{{Kind: schema.KindEmail, Value: id + "@example.com"}}
			change(in)
		})
	}
	vacation := mail("vacation", func(in *conversation.Incoming) { in.Automatic, in.AutoReply = true, true })
	spam := mail("spam", func(in *conversation.Incoming) { in.Spam = true })
	old := mail("old", func(in *conversation.Incoming) { in.Older = true })
	human := mail("human", func(*conversation.Incoming) {})
	caughtUp(t, app)
	for name, conv := range map[string]*conversation.Conversation{"a vacation notice": vacation, "spam": spam, "mail of the past": old} {
		if got := results(t, app.App, conv.Id); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := results(t, app.App, human.Id); got != "all done" {
		t.Errorf("a customer: %s", got)
	}
}

func back(t *testing.T, app core.App, conv, column string, d time.Duration) {
	t.Helper()
	_, err := app.DB().Update(schema.Conversations, dbx.Params{column: time.Now().Add(-d).UTC().Format("2006-01-02 15:04:05.000Z")}, dbx.HashExp{"id": conv}).Execute()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatWaitsForTheCustomerIsClosedOnceItsTimeHasCome(t *testing.T) {
	dir := template.Copy(t)
	app := hookstest.Open(t, dir)
	rule := automate(t, app.App, map[string]any{"name": "close", "trigger": "since", "since": "status", "minutes": 10,
		"conditions": list{{"field": "status", "op": "is", "values": []string{"pending"}}}, "actions": list{{"do": "message", "text": "We close this."}, {"do": "status", "value": "solved"}}})
	pending := schema.StatusPending
	conv := say(t, app.App, "v1", "1", "hello")
	open := say(t, app.App, "v2", "1", "hello")
	before := say(t, app.App, "v3", "1", "hello")
	for _, c := range []*conversation.Conversation{conv, before} {
		if _, err := conversation.Apply(app.App, c.Id, "", conversation.Change{Status: &pending}); err != nil {
			t.Fatal(err)
		}
	}
	// Switched on an hour ago.
	_, err := app.DB().NewQuery(`UPDATE automations SET active_since = {:at}, swept = {:at} WHERE id = {:id}`).
		Bind(dbx.Params{"id": rule.Id, "at": time.Now().Add(-time.Hour).UTC().Format("2006-01-02 15:04:05.000Z")}).Execute()
	if err != nil {
		t.Fatal(err)
	}
	back(t, app.App, conv.Id, schema.ConvStatusAt, 11*time.Minute)
	back(t, app.App, open.Id, schema.ConvStatusAt, 11*time.Minute)
	app.Serve()
	hookstest.Until(t, "the conversation to be solved", 5*time.Second, func() bool { return find(t, app.App, conv.Id).GetString("status") == schema.StatusSolved })
	if got := results(t, app.App, conv.Id); got != "close done" {
		t.Errorf("log: %q", got)
	}
	hookstest.Until(t, "the open one to be looked at", 5*time.Second, func() bool { return results(t, app.App, open.Id) == "close unmatched" })
	if got := results(t, app.App, before.Id); got != "" {
		t.Errorf("one whose time has not come: %q", got)
	}
	app.Stop()

	// The program was killed before it wrote how far it had looked: what was
	// done is not done again.
	again := hookstest.Open(t, dir)
	if _, err := again.DB().NewQuery(`UPDATE automations SET swept = active_since`).Execute(); err != nil {
		t.Fatal(err)
	}
	if _, err := again.DB().NewQuery(`UPDATE shohay_counters SET value = 0 WHERE name = 'automation'`).Execute(); err != nil {
		t.Fatal(err)
	}
	back(t, again.App, before.Id, schema.ConvStatusAt, 12*time.Minute)
	again.Serve()
	hookstest.Until(t, "the other one to be solved", 5*time.Second, func() bool { return find(t, again.App, before.Id).GetString("status") == schema.StatusSolved })
	caughtUp(t, again)
	if n := column(t, again.App, `SELECT COUNT(*) FROM messages WHERE conversation = {:c} AND kind = 'outgoing'`, dbx.Params{"c": conv.Id}); n[0] != "1" {
		t.Errorf("the customer was told %s times", n[0])
	}
}

func TestWhatWasOverBeforeItWasSwitchedOnIsLeftAlone(t *testing.T) {
	app := hookstest.New(t)
	old := say(t, app.App, "v1", "1", "hello")
	back(t, app.App, old.Id, schema.ConvLastIncoming, 48*time.Hour)
	automate(t, app.App, map[string]any{"name": "remind", "trigger": "since", "since": "customer", "minutes": 30, "actions": list{{"do": "priority", "value": "1"}}})
	fresh := say(t, app.App, "v2", "1", "hello")
	back(t, app.App, fresh.Id, schema.ConvLastIncoming, 30*time.Minute-300*time.Millisecond)
	app.Serve()
	hookstest.Until(t, "the fresh one to be raised", 5*time.Second, func() bool { return find(t, app.App, fresh.Id).GetInt("priority") == 1 })
	if got := results(t, app.App, old.Id); got != "" {
		t.Errorf("an old one: %s", got)
	}
}

func TestNewConversationsGoToAgentsInTurn(t *testing.T) {
	app := hookstest.New(t)
	if _, err := app.DB().NewQuery(`UPDATE automations SET active = TRUE, active_since = '2026-01-01 00:00:00.000Z' WHERE id = 'autoturn0000001'`).Execute(); err != nil {
		t.Fatal(err)
	}
	base := app.Serve()
	nobody := say(t, app.App, "v0", "1", "is anybody there?")
	caughtUp(t, app)
	if a := find(t, app.App, nobody.Id).GetString(schema.ConvAssignee); a != "" {
		t.Errorf("given to %s, who is not there", a)
	}
	for _, name := range []string{"mina", "rafi", "tuli"} {
		(&hookstest.Client{TB: t, Base: base, Token: app.Token(app.Agent(name, schema.RoleAgent))}).Listen("topic=inbox").Await("hello", "")
	}
	given := map[string]int{}
	last := ""
	for i := range 6 {
		conv := say(t, app.App, fmt.Sprint("v", i+1), "1", "hello")
		caughtUp(t, app)
		who := find(t, app.App, conv.Id).GetString(schema.ConvAssignee)
		if who == "" || who == last {
			t.Errorf("%d: given to %q after %q", i, who, last)
		}
		last = who
		given[who]++
	}
	for who, n := range given {
		if n != 2 || len(given) != 3 {
			t.Errorf("%s got %d of 6", who, n)
		}
	}
}

func TestDryRunSaysWhatWouldHappenAndDoesNothing(t *testing.T) {
	app := hookstest.New(t)
	base := app.Serve()
	conv := say(t, app.App, "v1", "1", "I want a refund")
	say(t, app.App, "v2", "1", "hello")
	owner := &hookstest.Client{TB: t, Base: base, Token: app.Token(app.Agent("boss", schema.RoleOwner))}
	var got struct {
		Looked, Holds int
		Conversations []struct {
			Number int64
			Holds  bool
			Why    []struct{ Found []string }
			Steps  []struct{ Do, Skip string }
		}
	}
	owner.Must(200, "POST", "/api/desk/automations/try", map[string]any{"trigger": "customer_wrote", "conditions": list{{"field": "text", "op": "contains", "values": []string{"refund"}}},
		"actions": list{{"do": "priority", "value": "2"}, {"do": "message", "text": "hi"}}}).JSON(t, &got)
	if got.Looked != 2 || got.Holds != 1 || len(got.Conversations) != 2 || got.Conversations[1].Number != conv.Number() || !got.Conversations[1].Holds || len(got.Conversations[1].Steps) != 2 || !strings.Contains(got.Conversations[1].Why[0].Found[0], "refund") {
		t.Errorf("%+v", got)
	}
	if r := find(t, app.App, conv.Id); r.GetInt("priority") != 0 || results(t, app.App, conv.Id) != "" {
		t.Error("the dry run did something")
	}
	a := owner.Must(400, "POST", "/api/desk/automations/try", map[string]any{"trigger": "since", "conditions": list{{"field": "waiting", "op": "at_least", "values": []string{"x"}}}})
	for _, field := range []string{`"since"`, `"minutes"`, `"actions"`, `"conditions"`} {
		if !strings.Contains(string(a.Body), field) {
			t.Errorf("nothing is said about %s: %s", field, a.Body)
		}
	}
}

func TestTimeIsReadByIndex(t *testing.T) {
	app := hookstest.New(t)
	for since, column := range map[string]string{"customer": "last_incoming", "answer": "answered_at", "created": "created", "solved": "solved_at", "status": "status_at"} {
		var plan []struct {
			Detail string `db:"detail"`
		}
		err := app.DB().NewQuery(fmt.Sprintf(`EXPLAIN QUERY PLAN SELECT id, %[1]s AS at FROM conversations INDEXED BY idx_conversations_since_%[2]s
			WHERE %[1]s != '' AND (%[1]s, id) > ('2026', '') ORDER BY %[1]s, id LIMIT 100`, column, since)).All(&plan)
		if err != nil || len(plan) != 1 || !strings.HasPrefix(plan[0].Detail, "SEARCH conversations USING COVERING INDEX idx_conversations_since_"+since) {
			t.Errorf("%s: %v %v", since, plan, err)
		}
	}
}
