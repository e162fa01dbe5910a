package mailtest

import (
	"bytes"
	"io"
	"log"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// Login and Password sign in to every server of this package.
const (
	Login    = "help@shop.test"
	Password = "mail-secret"
)

// IMAP is a server with one user and one INBOX.
type IMAP struct {
	Port int

	tb    testing.TB
	user  *imapmemserver.User
	store *imapmemserver.Server
	mu    sync.Mutex
	srv   *imapserver.Server
	ln    net.Listener
	conns int
}

// NewIMAP starts a server.
func NewIMAP(tb testing.TB) *IMAP {
	tb.Helper()
	s := &IMAP{tb: tb, store: imapmemserver.New(), user: imapmemserver.NewUser(Login, Password)}
	if err := s.user.Create("INBOX", nil); err != nil {
		tb.Fatal(err)
	}
	s.store.AddUser(s.user)
	s.listen("127.0.0.1:0")
	tb.Cleanup(s.Stop)
	return s
}

func (s *IMAP) listen(addr string) {
	s.tb.Helper()
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		s.tb.Fatal(err)
	}
	s.Port = ln.Addr().(*net.TCPAddr).Port
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			s.mu.Lock()
			s.conns++
			s.mu.Unlock()
			return &tokenSession{SessionIMAP4rev2: s.store.NewSession().(imapserver.SessionIMAP4rev2)}, nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}, imap.CapMove: {}, imap.CapUIDPlus: {}},
		InsecureAuth: true,
		Logger:       log.New(io.Discard, "", 0),
	})
	s.mu.Lock()
	s.srv, s.ln = srv, ln
	s.mu.Unlock()
	go srv.Serve(ln)
}

// Stop closes the server and every connection to it.
func (s *IMAP) Stop() {
	s.mu.Lock()
	srv, ln := s.srv, s.ln
	s.srv = nil
	s.mu.Unlock()
	if srv != nil {
		ln.Close() // the server may not have begun to serve, and then does not know it
		srv.Close()
	}
}

// Restart starts the server again at its old port, with its mails.
func (s *IMAP) Restart() {
	s.tb.Helper()
	s.Stop()
	s.listen((&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: s.Port}).String())
}

// Connections counts the connections there have been.
func (s *IMAP) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// Put delivers a mail and returns its UID.
func (s *IMAP) Put(raw string) uint32 {
	s.tb.Helper()
	data, err := s.user.Append("INBOX", literal{bytes.NewReader([]byte(raw))}, &imap.AppendOptions{})
	if err != nil {
		s.tb.Fatal(err)
	}
	return uint32(data.UID)
}

// Renumber makes the folder anew, with another UIDVALIDITY, and puts the given
// mails into it.
func (s *IMAP) Renumber(raws ...string) {
	s.tb.Helper()
	if err := s.user.Delete("INBOX"); err != nil {
		s.tb.Fatal(err)
	}
	if err := s.user.Create("INBOX", nil); err != nil {
		s.tb.Fatal(err)
	}
	for _, raw := range raws {
		s.Put(raw)
	}
}

// Create makes a folder.
func (s *IMAP) Create(folder string) {
	s.tb.Helper()
	if err := s.user.Create(folder, nil); err != nil {
		s.tb.Fatal(err)
	}
}

// Filed is a mail in a folder.
type Filed struct {
	Raw  string
	Seen bool
}

// Mails reads a folder.
func (s *IMAP) Mails(folder string) (all []Filed) {
	s.tb.Helper()
	c, err := imapclient.DialInsecure((&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: s.Port}).String(), nil)
	if err != nil {
		s.tb.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(Login, Password).Wait(); err != nil {
		s.tb.Fatal(err)
	}
	data, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		s.tb.Fatal(err)
	}
	if data.NumMessages == 0 {
		return nil
	}
	got, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{Flags: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
	if err != nil {
		s.tb.Fatal(err)
	}
	for _, m := range got {
		f := Filed{Seen: slices.Contains(m.Flags, imap.FlagSeen)}
		for _, b := range m.BodySection {
			f.Raw = string(b.Bytes)
		}
		all = append(all, f)
	}
	return all
}
