// Package wheel is a timer wheel: many time-outs that nearly never fire, each
// set again and again. To move a timer to a later time, or to stop it, is one
// atomic store; the wheel looks at it when its old time has come, and finds out
// then. A timer fires up to two ticks late and never early.
//
// A wheel has a clock of its own: nanoseconds, which at first are those since the
// Unix epoch, and then go on at their pace, also when the time of day is set. It
// stands still while the process does: a process that was stopped for a minute, or
// was not run, has not waited for a minute. What its peers have sent meanwhile lies
// in the kernel, and they had no chance to send what depends on an answer.
package wheel

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// tick is the resolution. Time-outs of a server are seconds, so that a tenth of
// one makes no difference to a peer, and ten looks a second none to the server.
const tick = 100 * time.Millisecond

// mostLate is by how much a tick brings the clock on at most. What is beyond that the
// process has not been there for. It is less than the shortest time that a server gives
// anybody, which is half a second.
const mostLate = 3 * tick

// slots is the number of ticks that the wheel goes ahead. A timer further ahead
// is put into the last slot, and on again from there.
const slots = 512

// A Wheel runs timers. Its zero value is ready for use. It has a goroutine only
// while it has a timer to look after.
type Wheel struct {
	origin atomic.Pointer[time.Time] // when the clock was first looked at
	now    atomic.Int64              // the clock at the last tick; 0: standing still
	missed atomic.Int64              // for how long the process was not there

	mu      sync.Mutex
	slots   [slots]*Timer // doubly linked lists
	hand    int64         // the last tick whose slot has been looked at
	timers  int
	running bool
	halt    chan struct{} // closed to end the goroutine before its next tick
}

// A Firer is told when the time of its timer has come.
type Firer interface{ Fire() }

// A Punctual is a Firer whose timers go on while the process stands still: they are
// of somebody who has asked for a time, and not of one who waits for a peer.
type Punctual interface {
	Firer
	Punctual()
}

// A Func is a function that is called when the time has come.
type Func func()

// Fire calls f.
func (f Func) Fire() { f() }

// A Timer tells its owner once at about its time, on the goroutine of the wheel.
// It must not be copied after [Wheel.Init].
type Timer struct {
	wheel    *Wheel
	owner    Firer
	deadline atomic.Int64 // by the clock of the wheel; 0: stopped
	visit    atomic.Int64 // the tick at which the wheel looks; MaxInt64: never

	prev, next *Timer // guarded by wheel.mu
}

// Init makes t a timer of the wheel that tells owner. It is not running.
func (w *Wheel) Init(t *Timer, owner Firer) {
	t.wheel, t.owner = w, owner
	t.visit.Store(math.MaxInt64)
}

// Nanos returns the clock at the last tick, which is cheap, while any timer is set;
// otherwise it asks the system.
func (w *Wheel) Nanos() int64 {
	if now := w.now.Load(); now != 0 {
		return now
	}
	return w.NanosOf(time.Now())
}

// NanosOf returns what the clock shows at t, or at a time that nobody sees if t is
// further away than that.
func (w *Wheel) NanosOf(t time.Time) int64 { return w.StampOf(t) - w.missed.Load() }

// Stamp returns what notes a time of which somebody will be told: the clock at the
// last tick if it had never stood still. It costs as little as Nanos.
func (w *Wheel) Stamp() int64 { return w.Nanos() + w.missed.Load() }

// StampOf returns what notes t.
func (w *Wheel) StampOf(t time.Time) int64 {
	origin := w.start()
	return origin.UnixNano() + int64(max(-far, min(t.Sub(origin), far)))
}

// far is a time that can be added to that of the clock.
const far time.Duration = 1 << 61 // 73 years

// TimeOfDay returns the time that a stamp notes, by the time of day as it is set now:
// for people.
func (w *Wheel) TimeOfDay(stamp int64) time.Time {
	now := time.Now()
	return now.Add(time.Duration(stamp - w.StampOf(now)))
}

// start returns when the clock was first looked at: now, if it has not been.
func (w *Wheel) start() time.Time {
	if origin := w.origin.Load(); origin != nil {
		return *origin
	}
	now := time.Now()
	w.origin.CompareAndSwap(nil, &now)
	return *w.origin.Load()
}

// In sets the timer to fire after d from now.
func (t *Timer) In(d time.Duration) {
	t.Until(t.wheel.Nanos() + int64(d+tick))
}

// At sets the timer to fire at the given time.
func (t *Timer) At(when time.Time) { t.Until(t.wheel.NanosOf(when)) }

// Until sets the timer to fire when the clock shows deadline.
func (t *Timer) Until(deadline int64) {
	t.deadline.Store(deadline)
	if t.visit.Load() > tickOf(deadline) {
		t.wheel.schedule(t)
	}
}

