package h2

// A fieldBlock is what HEADERS and CONTINUATION carry together (RFC 9113,
// Section 4.3).
type fieldBlock struct {
	stream uint32 // 0: none is being sent
	ends   bool   // END_STREAM
	ignore bool   // nobody wants it; it only keeps the dynamic table true
	frames int
	octets []byte       // what has come, unless all came at once
	err    *StreamError // what it will be refused for
}

// onHeaders handles HEADERS (RFC 9113, Section 6.2).
func (c *Conn) onHeaders(f frame, ev *Event) error {
	if f.stream%2 == 0 {
		return connError(ProtocolError, "5.1.1", "a HEADERS frame on a stream that a client can't open")
	}
	fragment, dependency, err := headersPayload(f)
	if err != nil {
		return err
	}
	b := fieldBlock{stream: f.stream, ends: f.flags&flagEndStream != 0, frames: 1}
	if err := c.beginBlock(&b); err != nil {
		return err
	}
	if dependency == f.stream && b.err == nil {
		b.err = streamError(f.stream, ProtocolError, "6.2", "a stream that depends on itself (RFC 7540, 5.3.1)")
	}
	if f.flags&flagEndHeaders != 0 {
		return c.endBlock(&b, fragment, ev)
	}
	b.octets = append(b.octets, fragment...)
	c.block = b
	return nil
}

// headersPayload returns the fragment of a field block in a HEADERS frame, and
// the stream that its priority fields name.
func headersPayload(f frame) (fragment []byte, dependency uint32, err error) {
	fragment, err = unpad(f)
	if err != nil || f.flags&flagPriority == 0 {
		return fragment, 0, err
	}
	switch {
	case len(fragment) >= 5:
	case f.flags&flagPadded != 0 && f.length > 5:
		return nil, 0, connError(ProtocolError, "6.2", "more padding than the frame has room for")
	default:
		return nil, 0, connError(FrameSizeError, "6.2", "a HEADERS frame that ends within its priority")
	}
	dependency = uint32(fragment[0]&0x7f)<<24 | uint32(fragment[1])<<16 | uint32(fragment[2])<<8 | uint32(fragment[3])
	return fragment[5:], dependency, nil
}

// onContinuation handles CONTINUATION (RFC 9113, Section 6.10).
func (c *Conn) onContinuation(f frame, ev *Event) error {
	if err := c.checkBlock(f.length); err != nil {
		return err
	}
	c.block.frames++
	c.block.octets = append(c.block.octets, f.payload...)
	if f.flags&flagEndHeaders == 0 {
		return nil
	}
	b := c.block
	c.block = fieldBlock{}
	return c.endBlock(&b, b.octets, ev)
}

// checkBlock refuses blocks that do not end, before n octets more are kept.
func (c *Conn) checkBlock(n int) error {
	switch {
	case len(c.block.octets)+n > c.limits.blockBytes():
		return &ConnError{EnhanceYourCalm, "10.5.1", "a field block of too many octets", "BlockBytes"}
	case c.block.frames == c.limits.blockFrames():
		return &ConnError{EnhanceYourCalm, "10.5.1", "a field block of too many frames", "BlockFrames"}
	}
	return nil
}

// beginBlock decides what will become of a block. Whatever is refused for its
// stream's sake is decoded nevertheless (RFC 9113, Section 4.3).
func (c *Conn) beginBlock(b *fieldBlock) error {
	switch {
	case b.stream > c.lastID:
		c.openWith(b)
		return nil
	case c.stream(b.stream) != nil:
		b.err = c.checkTrailer(b)
		return nil
	}
	how := c.recent.how(b.stream)
	switch {
	case how == resetByUs || c.goAway.notServed(b.stream):
		b.ignore = true
	case how == neverOpened:
		return connError(ProtocolError, "5.1.1", "a HEADERS frame on a stream that was skipped")
	case how == itsEnd:
		return connError(StreamClosed, "5.1", "a HEADERS frame on a stream that has ended")
	default:
		b.err = streamError(b.stream, StreamClosed, "5.1", "a HEADERS frame on a stream that is closed")
	}
	return c.spend(closedStreams, 1)
}

