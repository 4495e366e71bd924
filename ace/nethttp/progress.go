package nethttp

import (
	"runtime"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A progress is a machine that answers with what the handler of a call does: one
// that has sent an interim response, or one within which a machine is stepped that
// stands behind a ResponseWriter of a middleware.
type progress struct {
	reply *reply
	first *raxx.Inform // to be sent
	// listening: the handler's goroutine waits for events. Else it goes on by
	// itself, and is asked how far it has come.
	listening bool
	closed    bool // it was told that nothing can be sent any more
	panics    bool // at the next step
	ended     bool
	passing   *passing // all there is to do any more
}

// patience is how long a step waits for the handler before the server may look
// after the client.
const patience = 100 * time.Millisecond

// timerName is the name of the timer by which the machine asks to be stepped.
const timerName = "nethttp"

func (r *reply) machine(p progress) raxx.Machine {
	p.reply = r
	return raxx.NewMachine(p, progress.step)
}

// Equal reports whether both are of the same call.
func (p progress) Equal(q progress) bool { return p.reply == q.reply }

// LastWords are those of the machine that the handler of the call has answered with;
// see [raxx.LastWorder].
func (p progress) LastWords() raxx.Data {
	if p.passing != nil {
		return p.passing.LastWords()
	}
	return p.reply.call.inner.words
}

func (p progress) step(event raxx.Event) (progress, []raxx.Part) {
	defer runtime.KeepAlive(p.reply)
	_, closed := event.(raxx.Closed)
	switch {
	case p.panics:
		panic(p.reply.call.panicked)
	case p.ended:
		return p, nil
	case p.passing != nil:
		next, parts := p.passing.step(event)
		p.passing = &next
		return p, parts
	case p.listening:
		return p.tell(event)
	case closed:
		p.reply.call.ctx.end(errUnwanted)
		p.ended = true
		return p, nil
	}
	switch event := event.(type) {
	case raxx.Open:
		inform := *p.first
		p.first = nil
		return p, []raxx.Part{inform, raxx.After{Name: timerName}}
	case raxx.Timer:
		if event.Name == timerName {
			return p.look()
		}
	}
	return p, nil
}

// look asks how far the handler has come.
func (p progress) look() (progress, []raxx.Part) {
	again := raxx.After{Name: timerName}
	m, ok := p.reply.call.receiveWithin(patience)
	if !ok {
		return p, []raxx.Part{raxx.After{Name: timerName, Delay: time.Millisecond}}
	}
	switch m := m.(type) {
	case raxx.Inform:
		return p, []raxx.Part{m, again}
	case passed:
		return p.pass(raxx.Response(m))
	case living:
		p.listening = true
		next, parts := p.tell(raxx.Open{Peer: p.reply.call.req.Peer})
		return next, append(partsOf(m), parts...)
	}
	return p.end(m)
}

// receiveWithin is receive, for a while. ok is false if nothing has come.
func (c *call) receiveWithin(d time.Duration) (m message, ok bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case m := <-c.out:
		return m, true
	case <-c.done:
		return c.receive(), true
	case <-timer.C:
		return nil, false
	}
}

// pass goes on with what a handler of raxx within the call has answered.
func (p progress) pass(resp raxx.Response) (progress, []raxx.Part) {
	resp = p.reply.pass(resp)
	m, live := resp.Body.(raxx.Machine)
	if !live {
		p.ended = true
		return p, []raxx.Part{resp}
	}
	p.passing = &passing{p.reply, m.State().(passing).inner}
	parts := partsOf(resp.Do)
	if resp.Status != 0 {
		resp.Body, resp.Do = nil, nil
		parts = append(parts, resp)
	}
	next, first := p.passing.step(raxx.Open{Peer: p.reply.call.req.Peer})
	p.passing = &next
	return p, append(parts, first...)
}

// end goes on with m, which is the head of a stream, or nil if the handler has
// returned.
func (p progress) end(m message) (progress, []raxx.Part) {
	p.ended = true
	c := p.reply.call
	if head, streams := m.(headed); streams {
		return p, deferred(p.reply.stream(raxx.Response(head)))
	}
	if c.panicked == nil && c.aborted != nil {
		return p, []raxx.Part{raxx.Abort{Cause: raxx.NewCause(c.aborted)}}
	}
	return p, deferred(c.complete())
}

// deferred returns the parts that a response is as all that a machine sends.
func deferred(resp raxx.Response) []raxx.Part {
	if resp.Body != nil {
		return []raxx.Part{resp}
	}
	parts := partsOf(resp.Do)
	tail := raxx.Tail{Trailer: resp.Trailer}
	resp.Do, resp.Trailer = nil, nil
	return append(parts, resp, tail)
}

// partsOf returns effects as parts.
func partsOf(effects []raxx.Effect) []raxx.Part {
	parts := make([]raxx.Part, len(effects), len(effects)+2)
	for i, effect := range effects {
		parts[i] = effect
	}
	return parts
}
