package ace

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"

	"github.com/raxx-go/raxx/raxx"
)

// exchangeContexts is a worker as what makes the contexts of its exchanges for those
// who ask. An exchange for which nobody does costs one atomic operation.
type exchangeContexts worker

// contexts returns the worker as what makes contexts.
func (w *worker) contexts() *exchangeContexts { return (*exchangeContexts)(w) }

var _ raxx.EndSource = (*exchangeContexts)(nil)

// An exchangeContext is the context of one exchange. The connection is watched
// from the first call of Done or Err.
type exchangeContext struct {
	context.Context
	cancel context.CancelCauseFunc
	source *exchangeContexts
	id     uint64
	wanted atomic.Bool         // somebody waits for its end
	tell   []func(raxx.Ending) // at its end; the worker's watchMu guards it
}

// Done returns a channel that is closed when the client goes away, and when the
// exchange is over.
func (c *exchangeContext) Done() <-chan struct{} {
	c.source.want(c)
	return c.Context.Done()
}

// Err returns nil while the exchange goes on.
func (c *exchangeContext) Err() error {
	c.source.want(c)
	return c.Context.Err()
}

// over is the context of exchanges that have ended.
func over() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(ErrExchangeOver)
	return ctx
}

// ExchangeContext returns the context of an exchange: see raxx.ContextSource. It
// may be called by any goroutine.
func (s *exchangeContexts) ExchangeContext(id uint64) context.Context {
	if c := s.asked.Load(); c != nil && c.id == id {
		return c
	}
	s.watchMu.Lock()
	defer s.watchMu.Unlock()
	if s.exchangeID.Load() != id {
		return over()
	}
	if c := s.asked.Load(); c != nil && c.id == id {
		return c
	}
	c := &exchangeContext{source: s, id: id}
	c.Context, c.cancel = context.WithCancelCause(context.Background())
	s.asked.Store(c)
	if cause := s.cause.Load(); cause != nil {
		c.cancel(*cause)
	}
	if s.exchangeID.Load() != id { // it ended in between, and did not see c
		c.cancel(ErrExchangeOver)
	}
	return c
}

// OnExchangeEnd has f told of the end of an exchange: see raxx.EndSource.
func (s *exchangeContexts) OnExchangeEnd(id uint64, f func(raxx.Ending)) bool {
	c, ok := s.ExchangeContext(id).(*exchangeContext)
	if !ok {
		return false
	}
	s.watchMu.Lock()
	defer s.watchMu.Unlock()
	if s.exchangeID.Load() != id {
		return false
	}
	c.tell = append(c.tell, f)
	return true
}

// want starts to watch the connection on behalf of c.
func (s *exchangeContexts) want(c *exchangeContext) {
	if c.wanted.Load() {
		return
	}
	s.watchMu.Lock()
	defer s.watchMu.Unlock()
	c.wanted.Store(true)
	s.update()
}

// update starts or stops to watch, as it should be. The lock is held.
func (s *exchangeContexts) update() {
	c := s.asked.Load()
	should := c != nil && c.id == s.exchangeID.Load() && c.wanted.Load() && !s.watchPaused
	switch {
	case should && !s.watching:
		s.conn.watch(func() { c.cancel(ErrClientGone) })
	case !should && s.watching:
		s.conn.unwatch()
	}
	s.watching = should
}

// pauseWatch makes the connection free for a read.
func (s *exchangeContexts) pauseWatch() { s.pause(true) }

// resumeWatch says that the read is over.
func (s *exchangeContexts) resumeWatch() { s.pause(false) }

func (s *exchangeContexts) pause(paused bool) {
	s.watchMu.Lock()
	defer s.watchMu.Unlock()
	s.watchPaused = paused
	s.update()
}

// end ends the exchange that is going on: its context, and the right to ask for
// one. It returns what is to be announced.
func (s *exchangeContexts) end() announcement {
	s.exchangeID.Add(1)
	c := s.asked.Load()
	if c == nil {
		return announcement{}
	}
	s.watchMu.Lock()
	s.update()
	s.asked.Store(nil)
	a := announcement{c.tell, context.Cause(c.Context)}
	s.watchMu.Unlock()
	c.cancel(ErrExchangeOver)
	return a
}

// gone ends the context because the client has gone away, also for those who ask for
// it afterwards.
func (s *exchangeContexts) gone() {
	s.ExchangeContext(s.exchangeID.Load())
	s.cut(ErrClientGone)
}

// cut ends the context for another reason. It may be called by any goroutine.
func (s *exchangeContexts) cut(cause error) {
	if c := s.asked.Load(); c != nil {
		c.cancel(cause)
	}
}

// isGone reports whether err is how the network says that the peer has closed
// the connection, or can't be reached any more.
func isGone(err error) bool {
	for _, gone := range []error{
		ErrClientGone, io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed,
		syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED, syscall.ETIMEDOUT, syscall.EHOSTUNREACH, syscall.ENETUNREACH,
	} {
		if errors.Is(err, gone) {
			return true
		}
	}
	return false
}
