package scheduler

import (
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// An actor is a task whose Turn is a function.
type actor struct {
	t    *testing.T
	conn Conn
	turn func(*actor)
	busy atomic.Int32 // Turns under way: never more than one
	peer int          // the descriptor of the other end

	turns chan bool // told of each Turn, if there is room
	close atomic.Bool
	done  chan struct{}
}

func (a *actor) Turn() bool {
	if n := a.busy.Add(1); n != 1 {
		a.t.Errorf("%d Turns at once", n)
	}
	defer a.busy.Add(-1)
	if a.close.Load() {
		a.conn.Close()
		close(a.done)
		return false
	}
	if a.turn != nil {
		a.turn(a)
	}
	select {
	case a.turns <- true:
	default:
	}
	return false
}

// act starts an actor, which is closed at the end of the test.
func act(t *testing.T, s *Scheduler, turn func(*actor)) *actor {
	t.Helper()
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	a := &actor{t: t, turn: turn, peer: pair[1], turns: make(chan bool, 100), done: make(chan struct{})}
	s.Init(&a.conn, pair[0], a)
	if err := a.conn.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		a.close.Store(true)
		a.conn.Kick()
		<-a.done
		syscall.Close(a.peer)
	})
	return a
}

// wantTurn wants a Turn before long.
func (a *actor) wantTurn() {
	a.t.Helper()
	select {
	case <-a.turns:
	case <-time.After(10 * time.Second):
		a.t.Fatal("no Turn")
	}
}

// wantNoTurn wants none, while s does other things.
func (a *actor) wantNoTurn(s *Scheduler) {
	a.t.Helper()
	for range 3 * len(s.pollers) {
		other := act(a.t, s, nil)
		other.conn.Kick()
		other.wantTurn()
	}
	select {
	case <-a.turns:
		a.t.Error("a Turn that nobody has asked for")
	default:
	}
}

// drain reads all that has come.
func (a *actor) drain() (n int) {
	buf := make([]byte, 64<<10)
	for {
		got, err := syscall.Read(a.conn.FD(), buf)
		if got <= 0 || err != nil {
			return n
		}
		n += got
	}
}

// Many are kicked by many: behind each Kick there is a Turn that can see why.
func TestKicksFromManyGoroutines(t *testing.T) {
	s := newScheduler(t, 2)
	const kickers, kicks = 8, 300
	type counter struct {
		*actor
		asked, seen atomic.Int64
	}
	var all []*counter
	for i := range 40 {
		c := &counter{}
		c.actor = act(t, s, func(a *actor) {
			if i%4 == 0 { // as a handler does
				a.conn.Enter("")
				defer a.conn.Exit()
			}
			c.seen.Store(c.asked.Load())
		})
		all = append(all, c)
	}
	var running sync.WaitGroup
	for k := range kickers {
		running.Go(func() {
			for i := range kicks {
				c := all[(k*i)%len(all)]
				c.asked.Add(1)
				c.conn.Kick()
			}
		})
	}
	running.Wait()
	for _, c := range all {
		for c.seen.Load() != c.asked.Load() {
			c.wantTurn()
		}
	}
}

// A Kick during a Turn makes one more, even if that Turn has lost its role or
// left it; many of them make one.
func TestKickWhileRunning(t *testing.T) {
	for name, wait := range map[string]func(*actor, chan bool){
		"the role is lost":         func(a *actor, release chan bool) { a.conn.Enter(""); <-release; a.conn.Exit() },
		"the role was left before": func(a *actor, release chan bool) { a.conn.Leave(); <-release },
		"within a wait":            func(a *actor, release chan bool) { a.conn.Leave(); a.conn.WaitRead(); a.drain(); <-release },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScheduler(t, 1)
			release, inside := make(chan bool), make(chan bool)
			var turns atomic.Int32
			a := act(t, s, func(a *actor) {
				if turns.Add(1) == 1 {
					inside <- true
					wait(a, release)
				}
			})
			a.conn.Kick()
			<-inside
			for range 10 {
				a.conn.Kick()
			}
			a.wantNoTurn(s)
			if n := turns.Load(); n != 1 {
				t.Fatalf("%d Turns have begun", n)
			}
			syscall.Write(a.peer, []byte("x")) // which ends WaitRead
			release <- true
			a.wantTurn()
			a.wantTurn()
			a.drain()
		})
	}
}

