package e2e

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/shohay/shohay/hooks"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// An owner sees by a line that the disk is filling, opens all checks, makes a
// backup there, and the line goes when there is room again. An agent sees none
// of it.
func TestTheDeskShowsOwnersHowTheSystemIs(t *testing.T) {
	t.Parallel()
	var free atomic.Uint64
	free.Store(300 << 20)
	app := hookstest.New(t, func(d *hooks.Deps) {
		d.Space = func(string) (disk.Space, error) { return disk.Space{Free: free.Load(), Total: 20 << 30}, nil }
	})
	app.Agent("asha", schema.RoleOwner)
	app.Agent("rafi", schema.RoleAgent)
	base := app.Serve()
	browser := chromium(t)
	p := desk(t, browser, base, "asha@shop.test", hookstest.Password)
	p.until("the line", `document.querySelector('[data-act="system"]')?.textContent.includes("Disk")`)
	p.js(`document.querySelector('[data-act="system"]').click()`, nil)
	p.until("the sheet", `document.querySelector(".sheet.system .finding.is-warn b")?.textContent === "Disk"`)
	p.until("the place of backups", `document.querySelector(".sheet.system .place")`)
	p.js(`document.querySelector('.sheet.system [data-act="now"]').click()`, nil)
	p.until("the backup", `/now/.test(document.querySelector(".place dd")?.textContent ?? "") && document.querySelector(".place .is-online")`)

	free.Store(15 << 30)
	time.Sleep(1500 * time.Millisecond) // what was seen of the disk is believed for a second
	p.js(`document.querySelector('.sheet.system [data-act="look"]').click()`, nil)
	p.until("everything in order", `document.querySelector(".system-head.is-ok")`)
	p.until("no line", `!document.querySelector('.views-foot [data-act="system"]')`)

	free.Store(300 << 20)
	time.Sleep(1500 * time.Millisecond)
	app.Rooms.Watchdog.Look(t.Context())
	p.until("the line by itself", `document.querySelector('.views-foot [data-act="system"]')`)
	q := desk(t, browser, base, "rafi@shop.test", hookstest.Password, chromedp.WithNewBrowserContext())
	q.until("the views", `document.querySelector(".views-foot")`)
	time.Sleep(4 * time.Second) // in which the line would come
	var lines int
	q.js(`document.querySelectorAll('[data-act="system"]').length`, &lines)
	if lines != 0 {
		t.Error("an agent sees the line")
	}
}
