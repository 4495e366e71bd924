package nethttp

import (
	"errors"
	"io"
	"net/http"
	"slices"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/raxx"
)

// live steps a machine with the events that the server's goroutine hands over.
func (v *via) live(resp raxx.Response, m raxx.Machine) {
	if resp.Status != 101 && !canFlush(v.w) {
		v.breakOff(ErrNoFlush)
	}
	if err := exchange.Check(v.req.Method, resp, -1); err != nil {
		v.breakOff(err)
	}
	c := v.call
	switch err := c.w.listen(); {
	case err == errSent:
		v.breakOff(err)
	case err != nil:
		return // it is over
	}
	if c.send(living(resp.Do)) != nil {
		return
	}
	event, ok := c.nextEvent(false)
	if !ok {
		return
	}
	if resp.Status != 0 {
		resp.Do = nil
		v.head(resp, -1)
		v.flush()
	}
	for ok {
		var parts []raxx.Part
		m, parts = v.step(m, event)
		if _, closed := event.(raxx.Closed); closed {
			v.close(parts, http.ErrAbortHandler)
			return
		}
		goesOn, err := v.parts(m, parts)
		if err != nil {
			v.lastWords(m)
			_, parts = m.Step(raxx.Closed{Reason: raxx.Unsendable})
			v.close(parts, err)
		}
		if !goesOn {
			return
		}
		event, ok = c.nextEvent(true)
	}
}

// step steps the machine. If that panics, it has the last word.
func (v *via) step(m raxx.Machine, event raxx.Event) (raxx.Machine, []raxx.Part) {
	returned := false
	defer func() {
		if !returned {
			v.lastWords(m)
		}
	}()
	next, parts := m.Step(event)
	returned = true
	return next, parts
}

// lastWords says what a machine has to say when it has failed. In another protocol it
// ends the reply, for which the machine that the server steps has it at hand; in HTTP
// it is content, which the middleware's writer may change, of a reply that breaks off.
func (v *via) lastWords(m raxx.Machine) {
	words := m.LastWords()
	switch {
	case words == "" || !v.headed:
	case v.call.w.hasSwitched():
		v.call.inner.words = words
	case v.content(words) == nil:
		v.flush()
	}
}

// close ends a reply that is not whole because of err, with what its machine says
// to that.
func (v *via) close(parts []raxx.Part, err error) {
	for _, part := range parts {
		switch part.(type) {
		case raxx.Publish, raxx.Abort:
			v.call.w.addPart(part)
		}
	}
	v.breakOff(err)
}

// errSent is the error of a machine that would make the content of a reply that streams.
var errSent = errors.New("nethttp: a machine behind what a middleware has sent")

// listen makes the content of the writer parts of steps, with what has been gathered.
// The error is that of a reply that is over, or of which something has been sent.
func (w *writer) listen() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.err != nil:
		return w.err
	case w.mode != gathering:
		return errSent
	}
	w.mode = stepping
	w.call.inner.events = make(chan raxx.Event)
	return nil
}

// nextEvent returns the next event, when it has handed over what the step before
// has sent. It reports false if the call is over.
func (c *call) nextEvent(hasStepped bool) (raxx.Event, bool) {
	if hasStepped {
		c.out <- stepped(c.w.takeParts()) // the server waits for it
	}
	select {
	case event := <-c.inner.events:
		return event, true
	case <-c.ctx.notWanted():
		return nil, false
	}
}

// parts sends the parts of a step, behind which the machine is m. It reports whether
// the reply goes on. The error is that of a part that can't be sent.
func (v *via) parts(m raxx.Machine, parts []raxx.Part) (goesOn bool, err error) {
	for _, part := range parts {
		if goesOn, err = v.part(m, part); !goesOn {
			return false, err
		}
	}
	v.flushContent()
	return true, nil
}

// part sends a part. Content is flushed when another part comes, or none.
func (v *via) part(m raxx.Machine, part raxx.Part) (goesOn bool, err error) {
	switch part := part.(type) {
	case raxx.Data:
		if v.headed {
			v.dirty = true
			err = v.content(part)
			return err == nil, err
		}
	case raxx.Tail:
		if v.headed {
			return false, v.tail(part)
		}
	case raxx.Response:
		v.flushContent()
		if err := v.checkDeferred(part); err != nil {
			return false, err
		}
		return v.deferred(part), nil
	case raxx.Abort:
		v.lastWords(m)
	}
	v.flushContent()
	v.call.w.addPart(part)
	return true, nil
}

// tail ends the reply.
func (v *via) tail(tail raxx.Tail) error {
	if err := exchange.CheckTrailer(tail.Trailer); err != nil {
		return err
	}
	setTrailer(v.w.Header(), tail.Trailer)
	return v.ends()
}

// flushContent flushes what was written since it was called last.
func (v *via) flushContent() {
	if v.dirty {
		v.dirty = false
		v.flush()
	}
}

// content sends content. The bytes of another protocol are none of the
// middleware's affair.
func (v *via) content(data raxx.Data) error {
	if v.call.w.hasSwitched() {
		v.call.w.WriteString(string(data))
		v.call.w.Flush()
		return nil
	}
	if err := v.sends(len(data)); err != nil {
		return err
	}
	io.WriteString(v.w, string(data))
	return nil
}

// checkDeferred returns what a server would refuse about a head that comes now.
func (v *via) checkDeferred(resp raxx.Response) error {
	switch {
	case v.headed:
		return errors.New("nethttp: a second head")
	case v.isMisplaced(resp):
		return errors.New("nethttp: a head that has no status, a machine for its body, or effects that it can't have here")
	case resp.Body == nil:
		resp.Body = raxx.Machine{} // makes the content
	}
	return exchange.Check(v.req.Method, resp, raxx.Length(resp.Body))
}

// isMisplaced reports whether no machine can send resp, whatever its fields say.
func (v *via) isMisplaced(resp raxx.Response) bool {
	_, machine := resp.Body.(raxx.Machine)
	return machine || resp.Status == 0 || slices.ContainsFunc(resp.Do, func(effect raxx.Effect) bool {
		switch effect.(type) {
		case raxx.Note: // a middleware may take it
			return false
		case raxx.Publish, raxx.Patience: // beside a whole reply
			return resp.Body == nil
		}
		return true
	})
}

// deferred sends a head that was deferred. It reports whether the reply goes on.
func (v *via) deferred(resp raxx.Response) bool {
	for _, effect := range resp.Do {
		if _, note := effect.(raxx.Note); !note {
			v.call.w.addPart(effect)
		}
	}
	resp.Do = slices.DeleteFunc(slices.Clone(resp.Do), func(effect raxx.Effect) bool {
		_, note := effect.(raxx.Note)
		return !note
	})
	if resp.Body == nil {
		resp.Body = raxx.Machine{} // makes the content
		v.head(resp, -1)
		v.flush()
		return true
	}
	v.call.unlisten()
	v.whole(resp)
	return false
}
