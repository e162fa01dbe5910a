package e2e

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	capture "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/shohay/shohay/hooks/demo"
	"github.com/shohay/shohay/hooks/hookstest"
)

var shots = flag.String("shots", "", "folder that TestAccessibility leaves a picture of every scene in")

// axe is the script of axe-core, a package of npm that is installed beside the
// tests and no part of the program.
func axe(tb testing.TB) string {
	tb.Helper()
	npm := hookstest.NeedProgram(tb, "npm")
	out, err := exec.Command(npm, "root", "--global").Output()
	if err != nil {
		hookstest.Need(tb, "npm", err)
	}
	script, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "axe-core", "axe.min.js"))
	hookstest.Need(tb, "axe-core", err)
	return string(script)
}

// picture saves what the window shows.
func (p *page) picture(name string) {
	p.tb.Helper()
	if *shots == "" {
		return
	}
	got, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (capture.CaptureScreenshotResult, error) {
		return cdp.Call(ctx, t, capture.CaptureScreenshot, capture.CaptureScreenshotParams{Format: capture.CaptureScreenshotFormatPng})
	})
	if err == nil {
		err = os.MkdirAll(*shots, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(*shots, name+".png"), got.Data, 0o600)
	}
	if err != nil {
		p.tb.Fatal("take a picture: ", err)
	}
}

// pictures saves what the window shows on a telephone in the dark and on a
// screen.
func (p *page) pictures(name string) {
	p.tb.Helper()
	p.looks(390, 844, "dark")
	p.still()
	p.picture(name + "-390")
	p.looks(1440, 900, "light")
	p.still()
	p.picture(name + "-1440")
}

// violation is a fault that axe found, with the places of it.
type violation struct {
	ID     string   `json:"id"`
	Impact string   `json:"impact"`
	Help   string   `json:"help"`
	Nodes  []string `json:"nodes"`
}

// faults are the serious and critical violations of what the window shows, of
// the topmost sheet alone if one is open; rules chooses some.
func (p *page) faults(script string, rules ...string) []violation {
	p.tb.Helper()
	var there bool
	if p.js(`!!globalThis.axe`, &there); !there {
		p.js(script+`;true`, nil)
	}
	// What breaks one of the other rules is never worse than moderate.
	only := `axe._audit.rules.filter((r) => r.enabled && !r.tags.includes("experimental") && r.impact !== "minor" && r.impact !== "moderate").map((r) => r.id)`
	if len(rules) > 0 {
		only = fmt.Sprintf(`["%s"]`, strings.Join(rules, `","`))
	}
	p.js(`{ globalThis.__faults = null; const top = [...document.querySelectorAll("dialog[open]")].pop();
		axe.run(top ?? document, { resultTypes: ["violations"], runOnly: { type: "rule", values: `+only+` }, preload: false }).then((r) => {
			globalThis.__faults = r.violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => ({ id: v.id, impact: v.impact, help: v.help,
				nodes: v.nodes.map((n) => n.target.flat().join(" ") + " — " + (n.any[0] ?? n.all[0] ?? n.none[0])?.message + " — " + n.html.slice(0, 160)) }));
		}, (e) => { globalThis.__faults = [{ id: "failed", impact: "critical", help: String(e), nodes: [] }]; }); }`, nil)
	p.until("axe", `globalThis.__faults`)
	var found []violation
	p.js(`globalThis.__faults`, &found)
	return found
}

// inspector looks at scenes with axe and tells each fault once.
type inspector struct {
	t      *testing.T
	axe    string
	seen   map[string]bool
	scenes int
}

// at checks the scene that a window shows, in both modes. Only colours differ
// between them.
func (i *inspector) at(p *page, scene string, width, height int64) {
	i.t.Helper()
	i.scenes++
	for _, mode := range []string{"light", "dark"} {
		p.looks(width, height, mode)
		p.still()
		p.picture(fmt.Sprintf("%s-%d-%s", strings.NewReplacer(" ", "-", ":", "-", "/", "-").Replace(scene), width, mode))
		rules := []string{"color-contrast"}
		if mode == "light" {
			rules = nil
		}
		for _, v := range p.faults(i.axe, rules...) {
			for _, node := range v.Nodes {
				key := v.ID + node
				if !i.seen[key] {
					i.seen[key] = true
					i.t.Errorf("%s, %s: %s (%s): %s\n    %s", scene, mode, v.ID, v.Impact, v.Help, node)
				}
			}
			if len(v.Nodes) == 0 {
				i.t.Errorf("%s, %s: %s: %s", scene, mode, v.ID, v.Help)
			}
		}
	}
}

