package websocket

import "encoding/binary"

// An opcode says what a frame holds (RFC 6455, Section 5.2).
type opcode uint8

const (
	opContinuation opcode = 0x0
	opText         opcode = 0x1
	opBinary       opcode = 0x2
	opClose        opcode = 0x8
	opPing         opcode = 0x9
	opPong         opcode = 0xA
)

// control reports whether o is a control frame's.
func (o opcode) control() bool { return o&0x8 != 0 }

// known reports whether RFC 6455 defines o.
func (o opcode) known() bool {
	return o <= opBinary || opClose <= o && o <= opPong
}

const (
	bitFin  = 0x80
	bitRSV1 = 0x40
	bitRSVs = 0x30 // the other two
	bitMask = 0x80

	// maxHeader is the length of the longest header.
	maxHeader = 14
	// maxControl is how much a control frame may hold.
	maxControl = 125
)

// A header is what stands before the payload of a frame.
type header struct {
	op     opcode
	fin    bool   // the last frame of its message
	packed bool   // RSV1: the message is compressed (RFC 7692, Section 6)
	masked bool   // the payload is masked with
	key    uint32 // this, whose lowest octet is the first
	length int64  // of the payload
}

// A fault is a rule that the peer has broken. It is what the peer is told.
type fault struct {
	code   Code
	reason string
}

// parseHeader reads the header at the beginning of b. Its length n is 0 if it is
// not all there. It refuses what nobody may send at the octet that shows it.
func parseHeader(b string) (h header, n int, f *fault) {
	if len(b) == 0 {
		return h, 0, nil
	}
	h.op, h.fin, h.packed = opcode(b[0]&0xf), b[0]&bitFin != 0, b[0]&bitRSV1 != 0
	switch {
	case b[0]&bitRSVs != 0:
		return h, 0, &fault{ProtocolError, "a reserved bit is set (RFC 6455, 5.2)"}
	case !h.op.known():
		return h, 0, &fault{ProtocolError, "a reserved opcode (RFC 6455, 5.2)"}
	case h.op.control() && h.packed:
		return h, 0, &fault{ProtocolError, "a control frame that is compressed (RFC 7692, 6.1)"}
	case h.op.control() && !h.fin:
		return h, 0, &fault{ProtocolError, "a control frame in fragments (RFC 6455, 5.5)"}
	case len(b) == 1:
		return h, 0, nil
	}
	h.masked, h.length = b[1]&bitMask != 0, int64(b[1]&^bitMask)
	if h.op.control() && h.length > maxControl {
		return h, 0, &fault{ProtocolError, "a control frame of more than 125 octets (RFC 6455, 5.5)"}
	}
	n, f = h.parseLength(b)
	if n == 0 || !h.masked {
		return h, n, f
	}
	if len(b) < n+4 {
		return h, 0, nil
	}
	h.key = uint32(b[n]) | uint32(b[n+1])<<8 | uint32(b[n+2])<<16 | uint32(b[n+3])<<24
	return h, n + 4, nil
}

// parseLength reads a length that does not fit into seven bits, and returns
// where it ends, or 0 if it is not all there.
func (h *header) parseLength(b string) (end int, f *fault) {
	switch {
	case h.length < 126:
		return 2, nil
	case h.length == 126 && len(b) >= 4:
		h.length, end = int64(b[2])<<8|int64(b[3]), 4
	case h.length == 127 && len(b) >= 10:
		h.length, end = 0, 10
		for i := 2; i < end; i++ {
			h.length = h.length<<8 | int64(b[i])
		}
	default:
		return 0, nil
	}
	switch {
	case h.length < 0:
		return 0, &fault{ProtocolError, "a length of more than 63 bits (RFC 6455, 5.2)"}
	case h.length < 126 || end == 10 && h.length <= 0xffff:
		// RFC 6455, Section 5.2: the minimal number of octets is used. Two
		// parsers that take others could see different frames.
		return 0, &fault{ProtocolError, "a length in more octets than it needs (RFC 6455, 5.2)"}
	}
	return end, nil
}

// appendHeader appends h.
func appendHeader(dst []byte, h header) []byte {
	first, mask := byte(h.op), byte(0)
	if h.fin {
		first |= bitFin
	}
	if h.packed {
		first |= bitRSV1
	}
	if h.masked {
		mask = bitMask
	}
	switch {
	case h.length < 126:
		dst = append(dst, first, mask|byte(h.length))
	case h.length <= 0xffff:
		dst = append(dst, first, mask|126, byte(h.length>>8), byte(h.length))
	default:
		dst = append(dst, first, mask|127)
		dst = binary.BigEndian.AppendUint64(dst, uint64(h.length))
	}
	if h.masked {
		dst = binary.LittleEndian.AppendUint32(dst, h.key)
	}
	return dst
}
