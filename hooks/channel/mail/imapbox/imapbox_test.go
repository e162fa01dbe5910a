package imapbox

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/shohay/shohay/hooks/schema"
)

func dial(t *testing.T, a Account, timing Timing) *Conn {
	t.Helper()
	c, err := Dial(t.Context(), a, timing)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if _, err := c.Open(); err != nil {
		t.Fatal(err)
	}
	return c
}

func fetchAll(c *Conn, uids []uint32, careful bool) (map[uint32]string, error) {
	got := map[uint32]string{}
	err := c.Fetch(uids, 35<<20, 256<<10, careful, func(items []Item) error {
		for _, it := range items {
			raw := it.Raw
			if it.File != "" {
				var err error
				if raw, err = os.ReadFile(it.File); err != nil {
					return err
				}
			}
			if !it.Gone() {
				got[it.UID] = string(raw)
			}
		}
		return nil
	})
	return got, err
}

// within fails the test if f takes longer than the limits of quick allow.
func within(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(15 * time.Second):
		t.Fatal("hangs")
	}
}

var three = mails{uids: []uint32{10, 11, 12}, bodies: []string{"Subject: a\r\n\r\none", "Subject: b\r\n\r\ntwo", "Subject: c\r\n\r\nthree"}}

func TestAServerThatStopsAnsweringIsGivenUp(t *testing.T) { // H1
	f := newFake(t, func(w *bufio.Writer, tag, command string) bool {
		return false // plain answers sign-in and SELECT, nothing else
	})
	c := dial(t, f.account(), quick)
	within(t, func() {
		if _, err := c.After(9); !errors.Is(err, ErrSilent) {
			t.Errorf("got %v", err)
		}
		if _, err := c.Open(); err == nil {
			t.Error("the connection is used further")
		}
	})
}

func TestAnIdleNeverAcknowledgedIsGivenUp(t *testing.T) { // H2
	f := newFake(t, func(w *bufio.Writer, tag, command string) bool { return false })
	c := dial(t, f.account(), quick)
	drain(c)
	within(t, func() {
		if err := c.Wait(t.Context(), nil); !errors.Is(err, ErrSilent) {
			t.Errorf("got %v", err)
		}
	})
}

// drain takes the note of the EXISTS that came with SELECT.
func drain(c *Conn) {
	select {
	case <-c.news:
	case <-time.After(50 * time.Millisecond):
	}
}

