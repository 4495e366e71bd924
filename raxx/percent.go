package raxx

import "strings"

// escape returns s with every octet that keep refuses as "%" and two upper-case
// hexadecimal digits (RFC 3986, Section 2.1).
func escape(s string, keep func(byte) bool) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	done := 0 // s[:done] has been written
	for i := 0; i < len(s); i++ {
		if keep(s[i]) {
			continue
		}
		b.WriteString(s[done:i])
		b.Write([]byte{'%', digits[s[i]>>4], digits[s[i]&15]})
		done = i + 1
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

// unescape decodes every "%" and its two digits, and "+" to a space if plus is
// set. If a "%" has no two digits behind it, bad is its offset, else -1.
func unescape(s string, plus bool) (decoded string, bad int) {
	if strings.IndexByte(s, '%') < 0 && (!plus || strings.IndexByte(s, '+') < 0) {
		return s, -1
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '%':
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return "", i
			}
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		case s[i] == '+' && plus:
			out = append(out, ' ')
		default:
			out = append(out, s[i])
		}
	}
	return string(dataOf(out)), -1
}

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

func unhex(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAlphanumeric(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' }

// isUnreserved follows RFC 3986, Section 2.3.
func isUnreserved(c byte) bool {
	return isAlphanumeric(c) || strings.IndexByte("-._~", c) >= 0
}

// isPathByte reports whether c may stand in a segment as it is: the pchar of
// RFC 3986, Section 3.3.
func isPathByte(c byte) bool {
	return isUnreserved(c) || strings.IndexByte("!$&'()*+,;=:@", c) >= 0
}

// isURIByte reports whether c may stand somewhere in a URI: a reserved or an
// unreserved character, or the "%" of an escape (RFC 3986, Section 2).
func isURIByte(c byte) bool {
	return isPathByte(c) || strings.IndexByte("/?#[]%", c) >= 0
}
