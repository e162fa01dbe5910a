package mail

import (
	"context"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/auth"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/channel/mail/original"
	"github.com/shohay/shohay/hooks/channel/mail/spam"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/schema"
)

// LookupTXT asks the DNS for TXT records; net.Resolver does.
type LookupTXT = func(ctx context.Context, name string) ([]string, error)

// inbound is what the way in keeps beside the records.
type inbound struct {
	facts     factsHolder
	rest      func(ctx context.Context, wake <-chan struct{}, d time.Duration) // between two tries
	living    atomic.Pointer[context.Context]                                  // of the loops
	wakers    map[string]chan struct{}                                         // by mailbox: look for mail now
	wakersMu  sync.Mutex
	signing   sync.Mutex // one token is renewed at a time
	large     sync.Mutex // one large mail is read at a time
	http      *http.Client
	lookupTXT LookupTXT
	largest   int64 // bytes of a mail that is fetched whole; 0 is the usual limit
	attached  int64 // bytes that one sender may attach in a day; 0 is the usual limit
	disk      func(string) (disk.Space, error)
	taught    sync.Once
	filter    *spam.Model // by model
	lessons   chan lesson
	trialTime time.Duration // how long a mailbox waits for its own mail
}

func (room *Room) bindInbound(app core.App, d Deps) {
	room.wakers, room.disk, room.trialTime, room.rest = map[string]chan struct{}{}, disk.Look, time.Minute, rest
	room.lessons = make(chan lesson, 100)
	d.Group.Go("mail spam", room.learn)
	d.Group.Go("mail originals", room.settleOriginals)
	app.OnRecordAfterCreateSuccess(schema.Messages).BindFunc(room.answeredMail)
	if d.DNS != nil {
		room.lookupTXT = auth.NewResolver(d.DNS).LookupTXT
	}
	app.OnRecordAfterCreateSuccess(schema.BlockedSenders, schema.Agents).BindFunc(room.factsChanged)
	app.OnRecordAfterUpdateSuccess(schema.BlockedSenders, schema.Agents, schema.Shop).BindFunc(room.factsChanged)
	app.OnRecordAfterDeleteSuccess(schema.BlockedSenders, schema.Agents).BindFunc(room.factsChanged)
	app.OnRecordAfterCreateSuccess(schema.Mailboxes).BindFunc(room.factsChanged)
	app.OnRecordAfterUpdateSuccess(schema.Mailboxes).BindFunc(room.factsChanged)
	app.OnRecordAfterDeleteSuccess(schema.Mailboxes).BindFunc(room.factsChanged)
	app.OnRecordCreate(schema.BlockedSenders).BindFunc(tidyBlocked)
	app.OnRecordUpdate(schema.BlockedSenders).BindFunc(tidyBlocked)
}

func (room *Room) routesInbound(e *core.ServeEvent) {
	desk := e.Router.Group("/api/desk").Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
	desk.GET("/quarantine", room.quarantined)
	desk.GET("/quarantine/{id}/raw", room.quarantinedRaw)
	desk.POST("/quarantine/{id}/retry", room.again)
	desk.DELETE("/quarantine/{id}", room.discard)
	desk.POST("/messages/{id}/parse", room.parseAgain)
	desk.POST("/conversations/{id}/spam", room.markSpam)
	desk.GET("/mailboxes", room.mailboxHealth)
	e.Router.GET(signInPath, room.cameBack)

	owners := desk.Group("/mailboxes/{id}").BindFunc(ownersOnly)
	owners.GET("/folders", room.folders)
	owners.POST("/older", room.askOlder)
	owners.POST("/try", room.trial)
	owners.DELETE("/alerts", room.dismissAlerts)
	owners.POST("/signin", room.beginSignIn)
	owners.POST("/signin/finish", room.finishSignIn)
}

// life is the context of the loops, so that stopping ends lookups too.
func (room *Room) life() context.Context {
	if ctx := room.living.Load(); ctx != nil {
		return *ctx
	}
	return context.Background()
}

// waker is the bell of a mailbox's loop.
func (room *Room) waker(box string) chan struct{} {
	room.wakersMu.Lock()
	defer room.wakersMu.Unlock()
	if room.wakers[box] == nil {
		room.wakers[box] = make(chan struct{}, 1)
	}
	return room.wakers[box]
}

// ring makes a mailbox look for mail at once.
func (room *Room) ring(box string) {
	select {
	case room.waker(box) <- struct{}{}:
	default:
	}
}

// limit is the size above which only a mail's beginning is fetched (rule 9).
func (room *Room) limit() int64 {
	if room.largest > 0 {
		return room.largest
	}
	return mime.MaxRaw
}

// roomy refuses to fetch while there is too little room on the disk (rule 10).
func (room *Room) roomy() error {
	space, err := room.disk(filepath.Dir(filepath.Join(room.app.DataDir(), original.Folder)))
	if err != nil {
		return nil // not known here: a write that fails loses nothing either
	}
	if least := space.MailFloor(disk.Set(room.app)); space.Free < least {
		return &errDisk{least}
	}
	return nil
}
