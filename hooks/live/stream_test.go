package live_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
)

type shop struct {
	*hookstest.App
	t             *testing.T
	base          string
	desk, visitor *hookstest.Client
	conv          string
	n             int
}

func open(t *testing.T) *shop {
	t.Helper()
	app := hookstest.New(t)
	s := &shop{App: app, t: t, base: app.Serve()}
	s.desk = &hookstest.Client{TB: t, Base: s.base, Token: app.Token(app.Agent("rafi", schema.RoleAgent))}
	s.visitor = s.newVisitor()
	var sent struct{ Conversation struct{ ID string } }
	s.visitor.Must(200, "POST", "/api/chat/messages", map[string]any{"client_id": "client-id-0", "text": "hello"}).JSON(t, &sent)
	s.conv = sent.Conversation.ID
	return s
}

func (s *shop) newVisitor() *hookstest.Client {
	s.t.Helper()
	c := &hookstest.Client{TB: s.t, Base: s.base}
	var started struct{ Token string }
	c.Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(s.t, &started)
	c.Token = started.Token
	return c
}

// write adds messages to the conversation, every third a note.
func (s *shop) write(n int) {
	s.t.Helper()
	for range n {
		s.n++
		d := conversation.Draft{Conversation: s.conv, Kind: schema.MessageOutgoing, Text: fmt.Sprintf("answer %d", s.n), Then: schema.StatusOpen}
		if s.n%3 == 0 {
			d.Kind, d.Text = schema.MessageNote, fmt.Sprintf("secret %d", s.n)
		}
		if _, err := s.Rooms.Conversation.Reply(s.App, d); err != nil {
			s.t.Fatal(err)
		}
	}
}

func seqs(t *testing.T, evs []hookstest.Event) (all []int) {
	t.Helper()
	for _, ev := range evs {
		n, err := strconv.Atoi(ev.ID)
		if err != nil {
			t.Fatalf("a message without its seq: %+v", ev)
		}
		if len(all) > 0 && n <= all[len(all)-1] {
			t.Fatalf("%d comes after %d", n, all[len(all)-1])
		}
		all = append(all, n)
	}
	return all
}

func TestAStreamBeginsWithWhatWasMissed(t *testing.T) {
	s := open(t)
	s.write(9)
	for _, after := range []int{0, 4} {
		st := s.desk.Listen(fmt.Sprint("topic=inbox&after=", after))
		st.Await("message", "answer 8")
		st.Await("message", "secret 9")
		if got := seqs(t, st.Events("message")); got[0] != after+1 || len(got) != 10-after {
			t.Errorf("after %d came %v", after, got)
		}
		if evs := st.Events(); evs[0].Name != "hello" {
			t.Errorf("the first event is %s", evs[0].Name)
		}
	}
	v := s.visitor.Listen("topic=conversation/" + s.conv + "&after=0")
	v.Await("message", "answer 8")
	s.write(3)
	v.Await("message", "answer 11")
	if got := seqs(t, v.Events("message")); len(got) != 9 { // the first word, and 12 of which 4 are notes
		t.Errorf("the visitor got %v", got)
	}
	for _, ev := range v.Events() {
		if strings.Contains(ev.Data, "secret") || strings.Contains(ev.Data, `"kind":"event"`) || strings.Contains(ev.Data, `"note"`) {
			t.Errorf("the visitor heard %s", ev.Data)
		}
	}
}

// A message written while a stream begins comes by one of its two roads, once.
func TestNothingFallsBetweenBacklogAndLive(t *testing.T) {
	s := open(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.write(60)
	}()
	var streams []*hookstest.Stream
	for range 12 {
		streams = append(streams, s.desk.Listen("topic=inbox&after=0"))
		time.Sleep(4 * time.Millisecond)
	}
	<-done
	newest, err := conversation.NewestSeq(s.App)
	if err != nil {
		t.Fatal(err)
	}
	for i, st := range streams {
		hookstest.Until(t, "all have come", 5*time.Second, func() bool { return len(st.Events("message")) >= int(newest) })
		if got := seqs(t, st.Events("message")); len(got) != int(newest) {
			t.Errorf("stream %d got %d of %d", i, len(got), newest)
		}
	}
}

