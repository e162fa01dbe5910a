package e2e

import (
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// hour is a shop with customers who wait, and what they are promised: each
// text that an agent sends is noted, and in the end each customer must have
// got those and no others.
type hour struct {
	t        *testing.T
	prog     *program
	imap     *mailtest.IMAP
	smtp     *mailtest.SMTP
	desk     *hookstest.Client // an agent's, to look with
	visitors map[int]*hookstest.Client
	numbers  map[int]int      // of the conversation of each customer
	promised map[int][]string // what each customer must have got
}

func (h *hour) mailFrom(n int, subject, text string) {
	h.t.Helper()
	h.imap.Put(fmt.Sprintf("From: Customer %d <customer%d@customer.test>\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <hour-%d-%d@customer.test>\r\nDate: %s\r\n\r\n%s\r\n",
		n, n, mailtest.Login, subject, n, time.Now().UnixNano(), time.Now().Format(time.RFC1123Z), text))
}

func (h *hour) chatFrom(n int, text string) {
	h.t.Helper()
	c := h.visitors[n]
	if c == nil {
		c = h.prog.client("")
		var started struct{ Token string }
		c.Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(h.t, &started)
		c.Token = started.Token
		h.visitors[n] = c
	}
	c.Must(200, "POST", "/api/chat/messages", map[string]any{"client_id": fmt.Sprintf("hour-%d-%d", n, time.Now().UnixNano()), "text": text})
}

// hourRow is a conversation as the desk's API tells it.
type hourRow struct {
	ID       string
	Number   int
	Channel  string
	Status   string
	Priority int
	Assignee string
	Tags     []string
	Preview  string
	Subject  string
}

func (h *hour) rows() (rows []hourRow) {
	h.t.Helper()
	var page struct{ Rows []hourRow }
	h.desk.Must(200, "GET", "/api/desk/conversations?view=all&limit=100", nil).JSON(h.t, &page)
	return page.Rows
}

// row is the conversation of a customer.
func (h *hour) row(n int) hourRow {
	h.t.Helper()
	for _, r := range h.rows() {
		if r.Number == h.numbers[n] {
			return r
		}
	}
	h.t.Fatalf("there is no conversation of customer %d", n)
	return hourRow{}
}

const theDesk = `document.querySelector("desk-app").desk`

// reaches moves through the list with j and k until the conversation of a
// customer is open.
func (h *hour) reaches(p *page, n int) {
	h.t.Helper()
	number := h.numbers[n]
	deadline := time.Now().Add(patience)
	for {
		var at struct {
			Mark int    `json:"mark"`
			Want int    `json:"want"`
			Open bool   `json:"open"`
			Was  string `json:"was"`
		}
		p.js(`{ const d = `+theDesk+`; const list = d.store.list; ({ mark: list.index(d.marked || d.store.current), want: list.items.findIndex((r) => r.number === %q), was: d.marked,
			open: d.store.row?.number === %q && d.store.talk?.state === "ready" && d.app.talk.composer?.conversation === d.store.current }) }`, &at, number, number)
		switch {
		case at.Open && (at.Mark == at.Want || at.Want < 0):
			return
		case time.Now().After(deadline):
			h.t.Fatalf("no way to customer %d by keyboard: %+v", n, at)
		case at.Want < 0 || at.Want == at.Mark:
			time.Sleep(20 * time.Millisecond)
			continue
		case at.Want > at.Mark:
			p.keys("j")
		default:
			p.keys("k")
		}
		h.moved(p, at.Was)
	}
}

// moved waits until the mark stands elsewhere. When it does not, what could have
// taken the key is told, and whoever sits there presses it again.
func (h *hour) moved(p *page, was string) {
	h.t.Helper()
	for end := time.Now().Add(patience / 6); time.Now().Before(end); time.Sleep(40 * time.Millisecond) {
		var moved bool
		if p.js(theDesk+`.marked !== %q`, &moved, was); moved {
			return
		}
	}
	var seen string
	p.js(`{ const d = `+theDesk+`; JSON.stringify({ marked: d.marked, current: d.store.current, hash: location.hash, rows: d.store.list.items.length, state: d.store.list.state, search: d.app.list.search?.open,
		focus: document.activeElement?.outerHTML.slice(0, 200), over: [...document.querySelectorAll("dialog, .menu")].map((e) => e.outerHTML.slice(0, 150)) }) }`, &seen)
	h.t.Logf("a key was lost: the mark stood on %q; now %s", was, seen)
}

// begins begins an answer or a note by its key.
func (h *hour) begins(p *page, key string) {
	h.t.Helper()
	p.keys(key)
	p.until("the caret in the composer", `document.activeElement?.matches("desk-composer rich-box") && document.querySelector(".box").dataset.kind === %q`, map[string]string{"r": "reply", "n": "note"}[key])
}

// sends sends what stands in the composer and goes back to the list.
func (h *hour) sends(p *page, n int, text string, keys string) {
	h.t.Helper()
	h.promised[n] = append(h.promised[n], text)
	p.keys(keys)
	p.until("the composer to be empty", `!document.querySelector("desk-composer") || document.querySelector("desk-composer rich-box").isEmpty`)
	p.keys("Escape")
}

// replies answers the open conversation.
func (h *hour) replies(p *page, n int, text string) {
	h.t.Helper()
	h.begins(p, "r")
	p.puts(text)
	h.sends(p, n, text, "Control+Enter")
	p.sees(text)
}

// picks opens a menu by its key and takes the entry with a text.
func (h *hour) picks(p *page, key, entry string) {
	h.t.Helper()
	p.keys(key)
	p.until("the menu of "+key, `document.querySelector(".menu .menu-item")`)
	for range 30 {
		var at string
		p.js(`document.querySelector(".menu .menu-item.is-at")?.textContent ?? ""`, &at)
		if strings.Contains(at, entry) {
			p.keys("Enter")
			return
		}
		p.keys("ArrowDown")
	}
	h.t.Fatalf("%s is not in the menu of %s", entry, key)
}

// becomes waits until the server has a conversation so.
func (h *hour) becomes(n int, what string, ok func(hourRow) bool) {
	h.t.Helper()
	hookstest.Until(h.t, fmt.Sprintf("customer %d to be %s", n, what), patience, func() bool { return ok(h.row(n)) })
}

func (h *hour) isStatus(n int, status string) {
	h.t.Helper()
	h.becomes(n, status, func(r hourRow) bool { return r.Status == status })
}

// got are the answers of agents that a customer has, in their browser or in
// their mailbox.
func (h *hour) got(n int) (texts []string) {
	h.t.Helper()
	if c := h.visitors[n]; c != nil {
		var page struct {
			Messages []struct {
				Kind, Text string
				Author     struct{ Kind string }
			}
		}
		c.Must(200, "GET", "/api/chat/messages", nil).JSON(h.t, &page)
		for _, m := range page.Messages {
			if m.Kind == schema.MessageOutgoing && m.Author.Kind == "agent" {
				texts = append(texts, m.Text)
			}
		}
		return texts
	}
	for _, m := range h.smtp.Mails() {
		if !slices.Contains(m.To, fmt.Sprintf("customer%d@customer.test", n)) {
			continue
		}
		parsed, err := mail.ReadMessage(strings.NewReader(m.Raw))
		if err != nil {
			h.t.Fatal(err)
		}
		if parsed.Header.Get("Auto-Submitted") != "" && parsed.Header.Get("Auto-Submitted") != "no" {
			continue
		}
		texts = append(texts, plainOf(h.t, parsed.Header.Get("Content-Type"), parsed.Header.Get("Content-Transfer-Encoding"), parsed.Body))
	}
	return texts
}

// plainOf is the plain text of a mail.
func plainOf(tb testing.TB, kind, encoding string, body io.Reader) string {
	tb.Helper()
	media, params, err := mime.ParseMediaType(kind)
	if err != nil {
		tb.Fatal(kind, ": ", err)
	}
	if strings.HasPrefix(media, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err != nil {
				return ""
			}
			if text := plainOf(tb, part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part); text != "" {
				return text
			}
		}
	}
	if media != "text/plain" {
		return ""
	}
	if strings.EqualFold(encoding, "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		tb.Fatal(err)
	}
	return string(raw)
}

