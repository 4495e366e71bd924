package main

import "time"

// A pace is how fast somebody speaks: some messages at once, and one a second
// over a longer time. It knows when the last of those that were taken would have
// been sent by somebody who sends one a second.
type pace struct{ due time.Time }

const (
	burst = 5
	every = time.Second
)

// take takes a message, and reports false if it is one too many.
func (p pace) take(now time.Time) (pace, bool) {
	due := p.due
	if due.Before(now) {
		due = now
	}
	if due.Sub(now) > (burst-1)*every {
		return p, false
	}
	return pace{due.Add(every)}, true
}
