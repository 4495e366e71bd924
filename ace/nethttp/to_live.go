package nethttp

import (
	"context"
	"errors"
	"os"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/process"
	"github.com/raxx-go/raxx/raxx"
)

// A live is an exchange that a machine answers. The goroutine of the request owns
// it: it steps the machine and writes what that sends. Another one reads what the
// client sends, one piece at a time.
type live struct {
	served  *served
	process *process.Process
	reply   exchange.Live
	whole   *raxx.Response // all of the reply
	opened  bool           // the machine has been told of the beginning
	takes   bool           // it gets what was left of the body when it began

	wake   chan struct{}   // there is something to do
	input  chan inputEvent // what the client sends
	closed chan struct{}   // nobody wants what the client sends
	read   chan struct{}   // closed when nobody reads any more; nil: nobody has begun to
}

var (
	_ process.Owner = (*live)(nil)
	_ process.Out   = (*live)(nil)
)

// live drives a machine to its end.
func (s *served) live(m raxx.Machine) {
	l := &live{served: s, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	l.process = process.New(&s.handler.env, m, l)
	s.lives = true
	l.takeOver()
	s.handler.add(l)
	defer s.handler.remove(l)
	defer l.stopReading()
	effects := s.now.Effects()
	err := l.begin()
	s.now.Reset()
	if err == nil {
		err = l.run(effects)
	}
	if s.tunnel != nil && s.tunnel.conn != nil {
		defer s.tunnel.close(err == nil)
	}
	if err != nil {
		l.fail(err)
		return
	}
	l.end()
}

// Ready is called when there is something for the machine to do.
func (l *live) Ready() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Part sends a part of the reply.
func (l *live) Part(part raxx.Part) error {
	if l.whole != nil {
		return &exchange.ResponseError{Reason: "a part behind a response that is all of the reply"}
	}
	whole, err := l.reply.Part(part, l.served)
	if whole {
		resp := part.(raxx.Response)
		l.whole = &resp
	}
	return err
}

// begin sends the head, unless it is deferred.
func (l *live) begin() (err error) {
	s := l.served
	l.reply, err = s.now.Begin(&s.req, s)
	return err
}

// run hands the machine its events.
func (l *live) run(effects []raxx.Effect) error {
	if l.reply.Empty() {
		exchange.PublishOnly(effects, l.served)
		return nil // nothing that the machine does would be seen
	}
	l.process.Do(effects)
	l.opened = true
	if err := l.handle(raxx.Open{Peer: l.served.req.Peer}); err != nil {
		return err
	}
	for !l.over() {
		l.beginToRead()
		event, err := l.next()
		if err == nil && event != nil {
			err = l.handle(event)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// over reports whether the machine has sent all of the reply.
func (l *live) over() bool { return l.whole != nil || l.reply.Ended() || l.reply.Empty() }

// handle steps the machine, and sends what comes of it.
func (l *live) handle(event raxx.Event) error {
	if err := l.process.Handle(event, l); err != nil {
		return err
	}
	if err := l.reply.Err; err != nil {
		return err
	}
	if l.served.dirty {
		return l.served.flush()
	}
	return nil
}

// next waits for what happens next. It may be nothing.
func (l *live) next() (raxx.Event, error) {
	event, err := l.process.Next()
	if event != nil || err != nil {
		return event, err
	}
	// A connection that was taken over has no context: its end is read.
	var gone <-chan struct{}
	if l.served.tunnel == nil {
		gone = l.served.r.Context().Done()
	}
	input := l.input
	if l.process.Holds() {
		input = nil
	}
	select {
	case <-l.wake:
		return nil, nil
	case in := <-input:
		return in.event, in.err
	case <-gone:
		return nil, whyGone(l.served.r.Context())
	}
}

// whyGone returns why the context of a request has ended. If that is a time which a
// middleware has set, the client is still there.
func whyGone(ctx context.Context) error {
	err := context.Cause(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return &raxx.Error{Status: raxx.StatusServiceUnavailable, Detail: "the reply was not ready in time", Err: err}
	}
	return err
}

// end ends an exchange whose machine has sent all of its reply, or all that the
// client takes.
func (l *live) end() {
	s := l.served
	reason := l.reply.Closing()
	if !l.opened {
		reason = 0
	}
	if err := l.process.End(reason, nil); err != nil {
		l.reply.Fault = err
	}
	if l.whole != nil {
		s.lives, s.streams, s.dirty = false, false, false
		s.now.Answer(*l.whole, &s.req, s, s.handler.config.errorResponse)
		s.finish()
		return
	}
	s.scope.end(l.reply.Outcome)
	s.report(l.reply.Fault)
}

// fail ends an exchange that can't come to its end by err.
func (l *live) fail(err error) {
	s := l.served
	reason, fault := blame(err)
	if kill := l.process.Killed(); kill != nil && reason == raxx.ClientGone {
		err = kill // a server that closes, too, lets writes fail
		reason, fault = blame(kill)
	}
	told := reason
	if !l.opened || l.whole != nil || l.reply.Done() {
		told = 0 // it has not begun, or has ended by itself
	}
	if again := l.process.End(told, err); fault == nil && again != nil {
		fault = again
	}
	unheard := reason == raxx.ClientGone || reason == raxx.ServerClosed
	if l.reply.HeadSent() || unheard {
		outcome := l.reply.Outcome
		outcome.Err = err
		s.scope.end(outcome)
		s.report(fault)
		if s.dirty { // the client is to see that the reply breaks off, and where, and not none
			s.flush()
		}
		if s.tunnel != nil && s.tunnel.conn != nil {
			return // the connection is closed
		}
		s.cut()
	}
	s.lives, s.streams, s.dirty = false, false, false
	s.now.Replace(&s.req, err, s, s.handler.config.errorResponse)
	s.now.Fault = fault
	s.finish()
}

// blame sorts an error by whose it is: reason is what the machine is told, and 0
// if it is not to be asked any more; fault is set if it is the machine's.
func blame(err error) (reason raxx.Reason, fault error) {
	var (
		panicked *process.PanicError
		response *exchange.ResponseError
		abort    *exchange.AbortError
		kill     *process.Kill
		body     *raxx.Error
	)
	switch {
	case errors.As(err, &panicked):
		return 0, err
	case errors.As(err, &response):
		return raxx.Unsendable, err
	case errors.As(err, &abort):
		return raxx.Aborted, err
	case errors.As(err, &kill):
		return kill.Reason, nil
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return raxx.TimedOut, nil
	case errors.Is(err, ErrNoUpgrade), errors.Is(err, ErrNoFlush):
		return raxx.Unsendable, err
	case errors.As(err, &body) && body.Status != raxx.StatusBadRequest:
		return raxx.Violated, nil
	}
	return raxx.ClientGone, nil
}
