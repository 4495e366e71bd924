package h2

import (
	"strings"

	"github.com/raxx-go/raxx/ace/internal/octets"
	"github.com/raxx-go/raxx/ace/internal/uri"
	"github.com/raxx-go/raxx/raxx"
)

// request fills in req from the message (RFC 9113, Section 8.3.1). Of a message
// that is too large, it fills in what has come. If it returns an error, what it has
// filled in means nothing.
func (m *message) request(b *fieldBlock, req *raxx.Request) *StreamError {
	if m.tooLarge {
		m.beginningOf(req)
		return nil
	}
	method := m.pseudo[pseudoMethod]
	if !validMethod(method) {
		m.refuse("8.3.1", "no method, or one that is no token")
	}
	req.Method = method
	switch {
	case method == "CONNECT" && !m.seen[pseudoProtocol]:
		m.connect(req)
	default:
		m.target(req)
	}
	m.checkLength(b)
	if err := m.fault(b.stream); err != nil {
		return err
	}
	if m.seen[pseudoProtocol] {
		// RFC 8441: a handler sees what it would see over HTTP/1.1.
		req.Method = "GET"
		m.fields = append(m.fields, raxx.Field{Name: "upgrade", Value: m.pseudo[pseudoProtocol]})
	}
	req.Header = m.header()
	req.Peer.Protocol = "HTTP/2.0"
	return nil
}

// beginningOf fills in what is known of a request that is refused.
func (m *message) beginningOf(req *raxx.Request) {
	if method := m.pseudo[pseudoMethod]; validMethod(method) {
		req.Method = method
	}
	if path := m.pseudo[pseudoPath]; validPath(path) {
		req.Path, req.Query, _ = strings.Cut(path, "?")
	}
	if authority := m.pseudo[pseudoAuthority]; uri.ValidAuthority(authority) {
		req.Authority = uri.Lower(authority)
	}
	req.Peer.Protocol = "HTTP/2.0"
}

// target reads the pseudo-fields of every request but a plain CONNECT.
func (m *message) target(req *raxx.Request) {
	path := m.pseudo[pseudoPath]
	switch {
	case m.seen[pseudoProtocol] && req.Method != "CONNECT":
		m.refuse("8.3.1", ":protocol with another method than CONNECT (RFC 8441, 4)")
	case m.seen[pseudoProtocol] && !validMethod(m.pseudo[pseudoProtocol]):
		m.refuse("8.3.1", "a :protocol that is no token (RFC 8441, 4)")
	case !validScheme(m.pseudo[pseudoScheme]):
		m.refuse("8.3.1", "no :scheme, or a malformed one")
	case path == "*" && req.Method == "OPTIONS":
		req.Path = path
	case !validPath(path):
		m.refuse("8.3.1", "no :path, or one that is no path")
	default:
		req.Path, req.Query, _ = strings.Cut(path, "?")
	}
	req.Scheme = uri.Lower(m.pseudo[pseudoScheme])
	m.authority(req)
}

// authority reads :authority, or Host where there is none.
func (m *message) authority(req *raxx.Request) {
	authority := m.pseudo[pseudoAuthority]
	switch {
	case m.seen[pseudoAuthority] && m.hosts > 0 && !strings.EqualFold(authority, m.host):
		m.refuse("8.3.1", "a Host field that is not the :authority")
	case !m.seen[pseudoAuthority]:
		authority = m.host
	}
	// An empty one is invalid in http and https, and so is user information.
	if !uri.ValidAuthority(authority) {
		m.refuse("8.3.1", "no authority, or a malformed one")
	}
	req.Authority = uri.Lower(authority)
}

// connect reads the pseudo-fields of a plain CONNECT (RFC 9113, Section 8.5).
func (m *message) connect(req *raxx.Request) {
	if m.seen[pseudoScheme] || m.seen[pseudoPath] {
		m.refuse("8.5", "a CONNECT with :scheme or :path")
	}
	if host, port := uri.CutPort(m.pseudo[pseudoAuthority]); host == "" || port == "" {
		m.refuse("8.5", "a CONNECT whose :authority is not host and port")
	}
	m.authority(req)
}

// checkLength compares content-length with a body that can't come any more.
func (m *message) checkLength(b *fieldBlock) {
	if b.ends && m.contentLength > 0 {
		m.refuse("8.1.1", "content-length without content")
	}
}

// mark notes on the stream what its request said about it.
func (m *message) mark(s *Stream) {
	tunnel := m.pseudo[pseudoMethod] == "CONNECT"
	switch {
	case m.tooLarge:
	case tunnel && m.seen[pseudoProtocol]:
		s.flags |= extendedTunnel
	case tunnel:
		s.flags |= connectTunnel
	default:
		s.contentLength = m.contentLength
	}
}

func validMethod(method string) bool {
	for i := 0; i < len(method); i++ {
		if !raxx.IsTokenByte(method[i]) {
			return false
		}
	}
	return method != ""
}

// validScheme is the grammar of RFC 3986, Section 3.1.
func validScheme(scheme string) bool {
	if scheme == "https" || scheme == "http" {
		return true
	}
	for i := 0; i < len(scheme); i++ {
		c := scheme[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || !octets.IsDigit(c) && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return scheme != ""
}

// validPath reports whether a path with or without a query can be what a client
// asks for: the octets of a URI, without a fragment, as over HTTP/1.1.
func validPath(path string) bool {
	if path == "" || path[0] != '/' {
		return false
	}
	escapes := false
	for i := 0; i < len(path); i++ {
		c := path[i]
		if c <= ' ' || c >= 0x7f || c == '#' {
			return false
		}
		escapes = escapes || c == '%'
	}
	return !escapes || uri.ValidEscapes(path)
}
