package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/hookstest"
)

var firstLink = regexp.MustCompile(`http://\S+/desk/#/start/[a-z0-9]+`)

// enters writes into a field of the set-up as a person does.
func (p *page) enters(name, value string) {
	p.tb.Helper()
	p.until("the field "+name, `document.querySelector(".setup [name=" + %q + "]")`, name)
	p.js(`{ const f = document.querySelector(".setup [name=" + %q + "]"); f.focus(); f.value = %q; f.dispatchEvent(new Event("input", { bubbles: true })); f.dispatchEvent(new Event("change", { bubbles: true })); f.blur(); }`, nil, name, value)
}

// pushes clicks what a selector finds, once it is there and can be clicked.
func (p *page) pushes(selector string) {
	p.tb.Helper()
	p.until(selector, `document.querySelector(%q) && !document.querySelector(%q).disabled`, selector, selector)
	p.js(`document.querySelector(%q).click()`, nil, selector)
}

// step waits for a page of the set-up.
func (p *page) step(name string) {
	p.tb.Helper()
	p.until("the step "+name, `document.querySelector(".setup-main[data-key=" + %q + "] h1")`, name)
}

// stepDone waits until the list shows a step as done.
func (p *page) stepDone(name string) {
	p.tb.Helper()
	p.until("the step "+name+" to be done", `document.querySelector(".setup-all a[href='#/setup/" + %q + "'] .step-sign.is-done")`, name)
}

// newShop starts the program on an empty folder and returns the link that it
// printed.
func newShop(t *testing.T) (*program, string) {
	t.Helper()
	p := serve(t, filepath.Join(t.TempDir(), "data"))
	link := ""
	hookstest.Until(t, "the link", patience, func() bool {
		link = firstLink.FindString(p.log.String())
		return link != ""
	})
	return p, link
}

