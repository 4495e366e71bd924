package ace

import (
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/ace/internal/scheduler"
	"github.com/raxx-go/raxx/ace/internal/wheel"
)

// A stream is a transport over any net.Conn: TLS, connections in memory, and
// every connection of systems on which there is no socket.
type stream struct {
	server  *Server
	conn    net.Conn
	proxied *proxyConn // reads a PROXY header before the handshake; nil if none comes
	tls     *tls.Conn  // nil on a cleartext connection
	below   *belowTLS  // what tls reads and writes; nil without
	reading readDeadline
	ahead   []byte // what a watcher has read
	aheadEr error
	timer   wheel.Timer // of writes
	broken  error       // of a write: how much of it the peer has got is not known, so there is no other
	watcher struct {
		stop atomic.Bool
		done chan struct{}
	}
}

func newStream(s *Server, conn net.Conn) *stream {
	t := &stream{server: s, conn: conn}
	t.reading.init(&s.wheel, conn)
	s.wheel.Init(&t.timer, wheel.Func(func() { conn.SetWriteDeadline(past) }))
	return t
}

// A belowTLS is what carries TLS. TLS writes within reads, too, to answer what it has
// been told: so each of its writes has a time-out here, besides those of replies.
// A handshake can't be broken off and gone on with: while there is woken, a read that
// was woken asks it why, and goes on if there is no error.
type belowTLS struct {
	net.Conn
	timer   wheel.Timer
	timeout atomic.Int64 // that of the last write of a reply, or the server's
	woken   func() error
	begun   bool // something has come
}

func newBelowTLS(s *Server, conn net.Conn) *belowTLS {
	c := &belowTLS{Conn: conn}
	c.timeout.Store(int64(s.limits.progress))
	s.wheel.Init(&c.timer, wheel.Func(func() { conn.SetWriteDeadline(past) }))
	return c
}

// Read reads what has come.
func (c *belowTLS) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		c.begun = c.begun || n > 0
		if n > 0 || c.woken == nil || !isTimeout(err) {
			return n, err
		}
		if err := c.woken(); err != nil {
			return 0, err
		}
	}
}

// Write writes p. TLS makes one write at a time.
func (c *belowTLS) Write(p []byte) (int, error) {
	c.timer.In(time.Duration(c.timeout.Load()))
	defer c.timer.Stop()
	n, err := c.Conn.Write(p)
	if isTimeout(err) {
		err = ErrTimeout
	}
	return n, err
}

// shakes reports whether a PROXY header or a handshake of TLS comes first.
func (t *stream) shakes() bool {
	_, secured := t.conn.(*tls.Conn)
	return t.proxied != nil || secured
}

func (t *stream) read(b **buffer, deadline int64) error {
	if *b == nil {
		*b = t.server.buffers.get()
	}
	in := *b
	if len(t.ahead) > 0 {
		n := copy(in.space(), t.ahead)
		in.b, t.ahead = in.b[:len(in.b)+n], t.ahead[n:]
		return nil
	}
	if t.aheadEr != nil {
		return t.aheadEr
	}
	if deadline == 0 {
		return errAgain
	}
	if deadline != never {
		t.reading.timer.Until(deadline)
	}
	n, err := t.conn.Read(in.space())
	t.reading.timer.Stop()
	in.b = in.b[:len(in.b)+n]
	switch {
	case n > 0:
		return nil
	case isTimeout(err):
		t.reading.woken()
		return errWoken
	}
	return err
}

// await: a stream's worker has a goroutine of its own, and waits in read.
func (t *stream) await(int64, expectation) {}

func (t *stream) handlerBegins(string) bool { return false }
func (t *stream) handlerEnds(string)        {}
func (t *stream) leave()                    {}

func (t *stream) turns() bool                           { return false }
func (t *stream) enter(string) (scheduler.Ticket, bool) { return 0, false }
func (t *stream) exit(scheduler.Ticket) bool            { return false }
func (t *stream) blocks()                               {}

func (t *stream) wake()        { t.reading.wake() }
func (t *stream) hungUp() bool { return false }
func (t *stream) lost() bool   { return false }

func (t *stream) kick() { t.reading.wake() }

func (t *stream) doze(deadline int64) {
	if deadline != 0 {
		t.reading.timer.Until(deadline)
		defer t.reading.timer.Stop()
	}
	<-t.reading.bell
	t.reading.woken()
}

// watch reads one piece ahead. If the peer goes on sending before it goes away,
// that is not noticed until the piece has been read: of a net.Conn nothing more
// can be learnt.
func (t *stream) watch(gone func()) {
	t.watcher.stop.Store(false)
	t.watcher.done = make(chan struct{})
	go func() {
		defer close(t.watcher.done)
		t.watchUntil(gone)
	}()
}

func (t *stream) watchUntil(gone func()) {
	for len(t.ahead) == 0 && !t.watcher.stop.Load() {
		piece := make([]byte, 512)
		n, err := t.conn.Read(piece)
		t.ahead = piece[:n]
		switch {
		case err == nil:
		case isTimeout(err):
			t.reading.woken()
		default:
			t.aheadEr = err
			gone()
			return
		}
	}
}

func (t *stream) unwatch() {
	if t.watcher.done == nil {
		return
	}
	t.watcher.stop.Store(true)
	t.reading.wake()
	<-t.watcher.done
	t.watcher.done = nil
	t.reading.woken()
}

// writePiece is how much is written before progress is noted.
const writePiece = 16 << 10

func (t *stream) write(head, data []byte, timeout time.Duration) error {
	defer t.timer.Stop()
	if t.below != nil {
		t.below.timeout.Store(int64(timeout))
	}
	for _, part := range [2][]byte{head, data} {
		for len(part) > 0 && t.broken == nil {
			t.timer.In(timeout)
			n, err := t.conn.Write(part[:min(len(part), writePiece)])
			if isTimeout(err) {
				err = ErrTimeout
			}
			part, t.broken = part[n:], err
		}
	}
	return t.broken
}

func (t *stream) writeSome(head, data []byte, timeout time.Duration) (int, error) {
	if err := t.write(head, data, timeout); err != nil {
		return 0, err
	}
	return len(head) + len(data), nil
}

func (t *stream) isWriting() bool { return t.timer.IsSet() }

func (t *stream) sendFile(f fs.File, n int64, timeout time.Duration) error {
	return copyFile(t, t.server, f, n, timeout)
}

// copyFile sends the next n bytes of the file by reading them.
func copyFile(t transport, s *Server, f fs.File, n int64, timeout time.Duration) error {
	b := s.buffers.get()
	defer s.buffers.put(b)
	for n > 0 {
		got, err := f.Read(b.b[:min(int64(cap(b.b)), n)])
		if got > 0 {
			if err := t.write(b.b[:got], nil, timeout); err != nil {
				return err
			}
			n -= int64(got)
		}
		if err != nil && n > 0 {
			return fileFault(err)
		}
	}
	return nil
}

func (t *stream) closeWrite() error {
	if c, ok := t.conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return errors.ErrUnsupported
}

func (t *stream) endless(bool) {}

func (t *stream) cut() { t.reading.cutAll() }

func (t *stream) close(abort bool) {
	t.reading.timer.Remove()
	t.timer.Remove()
	conn := t.conn
	if t.below != nil {
		defer t.below.timer.Remove()
	}
	if abort {
		// Without the word of TLS that this is a regular end.
		if t.below != nil {
			conn = t.below.Conn
		} else if c, ok := conn.(*tls.Conn); ok {
			conn = c.NetConn()
		}
		abortively(conn)
	}
	conn.Close()
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}
