package main

import (
	"errors"
	"net"
	"runtime"
	"syscall"
	"unsafe"
)

// serveEpoll is what the sockets cost in Go without the runtime's poller: a loop
// for each of GOMAXPROCS, each with connections of its own, that reads and
// writes by system calls of which the scheduler does not know.
func serveEpoll(l net.Listener, j job) error {
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		return err
	}
	listener := int(file.Fd())
	if err := syscall.SetNonblock(listener, false); err != nil {
		return err
	}
	loops := make([]*epollLoop, runtime.GOMAXPROCS(0))
	failed := make(chan error, len(loops)+1)
	for i := range loops {
		if loops[i], err = newEpollLoop(j.work); err != nil {
			return err
		}
		go func() { failed <- loops[i].run() }()
	}
	go func() { failed <- deal(listener, loops) }()
	return <-failed
}

// deal hands new connections to the loops in turn.
func deal(listener int, loops []*epollLoop) error {
	for i := 0; ; i++ {
		fd, _, err := syscall.Accept4(listener, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
		if err != nil {
			return err
		}
		if fd >= maxDescriptors {
			return errors.New("epoll: too many connections")
		}
		// As net does by default, so that small replies don't wait.
		if err := syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1); err != nil {
			return err
		}
		event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)}
		if err := syscall.EpollCtl(loops[i%len(loops)].epoll, syscall.EPOLL_CTL_ADD, fd, &event); err != nil {
			return err
		}
	}
}

const maxDescriptors = 20000

// An epollLoop serves some connections. All but epoll belongs to its goroutine.
type epollLoop struct {
	epoll   int
	events  [128]syscall.EpollEvent
	buf     [4096]byte
	matched [maxDescriptors]uint8 // see countHeads
	replies []byte
	length  int // of one reply
}

func newEpollLoop(w work) (*epollLoop, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	replies, length := cannedReplies(w)
	return &epollLoop{epoll: epoll, replies: replies, length: length}, err
}

func (e *epollLoop) run() error {
	for {
		n, err := e.wait()
		if err != nil {
			return err
		}
		for _, event := range e.events[:n] {
			if fd := int(event.Fd); !e.converse(fd) {
				e.matched[fd] = 0
				syscall.Close(fd)
			}
		}
	}
}

// wait returns the number of events that have come. It looks once, lets other
// goroutines run, looks again, and only then goes to sleep.
func (e *epollLoop) wait() (int, error) {
	for range 2 {
		n, _, _ := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(e.epoll),
			uintptr(unsafe.Pointer(&e.events[0])), uintptr(len(e.events)), 0, 0, 0)
		if int(n) > 0 {
			return int(n), nil
		}
		runtime.Gosched()
	}
	n, err := syscall.EpollWait(e.epoll, e.events[:], -1)
	if err == syscall.EINTR {
		return 0, nil
	}
	return n, err
}

// converse reads once and answers what it read. It reports whether the
// connection goes on.
func (e *epollLoop) converse(fd int) bool {
	n, errno := rawIO(syscall.SYS_READ, fd, e.buf[:])
	if errno == syscall.EAGAIN || errno == syscall.EINTR {
		return true
	}
	if errno != 0 || n == 0 {
		return false
	}
	heads, matched := countHeads(int(e.matched[fd]), e.buf[:n])
	e.matched[fd] = uint8(matched)
	for ; heads > 0; heads -= min(heads, maxDepth) {
		reply := e.replies[:min(heads, maxDepth)*e.length]
		// The client of a benchmark reads what it asked for: a reply that
		// does not fit into the socket at once is a failure.
		if n, errno := rawIO(syscall.SYS_WRITE, fd, reply); errno != 0 || n != len(reply) {
			return false
		}
	}
	return true
}

// rawIO reads or writes once.
func rawIO(call uintptr, fd int, b []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	return int(n), errno
}
