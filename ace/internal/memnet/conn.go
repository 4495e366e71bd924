package memnet

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// window is how much a connection holds in one direction before writes wait.
const window = 64 << 10

// A Conn is one end of a connection.
type Conn struct {
	in, out *queue // shared with the other end
	local   Addr
	remote  Addr
}

var _ net.Conn = (*Conn)(nil)

// Pipe returns the two ends of a connection.
func Pipe() (client, server *Conn) {
	up, down := newQueue(), newQueue()
	return &Conn{down, up, "client", "server"}, &Conn{up, down, "server", "client"}
}

// Read reads what has come, at least one byte of it.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	return n, c.wrap("read", err)
}

// Write writes all of p.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	return n, c.wrap("write", err)
}

// ErrWait is the error of [Conn.TryRead] and [Conn.TryWrite] where they would have
// to wait.
var ErrWait = errors.New("memnet: would wait")

// TryRead is Read that does not wait. It does not heed deadlines.
func (c *Conn) TryRead(p []byte) (int, error) {
	n, err := c.in.tryRead(p)
	if err == ErrWait {
		return 0, err
	}
	return n, c.wrap("read", err)
}

// TryWrite writes as much of p as there is room for, without waiting.
func (c *Conn) TryWrite(p []byte) (int, error) {
	n, err := c.out.tryWrite(p)
	if err == ErrWait {
		return n, err
	}
	return n, c.wrap("write", err)
}

// HungUp reports whether the other end will send nothing more.
func (c *Conn) HungUp() bool {
	c.in.mu.Lock()
	defer c.in.mu.Unlock()
	return c.in.end != nil
}

// IsReadable reports whether TryRead would not have to wait.
func (c *Conn) IsReadable() bool {
	c.in.mu.Lock()
	defer c.in.mu.Unlock()
	return len(c.in.data) > 0 || c.in.end != nil
}

// HasRoom reports whether TryWrite would not have to wait.
func (c *Conn) HasRoom() bool {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	return c.out.refused != nil || len(c.out.data) < window
}

// Notify has something called whenever TryRead or TryWrite may have an answer
// that they did not have before. It must not wait. It is for one end, and to be
// called before that end is used.
func (c *Conn) Notify(n Notified) {
	c.in.notify(&c.in.reader, n)
	c.out.notify(&c.out.writer, n)
}

// Notified is told by [Conn.Notify].
type Notified interface{ Changed() }

// wrap makes errors look like those of sockets. The end of the stream is io.EOF.
func (c *Conn) wrap(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: "mem", Source: c.local, Addr: c.remote, Err: err}
}

// Close closes both directions. If there is something that was not read, the
// peer sees a reset, as with a socket.
func (c *Conn) Close() error {
	unread := c.in.closeRead()
	if unread {
		c.Reset()
	}
	c.out.closeWrite()
	return nil
}

// CloseWrite tells the peer that nothing more will come.
func (c *Conn) CloseWrite() error {
	c.out.closeWrite()
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
	c.in.reset()
	c.out.reset()
}

// LocalAddr returns "client" or "server".
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns "server" or "client".
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	c.in.readers.set(c.in, t)
	c.out.writers.set(c.out, t)
	return nil
}

// SetReadDeadline sets the deadline of reads, also of those that wait.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.in.readers.set(c.in, t)
	return nil
}

// SetWriteDeadline sets the deadline of writes, also of those that wait.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.out.writers.set(c.out, t)
	return nil
}

// A queue is one direction of a connection.
type queue struct {
	mu      sync.Mutex
	changed *sync.Cond
	data    []byte
	end     error // what a reader sees behind the data
	refused error // what a writer sees

	readers, writers deadline
	reader, writer   Notified // nil: it waits by itself
}

func (q *queue) notify(who *Notified, n Notified) {
	q.mu.Lock()
	defer q.mu.Unlock()
	*who = n
}

// tellReader and tellWriter tell of a change. The lock is held.
func (q *queue) tellReader() {
	q.changed.Broadcast()
	if q.reader != nil {
		q.reader.Changed()
	}
}

func (q *queue) tellWriter() {
	q.changed.Broadcast()
	if q.writer != nil {
		q.writer.Changed()
	}
}

func (q *queue) tryRead(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case errors.Is(q.end, net.ErrClosed), errors.Is(q.end, syscall.ECONNRESET):
		return 0, q.end
	case len(q.data) > 0:
		return q.take(p), nil
	case q.end != nil:
		return 0, q.end
	}
	return 0, ErrWait
}

// take takes what is there. The lock is held.
func (q *queue) take(p []byte) int {
	n := copy(p, q.data)
	full := len(q.data) >= window
	if q.data = q.data[n:]; len(q.data) == 0 {
		q.data = nil
	}
	if full {
		q.tellWriter()
	}
	return n
}

func (q *queue) tryWrite(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.refused != nil:
		return 0, q.refused
	case len(p) > 0 && len(q.data) >= window:
		return 0, ErrWait
	}
	n := q.put(p)
	if n < len(p) {
		return n, ErrWait
	}
	return n, nil
}

// put puts as much of p behind the data as there is room for. The lock is held.
func (q *queue) put(p []byte) int {
	n := min(len(p), window-len(q.data))
	q.data = append(q.data, p[:n]...)
	q.tellReader()
	return n
}

func newQueue() *queue {
	q := &queue{}
	q.changed = sync.NewCond(&q.mu)
	return q
}

// A deadline of one end of a queue. The queue's lock guards it.
type deadline struct {
	timer *time.Timer
	over  bool
}

func (d *deadline) set(q *queue, t time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.over = !t.IsZero() && !t.After(time.Now())
	if !t.IsZero() && !d.over {
		var timer *time.Timer
		timer = time.AfterFunc(time.Until(t), func() {
			q.mu.Lock()
			defer q.mu.Unlock()
			if d.timer == timer {
				d.over = true
				q.changed.Broadcast()
			}
		})
		d.timer = timer
	}
	q.changed.Broadcast()
}

func (q *queue) read(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		switch {
		case errors.Is(q.end, net.ErrClosed), errors.Is(q.end, syscall.ECONNRESET):
			return 0, q.end
		case q.readers.over:
			return 0, os.ErrDeadlineExceeded
		case len(q.data) > 0:
			return q.take(p), nil
		case q.end != nil:
			return 0, q.end
		case len(p) == 0:
			return 0, nil
		}
		q.changed.Wait()
	}
}

func (q *queue) write(p []byte) (written int, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		switch {
		case q.refused != nil:
			return written, q.refused
		case q.writers.over:
			return written, os.ErrDeadlineExceeded
		case len(p) == 0:
			return written, nil
		case len(q.data) < window:
			n := q.put(p)
			p, written = p[n:], written+n
		default:
			q.changed.Wait()
		}
	}
}

// closeRead ends the reader's use of the queue and reports whether there was
// something left to read.
func (q *queue) closeRead() (unread bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	unread = len(q.data) > 0
	q.data = nil
	if q.end == nil || q.end == io.EOF {
		q.end = net.ErrClosed
	}
	if q.refused == nil {
		q.refused = syscall.EPIPE
	}
	q.tellReader()
	q.tellWriter()
	return unread
}

func (q *queue) closeWrite() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.end == nil {
		q.end = io.EOF
	}
	if q.refused == nil {
		q.refused = net.ErrClosed
	}
	q.tellReader()
	q.tellWriter()
}

func (q *queue) reset() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.data, q.end, q.refused = nil, syscall.ECONNRESET, syscall.ECONNRESET
	q.tellReader()
	q.tellWriter()
}
