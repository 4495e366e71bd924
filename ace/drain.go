package ace

import (
	"context"
	"time"
)

// Ready reports whether the server accepts connections on all of its endpoints, and
// will go on to. It is false until the last of them has been opened, and from the
// first moment of [Server.Shutdown] on, while the endpoints are still open. It is
// what the health check of a load balancer should report.
func (s *Server) Ready() bool { return s.ready.Load() }

// Shutdown drains the server, in this order:
//
//  1. [Server.Ready] turns false.
//  2. For [Config.DrainDelay] everything goes on as before.
//  3. The endpoints are closed.
//  4. The workers are told. Requests that have come are answered with
//     "connection: close", over HTTP/2 behind a GOAWAY. A connection that waits for
//     a request is closed after half a second, since one may be on its way; over
//     HTTP/2 earlier, if the client shows that it has heard.
//  5. It waits until there is no connection left, no handler of a connection that
//     has broken, and no function of [raxx.Scope.OnEnd] that runs, and returns nil.
//
// If ctx ends before, it closes the endpoints at once, cuts the connections that
// are left, gives their handlers a second to end, and returns a [*DrainError].
// After Shutdown a server can't serve again. It may be called more than once, and
// each call waits.
//
// A handler that waits for Shutdown waits for itself, and so does a machine: call
// it on another goroutine, or end the context of [Server.Run].
func (s *Server) Shutdown(ctx context.Context) error {
	begun := time.Now()
	first := s.leave()
	if first {
		tell(s.config.Trace.DrainBegan, DrainEvent{Connections: s.Connections()})
	}
	s.delay(ctx)
	s.drain()
	err := s.waitOrCut(ctx)
	if first {
		event := DrainEvent{Connections: s.Connections(), Took: time.Since(begun)}
		if err != nil { // no error must not become one that holds nothing
			event.Err = err
		}
		tell(s.config.Trace.DrainEnded, event)
	}
	if err != nil {
		return err
	}
	return nil
}

// leave makes the server not ready. It reports whether it has been up to now.
func (s *Server) leave() (first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first = !s.leaving
	s.leaving = true
	s.refreshReady()
	return first
}

// delay waits until load balancers know that the server is leaving, unless there
// is nothing any more that they could connect to.
func (s *Server) delay(ctx context.Context) {
	s.mu.Lock()
	open := len(s.endpoints) > 0
	s.mu.Unlock()
	if s.limits.delay <= 0 || !open {
		return
	}
	timer := time.NewTimer(s.limits.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-s.drains:
	}
}

// waitOrCut waits until there is no connection left, and cuts them when ctx ends.
func (s *Server) waitOrCut(ctx context.Context) *DrainError {
	select {
	case <-s.idle:
		return nil
	case <-ctx.Done():
	}
	report := newDrainError(s.cutAll(), context.Cause(ctx))
	if report.Connections > 0 {
		tell(s.config.Trace.ConnectionsCut, *report)
	}
	timer := time.NewTimer(cutGrace)
	defer timer.Stop()
	select { // handlers that heed their context end now
	case <-s.idle:
		if report.Connections == 0 {
			return nil
		}
	case <-timer.C:
		report.Left = s.unfinished()
	}
	return report
}

// cutGrace is how long Shutdown waits for handlers whose connections it has cut.
const cutGrace = time.Second

// Close closes the endpoints and cuts every connection at once. Handlers that
// are at work find their context ended; Close does not wait for them, so that a
// handler may call it. The error is always nil. A server that was closed can't serve
// again.
func (s *Server) Close() error {
	s.leave()
	s.drain()
	s.cutAll()
	return nil
}

// cutAll cuts every connection, and returns what they were.
func (s *Server) cutAll() (cut Workers) {
	s.looking.Add(1)
	defer s.looking.Add(-1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		close(s.cuts)
	}
	for w := s.workers; w != nil; w = w.next {
		cut = append(cut, w.info())
		w.cut(ErrServerClosed)
	}
	return cut
}

// drain closes the endpoints, so that no worker comes any more, and tells the
// workers that are there.
func (s *Server) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return
	}
	s.draining = true
	close(s.drains)
	for e := range s.endpoints {
		e.close()
	}
	for w := s.workers; w != nil; w = w.next {
		w.drain()
	}
	s.checkIdle()
}

// checkIdle ends what serves the workers when the server has drained. The lock
// is held.
func (s *Server) checkIdle() {
	if !s.draining || s.count > 0 || s.left > 0 || s.announcing > 0 || len(s.endpoints) > 0 {
		return
	}
	select {
	case <-s.idle:
		return
	default:
	}
	s.wheel.Halt()
	if s.sockets != nil {
		s.sockets.Close()
	}
	close(s.idle)
}

// refreshReady finds out whether the server is ready, and reports whether it was
// not before. The lock is held.
func (s *Server) refreshReady() (became bool) {
	ready := !s.leaving && len(s.endpoints) > 0
	for e := range s.endpoints {
		ready = ready && e.accepting
	}
	return !s.ready.Swap(ready) && ready
}
