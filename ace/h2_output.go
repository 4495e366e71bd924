package ace

import "time"

// output returns the buffer that frames are appended to. The lock is held.
func (c *h2Conn) output() []byte {
	if c.out == nil {
		c.out = c.worker.server.buffers.get()
	}
	c.conn.Tick(c.now())
	return c.out.b
}

// mostOutput is how much may wait to be written before nothing more is read. It
// leaves a client room to send before it reads; but one that does not fetch its
// replies gets no more of them.
const mostOutput = 2 * bodyBufferSize

// full reports whether the client has to read first. The lock is held.
func (c *h2Conn) full() bool { return len(c.out.unread()) > mostOutput }

// flush writes what is to be written, as far as the client takes it, and as others
// can wait for it: then there is one more turn. It returns errAgain if the client
// does not take all, and else the error of the first write that failed. The lock is
// held.
func (c *h2Conn) flush() error {
	switch {
	case c.closed:
		return c.failure
	case c.failure != nil:
		return c.failure
	case c.bell != nil:
		if c.unwritten() {
			c.ring()
		}
		return nil
	}
	was := c.blocked
	c.blocked = false
	for sent := 0; c.gather(); {
		if sent >= sentAtMost && c.inTurn {
			c.worker.conn.kick() // and go on later
			return nil
		}
		n, err := c.worker.conn.writeSome(c.out.unread(), nil, 0)
		sent += n
		if c.out.r += n; n > 0 || !was {
			c.moved = c.now()
		}
		if err != nil {
			return c.notWritten(err)
		}
	}
	if was { // TLS may have taken all, and not be rid of it
		if _, err := c.worker.conn.writeSome(nil, nil, 0); err != nil {
			return c.notWritten(err)
		}
	}
	return nil
}

// notWritten notes, and returns, why a write has ended. The lock is held.
func (c *h2Conn) notWritten(err error) error {
	if err == errAgain {
		c.blocked = true
	} else {
		c.failure = err
	}
	if !c.inTurn {
		c.worker.conn.kick() // a turn waits for room, or ends the worker
	}
	return err
}

// sayRest writes what is left when nothing more will be said. It returns errAgain as
// long as that is not all, and whether the client has taken some of it.
func (c *h2Conn) sayRest() (moved bool, err error) {
	c.lock()
	defer c.unlock()
	before := c.moved
	err = c.flush()
	if err == nil && c.unwritten() {
		err = errAgain // by its share of a turn
	}
	return c.moved != before, err
}

// gather sees to it that there is something in out, if there is something to
// write. The lock is held.
func (c *h2Conn) gather() bool {
	buffers := &c.worker.server.buffers
	if len(c.out.unread()) > 0 {
		return true
	}
	if !c.conn.HasOutput() {
		buffers.put(c.out)
		c.out = nil
		return false
	}
	if c.out != nil && len(c.out.b) > 0 && cap(c.out.b) < bodyBufferSize {
		// More is to be sent than one buffer holds.
		buffers.put(c.out)
		c.out = buffers.getBody()
	}
	c.output()
	// Heads may have made the buffer large; content need not fill it.
	c.out.b, c.out.r = c.conn.AppendOutput(c.out.b[:0:min(cap(c.out.b), bodyBufferSize)], c.now()), 0
	for s := c.conn.Drained(); s != nil; s = c.conn.Drained() {
		if x, ok := s.Owner.(*h2Exchange); ok {
			x.drained()
		}
	}
	return len(c.out.b) > 0 || c.gathered()
}

// gathered gives back a buffer that nothing was put into.
func (c *h2Conn) gathered() bool {
	c.worker.server.buffers.put(c.out)
	c.out = nil
	return false
}

// ring tells the writer that there may be something to write.
func (c *h2Conn) ring() {
	select {
	case c.bell <- struct{}{}:
	default:
	}
}

// write writes, for a worker with a goroutine of its own, until stop closes.
// Reading goes on meanwhile, so that a client which sends before it reads can't
// bring both to a standstill.
func (c *h2Conn) write(stop <-chan struct{}) {
	for {
		select {
		case <-c.bell:
			c.writeAll(c.worker.server.limits.progress)
		case <-stop:
			c.writeAll(time.Second)
			return
		}
	}
}

func (c *h2Conn) writeAll(timeout time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	wrote := false
	for c.failure == nil && !c.closed && c.gather() {
		out, full := c.out, c.full()
		c.out, c.writing, wrote = nil, true, true
		c.mu.Unlock()
		err := c.worker.conn.write(out.unread(), nil, timeout)
		c.worker.server.buffers.put(out)
		c.mu.Lock()
		c.writing = false
		if c.moved = c.now(); err != nil {
			c.failure = err
		}
		if full || err != nil {
			c.worker.conn.kick() // there is room again, or there never will be
		}
	}
	if wrote && !c.closed && c.hasDeadline() {
		c.worker.conn.kick() // only a turn looks at the time
	}
}

// unwritten reports whether something waits to be written. The lock is held.
func (c *h2Conn) unwritten() bool {
	return c.writing || len(c.out.unread()) > 0 || c.conn.HasOutput()
}
