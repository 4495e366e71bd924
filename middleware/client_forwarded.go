package middleware

import (
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// readForwarded walks the field forwarded (RFC 7239, Section 4) from its right
// end. Each element was written by one proxy, of what it saw on the connection
// that it forwarded; so scheme and host are those of the element that names the
// client.
func readForwarded(h raxx.Header, t *peerTrust, peer clientOrigin) clientOrigin {
	var elements []string
	for e := range h.Elements("forwarded") {
		elements = append(elements, e)
	}
	o := peer
	for i := len(elements) - 1; i >= 0; i-- {
		f, ok := parseForwarded(elements[i])
		if !ok {
			return clientOrigin{}
		}
		// A proxy need not say for whom it forwards (RFC 7239, Section 6.2:
		// "unknown"); behind it nothing can be trusted.
		ip, ok := forwardedIP(f.node)
		o = clientOrigin{ip, forwardedScheme(f.proto), forwardedHost(f.host)}
		if !ok || !t.ip(ip) {
			return o
		}
	}
	return o
}

// A forwardedElement holds the parameters of an element that are read.
type forwardedElement struct{ node, proto, host string }

// parseForwarded reads an element: pairs with a semicolon between them, each a
// token, "=", and a token or a quoted string (RFC 7239, Section 4). The same
// parameter twice is refused, since two readers could choose two.
func parseForwarded(s string) (f forwardedElement, ok bool) {
	for s != "" {
		name, rest, found := strings.Cut(s, "=")
		if !found || !raxx.IsToken(name) {
			return f, false
		}
		value, rest, ok := parseForwardedValue(rest)
		if !ok {
			return f, false
		}
		var field *string
		switch strings.ToLower(name) {
		case "for":
			field = &f.node
		case "proto":
			field = &f.proto
		case "host":
			field = &f.host
		}
		if field != nil {
			if *field != "" || value == "" {
				return f, false
			}
			*field = value
		}
		if s = rest; s != "" {
			if s[0] != ';' {
				return f, false
			}
			s = strings.TrimLeft(s[1:], " \t")
		}
	}
	return f, true
}

// parseForwardedValue reads a token or a quoted string, and returns what stands
// behind it. Addresses are often sent as they are, though ":" and "[" are in no
// token: that is taken, too.
func parseForwardedValue(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexByte(s, ';')
		if end < 0 {
			end = len(s)
		}
		value, rest = strings.TrimRight(s[:end], " \t"), s[end:]
		return value, rest, !strings.ContainsAny(value, "\" \t\\=")
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), strings.TrimLeft(s[i+1:], " \t"), true
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}
