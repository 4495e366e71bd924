package ace

import (
	"errors"
	"math"
	"time"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/process"
	"github.com/raxx-go/raxx/raxx"
)

// end ends an exchange whose machine has sent all of its reply, or all that the
// client takes.
func (l *live) end() step {
	w := l.worker
	reason := l.reply.Closing()
	if !l.opened {
		reason = 0
	}
	if err := l.close(reason, nil); err != nil {
		l.reply.Fault = stepFault(err)
	}
	l.leave()
	if l.whole != nil {
		w.now.path = l.path
		w.conn.handlerBegins(l.path)
		w.tracing(l.req, l.began(), func() { w.now.Answer(*l.whole, l.req, w, w.server.config.ErrorResponse) })
		w.handlerEnds()
		return w.answered(l.req, l.began())
	}
	w.now.Outcome = l.reply.Outcome
	if !l.raw() {
		return w.answered(l.request(), l.began())
	}
	w.endExchange()
	if l.req != nil {
		w.trace(l.req, l.began())
	}
	w.forget()
	return w.finish()
}

// leave gives the connection back to what drives it between machines.
func (l *live) leave() {
	w := l.worker
	own := w.proto
	w.live = nil
	w.hold()
	if own != &w.server.bare {
		w.now.proto = *own
	}
	w.proto = &w.now.proto
	w.contexts().resumeWatch()
}

// request returns the request, or an empty one if it was not kept.
func (l *live) request() *raxx.Request {
	if l.req != nil {
		return l.req
	}
	return &raxx.Request{}
}

// failed ends an exchange that can't come to its end by err. A client to which
// nothing has been said is told what is wrong.
func (l *live) failed(err error) step {
	w := l.worker
	reason, fault, err := blame(err)
	unheard := reason == raxx.ClientGone || reason == raxx.ServerClosed
	if reason == raxx.ClientGone {
		w.contexts().gone()
	}
	if !l.opened || l.whole != nil || l.reply.Done() {
		reason = 0 // it has not begun, or has ended by itself
	}
	if again := l.close(reason, err); fault == nil && again != nil {
		fault = stepFault(again)
	}
	l.leave()
	w.now.Outcome = l.reply.Outcome
	w.now.Err = err
	if fault != nil {
		w.now.Fault = fault
	}
	if l.reply.HeadSent() || unheard {
		return l.breakOff()
	}
	if protocol := replyTo(err); protocol != nil {
		l.drop()
		w.endExchange()
		return w.refuse(l.request(), l.began(), protocol)
	}
	w.now.path = l.path
	w.conn.handlerBegins(l.path)
	w.tracing(l.request(), l.began(), func() { w.now.Replace(l.request(), err, w, w.server.config.ErrorResponse) })
	w.handlerEnds()
	return w.answered(l.request(), l.began())
}

// began returns when the exchange began, for a trace.
func (l *live) began() time.Time { return l.worker.server.wheel.TimeOfDay(l.begun) }

// close ends the process, whose last step may take as long as any.
func (l *live) close(reason raxx.Reason, err error) (fault error) {
	conn := l.worker.conn
	conn.handlerBegins(l.path)
	defer conn.handlerEnds(l.path)
	return l.process.End(reason, err)
}

// stepFault returns the fault of a machine's step as a trace is told of it.
func stepFault(err error) error {
	var panicked *process.PanicError
	if errors.As(err, &panicked) {
		return exchange.NewPanicError(panicked.Value, panicked.Stack)
	}
	return err
}

// breakOff ends the connection in the middle of a reply. What is there of it is
// written as far as the client takes it, so that it sees that the reply breaks
// off, and not that there was none.
func (l *live) breakOff() step {
	w := l.worker
	l.room = math.MaxInt
	took := l.flush() == nil
	l.drop()
	w.abort = w.proto.EndsWithConnection() || l.raw() || !took
	w.why = w.now.Err
	w.endExchange()
	if l.req != nil {
		w.trace(l.req, l.began())
	}
	next := w.breaks(took)
	w.forget()
	return next
}

// blame sorts an error by whose it is: reason is what the machine is told, and 0
// if it is not to be asked any more; fault is set if it is the machine's.
func blame(err error) (reason raxx.Reason, fault, cause error) {
	var (
		panicked *process.PanicError
		response *exchange.ResponseError
		abort    *exchange.AbortError
		kill     *process.Kill
	)
	switch {
	case errors.As(err, &panicked):
		fault = stepFault(err)
		return 0, fault, fault
	case errors.As(err, &response):
		return raxx.Unsendable, err, err
	case errors.As(err, &abort):
		return raxx.Aborted, err, err
	case errors.As(err, &kill) && kill.Reason == raxx.Overflowed:
		return kill.Reason, nil, ErrOverflow
	case errors.As(err, &kill):
		return kill.Reason, nil, kill.Err
	case errors.Is(err, ErrTimeout):
		return raxx.TimedOut, nil, err
	case errors.Is(err, ErrServerClosed):
		return raxx.ServerClosed, nil, err
	}
	if protocol, ok := protocolError(err); ok {
		return raxx.Violated, nil, protocol
	}
	return raxx.ClientGone, nil, err
}

// replyTo returns what a client is told that has not gone on with its request.
func replyTo(err error) error {
	if protocol, ok := protocolError(err); ok {
		return protocol
	}
	if errors.Is(err, ErrTimeout) {
		return &ProtocolError{408, "9.5", "the body of the request took too long (RFC 9110, 15.5.9)", err}
	}
	return nil
}
