package live

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

const (
	pingEvery     = 20 * time.Second
	writeDeadline = 10 * time.Second
	maxBatch      = 32 << 10 // bytes of one write
	recheckEvery  = time.Minute
	// Backlog is how many missed messages a stream is given; above that the
	// client fetches through the API.
	Backlog = 200
)

// Grant is what an authorised request may listen to.
type Grant struct {
	Listener string // who it is: "visitor/<id>" or "agent/<id>"; counted and shown as presence
	Staff    bool
	public   []PublicTopic
	staff    []StaffTopic

	// Hello and Missed are asked after the connection was registered, so that
	// nothing can fall between the past and the present. Missed returns the
	// messages above after, ascending, at most limit+1 of them.
	helloPublic  func(app core.App) PublicEvent
	missedPublic func(app core.App, after int64, limit int) ([]PublicEvent, error)
	helloStaff   func(app core.App) StaffEvent
	missedStaff  func(app core.App, after int64, limit int) ([]StaffEvent, error)

	// Valid is asked once a minute; false ends the stream.
	Valid func(app core.App) bool
}

// GrantPublic opens a customer's topics.
func GrantPublic(listener string, hello func(core.App) PublicEvent, missed func(app core.App, after int64, limit int) ([]PublicEvent, error), valid func(core.App) bool, topics ...PublicTopic) Grant {
	return Grant{Listener: listener, public: topics, helloPublic: hello, missedPublic: missed, Valid: valid}
}

// GrantStaff opens a desk's topics.
func GrantStaff(listener string, hello func(core.App) StaffEvent, missed func(app core.App, after int64, limit int) ([]StaffEvent, error), valid func(core.App) bool, topics ...StaffTopic) Grant {
	return Grant{Listener: listener, Staff: true, staff: topics, helloStaff: hello, missedStaff: missed, Valid: valid}
}

func (g *Grant) topics() (all []string) {
	for _, t := range g.public {
		all = append(all, string(t))
	}
	for _, t := range g.staff {
		all = append(all, string(t))
	}
	return all
}

func (g *Grant) hello(app core.App) frame {
	if g.Staff {
		return g.helloStaff(app).frame
	}
	return g.helloPublic(app).frame
}

func (g *Grant) missed(app core.App, after int64) (frames []frame, err error) {
	if g.Staff {
		events, err := g.missedStaff(app, after, Backlog)
		for _, ev := range events {
			frames = append(frames, ev.frame)
		}
		return frames, err
	}
	events, err := g.missedPublic(app, after, Backlog)
	for _, ev := range events {
		frames = append(frames, ev.frame)
	}
	return frames, err
}

// Authoriser decides over a topic asked for; id is what follows the slash.
type Authoriser func(e *core.RequestEvent, id string) (Grant, error)

// Server answers GET /api/stream.
type Server struct {
	Hub         *Hub
	authorisers map[string]Authoriser
	// Newest is the highest seq given so far.
	Newest func(app core.App) (int64, error)
	// PerAddress is the limit of streams for one network address.
	PerAddress func(app core.App) int
	// Busy makes the answer for a client over a limit, in its language.
	Busy func(e *core.RequestEvent) error
}

// Authorise names who decides over topics "kind" and "kind/<id>". Only at
// registration.
func (s *Server) Authorise(kind string, f Authoriser) {
	if s.authorisers == nil {
		s.authorisers = map[string]Authoriser{}
	}
	s.authorisers[kind] = f
}

