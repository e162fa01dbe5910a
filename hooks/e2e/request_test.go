package e2e

import (
	"fmt"
	"net/smtp"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/shohay/shohay/hooks/demo"
	"github.com/shohay/shohay/hooks/hookstest"
)

// A customer who wrote a mail signs in by the code in another, sees what was
// answered, answers, closes, rates and opens again.
func TestACustomerSeesTheirRequestsInTheBrowser(t *testing.T) {
	t.Parallel()
	prog := newProgram(t, t.TempDir())
	prog.verb = "demo"
	prog.start()
	prog.await()
	var smtpAt, imapAt string
	hookstest.Until(t, "the demo's text", patience, func() bool {
		m := regexp.MustCompile(`SMTP (\S+), IMAP (\S+)\.\)`).FindStringSubmatch(prog.log.String())
		if m != nil {
			smtpAt, imapAt = m[1], m[2]
		}
		return m != nil
	})
	browser := chromium(t)
	agent := desk(t, browser, prog.Base, demo.OwnerEmail, demo.Password)
	const who = "shirin@customer.example"
	err := smtp.SendMail(smtpAt, nil, who, []string{demo.ShopAddress}, []byte(strings.ReplaceAll(fmt.Sprintf(
		"From: Shirin <%s>\nTo: %s\nSubject: A lamp that flickers\nDate: %s\nMessage-ID: <lamp-1@customer.example>\n\nThe lamp flickers, order 20477.\n",
		who, demo.ShopAddress, time.Now().Format(time.RFC1123Z)), "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	agent.opens("The lamp flickers, order 20477.")
	agent.answers("Please try another bulb.", false)
	mailed := func(what, pattern string) string {
		var found string
		hookstest.Until(t, what, patience, func() bool {
			for _, m := range readMailbox(t, imapAt, who) {
				m = strings.NewReplacer("=\r\n", "", "=3D", "=").Replace(m)
				if f := regexp.MustCompile(pattern).FindStringSubmatch(m); f != nil {
					found = f[1]
				}
			}
			return found != ""
		})
		return found
	}
	link := mailed("the link in the answer's mail", `Please try another bulb[\s\S]*?(/requests/l/[A-Za-z0-9._-]+)`)

	customer := window(t, browser, prog.Base+"/requests?lang=en", chromedp.WithNewBrowserContext())
	customer.js(`document.querySelector("#email").value = %q`, nil, who)
	customer.js(`document.querySelector("form.card").requestSubmit()`, nil)
	customer.until("the page that asks for the code", `document.querySelector("#typed-code")`)
	code := mailed("the code", `(?m)^(\d{6})\r?$`)
	customer.js(`document.querySelector("#typed-code").value = %q`, nil, code)
	customer.js(`document.querySelector("form[data-visitor]").requestSubmit()`, nil)
	customer.until("the list", `document.querySelector(".rows")?.textContent.includes("We answered, waiting for you")`)
	look := &inspector{t: t, axe: axe(t), seen: map[string]bool{}}
	look.at(customer, "requests", 390, 844)
	look.at(customer, "requests", 1440, 900)
	customer.js(`document.querySelector(".rows a").click()`, nil)
	customer.until("the answer", `document.querySelector("#talk")?.textContent.includes("Please try another bulb.")`)

	customer.js(`document.querySelector("#message").value = %q`, nil, "It still flickers.")
	customer.js(`document.querySelector("form.answer").requestSubmit()`, nil)
	customer.until("what they wrote", `location.search.includes("did=sent") && document.querySelector("#talk")?.textContent.includes("It still flickers.")`)
	look.at(customer, "request", 390, 844)
	look.at(customer, "request", 1440, 900)
	agent.sees("It still flickers.")
	agent.answers("Then we send you a new one.", false)
	customer.until("the answer, by itself", `document.querySelector("#talk").textContent.includes("Then we send you a new one.")`)

	customer.js(`document.querySelector("button[name=do][value=close]").click()`, nil)
	customer.until("the request to be closed", `location.search.includes("did=closed") && document.querySelector(".stars")`)
	look.at(customer, "request closed", 390, 844)
	customer.js(`document.querySelector(".stars input[value='5']").checked = true; document.querySelector(".stars").requestSubmit()`, nil)
	customer.until("the rating", `location.search.includes("did=rated") && document.querySelector(".stars input[value='5']")?.checked`)
	agent.until("the rating at the desk", `document.body.textContent.includes("★★★★★")`)
	customer.js(`document.querySelector("button[name=do][value=reopen]").click()`, nil)
	customer.until("the request to be open", `location.search.includes("did=reopened") && document.querySelector("button[name=do][value=close]")`)

	// Somebody who has the link alone presses a button and sees the one request.
	other := window(t, browser, prog.Base+link, chromedp.WithNewBrowserContext())
	other.until("the button", `document.querySelector("form[action^='/requests/l/']") && !document.body.textContent.includes("flickers")`)
	other.js(`document.querySelector("form[action^='/requests/l/']").requestSubmit()`, nil)
	other.until("the request", `document.querySelector("#talk")?.textContent.includes("It still flickers.")`)
}
