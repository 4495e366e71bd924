package scheduler

import (
	"math"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
)

// A Task is what a connection does.
type Task interface {
	// Turn is called when the descriptor is readable, or [Conn.Kick] was called,
	// and no Turn is under way. It does what can be done and returns, whereupon
	// the connection waits again, or it calls [Conn.Close].
	Turn()
}

// The states of a connection.
const (
	idle    uint32 = iota // it waits, and epoll watches for what it can read
	running               // a Turn is under way
	kicked                // and another one has to follow
	closed
)

// What a goroutine can wait for.
const (
	readable = syscall.EPOLLIN | syscall.EPOLLRDHUP
	writable = syscall.EPOLLOUT
	hangup   = syscall.EPOLLRDHUP
	broken   = syscall.EPOLLHUP | syscall.EPOLLERR
	once     = syscall.EPOLLONESHOT
)

// A Conn is a descriptor that is being scheduled. Its zero value is to be given
// to [Scheduler.Init]. It must not be copied.
type Conn struct {
	fd     int
	poller *poller
	task   Task
	state  atomic.Uint32
	// turn is the number of the role that the goroutine of the Turn holds, or
	// noTurn if it holds none. It is that goroutine's.
	turn   uint64
	narrow atomic.Bool // epoll watches for what is wanted, not for what an idle one waits for

	mu   sync.Mutex
	want wants
	wait *waiters // nil while nothing was ever waited for
}

// wants say what is waited for.
type wants struct{ read, write bool }

// waiters is what waiting within a Turn takes.
type waiters struct {
	read, write chan struct{}
	woken       bool   // the next WaitRead returns at once
	wokenWrite  bool   // the next WaitWrite does
	gone        func() // told when the peer hangs up
}

// Init makes c the connection of task on the descriptor, which must not block.
// It counts as being within a Turn until [Conn.Start], so that it can be woken
// and closed.
func (s *Scheduler) Init(c *Conn, fd int, task Task) {
	c.fd, c.task = fd, task
	c.turn = noTurn
	c.poller = s.pollers[int(s.next.Add(1))%len(s.pollers)]
	c.state.Store(running)
}

// Start begins to schedule c. If it fails, the descriptor is still open.
func (c *Conn) Start() error {
	p := c.poller
	p.scheduler.table.set(c.fd, c)
	event := syscall.EpollEvent{Events: once, Fd: int32(c.fd)}
	if err := syscall.EpollCtl(p.fd, syscall.EPOLL_CTL_ADD, c.fd, &event); err != nil {
		return os.NewSyscallError("epoll_ctl", err)
	}
	c.narrow.Store(true)
	c.finish()
	return nil
}

// FD returns the descriptor.
func (c *Conn) FD() int { return c.fd }

// noTurn is a number that no role reaches: it is even, and beyond all others.
const noTurn = math.MaxUint64 - 1

// Enter says that the Turn is going to do what may take long: from now on the
// role can be taken away. Enter, Exit and Leave are for the goroutine of the
// Turn.
func (c *Conn) Enter() {
	v := c.turn
	if v == noTurn {
		return
	}
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

// Kick sees to it that there is a Turn from now on, on a goroutine of its own,
// or behind the one that is under way.
func (c *Conn) Kick() {
	for {
		switch c.state.Load() {
		case idle:
			if c.state.CompareAndSwap(idle, running) {
				go c.turnAlone()
				return
			}
		case running:
			if c.state.CompareAndSwap(running, kicked) {
				return
			}
		default:
			return
		}
	}
}

// turnAlone does a Turn on a goroutine that holds no role.
func (c *Conn) turnAlone() {
	c.turn = noTurn
	c.task.Turn()
	c.finish()
}

// finishInRole ends a Turn whose goroutine has held the role all the time, so
// that nobody can have seen an event for c meanwhile.
func (c *Conn) finishInRole() {
	if c.narrow.Load() || !c.state.CompareAndSwap(running, idle) {
		c.finish()
	}
}

// finish ends a Turn: what epoll watches for is made that of an idle connection.
func (c *Conn) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.Load() == closed {
		return
	}
	if c.state.CompareAndSwap(kicked, running) {
		go c.turnAlone()
		return
	}
	c.want, c.wait = wants{}, nil
	narrow := c.narrow.Swap(false)
	if !c.state.CompareAndSwap(running, idle) { // kicked in between
		c.narrow.Store(narrow)
		c.state.Store(running)
		go c.turnAlone()
		return
	}
	if narrow {
		c.control(syscall.EPOLLIN)
	}
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

func (c *Conn) control(events uint32) {
	event := syscall.EpollEvent{Events: events, Fd: int32(c.fd)}
	syscall.EpollCtl(c.poller.fd, syscall.EPOLL_CTL_MOD, c.fd, &event)
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

// Shutdown is shutdown(2), while the descriptor is open. It may be called from
// any goroutine.
func (c *Conn) Shutdown(how int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.Load() == closed {
		return os.ErrClosed
	}
	return os.NewSyscallError("shutdown", syscall.Shutdown(c.fd, how))
}

// Close closes the descriptor. It is for use within a Turn, when no other
// goroutine works for it.
func (c *Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.Swap(closed) == closed {
		return os.ErrClosed
	}
	c.poller.scheduler.table.set(c.fd, nil)
	return os.NewSyscallError("close", syscall.Close(c.fd))
}
