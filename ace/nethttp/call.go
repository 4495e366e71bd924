package nethttp

import (
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"

	"github.com/raxx-go/raxx/raxx"
)

// A call is one run of an http.Handler, on a goroutine of its own: the handler's.
// The server's goroutine is the one that calls the raxx.Handler, and then pulls
// the stream or steps the machine that this has answered with; it may be another
// one each time.
//
// The handler's goroutine sends messages and closes done at its end. Most handlers
// write little and send no message at all: then the whole reply is there when they
// return. Everything that is not said to belong to the server belongs to the
// handler's goroutine until then, and to the server's afterwards.
type call struct {
	req    raxx.Request
	server *http.Server // by which a handler sees that it may panic
	target url.URL      // of the request that the handler was given
	places []place      // of the fields of req, in an http.Header
	body   *incoming    // nil: there is none
	ctx    callContext
	w      writer

	out  chan message
	done chan struct{}

	// Of a reply that streams: there is a token in wants if the server wants to
	// have the next chunk; wanted, if it was taken from there.
	wants  chan struct{}
	wanted bool

	inner inner // what a handler of raxx within the http.Handler has answered

	panicked *PanicError
	aborted  error // the reply is to break off
}

// A message is what the handler's goroutine tells the server's. nil is the end.
type message any

type (
	headed raxx.Response // the head of a reply whose content streams
	chunk  []byte        // of it; the server has it until it wants the next one
)

// newCall returns a call for a request, and the request that the handler gets.
func newCall(req raxx.Request, server *http.Server) (*call, *http.Request, error) {
	c := &call{req: req, server: server, out: make(chan message, 1), done: make(chan struct{})}
	c.ctx.call, c.w.call = c, c
	c.w.length, c.w.header = -1, make(http.Header)
	r, err := c.newRequest()
	return c, r, err
}

// run runs the handler.
func (c *call) run(h http.Handler, r *http.Request) {
	returned := false
	defer func() {
		v := recover()
		removeFiles(r)
		c.finish(v, returned)
	}()
	h.ServeHTTP(&c.w, r)
	returned = true
}

// removeFiles removes what ParseMultipartForm has put on the disk, as net/http does
// behind its handlers: they count on it.
func removeFiles(r *http.Request) {
	if r.MultipartForm != nil {
		r.MultipartForm.RemoveAll()
	}
}

// finish ends the call. What the handler has panicked with, if it has, is v.
func (c *call) finish(v any, returned bool) {
	switch {
	case v == http.ErrAbortHandler && c.inner.fault != nil:
		c.aborted = c.inner.fault
	case v == http.ErrAbortHandler:
		c.aborted = http.ErrAbortHandler
		if err := c.ctx.ended(); err != nil {
			c.aborted = fmt.Errorf("%w: %w", http.ErrAbortHandler, err)
		}
	case v != nil:
		c.panicked = &PanicError{v, debug.Stack()}
	case !returned:
		c.aborted = errGoexit
	}
	c.w.finish()
	if c.body != nil {
		c.body.Close()
	}
	close(c.done)
	c.ctx.end(errReturned)
}

// receive returns the next message.
func (c *call) receive() message {
	select {
	case m := <-c.out:
		return m
	case <-c.done:
		select {
		case m := <-c.out:
			return m
		default:
			return nil
		}
	}
}

// send sends a message. It gives up when the context ends.
func (c *call) send(m message) error {
	select {
	case c.out <- m:
		return nil
	default:
	}
	select {
	case c.out <- m:
		return nil
	case <-c.ctx.Done():
		return c.ctx.gone()
	}
}

// answer waits until it is known what the response is.
func (c *call) answer() raxx.Response {
	switch m := c.receive().(type) {
	case headed:
		return newReply(c).stream(raxx.Response(m))
	case passed:
		return newReply(c).pass(raxx.Response(m))
	case raxx.Inform:
		return raxx.Defer(newReply(c).machine(progress{first: &m}))
	case living:
		return raxx.Defer(newReply(c).machine(progress{listening: true})).WithDo(m...)
	}
	return c.complete()
}

// complete returns the response of a handler that has returned, and has not sent
// anything of it before.
func (c *call) complete() raxx.Response {
	switch {
	case c.panicked != nil:
		panic(c.panicked)
	case c.aborted != nil:
		return c.brokenOff()
	case c.inner.passed != nil:
		return c.withLate(*c.inner.passed)
	}
	resp := c.w.whole()
	if resp.Status >= http.StatusInternalServerError && resp.Cause.Err() == nil {
		return resp.WithCause(c.ctx.ended())
	}
	return resp
}

// brokenOff returns a response that the client sees to be not whole: with what
// the handler has said of it, if it has said anything.
func (c *call) brokenOff() raxx.Response {
	w := &c.w
	if w.status == 0 && c.ctx.ended() != nil { // nobody is there to see it
		return raxx.Problem(raxx.StatusInternalServerError, "").WithCause(c.aborted)
	}
	if w.status == 0 || w.hasNoContent() {
		return raxx.Defer(raxx.NewMachine(raxx.Abort{Cause: raxx.NewCause(c.aborted)}, breakOff))
	}
	content, err := w.buf, c.aborted
	return w.response(raxx.NewStream(w.length, func(yield func([]byte, error) bool) {
		if len(content) == 0 || yield(content, nil) {
			yield(nil, err)
		}
	}))
}

func breakOff(abort raxx.Abort, event raxx.Event) (raxx.Abort, []raxx.Part) {
	if _, ok := event.(raxx.Open); ok {
		return abort, []raxx.Part{abort}
	}
	return abort, nil
}
