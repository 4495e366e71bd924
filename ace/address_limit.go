package ace

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// Errors of the limits that keep connections out. Trace events have them.
var (
	// ErrConnectionLimit: there are as many connections as
	// [Config.MaxConnections] allows, and the next one has to wait.
	ErrConnectionLimit = errors.New("ace: as many connections as are allowed")
	// ErrAddressLimit: there are as many connections from this address as
	// [Config.MaxConnectionsPerAddress] allows, and the next one was closed.
	ErrAddressLimit = errors.New("ace: as many connections from this address as are allowed")
)

// An addressLimit bounds how many connections there are at once from one
// address. It holds a number for each address that has one, and nothing for
// those that have left.
type addressLimit struct {
	most int
	free []netip.Prefix // addresses that are not counted; nil: see isNear

	mu    sync.Mutex
	sites map[netip.Addr]*site
}

// A site is where connections come from that are counted together.
type site struct {
	addr  netip.Addr
	count int // guarded by addressLimit.mu
}

// enter counts a connection from ip, unless there are too many. The site is for
// leave; it is nil if the address is not counted.
func (l *addressLimit) enter(ip netip.Addr) (*site, bool) {
	ip = ip.Unmap().WithZone("")
	if !ip.IsValid() || l.isFree(ip) {
		return nil, true
	}
	addr := siteOf(ip)
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.sites[addr]
	if s == nil {
		s = &site{addr: addr}
	}
	if s.count >= l.most {
		return nil, false
	}
	if s.count++; s.count == 1 {
		if l.sites == nil {
			l.sites = make(map[netip.Addr]*site)
		}
		l.sites[addr] = s
	}
	return s, true
}

// leave takes back what enter counted.
func (l *addressLimit) leave(s *site) {
	if s == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.count--; s.count == 0 {
		delete(l.sites, s.addr)
	}
}

// siteOf returns what counts as one address. A site on IPv6 has a network of 64
// bits at least (RFC 6177), and a client as many addresses of it as it likes.
func siteOf(ip netip.Addr) netip.Addr {
	if ip.Is4() {
		return ip
	}
	return netip.PrefixFrom(ip, 64).Masked().Addr()
}

func (l *addressLimit) isFree(ip netip.Addr) bool {
	if l.free == nil {
		return isNear(ip)
	}
	return slices.ContainsFunc(l.free, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// isNear reports whether ip belongs to no site of its own, but to this machine
// or the networks around it. That is where proxies stand.
func isNear(ip netip.Addr) bool {
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || sharedSpace.Contains(ip)
}

// sharedSpace is what RFC 6598 gives to providers, for use between their own
// machines.
var sharedSpace = netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10)

// ipOf returns the IP address of addr, if it has one.
func ipOf(addr net.Addr) netip.Addr {
	if addr, ok := addr.(interface{ AddrPort() netip.AddrPort }); ok {
		return addr.AddrPort().Addr()
	}
	return netip.Addr{}
}

// peerText returns the address of a peer as text.
func peerText(addr net.Addr) string {
	if addr, ok := addr.(*net.UnixAddr); ok {
		return unixPeer(addr.Name)
	}
	return addr.String()
}

// unixPeer returns the name of a client on a unix socket. A relative one is left
// out: clients choose it, and it could read like the IP address of somebody else.
func unixPeer(name string) string {
	if name == "" || name[0] == '/' || name[0] == '@' {
		return name
	}
	return ""
}

// tellRefused tells of a connection that was refused.
func (e *endpoint) tellRefused(peer string) {
	tellSafely(e.server.config.Trace.ConnectionRefused, ConnectionEvent{
		Endpoint: e.name, Peer: raxx.Peer{Address: peer}, Opened: time.Now(), Err: ErrAddressLimit,
	})
}

// admit counts the connection of a client whose address a proxy has told.
func (w *worker) admit(client net.Addr) error {
	w.learn(func() { w.peer = peerText(client) })
	from, ok := w.server.addresses.enter(ipOf(client))
	if !ok {
		w.abort = true
		w.endpoint.tellRefused(w.peer)
		return ErrAddressLimit
	}
	w.site = from
	return nil
}
