package ace

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/h1"
	"github.com/raxx-go/raxx/raxx"
)

// A worker owns one connection from accept to close. Its goroutine does all the
// work on it; the methods that others may call say so.
type worker struct {
	server *Server
	conn   transport
	tls    *tls.Conn // nil on a cleartext connection
	scheme string
	peer   raxx.Peer

	proto  h1.Conn
	in     *buffer           // what has come and was not used; nil if there is nothing
	out    *buffer           // what was not written yet; nil if there is nothing
	headBy time.Time         // when the head that has begun to come has to be complete
	now    exchange.Exchange // that goes on
	body   *incoming         // of the request that is being answered
	headAt int               // where the head of the reply begins in out
	wrote  bool              // a part of the reply, from its head on, was written
	abort  bool              // the end of the connection must look like a fault

	opened   time.Time
	requests int

	exchanges exchangeContexts

	// Set by any goroutine:
	draining atomic.Bool
	cause    atomic.Pointer[error] // why the connection was cut
}

// newWorker returns the worker of a connection that has been accepted.
func (s *Server) newWorker(conn net.Conn) *worker {
	w := &worker{server: s, scheme: "http", proto: h1.New(s.limits.h1)}
	if addr := conn.RemoteAddr(); addr != nil {
		w.peer.Address = addr.String()
	}
	if s.config.TLS != nil {
		config := s.config.TLS
		if len(config.NextProtos) == 0 {
			config = config.Clone()
			config.NextProtos = []string{"http/1.1"}
		}
		w.tls = tls.Server(conn, config)
		w.scheme, conn = "https", w.tls
	}
	w.conn = newTransport(s, conn)
	w.exchanges.worker = w
	return w
}

// run serves the connection to its end.
func (w *worker) run() {
	w.server.addWorker(w)
	w.opened = time.Now()
	if hook := w.server.config.Trace.ConnectionOpened; hook != nil {
		w.report(hook, nil)
	}
	err := w.serve()
	w.conn.close(w.abort)
	w.server.buffers.put(w.in)
	w.server.buffers.put(w.out)
	w.server.removeWorker(w)
	if hook := w.server.config.Trace.ConnectionClosed; hook != nil {
		w.report(hook, w.endCause(err))
	}
}

// report tells a hook of the connection. It is kept out of run, whose frame lies
// on the stack of every connection that waits.
//
//go:noinline
func (w *worker) report(hook func(ConnectionEvent), err error) {
	hook(ConnectionEvent{Peer: w.peer, Opened: w.opened, Requests: w.requests, Err: err})
}

// serve answers requests until the connection has come to its end. A panic here
// is a fault of the server: it costs this connection and no other.
func (w *worker) serve() (err error) {
	defer func() {
		if v := recover(); v != nil {
			w.abort = true
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	if err := w.handshake(); err != nil {
		return err
	}
	for next := waits; next != ends; {
		// A worker waits here and not within answer, where its stack is deep.
		if next == waits {
			if err := w.more(); err != nil {
				return w.stopped(err)
			}
		}
		next, err = w.answer()
	}
	return err
}

// handshake does the handshake of a TLS connection.
func (w *worker) handshake() error {
	if w.tls == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), w.server.limits.handshake)
	defer cancel()
	err := w.tls.HandshakeContext(ctx)
	if ctx.Err() != nil {
		return ErrTimeout
	}
	return err
}

// fill waits until more of a head has come.
func (w *worker) fill() error {
	idle := len(w.in.unread()) == 0
	deadline := w.headBy
	if idle {
		deadline = w.server.now().Add(w.server.limits.idle)
	} else if deadline.IsZero() {
		deadline = w.server.now().Add(w.server.limits.head)
		w.headBy = deadline
	}
	for {
		if idle && w.draining.Load() {
			deadline = sooner(deadline, w.server.now().Add(drainGrace))
		}
		err := w.read(deadline)
		switch {
		case err == nil && idle:
			w.headBy = time.Time{}
			return nil
		case err != errWoken:
			return err
		}
	}
}

// drainGrace is how long a connection stays open for a request that the client
// may have sent before it could know of the drain.
const drainGrace = 500 * time.Millisecond

func sooner(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// read waits until something has come. Its errors are the cause of a cut,
// ErrTimeout, io.EOF, the network's, and errWoken if none of these is why it
// stopped waiting.
func (w *worker) read(deadline time.Time) error {
	err := w.conn.read(&w.in, deadline)
	if err != errWoken {
		return err
	}
	if cause := w.cause.Load(); cause != nil {
		return *cause
	}
	if !w.server.now().Before(deadline) {
		return ErrTimeout
	}
	return errWoken
}

// used takes note that the first n of the bytes that have come were used, and
// gives the buffer back when it holds nothing more.
func (w *worker) used(n int) {
	if w.in == nil {
		return
	}
	if w.in.r += n; w.in.r == len(w.in.b) {
		w.server.buffers.put(w.in)
		w.in = nil
	}
}

// drain tells the worker that the server shuts down: it answers what has come
// and ends. It may be called by any goroutine.
func (w *worker) drain() {
	w.draining.Store(true)
	w.conn.wake()
}

// cut ends the connection at once. It may be called by any goroutine.
func (w *worker) cut(cause error) {
	w.cause.CompareAndSwap(nil, &cause)
	w.conn.cut()
	w.exchanges.cut(cause)
}

// lingerTimeout is how long a closing connection is read from.
const lingerTimeout = 2 * time.Second

// linger closes the direction in which the server sends, and reads on until the
// client has closed the other. A connection that is closed with bytes unread is
// reset, and the reset can take the reply away from a client that is still
// sending (RFC 9112, Section 9.6).
func (w *worker) linger() {
	if w.conn.closeWrite() != nil {
		return
	}
	deadline := w.server.now().Add(lingerTimeout)
	for {
		w.used(len(w.in.unread()))
		if err := w.read(deadline); err != nil && err != errWoken {
			return
		}
	}
}

// endCause returns the error that a trace is told, for the one that ended serve.
func (w *worker) endCause(err error) error {
	if cause := w.cause.Load(); cause != nil {
		return *cause
	}
	if parse, ok := protocolError(err); ok {
		return parse
	}
	switch {
	case err == nil, err == io.EOF:
		return nil
	case isGone(err):
		return errors.Join(ErrClientGone, err)
	}
	return err
}
