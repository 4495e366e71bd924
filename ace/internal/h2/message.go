package h2

import (
	"strings"

	"github.com/raxx-go/raxx/ace/internal/octets"
	"github.com/raxx-go/raxx/raxx"
)

// A message gathers the fields of a header or a trailer while they are decoded,
// and checks each (RFC 9113, Section 8.2 and 8.3).
type message struct {
	limits  *Limits
	trailer bool
	ignore  bool // nobody wants the fields

	size     int // as SETTINGS_MAX_HEADER_LIST_SIZE counts (RFC 9113, Section 10.5.1)
	count    int
	tooLarge bool
	section  string // what is wrong with it, if this is not empty
	reason   string

	pseudo  [pseudoFields]string
	seen    [pseudoFields]bool
	regular bool // a regular field has come

	hosts         int
	host          string
	contentLength int64 // -1: not told
	cookies       int
	urge          urgency // by its Priority fields
	urged         bool    // there is one
	fields        []raxx.Field
}

// The pseudo-fields of a request (RFC 9113, Section 8.3.1; RFC 8441, Section 4).
const (
	pseudoMethod = iota
	pseudoScheme
	pseudoAuthority
	pseudoPath
	pseudoProtocol
	pseudoFields // how many there are
)

func (m *message) begin(limits *Limits, trailer, ignore bool) {
	m.limits, m.trailer, m.ignore, m.contentLength = limits, trailer, ignore, -1
	m.urge = unsaid
}

// end lets go of everything that was decoded.
func (m *message) end() {
	fields := m.fields
	clear(fields)
	*m = message{fields: fields[:0]}
	if cap(fields) > 256 {
		m.fields = nil
	}
}

// refuse notes the first thing that is wrong.
func (m *message) refuse(section, reason string) {
	if m.section == "" {
		m.section, m.reason = section, reason
	}
}

// fault returns what is wrong with the message, or nil.
func (m *message) fault(stream uint32) *StreamError {
	if m.section == "" {
		return nil
	}
	return streamError(stream, ProtocolError, m.section, m.reason)
}

// field takes the next field. It reports whether it wants more: also of a message
// that is refused or ignored, so that what is no HPACK is noticed behind the fault,
// too, but not beyond the limits.
func (m *message) field(name, value string) bool {
	m.size += len(name) + len(value) + 32
	if name == "cookie" {
		m.cookies++ // of what is one field elsewhere: a browser has up to some 200
	} else {
		m.count++
	}
	passed := m.ignore || m.section != ""
	if m.size > m.limits.headerBytes() || max(m.count, m.cookies) > m.limits.fields() {
		m.tooLarge = !passed
		return false
	}
	if !passed {
		m.take(name, value)
	}
	return true
}

// take takes a field of a message with which nothing is wrong so far.
func (m *message) take(name, value string) {
	if name != "" && name[0] == ':' {
		m.pseudoField(name, value)
		return
	}
	m.regular = true
	switch {
	case !octets.IsFieldName(name):
		m.refuse("8.2.1", "a field name that is no token in lower case")
	case !octets.IsFieldValue(value):
		m.refuse("8.2.1", "a field value with a control character, or with white space at an end")
	case m.trailer && raxx.ForbiddenTrailer(name):
		m.refuse("8.1", "a field in the trailer that is not allowed there (RFC 9110, 6.5.1)")
	case m.isSeen(name, value):
		m.fields = append(m.fields, raxx.Field{Name: name, Value: value})
	}
}

// pseudoField takes a field whose name begins with a colon.
func (m *message) pseudoField(name, value string) {
	i := pseudoFields
	switch name {
	case ":method":
		i = pseudoMethod
	case ":scheme":
		i = pseudoScheme
	case ":authority":
		i = pseudoAuthority
	case ":path":
		i = pseudoPath
	case ":protocol":
		i = pseudoProtocol
	}
	switch {
	case m.trailer:
		m.refuse("8.1", "a pseudo-field in a trailer")
	case i == pseudoFields:
		m.refuse("8.3", "a pseudo-field that no request has")
	case m.regular:
		m.refuse("8.3", "a pseudo-field behind a regular field")
	case m.seen[i]:
		m.refuse("8.3", "a pseudo-field that is repeated")
	default:
		m.seen[i], m.pseudo[i] = true, value
	}
}

// isSeen deals with fields that concern the message itself. It reports whether the
// handler sees the field as it is.
func (m *message) isSeen(name, value string) bool {
	switch name {
	case "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade":
		m.refuse("8.2.2", "a field that is about a connection of HTTP/1.1")
		return false
	case "te":
		// RFC 9110, Section 10.1.4: without regard to case. The length keeps out what
		// folds to it beyond ASCII.
		if len(value) != len("trailers") || !strings.EqualFold(value, "trailers") {
			m.refuse("8.2.2", "a TE field other than trailers")
		}
	case "host":
		m.host = value
		if m.hosts++; m.hosts > 1 {
			m.refuse("8.3.1", "more than one Host field")
		}
		return false
	case "content-length":
		m.readContentLength(value)
	case "priority":
		m.urge, m.urged = m.urge.with(value), m.urged || value != ""
	}
	return true
}

// readContentLength reads the one Content-Length field (RFC 9110, Section 8.6).
func (m *message) readContentLength(value string) {
	if m.contentLength >= 0 {
		m.refuse("8.1.1", "more than one content-length")
		return
	}
	sound := 0 < len(value) && len(value) <= 18
	n := int64(0)
	for i := 0; sound && i < len(value); i++ {
		sound = octets.IsDigit(value[i])
		n = n*10 + int64(value[i]-'0')
	}
	if !sound {
		m.refuse("8.1.1", "a content-length that is no length")
		return
	}
	m.contentLength = n
}

// header returns the regular fields, in memory of their own.
func (m *message) header() raxx.Header {
	if len(m.fields) == 0 {
		return nil
	}
	if m.cookies > 1 {
		m.joinCookies()
	}
	header := make(raxx.Header, len(m.fields))
	copy(header, m.fields)
	return header
}

// joinCookies makes one field of all cookies, in the place of the first (RFC
// 9113, Section 8.2.3).
func (m *message) joinCookies() {
	crumbs := make([]string, 0, m.cookies)
	kept := m.fields[:0]
	first := -1
	for _, f := range m.fields {
		if f.Name != "cookie" {
			kept = append(kept, f)
			continue
		}
		crumbs = append(crumbs, f.Value)
		if first < 0 {
			first = len(kept)
			kept = append(kept, f)
		}
	}
	kept[first].Value = strings.Join(crumbs, "; ")
	clear(m.fields[len(kept):])
	m.fields = kept
}
