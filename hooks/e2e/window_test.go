package e2e

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// looks sets the size of the window and the mode; nothing moves.
func (p *page) looks(width, height int64, mode string) {
	p.tb.Helper()
	_, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: mode}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		if err != nil || p.size == [2]int64{width, height} {
			return cdp.Empty{}, err
		}
		p.size = [2]int64{width, height}
		return cdp.Call(ctx, t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
	})
	if err != nil {
		p.tb.Fatal("size the window: ", err)
	}
}

// visit opens an address that may lead on to another.
func (p *page) visit(url string) {
	p.tb.Helper()
	p.js(`{ globalThis.__before = true; location.assign(%q); }`, nil, url)
	p.until("the page "+url, `!globalThis.__before && document.readyState === "complete" && document.body.innerText.length > 20`)
}

// still waits until nothing is being fetched or drawn.
func (p *page) still() {
	p.tb.Helper()
	p.until("everything to be there", `![...document.querySelectorAll("[aria-busy=true], .skeleton")].some((e) => e.getClientRects().length) && ![...document.images].some((i) => !i.complete && i.getClientRects().length && i.loading !== "lazy") && document.fonts.status === "loaded"`)
	p.js(`(globalThis.__drawn = false, requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => { globalThis.__drawn = true; }, 0))))`, nil)
	p.until("a frame", `globalThis.__drawn`)
}
