package h1

import (
	"strconv"

	"github.com/raxx-go/raxx/ace/internal/octets"
	"github.com/raxx-go/raxx/raxx"
)

// framing is how a recipient finds the end of a reply's body.
type framing uint8

const (
	noContent framing = iota // there is none, whatever the header says
	length                   // content-length
	chunks                   // chunked transfer coding
	untilEnd                 // the connection's end: all that HTTP/1.0 has for it
)

// A Head is what stands before the body of a reply. Its fields have been
// checked: the names are tokens in lower case, and no value can end a line.
type Head struct {
	Status int
	Header raxx.Header
	// Length is the number of octets that the content has, or would have where
	// it is not sent; -1 if that is not known.
	Length int64
	// NoContent tells that no content follows: it is a reply to HEAD, or has a
	// status that forbids it.
	NoContent bool
	// Trailer tells that fields will follow the content.
	Trailer bool
	Date    string // the value of the Date field, unless Header has one
}

// AppendHead appends the head of the final reply to dst: the status line, the
// fields of h, and those that are the connection's own.
func (c *Conn) AppendHead(dst []byte, h *Head) []byte {
	c.decideFraming(h)
	dst = appendStatusLine(dst, h.Status)
	date := h.Date
	for i := range h.Header {
		f := &h.Header[i]
		if octets.OfConnection(f.Name) && (f.Name != "upgrade" || h.Status != 426 && h.Status != 101) {
			continue
		}
		if f.Name == "date" {
			date = "" // of a reply that was made elsewhere, and before
		}
		dst = append(dst, f.Name...)
		dst = append(dst, ": "...)
		dst = append(dst, f.Value...)
		dst = append(dst, "\r\n"...)
	}
	dst = c.appendFraming(dst, h)
	if date != "" {
		dst = append(dst, "date: "...)
		dst = append(dst, date...)
		dst = append(dst, "\r\n"...)
	}
	switch {
	case h.Status == 101:
		// RFC 9110, Section 7.8.
		dst = append(dst, "connection: upgrade\r\n"...)
	case h.Status == 426 && h.Header.Has("upgrade"):
		// RFC 9110, Section 7.8: Upgrade is named in Connection.
		dst = append(dst, "connection: upgrade"...)
		if c.closing {
			dst = append(dst, ", close"...)
		}
		dst = append(dst, "\r\n"...)
	case c.closing:
		dst = append(dst, "connection: close\r\n"...)
	case c.version10:
		// RFC 9112, Section 9.3: what an HTTP/1.0 client needs to know that
		// its wish is granted.
		dst = append(dst, "connection: keep-alive\r\n"...)
	}
	return append(dst, "\r\n"...)
}

// decideFraming decides by RFC 9112, Section 6.1 and 6.2.
func (c *Conn) decideFraming(h *Head) {
	switch {
	case h.Status == 101:
		// What follows is in another protocol, to the end of the connection.
		c.framing, c.closing = untilEnd, true
	case h.NoContent:
		c.framing = noContent
	case h.Length >= 0 && (!h.Trailer || c.version10):
		c.framing = length
	case !c.version10:
		c.framing = chunks
	default:
		c.framing, c.closing = untilEnd, true
	}
}

// EndsWithConnection reports whether only the end of the connection ends the
// reply's body, so that a regular one would hide that it is not whole.
func (c *Conn) EndsWithConnection() bool { return c.framing == untilEnd }

// appendFraming appends the field that frames the body.
func (c *Conn) appendFraming(dst []byte, h *Head) []byte {
	switch {
	case c.framing == chunks:
		return append(dst, "transfer-encoding: chunked\r\n"...)
	case c.framing == untilEnd, h.Length < 0, h.Status == 204:
		// RFC 9110, Section 8.6: no Content-Length in a 204.
		return dst
	}
	dst = append(dst, "content-length: "...)
	dst = strconv.AppendInt(dst, h.Length, 10)
	return append(dst, "\r\n"...)
}

// appendStatusLine appends the status line (RFC 9112, Section 4).
func appendStatusLine(dst []byte, status int) []byte {
	if status == 200 {
		return append(dst, "HTTP/1.1 200 OK\r\n"...)
	}
	dst = append(dst, "HTTP/1.1 "...)
	dst = strconv.AppendInt(dst, int64(status), 10)
	dst = append(dst, ' ')
	dst = append(dst, raxx.StatusText(status)...)
	return append(dst, "\r\n"...)
}

// AppendInform appends an interim reply (RFC 9110, Section 15.2).
func (c *Conn) AppendInform(dst []byte, status int, header raxx.Header) []byte {
	dst = appendStatusLine(dst, status)
	return append(appendFields(dst, header), "\r\n"...)
}

// appendFields appends fields that do not stand in the head of a final reply. RFC
// 9112, Section 6.1, and RFC 9110, Section 8.6: an interim reply is not framed.
func appendFields(dst []byte, fields raxx.Header) []byte {
	for i := range fields {
		if f := &fields[i]; !octets.OfConnection(f.Name) {
			dst = append(append(append(append(dst, f.Name...), ": "...), f.Value...), "\r\n"...)
		}
	}
	return dst
}

// AppendDataHead appends what stands before n octets of content, and
// AppendDataEnd what stands behind them: nothing, unless the body is chunked. n
// is not 0. The exchange sees to it that there is neither more nor less than was
// announced.
func (c *Conn) AppendDataHead(dst []byte, n int) []byte {
	if c.framing != chunks {
		return dst
	}
	return append(strconv.AppendInt(dst, int64(n), 16), "\r\n"...)
}

// AppendDataEnd appends what stands behind a piece of content.
func (c *Conn) AppendDataEnd(dst []byte) []byte {
	if c.framing != chunks {
		return dst
	}
	return append(dst, "\r\n"...)
}

// AppendTail appends the end of the reply, with a trailer where the framing has
// a place for it.
func (c *Conn) AppendTail(dst []byte, trailer raxx.Header) []byte {
	if c.framing != chunks {
		return dst
	}
	return append(appendFields(append(dst, "0\r\n"...), trailer), "\r\n"...)
}
