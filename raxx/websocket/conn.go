package websocket

import (
	"time"
	"unicode/utf8"

	"github.com/raxx-go/raxx/raxx"
)

// A conn is the state of the machine that stands around the application's: bytes
// and the server's events go in, messages go on to the machine within, and what
// that returns comes out as bytes. While it waits, it is all that there is of a
// WebSocket.
type conn struct {
	inner raxx.Machine
	in    decoder
	out   encoder
	phase phase
	idle  idle

	closeTimeout time.Duration
}

// A phase says how far the closing handshake has come (RFC 6455, Section 7).
type phase uint8

const (
	open    phase = iota
	closing       // a Close has been sent, and the client's is waited for
	closed
	failed // closed by a fault of the machine's, of which the client is told last
)

// timerName is the name of the one timer that a conn has: while it is open for
// pings, while it is closing for the end.
const timerName = "raxx/websocket"

func newConn(config Config, agreed deflation, m raxx.Machine) conn {
	return conn{
		inner:        m,
		in:           decoder{limit: config.messageLimit(), masked: true, packs: agreed.on, window: agreed.clientWindow()},
		out:          encoder{packs: agreed.on, narrow: agreed.serverNarrow(), from: config.compressFrom()},
		idle:         idle{interval: config.pingInterval()},
		closeTimeout: config.closeTimeout(),
	}
}

// step is the step of the machine. c is a copy, which the methods below change;
// what it points to they do not.
func (c conn) step(event raxx.Event) (conn, []raxx.Part) {
	if c.phase >= closed {
		return c, nil
	}
	var o output
	switch event := event.(type) {
	case raxx.Open:
		c.tell(event, &o)
		c.startPings(&o)
	case raxx.Data:
		c.receive(string(event), &o)
	case raxx.Timer:
		if event.Name == timerName {
			c.tick(&o)
			break
		}
		c.tell(event, &o)
	case raxx.Drain:
		c.drain(&o)
	case raxx.Tail:
		// The client sends nothing any more, and has not said Close.
		c.end(Closed{Code: Abnormal, Cause: raxx.ClientGone}, &o)
	case raxx.Closed:
		c.over(Closed{Code: Abnormal, Cause: event.Reason}, &o)
	default:
		c.tell(event, &o)
	}
	return c, o.flush()
}

// receive takes what the client sends.
func (c *conn) receive(b string, o *output) {
	c.idle.heard = true
	for b != "" && c.phase < closed {
		var p piece
		var f *fault
		p, b, f = c.in.next(b)
		switch {
		case f != nil:
			c.fail(f, o)
		case p.op != 0:
			c.take(p, o)
		}
	}
}

// take takes a message or a control frame.
func (c *conn) take(p piece, o *output) {
	switch p.op {
	case opText:
		c.idle.controls = 0
		c.tell(Text(p.payload), o)
	case opBinary:
		c.idle.controls = 0
		c.tell(Binary(p.payload), o)
	case opClose:
		c.answerClose(p.payload, o)
	case opPing, opPong:
		c.takePing(p, o)
	}
}

// tell hands an event to the machine within, and sends what it returns. Once a
// Close has been sent, it is told only of the end.
func (c *conn) tell(event raxx.Event, o *output) {
	if c.phase != open {
		return
	}
	var parts []raxx.Part
	c.inner, parts = c.inner.Step(event)
	for _, part := range parts {
		if c.phase >= closed {
			return
		}
		c.send(part, o)
	}
}

// send sends a part of the machine within.
func (c *conn) send(part raxx.Part, o *output) {
	switch part := part.(type) {
	case Text:
		if !utf8.ValidString(string(part)) {
			// RFC 6455, Section 8.1: the client would have to fail. So it is
			// said here, where the fault is.
			c.refuse(part, "is not UTF-8 (RFC 6455, 5.6)", o)
			return
		}
		c.message(opText, string(part), part, o)
	case Binary:
		c.message(opBinary, string(part), part, o)
	case Close:
		c.sendClose(part, o)
	case raxx.Tail:
		if len(part.Trailer) > 0 {
			c.refuse(part, "has a trailer, for which a WebSocket has no place", o)
			return
		}
		c.sendClose(Close{}, o)
	case raxx.Abort:
		c.abort(part, raxx.Aborted, o)
	case raxx.Effect:
		c.effect(part, o)
	default:
		c.refuse(part, "can't be sent over a WebSocket", o)
	}
}

func (c *conn) message(op opcode, payload string, part raxx.Part, o *output) {
	if c.phase != open {
		c.refuse(part, "comes behind a Close (RFC 6455, 5.5.1)", o)
		return
	}
	c.idle.said = true
	o.frame(c.out, op, payload)
}

func (c *conn) effect(effect raxx.Effect, o *output) {
	if after, ok := effect.(raxx.After); ok && after.Name == timerName {
		c.refuse(effect, "has the name of the codec's own timer", o)
		return
	}
	o.part(effect)
}

// LastWords is the Close of a server that has failed, unless there was another one
// (RFC 6455, Section 7.4.1). See [raxx.LastWorder].
func (c conn) LastWords() raxx.Data {
	if c.phase != open && c.phase != failed {
		return ""
	}
	return raxx.Data(c.out.append(nil, opClose, closePayload(InternalError, "")))
}

// BorrowsData is true: what is not decoded at once is copied when it is unmasked.
// See [raxx.Borrower].
func (c conn) BorrowsData() bool { return true }

// Equal reports whether both would do the same from here on. It is for tests.
func (c conn) Equal(d conn) bool {
	if !c.inner.Equal(d.inner) || string(c.in.held.bytes()) != string(d.in.held.bytes()) || c.in.window.text() != d.in.window.text() {
		return false
	}
	c.inner, d.inner = raxx.Machine{}, raxx.Machine{}
	c.in.held, d.in.held = span{}, span{}
	c.in.window.said, d.in.window.said = span{}, span{}
	return c == d
}
