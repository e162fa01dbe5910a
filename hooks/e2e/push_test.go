package e2e

import (
	"context"
	"encoding/json/v2"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/hookstest/device"
	"github.com/shohay/shohay/hooks/schema"
)

// pushService takes pushes for one device, whatever the address, and opens them.
func pushService(t *testing.T, d *device.Device) (pushes <-chan string, client *http.Client) {
	t.Helper()
	got := make(chan string, 20)
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sealed, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		plain, err := d.Open(sealed)
		if err != nil {
			t.Error("the device cannot open a push: ", err)
		}
		got <- string(plain)
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(srv.Close)
	client = srv.Client()
	client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, srv.Listener.Addr().String())
	}
	return got, client
}

// An agent switches pushes on, is elsewhere, and is called in their language by
// exactly what the server sent; a click shows the conversation in the desk that
// is open, or opens one.
func TestAPushIsShownByTheDesksWorkerAndAClickOpensTheConversation(t *testing.T) {
	t.Parallel()
	own := device.New(t)
	pushes, client := pushService(t, own)
	app := hookstest.New(t, hookstest.PushTo(client))
	rafi := app.Agent("rafi", schema.RoleAgent)
	rafi.Set(schema.AgentLanguages, []string{"bn"})
	if err := app.Save(rafi); err != nil {
		t.Fatal(err)
	}
	base := app.Serve()
	me := &hookstest.Client{TB: t, Base: base, Token: app.Token(rafi)}
	next := func(what string) string {
		t.Helper()
		select {
		case s := <-pushes:
			return s
		case <-time.After(patience):
			t.Fatal("waited in vain for ", what)
			return ""
		}
	}

	root := wholeChromium(t)
	_, err := chromedp.CallBrowser(root, browser.SetPermission, browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: "notifications"}, Setting: browser.PermissionSettingGranted, Origin: base,
	})
	if err != nil {
		t.Fatal(err)
	}
	p := desk(t, root, base, "rafi@shop.test", hookstest.Password)
	p.until("the worker to hold the page", `navigator.serviceWorker.controller`)

	// The browser's own push service cannot be reached: what it would give is
	// given here, and all else is the desk's. The name is that of the test's certificate.
	key, auth := own.Keys()
	p.js(`PushManager.prototype.subscribe = async (asked) => {
		globalThis.__asked = asked.userVisibleOnly && new Uint8Array(asked.applicationServerKey).length;
		return { toJSON: () => ({ endpoint: "https://example.com/device", keys: { p256dh: %q, auth: %q } }) };
	}`, nil, key, auth)
	p.js(`import("/desk/notices.js").then((m) => m.openNotices(document.querySelector("desk-app").desk))`, nil)
	p.until("the switch", `document.querySelector(".notice-device [data-act=device]")`)
	p.js(`document.querySelector(".notice-device [data-act=device]").click()`, nil)
	p.until("this device in the list", `document.querySelector(".device-list")?.textContent.includes("এই ডিভাইস")`)
	p.until("the server's key", `globalThis.__asked === 65`)
	p.js(`document.querySelector("dialog.notices [data-act=close-sheet]").click()`, nil)
	me.Must(200, "PATCH", "/api/desk/me", map[string]any{"notify": map[string]any{"push": "all"}})

	visitor := &hookstest.Client{TB: t, Base: base}
	var started struct{ Token string }
	visitor.Must(200, "POST", "/api/chat/start", map[string]any{"name": "Nusrat"}).JSON(t, &started)
	visitor.Token = started.Token
	me.Must(204, "POST", "/api/desk/active", map[string]any{"on": false})
	visitor.Must(200, "POST", "/api/chat/messages", map[string]any{"client_id": "client-id-one", "text": "আমার শাড়ি কোথায়?"})
	sent := next("a push of the message")

	worker := serviceWorker(t, root, base)
	worker.js(`navigator.setAppBadge = async (n) => { globalThis.__badge = n; }`, nil)
	push := pusher(t, p, base)
	const look = `(globalThis.__looking ??= navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) => { globalThis.__shown = all; }).finally(() => { setTimeout(() => { globalThis.__looking = null; }, 200); }), globalThis.__shown?.length)`
	shown := false
	for began := time.Now(); !shown; {
		if time.Since(began) > patience {
			var allowed string
			p.js(`Notification.permission`, &allowed)
			t.Fatal("nothing is shown of a push; the permission is ", allowed)
		}
		push(sent) // a worker that does not start in time is given none
		for again := time.Now(); !shown && time.Since(again) < 10*time.Second; time.Sleep(100 * time.Millisecond) {
			p.js("!!("+look+" === 1)", &shown)
		}
	}
	var said, seen struct {
		Title, Body, Lang, Tag, URL string
		Badge                       int
	}
	if err := json.Unmarshal([]byte(sent), &said, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	p.js(`(({ title, body, lang, tag, data }) => ({ Title: title, Body: body, Lang: lang, Tag: tag, URL: data.url }))(globalThis.__shown[0])`, &seen)
	worker.js(`globalThis.__badge`, &seen.Badge)
	if seen != said || said.Body != "আমার শাড়ি কোথায়?" || said.Lang != "bn" || said.Badge != 1 || said.Title != "একজন গ্রাহক" {
		t.Errorf("sent  %+v\nshown %+v", said, seen)
	}
	var marks [2]int
	p.js(`Promise.all(["icon", "badge"].map(async (k) => (await createImageBitmap(await (await fetch(globalThis.__shown[0][k])).blob())).width)).then((wide) => { globalThis.__marks = wide; })`, nil)
	p.until("icon and badge", `globalThis.__marks`)
	if p.js(`globalThis.__marks`, &marks); marks != [2]int{192, 96} {
		t.Errorf("icon and badge are %v wide", marks)
	}

	// Another page of the shop's is in front. A click cannot be made without a
	// screen, so what the browser tells the worker of it is.
	window(t, root, base+"/?")

	click := `registration.getNotifications().then(([n]) => {
		const event = new NotificationEvent("notificationclick", { notification: n });
		event.waitUntil = (work) => { globalThis.__work = work; };
		dispatchEvent(event);
	})`
	worker.js(click, nil)
	p.until("the conversation", `location.hash === %q && document.querySelector("[role=log]")?.textContent.includes(%q)`, strings.TrimPrefix(said.URL, "/desk/"), said.Body)
	p.until("the notification to be gone", look+` === 0`)
}

