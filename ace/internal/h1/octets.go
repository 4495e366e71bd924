package h1

import "github.com/raxx-go/raxx/raxx"

// lower maps the octets of a token to lower case, and all others to 0.
var lower = func() (table [256]byte) {
	for i := range table {
		c := byte(i)
		if !raxx.IsTokenByte(c) {
			continue
		}
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		table[i] = c
	}
	return table
}()

// equalFold reports whether s is lowerCase but for the case of its letters.
func equalFold(s, lowerCase string) bool {
	if len(s) != len(lowerCase) {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != lowerCase[i] {
			return false
		}
	}
	return true
}
