package ace

import (
	"io/fs"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/ace/internal/scheduler"
	"github.com/raxx-go/raxx/ace/internal/wheel"
)

// A memory is a transport over a connection in memory whose worker is driven by
// turns: like a socket's, it has no goroutine while it waits.
type memory struct {
	server *Server
	conn   *memnet.Conn
	job    scheduler.Job
	timer  wheel.Timer
	cutOff atomic.Bool
	hangup bool                       // the turn's; that the peer has nothing more to send was expected
	wait   atomic.Pointer[memoryWait] // nil: nobody has waited within a turn, or watched
}

// memoryWait is what waiting within a turn takes, and watching.
type memoryWait struct {
	input, room chan struct{}
	writing     atomic.Bool
	gone        atomic.Pointer[func()] // told when the peer hangs up
}

var (
	_ transport       = (*memory)(nil)
	_ memnet.Notified = (*memory)(nil)
)

// A memoryAcceptor accepts connections in memory.
type memoryAcceptor struct {
	endpoint *endpoint
	listener *memnet.Listener
}

// newMemoryAcceptor returns nil if the connections of l are none in memory, or
// have to be served by a goroutine each.
func newMemoryAcceptor(e *endpoint, l net.Listener) acceptor {
	if l, ok := l.(*memnet.Listener); ok && e.tls == nil {
		return &memoryAcceptor{e, l}
	}
	return nil
}

func (a *memoryAcceptor) accept() error {
	conn, err := a.listener.Accept()
	if err != nil {
		return err
	}
	startMemory(arrival{endpoint: a.endpoint, peer: conn.RemoteAddr().String()}, conn.(*memnet.Conn))
	return nil
}

func (a *memoryAcceptor) close() {}

// startMemory starts the worker of a connection that has been accepted.
func startMemory(a arrival, conn *memnet.Conn) {
	s := a.endpoint.server
	w := s.newWorker(a)
	t := &memory{server: s, conn: conn}
	w.conn = t
	s.wheel.Init(&t.timer, t)
	s.jobs.Init(&t.job, w)
	w.begin(func() {
		// No turn begins before the connection tells of its changes, or the turn
		// would wait for one that nobody tells of. The first looks at what is there.
		t.await(w.patience(), expectation{})
		conn.Notify(t)
		t.job.Kick()
		t.job.Start()
	})
}

// Changed is called when something may have come, or more can be written.
func (t *memory) Changed() {
	w := t.wait.Load()
	w.ring()
	if w != nil && w.gone.Load() != nil {
		go t.lookForEnd()
	}
	t.job.Kick()
}

// ring wakes those who wait within a turn.
func (w *memoryWait) ring() {
	if w != nil {
		for _, c := range []chan struct{}{w.input, w.room} {
			select {
			case c <- struct{}{}:
			default:
			}
		}
	}
}

// waits returns what waiting takes.
func (t *memory) waits() *memoryWait {
	if w := t.wait.Load(); w != nil {
		return w
	}
	t.wait.CompareAndSwap(nil, &memoryWait{input: make(chan struct{}, 1), room: make(chan struct{}, 1)})
	return t.wait.Load()
}

func (t *memory) read(b **buffer, deadline int64) error {
	err := t.tryRead(b)
	if err != errAgain || deadline == 0 {
		return err
	}
	w := t.waits()
	if err := t.tryRead(b); err != errAgain {
		return err
	}
	t.timer.Until(deadline)
	<-w.input
	t.timer.Stop()
	if err = t.tryRead(b); err == errAgain {
		return errWoken
	}
	return err
}

func (t *memory) tryRead(in **buffer) error {
	b := *in
	if b == nil {
		b = t.server.buffers.get()
	}
	n, err := t.conn.TryRead(b.space())
	if b.b = b.b[:len(b.b)+n]; n > 0 {
		*in = b
		return nil
	}
	if *in == nil {
		t.server.buffers.put(b)
	}
	switch {
	case t.cutOff.Load():
		return errWoken
	case err == memnet.ErrWait:
		return errAgain
	}
	return err
}

func (t *memory) await(deadline int64, expected expectation) {
	t.hangup = expected.hangup
	if deadline == 0 {
		t.timer.Stop()
	} else {
		t.timer.Until(deadline)
	}
	// Changes are told once; what is there already was told before.
	if expected.input && t.conn.IsReadable() || expected.room && t.conn.HasRoom() || expected.hangup && t.conn.HungUp() {
		t.job.Kick()
	}
}

// Fire is called when the time of a wait is over.
func (t *memory) Fire() { t.wake() }

func (t *memory) wake() {
	t.wait.Load().ring()
	t.job.Kick()
}

func (t *memory) kick()        { t.job.Kick() }
func (t *memory) doze(int64)   {}
func (t *memory) hungUp() bool { return t.hangup && t.conn.HungUp() || t.conn.IsBroken() }
func (t *memory) lost() bool   { return t.conn.IsBroken() }

func (t *memory) watch(gone func()) {
	var once sync.Once
	tell := func() { once.Do(gone) }
	t.waits().gone.Store(&tell)
	t.lookForEnd()
}

func (t *memory) unwatch() { t.waits().gone.Store(nil) }

func (t *memory) lookForEnd() {
	if gone := t.waits().gone.Load(); gone != nil && t.conn.HungUp() {
		(*gone)()
	}
}

func (t *memory) write(head, data []byte, timeout time.Duration) error {
	for _, p := range [2][]byte{head, data} {
		for len(p) > 0 {
			if t.cutOff.Load() {
				return errWoken
			}
			n, err := t.conn.TryWrite(p)
			p = p[n:]
			switch {
			case err == nil:
			case err != memnet.ErrWait:
				return err
			case n == 0:
				if err := t.waitForRoom(timeout); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// waitForRoom waits until more can be written.
func (t *memory) waitForRoom(timeout time.Duration) error {
	w := t.waits()
	w.writing.Store(true)
	defer w.writing.Store(false)
	late := time.NewTimer(timeout)
	defer late.Stop()
	for !t.conn.HasRoom() && !t.cutOff.Load() {
		select {
		case <-w.room: // or something has come
		case <-late.C:
			return ErrTimeout
		}
	}
	return nil
}

func (t *memory) writeSome(head, data []byte, _ time.Duration) (written int, err error) {
	for _, p := range [2][]byte{head, data} {
		if len(p) == 0 {
			continue
		}
		if t.cutOff.Load() {
			return written, errWoken
		}
		n, err := t.conn.TryWrite(p)
		if written += n; err == memnet.ErrWait {
			err = errAgain
		}
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

func (t *memory) isWriting() bool {
	w := t.wait.Load()
	return w != nil && w.writing.Load()
}

func (t *memory) sendFile(f fs.File, n int64, timeout time.Duration) error {
	return copyFile(t, t.server, f, n, timeout)
}

func (t *memory) handlerBegins(string) bool             { return false }
func (t *memory) handlerEnds(string)                    {}
func (t *memory) leave()                                {}
func (t *memory) turns() bool                           { return true }
func (t *memory) enter(string) (scheduler.Ticket, bool) { return 0, false }
func (t *memory) exit(scheduler.Ticket) bool            { return false }
func (t *memory) blocks()                               {}
func (t *memory) closeWrite() error                     { return t.conn.CloseWrite() }

func (t *memory) endless(bool) {}

func (t *memory) cut() {
	t.cutOff.Store(true)
	t.wake()
}

func (t *memory) close(abort bool) {
	t.timer.Remove()
	t.conn.Notify(nil)
	if abort {
		t.conn.Reset()
	}
	t.conn.Close()
	t.job.Close()
}
