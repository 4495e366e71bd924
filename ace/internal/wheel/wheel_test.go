package wheel

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
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
		time.Sleep(2 * time.Second) // by now it is in the slot for that
		timer.In(time.Second)       // which is earlier
		time.Sleep(1500 * time.Millisecond)
		if fired.Load() != 1 {
			t.Errorf("fired %d times after it was moved to an earlier time, want once", fired.Load())
		}
	})
}

// What has fired, or was stopped and looked at, can be set again.
func TestTimerIsSetAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w Wheel
		var timer, keeps Timer // keeps the wheel turning
		var fired atomic.Int64
		w.Init(&keeps, Func(func() {}))
		w.Init(&timer, Func(func() { fired.Add(1) }))
		keeps.In(time.Hour)
		for i := range int64(3) {
			timer.In(time.Second)
			time.Sleep(2 * time.Second)
			if fired.Load() != i+1 {
				t.Errorf("fired %d times, want %d", fired.Load(), i+1)
			}
			timer.In(time.Second)
			timer.Stop()
			time.Sleep(2 * time.Second)
		}
		timer.Remove()
		keeps.Remove()
		w.Halt()
	})
}

// A time that is over is one at which a timer fires soon.
func TestTimeIsOver(t *testing.T) {
	for _, turns := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var w Wheel
			var timer, keeps Timer
			fired := make(chan bool, 1)
			w.Init(&keeps, Func(func() {}))
			w.Init(&timer, Func(func() { fired <- true }))
			if turns {
				keeps.In(time.Hour)
				time.Sleep(time.Minute)
			}
			for _, ago := range []time.Duration{0, time.Second, time.Hour} {
				began := time.Now()
				timer.At(began.Add(-ago))
				if <-fired; time.Since(began) > 2*tick {
					t.Errorf("a time %v ago: fired after %v", ago, time.Since(began))
				}
			}
			timer.Remove()
			keeps.Remove()
			w.Halt()
		})
	}
}

// The goroutine of an empty wheel ends at once, and comes back when it is needed.
// synctest fails if it is left.
func TestHalt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w Wheel
		var timer Timer
		fired := make(chan time.Time, 1)
		w.Init(&timer, Func(func() { fired <- time.Now() }))
		w.Halt()
		for range 2 {
			began := time.Now()
			timer.In(time.Second)
			w.Halt() // it is not empty
			if took := (<-fired).Sub(began); took > time.Second+3*tick {
				t.Errorf("fired after %v", took)
			}
			timer.In(time.Second)
			timer.Remove()
			w.Halt()
			w.Halt()
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

// Timers that are looked at together are taken off in any order, set again, and the
// others among them fire, each once.
func TestTimersThatLieTogether(t *testing.T) {
	const n = 5
	for removed := range 1 << n { // a set of them
		for _, backwards := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				var w Wheel
				var timers [n]Timer
				var fired [n]int
				for i := range timers {
					w.Init(&timers[i], Func(func() { fired[i]++ }))
					timers[i].In(time.Second)
				}
				for i := range timers {
					if backwards {
						i = n - 1 - i
					}
					if removed&(1<<i) != 0 {
						timers[i].Remove()
						if timers[i].IsSet() {
							t.Error("it is set behind Remove")
						}
					}
				}
				for i := range timers {
					if removed&(1<<i) != 0 && i%2 == 0 {
						timers[i].In(time.Second) // and goes to the same place
					}
					if want := removed&(1<<i) == 0 || i%2 == 0; timers[i].IsSet() != want {
						t.Errorf("timer %d is set: %v", i, !want)
					}
				}
				time.Sleep(2 * time.Second)
				synctest.Wait()
				for i, got := range fired {
					want := 1
					if removed&(1<<i) != 0 && i%2 != 0 {
						want = 0
					}
					if got != want || timers[i].IsSet() {
						t.Errorf("timer %d has fired %d times, want %d, and is set: %v (removed: %05b)", i, got, want, timers[i].IsSet(), removed)
					}
				}
				if w.timers != 0 {
					t.Errorf("%d timers are left", w.timers)
				}
			})
		}
	}
}

// The clock goes on while the wheel stands still: what is set then does not fire
// early.
func TestTimerBehindAStandstill(t *testing.T) {
	for name, end := range map[string]func(*Wheel){"by itself": func(*Wheel) {}, "Halt": (*Wheel).Halt} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var w Wheel
				var timer Timer
				fired := make(chan time.Time, 1)
				w.Init(&timer, Func(func() { fired <- time.Now() }))
				for range 3 {
					timer.In(time.Second)
					timer.Remove()
					end(&w)
					time.Sleep(time.Hour)
					if got, want := w.Nanos(), time.Now().UnixNano(); got != want {
						t.Errorf("the clock is wrong by %v", time.Duration(got-want))
					}
					began := time.Now()
					timer.In(time.Minute)
					if took := (<-fired).Sub(began); took < time.Minute || took > time.Minute+2*tick {
						t.Errorf("fired after %v", took)
					}
				}
			})
		})
	}
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

// A sleeper holds up the wheel, as if the process had been stopped.
type sleeper time.Duration

