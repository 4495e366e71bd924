package scheduler

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
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

// However many Turns do not return, the others go on.
func TestJobsThatBlockStallNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		release := make(chan bool)
		var blocked sync.WaitGroup
		for range 20 {
			blocked.Add(1)
			newWorker(t, &p, func() { <-release; blocked.Done() }).job.Kick()
		}
		done := make(chan bool)
		newWorker(t, &p, func() { close(done) }).job.Kick()
		<-done
		close(release)
		blocked.Wait()
		synctest.Wait()
		if p.goroutines != 0 {
			t.Errorf("%d goroutines are left", p.goroutines)
		}
	})
}
