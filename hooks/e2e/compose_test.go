package e2e

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/shohay/shohay/hooks/hookstest"
)

// types writes as a keyboard does, without an input method.
func (p *page) types(text string) {
	p.tb.Helper()
	for _, r := range text {
		_, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
			return cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: string(r)})
		})
		if err != nil {
			p.tb.Fatal("type: ", err)
		}
	}
}

// composes writes as an input method does: each state of the word is shown
// before it is committed.
func (p *page) composes(states ...string) {
	p.tb.Helper()
	for _, s := range states {
		_, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
			n := int64(len([]rune(s)))
			return cdp.Call(ctx, t, input.ImeSetComposition, input.ImeSetCompositionParams{Text: s, SelectionStart: n, SelectionEnd: n})
		})
		if err != nil {
			p.tb.Fatal("compose: ", err)
		}
	}
	last := states[len(states)-1]
	_, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: last})
	})
	if err != nil {
		p.tb.Fatal("compose: ", err)
	}
}

// written is what the composer holds.
type written struct {
	HTML  string `json:"html"`
	Text  string `json:"text"`
	Value string `json:"value"`
}

func (p *page) written() (w written) {
	p.tb.Helper()
	p.js(`{ const b = document.querySelector("rich-box"); ({ html: b.html, text: b.text, value: b.value }) }`, &w)
	return w
}

// held are the messages that wait, by the API.
func (p *program) held(token string) (texts []string) {
	p.tb.Helper()
	var list struct {
		Held []struct{ Text, State string }
	}
	p.client(token).Must(200, "GET", "/api/desk/held", nil).JSON(p.tb, &list)
	for _, h := range list.Held {
		texts = append(texts, h.State+": "+h.Text)
	}
	return texts
}

