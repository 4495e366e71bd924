package ace

import (
	"context"

	"github.com/raxx-go/raxx/raxx"
)

// An h2Conn makes the contexts of its exchanges for those who ask. The connection
// is always read, so there is nothing to begin to watch.
var _ raxx.EndSource = (*h2Conn)(nil)

// h2Context is the context of an exchange for which somebody has asked.
type h2Context struct {
	context.Context
	end  context.CancelCauseFunc
	tell []func(raxx.Ending) // at the end of the exchange
}

// ExchangeContext returns the context of the exchange on a stream: see
// raxx.ContextSource. It may be called by any goroutine.
func (c *h2Conn) ExchangeContext(stream uint64) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if x := c.exchangeOn(stream); x != nil {
		return x.context()
	}
	return over()
}

// OnExchangeEnd has f told of the end of an exchange: see raxx.EndSource.
func (c *h2Conn) OnExchangeEnd(stream uint64, f func(raxx.Ending)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := c.exchangeOn(stream)
	if x == nil {
		return false
	}
	ctx := x.context()
	ctx.tell = append(ctx.tell, f)
	return true
}

// exchangeOn returns the exchange that goes on on a stream, or nil. The lock is held.
func (c *h2Conn) exchangeOn(stream uint64) *h2Exchange {
	for x := c.last; x != nil; x = x.prev {
		if uint64(x.s.ID()) == stream {
			return x
		}
	}
	return nil
}

// context returns the context of the exchange. The lock is held.
func (x *h2Exchange) context() *h2Context {
	if x.asked == nil {
		ctx, end := context.WithCancelCause(context.Background())
		x.asked = &h2Context{Context: ctx, end: end}
		if x.endContext(x.err); x.c.eofAt != 0 {
			x.endContext(ErrClientGone)
		}
	}
	return x.asked
}

// endContext ends the context, if somebody has asked for it and there is a
// reason. The lock is held.
func (x *h2Exchange) endContext(cause error) {
	if x.asked != nil && cause != nil {
		x.asked.end(cause)
	}
}
