package nethttp

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/raxx"
)

// A tunnel is a connection, or a stream of HTTP/2, on which another protocol is
// spoken.
type tunnel struct {
	io.Reader
	io.Writer
	conn net.Conn // nil: it is a stream
}

const (
	// lingerFor is how long a connection is read from on which all has been said.
	lingerFor = 2 * time.Second
	// lingerAtMost is how much is read meanwhile.
	lingerAtMost = 8 << 20
)

// close closes the connection. If all has been said, what still comes is read until the
// client closes, too: else the connection could be reset, which takes the end of what
// was said from a client that is still sending (RFC 9112, Section 9.6).
func (t *tunnel) close(whole bool) {
	defer t.conn.Close()
	half, ok := t.conn.(interface{ CloseWrite() error })
	if !whole || !ok || half.CloseWrite() != nil {
		return
	}
	t.conn.SetReadDeadline(time.Now().Add(lingerFor))
	io.CopyN(io.Discard, t.conn, lingerAtMost)
}

// noUpgrade is the error of a handler that can't have its other protocol.
func noUpgrade() error {
	return &raxx.Error{Status: raxx.StatusNotImplemented, Detail: "this connection can't be used for another protocol", Err: ErrNoUpgrade}
}

func isUnsupported(err error) bool { return errors.Is(err, http.ErrNotSupported) }

// switchProtocol sends the head of a response of status 101, and takes over the
// connection.
func (s *served) switchProtocol(header raxx.Header) error {
	switch {
	case !s.req.Header.Has("upgrade") || !s.extended && s.body.onTheWay():
		return &exchange.ResponseError{Reason: "status 101 in reply to a request that asks for no other protocol, or has a body"}
	case s.extended:
		return s.switchStream(header)
	case s.r.ProtoMajor != 1:
		return noUpgrade()
	}
	conn, buffered, err := s.control.Hijack()
	if isUnsupported(err) {
		return noUpgrade()
	}
	if err != nil {
		return err
	}
	conn.SetDeadline(time.Time{}) // those of the http.Server are for requests
	s.tunnel, s.streams = &tunnel{buffered.Reader, conn, conn}, true
	s.progress()
	return writeSwitch(buffered.Writer, header)
}

// writeSwitch writes the head of a response of status 101.
func writeSwitch(w *bufio.Writer, header raxx.Header) error {
	w.WriteString("HTTP/1.1 101 " + http.StatusText(http.StatusSwitchingProtocols) + "\r\nConnection: Upgrade\r\n")
	w.WriteString("Date: " + time.Now().UTC().Format(http.TimeFormat) + "\r\n")
	for _, f := range header {
		if key := http.CanonicalHeaderKey(f.Name); !isConnectionField(key) && key != "Content-Length" && key != "Date" {
			w.WriteString(key + ": " + f.Value + "\r\n")
		}
	}
	w.WriteString("\r\n")
	return w.Flush()
}

// switchStream opens the tunnel of an extended CONNECT (RFC 8441, Section 5).
func (s *served) switchStream(header raxx.Header) error {
	s.streams = true
	reply := exchange.Reply{Status: http.StatusOK, Header: header.Without("upgrade"), Length: -1}
	s.setHeader(&reply)
	s.w.WriteHeader(http.StatusOK)
	s.tunnel = &tunnel{s.r.Body, s.w, nil}
	return s.flush()
}
