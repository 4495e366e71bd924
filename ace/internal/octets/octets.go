// Package octets classifies octets, and looks for those that a message may not
// hold.
package octets

import (
	"encoding/binary"

	"github.com/raxx-go/raxx/raxx"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// ValueEnd returns the index of the first octet at or after i that may not be
// part of a field value: a control other than the tab (RFC 9110, Section 5.5).
func ValueEnd(b []byte, i int) int {
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

// HexDigit returns the value of a hexadecimal digit, or -1.
func HexDigit(c byte) int {
	switch {
	case IsDigit(c):
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// IsDigit reports whether c is a decimal digit.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }
