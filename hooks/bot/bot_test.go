package bot_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

// shop is a served shop with a help centre and an agent.
type shop struct {
	*hookstest.App
	t     *testing.T
	base  string
	agent *core.Record
	owner *hookstest.Client
	n     int
}

var articles = [][3]string{
	{"en", "How do I return a product?", "You can return an unused product within 7 days. A rider collects it."},
	{"bn", "পণ্য ফেরত দেব কীভাবে?", "অব্যবহৃত পণ্য ৭ দিনের মধ্যে ফেরত দেওয়া যায়। রাইডার এসে নিয়ে যাবেন।"},
	{"en", "How much is the delivery charge?", "60 taka in Dhaka city and 120 taka outside."},
	{"en", "How do I pay with bKash?", "Choose bKash at checkout and enter your number."},
	{"en", "How long does a refund take?", "bKash takes 1 to 3 days, a card 5 to 10 days."},
	{"en", "Is there a size chart for shoes?", "Every shoe has its size chart in centimetres."},
	{"en", "Is there a size chart for shirts?", "Every shirt has its size chart in inches."},
	{"en", "Do you sell to resellers?", "From 12 pieces you get the wholesale rate."},
}

func write(t *testing.T, app core.App, lang, title, body string) *core.Record {
	t.Helper()
	c, err := app.FindCollectionByNameOrId(schema.Articles)
	if err != nil {
		t.Fatal(err)
	}
	r := core.NewRecord(c)
	r.Load(map[string]any{"language": lang, "title": title, "body": "<p>" + body + "</p>", "status": "published"})
	if err := app.Save(r); err != nil {
		t.Fatal(err)
	}
	return r
}

