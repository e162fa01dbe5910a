package e2e

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/shohay/shohay/hooks/hookstest"
)

// stopwatch waits for the next key and then for the frame in which a condition
// holds, and notes the milliseconds from the key to when that frame was drawn.
const stopwatch = `{ globalThis.__took = 0; const done = () => (%s);
	addEventListener("keydown", (event) => {
		const look = () => done() ? requestAnimationFrame(() => { globalThis.__took = performance.now() - event.timeStamp; }) : requestAnimationFrame(look);
		requestAnimationFrame(look);
	}, { capture: true, once: true }); }`

// takes presses a key and returns how long it took until what it brings about
// was painted.
func (p *page) takes(what, key, done string, args ...any) float64 {
	p.tb.Helper()
	p.js(fmt.Sprintf(stopwatch, done), nil, args...)
	p.keys(key)
	p.until(what, `globalThis.__took`)
	var ms float64
	p.js(`globalThis.__took`, &ms)
	return ms
}

// deskSettles is how long a desk takes to fetch, while nothing else happens,
// what may be wanted later.
const deskSettles = 15 * time.Second

// BenchmarkDesk is what an agent feels in a shop with 100,000 conversations
// and a million messages: from the key to the paint, in a browser.
func BenchmarkDesk(b *testing.B) {
	s := bigShop(b)
	if *keepBig != "" { // it is written to
		dir := b.TempDir()
		if err := os.CopyFS(dir, os.DirFS(s.dir)); err != nil {
			b.Fatal(err)
		}
		s.dir = dir
	}
	prog := serve(b, s.dir)
	p := desk(b, chromium(b), prog.Base, "agent0@shop.test", hookstest.Password, chromedp.WithNewBrowserContext())
	p.looks(1440, 900, "light")
	rows := tabled{b: b}
	const rounds = 30

	drawn := theDesk + `.store.view === %q && ` + theDesk + `.store.list.state === "ready" && document.querySelector(".rows-items .row")?.dataset.id === ` + theDesk + `.store.list.items[0]?.id`
	time.Sleep(deskSettles)
	var took []float64
	for i := range rounds {
		view := []string{"open", "all", "mine", "pending", "solved"}[i%5]
		p.keys("g")
		took = append(took, p.takes("the view "+view, map[string]string{"open": "o", "all": "a", "mine": "m", "pending": "p", "solved": "s"}[view], drawn, view))
	}
	once, again := took[:5], took[5:]
	slices.Sort(once)
	slices.Sort(again)
	rows.add("open a view once", len(once), once)
	rows.add("open a view again", len(again), again)

	p.keys("g", "o")
	p.until("the view", drawn, "open")
	shown := theDesk + `.store.current !== %q && ` + theDesk + `.store.talk?.state === "ready" && document.querySelector("desk-composer")?.conversation === ` + theDesk + `.store.current && document.querySelector(".log-items [data-seq]")?.dataset.seq === String(` + theDesk + `.store.talk.messages[0].seq)`
	took = nil
	for range rounds {
		var before string
		p.js(theDesk+`.store.current`, &before)
		took = append(took, p.takes("a conversation", "j", shown, before))
	}
	slices.Sort(took[1:]) // the first also fetches the composer
	rows.add("open a conversation", len(took)-1, took[1:])

	took = nil
	for i := range rounds {
		text := fmt.Sprintf("Your parcel %d comes tomorrow.", i)
		p.keys("r")
		p.until("the caret", `document.activeElement?.matches("desk-composer rich-box")`)
		p.puts(text)
		took = append(took, p.takes("the answer", "Control+Enter", `document.querySelector(".log-items").textContent.includes(%q)`, text))
		p.keys("Escape")
		// An answer takes the row out of the view; the next one comes.
		var before string
		p.js(theDesk+`.store.current`, &before)
		p.keys("j")
		p.until("the next conversation", shown, before)
	}
	slices.Sort(took)
	rows.add("send", len(took), took)
}
