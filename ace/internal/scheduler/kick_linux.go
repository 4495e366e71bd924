package scheduler

import (
	"sync"
	"sync/atomic"
	"syscall"
)

// edge is EPOLLET, which package syscall has as a negative number.
const edge = 1 << 31

// kicks are the connections of a poller that have to have a Turn though nothing
// may have come for them, in the order in which they were kicked.
type kicks struct {
	waiting  atomic.Bool // the list is not empty
	sleeping atomic.Bool // the poller has to be woken

	mu          sync.Mutex
	first, last *Conn
}

// enqueue has p run a Turn of c, whose state is running.
func (p *poller) enqueue(c *Conn) {
	k := &p.kicks
	k.mu.Lock()
	if k.last == nil {
		k.first = c
		k.waiting.Store(true)
	} else {
		k.last.nextKicked = c
	}
	k.last = c
	k.mu.Unlock()
	if k.sleeping.Load() && k.sleeping.CompareAndSwap(true, false) {
		p.nudge()
	}
}

// take returns the list of all of them, or nil.
func (k *kicks) take() *Conn {
	if !k.waiting.Load() {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	first := k.first
	k.first, k.last = nil, nil
	k.waiting.Store(false)
	return first
}

func (k *kicks) any() bool { return k.waiting.Load() }

// sleep says that the poller has to be woken from now on. It reports false if
// somebody has been kicked, so that there is no time for that.
func (k *kicks) sleep() bool {
	k.sleeping.Store(true)
	if k.any() {
		k.sleeping.Store(false)
		return false
	}
	return true
}

// awake says that the poller looks by itself.
func (k *kicks) awake() { k.sleeping.Store(false) }

// nudge makes an idle poller look around.
func (p *poller) nudge() {
	one := [8]byte{1}
	syscall.Write(p.bell, one[:])
}
