package middleware

import (
	"errors"

	"github.com/raxx-go/raxx/raxx"
)

// A Recover turns panics into replies. It belongs behind [AccessLog] and
// [SecureHeaders], so that they see the reply that it makes, and in front of
// everything that may panic.
//
// What becomes of a panic depends on how far the reply has come:
//
//   - of a handler: the reply is a page of status 500, in the form that the
//     client likes best (see [ErrorPage]), whose cause is the [*PanicError];
//   - of a stream, while it is pulled: the head has been sent, so the stream ends
//     with the error, and the client sees that the reply is not whole;
//   - of a machine's step: the page if the head is still deferred, else a
//     [raxx.Abort], whose cause is the error. The machine is not stepped again.
//
// Complete replies and files pass as they are. Nothing is buffered.
//
// A panic with a [raxx.Abort] is no mistake but a wish: to break the reply off
// from deep within a function. It is carried out in the same way, with the cause
// that the Abort names, and is not reported.
//
// The server recovers panics as well. This middleware adds the form of the page,
// the report, and that the middleware in front of it see a reply in place of a
// panic. A panic of a trailer's function is left to the server. [ErrorPages] says
// how to give the pages of both the same look.
type Recover struct {
	// Development makes the page show the error, the stack, the source around
	// it, and the request as a Go literal that can be pasted into a test.
	// Secrets in the request are left out as far as they can be told by
	// [SecretName]; the source is not. Whoever makes a handler panic sees all
	// this: never set it in production.
	Development bool
	// Report, if not nil, is told of every panic: for a log, or a service that
	// collects errors. It may be called from many goroutines. Of the request of a
	// machine that has sent its head, only these are left: method, scheme, host,
	// path and query, each of 512 bytes at most, the pattern, the peer, and what
	// middleware has set under keys. The rest would be kept in memory for as long
	// as the machine waits.
	Report func(raxx.Request, *PanicError)
	// Page, if not nil, makes the page in place of [ErrorPage]. It has no effect
	// in Development.
	Page func(raxx.Request, *PanicError) raxx.Response
}

// Middleware returns the middleware.
func (c Recover) Middleware() raxx.Middleware {
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			resp := c.call(next, &req)
			switch resp.Body.(type) {
			case raxx.Stream, raxx.Machine:
				return recoverGuard{c, req}.body(resp)
			}
			return resp
		}
	}
}

// call calls the handler. Its panic comes back as a reply.
func (c *Recover) call(next raxx.Handler, req *raxx.Request) (resp raxx.Response) {
	defer func() {
		if v := recover(); v != nil {
			resp = recoverGuard{*c, *req}.page(v)
		}
	}()
	return next(*req)
}

// errAborted is the cause of an Abort that has none.
var errAborted = errors.New("middleware: the reply was broken off")

// A recoverGuard turns the panics of one exchange into errors.
type recoverGuard struct {
	config Recover
	req    raxx.Request
}

// caught returns the error that a recovered value stands for. The goroutine's
// stack must still be that of the panic.
func (g recoverGuard) caught(v any) error {
	if abort, ok := v.(raxx.Abort); ok {
		if err := abort.Cause.Err(); err != nil {
			return err
		}
		return errAborted
	}
	p := newPanicError(v)
	if g.config.Report != nil {
		g.config.Report(g.req, p)
	}
	return p
}

// page returns the reply for a panic behind which nothing has been sent.
func (g recoverGuard) page(v any) raxx.Response {
	err := g.caught(v)
	var resp raxx.Response
	switch p, ok := err.(*PanicError); {
	case ok && g.config.Development:
		resp = developmentPage(g.req, p)
	case ok && g.config.Page != nil:
		resp = g.config.Page(g.req, p)
	default:
		resp = ErrorPage(g.req, raxx.StatusInternalServerError, "")
	}
	if resp.Cause.Err() == nil {
		resp = resp.WithCause(err)
	}
	return resp
}

// body returns the response with a body whose panics are recovered.
func (g recoverGuard) body(resp raxx.Response) raxx.Response {
	switch body := resp.Body.(type) {
	case raxx.Stream:
		resp.Body = g.stream(body)
	case raxx.Machine:
		m := recoverMachine{inner: body, guard: &g, headed: resp.Status != 0}
		if m.headed {
			m.guard = g.behindHead()
		}
		resp.Body = raxx.NewMachine(m, recoverMachine.step)
	}
	return resp
}

