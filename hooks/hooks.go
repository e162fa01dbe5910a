// Package hooks is the table of contents: it alone knows every room and the
// order in which they are bound.
package hooks

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/audit"
	"github.com/shohay/shohay/hooks/backup"
	"github.com/shohay/shohay/hooks/bot"
	"github.com/shohay/shohay/hooks/callback"
	"github.com/shohay/shohay/hooks/canned"
	"github.com/shohay/shohay/hooks/certificate"
	"github.com/shohay/shohay/hooks/channel"
	"github.com/shohay/shohay/hooks/channel/chat"
	"github.com/shohay/shohay/hooks/channel/mail"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/channel/mail/original"
	"github.com/shohay/shohay/hooks/channel/portal"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/demo"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/draft"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/importer"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/kb/desk"
	"github.com/shohay/shohay/hooks/kb/page"
	"github.com/shohay/shohay/hooks/kb/starter"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/logbook"
	"github.com/shohay/shohay/hooks/lookup"
	"github.com/shohay/shohay/hooks/newer"
	"github.com/shohay/shohay/hooks/notice"
	"github.com/shohay/shohay/hooks/outbox"
	"github.com/shohay/shohay/hooks/outward"
	"github.com/shohay/shohay/hooks/profile"
	"github.com/shohay/shohay/hooks/replica"
	"github.com/shohay/shohay/hooks/request"
	"github.com/shohay/shohay/hooks/retention"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/rules/ack"
	"github.com/shohay/shohay/hooks/rules/assign"
	"github.com/shohay/shohay/hooks/rules/automation"
	"github.com/shohay/shohay/hooks/rules/target"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/session"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/setup"
	"github.com/shohay/shohay/hooks/site"
	"github.com/shohay/shohay/hooks/staff"
	"github.com/shohay/shohay/hooks/stray"
	"github.com/shohay/shohay/hooks/upload"
	"github.com/shohay/shohay/hooks/watchdog"
)

// Deps are what main decides.
type Deps struct {
	Public fs.FS  // the embedded pb_public
	Disk   string // folder whose files win over Public, "" for none
	Demo   bool   // serve the sample storefront

	Texts *i18n.Catalogue // nil reads those in Public

	Version string // of the program

	MailTLS *tls.Config    // trust for mail servers; nil is the system's
	MailDNS mail.LookupTXT // checks signatures of mail; nil checks none

	Space func(dir string) (disk.Space, error) // room on the disk; nil asks the system

	PushHTTP *http.Client // reaches push services; nil reaches those of the internet only
}

// Rooms are what commands need of the registered rooms.
type Rooms struct {
	Group        *lifecycle.Group
	Settings     *settings.Service
	Disk         *disk.Guard
	Stream       *live.Server
	Outbox       *outbox.Worker
	Conversation *conversation.Room
	Mail         *mail.Room
	Desk         Desk
	Profile      *profile.Room
	Site         *site.Site
	Backup       *backup.Room
	Replica      *replica.Room
	Newer        *newer.Room
	Watchdog     *watchdog.Room
	Knowledge    *kb.Room
	Bot          *bot.Room
	Setup        *setup.Room
	Retention    *retention.Room
	Demo         *demo.Demo // nil unless Deps.Demo
}

