package ace

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"runtime/debug"
	"time"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/h1"
	"github.com/raxx-go/raxx/raxx"
)

// A step says how a worker goes on.
type step uint8

const (
	goesOn   step = iota // something has come that may be a request
	waits                // more has to come first
	lingers              // all is said, and the connection is to be closed
	ends                 // the connection is at its end; worker.why says why
	lives                // a machine answers, and has something to do
	pauses               // await has been called already
	speaksH2             // the connection is one of HTTP/2
	detaches             // another goroutine has the connection now
)

// answer answers a request, if all of its head is there.
func (w *worker) answer() step {
	if w.header {
		if next := w.takeHeader(); next != goesOn {
			return next
		}
	}
	if w.shakes {
		return w.shake()
	}
	if w.endpoint.raw {
		return w.startRaw(w.endpoint.machine)
	}
	if w.requests == 0 && w.secure == nil && w.server.speaksH2() {
		if next := w.sniff(); next != goesOn {
			return next
		}
	}
	w.hold()
	var req raxx.Request
	n, complete, err := w.proto.Head(w.in.unread(), &req)
	w.used(n)
	if err != nil {
		return w.unreadable(&req, err)
	}
	if !complete {
		return waits
	}
	begun := w.accept(&req)
	if req.Method == "CONNECT" {
		w.endExchange()
		return w.refuse(&req, begun, noTunnel)
	}
	w.now.path = req.Path
	if w.conn.handlerBegins(req.Path) && w.out != nil {
		// Replies to earlier requests do not wait for this one.
		if w.Flush() != nil {
			w.cut(ErrClientGone)
		}
		w.wrote = false
	}
	w.serveRequest(&req, begun)
	w.handlerEnds()
	if m, ok := w.now.Machine(); ok {
		return w.startLive(m, &req, begun)
	}
	return w.answered(&req, begun)
}

// answered goes on behind a reply that has been sent whole, or can't be.
func (w *worker) answered(req *raxx.Request, begun time.Time) step {
	w.endExchange()
	if w.now.Err != nil {
		return w.failed(req, begun)
	}
	w.trace(req, begun)
	return w.goOn()
}

// serveRequest calls the handler and sends its reply. A trace is told also of one
// that ends its goroutine.
func (w *worker) serveRequest(req *raxx.Request, begun time.Time) {
	if w.server.config.Trace.ExchangeEnded == nil {
		w.now.Serve(w.endpoint.handler, req, w, w.server.config.ErrorResponse)
		return
	}
	w.tracing(req, begun, func() { w.now.Serve(w.endpoint.handler, req, w, w.server.config.ErrorResponse) })
}

// tracing calls answer, which makes the reply to req. If it ends its goroutine, the
// trace is told of the exchange.
func (w *worker) tracing(req *raxx.Request, begun time.Time, answer func()) {
	done := false
	defer func() {
		if done {
			return
		}
		if v := recover(); v != nil {
			panic(v)
		}
		w.exits(&PanicError{Value: goexit, Stack: debug.Stack()})
		w.trace(req, begun)
	}()
	answer()
	done = true
}

// noTunnel: a CONNECT reaches no handler, since none can have asked for it.
var noTunnel = &ProtocolError{Status: 501, Section: "3.2.3", Reason: "a CONNECT to a server that is no proxy"}

// accept completes a request with what is not in its head.
func (w *worker) accept(req *raxx.Request) (begun time.Time) {
	w.count()
	if w.inHead {
		w.status.enter(WorkerWaits)
	}
	w.waitBy, w.inHead = 0, false
	req.Scheme = w.scheme()
	req.Peer.Address, req.Peer.TLS = w.peer, w.secure
	id := w.exchangeID.Load()
	req.Scope = raxx.NewScope(w.contexts(), id)
	if w.requests == 1 {
		w.status.speak(req.Peer.Protocol)
	}
	w.status.begin(req, id, w.server.wheel.Stamp(), &w.server.looking)
	if w.proto.HasBody() {
		if more, _ := w.proto.CheckBody(w.in.unread()); more && w.Flush() != nil {
			// Replies to earlier requests do not wait for the body of this one.
			w.cut(ErrClientGone)
		}
		w.body = newIncoming(w)
		req.Body = w.body.stream()
	}
	w.wrote = false
	if w.server.config.Trace.ExchangeEnded != nil {
		begun = time.Now()
	}
	return begun
}

// endExchange takes back what the exchange lent to the handler.
func (w *worker) endExchange() {
	a := w.contexts().end()
	if w.now != nil {
		w.now.Gone = a.cause
	}
	if a.to != nil {
		outcome := exchange.Outcome{Err: w.why}
		if w.now != nil { // else a machine has broken down that was waiting
			outcome = w.now.Outcome
		}
		w.announce(a, outcome)
	}
	if w.body != nil {
		w.body.end()
	}
}

// goOn makes the connection ready for the next request, if there may be one.
func (w *worker) goOn() step {
	if w.proto.KeepAlive() && w.body != nil && !w.body.skip() {
		w.proto.Close()
	}
	w.forget()
	switch {
	case w.proto.KeepAlive():
		w.proto.Next()
		return goesOn
	case w.proto.LastRequest() && len(w.in.unread()) == 0:
		// Nothing is on its way that a reset could answer, so there is nothing
		// to linger for.
		w.why = w.Flush()
		w.conn.endless(w.why != nil)
		return ends
	}
	return w.finish()
}

