package ace

import (
	"time"
)

// lingerTimeout is how long a closing connection is read from.
const lingerTimeout = 2 * time.Second

// linger closes the direction in which the server sends, and reads on until the
// client has closed the other. A connection that is closed with bytes unread is
// reset, and the reset can take the reply away from a client that is still
// sending (RFC 9112, Section 9.6).
func (w *worker) linger() {
	if w.conn.closeWrite() != nil {
		return
	}
	w.status.enter(WorkerLingers)
	deadline := w.server.now().Add(lingerTimeout)
	for {
		w.used(len(w.in.unread()))
		if err := w.read(deadline); err != nil && err != errWoken {
			return
		}
	}
}

// startLinger is the beginning of linger for a worker that the scheduler drives,
// and lingerOn goes on with it when a read has returned err.
func (w *worker) startLinger() step {
	if w.conn.closeWrite() != nil {
		return ends
	}
	w.used(len(w.in.unread()))
	w.lingering = true
	w.status.enter(WorkerLingers)
	w.waitBy = w.server.wheel.Nanos() + int64(lingerTimeout)
	return w.await()
}

func (w *worker) lingerOn(err error) step {
	w.used(len(w.in.unread()))
	if err == errAgain || err == errWoken {
		err = w.overdue()
	}
	if err != nil {
		return ends
	}
	return waits
}
