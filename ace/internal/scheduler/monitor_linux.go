package scheduler

import (
	"sync/atomic"
	"time"
)

// idleTicks is how many ticks without work the monitor waits before it parks.
const idleTicks = 50

// A monitor takes roles away from holders whose Turn does not return.
type monitor struct {
	scheduler *Scheduler
	parked    atomic.Bool
	unpark    chan struct{}
}

func (m *monitor) init(s *Scheduler) {
	m.scheduler = s
	m.unpark = make(chan struct{}, 1)
}

// working tells the monitor that somebody works. It costs one load, unless the
// monitor is parked.
func (m *monitor) working() {
	if m.parked.Load() {
		m.wake()
	}
}

func (m *monitor) wake() {
	if m.parked.CompareAndSwap(true, false) {
		m.unpark <- struct{}{}
	}
}

// run looks after the pollers until the scheduler is closed.
func (m *monitor) run() {
	seen := make([]uint64, len(m.scheduler.pollers))
	for quiet := 0; !m.scheduler.closed.Load(); {
		time.Sleep(Tick)
		if quiet++; m.look(seen) {
			quiet = 0
		}
		if quiet > idleTicks {
			quiet = 0
			m.park()
		}
	}
}

// look takes the role from holders that are in the same Turn as at the look
// before. It reports whether anybody has worked since.
func (m *monitor) look(seen []uint64) (worked bool) {
	for i, p := range m.scheduler.pollers {
		v := p.role.Load()
		if v == seen[i] && v&1 == 1 && p.pass(v) {
			v++
		}
		worked = worked || v != seen[i]
		seen[i] = v
	}
	return worked
}

// park waits until somebody works. Whoever has begun just before, and so has not
// seen that it is to wake the monitor, is looked for once more.
func (m *monitor) park() {
	m.parked.Store(true)
	for _, p := range m.scheduler.pollers {
		if p.role.Load()&1 == 1 {
			m.working()
		}
	}
	if m.scheduler.closed.Load() {
		m.working()
	}
	<-m.unpark
}
