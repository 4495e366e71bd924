package tracing

import (
	"context"
	"errors"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/raxx-go/raxx/raxx"
)

// An exchange is a span that has begun. It keeps nothing of the request, since a
// machine may wait for hours.
type exchange struct {
	tracer *tracer
	span   trace.Span
	begun  time.Time
	of     series
	sends  bool // the method lets a reply have content
	tunnel bool // the method asks for one
	told   bool // the server tells of the end
	in     atomic.Int64

	// The reply may be over for the server while the handler still runs.
	mu          sync.Mutex
	over        bool
	pulled      bool   // the stream of the reply
	left        bool   // the handler has failed because the client has left
	hasPanicked bool   // somebody of the application
	stack       string // of the panic
	status      int    // of the head as the handler has returned it
	cause       error
}

// An outcome is how a reply has ended.
type outcome struct {
	status  int
	content int64 // -1 if not known
	reason  raxx.Reason
	err     error
}

// ask asks the server to tell of the end, which may be there at once.
func (e *exchange) ask(scope raxx.Scope) {
	told := scope.OnEnd(func(ending raxx.Ending) {
		e.end(outcome{ending.Status, ending.Content, ending.Reason, ending.Cause.Err()})
	})
	e.mu.Lock()
	defer e.mu.Unlock()
	e.told = told
}

// setBody notes how much is read of the request's body.
func (e *exchange) setBody(req *raxx.Request) {
	switch body := req.Body.(type) {
	case raxx.Data:
		e.in.Store(int64(len(body)))
	case raxx.Stream:
		req.Body = countStream(body, &e.in)
	}
}

// watch notes the head of a response, and makes its end that of the span, if the
// server does not tell.
func (e *exchange) watch(req *raxx.Request, resp raxx.Response) raxx.Response {
	e.headed(&resp)
	if cause := resp.Cause.Err(); resp.Status >= 500 && errors.Is(cause, context.Canceled) && req.Context().Err() != nil {
		// Behind the end of the exchange every context has ended.
		e.mu.Lock()
		e.left = true
		e.mu.Unlock()
	}
	sends := e.sendsContent(resp.Status)
	switch body := resp.Body.(type) {
	case raxx.Machine:
		resp.Body = raxx.NewMachine(tracedMachine{inner: body, exchange: e}, tracedMachine.step)
		if e.told || sends {
			e.untilGone(req)
			return resp
		}
	case raxx.Stream:
		if sends {
			e.untilGone(req)
			resp.Body = e.watchStream(body)
			return resp
		}
	}
	if !e.told {
		e.end(e.complete(&resp))
	}
	return resp
}

// untilGone ends the exchange with the context, where the server does not tell: what
// nobody pulls and nobody steps does not end.
func (e *exchange) untilGone(req *raxx.Request) {
	if e.told {
		return
	}
	context.AfterFunc(req.Context(), func() {
		e.mu.Lock()
		pulled, status := e.pulled, e.status
		e.mu.Unlock()
		if !pulled {
			e.end(outcome{status, -1, raxx.ClientGone, nil})
		}
	})
}

// complete is the outcome of a response that is whole.
func (e *exchange) complete(resp *raxx.Response) outcome {
	o := outcome{status: resp.Status, err: resp.Cause.Err()}
	if e.sendsContent(resp.Status) {
		o.content = raxx.Length(resp.Body)
	}
	return o
}

// headed notes the head of the reply.
func (e *exchange) headed(resp *raxx.Response) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status, e.cause = resp.Status, resp.Cause.Err()
}

// sendsContent reports whether a reply with this status has content that is sent
// (RFC 9110, Sections 9.3.2, 15.3.5 and 15.4.5).
func (e *exchange) sendsContent(status int) bool {
	return e.sends && status != raxx.StatusNoContent && status != raxx.StatusNotModified
}

// panicked is called by a deferred function while somebody panics.
func (e *exchange) panicked() {
	e.mu.Lock()
	e.hasPanicked = true
	if e.span.IsRecording() {
		e.stack = string(debug.Stack())
	}
	status := e.status
	e.mu.Unlock()
	if !e.told {
		e.end(outcome{status: status, content: -1, reason: raxx.Aborted})
	}
}

// end ends the span, unless it has been.
func (e *exchange) end(o outcome) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over {
		return
	}
	e.over = true
	of := e.of
	of.status, of.failure = o.status, e.failure(&o)
	if e.span.IsRecording() {
		e.finish(&o, &of)
	}
	now := time.Now()
	e.span.End(trace.WithTimestamp(now))
	// Not that of the request, which has ended.
	ctx := trace.ContextWithSpanContext(context.Background(), e.span.SpanContext())
	in, out := e.in.Load(), o.content
	if of.status == raxx.StatusSwitchingProtocols || e.tunnel && of.status/100 == 2 {
		in, out = -1, -1
	}
	e.tracer.meters.ended(ctx, of, now.Sub(e.begun), in, out)
}

// failure returns the type of the error, or "" if there was none.
func (e *exchange) failure(o *outcome) string {
	switch {
	case e.hasPanicked:
		return "panic"
	case o.reason == raxx.Unsendable, o.reason == raxx.Aborted:
		return reasonName(o.reason)
	case o.status >= 500 && !e.left:
		return strconv.Itoa(o.status)
	}
	return ""
}

// finish says to the span how the exchange has ended.
func (e *exchange) finish(o *outcome, of *series) {
	if of.status != 0 {
		e.span.SetAttributes(semconv.HTTPResponseStatusCode(of.status))
	}
	if o.reason != 0 && !(e.hasPanicked && !e.told) {
		e.span.SetAttributes(attribute.String("raxx.end", reasonName(o.reason)))
	}
	if of.failure == "" {
		return
	}
	e.span.SetAttributes(semconv.ErrorTypeKey.String(of.failure))
	err := o.err
	if err == nil {
		err = e.cause
	}
	text := ""
	if err != nil {
		text = clip(err.Error())
	}
	description := text
	if of.status >= 500 && !e.hasPanicked && o.reason == 0 {
		description = "" // the status says it
	}
	e.span.SetStatus(codes.Error, description)
	if err == nil && e.stack == "" {
		return
	}
	kind := semconv.ExceptionType(of.failure)
	if err != nil && !e.hasPanicked {
		kind = semconv.ExceptionType(semconv.ErrorType(err).Value.AsString())
	}
	attrs := []attribute.KeyValue{kind}
	if text != "" {
		attrs = append(attrs, semconv.ExceptionMessage(text))
	}
	if e.stack != "" {
		attrs = append(attrs, semconv.ExceptionStacktrace(e.stack))
	}
	e.span.AddEvent(semconv.ExceptionEventName, trace.WithAttributes(attrs...))
}

// reasonName is a reason as the value of an attribute.
func reasonName(r raxx.Reason) string {
	switch r {
	case raxx.ClientGone:
		return "client_gone"
	case raxx.TimedOut:
		return "timeout"
	case raxx.ServerClosed:
		return "server_closed"
	case raxx.Overflowed:
		return "overflow"
	case raxx.Violated:
		return "protocol"
	case raxx.Unsendable:
		return "unsendable"
	}
	return "aborted"
}
