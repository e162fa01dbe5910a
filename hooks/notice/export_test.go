package notice

import (
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
)

// Notice is what a push says.
type Notice = notice

// Receiver is a browser that opens pushes.
type Receiver = receiver

// NewReceiver makes one.
func NewReceiver(t testing.TB) *Receiver { return newReceiver(t) }

// Open opens a push.
func (r *receiver) Open(body []byte) ([]byte, error) { return r.open(body) }

// Keys are what a browser gives to us.
func (r *receiver) Keys() (p256dh, auth string) { return r.keys() }

// CheckVAPID verifies a push as a push service does.
func CheckVAPID(header, origin string, now time.Time) error { return checkVAPID(header, origin, now) }

// Reminder returns what looks for waiting conversations and mails with the
// function.
func Reminder(app core.App, mail func(core.App, string, string, letter.Letter) error) func(now time.Time) error {
	return (&Room{app: app, mailPauses: map[string]pause{}, now: time.Now, mail: mail}).look
}

// Device is how a device stands.
func Device(app core.App, id string) (failures int, lastError string, err error) {
	s, err := findSubscription(app, id)
	return s.Failures, s.LastError, err
}