// TestAShopIsSetUpInBangla goes the whole way: the printed link, each step in
// Bangla with what proves it, out, in, and on after a restart.
func TestAShopIsSetUpInBangla(t *testing.T) {
	t.Parallel()
	prog, link := newShop(t)
	imap, smtp := mailtest.NewIMAP(t), mailtest.NewSMTP(t)
	smtp.Forward(func(raw string) { imap.Put(raw) })
	browser := chromium(t)
	file := filepath.Join(prog.dir, "first-link.txt")
	if raw, err := os.ReadFile(file); err != nil || strings.TrimSpace(string(raw)) != link {
		t.Fatalf("the file holds %q %v", raw, err)
	}

	p := window(t, browser, link, chromedp.WithNewBrowserContext())
	p.until("the page", `document.querySelector(".setup [data-lang=bn]")`)
	p.pushes(".setup [data-lang=bn]")
	p.until("Bangla", `document.documentElement.lang === "bn" && document.querySelector("h1")?.textContent.includes("দোকানটি")`)
	p.enters("name", "মিনা")
	p.enters("email", "mina@rupali.example")
	p.enters("password", "short")
	p.pushes(".setup [type=submit]")
	p.until("what is wrong with the password", `document.querySelector(".is-wrong .field-wrong")?.textContent.includes("৮ থেকে ৭০")`)
	p.enters("password", "নীল আকাশ ৭")
	p.pushes(".setup [type=submit]")

	p.step("shop")
	var address string
	p.js(`location.href`, &address)
	if strings.Contains(address, "start") {
		t.Errorf("the link is still in the address: %s", address)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Error("the file with the link is still there")
	}
	p.pushes(".setup [type=submit]")
	p.until("that the name is missing", `document.querySelector("[data-field=name].is-wrong")`)
	p.enters("name", "রূপালী বুটিক")
	p.enters("time_zone", "Asia/Dhaka")
	p.pushes(".setup [type=submit]")

	p.step("hours")
	p.stepDone("shop")
	p.until("that it is open", `document.querySelector(".proof.is-good")?.textContent.includes("খোলা")`)
	p.pushes("[data-week=friday]")
	p.until("six open days", `document.querySelectorAll(".setup-week .span").length === 6`)
	p.stepDone("hours")
	p.pushes(".setup [type=submit]")

	p.step("look")
	p.js(`{ const c = document.querySelector(".swatch input[value='#be185d']"); c.checked = true; c.dispatchEvent(new Event("change", { bubbles: true })); }`, nil)
	p.until("the preview", `getComputedStyle(document.querySelector(".peek-button")).backgroundColor === "rgb(190, 24, 93)"`)
	p.pushes(".setup [type=submit]")

	// A wrong password says so; then the mailbox hears itself.
	p.step("mail")
	p.stepDone("look")
	p.js(`document.querySelector(".providers input[value=other]").click()`, nil)
	for name, value := range map[string]string{
		"address": mailtest.Login, "password": "wrong", "imap_host": "127.0.0.1", "imap_port": strconv.Itoa(imap.Port), "imap_security": "none",
		"smtp_host": "127.0.0.1", "smtp_port": strconv.Itoa(smtp.Port), "smtp_security": "none",
	} {
		p.enters(name, value)
	}
	p.pushes("[data-act=try]")
	p.until("which step failed", `document.querySelector(".trial li.is-bad") && document.querySelector(".trial .hint")`)
	p.enters("password", mailtest.Password)
	p.pushes("[data-act=try]")
	p.until("the mailbox to hear itself", `document.querySelector(".proof.is-good")?.textContent.includes("help@shop.test")`)
	p.stepDone("mail")
	p.pushes(".setup [type=submit]")

	// A page on another port loads the widget; the step turns green by itself.
	p.step("widget")
	p.until("that it waits", `document.querySelector(".proof.is-wait")`)
	front := storefront(t, prog.Base)
	shop := window(t, browser, front, chromedp.WithNewBrowserContext())
	shop.until("the widget", `window.Shohay`)
	p.until("the page's host", `document.querySelector(".proof.is-good")?.textContent.includes(%q)`, strings.TrimPrefix(front, "http://"))
	p.stepDone("widget")
	p.pushes(".setup [type=submit]")

	p.step("staff")
	p.enters("email", "rafi@home.example")
	p.enters("name", "রাফি")
	p.pushes("[data-act=invite]")
	p.until("that it was mailed", `document.querySelector(".proof.is-good")`)
	var invitation string
	p.js(`document.querySelector("#setup-link").textContent`, &invitation)
	hookstest.Until(t, "the invitation", patience, func() bool {
		for _, m := range smtp.Mails() {
			if len(m.To) == 1 && m.To[0] == "rafi@home.example" {
				return true
			}
		}
		return false
	})
	p.stepDone("staff")
	p.pushes(".setup [type=submit]")

	p.step("backup")
	p.pushes("[data-act=make]")
	p.until("the backup", `document.querySelector(".proof.is-good")?.textContent.includes(".zip")`)
	p.stepDone("backup")
	p.pushes(".setup [type=submit]")
	p.step("end")
	p.until("that all is done", `document.querySelector(".proof.is-good") && document.querySelectorAll(".setup-all .is-done").length === 8`)
	p.pushes("[data-act=sample]")
	p.until("the samples", `document.querySelector(".setup-ok")`)

	// The colleague comes by the link, once.
	guest := window(t, browser, invitation, chromedp.WithNewBrowserContext())
	guest.until("the invitation", `document.querySelector(".setup.is-plain [name=password]")`)
	guest.enters("password", "three green parrots")
	guest.pushes(".setup [type=submit]")
	guest.until("the desk", `document.querySelector("desk-app")`)

	// Out, and in again; nothing reminds of what is done.
	p.js(`location.hash = "#/unassigned"`, nil)
	p.until("the desk", `document.querySelector("desk-app")`)
	p.js(`document.querySelector("desk-app").desk.signOut()`, nil)
	p.until("the door", `document.querySelector("input[name=identity]")`)
	p.js(`{ const set = (n, v) => { document.querySelector("input[name=" + n + "]").value = v; }; set("identity", "mina@rupali.example"); set("password", "নীল আকাশ ৭"); document.querySelector("form [type=submit]").click(); }`, nil)
	p.until("the desk", `document.querySelector("desk-app")?.desk.store.boot.shop.name === "রূপালী বুটিক"`)

	// The link is worth nothing any more, and says what to do.
	p2 := window(t, browser, link, chromedp.WithNewBrowserContext())
	p2.until("that the link is used", `document.querySelector(".setup h1") && document.querySelector(".setup-command")?.textContent.includes("superuser upsert")`)
}

