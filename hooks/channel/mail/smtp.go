package mail

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

	"github.com/shohay/shohay/hooks/schema"
	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// account is a submission server and how to sign in.
type account struct {
	host, security, login, password, helo string
	port                                  int
	tls                                   *tls.Config
}

// authError is a sign-in that the server refused; its text is the server's.
type authError struct{ err error }

func (e *authError) Error() string { return said(e.err) }
func (e *authError) Unwrap() error { return e.err }

// sender is a signed-in connection to a submission server. go-mail's own Send
// holds a mail four times in memory and refuses all recipients for one; this
// uses only its protocol client.
type sender struct {
	client *smtp.Client
	raw    net.Conn
	stop   func() bool
	dead   atomic.Bool
}

// connect dials, secures the line as the account says, and signs in. Closing
// the raw connection is what ends everything when ctx does.
func connect(ctx context.Context, a account, limit time.Duration) (*sender, error) {
	conf := a.tls.Clone()
	if conf == nil {
		conf = &tls.Config{}
	}
	if conf.ServerName == "" {
		conf.ServerName = a.host
	}
	conf.MinVersion = max(conf.MinVersion, tls.VersionTLS12)

	s := &sender{}
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		raw, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		s.raw = raw
		if a.security != schema.SecurityTLS && a.security != "" {
			return raw, nil
		}
		secure := tls.Client(raw, conf)
		return secure, secure.HandshakeContext(ctx)
	}
	policy := gomail.NoTLS // the line is secured by dial, or not at all as the owner chose
	if a.security == schema.SecurityStartTLS {
		policy = gomail.TLSMandatory
	}
	helo := a.helo
	if helo == "" {
		helo = "localhost"
	}
	client, err := gomail.NewClient(a.host, gomail.WithPort(a.port), gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(conf),
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
		s.close()
		return nil, err
	}
	return s, nil
}

// signIn uses the strongest usual way the server offers. Without TLS only the
// owner's explicit choice gets here.
func (s *sender) signIn(a account, limit time.Duration) error {
	if a.password == "" {
		return nil
	}
	if err := s.client.UpdateDeadline(limit); err != nil {
		return err
	}
	offered, line := s.client.Extension("AUTH")
	if !offered {
		return &authError{errors.New("the server offers no sign-in here")}
	}
	ways := strings.Fields(strings.ToUpper(line))
	open := a.security == schema.SecurityNone
	var auth smtp.Auth
	switch {
	case open && slices.Contains(ways, "SCRAM-SHA-256"):
		auth = smtp.ScramSHA256Auth(a.login, a.password)
	case open && slices.Contains(ways, "CRAM-MD5"):
		auth = smtp.CRAMMD5Auth(a.login, a.password)
	case slices.Contains(ways, "PLAIN"):
		auth = smtp.PlainAuth("", a.login, a.password, a.host, open)
	case slices.Contains(ways, "LOGIN"):
		auth = smtp.LoginAuth(a.login, a.password, a.host, open)
	case slices.Contains(ways, "SCRAM-SHA-256"):
		auth = smtp.ScramSHA256Auth(a.login, a.password)
	case slices.Contains(ways, "CRAM-MD5"):
		auth = smtp.CRAMMD5Auth(a.login, a.password)
	default:
		return &authError{fmt.Errorf("the server offers only %s", line)}
	}
	err := s.client.Auth(auth)
	var answer *textproto.Error
	if errors.As(err, &answer) && answer.Code >= 500 {
		return &authError{err}
	}
	return err
}

func (s *sender) close() {
	if s.stop != nil {
		s.stop()
	}
	if s.raw != nil {
		s.raw.Close()
	}
}

// stage tells how far a transaction came when it failed.
type stage int

const (
	before   stage = iota // the server has no complete mail
	handed                // all of it was written; only the answer is missing
	answered              // the server said no
)

// sendError is a transaction that failed.
type sendError struct {
	stage stage
	err   error
}

func (e *sendError) Error() string { return said(e.err) }
func (e *sendError) Unwrap() error { return e.err }

// code is what the server answered, 0 if it did not (P1).
func (e *sendError) code() int {
	var answer *textproto.Error
	if errors.As(e.err, &answer) {
		return answer.Code
	}
	return 0
}

// result is a transaction that succeeded.
type result struct {
	said    string           // the answer to the last dot
	refused map[string]error // copies that were not accepted
}

// transmit sends one mail. The first recipient decides; one refused among the
// others does not keep the rest from getting it (P2).
func (s *sender) transmit(from string, to []string, mail []byte, block, dot time.Duration) (result, *sendError) {
	res := result{refused: map[string]error{}}
	step := func(f func() error) *sendError {
		if err := s.client.UpdateDeadline(block); err != nil {
			return &sendError{before, err}
		}
		err := f()
		if err == nil {
			return nil
		}
		var answer *textproto.Error
		if errors.As(err, &answer) {
			return &sendError{answered, err}
		}
		return &sendError{before, err}
	}
	if err := step(func() error { return s.client.Mail("<" + from + ">") }); err != nil {
		return res, err
	}
	for i, r := range to {
		err := step(func() error { return s.client.Rcpt("<" + r + ">") })
		switch {
		case err == nil:
		case i == 0 || err.stage == before:
			return res, err
		default:
			res.refused[r] = err
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
			res.said = d.ServerResponse()
		}
		var answer *textproto.Error
		if err != nil && !errors.As(err, &answer) {
			return &sendError{handed, err}
		}
		return err
	}); err != nil {
		var inner *sendError
		if errors.As(err.err, &inner) {
			return res, inner
		}
		return res, err
	}
	// What follows the server's yes changes nothing (P3).
	if err := s.client.UpdateDeadline(5 * time.Second); err == nil {
		_ = s.client.Quit()
	}
	return res, nil
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

// said is a server's answer in one line, or the error's words.
func said(err error) string {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return strconv.Itoa(answer.Code) + " " + strings.Join(strings.Fields(answer.Msg), " ")
	}
	return lastWords(err)
}