func TestAnAgentWritesTakesBackAndSchedulesInTheBrowser(t *testing.T) {
	t.Parallel()
	s := prepare(t, 1, nil)
	prog := serve(t, s.dir)
	c := prog.client(s.tokens[0])
	c.Must(200, "PATCH", "/api/desk/me", map[string]any{"notify": map[string]any{"undo_send": 30}}) // busy machines
	var begun struct{ Conversation struct{ ID string } }
	c.Must(200, "POST", "/api/desk/conversations", map[string]any{"email": "rahim@customer.test", "name": "Rahim", "subject": "Saree", "text": "hello Rahim", "client_id": "c0"}).JSON(t, &begun)
	texts := func() (all []string) {
		var got struct {
			Messages []struct{ Kind, Text, HTML string }
		}
		c.Must(200, "GET", "/api/desk/conversations/"+begun.Conversation.ID+"/messages", nil).JSON(t, &got)
		for _, m := range got.Messages {
			if m.Kind == "outgoing" {
				all = append(all, m.Text)
			}
		}
		return all
	}

	browser := chromium(t)
	agent := desk(t, browser, prog.Base, "agent0@shop.test", hookstest.Password, chromedp.WithNewBrowserContext())
	agent.js(`location.hash = "#/all"`, nil)
	agent.opens("hello Rahim")
	agent.until("the composer", `document.querySelector("rich-box")`)
	agent.js(`document.querySelector("rich-box").focus()`, nil)

	// Bangla by an input method, and marks that become formatting.
	agent.composes("আ", "আপ", "আপনা", "আপনার")
	agent.types(" **শাড়ি** আছে:")
	agent.js(`document.execCommand("insertParagraph")`, nil)
	agent.types("- লাল ")
	agent.composes("ন", "নী", "নীল")
	w := agent.written()
	if w.HTML != "<p>আপনার <strong>শাড়ি</strong> আছে:</p><ul><li>লাল নীল</li></ul>" || w.Text != "আপনার শাড়ি আছে:\n\n- লাল নীল" {
		t.Errorf("written: %+v", w)
	}
	// What is being composed is never taken for a mark.
	agent.js(`{ const b = document.querySelector("rich-box"); b.doc = []; b.focus(); }`, nil)
	agent.composes("*", "*ক", "*কখ*")
	if w := agent.written(); w.Value != "কখ" && w.Value != "*কখ*" {
		t.Errorf("composed: %+v", w)
	}

	// Pasted HTML is cleaned, a pasted picture stands in the text.
	agent.js(`{ const b = document.querySelector("rich-box"); b.doc = []; b.focus(); const d = new DataTransfer();
		d.setData("text/html", '<meta><style>p{}</style><p style="color:red" onclick="x()">দাম <span style="font-weight:700">৫০০</span> টাকা<script>alert(1)</script></p><img src="https://track.test/x.gif">');
		d.setData("text/plain", "দাম ৫০০ টাকা"); b.dispatchEvent(new ClipboardEvent("paste", { clipboardData: d, bubbles: true, cancelable: true })); }`, nil)
	if w := agent.written(); w.HTML != "<p>দাম <strong>৫০০</strong> টাকা</p>" {
		t.Errorf("pasted: %+v", w)
	}
	agent.js(`{ const d = new DataTransfer(); d.items.add(new File([Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEUlEQVR4nGNgyPLDh0alsSEAaeNH4WLebMIAAAAASUVORK5CYII="), (c) => c.charCodeAt(0))], "শাড়ি.png", { type: "image/png" }));
		document.querySelector("rich-box").dispatchEvent(new ClipboardEvent("paste", { clipboardData: d, bubbles: true, cancelable: true })); }`, nil)
	agent.until("the picture in the text", `document.querySelector("rich-box img")?.naturalWidth === 10`)

	// The draft is on the server, and another device has it.
	hookstest.Until(t, "the draft to be saved", patience, func() bool {
		var got struct {
			Draft *struct{ Files []struct{ Name string } }
		}
		c.Must(200, "GET", "/api/desk/conversations/"+begun.Conversation.ID+"/draft", nil).JSON(t, &got)
		return got.Draft != nil && len(got.Draft.Files) == 1
	})
	second := desk(t, browser, prog.Base, "agent0@shop.test", hookstest.Password, chromedp.WithNewBrowserContext())
	second.js(`location.hash = "#/all"`, nil)
	second.opens("hello Rahim")
	second.until("the draft on the other device", `document.querySelector("rich-box")?.text.includes("দাম ৫০০ টাকা") && document.querySelector("rich-box img")?.naturalWidth === 10`)

	// Sent and taken back, across a reload.
	agent.js(`document.querySelector("[data-act=send]").click()`, nil)
	agent.until("the message to wait", `document.querySelector(".msg.is-held")`)
	if n := len(texts()); n != 1 {
		t.Fatalf("%d messages went out", n)
	}
	second.until("the box to be empty on the other device", `document.querySelector("rich-box").isEmpty`)
	agent.js(`{ globalThis.before = true; location.reload() }`, nil)
	agent.until("the message to wait after a reload", `!globalThis.before && document.querySelector(".msg.is-held [data-held=back]")`)
	agent.js(`document.querySelector(".msg.is-held [data-held=back]").click()`, nil)
	agent.until("the text in the composer again", `document.querySelector("rich-box").html.includes("<strong>৫০০</strong>") && document.querySelector("rich-box img")?.naturalWidth === 10`)
	if h := prog.held(s.tokens[0]); len(h) != 0 || len(texts()) != 1 {
		t.Errorf("what was taken back waits %v or went out: %v", h, texts())
	}

	// Scheduled, and the menu closes; then sent at once.
	agent.js(`document.querySelector("[data-act=then]").click()`, nil)
	agent.until("the choices", `document.querySelectorAll(".menu .menu-item").length === 3`)
	agent.js(`document.querySelectorAll(".menu .menu-item")[2].click()`, nil)
	agent.until("the times", `document.querySelector(".menu [name=at]")`)
	agent.js(`document.querySelectorAll(".menu .menu-item")[0].click()`, nil)
	agent.until("the scheduled message", `document.querySelector(".msg.is-scheduled [data-held=now]")`)
	if h := prog.held(s.tokens[0]); len(h) != 1 || !strings.HasPrefix(h[0], "scheduled: দাম ৫০০ টাকা") {
		t.Errorf("held: %v", h)
	}
	agent.js(`document.querySelector(".msg.is-scheduled [data-held=now]").click()`, nil)
	agent.until("the message itself, with its picture", `document.querySelector(".msg.out .is-rich strong")?.textContent === "৫০০" && document.querySelector(".msg.out .rich-shot img")?.naturalWidth === 10 && !document.querySelector(".msg.is-scheduled")`)
	if all := texts(); len(all) != 2 || !strings.Contains(all[1], "দাম ৫০০ টাকা") {
		t.Errorf("said: %v", all)
	}
}
