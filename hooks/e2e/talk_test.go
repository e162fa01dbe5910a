package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/shohay/shohay/hooks/hookstest"
)

// inOrder fails unless each text stands in the widget once, in this order.
func inOrder(tb testing.TB, p *page, texts ...string) {
	tb.Helper()
	at, times := p.order(texts...)
	for i, n := range times {
		if n != 1 {
			tb.Errorf("%q stands %d times in the chat", texts[i], n)
		}
	}
	if !slices.IsSorted(at) {
		tb.Errorf("the chat is out of order: %v for %v", at, texts)
	}
}

func TestVisitorAndAgentTalkInTheBrowser(t *testing.T) {
	t.Parallel()
	s := prepare(t, 1, nil)
	prog := serve(t, s.dir)
	net := newWire(t, prog.addr)
	browser := chromium(t)
	agent := desk(t, browser, prog.Base, "agent0@shop.test", hookstest.Password, chromedp.WithNewBrowserContext())
	shop := storefront(t, net.base())
	visitor := window(t, browser, shop, chromedp.WithNewBrowserContext())
	visitor.until("the widget's script", `window.Shohay`)

	var stored int
	visitor.js(`localStorage.length + sessionStorage.length + document.cookie.length`, &stored)
	var asked int
	visitor.js(`performance.getEntriesByType("resource").filter((r) => r.name.includes("/api/")).length`, &asked)
	if stored != 0 || asked != 0 {
		t.Errorf("before it was opened the widget stored %d things and asked %d", stored, asked)
	}

	// Both directions, in Bangla; a note stays with the staff.
	visitor.widget()
	visitor.say("আসসালামু আলাইকুম, অর্ডার ২০৪৩৭ কোথায়?")
	visitor.hears("আসসালামু আলাইকুম, অর্ডার ২০৪৩৭ কোথায়?")
	agent.opens("অর্ডার ২০৪৩৭ কোথায়?")
	agent.answers("শুধু আমাদের জন্য: কুরিয়ারকে ফোন করেছি", true)
	agent.answers("আজ দুপুরের আগেই পাবেন।", false)
	visitor.hears("আজ দুপুরের আগেই পাবেন।")
	agent.until("the desk to know that it was read", `document.querySelector("[role=log]").textContent.match(/read|পড়/i)`)

	// A reload keeps the conversation.
	visitor.goTo("about:blank")
	visitor.goTo(shop)
	visitor.widget()
	visitor.hears("আজ দুপুরের আগেই পাবেন।")

	// The line is cut: what is written meanwhile on both sides arrives once,
	// in order, when it is mended.
	net.cut()
	visitor.say("ইন্টারনেট নেই এক")
	visitor.say("ইন্টারনেট নেই দুই")
	agent.answers("আপনি কি আছেন?", false)
	time.Sleep(3 * time.Second) // long enough for several tries in vain
	net.mend()
	visitor.js(`window.dispatchEvent(new Event("online"))`, nil)
	visitor.hears("আপনি কি আছেন?")
	agent.sees("ইন্টারনেট নেই দুই")
	visitor.until("both messages to be delivered", `!__w().querySelector("[data-do=retry]")`)

	// The server dies and comes back.
	prog.kill()
	visitor.say("সার্ভার বন্ধ থাকার সময়")
	time.Sleep(time.Second)
	prog.start()
	prog.await()
	agent.sees("সার্ভার বন্ধ থাকার সময়")
	agent.answers("এখন আবার আছি", false)
	visitor.hears("এখন আবার আছি")
	inOrder(t, visitor, "অর্ডার ২০৪৩৭ কোথায়?", "আজ দুপুরের আগেই পাবেন।", "আপনি কি আছেন?", "সার্ভার বন্ধ থাকার সময়", "এখন আবার আছি")
	inOrder(t, visitor, "ইন্টারনেট নেই এক", "ইন্টারনেট নেই দুই", "সার্ভার বন্ধ থাকার সময়")

	var all string
	visitor.js(`document.documentElement.outerHTML + __w().innerHTML + JSON.stringify(localStorage)`, &all)
	if strings.Contains(all, "কুরিয়ারকে ফোন করেছি") {
		t.Error("a note reached the visitor's browser")
	}
}

func TestAttachmentAndTwoTabsInTheBrowser(t *testing.T) {
	s := prepare(t, 1, nil)
	prog := serve(t, s.dir)
	browser := chromium(t)
	shop := storefront(t, prog.Base)
	one := window(t, browser, shop)
	one.widget()
	one.say("first from tab one")
	one.hears("first from tab one")

	// A picture, chosen as a person chooses it.
	const picture = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEUlEQVR4nGNgyPLDh0alsSEAaeNH4WLebMIAAAAASUVORK5CYII="
	one.js(`{ const d = new DataTransfer(); d.items.add(new File([Uint8Array.from(atob(%q), (c) => c.charCodeAt(0))], "ছবি.png", { type: "image/png" })); const i = __w().querySelector(".pick"); i.files = d.files; i.dispatchEvent(new Event("change", { bubbles: true })); }`, nil, picture)
	one.until("the picture to be staged", `__w().querySelector(".tray").children.length`)
	one.say("এই ছবিটা দেখুন")
	one.until("the picture in the chat", `[...__w().querySelectorAll(".log img")].some((i) => i.naturalWidth === 10)`)

	// A second tab of the same browser shows the same; both write.
	two := window(t, browser, shop)
	two.widget()
	two.hears("এই ছবিটা দেখুন")
	two.say("second from tab two")
	two.hears("second from tab two")
	one.hears("second from tab two")
	one.say("third from tab one")
	two.hears("third from tab one")
	inOrder(t, one, "first from tab one", "second from tab two", "third from tab one")
	inOrder(t, two, "first from tab one", "second from tab two", "third from tab one")

	// The agent sees the picture, and one conversation, not two.
	agent := desk(t, browser, prog.Base, "agent0@shop.test", hookstest.Password, chromedp.WithNewBrowserContext())
	agent.opens("third from tab one")
	agent.until("the picture at the desk", `[...document.querySelectorAll("[role=log] img")].some((i) => i.naturalWidth === 10)`)
	var rows struct {
		Rows []struct{ ID string }
	}
	prog.client(s.tokens[0]).Must(200, "GET", "/api/desk/conversations?view=all", nil).JSON(t, &rows)
	if len(rows.Rows) != 1 {
		t.Errorf("two tabs made %d conversations", len(rows.Rows))
	}
}
