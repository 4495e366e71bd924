package nethttp

import (
	"runtime"
	"sync"

	"github.com/raxx-go/raxx/raxx"
)

// A reply is the server's end of a call that goes on while the server sends what
// it has answered with. If the server lets go of the response without having sent
// it (to HEAD, or because something else was sent), the context of the call ends:
// with the exchange, or, where nobody tells of that, when the reply is collected as
// garbage. So nothing that the goroutine of the handler can reach may refer to the
// reply.
type reply struct {
	call    *call
	release sync.Once
}

func newReply(c *call) *reply {
	r := &reply{call: c}
	if ctx := &c.ctx; !c.req.Scope.OnEnd(func(raxx.Ending) { ctx.end(errUnwanted) }) {
		runtime.AddCleanup(r, func(ctx *callContext) { ctx.end(errUnwanted) }, ctx)
	}
	return r
}

// stream returns the response whose head has come.
func (r *reply) stream(resp raxx.Response) raxx.Response {
	w := &r.call.w
	s := raxx.NewStream(w.length, r.chunks)
	if w.trailed {
		s = s.WithTrailer(r.trailer)
	}
	resp.Body = s
	return resp
}

// chunks yields what the handler writes.
func (r *reply) chunks(yield func([]byte, error) bool) {
	defer runtime.KeepAlive(r) // or the call could be given up meanwhile
	c := r.call
	defer r.leave()
	for {
		select {
		case c.wants <- struct{}{}:
		default:
		}
		m, more := c.receive().(chunk)
		if !more {
			break
		}
		if !yield(m, nil) {
			return
		}
	}
	rest := c.w.buf
	c.w.buf = nil
	if len(rest) > 0 && !yield(rest, nil) {
		return
	}
	if err := c.outcome(); err != nil {
		yield(nil, err)
	}
}

// leave waits for a handler whose reply is not wanted any more, or is whole: as in
// net/http, an exchange is over when its handler has returned.
func (r *reply) leave() {
	r.call.ctx.end(errUnwanted)
	<-r.call.done
}

// outcome panics if a handler that has returned has panicked, and returns why its
// reply is to break off, if it is.
func (c *call) outcome() error {
	if c.panicked != nil {
		panic(c.panicked)
	}
	return c.aborted
}

func (r *reply) trailer() raxx.Header { return r.call.w.trailer() }

// settle lets the handler return, which waits for the end of what it has passed
// on. The error says that the reply is to break off.
func (r *reply) settle() error {
	r.release.Do(func() { close(r.call.inner.release) })
	<-r.call.done
	return r.call.outcome()
}
