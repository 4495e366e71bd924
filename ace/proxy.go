package ace

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/ace/internal/proxyproto"
)

// ErrProxyHeader means that what came from a trusted address did not begin with a
// header of the PROXY protocol. See [ProxyProtocol].
var ErrProxyHeader = errors.New("ace: no PROXY header")

// proxyTimeout is how long a header may take, from the accept on. The
// specification wants 3 s at least, so that one packet may be lost.
const proxyTimeout = 5 * time.Second

// A proxyConn is a connection that begins with a PROXY header. The first call of
// Read, Write, RemoteAddr or LocalAddr reads the header, and other such calls
// wait for it.
type proxyConn struct {
	net.Conn
	over atomic.Bool // set when the header has been read, or can't be
	rest []byte      // what came behind the header. Owned by the one who reads.

	mu     sync.Mutex // held while the header is read
	in     []byte     // what has come of it
	err    error      // why there is none
	told   bool       // the header tells addresses
	remote net.Addr   // what it tells; else that of the socket
	local  net.Addr

	deadlines  sync.Mutex
	deadline   time.Time // that the caller has set for reads
	headerTime time.Time // when the header must have come; zero when it has
}

func newProxyConn(conn net.Conn) *proxyConn {
	return &proxyConn{
		Conn: conn, remote: conn.RemoteAddr(), local: conn.LocalAddr(),
		headerTime: time.Now().Add(proxyTimeout),
	}
}

// ReadHeader reads the header if that has not been done. It waits until the
// deadline, instead of the 5 seconds from accept that there are without it. The
// error is [ErrProxyHeader], and [ErrTimeout] too if the header did not come in
// time; if the client left without a word, it is io.EOF or the network's error.
// Then the connection has been closed. Only the error of the deadline that
// SetReadDeadline has set is temporary.
func (c *proxyConn) ReadHeader(deadline time.Time) error {
	c.deadlines.Lock()
	if !c.headerTime.IsZero() {
		c.headerTime = deadline
	}
	c.deadlines.Unlock()
	return c.header()
}

// Read reads what comes behind the header.
func (c *proxyConn) Read(p []byte) (int, error) {
	if err := c.header(); err != nil {
		return 0, err
	}
	if len(c.rest) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.rest)
	if c.rest = c.rest[n:]; len(c.rest) == 0 {
		c.rest = nil
	}
	return n, nil
}

// Write writes when the header has come: nothing is sent to a peer that does not
// say who it is.
func (c *proxyConn) Write(p []byte) (int, error) {
	if err := c.header(); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// RemoteAddr returns the client's address.
func (c *proxyConn) RemoteAddr() net.Addr {
	c.header()
	return c.remote
}

// LocalAddr returns the address that the client connected to.
func (c *proxyConn) LocalAddr() net.Addr {
	c.header()
	return c.local
}

// header reads the header, once.
func (c *proxyConn) header() error {
	if !c.over.Load() {
		c.mu.Lock()
		defer c.mu.Unlock()
	}
	if c.over.Load() {
		return c.err
	}
	err := c.receive()
	if isTimeout(err) && !c.late() {
		return err // that of the caller's deadline
	}
	c.finish(err)
	return c.err
}

// receive reads until the header is complete.
func (c *proxyConn) receive() error {
	c.armHeader()
	for {
		h, n, err := proxyproto.Parse(c.in)
		if err != nil {
			return err
		}
		if n > 0 {
			c.tell(h)
			if len(c.in) > n {
				c.rest = c.in[n:]
			}
			c.in = nil
			return nil
		}
		if err := c.readMore(); err != nil {
			return err
		}
	}
}

// firstRead is how much is read at first: all of a header as proxies send it, and
// not much of what is behind it.
const firstRead = 256

// readMore reads once. Invariant: c.in is the beginning of a header, so there is
// room for more of it.
func (c *proxyConn) readMore() error {
	if size := len(c.in); size == cap(c.in) {
		c.in = append(make([]byte, 0, min(max(firstRead, 2*size), proxyproto.MaxBytes)), c.in...)
	}
	n, err := c.Conn.Read(c.in[len(c.in):cap(c.in)])
	c.in = c.in[:len(c.in)+n]
	if n > 0 {
		return nil
	}
	return err
}

// tell takes over what the header tells.
func (c *proxyConn) tell(h proxyproto.Header) {
	if c.told = h.Known(); c.told {
		c.remote, c.local = proxyAddr(h.Source), proxyAddr(h.Destination)
	}
}

func proxyAddr(a proxyproto.Address) net.Addr {
	if a.TCP.IsValid() {
		return net.TCPAddrFromAddrPort(a.TCP)
	}
	return &net.UnixAddr{Name: a.Unix, Net: "unix"}
}

// finish ends the time of the header. Without a header the connection is closed:
// it fails closed, because anybody could send what is behind it.
func (c *proxyConn) finish(err error) {
	if err != nil {
		c.err = c.headerError(err)
		c.in = nil
		c.Conn.Close()
	}
	c.deadlines.Lock()
	defer c.deadlines.Unlock()
	c.headerTime = time.Time{}
	c.over.Store(true)
	c.Conn.SetReadDeadline(c.deadline)
}

// headerError returns what a caller is told for an error of receive. No error
// that lasts is a time-out of package net, which would be tried again.
func (c *proxyConn) headerError(err error) error {
	switch {
	case isTimeout(err):
		err = ErrTimeout
	case len(c.in) == 0:
		return err // a client that says nothing and leaves, as health checks do
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", ErrProxyHeader, err)
}

// late reports whether the header should have come.
func (c *proxyConn) late() bool {
	c.deadlines.Lock()
	defer c.deadlines.Unlock()
	return !time.Now().Before(c.headerTime)
}

// armHeader makes reads end when the header must have come.
func (c *proxyConn) armHeader() {
	c.deadlines.Lock()
	defer c.deadlines.Unlock()
	c.Conn.SetReadDeadline(c.readDeadline())
}

// readDeadline returns when a read must end. The caller holds deadlines.
func (c *proxyConn) readDeadline() time.Time {
	if c.headerTime.IsZero() || !c.deadline.IsZero() && c.deadline.Before(c.headerTime) {
		return c.deadline
	}
	return c.headerTime
}

// SetReadDeadline sets the deadline of reads. A header that does not come by then
// may come later.
func (c *proxyConn) SetReadDeadline(t time.Time) error {
	c.deadlines.Lock()
	defer c.deadlines.Unlock()
	c.deadline = t
	return c.Conn.SetReadDeadline(c.readDeadline())
}

// SetDeadline sets the deadlines of reads and writes.
func (c *proxyConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// CloseWrite tells the peer that nothing more will come, where the connection
// has such a thing.
func (c *proxyConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// SetLinger sets what Close does with what was not sent, where the connection has
// such a thing.
func (c *proxyConn) SetLinger(sec int) error {
	if lingering, ok := c.Conn.(interface{ SetLinger(int) error }); ok {
		return lingering.SetLinger(sec)
	}
	return errors.ErrUnsupported
}
