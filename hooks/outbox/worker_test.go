package outbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/hookstest/template"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/schema"
)

// desk is a database with a worker whose clock the test sets.
type desk struct {
	core.App
	t      *testing.T
	group  *lifecycle.Group
	worker *Worker
	seq    int

	mu    sync.Mutex
	clock time.Time
}

func init() { jitter = func() float64 { return 0 } }

func newDesk(t *testing.T) *desk {
	t.Helper()
	return openDesk(t, template.Copy(t))
}

func TestMain(m *testing.M) {
	code := m.Run()
	template.Cleanup()
	os.Exit(code)
}

func openDesk(t *testing.T, dir string) *desk {
	t.Helper()
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir})
	d := &desk{App: app, t: t, clock: time.Now()}
	d.group = lifecycle.New(app)
	d.worker = Register(app, d.group)
	d.worker.now, d.worker.grace = d.now, 20*time.Millisecond
	if err := app.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.stop)
	return d
}

func (d *desk) stop() {
	d.group.Stop()
	if err := d.ClearBootstrap(); err != nil {
		d.t.Error(err)
	}
}

func (d *desk) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.clock
}

// pass moves the clock and wakes the worker.
func (d *desk) pass(by time.Duration) {
	d.mu.Lock()
	d.clock = d.clock.Add(by)
	d.mu.Unlock()
	d.worker.Wake()
}

func (d *desk) exec(query string, p dbx.Params) {
	d.t.Helper()
	if _, err := d.DB().NewQuery(query).Bind(p).Execute(); err != nil {
		d.t.Fatal(err)
	}
}

// conversation makes the rows a message hangs on.
func (d *desk) conversation(id string) {
	d.t.Helper()
	d.exec(`INSERT OR IGNORE INTO contacts (id, tokenKey, password) VALUES ('contact00000001', 'k', '!')`, nil)
	d.seq++
	d.exec(`INSERT INTO conversations (id, number, contact, channel, status) VALUES ({:id}, {:n}, 'contact00000001', 'email', 'open')`, dbx.Params{"id": id, "n": d.seq})
}

// message writes an answer with its outbox row, due at the clock's time.
func (d *desk) message(id, conv, channel string) {
	d.t.Helper()
	d.seq++
	d.exec(`INSERT INTO messages (id, conversation, seq, kind, author_kind, delivery) VALUES ({:id}, {:c}, {:s}, 'outgoing', 'agent', 'queued')`, dbx.Params{"id": id, "c": conv, "s": d.seq})
	if err := Enqueue(d, Row{Message: id, Channel: channel, Recipient: "a@mail.test", Due: d.now()}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) row(message string) (r struct {
	State     string         `db:"state"`
	Attempts  int            `db:"attempts"`
	Due       types.DateTime `db:"due"`
	LastError string         `db:"last_error"`
	Receipt   string         `db:"receipt"`
	Delivery  string         `db:"delivery"`
	Detail    string         `db:"delivery_detail"`
}) {
	d.t.Helper()
	err := d.DB().NewQuery(`SELECT o.state, o.attempts, o.due, o.last_error, o.receipt, m.delivery, m.delivery_detail FROM outbox o JOIN messages m ON m.id = o.message WHERE o.message = {:m}`).
		Bind(dbx.Params{"m": message}).One(&r)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain for: ", what)
		}
	}
}

// sends is a sender that remembers and does as it is told.
type sends struct {
	mu   sync.Mutex
	got  []string
	then func(it Item) (Receipt, error)
}

func (s *sends) send(_ context.Context, _ core.App, it Item) (Receipt, error) {
	s.mu.Lock()
	s.got = append(s.got, it.Message)
	s.mu.Unlock()
	if s.then != nil {
		return s.then(it)
	}
	return Receipt{Detail: "250 ok"}, nil
}

func (s *sends) list() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

func id(prefix string, n int) string { return fmt.Sprintf("%s%0*d", prefix, 15-len(prefix), n) }

