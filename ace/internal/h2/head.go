package h2

import (
	"slices"
	"strconv"

	"github.com/raxx-go/raxx/ace/internal/octets"
	"github.com/raxx-go/raxx/raxx"
)

// A Head is what stands before the content of a reply. Its fields have been
// checked: the names are tokens in lower case, and no value can end a line.
type Head struct {
	Status int
	Header raxx.Header
	// Length is the number of octets that the content has, or would have where
	// it is not sent; -1 if that is not known.
	Length int64
	Date   string // the value of the Date field, unless Header has one
	End    bool   // nothing follows
}

// AppendHead appends the head of the final reply on a stream to dst. Fields that
// belong to connections of HTTP/1.1 are left out (RFC 9113, Section 8.2.2). To
// an extended CONNECT, a 101 is sent as the 200 that stands for it there (RFC
// 8441, Section 5). Nothing happens if the stream is closed.
func (c *Conn) AppendHead(dst []byte, s *Stream, h *Head) []byte {
	if s.flags.has(closed | localClosed | headSent) {
		return dst
	}
	s.flags |= headSent
	dst, at := c.beginHead(dst)
	status := h.Status
	if status == 101 && s.flags.has(extendedTunnel) {
		status = 200
	}
	dst = appendStatus(dst, status)
	date := h.Date
	for i := range h.Header {
		f := &h.Header[i]
		if octets.OfConnection(f.Name) {
			continue
		}
		if f.Name == "date" {
			date = "" // of a reply that was made elsewhere, and before
		}
		dst = c.encoder.appendField(dst, f.Name, f.Value)
	}
	if h.Length >= 0 && status != 204 && !(status < 300 && s.flags.has(connectTunnel|extendedTunnel)) {
		dst = appendLength(dst, h.Length)
	}
	if date != "" {
		dst = c.encoder.appendField(dst, "date", date)
	}
	dst = endHead(dst, at, s.id, h.End)
	if h.End {
		c.endLocal(s)
	}
	return dst
}

// AppendInform appends an interim reply (RFC 9113, Section 8.1).
func (c *Conn) AppendInform(dst []byte, s *Stream, status int, header raxx.Header) []byte {
	if s.flags.has(closed | localClosed | headSent) {
		return dst
	}
	dst, at := c.beginHead(dst)
	dst = appendStatus(dst, status)
	return endHead(c.appendFields(dst, header), at, s.id, false)
}

// appendTrailer appends the fields behind the content, and ends the stream.
func (c *Conn) appendTrailer(dst []byte, s *Stream, trailer raxx.Header) []byte {
	dst, at := c.beginHead(dst)
	dst = endHead(c.appendFields(dst, trailer), at, s.id, true)
	c.endLocal(s)
	return dst
}

func (c *Conn) appendFields(dst []byte, fields raxx.Header) []byte {
	for i := range fields {
		if f := &fields[i]; !octets.OfConnection(f.Name) {
			dst = c.encoder.appendField(dst, f.Name, f.Value)
		}
	}
	return dst
}

// beginHead appends what has to stand before the first field. It returns the
// offset of the frame.
func (c *Conn) beginHead(dst []byte) ([]byte, int) {
	dst = c.appendControl(dst)
	at := len(dst)
	dst = append(dst, make([]byte, headSize)...)
	return c.encoder.begin(dst), at
}

// endHead writes the frame's header before the block that begins at its offset.
// A block that is too long for one frame goes on in others.
func endHead(dst []byte, at int, stream uint32, end bool) []byte {
	flags := uint8(0)
	if end {
		flags = flagEndStream
	}
	n := len(dst) - at - headSize
	if n <= smallestMaxFrame {
		appendFrameHead(dst[:at], n, frameHeaders, flags|flagEndHeaders, stream)
		return dst
	}
	block := slices.Clone(dst[at+headSize:])
	dst = dst[:at]
	for kind := frameHeaders; len(block) > 0; kind = frameContinuation {
		part := block[:min(len(block), smallestMaxFrame)]
		if block = block[len(part):]; len(block) == 0 {
			flags |= flagEndHeaders
		}
		dst = append(appendFrameHead(dst, len(part), kind, flags, stream), part...)
		flags = 0
	}
	return dst
}

// appendStatus appends :status (RFC 9113, Section 8.3.2).
func appendStatus(dst []byte, status int) []byte {
	switch status { // these are in the static table (RFC 7541, Appendix A)
	case 200:
		return append(dst, 0x88)
	case 204:
		return append(dst, 0x89)
	case 206:
		return append(dst, 0x8a)
	case 304:
		return append(dst, 0x8b)
	case 400:
		return append(dst, 0x8c)
	case 404:
		return append(dst, 0x8d)
	case 500:
		return append(dst, 0x8e)
	}
	return append(dst, 8, 3, byte('0'+status/100), byte('0'+status/10%10), byte('0'+status%10))
}

// appendLength appends content-length, which is not put into a table.
func appendLength(dst []byte, length int64) []byte {
	dst = append(dst, 0x0f, 28-15, 0)
	at := len(dst)
	dst = strconv.AppendInt(dst, length, 10)
	dst[at-1] = byte(len(dst) - at)
	return dst
}
