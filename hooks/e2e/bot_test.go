package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/kb/starter"
)

// stocked makes a data folder with a help centre.
func stocked(tb testing.TB) *staff {
	tb.Helper()
	s := prepare(tb, 1, map[string]any{"languages": []string{"bn", "en"}})
	app := hookstest.Open(tb, s.dir)
	if _, err := starter.Install(app); err != nil {
		tb.Fatal(err)
	}
	app.Stop()
	return s
}

// chooses one of the choices that the bot offers.
func (p *page) chooses(label string) {
	p.tb.Helper()
	chip := `[...__w().querySelectorAll(".chip")].find((b) => b.textContent === %q)`
	p.until("the choice "+label, chip, label)
	p.js(chip+`.click()`, nil, label)
}

// A visitor greeted by the bot asks in Bangla, Banglish and English, is
// answered, chooses, and is handed over; the agent sees all of it as it
// happens, and the bot is silent from then on.
func TestTheBotAnswersInTheBrowser(t *testing.T) {
	t.Parallel()
	s := stocked(t)
	prog := serve(t, s.dir)
	browser := chromium(t)
	agent := desk(t, browser, prog.Base, "agent0@shop.test", hookstest.Password, chromedp.WithNewBrowserContext())
	visitor := window(t, browser, storefront(t, prog.Base), chromedp.WithNewBrowserContext())
	visitor.widget()
	visitor.hears("স্বয়ংক্রিয়")
	visitor.until("the flow's buttons", `__w().querySelectorAll(".chip").length === 4`)
	var stored int
	visitor.js(`localStorage.length`, &stored)
	if stored != 0 {
		t.Errorf("the greeting stored %d things", stored)
	}

	visitor.say("ডেলিভারি চার্জ কত?")
	visitor.hears("৬০ টাকা")
	visitor.until("the link to the article", `[...__w().querySelectorAll(".log a")].some((a) => a.textContent.includes("ডেলিভারি চার্জ") && a.href.includes("/"))`)
	visitor.hears("কাজ হলো?")
	visitor.until("the word that it is automatic", `__w().querySelector(".log").textContent.includes("সহায়ক · ")`)

	visitor.say("bkash e payment korbo kivabe") // two articles say nearly the same
	visitor.chooses("বিকাশে কীভাবে পেমেন্ট করব?")
	visitor.hears("চেকআউটে")

	visitor.say("what is the return policy")
	visitor.hears("within 7 days")
	visitor.chooses("Yes, thanks")
	visitor.hears("I am glad")

	visitor.say("do you repair umbrellas?")
	visitor.hears("did not find")
	agent.js(`document.querySelector("desk-inbox [data-view=all], [data-view=all]")?.click()`, nil)
	agent.opens("do you repair umbrellas")
	agent.sees("৬০ টাকা")
	agent.sees("did not find")
	agent.until("the line that says why", `document.querySelector("[role=log]").textContent.match(/handed over|হাতে দিয়েছে/)`)

	agent.answers("Yes, for 100 taka.", false)
	visitor.hears("Yes, for 100 taka.")
	visitor.say("delivery charge koto")
	agent.sees("delivery charge koto")
	agent.answers("60 taka, as the bot said.", false)
	visitor.hears("as the bot said")
	inOrder(t, visitor, "do you repair umbrellas?", "for 100 taka", "delivery charge koto", "as the bot said")
}
