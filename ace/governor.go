package ace

import (
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// An endpoint is a listening socket that is being served.
type endpoint struct {
	server   *Server
	name     string
	listener net.Listener
	tls      *tls.Config // nil: it speaks without
	sockets  acceptor    // nil: connections are served as streams
	once     sync.Once
	stop     chan struct{} // closed when the endpoint is
}

// An acceptor accepts connections whose workers the scheduler drives.
type acceptor interface {
	// accept waits for a connection and starts its worker.
	accept() error
	// close makes accept fail with net.ErrClosed, together with the listener's.
	close()
}

// governors is how many workers wait in accept at once. More than one, so that
// an accept that is followed by the start of the next worker leaves no gap.
const governors = 2

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

// serve runs the governors until the endpoint is closed or fails.
func (e *endpoint) serve() error {
	failures := make(chan error, governors)
	var running sync.WaitGroup
	for range governors {
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
	for e.server.permits.take(e.stop) {
		err := e.accept(accepted)
		if err == nil {
			pause = 0
			continue
		}
		e.server.permits.give()
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
		tell(e.server.config.Trace.AcceptFailed, AcceptEvent{e.name, e.listener.Addr(), err, wait})
		e.wait(wait)
	}
	return nil
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
	if err == nil {
		e.server.newStreamWorker(e, conn).run()
	}
}
