package mail

import (
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/channel/mail/submit"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/outbox"
	"github.com/shohay/shohay/hooks/schema"
)

const (
	lineMails   = 100              // mails over one connection (rule 64)
	lineIdle    = 60 * time.Second // and how long it waits for the next
	rateMinute  = 30
	rateDay     = 500
	pauseServer = 2 * time.Minute // doubled up to pauseMost while the server wants rest
	pauseMost   = 30 * time.Minute
	pauseAuth   = 15 * time.Minute
	patienceRow = 3 // pauses that one row may bring about before it is the row's own trouble
)

// line is a signed-in connection to a mailbox's submission server.
type line struct {
	conn  *submit.Conn
	print string // of the account it signed in to
	mails int
	since time.Time // idle
}

// lane is a mailbox's way out: connections that wait for their next mail, and
// a pause that concerns every mail (rule 63).
type lane struct {
	mu     sync.Mutex
	idle   []*line
	until  time.Time // nothing is sent before
	why    string
	pause  time.Duration // the last pause; 0 after a success
	row    string        // the row that brought it about
	blamed int           // how often in a row
}

func (room *Room) lane(box string) *lane {
	room.mu.Lock()
	defer room.mu.Unlock()
	l := room.lanes[box]
	if l == nil {
		l = new(lane)
		room.lanes[box] = l
	}
	return l
}

// resting says how long the lane still rests, and why.
func (l *lane) resting(now time.Time) (time.Duration, string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(l.until.Sub(now), 0), l.why
}

// rest pauses every mail of the lane after a row met a no that is not about
// the row. It says for how long, or 0 when the same row brings it about again
// and again and has to answer for itself.
func (l *lane) rest(row, why string, least time.Duration) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.row != row {
		l.row, l.blamed = row, 0
	}
	if l.blamed++; l.blamed > patienceRow && least < pauseAuth {
		return 0
	}
	l.pause = min(max(2*l.pause, least), max(pauseMost, least))
	if least >= pauseAuth {
		l.pause = least
	}
	l.until, l.why = time.Now().Add(l.pause), why
	return l.pause
}

// succeeded ends the doubts about the lane.
func (l *lane) succeeded() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until, l.why, l.pause, l.row, l.blamed = time.Time{}, "", 0, "", 0
}

// take returns a connection that stands: one that waited, else a new one.
func (l *lane) take(ctx context.Context, a submit.Account, t timing) (*line, error) {
	print := fingerprintOf(a)
	for {
		l.mu.Lock()
		var s *line
		if n := len(l.idle); n > 0 {
			s, l.idle = l.idle[n-1], l.idle[:n-1]
		}
		l.mu.Unlock()
		if s == nil {
			break
		}
		if s.print == print && s.mails < lineMails && time.Since(s.since) < lineIdle && s.conn.Reset(t.dial) == nil {
			return s, nil
		}
		s.conn.Close()
	}
	conn, err := submit.Dial(ctx, a, t.dial)
	if err != nil {
		return nil, err
	}
	return &line{conn: conn, print: print}, nil
}

// put keeps a connection for the next mail.
func (l *lane) put(s *line) {
	if s.mails >= lineMails {
		s.conn.Quit()
		return
	}
	s.since = time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle = append(l.idle, s)
}

// hangUp closes connections that wait too long, or all.
func (l *lane) hangUp(all bool) {
	l.mu.Lock()
	var old []*line
	keep := l.idle[:0]
	for _, s := range l.idle {
		if all || time.Since(s.since) >= lineIdle {
			old = append(old, s)
		} else {
			keep = append(keep, s)
		}
	}
	l.idle = keep
	l.mu.Unlock()
	for _, s := range old {
		if all {
			s.conn.Close()
		} else {
			s.conn.Quit()
		}
	}
}

func fingerprintOf(a submit.Account) string {
	return strings.Join([]string{a.Host, fmt.Sprint(a.Port), a.Security, a.Login, a.Password, a.Bearer}, "\x00")
}

// account is how to sign in to send; the error is in words.
func (room *Room) account(box *Mailbox, lang string, conf *tls.Config) (submit.Account, error) {
	password, err := box.password(room.keys())
	if err != nil && err != errNoPassword {
		return submit.Account{}, words{i18n.T(lang, "mail.secret_unreadable"), err}
	}
	a := box.smtp(password, conf)
	if box.oauth() {
		a.Password = ""
		if a.Bearer, err = room.accessToken(room.life(), room.app, box); err != nil {
			return submit.Account{}, words{signInWords(lang, err), err}
		}
	}
	return a, nil
}

