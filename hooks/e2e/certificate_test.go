package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json/v2"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/hookstest"
)

// issuer is a Pebble, the ACME server that Let's Encrypt tests clients with. It
// looks for every domain on this machine.
type issuer struct {
	directory, root string // root is the file with the authority of its own address
	issues          *x509.CertPool
}

func startIssuer(t *testing.T, plain, secure string) issuer {
	t.Helper()
	pebble, names := hookstest.NeedProgram(t, "pebble"), hookstest.NeedProgram(t, "pebble-challtestsrv")
	dir := t.TempDir()
	port := func(address string) int {
		a, err := netip.ParseAddrPort(address)
		if err != nil {
			t.Fatal(err)
		}
		return int(a.Port())
	}

	// Its own certificate is that of Go's test server.
	own := httptest.NewUnstartedServer(http.NotFoundHandler())
	own.StartTLS()
	pair := own.TLS.Certificates[0]
	own.Close()
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	i := issuer{root: filepath.Join(dir, "cert.pem")}
	listen, manage, dns, dnsManage := freeAddress(t), freeAddress(t), freeAddress(t), freeAddress(t)
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": listen, "managementListenAddress": manage, "certificate": i.root, "privateKey": filepath.Join(dir, "key.pem"),
		"httpPort": port(plain), "tlsPort": port(secure), "certificateValidityPeriod": 3600,
	}})
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{
		"cert.pem":    pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}),
		"key.pem":     pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		"pebble.json": config,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(name string, args ...string) {
		cmd := exec.Command(name, args...)
		cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1")
		log := &tail{}
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			if t.Failed() {
				t.Logf("%s printed:\n%s", name, log)
			}
		})
	}
	run(names, "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-dns01", dns, "-http01", "", "-https01", "", "-tlsalpn01", "", "-management", dnsManage)
	run(pebble, "-config", filepath.Join(dir, "pebble.json"), "-dnsserver", dns)

	trusted := x509.NewCertPool()
	trusted.AddCert(pair.Leaf)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}}
	i.directory = "https://" + listen + "/dir"
	hookstest.Until(t, "the issuer answers", 0, func() bool {
		answer, err := client.Get("https://" + manage + "/roots/0")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		raw, err := io.ReadAll(answer.Body)
		i.issues = x509.NewCertPool()
		return err == nil && i.issues.AppendCertsFromPEM(raw)
	})
	return i
}

// TestADomainGetsItsCertificate serves a domain with certificates of a real
// ACME server.
func TestADomainGetsItsCertificate(t *testing.T) {
	t.Parallel()
	const domain = "help.shop.test"
	s := prepare(t, 0, nil)
	p := newProgram(t, s.dir)
	secure := freeAddress(t)
	from := startIssuer(t, p.addr, secure)
	p.more = []string{"--https", secure, "--acme", from.directory, "--acme-root", from.root, domain}
	transport := &http.Transport{
		ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: from.issues, ServerName: domain},
	}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	// shown asks until there is an answer, and says which certificate was shown.
	shown := func() (serial string) {
		hookstest.Until(t, "the domain is served with a certificate", 60*time.Second, func() bool {
			select {
			case <-p.done:
				t.Fatalf("the program ended: %s\n%s", p.cmd.ProcessState, p.log)
			default:
			}
			answer, err := client.Get("https://" + secure + "/api/health")
			if err != nil {
				return false
			}
			defer answer.Body.Close()
			if answer.ProtoMajor != 2 || answer.StatusCode != http.StatusOK {
				t.Errorf("it answers %s by %s", answer.Status, answer.Proto)
			}
			serial = answer.TLS.PeerCertificates[0].SerialNumber.String()
			return true
		})
		return serial
	}
	p.start()
	first := shown()
	answer, err := client.Post(p.Base+"/ask?a=1", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	_, port, _ := net.SplitHostPort(secure)
	if want := fmt.Sprintf("https://%s:%s/ask?a=1", domain, port); answer.StatusCode != http.StatusTemporaryRedirect || answer.Header.Get("Location") != want {
		t.Errorf("without encryption: %s to %s, want %s", answer.Status, answer.Header.Get("Location"), want)
	}
	folder := filepath.Join(s.dir, core.LocalAutocertCacheDirName)
	for path, mode := range map[string]os.FileMode{folder: 0o700, filepath.Join(folder, domain): 0o600, filepath.Join(folder, "acme_account+key"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", path, info, err)
		}
	}
	p.stop()
	transport.CloseIdleConnections()
	p.start()
	if again := shown(); again != first {
		t.Error("after a restart another certificate is shown")
	}
	// The owner's health knows it.
	hookstest.Until(t, "the health tells of the certificate", 0, func() bool {
		r, err := http.NewRequest(http.MethodGet, "https://"+secure+"/api/health?details=1&now=1", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", s.admin)
		answer, err := client.Do(r)
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		raw, err := io.ReadAll(answer.Body)
		return err == nil && strings.Contains(string(raw), `"certificate:`+domain+`"`)
	})
}