// hold gets what is needed for requests, which the worker keeps until it waits.
func (w *worker) hold() {
	if w.now == nil {
		w.now = w.server.works.get()
		w.now.proto = h1.New(w.server.limits.h1)
		w.proto = &w.now.proto
	}
}

// forget lets go of the exchange.
func (w *worker) forget() {
	w.body = nil
	w.now.reset()
}

// release gives back what is needed for requests, before a wait. It is kept if the
// protocol is amid a head.
func (w *worker) release() {
	if w.now == nil || w.live == nil && !w.now.proto.Fresh() {
		return
	}
	w.server.works.put(w.now)
	w.now = nil
	if w.live == nil {
		w.proto = nil
	}
}

// finish writes what is left to write and closes the connection so that the
// client gets all of it.
func (w *worker) finish() step {
	if err := w.Flush(); err != nil {
		w.why = cmp.Or(w.why, err)
		return ends
	}
	w.conn.endless(false)
	return lingers
}

// stopped ends a connection on which nothing more came. It is kept out of fill,
// whose frame lies on the stack of every connection that waits on a goroutine of
// its own.
//
//go:noinline
func (w *worker) stopped(err error) step {
	if w.header {
		return w.withoutHeader(err)
	}
	return w.unreadable(&raxx.Request{}, err)
}

// unreadable ends a connection on which the head of a request could not be read.
// Whoever sent nothing, or has gone, gets no answer.
func (w *worker) unreadable(req *raxx.Request, err error) step {
	protocol, ok := protocolError(err)
	if !ok && (!errors.Is(err, ErrTimeout) || len(w.in.unread()) == 0) {
		w.why = w.leave(err)
		return ends
	}
	if !ok {
		protocol = &ProtocolError{408, "9.5", "the head of the request took too long", err}
	}
	if req.Method == "" && bytes.HasPrefix(bytes.TrimLeft(w.in.unread(), "\r\n"), []byte("HEAD ")) {
		req.Method = "HEAD" // RFC 9110, Section 9.3.2: its reply has no content
	}
	req.Scheme, req.Peer.Address, req.Peer.TLS = w.scheme(), w.peer, w.secure
	w.hold()
	return w.refuse(req, time.Now(), protocol)
}

// refuse answers with what stands for fault, and ends the connection. There is no
// exchange, or it has been ended.
func (w *worker) refuse(req *raxx.Request, begun time.Time, fault error) step {
	w.body = nil
	w.why = fault
	w.proto.Close()
	w.conn.handlerBegins(hooks)
	w.now.Refuse(req, fault, w, w.server.config.ErrorResponse)
	w.conn.handlerEnds(hooks)
	w.now.Err = errors.Join(fault, w.now.Err)
	w.trace(req, begun)
	w.forget()
	next := w.finish()
	w.abort = next == ends
	return next
}

// leave ends a connection on which no request was begun, or none will be
// answered. A connection that was idle for too long, or while the server
// drained, has come to a regular end.
func (w *worker) leave(err error) error {
	idle := len(w.in.unread()) == 0
	switch {
	case idle && (err == io.EOF || err == ErrTimeout):
		return nil
	case err == io.EOF:
		return io.ErrUnexpectedEOF
	}
	return err
}

// failed ends a connection whose reply could not be sent whole. If nothing of it
// was written yet, and it is the body of the request that is malformed, the
// client is told so instead.
func (w *worker) failed(req *raxx.Request, begun time.Time) step {
	fault := w.requestFault(w.now.Err)
	if fault != nil && !w.wrote {
		if w.now.Status != 0 {
			w.out.b = w.out.b[:w.headAt]
		}
		return w.refuse(req, begun, fault)
	}
	if fault != nil {
		w.now.Fault = nil
	}
	// What is there of the reply is written, so that the client sees that it
	// breaks off, and not that there was none.
	took := w.Flush() == nil
	w.abort = w.proto.EndsWithConnection()
	w.why = w.now.Err
	w.trace(req, begun)
	next := w.breaks(took)
	w.forget()
	return next
}

// breaks is how a connection ends behind a reply that breaks off. Where that is the
// handler's wish or fault, the client is to get what was sent before.
func (w *worker) breaks(took bool) step {
	if took && !w.abort && w.now.Fault != nil {
		return lingers
	}
	return ends
}

// requestFault returns what was wrong with the body of the request, if that is
// why the reply could not be sent.
func (w *worker) requestFault(err error) error {
	if protocol, ok := protocolError(err); ok {
		return protocol
	}
	if errors.Is(err, io.ErrUnexpectedEOF) && errors.Is(err, ErrClientGone) {
		return &ProtocolError{400, "8", "a body that breaks off", err}
	}
	return nil
}

// trace tells of an exchange that has ended.
func (w *worker) trace(req *raxx.Request, begun time.Time) {
	hook := w.server.config.Trace.ExchangeEnded
	if hook == nil {
		return
	}
	// As the handler was told of it, whatever comes now.
	err := w.traced(w.now.Outcome)
	if w.conn.handlerBegins(hooks) && w.out != nil && w.Flush() != nil { // the client does not wait for it
		w.cut(ErrClientGone)
	}
	defer w.conn.handlerEnds(hooks)
	hook(ExchangeEvent{
		Endpoint: w.endpoint.name, Request: *req, Status: w.now.Status, Content: w.now.Content,
		Begun: begun, Ended: time.Now(), Fault: w.now.Fault, Err: err,
	})
}

// hooks is what the hooks of a trace, and Config.ErrorResponse, are called among the
// paths of handlers: they may take as long.
const hooks = ""
