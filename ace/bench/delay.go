package main

import (
	"sync/atomic"
	"time"
)

// What the paths of works with slow handlers are called.
const (
	sleepPath   = "/sleep"
	computePath = "/compute"
	blockPath   = "/block"
)

// slowStatus is the status of a reply that was made slow while others are not:
// by it a client tells them apart.
const slowStatus = 202

// A delay makes some of the replies on a path slow, whoever asks for them.
type delay struct {
	every  int64 // one in so many
	do     func()
	status int // of the slow ones
	count  atomic.Int64
}

// newDelays returns what makes replies slow, by path.
func newDelays() map[string]*delay {
	var result atomic.Uint64 // is kept, so that it has to be computed
	return map[string]*delay{
		sleepPath:   {every: 10, do: func() { time.Sleep(10 * time.Millisecond) }, status: slowStatus},
		computePath: {every: 100, do: func() { result.Store(compute(computeSteps)) }, status: slowStatus},
		blockPath:   {every: 1, do: func() { time.Sleep(time.Millisecond) }, status: 200},
	}
}

// pass takes the time of one reply, and returns its status.
func (d *delay) pass() int {
	if d.count.Add(1)%d.every != 0 {
		return 200
	}
	d.do()
	return d.status
}

// computeSteps are about five milliseconds' worth. They are counted and not
// timed, so that each peer computes as much, however often it is interrupted.
const computeSteps = 4 << 20

// compute does steps that depend on each other, and that the scheduler can
// interrupt.
func compute(steps int) (x uint64) {
	for range steps {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x
}
