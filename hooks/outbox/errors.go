package outbox

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/shohay/shohay/hooks/schema"
)

type permanentError struct{ error }
type uncertainError struct{ error }
type laterError struct {
	error
	after time.Duration
}

func (e permanentError) Unwrap() error { return e.error }
func (e uncertainError) Unwrap() error { return e.error }
func (e laterError) Unwrap() error     { return e.error }

// Permanent marks an error that no later try can mend (SMTP 5xx).
func Permanent(err error) error { return permanentError{err} }

// Uncertain marks a send that may have succeeded (RFC 5321 section 6.1).
func Uncertain(err error) error { return uncertainError{err} }

// Later marks an error that says nothing about this message, such as a wrong
// password: the try does not count and the next comes after the pause.
func Later(err error, after time.Duration) error { return laterError{err, after} }

// pauses before the 2nd, 3rd, … try, about three days in all; after the last
// the row has failed (mail rule 63, RFC 5321 section 4.5.4.1).
var pauses = []time.Duration{
	time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 12 * time.Hour, 12 * time.Hour, 12 * time.Hour, 12 * time.Hour,
}

// maxDoubts is how often a row may be handed over without an answer. A server
// that takes everything and never says so would else deliver a dozen copies.
const maxDoubts = 3

// verdict is what a send error means for the row.
type verdict struct {
	state    string
	delivery string
	after    time.Duration
	count    bool // the try counts
	doubt    bool
}

// judge decides over an error. tries and doubts are those of the row, the
// present one included.
func judge(err error, tries, doubts int) verdict {
	var p permanentError
	var u uncertainError
	var l laterError
	switch {
	case errors.As(err, &l):
		return verdict{state: schema.OutboxQueued, delivery: schema.DeliveryQueued, after: l.after}
	case errors.As(err, &u) && (doubts >= maxDoubts || tries > len(pauses)):
		return verdict{state: schema.OutboxFailed, delivery: schema.DeliveryUncertain, count: true, doubt: true}
	case errors.As(err, &p) || tries > len(pauses):
		return verdict{state: schema.OutboxFailed, delivery: schema.DeliveryFailed, count: true}
	case errors.As(err, &u):
		return verdict{state: schema.OutboxUncertain, delivery: schema.DeliveryUncertain, after: jittered(pauses[tries-1]), count: true, doubt: true}
	}
	return verdict{state: schema.OutboxQueued, delivery: schema.DeliveryQueued, after: jittered(pauses[tries-1]), count: true}
}

// jittered parts rows that failed together, by up to a tenth.
func jittered(d time.Duration) time.Duration { return d + time.Duration(jitter()*float64(d)/10) }

var jitter = rand.Float64
