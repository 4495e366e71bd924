package ace

import (
	"bytes"
	"sync"
	"time"

	"github.com/raxx-go/raxx/ace/internal/h2"
	"github.com/raxx-go/raxx/raxx"
)

// An h2Conn drives the HTTP/2 of a worker.
//
// One goroutine at a time has the worker's turn: it reads frames, and what they
// ask for it does where it was read. Before it calls a handler or steps a
// machine it says so to the transport. If that takes long, the turn goes on on
// another goroutine; the one that has called the handler is detached, and sends
// the reply when it is there, like any other goroutine would: by the lock.
type h2Conn struct {
	worker *worker
	bell   chan struct{} // rung for the writer of a worker with a goroutine of its own; nil else

	// Owned by the turn:
	event      *h2.Event // nil between turns
	readErr    error     // of a read that has waited
	unfinished bool      // the last one has left some of what had come to the next
	unsaid     bool      // the worker lingers, and what was said last may not be on its way yet

	mu       sync.Mutex
	conn     *h2.Conn
	out      *buffer     // what the client has not taken yet; nil if there is nothing
	blocked  bool        // the transport takes no more of out for the moment
	writing  bool        // the writer has taken out away, and writes it
	inTurn   bool        // the lock is the turn's
	closed   bool        // the worker has ended
	turnless bool        // it has no further turn in which its exchanges could end
	telling  int         // exchanges of whose end somebody is being told
	left     int         // exchanges that somebody still worked for, or told of, when it had ended, and does
	exited   int         // detached goroutines that are being ended by what they have called
	mute     bool        // the client was told that no further request is answered
	failure  error       // of a write
	count    int         // of exchanges that go on
	first    *h2Exchange // of these: a list, the oldest first
	last     *h2Exchange
	answered int // how many have come to their end
	awaited  int // of those, how many wait for their body

	// Times, in nanoseconds; 0: it has not happened.
	moved     int64  // when the client last took something, or did not take something for the first time
	flowed    int64  // when a good piece of content was last sent
	flow      uint64 // how much had been sent then
	idleAt    int64  // when the last exchange or stream ended; 0 while one goes on
	leavingAt int64  // when the client said that it is about to leave
	partialAt int64  // when something began to come that is not whole yet
	eofAt     int64  // when the client closed the direction in which it sends
	warnedAt  int64  // when the client was told to open no further streams
	drainedAt int64  // the same, because the server drains
	heardAt   int64  // when it was known to have heard

	readyMu sync.Mutex
	ready   []*h2Exchange // whose machines have something to do
}

// speaksH2 reports whether the server does.
func (s *Server) speaksH2() bool { return !s.config.DisableHTTP2 }

// sniff decides by the first bytes of a connection whether it speaks HTTP/2.
func (w *worker) sniff() step {
	begin := w.in.unread()
	n := min(len(begin), len(h2.Preface))
	switch {
	case isNoHTTP(begin):
		w.why = errNoHTTP
		return lingers
	case n == 0 || string(begin[:n]) != h2.Preface[:n]:
		return goesOn
	case n < len(h2.Preface):
		return waits
	}
	w.startH2()
	return speaksH2
}

// errNoHTTP is the end of a connection that is not answered.
var errNoHTTP = &ProtocolError{Section: "3.4", Reason: inRFC9113("a first line that is none of HTTP/1.1, and no preface of HTTP/2", "3.4")}

// isNoHTTP reports whether a connection begins with a line of three words in which
// nothing looks like a target or a version. Whoever sends that does not speak
// HTTP/1.1, and would take a 400 for frames: RFC 9113, Section 3.4 lets us close
// without a word.
func isNoHTTP(begin []byte) bool {
	line, _, whole := bytes.Cut(begin, []byte("\r\n"))
	return whole && !bytes.ContainsAny(line, "/*:") && !bytes.Contains(bytes.ToUpper(line), []byte("HTTP")) &&
		bytes.Count(line, []byte(" ")) == 2 && len(bytes.Fields(line)) == 3
}

// startH2 makes the connection one of HTTP/2.
func (w *worker) startH2() {
	now := w.server.wheel.Nanos()
	c := &h2Conn{worker: w, conn: h2.New(&w.server.limits.h2, w.server.workspaces.get()), moved: now, idleAt: now}
	if section, reason := inadequate(w.secure); reason != "" {
		c.conn.Close(h2.InadequateSecurity, section, reason)
	}
	if !w.conn.turns() {
		c.bell = make(chan struct{}, 1)
	}
	w.learn(func() { w.h2 = c })
	w.waitBy, w.inHead = 0, false
	w.status.speak("HTTP/2.0")
	w.status.enter(WorkerWaits)
}

// lock and unlock take the lock for the turn, so that it can be found out who
// holds it when the turn panics.
func (c *h2Conn) lock() {
	c.mu.Lock()
	c.inTurn = true
}

