package e2e

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// An owner shortens a time, is told what would go and when, and asked whether it
// is meant; before that nothing is saved.
func TestTheDeskSaysWhatWouldGoBeforeItSavesAShorterTime(t *testing.T) {
	app := hookstest.New(t)
	app.Agent("asha", schema.RoleOwner)
	base := app.Serve()
	for i := range 3 {
		c := &hookstest.Client{TB: t, Base: base}
		var started struct{ Token string }
		c.Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(t, &started)
		c.Token = started.Token
		c.Must(200, "POST", "/api/chat/messages", map[string]any{"client_id": fmt.Sprint("client-id-", i), "text": "where is it"})
	}
	if _, err := app.DB().NewQuery(`UPDATE conversations SET spam = TRUE, last_activity = '2020-01-01 00:00:00.000Z'`).Execute(); err != nil {
		t.Fatal(err)
	}
	app.Shop(map[string]any{schema.ShopSpamDays: 0})
	p := desk(t, chromium(t), base, "asha@shop.test", hookstest.Password)
	p.js(`document.querySelector("desk-app").desk.run("retention")`, nil)
	p.until("the sheet", `document.querySelector("#keep-spam")`)
	write := func(days string) {
		p.js(`{ const f = document.querySelector("#keep-spam"); f.value = %q; f.dispatchEvent(new Event("input", { bubbles: true })); }`, nil, days)
	}
	write("2")
	p.until("it to be too short", `document.querySelector("#keep-spam-say").textContent.includes("7")`)
	write("৩০")
	p.until("what would go", `document.querySelector("#keep-spam-say").textContent.includes(") 3 would go")`)
	save := `document.querySelector(".sheet.retention [type=submit]").click()`
	p.js(save, nil)
	p.until("the question", `document.querySelector(".keep-sure")?.textContent.includes("3 things")`)
	p.pictures("retention")
	saved := func() int {
		r, err := app.FindRecordById(schema.Shop, "shop00000000001")
		if err != nil {
			t.Fatal(err)
		}
		return r.GetInt(schema.ShopSpamDays)
	}
	if saved() != 0 {
		t.Error("it was saved before it was asked")
	}
	p.js(save, nil)
	p.until("the sheet to close", `!document.querySelector(".sheet.retention")`)
	if saved() != 30 {
		t.Errorf("saved: %d", saved())
	}
}

// leftBehind lists what a page of the origin has stored in the browser, by any
// means a script has.
const leftBehind = `(async () => {
	const left = [];
	for (const [name, shelf] of [["localStorage", localStorage], ["sessionStorage", sessionStorage]]) for (const key of Object.keys(shelf)) left.push(name + " " + key);
	for (const { name } of await indexedDB.databases()) left.push("indexedDB " + name);
	if (globalThis.isSecureContext) for (const name of await caches.keys()) left.push("cache " + name);
	if (navigator.serviceWorker) for (const { scope } of await navigator.serviceWorker.getRegistrations()) left.push("worker " + scope);
	if (document.cookie) left.push("cookie " + document.cookie);
	if (navigator.storage?.getDirectory) for await (const name of (await navigator.storage.getDirectory()).keys()) left.push("file " + name);
	globalThis.__left = left;
})()`

// stored is what the page has left in the browser, and every cookie that there
// is, also those that no script reads.
func (p *page) stored() (left []string) {
	p.tb.Helper()
	p.js(`globalThis.__left = null; `+leftBehind+`; 0`, nil)
	p.until("what is stored", `globalThis.__left`)
	p.js(`globalThis.__left`, &left)
	got, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (storage.GetCookiesResult, error) {
		return cdp.Call(ctx, t, storage.GetCookies, storage.GetCookiesParams{})
	})
	if err != nil {
		p.tb.Fatal("read the cookies: ", err)
	}
	for _, c := range got.Cookies {
		left = append(left, "cookie "+c.Name)
	}
	return left
}

