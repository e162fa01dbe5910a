package doctor

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Where the shop's name leads to is no matter: the server of this machine is
// asked, under its name.
func TestTheNotedAddressIsThatOfThisMachine(t *testing.T) {
	dir := t.TempDir()
	if at, _ := NotedAddress(dir); at != "" {
		t.Errorf("nothing was noted, and it is %s", at)
	}
	host := ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host = r.Host
		_, _ = w.Write([]byte(`{"message":"API is healthy."}`))
	}))
	defer s.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
	if err := NoteAddress(dir, "http://shop.example.com", "0.0.0.0:"+port); err != nil {
		t.Fatal(err)
	}
	at, client := NotedAddress(dir)
	if err := answers(t.Context(), client, at+"/api/health"); err != nil || host != "shop.example.com" {
		t.Errorf("%s was asked as %q: %v", at, host, err)
	}
}

func TestAServerWithoutACertificateIsThere(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.TLS = &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, errors.New("none yet") }}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	srv.TLS.Certificates = nil // the test server's own
	dir := t.TempDir()
	ask := func(address string) error {
		if err := NoteAddress(dir, "https://help.shop.test", address); err != nil {
			t.Fatal(err)
		}
		at, client := NotedAddress(dir)
		answer, err := client.Get(at)
		if err == nil {
			answer.Body.Close()
		}
		return err
	}
	if err := ask(srv.Listener.Addr().String()); err == nil || !Answered(err) {
		t.Errorf("it is not seen: %v", err)
	}
	srv.Close()
	if err := ask(srv.Listener.Addr().String()); err == nil || Answered(err) {
		t.Errorf("one that is gone is seen: %v", err)
	}
}