func TestAUIDAfterTheBodyLosesNothing(t *testing.T) { // H7
	f := newFake(t, func(w *bufio.Writer, tag, command string) bool {
		switch {
		case strings.Contains(command, "RFC822.SIZE"):
			return three.sizes(w, tag)
		case strings.HasPrefix(command, "SEARCH UID"):
			return three.search(w, tag, command)
		case strings.HasPrefix(command, "UID FETCH"), strings.HasPrefix(command, "FETCH"):
			for i, u := range three.uids {
				if strings.HasPrefix(command, "FETCH") && !strings.HasPrefix(command, fmt.Sprintf("FETCH %d ", i+1)) {
					continue
				}
				fmt.Fprintf(w, "* %d FETCH (BODY[] {%d}\r\n%s UID %d)\r\n", i+1, len(three.bodies[i]), three.bodies[i], u)
			}
			fmt.Fprintf(w, "%s OK done\r\n", tag)
			return true
		}
		return false
	})
	c := dial(t, f.account(), quick)
	within(t, func() {
		got, err := fetchAll(c, three.uids, false)
		if err != nil || len(got) != 3 || got[11] != three.bodies[1] {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

func TestAFlagNoticeDoesNotReplaceAMail(t *testing.T) { // H8
	first := true
	f := newFake(t, func(w *bufio.Writer, tag, command string) bool {
		switch {
		case strings.Contains(command, "RFC822.SIZE"):
			return three.sizes(w, tag)
		case strings.HasPrefix(command, "SEARCH UID"):
			return three.search(w, tag, command)
		case strings.HasPrefix(command, "UID FETCH"), strings.HasPrefix(command, "FETCH"):
			if first {
				fmt.Fprint(w, "* 2 FETCH (UID 11 FLAGS (\\Seen))\r\n")
				first = false
			}
			for i, u := range three.uids {
				if strings.HasPrefix(command, "FETCH") && !strings.HasPrefix(command, fmt.Sprintf("FETCH %d ", i+1)) {
					continue
				}
				fmt.Fprintf(w, "* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n", i+1, u, len(three.bodies[i]), three.bodies[i])
			}
			fmt.Fprintf(w, "%s OK done\r\n", tag)
			return true
		}
		return false
	})
	c := dial(t, f.account(), quick)
	within(t, func() {
		got, err := fetchAll(c, three.uids, false)
		if err != nil || len(got) != 3 || got[11] != three.bodies[1] {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

func TestAMailTheServerWithholdsIsNamed(t *testing.T) { // H7, the alarm
	f := newFake(t, func(w *bufio.Writer, tag, command string) bool {
		switch {
		case strings.Contains(command, "RFC822.SIZE"):
			return three.sizes(w, tag)
		case strings.HasPrefix(command, "SEARCH UID"):
			return three.search(w, tag, command)
		case strings.Contains(command, "FETCH"):
			fmt.Fprintf(w, "%s OK done\r\n", tag)
			return true
		}
		return false
	})
	c := dial(t, f.account(), quick)
	_, err := fetchAll(c, three.uids, true)
	var broken *FetchError
	if !errors.As(err, &broken) || !slices.Equal(broken.UIDs, []uint32{10}) {
		t.Errorf("got %v", err)
	}
}

// A server that calls large mails small: they come by way of the disk all the
// same.
func TestASizeThatIsALie(t *testing.T) {
	giant := mails{uids: []uint32{10, 11, 12}, bodies: []string{
		"Subject: a\r\n\r\n" + strings.Repeat("large\r\n", 400_000), "Subject: b\r\n\r\nsmall", "Subject: c\r\n\r\n" + strings.Repeat("large too\r\n", 300_000)}}
	f := newFake(t, func(w *bufio.Writer, tag, command string) bool {
		switch {
		case strings.Contains(command, "RFC822.SIZE"):
			for i, u := range giant.uids {
				fmt.Fprintf(w, "* %d FETCH (UID %d RFC822.SIZE 100)\r\n", i+1, u)
			}
			fmt.Fprintf(w, "%s OK done\r\n", tag)
			return true
		case strings.HasPrefix(command, "SEARCH UID"):
			return giant.search(w, tag, command)
		case strings.Contains(command, "FETCH"):
			var offset, length int
			part := ""
			if i := strings.IndexByte(command, '<'); i >= 0 {
				if _, err := fmt.Sscanf(command[i:], "<%d.%d>", &offset, &length); err != nil {
					t.Error(err)
				}
				part = fmt.Sprintf("<%d>", offset)
			}
			set := strings.Fields(strings.TrimPrefix(command, "UID "))[1]
			for i, body := range giant.bodies {
				byUID := strings.HasPrefix(command, "UID ")
				if (byUID && set != "10:12" && set != fmt.Sprint(giant.uids[i])) || (!byUID && set != fmt.Sprint(i+1)) {
					continue
				}
				if part != "" {
					body = body[min(offset, len(body)):]
					body = body[:min(length, len(body))]
				}
				fmt.Fprintf(w, "* %d FETCH (UID %d BODY[]%s {%d}\r\n%s)\r\n", i+1, giant.uids[i], part, len(body), body)
			}
			fmt.Fprintf(w, "%s OK done\r\n", tag)
			return true
		}
		return false
	})
	account := f.account()
	account.Spool = t.TempDir()
	c := dial(t, account, Timing{Dial: 2 * time.Second, Command: 5 * time.Second})
	got, err := fetchAll(c, giant.uids, false)
	if err != nil {
		t.Fatal(err)
	}
	for i, u := range giant.uids {
		if got[u] != giant.bodies[i] {
			t.Errorf("mail %d has %d bytes instead of %d", u, len(got[u]), len(giant.bodies[i]))
		}
	}
	if left, err := os.ReadDir(account.Spool); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestACutInsideAMailHandsNothingOver(t *testing.T) { // H10
	f := newFake(t, func(w *bufio.Writer, tag, command string) bool {
		switch {
		case strings.Contains(command, "RFC822.SIZE"):
			return three.sizes(w, tag)
		case strings.HasPrefix(command, "UID FETCH"):
			fmt.Fprintf(w, "* 1 FETCH (UID 10 BODY[] {%d}\r\n%s)\r\n* 2 FETCH (UID 11 BODY[] {500}\r\npart of", len(three.bodies[0]), three.bodies[0])
			w.Flush()
			return false
		}
		return false
	})
	c := dial(t, f.account(), quick)
	within(t, func() {
		got, err := fetchAll(c, three.uids, false)
		if err == nil || len(got) != 0 {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

func TestUnknownDataIsAnErrorNotAHang(t *testing.T) { // H9
	f := newFake(t, func(w *bufio.Writer, tag, command string) bool {
		if strings.HasPrefix(command, "UID SEARCH") {
			fmt.Fprintf(w, "* XYZZY 1 2 3\r\n%s OK done\r\n", tag)
			return true
		}
		return false
	})
	c := dial(t, f.account(), quick)
	within(t, func() {
		if _, err := c.After(1); err == nil {
			t.Error("no error")
		}
	})
}

func TestASearchThatClaimsFourBillionMails(t *testing.T) { // H15
	f := newFake(t, func(w *bufio.Writer, tag, command string) bool {
		if strings.HasPrefix(command, "UID SEARCH") {
			fmt.Fprintf(w, "* ESEARCH (TAG \"%s\") UID ALL 1:4294967295\r\n%s OK done\r\n", tag, tag)
			return true
		}
		return false
	})
	c := dial(t, f.account(), quick)
	within(t, func() {
		uids, err := c.After(1)
		if len(uids) > 0 || err == nil {
			t.Errorf("%d mails, %v", len(uids), err)
		}
	})
}

func TestAWrongPasswordSpeaksTheServersWords(t *testing.T) {
	f := newFake(t, func(w *bufio.Writer, tag, command string) bool {
		if strings.HasPrefix(command, "LOGIN") {
			fmt.Fprintf(w, "%s NO [AUTHENTICATIONFAILED] Authentication failed.\r\n", tag)
			return true
		}
		return false
	})
	_, err := Dial(t.Context(), f.account(), quick)
	var no *AuthError
	if !errors.As(err, &no) || no.Text != "[AUTHENTICATIONFAILED] Authentication failed." {
		t.Errorf("got %v", err)
	}
}

func TestIdleIsRenewed(t *testing.T) { // H14
	idle := ""
	f := newFake(t, func(w *bufio.Writer, tag, command string) bool {
		if command == "IDLE" {
			idle = tag
			fmt.Fprint(w, "+ idling\r\n")
			return true
		}
		if tag == "DONE" {
			fmt.Fprintf(w, "%s OK done\r\n", idle)
			return true
		}
		return false
	})
	c := dial(t, f.account(), quick)
	drain(c)
	within(t, func() {
		if err := c.Wait(t.Context(), nil); err != nil {
			t.Errorf("got %v", err)
		}
	})
	if f.heard("IDLE") != 1 {
		t.Errorf("said %q", f.said)
	}
}

// memory starts go-imap's own server.
func memory(t *testing.T) (*imapmemserver.User, Account) {
	t.Helper()
	server := imapmemserver.New()
	user := imapmemserver.NewUser("shop", "secret")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	server.AddUser(user)
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return server.NewSession(), nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}, imap.CapMove: {}, imap.CapUIDPlus: {}},
		InsecureAuth: true,
		Logger:       log.New(io.Discard, "", 0),
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go srv.Serve(ln)
	t.Cleanup(func() { srv.Close() })
	return user, Account{Host: "127.0.0.1", Port: ln.Addr().(*net.TCPAddr).Port, Security: schema.SecurityNone, Login: "shop", Password: "secret"}
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

func put(t *testing.T, user *imapmemserver.User, raw string) {
	t.Helper()
	if _, err := user.Append("INBOX", literal{bytes.NewReader([]byte(raw))}, &imap.AppendOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestAGoodServer(t *testing.T) {
	user, account := memory(t)
	big := "Subject: big\r\n\r\n" + strings.Repeat("0123456789abcdef", 300_000) // 4.8 MB: in windows (H12)
	put(t, user, three.bodies[0])
	put(t, user, big)
	put(t, user, three.bodies[2])

	c := dial(t, account, Timing{})
	uids, err := c.After(0)
	if err != nil || !slices.Equal(uids, []uint32{1, 2, 3}) {
		t.Fatalf("%v, %v", uids, err)
	}
	if rest, err := c.After(3); err != nil || len(rest) > 0 { // H13
		t.Errorf("after the last: %v, %v", rest, err)
	}
	if since, err := c.Since(time.Now().Add(-24 * time.Hour)); err != nil || len(since) != 3 {
		t.Errorf("since yesterday: %v, %v", since, err)
	}
	got, err := fetchAll(c, append(uids, 99), false)
	if err != nil || got[1] != three.bodies[0] || got[2] != big || got[3] != three.bodies[2] || len(got) != 3 {
		t.Errorf("%d mails of %d %d %d bytes, %v", len(got), len(got[1]), len(got[2]), len(got[3]), err)
	}
	// Above the limit only the head is read (rule 9).
	err = c.Fetch([]uint32{2}, 1<<20, 256<<10, false, func(items []Item) error {
		if it := items[0]; len(items) != 1 || !it.Cut || len(it.Raw) != 256<<10 || it.Size != int64(len(big)) || string(it.Raw) != big[:256<<10] {
			t.Errorf("cut %v, %d of %d bytes", it.Cut, len(it.Raw), it.Size)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTheNextMailsAreReadMeanwhile(t *testing.T) {
	sizes := func(last int) (*fake, *Conn) {
		f := newFake(t, func(w *bufio.Writer, tag, command string) bool {
			switch {
			case strings.Contains(command, "RFC822.SIZE"): // so large that the third comes alone
				fmt.Fprintf(w, "* 1 FETCH (UID 10 RFC822.SIZE 1000000)\r\n* 2 FETCH (UID 11 RFC822.SIZE 1000000)\r\n* 3 FETCH (UID 12 RFC822.SIZE %d)\r\n%s OK done\r\n", last, tag)
				return true
			case strings.HasPrefix(command, "UID FETCH"):
				for i, u := range three.uids {
					if first := strings.HasPrefix(command, "UID FETCH 10:11 "); first == (u < 12) {
						fmt.Fprintf(w, "* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n", i+1, u, len(three.bodies[i]), three.bodies[i])
					}
				}
				fmt.Fprintf(w, "%s OK done\r\n", tag)
				return true
			}
			return false
		})
		return f, dial(t, f.account(), Timing{})
	}
	third := "UID FETCH 12 "
	asked := func(f *fake) bool {
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
			if f.heard(third) > 0 {
				return true
			}
		}
		return false
	}
	f, c := sizes(1_000_000)
	var got []uint32
	take := func(items []Item) error {
		if len(got) == 0 && !asked(f) {
			t.Error("the third is not asked for before the first two are taken in")
		}
		for _, it := range items {
			got = append(got, it.UID)
		}
		return nil
	}
	if err := c.Fetch(three.uids, 35<<20, 256<<10, false, take); err != nil || !slices.Equal(got, three.uids) {
		t.Errorf("got %v, %v", got, err)
	}

	// What was read ahead is dropped when the mails before it cannot be taken
	// in, and the connection is free again.
	f, c = sizes(1_000_000)
	full := errors.New("full")
	for range 2 {
		n := 0
		err := c.Fetch(three.uids, 35<<20, 256<<10, false, func(items []Item) error { n += len(items); asked(f); return full })
		if err != full || n != 2 {
			t.Errorf("%d taken, %v", n, err)
		}
	}

	// A large one fills the disk only when its turn has come.
	f, c = sizes(2_000_000)
	err := c.Fetch(three.uids, 35<<20, 256<<10, false, func(items []Item) error { time.Sleep(20 * time.Millisecond); return full })
	if err != full || f.heard(third) > 0 {
		t.Errorf("asked %d times, %v", f.heard(third), err)
	}
}

func TestWaitNoticesANewMail(t *testing.T) {
	user, account := memory(t)
	c := dial(t, account, Timing{})
	drain(c)
	done := make(chan error, 1)
	go func() { done <- c.Wait(t.Context(), nil) }()
	time.Sleep(20 * time.Millisecond) // so that IDLE is usually on; correct without
	put(t, user, three.bodies[0])
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the mail was not noticed")
	}
	if uids, err := c.After(0); err != nil || len(uids) != 1 {
		t.Errorf("%v, %v", uids, err)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	_, account := memory(t)
	ctx, cancel := context.WithCancel(t.Context())
	c, err := Dial(ctx, account, Timing{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Open(); err != nil {
		t.Fatal(err)
	}
	drain(c)
	done := make(chan error, 1)
	go func() { done <- c.Wait(ctx, nil) }()
	cancel()
	within(t, func() {
		if err := <-done; err == nil {
			t.Error("no error")
		}
	})
}

func TestCheck(t *testing.T) {
	_, account := memory(t)
	if err := Check(t.Context(), account, Timing{}); err != nil {
		t.Error(err)
	}
	wrong := account
	wrong.Folder = "Nowhere"
	if err := Check(t.Context(), wrong, Timing{}); err == nil || !strings.Contains(err.Error(), "Nowhere") {
		t.Errorf("a missing folder: %v", err)
	}
	wrong = account
	wrong.Password = "x"
	var no *AuthError
	if err := Check(t.Context(), wrong, Timing{}); !errors.As(err, &no) {
		t.Errorf("a wrong password: %v", err)
	}
	wrong = account
	wrong.Security = schema.SecurityTLS
	within(t, func() {
		if err := Check(t.Context(), wrong, quick); err == nil {
			t.Error("TLS with a server that has none")
		}
	})
	wrong.Security = schema.SecurityStartTLS
	within(t, func() {
		if err := Check(t.Context(), wrong, quick); err == nil {
			t.Error("STARTTLS with a server that has none")
		}
	})
}
