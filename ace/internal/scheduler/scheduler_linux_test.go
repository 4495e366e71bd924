package scheduler

import (
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A line is a task that answers each byte with the same byte, after work.
type line struct {
	t    *testing.T
	conn Conn
	work func(b byte)
	busy atomic.Int32 // Turns under way: never more than one
	done chan struct{}
}

func (l *line) Turn() bool {
	if n := l.busy.Add(1); n != 1 {
		l.t.Errorf("%d Turns at once", n)
	}
	defer l.busy.Add(-1)
	var b [16]byte
	n, err := syscall.Read(l.conn.FD(), b[:])
	switch {
	case err == syscall.EAGAIN:
	case n <= 0:
		l.conn.Close()
		close(l.done)
	default:
		l.conn.Enter("")
		if l.work != nil {
			l.work(b[0])
		}
		l.conn.Exit()
		syscall.Write(l.conn.FD(), b[:n])
	}
	return false
}

// newScheduler returns a scheduler that is closed at the end of the test.
func newScheduler(t *testing.T, pollers int) *Scheduler {
	t.Helper()
	return newSchedulerThatTells(t, pollers, func(string) {})
}

// newSchedulerThatTells is newScheduler for a test that wants to know what has lost
// the role.
func newSchedulerThatTells(t *testing.T, pollers int, lost func(name string)) *Scheduler {
	t.Helper()
	s, err := New(pollers, lost)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		s.running.Wait()
	})
	return s
}

// dial starts a line and returns it with the descriptor of its peer.
func dial(t *testing.T, s *Scheduler, work func(byte)) (*line, int) {
	t.Helper()
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	syscall.SetNonblock(pair[0], true)
	l := &line{t: t, work: work, done: make(chan struct{})}
	s.Init(&l.conn, pair[0], l)
	if err := l.conn.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Close(pair[1])
		<-l.done
	})
	return l, pair[1]
}

// ask sends a byte and waits for the answer.
func ask(t *testing.T, fd int, b byte) {
	t.Helper()
	syscall.Write(fd, []byte{b})
	got := make([]byte, 1)
	if n, err := syscall.Read(fd, got); n != 1 || got[0] != b {
		t.Errorf("got %q, %v, want %q", got[:max(n, 0)], err, b)
	}
}

func TestTurnsAnswer(t *testing.T) {
	s := newScheduler(t, 2)
	for range 5 {
		_, fd := dial(t, s, nil)
		for b := range byte(100) {
			ask(t, fd, b)
		}
	}
}

func TestWaitingCostsNoGoroutine(t *testing.T) {
	s := newScheduler(t, 2)
	before := runtime.NumGoroutine()
	for range 500 {
		_, fd := dial(t, s, nil)
		ask(t, fd, 'x')
	}
	if n := runtime.NumGoroutine() - before; n > 10 {
		t.Errorf("500 connections that wait have %d goroutines", n)
	}
}

// With one poller, a handler that blocks must not stall the others; and when it
// returns, its connection goes on.
func TestBlockingHandlerStallsNobody(t *testing.T) {
	s := newScheduler(t, 1)
	release := make(chan bool)
	_, slow := dial(t, s, func(b byte) {
		if b == 'z' {
			<-release
		}
	})
	_, fast := dial(t, s, nil)
	for range 3 {
		syscall.Write(slow, []byte("z"))
		for range 20 {
			ask(t, fast, 'f')
		}
		release <- true
		if n, err := syscall.Read(slow, make([]byte, 1)); n != 1 {
			t.Fatal(n, err)
		}
		ask(t, slow, 'a')
	}
}

func TestWaitReadWithinATurn(t *testing.T) {
	s := newScheduler(t, 1)
	var l *line
	got := make(chan string, 1)
	ready := make(chan bool)
	l, fd := dial(t, s, func(b byte) {
		if b != 'w' {
			return
		}
		ready <- true
		l.conn.WaitRead()
		rest := make([]byte, 16)
		n, _ := syscall.Read(l.conn.FD(), rest)
		got <- string(rest[:max(n, 0)])
	})
	syscall.Write(fd, []byte("w"))
	<-ready
	_, other := dial(t, s, nil)
	ask(t, other, 'o') // the role was left
	syscall.Write(fd, []byte("more"))
	if text := <-got; text != "more" {
		t.Errorf("read %q after WaitRead", text)
	}
	syscall.Read(fd, make([]byte, 16))
	ask(t, fd, 'a')
}

func TestWakeEndsWaitRead(t *testing.T) {
	s := newScheduler(t, 1)
	var l *line
	woken := make(chan bool)
	l, fd := dial(t, s, func(b byte) {
		if b == 'w' {
			l.conn.WaitRead()
			woken <- true
		}
	})
	syscall.Write(fd, []byte("w"))
	time.AfterFunc(10*time.Millisecond, l.conn.Wake)
	<-woken
	syscall.Read(fd, make([]byte, 16))
	ask(t, fd, 'a')
}

