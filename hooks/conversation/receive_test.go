package conversation_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// chat is what a browser says.
func chat(visitor, id, text string) conversation.Incoming {
	return conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:" + visitor, Keys: []string{id}, ClientID: id, Visitor: visitor, Text: text, Language: "en",
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: visitor, Verified: true}},
	}
}

// letter is a mail as the mail room hands it over.
func letter(account, from, id, text string) conversation.Incoming {
	return conversation.Incoming{
		Channel: schema.ChannelEmail, Account: account, Keys: []string{"<" + id + ">"}, ChannelID: id, SenderAddress: from, Text: text, Subject: "About " + id,
		From: []conversation.Identity{{Kind: schema.KindEmail, Value: from}}, Name: "Writer",
	}
}

func receive(t *testing.T, app core.App, in conversation.Incoming) conversation.Received {
	t.Helper()
	got, err := conversation.Receive(app, in)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func count(t *testing.T, app core.App, query string, params dbx.Params) (n int) {
	t.Helper()
	if err := app.DB().NewQuery(query).Bind(params).Row(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestReceiveTakesEveryMessageOnce fires 500 messages of 20 browsers and two
// mailboxes from 16 goroutines, each in an order of its own and with repeats,
// while a desk listens.
func TestReceiveTakesEveryMessageOnce(t *testing.T) {
	app := hookstest.New(t)
	agent := app.Agent("rafi", schema.RoleAgent)
	desk := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(agent)}

	// Ten conversations that mails answer with our token.
	threads := make([]string, 10)
	for i := range threads {
		threads[i] = receive(t, app, letter("box1", address(i), fmt.Sprintf("first-%d@customer.test", i), "first")).Conversation.Id
	}
	base := newest(t, app)
	inbox := desk.Listen("topic=inbox&after=" + strconv.FormatInt(base, 10))
	inbox.Await("hello", "")

	type expected struct {
		in   conversation.Incoming
		conv string // where it has to be: a record id, or a name that those who belong together share
	}
	var all []expected
	for i := range 300 {
		v := fmt.Sprintf("visitor%02d", i%20)
		all = append(all, expected{chat(v, fmt.Sprintf("client-%04d", i), fmt.Sprintf("chat %d", i)), v})
	}
	for i := range 100 {
		in := letter("box1", address(i%10), fmt.Sprintf("answer-%d@customer.test", i), fmt.Sprintf("answer %d", i))
		in.Thread = conversation.Thread{Conversation: threads[i%10], Address: address(i % 10)}
		in.Source = conversation.Source{Folder: "INBOX", UIDValidity: 7, UID: uint32(1000 + i)}
		all = append(all, expected{in, threads[i%10]})
	}
	for i := range 100 {
		// The same Message-IDs in two mailboxes are different messages.
		in := letter("box"+strconv.Itoa(1+i%2), fmt.Sprintf("new%d@customer.test", i/2), fmt.Sprintf("new-%d@customer.test", i/2), fmt.Sprintf("question %d", i))
		in.Source = conversation.Source{Folder: "INBOX", UIDValidity: 7, UID: uint32(1 + i)}
		all = append(all, expected{in, fmt.Sprintf("alone %d", i)})
	}

	results := make([][]conversation.Received, len(all))
	var mu sync.Mutex
	var wg sync.WaitGroup
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	workers := 16
	if testing.Short() {
		workers = 4
	}
	for worker := range workers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(worker)))
			order := r.Perm(len(all))
			for range 50 {
				order = append(order, r.IntN(len(all)))
			}
			r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			for _, i := range order {
				got, err := conversation.Receive(app, all[i].in)
				if err != nil {
					t.Errorf("message %d: %v", i, err)
					return
				}
				mu.Lock()
				results[i] = append(results[i], got)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}

	where := map[string]string{} // name -> record id
	seqs := map[int64]bool{}
	for i, rs := range results {
		news := 0
		for _, r := range rs {
			if r.New {
				news++
			}
			if r.Message.Id != rs[0].Message.Id || r.Conversation.Id != rs[0].Conversation.Id || r.Message.Seq() != rs[0].Message.Seq() {
				t.Fatalf("message %d came back as two: %s and %s", i, rs[0].Message.Id, r.Message.Id)
			}
		}
		if news != 1 {
			t.Errorf("message %d was new %d times", i, news)
		}
		m := rs[0].Message
		if m.GetString(schema.MsgText) != all[i].in.Text {
			t.Errorf("message %d says %q", i, m.GetString(schema.MsgText))
		}
		if seqs[m.Seq()] {
			t.Errorf("seq %d was given twice", m.Seq())
		}
		seqs[m.Seq()] = true
		name := all[i].conv
		if strings.HasPrefix(name, "visitor") || strings.HasPrefix(name, "alone") {
			if where[name] == "" {
				where[name] = m.Conversation()
			}
			name = where[name]
		}
		if m.Conversation() != name {
			t.Errorf("message %d is in conversation %s, not in %s", i, m.Conversation(), name)
		}
	}
	for s := base + 1; s <= base+500; s++ {
		if !seqs[s] {
			t.Errorf("seq %d is missing: numbers have a gap", s)
		}
	}
	if n := count(t, app, `SELECT COUNT(*) FROM messages WHERE seq > {:base}`, dbx.Params{"base": base}); n != 500 {
		t.Errorf("%d messages instead of 500", n)
	}
	if n := count(t, app, `SELECT COUNT(*) FROM conversations`, nil); n != 10+20+100 {
		t.Errorf("%d conversations instead of 130", n)
	}
	if n := count(t, app, `SELECT COUNT(DISTINCT number) FROM conversations`, nil); n != 130 {
		t.Errorf("%d conversation numbers instead of 130", n)
	}
	if n := count(t, app, `SELECT COUNT(*) FROM conversations cv WHERE last_seq != (SELECT MAX(seq) FROM messages m WHERE m.conversation = cv.id)`, nil); n != 0 {
		t.Errorf("%d conversations do not know their newest message", n)
	}

	last, heard := base, 0
	hookstest.Until(t, "the desk hears of all", 20*time.Second, func() bool {
		evs := inbox.Events("message")
		if inbox.Ended() && last < base+500 {
			for _, ev := range evs[heard:] {
				last = follows(t, ev, last)
			}
			inbox, heard = desk.Listen("topic=inbox&after="+strconv.FormatInt(last, 10)), 0
			return false
		}
		for _, ev := range evs[heard:] {
			last = follows(t, ev, last)
		}
		heard = len(evs)
		return last == base+500
	})
}

