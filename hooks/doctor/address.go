package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// AddressFile is where a server notes in its data folder how it is reached
// from this machine: its address as people type it, and what it listens on.
const AddressFile = "address.txt"

// NoteAddress keeps the address of a server that begins to serve.
func NoteAddress(dir, url, listens string) error {
	return os.WriteFile(filepath.Join(dir, AddressFile), []byte(url+" "+listens+"\n"), 0o600)
}

// Answered tells whether an error on the way to a server is one that the server
// itself sent: it has no certificate to show, and is there.
func Answered(err error) bool {
	op := new(net.OpError)
	return errors.As(err, &op) && op.Op == "remote error" // crypto/tls names alerts so
}

// NotedAddress is the address that the folder's server served last, and a
// client that reaches it without leaving the machine, whatever its name leads
// to; "" and a plain client where nothing is noted.
func NotedAddress(dir string) (string, *http.Client) {
	client := &http.Client{Timeout: 5 * time.Second}
	raw, err := os.ReadFile(filepath.Join(dir, AddressFile))
	words := strings.Fields(string(raw))
	if err != nil || len(words) != 2 {
		return "", client
	}
	host, port, err := net.SplitHostPort(words[1])
	if err != nil {
		return "", client
	}
	if host == "" || net.ParseIP(host).IsUnspecified() {
		host = "127.0.0.1"
	}
	client.Transport = &http.Transport{
		DisableKeepAlives: true,
		// Whether browsers trust the certificate is the watchdog's to say, and the
		// connection does not leave this machine.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(host, port))
		},
	}
	return words[0], client
}
