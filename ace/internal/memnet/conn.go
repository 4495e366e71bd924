package memnet

import (
	"cmp"
	"errors"
	"io"
	"net"
	"time"
)

// window is how much a connection holds in one direction before writes wait.
const window = 64 << 10

// A Conn is one end of a connection.
type Conn struct {
	pipe   *pipe
	server bool // it is the end that was accepted
}

var _ net.Conn = (*Conn)(nil)

// A pipe is a connection: one piece of memory, since a test may have a million.
type pipe struct {
	up, down       queue
	client, server Conn
	from           Addr // the client's; empty: "client"
}

// Pipe returns the two ends of a connection.
func Pipe() (client, server *Conn) {
	p := &pipe{up: queue{up: true}}
	p.client = Conn{pipe: p}
	p.server = Conn{pipe: p, server: true}
	return &p.client, &p.server
}

// in returns what the other end writes to.
func (c *Conn) in() *queue {
	if c.server {
		return &c.pipe.up
	}
	return &c.pipe.down
}

// out returns what the other end reads from.
func (c *Conn) out() *queue {
	if c.server {
		return &c.pipe.down
	}
	return &c.pipe.up
}

// Read reads what has come, at least one byte of it.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.in().read(p)
	return n, c.wrap("read", err)
}

// Write writes all of p.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.out().write(p)
	return n, c.wrap("write", err)
}

// ErrWait is the error of [Conn.TryRead] and [Conn.TryWrite] where they would have
// to wait.
var ErrWait = errors.New("memnet: would wait")

// TryRead is Read that does not wait. It does not heed deadlines.
func (c *Conn) TryRead(p []byte) (int, error) {
	n, err := c.in().tryRead(p)
	if err == ErrWait {
		return 0, err
	}
	return n, c.wrap("read", err)
}

// TryWrite writes as much of p as there is room for, without waiting.
func (c *Conn) TryWrite(p []byte) (int, error) {
	n, err := c.out().tryWrite(p)
	if err == ErrWait {
		return n, err
	}
	return n, c.wrap("write", err)
}

// HungUp reports whether the other end will send nothing more.
func (c *Conn) HungUp() bool {
	q := c.in()
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.end != isOpen
}

// IsBroken reports whether the other end reads nothing more.
func (c *Conn) IsBroken() bool {
	q := c.out()
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.refuse > isClosed
}

// IsReadable reports whether TryRead would not have to wait.
func (c *Conn) IsReadable() bool {
	q := c.in()
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.data) > 0 || q.end != isOpen
}

// HasRoom reports whether TryWrite would not have to wait.
func (c *Conn) HasRoom() bool {
	q := c.out()
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.refuse != isOpen || len(q.data) < window
}

// Notify has something called whenever TryRead or TryWrite may have an answer
// that they did not have before. It must not wait. It is for the end that was
// accepted, and to be called before that end is used.
func (c *Conn) Notify(n Notified) {
	if !c.server {
		panic("memnet: Notify on the end that has dialled")
	}
	c.in().notify(n)
	c.out().notify(n)
}

// Notified is told by [Conn.Notify].
type Notified interface{ Changed() }

// wrap makes errors look like those of sockets. The end of the stream is io.EOF.
func (c *Conn) wrap(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: "mem", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

// Close closes both directions. If there is something that was not read, the
// peer sees a reset, as with a socket.
func (c *Conn) Close() error {
	unread := c.in().closeRead()
	if unread {
		c.Reset()
	}
	c.out().closeWrite()
	return nil
}

// CloseWrite tells the peer that nothing more will come.
func (c *Conn) CloseWrite() error {
	c.out().closeWrite()
	return nil
}

// SetLinger resets the connection if sec is 0, and else does nothing.
func (c *Conn) SetLinger(sec int) error {
	if sec == 0 {
		c.Reset()
	}
	return nil
}

// Reset breaks the connection: what is on its way is lost.
func (c *Conn) Reset() {
	c.in().reset()
	c.out().reset()
}

// LocalAddr returns "server", or the client's address: that of
// [Listener.DialFrom], else "client".
func (c *Conn) LocalAddr() net.Addr { return c.pipe.addrOf(c.server) }

// RemoteAddr returns the address of the other end.
func (c *Conn) RemoteAddr() net.Addr { return c.pipe.addrOf(!c.server) }

func (p *pipe) addrOf(server bool) net.Addr {
	if server {
		return Addr("server")
	}
	return cmp.Or(p.from, "client")
}

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	c.in().setDeadline(false, t)
	c.out().setDeadline(true, t)
	return nil
}

// SetReadDeadline sets the deadline of reads, also of those that wait.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.in().setDeadline(false, t)
	return nil
}

// SetWriteDeadline sets the deadline of writes, also of those that wait.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.out().setDeadline(true, t)
	return nil
}
