package e2e

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/shohay/shohay/hooks/demo"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// sampleShop is the running demo with its mail server.
type sampleShop struct {
	*program
	smtp, imap string
}

// openSampleShop starts the demo and waits until it has said where its mail
// server is.
func openSampleShop(tb testing.TB) *sampleShop {
	tb.Helper()
	s := &sampleShop{program: newProgram(tb, tb.TempDir())}
	s.verb = "demo"
	s.start()
	s.await()
	hookstest.Until(tb, "the demo's text", patience, func() bool {
		m := regexp.MustCompile(`SMTP (\S+), IMAP (\S+)\.\)`).FindStringSubmatch(s.log.String())
		if m != nil {
			s.smtp, s.imap = m[1], m[2]
		}
		return m != nil
	})
	return s
}

// mails are a customer's mails, their lines put together again.
func (s *sampleShop) mails(who string) []string {
	s.tb.Helper()
	mails := readMailbox(s.tb, s.imap, who)
	for i, m := range mails {
		mails[i] = strings.NewReplacer("=\r\n", "", "=3D", "=").Replace(m)
	}
	return mails
}

// mailed waits for a mail to a customer that the pattern finds something in.
func (s *sampleShop) mailed(who, what, pattern string, within time.Duration) (found string) {
	s.tb.Helper()
	hookstest.Until(s.tb, what, within, func() bool {
		for _, m := range s.mails(who) {
			if f := regexp.MustCompile(pattern).FindStringSubmatch(m); f != nil {
				found = f[1]
			}
		}
		return found != ""
	})
	return found
}

// superuser is a client of the owner of the admin UI.
func (s *sampleShop) superuser() *hookstest.Client {
	s.tb.Helper()
	var in struct{ Token string }
	s.client("").Must(200, "POST", "/api/collections/_superusers/auth-with-password", map[string]any{"identity": demo.OwnerEmail, "password": demo.Password}).JSON(s.tb, &in)
	return s.client(in.Token)
}

// list are the records of a collection that a filter finds, the oldest first.
func list[T any](c *hookstest.Client, collection, filter, sort string) []T {
	c.TB.Helper()
	var page struct{ Items []T }
	c.Must(200, "GET", "/api/collections/"+collection+"/records?"+url.Values{"perPage": {"200"}, "filter": {filter}, "sort": {sort}}.Encode(), nil).JSON(c.TB, &page)
	return page.Items
}

