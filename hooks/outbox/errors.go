package outbox

import (
	"errors"
	"time"
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

// pauses before the 2nd, 3rd, … try; after the last the row has failed
// (mail rule 63, RFC 5321 section 4.5.4.1).
var pauses = []time.Duration{
	time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour,
}

// verdict is what a send error means for the row.
type verdict struct {
	state string
	after time.Duration
	count bool // the try counts
}

// judge decides over an error after the given number of counted tries, the
// present one included.
func judge(err error, tries int, states struct{ queued, uncertain, failed string }) verdict {
	var p permanentError
	var u uncertainError
	var l laterError
	switch {
	case errors.As(err, &l):
		return verdict{states.queued, l.after, false}
	case errors.As(err, &p) || tries > len(pauses):
		return verdict{states.failed, 0, true}
	case errors.As(err, &u):
		return verdict{states.uncertain, pauses[tries-1], true}
	default:
		return verdict{states.queued, pauses[tries-1], true}
	}
}
