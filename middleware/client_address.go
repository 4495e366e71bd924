package middleware

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// ClientIP holds the address of the client, as [ClientAddress] found it. It is
// the zero Addr, which is in no prefix, if the client is not known.
var ClientIP = raxx.NewKey[netip.Addr]("client ip")

// A Forwarding is a field by which proxies say for whom they forward a request.
type Forwarding uint8

const (
	// NotForwarded: no field is read; the client is the other end of the
	// connection.
	NotForwarded Forwarding = iota
	// Forwarded is the field forwarded of RFC 7239.
	Forwarded
	// XForwardedFor is the field x-forwarded-for, a list to which each proxy
	// appends.
	XForwardedFor
	// XRealIP is the field x-real-ip, one address. It must be overwritten by the
	// proxy, whatever the client sent.
	XRealIP
)

// A ClientAddress finds out who the client is when there are proxies in front of
// the server, and hands its address on under [ClientIP]. The zero ClientAddress
// takes the address of the connection. It belongs behind [RequestID] and in
// front of [AccessLog] and whatever decides by address, scheme or host.
//
// Only a connection from one of the Trusted proxies may say for whom it speaks,
// and only in the one field that was chosen. The list is read from its right
// end, where the nearest proxy wrote; the first address that is not of a
// trusted proxy is the client. What stands further left anybody may have
// written, and is not looked at. If all of them are trusted, it is the leftmost;
// if there is none, the proxy speaks for itself.
//
// It fails closed: if an element can't be read before the client is found, the
// client is unknown, and no other element is taken for it. All fields of this kind
// that were not used are taken out of the request (forwarded, x-forwarded-*,
// x-real-ip, and the like that clients forge), so that nothing behind this
// middleware believes them by mistake.
//
// The request's Peer stays what it is: the other end of the connection. Replies
// are not touched.
type ClientAddress struct {
	// Trusted are the addresses of the proxies.
	Trusted []netip.Prefix
	// TrustUnix trusts whoever connects over a unix socket.
	TrustUnix bool
	// From is the field that the proxies write.
	From Forwarding
	// Scheme takes the request's scheme from the proxy that is nearest to the
	// client: proto of [Forwarded], else x-forwarded-proto, which must then be
	// one word. Most proxies pass on what the client has written there unless
	// they are told to set it.
	Scheme bool
	// Host takes the request's authority in the same way: host of [Forwarded],
	// else x-forwarded-host, with the same danger. What it says still has to be
	// checked: by [Hosts], behind this middleware.
	Host bool
}

// Middleware returns the middleware. It panics if proxies are trusted and no
// field is chosen, or the other way round: either is half a configuration.
func (c ClientAddress) Middleware() raxx.Middleware {
	t := newPeerTrust("ClientAddress", c.Trusted, c.TrustUnix)
	switch {
	case c.From > XRealIP:
		panic("middleware: ClientAddress reads an unknown field")
	case c.From == NotForwarded && (!t.empty() || c.Scheme || c.Host):
		panic("middleware: ClientAddress trusts proxies, but From does not say which field they write")
	case c.From != NotForwarded && t.empty():
		panic("middleware: ClientAddress reads a field, but trusts nobody to write it")
	}
	nobody := &ClientAddress{}
	return raxx.MapRequest(func(req raxx.Request) raxx.Request {
		o := clientOrigin{ip: PeerIP(req)}
		if !t.peer(&req) {
			req.Header = nobody.strip(req.Header)
			return ClientIP.Set(req, o.ip)
		}
		o = c.read(req.Header, &t, o)
		if o.scheme != "" && c.Scheme {
			req.Scheme = o.scheme
		}
		if o.host != "" && c.Host {
			req.Authority = o.host
		}
		req.Header = c.strip(req.Header)
		return ClientIP.Set(req, o.ip)
	})
}

// A clientOrigin is what the proxies say of the client. Scheme and host are empty if
// they do not.
type clientOrigin struct {
	ip           netip.Addr
	scheme, host string
}

// read returns the origin of a request that came over the trusted proxy at peer.
func (c *ClientAddress) read(h raxx.Header, t *peerTrust, peer clientOrigin) clientOrigin {
	if c.From == Forwarded {
		return readForwarded(h, t, peer)
	}
	o := peer
	if c.From == XRealIP {
		o.ip = onlyIP(h, "x-real-ip", peer.ip)
	} else {
		o.ip = readForwardedFor(h, t, peer.ip)
	}
	o.scheme = forwardedScheme(onlyValue(h, "x-forwarded-proto"))
	o.host = forwardedHost(onlyValue(h, "x-forwarded-host"))
	return o
}