// A customer looks something up at night and does not find it, asks the bot,
// which does not know either, leaves an address and goes. The answer of a
// person reaches them by mail; by the link in it they read everything, answer,
// and rate. It is one conversation all the way.
func TestTheJourneyOfACustomer(t *testing.T) {
	t.Parallel()
	shop := openSampleShop(t)
	su := shop.superuser()
	for _, r := range list[struct{ ID string }](su, schema.Shop, "", "") {
		su.Must(200, "PATCH", "/api/collections/"+schema.Shop+"/records/"+r.ID, map[string]any{schema.ShopHandoverMinutes: 1})
	}
	day := func(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }
	su.Must(200, "POST", "/api/collections/"+schema.Holidays+"/records", map[string]any{"name": "Stock-taking", schema.HolidayFirst: day(-1), schema.HolidayLast: day(2)})

	const (
		who       = "moushumi@customer.example"
		question  = "Do you sharpen kitchen knives?"
		answer    = "We do not sharpen, but our neighbour does."
		more      = "Could you give me their number?"
		again     = "It is on its way to you."
		searching = "sharpen knives"
	)
	browser := chromium(t)
	customer := window(t, browser, shop.Base+"/help/en/", chromedp.WithNewBrowserContext())
	customer.js(`document.querySelector("form.find input[name=q]").value = %q`, nil, searching)
	customer.js(`document.querySelector("form.find").requestSubmit()`, nil)
	customer.until("the page that says that nothing was found", `location.pathname === "/help/search" && document.querySelector("main .nothing")`)
	if missed := list[struct{ ID string }](su, schema.SearchMisses, fmt.Sprintf("text ~ %q", searching), ""); len(missed) != 1 {
		t.Errorf("what was not found is kept %d times", len(missed))
	}

	// The chat, from the button under what was not found.
	customer.js(`document.querySelector("main [data-chat]").click()`, nil)
	customer.until("the chat", `window.Shohay`)
	customer.widget()
	customer.say(question)
	customer.hears("did not find")
	customer.hears("Which e-mail address")
	customer.say(who)
	customer.hears("also goes to " + who)
	customer.goTo("about:blank")

	// Somebody comes in and answers somebody who has left.
	agent := desk(t, browser, shop.Base, demo.OwnerEmail, demo.Password, chromedp.WithNewBrowserContext())
	agent.opens(who) // the row shows the newest words
	agent.sees(question)
	agent.sees("did not find")
	agent.until("the line that says why it was handed over", `document.querySelector("[role=log]").textContent.match(/handed over|হাতে দিয়েছে/)`)
	agent.answers(answer, false)
	link := shop.mailed(who, "the answer's mail", regexp.QuoteMeta(answer)+`[\s\S]*?(/requests/l/[A-Za-z0-9._-]+)`, 3*time.Minute)

	// The link opens nothing until a button is pressed.
	customer.goTo(shop.Base + link)
	customer.until("the button", `document.querySelector("form[action^='/requests/l/']")`)
	var shown string
	customer.js(`document.body.innerText`, &shown)
	if strings.Contains(shown, "sharpen") {
		t.Errorf("the link shows the conversation before it was opened:\n%s", shown)
	}
	customer.js(`document.querySelector("form[action^='/requests/l/'] button").click()`, nil)
	customer.until("the conversation", `document.querySelector("#talk")?.textContent.includes(%q)`, answer)
	customer.js(`document.querySelector("#message").value = %q`, nil, more)
	customer.js(`document.querySelector("form.answer").requestSubmit()`, nil)
	customer.until("what they wrote", `location.search.includes("did=sent") && document.querySelector("#talk")?.textContent.includes(%q)`, more)
	agent.sees(more)
	agent.answers(again, false)
	customer.until("the answer, by itself", `document.querySelector("#talk").textContent.includes(%q)`, again)

	customer.until("the stars, by themselves", `document.querySelector(".stars")`)
	customer.js(`document.querySelector(".stars input[value='4']").checked = true; document.querySelector(".stars").requestSubmit()`, nil)
	customer.until("the rating", `location.search.includes("did=rated") && document.querySelector(".stars input[value='4']")?.checked`)
	customer.clicks("button[name=do][value=close]")
	customer.until("the request to be closed", `location.search.includes("did=closed") && document.querySelector("button[name=do][value=reopen]")`)
	agent.until("the rating at the desk", `document.body.textContent.includes("★★★★")`)

	// Once each and in order, on their page and in the database; and one
	// conversation.
	said := []string{question, "did not find", "also goes to", answer, more, again}
	var text string
	customer.js(`document.querySelector("#talk .log").textContent`, &text)
	once(t, "the customer's page", text, said)

	type conversation struct {
		ID, Status, Email string
		Rating            int
	}
	convs := list[conversation](su, schema.Conversations, fmt.Sprintf("%s = %q", schema.ConvEmail, who), "")
	if len(convs) != 1 {
		t.Fatalf("the journey made %d conversations", len(convs))
	}
	if c := convs[0]; c.Rating != 4 || c.Status != schema.StatusSolved {
		t.Errorf("the conversation is %s with %d stars", c.Status, c.Rating)
	}
	var words []string
	for _, m := range list[struct{ Kind, Text string }](su, schema.Messages, fmt.Sprintf("%s = %q", schema.MsgConversation, convs[0].ID), schema.MsgSeq) {
		if m.Kind != schema.MessageEvent {
			words = append(words, m.Text)
		}
	}
	once(t, "the database", strings.Join(words, "\n"), said)
	if len(words) != 7 { // the six above and the address
		t.Errorf("%d messages instead of 7:\n%s", len(words), strings.Join(words, "\n--\n"))
	}
	mails := 0
	for _, m := range shop.mails(who) {
		if strings.Contains(m, answer) && !strings.Contains(m, again) {
			mails++
		}
	}
	if mails != 1 {
		t.Errorf("the answer went out in %d mails", mails)
	}
}

// once fails unless each of the words stands in a text once, in this order.
func once(tb testing.TB, where, text string, words []string) {
	tb.Helper()
	from := 0
	for _, w := range words {
		if n := strings.Count(text, w); n != 1 {
			tb.Errorf("%s: %q stands there %d times:\n%s", where, w, n, text)
			continue
		}
		at := strings.Index(text, w)
		if at < from {
			tb.Errorf("%s: %q stands too early:\n%s", where, w, text)
		}
		from = at
	}
}

// unscripted is a window in which no script of a page runs.
func unscripted(tb testing.TB, browser context.Context) *page {
	tb.Helper()
	p := window(tb, browser, "about:blank", chromedp.WithNewBrowserContext())
	_, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
	if err != nil {
		tb.Fatal("switch scripts off: ", err)
	}
	return p
}

