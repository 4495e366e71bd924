package ace

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// A tlsLayer is TLS on a socket. crypto/tls reads and writes through it, and
// never waits there: what has not come yet is an error that passes, and what the
// socket does not take is kept until it does. So a connection that waits
// needs no goroutine. Only the handshake, which can't be broken off, waits; it
// has a goroutine.
type tlsLayer struct {
	socket *socket
	conn   *tls.Conn
	early  []byte // what came before the handshake began; the reader's
	waits  int64  // during the handshake: until when a read may wait; 0 behind it; the reader's
	left   int    // how many bytes may be taken before others have their turn; the reader's
	more   bool   // crypto/tls may hold what nobody has read, or been told; the reader's

	mu     sync.Mutex
	cipher *buffer // what the socket has not taken; nil if there is nothing
}

var _ net.Conn = (*tlsLayer)(nil)

// wouldWait is the error of a read for which nothing is there. crypto/tls does
// not remember errors that are temporary.
type wouldWait struct{}

func (wouldWait) Error() string   { return "ace: would wait" }
func (wouldWait) Timeout() bool   { return true }
func (wouldWait) Temporary() bool { return true }

// keptAtMost is how much may be kept while more is read: several times what TLS
// makes of one write. A client can have TLS answer it (RFC 8446, Section 4.6.3),
// and one that takes no answers would fill the memory with them.
const keptAtMost = 4 * bufferSize

// errGreedy is the end of a connection on which too much is kept.
var errGreedy = errors.New("ace: a client that takes no answers within TLS")

// Read reads what has come.
func (l *tlsLayer) Read(p []byte) (int, error) {
	if l.waits == 0 {
		if err := l.mayRead(); err != nil {
			return 0, err
		}
	}
	if len(l.early) > 0 {
		n := copy(p, l.early)
		if l.early = l.early[n:]; len(l.early) == 0 {
			l.early = nil
		}
		return n, nil
	}
	for {
		n, errno := readFD(l.socket.conn.FD(), p)
		switch {
		case n > 0:
			l.left -= n
			return n, nil
		case l.socket.cutOff.Load():
			return 0, errWoken
		case errno == 0:
			return 0, io.EOF
		case errno != syscall.EAGAIN:
			return 0, errno
		case l.waits == 0:
			return 0, wouldWait{}
		}
		if err := l.wait(); err != nil {
			return 0, err
		}
	}
}

// mayRead returns why nothing is read now: because it is the turn of others, since
// records without content could come without end, or because too much is kept.
func (l *tlsLayer) mayRead() error {
	if l.left <= 0 {
		return wouldWait{}
	}
	l.mu.Lock()
	kept := len(l.cipher.unread())
	l.mu.Unlock()
	if kept > keptAtMost && l.tryFlush() == errAgain {
		return errGreedy
	}
	return nil
}

// wait waits, within the handshake, until something has come.
func (l *tlsLayer) wait() error {
	t := l.socket
	if err := l.flush(t.server.limits.handshake); err != nil {
		return err
	}
	if t.server.wheel.Nanos() >= l.waits {
		return ErrTimeout
	}
	t.timer.Until(l.waits)
	t.conn.WaitRead()
	t.timer.Stop()
	return nil
}

// Write keeps a small record, for others to go with it, and sends a large one at
// once, behind what was kept. What the socket does not take is kept; so are the
// faults of the network, which the next flush meets again.
func (l *tlsLayer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rest := p
	if len(p) >= bufferSize/2 || l.cipher != nil && len(l.cipher.b)+len(p) > cap(l.cipher.b) {
		rest = p[l.send(p):]
	}
	l.keep(rest)
	return len(p), nil
}

// send makes one attempt to send what was kept, and p behind it. It returns how
// much of p the socket has taken. The lock is held.
func (l *tlsLayer) send(p []byte) int {
	kept := l.cipher.unread()
	n, errno := 0, syscall.Errno(0)
	if len(kept) == 0 {
		n, errno = writeFD(l.socket.conn.FD(), p)
	} else {
		n, errno = writeFDParts(l.socket.conn.FD(), kept, p)
	}
	if errno != 0 || n < len(kept) {
		if errno == 0 {
			l.cipher.r += n
		}
		return 0
	}
	l.socket.server.buffers.put(l.cipher)
	l.cipher = nil
	return n - len(kept)
}

// keep keeps what is to be sent later. The lock is held.
func (l *tlsLayer) keep(p []byte) {
	if len(p) == 0 {
		return
	}
	if l.cipher == nil {
		l.cipher = l.socket.server.buffers.get()
	}
	l.cipher.b = append(l.cipher.b, p...)
}

// tryFlush writes what was kept, as far as the socket takes it. It returns
// errAgain if that is not all.
func (l *tlsLayer) tryFlush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.cipher.unread()) > 0 {
		n, errno := writeFD(l.socket.conn.FD(), l.cipher.unread())
		switch errno {
		case 0:
			l.cipher.r += n
		case syscall.EINTR:
		case syscall.EAGAIN:
			return errAgain
		default:
			return errno
		}
	}
	l.socket.server.buffers.put(l.cipher)
	l.cipher = nil
	return nil
}

