package scheduler

import (
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"
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
	turn     uint64
	expected uint32 // the events that an idle one waits for; the Turn's
	watched  uint32 // those that epoll was told of last for an idle one; the Turn's
	came     uint32 // the events that began the Turn; the Turn's

	narrow atomic.Bool // epoll watches for what is wanted, not for what an idle one waits for

	nextKicked *Conn // in poller.kicked, whose lock guards it

	mu   sync.Mutex
	want wants
	wait *waiters // nil while nothing was ever waited for
}

// Init makes c the connection of task on the descriptor, which must not block.
// It counts as being within a Turn until [Conn.Start], so that it can be woken
// and closed.
func (s *Scheduler) Init(c *Conn, fd int, task Task) {
	c.fd, c.task = fd, task
	c.turn = noTurn
	c.expected, c.watched = syscall.EPOLLIN, syscall.EPOLLIN
	c.poller = s.pollers[int(s.next.Add(1))%len(s.pollers)]
	c.state.Store(running)
}

// Start begins to schedule c. If it fails, the descriptor is still open.
func (c *Conn) Start() error {
	p := c.poller
	p.scheduler.table.set(c.fd, c)
	event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(c.fd)}
	if err := syscall.EpollCtl(p.fd, syscall.EPOLL_CTL_ADD, c.fd, &event); err != nil {
		return os.NewSyscallError("epoll_ctl", err)
	}
	c.finish()
	return nil
}

// FD returns the descriptor.
func (c *Conn) FD() int { return c.fd }

// What a connection between two Turns can wait for.
const (
	Readable = syscall.EPOLLIN
	Writable = syscall.EPOLLOUT
	// HungUp: the peer has closed the direction in which it sends.
	HungUp = syscall.EPOLLRDHUP
)

// Expect says what begins the next Turn: any of Readable, Writable and HungUp.
// That the connection is broken always does. It is for use within a Turn and
// holds until it is called again; a new connection expects Readable.
func (c *Conn) Expect(events uint32) { c.expected = events }

// HasHungUp reports whether the Turn was begun because the peer has closed the
// direction in which it sends, or the connection is broken. It is for use within
// a Turn.
func (c *Conn) HasHungUp() bool { return c.came&(hangup|broken) != 0 }

// IsBroken reports whether the Turn was begun because the connection is lost, in
// both directions. It is for use within a Turn.
func (c *Conn) IsBroken() bool { return c.came&broken != 0 }

// Kick sees to it that there is a Turn from now on, or one more behind the one
// that is under way. It may be called from any goroutine, and does not wait.
func (c *Conn) Kick() {
	for {
		switch c.state.Load() {
		case idle:
			if c.state.CompareAndSwap(idle, running) {
				c.poller.enqueue(c)
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

// finishInRole ends a Turn whose goroutine has held the role all the time, so
// that nobody can have seen an event for c meanwhile.
func (c *Conn) finishInRole() {
	if c.narrow.Load() || c.expected != c.watched || !c.state.CompareAndSwap(running, idle) {
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
		c.poller.enqueue(c)
		return
	}
	c.want, c.wait = wants{}, nil
	expected, change := c.expected, c.expected != c.watched
	c.watched = expected
	narrow := c.narrow.Swap(false)
	if !c.state.CompareAndSwap(running, idle) { // kicked in between
		c.narrow.Store(narrow || change)
		c.state.Store(running)
		c.poller.enqueue(c)
		return
	}
	if narrow || change {
		c.control(expected)
	}
}

func (c *Conn) control(events uint32) {
	event := syscall.EpollEvent{Events: events, Fd: int32(c.fd)}
	syscall.EpollCtl(c.poller.fd, syscall.EPOLL_CTL_MOD, c.fd, &event)
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

// Reset ends a connection of TCP at once, and the peer sees that it was broken off. It
// is an error on other sockets, of which nothing is changed. It may be called from
// any goroutine.
func (c *Conn) Reset() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.Load() == closed {
		return os.ErrClosed
	}
	nobody := syscall.RawSockaddr{Family: syscall.AF_UNSPEC} // connect(2): it dissolves the association
	_, _, errno := syscall.RawSyscall(sysConnect, uintptr(c.fd), uintptr(unsafe.Pointer(&nobody)), unsafe.Sizeof(nobody))
	if errno != 0 {
		return os.NewSyscallError("connect", errno)
	}
	return nil
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
