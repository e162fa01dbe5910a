package watchdog

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/outward"
)

const (
	certEvery = 10 * time.Minute // of our own, which are files; the public address is asked less often
	certReach = 6 * time.Hour
	certFirst = 5 * time.Second // after a start, in which a new one may come
)

// certificates are the ones that are known of.
type certificates struct {
	reach func(ctx context.Context, host string) (Certificate, error)

	mu   sync.Mutex
	list []Certificate
	done bool
	far  Certificate // the public address's
	next time.Time   // when that is asked again
}

func (c *certificates) all() []Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.list)
}

// refused are all, with those whose issuer refuses.
func (c *certificates) refused(said map[string]string) []Certificate {
	list := c.all()
	for name, words := range said {
		i := slices.IndexFunc(list, func(c Certificate) bool { return c.Name == name })
		if i < 0 {
			i, list = len(list), append(list, Certificate{Name: name, Ours: true})
		}
		list[i].Refused = words
	}
	return list
}

func (c *certificates) looked() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done
}

func (c *certificates) set(list []Certificate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list, c.done = list, true
}

// watchCertificates looks at them now and then.
func (room *Room) watchCertificates(ctx context.Context) {
	wait := certFirst
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		room.lookAtCertificates(ctx)
		wait = certEvery
	}
}

// lookAtCertificates reads those that we got ourselves, and asks the public
// address for its own when a proxy answers there.
func (room *Room) lookAtCertificates(ctx context.Context) {
	list, err := ownCertificates(filepath.Join(room.app.DataDir(), core.LocalAutocertCacheDirName))
	if err != nil {
		room.app.Logger().Warn("a certificate cannot be read", "error", err)
	}
	u, err := url.Parse(room.app.Settings().Meta.AppURL)
	if err == nil && u.Scheme == "https" && u.Hostname() != "" && !slices.ContainsFunc(list, func(c Certificate) bool { return c.Name == u.Hostname() }) {
		host := u.Host
		if u.Port() == "" {
			host = net.JoinHostPort(u.Hostname(), "443")
		}
		if now := room.now(); !now.Before(room.certs.next) || room.certs.far.Name != u.Hostname() {
			far, err := room.certs.reach(ctx, host)
			if err != nil { // the address may be of a network that this machine does not see
				room.app.Logger().Info("the certificate of the public address cannot be seen from here", "error", err)
			}
			far.Name = u.Hostname()
			room.certs.far, room.certs.next = far, now.Add(certReach)
		}
		if !room.certs.far.Until.IsZero() {
			list = append(list, room.certs.far)
		}
	}
	if ctx.Err() == nil {
		room.certs.set(list)
	}
}

// ownCertificates reads autocert's cache: a file for each domain, with the key
// and the chain, beside those of the account and of challenges.
func ownCertificates(dir string) (list []Certificate, err error) {
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var faults []error
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), "+rsa")
		if f.IsDir() || strings.Contains(name, "+") || !strings.Contains(name, ".") {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			faults = append(faults, err)
			continue
		}
		found, err := leaf(raw)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", f.Name(), err))
			continue
		}
		if i := slices.IndexFunc(list, func(c Certificate) bool { return c.Name == name }); i >= 0 {
			if found.NotAfter.After(list[i].Until) {
				list[i].From, list[i].Until = found.NotBefore, found.NotAfter
			}
			continue
		}
		list = append(list, Certificate{Name: name, From: found.NotBefore, Until: found.NotAfter, Ours: true})
	}
	return list, errors.Join(faults...)
}

// leaf is the first certificate of a chain.
func leaf(chain []byte) (*x509.Certificate, error) {
	for {
		var block *pem.Block
		if block, chain = pem.Decode(chain); block == nil {
			return nil, errors.New("there is no certificate in it")
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		return x509.ParseCertificate(block.Bytes)
	}
}

// handshake asks a server for its certificate. Whether it is to be
// trusted is not the question, and nothing is said beyond the handshake.
func handshake(ctx context.Context, host string) (Certificate, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	raw, err := outward.Network.Dial(ctx, "tcp", host)
	if err != nil {
		return Certificate{}, err
	}
	name, _, _ := strings.Cut(host, ":")
	conn := tls.Client(raw, &tls.Config{InsecureSkipVerify: true, ServerName: name}) //nolint:gosec // an expired one is to be seen too
	defer conn.Close()
	if err := conn.HandshakeContext(ctx); err != nil {
		return Certificate{}, err
	}
	certs := conn.ConnectionState().PeerCertificates
	if len(certs) == 0 {
		return Certificate{}, errors.New("the server showed no certificate")
	}
	return Certificate{From: certs[0].NotBefore, Until: certs[0].NotAfter}, nil
}