func TestMessagesOfAConversationGoOutInOrder(t *testing.T) {
	d := newDesk(t)
	var mu sync.Mutex
	under, most := map[string]int{}, 0
	together := make(chan struct{}) // closed when two are under way
	order := map[string][]string{}
	d.worker.Handle("email", func(_ context.Context, _ core.App, it Item) (Receipt, error) {
		mu.Lock()
		under[it.Conversation]++
		if under[it.Conversation] > 1 {
			t.Errorf("two messages of %s are under way together", it.Conversation)
		}
		all := 0
		for _, n := range under {
			all += n
		}
		if all == 2 && most < 2 {
			close(together)
		}
		most = max(most, all)
		mu.Unlock()
		select { // the first waits for company
		case <-together:
		case <-time.After(10 * time.Second):
		}
		time.Sleep(time.Duration(rand.IntN(8)) * time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		under[it.Conversation]--
		order[it.Conversation] = append(order[it.Conversation], it.Message)
		return Receipt{}, nil
	})
	for c := range 6 {
		d.conversation(id("conv", c))
	}
	want := map[string][]string{}
	for i := range 60 {
		c := id("conv", i%2)
		if i >= 2 {
			c = id("conv", rand.IntN(6))
		}
		d.message(id("msg", i), c, "email")
		want[c] = append(want[c], id("msg", i))
	}
	d.group.Start()
	until(t, "all are sent", func() bool {
		var n int
		_ = d.DB().NewQuery(`SELECT COUNT(*) FROM outbox WHERE state = 'sent'`).Row(&n)
		return n == 60
	})
	for c := range want {
		if !slices.Equal(order[c], want[c]) {
			t.Errorf("%s went out as %v", c, order[c])
		}
	}
	if most > atOnce || most < 2 {
		t.Errorf("%d sends under way together", most)
	}
}

func TestAnEarlierMessageHoldsTheLaterOneBack(t *testing.T) {
	d := newDesk(t)
	fail := true
	s := &sends{}
	s.then = func(it Item) (Receipt, error) {
		if it.Message == id("msg", 1) && fail {
			fail = false
			return Receipt{}, errors.New("421 try later")
		}
		return Receipt{}, nil
	}
	d.worker.Handle("email", s.send)
	d.worker.Handle("chat", s.send)
	d.conversation("conv00000000001")
	d.conversation("conv00000000002")
	d.message(id("msg", 1), "conv00000000001", "email")
	d.message(id("msg", 2), "conv00000000001", "email")
	d.message(id("msg", 3), "conv00000000001", "chat") // another channel does not wait
	d.message(id("msg", 4), "conv00000000002", "email")
	d.group.Start()
	until(t, "the others are sent", func() bool { return len(s.list()) == 3 })
	until(t, "the failure is noted", func() bool { return d.row(id("msg", 1)).Attempts == 1 })
	if r := d.row(id("msg", 2)); r.State != "queued" {
		t.Errorf("the later one is %s", r.State)
	}
	// The worker must not spin on a row that is due but held back.
	next, err := nextDue(d, nil)
	if err != nil || next.Sub(d.now()) < 50*time.Second {
		t.Errorf("the next look is at %s, %v from now", next, next.Sub(d.now()))
	}
	d.pass(61 * time.Second)
	until(t, "both are sent in order", func() bool { return d.row(id("msg", 2)).State == "sent" })
	if got := s.list(); !slices.Equal(got[3:], []string{id("msg", 1), id("msg", 2)}) {
		t.Errorf("sent %v", got)
	}
}

func TestTemporaryErrorsBackOffAndEnd(t *testing.T) {
	d := newDesk(t)
	s := &sends{then: func(Item) (Receipt, error) { return Receipt{}, errors.New("451 not now") }}
	d.worker.Handle("email", s.send)
	d.conversation("conv00000000001")
	d.message(id("msg", 1), "conv00000000001", "email")
	d.group.Start()
	for i, pause := range pauses {
		until(t, "another try", func() bool { return d.row(id("msg", 1)).Attempts == i+1 })
		r := d.row(id("msg", 1))
		if wait := r.Due.Time().Sub(d.now()).Round(time.Second); r.State != "queued" || r.Delivery != "queued" || wait != pause || r.LastError != "451 not now" {
			t.Fatalf("try %d: %+v, next in %s instead of %s", i+1, r, wait, pause)
		}
		d.pass(pause - time.Second)
		time.Sleep(20 * time.Millisecond)
		if n := len(s.list()); n != i+1 {
			t.Fatalf("tried %d times before the pause was over", n)
		}
		d.pass(2 * time.Second)
	}
	until(t, "it is given up", func() bool { return d.row(id("msg", 1)).State == "failed" })
	if r := d.row(id("msg", 1)); r.Delivery != "failed" || r.Detail != "451 not now" {
		t.Errorf("the message says %+v", r)
	}

	// An agent sends it again.
	s.then = nil
	if ok, err := Retry(d, id("msg", 1)); err != nil || !ok {
		t.Fatal(ok, err)
	}
	d.worker.Wake()
	until(t, "it is sent", func() bool { return d.row(id("msg", 1)).State == "sent" })
	if r := d.row(id("msg", 1)); r.Delivery != "sent" || r.Detail != "" {
		t.Errorf("the message says %+v", r)
	}
	if ok, err := Retry(d, id("msg", 1)); err != nil || ok {
		t.Error("what was sent is sent again: ", err)
	}
}

func TestVerdicts(t *testing.T) {
	d := newDesk(t)
	told := map[string]func(n int) (Receipt, error){
		id("later", 1): func(int) (Receipt, error) { return Receipt{}, Later(errors.New("wrong password"), 10*time.Minute) },
		id("permanent", 1): func(int) (Receipt, error) {
			return Receipt{}, fmt.Errorf("mail: %w", Permanent(errors.New("550 no such user")))
		},
		id("uncertain", 1): func(int) (Receipt, error) { return Receipt{}, Uncertain(errors.New("the line broke")) },
		id("panic", 1):     func(int) (Receipt, error) { panic("a bug") },
		id("delivered", 1): func(int) (Receipt, error) { return Receipt{Delivered: true, Detail: "read"}, nil },
		id("quiet", 1):     func(int) (Receipt, error) { return Receipt{Quiet: true}, nil },
	}
	s := &sends{then: func(it Item) (Receipt, error) { return told[it.Message](it.Attempts) }}
	d.worker.Handle("email", s.send)
	i := 0
	for m := range told {
		d.conversation(id("conv", i))
		d.message(m, id("conv", i), "email")
		i++
	}
	d.conversation("convpigeon00001")
	d.message(id("pigeon", 1), "convpigeon00001", "portal") // nothing sends by it
	d.group.Start()
	for m, want := range map[string]struct {
		state, delivery string
		attempts        int
		pause           time.Duration
	}{
		id("later", 1):     {"queued", "queued", 0, 10 * time.Minute},
		id("permanent", 1): {"failed", "failed", 1, 0},
		id("uncertain", 1): {"uncertain", "uncertain", 1, time.Minute},
		id("panic", 1):     {"queued", "queued", 1, time.Minute},
		id("delivered", 1): {"sent", "delivered", 1, 0},
		id("quiet", 1):     {"sent", "queued", 1, 0},
		id("pigeon", 1):    {"failed", "failed", 1, 0},
	} {
		until(t, m+" is "+want.state, func() bool {
			r := d.row(m)
			return r.State == want.state && (r.LastError != "" || r.State == "sent")
		})
		r := d.row(m)
		wait := r.Due.Time().Sub(d.now()).Round(time.Second)
		if r.Delivery != want.delivery || r.Attempts != want.attempts || want.pause > 0 && wait != want.pause {
			t.Errorf("%s: %+v, next in %s", m, r, wait)
		}
	}
	if r := d.row(id("delivered", 1)); r.Receipt != "read" {
		t.Errorf("receipt %q", r.Receipt)
	}
	// What is uncertain is sent again, until it is certain.
	told[id("uncertain", 1)] = func(int) (Receipt, error) { return Receipt{}, nil }
	told[id("later", 1)], told[id("panic", 1)] = told[id("uncertain", 1)], told[id("uncertain", 1)]
	d.pass(11 * time.Minute)
	for _, m := range []string{id("uncertain", 1), id("later", 1), id("panic", 1)} {
		until(t, m+" is sent", func() bool { return d.row(m).State == "sent" })
	}
}

func TestALeaseOutlivesItsProcess(t *testing.T) {
	dir := template.Copy(t)
	d := openDesk(t, dir)
	hung := make(chan struct{})
	d.worker.Handle("email", func(ctx context.Context, _ core.App, _ Item) (Receipt, error) {
		close(hung)
		<-ctx.Done() // the process ends in the middle of a send
		return Receipt{}, ctx.Err()
	})
	d.conversation("conv00000000001")
	d.message(id("msg", 1), "conv00000000001", "email")
	d.group.Start()
	<-hung
	if r := d.row(id("msg", 1)); r.State != "sending" {
		t.Fatalf("claimed, it is %s", r.State)
	}
	d.stop()

	d = openDesk(t, dir)
	s := &sends{}
	d.worker.Handle("email", s.send)
	if r := d.row(id("msg", 1)); r.State != "sending" || r.Attempts != 0 {
		t.Fatalf("after the stop it is %+v", r)
	}
	d.group.Start()
	d.pass(time.Second)
	until(t, "the next process sends it", func() bool { return d.row(id("msg", 1)).State == "sent" })
	if n := len(s.list()); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

func TestStoppingWaitsForSends(t *testing.T) {
	d := newDesk(t)
	d.worker.grace = grace
	began, ended := make(chan struct{}), false
	d.worker.Handle("email", func(ctx context.Context, _ core.App, _ Item) (Receipt, error) {
		close(began)
		select {
		case <-ctx.Done():
			return Receipt{}, Uncertain(ctx.Err()) // cut off before the server's last word
		case <-time.After(200 * time.Millisecond):
		}
		ended = true
		return Receipt{}, nil
	})
	d.conversation("conv00000000001")
	d.message(id("msg", 1), "conv00000000001", "email")
	d.group.Start()
	<-began
	d.group.Stop()
	if !ended {
		t.Fatal("the send was left behind")
	}
	if r := d.row(id("msg", 1)); r.State != "sent" {
		t.Errorf("a send that came to its end is %s", r.State)
	}
}

func TestTheSameIsEnqueuedOnce(t *testing.T) {
	d := newDesk(t)
	d.conversation("conv00000000001")
	d.message(id("msg", 1), "conv00000000001", "email")
	for range 3 {
		if err := Enqueue(d, Row{Message: id("msg", 1), Channel: "email", Recipient: "a@mail.test"}); err != nil {
			t.Fatal(err)
		}
	}
	var n int
	if err := d.DB().NewQuery(`SELECT COUNT(*) FROM outbox`).Row(&n); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
}

// A message deleted on its way takes its row along and stops nobody.
func TestADeletedMessageIsNotSent(t *testing.T) {
	d := newDesk(t)
	s := &sends{}
	d.worker.Handle("email", s.send)
	d.conversation("conv00000000001")
	d.message(id("msg", 1), "conv00000000001", "email")
	d.message(id("msg", 2), "conv00000000001", "email")
	r, err := d.FindRecordById(schema.Messages, id("msg", 1))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Delete(r); err != nil {
		t.Fatal(err)
	}
	d.group.Start()
	until(t, "the other is sent", func() bool { return d.row(id("msg", 2)).State == "sent" })
	if got := s.list(); len(got) != 1 {
		t.Errorf("sent %v", got)
	}
	if next, err := nextDue(d, nil); err != nil || !next.IsZero() {
		t.Errorf("something is still due at %s, %v", next, err)
	}
}