// behindHead returns the guard of a machine that has sent its head. No page will be
// asked for, and who reports gets what takes little memory.
func (g recoverGuard) behindHead() *recoverGuard {
	req := g.req
	g.req = raxx.Request{}
	if g.config.Report != nil {
		g.req = raxx.Request{
			Method: ownAccess(req.Method), Scheme: ownAccess(req.Scheme), Authority: ownAccess(req.Authority),
			Path: ownAccess(req.Path), Query: ownAccess(req.Query), Pattern: req.Pattern, Peer: req.Peer, Scope: req.Scope,
		}
	}
	return &g
}

// stream returns a stream that ends with an error where s panics.
func (g recoverGuard) stream(s raxx.Stream) raxx.Stream {
	return sameTrailer(s, raxx.NewStream(s.Length, func(yield func([]byte, error) bool) {
		if err, wanted := g.pull(s, yield); err != nil && wanted {
			yield(nil, err)
		}
	}))
}

// pull yields the chunks of s. The error is its panic; wanted reports whether the
// consumer still wants to hear of it.
func (g recoverGuard) pull(s raxx.Stream, yield func([]byte, error) bool) (err error, wanted bool) {
	yielding := false
	defer func() {
		if yielding {
			return // it is the consumer who panics: that is not ours
		}
		if v := recover(); v != nil {
			err = g.caught(v)
		}
	}()
	wanted = true
	for chunk, err := range s.Chunks() {
		yielding = true
		wanted = yield(chunk, err)
		yielding = false
		if !wanted {
			break
		}
	}
	return nil, wanted
}

// sameTrailer returns out with the trailer of s.
func sameTrailer(s, out raxx.Stream) raxx.Stream {
	if s.HasTrailer() {
		return out.WithTrailer(s.Trailer)
	}
	return out
}

// A recoverMachine is a machine whose panics end it.
type recoverMachine struct {
	inner  raxx.Machine
	guard  *recoverGuard
	headed bool // the head has been sent
	over   bool // inner has panicked
}

func (m recoverMachine) step(event raxx.Event) (next recoverMachine, parts []raxx.Part) {
	if m.over {
		return m, nil
	}
	defer func() {
		if v := recover(); v != nil {
			next, parts = m.fail(event, v)
		}
	}()
	next = m
	next.inner, parts = m.inner.Step(event)
	for i, part := range parts {
		if head, ok := part.(raxx.Response); ok {
			next.headed, next.guard = true, m.guard.behindHead()
			parts = withPart(parts, i, m.guard.body(head))
			break
		}
	}
	return next, parts
}

// fail returns the end of a machine that has panicked.
func (m recoverMachine) fail(event raxx.Event, v any) (recoverMachine, []raxx.Part) {
	m.over = true
	if m.headed {
		err := m.guard.caught(v)
		return m, []raxx.Part{raxx.Abort{Cause: raxx.NewCause(err)}}
	}
	m.headed = true
	if _, closed := event.(raxx.Closed); closed {
		return m, []raxx.Part{raxx.Abort{Cause: raxx.NewCause(m.guard.caught(v))}}
	}
	page := m.guard.page(v)
	if page.Body == nil {
		return m, []raxx.Part{page, raxx.Tail{}}
	}
	return m, []raxx.Part{page}
}

// BorrowsData is true if it is for the machine within; see [raxx.Borrower].
func (m recoverMachine) BorrowsData() bool { return m.inner.Borrows() }

// LastWords are those of the machine within; see [raxx.LastWorder].
func (m recoverMachine) LastWords() raxx.Data { return m.inner.LastWords() }

// Equal reports whether both stand around equal machines and have come as far.
func (m recoverMachine) Equal(n recoverMachine) bool {
	return m.headed == n.headed && m.over == n.over && m.inner.Equal(n.inner)
}

// withPart returns parts with another one at i. A machine may hold on to the
// list that it returned, so it is not written to.
func withPart(parts []raxx.Part, i int, part raxx.Part) []raxx.Part {
	out := make([]raxx.Part, len(parts))
	copy(out, parts)
	out[i] = part
	return out
}
