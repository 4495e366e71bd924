package scheduler

import (
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// until waits until something is true that becomes so by itself.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for begun := time.Now(); !is(); runtime.Gosched() {
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("not before long: %s", what)
		}
	}
}

// What has come together with the event whose Turn loses the role is not lost: epoll
// tells only once of what somebody waits for.
func TestEventsAreHandedOver(t *testing.T) {
	s := newScheduler(t, 1)
	inside, woken := make(chan bool), make(chan bool)
	waits := act(t, s, func(a *actor) {
		if a.conn.HasHungUp() || a.drain() > 0 {
			return
		}
		close(inside)
		a.conn.Leave()
		a.conn.WaitRead()
		a.drain()
		close(woken)
	})
	waits.conn.Kick()
	<-inside
	until(t, "a wait", waits.conn.narrow.Load)
	loses := act(t, s, func(a *actor) {
		if a.drain() == 0 {
			return
		}
		a.conn.Enter("what waits for the other")
		select {
		case <-woken:
		case <-time.After(10 * time.Second):
			t.Error("what came behind it has been lost")
			syscall.Write(waits.peer, []byte("x"))
			waits.conn.Wake()
		}
		a.conn.Exit()
	})
	both := act(t, s, func(*actor) { // within a Turn, so that both come at once
		syscall.Write(loses.peer, []byte("x"))
		syscall.Write(waits.peer, []byte("x"))
	})
	both.conn.Kick()
	loses.wantTurn()
	waits.wantTurn()
}

// Of many goroutines that have lost a role at once only a few are kept, and those
// are the next that take over a role.
func TestGoroutinesThatLostTheRoleEnd(t *testing.T) {
	s := newScheduler(t, 1)
	before := runtime.NumGoroutine()
	block := func(many int, within func()) {
		release := make(chan bool)
		var inside, done sync.WaitGroup
		inside.Add(many)
		for range many {
			_, fd := dial(t, s, func(byte) { inside.Done(); <-release })
			done.Go(func() { ask(t, fd, 'x') })
		}
		inside.Wait()
		within()
		close(release)
		done.Wait()
	}
	block(4*maxSpare, func() {})
	until(t, "few goroutines", func() bool { return runtime.NumGoroutine() <= before+maxSpare })
	until(t, "goroutines that wait for a role", func() bool { return s.spare.Load() == maxSpare })
	block(maxSpare/2, func() {
		until(t, "those who wait have taken it over", func() bool { return s.spare.Load() == maxSpare/2 })
	})
}

// A scheduler that is closed, perhaps by more than one, leaves nothing.
func TestCloseLeavesNothing(t *testing.T) {
	open := func() int {
		all, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip(err)
		}
		return len(all)
	}
	before, goroutines := open(), runtime.NumGoroutine()
	for range 5 {
		s, err := New(3, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		s.Close()
	}
	until(t, "no more descriptors than before", func() bool { return open() <= before })
	until(t, "no more goroutines than before", func() bool { return runtime.NumGoroutine() <= goroutines })
}
