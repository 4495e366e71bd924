package ace

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/raxx-go/raxx/ace/internal/h1"
	"github.com/raxx-go/raxx/ace/internal/process"
	"github.com/raxx-go/raxx/ace/internal/scheduler"
	"github.com/raxx-go/raxx/ace/internal/wheel"
	"github.com/raxx-go/raxx/raxx"
)

// A Server answers requests with a handler on any number of endpoints. Make one
// with [New]. Its methods may be called from any goroutine.
type Server struct {
	handler   raxx.Handler
	looking   atomic.Int32 // how many look at what the workers do: see status
	config    Config
	tls       *tls.Config // what Config.TLS has become
	limits    limits
	permits   permits
	addresses addressLimit

	wheel wheel.Wheel
	date  dateCache
	slow  slowPaths
	hub   *process.Hub
	env   process.Env // of the processes that run machines

	buffers     bufferPool
	works       workPool
	bare        h1.Conn // that of connections that speak no HTTP: it frames nothing, and is never changed
	exchanges   exchangePool
	h2Exchanges h2ExchangePool

	workspaces workspacePool
	events     eventPool
	jobs       scheduler.Pool // drives the workers of connections in memory

	mu         sync.Mutex
	endpoints  map[*endpoint]struct{}
	workers    *worker // a list
	count      int     // of workers
	left       int     // connections of HTTP/2 that have ended, and not their handlers
	announcing int     // of ends of exchanges
	sockets    *scheduler.Scheduler
	leaving    bool
	draining   bool
	closed     bool
	drains     chan struct{} // closed when the server begins to drain
	idle       chan struct{} // closed when it has
	cuts       chan struct{} // closed when connections are cut

	ready atomic.Bool // set with the lock held
}

// New returns a server that answers with h. It does nothing before it is told to
// serve. If every endpoint has a handler or a machine of its own, h may be nil.
func New(h raxx.Handler, c Config) *Server {
	if c.ErrorResponse == nil {
		c.ErrorResponse = DefaultErrorResponse
	}
	limits := c.limits()
	s := &Server{
		handler:   h,
		config:    c,
		limits:    limits,
		permits:   newPermits(limits.connections),
		addresses: addressLimit{most: limits.perAddress, free: slices.Clone(c.UnlimitedAddresses)},
		endpoints: make(map[*endpoint]struct{}),
		drains:    make(chan struct{}),
		idle:      make(chan struct{}),
		cuts:      make(chan struct{}),
	}
	s.hub = process.NewHub(c.Broker, s.brokerFailed)
	s.env = process.Env{Hub: s.hub, Wheel: &s.wheel, Mailbox: limits.mailbox}
	if c.TLS != nil {
		s.tls = serverTLS(c.TLS, c.protocols()...)
	}
	return s
}

// Run listens on an address (see [Listen]) and serves until ctx ends. Then it
// drains as [Server.Shutdown] does, for [Config.DrainDelay] and
// [Config.DrainTimeout] at most, and returns nil, or a [*DrainError] if connections
// had to be cut. It returns earlier with an error, such as an [*EndpointError]. If
// somebody else shuts the server down or closes it, it returns nil when the
// connections have ended, or are cut.
func (s *Server) Run(ctx context.Context, addr string) error {
	if addr == "" { // an Endpoint could have a Listener instead; here nothing but an address was asked for
		_, err := parseAddress(addr)
		return &EndpointError{addr, err}
	}
	return s.RunEndpoints(ctx, Endpoint{Address: addr})
}

// RunEndpoints is Run on several endpoints. If one of them can't be opened, none
// is served; if one fails, the others are closed and all connections cut.
func (s *Server) RunEndpoints(ctx context.Context, endpoints ...Endpoint) error {
	opened, err := s.open(endpoints)
	if err != nil {
		return err
	}
	floor := s.config.reserveHeap()
	defer runtime.KeepAlive(floor)
	served := make(chan error, 1)
	go func() {
		served <- s.serve(opened)
		close(served)
	}()
	select {
	case err := <-served:
		if err != nil {
			s.Close()
			return err
		}
		if s.awaitEnd(ctx) {
			return nil
		}
	case <-ctx.Done():
	}
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.limits.delay+s.limits.drain)
	defer cancel()
	err = s.Shutdown(deadline)
	<-served
	return err
}

// awaitEnd waits while somebody else shuts the server down. It reports false if ctx
// ends before.
func (s *Server) awaitEnd(ctx context.Context) bool {
	select {
	case <-s.idle:
	case <-s.cuts:
	case <-ctx.Done():
		return false
	}
	return true
}

