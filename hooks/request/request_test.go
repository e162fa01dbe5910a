package request_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/request"
	"github.com/shohay/shohay/hooks/schema"
)

const home = "https://shop.test"

type shop struct {
	*hookstest.App
	t    *testing.T
	base string
}

func open(t *testing.T) *shop {
	t.Helper()
	a := hookstest.New(t)
	a.Settings().Meta.AppURL = home
	s := &shop{App: a, t: t, base: a.Serve()}
	a.Shop(map[string]any{"name": "Rupali", "languages": []string{"en", "bn"}, "language": "en"})
	return s
}

// says is a question by the form.
func (s *shop) says(email, text string) conversation.Received {
	s.t.Helper()
	got, err := conversation.Receive(s.App, conversation.Incoming{
		Channel: schema.ChannelPortal, Account: schema.ChannelPortal, Keys: []string{text + email}, Text: text, Subject: text, Email: email, SenderAddress: email,
		From: []conversation.Identity{{Kind: schema.KindEmail, Value: email}}, Language: "en",
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return got
}

// reply is an answer or a note of an agent.
func (s *shop) reply(conv, kind, text, agent string) {
	s.t.Helper()
	if _, err := s.Rooms.Conversation.Reply(s.App, conversation.Draft{Conversation: conv, Kind: kind, Agent: agent, Text: text}); err != nil {
		s.t.Fatal(err)
	}
}

// browser is one without JavaScript.
type browser struct {
	t    *testing.T
	base string
	http http.Client
	head http.Header
}

func (s *shop) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	b := &browser{t: s.t, base: s.base, head: http.Header{}}
	b.http.Jar = jar
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return b
}

func (b *browser) do(method, path string, form url.Values) (*http.Response, string) {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequest(method, b.base+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for k, v := range b.head {
		req.Header[k] = v
	}
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res, string(raw)
}

func (b *browser) get(path string) (int, string) {
	res, body := b.do("GET", path, nil)
	return res.StatusCode, body
}

func field(body, name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return m[1]
}

// ask asks for a code and returns the page's flow.
func (b *browser) ask(email string) string {
	b.t.Helper()
	_, page := b.get("/requests?lang=en")
	res, body := b.do("POST", "/requests/code?lang=en", url.Values{"email": {email}, "form": {field(page, "form")}})
	if res.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("asking for a code answered %d: %s", res.StatusCode, body)
	}
	to, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		b.t.Fatal(err)
	}
	return to.Query().Get("f")
}

// crack finds the code of a flow, as nobody without the database can.
func (s *shop) crack(flow string) string {
	s.t.Helper()
	var want string
	sum := sha256.Sum256([]byte(flow))
	if err := s.DB().NewQuery(`SELECT code FROM sign_in_codes WHERE flow = {:f}`).Bind(dbx.Params{"f": hex.EncodeToString(sum[:])}).Row(&want); err != nil {
		s.t.Fatal(err)
	}
	for n := range 1_000_000 {
		code := fmt.Sprintf("%06d", n)
		if sum := sha256.Sum256([]byte(flow + ":" + code)); hex.EncodeToString(sum[:]) == want {
			return code
		}
	}
	s.t.Fatal("no code fits")
	return ""
}

// enter signs in by a code.
func (s *shop) enter(b *browser, email string, more ...string) {
	s.t.Helper()
	flow := b.ask(email)
	v := url.Values{"f": {flow}, "code": {s.crack(flow)}}
	if len(more) > 0 {
		v.Set("visitor", more[0])
	}
	if res, body := b.do("POST", "/requests/in?lang=en", v); res.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("the code answered %d: %.2000s", res.StatusCode, body)
	}
}

func (s *shop) link(conv *conversation.Conversation, address string, at time.Time) string {
	s.t.Helper()
	link, err := request.Link(s.App, s.Rooms.Settings.Keys(), conv, address, at)
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimPrefix(link, home)
}

