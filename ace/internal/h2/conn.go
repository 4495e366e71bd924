package h2

import "errors"

const (
	headSize         = 9       // of every frame (RFC 9113, Section 4.1)
	maxFrameSize     = 1 << 14 // of the payloads that we take (RFC 9113, Section 4.2)
	initialWindow    = 1<<16 - 1
	maxWindow        = 1<<31 - 1 // RFC 9113, Section 6.9.1
	maxStreamID      = 1<<31 - 1
	headerTableSize  = 4096    // on both sides (RFC 9113, Section 6.5.2)
	firstConnWindow  = 1 << 18 // what the connection's window is raised to at once
	tinyWindow       = 256     // less than that is not worth a frame
	budgetPeriod     = 10e9    // nanoseconds in which frames are counted
	recentlyClosed   = 256     // streams of which it is known how they ended
	smallestMaxFrame = 1 << 14 // of the payloads that every peer takes
	maxKeptBuffer    = 1 << 16 // of a stream that waits for more
)

// A Conn is one connection. It is owned by one goroutine at a time. See the
// package's documentation for the order of calls.
type Conn struct {
	limits  *Limits
	work    *Workspace // nil while nothing is done
	now     int64      // of the last call that told
	err     *ConnError // what ended the connection
	control []byte     // frames that answer the peer's, in order

	// What the peer is sending:
	preface uint8 // octets of the preface that have come
	settled bool  // the SETTINGS frame behind it has come
	decoder decoder
	block   fieldBlock
	recv    inflow
	guard   guard

	// Streams:
	open   []*Stream // that are not closed, by identifier
	lastID uint32    // the highest that the peer has used
	held   int       // that the driver has not forgotten
	recent recentStreams

	// What we are sending:
	peer      peerSettings
	encoder   encoder
	send      int64 // the connection's window
	sent      uint64
	scheduler *scheduler // nil while nothing waits
	drained   streamList
	priority  priorityState
	goAway    goAwayState
}

// New returns the state of a connection on which nothing has come yet. What the
// server begins with (RFC 9113, Section 3.4) is among the output. Limits may be
// shared; nil means the defaults. The Workspace is lent as by [Conn.Lend]; nil
// means that the Conn makes one when it needs it.
func New(limits *Limits, w *Workspace) *Conn {
	if limits == nil {
		limits = &byDefault
	}
	c := &Conn{limits: limits, work: w, send: initialWindow}
	c.peer = peerSettings{initialWindow: initialWindow, maxFrame: smallestMaxFrame}
	c.recv = inflow{window: initialWindow, size: initialWindow}
	c.encoder = encoder{limit: headerTableSize}
	c.greet()
	return c
}

// Next reads from in until something has happened that the driver has to know,
// which it puts into ev, or until there is no whole frame left; then ev.Kind is
// [NoEvent]. It returns how many octets it has used, also with an error. Those
// that it has not used must stand at the beginning of in the next time. Nothing
// in ev refers to in.
//
// Now is a time in nanoseconds that never goes back. An error is a [*ConnError]:
// the connection is over once the output has been written, and all further calls
// return the same.
func (c *Conn) Next(in []byte, now int64, ev *Event) (int, error) {
	ev.reset()
	if c.err != nil {
		return 0, c.err
	}
	c.now = now
	n, err := c.readPreface(in)
	for err == nil && ev.Kind == NoEvent && int(c.preface) == len(Preface) {
		used := 0
		used, err = c.nextFrame(in[n:], ev)
		if n += used; used == 0 {
			break
		}
	}
	if err != nil {
		*ev = Event{}
		return n, err
	}
	return n, nil
}

// Tick tells the time, in nanoseconds as in [Conn.Next], to calls that are not told
// otherwise.
func (c *Conn) Tick(now int64) { c.now = max(c.now, now) }

// readPreface compares the beginning of the connection with what has to stand
// there, as far as it has come.
func (c *Conn) readPreface(in []byte) (n int, err error) {
	for int(c.preface) < len(Preface) && n < len(in) {
		if in[n] != Preface[c.preface] {
			return n, c.fail(connError(ProtocolError, "3.4", "a connection that does not begin with the preface"))
		}
		c.preface++
		n++
	}
	return n, nil
}

