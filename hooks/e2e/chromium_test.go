package e2e

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/shohay/shohay/hooks/hookstest"
)

// patience is how long a page gets for what should take a moment: the machines
// that run this are busy, and a browser that found the server gone several
// times asks again after up to half a minute.
const patience = time.Minute

// shared is the browser of all tests that need no other: to start one costs as
// much as a small test.
var shared struct {
	sync.Mutex
	ctx  context.Context
	stop func()
}

// chromium gives a fresh profile. A test has it in the shared browser; what is
// measured is measured with a whole browser of its own.
func chromium(tb testing.TB) context.Context {
	tb.Helper()
	if _, test := tb.(*testing.T); !test {
		return wholeChromium(tb)
	}
	ctx, stop := chromedp.NewContext(sharedChromium(tb), chromedp.WithNewBrowserContext())
	tb.Cleanup(stop)
	if _, err := chromedp.Run(ctx, chromedp.Navigate("about:blank")); err != nil {
		tb.Fatal("open a profile: ", err)
	}
	return ctx
}

// wholeChromium is a browser for one test alone, which can show notifications,
// too, and asks for a page's icon.
func wholeChromium(tb testing.TB) context.Context {
	tb.Helper()
	ctx, stop := startChromium(tb, hookstest.NeedProgram(tb, "chromium", "chromium-browser", "google-chrome"))
	tb.Cleanup(stop)
	return ctx
}

// sharedChromium starts the shared browser, again if it is gone. Where it is
// there, that is Debian's build without windows, which draws the same pages with
// a third less of the processor.
func sharedChromium(tb testing.TB) context.Context {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.ctx != nil {
		select {
		case <-chromedp.FromContext(shared.ctx).Browser.LostConnection:
			shared.stop()
			shared.ctx = nil
		default:
			return shared.ctx
		}
	}
	// The command is a script which would be ended without the browser.
	exe := "/usr/lib/chromium/chromium-headless-shell"
	if _, err := exec.LookPath(exe); err != nil {
		exe = hookstest.NeedProgram(tb, "chromium", "chromium-browser", "google-chrome")
	}
	shared.ctx, shared.stop = startChromium(tb, exe)
	return shared.ctx
}

// stopSharedChromium ends it when all tests are done.
func stopSharedChromium() {
	shared.Lock()
	defer shared.Unlock()
	if shared.ctx != nil {
		shared.stop()
	}
}

func startChromium(tb testing.TB, exe string) (ctx context.Context, stop func()) {
	tb.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(exe), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-gpu", true), chromedp.WindowSize(1280, 860), chromedp.WSURLReadTimeout(time.Minute))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stopFirst := chromedp.NewContext(alloc)
	stop = func() { stopFirst(); stopAlloc() }
	if _, err := chromedp.Run(ctx, chromedp.Navigate("about:blank")); err != nil {
		stop()
		tb.Fatal("start the browser: ", err)
	}
	return ctx, stop
}

// page is one window.
type page struct {
	tb   testing.TB
	ctx  context.Context
	size [2]int64 // what looks gave it
}

// window opens an address, in a profile of its own unless shared.
func window(tb testing.TB, browser context.Context, url string, options ...chromedp.ContextOption) *page {
	tb.Helper()
	ctx, stop := chromedp.NewContext(browser, options...)
	tb.Cleanup(stop)
	p := &page{tb: tb, ctx: ctx}
	// The first call makes the window, which then lives as long as the context
	// of that call: it must not be one with a time limit.
	_, err := chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		// Every window is the one in front, as on a desk with two screens.
		_, err := cdp.Call(ctx, t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return chromedp.Void{}, err
	})
	if err != nil {
		tb.Fatal("open a window: ", err)
	}
	p.goTo(url)
	return p
}

// goTo opens an address. What a test waits for is on the page, so the load
// event, which a slow picture holds back, is not waited for.
func (p *page) goTo(url string) {
	p.tb.Helper()
	p.js(`location.assign(%q)`, nil, url)
	p.until("the page "+url, `location.href.startsWith(%q) && document.readyState !== "loading"`, url)
}

// reload loads the page anew and waits until the old one is gone.
func (p *page) reload() {
	p.tb.Helper()
	p.js(`window.beforeReload = true; location.reload()`, nil)
	p.until("the page again", `!window.beforeReload && document.readyState !== "loading"`)
}

// js evaluates an expression; %q in it takes the arguments as JSON strings.
func (p *page) js(expression string, into any, args ...any) {
	p.tb.Helper()
	quoted := make([]any, len(args))
	for i, a := range args {
		raw, err := json.Marshal(a)
		if err != nil {
			p.tb.Fatal(err)
		}
		quoted[i] = string(raw)
	}
	if len(quoted) > 0 {
		expression = fmt.Sprintf(strings.ReplaceAll(expression, "%q", "%s"), quoted...)
	}
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](expression))
	for err != nil && strings.Contains(err.Error(), "navigated or closed") && ctx.Err() == nil {
		time.Sleep(40 * time.Millisecond) // asked in the middle of going elsewhere
		raw, err = chromedp.Run(ctx, chromedp.Evaluate[[]byte](expression))
	}
	if err == nil && into != nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil && !(into == nil && (errors.Is(err, chromedp.ErrJSUndefined) || errors.Is(err, chromedp.ErrJSNull))) {
		p.tb.Fatalf("%v in %s", err, expression)
	}
}

