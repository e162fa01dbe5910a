package notice

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"github.com/shohay/shohay/hooks/outward"
)

const maxEndpoint = 1000

var errEndpoint = errors.New("this is not the address of a push service")

// checkEndpoint looks at an address that a browser gives us to send to.
// Whoever may sign in could otherwise make this server knock at its own doors;
// names that lead inside are refused when they are dialled.
func checkEndpoint(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || len(raw) > maxEndpoint || u.Scheme != "https" || u.User != nil || u.Fragment != "" || u.Hostname() == "" || u.Opaque != "" {
		return nil, errEndpoint
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if ip, err := netip.ParseAddr(host); err == nil && !outward.Public(ip) {
		return nil, errEndpoint
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".internal") {
		return nil, errEndpoint
	}
	return u, nil
}
