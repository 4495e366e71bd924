package h1

import (
	"bytes"
	"cmp"
	"unsafe"

	"github.com/raxx-go/raxx/raxx"
)

// Limits bound what a peer can make a Conn hold. Every field must be set.
type Limits struct {
	HeadBytes int // of a request line with its fields, or of a trailer
	Fields    int // in a head, or in a trailer
}

// A Conn is one connection. Its zero value is not usable: see [New]. It is
// owned by one goroutine at a time.
type Conn struct {
	limits Limits

	// The head that is being read:
	scanned    int  // Invariant: in[:scanned] is lines that end with CRLF, and the beginning of one
	methodRead bool // the method is in in[:scanned]; until then, that is a part of one
	lineRead   bool // the request line is in in[:scanned], and sound
	emptyLine  bool // the one empty line that may come before it was skipped

	// The request that has been read:
	version10  bool // it is of HTTP/1.0
	keepAlive  bool // the client is willing to send another one
	hadBody    bool // a body came behind its head
	expect     bool // it waits for 100 (Continue) before it sends the body
	connection connectionOptions
	mayUpgrade bool // it asks for another protocol
	body       bodyReader

	// The reply that is being sent:
	closing bool // it is the last one
	framing framing
}

// New returns the state of a connection on which nothing has come yet.
func New(limits Limits) Conn { return Conn{limits: limits} }

// Head reads the head of a request from in. It returns the number of bytes that
// it took, and whether the head is complete; then it has filled in the fields
// of req that the message determines. The bytes that it did not take must stand
// at the beginning of in the next time, too. Nothing of req refers to in.
func (c *Conn) Head(in []byte, req *raxx.Request) (n int, complete bool, err error) {
	skipped := c.skipEmptyLine(in)
	in = in[skipped:]
	from := max(c.scanned-2, 0)
	end := bytes.Index(in[from:], []byte("\r\n\r\n"))
	if end < 0 {
		return skipped, false, c.checkIncomplete(in)
	}
	end += from + 2 // the last field line with its CRLF
	if end+2 > c.limits.HeadBytes {
		return 0, false, c.checkIncomplete(in)
	}
	if err := c.parseHead(in[:end], req); err != nil {
		// The fault that comes first is named, as if the head had come octet
		// by octet.
		return 0, false, cmp.Or(c.checkLines(in[:end]), err)
	}
	return skipped + end + 2, true, nil
}

// skipEmptyLine returns the length of the empty line at the beginning of in.
func (c *Conn) skipEmptyLine(in []byte) int {
	// RFC 9112, Section 2.2: at least one empty line before the request line
	// is ignored. More are a client that has lost its place.
	if len(in) < 2 || in[0] != '\r' || in[1] != '\n' || c.emptyLine {
		return 0
	}
	c.emptyLine = true
	return 2
}

// parseHead reads a complete head, that is lines which all end with CRLF.
func (c *Conn) parseHead(head []byte, req *raxx.Request) error {
	// The one copy: every string of the request is a part of it, and names are
	// put into lower case in it before anybody can see them.
	own := make([]byte, len(head))
	copy(own, head)
	text := unsafe.String(unsafe.SliceData(own), len(own))

	target, rest, err := c.requestLine(text, req)
	if err != nil {
		return err
	}
	m := message{conn: c, text: text, bytes: own, contentLength: -1}
	c.connection, c.mayUpgrade = connectionOptions{}, false
	if err := m.fieldLines(rest); err != nil {
		return err
	}
	req.Header = m.fields
	c.upgrade(req)
	if err := c.target(target, &m, req); err != nil {
		return err
	}
	c.persistence()
	return c.bodyFraming(&m)
}

// upgrade decides whether the client asks for another protocol. If it does not,
// the handler is not to think so.
func (c *Conn) upgrade(req *raxx.Request) {
	// RFC 9110, Section 7.8: the field is named in Connection, and that of an
	// HTTP/1.0 request is ignored.
	if c.mayUpgrade && (!c.connection.upgrade || c.version10) {
		c.mayUpgrade = false
		req.Header = req.Header.Without("upgrade")
	}
}

// Version10 reports whether the request is of HTTP/1.0.
func (c *Conn) Version10() bool { return c.version10 }

