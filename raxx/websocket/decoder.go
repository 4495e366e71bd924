package websocket

import (
	"math"
	"unicode/utf8"
)

// A decoder makes messages of octets: the frame layer, which knows nothing of
// HTTP. It is a value: a copy goes on from where it was made, whatever happens
// to the original.
type decoder struct {
	limit  int64 // octets of a message
	masked bool  // what the peer has to do: clients mask, servers do not
	packs  bool  // compression has been agreed on

	// The frame that is being read. Before its header has come whole, partial
	// holds the beginning of it.
	reading bool
	has     uint8
	partial [maxHeader - 1]byte
	frame   header // its key is that of the next octet
	left    int64  // octets of its payload that are still to come
	control string // what has come of the payload of a control frame

	// The message that is being read, in one frame or more.
	op      opcode // 0: there is none
	packed  bool
	empties uint8 // frames of it that held nothing
	held    span
	checked int    // how much of held is known to be UTF-8
	window  window // what compressed messages may refer to
}

// maxEmpties is how many frames of a message may hold nothing. They cost work
// and bring a message no nearer to its limit or its end.
const maxEmpties = 100

// A piece is what a decoder finds: a whole message, or a control frame.
type piece struct {
	op      opcode
	payload string
}

// next returns the first piece that ends in b, and what stands behind it. There
// is none if op is 0; then all of b has been taken.
func (d *decoder) next(b string) (p piece, rest string, f *fault) {
	for len(b) > 0 {
		if !d.reading {
			if b, f = d.begin(b); f != nil || !d.reading {
				return p, "", f
			}
		}
		n := int(min(int64(len(b)), d.left))
		payload := b[:n]
		b = b[n:]
		d.left -= int64(n)
		if p, f = d.take(payload); f != nil || p.op != 0 {
			return p, b, f
		}
	}
	return p, "", nil
}

// begin reads a header, and returns what stands behind it.
func (d *decoder) begin(b string) (string, *fault) {
	all := b
	if d.has > 0 {
		n := copy(d.partial[d.has:], b)
		all = string(d.partial[:int(d.has)+n])
		if len(b) > n {
			all += b[n : n+1] // the last octet of the longest header
		}
	}
	h, n, f := parseHeader(all)
	switch {
	case f != nil:
		return "", f
	case n == 0:
		d.has = uint8(copy(d.partial[:], all))
		return "", nil
	}
	if f := d.check(h); f != nil {
		return "", f
	}
	b = b[n-int(d.has):]
	d.has, d.partial = 0, [maxHeader - 1]byte{}
	d.reading, d.frame, d.left = true, h, h.length
	return b, nil
}

// check refuses a frame that may not come now.
func (d *decoder) check(h header) *fault {
	switch {
	case h.masked != d.masked && d.masked:
		return &fault{ProtocolError, "a frame of a client that is not masked (RFC 6455, 5.1)"}
	case h.masked != d.masked:
		return &fault{ProtocolError, "a frame of a server that is masked (RFC 6455, 5.1)"}
	case h.packed && !d.packs:
		return &fault{ProtocolError, "RSV1 is set without an extension (RFC 6455, 5.2)"}
	case h.op.control():
		return nil
	case h.op == opContinuation && d.op == 0:
		return &fault{ProtocolError, "a continuation of no message (RFC 6455, 5.4)"}
	case h.op == opContinuation && h.packed:
		return &fault{ProtocolError, "RSV1 is set within a message (RFC 7692, 6.1)"}
	case h.op != opContinuation && d.op != 0:
		return &fault{ProtocolError, "a message within another (RFC 6455, 5.4)"}
	}
	if h.op != opContinuation {
		d.op, d.packed = h.op, h.packed
	}
	return d.checkSize(h)
}

// checkSize refuses a message that is too big, before it has come, and one that
// is made of frames that hold nothing.
func (d *decoder) checkSize(h header) *fault {
	limit := d.limit
	if d.packed && limit < math.MaxInt64/2 {
		// What can't be compressed grows a little.
		limit += limit>>8 + 64
	}
	if h.length > limit-int64(d.held.n) {
		return tooBig
	}
	if h.length == 0 && !h.fin {
		if d.empties++; d.empties > maxEmpties {
			return &fault{PolicyViolation, "too many empty fragments"}
		}
	}
	return nil
}

var tooBig = &fault{MessageTooBig, "the message is too big"}

// take takes octets of the payload of a frame, and returns the piece if they end
// it.
func (d *decoder) take(payload string) (piece, *fault) {
	if d.left == 0 {
		d.reading = false
	}
	if d.frame.op.control() {
		return d.takeControl(payload), nil
	}
	whole := d.left == 0 && d.frame.fin
	if whole && d.held.n == 0 {
		return d.finish(unmasked(payload, d.frame.key))
	}
	return d.takeData(payload, whole)
}

// takeData keeps octets of a message that has not come in one piece.
func (d *decoder) takeData(payload string, whole bool) (piece, *fault) {
	most := int64(math.MaxInt64)
	if d.frame.fin {
		most = int64(d.held.n+len(payload)) + d.left
	}
	d.held = d.held.append(payload, d.frame.key, most)
	d.frame.key = turn(d.frame.key, len(payload))
	if whole {
		return d.finish(d.held.text())
	}
	if d.op != opText || d.packed {
		return piece{}, nil
	}
	// Text is refused as soon as it can't be UTF-8 any more.
	n := wholeCharacters(d.held.bytes()[d.checked:])
	if n < 0 {
		return piece{}, notUTF8
	}
	d.checked += n
	return piece{}, nil
}

// takeControl keeps octets of a control frame.
func (d *decoder) takeControl(payload string) (p piece) {
	if len(payload) > 0 {
		d.control += unmasked(payload, d.frame.key)
		d.frame.key = turn(d.frame.key, len(payload))
	}
	if d.left == 0 {
		p = piece{d.frame.op, d.control}
		d.control = ""
	}
	return p
}

// finish ends the message that is payload, of which d.checked octets are known
// to be UTF-8; of a compressed one none are.
func (d *decoder) finish(payload string) (piece, *fault) {
	p := piece{d.op, payload}
	if d.packed {
		var f *fault
		if p.payload, d.window, f = inflate(payload, d.window, d.limit); f != nil {
			return piece{}, f
		}
	}
	if p.op == opText && !utf8.ValidString(p.payload[d.checked:]) {
		return piece{}, notUTF8
	}
	d.op, d.packed, d.empties, d.held, d.checked = 0, false, 0, span{}, 0
	return p, nil
}
