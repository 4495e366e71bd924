// Package octets classifies octets, and looks for those that a message may not
// hold.
package octets

import (
	"encoding/binary"
	"math/bits"
	"unsafe"

	"github.com/raxx-go/raxx/raxx"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// ValueEnd returns the index of the first octet at or after i that may not be
// part of a field value: a control other than the tab (RFC 9110, Section 5.5).
func ValueEnd(b []byte, i int) int {
	for i+8 <= len(b) {
		controls := controlsIn(binary.LittleEndian.Uint64(b[i:]))
		if controls == 0 {
			i += 8
			continue
		}
		if i += bits.TrailingZeros64(controls) / 8; !raxx.IsValueByte(b[i]) {
			return i
		}
		i++ // a tab
	}
	for i < len(b) && raxx.IsValueByte(b[i]) {
		i++
	}
	return i
}

// IsValue reports whether no octet of v is a control other than the tab.
func IsValue(v string) bool {
	b := unsafe.Slice(unsafe.StringData(v), len(v)) // it is only read
	if len(b) < 8 {
		return ValueEnd(b, 0) == len(b)
	}
	// The last eight are looked at together, whether some were seen or not.
	controls := controlsIn(binary.LittleEndian.Uint64(b[len(b)-8:]))
	for i := 0; i+8 < len(b); i += 8 {
		controls |= controlsIn(binary.LittleEndian.Uint64(b[i:]))
	}
	return controls == 0 || ValueEnd(b, 0) == len(b)
}

// controlsIn returns a word with the high bit set in the lowest octet of x that
// is a control, and perhaps in higher ones; 0 if none is. The subtractions
// borrow from the high bit of an octet below 0x20, and of one that was 0x7f.
func controlsIn(x uint64) uint64 {
	del := x ^ 0x7f*ones
	return ((x-0x20*ones)&^x | (del-ones)&^del) & highs
}

// IsPlainName reports whether name has eight octets at least, and only letters
// in lower case and hyphens: what nearly all field names are made of.
func IsPlainName(name string) bool {
	if len(name) < 8 {
		return false
	}
	b := unsafe.Slice(unsafe.StringData(name), len(name)) // it is only read
	plain := plainIn(binary.LittleEndian.Uint64(b[len(b)-8:]))
	for i := 0; i+8 < len(b); i += 8 {
		plain &= plainIn(binary.LittleEndian.Uint64(b[i:]))
	}
	return plain == highs
}

// plainIn returns a word with the high bit set in every octet of x that is a
// letter in lower case or a hyphen. The additions carry into the high bit, and
// not beyond it, of octets from a bound on; what has its high bit set already is
// neither.
func plainIn(x uint64) uint64 {
	low := x &^ highs
	letter := (low + (0x80-'a')*ones) &^ (low + (0x80-'z'-1)*ones)
	hyphen := ^((low ^ '-'*ones) + 0x7f*ones)
	return (letter | hyphen) &^ x & highs
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
