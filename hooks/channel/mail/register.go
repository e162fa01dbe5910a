package mail

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Keys seals passwords and signs threads; settings.Keys does.
type Keys interface {
	MAC
	Seal(secret []byte) string
	Open(sealed string) ([]byte, error)
}

// Files makes links to attachments; the conversation room does.
type Files interface {
	FileURL(message, stored string) string
}

// Deps are what the room is built with.
type Deps struct {
	Group  *lifecycle.Group
	Keys   func() *settings.Keys
	Files  Files
	Outbox interface{ Wake() }
	TLS    *tls.Config // nil trusts what the system trusts; tests have their own authority
	DNS    LookupTXT   // nil checks no signatures
	// Link is where the customer of an address sees the conversation; nil and
	// "" are none.
	Link func(app core.App, conv *conversation.Conversation, address string, at time.Time) (string, error)
	// Tried is told how a mailbox's mail to itself went; nil is not.
	Tried func(app core.App, address string, ok bool)
}

// Room is the mail channel.
type Room struct {
	app    core.App
	keys   func() *settings.Keys
	files  Files
	tls    *tls.Config
	timing timing
	link   func(app core.App, conv *conversation.Conversation, address string, at time.Time) (string, error)
	tried  func(app core.App, address string, ok bool)

	inbound
	crowd crowd // who begins conversations (rule 32)

	reload chan struct{} // a mailbox record changed
	loops  atomic.Int32  // mailboxes being read
	mu     sync.Mutex
	ill    map[string]illness   // by mailbox, what is wrong now
	sent   map[string]time.Time // by mailbox, when last_send was written
	one    sync.Mutex           // one mail is rendered at a time (P6)

	lookup    func(ctx context.Context, name string) ([]string, error) // TXT records
	outbox    interface{ Wake() }
	lanes     map[string]*lane     // by mailbox, the way out
	down      map[string]bool      // by mailbox, its server could not be reached
	pacing    sync.Mutex           // one mail takes its place at a time (rule 64)
	fileAfter map[string]time.Time // by mailbox; of the loop alone
}

// timing holds the pauses and limits that tests shorten.
type timing struct {
	imap      imapbox.Timing
	first     time.Duration // pause after a failure, doubled up to last
	last      time.Duration
	refused   time.Duration // pause after a refused sign-in
	healthy   time.Duration // a connection that lived so long starts the pauses anew
	reconcile time.Duration // how often the folder is compared with the ledger (rule 2)
	dial      time.Duration // SMTP: connect and sign in
	block     time.Duration // SMTP: 64 KB
	dot       time.Duration // SMTP: the answer to the last dot (P4)
	tick      time.Duration // the loops are compared with the records
	probe     time.Duration // a server that could not be reached is looked at again
	file      time.Duration // likewise for filing copies
}

var usual = timing{
	first: time.Second, last: 15 * time.Minute, refused: 15 * time.Minute, healthy: 10 * time.Minute, reconcile: time.Hour,
	dial: 30 * time.Second, block: time.Minute, dot: 10 * time.Minute, tick: time.Minute, probe: 5 * time.Minute, file: fileAgain,
}

// Register binds the room. Bind it to the outbox with channel.Bind.
func Register(app core.App, d Deps) *Room {
	room := &Room{
		app: app, keys: d.Keys, files: d.Files, tls: d.TLS, timing: usual,
		reload: make(chan struct{}, 1), ill: map[string]illness{}, sent: map[string]time.Time{},
		lookup: net.DefaultResolver.LookupTXT, outbox: d.Outbox, lanes: map[string]*lane{}, down: map[string]bool{}, fileAfter: map[string]time.Time{},
	}
	if room.link = d.Link; room.link == nil {
		room.link = func(core.App, *conversation.Conversation, string, time.Time) (string, error) { return "", nil }
	}
	if room.tried = d.Tried; room.tried == nil {
		room.tried = func(core.App, string, bool) {}
	}
	app.OnRecordCreateRequest(schema.Mailboxes).BindFunc(room.tryRequest)
	app.OnRecordUpdateRequest(schema.Mailboxes).BindFunc(room.tryRequest)
	app.OnRecordCreate(schema.Mailboxes).BindFunc(room.sealNew)
	app.OnRecordUpdate(schema.Mailboxes).BindFunc(room.sealChanged)
	app.OnRecordEnrich(schema.Mailboxes).BindFunc(conceal)
	app.OnRecordEnrich(schema.Messages, schema.Outbox, schema.Identities, schema.Quarantine, schema.Mailboxes).BindFunc(speak)
	app.OnRecordAfterCreateSuccess(schema.Mailboxes).BindFunc(room.mailboxChanged)
	app.OnRecordAfterUpdateSuccess(schema.Mailboxes).BindFunc(room.mailboxChanged)
	app.OnRecordAfterDeleteSuccess(schema.Mailboxes).BindFunc(room.mailboxChanged)
	room.bindInbound(app, d)
	room.bindOutbound(app, d)
	d.Group.Go("mail", room.run)

	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		desk := e.Router.Group("/api/desk/messages/{id}").Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
		desk.GET("/html", room.html)
		desk.GET("/raw", room.raw)
		room.routesInbound(e)
		room.routesOutbound(e)
		return e.Next()
	})
	return room
}

// Name is the channel's name in the outbox.
func (room *Room) Name() string { return schema.ChannelEmail }
