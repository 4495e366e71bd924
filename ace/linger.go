package ace

import (
	"errors"
	"time"
)

// How long a closing connection is read from: for lingerTimeout from the last that
// has come, and for lingerLongest in all. Many clients look for the reply when they
// have sent everything, which takes time where the way to us is slow. Those that have
// let pass all the time that they had get no more of it.
const (
	lingerTimeout = 2 * time.Second
	lingerLongest = 30 * time.Second
	lingerStep    = time.Second / 8 // by which a worker that is driven by turns counts
)

// lingerAtMost is how much is read meanwhile, in KiB. A client that goes on sending
// without a look at what it was told must not keep the server busy, so each read
// counts as one of lingerRead at least. Behind that the worker waits without reading:
// who can't send on looks at what has come, as proxies do.
const (
	lingerAtMost = 8 << 10
	lingerRead   = 4
)

// drop throws away what has come while the worker lingers. It reports whether it
// has been too much.
func (w *worker) drop() (tooMuch bool) {
	n := len(w.in.unread())
	w.used(n)
	w.dropped += uint16(min(max(n>>10, lingerRead), lingerAtMost+1))
	return w.deaf()
}

// linger closes the direction in which the server sends, and reads on until the
// client has closed the other. A connection that is closed with bytes unread is
// reset, and the reset can take the reply away from a client that is still
// sending (RFC 9112, Section 9.6). A connection that can't close a direction is read
// on nevertheless: its client knows by the reply where that ends. One that does not
// waits for the close, which comes as soon as what is on its way has been read.
func (w *worker) linger() {
	err := w.conn.closeWrite()
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return
	}
	w.status.enter(WorkerLingers)
	deadline := w.server.wheel.Nanos() + int64(lingerTimeout)
	last := deadline + int64(lingerLongest-lingerTimeout)
	switch {
	case err != nil && w.endsByClose():
		deadline = w.server.wheel.Nanos() + int64(lingerStep)
		last = deadline
	case errors.Is(w.why, ErrTimeout):
		last = deadline
	}
	for !w.drop() {
		switch err := w.read(deadline); {
		case err == nil && !w.draining.Load():
			deadline = min(w.server.wheel.Nanos()+int64(lingerTimeout), last)
		case err != nil && err != errWoken:
			return
		}
	}
	for w.late(deadline) == nil {
		w.conn.doze(deadline)
	}
}

// endsByClose reports whether nothing but the end of the connection tells the client that
// all is said.
func (w *worker) endsByClose() bool {
	return w.h2 == nil && (w.proto == nil || w.endpoint.raw || w.proto.EndsWithConnection())
}

// startLinger is the beginning of linger for a worker that the scheduler drives,
// and lingerOn goes on with it. What HTTP/2 has not said yet is said first: it may be
// half a frame, and the GOAWAY behind it.
func (w *worker) startLinger() step {
	w.drop()
	w.lingering = true
	if w.h2 != nil {
		w.h2.unsaid = true
	}
	w.status.enter(WorkerLingers)
	w.waitBy = w.server.wheel.Nanos() + int64(lingerTimeout)
	if !errors.Is(w.why, ErrTimeout) {
		w.longer = uint8((lingerLongest - lingerTimeout) / lingerStep)
	}
	if !w.says() {
		return ends
	}
	return w.await()
}

func (w *worker) hasUnsaid() bool { return w.h2 != nil && w.h2.unsaid }

// says says what is unsaid, as far as the client takes it, and closes the direction in
// which the server sends behind that. It reports whether there was no fault.
func (w *worker) says() bool {
	if w.hasUnsaid() {
		switch moved, err := w.h2.sayRest(); {
		case err == errAgain:
			if moved {
				w.lingerLonger()
			}
			return true
		case err != nil:
			return false
		}
		w.h2.unsaid = false
	}
	return w.conn.closeWrite() == nil
}

// lingerLonger waits for more behind something that has come.
func (w *worker) lingerLonger() {
	if w.draining.Load() {
		return
	}
	longer := w.server.wheel.Nanos() + int64(lingerTimeout) - w.waitBy
	steps := min(uint8(longer/int64(lingerStep)), w.longer)
	w.waitBy += int64(steps) * int64(lingerStep)
	w.longer -= steps
}

func (w *worker) lingerOn() step {
	err := errAgain
	if w.hasUnsaid() && !w.says() {
		return ends
	}
	switch {
	case !w.deaf():
		err = w.conn.read(&w.in, 0)
		if w.drop(); err == nil {
			w.lingerLonger()
		}
	case w.conn.hungUp():
		return ends
	}
	if err == errAgain || err == errWoken {
		err = w.overdue()
	}
	if err != nil {
		return ends
	}
	return waits
}

// deaf reports whether so much has come while the worker lingers that no more is read.
func (w *worker) deaf() bool { return w.dropped > lingerAtMost }
