package memnet

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// A queue is one direction of a connection.
type queue struct {
	mu     sync.Mutex
	data   []byte
	wait   *waiting // nil: nobody has ever waited
	end    ending   // what a reader sees behind the data
	refuse ending   // what a writer sees
	up     bool     // the end that was accepted reads; else it writes
	server Notified // that end; nil: it waits by itself
}

// An ending is how a direction has ended.
type ending uint8

const (
	isOpen ending = iota
	atEOF
	isClosed
	isBroken
	isReset
)

// err returns the error that it is.
func (e ending) err() error {
	return [...]error{nil, io.EOF, net.ErrClosed, syscall.EPIPE, syscall.ECONNRESET}[e]
}

// waiting is what those who wait by themselves need.
type waiting struct {
	changed          *sync.Cond
	readers, writers deadline
}

// A deadline of one end of a queue. The queue's lock guards it.
type deadline struct {
	timer *time.Timer
	over  bool
}

// waits returns q.wait. The lock is held.
func (q *queue) waits() *waiting {
	if q.wait == nil {
		q.wait = &waiting{changed: sync.NewCond(&q.mu)}
	}
	return q.wait
}

// setDeadline sets the deadline of readers, or of writers.
func (q *queue) setDeadline(writers bool, t time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	w := q.waits()
	d := &w.readers
	if writers {
		d = &w.writers
	}
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.over = !t.IsZero() && !t.After(time.Now())
	if !t.IsZero() && !d.over {
		var timer *time.Timer
		timer = time.AfterFunc(time.Until(t), func() {
			q.mu.Lock()
			defer q.mu.Unlock()
			if d.timer == timer {
				d.over = true
				w.changed.Broadcast()
			}
		})
		d.timer = timer
	}
	w.changed.Broadcast()
}

func (q *queue) notify(n Notified) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.server = n
}

// tellReader and tellWriter tell of a change. The lock is held.
func (q *queue) tellReader() { q.tell(q.up) }
func (q *queue) tellWriter() { q.tell(!q.up) }

func (q *queue) tell(server bool) {
	if q.wait != nil {
		q.wait.changed.Broadcast()
	}
	if server && q.server != nil {
		q.server.Changed()
	}
}

func (q *queue) tryRead(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case len(q.data) > 0:
		return q.take(p), nil
	case q.end != isOpen:
		return 0, q.end.err()
	}
	return 0, ErrWait
}

// take takes what is there. The lock is held.
func (q *queue) take(p []byte) int {
	n := copy(p, q.data)
	full := len(q.data) >= window
	if q.data = q.data[n:]; len(q.data) == 0 {
		q.data = nil
	}
	if full {
		q.tellWriter()
	}
	return n
}

func (q *queue) tryWrite(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.refuse != isOpen:
		return 0, q.refuse.err()
	case len(p) > 0 && len(q.data) >= window:
		return 0, ErrWait
	}
	n := q.put(p)
	if n < len(p) {
		return n, ErrWait
	}
	return n, nil
}

// put puts as much of p behind the data as there is room for. The lock is held.
func (q *queue) put(p []byte) int {
	n := min(len(p), window-len(q.data))
	q.data = append(q.data, p[:n]...)
	q.tellReader()
	return n
}

func (q *queue) read(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		switch {
		case q.end > atEOF:
			return 0, q.end.err()
		case q.waits().readers.over:
			return 0, os.ErrDeadlineExceeded
		case len(q.data) > 0:
			return q.take(p), nil
		case q.end != isOpen:
			return 0, q.end.err()
		case len(p) == 0:
			return 0, nil
		}
		q.wait.changed.Wait()
	}
}

func (q *queue) write(p []byte) (written int, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		switch {
		case q.refuse != isOpen:
			return written, q.refuse.err()
		case q.waits().writers.over:
			return written, os.ErrDeadlineExceeded
		case len(p) == 0:
			return written, nil
		case len(q.data) < window:
			n := q.put(p)
			p, written = p[n:], written+n
		default:
			q.wait.changed.Wait()
		}
	}
}

// closeRead ends the reader's use of the queue and reports whether there was
// something left to read.
func (q *queue) closeRead() (unread bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	unread = len(q.data) > 0
	q.data, q.end = nil, isClosed
	if q.refuse == isOpen {
		q.refuse = isBroken
	}
	q.tellReader()
	q.tellWriter()
	return unread
}

func (q *queue) closeWrite() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.end == isOpen {
		q.end = atEOF
	}
	q.refuse = isClosed
	q.tellReader()
	q.tellWriter()
}

func (q *queue) reset() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.data = nil
	if q.end != isClosed { // by the reader itself, which knows better
		q.end = isReset
	}
	if q.refuse != isClosed {
		q.refuse = isReset
	}
	q.tellReader()
	q.tellWriter()
}
