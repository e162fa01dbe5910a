package hooks_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/hookstest"
)

// waysOut are all places in the program that connect to somewhere, and by what
// they are held. Whoever adds one names it here, and why it is guarded.
var waysOut = map[string]string{
	"hooks/outward/outward.go":             "the guard itself",
	"hooks/bot/model/model.go":             "outward.Written: the language model's address, which owners write",
	"hooks/notice/register.go":             "outward.Internet: push services, which a browser names",
	"hooks/newer/newer.go":                 "outward.Internet: the page of releases, which the executable names",
	"hooks/channel/mail/imapbox/dial.go":   "outward.Network: IMAP servers, which owners name",
	"hooks/channel/mail/submit/submit.go":  "outward.Network: SMTP servers, which owners name",
	"hooks/channel/mail/oauth/oauth.go":    "outward.Network: providers that sign mailboxes in; owners may name another",
	"hooks/channel/mail/register.go":       "DNS alone: signatures and policies of mail",
	"hooks/channel/mail/auth/resolve.go":   "DNS alone: signatures and policies of mail",
	"hooks/channel/mail/auth/signature.go": "DNS alone: signatures of mail",
	"hooks/channel/mail/auth/verdict.go":   "DNS alone: signatures and policies of mail",
	"hooks/channel/mail/guard.go":          "DNS alone: signatures and policies of mail",
	"hooks/channel/mail/inbound.go":        "DNS alone: signatures and policies of mail",
	"hooks/channel/mail/dkimkey/check.go":  "DNS alone: the record of a mailbox's own key",
	"hooks/hooks.go":                       "what main decides of the others",
	"main.go":                              "the resolver that is given to the mail room",
	"hooks/certificate/register.go":        "outward.Network: the issuer of certificates, which whoever starts the server may name",
	"hooks/watchdog/certificate.go":        "outward.Network: the certificate of the own domains",
	"hooks/backup/depot/bucket.go":         "http.DefaultTransport, guarded by outward.Default: storage, which owners name",
	"hooks/files/move.go":                  "http.DefaultTransport, guarded by outward.Default: storage, which owners name",
	"hooks/doctor/address.go":              "this machine, on the address that the service said it listens on",
	"installer/notify.go":                  "the socket of the machine's own service manager",
	"installer/upgrade.go":                 "this machine, on the address that somebody at its terminal gives",
	"hooks/doctor/doctor.go":               "this machine, on the address that somebody at its terminal gives",
	"hooks/channel/mail/dovecottest/":      "tests",
	"hooks/channel/mail/eximtest/":         "tests",
	"hooks/hookstest/":                     "tests",
	"hooks/e2e/":                           "tests",
}

// dials is how Go connects to somewhere or asks a name service.
var dials = regexp.MustCompile(`net\.Dial|net\.Dialer|tls\.Dial|http\.(Get|Post|PostForm|Head)\(|http\.Client\{|new\(http\.Client\)|http\.DefaultClient|http\.Transport\{|smtp\.(Dial|SendMail)|filesystem\.NewS3|NewFileFromURL|LookupTXT|Lookup(Host|IP|MX|Addr|SRV|NetIP)\(|outward\.[A-Z][a-z]+\.(Dial|Client)|websocket\.Dial|exec\.Command.*(curl|wget)`)

func TestEveryWayOutIsGuarded(t *testing.T) {
	root := hookstest.Root()
	used := map[string]bool{}
	known := func(name string) bool {
		for way := range waysOut {
			if name == way || strings.HasSuffix(way, "/") && strings.HasPrefix(name, way) {
				used[way] = true
				return true
			}
		}
		return false
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if found := dials.Find(raw); found != nil && !known(rel) {
			t.Errorf("%s connects to somewhere (%s) and is not among the ways out", rel, found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for way, held := range waysOut {
		if !used[way] {
			t.Errorf("%s is named and connects to nothing", way)
		}
		// What is said to be held by a reach has to use it.
		if name, _, ok := strings.Cut(held, ":"); ok && strings.HasPrefix(name, "outward.") {
			raw, err := os.ReadFile(filepath.Join(root, way))
			if err != nil || !strings.Contains(string(raw), name+".") {
				t.Errorf("%s does not use %s: %v", way, name, err)
			}
		}
	}
}