// flush writes what was kept, and waits if it has to.
func (l *tlsLayer) flush(timeout time.Duration) error {
	for {
		err := l.tryFlush()
		if err != errAgain {
			return err
		}
		if err := l.socket.writeFailed(syscall.EAGAIN, timeout); err != nil {
			return err
		}
	}
}

// tryRead is that of a socket: it takes what is there, and leaves no buffer
// behind that it did not find and that is empty. One read takes one record, so it
// goes on until there is none.
func (l *tlsLayer) tryRead(in **buffer) error {
	s := l.socket.server
	b := *in
	if b == nil {
		b = s.buffers.get()
	}
	l.left = cap(b.b) + bufferSize
	got, err := 0, error(nil)
	for err == nil && (got == 0 || cap(b.b)-len(b.b) >= bufferSize/4) {
		var n int
		n, err = l.conn.Read(b.space())
		b.b = b.b[:len(b.b)+n]
		got += n
	}
	_, again := err.(wouldWait)
	l.more = !again // also if there is an end, or an error, which comes again
	if got > 0 {
		*in = b
		return nil // an error comes again
	}
	if *in == nil {
		s.buffers.put(b)
	}
	if l.socket.cutOff.Load() {
		return errWoken
	}
	if again || isTimeout(err) {
		// An answer to what the client has said within TLS does not wait for
		// a reply.
		if err := l.tryFlush(); err != nil && err != errAgain {
			return err
		}
		return errAgain
	}
	return err
}

// encryptAtMost is how much is encrypted before it is written: a full record
// (RFC 8446, Section 5.1).
const encryptAtMost = 16 << 10

// write is that of a socket.
func (l *tlsLayer) write(head, data []byte, timeout time.Duration) error {
	for len(head) > 0 || len(data) > 0 {
		var err error
		if head, data, err = l.encrypt(head, data); err != nil {
			return err
		}
		if err := l.flush(timeout); err != nil {
			return err
		}
	}
	return nil
}

// encrypt takes a part of head and then of data, and returns what is left.
func (l *tlsLayer) encrypt(head, data []byte) ([]byte, []byte, error) {
	from := &head
	if len(head) == 0 {
		from = &data
	}
	n, err := l.conn.Write((*from)[:min(len(*from), encryptAtMost)])
	*from = (*from)[n:]
	return head, data, err
}

// writeSome is that of a socket. It also returns errAgain if all was taken, but
// some of it is still kept here.
func (l *tlsLayer) writeSome(head, data []byte) (taken int, err error) {
	all := len(head) + len(data)
	for {
		if err := l.tryFlush(); err != nil || len(head)+len(data) == 0 {
			return all - len(head) - len(data), err
		}
		if head, data, err = l.encrypt(head, data); err != nil {
			return all - len(head) - len(data), err
		}
	}
}

// closeWrite says that nothing more will come, in TLS and below.
func (l *tlsLayer) closeWrite() {
	l.conn.CloseWrite()
	l.tryFlush()
}

// close gives back what is kept. Unless the end is to look like a fault, the
// client is told that it is none.
func (l *tlsLayer) close(abort bool) {
	if !abort {
		l.closeWrite()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.socket.server.buffers.put(l.cipher)
	l.cipher = nil
}

// The rest of net.Conn is for those who look at a connection within
// tls.Config.GetConfigForClient and the like: what concerns the socket, its owner
// does itself.

// Close does nothing.
func (l *tlsLayer) Close() error { return nil }

// LocalAddr returns the address that the client has connected to.
func (l *tlsLayer) LocalAddr() net.Addr {
	addr, err := syscall.Getsockname(l.socket.conn.FD())
	if err != nil {
		return socketAddr("")
	}
	return socketAddr(addressText(addr))
}

// RemoteAddr returns the address that the connection comes from.
func (l *tlsLayer) RemoteAddr() net.Addr {
	addr, err := syscall.Getpeername(l.socket.conn.FD())
	if err != nil {
		return socketAddr("")
	}
	return socketAddr(addressText(addr))
}

// SetDeadline does nothing.
func (l *tlsLayer) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (l *tlsLayer) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (l *tlsLayer) SetWriteDeadline(time.Time) error { return nil }

// socketAddr is the address of a socket as text.
type socketAddr string

// Network returns "tcp".
func (socketAddr) Network() string { return "tcp" }

// String returns the address.
func (a socketAddr) String() string { return string(a) }

var _ handshaker = (*socket)(nil)

// begun reports whether something has come.
func (t *socket) begun() bool {
	var p [1]byte
	n, errno := peekFD(t.conn.FD(), p[:])
	return n > 0 || errno != syscall.EAGAIN
}

// shake does the handshake, on a goroutine that holds up nobody.
func (t *socket) shake(config *tls.Config, early []byte, deadline int64) (*tls.Conn, error) {
	t.conn.Leave()
	l := &tlsLayer{socket: t, early: bytes.Clone(early), waits: deadline}
	l.conn = tls.Server(l, config)
	t.tls = l
	// Reads end by themselves; the context is for what the config calls.
	ctx, cancel := t.server.patiently(deadline)
	defer cancel()
	err := l.conn.HandshakeContext(ctx)
	l.waits = 0
	if err == nil {
		return l.conn, l.flush(t.server.limits.handshake)
	}
	if ctx.Err() != nil {
		err = ErrTimeout
	}
	return l.conn, err
}