// Kicks that come while a connection is being closed do nothing.
func TestKickOfOneThatCloses(t *testing.T) {
	s := newScheduler(t, 2)
	for range 200 {
		a := act(t, s, nil)
		var running sync.WaitGroup
		for range 4 {
			running.Go(func() {
				for range 20 {
					a.conn.Kick()
				}
			})
		}
		a.close.Store(true)
		a.conn.Kick()
		<-a.done
		running.Wait()
		a.conn.Wake()
		a.conn.WakeWrite()
	}
}

// fill writes until the socket takes no more.
func (a *actor) fill() {
	for piece := make([]byte, 16<<10); ; {
		if _, err := syscall.Write(a.conn.FD(), piece); err != nil {
			return
		}
	}
}

// drainPeer reads all that has come at the other end.
func (a *actor) drainPeer() {
	for buf := make([]byte, 64<<10); ; {
		if n, err := syscall.Read(a.peer, buf); n <= 0 || err != nil {
			return
		}
	}
}

func TestExpectWritable(t *testing.T) {
	s := newScheduler(t, 1)
	full := false
	a := act(t, s, func(a *actor) {
		if full = !full; full {
			a.fill()
			a.conn.Expect(Writable)
		} else {
			a.conn.Expect(HungUp)
		}
	})
	for range 3 {
		a.conn.Kick()
		a.wantTurn()
		syscall.Write(a.peer, []byte("what comes does not count"))
		a.wantNoTurn(s)
		a.drainPeer()
		a.wantTurn()
		a.wantNoTurn(s)
	}
}

func TestExpectReadable(t *testing.T) {
	s := newScheduler(t, 1)
	a := act(t, s, func(a *actor) { a.drain(); a.conn.Expect(Readable) })
	for range 3 {
		a.wantNoTurn(s) // though it is writable
		syscall.Write(a.peer, []byte("x"))
		a.wantTurn()
	}
}

func TestExpectHangup(t *testing.T) {
	for name, hangUp := range map[string]func(*actor){
		"the peer's end":  func(a *actor) { syscall.Shutdown(a.peer, syscall.SHUT_WR) },
		"a broken socket": func(a *actor) { syscall.Shutdown(a.peer, syscall.SHUT_RDWR) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScheduler(t, 1)
			var hungUp atomic.Bool
			a := act(t, s, func(a *actor) {
				hungUp.Store(a.conn.HasHungUp())
				a.conn.Expect(HungUp) // again and again: a hangup does not go away
			})
			a.conn.Kick()
			if a.wantTurn(); hungUp.Load() {
				t.Error("it has hung up before")
			}
			syscall.Write(a.peer, []byte("what comes does not count"))
			a.wantNoTurn(s)
			hangUp(a)
			if a.wantTurn(); !hungUp.Load() {
				t.Error("a Turn behind a hangup is not told of it")
			}
		})
	}
}

// Who expects nothing is told only that the connection is broken.
func TestExpectNothing(t *testing.T) {
	s := newScheduler(t, 1)
	var broken atomic.Bool
	a := act(t, s, func(a *actor) {
		broken.Store(a.conn.HasHungUp())
		a.conn.Expect(0)
	})
	a.conn.Kick()
	if a.wantTurn(); broken.Load() {
		t.Error("it is broken before")
	}
	syscall.Write(a.peer, []byte("x"))
	syscall.Shutdown(a.peer, syscall.SHUT_WR)
	a.wantNoTurn(s)
	a.conn.Kick() // still works
	if a.wantTurn(); broken.Load() {
		t.Error("a kicked Turn is told of a hangup that did not begin it")
	}
	syscall.Shutdown(a.peer, syscall.SHUT_RD)
	if a.wantTurn(); !broken.Load() {
		t.Error("a Turn of a broken connection is not told of it")
	}
}