// TestAnAgentsHour is a morning of three people at a shop: one who answers
// twenty conversations by chat and by mail with the keyboard alone, one who
// collides with them, and one with a telephone. In the end every customer has
// what was sent to them, each once, and nobody has anything else.
func TestAnAgentsHour(t *testing.T) {
	t.Parallel()
	s := prepare(t, 3, nil)
	imap, smtp := mailtest.NewIMAP(t), mailtest.NewSMTP(t)
	s.mailbox(t, imap, smtp)
	prog := serve(t, s.dir)
	h := &hour{t: t, prog: prog, imap: imap, smtp: smtp, desk: prog.client(s.tokens[0]), visitors: map[int]*hookstest.Client{}, numbers: map[int]int{}, promised: map[int][]string{}}
	for i, name := range []string{"Rafi Ahmed", "Mina Khatun", "Sumi Das"} {
		prog.client(s.tokens[i]).Must(200, "PATCH", "/api/desk/me", map[string]any{"name": name})
	}
	admin := prog.client(s.admin)
	admin.Must(200, "POST", "/api/collections/"+schema.CannedReplies+"/records", map[string]any{"title": "Opening hours", "shortcut": "hours", "text": "We are open from ten to eight, {{contact.name|dear customer}}."})
	admin.Must(200, "POST", "/api/collections/"+schema.CannedReplies+"/records", map[string]any{"title": "Return address", "shortcut": "return", "text": "Please send it to 12 Lake Road, Dhaka."})
	var refund struct{ Tag struct{ ID string } }
	h.desk.Must(200, "POST", "/api/desk/tags", map[string]any{"name": "refund", "colour": "#2f855a"}).JSON(t, &refund)

	// Everybody writes at once: odd ones in the chat, even ones by mail.
	const customers = 24
	for n := 1; n <= customers; n++ {
		text := fmt.Sprintf("Good morning, where is my parcel 70%02d?", n)
		if n%2 == 1 {
			h.chatFrom(n, text)
		} else {
			h.mailFrom(n, fmt.Sprintf("Parcel 70%02d", n), text)
		}
	}
	h.mailFrom(10, "Once more about 7010", "Did you get my first mail about parcel 7010?")
	hookstest.Until(t, "all conversations to be there", patience, func() bool { return len(h.rows()) == customers+1 })
	second := 0
	for _, r := range h.rows() {
		said := r.Subject + " " + r.Preview
		for n := 1; n <= customers; n++ {
			switch {
			case strings.Contains(said, "Once more"):
				second = r.Number
			case strings.Contains(said, fmt.Sprintf("70%02d", n)):
				h.numbers[n] = r.Number
			}
		}
	}
	if len(h.numbers) != customers || second == 0 {
		t.Fatalf("conversations %v and %d", h.numbers, second)
	}

	browser := chromium(t)
	rafi := desk(t, browser, prog.Base, "agent0@shop.test", hookstest.Password, chromedp.WithNewBrowserContext())
	rafi.keys("g", "o")
	rafi.until("all open conversations", `location.hash === "#/open" && `+theDesk+`.store.list.items.length === %q`, customers+1)
	begun := time.Now()

	// What the keys are is a key away.
	rafi.keys("?")
	rafi.until("the keys", `document.querySelector("dialog.help[open]")?.textContent.includes("Ctrl")`)
	rafi.keys("Escape")
	rafi.until("the keys to be put away", `!document.querySelector("dialog[open]")`)

	for n := 1; n <= 20; n++ {
		answer := fmt.Sprintf("Parcel 70%02d comes tomorrow before noon.", n)
		switch n {
		case 15: // found by what was said
			rafi.keys("/")
			rafi.until("the field", `document.activeElement?.type === "search"`)
			rafi.puts("7015")
			rafi.until("what was found", `document.querySelector(".found-rows .row")?.textContent.includes("7015")`)
			rafi.keys("Enter")
			rafi.until("it to be open", theDesk+`.store.row?.number === %q && document.querySelector("desk-composer")`, h.numbers[n])
			rafi.keys("Escape")
		case 14, 17: // by its number in the command bar
			rafi.keys("Control+k")
			rafi.until("the command bar", `document.activeElement?.closest("dialog.palette")`)
			rafi.puts(fmt.Sprint(h.numbers[n]))
			rafi.until("its conversation", `document.querySelector("dialog.palette .menu-item.is-at")?.textContent.includes(%q)`, fmt.Sprintf("70%02d", n))
			rafi.keys("Enter")
			rafi.until("it to be open", theDesk+`.store.row?.number === %q && document.querySelector("desk-composer")`, h.numbers[n])
		default:
			h.reaches(rafi, n)
		}
		switch n {
		case 2: // sent and solved in one
			h.begins(rafi, "r")
			rafi.puts(answer)
			h.sends(rafi, n, answer, "Control+Shift+Enter")
		case 3: // a note, then the answer
			h.begins(rafi, "n")
			rafi.puts("NOTE the courier lost it, do not tell yet")
			rafi.keys("Control+Enter", "Escape")
			rafi.until("the note", `document.querySelector(".msg.note")?.textContent.includes("NOTE")`)
			h.replies(rafi, n, answer)
		case 4: // given to Mina
			h.picks(rafi, "a", "Mina Khatun")
			h.becomes(n, "Mina's", func(r hourRow) bool { return r.Assignee == s.agents[1].Id })
			h.replies(rafi, n, answer)
		case 5: // tagged
			rafi.keys("t")
			rafi.until("the tags", `document.activeElement?.matches(".menu-find")`)
			rafi.puts("refu")
			rafi.keys("Enter", "Escape")
			h.becomes(n, "tagged", func(r hourRow) bool { return slices.Equal(r.Tags, []string{refund.Tag.ID}) })
			h.replies(rafi, n, answer)
		case 6: // answered, and put off
			h.replies(rafi, n, answer)
			rafi.keys("s")
			rafi.until("the times", `document.querySelector(".menu .menu-item")`)
			rafi.keys("Enter")
			h.isStatus(n, schema.StatusSnoozed)
		case 7: // solved by mistake, and taken back
			rafi.keys("e")
			h.isStatus(n, schema.StatusSolved)
			rafi.keys("z")
			h.isStatus(n, schema.StatusOpen)
			h.reaches(rafi, n)
			h.replies(rafi, n, answer)
		case 8: // sent too early, taken back, sent again
			h.begins(rafi, "r")
			rafi.puts("Parcel 7008 is WRONG")
			rafi.keys("Control+Enter", "Escape")
			rafi.until("it to wait", `document.querySelector(".msg.is-held")`)
			rafi.keys("z")
			rafi.until("the text to be back", `document.querySelector("desk-composer rich-box").value.includes("WRONG")`)
			h.begins(rafi, "r")
			rafi.keys("Control+a", "Delete")
			rafi.puts(answer)
			h.sends(rafi, n, answer, "Control+Enter")
			rafi.sees(answer)
		case 9: // first in the queue from now on
			h.picks(rafi, "!", "Urgent")
			h.becomes(n, "urgent", func(r hourRow) bool { return r.Priority == 2 })
			h.replies(rafi, n, answer)
		case 10: // two conversations of one customer become one
			rafi.keys("M")
			rafi.until("the other one", `document.activeElement?.closest("dialog.mergetalk") && document.querySelector("dialog.mergetalk .mt-near .mt-item")?.textContent.includes("Once more")`)
			for range 20 {
				var there bool
				if rafi.js(`document.activeElement?.matches(".mt-near .mt-item")`, &there); there {
					break
				}
				rafi.keys("Tab")
			}
			rafi.keys("Enter")
			rafi.until("the choice", `document.querySelector("dialog.mergetalk [data-act=merge]")`)
			for range 20 {
				var there bool
				if rafi.js(`document.activeElement?.matches("[data-act=merge]")`, &there); there {
					break
				}
				rafi.keys("Tab")
			}
			rafi.keys("Enter")
			rafi.until("the sheet to go", `!document.querySelector("dialog[open]")`)
			hookstest.Until(t, "one conversation fewer", patience, func() bool { return len(h.rows()) == customers })
			rafi.sees("Did you get my first mail")
			h.replies(rafi, n, answer)
		case 11: // a canned reply by its shortcut
			h.begins(rafi, "r")
			rafi.types("/hou")
			rafi.until("the offer", `document.querySelector(".canned-item.is-at")?.textContent.includes("Opening hours")`)
			rafi.keys("Enter")
			rafi.until("the text", `document.querySelector("desk-composer rich-box").value.includes("from ten to eight")`)
			h.sends(rafi, n, "We are open from ten to eight, dear customer.", "Control+Enter")
		case 12: // a canned reply from the command bar
			rafi.keys("Control+k")
			rafi.until("the command bar", `document.activeElement?.closest("dialog.palette")`)
			rafi.puts("return addr")
			rafi.until("the offer", `document.querySelector("dialog.palette .menu-item.is-at")?.textContent.includes("Return address")`)
			rafi.keys("Enter")
			rafi.until("the text", `document.activeElement?.matches("rich-box") && document.querySelector("desk-composer rich-box").value.includes("12 Lake Road")`)
			h.sends(rafi, n, "Please send it to 12 Lake Road, Dhaka.", "Control+Enter")
		case 13: // taken
			rafi.keys("m")
			h.becomes(n, "Rafi's", func(r hourRow) bool { return r.Assignee == s.agents[0].Id })
			h.replies(rafi, n, answer)
		case 16: // opened again after the answer, and set to wait for the customer
			h.replies(rafi, n, answer)
			h.isStatus(n, schema.StatusPending)
			rafi.keys("Control+k")
			rafi.until("the command bar", `document.activeElement?.closest("dialog.palette")`)
			rafi.puts("reopen")
			rafi.until("the command", `document.querySelector("dialog.palette .menu-item.is-at")?.textContent.includes("Reopen")`)
			rafi.keys("Enter")
			h.isStatus(n, schema.StatusOpen)
			rafi.keys("p")
			h.isStatus(n, schema.StatusPending)
		case 18: // the words are looked for among the commands
			h.replies(rafi, n, answer)
			rafi.keys("Control+k")
			rafi.until("the command bar", `document.activeElement?.closest("dialog.palette")`)
			rafi.puts("solve")
			rafi.until("the command", `document.querySelector("dialog.palette .menu-item.is-at")?.textContent.includes("Solve")`)
			rafi.keys("Enter")
			h.isStatus(n, schema.StatusSolved)
		default:
			h.replies(rafi, n, answer)
		}
	}
	t.Logf("20 conversations by keyboard in %s", time.Since(begun).Round(time.Second))

	// Two people answer one customer.
	mina := desk(t, browser, prog.Base, "agent1@shop.test", hookstest.Password, chromedp.WithNewBrowserContext())
	mina.keys("g", "o")
	h.reaches(mina, 21)
	h.reaches(rafi, 21)
	mina.until("that Rafi looks at it", `document.querySelector(".also")?.title.includes("Rafi Ahmed")`)
	h.begins(rafi, "r")
	rafi.types("It left us yesterday")
	mina.until("that Rafi writes", `document.querySelector(".also.is-live")?.title.includes("Rafi Ahmed")`)
	h.begins(mina, "r")
	mina.puts("It is on its way, I asked the courier.")
	mina.until("the warning", `[...document.querySelectorAll(".box-over .alert")].some((a) => a.textContent.includes("Rafi Ahmed"))`)
	h.sends(mina, 21, "It is on its way, I asked the courier.", "Control+Enter")
	rafi.sees("I asked the courier")
	rafi.keys("Control+Enter")
	rafi.until("what came meanwhile", `document.querySelector("dialog.overtaken[open]")?.textContent.includes("I asked the courier")`)
	rafi.keys("Enter") // looking first is what Enter does
	rafi.until("the text to be kept", `!document.querySelector("dialog[open]") && document.activeElement?.matches("desk-composer rich-box") && document.activeElement.value.includes("It left us yesterday")`)
	rafi.keys("Control+a", "Delete")
	rafi.until("the composer to be empty", `document.querySelector("desk-composer rich-box").isEmpty`)
	rafi.puts("It left us on Monday, and")
	h.chatFrom(21, "The courier just called me")
	rafi.sees("The courier just called me")
	rafi.puts(" it is with the courier.")
	rafi.keys("Control+Enter")
	rafi.until("what the customer wrote", `document.querySelector("dialog.overtaken[open]")?.textContent.includes("just called me")`)
	rafi.keys("Shift+Tab")
	rafi.until("sending it anyway to be chosen", `document.activeElement?.dataset.act === "anyway"`)
	h.promised[21] = append(h.promised[21], "It left us on Monday, and it is with the courier.")
	rafi.keys("Enter")
	mina.sees("it is with the courier.")

	// A telephone: answered and solved by touch, a chat and a mail.
	sumi := window(t, browser, "about:blank", chromedp.WithNewBrowserContext())
	touch(t, sumi)
	sumi.goTo(prog.Base + "/desk/?")
	sumi.until("the door", `document.querySelector("input[name=identity]")`)
	sumi.taps("the address", `document.querySelector("input[name=identity]")`)
	sumi.puts("agent2@shop.test")
	sumi.taps("the password", `document.querySelector("input[name=password]")`)
	sumi.puts(hookstest.Password)
	sumi.taps("the button", `document.querySelector("form [type=submit]")`)
	for _, n := range []int{23, 22} {
		sumi.taps("the row", `[...document.querySelectorAll(".row")].find((r) => r.textContent.includes(%q))`, fmt.Sprintf("70%02d", n))
		sumi.until("the conversation", theDesk+`.store.row?.number === %q && document.querySelector("desk-composer")`, h.numbers[n])
		sumi.taps("the composer", `document.querySelector("desk-composer rich-box")`)
		text := fmt.Sprintf("Sumi here: 70%02d is with the courier.", n)
		sumi.puts(text)
		sumi.taps("the send button", `document.querySelector("desk-composer [data-act=send]:not([disabled])")`)
		h.promised[n] = append(h.promised[n], text)
		sumi.sees(text)
		sumi.taps("the solve button", `document.querySelector(".top-acts [data-command=solve]")`)
		h.isStatus(n, schema.StatusSolved)
		sumi.until("the list", `document.querySelector("desk-app").dataset.pane === "list"`)
	}

	// Everybody has what was sent, once.
	for n := 1; n <= customers; n++ {
		var got []string
		want := h.promised[n]
		hookstest.Until(t, fmt.Sprintf("customer %d to have %d answers", n, len(want)), patience, func() bool { got = h.got(n); return len(got) >= len(want) })
		if len(got) != len(want) {
			t.Errorf("customer %d got %d answers, not %d: %q", n, len(got), len(want), got)
			continue
		}
		for i := range want {
			if h.visitors[n] != nil && got[i] != want[i] || !strings.HasPrefix(got[i], want[i]) {
				t.Errorf("customer %d got %q, not %q", n, got[i], want[i])
			}
		}
	}
	all := fmt.Sprint(h.smtp.Mails())
	for n := range h.visitors {
		all += fmt.Sprint(h.got(n))
	}
	for _, secret := range []string{"NOTE", "WRONG", "left us yesterday"} {
		if strings.Contains(all, secret) {
			t.Errorf("%q reached a customer", secret)
		}
	}
	states := map[int]string{}
	for _, r := range h.rows() {
		for n, number := range h.numbers {
			if number == r.Number {
				states[n] = r.Status
			}
		}
	}
	// Whoever has an answer is waited for; 24 has none.
	want := map[int]string{2: schema.StatusSolved, 6: schema.StatusSnoozed, 18: schema.StatusSolved, 22: schema.StatusSolved, 23: schema.StatusSolved, 24: schema.StatusOpen}
	for n := 1; n <= customers; n++ {
		if want[n] == "" {
			want[n] = schema.StatusPending
		}
	}
	if !maps.Equal(states, want) {
		t.Errorf("the conversations are %v, not %v", states, want)
	}
	var merged struct{ Conversation struct{ Number int } }
	h.desk.Must(200, "GET", fmt.Sprintf("/api/desk/conversations/number:%d", second), nil).JSON(t, &merged)
	if merged.Conversation.Number != h.numbers[10] {
		t.Errorf("the number that vanished leads to %d, not %d", merged.Conversation.Number, h.numbers[10])
	}
}
