package mailtest

import (
	"errors"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-sasl"
)

// Token is the OAuth access token that both servers take.
const Token = "mail-access-token"

const xoauth2 = "XOAUTH2"

// tokenServer is the server's side of XOAUTH2.
type tokenServer struct {
	ok   func() error
	told bool
}

func (t *tokenServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if t.told { // the client has answered the challenge with nothing
		return nil, true, errors.New("invalid credentials")
	}
	if response == nil {
		return []byte{}, false, nil
	}
	if string(response) == "user="+Login+"\x01auth=Bearer "+Token+"\x01\x01" {
		return nil, true, t.ok()
	}
	t.told = true
	return []byte(`{"status":"401","schemes":"Bearer"}`), false, nil
}

// tokenSession lets a client sign in with the token.
type tokenSession struct{ imapserver.SessionIMAP4rev2 }

func (s *tokenSession) AuthenticateMechanisms() []string { return []string{sasl.Plain, xoauth2} }

func (s *tokenSession) Authenticate(mech string) (sasl.Server, error) {
	signIn := func() error { return s.Login(Login, Password) }
	if mech == xoauth2 {
		return &tokenServer{ok: signIn}, nil
	}
	return sasl.NewPlainServer(func(_, username, password string) error { return s.Login(username, password) }), nil
}

// Count is how many mails a folder holds; 0 if there is no such folder.
func (s *IMAP) Count(folder string) int {
	data, err := s.user.Status(folder, &imap.StatusOptions{NumMessages: true})
	if err != nil || data.NumMessages == nil {
		return 0
	}
	return int(*data.NumMessages)
}

// SignedIn is how the last client signed in.
func (s *SMTP) SignedIn() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.way
}

// Forward hands what is taken on, as a delivering server does.
func (s *SMTP) Forward(to func(raw string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onward = to
}
