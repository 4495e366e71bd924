package nethttp

import "github.com/raxx-go/raxx/raxx"

// The writer of a call within which a machine is stepped: what is written becomes
// parts.

// addPart adds a part that no http.Handler could send, behind what was written.
func (w *writer) addPart(part raxx.Part) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.parts = append(w.parts, part)
}

// empty says that a machine would make the content, if any could be sent.
func (w *writer) empty() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.call.inner.hollow = true
	}
}

// takeParts returns what has been sent since it was called last.
func (w *writer) takeParts() []raxx.Part {
	w.mu.Lock()
	defer w.mu.Unlock()
	parts := w.parts
	w.parts = nil
	return parts
}

// pushParts makes parts of the head, if it is new, and of what was gathered. The
// lock is held.
func (w *writer) pushParts() {
	if !w.headed {
		w.headed = true
		w.parts = append(w.parts, w.response(nil))
	}
	if len(w.buf) > 0 {
		w.parts = append(w.parts, raxx.Data(w.buf))
		w.buf = w.buf[:0]
	}
}

// unlisten makes the rest of the reply one that is complete or streams, and hands
// over what has been sent before.
func (c *call) unlisten() {
	c.w.mu.Lock()
	if c.w.mode == stepping && !c.w.headed {
		c.w.mode = gathering
	}
	c.w.mu.Unlock()
	c.send(sent(c.w.takeParts()))
}

// hasSwitched reports whether both bodies are bytes of another protocol.
func (w *writer) hasSwitched() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status == 101
}

// tell hands an event to the goroutine of the handler, and returns what comes of
// it.
func (p progress) tell(event raxx.Event) (progress, []raxx.Part) {
	c := p.reply.call
	_, p.closed = event.(raxx.Closed)
	select {
	case c.inner.events <- event:
	case <-c.done:
	}
	var parts []raxx.Part
	for {
		switch m := c.receive().(type) {
		case sent:
			parts = append(parts, m...)
		case stepped:
			return p, append(parts, m...)
		case headed:
			next, rest := p.end(m)
			return next, append(parts, rest...)
		case nil:
			next, rest := p.lastStep()
			return next, append(parts, rest...)
		}
	}
}

// lastStep returns what has been sent in a step at whose end the handler has
// returned.
func (p progress) lastStep() (progress, []raxx.Part) {
	c := p.reply.call
	parts := c.w.takeParts()
	if c.panicked != nil && len(parts) > 0 {
		// What came before it is sent first.
		p.panics = true
		return p, append(parts, raxx.After{Name: timerName})
	}
	if !p.closed && !c.w.headed || c.panicked != nil {
		next, rest := p.end(nil)
		return next, append(parts, rest...)
	}
	p.ended = true
	if p.closed {
		return p, parts
	}
	return p, append(parts, c.lastParts()...)
}

// lastParts returns the end of a reply whose head has been sent.
func (c *call) lastParts() (parts []raxx.Part) {
	if len(c.w.buf) > 0 {
		parts = append(parts, raxx.Data(c.w.buf))
	}
	if c.aborted != nil {
		return append(parts, raxx.Abort{Cause: raxx.NewCause(c.aborted)})
	}
	return append(parts, raxx.Tail{Trailer: c.w.trailer()})
}
