package live

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

type said struct {
	Text string `json:"text"`
}

func (said) Public() {}

func listen(h *Hub, who string, topics ...string) *conn {
	c := &conn{listener: who, address: "10.0.0.1", topics: topics, queue: make(chan frame, queueLength), gone: make(chan struct{})}
	if !h.join(c, MaxPerListener, MaxStreams) {
		return nil
	}
	return c
}

func ended(c *conn) bool {
	select {
	case <-c.gone:
		return true
	default:
		return false
	}
}

func TestEventsKeepTheirOrderAndTopic(t *testing.T) {
	h := NewHub()
	mine, other := listen(h, "visitor/a", "conversation/1"), listen(h, "visitor/b", "conversation/2")
	for i := range 100 {
		h.Tell(ConversationTopic("1"), ForPublic("message", int64(i+1), said{fmt.Sprint(i)}))
	}
	for i := range 100 {
		f := <-mine.queue
		want := fmt.Sprintf("id: %d\nevent: message\ndata: {\"text\":\"%d\"}\n\n", i+1, i)
		if string(f.data) != want || f.seq != int64(i+1) {
			t.Fatalf("event %d is %q", i, f.data)
		}
	}
	if len(mine.queue) != 0 || len(other.queue) != 0 {
		t.Error("an event came twice or to somebody else")
	}
	if !h.Listens(ConversationTopic("1")) || h.Listens(ConversationTopic("3")) {
		t.Error("the hub does not know who listens")
	}
}

func TestBrokenTextStillMakesAnEvent(t *testing.T) {
	ev := ForStaff("message", 1, said{"a\xffb\nc"})
	if got := string(ev.data); got != "id: 1\nevent: message\ndata: {\"text\":\"a\uFFFDb\\nc\"}\n\n" {
		t.Errorf("%q", got)
	}
}

func TestAConnectionThatCannotKeepUpIsClosed(t *testing.T) {
	h := NewHub()
	slow, quick := listen(h, "agent/slow", "inbox"), listen(h, "agent/quick", "inbox")
	for i := range queueLength + 1 {
		h.TellStaff(Inbox, ForStaff("message", int64(i+1), said{"x"}))
		<-quick.queue
	}
	if !ended(slow) {
		t.Error("a connection that lacks an event stays open")
	}
	if ended(quick) {
		t.Error("one slow connection closed another")
	}
	for i := range queueLength { // what it has is whole: nothing is missing in between
		if f := <-slow.queue; f.seq != int64(i+1) {
			t.Fatalf("event %d is %d", i, f.seq)
		}
	}
}

func TestLimits(t *testing.T) {
	h := NewHub()
	for range MaxPerListener {
		if listen(h, "visitor/a") == nil {
			t.Fatal("refused below the limit")
		}
	}
	if listen(h, "visitor/a") != nil {
		t.Error("one visitor has more streams than allowed")
	}
	c := &conn{listener: "visitor/b", address: "10.0.0.1", gone: make(chan struct{})}
	if h.join(c, 3, MaxPerListener) {
		t.Error("one address has more streams than allowed")
	}
	for i := h.Count(); i < MaxStreams; i++ {
		if listen(h, fmt.Sprint("visitor/", i)) == nil {
			t.Fatalf("refused stream %d of %d", i+1, MaxStreams)
		}
	}
	if listen(h, "visitor/one-more") != nil {
		t.Error("more streams than the machine is meant to carry")
	}
}

func TestLeavingGivesEverythingBack(t *testing.T) {
	h := NewHub()
	var all []*conn
	for i := range 300 {
		all = append(all, listen(h, fmt.Sprint("visitor/", i%120), fmt.Sprint("conversation/", i%120), "visitors"))
	}
	var wg sync.WaitGroup
	for _, c := range all {
		wg.Go(func() {
			h.Tell(Visitors, ForPublic("presence", 0, said{}))
			h.leave(c)
		})
	}
	wg.Wait()
	if h.Count() != 0 || len(h.topics) != 0 || len(h.listeners) != 0 || len(h.addresses) != 0 {
		t.Errorf("left behind: %d streams, %d topics, %d listeners, %d addresses", h.Count(), len(h.topics), len(h.listeners), len(h.addresses))
	}
	h.Close()
}

func TestPresenceSurvivesAReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHub()
		var heard []string
		h.Watch(func(who string, online bool) { heard = append(heard, fmt.Sprint(who, " ", online)) })
		c := listen(h, "visitor/a", "conversation/1")
		second := listen(h, "visitor/a", "conversation/1")
		h.leave(c)
		h.leave(second)
		time.Sleep(offlineGrace - time.Second)
		synctest.Wait()
		if !h.Online("visitor/a") {
			t.Error("gone while reloading")
		}
		c = listen(h, "visitor/a", "conversation/1")
		time.Sleep(3 * offlineGrace)
		synctest.Wait()
		if got := strings.Join(heard, ", "); got != "visitor/a true" {
			t.Errorf("heard: %s", got)
		}
		h.leave(c)
		time.Sleep(offlineGrace + time.Second)
		synctest.Wait()
		if got := strings.Join(heard, ", "); got != "visitor/a true, visitor/a false" || h.Online("visitor/a") {
			t.Errorf("heard: %s", got)
		}
	})
}

func TestEndClosesOneListenerAndCloseAll(t *testing.T) {
	h := NewHub()
	a, b := listen(h, "agent/a", "inbox", "agent/a"), listen(h, "agent/b", "inbox", "agent/b")
	h.End("agent/a")
	if !ended(a) || ended(b) {
		t.Error("the wrong streams ended")
	}
	h.Close()
	if !ended(b) || listen(h, "agent/c", "inbox") != nil {
		t.Error("the hub goes on after its end")
	}
	h.leave(a)
	h.leave(b)
}

// What is not made for customers has no way to their topics: it does not
// compile. These are programs that must not.
func TestANoteCannotBeSentToACustomer(t *testing.T) {
	programs := map[string]string{
		"a staff event to a public topic":   `h.Tell(live.ConversationTopic("1"), live.ForStaff("message", 1, note))`,
		"a staff message as a public event": `h.Tell(live.ConversationTopic("1"), live.ForPublic("message", 1, note))`,
		"a staff row as a public event":     `h.Tell(live.ConversationTopic("1"), live.ForPublic("conversation", 0, row))`,
		"a staff event to an own topic":     `h.Tell(live.PublicTopic(live.Inbox), live.ForStaff("message", 1, note))`,
		"a record":                          `h.Tell(live.ConversationTopic("1"), live.ForPublic("message", 1, record))`,
		"what staff types":                  `h.Tell(live.ConversationTopic("1"), live.ForPublic("typing", 0, typing))`,
	}
	const head = "package main\n\nimport (\n\t\"github.com/pocketbase/pocketbase/core\"\n\t\"github.com/shohay/shohay/hooks/conversation\"\n\t\"github.com/shohay/shohay/hooks/live\"\n)\n\n" +
		"var note conversation.StaffMessage\nvar row conversation.Row\nvar typing conversation.TypingView\nvar record *core.Record\nvar open conversation.PublicMessage\n\nfunc main() {\n\th := live.NewHub()\n\t_, _, _, _, _ = note, row, typing, record, open\n\t"
	build := func(body string) (string, error) {
		// A file that is named finds the packages of the module it is named in.
		file := filepath.Join(t.TempDir(), "main.go")
		if err := os.WriteFile(file, []byte(head+body+"\n}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("go", "vet", file).CombinedOutput()
		return string(out), err
	}
	if out, err := build(`h.Tell(live.ConversationTopic("1"), live.ForPublic("message", 1, open))`); err != nil {
		t.Fatalf("the program that is right does not compile: %s", out)
	}
	for name, body := range programs {
		out, err := build(body)
		if err == nil || !strings.Contains(out, "cannot use") && !strings.Contains(out, "does not implement") {
			t.Errorf("%s compiles: %s", name, out)
		}
	}
}

// Nobody outside event.go makes the frames that go out.
func TestOnlyTheTwoDoorsMakeFrames(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if name == "event.go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.CompositeLit); ok {
				if id, ok := lit.Type.(*ast.Ident); ok && (id.Name == "PublicEvent" || id.Name == "StaffEvent" || id.Name == "frame") {
					t.Errorf("%s makes a %s of its own", name, id.Name)
				}
			}
			return true
		})
	}
}