// TestTheSetUpGoesOnAfterARestart leaves steps out, stops, and finds them
// again.
func TestTheSetUpGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	prog, _ := newShop(t)
	// A new link, while the program runs, ends the one before.
	e := command(t, "setup", "--dir", prog.dir)
	link := firstLink.FindString(e.out)
	if e.code != 0 || !strings.HasPrefix(link, prog.Base) {
		t.Fatalf("%d %q %q", e.code, e.out, e.err)
	}
	browser := chromium(t)
	p := window(t, browser, link, chromedp.WithNewBrowserContext())
	p.enters("name", "Mina")
	p.enters("email", "mina@rupali.example")
	p.enters("password", "three blue parrots")
	p.pushes(".setup [type=submit]")
	p.step("shop")
	p.enters("name", "Rupali")
	p.pushes(".setup [type=submit]")
	p.step("hours")
	p.pushes("[data-act=skip]")
	p.step("look")
	p.pushes("[data-act=back]")
	p.step("hours")
	p.js(`history.back()`, nil)
	p.step("look")

	prog.stop()
	prog.start()
	prog.await()
	p.goTo(prog.Base + "/desk/?again")
	p.until("the reminder", `[...document.querySelectorAll(".views-foot a")].some((a) => a.hash === "#/setup" && /2|২/.test(a.textContent))`)
	p.js(`document.querySelector(".views-foot a[href='#/setup']").click()`, nil)
	p.step("look") // the first that is open
	p.pushes("[data-act=skip]")
	p.signsIn(prog)
	p.pushes(".setup [type=submit]")
	p.step("widget")
	p.pushes("[data-act=skip]")
	p.step("staff")
	p.pushes("[data-act=skip]") // alone
	p.step("backup")
	p.pushes("[data-act=skip]")
	p.step("end")
	p.until("what is left", `document.querySelectorAll(".setup-left a").length === 4`)
	p.pushes("[data-act=close]")
	p.until("that it is put away", `!document.querySelector("[data-act=close]")`)
	p.js(`location.hash = "#/unassigned"`, nil)
	p.until("the desk", `document.querySelector("desk-app")`)
	time.Sleep(2 * time.Second) // the reminder would have come by now
	var reminds bool
	if p.js(`!!document.querySelector(".views-foot a[href='#/setup']")`, &reminds); reminds {
		t.Error("the desk reminds of what was put away")
	}
	if e := command(t, "setup", "--dir", prog.dir); e.code != 1 || !strings.Contains(e.err, "has an owner already") {
		t.Errorf("a shop with an owner gives a link: %d %q %q", e.code, e.out, e.err)
	}
}

