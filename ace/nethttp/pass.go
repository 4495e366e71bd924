package nethttp

import (
	"runtime"
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// pass returns a response that a handler of raxx within the call has passed on,
// and whose end the call waits for.
func (r *reply) pass(resp raxx.Response) raxx.Response {
	switch body := resp.Body.(type) {
	case raxx.Stream:
		resp.Body = r.passStream(body)
	case raxx.Machine:
		resp.Body = raxx.NewMachine(passing{r, body}, passing.step)
	}
	return resp
}

// passStream returns a stream at whose end the call ends.
func (r *reply) passStream(s raxx.Stream) raxx.Stream {
	passed := raxx.NewStream(s.Length, func(yield func([]byte, error) bool) {
		defer runtime.KeepAlive(r)
		defer r.leave()
		for chunk, err := range s.Chunks() {
			if !yield(chunk, err) || err != nil {
				return
			}
		}
		if err := r.settle(); err != nil {
			yield(nil, err)
		}
	})
	if s.Length < 0 || s.HasTrailer() || r.call.w.trailed {
		passed = passed.WithTrailer(func() raxx.Header {
			return slices.Concat(s.Trailer(), r.trailer())
		})
	}
	return passed
}

// A passing is a machine at whose end the call ends.
type passing struct {
	reply *reply
	inner raxx.Machine
}

func (p passing) step(event raxx.Event) (passing, []raxx.Part) {
	defer runtime.KeepAlive(p.reply)
	stepped := false
	defer func() {
		if !stepped { // it panics
			p.reply.leave()
		}
	}()
	inner, parts := p.inner.Step(event)
	p.inner = inner
	if _, closed := event.(raxx.Closed); closed {
		p.reply.leave()
	} else {
		parts = p.reply.watch(parts)
	}
	stepped = true
	return p, parts
}

// LastWords are those of the machine within; see [raxx.LastWorder].
func (p passing) LastWords() raxx.Data { return p.inner.LastWords() }

// Equal reports whether both are of the same call, and pass on equal machines.
func (p passing) Equal(q passing) bool { return p.reply == q.reply && p.inner.Equal(q.inner) }

// watch looks for the end of a reply among its parts. It adds what the call has to
// say at its end.
func (r *reply) watch(parts []raxx.Part) []raxx.Part {
	for i, part := range parts {
		switch part := part.(type) {
		case raxx.Tail:
			return replacePart(parts, i, r.end(part))
		case raxx.Abort:
			r.leave()
			return parts
		case raxx.Response:
			if whole := r.whole(part); whole != nil {
				return replacePart(parts, i, whole)
			}
		}
	}
	return parts
}

// end returns the end of a reply.
func (r *reply) end(tail raxx.Tail) raxx.Part {
	if err := r.settle(); err != nil {
		return raxx.Abort{Cause: raxx.NewCause(err)}
	}
	if late := r.trailer(); len(late) > 0 {
		tail.Trailer = slices.Concat(tail.Trailer, late)
	}
	return tail
}

// whole returns a response that is all of a reply, or nil if resp is not.
func (r *reply) whole(resp raxx.Response) raxx.Part {
	ends := r.call.req.Method == "HEAD" || !mayHaveContent(resp.Status)
	stream, streams := resp.Body.(raxx.Stream)
	switch {
	case streams && !ends:
		resp.Body = r.passStream(stream)
		return resp
	case resp.Body == nil && !ends:
		return nil
	}
	if err := r.settle(); err != nil {
		return raxx.Abort{Cause: raxx.NewCause(err)}
	}
	return r.call.withLate(resp)
}

// withLate returns a response that was passed on, with the fields for its end that
// middleware has set behind the handler. A stream has them at its own.
func (c *call) withLate(resp raxx.Response) raxx.Response {
	switch resp.Body.(type) {
	case raxx.Stream, raxx.Machine:
		return resp
	}
	if late := c.w.trailer(); len(late) > 0 {
		resp.Trailer = slices.Concat(resp.Trailer, late)
	}
	return resp
}

// replacePart returns parts with another one at index i. The list is the
// machine's.
func replacePart(parts []raxx.Part, i int, part raxx.Part) []raxx.Part {
	parts = slices.Clone(parts)
	parts[i] = part
	return parts
}
