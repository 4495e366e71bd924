package ace

import (
	"runtime/debug"
	"time"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/h2"
	"github.com/raxx-go/raxx/ace/internal/scheduler"
	"github.com/raxx-go/raxx/ace/internal/wheel"
	"github.com/raxx-go/raxx/raxx"
)

// An h2Exchange is a request on a stream, and its reply.
type h2Exchange struct {
	c      *h2Conn
	s      *h2.Stream
	req    *raxx.Request // nil once nobody will need it any more
	method string
	since  int64     // when it began: a stamp of the wheel
	begun  time.Time // the same for a trace, if there is one
	fault  error     // why no handler is asked; nil: one is

	// Owned by the goroutine that works for the exchange, of which there is one
	// at most:
	now      *exchange.Exchange // nil if no handler is at work
	ticket   scheduler.Ticket
	extended bool    // it is an extended CONNECT; never changed
	entered  bool    // the transport was told that work begins, and not that it ended
	detached bool    // the turn goes on elsewhere
	alone    bool    // this goroutine never had the turn
	whole    bool    // the next content is all there is
	ended    bool    // the end of the reply has been handed to the protocol
	wasLive  bool    // a machine has answered, whose process knows the exchange
	body     *h2Body // nil if there is none

	// Guarded by the connection's lock:
	busy    bool // somebody works for it
	left    bool // the connection has ended meanwhile
	again   bool // and there will be something to do afterwards
	over    bool
	err     error         // why it can't go on
	trailer raxx.Header   // of the request
	input   signal        // told when there is more to read, or err is set
	room    signal        // told when what was pending has gone, or err is set
	rest    [][]byte      // content behind what is pending
	tail    raxx.Header   // behind rest
	ending  bool          // tail is to be sent
	patient time.Duration // with the client; 0: the server's
	awaits  int64         // since when a machine waits for the body; 0: it does not
	parting bool          // the reply is whole, and what is pending is left to the connection
	sent    bool          // what was pending has gone
	live    *h2Live       // nil if no machine answers

	path       string      // whose handler is at work; only the one who works changes it
	prev, next *h2Exchange // in h2Conn.first

	asked *h2Context // nil if nobody has asked for the context

	listed bool // in h2Conn.ready, whose lock guards it
}

// begin begins an exchange. It reports whether the goroutine is detached. The
// lock is held, unless it is.
func (c *h2Conn) begin(ev *h2.Event) (detached bool) {
	w := c.worker
	x := w.server.h2Exchanges.get()
	req := x.req
	*req = ev.Request
	x.c, x.s, x.method, x.path, x.since, x.extended = c, ev.Stream, req.Method, req.Path, w.server.wheel.Stamp(), ev.Stream.Extended()
	x.s.Owner = x
	c.enlist(x)
	w.count()
	req.Scheme, req.Peer = w.scheme(), c.peer()
	req.Scope = raxx.NewScope(c, uint64(x.s.ID()))
	if !ev.End && !x.extended {
		req.Body = newH2Body(x).stream(req)
	}
	if w.server.config.Trace.ExchangeEnded != nil {
		x.begun = time.Now()
	}
	switch {
	case ev.Status != 0:
		x.fault = &ProtocolError{ev.Status, "10.5.1", "a header larger than is allowed (RFC 6585, 5)", nil}
	case x.s.Connect():
		x.fault = h2NoTunnel
	}
	return c.work(x)
}

// refuse answers a request that reaches no handler.
func (x *h2Exchange) refuse() {
	if x.now == nil {
		x.now = x.c.worker.server.exchanges.get()
	}
	x.now.Refuse(x.req, x.fault, x, x.c.worker.server.config.ErrorResponse)
	if x.now.Err == nil {
		x.now.Err = x.fault
	}
	x.finish()
}

// workAlone works on a goroutine that never had the turn.
func (x *h2Exchange) workAlone() {
	begun := time.Now()
	x.work()
	s := x.c.worker.server
	if x.c.bell == nil && time.Since(begun) < scheduler.Tick {
		s.slow.relax(x.path, s.wheel.Nanos())
	}
	x.rests()
}

// work does what there is to do. A panic in it is the server's fault, and costs
// the connection. So does a handler that ends its goroutine.
func (x *h2Exchange) work() {
	done := false
	defer func() {
		v := recover()
		if v == nil && !done {
			v = goexit
			defer x.exits()
		}
		if v != nil {
			x.c.worker.cut(&PanicError{Value: v, Stack: debug.Stack()})
		}
	}()
	switch {
	case x.fault != nil:
		x.refuse()
	case x.live != nil:
		x.live.steps()
	case x.parting:
		x.part()
	default:
		x.serve()
	}
	done = true
}

