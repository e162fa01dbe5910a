// Package submit hands mails to a submission server by SMTP, with go-mail's
// protocol client: a verdict for each recipient, a deadline for each 64 KB, and
// an answer to the one question that matters after a broken line: had the
// server the whole mail?
package submit

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/shohay/shohay/hooks/outward"
	"github.com/shohay/shohay/hooks/schema"
	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Account is a submission server and how to sign in.
type Account struct {
	Host     string
	Port     int
	Security string // schema.SecurityTLS, …
	Login    string
	Password string      // "" does not sign in
	Bearer   string      // an OAuth token instead of a password (rule 65)
	Hello    string      // name we give ourselves
	TLS      *tls.Config // nil trusts what the system trusts
}

// AuthError is a sign-in that the server refused; its text is the server's.
type AuthError struct{ err error }

func (e *AuthError) Error() string { return Said(e.err) }
func (e *AuthError) Unwrap() error { return e.err }

// Conn is a signed-in connection to a submission server. go-mail's own Send
// holds a mail four times in memory and refuses all recipients for one; this
// uses only its protocol client.
type Conn struct {
	client *smtp.Client
	raw    net.Conn
	stop   func() bool
	dead   atomic.Bool
	undsn  bool // it says that it knows DSN, and does not
}

// Dial connects, secures the line as the account says, and signs in. Closing
// the raw connection is what ends everything when ctx does.
func Dial(ctx context.Context, a Account, limit time.Duration) (*Conn, error) {
	conf := a.TLS.Clone()
	if conf == nil {
		conf = &tls.Config{}
	}
	if conf.ServerName == "" {
		conf.ServerName = a.Host
	}
	conf.MinVersion = max(conf.MinVersion, tls.VersionTLS12)

	s := &Conn{}
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		raw, err := outward.Network.Dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		s.raw = raw
		if a.Security != schema.SecurityTLS && a.Security != "" {
			return raw, nil
		}
		secure := tls.Client(raw, conf)
		return secure, secure.HandshakeContext(ctx)
	}
	policy := gomail.NoTLS // the line is secured by dial, or not at all as the owner chose
	if a.Security == schema.SecurityStartTLS {
		policy = gomail.TLSMandatory
	}
	helo := a.Hello
	if helo == "" {
		helo = "localhost"
	}
	client, err := gomail.NewClient(a.Host, gomail.WithPort(a.Port), gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(conf),
		gomail.WithTimeout(limit), gomail.WithHELO(helo), gomail.WithDialContextFunc(dial), gomail.WithoutNoop(), gomail.WithoutSMTPUTF8())
	if err != nil {
		return nil, err
	}
	s.client, err = client.DialToSMTPClientWithContext(ctx)
	if err == nil {
		s.stop = context.AfterFunc(ctx, func() { s.dead.Store(true); s.raw.Close() })
		err = s.signIn(a, limit)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// signIn uses the strongest usual way the server offers. Without TLS only the
// owner's explicit choice gets here.
func (s *Conn) signIn(a Account, limit time.Duration) error {
	if a.Password == "" && a.Bearer == "" {
		return nil
	}
	if err := s.client.UpdateDeadline(limit); err != nil {
		return err
	}
	offered, line := s.client.Extension("AUTH")
	if !offered {
		return &AuthError{errors.New("the server offers no sign-in here")}
	}
	ways := strings.Fields(strings.ToUpper(line))
	open := a.Security == schema.SecurityNone
	var auth smtp.Auth
	switch {
	case a.Bearer != "" && slices.Contains(ways, "XOAUTH2"):
		auth = smtp.XOAuth2Auth(a.Login, a.Bearer)
	case a.Bearer != "":
		return &AuthError{fmt.Errorf("the server does not take OAuth tokens, only %s", line)}
	case open && slices.Contains(ways, "SCRAM-SHA-256"):
		auth = smtp.ScramSHA256Auth(a.Login, a.Password)
	case open && slices.Contains(ways, "CRAM-MD5"):
		auth = smtp.CRAMMD5Auth(a.Login, a.Password)
	case slices.Contains(ways, "PLAIN"):
		auth = smtp.PlainAuth("", a.Login, a.Password, a.Host, open)
	case slices.Contains(ways, "LOGIN"):
		auth = smtp.LoginAuth(a.Login, a.Password, a.Host, open)
	case slices.Contains(ways, "SCRAM-SHA-256"):
		auth = smtp.ScramSHA256Auth(a.Login, a.Password)
	case slices.Contains(ways, "CRAM-MD5"):
		auth = smtp.CRAMMD5Auth(a.Login, a.Password)
	default:
		return &AuthError{fmt.Errorf("the server offers only %s", line)}
	}
	err := s.client.Auth(auth)
	var answer *textproto.Error
	if errors.As(err, &answer) && answer.Code >= 500 {
		return &AuthError{err}
	}
	return err
}

// Reset makes a used connection ready for the next mail, and shows whether it
// still stands (rule 64).
func (s *Conn) Reset(limit time.Duration) error {
	if s.dead.Load() {
		return net.ErrClosed
	}
	if err := s.client.UpdateDeadline(limit); err != nil {
		return err
	}
	return s.client.Reset()
}

// Quit says goodbye; what the server answers changes nothing (P3).
func (s *Conn) Quit() {
	if err := s.client.UpdateDeadline(2 * time.Second); err == nil {
		_ = s.client.Quit()
	}
	s.Close()
}

// Close ends the connection without waiting.
func (s *Conn) Close() {
	if s.stop != nil {
		s.stop()
	}
	if s.raw != nil {
		s.raw.Close()
	}
}

// Stage tells how far a transaction came when it failed.
type Stage int

// Stages of a transaction.
const (
	Before   Stage = iota // the server has no complete mail
	Handed                // all of it was written; only the answer is missing
	Answered              // the server said no
)

// SendError is a transaction that failed.
type SendError struct {
	Stage Stage
	From  bool // it was the sender's address that was refused
	Err   error
}

func (e *SendError) Error() string { return Said(e.Err) }
func (e *SendError) Unwrap() error { return e.Err }

// Code is what the server answered, 0 if it did not (P1).
func (e *SendError) Code() int {
	var answer *textproto.Error
	if errors.As(e.Err, &answer) {
		return answer.Code
	}
	return 0
}

// ErrLetters says that the server cannot send to an address with letters
// beyond a to z (RFC 6531): a no for good that is no fault of the address.
var ErrLetters = errors.New("the server cannot send to addresses with such letters (SMTPUTF8)")

func beyondASCII(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// Result is a transaction that succeeded.
type Result struct {
	Said    string           // the answer to the last dot
	Refused map[string]error // copies that were not accepted
}

// Send transmits one mail; an empty from is the null sender. The connection
// can be used again, after Reset, unless the failure's Stage is Before or
// Handed. The first recipient decides; one refused among the
// others does not keep the rest from getting it (P2). Where the server passes
// delivery reports on, it is given id to name the mail by in each of them, and
// asked to send only the head of the mail back (RFC 3461); "" for neither.
func (s *Conn) Send(from string, to []string, id string, mail []byte, block, dot time.Duration) (Result, *SendError) {
	res := Result{Refused: map[string]error{}}
	step := func(f func() error) *SendError {
		if err := s.client.UpdateDeadline(block); err != nil {
			return &SendError{Stage: Before, Err: err}
		}
		err := f()
		if err == nil {
			return nil
		}
		var answer *textproto.Error
		if errors.As(err, &answer) {
			return &SendError{Stage: Answered, Err: err}
		}
		return &SendError{Stage: Before, Err: err}
	}
	// Said only when it is needed: a relay further on that cannot read it would
	// send the mail back (P7).
	letters := slices.ContainsFunc(to, beyondASCII) || beyondASCII(from)
	if offered, _ := s.client.Extension("SMTPUTF8"); letters && !offered {
		if beyondASCII(to[0]) || beyondASCII(from) {
			return res, &SendError{Stage: Answered, Err: ErrLetters}
		}
		letters = false
		to = slices.DeleteFunc(slices.Clone(to), func(r string) bool {
			if beyondASCII(r) {
				res.Refused[r] = ErrLetters
			}
			return beyondASCII(r)
		})
	}
	s.client.SkipSMTPUTF8(!letters)
	if err := step(func() error { return s.begin(from, id) }); err != nil {
		err.From = true
		return res, err
	}
	for i, r := range to {
		err := step(func() error { return s.client.Rcpt("<" + r + ">") })
		switch {
		case err == nil:
		case i == 0 || err.Stage == Before:
			return res, err
		default:
			res.Refused[r] = err
		}
	}
	if err := step(func() error {
		w, err := s.client.Data()
		if err != nil {
			return err
		}
		for r := bytes.NewReader(mail); r.Len() > 0; {
			if err := s.client.UpdateDeadline(block); err != nil {
				return err
			}
			if _, err := copyBlock(w, r); err != nil {
				return err
			}
		}
		if err := s.client.UpdateDeadline(dot); err != nil {
			return err
		}
		err = w.Close()
		if d, ok := w.(*smtp.DataCloser); ok {
			res.Said = d.ServerResponse()
		}
		var answer *textproto.Error
		if err != nil && !errors.As(err, &answer) {
			return &SendError{Stage: Handed, Err: err}
		}
		return err
	}); err != nil {
		var inner *SendError
		if errors.As(err.Err, &inner) {
			return res, inner
		}
		return res, err
	}
	return res, nil
}

// begin names the sender, and the mail where the server can.
func (s *Conn) begin(from, id string) error {
	s.client.SetDSNMailReturnOption("")
	plain := "<" + from + ">"
	if offered, _ := s.client.Extension("DSN"); !offered || s.undsn || id == "" {
		return s.client.Mail(plain)
	}
	s.client.SetDSNMailReturnOption("HDRS")
	err := s.client.Mail(plain + " ENVID=" + xtext(id))
	var answer *textproto.Error
	if !errors.As(err, &answer) || answer.Code != 501 && answer.Code != 504 && answer.Code != 555 {
		return err
	}
	// It offers what it does not know (RFC 5321 section 4.1.1.11).
	s.undsn = true
	s.client.SetDSNMailReturnOption("")
	return s.client.Mail(plain)
}

// longestID is how long an ENVID may be (RFC 3461 section 4.4).
const longestID = 100

// xtext writes a text as the value of a parameter (RFC 3461 section 4).
func xtext(s string) string {
	var b strings.Builder
	for i := 0; i < len(s) && b.Len() < longestID; i++ {
		if c := s[i]; c > ' ' && c <= '~' && c != '+' && c != '=' {
			b.WriteByte(c)
		} else if b.Len()+3 <= longestID {
			fmt.Fprintf(&b, "+%02X", c)
		} else {
			break
		}
	}
	return b.String()
}

// copyBlock moves at most 64 KB, the unit that one deadline is for (P5).
func copyBlock(w interface{ Write([]byte) (int, error) }, r *bytes.Reader) (int, error) {
	buf := make([]byte, min(64<<10, r.Len()))
	n, err := r.Read(buf)
	if err != nil {
		return 0, err
	}
	return w.Write(buf[:n])
}

// Said is a server's answer in one line, or the error's words.
func Said(err error) string {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return strconv.Itoa(answer.Code) + " " + strings.Join(strings.Fields(answer.Msg), " ")
	}
	for next := err; next != nil; next = errors.Unwrap(next) {
		err = next // the outer ones name packages
	}
	return strings.TrimSpace(err.Error())
}
