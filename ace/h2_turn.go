package ace

import (
	"errors"
	"io"
	"time"

	"github.com/raxx-go/raxx/ace/internal/h2"
)

// turn does what can be done without waiting for the client.
func (c *h2Conn) turn() step {
	w := c.worker
	c.lock()
	c.conn.Lend(w.server.workspaces.get())
	w.in = w.server.buffers.widen(w.in)
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
	flushed := c.flush()
	next := c.judge(broken, err, flushed)
	c.unlock()
	return next
}

// read reads what has come. The lock is held, which is no harm: it does not wait.
func (c *h2Conn) read() error {
	err := c.readErr
	if err == nil {
		err = c.worker.conn.read(&c.worker.in, time.Time{})
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
		return lingers
	case read != nil:
		if w.why = read; read == io.EOF && c.count == 0 {
			w.why = nil
		}
	case written != nil && written != errAgain:
		w.why = written
	case c.conn.Finished() && c.count == 0 && written == nil:
		return lingers
	default:
		return c.wait()
	}
	return ends
}

// wait ends a turn: nothing is kept that is not needed, and the time-out is set.
func (c *h2Conn) wait() step {
	w := c.worker
	now := c.now()
	deadline, err := c.deadline(now)
	if err != nil {
		c.conn.Close(h2.NoError, "")
		c.flush()
		if w.why = err; err == errIdle {
			w.why = nil
		}
		return lingers
	}
	w.used(0)
	w.in = w.server.buffers.shrink(w.in)
	w.server.workspaces.put(c.conn.Release())
	w.waitBy = time.Time{}
	if deadline != 0 {
		w.waitBy = time.Unix(0, deadline)
	}
	w.conn.await(w.waitBy, expectation{input: true, room: c.blocked})
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
		if deadline.IsZero() {
			deadline = never
		}
		if err := w.conn.read(&w.in, deadline); err != nil && err != errWoken {
			c.readErr = err
		}
	}
}

// drain tells the client, and the machines, that the server shuts down.
func (c *h2Conn) drain() {
	if c.drainedAt != 0 {
		return
	}
	c.drainedAt = c.now()
	c.conn.Drain()
	for s := range c.conn.Streams() {
		if x, ok := s.Owner.(*h2Exchange); ok && x.live != nil {
			x.live.process.Drain()
		}
	}
}

// errIdle is the end of a connection on which nothing goes on.
var errIdle = errors.New("ace: idle")

// deadline returns until when the client is waited for, 0 if for ever, and an
// error if that is over.
func (c *h2Conn) deadline(now int64) (at int64, err error) {
	limits := &c.worker.server.limits
	until := func(since int64, limit time.Duration, late error) {
		deadline := since + int64(limit)
		if deadline <= now && err == nil {
			err = late
		}
		if at == 0 || deadline < at {
			at = deadline
		}
	}
	if c.blocked {
		until(c.moved, limits.progress, ErrTimeout)
	}
	if c.conn.Blocked() || c.awaited > 0 {
		c.cutSlow(now)
		until(now, limits.progress/4, nil)
	}
	if c.drainedAt != 0 && !c.drainOver {
		if now >= c.drainedAt+int64(drainGrace) {
			c.drainOver = true
			c.conn.FinishDrain()
			c.worker.conn.kick() // what that says is to be written
		} else {
			until(c.drainedAt, drainGrace, nil)
		}
	}
	open := c.count > 0 || c.anyOpen()
	if partial := len(c.worker.in.unread()) > 0 || !c.conn.Idle(); open || !partial {
		c.partialAt = 0
	} else if c.partialAt == 0 {
		c.partialAt = now
	}
	switch {
	case open:
		c.idleAt = now
	case c.partialAt != 0 && !c.blocked:
		until(c.partialAt, limits.head, ErrTimeout)
	default:
		until(c.idleAt, limits.idle, errIdle)
	}
	return at, err
}

// anyOpen reports whether a stream is open: also one whose reply is whole, and
// has not been sent yet.
func (c *h2Conn) anyOpen() bool {
	for range c.conn.Streams() {
		return true
	}
	return false
}

// cutSlow ends the exchanges that the client holds up: it takes nothing of what
// is to be sent, or sends nothing of what it has promised.
func (c *h2Conn) cutSlow(now int64) {
	late := now - int64(c.worker.server.limits.progress)
	var slow []*h2.Stream
	for s := range c.conn.Streams() {
		x, ok := s.Owner.(*h2Exchange)
		if s.Pending() > 0 && s.Moved() <= late || ok && x.awaits != 0 && x.awaits <= late {
			slow = append(slow, s)
		}
	}
	for _, s := range slow {
		if x, ok := s.Owner.(*h2Exchange); ok {
			x.fail(ErrTimeout)
		} else {
			c.conn.Reset(s, h2.Cancel) // nobody works for it any more
		}
	}
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
	var idle []*h2Exchange
	for s := range c.conn.Streams() {
		if x, ok := s.Owner.(*h2Exchange); ok && !x.over {
			x.fail(why)
			if x.live != nil && !x.busy {
				x.busy = true
				idle = append(idle, x)
			}
		}
	}
	c.worker.server.buffers.put(c.out)
	c.out = nil
	c.mu.Unlock()
	for _, x := range idle {
		x.live.failed(why)
	}
}
