package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/shohay/shohay/hooks/hookstest"
)

// sets brings a field of the open sheet to a value, as a person leaves it.
func (p *page) sets(selector, value string) {
	p.tb.Helper()
	p.until("the field "+selector, `document.querySelector("dialog[open]")?.querySelector(%q)`, selector)
	p.js(`{ const f = document.querySelector("dialog[open]").querySelector(%q); f.value = %q; f.dispatchEvent(new Event("change", { bubbles: true })); }`, nil, selector, value)
}

// presses clicks something in the open sheet.
func (p *page) presses(selector string) {
	p.tb.Helper()
	p.until("the button "+selector, `document.querySelector("dialog[open]")?.querySelector(%q)`, selector)
	p.js(`document.querySelector("dialog[open]").querySelector(%q).click()`, nil, selector)
}

func TestAnAutomationMadeInTheEditorActs(t *testing.T) {
	t.Parallel()
	s := prepare(t, 1, nil)
	prog := serve(t, s.dir)
	browser := chromium(t)
	owner := desk(t, browser, prog.Base, "owner@shop.test", hookstest.Password, chromedp.WithNewBrowserContext())

	// Made as an owner makes it, with a mistake on the way.
	owner.js(`document.querySelector("desk-app").desk.run("automations")`, nil)
	owner.presses(`[data-act=new]`)
	owner.sets(`[data-change=trigger]`, "customer_wrote")
	owner.presses(`[data-act="add-condition"]`)
	owner.presses(`[data-act=save]`)
	owner.until("the editor to say what is missing", `document.querySelectorAll("dialog[open] .rule-bad").length === 2`)
	owner.sets(`[data-change=name]`, "দেখছি বলা")
	owner.sets(`[data-change=values]`, "refund, ফেরত")
	owner.sets(`[data-change=do]`, "message")
	owner.sets(`[data-change="texts.bn"]`, "আমরা দেখছি, #{{number}}")
	owner.sets(`[data-change="texts.en"]`, "We look at #{{number}}")
	owner.presses(`[data-act="add-action"]`)
	owner.sets(`[data-change=do][data-at="1"]`, "priority")
	owner.sets(`[data-change=value][data-at="1"]`, "2")
	owner.until("the sentence of the whole", `document.querySelector("dialog[open] .rule-says").textContent.includes("ফেরত")`)
	owner.presses(`[data-act=save]`)
	owner.until("it in the list, switched off", `[...document.querySelectorAll("dialog[open] .rule-card.is-off")].some((c) => c.textContent.includes("দেখছি বলা"))`)
	owner.js(`[...document.querySelectorAll("dialog[open] .rule-card")].find((c) => c.textContent.includes("দেখছি বলা")).querySelector("input").click()`, nil)
	owner.until("it to be on", `[...document.querySelectorAll("dialog[open] .rule-card:not(.is-off)")].some((c) => c.textContent.includes("দেখছি বলা"))`)

	shop := storefront(t, prog.Base)
	visitor := window(t, browser, shop, chromedp.WithNewBrowserContext())
	visitor.widget()
	visitor.say("কবে খোলা থাকেন?")
	visitor.hears("কবে খোলা থাকেন?")
	visitor.say("আমার টাকা ফে\u200cরত চাই")
	visitor.until("the automatic answer", `/(আমরা দেখছি,|We look at) #(১০০১|1001)/.test(__w().querySelector(".log").textContent)`)

	// The log says why, for the one and for the other.
	owner.presses(`.rules-foot [data-act=log]`)
	owner.sets(`[data-change=result]`, "")
	owner.until("both runs in the log", `document.querySelector("dialog[open] .run-mark.is-done") && document.querySelector("dialog[open] .run-mark.is-unmatched")`)
	owner.js(`document.querySelector("dialog[open]").close()`, nil)
	owner.js(`location.hash = "#/all"`, nil)
	owner.until("the flag in the list", `document.querySelector("desk-list .row .flag")`)
}
