package h2

import "github.com/raxx-go/raxx/raxx"

// Send sends content on a stream, and with end, the end of the stream. As much
// is appended to dst as may be sent at once: at most one frame, only while nobody
// else waits, and never more than fits into the capacity of dst. What is left is
// pending: it comes with [Conn.AppendOutput], and p has to stay as it is until
// then. Send is not called while something is pending. Nothing happens if the
// stream is closed.
func (c *Conn) Send(dst []byte, s *Stream, p []byte, end bool) []byte {
	if s.flags.has(closed | localClosed | ending) {
		return dst
	}
	if len(s.pending) > 0 {
		panic("h2: Send on a stream with pending content")
	}
	if len(p) == 0 && !end {
		return dst
	}
	dst = c.appendControl(dst)
	if end {
		s.flags |= ending
	}
	if len(p) == 0 {
		return c.appendEnd(dst, s)
	}
	s.pending, s.moved = p, c.now
	if (c.scheduler == nil || c.scheduler.ready == 0) && (hasRoom(dst) || cap(dst)-len(dst) >= headSize+len(p)) {
		if n := c.frameLength(dst, s, smallestMaxFrame); n > 0 {
			dst = c.appendData(dst, s, n)
		}
	}
	if !s.flags.has(closed) {
		c.wake(s)
	}
	return dst
}

// SendTrailer ends a stream with a trailer, behind what is pending. Without
// fields, it is just the end.
func (c *Conn) SendTrailer(dst []byte, s *Stream, trailer raxx.Header) []byte {
	if s.flags.has(closed | localClosed | ending) {
		return dst
	}
	dst = c.appendControl(dst)
	s.flags |= ending
	s.trailer = trailer
	if len(s.pending) > 0 {
		return dst
	}
	return c.appendEnd(dst, s)
}

// appendEnd ends a stream behind its content.
func (c *Conn) appendEnd(dst []byte, s *Stream) []byte {
	if len(s.trailer) > 0 {
		return c.appendTrailer(dst, s, s.trailer)
	}
	dst = appendFrameHead(dst, 0, frameData, flagEndStream, s.id)
	c.endLocal(s)
	return dst
}

// AppendOutput appends what is to be written now: answers to the peer's frames,
// then content in the order of priorities, as far as the windows allow and as
// fits into the capacity of dst, which should be 1 KiB or more. Now is as in
// [Conn.Next].
func (c *Conn) AppendOutput(dst []byte, now int64) []byte {
	c.now = max(c.now, now)
	dst = c.appendControl(dst)
	q := c.scheduler
	for q != nil && q.ready > 0 && c.send > 0 && hasRoom(dst) {
		most := int(min(c.peer.maxFrame, int32(c.limits.maxDataPayload())))
		if q.ready > 1 {
			most = smallestMaxFrame
		}
		s := q.next()
		n := c.frameLength(dst, s, most)
		if n == 0 { // SETTINGS has taken its window away
			c.unlink(s)
			continue
		}
		dst = c.appendData(dst, s, n)
		dst = c.appendControl(dst) // a stream that was reset behind its end
	}
	return dst
}

// hasRoom reports whether a frame that is worth it fits into dst. A small buffer
// that is empty has to do.
func hasRoom(dst []byte) bool {
	room := cap(dst) - len(dst) - headSize
	return room >= tinyWindow || len(dst) == 0 && room > 0
}

// HasOutput reports whether AppendOutput would append something.
func (c *Conn) HasOutput() bool {
	return len(c.control) > 0 || c.scheduler != nil && c.scheduler.ready > 0 && c.send > 0
}

// appendControl appends frames that answer the peer's.
func (c *Conn) appendControl(dst []byte) []byte {
	if len(c.control) > 0 {
		dst = append(dst, c.control...)
		c.control = c.control[:0]
	}
	return dst
}

// frameLength returns how much content the next frame of a stream may carry.
func (c *Conn) frameLength(dst []byte, s *Stream, most int) int {
	room := cap(dst) - len(dst) - headSize
	return max(0, int(min(int64(min(len(s.pending), room, most)), c.send, c.sendWindow(s))))
}

// appendData appends a frame with n octets of pending content.
func (c *Conn) appendData(dst []byte, s *Stream, n int) []byte {
	p := s.pending[:n]
	s.pending = s.pending[n:]
	s.credit -= int64(n)
	s.moved = c.now
	c.send -= int64(n)
	c.sent += uint64(n)
	c.guard.lent += 2 * int64(n)
	drained := len(s.pending) == 0
	switch {
	case n >= tinyWindow:
		c.guard.earn(3, 1, 0, 1, 0)
	case drained && n > 0: // a message, and no piece that the client's window has cut
		c.guard.earn(2, 1, 0, 1, 0)
	default:
		c.guard.earn(2, 0, 0, 1, 0)
	}
	flags := uint8(0)
	if drained && s.flags.has(ending) && len(s.trailer) == 0 {
		flags = flagEndStream
	}
	dst = append(appendFrameHead(dst, n, frameData, flags, s.id), p...)
	if drained {
		return c.drain(dst, s)
	}
	if s.list != nil && c.sendWindow(s) <= 0 {
		c.unlink(s)
	}
	return dst
}

// drain ends a stream, or tells the driver that it may send more.
func (c *Conn) drain(dst []byte, s *Stream) []byte {
	s.pending = nil
	if s.list != nil { // the driver has not seen it happen
		c.unlink(s)
		if !s.flags.has(forgotten) {
			c.drained.push(s)
		}
	}
	switch {
	case !s.flags.has(ending):
	case len(s.trailer) > 0:
		return c.appendTrailer(dst, s, s.trailer)
	default:
		c.endLocal(s)
	}
	return dst
}

// Drained returns a stream whose pending content [Conn.AppendOutput] has sent to
// the end since it was last returned, or nil if there is no further one.
func (c *Conn) Drained() *Stream {
	s := c.drained.head
	if s != nil {
		c.drained.remove(s)
	}
	return s
}

// Stalled reports whether content of a stream waits for the peer to open the
// stream's own window. What else is pending waits for that of the connection, or
// for its turn.
func (c *Conn) Stalled(s *Stream) bool { return len(s.pending) > 0 && c.sendWindow(s) <= 0 }

// Sent returns how many octets of content have been sent on all streams.
func (c *Conn) Sent() uint64 { return c.sent }
