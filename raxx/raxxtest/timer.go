package raxxtest

import (
	"slices"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A timer is what an After has set.
type timer struct {
	name string
	at   time.Time
}

// setTimer sets a timer anew, or stops it.
func (x *Exchange) setTimer(after raxx.After) {
	x.timers = slices.DeleteFunc(x.timers, func(t timer) bool { return t.name == after.Name })
	if after.Delay >= 0 && x.running {
		x.timers = append(x.timers, timer{after.Name, x.server.now.Add(after.Delay)})
	}
}

// Advance lets time go on by d. At first each body that a [raxx.Pull] reads brings
// its next piece, or its end. Then every timer that is over by the end of d comes at
// its own time, in order, and so do those that are set meanwhile. Advance(0) brings
// those that have no delay.
func (s *Server) Advance(d time.Duration) {
	s.pull()
	end := s.now.Add(d)
	for n := 0; ; n++ {
		x, i := s.nextTimer(end)
		if x == nil {
			break
		}
		t := x.timers[i]
		if t.at.After(s.now) {
			s.now, n = t.at, 0
		}
		if n == maxDeliveries {
			x.breakOff(ErrBusy)
			continue
		}
		x.timers = slices.Delete(x.timers, i, i+1)
		x.handle(raxx.Timer{Name: t.name, At: s.now})
		s.deliver()
	}
	s.now = end
}

// nextTimer returns the exchange whose timer is over first, and which one it is;
// of those at the same time the one that was set first in the oldest exchange.
// It returns nil if none is over by end.
func (s *Server) nextTimer(end time.Time) (next *Exchange, index int) {
	for _, x := range s.exchanges {
		for i, t := range x.timers {
			if !t.at.After(end) && (next == nil || t.at.Before(next.timers[index].at)) {
				next, index = x, i
			}
		}
	}
	return next, index
}
