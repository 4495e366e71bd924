package raxx

import "unsafe"

// Bytes returns a body that holds a copy of b, or nil if b is empty. b may be
// changed afterwards. A text needs no copy: it is Data(text).
func Bytes(b []byte) Body {
	if len(b) == 0 {
		return nil
	}
	return Data(b)
}

// dataOf makes Data of b without a copy. The caller must have made b and hand
// over the only reference to it: nobody may write to b from here on. That is
// what a string asks of its bytes, so it is safe to see them as one.
func dataOf(b []byte) Data {
	return Data(unsafe.String(unsafe.SliceData(b), len(b)))
}