// follows checks that an event is the next one after the seq before.
func follows(t *testing.T, ev hookstest.Event, before int64) int64 {
	t.Helper()
	seq, err := strconv.ParseInt(ev.ID, 10, 64)
	if err != nil || seq != before+1 {
		t.Fatalf("the desk heard %q after %d", ev.ID, before)
	}
	return seq
}

func address(i int) string { return fmt.Sprintf("customer%d@mail.test", i) }

func newest(t *testing.T, app core.App) int64 {
	t.Helper()
	seq, err := conversation.NewestSeq(app)
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func TestReceiveNeedsAKey(t *testing.T) {
	app := hookstest.New(t)
	for _, keys := range [][]string{nil, {""}, {"one", ""}} {
		in := chat("v1", "client-1", "hello")
		in.Keys = keys
		if _, err := conversation.Receive(app, in); err == nil {
			t.Errorf("keys %q were taken", keys)
		}
	}
	in := chat("v1", "client-1", "hello")
	in.Account = ""
	if _, err := conversation.Receive(app, in); err == nil {
		t.Error("no account was taken")
	}
}

func TestAMessageIsKnownByAnyOfItsKeys(t *testing.T) {
	app := hookstest.New(t)
	in := letter("box1", "a@mail.test", "m1@mail.test", "hello")
	in.Keys = []string{"one", "two", "one"}
	first := receive(t, app, in)
	in.Keys = []string{"three", "two"}
	if got := receive(t, app, in); got.New || got.Message.Id != first.Message.Id {
		t.Error("the second key was forgotten")
	}
	in.Account = "box2"
	if got := receive(t, app, in); !got.New {
		t.Error("one account's keys count for another")
	}
}

func TestADeletedMessageDoesNotComeBack(t *testing.T) {
	app := hookstest.New(t)
	in := letter("box1", "a@mail.test", "m1@mail.test", "hello")
	first := receive(t, app, in)
	if err := app.Delete(first.Message.Record); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, app, in); got.New || got.Message != nil {
		t.Errorf("got %+v of a deleted message", got)
	}
	second := receive(t, app, letter("box1", "a@mail.test", "m2@mail.test", "hello"))
	if second.Message.Seq() <= first.Message.Seq() {
		t.Error("the seq of a deleted message was given again")
	}
}

