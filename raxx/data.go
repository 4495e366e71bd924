package raxx

import "unsafe"

// Bytes returns a body that holds a copy of b, or nil if b is empty. b may be
// changed afterwards. A text needs no copy: it is Data(text).
func Bytes(b []byte) Body {
	return bodyOf(Data(b))
}

// bodyOf returns data as a body: nil if there is none.
func bodyOf(data Data) Body {
	if data == "" {
		return nil
	}
	return data
}

// withoutEmpty returns nil in place of Data that holds nothing.
func withoutEmpty(b Body) Body {
	if b == Body(Data("")) {
		return nil
	}
	return b
}

// dataOf makes Data of b without a copy. The caller must have made b and hand
// over the only reference to it: nobody may write to b from here on. That is
// what a string asks of its bytes, so it is safe to see them as one.
func dataOf(b []byte) Data {
	return Data(unsafe.String(unsafe.SliceData(b), len(b)))
}