// Serve accepts connections from l and serves them. It may be called more than
// once. It closes l and returns when the server is shut down or closed, with nil,
// or when l fails, with an [*EndpointError]. Connections that were accepted go
// on. A server that was shut down or closed before closes l, and the error is
// [ErrServerClosed].
//
// l belongs to the server from now on: do not close it, since the server may go on
// accepting all the same.
func (s *Server) Serve(l net.Listener) error {
	return s.ServeEndpoints(Endpoint{Listener: l})
}

// ServeEndpoints is Serve for several endpoints. When one fails it closes the
// others.
func (s *Server) ServeEndpoints(endpoints ...Endpoint) error {
	opened, err := s.open(endpoints)
	if err != nil {
		return err
	}
	return s.serve(opened)
}

// serve serves all of the endpoints until they are closed, or one fails.
func (s *Server) serve(endpoints []*endpoint) error {
	closeAll := func() {
		for _, e := range endpoints {
			e.close()
		}
	}
	if err := s.addEndpoints(endpoints); err != nil {
		closeAll()
		return err
	}
	failures := make(chan error, len(endpoints))
	for _, e := range endpoints {
		go func() { failures <- s.serveOne(e) }()
	}
	var first error
	for range endpoints {
		if err := <-failures; err != nil && first == nil {
			first = err
			closeAll()
		}
	}
	return first
}

// serveOne serves an endpoint until it is closed or fails.
func (s *Server) serveOne(e *endpoint) error {
	defer s.removeEndpoint(e)
	trace := &s.config.Trace
	tell(trace.EndpointOpened, e.event(nil))
	if s.accepts(e) {
		tell(trace.Ready, ReadyEvent{s.Addrs()})
	}
	err := e.serve()
	tell(trace.EndpointClosed, e.event(err))
	if err != nil {
		return &EndpointError{e.name, err}
	}
	return nil
}

// Addrs returns the addresses of the endpoints that are being served, in no
// particular order.
func (s *Server) Addrs() []net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	var addrs []net.Addr
	for e := range s.endpoints {
		addrs = append(addrs, e.listener.Addr())
	}
	return addrs
}

// Connections returns the number of connections that are open.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// accepts notes that e accepts connections, and reports whether this makes the
// server ready.
func (s *Server) accepts(e *endpoint) (ready bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.accepting = true
	return s.refreshReady()
}

// addEndpoints puts endpoints among those that are served. Their governors hold a
// permit while they wait, so there have to be enough of them.
func (s *Server) addEndpoints(all []*endpoint) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return ErrServerClosed
	}
	count := len(s.endpoints) + len(all)
	held := len(all)
	for e := range s.endpoints {
		held += e.governors
	}
	if s.limits.connections < held {
		return fmt.Errorf("ace: %d endpoints, and no more than %d connections (MaxConnections)", count, s.limits.connections)
	}
	for _, e := range all {
		e.governors = governors
		if s.limits.connections < manyPermits*count {
			e.governors = fewGovernors
		}
		s.endpoints[e] = struct{}{}
		if e.sockets = newMemoryAcceptor(e, e.listener); e.sockets == nil {
			e.sockets = newAcceptor(e, e.listener)
		}
	}
	s.refreshReady()
	return nil
}

func (s *Server) removeEndpoint(e *endpoint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.endpoints, e)
	s.refreshReady()
	s.checkIdle()
}

// addWorker puts w among those that are told of a drain.
func (s *Server) addWorker(w *worker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.next = s.workers; w.next != nil {
		w.next.prev = w
	}
	s.workers = w
	s.count++
	if s.draining {
		w.drain()
	}
	if s.closed {
		w.cut(ErrServerClosed)
	}
}

func (s *Server) removeWorker(w *worker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.next != nil {
		w.next.prev = w.prev
	}
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		s.workers = w.next
	}
	s.count--
	s.checkIdle()
}

// leaveHandlers notes that a connection has ended before its handlers (n is 1),
// or that these have ended, too (-1). A drain waits for them. The latter may be
// told first: the server is not idle then, because the worker is still there.
func (s *Server) leaveHandlers(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left += n
	s.checkIdle()
}

// unfinished returns the number of connections that are open, or whose handlers
// are still at work.
func (s *Server) unfinished() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count + s.left
}

// scheduler returns what drives the workers of sockets; nil, if the system has
// nothing to build it on. The lock is held.
func (s *Server) scheduler() *scheduler.Scheduler {
	if s.sockets == nil {
		s.sockets, _ = scheduler.New(runtime.GOMAXPROCS(0), func(path string) { s.slow.add(path, s.wheel.Nanos()) })
	}
	return s.sockets
}