// stream answers GET /api/stream?topic=…&after=… with server-sent events:
// hello, then the missed messages or reset, then everything as it happens.
func (s *Server) stream(e *core.RequestEvent) error {
	kind, id, _ := strings.Cut(e.Request.URL.Query().Get("topic"), "/")
	authorise := s.authorisers[kind]
	if authorise == nil {
		return e.NotFoundError("There is no such topic.", nil)
	}
	grant, err := authorise(e, id)
	if err != nil {
		return err
	}
	after, resumes := int64(0), false
	if raw := e.Request.URL.Query().Get("after"); raw != "" {
		if after, err = strconv.ParseInt(raw, 10, 64); err != nil || after < 0 {
			return e.BadRequestError("after is the sequence number of the newest message you have.", nil)
		}
		resumes = true
	}

	c := &conn{listener: grant.Listener, address: e.RealIP(), topics: grant.topics(), gone: make(chan struct{})}
	perListener, perAddress, length := MaxPerListener, s.PerAddress(e.App), visitorQueue
	if grant.Staff { // a shop's own desks take no room from customers beside them
		perListener, perAddress, length, c.address = maxPerAgent, MaxStreams, queueLength, ""
	}
	c.queue = make(chan frame, length)
	if !s.Hub.join(c, perListener, perAddress) {
		return s.Busy(e)
	}
	defer s.Hub.leave(c)

	w := newWriter(e.Response)
	w.header()
	if err := w.send(grant.hello(e.App)); err != nil {
		return nil // the browser has gone; nobody is left to tell
	}
	sent := after
	if resumes {
		frames, err := s.missed(e.App, &grant, after)
		if err != nil {
			e.App.Logger().Error("a stream could not read what was missed", "error", err)
			return nil
		}
		if frames == nil {
			sent, frames = 0, []frame{encode("reset", 0, struct{}{})}
		}
		var batch []byte
		for _, f := range frames {
			batch = append(batch, f.data...)
			sent = max(sent, f.seq)
		}
		if len(batch) > 0 && w.write(batch) != nil {
			return nil
		}
	}
	s.follow(e, &grant, c, w, sent)
	return nil
}

// missed is what came above after; nil when the client has to fetch instead: it
// lacks too much, or its number comes from a database that was replaced by a
// backup and will be given again.
func (s *Server) missed(app core.App, grant *Grant, after int64) ([]frame, error) {
	newest, err := s.Newest(app)
	if err != nil || after > newest {
		return nil, err
	}
	frames, err := grant.missed(app, after)
	if err != nil || len(frames) > Backlog {
		return nil, err
	}
	return append([]frame{}, frames...), nil
}

// follow writes what the hub queues until either side ends.
func (s *Server) follow(e *core.RequestEvent, grant *Grant, c *conn, w *writer, sent int64) {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	recheck := time.NewTicker(recheckEvery)
	defer recheck.Stop()
	var batch []byte // what waits in the queue goes out in one write
	for {
		select {
		case <-e.Request.Context().Done():
			return
		case <-c.gone:
			return
		case f := <-c.queue:
			batch = batch[:0]
			for waiting := true; waiting; {
				if f.seq == 0 || f.seq > sent {
					sent = max(sent, f.seq)
					batch = append(batch, f.data...)
				}
				waiting = len(batch) < maxBatch
				if waiting {
					select {
					case f = <-c.queue:
					default:
						waiting = false
					}
				}
			}
			if len(batch) > 0 && w.write(batch) != nil {
				return
			}
		case <-ping.C:
			if w.ping() != nil {
				return
			}
		case <-recheck.C:
			if grant.Valid != nil && !grant.Valid(e.App) {
				return
			}
		}
	}
}

// writer writes events with a deadline each; the server's own deadlines are
// for ordinary answers and would cut the stream.
type writer struct {
	w        http.ResponseWriter
	rc       *http.ResponseController
	deadline time.Time
}

func newWriter(w http.ResponseWriter) *writer {
	return &writer{w: w, rc: http.NewResponseController(w)}
}

func (w *writer) header() {
	h := w.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	_ = w.rc.SetReadDeadline(time.Time{})
	w.w.WriteHeader(http.StatusOK)
}

func (w *writer) send(f frame) error { return w.write(f.data) }

func (w *writer) ping() error { return w.write([]byte(": ping\n\n")) }

func (w *writer) write(b []byte) error {
	if now := time.Now(); w.deadline.Sub(now) < writeDeadline/2 { // a write gets at least half of it
		w.deadline = now.Add(writeDeadline)
		_ = w.rc.SetWriteDeadline(w.deadline)
	}
	if _, err := w.w.Write(b); err != nil {
		return err
	}
	return w.rc.Flush()
}
