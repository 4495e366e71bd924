package h1

import (
	"encoding/binary"

	"github.com/raxx-go/raxx/raxx"
)

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

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// valueEnd returns the index of the first octet at or after i that may not be
// part of a field value: a control other than the tab (RFC 9110, Section 5.5).
func valueEnd(b []byte, i int) int {
	for {
		// Eight at a time: the subtractions borrow from the high bit of a
		// byte below 0x20, and of one that was 0x7f.
		for ; i+8 <= len(b); i += 8 {
			x := binary.LittleEndian.Uint64(b[i:])
			del := x ^ 0x7f*ones
			if ((x-0x20*ones)&^x|(del-ones)&^del)&highs != 0 {
				break
			}
		}
		for end := min(i+8, len(b)); i < end; i++ {
			if !raxx.IsValueByte(b[i]) {
				return i
			}
		}
		if i == len(b) {
			return i
		}
	}
}

// hexDigit returns the value of a hexadecimal digit, or -1.
func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

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