func TestACustomerSeesAnswersRatesClosesAndReopens(t *testing.T) {
	s := open(t)
	agent := s.Agent("Rafi", schema.RoleAgent)
	got := s.says("rina@mail.test", "Where is my parcel?")
	s.reply(got.Conversation.Id, schema.MessageNote, "SECRET-NOTE", agent.Id)
	s.reply(got.Conversation.Id, schema.MessageOutgoing, "It comes <b>tomorrow</b>: https://track.test/1", agent.Id)
	b := s.browser()
	s.enter(b, "Rina@Mail.test")

	status, body := b.get("/requests?lang=en")
	if status != 200 || !strings.Contains(body, "We answered, waiting for you") || !strings.Contains(body, "New answer") || strings.Contains(body, "SECRET-NOTE") {
		t.Fatalf("%d %s", status, body)
	}
	path := fmt.Sprintf("/requests/%d?lang=en", got.Conversation.Number())
	_, body = b.get(path)
	for _, want := range []string{"Where is my parcel?", "It comes &lt;b&gt;tomorrow&lt;/b&gt;", `<a href="https://track.test/1"`, "Rafi"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	if strings.Contains(body, "SECRET-NOTE") || strings.Contains(body, "{{") || regexp.MustCompile(`>portal\.`).MatchString(body) {
		t.Error("a note, or a hole")
	}
	if _, list := b.get("/requests?lang=en"); strings.Contains(list, "New answer") {
		t.Error("what was read is still new")
	}

	answer := url.Values{"csrf": {field(body, "csrf")}, "form": {field(body, "form")}, "do": {"reply"}, "message": {"Thank you!\r\nBye"}}
	for range 2 { // a double press
		if res, again := b.do("POST", path, answer); res.StatusCode != http.StatusSeeOther {
			t.Fatal(res.StatusCode, again)
		}
	}
	m, err := s.FindRecordsByFilter(schema.Messages, "conversation={:c} && kind='incoming'", "seq", 0, 0, dbx.Params{"c": got.Conversation.Id})
	if err != nil || len(m) != 2 || m[1].GetString(schema.MsgText) != "Thank you!\nBye" || m[1].GetString(schema.MsgChannel) != schema.ChannelPortal || m[1].GetString(schema.MsgTrust) != "" {
		t.Fatalf("%d messages, %v", len(m), err)
	}
	if conv, _ := s.FindRecordById(schema.Conversations, got.Conversation.Id); conv.GetString(schema.ConvStatus) != schema.StatusOpen {
		t.Error("an answer of the customer leaves it", conv.GetString(schema.ConvStatus))
	}
	for _, step := range []struct{ do, status string }{{"close", schema.StatusSolved}, {"rate", schema.StatusSolved}, {"reopen", schema.StatusOpen}} {
		v := url.Values{"csrf": {field(body, "csrf")}, "do": {step.do}, "score": {"4"}, "comment": {"quick"}}
		if res, page := b.do("POST", path, v); res.StatusCode != http.StatusSeeOther {
			t.Fatal(step.do, res.StatusCode, page)
		}
		if conv, _ := s.FindRecordById(schema.Conversations, got.Conversation.Id); conv.GetString(schema.ConvStatus) != step.status || step.do == "rate" && conv.GetInt(schema.ConvRating) != 4 {
			t.Errorf("%s: %s, rating %d", step.do, conv.GetString(schema.ConvStatus), conv.GetInt(schema.ConvRating))
		}
	}
	if _, body = b.get(path); strings.Contains(body, "opened the request again") {
		t.Error("an event is shown")
	}
	v := url.Values{"csrf": {field(body, "csrf")}, "do": {"rate"}, "score": {"9"}}
	if res, _ := b.do("POST", path, v); res.StatusCode != http.StatusUnprocessableEntity {
		t.Error("nine stars were taken:", res.StatusCode)
	}
}

func TestStrangersSeeNothing(t *testing.T) {
	s := open(t)
	theirs := s.says("rina@mail.test", "Rina's secret question")
	mine := s.says("karim@mail.test", "Karim's own question")
	b := s.browser()
	status, _ := b.get(fmt.Sprintf("/requests/%d", theirs.Conversation.Number()))
	if status != http.StatusSeeOther {
		t.Error("signed out:", status)
	}
	s.enter(b, "karim@mail.test")
	_, none := b.get("/requests/999999?lang=en")
	for _, number := range []string{fmt.Sprint(theirs.Conversation.Number()), "0", "-1", "1e3", "x", theirs.Conversation.Id} {
		status, body := b.get("/requests/" + number + "?lang=en")
		if status != http.StatusNotFound || strings.Contains(body, "secret") || clean(body) != clean(none) {
			t.Errorf("%s: %d, and not the page of a number that does not exist", number, status)
		}
	}
	_, own := b.get(fmt.Sprintf("/requests/%d?lang=en", mine.Conversation.Number()))
	for _, do := range []string{"reply", "rate", "close"} {
		v := url.Values{"csrf": {field(own, "csrf")}, "form": {field(own, "form")}, "do": {do}, "message": {"hello"}, "score": {"1"}}
		if res, _ := b.do("POST", fmt.Sprintf("/requests/%d", theirs.Conversation.Number()), v); res.StatusCode != http.StatusNotFound {
			t.Error(do, res.StatusCode)
		}
	}
	if res, _ := b.do("GET", fmt.Sprintf("/api/stream?topic=request/%d", theirs.Conversation.Number()), nil); res.StatusCode != http.StatusNotFound {
		t.Error("the stream:", res.StatusCode)
	}
}

// clean is a page without what differs each time.
func clean(body string) string {
	return regexp.MustCompile(`(?:value|href)="[^"]*"`).ReplaceAllString(body, "")
}

func TestFormsFromElsewhereDoNothing(t *testing.T) {
	s := open(t)
	got := s.says("rina@mail.test", "Question")
	b := s.browser()
	s.enter(b, "rina@mail.test")
	path := fmt.Sprintf("/requests/%d?lang=en", got.Conversation.Number())
	_, page := b.get(path)
	good := url.Values{"csrf": {field(page, "csrf")}, "form": {field(page, "form")}, "do": {"close"}}
	for name, head := range map[string]http.Header{
		"another site":      {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.test"}},
		"a sister domain":   {"Sec-Fetch-Site": {"same-site"}, "Origin": {"https://blog.shop.test"}},
		"an older browser":  {"Origin": {"https://evil.test"}},
		"without an origin": {"Origin": {"null"}},
	} {
		b.head = head
		if res, _ := b.do("POST", path, good); res.StatusCode != http.StatusForbidden {
			t.Error(name, res.StatusCode)
		}
	}
	b.head = http.Header{}
	for _, token := range []string{"", "x", field(page, "csrf") + "x"} {
		if res, _ := b.do("POST", path, url.Values{"csrf": {token}, "do": {"close"}}); res.StatusCode != http.StatusForbidden {
			t.Errorf("token %q: %d", token, res.StatusCode)
		}
	}
	if conv, _ := s.FindRecordById(schema.Conversations, got.Conversation.Id); conv.GetString(schema.ConvStatus) != schema.StatusOpen {
		t.Error("it was closed")
	}
	// The address that a proxy serves us under is our own.
	b.head = http.Header{"Origin": {home}}
	if res, _ := b.do("POST", path, good); res.StatusCode != http.StatusSeeOther {
		t.Error("our own address:", res.StatusCode)
	}
	res, _ := b.do("GET", "/requests", nil)
	if c := res.Header.Get("Cache-Control"); c != "private, no-store" {
		t.Error("Cache-Control", c)
	}
}

func TestTheCookieIsForTheServerAlone(t *testing.T) {
	s := open(t)
	s.says("rina@mail.test", "Question")
	b := s.browser()
	flow := b.ask("rina@mail.test")
	b.head = http.Header{"X-Forwarded-Proto": {"https"}}
	res, _ := b.do("POST", "/requests/in", url.Values{"f": {flow}, "code": {s.crack(flow)}})
	c := res.Cookies()
	if len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode || !c[0].Secure {
		t.Errorf("%+v", c)
	}
	var n int
	if err := s.DB().NewQuery(`SELECT COUNT(*) FROM sign_ins WHERE secret = {:s}`).Bind(dbx.Params{"s": c[0].Value}).Row(&n); err != nil || n != 0 {
		t.Error("the database holds what the browser keeps")
	}
}

func TestACodeWorksOnceAndFewTimes(t *testing.T) {
	s := open(t)
	s.says("rina@mail.test", "Question")
	try := func(flow, code string) int {
		res, _ := s.browser().do("POST", "/requests/in", url.Values{"f": {flow}, "code": {code}})
		return res.StatusCode
	}
	flow := s.browser().ask("rina@mail.test")
	code := s.crack(flow)
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	if try(flow, strings.Map(func(r rune) rune { return r - '0' + '০' }, code)) != http.StatusSeeOther {
		t.Fatal("a right code in Bangla digits is refused")
	}
	if try(flow, code) != http.StatusUnprocessableEntity {
		t.Error("a code worked twice")
	}
	flow = s.browser().ask("rina@mail.test")
	code = s.crack(flow)
	for range 5 {
		if try(flow, wrong) != http.StatusUnprocessableEntity {
			t.Fatal("a wrong code is taken")
		}
	}
	if try(flow, code) != http.StatusUnprocessableEntity {
		t.Error("the right code after five wrong ones")
	}
	other := s.browser().ask("rina@mail.test")
	if try("nonsense", s.crack(other)) != http.StatusUnprocessableEntity {
		t.Error("a code of another page")
	}
	if _, err := s.NonconcurrentDB().NewQuery(`UPDATE sign_in_codes SET expires = '2020-01-01 00:00:00.000Z'`).Execute(); err != nil {
		t.Fatal(err)
	}
	if try(other, s.crack(other)) != http.StatusUnprocessableEntity {
		t.Error("an old code")
	}
	// A fourth code for one address has to wait, whether it is known or not.
	_, page := s.browser().get("/requests")
	if res, _ := s.browser().do("POST", "/requests/code", url.Values{"email": {"rina@mail.test"}, "form": {field(page, "form")}}); res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
		t.Error("a fourth code at once:", res.StatusCode)
	}
}

func TestNobodyLearnsWhetherAnAddressIsKnown(t *testing.T) {
	s := open(t)
	s.says("rina@mail.test", "Question")
	blocked := s.says("rude@mail.test", "Question")
	who, err := s.FindRecordById(schema.Contacts, blocked.Conversation.Contact())
	if err != nil {
		t.Fatal(err)
	}
	who.Set(schema.ContactBlocked, true)
	if err := s.Save(who); err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{}
	for _, address := range []string{"rina@mail.test", "nobody@mail.test", "rude@mail.test"} {
		b := s.browser()
		flow := b.ask(address)
		_, page := b.get("/requests/code?lang=en&f=" + flow)
		pages[address] = strings.ReplaceAll(page, flow, "")
		if address != "rina@mail.test" { // even the right code, which nobody got, opens nothing
			_, wrong := b.do("POST", "/requests/in?lang=en", url.Values{"f": {flow}, "code": {s.crack(flow)}})
			pages[address+" in"] = strings.ReplaceAll(wrong, flow, "")
		}
		for range 2 {
			b.ask(address)
		}
		_, door := b.get("/requests")
		res, _ := b.do("POST", "/requests/code?lang=en", url.Values{"email": {address}, "form": {field(door, "form")}})
		pages[address+" often"] = fmt.Sprint(res.StatusCode)
	}
	for _, what := range []string{"", " in", " often"} {
		if pages["nobody@mail.test"+what] != pages["rude@mail.test"+what] || what != " in" && pages["nobody@mail.test"+what] != pages["rina@mail.test"+what] {
			t.Errorf("the pages%s differ", what)
		}
	}
	if !strings.Contains(pages["rude@mail.test in"], "wrong or no longer works") {
		t.Error("a blocked customer came in")
	}
}

func TestALinkOpensOneConversation(t *testing.T) {
	s := open(t)
	one, two := s.says("rina@mail.test", "The first question"), s.says("rina@mail.test", "The second question")
	other := s.says("karim@mail.test", "Karim's question")
	link := s.link(one.Conversation, "rina@mail.test", time.Now())
	if link == "" || s.link(one.Conversation, "karim@mail.test", time.Now()) != "" || s.link(one.Conversation, "nobody@mail.test", time.Now()) != "" {
		t.Fatal("links are given to the wrong people")
	}
	b := s.browser()
	for range 3 { // link scanners fetch it, and follow what it says
		res, body := b.do("GET", link, nil)
		if res.StatusCode != 200 || len(res.Cookies()) > 0 || strings.Contains(body, "first question") || strings.Contains(body, "rina@") {
			t.Fatal("fetching a link did something", res.StatusCode)
		}
	}
	if n, _ := s.CountRecords(schema.SignIns); n != 0 {
		t.Fatal("fetching a link signed somebody in")
	}
	// It speaks the language of whom it was sent to, whatever the device does.
	who, err := s.FindRecordById(schema.Contacts, one.Conversation.Contact())
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"bn", "en"} {
		who.Set(schema.ContactLanguage, lang)
		if err := s.Save(who); err != nil {
			t.Fatal(err)
		}
		if _, page := b.get(link); !strings.Contains(page, `<html lang="`+lang+`"`) {
			t.Errorf("the link speaks another language than %s", lang)
		}
		if _, page := b.get(link + "?lang=bn"); !strings.Contains(page, `<html lang="bn"`) {
			t.Error("the language that was chosen is forgotten")
		}
	}
	if res, _ := b.do("POST", link, url.Values{}); res.StatusCode != http.StatusSeeOther || !strings.Contains(res.Header.Get("Location"), "lang=en") {
		t.Fatal(res.StatusCode, res.Header.Get("Location"))
	}
	if status, body := b.get(fmt.Sprintf("/requests/%d", one.Conversation.Number())); status != 200 || !strings.Contains(body, "The first question") {
		t.Error(status)
	}
	for _, n := range []int64{two.Conversation.Number(), other.Conversation.Number()} {
		if status, _ := b.get(fmt.Sprintf("/requests/%d", n)); status != http.StatusNotFound {
			t.Errorf("the link opens #%d too", n)
		}
	}
	if _, list := b.get("/requests"); strings.Contains(list, "second question") {
		t.Error("the list shows more than the link opened")
	}
	for _, path := range []string{"/requests/export", "/requests/account"} {
		if status, _ := b.get(path); status != http.StatusSeeOther {
			t.Error(path, status)
		}
	}
	_, page := b.get(fmt.Sprintf("/requests/%d", one.Conversation.Number()))
	if res, _ := b.do("POST", "/requests/erase", url.Values{"csrf": {field(page, "csrf")}, "sure": {"1"}}); res.StatusCode != http.StatusForbidden {
		t.Error("a link erases:", res.StatusCode)
	}

	// Tokens that were changed, are old or were called back open nothing.
	parts := strings.Split(strings.TrimPrefix(link, "/requests/l/"), ".")
	bad := map[string]string{
		"another conversation": strings.Replace(link, parts[0], two.Conversation.Id, 1), "a later end": strings.Replace(link, parts[2], parts[2]+"0", 1),
		"half": link[:len(link)-5], "old": s.link(one.Conversation, "rina@mail.test", time.Now().Add(-31*24*time.Hour)), "nonsense": "/requests/l/x",
	}
	full := s.browser()
	s.enter(full, "rina@mail.test")
	_, account := full.get("/requests/account")
	if res, _ := full.do("POST", "/requests/out", url.Values{"csrf": {field(account, "csrf")}, "everywhere": {"1"}}); res.StatusCode != http.StatusSeeOther {
		t.Fatal(res.StatusCode)
	}
	bad["called back"] = link
	for name, l := range bad {
		for _, method := range []string{"GET", "POST"} {
			if res, _ := s.browser().do(method, l, nil); res.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %s answered %d", name, method, res.StatusCode)
			}
		}
	}
	for _, b := range []*browser{b, full} {
		if status, _ := b.get(fmt.Sprintf("/requests/%d", one.Conversation.Number())); status != http.StatusSeeOther {
			t.Error("a session outlived signing out everywhere")
		}
	}
}

