package middleware

import (
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// An originParts is what an origin consists of. Authority is the host, and the
// port if it is not that of the scheme.
type originParts struct{ scheme, authority string }

// parseOrigin reads an origin in the one form in which browsers write it (RFC
// 6454, Section 6.2): scheme and host in lower case, no user, no path, no port
// that goes without saying. What is in any other form was not written by a
// browser, and two parsers could take it for different origins.
func parseOrigin(s string) (originParts, bool) {
	scheme, authority, ok := strings.Cut(s, "://")
	host, port := splitOriginPort(authority)
	switch {
	case !ok || !isOriginScheme(scheme) || !isOriginHost(host):
		return originParts{}, false
	case host != authority && (!isOriginPort(port) || isDefaultPort(scheme, port)):
		return originParts{}, false
	}
	return originParts{scheme, authority}, true
}

// String returns the origin as it stands in a field.
func (o originParts) String() string { return o.scheme + "://" + o.authority }

// splitOriginPort cuts the authority at the colon before the port. If there is
// none, host is all of it.
func splitOriginPort(authority string) (host, port string) {
	colon := strings.LastIndexByte(authority, ':')
	if colon < 0 || colon < strings.LastIndexByte(authority, ']') {
		return authority, ""
	}
	return authority[:colon], authority[colon+1:]
}

func isOriginScheme(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (i == 0 || !isOriginDigit(c) && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// isOriginHost reports whether s is a name without empty labels, or an IPv6
// address in brackets.
func isOriginHost(s string) bool {
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		return len(s) > 2 && strings.Trim(s[1:len(s)-1], "0123456789abcdef:.") == ""
	}
	for i := range len(s) {
		c := s[i]
		if c == '.' && (i == 0 || s[i-1] == '.') {
			return false
		}
		if (c < 'a' || c > 'z') && !isOriginDigit(c) && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return s != ""
}

func isOriginPort(s string) bool {
	return s != "" && len(s) <= 5 && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}

func isOriginDigit(c byte) bool { return '0' <= c && c <= '9' }

func isDefaultPort(scheme, port string) bool {
	return scheme == "https" && port == "443" || scheme == "http" && port == "80"
}

// onlyValue returns the value of the field called name. ok is false if there are
// several: who else reads the message may take another one for the one that
// counts.
func onlyValue(h raxx.Header, name string) (value string, ok bool) {
	n := 0
	for v := range h.Values(name) {
		if n++; n == 1 {
			value = v
		}
	}
	return value, n <= 1
}

// varyOn returns the response with these names of request fields in its vary
// field: those on which the choice of the response depends (RFC 9110, Section
// 12.5.5).
func varyOn(resp raxx.Response, names ...string) raxx.Response {
	missing := ""
	for _, name := range names {
		if !variesOn(resp.Header, name) {
			missing += ", " + name
		}
	}
	if missing == "" {
		return resp
	}
	return resp.Add("vary", missing[len(", "):])
}

func variesOn(h raxx.Header, name string) bool {
	for element := range h.Elements("vary") {
		if element == "*" || strings.EqualFold(element, name) {
			return true
		}
	}
	return false
}