func TestNothingStaysOfAFailedReceive(t *testing.T) {
	app := hookstest.New(t)
	seq := newest(t, app)
	in := letter("box1", "a@mail.test", "m1@mail.test", "hello")
	in.From = nil // nobody to answer
	if _, err := conversation.Receive(app, in); err == nil {
		t.Fatal("a message of nobody was taken")
	}
	in = chat("v1", "client-1", "hello")
	in.Channel = "pigeon"
	if _, err := conversation.Receive(app, in); err == nil {
		t.Fatal("a message by an unknown channel was taken")
	}
	for _, table := range []string{schema.Messages, schema.Conversations, schema.Contacts, schema.Identities, schema.Ledger} {
		if n := count(t, app, `SELECT COUNT(*) FROM `+table, nil); n != 0 {
			t.Errorf("%s holds %d rows", table, n)
		}
	}
	if newest(t, app) != seq {
		t.Error("the seq was used up")
	}
}

// What comes over the wire may be no text at all; it is stored, and the desk's
// stream and API go on.
func TestReceiveMendsBrokenText(t *testing.T) {
	app := hookstest.New(t)
	agent := app.Agent("rafi", schema.RoleAgent)
	desk := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(agent)}
	inbox := desk.Listen("topic=inbox")
	inbox.Await("hello", "")
	bad := "a\xff\xfeb\x00c"
	in := letter("box1", "a@mail.test", "m1@mail.test"+bad, bad)
	in.ClientID, in.Subject, in.Page, in.SenderAddress, in.RecipientAddress, in.Name = bad, bad, bad, bad, bad, bad
	in.CC, in.HTML, in.Keys = []string{bad}, bad, []string{bad}
	got := receive(t, app, in)
	inbox.Await("message", got.Message.Id)
	desk.Must(200, "GET", "/api/desk/conversations/"+got.Conversation.Id, nil)
	desk.Must(200, "GET", "/api/desk/conversations?view=open", nil)
	if again := receive(t, app, in); again.New {
		t.Error("a broken key is not known again")
	}
	receive(t, app, chat("v1", "client-1", "and on it goes"))
	inbox.Await("message", "and on it goes")
}

