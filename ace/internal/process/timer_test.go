package process

import (
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// inFakeTime runs a test with a process, in fake time.
func inFakeTime(t *testing.T, do func(raxx.Event) []raxx.Part, test func(t *testing.T, r *rig)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newEnv(9), do)
		test(t, r)
		r.End(0, nil)
		time.Sleep(time.Second) // the wheel stands still at its next tick
		if n := r.told.Load(); n > 0 {
			t.Errorf("the owner is told %d times after the end", n)
		}
	})
}

// after sets a timer.
func (r *rig) after(name string, d time.Duration) {
	r.Do([]raxx.Effect{raxx.After{Name: name, Delay: d}})
}

// wantAfter wants nothing to happen before d has passed, and then this.
func (r *rig) wantAfter(d, tolerance time.Duration, want ...string) {
	r.t.Helper()
	time.Sleep(d - 1)
	synctest.Wait()
	r.wantTold(0)
	r.wantSeen()
	time.Sleep(1 + tolerance)
	synctest.Wait()
	r.wantTold(1)
	r.wantSeen(want...)
}

func TestTimersArePrecise(t *testing.T) {
	inFakeTime(t, nil, func(t *testing.T, r *rig) {
		for _, d := range []time.Duration{time.Nanosecond, time.Millisecond, time.Second, precisely - 1} {
			r.after("t", d)
			r.wantAfter(d, 0, "timer t")
		}
	})
}

func TestLongTimersGoByTheWheel(t *testing.T) {
	inFakeTime(t, nil, func(t *testing.T, r *rig) {
		for _, d := range []time.Duration{precisely, precisely + 1, time.Minute, time.Hour} {
			r.after("t", d)
			r.mu.Lock()
			if r.timers.exact != nil {
				t.Errorf("a timer of %v has one of Go's", d)
			}
			r.mu.Unlock()
			r.wantAfter(d, 200*time.Millisecond, "timer t")
		}
	})
}

func TestTimerTellsTheTime(t *testing.T) {
	var at time.Time
	inFakeTime(t, func(event raxx.Event) []raxx.Part {
		at = event.(raxx.Timer).At
		return nil
	}, func(t *testing.T, r *rig) {
		r.after("t", time.Second)
		time.Sleep(3 * time.Second) // until the machine is asked
		r.wantSeen("timer t")
		r.wantTold(1)
		if !at.Equal(time.Now()) {
			t.Errorf("told %v at %v", at, time.Now())
		}
	})
}

func TestTimerWithoutDelay(t *testing.T) {
	inFakeTime(t, nil, func(t *testing.T, r *rig) {
		r.after("a", 0)
		r.after("b", 0)
		r.wantTold(1)
		r.wantSeen("timer a", "timer b")
	})
}

func TestTimersAreSetAnewAndStopped(t *testing.T) {
	for _, d := range []time.Duration{time.Second, time.Minute} {
		t.Run(fmt.Sprint(d), func(t *testing.T) {
			inFakeTime(t, nil, func(t *testing.T, r *rig) {
				const late = 200 * time.Millisecond
				r.after("t", d)
				time.Sleep(d / 2)
				r.after("t", d)
				r.wantAfter(d, late, "timer t")
				r.after("t", d)
				r.after("t", 3*d) // longer
				r.wantAfter(3*d, late, "timer t")
				r.after("t", 20*d)
				r.after("t", d) // shorter
				r.wantAfter(d, late, "timer t")
				r.after("t", d)
				r.after("t", -1)
				r.after("never", -1)
				time.Sleep(3 * d)
				r.wantTold(0)
				r.wantSeen()
			})
		})
	}
}

func TestTimersByOneNameOnly(t *testing.T) {
	inFakeTime(t, nil, func(t *testing.T, r *rig) {
		r.after("a", 3*time.Second)
		r.after("b", 2*time.Second)
		r.after("", time.Second)
		r.after("b", -1)
		r.wantAfter(time.Second, 0, "timer ")
		r.wantAfter(2*time.Second, 0, "timer a")
	})
}

// A timer that has fired and was not handled can still be stopped and set anew.
func TestTimerThatHasFired(t *testing.T) {
	for name, tt := range map[string]struct {
		then time.Duration
		want []string
	}{
		"is stopped":             {-1, nil},
		"is set anew":            {time.Second, []string{"timer t"}},
		"is set anew, at once":   {0, []string{"timer t"}},
		"is set anew, for later": {time.Minute, []string{"timer t"}},
	} {
		for _, first := range []time.Duration{0, time.Second, time.Minute} {
			t.Run(fmt.Sprint(name, first), func(t *testing.T) {
				inFakeTime(t, nil, func(t *testing.T, r *rig) {
					r.after("t", first)
					time.Sleep(first + 200*time.Millisecond)
					r.wantTold(1)
					r.after("t", tt.then)
					if tt.then != 0 {
						r.wantSeen()
					}
					time.Sleep(2 * time.Minute)
					r.wantSeen(tt.want...)
					r.told.Store(0)
				})
			})
		}
	}
}

// Setting a timer again and again, while something else waits, takes no memory.
func TestTimersThatHaveFiredDoNotGather(t *testing.T) {
	inFakeTime(t, nil, func(t *testing.T, r *rig) {
		r.subscribes(0, "a")
		r.publish("a", "1")
		for range 1000 {
			r.after("t", 0)
		}
		if n := r.mailbox.count(); n > 2 {
			t.Errorf("%d items wait", n)
		}
		r.wantSeen("a: 1", "timer t")
		r.wantTold(1)
	})
}

// A delay beyond the end of the calendar is a long one.
func TestTimerForEver(t *testing.T) {
	inFakeTime(t, nil, func(t *testing.T, r *rig) {
		r.after("t", math.MaxInt64)
		time.Sleep(time.Hour)
		r.wantTold(0)
		r.wantSeen()
	})
}

func TestEndStopsTimers(t *testing.T) {
	inFakeTime(t, nil, func(t *testing.T, r *rig) {
		r.after("a", time.Second)
		r.after("b", time.Minute)
		r.after("c", 0)
		r.wantTold(1)
		r.End(0, nil)
		time.Sleep(time.Hour)
		r.wantTold(0)
		r.wantSeen()
		if r.timers != nil {
			t.Error("it has timers")
		}
	})
}

// Timers fire while they are being set: none fires twice or after it was
// stopped.
func TestTimersRace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newEnv(9), nil)
		for i := range 1000 {
			r.after("t", time.Duration(i%3)*time.Nanosecond)
			time.Sleep(time.Nanosecond)
			if r.after("t", -1); i%2 == 0 {
				r.after("t", time.Nanosecond)
				time.Sleep(time.Nanosecond)
				synctest.Wait()
				r.wantSeen("timer t")
			}
			synctest.Wait()
			r.wantSeen()
		}
	})
}
