package websocket

import (
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// An idle finds out whether there is still a client, and keeps those busy that
// would take a silent connection for a dead one on the way. Time passes for it
// in ticks.
type idle struct {
	interval time.Duration // of the ticks; negative: there are none
	heard    bool          // something came since the last one
	said     bool          // a message was sent since the last one
	pinged   bool          // a ping was sent at the last one
	controls uint16        // control frames since the last one, or the last message
}

// maxControls is how many pings and pongs a client may send without a message
// from one tick to the next. Those that are meant to find out something come
// every few seconds.
const maxControls = 1000

func (c *conn) startPings(o *output) {
	if c.phase == open && c.idle.interval > 0 {
		o.part(raxx.After{Name: timerName, Delay: c.idle.interval})
	}
}

// tick is called when an interval is over, or the time for an answer to Close.
func (c *conn) tick(o *output) {
	silent := c.idle.pinged && !c.idle.heard
	if c.phase == closing || silent {
		c.end(Closed{Code: Abnormal, Cause: raxx.TimedOut}, o)
		return
	}
	// A proxy may look at one direction only, so a ping is sent also if there
	// was no need to answer what came.
	c.idle.pinged = !c.idle.heard || !c.idle.said
	if c.idle.pinged {
		o.frame(c.out, opPing, "")
	}
	c.idle.heard, c.idle.said, c.idle.controls = false, false, 0
	o.part(raxx.After{Name: timerName, Delay: c.idle.interval})
}

// takePing answers a ping (RFC 6455, Section 5.5.2). A pong needs no answer, and
// is what any octet is: a sign of life.
func (c *conn) takePing(p piece, o *output) {
	if c.idle.interval > 0 {
		if c.idle.controls++; c.idle.controls > maxControls {
			c.fail(&fault{PolicyViolation, "too many pings"}, o)
			return
		}
	}
	if p.op == opPing && c.phase == open {
		o.frame(c.out, opPong, p.payload)
	}
}