// readForwardedFor walks x-forwarded-for from its right end.
func readForwardedFor(h raxx.Header, t *peerTrust, client netip.Addr) netip.Addr {
	for i := len(h) - 1; i >= 0; i-- {
		if !strings.EqualFold(h[i].Name, "x-forwarded-for") {
			continue
		}
		for rest := h[i].Value; rest != ""; {
			comma := strings.LastIndexByte(rest, ',')
			element := strings.Trim(rest[comma+1:], " \t")
			rest = rest[:max(comma, 0)]
			if element == "" {
				continue
			}
			ip, ok := forwardedIP(element)
			if !ok {
				return netip.Addr{}
			}
			if client = ip; !t.ip(ip) {
				return client
			}
		}
	}
	return client
}

// onlyIP returns the address in the field called name, the address otherwise if
// there is none, and the zero Addr if it can't be read.
func onlyIP(h raxx.Header, name string, otherwise netip.Addr) netip.Addr {
	if !h.Has(name) {
		return otherwise
	}
	ip, _ := forwardedIP(onlyValue(h, name))
	return ip
}

// onlyValue returns the value of the field called name, or "" if there is not
// exactly one.
func onlyValue(h raxx.Header, name string) string {
	value, one := singleValue(h, name)
	if !one {
		return ""
	}
	return value
}

// forwardedScheme returns the scheme in lower case, or "" if it is none. Some
// proxies name that of a WebSocket (RFC 6455, Section 3), which begins as a request
// by http or https.
func forwardedScheme(s string) string {
	switch s = strings.ToLower(s); s {
	case "http", "https":
		return s
	case "ws":
		return "http"
	case "wss":
		return "https"
	}
	return ""
}

// forwardedHost returns the authority in lower case, or "" if it is none.
func forwardedHost(s string) string {
	if len(s) > 255+6 || !isAuthority(s) {
		return ""
	}
	return strings.ToLower(s)
}

// isAuthority reports whether s is a host of letters, digits, "-", "." and "_",
// or an IPv6 address in brackets, with or without a port. RFC 3986 allows more;
// nobody's host is called so.
func isAuthority(s string) bool {
	host := s
	if end := strings.IndexByte(s, ']'); end >= 0 {
		ip, err := netip.ParseAddr(strings.TrimPrefix(s[:end], "["))
		if s[0] != '[' || err != nil || !ip.Is6() || ip.Zone() != "" {
			return false
		}
		return s[end+1:] == "" || s[end+1] == ':' && isAuthorityPort(s[end+2:])
	}
	if name, port, ok := strings.Cut(s, ":"); ok {
		if host = name; !isAuthorityPort(port) {
			return false
		}
	}
	for i := 0; i < len(host); i++ {
		c := host[i]
		alphanumeric := 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
		if !alphanumeric && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return host != ""
}

func isAuthorityPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// strip returns the header without the fields about the client that were not
// used.
func (c *ClientAddress) strip(h raxx.Header) raxx.Header {
	for i := range h {
		if isForwarding(h[i].Name) && !c.uses(h[i].Name) {
			return c.stripFrom(h, i)
		}
	}
	return h
}

// stripFrom is strip for a header whose first field to go is at first.
func (c *ClientAddress) stripFrom(h raxx.Header, first int) raxx.Header {
	out := append(make(raxx.Header, 0, len(h)-1), h[:first]...)
	for _, f := range h[first+1:] {
		if !isForwarding(f.Name) || c.uses(f.Name) {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// isForwarding reports whether a field says who the client is. A low line counts as a
// hyphen, as for programs that see fields as variables (RFC 3875, Section 4.1.18).
func isForwarding(name string) bool {
	if len(name) < len("x-host") {
		return false
	}
	switch name[0] | 0x20 {
	case 'f', 'x', 't', 'c', 'w':
	default:
		return false
	}
	switch name = strings.ReplaceAll(strings.ToLower(name), "_", "-"); name {
	case "forwarded", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "x-original-forwarded-for", "x-original-host",
		"x-host", "x-url-scheme", "x-forwarded", "x-remote-ip", "x-remote-addr", "x-originating-ip",
		"true-client-ip", "client-ip", "cf-connecting-ip", "wl-proxy-client-ip":
		return true
	}
	return strings.HasPrefix(name, "x-forwarded-")
}

// uses reports whether the field was asked for.
func (c *ClientAddress) uses(name string) bool {
	switch strings.ToLower(name) {
	case "forwarded":
		return c.From == Forwarded
	case "x-forwarded-for":
		return c.From == XForwardedFor
	case "x-real-ip":
		return c.From == XRealIP
	case "x-forwarded-proto":
		return c.Scheme && c.From > Forwarded
	case "x-forwarded-host":
		return c.Host && c.From > Forwarded
	}
	return false
}
