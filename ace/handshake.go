package ace

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"time"

	"github.com/raxx-go/raxx/ace/internal/tlsfacts"
	"github.com/raxx-go/raxx/ace/internal/wheel"
)

// handshake does what comes before the first byte of the protocol: it reads the
// header of a proxy, and does the handshake of TLS.
func (w *worker) handshake() error {
	t, ok := w.conn.(*stream)
	if !ok {
		return nil
	}
	if t.proxied != nil {
		if err := w.readHeader(t); err != nil {
			return err
		}
	}
	if t.tls == nil {
		return w.handshakeOfListener(t)
	}
	begun := time.Now()
	err := w.shakeHands(t)
	w.traceHandshake(begun, t.tls, err)
	return err
}

// handshakeOfListener does the handshake of a connection that its listener has put TLS
// on already, as those of tls.NewListener are: its requests are as secure as others.
func (w *worker) handshakeOfListener(t *stream) error {
	conn, ok := t.conn.(*tls.Conn)
	if !ok {
		return nil
	}
	begun := time.Now()
	ctx, cancel := w.server.patiently(w.server.wheel.Nanos() + int64(w.server.limits.handshake))
	defer cancel()
	err := conn.HandshakeContext(ctx)
	if ctx.Err() != nil {
		err = ErrTimeout
	} else {
		err = w.shaken(conn, err)
	}
	w.traceHandshake(begun, conn, err)
	return err
}

// traceHandshake tells of a handshake that has ended.
func (w *worker) traceHandshake(begun time.Time, conn *tls.Conn, err error) {
	hook := w.server.config.Trace.HandshakeEnded
	if hook == nil {
		return
	}
	switch cause := w.endCause(err); {
	case cause != nil:
		err = cause
	case err != nil: // for a connection that is a regular end
		err = ErrClientGone
	}
	w.conn.handlerBegins(hooks)
	defer w.conn.handlerEnds(hooks)
	hook(HandshakeEvent{
		Endpoint: w.endpoint.name, Peer: w.knownPeer(), ServerName: serverName(conn),
		Begun: begun, Ended: time.Now(), Err: err,
	})
}

// serverName returns the name that the client has asked for, if it came so far.
func serverName(conn *tls.Conn) string {
	if conn == nil {
		return ""
	}
	return conn.ConnectionState().ServerName
}

// shakeHands does the handshake of TLS.
func (w *worker) shakeHands(t *stream) error {
	ctx, cancel := w.server.patiently(w.server.wheel.Nanos() + int64(w.server.limits.handshake))
	defer cancel()
	t.below.woken = func() error { return w.shakesOn(t) }
	err := t.tls.HandshakeContext(ctx)
	t.below.woken = nil
	t.reading.timer.Stop()
	w.waitBy = 0
	if ctx.Err() != nil {
		return ErrTimeout
	}
	return w.shaken(t.tls, err)
}

// patiently returns a context that ends when the clock of the wheel shows deadline. One
// of package context would end while the process stands still, too.
func (s *Server) patiently(deadline int64) (ctx context.Context, cancel func()) {
	ctx, end := context.WithCancel(context.Background())
	timer := new(wheel.Timer)
	s.wheel.Init(timer, wheel.Func(end))
	timer.Until(deadline)
	return ctx, func() {
		timer.Remove()
		end()
	}
}

// shakesOn is called when a read within the handshake was woken, and returns why the
// handshake can't go on. A drain does not end it, unless the client has not even
// begun before long.
func (w *worker) shakesOn(t *stream) error {
	t.reading.woken()
	if t.below.begun {
		w.waitBy = 0
	}
	if err := w.overdue(); err != nil || !w.draining.Load() || t.below.begun {
		return err
	}
	if w.waitBy == 0 {
		w.waitBy = w.server.wheel.Nanos() + int64(drainGrace)
	}
	t.reading.timer.Until(w.waitBy)
	return nil
}

// shaken notes what a handshake has brought that ended with err.
func (w *worker) shaken(conn *tls.Conn, err error) error {
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &record) && record.Conn != nil && !w.endpoint.raw:
		return answerCleartext(record)
	case err != nil:
		return err
	}
	state := conn.ConnectionState()
	facts := tlsfacts.Of(&state)
	w.learn(func() { w.secure = facts })
	return nil
}

// A handshaker is a transport that does its handshake itself, when the client has
// begun it.
type handshaker interface {
	// begun reports whether something has come.
	begun() bool
	// shake does the handshake, which early is the beginning of. It gives the
	// poller away, and may wait until the deadline.
	shake(config *tls.Config, early []byte, deadline int64) (*tls.Conn, error)
}

// shake does the handshake of a worker that is driven by turns.
func (w *worker) shake() step {
	conn := w.conn.(handshaker)
	early := w.in.unread()
	if w.why = w.overdue(); w.why != nil {
		w.traceHandshake(w.server.wheel.TimeOfDay(w.opened), nil, w.why)
		return ends
	}
	if len(early) == 0 && !conn.begun() {
		return waits
	}
	begun := time.Now()
	shaken, err := conn.shake(w.endpoint.tls, early, w.patience())
	w.used(len(early))
	if cause := w.cause.Load(); err != nil && cause != nil {
		err = *cause
	}
	w.why = w.shaken(shaken, err)
	w.traceHandshake(begun, shaken, w.why)
	if w.why != nil {
		return ends
	}
	w.shakes, w.waitBy, w.inHead = false, 0, false
	w.status.enter(WorkerWaits)
	if next := w.first(); next != waits {
		return next
	}
	return w.look(w.conn.read(&w.in, 0))
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
