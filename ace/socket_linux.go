package ace

import (
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/raxx-go/raxx/ace/internal/scheduler"
	"github.com/raxx-go/raxx/ace/internal/wheel"
)

// A socket is a transport over a descriptor that the scheduler watches. It waits
// without a buffer, writes a head and its data with one call, and lets the
// kernel copy files. Its calls never block, so they are made without telling
// Go's scheduler, which is what most of a small call would cost.
type socket struct {
	server *Server
	conn   scheduler.Conn
	cutOff atomic.Bool
	// untilEnd: the peer would take the end of the connection for that of a reply.
	untilEnd atomic.Bool
	tls      *tlsLayer // nil: what is sent is not encrypted, or not yet

	timer wheel.Timer // of reads, and of a worker that waits for its turn

	inHandler bool      // between handlerBegins and handlerEnds
	left      time.Time // when the poller was left before a handler; zero: it was not

	stalled atomic.Bool  // a write waits
	writing *socketWrite // what a write that has to wait takes; nil: there was none
}

// socketWrite is a write that the socket did not take all of at once.
type socketWrite struct {
	timer wheel.Timer
	late  atomic.Bool // there was no progress for too long
}

// startSocket starts the worker of a connection that has been accepted.
func startSocket(a arrival, sched *scheduler.Scheduler, fd int) {
	s := a.endpoint.server
	w := s.newWorker(a)
	w.header, w.shakes = a.header, a.endpoint.tls != nil
	t := &socket{server: s}
	w.conn = t
	s.wheel.Init(&t.timer, t)
	sched.Init(&t.conn, fd, w)
	w.begin(func() {
		t.await(w.patience(), expectation{input: true})
		if w.first() == goesOn {
			t.conn.Kick()
		}
		if err := t.conn.Start(); err != nil {
			w.why = err
			w.end()
		}
	})
}

func (t *socket) await(deadline int64, expected expectation) {
	if deadline == 0 {
		t.timer.Stop()
	} else {
		t.timer.Until(deadline)
	}
	events := uint32(0)
	if expected.input {
		events |= scheduler.Readable
	}
	if expected.room {
		events |= scheduler.Writable
	}
	if expected.hangup {
		events |= scheduler.HungUp
	}
	t.conn.Expect(events)
	if t.tls != nil && t.tls.more && expected.input {
		t.conn.Kick() // epoll knows nothing of what crypto/tls holds
	}
}

func (t *socket) read(b **buffer, deadline int64) error {
	err := t.tryRead(b)
	if err != errAgain || deadline == 0 {
		return err
	}
	// What is on its way is often there as soon as somebody else has had a turn.
	runtime.Gosched()
	if err := t.tryRead(b); err != errAgain {
		return err
	}
	t.timer.Until(deadline)
	t.conn.WaitRead()
	t.timer.Stop()
	if err = t.tryRead(b); err == errAgain {
		return errWoken
	}
	return err
}

// tryRead makes one attempt. It holds no buffer afterwards that it did not have
// before, unless there is something in it.
func (t *socket) tryRead(in **buffer) error {
	if t.tls != nil {
		return t.tls.tryRead(in)
	}
	b := *in
	if b == nil {
		b = t.server.buffers.get()
	}
	n, errno := readFD(t.conn.FD(), b.space())
	if n > 0 {
		b.b = b.b[:len(b.b)+n]
		*in = b
		return nil
	}
	if *in == nil {
		t.server.buffers.put(b)
	}
	switch {
	case t.cutOff.Load():
		return errWoken
	case errno == 0:
		return io.EOF
	case errno == syscall.EAGAIN:
		return errAgain
	}
	return os.NewSyscallError("read", errno)
}

// Fire is called when the time of a wait is over.
func (t *socket) Fire() { t.wake() }

func (t *socket) wake()        { t.conn.Wake() }
func (t *socket) hungUp() bool { return t.conn.HasHungUp() }
func (t *socket) lost() bool   { return t.conn.IsBroken() }
func (t *socket) kick()        { t.conn.Kick() }
func (t *socket) doze(int64)   {}

func (t *socket) watch(gone func()) { t.conn.Watch(gone) }
func (t *socket) unwatch()          { t.conn.Unwatch() }

// handlerBegins leaves the poller if the handler for the path is known not to
// return at once.
func (t *socket) handlerBegins(path string) (slow bool) {
	if slow = t.server.slow.has(path, t.server.wheel.Nanos()); slow {
		t.left = time.Now()
		t.conn.Leave()
	}
	t.inHandler = true
	t.conn.Enter(path)
	return slow
}

// handlerEnds notes if it did not return at once.
func (t *socket) handlerEnds(path string) {
	t.inHandler = false
	slow := t.conn.Exit()
	if !t.left.IsZero() {
		if slow = time.Since(t.left) > scheduler.Tick; !slow {
			t.server.slow.relax(path, t.server.wheel.Nanos())
		}
		t.left = time.Time{}
	}
	if slow {
		t.server.slow.add(path, t.server.wheel.Nanos())
	}
}

func (t *socket) leave() { t.conn.Leave() }

func (t *socket) turns() bool { return true }

func (t *socket) enter(path string) (scheduler.Ticket, bool) {
	if t.server.slow.has(path, t.server.wheel.Nanos()) {
		return 0, false
	}
	return t.conn.EnterDetachable(path)
}

