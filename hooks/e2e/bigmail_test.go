package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/hookstest"
)

const (
	bigMails   = 10
	bigMail    = 25 << 20 // bytes as it is sent
	bigCeiling = 150.0    // MB that the program may have had at any time
)

// The program takes in ten mails of 25 MB among two hundred others and never
// needs more than 150 MB.
func TestBigMailsAreNotHeldInMemory(t *testing.T) {
	t.Parallel()
	imap, smtp := mailtest.NewIMAP(t), mailtest.NewSMTP(t)
	s := prepare(t, 1, nil)
	s.mailbox(t, imap, smtp)
	sums := map[string]bool{} // of the files
	r := rand.New(rand.NewPCG(25, 150))
	bag := mailtest.Posts(5, 200, 0, 0)
	for i, p := range bag {
		imap.Put(p.Raw)
		if i%(len(bag)/bigMails) == 0 {
			raw, sum := big(r, i, i%3 == 0)
			sums[sum] = true
			imap.Put(raw)
		}
	}

	p := serve(t, s.dir)
	db, err := hooks.ConnectDB(filepath.Join(s.dir, "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	begun := time.Now()
	hookstest.Until(t, "all mails are in", 3*time.Minute, func() bool {
		var n int
		if err := db.NewQuery(`SELECT COUNT(*) FROM messages WHERE kind = 'incoming'`).Row(&n); err != nil {
			t.Fatal(err)
		}
		return n == len(bag)+bigMails
	})
	took := time.Since(begun).Round(10 * time.Millisecond)
	peak, rss := memory(t, p.cmd.Process.Pid, "VmHWM"), memory(t, p.cmd.Process.Pid, "VmRSS")
	t.Logf("%d mails of %d MB among %d in %v: at most %.0f MB, %.0f MB afterwards", bigMails, bigMail>>20, len(bag), took, peak, rss)
	if peak > bigCeiling {
		t.Errorf("the program needed %.0f MB", peak)
	}

	// What was attached is stored as it was sent.
	err = filepath.WalkDir(filepath.Join(s.dir, "storage"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, ".attrs") {
			return err
		}
		data, err := os.ReadFile(name)
		sum := sha256.Sum256(data)
		delete(sums, hex.EncodeToString(sum[:]))
		return err
	})
	if err != nil || len(sums) > 0 {
		t.Errorf("%d files are not stored as they were sent, %v", len(sums), err)
	}
	var asides int
	if err := db.NewQuery(`SELECT COUNT(*) FROM quarantine`).Row(&asides); err != nil || asides > 0 {
		t.Errorf("%d mails put aside, %v", asides, err)
	}
}

// big is a mail with a large file, and the file's SHA-256. quoted is the
// encoding that no mailer would choose for it.
func big(r *rand.Rand, n int, quoted bool) (raw, sum string) {
	var b strings.Builder
	b.Grow(bigMail + 1<<20)
	fmt.Fprintf(&b, "From: Customer %d <big%d@customer.test>\r\nTo: %s\r\nSubject: Pictures %d\r\nMessage-ID: <big-%d@customer.test>\r\nDate: %s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=frontier\r\n\r\n"+
		"--frontier\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHere are the pictures.\r\n--frontier\r\n", n, n, mailtest.Login, n, n, time.Now().Format(time.RFC1123Z))
	h := sha256.New()
	if quoted {
		b.WriteString("Content-Type: text/csv; name=orders.csv\r\nContent-Disposition: attachment; filename=orders.csv\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
		for b.Len() < bigMail-200 {
			line := fmt.Sprintf("%d,%d,%d,parcel\r\n", r.Uint64(), r.Uint64(), r.Uint64())
			h.Write([]byte(line))
			b.WriteString(line)
		}
		h.Write([]byte("end"))
		b.WriteString("e=6Ed")
	} else {
		b.WriteString("Content-Type: application/zip; name=pictures.zip\r\nContent-Disposition: attachment; filename=pictures.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n")
		line := make([]byte, 57)
		for b.Len() < bigMail-200 {
			for i := range line {
				line[i] = byte(r.Uint32())
			}
			h.Write(line)
			b.WriteString(base64.StdEncoding.EncodeToString(line) + "\r\n")
		}
	}
	b.WriteString("\r\n--frontier--\r\n")
	return b.String(), hex.EncodeToString(h.Sum(nil))
}
