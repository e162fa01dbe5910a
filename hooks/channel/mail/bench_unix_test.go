//go:build unix

package mail_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// BenchmarkIngest is how fast a mailbox is read: mails as customers write them
// (mailtest.Posts, about 8 KB, half of them signed with DKIM and verified), from
// the server to committed messages that a listening desk was told. CPU is all
// that the process used; the IMAP server is another one, whose time does not
// count. storage is the same without IMAP: from bytes in memory.
//
//	go test -run '^$' -bench Ingest -benchtime 1x ./hooks/channel/mail/
func BenchmarkIngest(b *testing.B) {
	bag, dns := signed(b, mailtest.Posts(1, 3_200, 600, 200))
	b.Run("imap", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			raws := make([]string, len(bag))
			for i, p := range bag {
				raws[i] = p.Raw
			}
			server := mailtest.NewAlone(b)
			d := newDeskOn(b, hookstest.New(b, dns), func(r *core.Record) { r.Set(schema.MailboxIMAPPort, server.Port) })
			d.Rooms.Mail.Usual()
			d.serve()
			server.Fill(raws)
			b.StartTimer()
			ingest(b, d, bag, server.Restart)
		}
	})
	b.Run("storage", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			d := newDeskOn(b, hookstest.New(b, dns), func(r *core.Record) { r.Set(schema.MailboxActive, false) })
			d.Rooms.Mail.Usual()
			d.serve()
			raws := make([][]byte, len(bag))
			for i, p := range bag {
				raws[i] = []byte(p.Raw)
			}
			b.StartTimer()
			ingest(b, d, bag, func() {
				uid := uint32(1)
				for chunk := range slices.Chunk(raws, 64) {
					if err := d.Rooms.Mail.TakeAll(d.box, uid, chunk); err != nil {
						b.Fatal(err)
					}
					uid += uint32(len(chunk))
				}
			})
		}
	})
}

// ingest measures until all mails of the bag are messages.
func ingest(b *testing.B, d *desk, bag []mailtest.Post, begin func()) {
	want := 0
	for _, p := range bag {
		if !p.Copy {
			want++
		}
	}
	defer d.listen()()
	// They are counted as they come: whoever asked the database would be measured too.
	var in atomic.Int64
	counted := d.OnRecordAfterCreateSuccess(schema.Messages).BindFunc(func(e *core.RecordEvent) error {
		if e.Record.GetString(schema.MsgKind) == schema.MessageIncoming {
			in.Add(1)
		}
		return e.Next()
	})
	defer d.OnRecordAfterCreateSuccess(schema.Messages).Unbind(counted)
	began, used := time.Now(), cpu()
	begin()
	for in.Load() < int64(want) {
		if time.Since(began) > 2*time.Minute {
			b.Fatalf("%d of %d messages", in.Load(), want)
		}
		time.Sleep(20 * time.Millisecond)
	}
	n := float64(len(bag))
	b.ReportMetric(n/time.Since(began).Seconds(), "mails/s")
	b.ReportMetric(float64(cpu()-used)/n/1e6, "cpu-ms/mail")
	b.ReportMetric(0, "ns/op")
	if got := d.count("messages", "kind='incoming'"); got != want || d.count("quarantine", "TRUE") != 0 {
		b.Errorf("%d messages instead of %d, %d put aside", got, want, d.count("quarantine", "TRUE"))
	}
}

// listen opens a desk's stream and reads it until the returned function is
// called.
func (d *desk) listen() func() {
	d.t.Helper()
	req, err := http.NewRequest(http.MethodGet, d.url+"/api/stream?topic=inbox", nil)
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Authorization", d.Token(d.Agent("listener", schema.RoleAgent)))
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != http.StatusOK {
		d.t.Fatal("listen: ", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(io.Discard, res.Body) // it ends when it is closed
	}()
	return func() { res.Body.Close(); <-done }
}

// cpu is the time that the process has used, of users and of the system.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// signed signs every second mail and returns the DNS that knows the key.
func signed(tb testing.TB, bag []mailtest.Post) ([]mailtest.Post, func(*hooks.Deps)) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		tb.Fatal(err)
	}
	record := "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(public)
	bag = slices.Clone(bag)
	for i := 0; i < len(bag); i += 2 {
		p := &bag[i]
		var b bytes.Buffer
		_, domain, _ := strings.Cut(p.From, "@")
		err := dkim.Sign(&b, strings.NewReader(p.Raw), &dkim.SignOptions{
			Domain: domain, Selector: "s", Signer: key, HeaderKeys: []string{"From", "To", "Subject", "Date", "Message-ID"},
			HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		})
		if err != nil {
			tb.Fatal(err)
		}
		p.Raw = b.String()
	}
	return bag, func(deps *hooks.Deps) {
		deps.MailDNS = func(_ context.Context, name string) ([]string, error) {
			switch {
			case strings.HasPrefix(name, "s._domainkey."):
				return []string{record}, nil
			case strings.HasPrefix(name, "_dmarc."):
				return []string{"v=DMARC1; p=none"}, nil
			}
			return nil, fmt.Errorf("lookup %s: no such host", name)
		}
	}
}
