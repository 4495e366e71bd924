package ace

import (
	"context"

	"github.com/raxx-go/raxx/raxx"
)

// An h2Conn makes the contexts of its exchanges for those who ask. The connection
// is always read, so there is nothing to begin to watch.
var _ raxx.ContextSource = (*h2Conn)(nil)

// h2Context is the context of an exchange for which somebody has asked.
type h2Context struct {
	context.Context
	end context.CancelCauseFunc
}

// ExchangeContext returns the context of the exchange on a stream: see
// raxx.ContextSource. It may be called by any goroutine.
func (c *h2Conn) ExchangeContext(stream uint64) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	for x := c.last; x != nil; x = x.prev {
		if uint64(x.s.ID()) == stream {
			return x.context()
		}
	}
	return over()
}

// context returns the context of the exchange. The lock is held.
func (x *h2Exchange) context() context.Context {
	if x.asked == nil {
		ctx, end := context.WithCancelCause(context.Background())
		x.asked = &h2Context{ctx, end}
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
