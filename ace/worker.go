package ace

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/h1"
	"github.com/raxx-go/raxx/raxx"
)

// A worker owns one connection from accept to close. It is a state: what drives
// it is either the scheduler, which lends it a goroutine for each Turn, or a
// goroutine of its own (run). One goroutine at a time works on it; the methods
// that others may call say so.
type worker struct {
	server *Server
	conn   transport
	tls    *tls.Conn // nil on a cleartext connection
	scheme string
	peer   string // the address that the connection comes from

	proto  h1.Conn
	in     *buffer            // what has come and was not used; nil if there is nothing
	out    *buffer            // what was not written yet; nil if there is nothing
	now    *exchange.Exchange // that goes on; nil between two
	body   *incoming          // of the request that is being answered
	path   string             // whose handler is at work; "" if none is
	headAt int                // where the head of the reply begins in out
	wrote  bool               // a part of the reply, from its head on, was written

	waitBy    time.Time // until when more of a head is waited for
	inHead    bool      // waitBy is for the rest of a head that has begun to come
	lingering bool      // all is said; the client's end of the connection is waited for
	abort     bool      // the end of the connection must look like a fault
	why       error     // it ends; nil for a regular end

	opened   time.Time
	requests int

	exchanges exchangeContexts

	prev, next *worker // in Server.workers; guarded by its lock

	// Set by any goroutine:
	draining atomic.Bool
	cause    atomic.Pointer[error] // why the connection was cut
}

// newWorker returns a worker for a connection from the address peer, without its
// transport.
func (s *Server) newWorker(peer string) *worker {
	w := &worker{server: s, scheme: "http", peer: peer, proto: h1.New(s.limits.h1)}
	w.exchanges.worker = w
	return w
}

// newStreamWorker returns the worker of a connection that is no socket of its
// own: it has a goroutine all its life.
func (s *Server) newStreamWorker(conn net.Conn) *worker {
	peer := ""
	if addr := conn.RemoteAddr(); addr != nil {
		peer = addr.String()
	}
	w := s.newWorker(peer)
	if s.config.TLS != nil {
		w.tls = tls.Server(conn, s.config.TLS)
		w.scheme, conn = "https", w.tls
	}
	w.conn = newStream(s, conn)
	return w
}

// begin puts the worker among those of the server.
func (w *worker) begin() {
	w.server.addWorker(w)
	w.opened = time.Now()
	if hook := w.server.config.Trace.ConnectionOpened; hook != nil {
		w.report(hook)
	}
}

// end closes the connection and gives back all that the worker holds.
func (w *worker) end() {
	w.conn.close(w.abort)
	w.server.buffers.put(w.in)
	w.server.buffers.put(w.out)
	w.in, w.out = nil, nil
	w.release()
	if hook := w.server.config.Trace.ConnectionClosed; hook != nil {
		w.why = w.endCause(w.why)
		w.report(hook)
	}
	w.server.removeWorker(w)
	w.server.permits.give()
}

// report tells a hook of the connection. It is kept out of run, whose frame lies
// on the stack of every connection that waits on a goroutine of its own.
//
//go:noinline
func (w *worker) report(hook func(ConnectionEvent)) {
	hook(ConnectionEvent{
		Peer: raxx.Peer{Address: w.peer}, Opened: w.opened, Requests: w.requests, Err: w.why,
	})
}

// recovered, deferred, ends a worker that has panicked. That is a fault of the
// server, since handlers' panics are recovered before: it costs this connection
// and no other.
func (w *worker) recovered(next *step) {
	if v := recover(); v != nil {
		w.abort, *next = true, ends
		w.why = &PanicError{Value: v, Stack: debug.Stack()}
	}
}

// run drives the worker on a goroutine of its own, from begin to end.
func (w *worker) run() {
	w.begin()
	w.serve()
	w.end()
}

// serve answers requests until the connection has come to its end.
func (w *worker) serve() (next step) {
	defer w.recovered(&next)
	if w.why = w.handshake(); w.why != nil {
		return ends
	}
	for next = waits; next != ends; {
		// A worker waits here and not within answer, where its stack is deep.
		switch next {
		case waits:
			next = w.fill()
		case goesOn:
			next = w.answer()
		case lingers:
			w.linger()
			return ends
		}
	}
	return ends
}

