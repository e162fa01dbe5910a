package form

import (
	"crypto/rand"
	"crypto/sha256"
	"strconv"
	"strings"
	"time"

	"github.com/shohay/shohay/hooks/settings"
)

// Ages of a page when its form comes back.
const (
	TooQuick = 2 * time.Second
	TooOld   = 3 * 24 * time.Hour
)

// Trap is the name of a field that people do not see; machines fill it in.
const Trap = "leave_empty"

// NewStamp makes the hidden field of a page: id, time and signature.
func NewStamp(keys *settings.Keys, now time.Time) string {
	id, at := strings.ToLower(rand.Text()), strconv.FormatInt(now.UnixMilli(), 36)
	return id + "." + at + "." + keys.MAC(settings.PurposeForm, id, at)
}

// CheckStamp returns the catalogue key of what is wrong with a stamp, "" if
// nothing is.
func CheckStamp(keys *settings.Keys, stamp string, now time.Time) string {
	id, rest, _ := strings.Cut(stamp, ".")
	at, mac, _ := strings.Cut(rest, ".")
	made, err := strconv.ParseInt(at, 36, 64)
	if err != nil || !keys.Check(mac, settings.PurposeForm, id, at) {
		return "portal.error_old"
	}
	switch age := now.Sub(time.UnixMilli(made)); {
	case age < TooQuick:
		return "portal.error_quick"
	case age > TooOld:
		return "portal.error_old"
	}
	return ""
}

// ID is the random part of a stamp, which tells one page from another.
func ID(stamp string) string {
	id, _, _ := strings.Cut(stamp, ".")
	return id
}

// workBits is how many zero bits the hash of a stamp's id and the number found
// begin with: a moment for a browser, a cost for who asks by the thousand.
const workBits = 12

// Work tells whether the sender's browser has computed for a stamp. It is
// never asked for; who has done it may ask more often.
func Work(stamp, work string) bool {
	id := ID(stamp)
	if id == "" || work == "" || len(work) > 20 {
		return false
	}
	sum := sha256.Sum256([]byte(id + ":" + work))
	return sum[0] == 0 && sum[1]>>(16-workBits) == 0
}
