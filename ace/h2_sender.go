package ace

import (
	"errors"
	"io/fs"
	"time"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/h2"
	"github.com/raxx-go/raxx/raxx"
)

// The methods below make an h2Exchange the exchange.Sender of its stream.
var _ exchange.Sender = (*h2Exchange)(nil)

// Publish sends a message to those who subscribe to its topic.
func (x *h2Exchange) Publish(p raxx.Publish) { x.c.worker.server.hub.Publish(p.Topic, p.Message) }

// Patience says how long the client may keep the exchange waiting.
func (x *h2Exchange) Patience(p raxx.Patience) {
	x.c.mu.Lock()
	defer x.c.mu.Unlock()
	x.patient = orDefault(p.Limit, x.c.worker.server.limits.progress)
}

// patience is how long the client may keep the exchange waiting. The lock is held.
func (x *h2Exchange) patience() time.Duration {
	if x.patient != 0 {
		return x.patient
	}
	return x.c.worker.server.limits.progress
}

// SendInform gathers an interim response, as over HTTP/1.1.
func (x *h2Exchange) SendInform(status int, header raxx.Header) error {
	c := x.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := x.broken(); err != nil {
		return err
	}
	out := c.output()
	c.out.b = c.conn.AppendInform(out, x.s, status, header)
	return nil
}

// SendHead sends the head of the reply.
func (x *h2Exchange) SendHead(r *exchange.Reply) error {
	switch {
	case r.Status == 101 && !x.extended:
		return &ResponseError{Reason: "status 101 in reply to a request that asks for no other protocol"}
	case opensTunnel(r.Status) && x.extended:
		return &ResponseError{Reason: "a status that would open the tunnel of an extended CONNECT, and is not 101 (RFC 8441, 5)"}
	}
	if r.Ready() && x.live == nil && x.c.worker.server.config.Trace.ExchangeEnded == nil {
		x.leave()
	}
	c := x.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := x.broken(); err != nil {
		return err
	}
	if r.Close {
		c.warn()
		c.worker.conn.kick() // only a turn looks at the time
	}
	if r.Streams() && x.body != nil && !x.s.Ended() && len(x.s.Unread()) == 0 {
		x.body.sendContinue() // the reply may be made from the body
	}
	empty := r.NoContent || r.Length == 0 && r.Ready() && !r.Trailer && x.live == nil
	x.whole = r.Ready() && !r.Trailer && !empty && x.live == nil
	out := c.output()
	c.out.b = c.conn.AppendHead(out, x.s, &h2.Head{
		Status: r.Status,
		Header: r.Header,
		Length: r.Length,
		Date:   c.worker.server.date.at(c.now()),
		End:    empty,
	})
	x.ended = empty
	if r.Streams() && x.live == nil {
		c.flush()
	}
	return nil
}

// broken returns why nothing more can be sent. The lock is held.
func (x *h2Exchange) broken() error {
	cause := x.c.worker.cause.Load()
	switch {
	case x.err != nil:
		return x.err
	case cause != nil: // it also makes writes fail
		return *cause
	case x.c.closed, x.s.Closed():
		return ErrClientGone
	}
	return x.c.failure
}

// SendData sends content that is never changed.
func (x *h2Exchange) SendData(p []byte) error {
	c := x.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := x.broken(); err != nil {
		return err
	}
	if x.s.Pending() > 0 || len(x.rest) > 0 {
		x.rest = append(x.rest, p)
		return nil
	}
	x.ended = x.whole
	out := c.output()
	c.out.b = c.conn.Send(out, x.s, p, x.whole)
	return nil
}

// SendChunk sends content, and waits until that is done: nothing refers to p
// afterwards.
func (x *h2Exchange) SendChunk(p []byte) error {
	c := x.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := x.broken(); err != nil {
		return err
	}
	out := c.output()
	c.out.b = c.conn.Send(out, x.s, p, false)
	c.flush()
	if x.s.Pending() > 0 && (c.bell == nil || !c.unwritten()) {
		c.worker.conn.kick() // only a turn looks at the time, and a writer with nothing to write asks for none
	}
	for x.s.Pending() > 0 {
		if err := x.broken(); err != nil {
			c.conn.Reset(x.s, h2.Cancel) // before p is anybody else's
			c.flush()
			return err
		}
		x.wait(&x.room, 0)
	}
	return x.broken()
}

// SendFile sends a part of a file.
func (x *h2Exchange) SendFile(f fs.File, n int64) error {
	b := x.c.worker.server.buffers.getBody()
	defer x.c.worker.server.buffers.put(b)
	x.c.worker.conn.blocks() // a file may have to be read from a disk
	for n > 0 {
		got, err := f.Read(b.b[:min(int64(cap(b.b)), n)])
		if got > 0 {
			if err := x.SendChunk(b.b[:got]); err != nil {
				return err
			}
			n -= int64(got)
		}
		if err != nil && n > 0 {
			return fileFault(err)
		}
	}
	return nil
}

// SendTail ends the reply.
func (x *h2Exchange) SendTail(trailer raxx.Header) error {
	c := x.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if x.ended {
		return nil
	}
	if err := x.broken(); err != nil {
		return err
	}
	if len(x.rest) > 0 {
		x.tail, x.ending = trailer, true
		return nil
	}
	x.ended = true
	out := c.output()
	c.out.b = c.conn.SendTrailer(out, x.s, trailer)
	return nil
}

// drained says that what was pending has been sent. The lock is held.
func (x *h2Exchange) drained() {
	c := x.c
	if len(x.rest) > 0 && !x.s.Closed() {
		next := x.rest[0]
		if x.rest = x.rest[1:]; len(x.rest) == 0 {
			x.rest = nil
		}
		// Nothing of it is sent here, where the buffer is being filled.
		c.conn.Send(nil, x.s, next, false)
		if len(x.rest) == 0 && x.ending {
			x.ended = true
			c.conn.SendTrailer(nil, x.s, x.tail)
			x.tail = nil
		}
		return
	}
	x.sent = x.err == nil
	x.came()
}

// isTimeLimit reports whether err says that the client took too long: to go on, or
// to take what others have published.
func isTimeLimit(err error) bool {
	return errors.Is(err, ErrTimeout) || errors.Is(err, ErrClientGone) || errors.Is(err, ErrOverflow)
}
