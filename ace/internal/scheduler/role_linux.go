package scheduler

import (
	"math"
)

// noTurn is a number that no role reaches: it is even, and beyond all others.
const noTurn = math.MaxUint64 - 1

// Enter says that the Turn is going to do what may take long: from now on the
// role can be taken away. What it does has a name, which is told to whoever New
// was given, should it lose the role. Enter, Exit and Leave are for the goroutine
// of the Turn. An Enter that follows on one without an Exit in between, which a panic
// can have skipped, has no effect.
func (c *Conn) Enter(name string) {
	v := c.turn
	if v == noTurn || v&1 == 1 {
		return
	}
	c.poller.name = name
	c.poller.role.Store(v + 1)
	c.turn = v + 1
	c.poller.scheduler.monitor.working()
}

// Exit ends what Enter has begun. It reports whether the role was lost.
func (c *Conn) Exit() (lost bool) {
	v := c.turn
	if v&1 == 0 {
		return false
	}
	if c.poller.role.CompareAndSwap(v, v+1) {
		c.turn = v + 1
		return false
	}
	c.turn = noTurn
	return true
}

// EnterDetachable is Enter for work of which the connection has more than one: if
// the role is taken away, the connection is, too. It gets another Turn at once,
// and this goroutine is detached: it must not touch the connection any more, but
// for what any goroutine may do. It reports false, and has done nothing, if the
// Turn does not hold the role.
func (c *Conn) EnterDetachable(name string) (Ticket, bool) {
	v := c.turn
	if v == noTurn {
		return 0, false
	}
	c.poller.name, c.poller.detachable = name, c
	c.poller.role.Store(v + 1)
	c.poller.scheduler.monitor.working()
	return Ticket(v + 1), true
}

// ExitDetachable ends what EnterDetachable has begun. It reports whether the
// goroutine has been detached.
func (c *Conn) ExitDetachable(t Ticket) (detached bool) {
	v := uint64(t)
	if !c.poller.role.CompareAndSwap(v, v+1) {
		return true
	}
	c.poller.detachable = nil
	c.turn = v + 1
	return false
}

// Leave gives the role to another goroutine, if the Turn still has it. It is to
// be called before whatever is known to take long.
func (c *Conn) Leave() {
	v := c.turn
	if v == noTurn {
		return
	}
	c.turn = noTurn
	if v&1 == 1 {
		c.poller.pass(v)
		return
	}
	c.poller.role.Store(v + 2)
	c.poller.scheduler.handOver(handover{c.poller, v + 2})
}

// LeaveHandler gives away the role of the poller if its holder is within a
// handler. It is for any goroutine that works for a Turn between Enter and Exit.
// If the Turn has lost the role before, it may be another's that is given away,
// which costs that one a switch of goroutines and nothing else.
func (c *Conn) LeaveHandler() {
	if v := c.poller.role.Load(); v&1 == 1 {
		c.poller.pass(v)
	}
}
