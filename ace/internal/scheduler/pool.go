package scheduler

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A Pool gives goroutines to jobs that have nothing to poll: a job has a Turn
// when somebody kicks it, and is never detached. As many Turns are under way at
// once as there are processors, and one more every few [Tick]s while none of them
// returns. While nobody is kicked it has no goroutine. Its zero value is ready for
// use.
type Pool struct {
	mu          sync.Mutex
	first, last *Job
	goroutines  int    // that take jobs from the list
	taken       uint64 // how many jobs were taken
	watching    bool   // somebody looks whether any are
}

// A Job is what a Pool drives. It must not be copied.
type Job struct {
	pool  *Pool
	task  Task
	state atomic.Uint32
	next  *Job // in the list of its pool, whose lock guards it
}

// Init makes j the job that calls task. It counts as being within a Turn until
// [Job.Start], so that it can be kicked.
func (p *Pool) Init(j *Job, task Task) {
	j.pool, j.task = p, task
	j.state.Store(running)
}

// Start begins to schedule j. If it has been kicked, it has a Turn.
func (j *Job) Start() { j.finish() }

// Kick sees to it that there is a Turn from now on, or one more behind the one
// that is under way. It may be called from any goroutine, and does not wait.
func (j *Job) Kick() {
	for {
		switch j.state.Load() {
		case idle:
			if j.state.CompareAndSwap(idle, running) {
				j.pool.enqueue(j)
				return
			}
		case running:
			if j.state.CompareAndSwap(running, kicked) {
				return
			}
		default:
			return
		}
	}
}

// Close says that there are to be no more Turns. It is for use within one.
func (j *Job) Close() { j.state.Store(closed) }

// enqueue puts a job into the list, whose state is running.
func (p *Pool) enqueue(j *Job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil {
		p.first = j
	} else {
		p.last.next = j
	}
	p.last = j
	switch {
	case p.goroutines < runtime.GOMAXPROCS(0):
		p.goroutines++
		go p.run()
	case !p.watching:
		p.watch()
	}
}

// watch looks after a while whether the list has moved on. The lock is held.
func (p *Pool) watch() {
	p.watching = true
	taken := p.taken
	time.AfterFunc(2*Tick, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.watching = false
		if p.first == nil {
			return
		}
		if p.taken == taken {
			p.goroutines++
			go p.run()
		}
		p.watch()
	})
}

// run takes jobs until there is none.
func (p *Pool) run() {
	done := false
	defer func() {
		if !done { // a Turn ends this goroutine, by runtime.Goexit
			go p.run()
		}
	}()
	for j := p.take(); j != nil; j = p.take() {
		j.task.Turn()
		j.finish()
	}
	done = true
}

func (p *Pool) take() *Job {
	p.mu.Lock()
	defer p.mu.Unlock()
	j := p.first
	if j == nil {
		p.goroutines--
		return nil
	}
	p.first, j.next = j.next, nil
	if p.first == nil {
		p.last = nil
	}
	p.taken++
	return j
}

// finish ends a Turn.
func (j *Job) finish() {
	if j.state.CompareAndSwap(running, idle) {
		return
	}
	if j.state.CompareAndSwap(kicked, running) {
		j.pool.enqueue(j)
	}
}
