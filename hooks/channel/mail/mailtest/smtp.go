package mailtest

import (
	"errors"
	"io"
	"log"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Mail is a mail that the submission server took.
type Mail struct {
	From string
	To   []string
	Raw  string
	UTF8 bool // the client asked for SMTPUTF8

	ID     string // ENVID, decoded
	Return string // RET: what is to come back of a mail that fails
}

// Fault makes a step fail. Steps are "auth", "mail", "mail <address>", "rcpt <address>", "data"
// (before the mail), "dot" (the answer to a complete mail).
type Fault struct {
	Code   int    // what the server answers; 0 with Drop
	Text   string // its words
	Drop   bool   // close the connection instead
	Hang   bool   // say nothing more
	Stored bool   // at "dot": the mail is kept all the same
	Times  int    // how often; 0 is always
}

// SMTP is a submission server.
type SMTP struct {
	Port int

	mu     sync.Mutex
	mails  []Mail
	faults map[string]*Fault
	srv    *smtp.Server
	conns  int
	way    string           // of the last sign-in
	onward func(raw string) // gets what was taken
	tb     testing.TB
	ascii  bool
	dsn    bool
}

// NewSMTP starts a server that takes everything.
func NewSMTP(tb testing.TB) *SMTP {
	tb.Helper()
	s := &SMTP{faults: map[string]*Fault{}, tb: tb}
	s.listen("127.0.0.1:0")
	tb.Cleanup(s.Stop)
	return s
}

func (s *SMTP) listen(addr string) {
	s.tb.Helper()
	srv := smtp.NewServer(s)
	srv.Domain = "mail.shop.test"
	srv.AllowInsecureAuth = true
	srv.MaxMessageBytes = 64 << 20
	srv.EnableSMTPUTF8 = !s.ascii
	srv.EnableDSN = s.dsn
	srv.ErrorLog = log.New(io.Discard, "", 0)
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		s.tb.Fatal(err)
	}
	s.Port = ln.Addr().(*net.TCPAddr).Port
	s.mu.Lock()
	s.srv = srv
	s.mu.Unlock()
	go srv.Serve(ln)
}

// Stop refuses every connection from now on.
func (s *SMTP) Stop() {
	s.mu.Lock()
	srv := s.srv
	s.srv = nil
	s.mu.Unlock()
	if srv != nil {
		srv.Close()
	}
}

// ASCII makes the server one that knows no other letters in addresses.
func (s *SMTP) ASCII(on bool) {
	s.tb.Helper()
	s.ascii = on
	s.Restart()
}

// DSN makes the server one that passes delivery reports on (RFC 3461).
func (s *SMTP) DSN(on bool) {
	s.tb.Helper()
	s.dsn = on
	s.Restart()
}

// Restart listens again at the old port.
func (s *SMTP) Restart() {
	s.tb.Helper()
	s.Stop()
	s.listen((&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: s.Port}).String())
}

// Connections counts the connections there have been.
func (s *SMTP) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}

// Fail makes a step fail from now on; a nil fault mends it.
func (s *SMTP) Fail(step string, f *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f == nil {
		delete(s.faults, step)
		return
	}
	s.faults[step] = f
}

// Mails are those taken so far.
func (s *SMTP) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// fault returns what a step fails with, if it does.
func (s *SMTP) fault(step string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.faults[step]
	if f == nil {
		return nil
	}
	if f.Times > 0 {
		if f.Times--; f.Times == 0 {
			delete(s.faults, step)
		}
	}
	return f
}

// NewSession implements smtp.Backend.
func (s *SMTP) NewSession(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	s.conns++
	s.mu.Unlock()
	return &session{server: s, conn: c}, nil
}

type session struct {
	server *SMTP
	conn   *smtp.Conn
	mail   Mail
	signed bool
}

func (s *session) fail(step string) error {
	f := s.server.fault(step)
	if f == nil {
		return nil
	}
	if f.Drop {
		s.conn.Conn().Close()
		return errors.New("dropped")
	}
	if f.Hang {
		s.hang()
		return errors.New("hung")
	}
	text := f.Text
	if text == "" {
		text = "as the test wants"
	}
	return &smtp.SMTPError{Code: f.Code, EnhancedCode: smtp.NoEnhancedCode, Message: text}
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain, xoauth2} }

func (s *session) Auth(mech string) (sasl.Server, error) {
	s.server.mu.Lock()
	s.server.way = mech
	s.server.mu.Unlock()
	if mech == xoauth2 {
		return &tokenServer{ok: func() error { s.signed = true; return nil }}, nil
	}
	return sasl.NewPlainServer(func(identity, username, password string) error {
		if err := s.fail("auth"); err != nil {
			return err
		}
		if username != Login || password != Password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "Username and Password not accepted"}
		}
		s.signed = true
		return nil
	}), nil
}

func (s *session) Mail(from string, o *smtp.MailOptions) error {
	if !s.signed {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	s.mail = Mail{From: from, UTF8: o.UTF8, ID: o.EnvelopeID, Return: string(o.Return)}
	if err := s.fail("mail <" + from + ">"); err != nil {
		return err
	}
	return s.fail("mail")
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.fail("rcpt " + to); err != nil {
		return err
	}
	s.mail.To = append(s.mail.To, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	if err := s.fail("data"); err != nil {
		return err
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mail.Raw = string(raw)
	f := s.server.fault("dot")
	if f == nil || f.Stored {
		s.server.mu.Lock()
		s.server.mails = append(s.server.mails, s.mail)
		onward := s.server.onward
		s.server.mu.Unlock()
		if onward != nil {
			onward(s.mail.Raw)
		}
	}
	switch {
	case f == nil:
		return nil
	case f.Hang:
		s.hang()
		return errors.New("hung")
	case f.Drop:
		s.conn.Conn().Close()
		time.Sleep(time.Millisecond)
		return errors.New("dropped")
	}
	return &smtp.SMTPError{Code: f.Code, EnhancedCode: smtp.NoEnhancedCode, Message: f.Text}
}

// hang waits until the client has had enough.
func (s *session) hang() {
	_, _ = s.conn.Conn().Read(make([]byte, 1))
	s.conn.Conn().Close()
}

func (s *session) Reset()        { s.mail = Mail{} }
func (s *session) Logout() error { return nil }
