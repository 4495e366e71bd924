package ace

// info tells what goes on. The server's lock is held.
func (c *h2Conn) info(info *WorkerInfo) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info.Requests = c.answered
	for x := c.first; x != nil; x = x.next {
		info.Exchanges = append(info.Exchanges, RunningExchange{x.method, x.path, c.worker.server.wheel.TimeOfDay(x.since)})
	}
	if info.State = c.worker.state(c.count > 0); c.blocked && info.State != WorkerLingers {
		info.State = WorkerWrites
	}
}

// enlist puts an exchange behind those that go on. The lock is held.
func (c *h2Conn) enlist(x *h2Exchange) {
	c.count++
	if x.prev = c.last; x.prev != nil {
		x.prev.next = x
	} else {
		c.first = x
	}
	c.last = x
}

// delist takes it out again. The lock is held.
func (c *h2Conn) delist(x *h2Exchange) {
	if c.count--; c.count == 0 {
		c.idleAt = c.now()
	}
	c.answered++
	if x.prev != nil {
		x.prev.next = x.next
	} else {
		c.first = x.next
	}
	if x.next != nil {
		x.next.prev = x.prev
	} else {
		c.last = x.prev
	}
	x.prev, x.next = nil, nil
}