// Stop stops the timer. It may be that it has just begun to fire.
func (t *Timer) Stop() { t.deadline.Store(0) }

// IsSet reports whether the timer is running.
func (t *Timer) IsSet() bool { return t.deadline.Load() != 0 }

// Remove stops the timer and takes it off the wheel. Call it when the timer is
// not needed any more.
func (t *Timer) Remove() {
	t.Stop()
	w := t.wheel
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unlink(t)
}

// tickOf returns the first tick at which a deadline has passed.
func tickOf(deadline int64) int64 { return (deadline + int64(tick) - 1) / int64(tick) }

// schedule sees to it that the wheel looks at t in time.
func (w *Wheel) schedule(t *Timer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.running {
		w.running = true
		now := w.NanosOf(time.Now())
		w.hand = now / int64(tick)
		w.now.Store(now)
		w.halt = make(chan struct{})
		go w.run(w.halt)
	}
	w.unlink(t)
	if deadline := t.deadline.Load(); deadline != 0 {
		w.link(t, deadline)
	}
}

// link puts t into the slot of its deadline.
func (w *Wheel) link(t *Timer, deadline int64) {
	at := min(max(tickOf(deadline), w.hand+1), w.hand+slots-1)
	head := &w.slots[at%slots]
	t.next = *head
	if t.next != nil {
		t.next.prev = t
	}
	*head = t
	t.visit.Store(at)
	w.timers++
}

// unlink takes t off the wheel, if it is on it.
func (w *Wheel) unlink(t *Timer) {
	at := t.visit.Load()
	if at == math.MaxInt64 {
		return
	}
	if t.prev != nil {
		t.prev.next = t.next
	} else {
		w.slots[at%slots] = t.next
	}
	if t.next != nil {
		t.next.prev = t.prev
	}
	t.prev, t.next = nil, nil
	t.visit.Store(math.MaxInt64)
	w.timers--
}

// Halt ends the goroutine of an empty wheel now, which it would do by itself at
// the next tick. A wheel that is not empty goes on.
func (w *Wheel) Halt() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running && w.timers == 0 {
		w.standStill()
		close(w.halt)
	}
}

// run turns the wheel until it is empty.
func (w *Wheel) run(halt <-chan struct{}) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-halt:
			return
		case <-ticker.C:
		}
		due, more := w.turn(w.StampOf(time.Now()))
		for _, t := range due {
			t.owner.Fire()
		}
		if !more {
			return
		}
	}
}

// turn moves the hand to where it belongs at the time that stamp notes, and returns
// the timers whose time has come. It reports whether the wheel has to go on turning.
func (w *Wheel) turn(stamp int64) (due []*Timer, more bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.running {
		return nil, false
	}
	now := stamp - w.missed.Load()
	if missed := now - w.now.Load() - int64(mostLate); missed > 0 {
		now -= missed
		w.missed.Add(missed)
		w.catchUp(missed)
	}
	w.now.Store(now)
	for target := now / int64(tick); w.hand < target; {
		w.hand++
		due = w.look(now, due)
	}
	if w.timers == 0 {
		w.standStill()
	}
	return due, w.running
}

// catchUp brings those timers nearer that have gone on while the clock stood still.
// The lock is held.
func (w *Wheel) catchUp(missed int64) {
	var punctual []*Timer
	for _, t := range w.slots {
		for ; t != nil; t = t.next {
			if _, ok := t.owner.(Punctual); ok {
				punctual = append(punctual, t)
			}
		}
	}
	for _, t := range punctual {
		deadline := t.deadline.Load()
		if deadline != 0 && t.deadline.CompareAndSwap(deadline, deadline-missed) {
			w.unlink(t)
			w.link(t, deadline-missed)
		}
	}
}

func (w *Wheel) standStill() {
	w.running = false
	w.now.Store(0)
}

// look goes through the slot under the hand: timers that were moved to a later
// time go on to their new slot, stopped ones are let go.
func (w *Wheel) look(now int64, due []*Timer) []*Timer {
	t := w.slots[w.hand%slots]
	for t != nil {
		next := t.next
		w.unlink(t)
		switch deadline := t.deadline.Load(); {
		case deadline == 0:
			w.relinkIfSet(t)
		case deadline > now:
			w.link(t, deadline)
		case t.deadline.CompareAndSwap(deadline, 0):
			due = append(due, t)
		default:
			w.relinkIfSet(t)
		}
		t = next
	}
	return due
}

// relinkIfSet looks at a stopped timer once more after it has been unlinked:
// whoever set it in between may still have seen its old slot.
func (w *Wheel) relinkIfSet(t *Timer) {
	if deadline := t.deadline.Load(); deadline != 0 {
		w.link(t, deadline)
	}
}
