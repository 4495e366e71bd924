package ace

import (
	"net"
	"net/netip"
	"slices"
)

// A proxyListener accepts connections that proxies forward. It hides its socket:
// what is accepted from that begins with headers.
type proxyListener struct {
	net.Listener
	trusted []netip.Prefix
}

// ProxyProtocol returns a listener for connections that are forwarded by proxies
// which tell, by a header of the PROXY protocol (version 1 or 2), where they come
// from. That is where they come from for the handler, too.
//
//	l = ace.ProxyProtocol(l, netip.MustParsePrefix("10.0.0.0/8"))
//
// A connection from a trusted address must begin with a header: it fails closed,
// because whatever else came from there would pass as the proxy's own. On a
// connection from any other address a header is not read, and is no request
// either: it fails closed, because a client could write any address into it.
// Connections over a unix socket are trusted; who may open it is a matter of
// its mode.
//
// The header may take [Config.HandshakeTimeout] (5 seconds where another server
// than [Server] accepts). It is read by whoever serves the connection and
// not by Accept, so that a silent peer holds up nobody. It stands before a TLS
// handshake. Health checks of the proxy ("LOCAL"), and connections of which it
// does not know enough ("UNKNOWN"), keep the addresses of the socket.
func ProxyProtocol(l net.Listener, trusted ...netip.Prefix) net.Listener {
	return &proxyListener{l, slices.Clone(trusted)}
}

// Accept returns the next connection. Those that are not trusted are as the
// listener within has them.
func (l *proxyListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil || !l.trusts(conn.RemoteAddr()) {
		return conn, err
	}
	return newProxyConn(conn), nil
}

// trusts reports whether a proxy may connect from addr. An address of which it
// can't tell is not trusted.
func (l *proxyListener) trusts(addr net.Addr) bool {
	switch addr := addr.(type) {
	case *net.UnixAddr:
		return true
	case *net.TCPAddr:
		return l.trustsIP(addr.AddrPort().Addr())
	}
	return false
}

func (l *proxyListener) trustsIP(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return slices.ContainsFunc(l.trusted, func(p netip.Prefix) bool { return p.Contains(ip) })
}
