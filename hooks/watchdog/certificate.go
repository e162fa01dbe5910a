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
	certEvery = 6 * time.Hour
	certFirst = time.Minute // after a start, in which a new one may come
)

// certificates are the ones that are known of.
type certificates struct {
	reach func(ctx context.Context, host string) (time.Time, error)

	mu   sync.Mutex
	list []Certificate
	done bool
}

func (c *certificates) all() []Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.list)
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
		until, err := room.certs.reach(ctx, host)
		if err != nil { // the address may be of a network that this machine does not see
			room.app.Logger().Info("the certificate of the public address cannot be seen from here", "error", err)
		} else {
			list = append(list, Certificate{Name: u.Hostname(), Until: until})
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
		until, err := leafEnds(raw)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", f.Name(), err))
			continue
		}
		if i := slices.IndexFunc(list, func(c Certificate) bool { return c.Name == name }); i >= 0 {
			if until.After(list[i].Until) {
				list[i].Until = until
			}
			continue
		}
		list = append(list, Certificate{Name: name, Until: until, Ours: true})
	}
	return list, errors.Join(faults...)
}

func leafEnds(chain []byte) (time.Time, error) {
	for {
		var block *pem.Block
		if block, chain = pem.Decode(chain); block == nil {
			return time.Time{}, errors.New("there is no certificate in it")
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		leaf, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return time.Time{}, err
		}
		return leaf.NotAfter, nil
	}
}

// handshake asks a server when its certificate ends. Whether it is to be
// trusted is not the question, and nothing is said beyond the handshake.
func handshake(ctx context.Context, host string) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	raw, err := outward.Network.Dial(ctx, "tcp", host)
	if err != nil {
		return time.Time{}, err
	}
	name, _, _ := strings.Cut(host, ":")
	conn := tls.Client(raw, &tls.Config{InsecureSkipVerify: true, ServerName: name}) //nolint:gosec // an expired one is to be seen too
	defer conn.Close()
	if err := conn.HandshakeContext(ctx); err != nil {
		return time.Time{}, err
	}
	certs := conn.ConnectionState().PeerCertificates
	if len(certs) == 0 {
		return time.Time{}, errors.New("the server showed no certificate")
	}
	return certs[0].NotAfter, nil
}
