package hookstest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json/v2"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// Client makes requests to a served app as somebody.
type Client struct {
	TB    testing.TB
	Base  string
	Token string
	Head  http.Header
}

// Answer is a response that was read.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON reads the answer's body into a value of the caller's type.
func (a Answer) JSON(tb testing.TB, into any) {
	tb.Helper()
	if err := json.Unmarshal(a.Body, into, json.MatchCaseInsensitiveNames(true)); err != nil {
		tb.Fatalf("answer %d is no such JSON: %v\n%s", a.Status, err, a.Body)
	}
}

// Do sends a request; body is nil, an io.Reader with contentType, or a value
// that is sent as JSON.
func (c *Client) Do(method, path string, body any) Answer {
	c.TB.Helper()
	var r io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case Form:
		r, kind = b.Body, b.Type
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			c.TB.Fatal(err)
		}
		r, kind = bytes.NewReader(raw), "application/json"
	}
	req, err := http.NewRequest(method, c.Base+path, r)
	if err != nil {
		c.TB.Fatal(err)
	}
	for k, v := range c.Head {
		req.Header[k] = v
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.TB.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.TB.Fatal(err)
	}
	return Answer{res.StatusCode, res.Header, raw}
}

// Must is Do, and fails the test unless the status is the one given.
func (c *Client) Must(status int, method, path string, body any) Answer {
	c.TB.Helper()
	a := c.Do(method, path, body)
	if a.Status != status {
		c.TB.Fatalf("%s %s answered %d instead of %d: %s", method, path, a.Status, status, a.Body)
	}
	return a
}

// Form is a request body with its content type.
type Form struct {
	Body io.Reader
	Type string
}

// Event is one server-sent event.
type Event struct {
	ID   string
	Name string
	Data string
}

// Stream is an open GET /api/stream.
type Stream struct {
	tb     testing.TB
	cancel context.CancelFunc
	mu     sync.Mutex
	events []Event
	ended  bool
}

// Listen opens a stream; query is such as "topic=inbox&after=0".
func (c *Client) Listen(query string) *Stream {
	c.TB.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Base+"/api/stream?"+query, nil)
	if err != nil {
		c.TB.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		cancel()
		c.TB.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		raw, _ := io.ReadAll(res.Body)
		res.Body.Close()
		cancel()
		c.TB.Fatalf("stream %s answered %d: %s", query, res.StatusCode, raw)
	}
	s := &Stream{tb: c.TB, cancel: cancel}
	go s.read(res.Body)
	c.TB.Cleanup(s.Close)
	return s
}

func (s *Stream) read(body io.ReadCloser) {
	defer body.Close()
	sc := bufio.NewScanner(body)
	sc.Buffer(nil, 4<<20)
	var ev Event
	for sc.Scan() {
		switch line := sc.Text(); {
		case strings.HasPrefix(line, "id: "):
			ev.ID = line[4:]
		case strings.HasPrefix(line, "event: "):
			ev.Name = line[7:]
		case strings.HasPrefix(line, "data: "):
			ev.Data = line[6:]
		case line == "" && ev.Name != "":
			s.mu.Lock()
			s.events = append(s.events, ev)
			s.mu.Unlock()
			ev = Event{}
		}
	}
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
}

// Close ends the stream.
func (s *Stream) Close() { s.cancel() }

// Ended tells whether the server closed the stream.
func (s *Stream) Ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// Events are those received so far, of the names given or all.
func (s *Stream) Events(names ...string) (some []Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ev := range s.events {
		for _, n := range names {
			if ev.Name == n {
				some = append(some, ev)
			}
		}
		if len(names) == 0 {
			some = append(some, ev)
		}
	}
	return some
}

// Await waits for an event of the name whose data contains the text.
func (s *Stream) Await(name, text string) Event {
	s.tb.Helper()
	var found Event
	Until(s.tb, name+" event with "+text, 5*time.Second, func() bool {
		for _, ev := range s.Events(name) {
			if strings.Contains(ev.Data, text) {
				found = ev
				return true
			}
		}
		return false
	})
	return found
}
