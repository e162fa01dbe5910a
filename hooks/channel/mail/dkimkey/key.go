package dkimkey

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
	"golang.org/x/net/idna"
)

// Selector is the name of a key in DNS unless the owner chose another one.
const Selector = "shohay"

// bits is what every verifier must accept and none calls weak (RFC 8301 3.2);
// a longer one does not fit into one DNS packet.
const bits = 2048

// Key is a private key.
type Key struct{ private *rsa.PrivateKey }

// New makes a key. It takes a fraction of a second.
func New() (*Key, error) {
	private, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return &Key{private}, nil
}

// PEM is the key for storing; whoever has it signs in the shop's name, so it
// is kept sealed.
func (k *Key) PEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return nil, fmt.Errorf("write the key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

var errKey = errors.New("this is no RSA key of 1024 bits or more in PEM form")

// Read reads a stored key, or one that the owner brings along.
func Read(text []byte) (*Key, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errKey
	}
	var private *rsa.PrivateKey
	if any, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		private, _ = any.(*rsa.PrivateKey)
	} else if private, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
		return nil, errKey
	}
	if private == nil || private.N.BitLen() < 1024 || private.N.BitLen() > 4096 {
		return nil, errKey
	}
	return &Key{private}, nil
}

// public is the public key as DNS holds it.
func (k *Key) public() string {
	der, err := x509.MarshalPKIXPublicKey(&k.private.PublicKey)
	if err != nil {
		panic(err) // an RSA key always has a form
	}
	return base64.StdEncoding.EncodeToString(der)
}

// Record is what the owner publishes in DNS.
type Record struct {
	Name  string   // shohay._domainkey.example.com
	Host  string   // the name as most providers ask for it, without the domain
	Type  string   // TXT
	Value string   // in one piece
	Parts []string // the same in pieces of at most 255 characters, for those that ask for them
}

// Record returns the record for a domain. An empty selector is [Selector].
func (k *Key) Record(domain, selector string) Record {
	selector = chosen(selector)
	r := Record{Host: selector + "._domainkey", Type: "TXT", Value: "v=DKIM1; k=rsa; p=" + k.public()}
	r.Name = r.Host + "." + ascii(domain)
	for rest := r.Value; rest != ""; {
		n := min(len(rest), 255)
		r.Parts = append(r.Parts, rest[:n])
		rest = rest[n:]
	}
	return r
}

// Fields that are signed, as RFC 6376 5.4.1 says. Those in twice say that there
// is no second one of them: nobody can put another sender or subject above the
// signed one. Bcc and what servers add on the way are not signed.
var (
	signedTwice = []string{"From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}
	signedOnce  = []string{"Auto-Submitted", "Content-Language", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Precedence", "X-Auto-Response-Suppress"}
)

// Sign returns the mail with a signature on top. raw is what will be sent, to
// the byte; it must not have been signed for the domain before.
func (k *Key) Sign(raw []byte, domain, selector string) ([]byte, error) {
	head := raw
	if i := bytes.Index(raw, []byte("\r\n\r\n")); i >= 0 {
		head = raw[:i+2]
	} else {
		return nil, errors.New("sign: the mail has no end of its header")
	}
	keys := make([]string, 0, 2*len(signedTwice)+len(signedOnce))
	for _, f := range signedTwice {
		for range count(head, f) + 1 {
			keys = append(keys, f)
		}
	}
	for _, f := range signedOnce {
		for range count(head, f) {
			keys = append(keys, f)
		}
	}
	signer, err := dkim.NewSigner(&dkim.SignOptions{
		Domain: ascii(domain), Selector: chosen(selector), Signer: k.private, HeaderKeys: keys,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	_, err = signer.Write(raw)
	if err = errors.Join(err, signer.Close()); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	field := signer.Signature()
	out := make([]byte, 0, len(field)+len(raw))
	return append(append(out, field...), raw...), nil
}

// count counts the fields of a name in a header.
func count(head []byte, name string) int {
	n := 0
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		key, _, ok := bytes.Cut(line, []byte(":"))
		if ok && strings.EqualFold(string(bytes.TrimRight(key, " \t")), name) {
			n++
		}
	}
	return n
}

func chosen(selector string) string {
	if selector == "" {
		return Selector
	}
	return strings.ToLower(selector)
}

func ascii(domain string) string {
	domain = strings.ToLower(strings.Trim(strings.TrimSpace(domain), "."))
	if a, err := idna.Lookup.ToASCII(domain); err == nil {
		return a
	}
	return domain
}
