package scheduler

import (
	"testing"
	"testing/synctest"
	"time"
)

// monitored runs f with the connection of a scheduler of which only the monitor
// is at work, in fake time: the test holds the role of the only poller, at the
// number 0, and whoever was to take it over is told of in roles. lost is what has
// lost the role.
func monitored(t *testing.T, f func(m *monitor, c *Conn, lost chan string)) {
	synctest.Test(t, func(t *testing.T) {
		lost := make(chan string, 10)
		s := &Scheduler{lost: func(name string) { lost <- name }, roles: make(chan handover, 10)}
		p := &poller{scheduler: s}
		s.pollers = []*poller{p}
		s.monitor.init(s)
		s.running.Go(s.monitor.run)
		f(&s.monitor, &Conn{poller: p}, lost)
		s.closed.Store(true)
		s.monitor.wake()
		s.running.Wait()
	})
}

// Whoever is within the same handler for two ticks loses the role, once.
func TestMonitorTakesTheRole(t *testing.T) {
	monitored(t, func(m *monitor, c *Conn, lost chan string) {
		time.Sleep(Tick / 2)
		c.Enter("a wait")
		time.Sleep(Tick)
		if len(lost) != 0 {
			t.Error("the role was lost within a tick")
		}
		time.Sleep(Tick)
		synctest.Wait()
		if len(lost) != 1 || <-lost != "a wait" {
			t.Fatal("the role was not lost after two ticks")
		}
		if h := <-m.scheduler.roles; h.poller != c.poller || h.number != 2 {
			t.Errorf("number %d is handed over, want 2", h.number)
		}
		if !c.Exit() {
			t.Error("who has lost the role is not told")
		}
		time.Sleep(10 * Tick)
		if len(lost) != 0 || len(m.scheduler.roles) != 0 {
			t.Error("the role was taken from one that is within no handler")
		}
	})
}

// entries are the ways to begin and to end what may take long.
var entries = map[string]struct {
	enter func(*Conn, string) Ticket
	exit  func(*Conn, Ticket) (lost bool)
}{
	"a handler": {
		func(c *Conn, name string) Ticket { c.Enter(name); return 0 },
		func(c *Conn, _ Ticket) bool { return c.Exit() },
	},
	"one that can be detached": {
		func(c *Conn, name string) Ticket { t, _ := c.EnterDetachable(name); return t },
		(*Conn).ExitDetachable,
	},
}

// Whoever is within another handler at each look keeps the role, and so does one
// that is within none.
func TestMonitorLeavesTheRole(t *testing.T) {
	for name, entry := range entries {
		t.Run(name, func(t *testing.T) {
			monitored(t, func(m *monitor, c *Conn, lost chan string) {
				time.Sleep(Tick / 2)
				for range 3 * idleTicks {
					ticket := entry.enter(c, name)
					time.Sleep(Tick)
					if entry.exit(c, ticket) {
						t.Fatal("it is told that it has lost the role")
					}
					if m.parked.Load() {
						t.Fatal("the monitor is parked while somebody works")
					}
				}
				time.Sleep(time.Second)
				if len(lost) != 0 {
					t.Errorf("%q has lost the role", <-lost)
				}
			})
		})
	}
}

// While nobody works there is nothing that looks after it; the next handler is
// looked after as the first was.
func TestMonitorParks(t *testing.T) {
	for name, entry := range entries {
		t.Run(name, func(t *testing.T) {
			monitored(t, func(m *monitor, c *Conn, lost chan string) {
				for range 3 {
					time.Sleep(2 * idleTicks * Tick)
					synctest.Wait()
					if !m.parked.Load() {
						t.Fatal("the monitor goes on looking while nobody works")
					}
					ticket := entry.enter(c, name)
					time.Sleep(3 * Tick)
					synctest.Wait()
					if len(lost) != 1 || <-lost != name {
						t.Fatal("no role was lost behind a pause")
					}
					<-m.scheduler.roles
					if !entry.exit(c, ticket) {
						t.Error("who has lost the role is not told")
					}
					c.turn = c.poller.role.Load() // it takes the role over again
				}
			})
		})
	}
}

// A handler that has begun while the monitor was about to park is looked after,
// and so is the end of the scheduler.
func TestMonitorParksTooLate(t *testing.T) {
	for name, late := range map[string]func(*Scheduler){
		"a handler": func(s *Scheduler) { s.pollers[1].role.Store(1) },
		"the end":   func(s *Scheduler) { s.closed.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &Scheduler{pollers: []*poller{{}, {}}}
				s.monitor.init(s)
				late(s)
				s.monitor.park() // which does not wait for ever
				if s.monitor.parked.Load() {
					t.Error("it is parked, but goes on")
				}
			})
		})
	}
}
