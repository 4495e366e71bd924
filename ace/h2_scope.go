package ace

import (
	"context"
	"sync"

	"github.com/raxx-go/raxx/raxx"
)

// An h2Scope makes the context of an exchange if somebody asks for it. A
// connection of HTTP/2 is always read, so there is nothing to begin to watch.
type h2Scope struct {
	mu     sync.Mutex
	ctx    context.Context // nil: nobody has asked
	cancel context.CancelCauseFunc
	cause  error // why it has ended; nil: it has not
}

var _ raxx.ContextSource = (*h2Scope)(nil)

// ExchangeContext returns the context: see raxx.ContextSource.
func (s *h2Scope) ExchangeContext(uint64) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx == nil {
		s.ctx, s.cancel = context.WithCancelCause(context.Background())
		if s.cause != nil {
			s.cancel(s.cause)
		}
	}
	return s.ctx
}

// end ends the context, now or when it is asked for.
func (s *h2Scope) end(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause != nil {
		return
	}
	s.cause = cause
	if s.cancel != nil {
		s.cancel(cause)
	}
}
