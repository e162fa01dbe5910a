package limit

import "net/netip"

// Network is what one customer has of addresses: an IPv4 address, or the /64
// that an IPv6 line is given.
func Network(address string) string {
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
