package nethttp

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// A callContext is the context of a request that an http.Handler sees. It ends
// when the handler has returned, when the client has gone away, and when nobody
// wants the reply any more.
//
// It asks for the context of the exchange only when somebody asks it for more than
// the call: a server that is asked for the context watches the connection from
// then on.
type callContext struct {
	call *call

	mu     sync.Mutex
	parent context.Context // of the exchange; nil until it was asked for
	own    context.Context // within parent; nil until somebody waits for its end
	cancel context.CancelCauseFunc
	cause  error // it has ended

	givenUp  bool          // nobody takes the reply
	unwanted chan struct{} // closed then; nil: nobody has asked
}

// Causes of the end of a context.
var (
	errReturned = errors.New("nethttp: the handler has returned")
	errUnwanted = errors.New("nethttp: nobody takes the reply")
)

// callKey is the key of the call in its context.
type callKey struct{}

// callOf returns the call that a request belongs to, or nil. One that is over may have
// left its context to work that goes on.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	if c == nil {
		return nil
	}
	select {
	case <-c.done:
		return nil
	default:
		return c
	}
}

// Deadline returns that of the exchange.
func (c *callContext) Deadline() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.exchange().Deadline()
}

// Done returns a channel that is closed at the end.
func (c *callContext) Done() <-chan struct{} { return c.derived().Done() }

// Err returns nil until the end.
func (c *callContext) Err() error { return c.derived().Err() }

// Value returns the call, the http.Server that stands for the real one, or a value
// of the exchange: what middleware has set under a raxx.Key is among them.
func (c *callContext) Value(key any) any {
	switch key {
	case callKey{}:
		return c.call
	case http.ServerContextKey:
		return c.call.server
	}
	c.mu.Lock()
	ctx := c.own
	if ctx == nil {
		ctx = c.exchange()
	}
	c.mu.Unlock()
	return ctx.Value(key)
}

// exchange returns the context of the exchange. The lock is held.
func (c *callContext) exchange() context.Context {
	if c.parent == nil {
		c.parent = c.call.req.Context()
	}
	return c.parent
}

// derived returns the context that end ends.
func (c *callContext) derived() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own == nil {
		c.own, c.cancel = context.WithCancelCause(c.exchange())
		if c.cause != nil {
			c.cancel(c.cause)
		}
	}
	return c.own
}

// end ends the context. The first cause counts.
func (c *callContext) end(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cause == errUnwanted && c.unwanted != nil && !c.givenUp {
		close(c.unwanted)
	}
	c.givenUp = c.givenUp || cause == errUnwanted
	if c.cause == nil {
		c.cause = cause
	}
	if c.cancel != nil {
		c.cancel(c.cause)
	}
}

// gone returns why the context has ended.
func (c *callContext) gone() error { return context.Cause(c.derived()) }

// ended returns the error of the exchange's context if that has ended, as somebody has
// learned who waited for it, before the handler has returned: what it made of that is
// not its fault.
func (c *callContext) ended() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own == nil || c.parent.Err() == nil || c.cause != nil && c.cause != errReturned {
		return nil
	}
	return c.parent.Err()
}

// notWanted returns a channel that is closed when nobody takes the reply. The
// exchange may end before that, and its machine be told of it.
func (c *callContext) notWanted() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unwanted == nil {
		c.unwanted = make(chan struct{})
		if c.givenUp {
			close(c.unwanted)
		}
	}
	return c.unwanted
}
