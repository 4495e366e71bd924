package websocket

import (
	"unicode/utf8"
	"unsafe"
)

// textOf sees b as a string, without a copy. The caller must have made b, and
// nobody may write to these octets from here on.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// wholeCharacters returns how many octets at the beginning of b are whole
// characters of UTF-8, if the rest can still become one: so text is refused as
// early as it can be. It returns -1 if b is not the beginning of any text.
func wholeCharacters(b []byte) int {
	end := len(b)
	for i := end - 1; i >= 0 && i >= end-(utf8.UTFMax-1); i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				end = i
			}
			break
		}
	}
	if !utf8.Valid(b[:end]) {
		return -1
	}
	return end
}

var notUTF8 = &fault{InvalidPayload, "text that is not UTF-8 (RFC 6455, 8.1)"}
