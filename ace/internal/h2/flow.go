package h2

// Flow control (RFC 9113, Section 5.2) bounds what we hold of what the peer
// sends. Content stays in its stream until the driver takes it; only then is its
// part of the window given back: half of a small window at a time, a quarter of a
// large one. A peer that is far away has less of a window than its size for as long
// as that is on its way.
//
// A window grows while it is of use. If at some time since the last giving back
// nothing was left unread, whoever takes has waited for whoever sends, so the
// window may be what holds the peer up: it is doubled, up to a limit. At the time
// of giving back itself something may be unread nevertheless, because what comes
// from far away comes in bursts. A reader that then stops leaves at most that much
// in memory. The limit of the connection's window bounds what all streams hold
// together; up to there it is twice as large as that of any stream, so that one
// whose content nobody takes does not hold up the others.

// An inflow is the window for what the peer sends, on a stream or a connection.
type inflow struct {
	window int32 // what the peer may still send
	size   int32 // what it may send from a fresh start
	owed   int32 // what was taken, and not given back yet
	waited bool  // nothing was unread at some time since the last giving back
}

// receive takes n octets off the window. It reports whether they were in it.
func (f *inflow) receive(n int) bool {
	if n > int(f.window) {
		return false
	}
	f.window -= int32(n)
	return true
}

// take notes that n octets have been taken, and returns by how much the window
// is to be opened: 0 until it is worth a frame.
func (f *inflow) take(n int, limit int32) int32 {
	f.owed += int32(n)
	f.waited = f.waited || f.window+f.owed == f.size
	if f.owed < max(f.size/4, initialWindow/2) {
		return 0
	}
	if f.waited {
		f.grow(min(2*int64(f.size), int64(limit)))
	}
	increment := f.owed
	f.window += increment
	f.owed = 0
	f.waited = false
	return increment
}

// grow makes the window as large as size. What that adds is owed. It reports whether
// the window was smaller.
func (f *inflow) grow(size int64) bool {
	more := int32(size) - f.size
	if more <= 0 {
		return false
	}
	f.size += more
	f.owed += more
	return true
}

// giveBack gives n octets back to the window of the connection.
func (c *Conn) giveBack(n int) {
	if increment := c.recv.take(n, c.limits.connWindow()); increment > 0 {
		c.control = c.workspace().framer.appendWindowUpdate(c.control, 0, increment)
	}
}

// Take tells that the first n octets of s.Unread are done with, so that the peer
// may send more. What a reset has taken from the stream meanwhile was given back
// with it.
func (c *Conn) Take(s *Stream, n int) {
	if n = min(n, len(s.Unread())); n == 0 {
		return
	}
	s.take(n)
	c.giveBack(n)
	c.giveBackStream(s, n)
}

// giveBackStream gives n octets back to the window of a stream, if the peer has
// more to send on it.
func (c *Conn) giveBackStream(s *Stream, n int) {
	if s.flags.has(remoteClosed | closed | forgotten) {
		return
	}
	increment := s.recv.take(n, c.limits.streamWindow())
	if increment == 0 {
		return
	}
	c.control = c.workspace().framer.appendWindowUpdate(c.control, s.id, increment)
	if c.recv.grow(min(2*int64(s.recv.size), int64(c.limits.connWindow()))) {
		c.giveBack(0)
	}
}

// sendWindow returns how much content the peer lets a stream send. It may be
// negative (RFC 9113, Section 6.9.2).
func (c *Conn) sendWindow(s *Stream) int64 { return int64(c.peer.initialWindow) + s.credit }

// onWindowUpdate handles WINDOW_UPDATE (RFC 9113, Section 6.9).
func (c *Conn) onWindowUpdate(f frame, said *controlFrame) error {
	increment := int64(said.increment)
	fair := c.guard.givesBack(increment)
	if !fair {
		if err := c.spend(windowUpdates, 1); err != nil {
			return err
		}
	}
	if f.stream == 0 {
		if c.send += increment; c.send > maxWindow {
			return connError(FlowControlError, "6.9.1", "a connection window over 2^31-1")
		}
		return c.checkTiny(c.scheduler != nil && c.send < tinyWindow && c.scheduler.ready > 0)
	}
	s := c.stream(f.stream)
	switch {
	case s == nil && fair && !c.isIdle(f.stream):
		return nil // what was sent on it has been read
	case s == nil:
		return c.onClosed(f, "6.9")
	}
	if s.credit += increment; c.sendWindow(s) > maxWindow {
		return streamError(s.id, FlowControlError, "6.9.1", "a stream window over 2^31-1")
	}
	c.wake(s)
	return c.checkTiny(increment < tinyWindow && c.sendWindow(s) < int64(min(len(s.pending), tinyWindow)))
}

// checkTiny counts windows of a few octets: each makes us send a frame that is
// mostly header.
func (c *Conn) checkTiny(tiny bool) error {
	if !tiny {
		return nil
	}
	return c.spend(tinyWindows, 1)
}
