package h1

import (
	"bytes"
	"cmp"
	"unsafe"

	"github.com/raxx-go/raxx/ace/internal/octets"
	"github.com/raxx-go/raxx/raxx"
)

// trailerSection reads the fields behind the last chunk, with the empty line
// that ends them (RFC 9112, Section 7.1.2). It takes all of them or nothing.
func (b *bodyReader) trailerSection(in []byte) (int, error) {
	if len(in) >= 2 && in[0] == '\r' && in[1] == '\n' {
		b.state = done
		return 2, nil
	}
	from := max(b.scanned-3, 0)
	end := bytes.Index(in[from:], []byte("\r\n\r\n"))
	if end < 0 || from+end+4 > b.limits.HeadBytes {
		return 0, b.checkIncomplete(in)
	}
	end += from + 2 // the last field line with its CRLF
	if err := b.trailerFields(in[:end]); err != nil {
		// As in Conn.Head, the fault that comes first is named.
		return 0, cmp.Or(b.checkIncomplete(in[:end]), err)
	}
	b.state = done
	return end + 2, nil
}

// checkIncomplete refuses what can't become a trailer any more.
func (b *bodyReader) checkIncomplete(in []byte) error {
	over := len(in) > b.limits.HeadBytes
	in = in[:min(len(in), b.limits.HeadBytes)]
	for i := b.scanned; i < len(in); i++ {
		if in[i] == '\n' && (i == 0 || in[i-1] != '\r') || in[i] != '\n' && i > 0 && in[i-1] == '\r' {
			return malformed("2.2", "a line of the trailer that does not end with CRLF")
		}
	}
	b.scanned = len(in)
	if over {
		return trailerTooLong()
	}
	return nil
}

func trailerTooLong() error {
	return refuse(431, "7.1.2", "a trailer longer than is allowed (RFC 6585, 5)")
}

// trailerFields reads complete field lines.
func (b *bodyReader) trailerFields(section []byte) error {
	if bytes.Count(section, []byte{'\n'}) > b.limits.Fields {
		return trailerTooLong()
	}
	own := bytes.Clone(section)
	text := unsafe.String(unsafe.SliceData(own), len(own))
	for i := 0; i < len(own); {
		colon, err := lowerName(own, i)
		if err != nil {
			return err
		}
		end := octets.ValueEnd(own, colon+1)
		if end+1 >= len(own) || own[end] != '\r' || own[end+1] != '\n' {
			return badValue()
		}
		if raxx.ForbiddenTrailer(text[i:colon]) {
			return malformed("7.1.2", "a field in the trailer that is not allowed there (RFC 9110, 6.5.1)")
		}
		b.trailer = append(b.trailer, raxx.Field{Name: text[i:colon], Value: trimOWS(text[colon+1 : end])})
		i = end + 2
	}
	return nil
}
