package ace

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/h2"
)

// finish ends an exchange whose reply was sent, or can't be. If some of it still
// has to be, nobody has to wait for that: part goes on.
func (x *h2Exchange) finish() {
	c := x.c
	c.mu.Lock()
	if !x.parting && x.now.Err == nil && x.sends() {
		x.parting, x.sent = true, false
		x.refuseBody()
		c.mu.Unlock()
		return
	}
	outcome := x.now.Outcome
	x.now.Reset()
	c.worker.server.exchanges.put(x.now)
	x.now = nil
	x.close(outcome.Err)
	var news announcement
	if x.asked != nil {
		news = announcement{x.asked.tell, context.Cause(x.asked)}
		outcome.Gone = news.cause
	}
	x.endContext(ErrExchangeOver)
	telling := !c.closed && (news.to != nil || c.worker.server.config.Trace.ExchangeEnded != nil)
	if telling {
		c.telling++
	}
	c.mu.Unlock()
	if telling {
		defer c.told()
	}
	x.trace(outcome)
	if news.to != nil {
		c.worker.announce(news, outcome)
	}
}

// told says that everybody was told of the end of an exchange. If the connection has
// ended meanwhile, a drain may have waited for that.
func (c *h2Conn) told() {
	c.mu.Lock()
	last := false
	if c.closed {
		c.left--
		last = c.left == 0
	} else {
		c.telling--
	}
	c.mu.Unlock()
	if last {
		c.worker.server.leaveHandlers(-1)
	}
}

// sends reports whether a part of the reply is still to be sent, and can be. The
// lock is held.
func (x *h2Exchange) sends() bool {
	return x.s.Pending() > 0 && !x.s.Closed() && x.err == nil && !x.c.closed
}

// refuseBody drops what the client sends of a body that nobody will read. The lock is
// held.
func (x *h2Exchange) refuseBody() {
	if x.s.Ended() {
		return
	}
	if x.body != nil {
		x.body.taken = true
		x.input.tell()
	}
	x.c.conn.RefuseBody(x.s)
}

// part ends an exchange all of whose reply has been sent by now, or can't be.
func (x *h2Exchange) part() {
	x.c.mu.Lock()
	if !x.sent && x.err != nil {
		if x.now.Err = x.err; x.whole {
			x.now.Content = 0 // it was one piece
		}
	}
	over := x.sent || x.err != nil // else something else has come meanwhile
	x.c.mu.Unlock()
	if over {
		x.finish()
	}
}

// close lets go of the stream, whose reply is whole if err is nil. The lock is
// held.
func (x *h2Exchange) close(err error) {
	c := x.c
	if err != nil && !x.s.Closed() && !c.closed {
		code := h2.InternalError
		if isTimeLimit(err) {
			code = h2.Cancel
		}
		if _, refused := protocolError(err); !refused {
			c.conn.Reset(x.s, code)
		}
	}
	x.over = true
	x.input.tell()
	c.conn.Forget(x.s)
	c.delist(x)
}

// trace tells of an exchange that has ended.
func (x *h2Exchange) trace(outcome exchange.Outcome) {
	w := x.c.worker
	hook := w.server.config.Trace.ExchangeEnded
	if hook == nil {
		return
	}
	fault := tellSafely(hook, ExchangeEvent{ // there may be no turn any more that a panic could end
		Endpoint: w.endpoint.name, Request: *x.req, Status: outcome.Status, Content: outcome.Content,
		Begun: x.begun, Ended: time.Now(), Fault: outcome.Fault, Err: w.traced(outcome),
	})
	if fault != nil {
		w.cut(fault)
	}
}

// exits ends the work of a goroutine that is being ended itself. If it has the
// turn, that ends the connection.
func (x *h2Exchange) exits() {
	c, detached := x.c, x.leave()
	hasTurn := !detached && !x.alone
	fault := &PanicError{Value: goexit, Stack: debug.Stack()}
	switch {
	case x.live != nil: // it fails when the connection ends
		x.live.reply.Fault = fault
	case x.now != nil:
		x.now.Fault, x.now.Err = fault, fault
		x.finish()
	}
	c.mu.Lock()
	switch {
	case detached:
		c.exited++
	case hasTurn:
		x.rested()
	}
	c.mu.Unlock()
	if !hasTurn {
		x.rests()
	}
}

// exitsDetached reports whether it is a goroutine without the turn that is being
// ended.
func (c *h2Conn) exitsDetached() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.exited == 0 {
		return false
	}
	c.exited--
	return true
}
