package certificate

import (
	"bytes"
	"encoding/json/v2"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// said is the way to the issuer. It remembers the last thing that was wrong, in
// the issuer's words: autocert tells that no way of proving worked, not why.
type said struct {
	next http.RoundTripper
	now  func() time.Time

	mu     sync.Mutex
	closed bool
	words  string
	at     time.Time
}

// errStopping ends what autocert still asks when the server stops.
var errStopping = errors.New("the server is stopping")

// answerMost is how much of an answer is read for what was wrong.
const answerMost = 1 << 20

// RoundTrip asks the issuer.
func (s *said) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return nil, errStopping
	}
	answer, err := s.next.RoundTrip(r)
	if err != nil {
		s.note(err.Error())
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, answerMost))
	answer.Body.Close()
	if err != nil {
		s.note(err.Error())
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	if words := problem(answer.StatusCode, body); words != "" {
		s.note(words)
	}
	return answer, nil
}

// problem is what an answer says is wrong (RFC 7807, RFC 8555 section 7.1.4).
func problem(status int, body []byte) string {
	type detail struct {
		Detail string `json:"detail"`
	}
	var p struct {
		Type       string  `json:"type"`
		Detail     string  `json:"detail"`
		Error      *detail `json:"error"`
		Challenges []struct {
			Error *detail `json:"error"`
		} `json:"challenges"`
	}
	known := json.Unmarshal(body, &p) == nil
	switch {
	case known && p.Type == "urn:ietf:params:acme:error:badNonce", status < http.StatusBadRequest && !known:
		return "" // asked again by itself; a certificate
	case status >= http.StatusBadRequest && p.Detail != "":
		return p.Detail
	case status >= http.StatusBadRequest:
		return http.StatusText(status)
	}
	for _, c := range p.Challenges {
		if c.Error != nil {
			return c.Error.Detail
		}
	}
	if p.Error != nil {
		return p.Error.Detail
	}
	return ""
}

func (s *said) note(words string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(words) > 500 {
		words = words[:500]
	}
	s.words, s.at = words, s.now()
}

// since is what was wrong last, "" if that was before t.
func (s *said) since(t time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at.Before(t) {
		return ""
	}
	return s.words
}

func (s *said) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}
