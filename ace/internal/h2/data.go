package h2

// onData handles DATA (RFC 9113, Section 6.1).
func (c *Conn) onData(f frame, ev *Event) error {
	content, err := unpad(f)
	if err != nil {
		return err
	}
	// RFC 9113, Section 6.9.1: padding counts, and so does what is for a stream
	// that is closed.
	if !c.recv.receive(f.length) {
		return connError(FlowControlError, "6.9.1", "content beyond the connection's window")
	}
	s := c.stream(f.stream)
	if s == nil {
		c.giveBack(f.length)
		return c.onClosed(f, "6.1")
	}
	if err := c.receive(s, f, len(content)); err != nil {
		c.giveBack(f.length)
		return err
	}
	padding := f.length - len(content)
	c.giveBack(padding)
	c.giveBackStream(s, padding)
	return c.deliver(s, f, content, ev)
}

// receive checks that n octets of content may come on a stream.
func (c *Conn) receive(s *Stream, f frame, n int) error {
	ends := f.flags&flagEndStream != 0
	if s.flags.has(remoteClosed) {
		return streamError(s.id, StreamClosed, "5.1", "a DATA frame behind the end of the stream")
	}
	if !s.recv.receive(f.length) {
		// No client does that by mistake, and it has cost us a window's content.
		if over := c.spend(resets, int32(f.length/2048)); over != nil {
			return over
		}
		return streamError(s.id, FlowControlError, "6.9.1", "content beyond the stream's window")
	}
	s.received += int64(n)
	switch {
	case s.contentLength < 0:
	case s.received > s.contentLength:
		return streamError(s.id, ProtocolError, "8.1.1", "more content than content-length says")
	case ends && s.received < s.contentLength:
		return streamError(s.id, ProtocolError, "8.1.1", "less content than content-length says")
	}
	switch {
	case n >= tinyWindow:
		c.guard.earn(0, 1, 0, 4, 0)
		return nil
	case n > 0:
		c.guard.earn(0, 1, 0, 0, 0)
	}
	switch {
	case ends:
		return nil
	case n == 0:
		return c.spend(emptyFrames, 1)
	}
	return c.spend(smallFrames, 1)
}

// deliver hands content over to the driver, if it is still interested.
func (c *Conn) deliver(s *Stream, f frame, content []byte, ev *Event) error {
	ends := f.flags&flagEndStream != 0
	switch {
	case s.flags.has(forgotten | bodyRefused):
		c.giveBack(len(content))
	case len(content) > 0 || ends:
		s.keep(content)
		ev.Kind, ev.Stream, ev.End = DataEvent, s, ends
	}
	switch {
	case ends:
		c.endRemote(s)
	case s.Unwanted():
		c.refuseRest(s)
	}
	return nil
}

// unpad returns the payload of DATA, HEADERS or CONTINUATION without its
// padding.
func unpad(f frame) ([]byte, error) {
	if f.flags&flagPadded == 0 || f.kind == frameContinuation {
		return f.payload, nil
	}
	if len(f.payload) == 0 {
		return nil, connError(FrameSizeError, "4.2", "a frame that ends before the length of its padding")
	}
	padding := int(f.payload[0])
	if padding >= len(f.payload) {
		return nil, connError(ProtocolError, "6.1", "more padding than the frame is long")
	}
	return f.payload[1 : len(f.payload)-padding], nil
}

// onClosed judges a frame for a stream that is not open (RFC 9113, Section 5.1).
func (c *Conn) onClosed(f frame, section string) error {
	if f.stream == 0 || c.isIdle(f.stream) {
		return connError(ProtocolError, section, "a frame for a stream that is idle")
	}
	if err := c.spend(closedStreams, 1); err != nil {
		return err
	}
	if f.kind == frameWindowUpdate || f.kind == frameRSTStream || c.goAway.notServed(f.stream) {
		return nil // it may have been on its way when the stream was closed
	}
	switch c.recent.how(f.stream) {
	case resetByUs:
		return nil // so may anything
	case itsEnd, neverOpened:
		return connError(StreamClosed, "5.1", "a frame for a stream that has ended")
	}
	return streamError(f.stream, StreamClosed, "5.1", "a frame for a stream that is closed")
}

// onRSTStream handles RST_STREAM (RFC 9113, Section 6.4).
func (c *Conn) onRSTStream(f frame, said *controlFrame, ev *Event) error {
	s := c.stream(f.stream)
	if s == nil {
		return c.onClosed(f, "6.4")
	}
	given, n := resets, int32(1)
	if s.Unwanted() {
		given, n = closedStreams, 2 // nothing is lost by it, but not each request is to end so
	}
	if err := c.spend(given, n); err != nil {
		return err
	}
	if !s.flags.has(forgotten) {
		ev.Kind, ev.Stream, ev.Code = ResetEvent, s, said.code
	}
	c.recent.add(s.id, resetByPeer)
	c.close(s)
	return nil
}
