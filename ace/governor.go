package ace

import (
	"net"
	"sync"
	"time"
)

// An endpoint is a listening socket that is being served.
type endpoint struct {
	server   *Server
	listener net.Listener
	once     sync.Once
	stop     chan struct{} // closed when the endpoint is
}

// governors is how many workers wait in accept at once. More than one, so that
// an accept that is followed by the start of the next worker leaves no gap.
const governors = 2

// close makes serve return. The server calls it, with its lock held.
func (e *endpoint) close() {
	e.once.Do(func() {
		close(e.stop)
		e.listener.Close()
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
		go e.work(accepted)
		err := <-accepted
		if err == nil {
			pause = 0
			continue
		}
		e.server.permits.give()
		switch judgeAccept(err) {
		case acceptStop:
			return nil
		case acceptFail:
			return err
		case acceptPause:
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			e.wait(pause)
		}
		if hook := e.server.config.Trace.AcceptFailed; hook != nil {
			hook(e.listener.Addr(), err)
		}
	}
	return nil
}

// wait waits for d, or until the endpoint is closed.
func (e *endpoint) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-e.stop:
	}
}

// work is the life of a worker: it accepts a connection, acknowledges, and
// serves it to its end. The acknowledgement comes before the first byte or
// handshake, so that no client can hold up the next one.
func (e *endpoint) work(accepted chan<- error) {
	conn, err := e.listener.Accept()
	accepted <- err
	if err != nil {
		return
	}
	defer e.server.permits.give()
	e.server.newWorker(conn).run()
}