// leave says that the work that may take long is over. It reports whether the
// goroutine is detached.
func (x *h2Exchange) leave() (detached bool) {
	if x.entered {
		x.entered = false
		if x.detached = x.c.worker.conn.exit(x.ticket); x.detached {
			s := x.c.worker.server
			s.slow.add(x.path, s.wheel.Nanos())
		}
	}
	return x.detached
}

// rests ends the work of a goroutine that has not the turn. If there will be none any
// more, nobody else would end the exchange.
func (x *h2Exchange) rests() {
	c, last := x.c, false
	c.mu.Lock()
	if c.turnless && x.needsTurn() {
		x.detached, x.alone = false, true
		c.mu.Unlock()
		x.work()
		c.mu.Lock()
	}
	x.detached, x.alone = false, false
	x.rested()
	if c.flush(); c.hasDeadline() {
		c.worker.conn.kick() // only a turn looks at the time
	}
	if x.left {
		x.left = false
		c.left--
		last = c.left == 0
	}
	c.mu.Unlock()
	if last {
		c.worker.server.leaveHandlers(-1)
	}
}

// needsTurn reports whether the exchange goes on when its machine is stepped, or when
// it is looked whether its reply has gone. The lock is held.
func (x *h2Exchange) needsTurn() bool { return !x.over && (x.live != nil || x.parting) }

// rested says that nobody works for the exchange any more. The lock is held.
func (x *h2Exchange) rested() {
	x.busy = false
	if x.again && !x.over {
		x.again = false
		x.c.markReady(x)
	}
}

// serve calls the handler and sends its reply.
func (x *h2Exchange) serve() {
	server, answer := x.c.worker.server, x.c.worker.endpoint.handler
	x.now = server.exchanges.get()
	handler := answer
	if x.extended {
		handler = func(req raxx.Request) raxx.Response { return noOpening(answer(req)) }
	}
	x.now.Serve(handler, x.req, x, server.config.ErrorResponse)
	if m, ok := x.now.Machine(); ok {
		x.startLive(m)
		return
	}
	x.finish()
}

// noOpening refuses an extended CONNECT in the name of a handler, or a machine, that
// has not seen that it was one: any 2xx would open the tunnel (RFC 8441, Section 5).
func noOpening(resp raxx.Response) raxx.Response {
	if opensTunnel(resp.Status) {
		// RFC 9220, Section 3: the status for a protocol that is not supported.
		return raxx.Problem(raxx.StatusNotImplemented, "this resource does not speak the protocol that was asked for")
	}
	return resp
}

// opensTunnel reports whether a status that a handler has not meant so would open
// a tunnel.
func opensTunnel(status int) bool { return status >= 200 && status < 300 }

// fail says why the exchange can't go on. The lock is held.
func (x *h2Exchange) fail(err error) {
	if x.err != nil {
		return
	}
	x.err = err
	x.endContext(err)
	x.came()
}

// came says that there is something new for whoever waits. The lock is held.
func (x *h2Exchange) came() {
	x.input.tell()
	x.room.tell()
	if x.live != nil || x.parting {
		x.c.markReady(x)
	}
}

// A signal wakes the one goroutine that waits for it. The connection's lock guards
// it.
type signal struct{ c chan struct{} } // nil: nobody has waited

func (s *signal) tell() {
	if s.c != nil {
		select {
		case s.c <- struct{}{}:
		default:
		}
	}
}

// wait waits for a signal. The lock is held, but not while it waits. Its error is
// ErrTimeout, if there is a deadline, which is by the clock of the wheel; 0 is none.
func (x *h2Exchange) wait(s *signal, deadline int64) error {
	c := x.c
	if s.c == nil {
		s.c = make(chan struct{}, 1)
	}
	c.mu.Unlock()
	defer c.mu.Lock()
	c.worker.conn.blocks()
	if deadline == 0 {
		<-s.c
		return nil
	}
	late := make(chan struct{})
	var timer wheel.Timer
	c.worker.server.wheel.Init(&timer, wheel.Func(func() { close(late) }))
	timer.Until(deadline)
	defer timer.Remove()
	select {
	case <-s.c:
		return nil
	case <-late:
		return ErrTimeout
	}
}
