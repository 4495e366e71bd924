package websocket

import "slices"

// An encoder makes octets of messages.
type encoder struct {
	masks  bool   // as clients do
	key    uint32 // with which it masks
	packs  bool   // compression has been agreed on
	narrow bool   // the peer's window is small
	from   int    // the size of the smallest message that is compressed
}

// append appends a frame, which is a whole message or a control frame.
func (e encoder) append(dst []byte, op opcode, payload string) []byte {
	if e.packs && !op.control() && len(payload) >= e.from {
		d, packed := deflate(payload, e.narrow)
		defer d.release(e.narrow)
		// RFC 7692, Section 6: each message is compressed or not, as it pays.
		if len(packed) < len(payload) {
			dst = e.header(dst, op, true, len(packed))
			return e.masked(append(dst, packed...), len(packed))
		}
	}
	dst = e.header(dst, op, false, len(payload))
	return e.masked(append(dst, payload...), len(payload))
}

// header appends the header of a frame, and makes room for its payload.
func (e encoder) header(dst []byte, op opcode, packed bool, length int) []byte {
	return appendHeader(slices.Grow(dst, length+maxHeader),
		header{op: op, fin: true, packed: packed, masked: e.masks, key: e.key, length: int64(length)})
}

// masked masks the last length octets of dst, if the encoder does that.
func (e encoder) masked(dst []byte, length int) []byte {
	if e.masks {
		mask(dst[len(dst)-length:], e.key)
	}
	return dst
}
