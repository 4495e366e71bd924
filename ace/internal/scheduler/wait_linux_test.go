package scheduler

import (
	"syscall"
	"testing"
)

// What comes for a connection that is at work is told of once, and not again and
// again until somebody reads it: epoll looks away, until the Turn is over.
func TestEventsWhileRunning(t *testing.T) {
	s := newScheduler(t, 1)
	inside, release := make(chan bool), make(chan bool)
	first := true
	a := act(t, s, func(a *actor) {
		if first {
			first = false
			a.conn.Leave()
			close(inside)
			<-release
		}
	})
	a.conn.Kick()
	<-inside
	syscall.Write(a.peer, []byte("x"))
	until(t, "epoll looks away", a.conn.narrow.Load)
	a.wantNoTurn(s)
	close(release)
	a.wantTurn()
	a.wantTurn() // for what has come
}

// Whoever has waited for something waits for it again the next time, also in the
// same Turn, and is not woken by what was for another wait.
func TestWaitsWithinATurn(t *testing.T) {
	for name, wait := range map[string]struct {
		begin func(*Conn)
		wake  func(*actor)
		ends  func(*actor)
	}{
		"a read, Wake":         {(*Conn).WaitRead, func(a *actor) { a.conn.Wake() }, nil},
		"a read, input":        {(*Conn).WaitRead, func(a *actor) { syscall.Write(a.peer, []byte("x")) }, func(a *actor) { a.drain() }},
		"a write, WakeWrite":   {(*Conn).WaitWrite, func(a *actor) { a.conn.WakeWrite() }, nil},
		"a write, room for it": {(*Conn).WaitWrite, func(a *actor) { a.drainPeer() }, func(a *actor) { a.fill() }},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScheduler(t, 1)
			const waits = 3
			woken, next := make(chan int), make(chan bool)
			first := true
			a := act(t, s, func(a *actor) {
				if !first {
					a.drain()
					return
				}
				first = false
				a.fill()
				a.conn.Leave()
				for i := range waits {
					wait.begin(&a.conn)
					woken <- i
					<-next // what wakes has been done
					if wait.ends != nil {
						wait.ends(a)
					}
				}
			})
			a.conn.Kick()
			for i := range waits {
				until(t, "a wait", func() bool {
					a.conn.mu.Lock()
					defer a.conn.mu.Unlock()
					return a.conn.want.read || a.conn.want.write
				})
				a.wantNoTurn(s)
				select {
				case <-woken:
					t.Fatal("woken by nobody")
				default:
				}
				wait.wake(a)
				if got := <-woken; got != i {
					t.Errorf("wait %d has ended, want %d", got, i)
				}
				next <- true
			}
			a.wantTurn()
		})
	}
}

// Wake and WakeWrite of one that does not wait yet end its next wait, and that only.
func TestWakesBeforeTheWait(t *testing.T) {
	for name, wait := range map[string]struct{ begin, wake func(*Conn) }{
		"a read":  {(*Conn).WaitRead, (*Conn).Wake},
		"a write": {(*Conn).WaitWrite, (*Conn).WakeWrite},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScheduler(t, 1)
			ended := make(chan int, 2)
			first := true
			a := act(t, s, func(a *actor) {
				if !first {
					return
				}
				first = false
				a.fill()
				wait.wake(&a.conn)
				wait.wake(&a.conn)
				a.conn.Leave()
				wait.begin(&a.conn)
				ended <- 1
				wait.begin(&a.conn)
				ended <- 2
			})
			wait.wake(&a.conn) // it is idle: nothing is left of that
			a.conn.Kick()
			<-ended
			until(t, "a wait", func() bool {
				a.conn.mu.Lock()
				defer a.conn.mu.Unlock()
				return a.conn.want.read || a.conn.want.write
			})
			if len(ended) != 0 {
				t.Error("a second wait was ended, too")
			}
			wait.wake(&a.conn)
			<-ended
			a.wantTurn()
		})
	}
}

// Nobody is told of a hangup behind Unwatch, nor twice.
func TestUnwatch(t *testing.T) {
	s := newScheduler(t, 1)
	gone := make(chan bool, 10)
	inside, release := make(chan bool), make(chan bool)
	watch := func(unwatch bool) *actor {
		first := true
		a := act(t, s, func(a *actor) {
			if !first {
				return
			}
			first = false
			a.conn.Watch(func() { gone <- true })
			if unwatch {
				a.conn.Unwatch()
			}
			a.conn.Leave()
			inside <- true
			<-release
			a.conn.Expect(0)
		})
		a.conn.Kick()
		<-inside
		return a
	}
	watched, unwatched := watch(false), watch(true)
	syscall.Shutdown(unwatched.peer, syscall.SHUT_WR)
	unwatched.wantNoTurn(s)
	if len(gone) != 0 {
		t.Error("told behind Unwatch")
	}
	syscall.Write(watched.peer, []byte("no hangup"))
	watched.wantNoTurn(s)
	if len(gone) != 0 {
		t.Error("told of what is no hangup")
	}
	syscall.Shutdown(watched.peer, syscall.SHUT_WR)
	<-gone
	watched.wantNoTurn(s)
	if len(gone) != 0 {
		t.Error("told twice")
	}
	close(release)
}
