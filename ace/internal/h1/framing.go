package h1

import (
	"strings"

	"github.com/raxx-go/raxx/ace/internal/octets"
)

// readContentLength reads a Content-Length field. A second one, and a list, are
// refused even where all members are equal: RFC 9112, Section 6.3 leaves the
// choice, and what is refused no two parsers read differently.
func (m *message) readContentLength(value string) error {
	if m.contentLength >= 0 {
		return malformed("6.3", "more than one Content-Length")
	}
	// 18 digits: what fits into an int64 whatever they are.
	if value == "" || len(value) > 18 {
		return malformed("6.2", "a Content-Length that is no length (RFC 9110, 8.6)")
	}
	n := int64(0)
	for i := 0; i < len(value); i++ {
		if !octets.IsDigit(value[i]) {
			return malformed("6.2", "a Content-Length that is no length (RFC 9110, 8.6)")
		}
		n = n*10 + int64(value[i]-'0')
	}
	m.contentLength = n
	return nil
}

// readCodings reads a Transfer-Encoding field.
func (m *message) readCodings(value string) error {
	if m.hasCodings {
		return malformed("6.1", "more than one Transfer-Encoding field")
	}
	m.codings, m.hasCodings = value, true
	return nil
}

// bodyFraming decides how the end of the body will be found (RFC 9112, Section
// 6.3).
func (c *Conn) bodyFraming(m *message) error {
	c.body = bodyReader{limits: c.limits}
	switch {
	case m.hasCodings && m.contentLength >= 0:
		// RFC 9112, Section 6.1: a sign of request smuggling.
		return malformed("6.1", "both Transfer-Encoding and Content-Length")
	case m.hasCodings && c.version10:
		return malformed("6.1", "a Transfer-Encoding in HTTP/1.0")
	case m.hasCodings:
		if err := checkCodings(m.codings); err != nil {
			return err
		}
		c.body.state = chunkSize
	case m.contentLength > 0:
		c.body.state, c.body.left = fixed, m.contentLength
	}
	c.hadBody = c.body.state != done
	// RFC 9110, Section 10.1.1: the expectation of an HTTP/1.0 client is
	// ignored.
	c.expect = c.expect && !c.version10
	return nil
}

// checkCodings accepts "chunked" alone. Other well-formed codings before it are
// understood as what they are and not implemented.
func checkCodings(value string) error {
	if equalFold(value, "chunked") {
		return nil
	}
	var last string
	count := 0
	for coding := range strings.SplitSeq(value, ",") {
		last = trimOWS(coding)
		if count++; !isCoding(last) || equalFold(last, "chunked") && count < 1+strings.Count(value, ",") {
			return malformed("6.1", "a malformed Transfer-Encoding")
		}
	}
	if !equalFold(last, "chunked") {
		return malformed("6.3", "a Transfer-Encoding that does not end with chunked")
	}
	return refuse(501, "6.1", "a transfer coding other than chunked")
}

// isCoding reports whether s is a transfer coding without parameters that could
// not be mistaken for chunked.
func isCoding(s string) bool {
	for i := 0; i < len(s); i++ {
		if lower[s[i]] == 0 {
			return false
		}
	}
	return s != "" && !equalFold(s, "identity")
}