func TestThreading(t *testing.T) {
	type step struct {
		name   string
		in     func(first conversation.Received) conversation.Incoming
		joins  bool
		trust  string
		public bool
	}
	answer := func(from, auth string, token bool, refs ...string) func(conversation.Received) conversation.Incoming {
		return func(first conversation.Received) conversation.Incoming {
			in := letter("box1", from, "second@mail.test", "second")
			in.Auth, in.References = auth, refs
			if token {
				in.Thread = conversation.Thread{Conversation: first.Conversation.Id, Address: "ayesha@mail.test"}
			}
			return in
		}
	}
	for _, s := range []step{
		{"the customer's token joins", answer("ayesha@mail.test", "", true), true, "", true},
		{"the customer's token joins however the address is written", answer("Ayesha <AYESHA@Mail.test>", "pass", true), true, "", true},
		{"a token from another address is for staff only", answer("eve@mail.test", "pass", true), true, schema.TrustOther, false},
		{"a token with a failed check of the sender is marked", answer("ayesha@mail.test", "fail", true), true, schema.TrustUnverified, true},
		{"references of the customer join, marked without proof", answer("ayesha@mail.test", "", false, "other@x", "first@mail.test"), true, schema.TrustUnverified, true},
		{"references of the proven customer join", answer("ayesha@mail.test", "pass", false, "first@mail.test"), true, "", true},
		{"references of a forged customer do not join", answer("ayesha@mail.test", "fail", false, "first@mail.test"), false, "", true},
		{"a stranger who knows the references does not join", answer("eve@mail.test", "pass", false, "first@mail.test"), false, "", true},
		{"unknown references do not join", answer("ayesha@mail.test", "pass", false, "never@seen"), false, "", true},
		{"a number in the subject does not join", func(first conversation.Received) conversation.Incoming {
			in := letter("box1", "eve@mail.test", "second@mail.test", "second")
			in.Subject = fmt.Sprintf("Re: [#%d]", first.Conversation.Number())
			return in
		}, false, "", true},
	} {
		t.Run(s.name, func(t *testing.T) {
			app := hookstest.New(t)
			first := receive(t, app, letter("box1", "ayesha@mail.test", "first@mail.test", "first"))
			got := receive(t, app, s.in(first))
			if joins := got.Conversation.Id == first.Conversation.Id; joins != s.joins {
				t.Errorf("joins is %v", joins)
			}
			if trust := got.Message.GetString(schema.MsgTrust); trust != s.trust {
				t.Errorf("trust is %q", trust)
			}
			_, err := app.Rooms.Conversation.PublicOf(app, got.Message.Id)
			if public := err == nil; public != s.public {
				t.Errorf("the customer sees it: %v", public)
			}
		})
	}
}

// A token from another address must not give its sender the conversation.
// Mail does not come in the order in which it was written: whatever comes
// first opens the conversation, and the rest finds it.
func TestTheOrderOfArrivalDoesNotMatter(t *testing.T) {
	thread := []conversation.Incoming{
		letter("box", "rahim@customer.test", "1@customer.test", "first"),
		letter("box", "rahim@customer.test", "2@customer.test", "second"),
		letter("box", "rahim@customer.test", "3@customer.test", "third"),
		letter("box", "rahim@customer.test", "4@customer.test", "another answer to the first"),
	}
	thread[1].References = []string{"1@customer.test"}
	thread[2].References = []string{"2@customer.test", "1@customer.test"}
	thread[3].References = []string{"1@customer.test"}
	var orders func(done, left []int, each func([]int))
	orders = func(done, left []int, each func([]int)) {
		if len(left) == 0 {
			each(done)
		}
		for i, n := range left {
			orders(append(slices.Clone(done), n), append(slices.Clone(left[:i]), left[i+1:]...), each)
		}
	}
	app := hookstest.New(t)
	tried := 0
	orders(nil, []int{0, 1, 2, 3}, func(order []int) {
		tried++
		rename := func(id string) string { return fmt.Sprint(tried, ".", id) }
		conv := ""
		for _, n := range order {
			in := thread[n]
			in.Keys, in.ChannelID = []string{rename(in.ChannelID)}, rename(in.ChannelID)
			in.References = slices.Clone(in.References)
			for i, ref := range in.References {
				in.References[i] = rename(ref)
			}
			got := receive(t, app, in)
			if conv == "" {
				conv = got.Conversation.Id
			} else if got.Conversation.Id != conv {
				t.Errorf("in the order %v mail %d opens a conversation of its own", order, n)
			}
		}
		if events := count(t, app, "SELECT COUNT(*) FROM messages WHERE conversation={:c} AND kind='event'", dbx.Params{"c": conv}); events != 0 {
			t.Errorf("in the order %v there are %d remarks", order, events)
		}
	})
	if tried != 24 {
		t.Errorf("%d orders", tried)
	}
}

