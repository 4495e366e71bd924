package memnet

import (
	"context"
	"net"
	"sync"
	"syscall"
)

// A Listener accepts the connections that [Listener.Dial] makes.
type Listener struct {
	queue chan net.Conn

	mu     sync.RWMutex // held to read by those who send to queue
	closed bool
}

// Listen returns a listener with room for 1,024 connections that nobody has
// accepted yet. Those beyond are refused.
func Listen() *Listener { return &Listener{queue: make(chan net.Conn, 1024)} }

// Dial returns the client's end of a new connection.
func (l *Listener) Dial() (net.Conn, error) { return l.DialFrom(context.Background(), "") }

// DialContext is Dial in the form that HTTP clients want. It fails if ctx has
// ended, and does not look at network and address.
func (l *Listener) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return l.DialFrom(ctx, "")
}

// DialFrom is DialContext for a client that has an address.
func (l *Listener) DialFrom(ctx context.Context, from Addr) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	client, server := Pipe()
	client.pipe.from = from
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return nil, &net.OpError{Op: "dial", Net: "mem", Addr: l.Addr(), Err: net.ErrClosed}
	}
	select {
	case l.queue <- server:
		return client, nil
	default:
		return nil, &net.OpError{Op: "dial", Net: "mem", Addr: l.Addr(), Err: syscall.ECONNREFUSED}
	}
}

// Accept returns the server's end of the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	if c, ok := <-l.queue; ok {
		return c, nil
	}
	return nil, &net.OpError{Op: "accept", Net: "mem", Addr: l.Addr(), Err: net.ErrClosed}
}

// Close makes Accept and Dial fail, and closes connections that nobody has
// accepted.
func (l *Listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	close(l.queue)
	for c := range l.queue {
		c.Close()
	}
	return nil
}

// Addr returns the listener's address.
func (l *Listener) Addr() net.Addr { return Addr("server") }

// An Addr is a name on the network in memory.
type Addr string

// Network returns "mem".
func (Addr) Network() string { return "mem" }

// String returns the name.
func (a Addr) String() string { return string(a) }
