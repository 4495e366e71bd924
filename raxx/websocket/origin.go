package websocket

import (
	"errors"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// originAllowed reports whether the page that opens the WebSocket may (RFC 6455,
// Section 10.2), or an error if the application can't tell. Clients that are no
// browsers send no Origin, and may.
//
// It fails closed: what is not understood is another origin.
func (c Config) originAllowed(req raxx.Request) (bool, error) {
	if !req.Header.Has("origin") {
		return true, nil
	}
	origin, ok := one(req.Header, "origin")
	if !ok {
		return false, nil
	}
	origin = strings.ToLower(origin)
	for _, allowed := range c.Origins {
		if matchOrigin(strings.ToLower(allowed), origin) {
			return true, nil
		}
	}
	switch {
	case sameHost(req, origin):
		return true, nil
	case c.AllowOrigin == nil || !isOrigin(origin):
		return false, nil
	}
	return c.AllowOrigin(req, origin)
}

// originUndecided returns the answer to a request whose origin the application
// could not decide on.
func originUndecided(err error) raxx.Response {
	var fault *raxx.Error
	if errors.As(err, &fault) {
		return fault.Response().WithCause(err)
	}
	return raxx.Problem(raxx.StatusServiceUnavailable, "whether this origin is allowed can't be told at the moment").WithCause(err)
}

// isOrigin reports whether s is an origin in the one form in which browsers write it
// (RFC 6454, Section 6.2): scheme and host in lower case, and a port unless it goes
// without saying; no user, no path.
func isOrigin(s string) bool {
	const letters, digits = "abcdefghijklmnopqrstuvwxyz", "0123456789"
	scheme, host, ok := strings.Cut(s, "://")
	if !ok || scheme == "" || !strings.ContainsAny(scheme[:1], letters) || strings.Trim(scheme, letters+digits+"+-.") != "" {
		return false
	}
	if colon := strings.LastIndexByte(host, ':'); colon > strings.LastIndexByte(host, ']') {
		port := host[colon+1:]
		if port == "" || len(port) > 5 || port[0] == '0' || strings.Trim(port, digits) != "" {
			return false
		}
		if scheme == "https" && port == "443" || scheme == "http" && port == "80" {
			return false
		}
		host = host[:colon]
	}
	if address, ok := strings.CutPrefix(host, "["); ok {
		address, closed := strings.CutSuffix(address, "]")
		return closed && address != "" && strings.Trim(address, digits+"abcdef:.") == ""
	}
	return host != "" && host[0] != '.' && !strings.Contains(host, "..") && strings.Trim(host, letters+digits+"-._") == ""
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
