//go:build !linux && !darwin && !freebsd

package mail

import "errors"

// freeSpace is not known here; the reader then goes on until a write fails,
// which loses nothing either.
func freeSpace(string) (uint64, error) { return 0, errors.ErrUnsupported }
