package raxx

import (
	"bytes"
	"strings"
)

// A multipartDecoder takes a multipart body apart (RFC 2046, Section 5.1). It
// knows bytes only: they are fed to it in pieces of any size, and next says
// what they hold. The events of
//
//	--b CRLF
//	name: value CRLF CRLF
//	content CRLF
//	--b--
//
// are partBegan, partContent (any number of times), partEnded, formEnded.
//
// A delimiter begins with the CRLF in front of it. The decoder begins as if
// that had come, so that the first line is no special case, and what comes
// before the first delimiter (a preamble, without meaning) is content that
// nobody gets.
type multipartDecoder struct {
	delimiter  []byte // CRLF, "--" and the boundary
	fieldBytes int64  // how long the header of a part may be

	state    multipartState
	buf      []byte // Invariant: what was fed and is not part of an event yet
	borrowed bool   // buf is in the memory of the last chunk
	seen     int    // buf[:seen] holds no LF
	left     int64  // how much of fieldBytes is left
	ended    bool   // no more bytes will come
	started  bool   // the first delimiter has come
	drop     int    // how much of what follows is no content yet

	header  Header // of partBegan
	content []byte // of partContent; valid until the next call
}

type multipartEvent int

const (
	needsBytes multipartEvent = iota
	partBegan
	partContent
	partEnded
	formEnded
)

// A multipartState says what the next byte belongs to.
type multipartState int

const (
	inContent   multipartState = iota // the content of a part, or the preamble
	inDelimiter                       // the line of a boundary, behind it
	inFields                          // the header of a part
	inEpilogue                        // what follows the last delimiter
)

func newMultipartDecoder(boundary string, fieldBytes int64) *multipartDecoder {
	return &multipartDecoder{
		delimiter:  []byte("\r\n--" + boundary),
		fieldBytes: fieldBytes,
		buf:        []byte("\r\n"),
	}
}

// feed hands over more bytes. They must stay as they are until next asks for
// more.
func (d *multipartDecoder) feed(chunk []byte) {
	if len(d.buf) == 0 {
		d.buf, d.borrowed = chunk, true
		return
	}
	d.buf = append(d.buf, chunk...)
}

// end says that no more bytes will come.
func (d *multipartDecoder) end() { d.ended = true }

// next returns the next event. If it is needsBytes, feed or end comes next.
func (d *multipartDecoder) next() (multipartEvent, error) {
	event, err := d.step()
	if err == nil && event == needsBytes && d.ended {
		return 0, formFault(StatusBadRequest, "the form ends before its last delimiter (RFC 2046, 5.1.1)")
	}
	if event == needsBytes && d.borrowed {
		d.buf, d.borrowed = bytes.Clone(d.buf), false
	}
	return event, err
}

// step takes what can be taken without an event, up to the next event.
func (d *multipartDecoder) step() (event multipartEvent, err error) {
	for more := true; more && err == nil; {
		switch d.state {
		case inContent:
			event, more = d.takeContent()
		case inDelimiter:
			event, more, err = d.takeDelimiter()
		case inFields:
			event, more, err = d.takeField()
		case inEpilogue:
			event, more = formEnded, false
		}
	}
	return event, err
}

// takeContent takes the bytes in front of the next delimiter, or of what may
// become one. Each take method reports with more that it took something which
// is no event.
func (d *multipartDecoder) takeContent() (event multipartEvent, more bool) {
	at := bytes.Index(d.buf, d.delimiter)
	rest := at + len(d.delimiter)
	if at < 0 {
		at = len(d.buf) - overlap(d.buf, d.delimiter)
		rest = at
	} else {
		d.state, d.left, more = inDelimiter, d.fieldBytes, true
	}
	dropped := min(d.drop, at)
	d.drop -= dropped
	d.content, d.buf, d.seen = d.buf[dropped:at], d.buf[rest:], 0
	if len(d.content) > 0 && d.started {
		return partContent, false
	}
	return needsBytes, more
}

// overlap returns the length of the longest end of b, shorter than prefix, that
// prefix begins with.
func overlap(b, prefix []byte) int {
	for n := min(len(b), len(prefix)-1); n > 0; n-- {
		if bytes.HasSuffix(b, prefix[:n]) {
			return n
		}
	}
	return 0
}

// takeDelimiter takes the rest of the line of a boundary, which ends the part
// in front of it. White space may stand there, and after the last boundary the
// end of the body in place of the line's.
func (d *multipartDecoder) takeDelimiter() (event multipartEvent, more bool, err error) {
	line, ok, err := d.takeLine()
	if err != nil {
		return needsBytes, false, err
	}
	if !ok && d.ended && bytes.HasPrefix(d.buf, []byte("--")) {
		line, ok = d.buf, true
	}
	if !ok {
		return needsBytes, false, nil
	}
	padding, last := bytes.CutPrefix(line, []byte("--"))
	if len(bytes.Trim(padding, " \t")) > 0 {
		return needsBytes, false, formFault(StatusBadRequest,
			"a line of the form begins with the boundary and goes on with %q (RFC 2046, 5.1.1)", clip(string(line)))
	}
	d.state, d.header = inFields, nil
	if last {
		d.state, d.buf = inEpilogue, nil
	}
	if d.started {
		return partEnded, false, nil
	}
	d.started = true
	return needsBytes, true, nil
}

// takeField takes a line of a part's header.
func (d *multipartDecoder) takeField() (event multipartEvent, more bool, err error) {
	before := d.buf
	line, ok, err := d.takeLine()
	if !ok || err != nil {
		return needsBytes, false, err
	}
	if len(line) == 0 {
		// The CRLF goes back: where a part has no content, it may be the one
		// that the delimiter begins with (RFC 2046, Section 5.1.1).
		d.state, d.buf, d.drop = inContent, before, len("\r\n")
		return partBegan, false, nil
	}
	name, value, ok := strings.Cut(string(line), ":")
	if !ok || line[0] == ' ' || line[0] == '\t' {
		return needsBytes, false, formFault(StatusBadRequest,
			"the line %q in a part's header is no field, or is folded (RFC 2046, 5.1)", clip(string(line)))
	}
	value = trimOWS(value)
	if err := CheckField(name, value); err != nil {
		return needsBytes, false, &Error{Status: StatusBadRequest, Detail: "a part's header holds a malformed field", Err: clippedError{err}}
	}
	d.header = append(d.header, Field{strings.ToLower(name), value})
	return needsBytes, true, nil
}

// takeLine takes a line, without the CRLF at its end, or returns false if it
// has not come whole.
func (d *multipartDecoder) takeLine() (line []byte, ok bool, err error) {
	end := bytes.IndexByte(d.buf[d.seen:], '\n')
	size := len(d.buf)
	if end >= 0 {
		end += d.seen
		size = end + 1
	}
	if int64(size) > d.left {
		return nil, false, formFault(StatusContentTooLarge, "the header of a part is longer than %d bytes", d.fieldBytes)
	}
	if end < 0 {
		d.seen = len(d.buf)
		return nil, false, nil
	}
	if end == 0 || d.buf[end-1] != '\r' {
		return nil, false, formFault(StatusBadRequest, "a line in a part's header ends without CR (RFC 2046, 4.1.1)")
	}
	line, d.buf, d.seen = d.buf[:end-1], d.buf[size:], 0
	d.left -= int64(size)
	return line, true, nil
}
