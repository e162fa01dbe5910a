package certificate

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/acme"
)

// Pauses after a refusal. Let's Encrypt takes five in an hour for a name: these
// make five in the first hour and one in each that follows.
const (
	firstPause = 2 * time.Minute
	lastPause  = time.Hour
)

// checkEvery is how often certificates that are in order are looked at.
const checkEvery = 10 * time.Minute

// fault is a domain whose certificate could not be had.
type fault struct {
	said  string
	again time.Time // not before
	pause time.Duration
}

// life is from when until when a certificate holds.
type life struct{ from, until time.Time }

// late tells whether it should have been renewed long ago: autocert begins when
// a third of its life, or 30 days, is left.
func (l life) late(now time.Time) bool {
	third := min(l.until.Sub(l.from)/3, 30*24*time.Hour)
	return now.After(l.until.Add(-third * 9 / 10))
}

// ecdsa are clients for whom there is one kind of certificate. Those that only
// know RSA are older than what the pages need, and a stranger who says to be one
// would have a second certificate ordered.
var ecdsa = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}

// get is the certificate for a client that says hello.
func (room *Room) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == acme.ALPNProto {
		return room.manager.GetCertificate(hello) // the issuer looks whether we are who we say
	}
	name := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	now := room.now()
	room.mu.Lock()
	f, failed := room.faults[name]
	room.mu.Unlock()
	if failed && now.Before(f.again) {
		return nil, errors.New("there is no certificate: " + f.said)
	}
	cert, err := room.manager.GetCertificate(&tls.ClientHelloInfo{ServerName: name, CipherSuites: ecdsa})
	if err == nil && cert.Leaf != nil && !now.Before(cert.Leaf.NotAfter) {
		// autocert goes on showing it; so do we, it says more than none.
		room.failed(name, room.reason(now, errors.New("it has ended")))
		return cert, nil
	}
	if err != nil {
		if room.manager.HostPolicy(context.Background(), name) == nil { // else a stranger's, of a name that is not ours
			err = room.failed(name, room.reason(now, err))
		}
		return nil, err
	}
	room.mu.Lock()
	defer room.mu.Unlock()
	delete(room.faults, name)
	if cert.Leaf != nil {
		room.ends[name] = life{cert.Leaf.NotBefore, cert.Leaf.NotAfter}
	}
	return cert, nil
}

// reason is what the issuer said since, or else the error itself.
func (room *Room) reason(since time.Time, err error) string {
	if words := room.said.since(since); words != "" {
		return words
	}
	return strings.TrimPrefix(err.Error(), "acme/autocert: ")
}

// failed remembers a refusal. Of many visitors who waited for the same answer
// only the first counts.
func (room *Room) failed(name, why string) error {
	room.mu.Lock()
	defer room.mu.Unlock()
	f := room.faults[name]
	if now := room.now(); !now.Before(f.again) {
		f.pause = min(max(2*f.pause, firstPause), lastPause)
		f.again, f.said = now.Add(f.pause), why
		room.faults[name] = f
		room.app.Logger().Warn("a certificate cannot be had", "domain", name, "again", f.pause.String(), "error", why)
	}
	return fmt.Errorf("there is no certificate: %s", f.said)
}

// keep asks for the certificates of all domains: at once, and again after a
// refusal. autocert renews those that were asked for.
func (room *Room) keep(ctx context.Context) {
	if room.manager == nil {
		<-ctx.Done()
		return
	}
	stop := context.AfterFunc(ctx, room.said.close) // ends what is asked of the issuer
	defer stop()
	for {
		for _, d := range room.wish.Domains {
			if ctx.Err() == nil {
				_, _ = room.get(&tls.ClientHelloInfo{ServerName: d}) // remembered and logged
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(room.wait()):
		}
	}
}

// wait is how long nothing is to be asked.
func (room *Room) wait() time.Duration {
	room.mu.Lock()
	defer room.mu.Unlock()
	wait := checkEvery
	for name, f := range room.faults {
		if slices.Contains(room.wish.Domains, name) {
			wait = min(wait, f.again.Sub(room.now()))
		}
	}
	return max(wait, time.Second)
}

// has tells whether a domain has a certificate that holds.
func (room *Room) has(name string) bool {
	room.mu.Lock()
	defer room.mu.Unlock()
	return room.now().Before(room.ends[name].until)
}

// Faults are the domains of the shop whose certificate cannot be had or renewed,
// with what the issuer said.
func (room *Room) Faults() map[string]string {
	room.mu.Lock()
	defer room.mu.Unlock()
	list := map[string]string{}
	for _, d := range room.wish.Domains {
		if f, failed := room.faults[d]; failed {
			list[d] = f.said
		} else if l, known := room.ends[d]; known && l.late(room.now()) {
			if words := room.said.since(l.until.Add(-min(l.until.Sub(l.from)/2, 31*24*time.Hour))); words != "" {
				list[d] = words
			}
		}
	}
	return list
}
