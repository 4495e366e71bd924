package scheduler

// wants say what is waited for.
type wants struct{ read, write bool }

// waiters is what waiting within a Turn takes.
type waiters struct {
	read, write chan struct{}
	woken       bool   // the next WaitRead returns at once
	wokenWrite  bool   // the next WaitWrite does
	gone        func() // told when the peer hangs up
}

// eventWhileRunning takes an event for a connection that somebody works on.
func (c *Conn) eventWhileRunning(events uint32) {
	c.mu.Lock()
	var gone func()
	switch state := c.state.Load(); {
	case state == closed:
	case state == idle:
		// It ended its Turn in between. epoll watches it again, and will tell
		// of the event again.
	default:
		gone = c.deliver(events)
		c.watchNarrowly()
	}
	c.mu.Unlock()
	if gone != nil {
		gone()
	}
}

// deliver wakes those who wait for the events, and returns whom to tell that the
// peer has hung up. The lock is held.
func (c *Conn) deliver(events uint32) (gone func()) {
	if c.want.read && events&(readable|broken) != 0 {
		c.want.read = false
		c.wait.read <- struct{}{}
	}
	if c.want.write && events&(writable|broken) != 0 {
		c.want.write = false
		c.wait.write <- struct{}{}
	}
	if c.wait != nil && c.wait.gone != nil && events&(hangup|broken) != 0 {
		gone, c.wait.gone = c.wait.gone, nil
	}
	return gone
}

// watchNarrowly makes epoll watch for what is wanted, once. The lock is held.
func (c *Conn) watchNarrowly() {
	events := uint32(once)
	if c.want.read {
		events |= readable
	}
	if c.want.write {
		events |= writable
	}
	if c.wait != nil && c.wait.gone != nil {
		events |= hangup
	}
	c.narrow.Store(true)
	c.control(events)
}

// waiters returns c.wait. The lock is held.
func (c *Conn) waiters() *waiters {
	if c.wait == nil {
		c.wait = &waiters{read: make(chan struct{}, 1), write: make(chan struct{}, 1)}
	}
	return c.wait
}

// WaitRead waits until the descriptor may be readable, or [Conn.Wake] is called.
// It may be called by any goroutine that works for a Turn, one at a time; the
// Turn's own calls Leave before, unless it is between Enter and Exit.
func (c *Conn) WaitRead() {
	c.LeaveHandler()
	c.mu.Lock()
	w := c.waiters()
	if w.woken {
		w.woken = false
		c.mu.Unlock()
		return
	}
	c.want.read = true
	c.watchNarrowly()
	c.mu.Unlock()
	<-w.read
}

// WaitWrite waits until the descriptor may be writable, or [Conn.WakeWrite] is
// called. It is for the goroutine of the Turn.
func (c *Conn) WaitWrite() {
	c.Leave()
	c.mu.Lock()
	w := c.waiters()
	if w.wokenWrite {
		w.wokenWrite = false
		c.mu.Unlock()
		return
	}
	c.want.write = true
	c.watchNarrowly()
	c.mu.Unlock()
	<-w.write
}

// Wake makes the WaitRead that is under way, or else the next one of this Turn,
// return; without a Turn it is Kick.
func (c *Conn) Wake() {
	c.mu.Lock()
	if c.state.Load() != idle {
		w := c.waiters()
		if c.want.read {
			c.want.read = false
			w.read <- struct{}{}
		} else {
			w.woken = true
		}
	}
	c.mu.Unlock()
	c.Kick()
}

// WakeWrite makes the WaitWrite that is under way, or else the next one of this
// Turn, return.
func (c *Conn) WakeWrite() {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.want.write:
		c.want.write = false
		c.wait.write <- struct{}{}
	case c.state.Load() != idle:
		c.waiters().wokenWrite = true
	}
}

// Watch calls gone once, on the goroutine of a poller, when the peer closes the
// connection or the direction in which it sends, before [Conn.Unwatch] is
// called. It is for use within a Turn.
func (c *Conn) Watch(gone func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiters().gone = gone
	c.watchNarrowly()
}

// Unwatch ends the effect of Watch, but for a call that is under way.
func (c *Conn) Unwatch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wait != nil {
		c.wait.gone = nil
	}
}
