package websocket

import (
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// originAllowed reports whether the page that opens the WebSocket may (RFC 6455,
// Section 10.2). Clients that are no browsers send no Origin, and may.
//
// It fails closed: what is not understood is another origin.
func (c Config) originAllowed(req raxx.Request) bool {
	if !req.Header.Has("origin") {
		return true
	}
	origin, ok := one(req.Header, "origin")
	if !ok {
		return false
	}
	origin = strings.ToLower(origin)
	for _, allowed := range c.Origins {
		if matchOrigin(strings.ToLower(allowed), origin) {
			return true
		}
	}
	return sameHost(req, origin)
}

// sameHost reports whether the origin is the host that the request is for.
func sameHost(req raxx.Request, origin string) bool {
	scheme, host, ok := strings.Cut(origin, "://")
	switch {
	case !ok || host == "":
		return false
	case scheme == "http" && req.Scheme == "https":
		// Anybody on the way can put words into the mouth of a page that came
		// without TLS. The other way round there is a proxy in front.
		return false
	case scheme != "http" && scheme != "https":
		return false
	}
	return withoutPort(scheme, host) == withoutPort(scheme, strings.ToLower(req.Authority))
}

// withoutPort returns host without the port that is its scheme's default.
func withoutPort(scheme, host string) string {
	if scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}

// matchOrigin reports whether an origin is one that is allowed.
func matchOrigin(allowed, origin string) bool {
	if allowed == "*" {
		return true
	}
	before, after, wild := strings.Cut(allowed, "//*.")
	if !wild {
		return allowed == origin
	}
	name, ok := strings.CutPrefix(origin, before+"//")
	name, matches := strings.CutSuffix(name, "."+after)
	// No label is empty, and nothing that ends a host stands in it.
	return ok && matches && name != "" && !strings.ContainsAny(name, "/:@?#")
}

// one returns the value of the field called name, if there is one such field.
func one(h raxx.Header, name string) (value string, ok bool) {
	n := 0
	for v := range h.Values(name) {
		value, n = v, n+1
	}
	return value, n == 1
}