// visits opens an address as a link does.
func (p *page) visits(url string) {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Navigate(url)); err != nil {
		p.tb.Fatalf("open %s: %v", url, err)
	}
}

// fills puts words into a field.
func (p *page) fills(field, words string) {
	p.tb.Helper()
	p.until("the field "+field, `document.querySelector(%q)`, field)
	p.js(`document.querySelector(%q).value = %q`, nil, field, words)
}

// clicks clicks on the first thing of a page that a selector finds.
func (p *page) clicks(thing string) {
	p.tb.Helper()
	p.until("something to click: "+thing, `document.querySelector(%q)`, thing)
	p.js(`document.querySelector(%q).click()`, nil, thing)
}

// Everything that a customer needs works in a browser that runs no script.
func TestACustomerWithoutJavaScript(t *testing.T) {
	t.Parallel()
	shop := openSampleShop(t)
	browser := chromium(t)
	const who = "noor@customer.example"
	p := unscripted(t, browser)

	// Reads an article.
	p.visits(shop.Base + "/help/en/")
	p.clicks(".cats li a")
	p.until("an article", `document.querySelector("article h1") && document.querySelector("article").innerText.length > 200`)
	var ran bool
	p.js(`!!document.querySelector("[role=combobox]") || [...document.querySelectorAll("[data-chat]")].some((b) => !b.hidden)`, &ran)
	if ran {
		t.Fatal("a script ran")
	}

	// Says that it helped, without leaving anything out.
	p.clicks("#helpful button[value=yes]")
	p.until("the thanks", `document.querySelector("#helpful .thanks")`)

	// Searches.
	p.fills("form.find input[name=q]", "how long does delivery take")
	p.clicks("form.find button")
	p.until("what was found", `location.pathname === "/help/search" && document.querySelectorAll(".entries a").length > 0`)
	p.clicks(".entries a")
	p.until("the article that was found", `location.pathname.startsWith("/help/en/") && document.querySelector("article h1")`)

	// Asks; what is missing is said, and what was typed is still there.
	p.visits(shop.Base + "/?lang=en")
	p.fills("#contact", "noor@customer")
	p.fills("#message", "Do you gift-wrap a tea set?")
	time.Sleep(2100 * time.Millisecond) // nobody fills in a form faster
	p.clicks("form.ask button[type=submit]")
	p.until("the fault", `document.querySelector(".errors li") && document.querySelector("#message")?.value === "Do you gift-wrap a tea set?"`)
	p.fills("#contact", who)
	p.fills("#order", "20499")
	time.Sleep(2100 * time.Millisecond)
	p.clicks("form.ask button[type=submit]")
	p.until("the number", `/^#\d+$/.test(document.querySelector(".hero .number")?.textContent ?? "")`)
	var number string
	p.js(`document.querySelector(".hero .number").textContent`, &number)

	// Signs in and answers.
	p.visits(shop.Base + "/requests?lang=en")
	p.fills("#email", who)
	p.clicks("form.card button[type=submit]")
	p.until("the page that asks for the code", `document.querySelector("#typed-code")`)
	code := shop.mailed(who, "the code", `(?m)^(\d{6})\r?$`, patience)
	p.fills("#typed-code", code)
	p.clicks("form[action^='/requests/in'] button")
	p.until("the list", `[...document.querySelectorAll(".rows a")].some((a) => a.textContent.includes("gift-wrap") && a.textContent.includes(%q))`, number)
	p.clicks(".rows a")
	p.until("the request", `document.querySelector("#talk")?.textContent.includes("gift-wrap")`)
	p.fills("#message", "With a red ribbon, please.")
	p.clicks("form.answer button[type=submit]")
	p.until("what they wrote", `location.search.includes("did=sent") && document.querySelector("#talk")?.textContent.includes("With a red ribbon, please.")`)

	agent := desk(t, browser, shop.Base, demo.OwnerEmail, demo.Password, chromedp.WithNewBrowserContext())
	agent.opens("With a red ribbon")
	agent.sees("Do you gift-wrap a tea set?")
	agent.answers("With pleasure.", false)
	hookstest.Until(t, "the answer on the page that is opened again", patience, func() bool {
		p.visits(shop.Base + "/requests/" + strings.TrimPrefix(number, "#") + "?lang=en")
		var answered bool
		p.js(`!!document.querySelector("#talk")?.textContent.includes("With pleasure.")`, &answered)
		return answered
	})
	p.js(`!!document.querySelector(".chosen li") || !!globalThis.Shohay`, &ran)
	if ran {
		t.Error("a script ran")
	}
}