// sheets are the commands that open a sheet or a menu; anything that is open
// is closed again before the next.
var sheets = []string{
	"settings", "notices", "security", "imports", "audit", "retention", "greeting", "system", "help", "mailboxes", "automations", "targets", "hours", "fields", "theme", "embed",
	"callbacks", "bot", "assignment", "signatures", "canned-manage", "tags-sheet", "save-view", "palette", "compose", "merge-talks", "split", "timeline", "merge", "print",
	"assign", "snooze", "tag", "priority", "sort", "me", "more",
}

const shut = `{ for (const d of [...document.querySelectorAll("dialog[open]")].reverse()) d.close(); document.querySelector(".menu-veil")?.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true })); document.querySelector(".menu-veil")?.click(); document.activeElement?.blur?.(); document.querySelector(".toasts")?.remove(); }`

// TestAccessibility opens every page and sheet of the desk, the shop's page,
// the help centre and the chat, in both languages and both modes, and lets
// axe-core look for what shuts people out: nothing serious may be found.
func TestAccessibility(t *testing.T) {
	t.Parallel()
	script := axe(t)
	prog := newProgram(t, filepath.Join(t.TempDir(), "demo"))
	prog.verb = "demo"
	prog.start()
	prog.await()
	// Somebody waits for a call, and the bot did not know what to say.
	guest := prog.client("")
	var begun struct{ Token string }
	guest.Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(t, &begun)
	guest.Token = begun.Token
	for i, text := range []string{"Do you teach pottery to elephants?", "And pottery lessons for giraffes?"} {
		guest.Must(200, "POST", "/api/chat/messages", map[string]any{"client_id": fmt.Sprintf("pottery-%d", i), "text": text})
	}
	guest.Must(200, "POST", "/api/chat/callback", map[string]any{"client_id": "pottery-call", "phone": "+8801711204437", "topic": "Pottery"})
	browser := chromium(t)
	look := &inspector{t: t, axe: script, seen: map[string]bool{}}
	for _, lang := range []string{"en", "bn"} {
		t.Run("desk "+lang, func(t *testing.T) { look.t = t; inspectDesk(t, look, browser, prog.Base, lang) })
		t.Run("set-up "+lang, func(t *testing.T) { look.t = t; inspectSetup(t, look, browser, lang) })
		t.Run("pages "+lang, func(t *testing.T) { look.t = t; inspectPages(t, look, browser, prog.Base, lang) })
	}
	if look.scenes < 100 {
		t.Errorf("only %d scenes were looked at", look.scenes)
	}
}

