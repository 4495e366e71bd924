package ace

import (
	"io"
	"unsafe"

	"github.com/raxx-go/raxx/raxx"
)

// handle steps the machine. A step that takes long holds up nobody but its own
// exchange, as a handler does.
func (l *live) handle(event raxx.Event) error {
	conn := l.worker.conn
	conn.handlerBegins(l.path)
	defer conn.handlerEnds(l.path)
	err := l.process.Handle(event, l)
	if l.lent > 0 {
		l.worker.used(int(l.lent))
		l.lent = 0
	}
	return err
}

// turnLive does all that the machine can do without waiting, as long as others can
// wait for it.
func (w *worker) turnLive() step {
	l := w.live
	l.drained, l.heard, l.room = false, false, sentAtMost
	for n := 0; n < doneAtMost && l.room > 0; n++ {
		next, wait, err := l.next()
		switch {
		case err != nil:
			return l.failed(err)
		case next == pauses:
			return l.pause(wait)
		case next != lives:
			return next
		}
	}
	w.conn.kick() // and go on later
	return pauses
}

// runLive is turnLive for a worker with a goroutine of its own: it waits, too.
func (w *worker) runLive() step {
	l := w.live
	next := w.turnLive()
	if next != pauses {
		return next
	}
	if !l.mayRead() {
		w.conn.doze(w.waitBy)
		return lives
	}
	deadline := w.waitBy
	if deadline == 0 {
		deadline = never
	}
	if err := w.conn.read(&w.in, deadline); err != nil && err != errWoken {
		l.readErr = err
	}
	return lives
}

// next does one thing of what is to be done. If there is none it returns pauses,
// and what has to be waited for.
func (l *live) next() (step, expectation, error) {
	ended := l.whole != nil || l.reply.Ended() // what is left is the client's to take
	if err := l.broken(ended); err != nil {
		return ends, expectation{}, err
	}
	if l.pending() {
		if next, wait, err := l.send(ended); next != goesOn || err != nil {
			return next, wait, err
		}
	}
	if ended || l.reply.Empty() {
		return l.end(), expectation{}, nil
	}
	if l.worker.draining.Load() {
		l.process.Drain()
	}
	event, wait, err := l.event()
	switch {
	case err != nil:
		return ends, expectation{}, err
	case event == nil:
		return pauses, wait, nil
	}
	return lives, expectation{}, l.handle(event)
}

// broken returns why the exchange can't go on, or nil.
func (l *live) broken(ended bool) error {
	if cause := l.worker.cause.Load(); cause != nil {
		return *cause
	}
	if err := l.process.Killed(); err != nil && !ended {
		return err
	}
	return l.reply.Err
}

// send hands the client what it has not taken yet. It returns goesOn if that is all.
func (l *live) send(ended bool) (step, expectation, error) {
	w := l.worker
	switch err := l.flush(); err {
	case nil:
		return goesOn, expectation{}, nil
	case errNoRoom:
		return lives, expectation{}, nil
	case errAgain:
		// A client that sends nothing more may read what is left of a whole reply.
		missed := l.inputOver && !ended
		if missed && w.conn.hungUp() {
			return ends, expectation{}, io.ErrUnexpectedEOF
		}
		return pauses, expectation{room: true, hangup: missed && !l.raw()}, w.overdue()
	default:
		return ends, expectation{}, err
	}
}

// event returns what the machine is told next. If that is nil, something has to be
// waited for.
func (l *live) event() (raxx.Event, expectation, error) {
	w := l.worker
	event, err := l.hear()
	if event == nil && err == nil {
		event, err = l.process.Next()
	}
	if event != nil || err != nil {
		return event, expectation{}, err
	}
	if l.process.Holds() && !l.inputOver {
		if w.conn.lost() {
			return nil, expectation{}, io.EOF
		}
		return nil, expectation{}, w.overdue()
	}
	event, err = l.input()
	if event != nil || err != nil {
		return event, expectation{}, err
	}
	return nil, expectation{input: l.mayRead(), hangup: !l.mayRead() && !l.raw()}, w.overdue()
}

// hear returns what has come from the client if the machine is about to be told that a
// time is over: when nobody was there to read for a while, an answer may have come
// long before. It does so once in a turn, since a client could go on sending.
func (l *live) hear() (raxx.Event, error) {
	if l.heard || l.inputOver || !l.mayRead() || !l.process.TimeIsUp() {
		return nil, nil
	}
	l.heard, l.drained = true, false // the step before may have taken long
	return l.input()
}

// mayRead reports whether more is to be read.
func (l *live) mayRead() bool {
	if l.process.Holds() && !l.inputOver {
		return false
	}
	return !l.inputOver || !l.raw() && len(l.worker.in.unread()) < readAheadAtMost
}

// readAheadAtMost is how much of what follows the request is read before its
// machine has ended: to read is how it is noticed that the client has gone.
const readAheadAtMost = bufferSize / 2

// input returns what has come from the client as an event, or nil if nothing
// has.
func (l *live) input() (raxx.Event, error) {
	w := l.worker
	for {
		if event, err := l.decode(); event != nil || err != nil {
			w.waitBy = 0
			return event, err
		}
		err := l.readErr
		switch {
		case err != nil:
		case l.drained:
			return nil, nil
		case l.mayRead():
			if err = w.conn.read(&w.in, 0); err == nil {
				// What comes from now on begins another turn.
				l.drained = len(w.in.b) < cap(w.in.b)
			}
		case w.conn.hungUp():
			err = io.EOF
		default:
			return nil, nil
		}
		switch {
		case err == nil:
		case err == errAgain || err == errWoken:
			return nil, nil
		case err == io.EOF && l.raw() && !l.inputOver:
			l.inputOver, l.readErr = true, nil // it is told once
			return raxx.Tail{}, nil
		default:
			return nil, early(err)
		}
	}
}

// decode takes an event out of what has come. It is nil if more has to come
// first.
func (l *live) decode() (raxx.Event, error) {
	w := l.worker
	if l.inputOver {
		return nil, nil
	}
	if l.raw() {
		come := w.in.unread()
		switch {
		case len(come) == 0:
			return nil, nil
		case l.borrows:
			l.lent = int32(len(come))
			return raxx.Data(unsafe.String(&come[0], len(come))), nil
		}
		data := raxx.Data(come)
		w.used(len(data))
		return data, nil
	}
	for w.proto.HasBody() {
		n, content, err := w.proto.Body(w.in.unread())
		data := raxx.Data(content)
		w.used(n)
		switch {
		case err != nil:
			return nil, err
		case len(data) > 0:
			return data, nil
		case n == 0:
			return nil, nil
		}
	}
	l.inputOver = true
	return raxx.Tail{Trailer: w.proto.Trailer()}, nil
}

// pause ends a turn: nothing is kept in memory that is not needed, and the
// time-out is set. A machine may wait for ever; a client that does not go on with
// its body, or does not take what was sent, may not.
func (l *live) pause(wait expectation) step {
	w := l.worker
	w.used(0)
	w.in = w.server.buffers.shrink(w.in)
	w.release()
	if l.reply.HeadSent() && w.server.config.Trace.ExchangeEnded == nil {
		l.req = nil
	}
	switch {
	case !wait.room && (l.inputOver || l.raw() || l.process.Holds()):
		w.waitBy = 0
	case w.waitBy == 0:
		w.waitBy = w.server.wheel.Nanos() + int64(w.progress())
	}
	w.conn.await(w.waitBy, wait)
	return pauses
}