// until waits for an expression to become true.
func (p *page) until(what, expression string, args ...any) {
	p.tb.Helper()
	deadline := time.Now().Add(patience)
	for pause := 20 * time.Millisecond; ; pause = min(pause*3/2, 200*time.Millisecond) {
		var ok bool
		p.js("!!("+expression+")", &ok, args...)
		if ok {
			return
		}
		if time.Now().After(deadline) {
			var seen string
			p.js(`(document.body.innerText + "\n--\n" + (globalThis.__w ? __w().textContent : "")).slice(-3000)`, &seen)
			p.tb.Fatalf("waited %s in vain for: %s\nthe page shows:\n%s", patience, what, seen)
		}
		time.Sleep(pause)
	}
}

// The widget hides in a shadow root.
const widgetRoot = `globalThis.__w = () => [...document.body.children].find((e) => e.shadowRoot)?.shadowRoot; `

// widget opens the chat on a page and goes to the conversation.
func (p *page) widget() {
	p.tb.Helper()
	p.until("the widget's script", `window.Shohay`)
	p.js(widgetRoot+`Shohay.open()`, nil)
	p.until("the writing box", `__w().querySelector(".box").getClientRects().length || (__w().querySelector(".home [data-id=chat]")?.click(), false)`)
}

// say writes a message in the widget as a person does.
func (p *page) say(text string) {
	p.tb.Helper()
	p.js(`{ const b = __w().querySelector(".box"); b.focus(); b.value = %q; b.dispatchEvent(new Event("input", { bubbles: true })); __w().querySelector(".send").click(); }`, nil, text)
}

// hears waits until the widget shows a text.
func (p *page) hears(text string) {
	p.tb.Helper()
	p.until("the visitor to see "+text, `__w().querySelector(".log").textContent.includes(%q)`, text)
}

// order is where each text stands in the widget's log, -1 for nowhere, and how
// often.
func (p *page) order(texts ...string) (at []int, times []int) {
	p.tb.Helper()
	var log string
	p.js(`__w().querySelector(".log").textContent`, &log)
	for _, t := range texts {
		at, times = append(at, strings.Index(log, t)), append(times, strings.Count(log, t))
	}
	return at, times
}

// desk signs in.
func desk(tb testing.TB, browser context.Context, base, email, password string, options ...chromedp.ContextOption) *page {
	tb.Helper()
	p := window(tb, browser, base+"/desk/?", options...)
	p.until("the door", `document.querySelector("input[name=identity]")`)
	p.js(`{ const set = (n, v) => { document.querySelector("input[name=" + n + "]").value = v; }; set("identity", %q); set("password", %q); document.querySelector("form [type=submit]").click(); }`, nil, email, password)
	p.until("the desk", `document.querySelector("desk-inbox, .rows, [role=listbox]")`)
	return p
}

// opens opens the conversation whose row shows the text.
func (p *page) opens(text string) {
	p.tb.Helper()
	row := `[...document.querySelectorAll("a[href*='#/'], .row")].find((r) => r.classList.contains("row") && r.textContent.includes(%q))`
	p.until("a row with "+text, row, text)
	p.js(row+`.click()`, nil, text)
	p.until("the conversation with "+text, `document.querySelector("[role=log]")?.textContent.includes(%q)`, text)
}

// answers writes an answer in the desk, or a note.
func (p *page) answers(text string, note bool) {
	p.tb.Helper()
	p.js(`{ document.activeElement?.blur(); document.body.dispatchEvent(new KeyboardEvent("keydown", { key: %q, bubbles: true })); }`, nil, map[bool]string{true: "n", false: "r"}[note])
	p.until("the composer", `document.querySelector("rich-box.txt")`)
	p.js(`{ const b = document.querySelector("rich-box.txt"); b.focus(); b.value = %q; b.dispatchEvent(new Event("input", { bubbles: true })); }`, nil, text)
	p.until("the send button", `!document.querySelector("[data-act=send]").disabled`)
	p.js(`document.querySelector("[data-act=send]").click()`, nil)
	p.sees(text)
}

// sees waits until the open conversation of the desk shows a text.
func (p *page) sees(text string) {
	p.tb.Helper()
	p.until("the desk to show "+text, `document.querySelector("[role=log]")?.textContent.includes(%q)`, text)
}

// storefront is a page of the shop's own site, on another origin, with the
// widget of base in it.
func storefront(tb testing.TB, base string) string {
	tb.Helper()
	return storefrontIn(tb, base, "bn")
}

func storefrontIn(tb testing.TB, base, lang string) string {
	tb.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="%[2]s"><meta charset="utf-8"><title>Shop</title><body><main><h1>Shop</h1></main><script src="%[1]s/widget.js" data-lang="%[2]s" async></script></body></html>`, base, lang)
	}))
	tb.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
	})
	return srv.URL // another port is another origin
}

// wire is the network between a browser and the program; it can be cut.
type wire struct {
	l    net.Listener
	to   string
	mu   sync.Mutex
	down bool
	live map[net.Conn]bool
}

// newWire listens on a free port and passes everything on.
func newWire(tb testing.TB, to string) *wire {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	w := &wire{l: l, to: to, live: map[net.Conn]bool{}}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.pass(c)
		}
	}()
	tb.Cleanup(func() { l.Close(); w.cut() })
	return w
}

func (w *wire) base() string { return "http://" + w.l.Addr().String() }

func (w *wire) pass(c net.Conn) {
	defer c.Close()
	up, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer up.Close()
	w.mu.Lock()
	if w.down {
		w.mu.Unlock()
		return
	}
	w.live[c], w.live[up] = true, true
	w.mu.Unlock()
	done := make(chan struct{}, 2)
	for _, pair := range [][2]net.Conn{{c, up}, {up, c}} {
		go func() { io.Copy(pair[0], pair[1]); done <- struct{}{} }()
	}
	<-done
	w.mu.Lock()
	delete(w.live, c)
	delete(w.live, up)
	w.mu.Unlock()
}

// cut ends every connection and refuses new ones until mend.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = true
	for c := range w.live {
		c.Close()
	}
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = false
}
