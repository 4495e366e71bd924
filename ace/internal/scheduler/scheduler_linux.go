package scheduler

import (
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// A Scheduler is a set of pollers. Its methods may be called from any goroutine.
type Scheduler struct {
	pollers []*poller
	next    atomic.Uint32 // the poller of the next connection
	monitor monitor
	table   table
	lost    func(name string)
	closed  atomic.Bool
	done    chan struct{} // closed when closed is set
	running sync.WaitGroup

	roles chan handover // to goroutines that wait for a role
	spare atomic.Int32  // how many they are
}

// Descriptors is how many a poller takes: of its epoll instance, and of its bell.
const Descriptors = 2

// New starts n pollers. lost is told the name of what lost a role, at once and
// not when it returns: others that do the same may come before that. It is called
// from any goroutine and must not block.
func New(n int, lost func(name string)) (*Scheduler, error) {
	s := &Scheduler{lost: lost, done: make(chan struct{}), roles: make(chan handover)}
	s.monitor.init(s)
	for range n {
		p, err := newPoller(s)
		if err != nil {
			s.Close()
			return nil, err
		}
		s.pollers = append(s.pollers, p)
	}
	for _, p := range s.pollers {
		s.running.Go(func() { s.hold(handover{p, 0}) })
	}
	s.running.Go(s.monitor.run)
	return s, nil
}

// Close ends the pollers. No connection may be left. It does not wait, so that a
// Turn may call it; it may be called more than once.
func (s *Scheduler) Close() {
	if s.closed.Swap(true) {
		return
	}
	close(s.done)
	for _, p := range s.pollers {
		p.nudge()
	}
	s.monitor.wake()
	go func() {
		s.running.Wait()
		for _, p := range s.pollers {
			p.file.Close()
			syscall.Close(p.bell)
		}
	}()
}

// A poller is an epoll instance and the role of polling it.
type poller struct {
	scheduler *Scheduler
	fd        int
	bell      int // an eventfd: what makes epoll_wait return when nothing has come
	file      *os.File
	raw       syscall.RawConn

	role atomic.Uint64 // see the package's comment

	kicks kicks

	// Owned by the holder of the role:
	events [128]syscall.EpollEvent
	n      int   // how many of events have come
	at     int   // the first that has not been looked at
	kicked *Conn // a list: those whose Turn is next

	// name is of what the holder does, if the number of the role is odd.
	name string
	// detachable is who gets another Turn if the role is lost at its present
	// number, which is odd; nil: nobody does.
	detachable *Conn
	poll       func(fd uintptr) bool
}

func newPoller(s *Scheduler) (*poller, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	p := &poller{scheduler: s, fd: fd}
	p.poll = p.pollOnce
	// The runtime's own poller watches the epoll instance: an idle poller is a
	// parked goroutine and holds no thread.
	syscall.SetNonblock(fd, true)
	p.file = os.NewFile(uintptr(fd), "epoll")
	if p.raw, err = p.file.SyscallConn(); err != nil {
		p.file.Close()
		return nil, err
	}
	bell, _, errno := syscall.RawSyscall(syscall.SYS_EVENTFD2, 0, syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if errno != 0 {
		p.file.Close()
		return nil, os.NewSyscallError("eventfd2", errno)
	}
	p.bell = int(bell)
	// The bell is told at each ring, and never has to be read.
	event := syscall.EpollEvent{Events: syscall.EPOLLIN | edge, Fd: int32(p.bell)}
	if err := syscall.EpollCtl(fd, syscall.EPOLL_CTL_ADD, p.bell, &event); err != nil {
		p.file.Close()
		syscall.Close(p.bell)
		return nil, os.NewSyscallError("epoll_ctl", err)
	}
	return p, nil
}

// A handover is a role that somebody has to take over.
type handover struct {
	poller *poller
	number uint64
}

// hold takes over roles, one after the other. A goroutine that has lost one
// waits for the next, as long as there are not too many that do: its stack has
// grown to the size that handlers need.
func (s *Scheduler) hold(h handover) {
	for {
		h.poller.hold(h.number)
		if s.spare.Add(1) > maxSpare {
			s.spare.Add(-1)
			return
		}
		select {
		case h = <-s.roles:
			s.spare.Add(-1)
		case <-s.done:
			return
		}
	}
}

// maxSpare is how many goroutines may wait for a role.
const maxSpare = 16

// handOver finds somebody who takes over a role.
func (s *Scheduler) handOver(h handover) {
	select {
	case s.roles <- h:
	default:
		s.running.Go(func() { s.hold(h) })
	}
}

// hold polls, beginning with what is left of the events that have come. v is the
// number of the role, which the caller has from whoever held it before. It
// returns when it has lost the role, or the scheduler is closed.
func (p *poller) hold(v uint64) {
	if p.at == p.n && p.kicked == nil {
		// Whoever lost the role may have been kicked by that, again and again:
		// a connection with a hundred handlers that block. Those for whom
		// something has come are not to wait until that is over.
		p.pollOnce(uintptr(p.fd))
	}
	for {
		for p.at < p.n {
			event := p.events[p.at]
			p.at++
			c := p.scheduler.table.get(int(event.Fd))
			if c == nil || c.poller != p {
				continue
			}
			if !c.state.CompareAndSwap(idle, running) {
				c.eventWhileRunning(event.Events)
				continue
			}
			if v = c.run(v, event.Events); v == noTurn {
				return
			}
		}
		// Those that are kicked from now on have their Turn behind the next
		// events, and so have those that are many, as when a message has been
		// published to all: none of both can keep the other waiting.
		if p.kicked == nil {
			p.kicked = p.kicks.take()
		}
		for n := 0; p.kicked != nil && n < len(p.events); n++ {
			c := p.kicked
			p.kicked, c.nextKicked = c.nextKicked, nil
			if v = c.run(v, 0); v == noTurn {
				return
			}
		}
		if p.scheduler.closed.Load() {
			return
		}
		if p.kicked != nil {
			p.pollOnce(uintptr(p.fd))
		} else {
			p.wait()
		}
	}
}

// run does a Turn, which events have begun, on the goroutine that holds the role
// at the number v. It returns the number at which it still does, or noTurn.
func (c *Conn) run(v uint64, events uint32) uint64 {
	c.turn, c.came = v, events
	if c.task.Turn() {
		return noTurn
	}
	c.Exit() // a Turn that panicked within a handler has not
	if v = c.turn; v == noTurn {
		c.finish()
	} else {
		c.finishInRole()
	}
	return v
}

// wait waits until there are events, or somebody was kicked. It tries twice
// without blocking, and lets other goroutines run in between: under load there
// nearly always are.
func (p *poller) wait() {
	runtime.Gosched()
	if p.pollOnce(uintptr(p.fd)) || p.kicks.any() {
		return
	}
	runtime.Gosched()
	if !p.kicks.sleep() {
		p.n = 0
		return
	}
	if err := p.raw.Read(p.poll); err != nil {
		p.n = 0
	}
	p.kicks.awake()
}

// pollOnce takes the events that are there, and reports whether there are any.
// The call does not block, so the scheduler need not be told of it.
func (p *poller) pollOnce(fd uintptr) bool {
	n, errno := uintptr(0), syscall.EINTR
	for errno == syscall.EINTR { // else nobody would be told of the same events again
		n, _, errno = syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, fd,
			uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), 0, 0, 0)
	}
	p.at, p.n = 0, int(n)
	if errno != 0 {
		p.n = 0
	}
	return p.n > 0 || p.scheduler.closed.Load()
}

