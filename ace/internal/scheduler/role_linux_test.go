package scheduler

import (
	"sync/atomic"
	"syscall"
	"testing"
)

// A juggler is a task that is never done: in each Turn it does something that
// does not return before it is released, and is detached.
type juggler struct {
	conn     Conn
	began    func(turns int32)
	turns    atomic.Int32
	released chan struct{}
	done     chan struct{}
}

func (j *juggler) Turn() (detached bool) {
	select {
	case <-j.released:
		j.conn.Close()
		close(j.done)
		return false
	default:
	}
	ticket, ok := j.conn.EnterDetachable("juggling")
	if !ok {
		return false
	}
	j.began(j.turns.Add(1))
	<-j.released
	return j.conn.ExitDetachable(ticket)
}

// juggle starts a juggler, which is released at the end of the test, if not
// before.
func juggle(t *testing.T, s *Scheduler, began func(turns int32)) *juggler {
	t.Helper()
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	j := &juggler{began: began, released: make(chan struct{}), done: make(chan struct{})}
	s.Init(&j.conn, pair[0], j)
	if err := j.conn.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		close(j.released)
		j.conn.Kick()
		<-j.done
		syscall.Close(pair[1])
	})
	return j
}

// A connection that gets another Turn each time its handler loses the role, and
// then calls one more that blocks, does not keep those waiting for whom something
// has come.
func TestConnectionThatLosesTheRoleAgainAndAgain(t *testing.T) {
	s := newScheduler(t, 1)
	var between atomic.Int32
	var j *juggler
	other := act(t, s, func(a *actor) {
		if a.drain() > 0 {
			between.Store(j.turns.Load())
		}
	})
	j = juggle(t, s, func(turns int32) {
		switch turns {
		case 1:
			syscall.Write(other.peer, []byte("x"))
		case 100:
			t.Error("a hundred Turns of one, and none of the other")
		}
	})
	j.conn.Kick()
	other.wantTurn()
	if n := between.Load(); n != 1 {
		t.Errorf("it had %d Turns before the other had its first", n)
	}
}

// Whoever has lost the role takes none from who has it now, though it enters once
// more: a panic has kept it from telling that it was done.
func TestEnterBehindAnEnterThatHasLostTheRole(t *testing.T) {
	lost := make(chan string, 10)
	s := newSchedulerThatTells(t, 1, func(name string) { lost <- name })
	again, done := make(chan bool), make(chan bool)
	a := act(t, s, func(a *actor) {
		if a.drain() == 0 {
			return
		}
		a.conn.Enter("a wait")
		<-again
		a.conn.Enter("another")
		if !a.conn.Exit() {
			t.Error("it has the role")
		}
		done <- true
	})
	syscall.Write(a.peer, []byte("x"))
	<-lost
	other := act(t, s, func(other *actor) {
		if other.drain() == 0 {
			return
		}
		other.conn.Enter("the new holder")
		again <- true
		<-done
		if other.conn.Exit() && len(lost) == 0 {
			t.Error("its role was taken by nobody that looks after it")
		}
	})
	syscall.Write(other.peer, []byte("x"))
	other.wantTurn()
	a.wantTurn()
}

// What loses the role is told while it still goes on.
func TestLossIsTold(t *testing.T) {
	lost := make(chan string, 10)
	s := newSchedulerThatTells(t, 1, func(name string) { lost <- name })
	release := make(chan bool)
	a := act(t, s, func(a *actor) {
		a.conn.Enter("nothing")
		a.conn.Exit()
		a.conn.Enter("a wait")
		<-release
		a.conn.Exit()
	})
	a.conn.Kick()
	if name := <-lost; name != "a wait" {
		t.Errorf("%q has lost the role", name)
	}
	close(release)
	a.wantTurn()
}
