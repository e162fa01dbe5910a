package notice

import (
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
)

// Notice is what a push says.
type Notice = notice

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
