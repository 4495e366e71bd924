// Package uri checks the parts of a request target (RFC 3986) that are the same
// in every version of HTTP.
package uri

import (
	"strings"

	"github.com/raxx-go/raxx/ace/internal/octets"
)

// ValidEscapes reports whether two hexadecimal digits follow on every "%" (RFC
// 3986, Section 2.1).
func ValidEscapes(s string) bool {
	for i := strings.IndexByte(s, '%'); i >= 0 && i < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		if i+2 >= len(s) || octets.HexDigit(s[i+1]) < 0 || octets.HexDigit(s[i+2]) < 0 {
			return false
		}
	}
	return true
}

// Lower is strings.ToLower for ASCII; it copies only if it has to.
func Lower(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return strings.ToLower(s)
		}
	}
	return s
}