func TestNobodyJoinsBecauseTheyAreAwaited(t *testing.T) {
	app := hookstest.New(t)
	answer := letter("box", "rahim@customer.test", "answer@customer.test", "yes please")
	answer.References = []string{"offer@elsewhere.test"}
	conv := receive(t, app, answer).Conversation.Id
	others := letter("box", "karim@customer.test", "other@customer.test", "me too") // answers the same newsletter
	others.References = []string{"offer@elsewhere.test"}
	forged := letter("box", "rahim@customer.test", "forged@evil.test", "send it to me")
	forged.References, forged.Auth = []string{"offer@elsewhere.test"}, "fail"
	for _, in := range []conversation.Incoming{others, letter("box", "sender@elsewhere.test", "offer@elsewhere.test", "an offer"), forged} {
		got := receive(t, app, in)
		if got.Conversation.Id == conv {
			t.Errorf("%s joins", in.SenderAddress)
		}
		if n := count(t, app, "SELECT COUNT(*) FROM messages WHERE conversation={:c}", dbx.Params{"c": got.Conversation.Id}); n != 1 && in.Auth != "fail" {
			t.Errorf("%s: something is said of the others who answered", in.SenderAddress)
		}
	}
}

func TestAnotherSenderIsNotTheCustomer(t *testing.T) {
	app := hookstest.New(t)
	first := receive(t, app, letter("box1", "ayesha@mail.test", "first@mail.test", "first"))
	in := letter("box1", "eve@mail.test", "eve@mail.test", "hello")
	in.Thread = conversation.Thread{Conversation: first.Conversation.Id, Address: "ayesha@mail.test"}
	got := receive(t, app, in)
	if got.Message.GetString(schema.MsgContact) == first.Message.GetString(schema.MsgContact) {
		t.Error("the other sender became the customer")
	}
	msgs, _, err := app.Rooms.Conversation.PublicPage(app, first.Conversation.Id, 0, 0, 50)
	if err != nil || len(msgs) != 1 {
		t.Errorf("the customer sees %d messages, error %v", len(msgs), err)
	}
	// References to what eve wrote do not let eve in either.
	in = letter("box1", "eve@mail.test", "eve2@mail.test", "hello again")
	in.References, in.Auth = []string{"eve@mail.test"}, "pass"
	if got := receive(t, app, in); got.Conversation.Id == first.Conversation.Id {
		t.Error("the other sender joined by references")
	}
	// And what another wrote is not where the answer goes.
	sent, err := app.Rooms.Conversation.Reply(app, conversation.Draft{Conversation: first.Conversation.Id, Kind: schema.MessageOutgoing, Text: "answer"})
	if err != nil {
		t.Fatal(err)
	}
	if to := sent.Message.GetString(schema.MsgTo); to == "eve@mail.test" {
		t.Error("the answer goes to the other sender")
	}
}