func TestALongAbsenceIsToldToFetch(t *testing.T) {
	s := open(t)
	s.write(live.Backlog - 1)
	st := s.desk.Listen("topic=inbox&after=0")
	st.Await("message", fmt.Sprint("answer ", live.Backlog-1))
	if len(st.Events("reset")) != 0 {
		t.Error("a backlog that fits is refused")
	}
	s.write(1)
	st.Await("message", fmt.Sprint("answer ", live.Backlog)) // it is told before the next one listens
	st = s.desk.Listen("topic=inbox&after=0")
	st.Await("reset", "")
	if len(st.Events("message")) != 0 {
		t.Error("half a backlog was sent")
	}
	s.write(2)
	st.Await("message", fmt.Sprint("answer ", live.Backlog+2))
}

// After a backup was restored the clients know numbers that are to come.
func TestACursorFromTheFutureIsReset(t *testing.T) {
	s := open(t)
	for _, c := range []struct {
		who   *hookstest.Client
		topic string
	}{{s.desk, "inbox"}, {s.visitor, "conversation/" + s.conv}} {
		st := c.who.Listen("topic=" + c.topic + "&after=99999")
		st.Await("reset", "")
		s.n = 0
		s.write(1)
		st.Await("message", "answer 1")
	}
}

func TestStreamsThatAreRefused(t *testing.T) {
	s := open(t)
	stranger := s.newVisitor()
	nobody := &hookstest.Client{TB: t, Base: s.base}
	for _, c := range []struct {
		who    *hookstest.Client
		query  string
		status int
	}{
		{nobody, "topic=inbox", 401},
		{s.visitor, "topic=inbox", 401},
		{nobody, "topic=conversation/" + s.conv, 401},
		{stranger, "topic=conversation/" + s.conv, 404},
		{s.desk, "topic=conversation/" + s.conv, 401},
		{s.visitor, "topic=conversation/", 404},
		{s.visitor, "topic=visitors", 404},
		{s.visitor, "topic=agent/x", 404},
		{s.desk, "topic=", 404},
		{s.desk, "topic=inbox&after=x", 400},
		{s.desk, "topic=inbox&after=-1", 400},
	} {
		if a := c.who.Do("GET", "/api/stream?"+c.query, nil); a.Status != c.status {
			t.Errorf("%s: %d instead of %d: %s", c.query, a.Status, c.status, a.Body)
		}
	}
}

func TestTooManyStreamsAreToldToWait(t *testing.T) {
	s := open(t)
	s.Shop(map[string]any{schema.ShopStreamsPerAddress: 4})
	query := "topic=conversation/" + s.conv
	var streams []*hookstest.Stream
	for range live.MaxPerListener {
		streams = append(streams, s.visitor.Listen(query))
	}
	refused := func(who *hookstest.Client, query string) {
		t.Helper()
		a := who.Do("GET", "/api/stream?"+query, nil)
		if wait, err := strconv.Atoi(a.Header.Get("Retry-After")); a.Status != http.StatusServiceUnavailable || err != nil || wait < 1 || !strings.Contains(string(a.Body), `"message":"`) {
			t.Errorf("answered %d, Retry-After %q: %s", a.Status, a.Header.Get("Retry-After"), a.Body)
		}
	}
	refused(s.visitor, query)
	other := s.newVisitor()
	var sent struct{ Conversation struct{ ID string } }
	other.Must(200, "POST", "/api/chat/messages", map[string]any{"client_id": "client-id-1", "text": "hello"}).JSON(t, &sent)
	other.Listen("topic=conversation/" + sent.Conversation.ID)
	refused(other, "topic=conversation/"+sent.Conversation.ID)
	s.desk.Listen("topic=inbox") // staff has room of its own
	streams[0].Close()
	hookstest.Until(t, "the place is free again", 5*time.Second, func() bool {
		a := s.Rooms.Stream.Hub.Count()
		return a == live.MaxPerListener+1
	})
	s.visitor.Listen(query).Await("hello", s.conv)
}

func TestADismissedAgentHearsNothingMore(t *testing.T) {
	s := open(t)
	mina := s.Agent("mina", schema.RoleAgent)
	st := (&hookstest.Client{TB: t, Base: s.base, Token: s.Token(mina)}).Listen("topic=inbox")
	st.Await("hello", "")
	if err := s.Delete(mina); err != nil {
		t.Fatal(err)
	}
	hookstest.Until(t, "the stream ended", 5*time.Second, st.Ended)
}
