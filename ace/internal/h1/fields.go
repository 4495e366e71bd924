package h1

import (
	"bytes"
	"strings"

	"github.com/raxx-go/raxx/ace/internal/octets"
	"github.com/raxx-go/raxx/raxx"
)

// A message gathers what the field lines of a head say about the message
// itself, while they are read.
type message struct {
	conn   *Conn
	text   string      // the head
	bytes  []byte      // the memory behind text; names in it are put into lower case
	fields raxx.Header // what the handler sees
	at     int         // the offset of the line that is being read
	lines  int         // how many have been read

	host          string
	hosts         int
	contentLength int64 // -1: none
	codings       string
	hasCodings    bool
}

// fieldLines reads field-name ":" OWS field-value OWS CRLF (RFC 9112, Section
// 5), beginning at offset i, until the text ends.
func (m *message) fieldLines(i int) error {
	for i < len(m.bytes) {
		m.at = i
		colon, err := lowerName(m.bytes, i)
		if err != nil {
			return err
		}
		end := octets.ValueEnd(m.bytes, colon+1)
		if end+1 >= len(m.bytes) || m.bytes[end] != '\r' || m.bytes[end+1] != '\n' {
			return badValue()
		}
		if err := m.field(m.text[i:colon], trimOWS(m.text[colon+1:end])); err != nil {
			return err
		}
		if m.lines++; m.lines > m.conn.limits.Fields {
			return refuse(431, "5", "more fields than are allowed (RFC 6585, 5)")
		}
		i = end + 2
	}
	return nil
}

// lowerName puts the field name at offset i into lower case and returns the
// offset of the colon behind it.
func lowerName(b []byte, i int) (int, error) {
	start := i
	for i < len(b) {
		c := lower[b[i]]
		if c == 0 {
			break
		}
		b[i] = c
		i++
	}
	if i < len(b) && b[i] == ':' && i > start {
		return i, nil
	}
	return 0, badName(b[start:], i-start)
}

// badName says what is wrong with a field line whose name ends at offset i.
func badName(line []byte, i int) error {
	switch {
	case i == len(line):
		return malformed("5", "a field line without a colon")
	case i == 0 && (line[0] == ' ' || line[0] == '\t'):
		return malformed("5.2", "a field line that is folded")
	case i == 0 && line[0] == ':':
		return malformed("5", "an empty field name")
	case line[i] == ' ' || line[i] == '\t':
		return malformed("5.1", "white space between a field name and its colon")
	case line[i] == '\r':
		return malformed("5", "a field line without a colon")
	}
	return malformed("5", "a field name that is no token")
}

// badValue says what is wrong with a value that ends before its line does.
func badValue() error {
	return malformed("5", "a control character in a field value (RFC 9110, 5.5)")
}

// field takes one field line: either for the connection or for the handler.
func (m *message) field(name, value string) error {
	switch len(name) {
	case len("host"):
		if name == "host" {
			m.host = value
			m.hosts++
			return nil
		}
	case len("expect"):
		if name == "expect" {
			m.conn.expect = m.conn.expect || octets.ExpectsContinue(value)
		}
	case len("upgrade"):
		if name == "upgrade" {
			m.conn.mayUpgrade = true
		}
	case len("connection"), len("proxy-connection"):
		if name == "connection" {
			m.conn.connection.read(value)
			if !octets.NamesFields(value) {
				return nil
			}
		}
		if name == "keep-alive" || name == "proxy-connection" {
			return nil
		}
	case len("content-length"):
		if name == "content-length" {
			if err := m.readContentLength(value); err != nil {
				return err
			}
		}
	case len("transfer-encoding"):
		if name == "transfer-encoding" {
			return m.readCodings(value)
		}
	}
	if m.fields == nil {
		// A bound on what is left, so that the list is allocated once.
		rest := min(bytes.Count(m.bytes[m.at:], []byte{'\n'}), m.conn.limits.Fields)
		m.fields = make(raxx.Header, 0, rest)
	}
	m.fields = append(m.fields, raxx.Field{Name: name, Value: value})
	return nil
}

// connectionOptions are what the Connection fields said (RFC 9110, Section
// 7.6.1).
type connectionOptions struct{ close, keepAlive, upgrade bool }

func (o *connectionOptions) read(value string) {
	for option := range strings.SplitSeq(value, ",") {
		switch option = trimOWS(option); {
		case equalFold(option, "close"):
			o.close = true
		case equalFold(option, "keep-alive"):
			o.keepAlive = true
		case equalFold(option, "upgrade"):
			o.upgrade = true
		}
	}
}

func isOWS(c byte) bool { return c == ' ' || c == '\t' }

// trimOWS cuts white space off both ends of s.
func trimOWS(s string) string {
	for len(s) > 0 && isOWS(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && isOWS(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}
