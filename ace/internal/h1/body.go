package h1

import (
	"github.com/raxx-go/raxx/ace/internal/octets"
	"github.com/raxx-go/raxx/raxx"
)

// bodyState says what the next octet of a body is.
type bodyState uint8

const (
	done        bodyState = iota // nothing: the body is over
	fixed                        // content of known length
	chunkSize                    // the first digit of a chunk-size
	chunkDigits                  // a further digit, or what ends the size
	chunkExt                     // an octet of a chunk extension
	chunkSizeLF                  // the LF behind a chunk-size line
	chunkData                    // content of a chunk
	chunkCR                      // the CR behind the content of a chunk
	chunkLF                      // the LF behind the content of a chunk
	trailer                      // the trailer section
)

// A bodyReader decodes the body of a request. Its coding (RFC 9112, Section
// 7.1), in the words of the states:
//
//	5;name="value"CR LF h e l l o CR LF 0 CR LF name: value CR LF CR LF
//	│ └ chunkExt    │   └ chunkData │   │       └ trailer
//	└ chunkSize     └ chunkSizeLF   └ chunkCR, chunkLF
type bodyReader struct {
	limits   Limits
	state    bodyState
	left     int64 // of the content, or of the chunk
	digits   int
	overhead int // octets of size lines, less what the content has earned
	ext      extension
	scanned  int // of the trailer: Invariant: no end of it before
	trailer  raxx.Header
}

// maxOverhead is how many octets of chunk extensions a peer may send before any
// content; each octet of content earns one more. It stops a body that is all
// framing: work without end that no limit on content would see.
const maxOverhead = 4 << 10

// maxChunkDigits is the length of a chunk-size. 15 digits fit into an int64;
// one more may be a leading zero.
const maxChunkDigits = 16

// HasBody reports whether a body comes, or came, behind the head.
func (c *Conn) HasBody() bool { return c.body.state != done }

// BodyLength returns how many octets of content are to come, or -1 if the body
// is chunked.
func (c *Conn) BodyLength() int64 {
	switch c.body.state {
	case done:
		return 0
	case fixed:
		return c.body.left
	}
	return -1
}

// Trailer returns the fields that came behind the body.
func (c *Conn) Trailer() raxx.Header { return c.body.trailer }

// Body decodes a part of the body from in. It returns how many octets it took,
// and the content among them, which is a part of in: perhaps none. If it took
// none and the body is not done ([Conn.HasBody]), more must come before it can
// go on. The octets that it did not take must stand at the beginning of in the
// next time, too.
func (c *Conn) Body(in []byte) (n int, content []byte, err error) {
	b := &c.body
	for n < len(in) {
		switch b.state {
		case done:
			return n, nil, nil
		case fixed, chunkData:
			content = in[n : n+int(min(b.left, int64(len(in)-n)))]
			b.content(len(content))
			return n + len(content), content, nil
		case trailer:
			used, err := b.trailerSection(in[n:])
			return n + used, nil, err
		}
		if err := b.framing(in[n]); err != nil {
			return n, nil, err
		}
		n++
	}
	return n, nil, nil
}

// content takes n octets of content.
func (b *bodyReader) content(n int) {
	b.left -= int64(n)
	b.overhead = max(b.overhead-n, 0)
	if b.left > 0 {
		return
	}
	if b.state == fixed {
		b.state = done
		return
	}
	b.state = chunkCR
}

// framing takes one octet between the contents of two chunks.
func (b *bodyReader) framing(octet byte) error {
	switch b.state {
	case chunkSize, chunkDigits:
		return b.sizeDigit(octet)
	case chunkExt:
		return b.extensionOctet(octet)
	case chunkSizeLF:
		if octet != '\n' {
			return malformed("7.1", "a bare CR behind a chunk size")
		}
		b.state = chunkData
		if b.left == 0 {
			b.state = trailer
		}
	case chunkCR:
		if octet != '\r' {
			return malformed("7.1", "a chunk that is longer than its size, or does not end with CRLF")
		}
		b.state = chunkLF
	case chunkLF:
		if octet != '\n' {
			return malformed("7.1", "a chunk that does not end with CRLF")
		}
		b.state, b.digits = chunkSize, 0
	}
	return nil
}

// sizeDigit takes an octet of a chunk-size, or the one behind it.
func (b *bodyReader) sizeDigit(octet byte) error {
	if digit := octets.HexDigit(octet); digit >= 0 {
		if b.digits++; b.digits > maxChunkDigits || b.left >= 1<<59 {
			return malformed("7.1", "a chunk size beyond all bounds")
		}
		b.left = b.left<<4 | int64(digit)
		b.state = chunkDigits
		return nil
	}
	if b.state == chunkSize {
		return malformed("7.1", "a chunk size that does not begin with a hexadecimal digit")
	}
	switch octet {
	case '\r':
		b.state = chunkSizeLF
	case ';', ' ', '\t':
		b.state, b.ext = chunkExt, extension{}
		return b.extensionOctet(octet)
	default:
		return malformed("7.1", "an octet that is no hexadecimal digit in a chunk size")
	}
	return nil
}

// extensionOctet takes an octet between a chunk-size and its CRLF.
func (b *bodyReader) extensionOctet(octet byte) error {
	if b.overhead++; b.overhead > maxOverhead {
		return malformed("7.1.1", "more octets in chunk extensions than are allowed")
	}
	if octet == '\r' && b.ext.mayEnd() {
		b.state = chunkSizeLF
		return nil
	}
	if !b.ext.feed(octet) {
		return malformed("7.1.1", "a malformed chunk extension")
	}
	return nil
}

// CheckBody looks for framing errors in the part of the body that is in in,
// without taking it, and reports whether more of it has to come.
func (c *Conn) CheckBody(in []byte) (more bool, err error) {
	ahead := Conn{body: c.body}
	for ahead.HasBody() {
		n, _, err := ahead.Body(in)
		if n == 0 || err != nil {
			return err == nil, err
		}
		in = in[n:]
	}
	return false, nil
}
