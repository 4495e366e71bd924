package websocket

import (
	"cmp"

	"github.com/raxx-go/raxx/raxx"
)

// answerClose takes the client's Close, and answers it unless it is an answer
// itself (RFC 6455, Section 5.5.1).
func (c *conn) answerClose(payload string, o *output) {
	code, reason, f := parseClose(payload)
	if f != nil {
		c.fail(f, o)
		return
	}
	if c.phase == open {
		o.frame(c.out, opClose, closePayload(code, ""))
	}
	c.end(Closed{Code: code, Reason: reason}, o)
}

// sendClose sends a Close of the machine's, and waits for the client's.
func (c *conn) sendClose(part Close, o *output) {
	code := cmp.Or(part.Code, NormalClosure)
	switch {
	case c.phase != open:
		c.refuse(part, "comes behind another (RFC 6455, 5.5.1)", o)
	case !code.sendable():
		c.refuse(part, "has a code that is never sent (RFC 6455, 7.4)", o)
	default:
		c.phase = closing
		o.frame(c.out, opClose, closePayload(code, part.Reason))
		o.part(raxx.After{Name: timerName, Delay: c.closeTimeout})
	}
}

// drain lets the machine say its last words, and closes.
func (c *conn) drain(o *output) {
	c.tell(raxx.Drain{}, o)
	if c.phase == open {
		c.sendClose(Close{Code: GoingAway}, o)
	}
}

// fail ends the connection because of the client (RFC 6455, Section 7.1.7).
func (c *conn) fail(f *fault, o *output) {
	if c.phase == open {
		o.frame(c.out, opClose, closePayload(f.code, f.reason))
	}
	c.end(Closed{Code: f.code, Reason: f.reason, Cause: raxx.Violated}, o)
}

// end tells the machine that it is over, and ends the connection.
func (c *conn) end(event Closed, o *output) {
	c.over(event, o)
	o.part(raxx.Tail{})
}

// over tells the machine that it is over.
func (c *conn) over(event Closed, o *output) {
	c.phase, c.in = closed, decoder{}
	var parts []raxx.Part
	c.inner, parts = c.inner.Step(event)
	for _, part := range parts {
		if effect, ok := part.(raxx.Effect); ok {
			o.part(effect)
		}
	}
}

// refuse ends the connection because of a part that can't be sent.
func (c *conn) refuse(part raxx.Part, reason string, o *output) {
	c.abort(raxx.Abort{Cause: raxx.NewCause(&PartError{part, reason})}, raxx.Unsendable, o)
}

// abort ends the connection by the will or the fault of the machine. The client
// is told so by the last words, and the server why.
func (c *conn) abort(part raxx.Abort, cause raxx.Reason, o *output) {
	heard := c.phase == open
	c.over(Closed{Code: Abnormal, Cause: cause}, o)
	if heard {
		c.phase = failed
	}
	o.part(part)
}
