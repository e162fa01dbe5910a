package certificate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/outward"
	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// Wish is what the command line asks for.
type Wish struct {
	Domains   []string // whose certificates are wanted; none: everything is as without this room
	HTTP      string   // address of the port without encryption
	Directory string   // URL of an ACME directory, "" for Let's Encrypt
	Roots     string   // PEM file with authorities that are trusted for it, beside the system's
}

// Check refuses what cannot work.
func (w Wish) Check() error {
	if w.Directory == "" && w.Roots == "" {
		return nil
	}
	if len(w.Domains) == 0 {
		return errors.New("--acme and --acme-root are about the certificates of domains; name one, such as shop.example.com")
	}
	if u, err := url.Parse(w.Directory); err != nil || u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("--acme %q is not the address of an ACME directory; write it like https://ca.example.com/acme/acme/directory", w.Directory)
	}
	_, err := w.pool()
	return err
}

// pool are the authorities that are trusted for the directory; nil is the
// system's.
func (w Wish) pool() (*x509.CertPool, error) {
	if w.Roots == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(w.Roots)
	if err != nil {
		return nil, fmt.Errorf("read --acme-root: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(raw) {
		return nil, fmt.Errorf("--acme-root %s holds no certificate (PEM)", w.Roots)
	}
	return pool, nil
}

// wishKey is where the store of an app keeps its wish.
const wishKey = "shohay.certificates"

// Want keeps the wish for when the app begins to serve.
func Want(app core.App, w Wish) {
	for i, d := range w.Domains {
		w.Domains[i] = strings.ToLower(d)
	}
	app.Store().Set(wishKey, w)
}

// Wanted is the wish of an app.
func Wanted(app core.App) Wish {
	w, _ := app.Store().Get(wishKey).(Wish)
	return w
}

// Room gets certificates.
type Room struct {
	app     core.App
	now     func() time.Time
	wish    Wish
	secure  string // port of HTTPS
	manager *autocert.Manager
	said    *said
	plain   net.Listener // nil without domains
	handler http.Handler

	mu     sync.Mutex
	faults map[string]fault
	ends   map[string]life // of the certificates in use
}

// Register binds the room.
func Register(app core.App, group *lifecycle.Group) *Room {
	room := &Room{app: app, now: time.Now, faults: map[string]fault{}, ends: map[string]life{}}
	app.OnServe().BindFunc(room.serve)
	group.Go("own certificates", room.keep)
	group.Go("plain http", room.answerPlain)
	return room
}

// tries are how often an issuer that is busy is asked for one thing: acme's own
// way is for minutes, in which visitors wait for a certificate.
const tries = 3

// patience are the pauses between them.
func patience(first time.Duration) func(n int, r *http.Request, answer *http.Response) time.Duration {
	return func(n int, _ *http.Request, _ *http.Response) time.Duration {
		if n >= tries {
			return -1
		}
		return first << (n - 1)
	}
}

// serve makes the server's certificates those of this room.
func (room *Room) serve(e *core.ServeEvent) (err error) {
	w := Wanted(e.App)
	if len(w.Domains) == 0 {
		return e.Next()
	}
	pool, err := w.pool()
	if err != nil {
		return err
	}
	client := outward.Network.Client(time.Minute)
	if pool != nil {
		client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	room.wish, room.manager, room.said = w, e.CertManager, &said{next: client.Transport, now: room.now}
	client.Transport = room.said
	room.manager.Client = &acme.Client{DirectoryURL: w.Directory, HTTPClient: client, UserAgent: "shohay", RetryBackoff: patience(time.Second)}
	if w.Directory == "" {
		room.manager.Client.DirectoryURL = autocert.DefaultACMEDirectory
	}
	_, room.secure, _ = net.SplitHostPort(e.Server.Addr)
	e.Server.TLSConfig.GetCertificate = room.get

	var listen net.ListenConfig
	if room.plain, err = listen.Listen(context.Background(), "tcp", w.HTTP); err != nil {
		return err
	}
	if err := e.Next(); err != nil {
		return errors.Join(err, room.plain.Close())
	}
	room.handler = e.Server.Handler
	return nil
}