// A Kick without anything to read makes a Turn, and one during a Turn makes
// another.
func TestKick(t *testing.T) {
	s := newScheduler(t, 1)
	turns := make(chan bool, 10)
	task := &counting{turns: turns}
	pair, _ := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	syscall.SetNonblock(pair[0], true)
	s.Init(&task.conn, pair[0], task)
	task.conn.Kick() // before Start: it is not lost
	if err := task.conn.Start(); err != nil {
		t.Fatal(err)
	}
	<-turns
	task.conn.Kick()
	<-turns
	task.kickBack.Store(true)
	task.conn.Kick()
	<-turns
	<-turns
	task.close.Store(true)
	task.conn.Kick()
	<-turns
	if err := task.conn.Shutdown(syscall.SHUT_RDWR); err != os.ErrClosed {
		t.Errorf("Shutdown after Close: %v", err)
	}
	task.conn.Kick() // nothing happens
	syscall.Close(pair[1])
}

type counting struct {
	conn            Conn
	turns           chan bool
	kickBack, close atomic.Bool
}

func (c *counting) Turn() bool {
	if c.kickBack.Swap(false) {
		c.conn.Kick()
	}
	if c.close.Load() {
		c.conn.Close()
	}
	c.turns <- true
	return false
}

func TestWatchTellsOfAHangup(t *testing.T) {
	s := newScheduler(t, 1)
	var l *line
	gone, watching := make(chan bool, 1), make(chan bool)
	l, fd := dial(t, s, func(b byte) {
		if b == 'w' {
			l.conn.Watch(func() { gone <- true })
			watching <- true
			<-gone
			l.conn.Unwatch()
		}
	})
	syscall.Write(fd, []byte("w"))
	<-watching
	syscall.Write(fd, []byte("behind this it can still be seen"))
	syscall.Shutdown(fd, syscall.SHUT_WR)
	if n, _ := syscall.Read(fd, make([]byte, 1)); n != 1 {
		t.Error("no answer after the hangup")
	}
}

// Whatever happens at whatever time, no byte is lost and no Turn is stuck.
func TestManyConnectionsManyDelays(t *testing.T) {
	s := newScheduler(t, 2)
	var all sync.WaitGroup
	for i := range 40 {
		l, fd := dial(t, s, nil)
		l.work = func(b byte) {
			switch b % 8 {
			case 0:
				time.Sleep(time.Millisecond)
			case 1:
				for start := time.Now(); time.Since(start) < 500*time.Microsecond; {
				}
			case 2:
				l.conn.Kick()
			case 3:
				l.conn.LeaveHandler()
			case 4:
				time.AfterFunc(time.Duration(rand.IntN(300))*time.Microsecond, l.conn.Wake)
			}
		}
		all.Go(func() {
			for j := range 50 {
				ask(t, fd, byte(i+j))
			}
		})
	}
	all.Wait()
}

func TestTableFindsDescriptors(t *testing.T) {
	var table table
	conns := map[int]*Conn{}
	for _, fd := range []int{0, 1, 1023, 1024, 5000, 1 << 20} {
		conns[fd] = &Conn{}
		table.set(fd, conns[fd])
	}
	for fd, want := range conns {
		if table.get(fd) != want {
			t.Errorf("descriptor %d is not found", fd)
		}
	}
	if table.get(77) != nil || table.get(1<<21) != nil {
		t.Error("found a descriptor that was never set")
	}
}

func BenchmarkTurn(b *testing.B) {
	s, err := New(1, func(string) {})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	pair, _ := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	syscall.SetNonblock(pair[0], true)
	l := &line{done: make(chan struct{})}
	s.Init(&l.conn, pair[0], l)
	if err := l.conn.Start(); err != nil {
		b.Fatal(err)
	}
	one := make([]byte, 1)
	for b.Loop() {
		syscall.Write(pair[1], one)
		syscall.Read(pair[1], one)
	}
	syscall.Close(pair[1])
	<-l.done
}

// A unix socket has no reset, and stays as it is.
func TestResetOfAUnixSocket(t *testing.T) {
	s := newScheduler(t, 1)
	task := &counting{turns: make(chan bool, 10)}
	pair, _ := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	defer syscall.Close(pair[1])
	syscall.SetNonblock(pair[0], true)
	s.Init(&task.conn, pair[0], task)
	if err := task.conn.Reset(); err == nil {
		t.Error("it has been reset")
	}
	if _, err := syscall.Write(pair[0], []byte("x")); err != nil {
		t.Errorf("behind it: %v", err)
	}
	task.conn.Close()
	if err := task.conn.Reset(); err != os.ErrClosed {
		t.Errorf("Reset after Close: %v", err)
	}
}
