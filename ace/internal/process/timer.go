package process

import (
	"time"

	"github.com/raxx-go/raxx/ace/internal/wheel"
)

// precisely is the delay below which a timer is one of Go's, which is exact.
// Longer ones go by the wheel, which costs next to nothing and is up to a fifth
// of a second late.
const precisely = 10 * time.Second

// longest is a delay that nobody sees the end of, and that can be added to the
// time of day.
const longest = 100 * 365 * 24 * time.Hour

// A timer is one that a machine has set. The lock of its process guards it.
type timer struct {
	process *Process
	name    string
	stopped bool
	exact   *time.Timer
	coarse  *wheel.Timer
	next    *timer
}

// after sets the timer called name, or stops it if the delay is negative.
func (p *Process) after(name string, delay time.Duration) {
	p.mu.Lock()
	tell := p.set(name, delay)
	p.mu.Unlock()
	if tell {
		p.owner.Ready()
	}
}

// set is after with the lock held. It reports whether the owner is to be told.
func (p *Process) set(name string, delay time.Duration) bool {
	if p.mailbox.closed {
		return false
	}
	p.forgetTimer(name)
	if delay < 0 {
		return false
	}
	t := &timer{process: p, name: name, next: p.timers}
	p.timers = t
	switch {
	case delay == 0:
		return p.due(t)
	case delay < precisely:
		t.exact = time.AfterFunc(delay, t.Fire)
	default:
		t.coarse = new(wheel.Timer)
		p.env.Wheel.Init(t.coarse, t)
		t.coarse.At(time.Now().Add(min(delay, longest)))
	}
	return false
}

// Fire is called when the delay is over.
func (t *timer) Fire() {
	p := t.process
	p.mu.Lock()
	tell := !t.stopped && !p.mailbox.closed && p.due(t)
	p.mu.Unlock()
	if tell {
		p.owner.Ready()
	}
}

// Punctual: a machine has asked for a time, whatever the process does meanwhile.
func (t *timer) Punctual() {}

// due puts the end of the timer into the mailbox. The lock is held.
func (p *Process) due(t *timer) (tell bool) {
	p.unlinkTimer(t)
	tell = p.mailbox.empty()
	p.mailbox.put(&item{timer: t})
	return tell
}

// forgetTimer stops the timer called name, also if its end waits in the
// mailbox. The lock is held.
func (p *Process) forgetTimer(name string) {
	for t := p.timers; t != nil; t = t.next {
		if t.name == name {
			t.stop()
			p.unlinkTimer(t)
			return
		}
	}
	p.mailbox.discard(func(i *item) bool { return i.timer != nil && i.timer.name == name })
}

func (p *Process) unlinkTimer(t *timer) {
	for at := &p.timers; *at != nil; at = &(*at).next {
		if *at == t {
			*at = t.next
			return
		}
	}
}

// runs reports whether t has, or had, a delay at all.
func (t *timer) runs() bool { return t.exact != nil || t.coarse != nil }

// stop stops t for good. The lock is held.
func (t *timer) stop() {
	t.stopped = true
	if t.exact != nil {
		t.exact.Stop()
	}
	if t.coarse != nil {
		t.coarse.Remove()
	}
}

// stopTimers stops all of them. The lock is held.
func (p *Process) stopTimers() {
	for t := p.timers; t != nil; t = t.next {
		t.stop()
	}
	p.timers = nil
}
