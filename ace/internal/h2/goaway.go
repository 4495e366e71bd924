package h2

// A connection is drained in two phases (RFC 9113, Section 6.8). A first GOAWAY
// that names no stream warns the peer; what it had sent before it heard of that
// is still served. When a PING that was sent behind it comes back, the peer has
// heard; soon after that, a second GOAWAY names the last stream. Not at once: a
// request that had begun when the peer heard may follow on its answer.

// goAwayState says what the peer has been told.
type goAwayState struct {
	state goAwayPhase
	heard bool   // the peer has, of goAwayWarned
	last  uint32 // the last stream that is served, from goAwayFinal on
}

type goAwayPhase uint8

const (
	goAwayNone   goAwayPhase = iota
	goAwayWarned             // it should open no further streams
	goAwayFinal              // further streams are not served
)

// drainPing marks the PING that follows on the first GOAWAY.
var drainPing = [8]byte{'d', 'r', 'a', 'i', 'n', 'i', 'n', 'g'}

// lastHandled returns what a GOAWAY frame names as the last stream.
func (g *goAwayState) lastHandled(c *Conn) uint32 {
	if g.state == goAwayFinal {
		return g.last
	}
	return c.lastID
}

// Drain asks the peer to open no further streams. Those that it opens
// nevertheless are served until it has heard; see [Conn.FinishDrain].
func (c *Conn) Drain() {
	if c.goAway.state != goAwayNone || c.err != nil {
		return
	}
	c.goAway.state = goAwayWarned
	framer := c.workspace().framer
	c.control = framer.appendGoAway(c.control, maxStreamID, NoError, "")
	c.control = framer.appendPing(c.control, false, drainPing)
}

// DrainHeard reports whether the peer has heard that it should open no further
// streams.
func (c *Conn) DrainHeard() bool { return c.goAway.heard }

// FinishDrain ends what [Conn.Drain] has begun, and tells the peer that streams
// which it opens from now on are not served. A driver calls it a little after the
// peer has heard of the first GOAWAY, or if that takes too long.
func (c *Conn) FinishDrain() {
	if c.goAway.state == goAwayFinal || c.err != nil {
		return
	}
	c.goAway.state, c.goAway.last = goAwayFinal, c.lastID
	c.control = c.workspace().framer.appendGoAway(c.control, c.lastID, NoError, "")
}

// Close ends the connection for a reason that is not among the frames; section is
// that of RFC 9113 which gives it. The driver writes the output and closes.
func (c *Conn) Close(code Code, section, reason string) {
	if c.err == nil {
		c.fail(connError(code, section, reason))
	}
}

// notServed reports whether a stream was opened after the final GOAWAY.
func (g *goAwayState) notServed(id uint32) bool { return g.state == goAwayFinal && id > g.last }

// onGoAway handles GOAWAY (RFC 9113, Section 6.8).
func (c *Conn) onGoAway(said *controlFrame, ev *Event) error {
	ev.Kind, ev.Code = GoAwayEvent, said.code
	return c.spend(settingsFrames, 1)
}
