package scheduler

import (
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
	event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(c.fd)}
	if err := syscall.EpollCtl(p.fd, syscall.EPOLL_CTL_ADD, c.fd, &event); err != nil {
		return os.NewSyscallError("epoll_ctl", err)
	}
	c.finish()
	return nil
}

// FD returns the descriptor.
func (c *Conn) FD() int { return c.fd }

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
