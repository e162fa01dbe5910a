package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/shohay/shohay/hooks/hookstest"
)

// writes puts a text into the composer as somebody who types it.
func (p *page) writes(key, text string) {
	p.tb.Helper()
	p.pressesKey(key)
	p.until("the composer", `document.querySelector("desk-composer rich-box")`)
	p.js(`document.querySelector("desk-composer rich-box").focus()`, nil)
	p.types(text)
}

// pressesKey presses one key of the desk, outside of every field.
func (p *page) pressesKey(key string) {
	p.tb.Helper()
	p.js(`{ document.activeElement?.blur(); document.body.dispatchEvent(new KeyboardEvent("keydown", { key: %q, bubbles: true })); }`, nil, key)
}

// inBox presses a key with Ctrl, or without, where a text is written.
func (p *page) inBox(box, key string, ctrl bool) {
	p.tb.Helper()
	p.js(`document.querySelector(%q).dispatchEvent(new KeyboardEvent("keydown", { key: %q, ctrlKey: %q, bubbles: true, cancelable: true }))`, nil, box, key, ctrl)
}

func TestTwoAgentsCollideMentionAndHandOverInTheBrowser(t *testing.T) {
	t.Parallel()
	s := prepare(t, 2, nil)
	prog := serve(t, s.dir)
	visitor := prog.client("")
	var started struct{ Token string }
	visitor.Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(t, &started)
	visitor.Token = started.Token
	n := 0
	says := func(text string) {
		t.Helper()
		n++
		visitor.Must(200, "POST", "/api/chat/messages", map[string]any{"client_id": "client-id-" + strings.Repeat("x", n), "text": text})
	}
	// Names with a space, as people have them.
	prog.client(s.tokens[0]).Must(200, "PATCH", "/api/desk/me", map[string]any{"name": "রাফি আহমেদ"})
	prog.client(s.tokens[1]).Must(200, "PATCH", "/api/desk/me", map[string]any{"name": "Mina Khatun"})
	says("where is my parcel?")

	browser := chromium(t)
	rafi := desk(t, browser, prog.Base, "agent0@shop.test", hookstest.Password, chromedp.WithNewBrowserContext())
	mina := desk(t, browser, prog.Base, "agent1@shop.test", hookstest.Password, chromedp.WithNewBrowserContext())
	var list struct{ Rows []struct{ Number int } }
	prog.client(s.tokens[0]).Must(200, "GET", "/api/desk/conversations?view=all", nil).JSON(t, &list)
	for _, p := range []*page{rafi, mina} {
		p.js(`location.hash = "#/all/" + %q`, nil, list.Rows[0].Number)
		p.sees("where is my parcel?")
	}

	// Both begin to answer: each sees that the other does.
	rafi.writes("r", "It leaves today")
	mina.until("the banner that rafi answers", `[...document.querySelectorAll(".box-over .alert")].some((a) => a.textContent.includes("রাফি আহমেদ"))`)
	mina.writes("r", "It left yesterday")
	rafi.inBox("desk-composer rich-box", "Enter", true)
	mina.sees("It leaves today")
	mina.inBox("desk-composer rich-box", "Enter", true)
	mina.until("the sheet with what came", `document.querySelector("dialog.overtaken[open]")?.textContent.includes("It leaves today")`)
	mina.js(`document.querySelector("dialog.overtaken [data-act=look]").click()`, nil)
	mina.until("the text to be still there", `document.querySelector("desk-composer rich-box").value.includes("It left yesterday") && !document.querySelector("dialog[open]")`)

	// A desk that has not heard of it is stopped by the server.
	mina.js(`document.querySelector("[data-act=noted]").click()`, nil)
	mina.js(`{ const d = document.querySelector("desk-app").desk; d.store.live.stop(); }`, nil)
	says("are you there?")
	mina.inBox("desk-composer rich-box", "Enter", true)
	mina.until("the server's sheet", `document.querySelector("dialog.overtaken[open]")?.textContent.includes("are you there?")`)
	mina.js(`document.querySelector("dialog.overtaken [data-act=anyway]").click()`, nil)
	rafi.sees("It left yesterday")
	mina.js(`{ const d = document.querySelector("desk-app").desk; d.store.start(); }`, nil)

	// A mention: completed while typing, live at the other desk.
	mina.js(`location.hash = "#/unassigned"`, nil)
	mina.until("no conversation on screen", `!document.querySelector("desk-composer")`)
	rafi.pressesKey("n")
	rafi.until("the note", `document.querySelector(".box").dataset.kind === "note"`)
	rafi.js(`document.querySelector("desk-composer rich-box").focus()`, nil)
	rafi.types("can you call him, @mi")
	rafi.until("the offer", `document.querySelector(".canned-item.is-at")?.textContent.includes("Mina Khatun")`)
	rafi.inBox("desk-composer rich-box", "Enter", false)
	if w := rafi.written(); !strings.Contains(w.Text, "can you call him, @Mina Khatun") {
		t.Errorf("completed: %q", w.Text)
	}
	rafi.inBox("desk-composer rich-box", "Enter", true)
	rafi.until("the name to be marked", `document.querySelector(".msg.note .mention")?.textContent === "@Mina Khatun"`)
	mina.until("the number beside Mentions", `document.querySelector('[data-key="mentions"] .n')?.textContent === "1"`)
	mina.until("the word of it", `document.querySelector(".toasts")?.textContent.includes("রাফি আহমেদ")`)
	mina.pressesKey("g")
	mina.pressesKey("n")
	mina.until("the view", `location.hash === "#/mentions" && document.querySelector(".rows-head h1").textContent.includes("Mentions")`)
	mina.opens("can you call him")
	mina.until("her own name to stand out", `document.querySelector(".mention.is-me")`)
	mina.until("it to be seen", `!document.querySelector('[data-key="mentions"] .n')`)
	mina.until("her to follow", `document.querySelector(".follow")?.getAttribute("aria-pressed") === "true"`)
	rafi.until("her face beside the bell", `document.querySelector(".follow .face")`)

	// Handing over with a note, and back with one undo.
	rafi.pressesKey("h")
	rafi.until("the sheet", `document.querySelector("dialog.handover rich-box")`)
	rafi.js(`[...document.querySelectorAll("dialog.handover .person-pick")].find((l) => l.textContent.includes("Mina")).click(); document.querySelector("dialog.handover rich-box").focus()`, nil)
	rafi.types("he waits for the refund")
	rafi.inBox("dialog.handover rich-box", "Enter", true)
	mina.sees("he waits for the refund")
	mina.until("it to be hers", `document.querySelector("[data-command=assign]").textContent.match(/You|Mina|আপনি/)`)
	rafi.until("the way back", `document.querySelector(".toast-act")`)
	rafi.js(`[...document.querySelectorAll(".toast-act")].pop().click()`, nil)
	mina.until("the note to be gone", `!document.querySelector("[role=log]").textContent.includes("he waits for the refund")`)

	var seen string
	visitor.Must(200, "GET", "/api/chat/messages", nil)
	seen = string(visitor.Must(200, "GET", "/api/chat/messages", nil).Body)
	for _, secret := range []string{"@Mina", "call him", "refund", "mentions"} {
		if strings.Contains(seen, secret) {
			t.Errorf("the visitor is shown %q", secret)
		}
	}
}
