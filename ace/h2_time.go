package ace

import (
	"errors"
	"time"

	"github.com/raxx-go/raxx/ace/internal/h2"
)

// errIdle is the end of a connection on which nothing goes on.
var errIdle = errors.New("ace: idle")

// deadline returns until when the client is waited for, 0 if for ever, and an
// error if that is over.
func (c *h2Conn) deadline(now int64) (at int64, err error) {
	limits := &c.worker.server.limits
	until := func(since int64, limit time.Duration, late error) {
		deadline := since + int64(limit)
		if deadline <= now && err == nil {
			err = late
		}
		at = sooner64(at, deadline)
	}
	if c.blocked {
		until(c.moved, limits.progress, ErrTimeout)
	}
	if c.eofAt != 0 {
		until(c.eofAt, limits.progress, ErrClientGone)
	}
	at = sooner64(at, c.lookAfterStreams(now))
	if c.warnedAt != 0 && !c.mute {
		if last := c.lastCall(now); now >= last {
			c.mute = true
			c.conn.FinishDrain()
			c.worker.conn.kick() // what that says is to be written
		} else {
			at = sooner64(at, last)
		}
	}
	c.notePartial(now)
	if c.idleAt == 0 {
		c.idleAt = now
	}
	switch open := c.count > 0 || c.anyOpen(); {
	case c.partialAt != 0:
		until(c.partialAt, limits.head, ErrTimeout)
	case open:
		c.idleAt = 0
	case c.leavingAt != 0:
		// RFC 9113, Section 6.8: it may still open streams; and we should send a
		// GOAWAY of our own before we close.
		until(max(c.idleAt, c.leavingAt), min(limits.idle, drainGrace), errIdle)
	default:
		until(c.idleAt, limits.idle, errIdle)
	}
	return at, err
}

// heardGrace is how long, behind the proof that the client has heard of its warning,
// requests are served that it had begun before.
const heardGrace = 100 * time.Millisecond

// lastCall returns when the client is told that no further requests are served.
func (c *h2Conn) lastCall(now int64) int64 {
	last := c.warnedAt + int64(drainGrace)
	if !c.conn.DrainHeard() {
		return last
	}
	if c.heardAt == 0 {
		c.heardAt = now
	}
	return min(last, c.heardAt+int64(heardGrace))
}

// sooner64 returns the earlier of two times, of which 0 is none.
func sooner64(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// notePartial notes since when something has begun to come that is not whole: a
// field block, or, where no content can be on its way, a frame.
func (c *h2Conn) notePartial(now int64) {
	partial := c.conn.InBlock()
	if c.count == 0 && !c.anyOpen() && !c.unwritten() { // else it may be our fault
		partial = partial || len(c.worker.in.unread()) > 0
	}
	switch {
	case !partial:
		c.partialAt = 0
	case c.partialAt == 0:
		c.partialAt = now
	}
}

// anyOpen reports whether a stream is open: also one whose reply is whole, and
// has not been sent yet.
func (c *h2Conn) anyOpen() bool {
	for range c.conn.Streams() {
		return true
	}
	return false
}

// hasDeadline reports whether a turn has to look at the time. The lock is held.
func (c *h2Conn) hasDeadline() bool {
	if c.count == 0 || c.blocked || c.awaited > 0 || c.failure != nil || c.conn.Finished() {
		return true
	}
	for s := range c.conn.Streams() {
		if s.Pending() > 0 || s.Unwanted() {
			return true
		}
	}
	return false
}

// lookAfterStreams ends the exchanges that the client holds up, and returns when
// it has to be done again.
func (c *h2Conn) lookAfterStreams(now int64) (at int64) {
	if sent := c.conn.Sent(); sent-c.flow >= goodPiece {
		c.flow, c.flowed = sent, now
	}
	var late []*h2.Stream
	for s := range c.conn.Streams() {
		switch deadline := c.patience(s); {
		case deadline == 0:
		case deadline <= now:
			late = append(late, s)
		default:
			at = sooner64(at, deadline)
		}
	}
	for _, s := range late {
		c.giveUp(s)
	}
	if len(late) > 0 {
		c.worker.conn.kick() // what that says is to be written
	}
	return at
}

// goodPiece is how much content has to go on a connection for the streams that wait
// for their turn to be patient. A client that opens the window of the connection
// by a few octets now and then keeps nothing alive.
const goodPiece = 16 << 10

// patience returns until when a stream is waited for, or 0 if for ever. While the
// network takes what was sent, be it slowly, the client can't know of all of it.
func (c *h2Conn) patience(s *h2.Stream) (deadline int64) {
	onItsWay := int64(0) // until when there was something
	if c.blocked {
		onItsWay = c.moved
	}
	x, _ := s.Owner.(*h2Exchange)
	limit := int64(c.worker.server.limits.progress)
	if x != nil {
		limit = int64(x.patience())
	}
	switch {
	case x != nil && x.err != nil: // it is about to end
	case s.Unwanted():
		if c.drainedAt != 0 {
			return c.drainedAt
		}
		return s.Moved() + int64(lingerTimeout)
	case s.Pending() > 0 && c.conn.Stalled(s):
		return max(s.Moved(), onItsWay) + limit
	case s.Pending() > 0:
		return max(s.Moved(), c.flowed, onItsWay) + limit
	case x != nil && x.awaits != 0 && !x.busy && len(s.Unread()) == 0 && !s.Ended():
		return max(x.awaits, s.Moved()) + limit // what the client takes is a sign of life, too
	}
	return 0
}

// giveUp ends what the client holds up: it takes nothing of what is to be sent, or
// sends nothing of what it has promised.
func (c *h2Conn) giveUp(s *h2.Stream) {
	x, ok := s.Owner.(*h2Exchange)
	switch {
	case ok:
		x.fail(ErrTimeout)
	case s.Unwanted():
		c.conn.Reset(s, h2.NoError)
	default:
		c.conn.Reset(s, h2.Cancel) // nobody works for it any more
	}
}
