package ace

import (
	"runtime/debug"
	"time"
)

// recovered, deferred, ends a worker that has panicked. That is a fault of the
// server, since handlers' panics are recovered before: it costs this connection
// and no other. So does a handler that ends its goroutine, which nobody can keep
// it from: then nobody else will end the worker.
func (w *worker) recovered(next *step) {
	v := recover()
	exits := v == nil && (*next == goesOn || *next == lives || *next == speaksH2)
	switch {
	case exits && w.h2 != nil && w.h2.exitsDetached():
		return // another goroutine has the connection
	case exits:
		v = goexit
	case v == nil:
		return
	}
	w.abort, *next = true, ends
	fault := &PanicError{Value: v, Stack: debug.Stack()}
	if exits {
		w.exits(fault)
	}
	if w.why = fault; w.now != nil {
		w.now.Err = fault
	}
	w.endExchange() // those who wait for its end are not to wait for ever
	if exits {
		w.conn.leave()
		w.end()
	}
}

// exits notes of the exchange that what makes its reply ends its goroutine.
func (w *worker) exits(fault error) {
	if l := w.live; l != nil {
		proto := w.proto // which is the machine's
		w.hold()
		w.proto, w.now.Outcome = proto, l.reply.Outcome
	}
	if w.now == nil {
		return
	}
	w.now.Fault, w.now.Err = fault, fault
	if w.live != nil && w.live.req != nil {
		w.endExchange()
		w.trace(w.live.req, w.live.began())
	}
}

// goexit is the value of the PanicError for what is none, and ends a handler like
// one.
const goexit = "it has ended its goroutine (runtime.Goexit)"

// run drives the worker on a goroutine of its own, from begin to end.
func (w *worker) run() {
	w.enlist()
	if w.server.config.Trace.ConnectionOpened != nil {
		w.tellOpened(w.serveToEnd)
	}
	w.serveToEnd()
}

func (w *worker) serveToEnd() {
	w.serve()
	w.end()
}

// serve answers requests until the connection has come to its end.
func (w *worker) serve() (next step) {
	defer w.recovered(&next)
	if w.why = w.handshake(); w.why != nil {
		return ends
	}
	w.status.enter(WorkerWaits)
	for next = w.first(); next != ends; {
		// A worker waits here and not within answer, where its stack is deep.
		switch next {
		case waits:
			next = w.fill()
		case goesOn:
			next = w.answer()
		case lives:
			next = w.runLive()
		case speaksH2:
			next = w.h2.run()
		case lingers:
			w.linger()
			return ends
		}
	}
	return ends
}

// first returns the first step: a machine on a bare connection begins before
// anything has come, and so does HTTP/2 where the handshake has chosen it.
func (w *worker) first() step {
	switch {
	case w.header || w.shakes:
	case w.endpoint.raw:
		return goesOn
	case w.secure != nil && w.secure.Protocol == "h2" && w.server.speaksH2():
		w.startH2()
		return speaksH2
	}
	return waits
}

// Turn does what can be done without waiting for the client. It is called by the
// scheduler when something has come, and when the worker was woken; see
// scheduler.Task.
func (w *worker) Turn() (detached bool) {
	next := w.turn()
	if next == ends {
		w.end()
	}
	return next == detaches
}

func (w *worker) turn() (next step) {
	defer w.recovered(&next)
	switch {
	case w.lingering:
		next = w.lingerOn()
	case w.h2 != nil:
		next = speaksH2
	case w.live != nil:
		next = w.turnLive()
	case w.shakes && !w.header:
		next = w.shake()
	case w.requests == 0 && w.first() == goesOn:
		next = goesOn
	case w.unfinished:
		w.unfinished = false
		next = w.look(w.cutBy())
	default:
		next = w.look(w.conn.read(&w.in, 0))
	}
	for n := 0; next == goesOn || next == lives; n++ {
		switch {
		case next == lives:
			next = w.turnLive()
		case n < doneAtMost:
			next = w.answer()
		default:
			w.unfinished = true
			w.conn.kick()
			return waits
		}
	}
	if next == speaksH2 {
		next = w.h2.turn()
	}
	switch next {
	case pauses:
		return waits
	case detaches:
		return detaches
	case lingers:
		return w.startLinger()
	case waits:
		return w.await()
	}
	return ends
}

