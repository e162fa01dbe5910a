package watchdog

import (
	"context"
	"time"
)

// DoKey is the key of what to do about a finding.
func DoKey(code string) string { return doKey(code) }

// Begin reads what is remembered, as the loop does first.
func (room *Room) Begin(up time.Time) {
	room.mu.Lock()
	room.up = up
	room.mu.Unlock()
	room.begin()
}

// LookAt looks as if it were then.
func (room *Room) LookAt(at time.Time) {
	room.now = func() time.Time { return at }
	room.look()
}

// Post mails what is owed.
func (room *Room) Post(ctx context.Context) error { return room.mailOwed(ctx) }

// OwnCertificates reads autocert's folder.
func OwnCertificates(dir string) ([]Certificate, error) { return ownCertificates(dir) }

// Handshake asks a server for its certificate.
func Handshake(ctx context.Context, host string) (Certificate, error) { return handshake(ctx, host) }

// Reach replaces the handshake with the public address and looks at the
// certificates.
func (room *Room) Reach(ctx context.Context, f func(ctx context.Context, host string) (Certificate, error)) {
	room.certs.reach = f
	room.lookAtCertificates(ctx)
}
