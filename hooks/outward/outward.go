package outward

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"time"
)

// ErrForbidden is an address that may not be connected to.
var ErrForbidden = errors.New("this address may not be connected to")

// Reach is how far a connection may go.
type Reach int

const (
	// Internet are public addresses only: for what strangers or devices name.
	Internet Reach = iota
	// Written is the internet for a name; a host of the own network or of this
	// machine only where the owner wrote out its number (or localhost).
	Written
	// Network is the internet, the own network and this machine: for servers
	// that owners name, which stand in their shop as often as not.
	Network
)

// networks that look public and are not, or lead to ones that are not.
var inside = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), // IPv4 behind a translator
	netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("2001:db8::/32"),
}

// secrets is where Amazon's machines of the IPv6 kind find theirs; the IPv4
// kind of every cloud is link-local.
var secrets = netip.MustParsePrefix("fd00:ec2::/32")

// Public tells whether an address is one of the internet.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !Reachable(ip) || ip.IsPrivate() || ip.IsLoopback() || ip.Zone() != "" {
		return false
	}
	for _, n := range inside {
		if n.Contains(ip) {
			return false
		}
	}
	return true
}

// Reachable tells whether an address may belong to a server at all, on the
// internet, in the own network or on this machine.
func Reachable(ip netip.Addr) bool {
	ip = ip.Unmap()
	switch {
	case translated(ip):
		return false
	case ip.IsLoopback():
		return true
	}
	return ip.IsGlobalUnicast() && ip != netip.AddrFrom4([4]byte{255, 255, 255, 255}) && !secrets.Contains(ip)
}

// translated are IPv6 addresses that stand for an IPv4 one that may not be
// reached itself.
func translated(ip netip.Addr) bool {
	if !netip.MustParsePrefix("64:ff9b::/96").Contains(ip) {
		return false
	}
	b := ip.As16()
	return !Public(netip.AddrFrom4([4]byte(b[12:])))
}

// Named is the number that a host is given by; localhost is one.
func Named(host string) (netip.Addr, bool) {
	if strings.EqualFold(host, "localhost") {
		return netip.MustParseAddr("127.0.0.1"), true
	}
	ip, err := netip.ParseAddr(host)
	return ip.Unmap(), err == nil
}

// Allows tells whether a connection to host that goes to ip is allowed.
func (r Reach) Allows(host string, ip netip.Addr) bool {
	ip = ip.Unmap()
	switch r {
	case Network:
		return Reachable(ip)
	case Written:
		if literal, ok := Named(host); ok {
			return Reachable(ip) && (ip == literal || literal.IsLoopback() && ip.IsLoopback())
		}
	}
	return Public(ip)
}

// Dial connects to host:port, if the address it leads to is allowed.
func (r Reach) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrForbidden, address)
	}
	d := net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second, ControlContext: func(_ context.Context, _, to string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(to)
		if err != nil || !r.Allows(host, at.Addr()) {
			return fmt.Errorf("%w: %s leads to %s", ErrForbidden, host, to)
		}
		return nil
	}}
	return d.DialContext(ctx, network, address)
}

// Leads looks a host up and tells whether every address it leads to is allowed,
// for what dials by itself and can only be asked before. A name that leads
// elsewhere a moment later gets around it, so whatever can, uses Dial.
func (r Reach) Leads(ctx context.Context, host string) error {
	if ip, ok := Named(host); ok {
		if !r.Allows(host, ip) {
			return fmt.Errorf("%w: %s", ErrForbidden, host)
		}
		return nil
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return err
	}
	for _, ip := range ips {
		if !r.Allows(host, ip) {
			return fmt.Errorf("%w: %s leads to %s", ErrForbidden, host, ip)
		}
	}
	return nil
}

// Client is one for requests that go so far. It follows no redirects, asks no
// proxy, and gives up after the time.
func (r Reach) Client(limit time.Duration) *http.Client {
	return &http.Client{
		Timeout: limit,
		Transport: &http.Transport{
			DialContext: r.Dial, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: limit,
			MaxIdleConns: 8, MaxIdleConnsPerHost: 2, IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Default guards the transport that everything uses which brings no client:
// PocketBase's storage, providers' keys, certificates. Redirects are followed
// there, each to an address that is judged anew.
var Default = sync.OnceFunc(func() {
	if t, ok := http.DefaultTransport.(*http.Transport); ok {
		t.DialContext = Network.Dial
	}
})
