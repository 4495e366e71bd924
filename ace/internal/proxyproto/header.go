package proxyproto

import "net/netip"

// A Header is what a proxy tells of a connection. Headers can be compared.
type Header struct {
	Version     int
	Source      Address // where the connection comes from
	Destination Address // where it went before it was forwarded
}

// An Address is one end of a connection: a TCP address, or else the path of a
// unix socket, in which an abstract name begins with "@". It is zero if the
// proxy tells nothing: the connection is its own (a health check), or it
// forwards what is not a stream.
type Address struct {
	TCP  netip.AddrPort
	Unix string
}

// Known reports whether the proxy told who the client is. If not, the connection
// has the addresses of its socket.
func (h Header) Known() bool { return h.Source != Address{} || h.Destination != Address{} }

// MaxBytes is the length of the longest header that is accepted. The
// specification allows 64 KiB, which a peer could make a server hold; what
// proxies send is far below this.
const MaxBytes = 4096

// A ParseError is a fault of the peer: bytes that are no header.
type ParseError struct {
	Section string // of the specification
	Reason  string
}

// Error returns the reason and the section.
func (e *ParseError) Error() string {
	return "proxyproto: " + e.Reason + " (PROXY protocol, " + e.Section + ")"
}

// Parse reads the header at the beginning of in. It returns the header's length,
// or 0 if more must come before it can tell; in must then hold what it held, and
// more. What stands behind the header belongs to the connection that is
// forwarded. The error is a [*ParseError].
func Parse(in []byte) (h Header, n int, err error) {
	switch {
	case begins(in, signature):
		return parseBinary(in)
	case begins(in, textStart):
		return parseText(in)
	}
	return Header{}, 0, &ParseError{"2", "no PROXY header"}
}

// begins reports whether in begins with start, as far as it has come.
func begins(in []byte, start string) bool {
	n := min(len(in), len(start))
	return string(in[:n]) == start[:n]
}
