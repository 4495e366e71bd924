package h2

import (
	"slices"
	"strings"
)

// An encoder compresses fields (RFC 7541). It does without the maps of a general
// encoder: a server sends the same few fields again and again. A field goes into
// the peer's table when it is seen for the second time, in short order; from
// then on it is one octet, for as long as the table holds it. The encoder
// remembers the last of these only, and works out from the size of what came
// behind whether the peer still has it.
type encoder struct {
	limit   uint32 // of the peer's table
	smaller uint32 // the smallest limit since the last block, if resized
	resized bool   // the peer has to be told of the limit

	added  uint32 // how many fields were ever put into the table
	octets uint64 // how much they take there together
	hot    []hotField
	seen   [16]uint16 // hashes of the last fields that were sent as they are
	oldest uint8      // of these
}

// A hotField is a field that was put into the peer's table.
type hotField struct {
	name, value string
	number      uint32 // how many were in before it
	before      uint64 // how much those took
}

const (
	maxHot      = 16
	maxHotValue = 256 // longer ones are not worth the room
	entrySize   = 32  // of each field in a table, beyond its octets (RFC 7541, Section 4.1)
	staticSize  = 61
)

// resize applies SETTINGS_HEADER_TABLE_SIZE. We never use more than 4,096
// octets.
func (e *encoder) resize(limit uint32) {
	limit = min(limit, headerTableSize)
	if limit == e.limit {
		return
	}
	if !e.resized || limit < e.smaller {
		e.smaller = limit
	}
	e.resized = true
	e.lose(min(e.limit, limit))
	e.limit = limit
}

// lose forgets the fields that a table of this size does not hold. What was lost
// to a smaller table is not in a larger one.
func (e *encoder) lose(limit uint32) {
	kept := e.hot[:0]
	for _, f := range e.hot {
		if e.octets-f.before <= uint64(limit) {
			kept = append(kept, f)
		}
	}
	clear(e.hot[len(kept):])
	e.hot = kept
}

// begin appends what has to stand at the beginning of a block: the sizes that
// the table has had since the last one (RFC 7541, Section 4.2).
func (e *encoder) begin(dst []byte) []byte {
	if !e.resized {
		return dst
	}
	e.resized = false
	if e.smaller < e.limit {
		dst = appendInteger(dst, 0x20, 5, e.smaller)
	}
	return appendInteger(dst, 0x20, 5, e.limit)
}

// appendField appends a field in its shortest known form.
func (e *encoder) appendField(dst []byte, name, value string) []byte {
	for i := range e.hot {
		f := &e.hot[i]
		if len(f.value) == len(value) && f.name == name && f.value == value && e.holds(f) {
			return appendInteger(dst, 0x80, 7, staticSize+e.added-f.number)
		}
	}
	switch {
	case isSecret(name):
		return appendLiteral(dst, 0x10, 4, name, value, false)
	case len(value) <= maxHotValue && e.again(name, value):
		dst = appendLiteral(dst, 0x40, 6, name, value, true)
		e.add(name, value)
		return dst
	}
	return appendLiteral(dst, 0, 4, name, value, false)
}

// holds reports whether the peer's table still holds a field: whether it fits,
// with all that came behind it.
func (e *encoder) holds(f *hotField) bool { return e.octets-f.before <= uint64(e.limit) }

// again reports whether a field was sent a short while ago, and fits into the
// table.
func (e *encoder) again(name, value string) bool {
	size := uint32(len(name) + len(value) + entrySize)
	if size > e.limit/4 {
		return false
	}
	h := uint32(len(name))<<16 | uint32(len(value))
	for i := 0; i < len(name); i++ {
		h = h*31 + uint32(name[i])
	}
	for i := 0; i < len(value); i++ {
		h = h*31 + uint32(value[i])
	}
	if slices.Contains(e.seen[:], uint16(h>>16)) {
		return true
	}
	e.seen[e.oldest] = uint16(h >> 16)
	e.oldest = (e.oldest + 1) % uint8(len(e.seen))
	return false
}

// add notes that a field was put into the table. It takes the place of one that
// the table has lost, of one with its name, or of the oldest.
func (e *encoder) add(name, value string) {
	// A clone, since the value may be a small part of a large string.
	f := hotField{name, strings.Clone(value), e.added, e.octets}
	e.added++
	e.octets += uint64(len(name) + len(value) + entrySize)
	if len(e.hot) < maxHot {
		e.hot = append(e.hot, f)
		return
	}
	oldest := 0
	for i := range e.hot {
		if !e.holds(&e.hot[i]) || e.hot[i].name == name {
			oldest = i
			break
		}
		if e.hot[i].number < e.hot[oldest].number {
			oldest = i
		}
	}
	e.hot[oldest] = f
}

// isSecret reports whether a field must not get into any table on the way, where
// its value could be guessed (RFC 7541, Section 7.1.3).
func isSecret(name string) bool {
	switch name {
	case "set-cookie", "cookie", "authorization", "proxy-authorization":
		return true
	}
	return false
}

// appendLiteral appends a field that is not in a table. Kind is the beginning of
// its first octet, of which n bits are for the index of the name.
func appendLiteral(dst []byte, kind byte, n int, name, value string, compress bool) []byte {
	index := staticNames[name]
	dst = appendInteger(dst, kind, n, index)
	if index == 0 {
		dst = appendString(dst, name, compress)
	}
	return appendString(dst, value, compress)
}

// appendInteger appends an integer whose first n bits share an octet with kind
// (RFC 7541, Section 5.1).
func appendInteger(dst []byte, kind byte, n int, value uint32) []byte {
	highest := uint32(1)<<n - 1
	if value < highest {
		return append(dst, kind|byte(value))
	}
	dst = append(dst, kind|byte(highest))
	for value -= highest; value >= 0x80; value >>= 7 {
		dst = append(dst, byte(value)|0x80)
	}
	return append(dst, byte(value))
}

// appendString appends a string literal (RFC 7541, Section 5.2). Only what is
// kept is worth the work of compressing it.
func appendString(dst []byte, s string, compress bool) []byte {
	if compress {
		if n := huffmanLength(s); n < len(s) {
			return appendHuffman(appendInteger(dst, 0x80, 7, uint32(n)), s)
		}
	}
	return append(appendInteger(dst, 0, 7, uint32(len(s))), s...)
}

// staticNames holds the names of the static table that stand in responses (RFC
// 7541, Appendix A).
var staticNames = map[string]uint32{
	":status": 8, "accept-ranges": 18, "access-control-allow-origin": 20, "age": 21, "allow": 22, "cache-control": 24,
	"content-disposition": 25, "content-encoding": 26, "content-language": 27, "content-length": 28,
	"content-location": 29, "content-range": 30, "content-type": 31, "cookie": 32, "date": 33, "etag": 34, "expires": 36,
	"authorization": 23, "last-modified": 44, "link": 45, "location": 46, "proxy-authenticate": 48,
	"proxy-authorization": 49, "refresh": 52, "retry-after": 53, "server": 54, "set-cookie": 55,
	"strict-transport-security": 56, "vary": 59, "via": 60, "www-authenticate": 61,
}