// nextFrame handles the frame at the beginning of in, if all of it is there.
func (c *Conn) nextFrame(in []byte, ev *Event) (int, error) {
	if len(in) < headSize {
		return 0, nil
	}
	framer := c.workspace().framer
	f, err := framer.next(in)
	if err != nil {
		return 0, c.fail(connError(FrameSizeError, "4.2", "a frame longer than 16,384 octets"))
	}
	if err := c.checkOrder(f); err != nil {
		return 0, c.fail(err)
	}
	if len(in) < headSize+f.length {
		return 0, nil
	}
	f.payload = framer.raw()
	return headSize + f.length, c.judge(c.handle(f, ev), ev)
}

// checkOrder refuses frames that may not follow on the one before. It needs no
// payload, so it is asked again while that is on its way.
func (c *Conn) checkOrder(f frame) *ConnError {
	switch {
	case !c.settled && (f.kind != frameSettings || f.flags&flagAck != 0):
		return connError(ProtocolError, "3.4", "a preface that no SETTINGS frame follows")
	case c.block.stream == 0 && f.kind == frameContinuation:
		return connError(ProtocolError, "6.10", "a CONTINUATION frame without a field block to continue")
	case c.block.stream != 0 && (f.kind != frameContinuation || f.stream != c.block.stream):
		return connError(ProtocolError, "6.2", "another frame within a field block")
	}
	return nil
}

// handle handles one whole frame. Its error is a ConnError or a StreamError.
func (c *Conn) handle(f frame, ev *Event) error {
	switch f.kind {
	case frameData:
		return c.onData(f, ev)
	case frameHeaders:
		return c.onHeaders(f, ev)
	case frameContinuation:
		return c.onContinuation(f, ev)
	case framePushPromise:
		return connError(ProtocolError, "8.4", "a PUSH_PROMISE frame from a client")
	case framePriority, frameRSTStream, frameSettings, framePing, frameGoAway, frameWindowUpdate, framePriorityUpdate:
		return c.onControl(f, ev)
	}
	// RFC 9113, Section 4.1: frames of unknown types are ignored.
	return c.spend(unknownFrames, 1)
}

// onControl handles the frames that the framer reads itself.
func (c *Conn) onControl(f frame, ev *Event) error {
	said, code := c.workspace().framer.control()
	if code != NoError {
		return c.faultOf(f, code)
	}
	switch f.kind {
	case framePriority:
		return c.onPriority(f, said)
	case frameRSTStream:
		return c.onRSTStream(f, said, ev)
	case frameSettings:
		return c.onSettings(f, said)
	case framePing:
		return c.onPing(f, said)
	case frameGoAway:
		return c.onGoAway(said, ev)
	case frameWindowUpdate:
		return c.onWindowUpdate(f, said)
	}
	return c.onPriorityUpdate(said)
}

// judge turns what a frame was refused for into frames of our own: an error of
// a stream ends that, any other the connection.
func (c *Conn) judge(err error, ev *Event) error {
	if err == nil {
		return c.checkControl()
	}
	if stream, ok := errors.AsType[*StreamError](err); ok {
		if over := c.refuse(stream, ev); over != nil {
			return c.fail(over)
		}
		return c.checkControl()
	}
	return c.fail(err.(*ConnError))
}

// checkControl refuses to answer a peer that does not read its answers.
func (c *Conn) checkControl() error {
	if len(c.control) <= c.limits.controlBytes() {
		return nil
	}
	return c.fail(&ConnError{EnhanceYourCalm, "10.5", "answers that pile up unread", "ControlBytes"})
}

// fail ends the connection.
func (c *Conn) fail(err *ConnError) *ConnError {
	c.err, c.block = err, fieldBlock{}
	c.control = c.workspace().framer.appendGoAway(c.control, c.goAway.lastHandled(c), err.Code, err.Reason)
	c.abandon()
	return err
}