// provider signs mailboxes in, as Google does (its page leads back with a code)
// and as Microsoft does (a code is typed at its page; here the owner refuses).
func provider(tb testing.TB) *httptest.Server {
	tb.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			tb.Error(err)
		}
		answer := `{"error":"invalid_grant"}`
		switch {
		case r.URL.Path == "/auth":
			http.Redirect(w, r, r.Form.Get("redirect_uri")+"?"+url.Values{"state": {r.Form.Get("state")}, "code": {"C1"}}.Encode(), http.StatusFound)
			return
		case r.URL.Path == "/device":
			_, _ = fmt.Fprintf(w, `{"device_code":"D","user_code":"ABCD-EFGH","verification_uri":"http://%s/go","expires_in":900,"interval":1}`, r.Host)
			return
		case r.PostForm.Get("device_code") == "D":
			answer = `{"error":"access_denied","error_description":"The user said no"}`
		case r.PostForm.Get("code") == "C1" && r.PostForm.Get("client_secret") == "client-secret":
			_, _ = io.WriteString(w, `{"access_token":"`+mailtest.Token+`","refresh_token":"R1","expires_in":3600}`)
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, answer)
	}))
	tb.Cleanup(srv.Close)
	return srv
}

// signsIn goes through the step of the mailbox by tokens instead of a password:
// refused at Microsoft's, then by Google's page.
func (p *page) signsIn(prog *program) {
	p.tb.Helper()
	imap, smtp := mailtest.NewIMAP(p.tb), mailtest.NewSMTP(p.tb)
	smtp.Forward(func(raw string) { imap.Put(raw) })
	at := provider(p.tb)
	// Where the provider is, the set-up does not ask: a mailbox that was begun has it.
	var in struct{ Token string }
	prog.client("").Must(200, "POST", "/api/collections/agents/auth-with-password", map[string]any{"identity": "mina@rupali.example", "password": "three blue parrots"}).JSON(p.tb, &in)
	servers := map[string]string{
		"imap_host": "127.0.0.1", "imap_port": strconv.Itoa(imap.Port), "imap_security": "none", "smtp_host": "127.0.0.1", "smtp_port": strconv.Itoa(smtp.Port), "smtp_security": "none",
	}
	record := map[string]any{"address": mailtest.Login, "active": false, "fetch_days": 7, "sign_in": "microsoft", "oauth_client": "client", "oauth_urls": map[string]string{"device": at.URL + "/device", "token": at.URL + "/token"}}
	for name, value := range servers {
		record[name] = value
	}
	var box struct{ ID string }
	prog.client(in.Token).Must(200, "POST", "/api/collections/mailboxes/records", record).JSON(p.tb, &box)
	p.reload()
	p.step("mail")

	choose := func(id string, fields map[string]string) {
		p.until("the provider "+id, `document.querySelector(".providers input[value=" + %q + "]")`, id)
		p.js(`document.querySelector(".providers input[value=" + %q + "]").click()`, nil, id)
		if id == "gmail" {
			p.js(`document.querySelector(".setup [name=way][value=tokens]").click()`, nil)
		}
		for name, value := range fields {
			p.enters(name, value)
		}
		for name, value := range servers {
			p.enters(name, value)
		}
		p.pushes("[data-act=try]")
	}
	choose("microsoft", map[string]string{"oauth_client": "client"})
	p.until("the code to type", `document.querySelector(".signin b")?.textContent === "ABCD-EFGH" && document.querySelector(".signin a").href === %q`, at.URL+"/go")
	p.until("what the provider said", `document.querySelector(".setup")?.textContent.includes("The user said no") || document.body.textContent.includes("The user said no")`)
	p.until("that it can be tried again", `document.querySelector("[data-act=try]")`)

	prog.client(in.Token).Must(200, "PATCH", "/api/collections/mailboxes/records/"+box.ID, map[string]any{"oauth_urls": map[string]string{"auth": at.URL + "/auth", "token": at.URL + "/token"}})
	choose("gmail", map[string]string{"oauth_client": "client", "oauth_secret": "client-secret"})
	p.until("the provider's page", `document.querySelector(".signin a")?.href.startsWith(%q)`, at.URL+"/auth?")
	var link string
	p.js(`document.querySelector(".signin a").href`, &link)
	answer, err := http.Get(link) // as another window would, which is then sent back
	if err != nil {
		p.tb.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK || answer.Request.URL.Path != "/api/mail/signin" || answer.Request.URL.Host != prog.addr {
		p.tb.Errorf("the provider's page leads to %s, which answers %s", answer.Request.URL, answer.Status)
	}
	p.until("the mailbox to hear itself", `document.querySelector(".proof.is-good")?.textContent.includes("help@shop.test")`)
	p.stepDone("mail")
	if by := smtp.SignedIn(); by != "XOAUTH2" {
		p.tb.Errorf("the submission server was signed in to by %s", by)
	}
}

// reach presses Tab until what a selector finds has the focus, and looks at every
// stop: it has to be seen, and be marked as the one that has it (the parts of a time
// are marked by the browser, inside).
func (p *page) reach(selector string) {
	p.tb.Helper()
	var path []string
	for range 120 { // a week of hours has some eighty stops
		p.keys("Tab")
		var at struct {
			There bool   `json:"there"`
			Name  string `json:"name"`
			Fault string `json:"fault"`
		}
		p.js(`(() => { const e = document.activeElement; const r = e.getBoundingClientRect();
			const marked = e.type === "time" || [e, e.closest("label"), e.parentElement, e.nextElementSibling].some((m) => m && (getComputedStyle(m).outlineStyle !== "none" && parseFloat(getComputedStyle(m).outlineWidth) > 0 || getComputedStyle(m).boxShadow !== "none"));
			const shown = e === document.body || (e.closest("label") ?? e).getBoundingClientRect().width > 1 && r.bottom > 0 && r.top < innerHeight;
			return { there: e.matches(%q), name: [e.localName, e.name || e.dataset.act || e.getAttribute("href") || e.type || ""].join(" "), fault: e === document.body || shown && marked ? "" : shown ? "is not marked" : "is not seen" }; })()`, &at, selector)
		path = append(path, at.Name)
		if at.Fault != "" {
			p.tb.Errorf("%s has the focus and %s", at.Name, at.Fault)
		}
		if at.There {
			return
		}
	}
	p.tb.Fatalf("%s cannot be reached by Tab: %s", selector, strings.Join(path, ", "))
}

// keysIn reaches a field and writes into it, over what stood there.
func (p *page) keysIn(name, value string) {
	p.tb.Helper()
	p.reach(fmt.Sprintf(".setup [name=%s]", name))
	p.keys("Control+a")
	p.puts(value)
}

// hits reaches a button and presses it by a key.
func (p *page) hits(selector, key string) {
	p.tb.Helper()
	p.reach(selector)
	p.keys(key)
}

// TestTheSetUpNeedsNoMouse goes through all steps with a keyboard alone.
func TestTheSetUpNeedsNoMouse(t *testing.T) {
	t.Parallel()
	_, link := newShop(t)
	imap, smtp := mailtest.NewIMAP(t), mailtest.NewSMTP(t)
	smtp.Forward(func(raw string) { imap.Put(raw) })
	browser := chromium(t)
	p := window(t, browser, link, chromedp.WithNewBrowserContext())
	p.until("the page", `document.querySelector(".setup [data-lang=bn]")`)
	p.hits(".setup [data-lang=bn]", " ")
	p.until("Bangla", `document.documentElement.lang === "bn" && document.querySelector("h1")?.textContent.includes("দোকানটি") && document.querySelector(".setup [name=password]")`)
	p.until("the first field to have the focus", `document.activeElement.matches("[name=name]")`)
	p.puts("Mina")
	p.keysIn("email", "mina@rupali.example")
	p.keysIn("password", "three blue parrots")
	p.keys("Enter")

	p.step("shop")
	p.until("the title to have the focus", `document.activeElement.matches("h1")`)
	p.keysIn("name", "Rupali Boutique")
	p.hits("[name=in_bn]", " ")
	p.until("another choice of languages", `document.activeElement.matches("[name=in_bn]")`)
	p.keys(" ")
	p.hits(".setup [type=submit]", "Enter")

	p.step("hours")
	p.hits("[data-week=friday]", " ")
	p.until("six open days", `document.querySelectorAll(".setup-week .span").length === 6 && !document.querySelector(".setup [type=submit]").disabled`)
	p.hits(".setup [type=submit]", "Enter")

	p.step("look")
	p.reach(".swatch [name=colour]")
	p.keys("ArrowDown", "ArrowDown")
	p.until("another colour", `document.activeElement.matches("[name=colour]") && document.activeElement.value === "#1d4ed8"`)
	p.reach("[data-own]")
	p.reach("[data-logo]")
	p.hits(".setup [type=submit]", "Enter")

	p.step("mail")
	p.reach("[name=provider]")
	p.keys("ArrowUp") // round to the last one
	p.until("the form", `document.activeElement.value === "other" && document.querySelector("[name=imap_host]")`)
	p.keysIn("address", mailtest.Login)
	p.keysIn("password", "wrong")
	p.keysIn("imap_host", "127.0.0.1")
	p.keysIn("imap_port", strconv.Itoa(imap.Port))
	p.reach("[name=imap_security]")
	p.keys("ArrowDown", "ArrowDown")
	p.keysIn("smtp_host", "127.0.0.1")
	p.keysIn("smtp_port", strconv.Itoa(smtp.Port))
	p.reach("[name=smtp_security]")
	p.keys("ArrowDown", "ArrowDown")
	p.hits("[data-act=try]", "Enter")
	p.until("which step failed", `document.querySelector(".trial li.is-bad") && document.querySelector(".trial .hint") && !document.querySelector("[data-act=try]").disabled`)
	p.keysIn("password", mailtest.Password)
	p.hits("[data-act=try]", " ")
	p.until("the mailbox to hear itself", `document.querySelector(".proof.is-good") && document.querySelector(".setup [type=submit]:not(:disabled)")`)
	p.hits(".setup [type=submit]", "Enter")

	p.step("widget")
	p.reach("#setup-snippet")
	p.reach("[data-act=copy]")
	p.reach("[name=site]")
	p.keys("ArrowDown")
	p.until("the other site", `document.activeElement.value === "shopify"`)
	p.hits("[data-act=skip]", "Enter")

	p.step("staff")
	p.keysIn("email", "rafi@home.example")
	p.keysIn("name", "Rafi")
	p.hits("[data-act=invite]", " ")
	p.until("the link", `document.querySelector("#setup-link") && !document.querySelector("[data-act=invite]").disabled`)
	p.hits(".setup [type=submit]", "Enter")

	p.step("backup")
	p.hits("[data-act=make]", "Enter")
	p.until("the backup", `document.querySelector(".proof.is-good") && document.querySelector(".setup [type=submit]:not(:disabled)")`)
	p.hits("[data-act=back]", "Enter")
	p.step("staff")
	p.hits(".setup [type=submit]", "Enter")
	p.step("backup")
	p.hits(".setup [type=submit]", " ")
	p.step("end")
	p.hits(".setup-go a[href='#/unassigned']", "Enter")
	p.until("the desk", `document.querySelector("desk-app")`)
}

// inspectSetup looks at every page of the set-up, before there is an owner and
// after.
func inspectSetup(t *testing.T, look *inspector, browser context.Context, lang string) {
	prog, link := newShop(t)
	p := window(t, browser, prog.Base+"/desk/", chromedp.WithNewBrowserContext())
	p.looks(1440, 900, "light")
	p.js(`localStorage.setItem("shohay.lang", %q)`, nil, lang)
	p.goTo(prog.Base + "/desk/?" + lang + strings.TrimPrefix(link, prog.Base+"/desk/"))
	both := func(scene string) {
		look.at(p, lang+" set-up "+scene, 1440, 900)
		look.at(p, lang+" set-up "+scene, 390, 844)
	}
	p.until("the page", `document.querySelector(".setup [name=password]")`)
	both("account")
	p.pushes(".setup [type=submit]")
	p.until("what is wrong", `document.querySelector(".is-wrong")`)
	both("account wrong")
	p.enters("name", map[string]string{"en": "Mina", "bn": "মিনা"}[lang])
	p.enters("email", "mina@rupali.example")
	p.enters("password", "three blue parrots")
	p.pushes(".setup [type=submit]")
	p.step("shop")
	p.enters("name", map[string]string{"en": "Rupali Boutique", "bn": "রূপালী বুটিক"}[lang])
	both("shop")
	p.pushes(".setup [type=submit]")
	p.step("hours")
	both("hours always")
	p.pushes("[data-week=friday]")
	p.until("the week", `document.querySelectorAll(".setup-week .span").length === 6`)
	both("hours")
	p.pushes(".setup [type=submit]")
	p.step("look")
	both("look")
	p.pushes(".setup [type=submit]")
	p.step("mail")
	both("mail")
	for _, provider := range []string{"gmail", "microsoft", "other"} {
		p.js(`document.querySelector(".providers input[value=" + %q + "]").click()`, nil, provider)
		p.until(provider, `document.querySelector(".setup-told")`)
		both("mail " + provider)
	}
	for name, value := range map[string]string{"address": "help@rupali.example", "password": "wrong", "imap_host": "127.0.0.1", "imap_port": "9", "smtp_host": "127.0.0.1", "smtp_port": "9"} {
		p.enters(name, value)
	}
	p.pushes("[data-act=try]")
	p.until("the failure", `document.querySelector(".trial li.is-bad")`)
	both("mail failed")
	p.pushes("[data-act=skip]")
	p.step("widget")
	both("widget")
	req, err := http.NewRequest("GET", prog.Base+"/widget.js", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Referer", "https://rupali.example/")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	p.until("the page", `document.querySelector(".proof.is-good")`)
	both("widget seen")
	p.pushes(".setup [type=submit]")
	p.step("staff")
	p.enters("email", fmt.Sprintf("rafi-%s@home.example", lang))
	p.pushes("[data-act=invite]")
	p.until("the link", `document.querySelector("#setup-link")`)
	both("staff")
	var invitation string
	p.js(`document.querySelector("#setup-link").textContent`, &invitation)
	p.pushes(".setup [type=submit]")
	p.step("backup")
	both("backup")
	p.pushes("[data-act=make]")
	p.until("the backup", `document.querySelector(".proof.is-good")`)
	both("backup done")
	p.pushes(".setup [type=submit]")
	p.step("end")
	both("end")
	p.js(`document.querySelector("details.setup-where").open = true`, nil)
	look.at(p, lang+" set-up steps", 390, 844)
	p.js(`location.hash = "#/unassigned"`, nil)
	p.until("the reminder", `document.querySelector(".views-foot a[href='#/setup']")`)
	look.at(p, lang+" set-up reminder", 1440, 900)

	guest := window(t, browser, prog.Base+"/desk/", chromedp.WithNewBrowserContext())
	guest.js(`localStorage.setItem("shohay.lang", %q)`, nil, lang)
	guest.goTo(prog.Base + "/desk/?" + lang + strings.TrimPrefix(invitation, prog.Base+"/desk/"))
	guest.until("the invitation", `document.querySelector(".setup.is-plain [name=password]")`)
	look.at(guest, lang+" invited", 1440, 900)
	look.at(guest, lang+" invited", 390, 844)
	guest.goTo(prog.Base + "/desk/?used" + strings.TrimPrefix(link, prog.Base+"/desk/"))
	guest.until("that the link is used", `document.querySelector(".setup-mark")`)
	look.at(guest, lang+" link used", 390, 844)
}