func TestALinkAfterMerges(t *testing.T) {
	s := open(t)
	agent := s.Agent("Rafi", schema.RoleAgent)
	one, two := s.says("rina@mail.test", "The first question"), s.says("rina@mail.test", "The second question")
	foreign := s.says("karim@mail.test", "Karim's secret question")
	link, hers := s.link(one.Conversation, "rina@mail.test", time.Now()), s.link(two.Conversation, "rina@mail.test", time.Now())
	his := s.link(foreign.Conversation, "karim@mail.test", time.Now())
	if _, err := conversation.Merge(s.App, two.Conversation.Id, one.Conversation.Id, agent.Id); err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	res, _ := b.do("POST", link, url.Values{})
	if want := fmt.Sprintf("/requests/%d?", two.Conversation.Number()); res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), want) {
		t.Error("the link does not follow a merge:", res.StatusCode, res.Header.Get("Location"))
	}
	// Karim's conversation goes into Rina's: neither reads the other.
	if _, err := conversation.Merge(s.App, two.Conversation.Id, foreign.Conversation.Id, agent.Id); err != nil {
		t.Fatal(err)
	}
	if res, _ := s.browser().do("POST", his, url.Values{}); res.StatusCode != http.StatusNotFound {
		t.Error("his link opens her conversation:", res.StatusCode)
	}
	b = s.browser()
	if res, _ := b.do("POST", hers, url.Values{}); res.StatusCode != http.StatusSeeOther {
		t.Fatal(res.StatusCode)
	}
	_, page := b.get(fmt.Sprintf("/requests/%d", two.Conversation.Number()))
	if !strings.Contains(page, "The second question") || strings.Contains(page, "secret") {
		t.Error("she reads what he wrote, or nothing")
	}
	if res, _ := b.do("GET", fmt.Sprintf("/api/stream?topic=request/%d", two.Conversation.Number()), nil); res.StatusCode != http.StatusNotFound {
		t.Error("the stream would tell her:", res.StatusCode)
	}
	karim := s.browser()
	s.enter(karim, "karim@mail.test")
	if status, _ := karim.get(fmt.Sprintf("/requests/%d", two.Conversation.Number())); status != http.StatusNotFound {
		t.Error("he reads hers:", status)
	}
}