// MayUpgrade reports whether the request asks for another protocol, so that the
// reply may be a 101.
func (c *Conn) MayUpgrade() bool { return c.mayUpgrade }

// persistence decides whether the connection may serve another request.
func (c *Conn) persistence() {
	// RFC 9112, Section 9.3.
	c.keepAlive = !c.connection.close && (!c.version10 || c.connection.keepAlive)
	c.closing = !c.keepAlive
}

// checkIncomplete refuses what can't become a head any more, so that a peer
// which waits for an answer to it need not wait for a time-out.
func (c *Conn) checkIncomplete(in []byte) error {
	if len(in) <= c.limits.HeadBytes {
		return c.checkLines(in)
	}
	in = in[:c.limits.HeadBytes]
	return cmp.Or(c.checkLines(in), tooLong(in))
}

// checkLines refuses a beginning of a head that has a fault in its line ends or
// in its request line.
func (c *Conn) checkLines(in []byte) error {
	for c.scanned < len(in) {
		i := c.scanned + indexLineByte(in[c.scanned:])
		if err := c.checkMethod(in[:i]); err != nil {
			return err
		}
		c.scanned = i
		if i == len(in) || i == len(in)-1 && in[i] == '\r' {
			return nil
		}
		if in[i] == '\n' || in[i+1] != '\n' {
			return malformed("2.2", "a line that does not end with CRLF")
		}
		c.scanned += 2
		if !c.lineRead {
			c.lineRead = true
			if _, _, err := c.requestLine(string(in[:c.scanned]), new(raxx.Request)); err != nil {
				return err
			}
		}
	}
	return nil
}

// indexLineByte returns the index of the first CR or LF in b, or len(b).
func indexLineByte(b []byte) int {
	lf := bytes.IndexByte(b, '\n')
	if lf < 0 {
		lf = len(b)
	}
	if cr := bytes.IndexByte(b[:lf], '\r'); cr >= 0 {
		return cr
	}
	return lf
}

// checkMethod refuses the beginning of a request line that no method stands in.
// It looks at each octet once, in however many pieces they come.
func (c *Conn) checkMethod(line []byte) error {
	for i := c.scanned; i < len(line) && !c.methodRead; i++ {
		switch b := line[i]; {
		case lower[b] != 0:
		case b == ' ' && i > 0:
			c.methodRead = true
		default:
			return noMethod(line)
		}
	}
	return nil
}

// tooLong names the part of a head of which in, as much as is allowed, is not all.
func tooLong(in []byte) error {
	if bytes.IndexByte(in, '\n') < 0 {
		if bytes.IndexByte(in, ' ') < 0 {
			return noMethod(in)
		}
		return refuse(414, "3", "a request line longer than is allowed")
	}
	return refuse(431, "5", "a head longer than is allowed (RFC 6585, 5)")
}

// Next makes the Conn ready for the next request. The body of the one before
// must have been read to its end, and the reply must have been sent.
func (c *Conn) Next() {
	// All else is set anew with each head.
	c.scanned, c.methodRead, c.lineRead, c.emptyLine, c.expect = 0, false, false, false, false
	c.body.trailer = nil
}

// Fresh reports whether c remembers nothing, so that New can take its place.
func (c *Conn) Fresh() bool {
	return c.scanned == 0 && !c.lineRead && !c.emptyLine && c.body.state == done
}

// KeepAlive reports whether another request may follow: both sides are willing
// and the reply's end could be told from its beginning.
func (c *Conn) KeepAlive() bool { return !c.closing }

// LastRequest reports whether the client said that it will not send another one,
// and had no body to send.
func (c *Conn) LastRequest() bool { return !c.keepAlive && !c.hadBody }

// Close makes the reply that has not begun the last one of the connection.
func (c *Conn) Close() { c.closing = true }

// ExpectsContinue reports whether the client waits for 100 (Continue) before it
// sends the body (RFC 9110, Section 10.1.1). Once the body is over it does not.
func (c *Conn) ExpectsContinue() bool { return c.expect && c.HasBody() }

// Continued notes that the client has been told to go on, or has not waited.
func (c *Conn) Continued() { c.expect = false }
