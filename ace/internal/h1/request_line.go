package h1

import (
	"strings"

	"github.com/raxx-go/raxx/ace/internal/octets"
	"github.com/raxx-go/raxx/raxx"
)

// requestLine reads the request line at the beginning of text: method SP
// request-target SP HTTP-version CRLF (RFC 9112, Section 3). It returns the
// target and the offset of the line behind.
func (c *Conn) requestLine(text string, req *raxx.Request) (target string, rest int, err error) {
	i := 0
	for i < len(text) && lower[text[i]] != 0 {
		i++
	}
	if i == 0 || i == len(text) || text[i] != ' ' {
		return "", 0, noMethod([]byte(text[:min(i+1, len(text))]))
	}
	req.Method = text[:i]
	start := i + 1
	for i = start; i < len(text) && text[i] > ' ' && text[i] < 0x7f && text[i] != '#'; i++ {
	}
	target = text[start:i]
	if i == start {
		return "", 0, malformed("3", "no request target behind the method and one space")
	}
	if err := targetEnd(text[i:]); err != nil {
		return "", 0, err
	}
	rest = i + 1 + len("HTTP/1.1\r\n")
	if len(text) < rest || text[rest-2:rest] != "\r\n" {
		return "", 0, malformed("2.3", "the request line does not end with an HTTP version of the form HTTP/1.1")
	}
	return target, rest, c.version(text[i+1:rest-2], req)
}

// targetEnd refuses a target that text, which begins behind its last good
// octet, says is not over, or that no version follows.
func targetEnd(text string) error {
	switch {
	case text == "" || text[0] == '\r' || text[0] == '\n':
		return malformed("3", "a request line without a version, as in HTTP/0.9")
	case text[0] == '#':
		return malformed("3.2", "a fragment in the request target")
	case text[0] != ' ':
		return malformed("3.2", "an octet that no URI may hold in the request target")
	}
	return nil
}

// version reads HTTP-version (RFC 9112, Section 2.3).
func (c *Conn) version(v string, req *raxx.Request) error {
	if v[:5] != "HTTP/" || !octets.IsDigit(v[5]) || v[6] != '.' || !octets.IsDigit(v[7]) {
		return malformed("2.3", "the request line does not end with an HTTP version of the form HTTP/1.1")
	}
	if v[5] == '0' {
		return malformed("2.3", "a version before HTTP/1.0")
	}
	if v[5] != '1' {
		return refuse(505, "2.3", "a major version other than 1 (RFC 9110, 15.6.6)")
	}
	// RFC 9110, Section 2.5: a higher minor version is served as the highest
	// that is known.
	c.version10 = v[7] == '0'
	req.Peer.Protocol = "HTTP/1.1"
	if c.version10 {
		req.Peer.Protocol = "HTTP/1.0"
	}
	return nil
}

// noMethod says what stands where a method should be.
func noMethod(in []byte) error {
	if in[0] == 0x16 || in[0] == 0x80 {
		return malformed("3", "a TLS handshake on a port that speaks cleartext HTTP")
	}
	if strings.IndexByte(" \t\r\n", in[0]) >= 0 {
		return malformed("2.2", "white space, or more than an empty line, before the request line")
	}
	return malformed("3", "no method at the beginning of the request line")
}