func TestBlockingEndsASession(t *testing.T) {
	s := open(t)
	got := s.says("rina@mail.test", "Question")
	b := s.browser()
	s.enter(b, "rina@mail.test")
	link := s.link(got.Conversation, "rina@mail.test", time.Now())
	who, err := s.FindRecordById(schema.Contacts, got.Conversation.Contact())
	if err != nil {
		t.Fatal(err)
	}
	who.Set(schema.ContactBlocked, true)
	if err := s.Save(who); err != nil {
		t.Fatal(err)
	}
	if status, _ := b.get(fmt.Sprintf("/requests/%d", got.Conversation.Number())); status != http.StatusSeeOther {
		t.Error("a blocked customer reads on:", status)
	}
	if res, _ := s.browser().do("POST", link, url.Values{}); res.StatusCode != http.StatusNotFound {
		t.Error("by the link:", res.StatusCode)
	}
}

// Somebody mistyped their address in a chat. Its holder proves it and must not
// read what the other has to do with us.
func TestAMistypedAddressOpensOnlyWhatWentToIt(t *testing.T) {
	s := open(t)
	private := s.says("rina@mail.test", "Rina's private question")
	typo, err := conversation.Receive(s.App, conversation.Incoming{
		Channel: schema.ChannelPortal, Account: schema.ChannelPortal, Keys: []string{"typo"}, Text: "To the wrong address", Email: "rima@mail.test", Language: "en",
		From: []conversation.Identity{{Kind: schema.KindEmail, Value: "rina@mail.test"}, {Kind: schema.KindEmail, Value: "rima@mail.test"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	s.enter(b, "rima@mail.test")
	_, list := b.get("/requests?lang=en")
	if strings.Contains(list, "private") || !strings.Contains(list, "To the wrong address") {
		t.Error("the wrong requests are listed")
	}
	if status, _ := b.get(fmt.Sprintf("/requests/%d", private.Conversation.Number())); status != http.StatusNotFound {
		t.Error(status)
	}
	_, page := b.get(fmt.Sprintf("/requests/%d", typo.Conversation.Number()))
	v := url.Values{"csrf": {field(page, "csrf")}, "form": {field(page, "form")}, "do": {"reply"}, "message": {"You have the wrong address"}}
	if res, _ := b.do("POST", fmt.Sprintf("/requests/%d", typo.Conversation.Number()), v); res.StatusCode != http.StatusSeeOther {
		t.Fatal(res.StatusCode)
	}
	if status, _ := b.get(fmt.Sprintf("/requests/%d", private.Conversation.Number())); status != http.StatusNotFound {
		t.Error("answering opened the rest:", status)
	}
	if status, _ := b.get("/requests/export"); status != http.StatusForbidden {
		t.Error("the export:", status)
	}
}

func TestAGuestOfTheChatJoinsTheCustomer(t *testing.T) {
	s := open(t)
	mail := s.says("rina@mail.test", "By mail")
	guest := &hookstest.Client{TB: t, Base: s.base}
	var started struct{ Token string }
	guest.Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(t, &started)
	guest.Token = started.Token
	guest.Must(200, "POST", "/api/chat/messages", map[string]any{"client_id": "client-id-1", "text": "From the chat"})
	b := s.browser()
	s.enter(b, "rina@mail.test", started.Token)
	if _, list := b.get("/requests?lang=en"); !strings.Contains(list, "By mail") || !strings.Contains(list, "From the chat") {
		t.Error("the list has not both")
	}
	if body := guest.Must(200, "GET", "/api/chat/messages", nil).Body; !bytes.Contains(body, []byte("From the chat")) || bytes.Contains(body, []byte("By mail")) {
		t.Errorf("the chat shows %s", body)
	}
	v, err := contact.View(s.App, mail.Conversation.Contact())
	if err != nil || len(v.Identities) != 2 {
		t.Errorf("%+v %v", v.Identities, err)
	}
	// A forged token, and one of somebody the shop's own site knows, bring nobody along.
	for _, token := range []string{"v1.x.y", started.Token + "x"} {
		other := s.browser()
		s.says("karim@mail.test", "Question of Karim "+token)
		s.enter(other, "karim@mail.test", token)
		if _, list := other.get("/requests"); strings.Contains(list, "From the chat") {
			t.Error("a chat changed hands")
		}
	}
}

func TestAnArchiveHoldsEverythingAndNoNote(t *testing.T) {
	s := open(t)
	agent := s.Agent("Rafi", schema.RoleAgent)
	got := s.says("rina@mail.test", "Question <script>")
	s.reply(got.Conversation.Id, schema.MessageNote, "SECRET-NOTE", agent.Id)
	s.reply(got.Conversation.Id, schema.MessageOutgoing, "Answer", agent.Id)
	_, err := conversation.Receive(s.App, conversation.Incoming{
		Channel: schema.ChannelPortal, Account: schema.ChannelPortal, Keys: []string{"file"}, Text: "A picture", From: []conversation.Identity{{Kind: schema.KindEmail, Value: "rina@mail.test"}},
		Files: []conversation.File{{Name: "bill ৭.txt", Size: 4, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("paid")), nil }}},
	})
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	s.enter(b, "rina@mail.test")
	res, body := b.do("GET", "/requests/export?lang=en", nil)
	if res.Header.Get("Content-Type") != "application/zip" {
		t.Fatal(res.StatusCode, body)
	}
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range z.File {
		if f.Modified.Year() < 2000 {
			t.Errorf("%s is from %s", f.Name, f.Modified)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(raw)
		if strings.Contains(string(raw), "SECRET-NOTE") {
			t.Error(f.Name, "holds a note")
		}
		if strings.HasPrefix(f.Name, "files/") && string(raw) != "paid" {
			t.Errorf("%s holds %q", f.Name, raw)
		}
	}
	if len(all) != 3 || !strings.Contains(all["data.json"], "rina@mail.test") || !strings.Contains(all["index.html"], "Question &lt;script&gt;") || !strings.Contains(all["index.html"], "Answer") {
		t.Errorf("%v", all)
	}
}

// What a customer agreed to they see, take back and have in their archive; who
// only has a link does not.
func TestWhatWasAgreedToIsTakenBackOnThePage(t *testing.T) {
	s := open(t)
	got := s.says("nusrat@customer.test", "hello")
	r, err := s.FindRecordById(schema.Contacts, got.Conversation.GetString(schema.ConvContact))
	if err != nil {
		t.Fatal(err)
	}
	contact.AddConsents(r, contact.Consent{What: "newsletter", Given: true, At: "2026-01-02T10:00:00Z", Source: "desk", By: "rafi", Channel: "phone", Words: "Our letter, once a month?"},
		contact.Consent{What: "calls", Given: false, At: "2026-01-02T10:00:00Z"})
	if err := s.Save(r); err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	s.enter(b, "nusrat@customer.test")
	_, page := b.get("/requests/account?lang=en")
	if !strings.Contains(page, "Newsletter") || !strings.Contains(page, "Our letter, once a month?") || strings.Contains(page, `value="calls"`) {
		t.Errorf("the page: %s", clean(page))
	}
	if res, _ := b.do("POST", "/requests/consents", url.Values{"csrf": {"forged"}, "what": {"newsletter"}}); res.StatusCode != http.StatusForbidden {
		t.Errorf("a forged form: %d", res.StatusCode)
	}
	csrf := field(page, "csrf")
	if res, _ := b.do("POST", "/requests/consents", url.Values{"csrf": {csrf}, "what": {"my soul"}}); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("nonsense: %d", res.StatusCode)
	}
	for range 2 {
		if res, _ := b.do("POST", "/requests/consents?lang=en", url.Values{"csrf": {csrf}, "what": {"newsletter"}}); res.StatusCode != http.StatusSeeOther {
			t.Errorf("taking it back: %d", res.StatusCode)
		}
	}
	now, err := s.FindRecordById(schema.Contacts, r.Id)
	if err != nil {
		t.Fatal(err)
	}
	list := contact.Consents(now)
	if last := list[len(list)-1]; len(list) != 3 || last.Given || last.What != "newsletter" || last.Source != "portal" || last.Channel != "portal" || last.By != "" || last.At == "" {
		t.Errorf("noted: %+v", list)
	}
	if _, page = b.get("/requests/account?lang=en"); strings.Contains(page, "/requests/consents") {
		t.Error("what was taken back is still offered")
	}
	res, body := b.do("GET", "/requests/export", nil)
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %v", res.StatusCode, err)
	}
	found := false
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		found = found || strings.Contains(string(raw), "once a month?") && strings.Contains(string(raw), `"source": "portal"`)
	}
	if !found {
		t.Error("the archive does not hold it")
	}
}

