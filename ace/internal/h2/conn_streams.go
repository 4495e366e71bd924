package h2

import (
	"iter"
	"slices"
	"sort"
)

// newStream opens the stream that a request has come on.
func (c *Conn) newStream(id uint32) *Stream {
	s := c.workspace().newStream()
	s.id, s.contentLength = id, -1
	s.recv = inflow{window: initialWindow, size: initialWindow}
	s.urge = c.priority.of(id)
	c.open = append(c.open, s) // identifiers only grow
	c.held++
	return s
}

// stream returns an open stream, or nil.
func (c *Conn) stream(id uint32) *Stream {
	if i, ok := c.find(id); ok {
		return c.open[i]
	}
	return nil
}

func (c *Conn) find(id uint32) (int, bool) {
	if n := len(c.open); n > 0 && c.open[n-1].id == id {
		return n - 1, true
	}
	i := sort.Search(len(c.open), func(i int) bool { return c.open[i].id >= id })
	return i, i < len(c.open) && c.open[i].id == id
}

// isIdle reports whether no frame has opened or skipped the stream.
func (c *Conn) isIdle(id uint32) bool { return id > c.lastID || id%2 == 0 }

// close takes a stream out of the open ones. Content that had come to its end
// can still be taken.
func (c *Conn) close(s *Stream) {
	i, ok := c.find(s.id)
	if !ok {
		return
	}
	c.open = slices.Delete(c.open, i, i+1)
	if !s.flags.has(remoteClosed) {
		c.discard(s)
	}
	c.finish(s)
	if s.flags.has(forgotten) {
		c.workspace().recycle(s)
	}
}

// finish lets go of what a stream that is closed does not need any more. If its
// content has been sent to the end, the driver can still learn of that.
func (c *Conn) finish(s *Stream) {
	s.flags |= closed
	s.pending, s.trailer = nil, nil
	if s.list != nil && s.list != &c.drained {
		c.unlink(s)
	}
}

// abandon closes all streams of a connection that is broken. Those that the
// driver has not forgotten are still to be found.
func (c *Conn) abandon() {
	for _, s := range c.open {
		c.finish(s)
	}
	c.open = slices.DeleteFunc(c.open, func(s *Stream) bool { return s.flags.has(forgotten) })
}

// discard gives the window back for content that nobody will take.
func (c *Conn) discard(s *Stream) {
	n := len(s.Unread())
	s.body, s.read = nil, 0
	c.giveBack(n)
}

// RefuseBody tells that the driver takes no more of the request's body while its
// reply is being sent. What has come of it, and what still comes, is checked and
// dropped.
func (c *Conn) RefuseBody(s *Stream) {
	s.flags |= bodyRefused
	c.discard(s)
}

// Forget tells that the driver is done with a stream and will not refer to it
// any more. What is pending is still sent, if the reply is whole. If it is not,
// the stream is reset at once.
//
// The rest of the request's body is not wanted. What is on its way is checked and
// dropped; if it turns out to be more than half a window, the stream is reset
// (RFC 9113, Section 8.1). A client whose request was short anyway is spared a
// reset that some take for a fault. One that sends nothing more is the driver's
// to reset: [Stream.Unwanted].
func (c *Conn) Forget(s *Stream) {
	c.held--
	s.Owner = nil
	s.flags |= forgotten
	c.discard(s)
	if s.list == &c.drained {
		c.unlink(s)
	}
	switch {
	case s.flags.has(closed):
		if i, ok := c.find(s.id); ok { // the connection is broken
			c.open = slices.Delete(c.open, i, i+1)
		}
		c.workspace().recycle(s)
	case !s.flags.has(localClosed | ending):
		c.reset(s, InternalError)
	case s.flags.has(localClosed):
		c.linger(s)
	}
}

// linger drops the rest of a request that was answered.
func (c *Conn) linger(s *Stream) {
	s.moved = c.now
	c.refuseRest(s)
}

// refuseRest asks a client to send no more of a request that was answered, if it
// is not about to end by itself.
func (c *Conn) refuseRest(s *Stream) {
	if s.recv.window <= s.recv.size/2 {
		c.reset(s, NoError)
	}
}

// Reset closes a stream with a code, unless it is closed already. The driver
// still has to forget it.
func (c *Conn) Reset(s *Stream, code Code) {
	if !s.flags.has(closed) {
		c.reset(s, code)
	}
}

func (c *Conn) reset(s *Stream, code Code) {
	c.control = c.workspace().framer.appendRSTStream(c.control, s.id, code)
	c.recent.add(s.id, resetByUs)
	c.close(s)
}

// endLocal notes that END_STREAM has been sent.
func (c *Conn) endLocal(s *Stream) {
	s.flags |= localClosed
	switch {
	case s.flags.has(remoteClosed):
		c.close(s)
	case s.flags.has(forgotten):
		c.linger(s)
	}
}

// endRemote notes that END_STREAM has come.
func (c *Conn) endRemote(s *Stream) {
	s.flags |= remoteClosed
	if s.flags.has(localClosed) {
		c.close(s)
	}
}

// refuse answers a fault that concerns one stream. It returns what ends the
// connection, if that was one too many.
func (c *Conn) refuse(err *StreamError, ev *Event) *ConnError {
	*ev = Event{} // a part of a request may have been filled in
	if over := c.spend(resets, 1); over != nil {
		return over.(*ConnError)
	}
	s := c.stream(err.Stream)
	if s == nil || s.flags.has(forgotten) {
		ev.Kind, ev.Err = RefusedEvent, err
	} else {
		ev.Kind, ev.Stream, ev.Code, ev.Err = ResetEvent, s, err.Code, err
	}
	if s != nil {
		c.reset(s, err.Code)
		return nil
	}
	c.control = c.workspace().framer.appendRSTStream(c.control, err.Stream, err.Code)
	c.recent.add(err.Stream, resetByUs)
	return nil
}

// Streams returns the streams that are open, the oldest first; of a connection
// that is broken, those that the driver has not forgotten. The connection must
// not be used meanwhile.
func (c *Conn) Streams() iter.Seq[*Stream] { return slices.Values(c.open) }

// InBlock reports whether the peer is amid a field block.
func (c *Conn) InBlock() bool { return c.block.stream != 0 }

// Finished reports whether the connection can be closed: no stream is open, and
// none will be, since we have said so, or it is broken. A stream whose header is on
// its way is one that we have promised to serve. What the peer's GOAWAY says
// is about streams of ours, of which there are none (RFC 9113, Section 6.8).
func (c *Conn) Finished() bool {
	if len(c.open) > 0 || len(c.control) > 0 {
		return false
	}
	promised := c.InBlock() && !c.goAway.notServed(c.block.stream)
	return c.err != nil || c.goAway.state == goAwayFinal && !promised
}
