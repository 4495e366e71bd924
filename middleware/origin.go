package middleware

import "strings"

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
