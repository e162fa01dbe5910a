package imapbox

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/schema"
)

// fake is a server that follows a script: answer gets the command without its
// tag and writes whatever it likes; it returns false to stay silent.
type fake struct {
	t      *testing.T
	ln     net.Listener
	answer func(w *bufio.Writer, tag, command string) bool
	mu     sync.Mutex
	said   []string
	conns  []net.Conn
}

func newFake(t *testing.T, answer func(w *bufio.Writer, tag, command string) bool) *fake {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{t: t, ln: ln, answer: answer}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			f.mu.Lock()
			f.conns = append(f.conns, conn)
			f.mu.Unlock()
			wg.Go(func() { f.serve(conn) })
		}
	})
	t.Cleanup(func() {
		ln.Close()
		f.mu.Lock()
		for _, c := range f.conns {
			c.Close()
		}
		f.mu.Unlock()
		wg.Wait()
	})
	return f
}

func (f *fake) serve(conn net.Conn) {
	defer conn.Close()
	r, w := bufio.NewReader(conn), bufio.NewWriter(conn)
	fmt.Fprint(w, "* OK [CAPABILITY IMAP4rev1 IDLE UIDPLUS] ready\r\n")
	w.Flush()
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(strings.TrimSpace(line), " ")
		f.mu.Lock()
		f.said = append(f.said, command)
		f.mu.Unlock()
		if !f.answer(w, tag, command) && !plain(w, tag, command) {
			continue
		}
		if w.Flush() != nil {
			return
		}
	}
}

// plain is what a well-behaved server says.
func plain(w *bufio.Writer, tag, command string) bool {
	switch verb, _, _ := strings.Cut(command, " "); strings.ToUpper(verb) {
	case "CAPABILITY":
		fmt.Fprintf(w, "* CAPABILITY IMAP4rev1 IDLE UIDPLUS\r\n%s OK done\r\n", tag)
	case "LOGIN", "NOOP":
		fmt.Fprintf(w, "%s OK done\r\n", tag)
	case "SELECT":
		fmt.Fprintf(w, "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 13] ok\r\n%s OK [READ-WRITE] done\r\n", tag)
	default:
		return false
	}
	return true
}

// heard counts the commands that start so.
func (f *fake) heard(prefix string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, s := range f.said {
		if strings.HasPrefix(s, prefix) {
			n++
		}
	}
	return n
}

func (f *fake) account() Account {
	addr := f.ln.Addr().(*net.TCPAddr)
	return Account{Host: "127.0.0.1", Port: addr.Port, Security: schema.SecurityNone, Login: "shop", Password: "secret"}
}

// quick are limits in which a test ends.
var quick = Timing{Dial: 2 * time.Second, Command: 300 * time.Millisecond, Rearm: 150 * time.Millisecond, Poll: 50 * time.Millisecond}

// mails answers sizes and bodies of the given mails, seq 1 being the first.
type mails struct {
	uids   []uint32
	bodies []string
}

func (m mails) seq(uid string) int {
	for i, u := range m.uids {
		if fmt.Sprint(u) == uid {
			return i + 1
		}
	}
	return 0
}

func (m mails) sizes(w *bufio.Writer, tag string) bool {
	for i, u := range m.uids {
		fmt.Fprintf(w, "* %d FETCH (UID %d RFC822.SIZE %d)\r\n", i+1, u, len(m.bodies[i]))
	}
	fmt.Fprintf(w, "%s OK done\r\n", tag)
	return true
}

func (m mails) search(w *bufio.Writer, tag, command string) bool {
	uid := strings.TrimPrefix(command, "SEARCH UID ")
	fmt.Fprintf(w, "* SEARCH %d\r\n%s OK done\r\n", m.seq(uid), tag)
	return true
}
