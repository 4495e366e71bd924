package middleware

import (
	"fmt"
	"sync/atomic"

	"github.com/raxx-go/raxx/raxx"
)

// BodyLimit bounds the bodies of requests, in bytes; if limit is zero, by
// [raxx.DefaultBodyLimit]. It panics if limit is negative. A router bounds what
// it completes for its routes anyway; BodyLimit is for routes that stream, and
// for a bound on everything, whatever the routes say. It belongs in front of
// whatever reads bodies.
//
// A body that says it is longer is answered with 413 before the handler is called.
// Of any other the bytes are counted as they come: the stream ends with a
// [*raxx.Error] of status 413 in place of the chunk that goes too far. It reads and
// holds nothing by itself. For a machine that takes the body as events, the reply
// becomes 413 if its head is still deferred, and is broken off if it is not. What
// is said in another protocol, after 101, is not counted.
//
// It fails closed: no handler sees a byte over the limit. Replies are not
// touched otherwise.
func BodyLimit(limit int64) raxx.Middleware {
	if limit < 0 {
		panic("middleware: BodyLimit with a negative limit")
	}
	if limit == 0 {
		limit = raxx.DefaultBodyLimit
	}
	refusal := &raxx.Error{
		Status: raxx.StatusContentTooLarge, Detail: fmt.Sprintf("the body is larger than %d bytes", limit),
	}
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			if raxx.Length(req.Body) > limit {
				return refusal.Response()
			}
			stream, ok := req.Body.(raxx.Stream)
			if !ok {
				return next(req)
			}
			b := &bodyBound{refusal: refusal}
			b.left.Store(limit)
			req.Body = b.stream(stream)
			return b.response(next(req))
		}
	}
}

// A bodyBound counts the body of a request down.
type bodyBound struct {
	left    atomic.Int64
	refusal *raxx.Error
}

func (b *bodyBound) stream(s raxx.Stream) raxx.Stream {
	return sameTrailer(s, raxx.NewStream(s.Length, func(yield func([]byte, error) bool) {
		for chunk, err := range s.Chunks() {
			if b.left.Add(-int64(len(chunk))) < 0 {
				yield(nil, b.refusal)
				return
			}
			if !yield(chunk, err) {
				return
			}
		}
	}))
}

// response returns the response with a machine that goes on counting.
func (b *bodyBound) response(resp raxx.Response) raxx.Response {
	if m, ok := resp.Body.(raxx.Machine); ok && resp.Status != raxx.StatusSwitchingProtocols {
		resp.Body = raxx.NewMachine(boundMachine{
			inner: m, left: b.left.Load(), refusal: b.refusal, headed: resp.Status != 0,
		}, boundMachine.step)
	}
	return resp
}

// A boundMachine is a machine whose request has a bounded body.
type boundMachine struct {
	inner   raxx.Machine
	left    int64
	refusal *raxx.Error
	headed  bool
	raw     bool // another protocol is spoken
	over    bool
}

func (m boundMachine) step(event raxx.Event) (boundMachine, []raxx.Part) {
	if m.over {
		return m, nil
	}
	if data, ok := event.(raxx.Data); ok && !m.raw {
		if m.left -= int64(len(data)); m.left < 0 {
			return m.refuse()
		}
	}
	var parts []raxx.Part
	m.inner, parts = m.inner.Step(event)
	for _, part := range parts {
		if head, ok := part.(raxx.Response); ok && !m.headed {
			m.headed, m.raw = true, head.Status == raxx.StatusSwitchingProtocols
		}
	}
	return m, parts
}

func (m boundMachine) refuse() (boundMachine, []raxx.Part) {
	m.over = true
	var parts []raxx.Part
	m.inner, parts = closeMachine(m.inner, raxx.Violated)
	if m.headed {
		return m, append(parts, raxx.Abort{Cause: raxx.NewCause(m.refusal)})
	}
	m.headed = true
	return m, append(parts, m.refusal.Response())
}

// BorrowsData is true if it is for the machine within; see [raxx.Borrower].
func (m boundMachine) BorrowsData() bool { return m.inner.Borrows() }

// LastWords are those of the machine within; see [raxx.LastWorder].
func (m boundMachine) LastWords() raxx.Data { return m.inner.LastWords() }

// Equal reports whether both stand around equal machines and have as much left.
func (m boundMachine) Equal(n boundMachine) bool {
	return m.left == n.left && m.headed == n.headed && m.raw == n.raw && m.over == n.over && m.inner.Equal(n.inner)
}
