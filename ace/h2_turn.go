package ace

import (
	"io"

	"github.com/raxx-go/raxx/ace/internal/h2"
)

// turn does what can be done without waiting for the client.
func (c *h2Conn) turn() step {
	w := c.worker
	c.lock()
	c.conn.Lend(w.server.workspaces.get())
	err := c.read()
	if err == nil && c.worker.draining.Load() {
		c.drain()
	}
	detached, broken := c.take()
	if !detached && broken == nil {
		detached = c.runReady()
	}
	if detached {
		return detaches
	}
	full := c.full()
	flushed := c.flush()
	if full && !c.full() { // something may have come for which there was no room
		c.unfinished = true
		w.conn.kick()
	}
	next := c.judge(broken, err, flushed)
	c.unlock()
	return next
}

// read reads what has come. The lock is held, which is no harm: it does not wait.
func (c *h2Conn) read() error {
	w := c.worker
	err := c.readErr
	if err == nil && !c.full() && !c.unfinished {
		w.in = w.server.buffers.widen(w.in)
		err = w.conn.read(&w.in, 0)
	}
	if err == errAgain || err == errWoken {
		return nil
	}
	return err
}

// judge says how the worker goes on: broken is the client's fault, read and
// written are the network's.
func (c *h2Conn) judge(broken, read, written error) step {
	w := c.worker
	cause := w.cause.Load()
	switch {
	case cause != nil:
		w.why = *cause
	case broken != nil:
		w.why = broken
		c.dismiss(w.endCause(broken))
		return lingers
	case read == io.EOF && (written == nil || written == errAgain) && c.servesOut():
		return c.wait()
	case read != nil:
		w.why = read
	case written != nil && written != errAgain:
		w.why = written
	case c.conn.Finished() && c.count == 0 && written == nil && !c.unwritten():
		return lingers
	default:
		return c.wait()
	}
	return ends
}

// servesOut reports whether something is left to do for a client that will send
// nothing more, and may still read: the requests that have come whole are answered,
// as over HTTP/1.1, and what a machine has sent to the end is the client's to take. It
// may as well be gone, which can be told only by a write; so contexts end, and whatever
// could need more of it. The lock is held.
func (c *h2Conn) servesOut() bool {
	switch {
	case c.eofAt == 0:
		c.eofAt = c.now()
		for x := c.first; x != nil; x = x.next {
			if !x.parting && (x.live != nil && !x.ending || x.extended || !x.s.Ended()) {
				x.fail(ErrClientGone)
			} else {
				x.endContext(ErrClientGone)
			}
		}
	case c.worker.secure != nil && c.worker.conn.hungUp():
		return false // crypto/tls reads nothing behind the end, and would not tell
	}
	stuck := !c.unwritten()
	for x := c.first; x != nil; x = x.next {
		if x.s.Pending() > 0 && (stuck || c.conn.Stalled(x.s)) {
			x.fail(ErrClientGone) // nobody will open the window
		}
	}
	return c.count > 0 || c.unwritten()
}

// wait ends a turn: nothing is kept that is not needed, and the time-out is set.
func (c *h2Conn) wait() step {
	w := c.worker
	now := c.now()
	deadline, err := c.deadline(now)
	if err != nil {
		c.conn.Close(h2.NoError, "6.8", "")
		c.flush()
		c.dismiss(err)
		if w.why = err; err == errIdle {
			w.why = nil
		}
		return lingers
	}
	w.used(0)
	w.in = w.server.buffers.shrink(w.in)
	w.server.workspaces.put(c.conn.Release())
	w.server.events.put(c.event)
	c.event = nil
	w.waitBy = deadline
	w.conn.await(w.waitBy, expectation{input: !c.full() && c.eofAt == 0, room: c.blocked})
	return pauses
}

// run is turn for a worker with a goroutine of its own: it waits, too.
func (c *h2Conn) run() step {
	w := c.worker
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		c.write(stop)
	}()
	defer func() {
		close(stop)
		<-done
	}()
	for {
		next := c.turn()
		if next != pauses {
			return next
		}
		deadline := w.waitBy
		if deadline == 0 {
			deadline = never
		}
		if c.hasRoom() {
			if err := w.conn.read(&w.in, deadline); err != nil && err != errWoken {
				c.readErr = err
			}
		} else {
			w.conn.doze(w.waitBy)
		}
	}
}

// hasRoom reports whether more may be read, and may come.
func (c *h2Conn) hasRoom() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.full() && c.eofAt == 0
}

// drain tells the client, and the machines, that the server shuts down.
func (c *h2Conn) drain() {
	if c.drainedAt != 0 {
		return
	}
	c.drainedAt = c.now()
	c.warn()
	for s := range c.conn.Streams() {
		if x, ok := s.Owner.(*h2Exchange); ok && x.live != nil {
			x.live.process.Drain()
		}
	}
}

// warn asks the client to open no further streams. Soon after that, they are not served
// any more: see deadline. The lock is held.
func (c *h2Conn) warn() {
	if c.warnedAt == 0 {
		c.warnedAt = c.now()
		c.conn.Drain()
	}
}

// failAll tells all exchanges why they can't go on. The lock is held.
func (c *h2Conn) failAll(why error) {
	for x := c.first; x != nil; x = x.next {
		x.fail(why)
	}
}

// dismiss ends all exchanges now, and not when the connection has lingered. The lock
// is held.
func (c *h2Conn) dismiss(why error) {
	for _, x := range c.settle(why) {
		go x.workAlone()
	}
}

// settle says that no turn will come any more, which could step a machine, or see that a
// reply can't be sent to its end. It returns the exchanges that nobody works for: each is
// to be worked for on a goroutine of its own. The lock is held.
func (c *h2Conn) settle(why error) (idle []*h2Exchange) {
	c.turnless = true
	c.failAll(why)
	for x := c.first; x != nil; x = x.next {
		if !x.busy && x.needsTurn() {
			x.busy, x.alone = true, true
			idle = append(idle, x)
		}
	}
	return idle
}

// end ends all exchanges. It is called once, when the worker ends.
func (c *h2Conn) end() {
	if c.inTurn { // the turn has panicked
		c.unlock()
	}
	c.mu.Lock()
	c.closed = true
	why := c.worker.endCause(c.worker.why)
	if why == nil {
		why = ErrClientGone
	}
	for x := c.first; x != nil; x = x.next {
		if x.busy {
			x.left = true
			c.left++
		}
	}
	idle := c.settle(why)
	c.left += c.telling
	left := c.left > 0
	c.worker.server.buffers.put(c.out)
	c.out = nil
	c.mu.Unlock()
	if left {
		c.worker.server.leaveHandlers(1)
	}
	if len(idle) == 0 {
		return
	}
	c.worker.conn.handlerBegins(hooks) // the last step of a machine may take as long as any
	defer c.worker.conn.handlerEnds(hooks)
	for _, x := range idle {
		done := make(chan struct{})
		go func() { // which it may end
			defer close(done)
			x.workAlone()
		}()
		<-done
	}
}
