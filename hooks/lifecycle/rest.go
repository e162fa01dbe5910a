package lifecycle

import (
	"context"
	"time"
)

// Rest pauses so that others get on: between two pieces of long work. It
// returns false when it is time to stop.
func Rest(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}