func inspectDesk(t *testing.T, look *inspector, browser context.Context, base, lang string) {
	p := window(t, browser, base+"/desk/", chromedp.WithNewBrowserContext())
	p.looks(1440, 900, "light")
	p.js(`localStorage.setItem("shohay.lang", %q)`, nil, lang)
	p.goTo(base + "/desk/?" + lang)
	p.until("the door", `document.querySelector("input[name=identity]")`)
	look.at(p, lang+" sign in", 1440, 900)
	p.js(`{ const set = (n, v) => { document.querySelector("input[name=" + n + "]").value = v; }; set("identity", "nobody@shop.test"); set("password", "wrong"); document.querySelector("form [type=submit]").click(); }`, nil)
	p.until("the refusal", `[...document.querySelectorAll("[role=alert]")].some((e) => !e.hidden && e.textContent)`)
	look.at(p, lang+" sign in refused", 390, 844)
	p.js(`{ const set = (n, v) => { document.querySelector("input[name=" + n + "]").value = v; }; set("identity", %q); set("password", %q); document.querySelector("form [type=submit]").click(); }`, nil, demo.OwnerEmail, demo.Password)
	p.until("the desk", `document.querySelector("desk-app .rows [data-id], desk-app .rows .row")`)
	desk := `document.querySelector("desk-app").desk`
	go2 := func(view string) {
		p.js(desk+`.go(%q)`, nil, view)
		p.until("the view "+view, desk+`.store.view === %q && document.querySelector(".rows")`, view)
		p.still()
	}
	go2("open")
	p.looks(1440, 900, "light")
	look.at(p, lang+" inbox", 1440, 900)
	p.js(desk+`.choose(`+desk+`.store.list.items[0].id); `+desk+`.choose(`+desk+`.store.list.items[1].id)`, nil)
	look.at(p, lang+" inbox chosen", 1440, 900)
	p.js(desk+`.chooseNone()`, nil)
	for _, view := range []string{"spam", "deleted", "solved"} {
		go2(view)
		look.at(p, lang+" view "+view, 1440, 900)
	}
	go2("open")
	// A conversation of each channel.
	for _, channel := range []string{"chat", "portal", "email"} {
		p.js(`{ const d = `+desk+`; const row = d.store.list.items.filter((r) => r.channel === %q).sort((a, b) => b.last_seq - b.last_incoming_seq - a.last_seq + a.last_incoming_seq)[0]; if (row) d.go("open", row.number); }`, nil, channel)
		p.until("a conversation by "+channel, `document.querySelector("[role=log]")?.textContent && document.querySelector("desk-person") && `+desk+`.store.row?.channel === %q`, channel)
		look.at(p, lang+" conversation "+channel, 1440, 900)
	}
	p.js(desk+`.write("note")`, nil)
	p.until("the composer", `document.querySelector("rich-box.txt")`)
	look.at(p, lang+" note", 1440, 900)
	p.js(desk+`.write("reply")`, nil)
	p.js(`{ const b = document.querySelector("rich-box.txt"); b.value = "It comes tomorrow."; b.dispatchEvent(new Event("input", { bubbles: true })); }`, nil)
	look.at(p, lang+" reply", 1024, 768)
	p.js(desk+`.run("send-later")`, nil)
	p.until("the times", `document.querySelector("dialog[open], .menu")`)
	look.at(p, lang+" send later", 1440, 900)
	p.js(shut, nil)
	p.js(`{ const b = document.querySelector("rich-box.txt"); b.value = ""; b.dispatchEvent(new Event("input", { bubbles: true })); }`, nil)
	p.js(`{ document.activeElement?.blur(); }`, nil)
	for _, id := range sheets {
		p.looks(1440, 900, "light")
		p.js(shut, nil)
		p.until(id+" to be possible", desk+`.can(%q)`, id)
		p.js(desk+`.run(%q)`, nil, id)
		p.until("what "+id+" opens", `document.querySelector("dialog[open], .menu, .compose")`)
		look.at(p, lang+" "+id, 1440, 900)
	}
	p.js(shut, nil)
	p.js(desk+`.focusFilter()`, nil)
	p.until("the search", `document.querySelector("desk-list input")`)
	p.js(desk+`.searchFor(%q)`, nil, "parcel")
	p.until("what was found", `document.querySelector(".found-rows")`)
	look.at(p, lang+" search", 1440, 900)
	p.js(desk+`.searchFor(%q)`, nil, "zzzzqq")
	look.at(p, lang+" search nothing", 1440, 900)
	p.js(desk+`.run("articles")`, nil)
	p.until("the articles", `document.querySelector(".article-row")`)
	look.at(p, lang+" articles", 1440, 900)
	p.js(`document.querySelector("[data-act=synonyms]").click()`, nil)
	p.until("the words that mean the same", `document.querySelector("dialog[open] textarea")?.value`)
	look.at(p, lang+" synonyms", 1440, 900)
	p.js(shut, nil)
	p.goTo(base + "/desk/?again" + lang)
	p.until("the desk", `document.querySelector("desk-app .rows")`)
	// A telephone.
	p.looks(390, 844, "light")
	go2("open")
	look.at(p, lang+" phone list", 390, 844)
	p.js(desk+`.openDrawer()`, nil)
	look.at(p, lang+" phone views", 390, 844)
	p.js(desk+`.closeDrawer()`, nil)
	p.js(`{ const d = `+desk+`; d.go("open", d.store.list.items[0].number); }`, nil)
	p.until("the conversation", `document.querySelector("[role=log]")?.textContent && document.querySelector("desk-person")`)
	look.at(p, lang+" phone conversation", 390, 844)
	p.js(desk+`.togglePerson()`, nil)
	look.at(p, lang+" phone person", 390, 844)
	p.js(`document.querySelector("desk-person [data-act=erase]").click()`, nil)
	p.until("what is erased", `document.querySelector("dialog[open] [name=number]")`)
	look.at(p, lang+" phone erase", 390, 844)
	p.js(shut, nil)
	p.js(desk+`.closePerson()`, nil)
	p.js(desk+`.write("reply")`, nil)
	look.at(p, lang+" phone reply", 390, 844)
	for _, id := range []string{"settings", "palette", "more", "imports"} {
		p.js(shut, nil)
		p.js(desk+`.run(%q)`, nil, id)
		p.until("what "+id+" opens", `document.querySelector("dialog[open], .menu")`)
		look.at(p, lang+" phone "+id, 390, 844)
	}
}

