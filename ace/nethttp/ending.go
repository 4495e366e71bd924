package nethttp

import (
	"context"
	"errors"
	"sync"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/raxx"
)

// A scope is an exchange as handlers know it: its context, and its end.
type scope struct {
	ctx context.Context

	mu   sync.Mutex
	tell []func(raxx.Ending)
	over bool
}

var _ raxx.EndSource = (*scope)(nil)

// ExchangeContext returns the context of the request.
func (s *scope) ExchangeContext(uint64) context.Context { return s.ctx }

// OnExchangeEnd has f told of the end of the exchange.
func (s *scope) OnExchangeEnd(_ uint64, f func(raxx.Ending)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return false
	}
	s.tell = append(s.tell, f)
	return true
}

// end tells how the exchange has ended: the last one who asked first.
func (s *scope) end(o exchange.Outcome) {
	s.mu.Lock()
	tell := s.tell
	s.tell, s.over = nil, true
	s.mu.Unlock()
	if tell == nil {
		return
	}
	ending := raxx.Ending{Status: o.Status, Content: o.Content, Cause: raxx.NewCause(o.Fault)}
	if o.Err != nil {
		ending.Reason, _ = blame(o.Err)
		var panicked *exchange.PanicError
		if ending.Reason == 0 || errors.As(o.Err, &panicked) {
			ending.Reason = raxx.Aborted
		}
		ending.Cause = raxx.NewCause(o.Err)
	}
	for _, f := range tell {
		defer f(ending) // each is called, whatever another one does
	}
}
