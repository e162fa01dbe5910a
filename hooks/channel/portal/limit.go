package portal

import (
	"net/netip"
	"sync"
	"time"
)

// One network address may ask burst questions at once and one more every
// refill. Whole villages share an address at some phone companies, so it is
// meant for machines, not for people.
const (
	burst  = 10
	refill = 30 * time.Second
	most   = 20_000 // addresses remembered
)

// limit is a token bucket for each address, kept as the time at which the
// bucket would be full again (the generic cell rate algorithm).
type limit struct {
	mu   sync.Mutex
	full map[string]time.Time
}

func newLimit() *limit { return &limit{full: map[string]time.Time{}} }

// take returns zero if the address may ask now, else how long it has to wait.
func (l *limit) take(address string, now time.Time) time.Duration {
	key := network(address)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.full) >= most {
		l.forget(now)
	}
	full := l.full[key]
	if full.Before(now) {
		full = now
	}
	if wait := full.Add(refill).Sub(now) - burst*refill; wait > 0 {
		return wait
	}
	l.full[key] = full.Add(refill)
	return 0
}

func (l *limit) forget(now time.Time) {
	for key, full := range l.full {
		if full.Before(now) {
			delete(l.full, key)
		}
	}
	if len(l.full) >= most {
		clear(l.full) // a flood from everywhere: remembering it would cost more than it stops
	}
}

// network is what one customer has of addresses: an IPv4 address, or the /64
// that an IPv6 line is given.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap(); ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}