// Rules 23, 25 and 27: what a token proves of an address, and what it does not.
func TestATokenProvesNoMoreThanItsAddress(t *testing.T) {
	verified := func(t *testing.T, app *hookstest.App, address string) bool {
		t.Helper()
		return count(t, app, `SELECT COUNT(*) FROM identities WHERE verified AND value = {:a}`, dbx.Params{"a": address}) == 1
	}
	belongs := func(t *testing.T, app *hookstest.App, address string) int {
		t.Helper()
		return count(t, app, `SELECT COUNT(*) FROM identities WHERE value = {:a}`, dbx.Params{"a": address})
	}
	answer := func(from, id, auth string, to conversation.Received, mailedTo string) conversation.Incoming {
		in := letter("box1", from, id, "answer "+id)
		in.Auth, in.Thread = auth, conversation.Thread{Conversation: to.Conversation.Id, Address: mailedTo}
		return in
	}
	const ayesha, typed = "ayesha@mail.test", "typed@mistake.test"

	t.Run("the only address, authenticated", func(t *testing.T) {
		app := hookstest.New(t)
		first := receive(t, app, letter("box1", ayesha, "first@mail.test", "first"))
		receive(t, app, answer(ayesha, "2@mail.test", "", first, ayesha)) // anybody who was forwarded the mail could have written this
		if verified(t, app, ayesha) {
			t.Error("23: a mail that nothing authenticates proved the address")
		}
		receive(t, app, answer(ayesha, "3@mail.test", "pass", first, ayesha))
		if !verified(t, app, ayesha) {
			t.Error("23: the address that the token was mailed to is not proven")
		}
	})
	t.Run("an address that was typed beside the customer's", func(t *testing.T) {
		app := hookstest.New(t)
		first := receive(t, app, letter("box1", ayesha, "first@mail.test", "first"))
		chatted := receive(t, app, chat("v1", "c1", "hello"))
		if err := app.RunInTransaction(func(tx core.App) error {
			return contact.Merge(tx, first.Conversation.Contact(), chatted.Conversation.Contact())
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := conversation.LeaveEmail(app, chatted.Conversation.Id, typed, ""); err != nil {
			t.Fatal(err)
		}
		// Its holder got our answer to the chat, and another mail was forwarded to them.
		got := receive(t, app, answer(typed, "a@mistake.test", "pass", chatted, typed))
		if got.Conversation.Id != chatted.Conversation.Id || got.Message.GetString(schema.MsgTrust) != "" {
			t.Errorf("23: in the conversation that went by the address it is %q", got.Message.GetString(schema.MsgTrust))
		}
		if verified(t, app, typed) {
			t.Error("25: the holder of one mail would see all of the customer's requests")
		}
		got = receive(t, app, answer(typed, "b@mistake.test", "pass", first, ayesha))
		if got.Message.GetString(schema.MsgTrust) != schema.TrustOther {
			t.Errorf("25: with a forwarded token it is %q", got.Message.GetString(schema.MsgTrust))
		}
		in := letter("box1", typed, "c@mistake.test", "by number")
		in.Auth, in.Numbers, in.References = "pass", []int64{first.Conversation.Number()}, []string{"first@mail.test"}
		if got = receive(t, app, in); got.Conversation.Id == first.Conversation.Id {
			t.Error("24: a number that anybody can count let the address in")
		}
		// The customer's own address still gets everywhere it was.
		in = letter("box1", ayesha, "d@mail.test", "mine")
		in.Auth, in.References = "pass", []string{"first@mail.test"}
		if got = receive(t, app, in); got.Conversation.Id != first.Conversation.Id || got.Message.GetString(schema.MsgTrust) != "" {
			t.Error("24: the customer does not join their own conversation")
		}
	})
	t.Run("an address that staff wrote to", func(t *testing.T) {
		app := hookstest.New(t)
		first := receive(t, app, letter("box1", ayesha, "first@mail.test", "first"))
		got := receive(t, app, answer("accountant@firm.test", "x@firm.test", "pass", first, "accountant@firm.test"))
		if got.Conversation.Id != first.Conversation.Id || got.Message.GetString(schema.MsgTrust) != "" {
			t.Errorf("23: whom our mail went to is %q", got.Message.GetString(schema.MsgTrust))
		}
		if belongs(t, app, "accountant@firm.test") != 0 {
			t.Error("27: it became the customer's by an answer")
		}
	})
}

func TestReopening(t *testing.T) {
	solved, day := schema.StatusSolved, 24*time.Hour
	solvedAgo := func(t *testing.T, app core.App, conv *conversation.Conversation, ago time.Duration) {
		t.Helper()
		if _, err := conversation.Apply(app, conv.Id, "", conversation.Change{Status: &solved}); err != nil {
			t.Fatal(err)
		}
		r, err := app.FindRecordById(schema.Conversations, conv.Id)
		if err != nil {
			t.Fatal(err)
		}
		r.Set(schema.ConvSolvedAt, time.Now().Add(-ago))
		if err := app.Save(r); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name   string
		mail   bool
		ago    time.Duration
		change func(*conversation.Incoming)
		joins  bool
		status string
	}{
		{"a chat within the days reopens", false, 6 * day, nil, true, schema.StatusOpen},
		{"a chat after the days begins anew", false, 8 * day, nil, false, schema.StatusOpen},
		{"a mail within thirty days reopens", true, 29 * day, nil, true, schema.StatusOpen},
		{"a mail after thirty days begins anew", true, 31 * day, nil, false, schema.StatusOpen},
		{"a machine's mail does not reopen", true, day, func(in *conversation.Incoming) { in.Automatic = true }, true, schema.StatusSolved},
		{"spam does not reopen", true, day, func(in *conversation.Incoming) { in.Spam = true }, true, schema.StatusSolved},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := hookstest.New(t)
			first, second := chat("v1", "client-1", "first"), chat("v1", "client-2", "second")
			if c.mail {
				first, second = letter("box1", "a@mail.test", "first@mail.test", "first"), letter("box1", "a@mail.test", "second@mail.test", "second")
			}
			begun := receive(t, app, first)
			solvedAgo(t, app, begun.Conversation, c.ago)
			if c.mail {
				second.Thread = conversation.Thread{Conversation: begun.Conversation.Id, Address: "a@mail.test"}
			}
			if c.change != nil {
				c.change(&second)
			}
			got := receive(t, app, second)
			if joins := got.Conversation.Id == begun.Conversation.Id; joins != c.joins {
				t.Errorf("joins is %v", joins)
			}
			if got.Conversation.Status() != c.status {
				t.Errorf("status is %s", got.Conversation.Status())
			}
			reopened := count(t, app, `SELECT COUNT(*) FROM messages WHERE kind='event' AND conversation={:c} AND json_extract(event,'$.to')='open'`, dbx.Params{"c": begun.Conversation.Id})
			if want := c.joins && c.status == schema.StatusOpen; (reopened == 1) != want {
				t.Errorf("%d events tell of the reopening", reopened)
			}
			if c.status == schema.StatusSolved && !got.Conversation.GetDateTime(schema.ConvWaitingSince).IsZero() {
				t.Error("nobody waits, but the clock runs")
			}
		})
	}
}

