package raxx

import "slices"

// A Handler answers a request: the whole interface between an application and
// a server is this function type.
//
// A handler may be called from many goroutines at once, once for each request. It
// should decide its answer from the request alone; it may do I/O to find that
// answer (a database, another service), but what it says about HTTP it says by the
// value that it returns, and in no other way. So there is no second call to make,
// no header to set too late, and a test compares values:
//
//	func hello(req raxx.Request) raxx.Response {
//		return raxx.Text(200, "Hello, "+req.Params.Get("name"))
//	}
//
// The request and everything behind it belong to the handler for ever: no
// server changes or reuses it. The one exception is the body while it is a
// [Stream], which can be read once and only until the handler's reply has been
// sent; [Complete] turns it into [Data].
//
// The body of the response may be a [Stream], too. It is pulled after the
// handler has returned, on the same goroutine, as fast as the client reads.
//
// A handler that panics costs its own exchange: the server answers 500, or
// cuts the reply if its head has been sent already.
type Handler func(Request) Response

// A Middleware makes a handler out of a handler. It may change the request on
// the way in, the response on the way out, or answer by itself:
//
//	func powered(next raxx.Handler) raxx.Handler {
//		return func(req raxx.Request) raxx.Response {
//			return raxx.OnHead(next(req), func(resp raxx.Response) raxx.Response {
//				return resp.With("x-powered-by", "raxx")
//			})
//		}
//	}
type Middleware func(Handler) Handler

// Stack composes middleware into one. The first is the outermost: it sees the
// request first and the response last. An empty stack changes nothing.
func Stack(stack ...Middleware) Middleware {
	stack = slices.Clone(stack)
	return func(h Handler) Handler {
		for i := len(stack) - 1; i >= 0; i-- {
			h = stack[i](h)
		}
		return h
	}
}

// MapRequest makes a middleware of a function that changes requests.
func MapRequest(f func(Request) Request) Middleware {
	return func(next Handler) Handler {
		return func(req Request) Response { return next(f(req)) }
	}
}

// MapResponse makes a middleware of a function that changes the head of
// responses. It is applied by [OnHead].
func MapResponse(f func(Response) Response) Middleware {
	return func(next Handler) Handler {
		return func(req Request) Response { return OnHead(next(req), f) }
	}
}

// OnHead applies f to the head of resp: its status, header and trailer. A
// middleware that touches the head uses OnHead in place of calling f, so that it
// works for deferred heads, too: then f is called once, when the [Machine] sends
// the head. f must not depend on the body of its argument, and may be called from
// any goroutine.
func OnHead(resp Response, f func(Response) Response) Response {
	m, ok := resp.Body.(Machine)
	if resp.Status != 0 || !ok {
		return f(resp)
	}
	resp.Body = NewMachine(headless{m, f}, headless.step)
	return resp
}

// A headless is a machine that has not sent its head.
type headless struct {
	inner Machine
	f     func(Response) Response // nil once it has been called
}

func (h headless) step(event Event) (headless, []Part) {
	var parts []Part
	h.inner, parts = h.inner.Step(event)
	if h.f == nil {
		return h, parts
	}
	for i, part := range parts {
		if head, ok := part.(Response); ok {
			parts = slices.Clone(parts)
			parts[i] = h.f(head)
			h.f = nil
			break
		}
	}
	return h, parts
}

// LastWords are those of the machine within. See [LastWorder].
func (h headless) LastWords() Data { return h.inner.LastWords() }

// Equal reports whether the machines are equal and still wait for a head, or do
// not, both of them. Functions can't be compared.
func (h headless) Equal(g headless) bool {
	return (h.f == nil) == (g.f == nil) && h.inner.Equal(g.inner)
}