// pass gives the role whose holder is within a handler, at the odd number v, to
// another goroutine, unless it has moved on.
func (p *poller) pass(v uint64) bool {
	if !p.role.CompareAndSwap(v, v+1) {
		return false
	}
	p.scheduler.lost(p.name)
	if c := p.detachable; c != nil {
		p.detachable = nil
		p.enqueue(c)
	}
	p.scheduler.handOver(handover{p, v + 1})
	return true
}

// A table finds connections by their descriptors.
type table struct {
	mu     sync.Mutex
	chunks [1 << 12]atomic.Pointer[chunk]
}

// A chunk is a part of a table: 4,096 of them hold a descriptor of 22 bits,
// beyond what Linux allows a process by default.
type chunk [1 << 10]atomic.Pointer[Conn]

func (t *table) get(fd int) *Conn {
	if c := t.chunks[fd>>10&(len(t.chunks)-1)].Load(); c != nil {
		return c[fd&(len(c)-1)].Load()
	}
	return nil
}

func (t *table) set(fd int, conn *Conn) {
	slot := &t.chunks[fd>>10&(len(t.chunks)-1)]
	if slot.Load() == nil {
		t.mu.Lock()
		if slot.Load() == nil {
			slot.Store(new(chunk))
		}
		t.mu.Unlock()
	}
	c := slot.Load()
	c[fd&(len(c)-1)].Store(conn)
}