// What is expected holds until it is said again, also over a Turn that was
// kicked, lost its role, or waited.
func TestExpectHolds(t *testing.T) {
	for name, in := range map[string]func(*actor){
		"a Turn":              func(*actor) {},
		"one that lost":       func(a *actor) { a.conn.Enter(""); a.conn.LeaveHandler(); a.conn.Exit() },
		"one that left":       func(a *actor) { a.conn.Leave() },
		"one that waited":     func(a *actor) { a.conn.Wake(); a.conn.WaitRead() },
		"one that was kicked": func(a *actor) { a.conn.Kick() },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScheduler(t, 1)
			first := true
			a := act(t, s, func(a *actor) {
				if first {
					a.conn.Expect(HungUp)
					first = false
					in(a)
				}
			})
			a.conn.Kick()
			a.wantTurn()
			if name == "one that was kicked" || name == "one that waited" { // by Wake, which is Kick, too
				a.wantTurn()
			}
			syscall.Write(a.peer, []byte("x"))
			a.wantNoTurn(s)
			syscall.Shutdown(a.peer, syscall.SHUT_WR)
			a.wantTurn()
		})
	}
}

// Nor do hundreds that are kicked at once keep one waiting for which something
// comes then. With their peers they are less than 1,024 descriptors, which is all
// that some systems allow.
func TestManyKicksAndOneEvent(t *testing.T) {
	s := newScheduler(t, 1)
	var before, at atomic.Int64
	other := act(t, s, func(a *actor) {
		if a.drain() > 0 {
			at.Store(before.Load())
		}
	})
	var all []*actor
	for range 400 {
		all = append(all, act(t, s, func(*actor) {
			if before.Add(1) == 1 {
				syscall.Write(other.peer, []byte("x"))
			}
		}))
	}
	everybody := act(t, s, func(*actor) {
		for _, a := range all {
			a.conn.Kick()
		}
	})
	everybody.conn.Kick()
	other.wantTurn()
	for _, a := range all {
		a.wantTurn()
	}
	if n := at.Load(); n > 200 {
		t.Errorf("it had to wait for %d others", n)
	}
}

// On one poller, connections that kick themselves for ever do not keep those
// waiting for which something comes, nor the other way round, nor each other.
func TestKicksAndEventsAreFair(t *testing.T) {
	s := newScheduler(t, 1)
	var stop atomic.Bool
	turns := make([]atomic.Int64, 3)
	var all []*actor
	for i := range turns {
		all = append(all, act(t, s, func(a *actor) {
			turns[i].Add(1)
			if !stop.Load() {
				a.conn.Kick()
			}
		}))
	}
	for range turns { // those that always have something to read
		a := act(t, s, nil)
		syscall.Write(a.peer, []byte("never read"))
		all = append(all, a)
	}
	for _, a := range all {
		a.conn.Kick()
	}
	_, fd := dial(t, s, nil)
	const asked = 50
	for range asked {
		ask(t, fd, 'x')
	}
	var counts []int64
	for i := range turns {
		counts = append(counts, turns[i].Load())
	}
	stop.Store(true)
	for i, n := range counts {
		if n < asked/2 {
			t.Errorf("number %d, which has kicked itself, had %d Turns while another had %d", i, n, asked)
		}
	}
	if least, most := slices.Min(counts), slices.Max(counts); most > 2*least+10 {
		t.Errorf("those that kick themselves had %v Turns", counts)
	}
	for _, a := range all[len(turns):] {
		if len(a.turns) < asked/2 {
			t.Errorf("one that always has something to read had %d Turns while another had %d", len(a.turns), asked)
		}
	}
}