func stock(t *testing.T, app *hookstest.App) {
	t.Helper()
	settings := app.Settings()
	settings.RateLimits.Enabled = false
	settings.Meta.AppURL = "https://help.shop.test"
	if err := app.Save(settings); err != nil {
		t.Fatal(err)
	}
	app.Shop(map[string]any{"languages": []string{"en", "bn"}})
	first := write(t, app, articles[0][0], articles[0][1], articles[0][2])
	for i, a := range articles[1:] {
		r := write(t, app, a[0], a[1], a[2])
		if i == 0 { // the same in the other language
			r.Set(schema.ArticleGroup, first.GetString(schema.ArticleGroup))
			if err := app.Save(r); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func open(t *testing.T) *shop {
	t.Helper()
	s := &shop{App: hookstest.New(t), t: t}
	stock(t, s.App)
	s.agent = s.Agent("rafi", schema.RoleAgent)
	boss := s.Agent("boss", schema.RoleOwner)
	s.base = s.Serve()
	s.owner = &hookstest.Client{TB: t, Base: s.base, Token: s.App.Token(boss)}
	return s
}

// writes is what a visitor writes in the chat.
func writes(t *testing.T, app core.App, visitor, id, text string, files ...conversation.File) conversation.Received {
	t.Helper()
	got, err := conversation.Receive(app, conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:" + visitor, Keys: []string{id}, ClientID: id, Visitor: visitor, Language: "en",
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: visitor, Verified: true}}, Text: text, Files: files,
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

type said struct {
	Text   string `db:"text"`
	Kind   string `db:"kind"`
	Author string `db:"author_kind"`
	Offer  string `db:"offer"`
	Event  string `db:"event"`
}

func after(t *testing.T, app core.App, conv string, seq int64) (list []said) {
	t.Helper()
	err := app.DB().NewQuery(`SELECT text, kind, author_kind, COALESCE(offer, '') AS offer, COALESCE(event, '') AS event FROM messages WHERE conversation = {:conv} AND seq > {:seq} ORDER BY seq`).
		Bind(dbx.Params{"conv": conv, "seq": seq}).All(&list)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func idle(t *testing.T, app core.App) {
	t.Helper()
	hookstest.Until(t, "the bot has nothing left to do", 10*time.Second, func() bool {
		var n int
		return app.DB().NewQuery(`SELECT COUNT(*) FROM bot_tasks`).Row(&n) == nil && n == 0
	})
}

// ask has a visitor write and returns what the bot answered, "" for nothing,
// and the line that says why it handed over.
func (s *shop) ask(visitor, text string, files ...conversation.File) (answer said, why string) {
	s.t.Helper()
	s.n++
	got := writes(s.t, s.App, visitor, fmt.Sprint("message-", s.n), text, files...)
	idle(s.t, s.App)
	for _, m := range after(s.t, s.App, got.Conversation.Id, got.Message.Seq()) {
		if m.Author == schema.AuthorBot {
			if answer.Text != "" {
				s.t.Fatalf("two answers to %q: %q and %q", text, answer.Text, m.Text)
			}
			answer = m
		}
		if rest, ok := strings.CutPrefix(m.Event, `{"type":"handed_over","from":"","to":"`); ok {
			why, _, _ = strings.Cut(rest, `"`)
		}
	}
	return answer, why
}

func (s *shop) status(visitor string) string {
	s.t.Helper()
	conv, err := conversation.OfVisitor(s.App, visitor)
	if err != nil || conv == nil {
		s.t.Fatal(conv, err)
	}
	return conv.Status()
}

func (s *shop) hasAll(a said, parts ...string) {
	s.t.Helper()
	for _, p := range parts {
		if !strings.Contains(a.Text+a.Offer, p) {
			s.t.Errorf("%q is missing in %q %s", p, a.Text, a.Offer)
		}
	}
}

func TestTheBotAnswersFromTheHelpCentre(t *testing.T) {
	s := open(t)
	a, why := s.ask("v1", "how can I return a product")
	s.hasAll(a, "within 7 days", "https://help.shop.test/", "Did that help?", `"choices":["Yes, thanks","No","Talk to a person"]`, `"title":"How do I return a product?"`, `"name":"Helper"`)
	if why != "" || s.status("v1") != schema.StatusPending {
		t.Error(why, s.status("v1"))
	}
	a, _ = s.ask("v1", "yes")
	s.hasAll(a, "glad")
	if s.status("v1") != schema.StatusSolved {
		t.Error(s.status("v1"))
	}
	for _, q := range []string{"পণ্য ফেরত দেব কীভাবে", "ponno ferot dibo kivabe"} { // Banglish is answered in Bangla
		a, _ = s.ask("v2", q)
		s.hasAll(a, "৭ দিনের মধ্যে", "কাজ হলো?")
	}
	a, _ = s.ask("v3", "is there a size chart") // two say the same
	s.hasAll(a, "Did you mean", "for shoes?", "for shirts?", "None of these")
	a, _ = s.ask("v3", "Is there a size chart for shirts?")
	s.hasAll(a, "in inches")
	a, _ = s.ask("v4", "how can I return a product? 01711-223344, kona@mail.test") // who asks is no part of what is asked
	s.hasAll(a, "within 7 days")
}

func TestTheBotHandsOver(t *testing.T) {
	s := open(t)
	for i, c := range []struct{ text, why string }{
		{"I want to talk to a real person", "asked"}, {"মানুষের সাথে কথা বলতে চাই", "asked"}, {"you are cheaters", "anger"}, {"I want my refund", "refund"},
		{"what is the capital of France", "not_found"}, {"where is my order 20417", "order"},
	} {
		visitor := fmt.Sprint("h", i)
		a, why := s.ask(visitor, c.text)
		if why != c.why || a.Text == "" || s.status(visitor) != schema.StatusOpen {
			t.Errorf("%q: %q, %q, %s", c.text, a.Text, why, s.status(visitor))
		}
		if a, why = s.ask(visitor, "how can I return a product"); a.Text != "" || why != "" {
			t.Errorf("after handing over it said %q", a.Text)
		}
	}
	a, why := s.ask("r", "how long does a refund take")
	s.hasAll(a, "1 to 3 days", "colleague")
	if why != "refund" || strings.Contains(a.Text, "Did that help?") {
		t.Error(why, a.Text)
	}
	file := conversation.File{Name: "a.txt", Type: "text/plain", Size: 2, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("hi")), nil }}
	if _, why := s.ask("f", "look", file); why != "attachment" {
		t.Error(why)
	}
	// Twice of no help.
	s.ask("t", "how can I return a product")
	a, why = s.ask("t", "No")
	s.hasAll(a, "other words", "Talk to a person")
	if why != "" {
		t.Error(why)
	}
	s.ask("t", "how much is the delivery charge")
	if _, why = s.ask("t", "no"); why != "failures" {
		t.Error(why)
	}
	// An order is asked for by its number first.
	a, why = s.ask("o", "where is my parcel?")
	s.hasAll(a, "order number")
	if why != "" {
		t.Error(why)
	}
	if _, why = s.ask("o", "SH-20417"); why != "order" {
		t.Error(why)
	}
}

func TestTheBotIsSilentOnceAnAgentSpoke(t *testing.T) {
	s := open(t)
	s.ask("v", "how can I return a product")
	conv, err := conversation.OfVisitor(s.App, "v")
	if err != nil {
		t.Fatal(err)
	}
	agent := &hookstest.Client{TB: t, Base: s.base, Token: s.App.Token(s.agent)}
	agent.Must(200, "POST", "/api/desk/conversations/"+conv.Id+"/reply", map[string]any{"kind": "outgoing", "text": "I am here", "client_id": "reply-0001"})
	if a, _ := s.ask("v", "how much is the delivery charge"); a.Text != "" {
		t.Errorf("it said %q", a.Text)
	}
	solved := schema.StatusSolved
	if _, err := conversation.Apply(s.App, conv.Id, s.agent.Id, conversation.Change{Status: &solved}); err != nil {
		t.Fatal(err)
	}
	a, _ := s.ask("v", "how much is the delivery charge")
	s.hasAll(a, "60 taka")
}

// Killed between question and answer, it answers when it runs again, once.
func TestAQuestionOutlivesTheProgram(t *testing.T) {
	dir := t.TempDir()
	app := hookstest.Open(t, dir)
	stock(t, app)
	got := writes(t, app, "v", "message-1", "how can I return a product") // no loop runs yet
	writes(t, app, "v", "message-1", "how can I return a product")
	app.Stop()
	for range 2 {
		app = hookstest.Open(t, dir)
		app.Serve()
		idle(t, app)
		app.Stop()
	}
	app = hookstest.Open(t, dir)
	list := after(t, app, got.Conversation.Id, got.Message.Seq())
	if len(list) != 1 || list[0].Author != schema.AuthorBot {
		t.Errorf("%+v", list)
	}
}

func TestOutOfHoursItTakesAnAddress(t *testing.T) {
	s := open(t)
	c, err := s.FindCollectionByNameOrId(schema.Holidays)
	if err != nil {
		t.Fatal(err)
	}
	r := core.NewRecord(c)
	r.Load(map[string]any{"name": "Eid", "first_day": time.Now().UTC().Add(-48 * time.Hour).Format("2006-01-02"), "last_day": time.Now().UTC().Add(72 * time.Hour).Format("2006-01-02")})
	if err := s.App.Save(r); err != nil {
		t.Fatal(err)
	}
	a, why := s.ask("v", "a person please")
	s.hasAll(a, "Nobody is here", "e-mail address")
	if why != "asked" {
		t.Error(why)
	}
	if a, _ = s.ask("v", "hurry up"); a.Text != "" {
		t.Errorf("it said %q", a.Text)
	}
	a, _ = s.ask("v", "it is rahim@mail.test.")
	s.hasAll(a, "rahim@mail.test")
	conv, _ := conversation.OfVisitor(s.App, "v")
	if got := conv.GetString(schema.ConvEmail); got != "rahim@mail.test" {
		t.Error(got)
	}
	if a, _ = s.ask("v", "or karim@mail.test"); a.Text != "" {
		t.Errorf("it said %q", a.Text)
	}
}

func TestWhatWasNotAnsweredBecomesAnArticle(t *testing.T) {
	s := open(t)
	s.ask("a", "do you repair umbrellas?")
	s.ask("b", "can umbrellas be repaired")
	conv, _ := conversation.OfVisitor(s.App, "a")
	agent := &hookstest.Client{TB: t, Base: s.base, Token: s.App.Token(s.agent)}
	agent.Must(200, "POST", "/api/desk/conversations/"+conv.Id+"/reply", map[string]any{"kind": "outgoing", "text": "Yes, for 100 taka.", "client_id": "reply-0001"})
	var got struct {
		Groups []struct {
			Text     string
			Count    int
			IDs      []string
			Answers  []string
			Examples []struct{ Text string }
		}
		Answered []struct {
			Title string
			Count int
		}
	}
	agent.Must(200, "GET", "/api/desk/bot/questions", nil).JSON(t, &got)
	if len(got.Groups) != 1 || got.Groups[0].Count != 2 || !slices.Equal(got.Groups[0].Answers, []string{"Yes, for 100 taka."}) {
		t.Fatalf("%+v", got)
	}
	agent.Must(204, "POST", "/api/desk/bot/questions/dismiss", map[string]any{"ids": got.Groups[0].IDs[:1]})
	agent.Must(204, "POST", "/api/desk/bot/questions/dismiss", map[string]any{"ids": got.Groups[0].IDs[:1], "undo": true})
	write(t, s.App, "en", "Do you repair umbrellas?", "Umbrellas are repaired for 100 taka.")
	hookstest.Until(t, "the old questions are answered", 10*time.Second, func() bool {
		agent.Must(200, "GET", "/api/desk/bot/questions", nil).JSON(t, &got)
		return len(got.Groups) == 0
	})
	if len(got.Answered) != 1 || got.Answered[0].Count != 2 || got.Answered[0].Title != "Do you repair umbrellas?" {
		t.Errorf("%+v", got.Answered)
	}
}

// The preview is the bot, and leaves nothing behind.
func TestThePreviewKeepsNothing(t *testing.T) {
	s := open(t)
	count := func() (n int) {
		if err := s.DB().NewQuery(`SELECT (SELECT COUNT(*) FROM messages) + (SELECT COUNT(*) FROM bot_questions) + (SELECT COUNT(*) FROM bot_sessions) + (SELECT COUNT(*) FROM conversations)`).Row(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := count()
	steps := []any{
		map[string]any{"id": "hello", "kind": "say", "text": map[string]string{"en": "Hi", "bn": "ওহে"}, "buttons": []any{map[string]any{"text": map[string]string{"en": "Size", "bn": "মাপ"}, "next": "size"}}},
		map[string]any{"id": "size", "kind": "ask", "text": map[string]string{"en": "Which?", "bn": "কত?"}, "save": "note", "next": "end"},
		map[string]any{"id": "end", "kind": "hand_over"},
	}
	type answer struct {
		Faults        []struct{ Step, Text string }
		Says, Choices []string
		Done          []string
		Session       map[string]any
	}
	run := func(text string, session map[string]any) (a answer) {
		s.owner.Must(200, "POST", "/api/desk/bot/preview?lang=en", map[string]any{"steps": steps, "text": text, "session": session, "env": map[string]any{"language": "bn", "open": true}}).JSON(t, &a)
		return a
	}
	a := run("", map[string]any{})
	if len(a.Faults) > 0 || !slices.Equal(a.Says, []string{"ওহে"}) || !slices.Equal(a.Choices, []string{"মাপ"}) {
		t.Errorf("%+v", a)
	}
	a = run("মাপ", a.Session)
	if !slices.Equal(a.Says, []string{"কত?"}) {
		t.Errorf("%+v", a)
	}
	other := run("পণ্য ফেরত দেব কীভাবে", map[string]any{})
	if len(other.Says) != 1 || !strings.Contains(other.Says[0], "৭ দিনের মধ্যে") {
		t.Errorf("%+v", other)
	}
	a = run("৪২", a.Session)
	if len(a.Done) != 2 || !strings.Contains(a.Done[1], "Hands over") {
		t.Errorf("%+v", a)
	}
	delete(steps[0].(map[string]any)["text"].(map[string]string), "bn")
	if a = run("", map[string]any{}); len(a.Faults) != 1 || a.Faults[0].Text != "Step hello: The text in Bangla is missing." {
		t.Errorf("%+v", a.Faults)
	}
	if got := count(); got != before {
		t.Errorf("%d records became %d", before, got)
	}
	refused := s.owner.Must(400, "POST", "/api/collections/bot_flows/records", map[string]any{"name": "x", "active": true, "steps": steps})
	if !strings.Contains(string(refused.Body), "বাংলা লেখাটি নেই") {
		t.Error(string(refused.Body))
	}
	s.owner.Must(200, "POST", "/api/collections/bot_flows/records", map[string]any{"name": "x", "active": false, "steps": steps})
}

// What the owner's flow asks is kept; tags and priority follow.
func TestAFlowIsFollowed(t *testing.T) {
	s := open(t)
	tags, err := s.FindCollectionByNameOrId(schema.Tags)
	if err != nil {
		t.Fatal(err)
	}
	tag := core.NewRecord(tags)
	tag.Load(map[string]any{"name": "wholesale", "colour": "#006a4e"})
	if err := s.App.Save(tag); err != nil {
		t.Fatal(err)
	}
	first, err := s.FindRecordById(schema.BotFlows, "flow00000000001")
	if err != nil {
		t.Fatal(err)
	}
	both := func(text string) map[string]string {
		return map[string]string{"en": text, "bn": "বাংলা " + text}
	}
	first.Set("steps", []any{
		map[string]any{"id": "hello", "kind": "say", "text": both("Hi"), "buttons": []any{map[string]any{"text": both("Wholesale"), "next": "name"}}},
		map[string]any{"id": "name", "kind": "ask", "text": both("Your name?"), "save": "name", "next": "end"},
		map[string]any{"id": "end", "kind": "hand_over", "text": both("Karim comes."), "agent": s.agent.Id, "tag": tag.Id, "priority": 1},
	})
	if err := s.App.Save(first); err != nil {
		t.Fatal(err)
	}
	var config struct {
		Bot struct {
			Name          string
			Says, Choices []string
		}
	}
	(&hookstest.Client{TB: t, Base: s.base}).Must(200, "GET", "/api/chat/config?lang=bn", nil).JSON(t, &config)
	if !slices.Equal(config.Bot.Says, []string{"বাংলা Hi"}) || !slices.Equal(config.Bot.Choices, []string{"বাংলা Wholesale"}) || config.Bot.Name != "সহায়ক" {
		t.Errorf("%+v", config)
	}
	s.owner.Must(200, "POST", "/api/collections/bot_flows/records", map[string]any{"name": "Cart", "active": true, "page": "/cart*", "sort": 100, "steps": []any{map[string]any{"id": "cart", "kind": "say", "text": both("Help with the cart?")}}})
	for page, says := range map[string]string{"https://shop.test/cart/2": "Help with the cart?", "https://shop.test/": "Hi"} {
		(&hookstest.Client{TB: t, Base: s.base}).Must(200, "GET", "/api/chat/config?lang=en&page="+url.QueryEscape(page), nil).JSON(t, &config)
		if !slices.Equal(config.Bot.Says, []string{says}) {
			t.Errorf("on %s it says %q", page, config.Bot.Says)
		}
	}
	a, _ := s.ask("v", "Wholesale")
	s.hasAll(a, "Your name?")
	a, why := s.ask("v", "Rahim Uddin")
	s.hasAll(a, "Karim comes.")
	conv, _ := conversation.OfVisitor(s.App, "v")
	who, err := s.FindRecordById(schema.Contacts, conv.Contact())
	if err != nil {
		t.Fatal(err)
	}
	if why != "flow" || who.GetString(schema.ContactName) != "Rahim Uddin" || conv.GetString(schema.ConvAssignee) != s.agent.Id || conv.GetInt(schema.ConvPriority) != 1 || !slices.Contains(conv.GetStringSlice(schema.ConvTags), tag.Id) {
		t.Errorf("%s %v %v", why, who.GetString(schema.ContactName), conv.ProxyRecord())
	}
}

// With a language model the words are its, the source is ours; without its
// help the bot answers as ever, and the month's limit holds.
func TestALanguageModelWordsAnswers(t *testing.T) {
	reply, asked := "Send it back within a week [1].", 0
	llm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.Header.Get("Authorization") != "Bearer sk-secret" {
			w.WriteHeader(401)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "data: {\"choices\":[{\"delta\":{\"content\":%q}}]}\n\ndata: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"total_tokens\":50}}\n\ndata: [DONE]\n\n", reply)
	}))
	defer llm.Close()
	s := open(t)
	s.owner.Must(400, "PATCH", "/api/collections/language_model/records/model0000000001", map[string]any{"enabled": true, "url": "http://169.254.169.254/v1"})
	kept := s.owner.Must(200, "PATCH", "/api/collections/language_model/records/model0000000001", map[string]any{"enabled": true, "url": llm.URL + "/v1", "model": "m", "key": "sk-secret", "requests": 3})
	if strings.Contains(string(kept.Body), "sk-secret") || strings.Contains(string(kept.Body), "sealed") {
		t.Error(string(kept.Body))
	}
	a, _ := s.ask("a", "how can I return a product")
	s.hasAll(a, "Send it back within a week.\nhttps://help.shop.test/", "Did that help?")
	reply = "It is free of charge."
	a, _ = s.ask("b", "how can I return a product")
	s.hasAll(a, "within 7 days")
	if a, why := s.ask("c", "what is the capital of France"); why != "not_found" || asked != 2 {
		t.Errorf("%q %s, asked %d times", a.Text, why, asked)
	}
	s.ask("d", "how can I return a product")
	a, _ = s.ask("e", "how can I return a product") // the fourth of three
	s.hasAll(a, "within 7 days")
	if asked != 3 {
		t.Errorf("asked %d times", asked)
	}
	var use struct {
		Use struct{ Requests, Tokens int }
	}
	s.owner.Must(200, "GET", "/api/desk/bot", nil).JSON(t, &use)
	if use.Use.Requests != 3 || use.Use.Tokens != 150 {
		t.Errorf("%+v", use)
	}
	// The key is for the host it was typed for.
	s.owner.Must(200, "PATCH", "/api/collections/language_model/records/model0000000001", map[string]any{"url": llm.URL + "/v2", "requests": 0})
	a, _ = s.ask("f", "how can I return a product")
	s.hasAll(a, "within 7 days")
	for lang, why := range map[string]string{"en": "answered with status 401", "bn": "অবস্থা জানিয়েছে"} {
		if said := s.owner.Must(200, "POST", "/api/desk/bot/model/try?lang="+lang, nil); !strings.Contains(string(said.Body), why) {
			t.Error(string(said.Body))
		}
	}
}

func TestMailIsAnsweredByPeopleOnly(t *testing.T) {
	s := open(t)
	got, err := conversation.Receive(s.App, conversation.Incoming{
		Channel: schema.ChannelPortal, Account: "portal", Keys: []string{"p1"}, From: []conversation.Identity{{Kind: schema.KindEmail, Value: "a@mail.test"}}, Email: "a@mail.test", Text: "how can I return a product", Language: "en",
	})
	if err != nil {
		t.Fatal(err)
	}
	idle(t, s.App)
	if list := after(t, s.App, got.Conversation.Id, got.Message.Seq()); slices.ContainsFunc(list, func(m said) bool { return strings.Contains(m.Text, "7 days") }) {
		t.Errorf("%+v", list)
	}
	agent := &hookstest.Client{TB: t, Base: s.base, Token: s.App.Token(s.agent)}
	var shown struct {
		Suggestions []struct{ Title, Text string }
	}
	agent.Must(200, "GET", "/api/desk/conversations/"+got.Conversation.Id, nil).JSON(t, &shown)
	if len(shown.Suggestions) != 1 || !strings.Contains(shown.Suggestions[0].Text, "https://help.shop.test/") {
		t.Errorf("%+v", shown)
	}
}

// What the bot takes care of calls nobody: the desks are told so with the
// message, and that it handed over comes as a line of its own.
func TestDesksAreToldWhatTheBotTakesCareOf(t *testing.T) {
	s := open(t)
	stream := (&hookstest.Client{TB: t, Base: s.base, Token: s.App.Token(s.agent)}).Listen("topic=inbox")
	stream.Await("hello", "")
	attended := func(text string) bool {
		t.Helper()
		return strings.Contains(stream.Await("message", `"`+text+`"`).Data, `"attended":true`)
	}
	s.ask("ayesha", "How do I return a product?")
	if !attended("How do I return a product?") {
		t.Error("agents are called for what the bot answers")
	}
	s.ask("ayesha", "I want to talk to a person")
	if !attended("I want to talk to a person") {
		t.Error("agents are called twice for what is handed over")
	}
	stream.Await("message", `"handed_over"`)
	s.ask("ayesha", "Are you there?")
	if attended("Are you there?") {
		t.Error("nobody is called after the bot has handed over")
	}
}
