package middleware

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// ErrTimedOut is the cause of a reply that [Timeout] made, and of the end of the
// context of a handler that was too slow.
var ErrTimedOut = errors.New("middleware: the handler took too long")

// A Timeout bounds the time until the head of a reply is there; after that time the
// reply is a 503. It belongs around the routes that need it, behind [Recover]: how
// long is too long differs from route to route.
//
// What counts is the head. A handler has to return in time; a machine with a
// deferred head has to send it in time; but a stream and a machine may then go on
// for as long as they like, as long as the client takes what is sent: the server
// sees to that. A stream that itself waits too long has to give up by itself.
//
// When the time is over the context of the handler's request ends, so what heeds it
// stops. A handler that does not is not stopped: it goes on, on a goroutine of its
// own, and what it returns is dropped. It is a value that nobody takes, so it can't
// be mixed up with another reply. Until it returns, it takes its time and memory;
// [Concurrency] in front of Timeout does not count it any more, behind Timeout it
// does.
//
// A panic of the handler is passed on with its stack, to [Recover] or to the
// server. One that comes too late is told to Late only.
//
// Every request costs a goroutine and a context that the server watches.
type Timeout struct {
	// After is that time. If zero, 10 s.
	After time.Duration
	// Late, if not nil, is told what a handler returned too late; of a panic it
	// is a response of status 500 whose cause is the [*PanicError]. It is called
	// on the handler's goroutine; its own panic is dropped, since nobody is there
	// any more to be told.
	Late func(raxx.Request, raxx.Response)
}

// Middleware returns the middleware. It panics if After is negative.
func (c Timeout) Middleware() raxx.Middleware {
	if c.After == 0 {
		c.After = 10 * time.Second
	}
	if c.After < 0 {
		panic("middleware: Timeout with a negative time")
	}
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response { return c.answer(next, req) }
	}
}

// answer calls the handler on another goroutine and waits for it, or for the
// time to be over.
func (c *Timeout) answer(next raxx.Handler, req raxx.Request) raxx.Response {
	begun := time.Now()
	ctx, cancel := context.WithCancelCause(req.Context())
	call := &timeoutCall{config: c, req: req.WithContext(ctx), answer: make(chan timeoutAnswer, 1)}
	go call.run(next)
	timer := time.NewTimer(c.After)
	defer timer.Stop()
	select {
	case answer := <-call.answer:
		return c.inTime(answer, c.After-time.Since(begun), cancel)
	case <-timer.C:
	}
	if !call.decided.CompareAndSwap(false, true) {
		return c.inTime(<-call.answer, 0, cancel)
	}
	cancel(ErrTimedOut)
	return timedOut()
}

func timedOut() raxx.Response {
	return raxx.Problem(raxx.StatusServiceUnavailable, "the reply was not ready in time").WithCause(ErrTimedOut)
}

// inTime returns what the handler has returned.
func (c *Timeout) inTime(answer timeoutAnswer, left time.Duration, cancel context.CancelCauseFunc) raxx.Response {
	if answer.panicked != nil {
		cancel(nil)
		panic(answer.panicked)
	}
	resp := answer.resp
	switch body := resp.Body.(type) {
	case raxx.Stream:
		// Its context ends with the exchange.
	case raxx.Machine:
		if resp.Status == 0 {
			resp.Body = raxx.NewMachine(timeoutMachine{inner: body, after: c.After, left: left}, timeoutMachine.step)
		}
	default:
		cancel(nil)
	}
	return resp
}

// A timeoutCall is a call of a handler that may come too late.
type timeoutCall struct {
	config  *Timeout
	req     raxx.Request
	decided atomic.Bool // in time, or not; who sets it decides
	answer  chan timeoutAnswer
}

type timeoutAnswer struct {
	resp     raxx.Response
	panicked any // nil if it has not
}

// errExited is the panic of a handler that ended its goroutine.
var errExited = errors.New("middleware: the handler called runtime.Goexit")

func (t *timeoutCall) run(next raxx.Handler) {
	answer := timeoutAnswer{panicked: errExited}
	defer func() {
		switch v := recover().(type) {
		case nil:
		case raxx.Abort:
			answer.panicked = v
		default:
			answer.panicked = newPanicError(v)
		}
		if t.decided.CompareAndSwap(false, true) {
			t.answer <- answer
			return
		}
		t.late(answer)
	}()
	answer.resp = next(t.req)
	answer.panicked = nil
}

// late tells of what came too late.
func (t *timeoutCall) late(answer timeoutAnswer) {
	if t.config.Late == nil {
		return
	}
	resp := answer.resp
	if answer.panicked != nil {
		err, ok := answer.panicked.(error)
		if !ok {
			err = errAborted
		}
		resp = raxx.Problem(raxx.StatusInternalServerError, "").WithCause(err)
	}
	defer func() { _ = recover() }()
	t.config.Late(t.req, resp)
}
