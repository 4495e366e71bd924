package nethttp

// push sends what has been gathered, and the head if it has not been sent. One that
// no content can follow is all of the reply, which is over when it has been sent: it is
// sent when the handler has returned. The lock is held.
func (w *writer) push() error {
	switch {
	case w.mode == stepping:
		w.pushParts()
		return nil
	case w.mode == gathering && !mayHaveContent(w.status):
		return nil
	case w.mode == gathering:
		if w.err = w.begin(); w.err != nil {
			return w.err
		}
	}
	if len(w.buf) == 0 {
		return nil
	}
	if w.err = w.handOver(); w.err != nil {
		w.buf = nil // the server may be at it still
		return w.err
	}
	w.buf = w.buf[:0]
	return nil
}

// begin sends the head of a reply that streams.
func (w *writer) begin() error {
	resp := w.response(nil)
	// Over HTTP/1.1 a length would give way to a trailer of which nothing is known yet.
	w.mode, w.trailed = streaming, w.length < 0 || w.trails() || w.call.req.Peer.Protocol == "HTTP/2.0"
	w.call.wants = make(chan struct{}, 1)
	if err := w.call.send(headed(resp)); err != nil {
		return err
	}
	if w.hasNoContent() {
		w.buf = nil
	}
	return nil
}

// handOver hands the buffer to the server, and waits until that wants more.
func (w *writer) handOver() error {
	c := w.call
	if err := w.await(); err != nil {
		return err
	}
	if err := c.send(chunk(w.buf)); err != nil {
		return err
	}
	c.wanted = false
	return w.await()
}

// await waits until the server wants a chunk.
func (w *writer) await() error {
	c := w.call
	if c.wanted {
		return nil
	}
	select {
	case <-c.wants:
		c.wanted = true
		return nil
	default:
	}
	select {
	case <-c.wants:
		c.wanted = true
		return nil
	case <-c.ctx.Done():
		return c.ctx.gone()
	case <-w.deadline.over():
		return errDeadline
	}
}
