package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// firstLoadMost is what a page of the customers may weigh on its first load,
// compressed, headers included and pictures not.
const firstLoadMost = 30 << 10

// phonePages are what a customer opens first.
var phonePages = []struct{ name, path string }{
	{"home, Bangla", "/?lang=bn"},
	{"home, English", "/?lang=en"},
	{"help, Bangla", "/help/bn/"},
	{"help, English", "/help/en/"},
	{"article, Bangla", "/help/bn/return-policy"},
	{"article, English", "/help/en/return-policy"},
}

// phoneLoad is how a page came to a phone that never saw it before.
type phoneLoad struct {
	bytes, pictures int     // over the network, headers included
	requests        int     // that went out
	first, largest  float64 // contentful paint, ms since the start
	shift           float64 // of the layout, 0 is none
	asked           []string
}

// onPhone opens a page in a fresh profile on a small screen. A slow phone is
// one with a quarter of this machine's speed behind 1.6 Mbit/s down, 750
// kbit/s up and 150 ms for a question and its answer.
func onPhone(tb testing.TB, browser context.Context, url string, slow bool) phoneLoad {
	tb.Helper()
	p := window(tb, browser, "about:blank", chromedp.WithNewBrowserContext())
	var (
		mu    sync.Mutex
		load  phoneLoad
		kinds = map[network.RequestID]network.ResourceType{}
	)
	err := chromedp.Listen(p.ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if strings.HasPrefix(e.Request.URL, "http") {
				kinds[e.RequestID] = e.Type
				load.requests++
				load.asked = append(load.asked, e.Request.URL)
			}
		case *network.EventLoadingFinished:
			switch kind, ok := kinds[e.RequestID]; {
			case ok && kind == network.ResourceTypeImage:
				load.pictures += int(e.EncodedDataLength)
			case ok:
				load.bytes += int(e.EncodedDataLength)
			}
		}
	})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(p.ctx, 2*time.Minute)
	defer cancel()
	_, err = chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{})
		if err == nil {
			_, err = cdp.Call(ctx, t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 360, Height: 740, DeviceScaleFactor: 2, Mobile: true})
		}
		if err != nil || !slow {
			return chromedp.Void{}, err
		}
		if _, err = cdp.Call(ctx, t, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 4}); err != nil {
			return chromedp.Void{}, err
		}
		_, err = cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Latency: 150, DownloadThroughput: 1.6e6 / 8, UploadThroughput: 750e3 / 8}},
		})
		return chromedp.Void{}, err
	})
	if err != nil {
		tb.Fatal("make a phone of the window: ", err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Navigate(url)); err != nil {
		tb.Fatalf("open %s: %v", url, err)
	}
	time.Sleep(1500 * time.Millisecond) // what comes after the page is there
	p.js(`globalThis.__seen = { largest: 0, shift: 0 };
		new PerformanceObserver((l) => { for (const e of l.getEntries()) __seen.largest = e.startTime; }).observe({ type: "largest-contentful-paint", buffered: true });
		new PerformanceObserver((l) => { for (const e of l.getEntries()) if (!e.hadRecentInput) __seen.shift += e.value; }).observe({ type: "layout-shift", buffered: true })`, nil)
	p.until("the paints", `__seen.largest > 0 && performance.getEntriesByName("first-contentful-paint").length`)
	var seen struct {
		First   float64 `json:"first"`
		Largest float64 `json:"largest"`
		Shift   float64 `json:"shift"`
	}
	p.js(`({ first: performance.getEntriesByName("first-contentful-paint")[0].startTime, ...__seen })`, &seen)
	// A window that stays open and slow would slow the next one down.
	_, err = chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 1})
		return chromedp.Void{}, err
	})
	if err != nil {
		tb.Fatal("let the window be fast again: ", err)
	}
	mu.Lock()
	defer mu.Unlock()
	load.first, load.largest, load.shift = seen.First, seen.Largest, seen.Shift
	return load
}

// The first load of what a customer opens first is light, and nothing on it
// jumps.
func TestFirstLoadOnAPhone(t *testing.T) {
	t.Parallel()
	prog := serve(t, stocked(t).dir)
	browser := wholeChromium(t)
	for _, page := range phonePages {
		load := onPhone(t, browser, prog.Base+page.path, false)
		t.Logf("%s: %d bytes, %d of pictures, %d requests, layout shift %.3f", page.name, load.bytes, load.pictures, load.requests, load.shift)
		if load.bytes > firstLoadMost || load.bytes < 2000 {
			t.Errorf("%s: the first load is %d bytes, want at most %d: %s", page.name, load.bytes, firstLoadMost, strings.Join(load.asked, " "))
		}
		if load.shift > 0.05 {
			t.Errorf("%s: the layout shifts by %.3f", page.name, load.shift)
		}
	}
}

// BenchmarkPhone is how the pages of the customers come to a slow phone with
// nothing of them kept: bytes and requests over the network, the first and the
// largest paint with content, and how much the layout shifts. Each figure is
// the median of three loads.
func BenchmarkPhone(b *testing.B) {
	prog := serve(b, stocked(b).dir)
	browser := chromium(b)
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "page\tKB\tof pictures\trequests\tfirst paint ms\tlargest ms\tlayout shift\t")
	b.ResetTimer()
	for _, page := range phonePages {
		var loads [3]phoneLoad
		for i := range loads {
			loads[i] = onPhone(b, browser, prog.Base+page.path, true)
		}
		median := func(of func(phoneLoad) float64) float64 {
			var all []float64
			for _, l := range loads {
				all = append(all, of(l))
			}
			slices.Sort(all)
			return all[len(all)/2]
		}
		first, largest := median(func(l phoneLoad) float64 { return l.first }), median(func(l phoneLoad) float64 { return l.largest })
		size := median(func(l phoneLoad) float64 { return float64(l.bytes) / 1024 })
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.0f\t%.0f\t%.0f\t%.3f\t\n", page.name, size,
			median(func(l phoneLoad) float64 { return float64(l.pictures) / 1024 }), median(func(l phoneLoad) float64 { return float64(l.requests) }),
			first, largest, median(func(l phoneLoad) float64 { return l.shift }))
		unit, _, english := strings.Cut(page.name, ", E")
		if english {
			b.ReportMetric(size, unit+"-KB")
			b.ReportMetric(first, unit+"-first-paint-ms")
			b.ReportMetric(largest, unit+"-largest-paint-ms")
		}
	}
	w.Flush()
	b.ReportMetric(0, "ns/op")
	b.Logf("1.6 Mbit/s, 150 ms, a quarter of this machine's speed, 360 × 740:\n%s", table.String())
}