// serviceWorker is the desk's, as a page to evaluate in.
func serviceWorker(t *testing.T, root context.Context, base string) *page {
	t.Helper()
	list, err := chromedp.Targets(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range list {
		if info.Type == "service_worker" && strings.HasPrefix(info.URL, base+"/desk/") {
			ctx, stop := chromedp.NewContext(root, chromedp.WithTargetID(info.TargetID))
			t.Cleanup(stop)
			// As with a window, the first call is not one with a time limit.
			if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("true")); err != nil {
				t.Fatal("look into the worker: ", err)
			}
			return &page{tb: t, ctx: ctx}
		}
	}
	t.Fatalf("no worker among %v", list)
	return nil
}

// pusher gives pushes to the worker as the browser does with one that came.
func pusher(t *testing.T, p *page, base string) (push func(content string)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	t.Cleanup(cancel)
	found := make(chan serviceworker.RegistrationID, 1)
	err := chromedp.Listen(ctx, func(ev any) {
		if e, ok := ev.(*serviceworker.EventWorkerRegistrationUpdated); ok {
			for _, r := range e.Registrations {
				if r.ScopeURL == base+"/desk/" && !r.IsDeleted {
					select {
					case found <- r.RegistrationID:
					default:
					}
				}
			}
		}
	})
	if err == nil {
		_, err = chromedp.Call(ctx, serviceworker.Enable, cdp.Empty{})
	}
	if err != nil {
		t.Fatal(err)
	}
	select {
	case id := <-found:
		return func(content string) {
			t.Helper()
			if _, err := chromedp.Call(p.ctx, serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{Origin: base, RegistrationID: id, Data: content}); err != nil {
				t.Fatal("deliver a push: ", err)
			}
		}
	case <-ctx.Done():
		t.Fatal("the worker is not registered: ", ctx.Err())
		return nil
	}
}
