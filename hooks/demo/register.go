package demo

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/site"
)

// Who may sign in where.
const (
	OwnerEmail  = "owner@rupali.test"
	AgentEmail  = "rafi@rupali.test"
	Password    = "shohay-demo"
	ShopAddress = "help@rupali.test"
	// MailPassword opens every mailbox of the demo's mail server.
	MailPassword = "demo"
)

// Ports that are tried first.
const (
	DefaultIMAP = "127.0.0.1:1143"
	DefaultSMTP = "127.0.0.1:1025"
)

// ErrRealShop is returned for a data folder that holds another shop.
var ErrRealShop = errors.New("this data folder holds a shop already; the demo needs a folder of its own, such as --dir demo_data")

// Deps are what the demo is built with.
type Deps struct {
	Group        *lifecycle.Group
	Conversation *conversation.Room
	Site         *site.Site
	Catalogue    *i18n.Catalogue
	Aged         func(app core.App) error        // told once messages were given their times; nil does nothing
	IMAP, SMTP   string                          // loopback addresses, "" for the defaults; a taken port becomes a free one
	Now          func() time.Time                // nil is time.Now
	Help         func(app core.App) (int, error) // writes the help centre; nil writes none
}

// Demo is the demo of one app.
type Demo struct {
	Deps
	post *post
}

// Register binds the demo; everything happens when the app serves.
func Register(app core.App, d Deps) *Demo {
	demo := &Demo{Deps: d}
	if demo.Now == nil {
		demo.Now = time.Now
	}
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{
		Id: "shohayDemo",
		Func: func(e *core.ServeEvent) error {
			if err := demo.Prepare(e.App); err != nil {
				return err
			}
			if err := nameWebsite(e.App, e.Server.Addr); err != nil {
				return err
			}
			e.InstallerFunc = nil // the demo has an owner
			e.Router.GET("/demo/mail/{$}", demo.inbox).Bind(apis.SkipSuccessActivityLog())
			e.Router.GET("/demo/mail/raw", demo.raw).Bind(apis.SkipSuccessActivityLog())
			e.Router.POST("/demo/mail/send", demo.send)
			return e.Next()
		},
		Priority: -800, // before loops of other rooms look for mailboxes
	})
	return demo
}

// Prepare starts the mail servers and writes the shop if it is not there.
// Calling it again does nothing.
func (d *Demo) Prepare(app core.App) error {
	if d.post != nil {
		return nil
	}
	shop, told, err := holdsDemo(app)
	if err != nil {
		return err
	}
	p, err := openPost(filepath.Join(app.DataDir(), "demo_mail"), or(d.IMAP, DefaultIMAP), or(d.SMTP, DefaultSMTP), app.Logger())
	if err != nil {
		return fmt.Errorf("start the demo's mail server: %w", err)
	}
	d.post = p
	d.Group.Go("demo mail", p.closeAfter)
	if !shop {
		if err := seedShop(app, d.Now()); err != nil {
			return fmt.Errorf("write the demo's shop: %w", err)
		}
	}
	if !shop && d.Help != nil {
		if _, err := d.Help(app); err != nil {
			return fmt.Errorf("write the demo's help centre: %w", err)
		}
		if err := seedReaders(app, d.Now()); err != nil {
			return fmt.Errorf("write the readers of the demo's help centre: %w", err)
		}
		if err := seedInternal(app, d.Now()); err != nil {
			return fmt.Errorf("write the demo's articles for staff: %w", err)
		}
	}
	box, err := saveMailbox(app, p)
	if err != nil {
		return fmt.Errorf("write the demo's mailbox: %w", err)
	}
	if told {
		return nil
	}
	if err := d.play(app, box); err != nil {
		return fmt.Errorf("write the demo's conversations: %w", err)
	}
	if d.Aged == nil {
		return nil
	}
	return d.Aged(app)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