func (s sleeper) Fire() { time.Sleep(time.Duration(s)) }

type punctual struct{ Func }

func (punctual) Punctual() {}

// While the process stands still no time passes for those who wait for peers, and
// what has been noted is as old as it is.
func TestClockStandsStillWithTheProcess(t *testing.T) {
	for _, pause := range []time.Duration{500 * time.Millisecond, 5 * time.Second, 70 * time.Second, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			var w Wheel
			var holdUp, early, late, other, exact Timer
			began := time.Now()
			fired := make(map[*Timer]time.Duration)
			note := func(timer *Timer) Func { return func() { fired[timer] = time.Since(began) } }
			w.Init(&holdUp, sleeper(pause))
			w.Init(&early, note(&early))
			w.Init(&late, note(&late))
			w.Init(&other, note(&other))
			w.Init(&exact, punctual{note(&exact)})
			holdUp.In(time.Second)
			early.In(2 * time.Second)
			late.In(3 * time.Minute)
			exact.At(began.Add(3 * time.Minute))
			stamp := w.Stamp()
			time.Sleep(time.Second + pause) // it goes on next
			begins := w.Nanos()
			other.In(10 * time.Second) // from a clock that is late
			time.Sleep(2 * time.Hour)
			synctest.Wait()
			missed := max(pause-mostLate, 0)
			for timer, want := range map[*Timer]time.Duration{
				&early: max(2*time.Second, time.Second+pause), &late: 3*time.Minute + missed,
				&other: 11*time.Second + pause, &exact: max(3*time.Minute, time.Second+pause),
			} {
				if got := fired[timer]; got < want-time.Second || got > want+time.Second+3*tick {
					t.Errorf("pause of %v: fired after %v, want %v", pause, got, want)
				}
			}
			if got := time.Duration(w.Nanos() - begins); got > 2*time.Hour+pause {
				t.Errorf("pause of %v: the clock went on by %v", pause, got)
			}
			if got := w.TimeOfDay(stamp); got.Sub(began).Abs() > tick {
				t.Errorf("pause of %v: noted %v, want %v", pause, got, began)
			}
			if got := w.StampOf(time.Now()) - stamp; time.Duration(got-int64(time.Since(began))).Abs() > tick {
				t.Errorf("pause of %v: a stamp is off by %v", pause, time.Duration(got-int64(time.Since(began))))
			}
		})
	}
}

// Whoever sets the time of day, forward or back, changes nothing for the clock of
// the wheel, and so for what runs by it.
func TestTimeOfDayIsSet(t *testing.T) {
	for _, jump := range []time.Duration{time.Hour, -time.Hour} {
		var w Wheel
		before := w.NanosOf(time.Now())
		now := time.Now()
		set := setTo(t, now, jump)
		if got, want := w.NanosOf(set), w.NanosOf(now); got != want || got < before {
			t.Errorf("set by %v: the clock shows %v more", jump, time.Duration(got-want))
		}
	}
}

// What people read goes by the time of day as it is set now, and what waits by the
// pace of the clock.
func TestTimeOfDayWasSet(t *testing.T) {
	var w Wheel
	now := time.Now()
	wrong := setTo(t, now, -time.Hour) // as it was when the clock was first looked at
	w.origin.Store(&wrong)
	nanos := w.NanosOf(now)
	if got := w.TimeOfDay(nanos); got.Round(0).Sub(now.Round(0)).Abs() > time.Minute {
		t.Errorf("TimeOfDay is %v, want %v", got, now)
	}
	if got := w.NanosOf(now.Add(time.Minute)) - nanos; got != int64(time.Minute) {
		t.Errorf("a minute is %v", time.Duration(got))
	}
}

// setTo returns t as it is read off a clock that was set in between.
func setTo(t *testing.T, now time.Time, by time.Duration) time.Time {
	// The seconds of the time of day stand above 30 bits for those below.
	*(*uint64)(unsafe.Pointer(&now)) += uint64(int64(by/time.Second) << 30)
	if got := now.Round(0).Sub(time.Now().Round(0)); (got - by).Abs() > time.Minute {
		t.Skipf("package time keeps a time in another way: it is set by %v, not by %v", got, by)
	}
	return now
}

// The clock begins with the time of day, and times can be told by it.
func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w Wheel
		begun := time.Now()
		if got := w.Nanos(); got != begun.UnixNano() {
			t.Errorf("the clock begins with %d, want %d", got, begun.UnixNano())
		}
		time.Sleep(time.Hour)
		nanos := w.NanosOf(begun.Add(time.Minute))
		if got := w.TimeOfDay(nanos); !got.Equal(begun.Add(time.Minute)) {
			t.Errorf("TimeOfDay is %v, want %v", got, begun.Add(time.Minute))
		}
	})
}

// What is too far away to be counted is far away, and not the other way round.
func TestFarAway(t *testing.T) {
	var w Wheel
	now := w.Nanos()
	if got := w.NanosOf(time.Unix(1<<40, 0)); got < now+int64(24*time.Hour) {
		t.Errorf("%d for the far future, at %d", got, now)
	}
	if got := w.NanosOf(time.Time{}); got >= now {
		t.Errorf("%d for the far past, at %d", got, now)
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
