// Package reach connects to the mail servers whose names owners typed.
//
// A server within the shop's own network, or on this machine, is usual and may
// be reached. What is refused, when the connection is made and whatever a name
// service said before, is what belongs to no mail server: the link-local
// addresses under which clouds hand out their secrets, and addresses that are
// none of one machine.
package reach

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
)

// ErrForbidden is the address of no mail server.
var ErrForbidden = errors.New("this address belongs to no mail server")

// Dial connects to host:port over TCP.
func Dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Control: func(_, to string, _ syscall.RawConn) error {
		if !allowed(to) {
			return ErrForbidden
		}
		return nil
	}}
	return d.DialContext(ctx, network, address)
}

// allowed judges the address that a connection is about to be made to.
func allowed(to string) bool {
	at, err := netip.ParseAddrPort(to)
	if err != nil {
		return false
	}
	ip := at.Addr().Unmap()
	return ip.IsLoopback() || ip.IsGlobalUnicast() && ip != netip.AddrFrom4([4]byte{255, 255, 255, 255}) && !secrets.Contains(ip)
}

// secrets is where Amazon's machines of the IPv6 kind find theirs.
var secrets = netip.MustParsePrefix("fd00:ec2::/32")
