package auth

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// Limits of a signature check. They keep what a sender may cost: the key and
// the fields are theirs to choose.
const (
	maxHead       = 256 << 10
	maxHeadLines  = 1000
	maxSignatures = 3       // of the From domain
	maxSignature  = 8 << 10 // bytes of one DKIM-Signature field
	maxSigned     = 200     // names in its h=
	maxRecord     = 4 << 10 // bytes of a key record; an RSA key of 16,384 bits has 2,900
	piece         = 1 << 20 // bytes handed to the hash at a time
)

// head is a mail's header as a DKIM verifier reads it.
type head struct {
	fields []headField
	body   int  // where the body begins
	whole  bool // it ended with an empty line, within the limits
	odd    bool // a line of blanks only: some readers take it for the end
}

type headField struct {
	name string // lower case
	raw  []byte // with its folds and line ends
}

// readHead cuts the header into fields: lines that begin with a blank continue
// the one before, and only an empty line ends it (RFC 5322 2.1).
func readHead(raw []byte) head {
	var h head
	pos, lines := 0, 0
	for pos < len(raw) {
		end := bytes.IndexByte(raw[pos:], '\n')
		if end < 0 {
			return h
		}
		next := pos + end + 1
		line := bytes.TrimSuffix(raw[pos:next-1], []byte("\r"))
		if len(line) == 0 {
			h.body, h.whole = next, true
			return h
		}
		if lines++; lines > maxHeadLines || next > maxHead {
			return h
		}
		if len(bytes.Trim(line, " \t\r\v\f")) == 0 {
			h.odd = true
		}
		if n := len(h.fields); n > 0 && (line[0] == ' ' || line[0] == '\t') {
			f := &h.fields[n-1]
			f.raw = f.raw[:len(f.raw)+next-pos] // the next line lies right behind
		} else {
			name, _, _ := bytes.Cut(line, []byte(":"))
			h.fields = append(h.fields, headField{strings.ToLower(string(bytes.TrimSpace(name))), raw[pos:next]})
		}
		pos = next
	}
	return h
}

// once are the fields that decide what of a mail is seen. A second one is how
// something else is shown than what was signed.
var once = []string{"from", "subject", "date", "reply-to", "content-type", "content-transfer-encoding"}

// agrees says whether the header reads the same to a verifier as to the parser
// that made m: it ends in the same place, holds one From, and that From names
// the sender we show.
func (h head) agrees(m *mime.Mail) bool {
	if !h.whole || h.odd {
		return false
	}
	count := map[string]int{}
	var from []byte
	for _, f := range h.fields {
		count[f.name]++
		if f.name == "from" {
			from = f.raw
		}
	}
	for _, name := range once {
		if count[name] > 1 {
			return false
		}
	}
	if count["from"] != 1 || m.From.Addr == "" {
		return false
	}
	return mime.Parse(append(bytes.Clone(from), "\r\n"...)).From.Addr == m.From.Addr
}

// signature is what came of a mail's signatures of one domain.
type signature struct {
	state  string // "pass", "fail", "none", "unknown" (it could not be checked)
	domain string // d= of the one that counts
}

// checkSignatures verifies the signatures that are aligned with the From
// domain. A signature that does not fit the mail is a failure; one whose key
// is gone, that has expired or that covers only a part of the body proves
// nothing either way, as if it were not there.
func checkSignatures(ctx context.Context, h head, raw []byte, from string, lookup func(context.Context, string) ([]string, error)) signature {
	best := signature{state: "none"}
	tried := 0
	for i, f := range h.fields {
		if f.name != "dkim-signature" || len(f.raw) > maxSignature || bytes.Count(f.raw, []byte(":")) > maxSigned {
			continue
		}
		domain := asciiDomain(tag(string(f.raw), "d"))
		if !aligned(domain, from) {
			continue
		}
		if tried++; tried > maxSignatures {
			break
		}
		switch state := verifyOne(ctx, h, i, raw, lookup); {
		case state == "pass":
			// Of two good ones the one of the domain itself counts more.
			if best.state != "pass" || domain == from {
				best = signature{state, domain}
			}
		case best.state == "pass", best.state == "fail":
		case state == "fail", state == "unknown":
			best = signature{state, domain}
		}
	}
	return best
}

// verifyOne verifies the signature at field i. The signatures above it are
// left out, so that the library checks exactly one, in this goroutine.
func verifyOne(ctx context.Context, h head, i int, raw []byte, lookup func(context.Context, string) ([]string, error)) string {
	src := &pieces{ctx: ctx}
	for j, f := range h.fields {
		if j >= i || f.name != "dkim-signature" {
			src.rest = append(src.rest, f.raw)
		}
	}
	src.rest = append(src.rest, []byte("\r\n"), raw[h.body:])

	gone := false // the key is not there, or is none
	found, err := dkim.VerifyWithOptions(src, &dkim.VerifyOptions{MaxVerifications: 1, LookupTXT: func(name string) ([]string, error) {
		texts, err := lookup(ctx, name)
		var dns *net.DNSError
		if notFound(err, &dns) {
			gone = true
		}
		for _, t := range texts {
			if len(t) > maxRecord {
				gone = true
				return nil, errors.New("the record is too long")
			}
		}
		if err != nil && !gone {
			return nil, unavailable{err}
		}
		return texts, err
	}})
	if err != nil && !errors.Is(err, dkim.ErrTooManySignatures) || len(found) != 1 {
		return "unknown"
	}
	err = found[0].Err
	switch {
	case err == nil:
		return "pass"
	case dkim.IsTempFail(err):
		return "unknown"
	case dkim.IsPermFail(err), strings.Contains(err.Error(), "body length"):
		return "none" // no key, expired, malformed, too weak, or of a part only
	}
	return "fail"
}

// unavailable makes the library see a lookup error as a passing one.
type unavailable struct{ error }

func (unavailable) Timeout() bool   { return true }
func (unavailable) Temporary() bool { return true }

func notFound(err error, dns **net.DNSError) bool {
	return err != nil && errors.As(err, dns) && (*dns).IsNotFound
}

// tag reads a tag of a DKIM-Signature field, without blanks.
func tag(field, name string) string {
	_, value, _ := strings.Cut(field, ":")
	for t := range strings.SplitSeq(value, ";") {
		k, v, ok := strings.Cut(t, "=")
		if ok && strings.TrimSpace(k) == name {
			return strings.Join(strings.Fields(v), "")
		}
	}
	return ""
}

// pieces reads slices one after the other. The canonicaliser behind it copies
// what it holds back with every write, so it gets large ones.
type pieces struct {
	ctx  context.Context
	rest [][]byte
}

func (p *pieces) Read(b []byte) (int, error) {
	for len(p.rest) > 0 {
		if len(p.rest[0]) == 0 {
			p.rest = p.rest[1:]
			continue
		}
		n := copy(b, p.rest[0])
		p.rest[0] = p.rest[0][n:]
		return n, p.ctx.Err()
	}
	return 0, io.EOF
}

// WriteTo is what the library's copying uses.
func (p *pieces) WriteTo(w io.Writer) (int64, error) {
	var total int64
	for len(p.rest) > 0 {
		if err := p.ctx.Err(); err != nil {
			return total, err
		}
		b := p.rest[0]
		if len(b) > piece {
			b = b[:piece]
		}
		n, err := w.Write(b)
		total += int64(n)
		if err != nil {
			return total, err
		}
		if p.rest[0] = p.rest[0][n:]; len(p.rest[0]) == 0 {
			p.rest = p.rest[1:]
		}
	}
	return total, nil
}