// Turn does what can be done without waiting for the client. It is called by the
// scheduler when something has come, and when the worker was woken.
func (w *worker) Turn() {
	if w.turn() == ends {
		w.end()
	}
}

func (w *worker) turn() (next step) {
	defer w.recovered(&next)
	next = w.look(w.conn.read(&w.in, time.Time{}))
	for next == goesOn {
		next = w.answer()
	}
	switch next {
	case lingers:
		return w.startLinger()
	case waits:
		return w.await()
	}
	return ends
}

// look says how a Turn goes on after its first read has returned err.
func (w *worker) look(err error) step {
	switch {
	case w.lingering:
		return w.lingerOn(err)
	case err == nil:
		return goesOn
	case err == errAgain || err == errWoken:
		if err = w.overdue(w.waitBy); err == nil {
			return waits
		}
	}
	return w.stopped(err)
}

// await ends a Turn: what was answered is written, and the time-out is set for
// what comes next.
func (w *worker) await() step {
	if !w.lingering {
		if w.why = w.Flush(); w.why != nil {
			return ends
		}
		w.in = w.server.buffers.shrink(w.in)
		w.release()
		w.waitBy = w.patience()
	}
	w.conn.await(w.waitBy)
	return waits
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
	var record tls.RecordHeaderError
	if errors.As(err, &record) && record.Conn != nil {
		return answerCleartext(record)
	}
	return err
}

// answerCleartext tells a client that spoke HTTP on a port for HTTPS.
func answerCleartext(record tls.RecordHeaderError) error {
	if first := record.RecordHeader[0]; first < 'A' || first > 'Z' {
		return record // no method: whatever it is, it would not understand
	}
	record.Conn.SetWriteDeadline(time.Now().Add(time.Second))
	io.WriteString(record.Conn, "HTTP/1.0 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\n"+
		"connection: close\r\n\r\nThis port speaks HTTPS, and the request was HTTP.\n")
	return &ProtocolError{400, "9.7", "cleartext HTTP on a port for HTTPS", record}
}

// fill waits until more of a head has come. What was answered is written before:
// the replies to all requests that one read brought go out together.
func (w *worker) fill() step {
	if w.why = w.Flush(); w.why != nil {
		return ends
	}
	w.in = w.server.buffers.shrink(w.in)
	w.release()
	for {
		switch err := w.read(w.patience()); err {
		case nil:
			return goesOn
		case errWoken: // by a drain
		default:
			return w.stopped(err)
		}
	}
}

// patience returns until when more of a head is waited for: a long time for the
// first byte of it, a short one for all of it, and a very short one for the
// first byte while the server drains.
func (w *worker) patience() time.Time {
	now := w.server.now()
	inHead := len(w.in.unread()) > 0
	switch {
	case inHead && !w.inHead:
		w.waitBy = now.Add(w.server.limits.head)
	case w.waitBy.IsZero():
		w.waitBy = now.Add(w.server.limits.idle)
	}
	if w.inHead = inHead; !inHead && w.draining.Load() {
		w.waitBy = sooner(w.waitBy, now.Add(drainGrace))
	}
	return w.waitBy
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
	if err := w.overdue(deadline); err != nil {
		return err
	}
	return errWoken
}

// overdue returns why a wait that was woken has to end: the cause of a cut, or
// ErrTimeout.
func (w *worker) overdue(deadline time.Time) error {
	if cause := w.cause.Load(); cause != nil {
		return *cause
	}
	if !deadline.IsZero() && !w.server.now().Before(deadline) {
		return ErrTimeout
	}
	return nil
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

// startLinger is the beginning of linger for a worker that the scheduler drives,
// and lingerOn goes on with it when a read has returned err.
func (w *worker) startLinger() step {
	if w.conn.closeWrite() != nil {
		return ends
	}
	w.used(len(w.in.unread()))
	w.lingering = true
	w.waitBy = w.server.now().Add(lingerTimeout)
	return w.await()
}

func (w *worker) lingerOn(err error) step {
	w.used(len(w.in.unread()))
	if err == errAgain || err == errWoken {
		err = w.overdue(w.waitBy)
	}
	if err != nil {
		return ends
	}
	return waits
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
		return fmt.Errorf("%w: %w", ErrClientGone, err)
	}
	return err
}