// Nothing is stored in a customer's browser before they sign in or say
// something, whatever they look at, type, choose and open; so the shop's pages
// and the chat need no banner.
func TestNothingIsStoredBeforeACustomerSpeaks(t *testing.T) {
	s := stocked(t)
	prog := serve(t, s.dir)
	browser := chromium(t)
	p := window(t, browser, prog.Base+"/?lang=bn", chromedp.WithNewBrowserContext())
	clean := func(where string) {
		t.Helper()
		p.still()
		if left := p.stored(); len(left) > 0 {
			t.Errorf("%s leaves %v", where, left)
		}
	}
	clean("the shop's page")
	p.js(`{ const f = document.querySelector("input[name=q]"); f.focus(); f.value = "ডেলিভারি"; f.dispatchEvent(new Event("input", { bubbles: true })); }`, nil)
	p.until("what is found", `document.querySelector("[role=option], .hits a, .found a")`)
	p.js(`{ const f = document.querySelector("#message, textarea[name=message]"); f.focus(); f.value = "my parcel is late"; f.dispatchEvent(new Event("input", { bubbles: true })); }`, nil)
	clean("searching and beginning a question")
	p.goTo(prog.Base + "/?lang=en")
	clean("another language")
	p.goTo(prog.Base + "/help/en")
	link := `document.querySelector("main li a[href^='/help/en/']")`
	p.until("the articles", link)
	var article string
	p.js(link+`.getAttribute("href")`, &article)
	clean("the help centre")
	p.goTo(prog.Base + article)
	p.until("an article", `document.querySelector("main h1")`)
	p.js(`document.querySelector("form[action*=vote] button").click()`, nil)
	clean("an article and a vote on it")
	for _, path := range []string{"/callback?lang=en", "/requests?lang=en", "/nothing-here"} {
		p.goTo(prog.Base + path)
		clean(path)
	}
	p.goTo(prog.Base + "/requests?lang=en")
	p.js(`{ const f = document.querySelector("#email"); f.value = "somebody@customer.test"; f.form.requestSubmit(); }`, nil)
	p.until("the page for the code", `document.querySelector("#typed-code")`)
	clean("asking for a code")

	shop := storefrontIn(t, prog.Base, "en")
	p.goTo(shop)
	p.until("the widget's script", `window.Shohay`)
	clean("a page with the chat")
	p.js(widgetRoot+`Shohay.open()`, nil)
	p.until("what the chat offers", `__w().querySelectorAll(".hits .hit").length`)
	p.js(`{ const f = __w().querySelector(".ask-help"); f.value = "delivery"; f.dispatchEvent(new Event("input", { bubbles: true })); }`, nil)
	p.until("what is found", `__w().querySelector(".hits mark")`)
	p.js(`__w().querySelector(".hits .hit").click()`, nil)
	p.until("the article", `__w().querySelector(".doc h1")`)
	p.js(`__w().querySelector(".head .back").click()`, nil)
	p.widget()
	p.js(`{ const b = __w().querySelector(".box"); b.focus(); b.value = "hello"; b.dispatchEvent(new Event("input", { bubbles: true })); }`, nil)
	clean("the chat, opened, searched and half a message typed")
	p.js(`Shohay.close()`, nil)
	clean("the chat, closed again")

	// What is looked for is seen when it is there.
	p.js(`Shohay.open()`, nil)
	p.widget()
	p.say("hello")
	p.hears("hello")
	p.until("the conversation to be remembered", `Object.keys(localStorage).length`)
	if left := p.stored(); len(left) < 2 {
		t.Errorf("after a message there are only %v: the test could not miss anything", left)
	}
}

// An owner writes the greeting at the desk, sees it and where it comes, and
// the widget says it.
func TestTheGreetingIsSetAtTheDesk(t *testing.T) {
	app := hookstest.New(t)
	app.Agent("asha", schema.RoleOwner)
	base := app.Serve()
	browser := chromium(t)
	p := desk(t, browser, base, "asha@shop.test", hookstest.Password)
	p.js(`document.querySelector("desk-app").desk.run("greeting")`, nil)
	p.until("the sheet", `document.querySelector(".sheet.greeting .greet-none")`)
	write := func(name, value string) {
		p.js(`{ const f = document.querySelector(".sheet.greeting [name=" + %q + "]"); f.focus(); f.value = %q; f.dispatchEvent(new Event("input", { bubbles: true })); }`, nil, name, value)
	}
	p.js(`document.querySelector(".sheet.greeting [name=enabled]").click()`, nil)
	write("text_bn", "কিছু খুঁজছেন?")
	p.until("the bubble in Bangla", `document.querySelector(".greet-bubble")?.textContent.includes("কিছু খুঁজছেন?")`)
	write("text_en", "Looking for something?")
	p.until("the bubble in English", `document.querySelector(".greet-bubble")?.textContent.includes("Looking for something?")`)
	write("pages", "cart")
	write("after", "৫")
	save := `document.querySelector(".sheet.greeting [type=submit]").click()`
	p.js(save, nil)
	p.until("the fault", `document.querySelector(".sheet.greeting .form-bad:not([hidden])")?.textContent.includes("cart")`)
	write("pages", "/\n/product/*")
	write("try", "https://shop.example/product/3?x=1")
	p.until("where it greets", `document.querySelector(".greet-said").textContent.includes("here it greets")`)
	write("try", "/about")
	p.until("where it does not", `document.querySelector(".greet-said").textContent.includes("silent")`)
	p.pictures("greeting")
	p.js(save, nil)
	p.until("the sheet to close", `!document.querySelector(".sheet.greeting")`)
	visitor := window(t, browser, storefrontIn(t, base, "en"), chromedp.WithNewBrowserContext())
	visitor.until("the widget's script", `window.Shohay`)
	visitor.js(widgetRoot+`0`, nil)
	visitor.until("the greeting", `__w().querySelector(".greet").textContent.includes("Looking for something?")`)
}