// inspectPages looks at what customers see.
func inspectPages(t *testing.T, look *inspector, browser context.Context, base, lang string) {
	p := window(t, browser, base+"/?lang="+lang, chromedp.WithNewBrowserContext())
	p.looks(1440, 900, "light")
	at := func(name, path string) {
		p.visit(base + path)
		look.at(p, lang+" "+name, 1440, 900)
		look.at(p, lang+" "+name, 390, 844)
	}
	at("home", "/?lang="+lang)
	p.visit(base + "/help/?lang=" + lang)
	var links []string
	p.js(`[...document.querySelectorAll("main a[href*='/help/'], a[href*='/help/']")].map((a) => new URL(a.href).pathname)`, &links)
	at("help", "/help/?lang="+lang)
	deepest := func(depth int) string {
		for _, l := range links {
			if strings.Count(strings.Trim(l, "/"), "/") == depth && !strings.Contains(l, "search") {
				return l
			}
		}
		return ""
	}
	var inner []string
	for _, depth := range []int{1, 2, 3} {
		if l := deepest(depth); l != "" && !slices.Contains(inner, l) {
			inner = append(inner, l)
		}
	}
	if len(inner) == 0 {
		t.Fatalf("the help centre leads nowhere: %v", links)
	}
	for _, l := range inner {
		at("help page "+l[strings.LastIndexByte(l, '/')+1:], l)
	}
	at("help search", "/help/search?lang="+lang+"&q="+url.QueryEscape("return"))
	at("help nothing", "/help/search?lang="+lang+"&q=zzqq")
	at("missing", "/no-such-page?lang="+lang)
	at("mail of the demo", "/demo/mail/?lang="+lang)
	// The question that was refused shows its faults.
	p.visit(base + "/?lang=" + lang)
	p.until("the form", `document.querySelector("form.ask")`)
	p.js(`{ const f = document.querySelector("form.ask"); f.noValidate = true; f.querySelector("[type=submit]").click(); }`, nil)
	time.Sleep(300 * time.Millisecond)
	look.at(p, lang+" form refused", 390, 844)
	// The chat, closed, open and in a conversation.
	shop := storefrontIn(t, base, lang)
	v := window(t, browser, shop, chromedp.WithNewBrowserContext())
	v.looks(1440, 900, "light")
	v.until("the widget's script", `window.Shohay`)
	look.at(v, lang+" chat closed", 1440, 900)
	v.js(widgetRoot+`Shohay.open()`, nil)
	v.until("the chat's home", `__w().querySelector(".home, .box")`)
	look.at(v, lang+" chat home", 1440, 900)
	v.widget()
	v.say("Where is my parcel?")
	v.hears("Where is my parcel?")
	look.at(v, lang+" chat", 390, 844)
}
