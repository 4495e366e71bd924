package middleware

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// PeerIP returns the address that a request's connection comes from, without the
// port; behind a proxy it is that of the proxy. Over a unix socket there is none,
// and it is the zero Addr. An IPv4 address that came over IPv6 is returned as IPv4.
func PeerIP(req raxx.Request) netip.Addr {
	if ap, err := netip.ParseAddrPort(req.Peer.Address); err == nil {
		return ap.Addr().Unmap()
	}
	ip, err := netip.ParseAddr(req.Peer.Address)
	if err != nil {
		return netip.Addr{}
	}
	return ip.Unmap()
}

// A peerTrust says whose word is taken.
type peerTrust struct {
	prefixes []netip.Prefix
	unix     bool
}

// newPeerTrust panics if a prefix could never contain an address as [PeerIP] and
// forwardedIP return them.
func newPeerTrust(user string, prefixes []netip.Prefix, unix bool) peerTrust {
	for _, p := range prefixes {
		if !p.IsValid() {
			panic(fmt.Sprintf("middleware: %s trusts the prefix %v, which is not valid", user, p))
		}
		if p.Addr().Is4In6() {
			panic(fmt.Sprintf("middleware: %s trusts %v: write the prefix as one of IPv4", user, p))
		}
	}
	return peerTrust{slices.Clone(prefixes), unix}
}

func (t *peerTrust) empty() bool { return len(t.prefixes) == 0 && !t.unix }

// peer reports whether the connection of req comes from somebody trusted.
func (t *peerTrust) peer(req *raxx.Request) bool {
	if t.empty() {
		return false
	}
	ip := PeerIP(*req)
	if !ip.IsValid() {
		return t.unix && isUnixPeer(req.Peer.Address)
	}
	return t.ip(ip)
}

// isUnixPeer reports whether the address is that of a client on a unix socket,
// which nearly always has no name.
func isUnixPeer(address string) bool {
	return address == "" || address[0] == '@' || address[0] == '/'
}

func (t *peerTrust) ip(ip netip.Addr) bool {
	ip = ip.WithZone("")
	for _, p := range t.prefixes {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// forwardedIP reads an address that a proxy wrote: with or without a port, and with
// or without the brackets of IPv6. A zone means nothing on another machine, so an
// address that has one is refused.
func forwardedIP(s string) (netip.Addr, bool) {
	ip, err := netip.ParseAddr(s)
	if err != nil && len(s) > 2 && s[0] == '[' && s[len(s)-1] == ']' {
		ip, err = netip.ParseAddr(s[1 : len(s)-1])
		if err == nil && ip.Is4() {
			return netip.Addr{}, false
		}
	}
	if err != nil {
		var ap netip.AddrPort
		ap, err = netip.ParseAddrPort(s)
		ip = ap.Addr()
	}
	if err != nil || ip.Zone() != "" || ip.IsUnspecified() {
		return netip.Addr{}, false
	}
	return ip.Unmap(), true
}