func TestABlockedCustomerOpensNothing(t *testing.T) {
	app := hookstest.New(t)
	first := receive(t, app, chat("v1", "client-1", "first"))
	solved := schema.StatusSolved
	if _, err := conversation.Apply(app, first.Conversation.Id, "", conversation.Change{Status: &solved}); err != nil {
		t.Fatal(err)
	}
	who, err := app.FindRecordById(schema.Contacts, first.Conversation.Contact())
	if err != nil {
		t.Fatal(err)
	}
	who.Set(schema.ContactBlocked, true)
	if err := app.Save(who); err != nil {
		t.Fatal(err)
	}
	got := receive(t, app, chat("v1", "client-2", "second"))
	if !got.New || got.Conversation.Status() != schema.StatusSolved || got.Conversation.GetInt(schema.ConvLastIncomingSeq) != int(first.Message.Seq()) {
		t.Errorf("a blocked customer's word changed the conversation: %s, %v", got.Conversation.Status(), got.Conversation.GetInt(schema.ConvLastIncomingSeq))
	}
	if _, err := app.DB().Update(schema.Conversations, dbx.Params{schema.ConvVisitor: ""}, nil).Execute(); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, app, chat("v1", "client-3", "third")); got.Conversation.Status() != schema.StatusSolved {
		t.Errorf("a blocked customer's new conversation is %s", got.Conversation.Status())
	}
}

func TestMergedConversations(t *testing.T) {
	app := hookstest.New(t)
	keep := receive(t, app, letter("box1", "a@mail.test", "a1@mail.test", "keep"))
	old := receive(t, app, letter("box1", "a@mail.test", "a2@mail.test", "old"))
	other := receive(t, app, chat("v1", "client-1", "by chat"))
	for _, id := range []string{old.Conversation.Id, other.Conversation.Id} {
		r, err := app.FindRecordById(schema.Conversations, id)
		if err != nil {
			t.Fatal(err)
		}
		r.Set(schema.ConvMergedInto, keep.Conversation.Id)
		if err := app.Save(r); err != nil {
			t.Fatal(err)
		}
	}
	in := letter("box1", "a@mail.test", "a3@mail.test", "answer")
	in.Thread = conversation.Thread{Conversation: old.Conversation.Id, Address: "a@mail.test"}
	if got := receive(t, app, in); got.Conversation.Id != keep.Conversation.Id {
		t.Error("a token of a merged conversation does not lead to the one it became part of")
	}
	if got := receive(t, app, chat("v1", "client-2", "again")); got.Conversation.Id == keep.Conversation.Id || got.Conversation.Id == other.Conversation.Id {
		t.Error("the browser of a merged chat was let into what others wrote")
	}
	if own, err := conversation.VisitorOwns(app, "v1", other.Conversation.Id); err != nil || own {
		t.Error("the browser still opens the merged conversation")
	}
}
