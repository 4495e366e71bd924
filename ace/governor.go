package ace

import (
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// An endpoint is a listening socket that is being served.
type endpoint struct {
	server    *Server
	name      string
	listener  net.Listener
	tls       *tls.Config // nil: it speaks without
	sockets   acceptor    // nil: connections are served as streams
	raw       bool        // a machine answers, and not HTTP
	handler   raxx.Handler
	machine   raxx.Machine
	once      sync.Once
	accepting bool          // guarded by Server.mu
	stop      chan struct{} // closed when the endpoint is

	governors int          // how many there are
	waiting   atomic.Int32 // how many wait in accept
	full      atomic.Bool  // they can't, for want of permits, and the trace has been told
}

// An acceptor accepts connections whose workers the scheduler drives.
type acceptor interface {
	// accept waits for a connection and starts its worker.
	accept() error
	// close makes accept fail with net.ErrClosed, together with the listener's.
	close()
}

// governors is how many workers wait in accept at once, on each endpoint. More
// than one, so that an accept that is followed by the start of the next worker
// leaves no gap; but no more than one where permits are few, since each of them
// holds one.
const (
	governors    = 2
	manyPermits  = 16 // for each endpoint
	fewGovernors = 1
)

// close makes serve return. The server calls it, with its lock held.
func (e *endpoint) close() {
	e.once.Do(func() {
		close(e.stop)
		e.listener.Close()
		if e.sockets != nil {
			e.sockets.close()
		}
	})
}

// isClosed reports whether the endpoint was closed.
func (e *endpoint) isClosed() bool {
	select {
	case <-e.stop:
		return true
	default:
		return false
	}
}

// serve runs the governors until the endpoint is closed or fails.
func (e *endpoint) serve() error {
	failures := make(chan error, e.governors)
	var running sync.WaitGroup
	for range e.governors {
		running.Go(func() { failures <- e.govern() })
	}
	err := <-failures
	e.close()
	running.Wait()
	return err
}

// govern keeps one worker waiting in accept: it starts the next one as soon as
// the one before says that it has a connection. It returns nil if the endpoint
// has been closed.
func (e *endpoint) govern() error {
	accepted := make(chan error)
	pause := time.Duration(0)
	for e.permit() {
		e.waiting.Add(1)
		err := e.accept(accepted)
		e.waiting.Add(-1)
		if err == nil {
			pause = 0
			continue
		}
		e.server.permits.give()
		if e.isClosed() {
			return nil // whatever a listener that was closed calls its error
		}
		wait := time.Duration(0)
		switch judgeAccept(err) {
		case acceptStop:
			return nil
		case acceptFail:
			return err
		case acceptPause:
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			wait = pause
		}
		tellSafely(e.server.config.Trace.AcceptFailed, AcceptEvent{e.name, e.listener.Addr(), err, wait})
		e.wait(wait)
	}
	return nil
}

// permit waits for a permit, and reports whether it got one before the endpoint
// was closed. The trace is told when nobody accepts any more, and not again
// before there has been a permit to spare.
func (e *endpoint) permit() bool {
	s := e.server
	if s.permits.try() {
		if e.full.Load() {
			e.full.Store(false)
		}
		return true
	}
	if e.waiting.Load() == 0 && !e.full.Swap(true) {
		tellSafely(s.config.Trace.LimitReached, AcceptEvent{Endpoint: e.name, Addr: e.listener.Addr(), Err: ErrConnectionLimit})
	}
	return s.permits.take(e.stop)
}

// event returns what a trace is told of the endpoint.
func (e *endpoint) event(err error) EndpointEvent {
	return EndpointEvent{e.name, e.listener.Addr(), e.tls != nil, err}
}

// wait waits for d, or until the endpoint is closed.
func (e *endpoint) wait(d time.Duration) {
	if d == 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-e.stop:
	}
}

// accept waits until a worker has a connection. A worker that is driven by turns
// needs no goroutine to begin with; the governor waits in its place.
func (e *endpoint) accept(accepted chan error) error {
	if e.sockets != nil {
		return e.sockets.accept()
	}
	go e.work(accepted)
	return <-accepted
}

// work is the life of a worker with a goroutine of its own: it accepts a
// connection, acknowledges, and serves it to its end. The acknowledgement comes
// before the first byte or handshake, so that no client can hold up the next.
func (e *endpoint) work(accepted chan<- error) {
	conn, err := e.listener.Accept()
	accepted <- err
	if err != nil {
		return
	}
	proxied, _ := conn.(*proxyConn)
	a := arrival{endpoint: e, header: proxied != nil}
	if !a.header { // else asking for the address would wait for the header
		var ok bool
		if a.site, ok = e.server.addresses.enter(ipOf(conn.RemoteAddr())); !ok {
			e.refuse(conn)
			return
		}
	}
	e.server.newStreamWorker(a, conn).run()
}

// refuse closes a connection of which there are too many. A reset leaves nothing
// of it behind, here or in the kernel.
func (e *endpoint) refuse(conn net.Conn) {
	abortively(conn)
	conn.Close()
	e.server.permits.give()
	e.tellRefused(peerText(conn.RemoteAddr()))
}

// An arrival is a connection that has been accepted, and what is known of it.
type arrival struct {
	endpoint *endpoint
	peer     string // the address that it comes from
	site     *site  // where it is counted as coming from, if it is
	header   bool   // it begins with a PROXY header
}
