package scheduler

import (
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A worker is the task of a job.
type worker struct {
	t    *testing.T
	job  Job
	turn func()
	busy atomic.Int32 // Turns under way: never more than one
}

func (w *worker) Turn() bool {
	if n := w.busy.Add(1); n != 1 {
		w.t.Errorf("%d Turns at once", n)
	}
	defer w.busy.Add(-1)
	w.turn()
	return false
}

func newWorker(t *testing.T, p *Pool, turn func()) *worker {
	w := &worker{t: t, turn: turn}
	p.Init(&w.job, w)
	w.job.Start()
	return w
}

// Many jobs are kicked by many: behind each Kick there is a Turn that can see
// why; and when there is nothing more to do there is no goroutine, which synctest
// checks.
func TestJobsAreKickedByMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const jobs, kickers, kicks = 30, 8, 500
		var p Pool
		var asked, seen [jobs]atomic.Int64
		var all []*worker
		for i := range jobs {
			all = append(all, newWorker(t, &p, func() { seen[i].Store(asked[i].Load()) }))
		}
		for k := range kickers {
			go func() {
				for n := range kicks {
					i := (k + n) % jobs
					asked[i].Add(1)
					all[i].job.Kick()
				}
			}()
		}
		synctest.Wait()
		for i := range jobs {
			if got, want := seen[i].Load(), asked[i].Load(); got != want {
				t.Errorf("the last Turn of job %d has seen %d of %d", i, got, want)
			}
		}
		if p.goroutines != 0 || p.first != nil {
			t.Errorf("%d goroutines are left", p.goroutines)
		}
	})
}

// Whoever is kicked early has its Turn when it is started, and not before.
func TestKickOfAJobThatIsNotStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		turns := 0
		w := &worker{t: t, turn: func() { turns++ }}
		p.Init(&w.job, w)
		w.job.Kick()
		synctest.Wait()
		if turns != 0 {
			t.Error("a Turn before the start")
		}
		w.job.Start()
		synctest.Wait()
		if turns != 1 {
			t.Errorf("%d Turns, want one", turns)
		}
	})
}

func TestKickOfAJobThatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		turns := 0
		release := make(chan bool)
		w := newWorker(t, &p, func() { turns++; <-release })
		w.job.Kick()
		synctest.Wait()
		for range 10 {
			w.job.Kick()
		}
		release <- true
		synctest.Wait()
		if turns != 2 {
			t.Errorf("%d Turns, want 2: many kicks during a Turn make one more", turns)
		}
		release <- true
		synctest.Wait()
		if turns != 2 {
			t.Errorf("%d Turns", turns)
		}
	})
}

func TestKickOfAJobThatIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		turns := 0
		var w *worker
		w = newWorker(t, &p, func() {
			turns++
			w.job.Kick()
			w.job.Close()
		})
		w.job.Kick()
		synctest.Wait()
		w.job.Kick()
		synctest.Wait()
		if turns != 1 {
			t.Errorf("%d Turns, want one", turns)
		}
	})
}

// As many Turns begin at once as there are processors, and one more every few
// ticks while none of them returns: so however many do not, the others go on.
func TestJobsThatBlockStallNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		for range 2 { // the second time behind a pause
			release := make(chan bool)
			var begun atomic.Int32
			for range 20 {
				newWorker(t, &p, func() { begun.Add(1); <-release }).job.Kick()
				synctest.Wait()
			}
			for want := min(runtime.GOMAXPROCS(0), 20); want <= 20; want++ {
				if n := int(begun.Load()); n != want {
					t.Errorf("%d Turns have begun, want %d", n, want)
				}
				time.Sleep(4 * Tick)
				synctest.Wait()
			}
			close(release)
			time.Sleep(time.Second)
			synctest.Wait()
			if p.goroutines != 0 || p.watching {
				t.Errorf("%d goroutines are left, and somebody who watches: %v", p.goroutines, p.watching)
			}
		}
	})
}

// While Turns return, however many wait, there are no more goroutines than
// processors.
func TestJobsThatReturnNeedNoMoreGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		var busy, most atomic.Int32
		for range 100 {
			newWorker(t, &p, func() {
				n := busy.Add(1)
				most.Store(max(most.Load(), n))
				time.Sleep(Tick)
				busy.Add(-1)
			}).job.Kick()
		}
		time.Sleep(time.Second)
		if n := int(most.Load()); n > runtime.GOMAXPROCS(0) {
			t.Errorf("%d Turns at once on %d processors", n, runtime.GOMAXPROCS(0))
		}
	})
}

// A Turn that ends its goroutine, as runtime.Goexit does, ends no other's.
func TestJobThatEndsItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		var turns atomic.Int32
		for range 20 {
			newWorker(t, &p, func() { turns.Add(1); runtime.Goexit() }).job.Kick()
		}
		synctest.Wait()
		if n := turns.Load(); n != 20 {
			t.Errorf("%d Turns, want 20", n)
		}
		if p.goroutines != 0 {
			t.Errorf("%d goroutines are left", p.goroutines)
		}
	})
}
