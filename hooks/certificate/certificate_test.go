package certificate_test

import (
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/certificate"
	"github.com/shohay/shohay/hooks/hookstest"
)

// refusing is a room whose issuer refuses, and how often it was asked for its
// directory.
func refusing(t *testing.T) (*certificate.Room, *atomic.Int32) {
	t.Helper()
	asked := new(atomic.Int32)
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"type":"urn:ietf:params:acme:error:serverInternal","detail":"The service is down for maintenance"}`)
	}))
	t.Cleanup(issuer.Close)
	return certificate.New(hookstest.New(t), "help.shop.test", issuer.URL, t.TempDir()), asked
}

func TestAnIssuerThatRefusesIsToldAndNotAskedAtOnceAgain(t *testing.T) {
	room, asked := refusing(t)
	for range 3 {
		if err := room.Get("help.shop.test"); err == nil || !strings.Contains(err.Error(), "down for maintenance") {
			t.Errorf("a visitor is told %v", err)
		}
	}
	if n := asked.Load(); n != certificate.Tries {
		t.Errorf("three visitors made it be asked %d times", n)
	}
	if f := room.Faults(); f["help.shop.test"] != "The service is down for maintenance" {
		t.Errorf("the owner is told %q", f)
	}
	first := room.Wait()
	room.At(time.Now().Add(certificate.FirstPause + time.Second))
	if err := room.Get("help.shop.test"); err == nil || room.Wait() <= first {
		t.Errorf("after a second refusal it waits %s, after the first %s: %v", room.Wait(), first, err)
	}

	// A stranger who asks for other names makes no finding, and of a name that is
	// not ours nobody is asked.
	n := asked.Load()
	_ = room.Get("www.help.shop.test")
	if err := room.Get("bank.test"); err == nil || len(room.Faults()) != 1 {
		t.Errorf("after a stranger's names: %v, %v", err, room.Faults())
	}
	if asked.Load() > n+certificate.Tries {
		t.Errorf("a stranger's names had the issuer asked %d times", asked.Load()-n)
	}
}

func TestWithoutACertificateCustomersAreServedAndStaffAreNot(t *testing.T) {
	room, _ := refusing(t)
	ask := func(path, from string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host, r.RemoteAddr = "Help.Shop.test:80", from
		w := httptest.NewRecorder()
		room.WithoutTLS(w, r)
		return w
	}
	const stranger, counter = "203.0.113.9:4000", "192.168.1.20:4000"
	for path, status := range map[string]int{"/": 200, "/help/": 200, "/api/chat/config": 200, "/desk/": 503, "/_/": 503, "/api/collections/agents/auth-with-password": 503, "/api/desk/boot": 503} {
		if w := ask(path, stranger); w.Code != status {
			t.Errorf("a stranger at %s: %d", path, w.Code)
		}
		if w := ask(path, counter); w.Code != 200 {
			t.Errorf("somebody in the shop at %s: %d", path, w.Code)
		}
	}
	room.Holds("help.shop.test", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if w := ask("/help/?a=1", stranger); w.Code != http.StatusTemporaryRedirect || w.Header().Get("Location") != "https://help.shop.test/help/?a=1" {
		t.Errorf("with a certificate: %d %s", w.Code, w.Header().Get("Location"))
	}
	room.At(time.Now().Add(2 * time.Hour))
	if w := ask("/", stranger); w.Code != 200 {
		t.Errorf("with one that has ended: %d", w.Code)
	}
}

func TestWhatIssuersSay(t *testing.T) {
	for _, c := range []struct {
		status     int
		body, want string
	}{
		{400, `{"type":"urn:ietf:params:acme:error:badNonce","detail":"once more"}`, ""},
		{429, `{"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many"}`, "too many"},
		{502, `<html>`, "Bad Gateway"},
		{200, `{"status":"invalid","challenges":[{"status":"pending"},{"status":"invalid","error":{"detail":"no such name"}}]}`, "no such name"},
		{200, `{"status":"invalid","error":{"detail":"not for you"}}`, "not for you"},
		{200, `{"status":"valid"}`, ""},
		{200, "-----BEGIN CERTIFICATE-----", ""},
	} {
		if got := certificate.Problem(c.status, []byte(c.body)); got != c.want {
			t.Errorf("%d %s: %q", c.status, c.body, got)
		}
	}
}

func TestWishesThatCannotWorkAreRefused(t *testing.T) {
	dir := t.TempDir()
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	good, bad := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "no.pem")
	for name, raw := range map[string][]byte{good: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), bad: []byte("x")} {
		if err := os.WriteFile(name, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	domains := []string{"help.shop.test"}
	for _, c := range []struct {
		wish certificate.Wish
		says string // "" for one that can
	}{
		{certificate.Wish{}, ""},
		{certificate.Wish{Domains: domains, Directory: "https://ca.test/dir", Roots: good}, ""},
		{certificate.Wish{Directory: "https://ca.test/dir"}, "domain"},
		{certificate.Wish{Domains: domains, Directory: "http://ca.test/dir"}, "--acme"},
		{certificate.Wish{Domains: domains, Directory: "https://ca.test/dir", Roots: bad}, "no certificate"},
		{certificate.Wish{Domains: domains, Directory: "https://ca.test/dir", Roots: filepath.Join(dir, "none")}, "none"},
	} {
		if err := c.wish.Check(); (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c.wish, err)
		}
	}
}