// pace reserves a place among the mails of the last minute and day, or says
// how long to wait for one and why (rule 64). The places are counted in the
// outbox itself, so a restart forgets none. Uses idx_outbox_handed.
func (room *Room) pace(app core.App, box *Mailbox, it outbox.Item, lang string) (wait time.Duration, why string, err error) {
	room.pacing.Lock()
	defer room.pacing.Unlock()
	now := time.Now()
	for _, limit := range []struct {
		most, usual int
		span        time.Duration
		key         string
	}{
		{box.GetInt(schema.MailboxRateMinute), rateMinute, time.Minute, "mail.rate_minute"},
		{box.GetInt(schema.MailboxRateDay), rateDay, 24 * time.Hour, "mail.rate_day"},
	} {
		if limit.most <= 0 {
			limit.most = limit.usual
		}
		since, _ := types.ParseDateTime(now.Add(-limit.span))
		var taken []types.DateTime // the one that has to leave the span first is the last of these
		err := app.DB().NewQuery(`SELECT handed FROM outbox WHERE mailbox = {:box} AND handed > {:since} AND handed != '' AND id != {:id} ORDER BY handed DESC LIMIT {:most}`).
			Bind(dbx.Params{"box": box.Id, "since": since.String(), "id": it.ID, "most": limit.most}).Column(&taken)
		if err != nil {
			return 0, "", fmt.Errorf("count what was sent: %w", err)
		}
		if len(taken) < limit.most {
			continue
		}
		why := i18n.T(lang, limit.key, i18n.V{"n": limit.most})
		wait := taken[len(taken)-1].Time().Add(limit.span).Sub(now) + 100*time.Millisecond
		return max(wait, time.Second), why, postpone(app, box.Id, now.Add(max(wait, time.Second)))
	}
	_, err = app.DB().NewQuery(`UPDATE outbox SET mailbox = {:box}, handed = {:now} WHERE id = {:id}`).
		Bind(dbx.Params{"box": box.Id, "now": types.NowDateTime().String(), "id": it.ID}).Execute()
	return 0, "", err
}

// unhand gives a place back that was not used.
func unhand(app core.App, row string) error {
	_, err := app.DB().NewQuery(`UPDATE outbox SET handed = '' WHERE id = {:id}`).Bind(dbx.Params{"id": row}).Execute()
	return err
}

// postpone moves what waits in a lane, so that a long queue is not claimed row
// by row only to be put back. Uses idx_outbox_due.
func postpone(app core.App, lane string, until time.Time) error {
	at, _ := types.ParseDateTime(until)
	_, err := app.DB().NewQuery(`UPDATE outbox SET due = {:until} WHERE state IN ('queued','uncertain') AND lane = {:lane} AND due < {:until}`).
		Bind(dbx.Params{"lane": lane, "until": at.String()}).Execute()
	if err != nil {
		return fmt.Errorf("postpone what waits: %w", err)
	}
	return nil
}

// tendLanes closes idle connections, looks whether servers that could not be
// reached can be again, and files copies, until ctx ends.
func (room *Room) tendLanes(ctx context.Context) {
	defer room.hangUp(true)
	probed := time.Now()
	for {
		room.fileCopies(ctx)
		if time.Since(probed) >= room.timing.probe {
			probed = time.Now()
			room.probe(ctx)
		}
		room.hangUp(false)
		select {
		case <-ctx.Done():
			return
		case <-time.After(min(room.timing.tick, room.timing.probe)):
		}
	}
}

func (room *Room) hangUp(all bool) {
	room.mu.Lock()
	lanes := make([]*lane, 0, len(room.lanes))
	for _, l := range room.lanes {
		lanes = append(lanes, l)
	}
	room.mu.Unlock()
	for _, l := range lanes {
		l.hangUp(all)
	}
}

// probe signs in where sending failed for the server's sake while mail waits.
// Its back-off has grown to hours; nobody should wait for the rest of it.
func (room *Room) probe(ctx context.Context) {
	room.mu.Lock()
	var ill []string
	for box := range room.down {
		ill = append(ill, box)
	}
	room.mu.Unlock()
	for _, id := range ill {
		r, err := room.app.FindRecordById(schema.Mailboxes, id)
		if err != nil || !wrap(r).Active() || !wrap(r).sends() {
			room.up(id)
			continue
		}
		var waiting bool
		// idx_outbox_due
		err = room.app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM outbox WHERE state = 'queued' AND lane = {:lane})`).Bind(dbx.Params{"lane": id}).Row(&waiting)
		if err != nil || !waiting {
			continue
		}
		a, err := room.account(wrap(r), "", room.tls)
		if err != nil {
			continue
		}
		conn, err := submit.Dial(ctx, a, room.timing.dial)
		if err != nil {
			continue
		}
		conn.Quit()
		room.up(id)
		room.well(id, schema.MailboxLastSend)
		if err := hurryLane(room.app, id); err != nil {
			room.app.Logger().Error("mail: waiting answers stay as they are", "error", err)
		}
		room.outbox.Wake()
	}
}

// downFor notes that a server could not be reached; up that it can be.
func (room *Room) downFor(box string) {
	room.mu.Lock()
	defer room.mu.Unlock()
	room.down[box] = true
}

func (room *Room) up(box string) bool {
	room.mu.Lock()
	defer room.mu.Unlock()
	was := room.down[box]
	delete(room.down, box)
	return was
}

// hurryLane makes what waits for a mailbox due at once. Uses idx_outbox_due.
func hurryLane(app core.App, lane string) error {
	_, err := app.DB().NewQuery(`UPDATE outbox SET due = {:now} WHERE state = 'queued' AND lane = {:lane} AND due > {:now}`).
		Bind(dbx.Params{"now": now(), "lane": lane}).Execute()
	return err
}

// lanesChanged makes a mailbox that was saved begin anew.
func (room *Room) lanesChanged(e *core.RecordEvent) error {
	l := room.lane(e.Record.Id)
	l.succeeded()
	l.hangUp(true)
	room.up(e.Record.Id)
	return e.Next()
}