func TestErasing(t *testing.T) {
	s := open(t)
	got := s.says("rina@mail.test", "Question")
	kept := s.says("karim@mail.test", "Another")
	b := s.browser()
	s.enter(b, "rina@mail.test")
	_, page := b.get("/requests/account?lang=en")
	v := url.Values{"csrf": {field(page, "csrf")}}
	if res, _ := b.do("POST", "/requests/erase?lang=en", v); res.StatusCode != http.StatusSeeOther || !strings.Contains(res.Header.Get("Location"), "erase=sure") {
		t.Fatal("it is not asked once", res.StatusCode)
	}
	v.Set("sure", "1")
	for range 2 {
		if res, body := b.do("POST", "/requests/erase?lang=en", v); res.StatusCode != http.StatusSeeOther {
			t.Fatal(res.StatusCode, body)
		}
	}
	wishes, err := s.FindRecordsByFilter(schema.Conversations, "subject = 'Please erase my data'", "", 0, 0)
	if err != nil || len(wishes) != 1 {
		t.Fatalf("%d wishes, %v", len(wishes), err)
	}
	s.Shop(map[string]any{schema.ShopEraseSelf: schema.EraseAtOnce})
	if res, body := b.do("POST", "/requests/erase?lang=en", v); res.StatusCode != 200 || !strings.Contains(body, "You have been erased") {
		t.Fatal(res.StatusCode, body)
	}
	for _, c := range []string{schema.Contacts, schema.Conversations, schema.Identities} {
		if n, _ := s.CountRecords(c); n != 1 {
			t.Errorf("%d %s are left instead of Karim's one", n, c)
		}
	}
	if _, err := s.FindRecordById(schema.Conversations, got.Conversation.Id); err == nil {
		t.Error("the conversation is there")
	}
	if _, err := s.FindRecordById(schema.Conversations, kept.Conversation.Id); err != nil {
		t.Error("somebody else's is gone")
	}
	if status, _ := b.get("/requests/account"); status != http.StatusSeeOther {
		t.Error("the session lives on:", status)
	}
}