// Register binds every room to the app, before it is bootstrapped.
func Register(app core.App, d Deps) (*Rooms, error) {
	outward.Default()
	texts := d.Texts
	if texts == nil {
		var err error
		if texts, err = i18n.Load(d.Public); err != nil {
			return nil, err
		}
	}
	i18n.Use(texts)

	app.OnBootstrap().BindFunc(prepare)

	// kernel
	r := &Rooms{Group: lifecycle.New(app), Settings: settings.Register(app)}
	r.Disk = disk.Register(app, d.Space)
	book := logbook.Register(app, r.Group)
	r.Stream = &live.Server{Hub: live.NewHub()}
	live.Register(app, r.Stream)
	r.Outbox = outbox.Register(app, r.Group)
	staff.Register(app)
	audit.Register(app)
	rules.Register(app)
	mendSentences(app)
	upload.Register(app)
	guardMailer(app)

	// people and what they say
	contact.Register(app)
	r.Conversation = conversation.Register(app, conversation.Deps{
		Group: r.Group, Stream: r.Stream, Keys: r.Settings.Keys, Router: channel.Router{}, Outbox: r.Outbox,
	})

	lookup.Register(app, lookup.Deps{Group: r.Group, Rows: r.Conversation})

	// channels
	var help *page.Room // bound further down, used when somebody asks
	chats := chat.Register(app, chat.Deps{Help: func() chat.Help { return help }, Conversation: r.Conversation, Stream: r.Stream, Outbox: r.Outbox, Keys: r.Settings.Keys,
		Fields: func(app core.App, user string, values map[string]string) error {
			return r.Profile.FromSite(app, user, values)
		},
		Greeting: func(app core.App, lang, page string, open, known bool) any {
			return r.Bot.Greeting(app, lang, page, open, known)
		}})
	r.Mail = mail.Register(app, mail.Deps{Group: r.Group, Keys: r.Settings.Keys, Files: r.Conversation, Outbox: r.Outbox, TLS: d.MailTLS, DNS: d.MailDNS, Link: r.requestLink, Tried: r.mailboxTried})
	channel.Bind(r.Outbox, r.Mail)
	target.Register(app, target.Deps{Group: r.Group, Hub: r.Stream.Hub, Desk: r.Conversation, Mail: r.Mail.MailStaff})
	assigner := assign.Register(app, r.Group, r.Conversation)
	automation.Register(app, automation.Deps{
		Group: r.Group, Hub: r.Stream.Hub, Desk: r.Conversation, Assign: assigner, Router: channel.Router{}, May: mail.MayAutoReply, Mail: r.Mail.MailStaff,
	})
	r.Profile = profile.Register(app, profile.Deps{Files: r.Conversation, Code: r.Mail.MailCode, Tell: r.Conversation.TellContact})
	ack.Register(app, ack.Deps{Conversation: r.Conversation, May: mail.MayAutoReply, Words: mail.OwnerTemplate, Link: r.requestLink})
	canned.Register(app, r.Stream.Hub)
	draft.Register(app, draft.Deps{Group: r.Group, Stream: r.Stream, Conversation: r.Conversation})

	r.Backup = backup.Register(app, backup.Deps{Group: r.Group, Keys: r.Settings.Keys, Version: d.Version})
	r.Replica = replica.Register(app, replica.Deps{Group: r.Group, Keys: r.Settings.Keys, Version: d.Version, Mails: original.Folder})
	r.Newer = newer.Register(app, r.Group, d.Version, nil)
	certificates := certificate.Register(app, r.Group)
	r.Watchdog = watchdog.Register(app, watchdog.Deps{
		Group: r.Group, Hub: r.Stream.Hub, Disk: r.Disk, Version: d.Version, Replica: r.replicaState, Mail: r.mailUrgent, Newer: r.newerRelease, Refused: certificates.Faults,
	})
	// keeping order at the desk
	registerDesk(app, r)

	r.Retention = retention.Register(app, retention.Deps{
		Group: r.Group, Erase: r.Desk.Trash.EraseConversation, Discard: r.Mail.Discard, Originals: r.Mail.Originals, Logs: book.Old, Backups: lastTraces,
		Strays: func(ctx context.Context, at time.Time) error { return r.strays(ctx, app, at) },
	})

	r.Setup = setup.Register(app, setup.Deps{Keys: r.Settings.Keys, Mail: r.mailStaff, CanMail: canMail})

	// pages, behind every other route
	r.Site = site.New(site.Options{Embedded: d.Public, Disk: d.Disk, Catalogue: texts, Demo: d.Demo})
	importer.Register(app, r.Group, r.Mail, ownFields)
	session.Register(app, session.Deps{Group: r.Group, Keys: r.Settings.Keys, Hub: r.Stream.Hub, Mail: r.mailStaff})
	notice.Register(app, notice.Deps{Group: r.Group, Keys: r.Settings.Keys, Site: r.Site, Mail: r.mailStaff, HTTP: d.PushHTTP, Touched: r.Conversation.Touched, Attended: r.Conversation.Attended})
	r.Knowledge = kb.Register(app, kb.Deps{Group: r.Group, Keys: r.Settings.Keys})
	r.Bot = bot.Register(app, bot.Deps{
		Group: r.Group, Keys: r.Settings.Keys, Desk: r.Conversation, Knowledge: r.Knowledge, Keep: profile.FromChat, Fields: profile.Keys,
	})
	help = page.Register(app, page.Deps{Site: r.Site, Catalogue: texts, Keys: r.Settings.Keys, Knowledge: r.Knowledge})
	desk.Register(app, desk.Deps{Keys: r.Settings.Keys, Knowledge: r.Knowledge, Sample: starter.Install})
	request.Register(app, request.Deps{
		Group: r.Group, Site: r.Site, Catalogue: texts, Keys: r.Settings.Keys, Stream: r.Stream, Talks: r.Conversation,
		Code: r.Mail.MailSignIn, Visitor: chats.Visitor, Erase: r.Desk.Trash.EraseContact, Bar: help.Bar,
	})
	callback.Register(app, callback.Deps{
		Group: r.Group, Hub: r.Stream.Hub, Conversation: r.Conversation, Site: r.Site, Catalogue: texts, Keys: r.Settings.Keys, Visitor: chats.Visitor, Bar: help.Bar,
	})
	portal.Register(app, portal.Deps{Site: r.Site, Catalogue: texts, Keys: r.Settings.Keys, Help: help.Home})
	r.Site.Register(app)
	if d.Demo {
		r.Demo = demo.Register(app, demo.Deps{Group: r.Group, Conversation: r.Conversation, Site: r.Site, Catalogue: texts, Aged: aged, Help: starter.Install})
	}
	return r, nil
}

