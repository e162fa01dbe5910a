package certificate

import (
	"crypto/tls"
	"io"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

const (
	Tries      = tries
	FirstPause = firstPause
)

// New is a room for one domain with an issuer.
func New(app core.App, domain, directory, cache string) *Room {
	room := &Room{app: app, now: time.Now, wish: Wish{Domains: []string{domain}}, secure: "443", faults: map[string]fault{}, ends: map[string]life{}}
	room.said = &said{next: http.DefaultTransport, now: time.Now}
	room.manager = &autocert.Manager{
		Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(cache), HostPolicy: autocert.HostWhitelist(domain, "www."+domain),
		Client: &acme.Client{DirectoryURL: directory, HTTPClient: &http.Client{Transport: room.said}, RetryBackoff: patience(time.Millisecond)},
	}
	room.handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the shop") })
	return room
}

// Get is the certificate for a visitor.
func (room *Room) Get(name string) error {
	_, err := room.get(&tls.ClientHelloInfo{ServerName: name})
	return err
}

// At sets the clock.
func (room *Room) At(now time.Time) { room.now = func() time.Time { return now } }

// Holds gives a domain a certificate.
func (room *Room) Holds(name string, from, until time.Time) { room.ends[name] = life{from, until} }

// Wait is how long nothing is asked.
func (room *Room) Wait() time.Duration { return room.wait() }

// WithoutTLS answers without encryption.
func (room *Room) WithoutTLS(w http.ResponseWriter, r *http.Request) { room.withoutTLS(w, r) }

// Problem is what an answer says is wrong.
func Problem(status int, body []byte) string { return problem(status, body) }
