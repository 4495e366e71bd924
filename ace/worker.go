package ace

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/ace/internal/h1"
	"github.com/raxx-go/raxx/raxx"
)

// A worker owns one connection from accept to close. It is a state: what drives
// it is either the scheduler, which lends it a goroutine for each Turn, or a
// goroutine of its own (run). One goroutine at a time works on it; the methods
// that others may call say so.
type worker struct {
	server   *Server
	endpoint *endpoint
	conn     transport
	peer     string    // the address that the connection comes from
	site     *site     // where it is counted as coming from; nil: it is not counted
	secure   *raxx.TLS // what the handshake has brought

	in    *buffer   // what has come and was not used; nil if there is nothing
	out   *buffer   // what was not written yet; nil if there is nothing
	now   *work     // nil while nothing goes on
	proto *h1.Conn  // that of now, or of live; nil if there is neither
	body  *incoming // of the request that is being answered
	live  *live     // what a machine answers; nil if none does
	h2    *h2Conn   // nil as long as the connection does not speak HTTP/2

	waitBy int64 // until when the client is waited for, by the clock of the wheel; 0: it has not been said
	opened int64 // a stamp of the wheel
	why    error // it ends; nil for a regular end
	status status

	exchangeID atomic.Uint64 // of the exchange that is going on
	asked      atomic.Pointer[exchangeContext]
	watchMu    sync.Mutex

	prev, next *worker // in Server.workers; guarded by its lock

	// Set by any goroutine:
	cause    atomic.Pointer[error] // why the connection was cut
	draining atomic.Bool

	headAt     int32 // where the head of the reply begins in out
	requests   uint32
	dropped    uint16 // KiB, while it lingers
	longer     uint8  // how many lingerSteps it may still linger beyond waitBy
	header     bool   // a PROXY header is to come first, among the bytes that are read
	shakes     bool   // a TLS handshake is to come, which the transport does
	wrote      bool   // a part of the reply, from its head on, was written
	inHead     bool   // waitBy is for the rest of a head that has begun to come
	unfinished bool   // the last Turn has left some of what had come to the next
	lingering  bool   // nothing more is answered; the client's end of the connection is waited for
	abort      bool   // the end of the connection must look like a fault

	// Guarded by watchMu:
	watchPaused bool // somebody reads: the connection can't be watched
	watching    bool
}

// newWorker returns a worker for a connection, without its transport.
func (s *Server) newWorker(a arrival) *worker {
	return &worker{server: s, endpoint: a.endpoint, peer: a.peer, site: a.site}
}

// newStreamWorker returns the worker of a connection that is no socket of its
// own: it has a goroutine all its life.
func (s *Server) newStreamWorker(a arrival, conn net.Conn) *worker {
	w := s.newWorker(a)
	proxied, _ := conn.(*proxyConn)
	socket := conn
	if proxied != nil {
		socket = proxied.Conn // asking for the client's address would wait for the header
	}
	if addr := socket.RemoteAddr(); addr != nil {
		w.peer = peerText(addr)
	}
	var below *belowTLS
	var secured *tls.Conn
	if config := a.endpoint.tls; config != nil {
		below = newBelowTLS(s, conn)
		secured = tls.Server(below, config)
		conn = secured
	}
	t := newStream(s, conn)
	t.proxied, t.tls, t.below = proxied, secured, below
	w.conn = t
	return w
}

// scheme returns that of the requests.
func (w *worker) scheme() string {
	if w.secure != nil {
		return "https"
	}
	return "http"
}

// count counts a request. The number does not go beyond what it can hold.
func (w *worker) count() {
	if w.requests < math.MaxUint32 {
		w.requests++
	}
}

// begin makes the worker one of the server's, and starts it when the trace has been
// told. That may take long, so whoever has accepted the connection does not wait for
// it.
func (w *worker) begin(start func()) {
	w.enlist()
	if w.server.config.Trace.ConnectionOpened == nil {
		start()
		return
	}
	go func() {
		w.tellOpened(start)
		start()
	}()
}

// enlist puts the worker among those of the server.
func (w *worker) enlist() {
	w.opened = w.server.wheel.StampOf(time.Now())
	t, _ := w.conn.(*stream)
	if w.header || w.shakes || t != nil && t.shakes() {
		w.status.enter(WorkerHandshake)
	}
	w.server.addWorker(w)
}

// tellOpened tells the trace that the connection has been accepted. If the hook ends
// its goroutine, the connection goes on to its end elsewhere.
func (w *worker) tellOpened(goesOn func()) {
	exits := true
	defer func() {
		if exits {
			w.cut(&PanicError{Value: goexit, Stack: debug.Stack()})
			go goesOn()
		}
	}()
	if fault := w.report(w.server.config.Trace.ConnectionOpened); fault != nil {
		w.cut(fault)
	}
	exits = false
}

// end closes the connection and gives back all that the worker holds.
func (w *worker) end() {
	if w.live != nil { // the worker has panicked
		w.live.close(raxx.Aborted, w.why)
	}
	if w.h2 != nil {
		w.h2.end()
	}
	w.conn.close(w.abort)
	w.server.buffers.put(w.in)
	w.server.buffers.put(w.out)
	w.in, w.out = nil, nil
	if w.now != nil {
		w.now.reset()
		w.server.works.put(w.now)
		w.now = nil
	}
	if hook := w.server.config.Trace.ConnectionClosed; hook != nil {
		w.tellClosed(hook)
		return
	}
	w.makeRoom()
}

// tellClosed tells the trace that the connection has been closed. If the hook panics, or
// ends its goroutine, all is over already.
func (w *worker) tellClosed(hook func(ConnectionEvent)) {
	defer w.makeRoom()
	w.why = w.endCause(w.why)
	exits := true
	defer func() {
		if exits {
			w.conn.leave() // who polls with this goroutine can't any more
		}
	}()
	w.report(hook)
	exits = false
}

// makeRoom lets another connection in.
func (w *worker) makeRoom() {
	w.server.addresses.leave(w.site)
	w.server.removeWorker(w)
	w.server.permits.give()
}

// report tells a hook of the connection, and returns its panic. It is kept out of
// run, whose frame lies on the stack of every connection that waits on a goroutine of
// its own.
//
//go:noinline
func (w *worker) report(hook func(ConnectionEvent)) (fault error) {
	w.conn.handlerBegins(hooks)
	fault = tellSafely(hook, ConnectionEvent{
		Endpoint: w.endpoint.name, Peer: w.knownPeer(), Opened: w.server.wheel.TimeOfDay(w.opened), Requests: int(w.requests), Err: w.why,
	})
	w.conn.handlerEnds(hooks)
	return fault
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
	w.contexts().cut(cause) // first: else it would look as if the client had gone
	w.conn.cut()
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
	case errors.Is(err, ErrClientGone), isFault(err):
		return err
	case isGone(err):
		return fmt.Errorf("%w: %w", ErrClientGone, err)
	}
	return err
}
