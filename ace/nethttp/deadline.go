package nethttp

import (
	"os"
	"sync"
	"time"
)

// errDeadline is the error of a write that comes too late.
var errDeadline = os.ErrDeadlineExceeded

// A deadline is a time that may be moved while somebody waits for it, by any
// goroutine. Its zero value never comes.
type deadline struct {
	mu     sync.Mutex
	number int // of the setting that counts
	timer  *time.Timer
	end    chan struct{} // closed when the time has come
	closed bool
}

// set moves the deadline. The zero time is none.
func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.number++
	if d.timer != nil {
		d.timer.Stop()
	}
	if d.closed {
		d.end, d.closed = nil, false
	}
	if t.IsZero() {
		return
	}
	number := d.number
	d.timer = time.AfterFunc(time.Until(t), func() { d.expire(number) })
}

// expire ends the wait, unless the deadline was moved.
func (d *deadline) expire(number int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if number == d.number {
		close(d.channel())
		d.closed = true
	}
}

// over returns a channel that is closed when the time has come.
func (d *deadline) over() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.channel()
}

func (d *deadline) channel() chan struct{} {
	if d.end == nil {
		d.end = make(chan struct{})
	}
	return d.end
}