func (t *socket) exit(ticket scheduler.Ticket) bool { return t.conn.ExitDetachable(ticket) }

func (t *socket) blocks() { t.conn.LeaveHandler() }

func (t *socket) write(head, data []byte, timeout time.Duration) error {
	if t.tls != nil {
		return t.tls.write(head, data, timeout)
	}
	for len(head) > 0 || len(data) > 0 {
		n, errno := t.attempt(head, data)
		if errno != 0 {
			if err := t.writeFailed(errno, timeout); err != nil {
				return err
			}
			continue
		}
		m := min(n, len(head))
		head, data = head[m:], data[n-m:]
	}
	return nil
}

func (t *socket) writeSome(head, data []byte, _ time.Duration) (written int, err error) {
	if t.tls != nil {
		return t.tls.writeSome(head, data)
	}
	for len(head) > 0 || len(data) > 0 {
		n, errno := t.attempt(head, data)
		switch errno {
		case 0:
			written += n
			m := min(n, len(head))
			head, data = head[m:], data[n-m:]
		case syscall.EINTR:
		case syscall.EAGAIN:
			return written, errAgain
		default:
			return written, os.NewSyscallError("write", errno)
		}
	}
	return written, nil
}

// attempt makes one system call for what is to be written.
func (t *socket) attempt(head, data []byte) (int, syscall.Errno) {
	switch {
	case len(data) == 0:
		return writeFD(t.conn.FD(), head)
	case len(head) == 0:
		return writeFD(t.conn.FD(), data)
	}
	return writeFDParts(t.conn.FD(), head, data)
}

// writeFailed waits until the socket takes more, if that is why a write failed.
func (t *socket) writeFailed(errno syscall.Errno, timeout time.Duration) error {
	switch errno {
	case syscall.EINTR:
		return nil
	case syscall.EAGAIN:
	default:
		return os.NewSyscallError("write", errno)
	}
	w := t.writing
	if w == nil {
		w = &socketWrite{}
		t.server.wheel.Init(&w.timer, wheel.Func(func() {
			w.late.Store(true)
			t.conn.WakeWrite()
		}))
		t.writing = w
	}
	if t.inHandler {
		t.conn.LeaveHandler()
	} else {
		t.conn.Leave()
	}
	t.stalled.Store(true)
	defer t.stalled.Store(false)
	for left := queuedFD(t.conn.FD()); ; {
		w.timer.In(timeout)
		t.conn.WaitWrite()
		w.timer.Stop()
		if !w.late.Load() {
			return nil
		}
		// A socket is said to take more only when a third of what it may hold is
		// free, which can be megabytes. What the peer has taken meanwhile counts.
		now := queuedFD(t.conn.FD())
		if left-now < goodPiece {
			return ErrTimeout
		}
		left = now
		w.late.Store(false)
	}
}

func (t *socket) isWriting() bool { return t.stalled.Load() }

func (t *socket) sendFile(f fs.File, n int64, timeout time.Duration) error {
	// Nothing else: a type around an os.File may change what is read from it.
	file, ok := f.(*os.File)
	if !ok || t.tls != nil {
		return copyFile(t, t.server, f, n, timeout)
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return copyFile(t, t.server, f, n, timeout)
	}
	var left int64
	var failed error
	if err := raw.Control(func(fd uintptr) { left, failed = t.sendFD(int(fd), n, timeout) }); err != nil {
		return err
	}
	if failed == nil && left > 0 {
		return copyFile(t, t.server, f, left, timeout)
	}
	return failed
}

// sendFD sends the next n bytes of the file. A file may have to be read from a
// disk, so Go's scheduler is told of the calls. It returns how much is left if the
// kernel can't copy the file: some file systems know no way to, and where a disk has
// failed it is by reading that it is told from a fault of the network.
func (t *socket) sendFD(file int, n int64, timeout time.Duration) (left int64, err error) {
	for n > 0 {
		sent, err := syscall.Sendfile(t.conn.FD(), file, nil, int(min(n, 1<<20)))
		switch {
		case sent > 0:
			n -= int64(sent)
		case err == nil:
			return 0, fileFault(io.EOF)
		case err == syscall.EAGAIN || err == syscall.EINTR:
			if err := t.writeFailed(err.(syscall.Errno), timeout); err != nil {
				return 0, err
			}
		default:
			return n, nil
		}
	}
	return 0, nil
}

func (t *socket) closeWrite() error {
	if t.tls != nil {
		t.tls.closeWrite()
	}
	return t.conn.Shutdown(syscall.SHUT_WR)
}

func (t *socket) endless(yes bool) { t.untilEnd.Store(yes) }

func (t *socket) cut() {
	t.cutOff.Store(true)
	if !t.untilEnd.Load() || t.conn.Reset() != nil { // a unix socket knows no reset
		t.conn.Shutdown(syscall.SHUT_RDWR)
	}
	t.conn.Wake()
	t.conn.WakeWrite()
}

func (t *socket) close(abort bool) {
	t.timer.Remove()
	if t.writing != nil {
		t.writing.timer.Remove()
	}
	if t.tls != nil {
		t.tls.close(abort)
	}
	if abort {
		syscall.SetsockoptLinger(t.conn.FD(), syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
	}
	t.conn.Close()
}
