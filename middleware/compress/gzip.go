package compress

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"unsafe"

	"github.com/klauspost/compress/flate"

	"github.com/raxx-go/raxx/raxx"
)

// A deflated is the state of gzip content (RFC 1952) of which each piece is
// compressed by itself. It is all that is kept between two pieces.
type deflated struct {
	begun bool
	crc   uint32
	size  uint32 // modulo 2^32
	last  string // the end of what was sent: the dictionary of the next piece
}

// dictionarySize is how much is kept. Events are short and alike, so the last
// few are most of what a whole window would be good for.
const dictionarySize = 2 << 10

// gzipHeader says that what follows is deflated, and nothing else (RFC 1952,
// Section 2.3).
const gzipHeader = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"

// data returns the state behind p, and what to send for p. A client can decode
// all of it at once.
func (d deflated) data(p raxx.Data) (deflated, raxx.Part) {
	content := bytesOf(string(p))
	var out bytes.Buffer
	d.begin(&out)
	// Writes to memory don't fail.
	_ = flate.StatelessDeflate(&out, content, false, bytesOf(d.last))
	d.crc = crc32.Update(d.crc, crc32.IEEETable, content)
	d.size += uint32(len(content))
	d.last = lastOf(d.last, string(p))
	return d, raxx.Data(out.Bytes())
}

// end returns what ends the content.
func (d deflated) end() raxx.Part {
	var out bytes.Buffer
	d.begin(&out)
	_ = flate.StatelessDeflate(&out, nil, true, nil)
	tail := binary.LittleEndian.AppendUint32(out.AvailableBuffer(), d.crc)
	out.Write(binary.LittleEndian.AppendUint32(tail, d.size))
	return raxx.Data(out.Bytes())
}

// begin writes the header, if nothing was written before.
func (d *deflated) begin(out *bytes.Buffer) {
	if !d.begun {
		out.WriteString(gzipHeader)
		d.begun = true
	}
}

// lastOf returns the end of a and b together, in memory of its own.
func lastOf(a, b string) string {
	if len(b) >= dictionarySize {
		return strings.Clone(b[len(b)-dictionarySize:])
	}
	if a == "" {
		return strings.Clone(b) // which a concatenation would not copy
	}
	return a[max(0, len(a)+len(b)-dictionarySize):] + b
}

// bytesOf returns the bytes of s, which nobody may write to.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
