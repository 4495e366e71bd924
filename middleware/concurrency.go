package middleware

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A Concurrency bounds how many requests are answered at once. A few more wait for
// a while; those beyond these, and those that have waited too long, are shed:
// answered with 503 and retry-after. A server that takes on more than it can do
// does nothing in time; one that sheds goes on with what it can do. It belongs in
// front of what is expensive and behind what is cheap (logs, health, redirects), or
// around single routes.
//
// A request has its place while its handler runs, and while its stream is pulled:
// both occupy a goroutine, and what lies behind it. A machine has its place only
// until the handler has returned, since it waits for nothing but the next event.
// So put event streams that are no machines on routes without it, or they hold
// their places for ever.
//
// Waiting requests are let in in the order in which they came. One whose client
// leaves gives up. It fails closed: never more than Limit are answered, and never
// more than Queue wait in memory.
type Concurrency struct {
	// Limit is how many are answered at once. If zero, 256.
	Limit int
	// Queue is how many wait. If zero, as many as Limit. If negative, none.
	Queue int
	// Wait is how long one waits at most. If zero, 1 s.
	Wait time.Duration
	// RetryAfter is how long a client that was shed should wait. If zero, 1 s. It
	// is sent in seconds, rounded up.
	RetryAfter time.Duration
}

// Middleware returns the middleware. All handlers that it is put around share the
// limit. It panics if a number other than Queue is negative.
func (c Concurrency) Middleware() raxx.Middleware {
	if c.Limit < 0 || c.Wait < 0 || c.RetryAfter < 0 {
		panic(fmt.Sprintf("middleware: Concurrency of %d, wait %v, retry after %v: none may be negative", c.Limit, c.Wait, c.RetryAfter))
	}
	if c.Limit == 0 {
		c.Limit = 256
	}
	if c.Queue == 0 {
		c.Queue = c.Limit
	}
	if c.Wait == 0 {
		c.Wait = time.Second
	}
	seconds := max(1, int64((c.RetryAfter+time.Second-1)/time.Second))
	p := &places{
		taken: make(chan struct{}, c.Limit), queue: int64(max(c.Queue, 0)), wait: c.Wait,
		refusal: raxx.Problem(raxx.StatusServiceUnavailable, "there are too many requests at once").
			With("retry-after", strconv.FormatInt(seconds, 10)),
	}
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			if !p.take(&req) {
				return p.refusal
			}
			return p.answer(next, req)
		}
	}
}

// places are the places of those who are answered at once.
type places struct {
	taken   chan struct{} // one for each that is taken
	queue   int64
	wait    time.Duration
	waiting atomic.Int64
	refusal raxx.Response
}

// take takes a place, and reports whether it got one.
func (p *places) take(req *raxx.Request) bool {
	select {
	case p.taken <- struct{}{}:
		return true
	default:
	}
	if p.waiting.Add(1) > p.queue {
		p.waiting.Add(-1)
		return false
	}
	defer p.waiting.Add(-1)
	timer := time.NewTimer(p.wait)
	defer timer.Stop()
	select {
	case p.taken <- struct{}{}:
		return true
	case <-timer.C:
	case <-req.Context().Done():
	}
	return false
}

func (p *places) leave() { <-p.taken }

// answer calls the handler and gives the place back when it is free.
func (p *places) answer(next raxx.Handler, req raxx.Request) (resp raxx.Response) {
	kept := false
	defer func() {
		if !kept {
			p.leave()
		}
	}()
	resp = next(req)
	if s, ok := resp.Body.(raxx.Stream); ok && sendsContent(req.Method, resp.Status) {
		resp.Body = watchStream(req, s, func(int64, error) { p.leave() })
		kept = true
	}
	return resp
}
