package session

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Authenticator apps know SHA-1, six digits and 30 seconds (RFC 6238); what
// else the standard allows many of them ignore. With the standard library it
// is less than what a library would have to be asked.

const (
	period      = 30
	digits      = 6
	secretBytes = 20
	drift       = 1 // steps that a phone's clock may be off
	codeCount   = 10
)

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

func newSecret() []byte {
	s := make([]byte, secretBytes)
	_, _ = rand.Read(s) // never fails since Go 1.24
	return s
}

func stepAt(t time.Time) int64 { return t.Unix() / period }

// codeAt is the code of a step (RFC 4226, 5.3).
func codeAt(secret []byte, step int64) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	mac := hmac.New(sha1.New, secret)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	n := binary.BigEndian.Uint32(sum[at:at+4]) & 0x7fffffff
	return fmt.Sprintf("%0*d", digits, n%1_000_000)
}

// checkCode returns the step of a code that is good now and later than the one
// that was used last.
func checkCode(secret []byte, code string, now time.Time, last int64) (step int64, ok bool) {
	code = plainDigits(code)
	if len(code) != digits {
		return 0, false
	}
	for d := int64(-drift); d <= drift; d++ {
		s := stepAt(now) + d
		if subtle.ConstantTimeCompare([]byte(codeAt(secret, s)), []byte(code)) == 1 && s > last {
			return s, true
		}
	}
	return 0, false
}

// plainDigits takes out the blanks that apps show between digits, and turns
// Bangla digits into those of the app.
func plainDigits(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '০' && r <= '৯':
			return r - '০' + '0'
		case r == ' ' || r == '-' || r == '\u00a0':
			return -1
		}
		return r
	}, code)
}

// address is what the app reads from the picture.
func address(secret []byte, shop, account string) string {
	shop = strings.TrimSpace(strings.ReplaceAll(shop, ":", " "))
	if r := []rune(shop); len(r) > 16 { // of a Bangla letter nine bytes are drawn, twice
		shop = strings.TrimSpace(string(r[:16]))
	}
	label := url.PathEscape(shop) + ":" + url.PathEscape(account)
	return "otpauth://totp/" + label + "?secret=" + base32Plain.EncodeToString(secret) + "&issuer=" + url.QueryEscape(shop)
}

// alphabet has no letters that look like digits.
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789"

// newCodes are recovery codes: ten letters each, about 49 bits.
func newCodes() []string {
	codes := make([]string, codeCount)
	for i := range codes {
		var b strings.Builder
		for n := range 10 {
			if n == 5 {
				b.WriteByte('-')
			}
			b.WriteByte(alphabet[randomBelow(len(alphabet))])
		}
		codes[i] = b.String()
	}
	return codes
}

func randomBelow(n int) int {
	var b [1]byte
	for {
		_, _ = rand.Read(b[:])
		if int(b[0]) < 256/n*n { // every letter as likely as every other
			return int(b[0]) % n
		}
	}
}

// plainCode is a recovery code as it is compared.
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(code)))
}
