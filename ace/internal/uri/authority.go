package uri

import (
	"net/netip"
	"strings"

	"github.com/raxx-go/raxx/ace/internal/octets"
)

// ValidAuthority reports whether s is uri-host [":" port] (RFC 9110, Section
// 4.2; RFC 3986, Section 3.2). User information is no part of it, and an empty
// host is invalid in http (RFC 9110, Section 4.2.1).
func ValidAuthority(s string) bool {
	i := 0
	for i < len(s) && regName[s[i]] {
		i++
	}
	switch { // the usual cases, in one pass
	case i > 0 && i == len(s):
		return true
	case i > 0 && s[i] == ':':
		return validPort(s[i:], s[i+1:])
	}
	host, port := CutPort(s)
	return validHost(host) && validPort(s[len(host):], port)
}

// CutPort splits s at the colon of the port; port is empty without one.
func CutPort(s string) (host, port string) {
	colon := strings.LastIndexByte(s, ':')
	if colon < 0 || colon < strings.LastIndexByte(s, ']') {
		return s, ""
	}
	return s[:colon], s[colon+1:]
}

// validPort reports whether port, which stood behind the host with its colon as
// rest, is missing, empty, or at most 65535.
func validPort(rest, port string) bool {
	if rest == "" || rest == ":" {
		return true
	}
	n := 0
	for i := 0; i < len(port); i++ {
		if n = n*10 + int(port[i]) - '0'; !octets.IsDigit(port[i]) || n > 65535 {
			return false
		}
	}
	return true
}

// validHost reports whether s is an IPv6 address in brackets, or a registered
// name, which an IPv4 address is a case of.
func validHost(s string) bool {
	if s == "" {
		return false
	}
	if s[0] == '[' {
		addr, err := netip.ParseAddr(strings.TrimSuffix(s[1:], "]"))
		return err == nil && s[len(s)-1] == ']' && addr.Is6() && addr.Zone() == ""
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case regName[c]:
		case c == '%' && i+2 < len(s) && octets.HexDigit(s[i+1]) >= 0 && octets.HexDigit(s[i+2]) >= 0:
			i += 2
		default:
			return false
		}
	}
	return true
}

// regName holds the octets of a registered name: unreserved and sub-delims but
// for the comma, which is what a joined pair of Host fields would show (RFC
// 3986, Section 3.2.2).
var regName = func() (table [256]bool) {
	for i := range table {
		c := byte(i)
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		table[i] = letter || octets.IsDigit(c) || strings.IndexByte("-._~!$&'()*+;=", c) >= 0
	}
	return table
}()
