package imapbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/shohay/shohay/hooks/outward"
	"github.com/shohay/shohay/hooks/schema"
)

// Account is where a mailbox lies and how to sign in.
type Account struct {
	Host     string
	Port     int
	Security string // schema.SecurityTLS, …
	Login    string
	Password string
	Token    string      // an OAuth access token, used instead of the password
	Folder   string      // "" is INBOX
	Spool    string      // folder for big mails on their way; "" is the system's
	TLS      *tls.Config // nil trusts what the system trusts
}

// Timing holds the limits of a connection. The zero value of a field means
// its default; tests shorten them.
type Timing struct {
	Dial    time.Duration // connect and greet: 15 s
	Command time.Duration // one command: 60 s
	Rearm   time.Duration // IDLE is renewed: 5 min (H14)
	Poll    time.Duration // look without IDLE: 60 s
}

func (t Timing) withDefaults() Timing {
	set := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	set(&t.Dial, 15*time.Second)
	set(&t.Command, time.Minute)
	set(&t.Rearm, 5*time.Minute)
	set(&t.Poll, time.Minute)
	return t
}

// grace is how long the library may take to notice that its connection is
// gone before it is abandoned.
const grace = 5 * time.Second

// AuthError is a sign-in that the server refused. Its text is the server's.
type AuthError struct{ Text string }

func (e *AuthError) Error() string { return e.Text }

// Conn is a signed-in connection. One goroutine uses it.
type Conn struct {
	net    net.Conn
	client *imapclient.Client
	timing Timing
	folder string
	spool  string
	news   chan struct{} // a mail may have arrived
	quiet  int           // IDLEs in a row that brought nothing
	dead   atomic.Bool
	stop   func() bool // unbinds the context

	oversize atomic.Bool // the last answer held more than was asked for
}

// Dial connects, secures the line as the account says, and signs in. The
// connection is closed when ctx ends.
func Dial(ctx context.Context, a Account, t Timing) (*Conn, error) {
	t = t.withDefaults()
	c := &Conn{timing: t, folder: a.Folder, spool: a.Spool, news: make(chan struct{}, 1)}
	if c.folder == "" {
		c.folder = "INBOX"
	}
	dialCtx, cancel := context.WithTimeout(ctx, t.Dial)
	defer cancel()
	raw, err := outward.Network.Dial(dialCtx, "tcp", net.JoinHostPort(a.Host, strconv.Itoa(a.Port)))
	if err != nil {
		return nil, err
	}
	c.net = raw
	c.stop = context.AfterFunc(ctx, func() { c.kill() })

	opts := &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(*imapclient.UnilateralDataMailbox) { c.ring() },
	}}
	opts.TLSConfig = a.TLS.Clone()
	if opts.TLSConfig == nil {
		opts.TLSConfig = &tls.Config{}
	}
	if opts.TLSConfig.ServerName == "" {
		opts.TLSConfig.ServerName = a.Host
	}
	if opts.TLSConfig.MinVersion == 0 {
		opts.TLSConfig.MinVersion = tls.VersionTLS12
	}
	err = c.do(t.Dial, func() error {
		switch a.Security {
		case schema.SecurityNone:
			c.client = imapclient.New(raw, opts)
		case schema.SecurityStartTLS:
			var err error
			c.client, err = imapclient.NewStartTLS(raw, opts)
			return err
		default:
			secure := tls.Client(raw, opts.TLSConfig)
			if err := secure.HandshakeContext(dialCtx); err != nil {
				return err
			}
			c.client = imapclient.New(secure, opts)
		}
		return c.client.WaitGreeting()
	})
	if err == nil {
		err = c.signIn(a)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *Conn) signIn(a Account) error {
	err := c.do(c.timing.Command, func() error {
		caps := c.client.Caps()
		if a.Token != "" {
			return c.client.Authenticate(&xoauth2{login: a.Login, token: a.Token})
		}
		if caps.Has(imap.CapLoginDisabled) && caps.Has(imap.AuthCap("PLAIN")) {
			return c.client.Authenticate(sasl.NewPlainClient("", a.Login, a.Password))
		}
		return c.client.Login(a.Login, a.Password).Wait()
	})
	var no *imap.Error
	if errors.As(err, &no) && no.Type == imap.StatusResponseTypeNo && no.Code != imap.ResponseCodeUnavailable {
		text := no.Text
		if no.Code != "" {
			text = fmt.Sprintf("[%s] %s", no.Code, no.Text)
		}
		return &AuthError{Text: text}
	}
	return err
}

// xoauth2 signs in with an OAuth access token, as Google and Microsoft do it.
// A refusal comes as a challenge that has to be answered with nothing before
// the server says its NO.
type xoauth2 struct{ login, token string }

func (x *xoauth2) Start() (mech string, ir []byte, err error) {
	return "XOAUTH2", []byte("user=" + x.login + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

func (x *xoauth2) Next([]byte) ([]byte, error) { return []byte{}, nil }

// ring notes that something changed in the folder. It must not block: it runs
// where the library reads (H4).
func (c *Conn) ring() {
	select {
	case c.news <- struct{}{}:
	default:
	}
}

// kill closes the line under whatever waits on it.
func (c *Conn) kill() {
	c.dead.Store(true)
	c.net.Close()
}

// Close ends the connection without waiting for the server (H6).
func (c *Conn) Close() {
	if c.stop != nil {
		c.stop()
	}
	c.kill()
}

// ErrSilent is a server that stopped answering.
var ErrSilent = errors.New("the server stopped answering")

// do runs one exchange with a time limit. After an error the connection is not
// to be used further unless the server itself answered no.
func (c *Conn) do(limit time.Duration, f func() error) error {
	if c.dead.Load() {
		return net.ErrClosed
	}
	done := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- fmt.Errorf("the mail library failed: %v", r)
			}
		}()
		done <- f()
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
	}
	c.kill()
	select {
	case <-done:
	case <-time.After(grace):
	}
	return fmt.Errorf("%w (waited %v)", ErrSilent, limit)
}
