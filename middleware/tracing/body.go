package tracing

import (
	"sync/atomic"

	"github.com/raxx-go/raxx/raxx"
)

// countStream returns s as a stream that adds the bytes which are pulled to n.
func countStream(s raxx.Stream, n *atomic.Int64) raxx.Stream {
	return sameTrailer(s, raxx.NewStream(s.Length, func(yield func([]byte, error) bool) {
		for chunk, err := range s.Chunks() {
			n.Add(int64(len(chunk)))
			if !yield(chunk, err) {
				return
			}
		}
	}))
}

// sameTrailer returns out with the trailer of s.
func sameTrailer(s, out raxx.Stream) raxx.Stream {
	if s.HasTrailer() {
		return out.WithTrailer(s.Trailer)
	}
	return out
}

// watchStream returns s as a stream whose panics are noted, and whose end is that of
// the exchange, if the server does not tell.
func (e *exchange) watchStream(s raxx.Stream) raxx.Stream {
	return sameTrailer(s, raxx.NewStream(s.Length, func(yield func([]byte, error) bool) {
		e.mu.Lock()
		e.pulled = true
		o := outcome{status: e.status, reason: raxx.ClientGone}
		e.mu.Unlock()
		returned := false
		defer func() {
			if !returned {
				e.panicked()
			} else if !e.told {
				e.end(o)
			}
		}()
		for chunk, err := range s.Chunks() {
			if err != nil {
				o.reason, o.err = raxx.Unsendable, err
			}
			returned = true // it is not ours if the consumer panics
			if !yield(chunk, err) {
				return
			}
			returned = false
			o.content += int64(len(chunk))
		}
		returned = true
		if o.err == nil {
			o.reason = 0
		}
	}))
}

// A tracedMachine is a machine whose panics are noted, and whose end is that of the
// exchange, if the server does not tell.
type tracedMachine struct {
	inner    raxx.Machine
	exchange *exchange
	out      int64
}

func (m tracedMachine) step(event raxx.Event) (tracedMachine, []raxx.Part) {
	if data, ok := event.(raxx.Data); ok {
		m.exchange.in.Add(int64(len(data)))
	}
	returned := false
	defer func() {
		if !returned {
			m.exchange.panicked()
		}
	}()
	var parts []raxx.Part
	m.inner, parts = m.inner.Step(event)
	returned = true
	for i, part := range parts {
		switch part := part.(type) {
		case raxx.Response:
			if head, changed := m.head(part); changed {
				parts = withPart(parts, i, head)
			}
		case raxx.Data:
			m.out += int64(len(part))
		case raxx.Tail:
			m.end(0, nil)
		case raxx.Abort:
			m.end(raxx.Aborted, part.Cause.Err())
		}
	}
	if closed, ok := event.(raxx.Closed); ok {
		m.end(closed.Reason, nil)
	}
	return m, parts
}

// head notes the head of the reply, which may be all of it. It reports whether it has
// changed it.
func (m *tracedMachine) head(resp raxx.Response) (raxx.Response, bool) {
	e := m.exchange
	e.headed(&resp)
	sends := e.sendsContent(resp.Status)
	if body, ok := resp.Body.(raxx.Stream); ok && sends {
		resp.Body = e.watchStream(body)
		return resp, true
	}
	if !e.told && (resp.Body != nil || !sends) {
		e.end(e.complete(&resp))
	}
	return resp, false
}

// end ends the exchange, unless the server does.
func (m *tracedMachine) end(reason raxx.Reason, err error) {
	e := m.exchange
	if e.told {
		return
	}
	e.mu.Lock()
	status := e.status
	e.mu.Unlock()
	e.end(outcome{status, m.out, reason, err})
}

// withPart returns parts with another one at i. A machine may hold on to the list that
// it returned, so it is not written to.
func withPart(parts []raxx.Part, i int, part raxx.Part) []raxx.Part {
	out := make([]raxx.Part, len(parts))
	copy(out, parts)
	out[i] = part
	return out
}

// BorrowsData is true if it is for the machine within; see [raxx.Borrower].
func (m tracedMachine) BorrowsData() bool { return m.inner.Borrows() }

// LastWords are those of the machine within; see [raxx.LastWorder].
func (m tracedMachine) LastWords() raxx.Data { return m.inner.LastWords() }

// Equal reports whether both stand around equal machines that have sent as much.
func (m tracedMachine) Equal(n tracedMachine) bool { return m.out == n.out && m.inner.Equal(n.inner) }
