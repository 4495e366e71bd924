package websocket

import "sync/atomic"

// A span is the first n octets of a buffer. It is how a message is kept that has
// not come whole.
type span struct {
	in *buffer // nil if n is 0
	n  int
}

// A buffer is memory that is only ever appended to. Several spans may share it,
// because a machine is a value, of which there may be more than one: octets
// below the n of a span never change, and a span that wants to grow in place has
// to be the first that asks for the octets behind it.
type buffer struct {
	used atomic.Int64
	b    []byte
}

// firstBuffer is how large a buffer is at least, if a span may become as long.
const firstBuffer = 512

// append returns a span with the octets of p, unmasked with key, behind those of
// s. most is how long the span can become, by the peer's word: memory is taken
// for twice of what has come at most.
func (s span) append(p string, key uint32, most int64) span {
	if len(p) == 0 {
		return s
	}
	n := s.n + len(p)
	if s.in == nil || n > len(s.in.b) || !s.in.used.CompareAndSwap(int64(s.n), int64(n)) {
		size := max(int64(n), min(most, max(int64(n)*2, firstBuffer)))
		grown := &buffer{b: make([]byte, size)}
		grown.used.Store(int64(n))
		copy(grown.b, s.bytes())
		s.in = grown
	}
	copy(s.in.b[s.n:n], p)
	mask(s.in.b[s.n:n], key)
	s.n = n
	return s
}

// bytes returns the octets, which must not be changed.
func (s span) bytes() []byte {
	if s.in == nil {
		return nil
	}
	return s.in.b[:s.n:s.n]
}

// text returns the octets as a string. It does not hold on to much more memory
// than it needs.
func (s span) text() string {
	if s.in != nil && len(s.in.b)-s.n > s.n/4 {
		return string(s.bytes())
	}
	return textOf(s.bytes())
}