// A name cannot break out of the page, of a header or of the archive's name.
func TestNamesAreOnlyNames(t *testing.T) {
	s := open(t)
	got := s.says("rina@mail.test", "Question")
	who, err := s.FindRecordById(schema.Contacts, got.Conversation.Contact())
	if err != nil {
		t.Fatal(err)
	}
	who.Set(schema.ContactName, "Rina\r\nBcc: all@mail.test\"><script>alert(1)</script>")
	who.Set(schema.ContactCustomerNo, "C-1\"\r\nX: y")
	if err := s.App.SaveNoValidate(who); err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	s.enter(b, "rina@mail.test")
	for _, path := range []string{"/requests", "/requests/account", fmt.Sprintf("/requests/%d", got.Conversation.Number())} {
		if _, body := b.get(path); strings.Contains(body, "<script>alert") {
			t.Error(path, "runs a name")
		}
	}
	res, _ := b.do("GET", "/requests/export", nil)
	if res.StatusCode != 200 || res.Header.Get("X") != "" || strings.ContainsAny(res.Header.Get("Content-Disposition"), "\r\n") {
		t.Error(res.StatusCode, res.Header)
	}
	_, door := s.browser().get("/requests")
	for _, email := range []string{"a@b.test\r\nBcc: c@d.test", "Rina <rina@mail.test>", "a@b.test, c@d.test", "x"} {
		if res, _ := s.browser().do("POST", "/requests/code", url.Values{"email": {email}, "form": {field(door, "form")}}); res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", email, res.StatusCode)
		}
	}
}

func TestASessionHearsWhatIsSaid(t *testing.T) {
	s := open(t)
	agent := s.Agent("Rafi", schema.RoleAgent)
	got := s.says("rina@mail.test", "Question")
	b := s.browser()
	s.enter(b, "rina@mail.test")
	u, _ := url.Parse(s.base)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", fmt.Sprintf("%s/api/stream?topic=request/%d", s.base, got.Conversation.Number()), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range b.http.Jar.Cookies(u) {
		req.AddCookie(c)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != 200 {
		t.Fatal(err, res)
	}
	defer res.Body.Close()
	s.reply(got.Conversation.Id, schema.MessageNote, "SECRET-NOTE", agent.Id)
	s.reply(got.Conversation.Id, schema.MessageOutgoing, "Said live", agent.Id)
	var heard bytes.Buffer
	buf := make([]byte, 4096)
	for !strings.Contains(heard.String(), "Said live") {
		n, err := res.Body.Read(buf)
		heard.Write(buf[:n])
		if err != nil {
			t.Fatalf("%v; heard %s", err, heard.String())
		}
	}
	if strings.Contains(heard.String(), "SECRET-NOTE") {
		t.Error("a note was heard")
	}
}