// ownFields are the owner's contact fields for the import of customers.
func ownFields(app core.App, lang string) ([]importer.Own, error) {
	fields, err := profile.Fields(app, lang)
	list := make([]importer.Own, len(fields))
	for i, f := range fields {
		list[i] = importer.Own{Key: f.Key, Label: f.Label, Names: f.Names, Kind: f.Kind, Choices: f.Choices, Fit: f.Fit}
	}
	return list, err
}

// aged follows on the demo's messages being given their times.
func aged(app core.App) error { return errors.Join(lookup.Again(app), bot.Rest(app)) }

// strays removes files of records that no record names, and originals of mails
// that were erased.
func (r *Rooms) strays(ctx context.Context, app core.App, at time.Time) error {
	gone, err := stray.Sweep(ctx, app, at)
	originals, merr := 0, error(nil)
	if ctx.Err() == nil {
		originals, merr = r.Mail.Strays(ctx, app, at.Add(-stray.Age))
	}
	if gone != (stray.Swept{}) || originals > 0 {
		app.Logger().Info("files that nothing names were removed", "files", gone.Files, "folders", gone.Folders, "originals", originals)
	}
	return errors.Join(err, merr)
}

// lastTraces is after how many days what was erased is in no backup and in no
// copy of every change any more.
func lastTraces(app core.App) (backups, copies int, err error) {
	backups, continuous, err := backup.Lasting(app)
	if continuous {
		copies = replica.LastingDays
	}
	return backups, copies, err
}

// requestLink is where the customer of an address sees a conversation.
func (r *Rooms) requestLink(app core.App, conv *conversation.Conversation, address string, at time.Time) (string, error) {
	return request.Link(app, r.Settings.Keys(), conv, address, at)
}

// mailboxTried is told how a mailbox's mail to itself went.
func (r *Rooms) mailboxTried(app core.App, address string, ok bool) {
	r.Setup.MailboxTried(app, address, ok)
}

// canMail tells whether there is a way to write to the staff.
func canMail(app core.App) (bool, error) {
	if app.Settings().SMTP.Enabled {
		return true, nil
	}
	collection, err := app.FindCachedCollectionByNameOrId(schema.Conversations)
	if err != nil {
		return false, err
	}
	id, err := channel.Mailbox(app, conversation.Wrap(core.NewRecord(collection)))
	return id != "", err
}

// mailStaff sends a mail to somebody who works here.
func (r *Rooms) mailStaff(app core.App, to, lang string, l letter.Letter) error {
	err := r.Mail.SendNote(app, to, lang, l)
	if errors.Is(err, mail.ErrOwnAddress) {
		return notice.ErrNoMail
	}
	return err
}

// mailUrgent sends a mail to an owner even while a mailbox is dead.
func (r *Rooms) mailUrgent(app core.App, to, lang string, l letter.Letter, avoid map[string]bool) error {
	err := r.Mail.SendUrgent(app, to, lang, l, avoid)
	if errors.Is(err, mail.ErrOwnAddress) {
		return watchdog.ErrNoMail
	}
	return err
}

// replicaState is how the copying of every change goes.
func (r *Rooms) replicaState() watchdog.Replica {
	s := r.Replica.Status()
	return watchdog.Replica{On: s.On, Good: s.Good, Fault: s.Fault}
}

// newerRelease is the newer release that is known of.
func (r *Rooms) newerRelease() (watchdog.Release, bool) {
	n, ok := r.Newer.Found()
	return watchdog.Release(n), ok
}
