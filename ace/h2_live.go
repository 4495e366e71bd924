package ace

import (
	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/process"
	"github.com/raxx-go/raxx/raxx"
)

// An h2Live is an exchange that a machine answers, over HTTP/2. What is said of
// [live] holds for it, too.
type h2Live struct {
	x         *h2Exchange
	process   *process.Process
	reply     exchange.Live
	opened    bool
	heard     bool           // see live
	inputOver bool           // the machine has been told of the end of the body
	whole     *raxx.Response // what the machine has sent as all of its reply
}

var (
	_ process.Owner = (*h2Live)(nil)
	_ process.Out   = (*h2Live)(nil)
)

// Ready is called when there is something for the machine to do.
func (l *h2Live) Ready() { l.x.c.markReady(l.x) }

// Part sends a part of the reply.
func (l *h2Live) Part(part raxx.Part) error {
	if l.whole != nil {
		return &exchange.ResponseError{Reason: "a part behind a response that is all of the reply"}
	}
	whole, err := l.reply.Part(part, l.x)
	if whole {
		resp := part.(raxx.Response)
		if l.x.extended {
			resp = noOpening(resp)
		}
		l.whole = &resp
	}
	return err
}

// startLive begins an exchange that m answers.
func (x *h2Exchange) startLive(m raxx.Machine) {
	l := &h2Live{x: x}
	l.process = process.New(&x.c.worker.server.env, m, l)
	l.inputOver = x.body == nil && !x.extended
	if x.body != nil {
		x.body.takeOver()
	}
	path := ownPath(x.path)
	x.c.mu.Lock()
	x.live, x.path, x.wasLive = l, path, true
	x.c.mu.Unlock()
	if err := l.begin(); err != nil {
		l.failed(err)
		return
	}
	l.steps()
}

// begin does what the response of the handler says, and hands the machine its
// first event.
func (l *h2Live) begin() (err error) {
	x := l.x
	effects := x.now.Effects()
	l.reply, err = x.now.Begin(x.req, x)
	if err != nil {
		return err
	}
	x.now.Reset()
	x.c.worker.server.exchanges.put(x.now)
	x.now = nil
	if l.reply.Empty() {
		exchange.PublishOnly(effects, x)
		return nil
	}
	if x.body != nil && !l.reply.HeadSent() { // else the head came behind it
		x.c.mu.Lock()
		x.body.sendContinue()
		x.c.mu.Unlock()
	}
	l.process.Do(effects)
	l.opened = true
	return l.process.Handle(raxx.Open{Peer: x.req.Peer}, l)
}

// steps does all that the machine can do without waiting.
func (l *h2Live) steps() {
	l.heard = false
	for range doneAtMost {
		event, ended, err := l.next()
		switch {
		case err != nil:
			l.failed(err)
			return
		case ended:
			l.end()
			return
		case event == nil:
			l.rest()
			return
		}
		if err := l.process.Handle(event, l); err != nil {
			l.failed(err)
			return
		}
	}
	l.Ready() // and go on later
}

// rest lets go of the request, if nobody will need it any more, while the machine
// waits.
func (l *h2Live) rest() {
	if l.reply.HeadSent() && l.x.c.worker.server.config.Trace.ExchangeEnded == nil {
		l.x.req = nil
	}
}

// next returns what happens next, or nil if something has to be waited for.
func (l *h2Live) next() (event raxx.Event, ended bool, err error) {
	x, c := l.x, l.x.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if x.err != nil {
		return nil, false, x.err
	}
	over := l.whole != nil || l.reply.Ended() // what is left is the client's to take
	if err := l.process.Killed(); err != nil && !over {
		return nil, false, err
	}
	if err := l.reply.Err; err != nil {
		return nil, false, err
	}
	if len(x.rest) > 0 {
		return nil, false, nil // drained calls again, also if the end is behind it
	}
	if over || l.reply.Empty() {
		return nil, true, nil
	}
	if x.s.Pending() > 0 {
		return nil, false, nil
	}
	if c.drainedAt != 0 {
		l.process.Drain()
	}
	if !l.heard && !l.inputOver && !l.process.Holds() && l.process.TimeIsUp() {
		l.heard = true
		if event := l.input(); event != nil {
			return event, false, nil
		}
	}
	event, err = l.process.Next()
	if event != nil || err != nil {
		return event, false, err
	}
	if l.process.Holds() {
		l.await(false)
		return nil, false, nil
	}
	return l.input(), false, nil
}

// input returns what has come from the client as an event. The lock is held.
func (l *h2Live) input() raxx.Event {
	x := l.x
	if x.extended && !l.reply.Switched() {
		// RFC 8441, Section 4: there is no body, and what comes on the stream is
		// of the protocol that the machine has not switched to yet.
		return nil
	}
	if data := raxx.Data(x.s.Unread()); len(data) > 0 {
		l.await(false)
		x.c.conn.Take(x.s, len(data))
		return data
	}
	switch {
	case l.inputOver:
	case x.s.Ended():
		l.await(false)
		l.inputOver = true
		return raxx.Tail{Trailer: x.trailer}
	case !x.extended:
		l.await(true)
	}
	return nil
}

// await notes whether the machine waits for the body of the request: until some of
// it comes, whatever else happens to the machine meanwhile. The lock is held.
func (l *h2Live) await(waits bool) {
	x := l.x
	if waits == (x.awaits != 0) {
		return
	}
	if waits {
		x.awaits = x.c.now()
		x.c.awaited++
	} else {
		x.awaits = 0
		x.c.awaited--
	}
}

// end ends an exchange whose machine has sent all of its reply, or all that the
// client takes.
func (l *h2Live) end() {
	x := l.x
	reason := l.reply.Closing()
	if !l.opened {
		reason = 0
	}
	if err := l.process.End(reason, nil); err != nil {
		l.reply.Fault = stepFault(err)
	}
	x.now = x.c.worker.server.exchanges.get()
	x.c.mu.Lock()
	l.await(false)
	x.live = nil
	x.c.mu.Unlock()
	if l.whole != nil {
		x.now.Answer(*l.whole, x.req, x, x.c.worker.server.config.ErrorResponse)
	} else {
		x.now.Outcome = l.reply.Outcome
	}
	x.finish()
}

// failed ends an exchange that can't come to its end by err. A client to which
// nothing has been said is told what is wrong.
func (l *h2Live) failed(err error) {
	x := l.x
	server := x.c.worker.server
	reason, fault, err := blame(err)
	unheard := reason == raxx.ClientGone || reason == raxx.ServerClosed || reason == raxx.Violated
	if !l.opened || l.whole != nil || l.reply.Done() {
		reason = 0 // it has not begun, or has ended by itself
	}
	if again := l.process.End(reason, err); fault == nil && again != nil {
		fault = stepFault(again)
	}
	x.c.mu.Lock()
	l.await(false)
	x.live, x.rest = nil, nil
	x.c.mu.Unlock()
	if x.now == nil {
		x.now = server.exchanges.get()
	}
	x.now.Outcome = l.reply.Outcome
	if l.reply.HeadSent() || unheard {
		x.now.Err = err
		if fault != nil {
			x.now.Fault = fault
		}
		x.finish()
		return
	}
	late := replyTo(err)
	if late == nil {
		x.now.Replace(x.req, err, x, server.config.ErrorResponse)
		x.finish()
		return
	}
	x.c.mu.Lock()
	x.fault, x.err = late, nil // the client can still be told
	x.c.mu.Unlock()
	x.refuse()
}