func (c *h2Conn) unlock() {
	c.inTurn = false
	c.mu.Unlock()
}

// now is the time that the protocol is told.
func (c *h2Conn) now() int64 { return c.worker.server.wheel.Nanos() }

// take handles what has come, as long as the replies do not pile up. It reports
// whether the goroutine is detached. The lock is held, unless it is.
func (c *h2Conn) take() (detached bool, err error) {
	w := c.worker
	if c.event == nil {
		c.event = w.server.events.get()
	}
	c.unfinished = false
	for requests := 0; !c.full(); {
		n, err := c.conn.Next(w.in.unread(), c.now(), c.event)
		w.used(n)
		if err != nil || c.event.Kind == h2.NoEvent {
			return false, err
		}
		asks := c.event.Kind == h2.RequestEvent
		if c.happened(c.event) {
			return true, nil
		}
		if asks {
			requests++
		}
		if requests == doneAtMost && c.bell == nil {
			c.unfinished = true
			w.conn.kick()
			break
		}
	}
	return false, nil
}

// happened handles an event.
func (c *h2Conn) happened(ev *h2.Event) (detached bool) {
	switch ev.Kind {
	case h2.RequestEvent:
		return c.begin(ev)
	case h2.DataEvent, h2.TrailerEvent:
		x := ev.Stream.Owner.(*h2Exchange)
		if ev.Kind == h2.TrailerEvent {
			x.trailer = ev.Trailer
		}
		x.came()
	case h2.ResetEvent:
		x := ev.Stream.Owner.(*h2Exchange)
		if ev.Err != nil {
			x.fail(ev.Err)
		} else {
			x.fail(ErrClientGone)
		}
	case h2.RefusedEvent:
		c.refused(ev.Err)
	case h2.GoAwayEvent:
		if c.leavingAt == 0 {
			c.leavingAt = c.now()
		}
	}
	return false
}

// refused tells of a request that has not become one. The lock is held, but not
// while the hook is called, which may ask the server what goes on.
func (c *h2Conn) refused(err *h2.StreamError) {
	w := c.worker
	hook := w.server.config.Trace.ExchangeEnded
	if hook == nil || err == nil {
		return
	}
	protocol, _ := protocolError(err)
	now := time.Now()
	c.unlock()
	defer c.lock()
	hook(ExchangeEvent{
		Endpoint: w.endpoint.name, Request: raxx.Request{Scheme: w.scheme(), Peer: c.peer()}, Begun: now, Ended: now, Err: protocol,
	})
}

// peer returns what is known of the connection.
func (c *h2Conn) peer() raxx.Peer {
	return raxx.Peer{Address: c.worker.peer, Protocol: "HTTP/2.0", TLS: c.worker.secure}
}

// work lets an exchange do what it has to, here and now if it can be detached,
// else on a goroutine of its own. The lock is held, unless it reports that the
// goroutine is detached.
func (c *h2Conn) work(x *h2Exchange) (detached bool) {
	w := c.worker
	x.busy, x.again = true, false
	ticket, ok := w.conn.enter(x.path)
	if !ok {
		x.alone = true
		go x.workAlone()
		return false
	}
	c.unlock()
	x.ticket, x.entered = ticket, true
	x.work()
	if x.leave() {
		x.rests()
		return true
	}
	c.lock()
	x.rested()
	w.server.h2Exchanges.put(x)
	return false
}

// runReady lets those machines work that have something to do. Those that are
// ready again afterwards have to wait for the next turn, so that none of them can
// hold up the others. The lock is held, unless it reports that the goroutine is
// detached.
func (c *h2Conn) runReady() (detached bool) {
	for n := c.countReady(); n > 0; n-- {
		x := c.nextReady()
		switch {
		case x.over:
		case x.busy:
			x.again = true
		case c.work(x):
			return true
		}
	}
	if c.countReady() > 0 {
		c.worker.conn.kick()
	}
	return false
}

func (c *h2Conn) countReady() int {
	c.readyMu.Lock()
	defer c.readyMu.Unlock()
	return len(c.ready)
}

// nextReady takes the first of those that are ready. Only the turn calls it.
func (c *h2Conn) nextReady() *h2Exchange {
	c.readyMu.Lock()
	defer c.readyMu.Unlock()
	x := c.ready[0]
	if c.ready = c.ready[1:]; len(c.ready) == 0 {
		c.ready = nil
	}
	x.listed = false
	return x
}

// markReady has the turn look after the machine of an exchange. It may be called
// by any goroutine.
func (c *h2Conn) markReady(x *h2Exchange) {
	c.readyMu.Lock()
	first := !x.listed
	if first {
		x.listed = true
		c.ready = append(c.ready, x)
	}
	c.readyMu.Unlock()
	if first {
		c.worker.conn.kick()
	}
}
