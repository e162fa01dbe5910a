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
}

// Fault makes a step fail. Steps are "auth", "mail", "rcpt <address>", "data"
// (before the mail), "dot" (the answer to a complete mail).
type Fault struct {
	Code   int    // what the server answers; 0 with Drop
	Text   string // its words
	Drop   bool   // close the connection instead
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
}

// NewSMTP starts a server that takes everything.
func NewSMTP(tb testing.TB) *SMTP {
	tb.Helper()
	s := &SMTP{faults: map[string]*Fault{}}
	s.srv = smtp.NewServer(s)
	s.srv.Domain = "mail.shop.test"
	s.srv.AllowInsecureAuth = true
	s.srv.MaxMessageBytes = 64 << 20
	s.srv.ErrorLog = log.New(io.Discard, "", 0)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s.Port = ln.Addr().(*net.TCPAddr).Port
	go s.srv.Serve(ln)
	tb.Cleanup(func() { s.srv.Close() })
	return s
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
	text := f.Text
	if text == "" {
		text = "as the test wants"
	}
	return &smtp.SMTPError{Code: f.Code, EnhancedCode: smtp.NoEnhancedCode, Message: text}
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(mech string) (sasl.Server, error) {
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

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.signed {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	s.mail = Mail{From: from}
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
		s.server.mu.Unlock()
	}
	switch {
	case f == nil:
		return nil
	case f.Drop:
		s.conn.Conn().Close()
		time.Sleep(time.Millisecond)
		return errors.New("dropped")
	}
	return &smtp.SMTPError{Code: f.Code, EnhancedCode: smtp.NoEnhancedCode, Message: f.Text}
}

func (s *session) Reset()        { s.mail = Mail{} }
func (s *session) Logout() error { return nil }
