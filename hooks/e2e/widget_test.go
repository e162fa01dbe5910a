package e2e

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/shohay/shohay/hooks/hookstest"
)

// asked is how often the widget asked the desk for something on this page.
const asked = `performance.getEntriesByType("resource").filter((r) => r.name.includes("/api/")).length`

// A visitor is greeted on the page that the shop named, without a request;
// searches, reads an article in the widget, and asks where it does not help.
func TestTheWidgetHelpsBeforeAnybodyAnswers(t *testing.T) {
	t.Parallel()
	s := stocked(t)
	app := hookstest.Open(t, s.dir)
	app.Shop(map[string]any{"greet_enabled": true, "greet_texts": map[string]string{"bn": "কিছু খুঁজছেন?"}, "greet_pages": "/", "greet_after": 5})
	app.Stop()
	prog := serve(t, s.dir)
	shop := storefront(t, prog.Base)
	visitor := window(t, chromium(t), shop, chromedp.WithNewBrowserContext())
	visitor.until("the widget's script", `window.Shohay`)
	visitor.js(widgetRoot+`0`, nil)
	visitor.until("the greeting", `__w().querySelector(".greet[role=status]").textContent.includes("কিছু খুঁজছেন?")`)
	var requests, stored int
	visitor.js(asked, &requests)
	visitor.js(`localStorage.length + document.cookie.length`, &stored)
	if requests != 0 || stored != 0 {
		t.Errorf("the greeting asked %d things and stored %d", requests, stored)
	}
	visitor.js(`__w().querySelector(".greet [data-do=hush]").click()`, nil)
	visitor.until("the greeting to go", `!__w().querySelector(".greet").textContent`)
	visitor.goTo("about:blank")
	visitor.goTo(shop)
	visitor.until("the widget's script", `window.Shohay`)
	time.Sleep(7 * time.Second) // longer than the greeting waits
	visitor.js(widgetRoot+`0`, nil)
	var again bool
	visitor.js(`!!__w().querySelector(".greet").textContent`, &again)
	if again {
		t.Error("it greets a second time in one visit")
	}

	visitor.js(`Shohay.open()`, nil)
	visitor.until("the most read articles", `__w().querySelectorAll(".hits .hit").length === 4`)
	visitor.js(`{ const f = __w().querySelector(".ask-help"); f.value = "ডেলিভারি চার্জ"; f.dispatchEvent(new Event("input", { bubbles: true })); }`, nil)
	visitor.until("the article about it", `__w().querySelector(".hits mark") && __w().querySelector(".hits .hit").textContent.includes("ডেলিভারি")`)
	visitor.js(`__w().querySelector(".hits .hit").click()`, nil)
	visitor.until("the article", `__w().querySelector(".doc h1")?.textContent.includes("ডেলিভারি") && __w().querySelector(".doc .text").textContent.includes("টাকা")`)
	var unsafe int
	visitor.js(`[...__w().querySelectorAll(".doc *")].filter((e) => e.tagName === "SCRIPT" || [...e.attributes].some((a) => a.name.startsWith("on")) || (e.href && e.target !== "_blank")).length`, &unsafe)
	if unsafe != 0 {
		t.Errorf("%d parts of the article are not safe or open inside", unsafe)
	}
	visitor.js(`__w().querySelector(".head .back").click()`, nil)
	visitor.until("what was found, still there", `__w().querySelector(".hits mark") && __w().querySelector(".ask-help").value === "ডেলিভারি চার্জ"`)
	visitor.js(`localStorage.length + document.cookie.length`, &stored)
	if stored != 0 {
		t.Errorf("searching stored %d things", stored)
	}
	visitor.widget()
	visitor.say("মানুষের সঙ্গে কথা বলব")
	visitor.hears("মানুষের সঙ্গে কথা বলব")
	visitor.js(`__w().querySelector(".head .back").click()`, nil)
	visitor.until("the way back into the conversation", `__w().querySelector(".cards [data-id=chat] .sub")?.textContent`)
}
