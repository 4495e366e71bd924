package wheel

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestTimerFiresOnceAndNotEarly(t *testing.T) {
	for _, d := range []time.Duration{0, time.Millisecond, tick, 10 * time.Second, 51 * time.Second, 5 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			var w Wheel
			var timer Timer
			start := time.Now()
			fired := make(chan time.Duration, 2)
			w.Init(&timer, Func(func() { fired <- time.Since(start) }))
			timer.In(d)
			if got := <-fired; got < d || got > d+3*tick {
				t.Errorf("timer of %v fired after %v", d, got)
			}
			synctest.Wait()
			time.Sleep(10 * time.Minute)
			if len(fired) != 0 {
				t.Errorf("timer of %v fired twice", d)
			}
		})
	}
}

func TestTimerMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w Wheel
		var timer Timer
		var fired atomic.Int64
		w.Init(&timer, Func(func() { fired.Add(1) }))
		timer.In(time.Second)
		for range 100 { // pushed back again and again
			time.Sleep(500 * time.Millisecond)
			timer.In(time.Second)
		}
		if fired.Load() != 0 {
			t.Fatal("fired although it was moved to a later time before")
		}
		timer.In(time.Hour)
		timer.In(time.Second) // earlier than the slot that it is in
		time.Sleep(1500 * time.Millisecond)
		if fired.Load() != 1 {
			t.Errorf("fired %d times after it was moved to an earlier time, want once", fired.Load())
		}
	})
}

func TestStoppedTimerDoesNotFire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w Wheel
		var stopped, removed, restarted Timer
		fired := make(chan string, 3)
		w.Init(&stopped, Func(func() { fired <- "stopped" }))
		w.Init(&removed, Func(func() { fired <- "removed" }))
		w.Init(&restarted, Func(func() { fired <- "restarted" }))
		for _, timer := range []*Timer{&stopped, &removed, &restarted} {
			timer.In(time.Second)
		}
		stopped.Stop()
		removed.Remove()
		restarted.Stop()
		restarted.In(2 * time.Second)
		time.Sleep(time.Minute)
		if got := <-fired; got != "restarted" || len(fired) != 0 {
			t.Errorf("%s fired, and %d more", got, len(fired))
		}
	})
}

// An empty wheel has no goroutine: synctest.Test would not return if it had.
func TestWheelStandsStillWhenEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w Wheel
		timers := make([]Timer, 1000)
		for i := range timers {
			w.Init(&timers[i], Func(func() { t.Error("fired") }))
			timers[i].In(time.Hour)
		}
		for i := range timers {
			timers[i].Remove()
		}
		time.Sleep(time.Second)
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.running || w.timers != 0 {
			t.Errorf("running %v with %d timers, want an idle wheel", w.running, w.timers)
		}
	})
}

// A clock that is set back does not stop the timers that are set from then on.
func TestClockGoesBack(t *testing.T) {
	noon := time.Unix(1e9, 0)
	var other, timer Timer
	w := Wheel{running: true, hand: noon.UnixNano() / int64(tick)} // the test turns it
	w.now.Store(noon.UnixNano())
	fire := Func(func() {})
	w.Init(&other, fire)
	w.Init(&timer, fire)
	other.At(noon.Add(time.Minute))
	eleven := noon.Add(-time.Hour)
	if due, _ := w.turn(eleven); len(due) > 0 {
		t.Error("a timer has fired because the clock went back")
	}
	timer.In(time.Second)
	if due, _ := w.turn(eleven.Add(time.Second)); len(due) > 0 {
		t.Error("a timer has fired early")
	}
	if due, _ := w.turn(eleven.Add(time.Second + 2*tick)); len(due) != 1 || due[0] != &timer {
		t.Errorf("after its time %d timers have fired, want one", len(due))
	}
	if due, _ := w.turn(noon.Add(time.Minute + tick)); len(due) != 1 || due[0] != &other {
		t.Errorf("after its time %d timers have fired, want the other one", len(due))
	}
}

func BenchmarkMoveTimer(b *testing.B) {
	var w Wheel
	var timer Timer
	w.Init(&timer, Func(func() {}))
	defer timer.Remove()
	timer.In(time.Minute)
	for b.Loop() {
		timer.In(time.Minute)
	}
}