// look says how a Turn goes on after its first read has returned err.
func (w *worker) look(err error) step {
	switch {
	case err == nil:
		return goesOn
	case err == errAgain || err == errWoken:
		if err = w.overdue(); err == nil {
			return waits
		}
	}
	return w.stopped(err)
}

// What one connection does in a Turn before the others of its poller have theirs.
const (
	doneAtMost = 64        // requests that it answers, or steps of its machine
	sentAtMost = 256 << 10 // octets that it sends, from when on somebody could have to wait for it
)

// cutBy returns why the connection was cut, or nil if it was not.
func (w *worker) cutBy() error {
	if cause := w.cause.Load(); cause != nil {
		return *cause
	}
	return nil
}

// await ends a Turn: what was answered is written, and the time-out is set for
// what comes next.
func (w *worker) await() step {
	if !w.lingering {
		if w.why = w.Flush(); w.why != nil {
			return ends
		}
		w.in = w.server.buffers.shrink(w.in)
		w.release()
		w.status.rest(&w.server.looking)
		w.patience()
	}
	w.conn.await(w.waitBy, expectation{input: !w.deaf(), room: w.hasUnsaid(), hangup: w.deaf()})
	return waits
}

// fill waits until more of a head has come. What was answered is written before:
// the replies to all requests that one read brought go out together.
func (w *worker) fill() step {
	if w.why = w.Flush(); w.why != nil {
		return ends
	}
	w.in = w.server.buffers.shrink(w.in)
	w.release()
	w.status.rest(&w.server.looking)
	for {
		switch err := w.read(w.patience()); err {
		case nil:
			return goesOn
		case errWoken: // by a drain
		default:
			return w.stopped(err)
		}
	}
}

// patience returns until when, by the clock of the wheel, more of a head is waited
// for: a long time for the first byte of it, a short one for all of it, and a very
// short one for the first byte while the server drains.
func (w *worker) patience() int64 {
	now, limits := w.server.wheel.Nanos(), &w.server.limits
	inHead := len(w.in.unread()) > 0
	switch {
	case w.header || w.shakes:
		if w.waitBy == 0 {
			w.waitBy = now + int64(limits.handshake)
		}
	case inHead && !w.inHead:
		w.status.enter(WorkerReadsHead)
		w.waitBy = now + int64(limits.head)
	case w.waitBy == 0:
		w.waitBy = now + int64(limits.idle)
	}
	if w.inHead = inHead; !inHead && w.draining.Load() {
		w.waitBy = min(w.waitBy, now+int64(drainGrace))
	}
	return w.waitBy
}

// drainGrace is how long a connection stays open for a request that the client
// may have sent before it could know of the drain.
const drainGrace = 500 * time.Millisecond

// read waits until something has come. Its errors are the cause of a cut,
// ErrTimeout, io.EOF, the network's, and errWoken if none of these is why it
// stopped waiting.
func (w *worker) read(deadline int64) error {
	err := w.conn.read(&w.in, deadline)
	if err != errWoken {
		return err
	}
	if err := w.late(deadline); err != nil {
		return err
	}
	return errWoken
}

// overdue returns why a wait that was woken has to end: the cause of a cut, or
// ErrTimeout.
func (w *worker) overdue() error { return w.late(w.waitBy) }

// late is overdue for a wait until another time, by the clock of the wheel.
func (w *worker) late(deadline int64) error {
	if cause := w.cause.Load(); cause != nil {
		return *cause
	}
	if deadline != 0 && w.server.wheel.Nanos() >= deadline {
		return ErrTimeout
	}
	return nil
}

// used takes note that the first n of the bytes that have come were used, and
// gives the buffer back when it holds nothing more.
func (w *worker) used(n int) {
	if w.in == nil {
		return
	}
	if w.in.r += n; w.in.r == len(w.in.b) {
		w.server.buffers.put(w.in)
		w.in = nil
	}
}