// openWith decides whether a block may open a stream.
func (c *Conn) openWith(b *fieldBlock) {
	c.recent.skip(c.lastID, b.stream)
	c.lastID = b.stream
	// RFC 9113, Section 5.1.2. What the driver has not forgotten is still at
	// work even if the peer has reset it: a client that resets what it has
	// just opened gets no more out of us than others (CVE-2023-44487).
	limit := c.limits.streams()
	switch {
	case c.goAway.notServed(b.stream):
		b.ignore = true
	case len(c.open) >= limit || c.held/2 >= limit: // twice the limit may be more than an int
		b.err = streamError(b.stream, RefusedStream, "5.1.2", "more streams than are allowed")
	}
}

// checkTrailer decides whether a block may follow on a request's content.
func (c *Conn) checkTrailer(b *fieldBlock) *StreamError {
	s := c.stream(b.stream)
	switch {
	case s.flags.has(remoteClosed):
		return streamError(b.stream, StreamClosed, "5.1", "a HEADERS frame behind the end of the stream")
	case s.flags.has(connectTunnel | extendedTunnel):
		return streamError(b.stream, ProtocolError, "8.5", "a HEADERS frame within a tunnel")
	case !b.ends:
		return streamError(b.stream, ProtocolError, "8.1", "a second HEADERS frame that does not end the stream")
	}
	return nil
}

// endBlock decodes a whole block and makes of it what it is.
func (c *Conn) endBlock(b *fieldBlock, block []byte, ev *Event) error {
	if !sizesFirst(block) {
		return connError(CompressionError, "4.3", "a table size update behind the first field (RFC 7541, 4.2)")
	}
	m := c.workspace().message
	s := c.stream(b.stream)
	m.begin(c.limits, s != nil, b.ignore || b.err != nil)
	defer m.end()
	if c.decoder.Decoder == nil {
		c.decoder = newDecoder()
	}
	if err := c.workspace().source.decode(c.decoder, block); err != nil {
		return connError(CompressionError, "4.3", "a field block that can't be decoded (RFC 7541)")
	}
	switch {
	case b.ignore:
		return nil
	case b.err != nil:
		return c.dear(b.err, block)
	case s != nil:
		return c.endTrailer(s, m, block, ev)
	}
	return c.endRequest(b, m, block, ev)
}

// dear makes a refusal that came late cost more: by its block, which we had to
// decode.
func (c *Conn) dear(err *StreamError, block []byte) error {
	if over := c.spend(resets, int32(len(block)/2048)); over != nil {
		return over
	}
	return err
}

// endRequest makes a request of a message.
func (c *Conn) endRequest(b *fieldBlock, m *message, block []byte, ev *Event) error {
	if err := m.request(b, &ev.Request); err != nil {
		return c.dear(err, block)
	}
	if m.tooLarge {
		if over := c.spend(resets, 1+int32(len(block)/2048)); over != nil {
			return over
		}
		ev.Status = 431
	}
	s := c.newStream(b.stream)
	c.guard.earn(4, 1, 4, 64, 0)
	m.mark(s)
	c.readPriority(s, m)
	ev.Kind, ev.Stream, ev.End = RequestEvent, s, b.ends
	if b.ends {
		s.flags |= remoteClosed
		return nil
	}
	c.guard.earn(0, 0, 0, 0, 1)
	return nil
}

// endTrailer ends the body of a request with a trailer.
func (c *Conn) endTrailer(s *Stream, m *message, block []byte, ev *Event) error {
	if m.tooLarge {
		m.refuse("8.1", "a trailer longer than is allowed")
	}
	if err := m.fault(s.id); err != nil {
		return c.dear(err, block)
	}
	if s.received < s.contentLength {
		return streamError(s.id, ProtocolError, "8.1.1", "less content than content-length says")
	}
	if !s.flags.has(forgotten) {
		ev.Kind, ev.Stream, ev.End = TrailerEvent, s, true
		ev.Trailer = m.header()
	}
	c.endRemote(s)
	return nil
}
