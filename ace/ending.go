package ace

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/raxx"
)

// An announcement is to be made to those who asked for the end of an exchange.
type announcement struct {
	to []func(raxx.Ending)
	// cause is why the context of the exchange has ended before; nil: it has not.
	cause error
}

// announce tells them how the exchange has ended: the last one first, as deferred
// functions are called. What they do may take long, so they have a goroutine, and
// the server is not idle before it is done.
func (w *worker) announce(a announcement, outcome exchange.Outcome) {
	if outcome.Err != nil && a.cause != nil {
		// A stream that ends early because its context has ended is not to blame.
		outcome.Err = a.cause
	}
	outcome.Err = w.endCause(outcome.Err)
	ending := endingOf(outcome)
	s := w.server
	s.mu.Lock()
	s.announcing++
	s.mu.Unlock()
	go func() {
		defer func() {
			if v := recover(); v != nil {
				w.cut(&PanicError{Value: v, Stack: debug.Stack()})
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.announcing--
			s.checkIdle()
		}()
		for _, f := range a.to {
			defer f(ending) // each is called, whatever another one does
		}
	}()
}

// because returns the error of a reply whose context has ended by cause before: a
// stream that ends early then, and calls that an error, is not why.
func because(cause, err error) error {
	if fault := (*ResponseError)(nil); cause != nil && errors.As(err, &fault) {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

// endingOf says in the words of package raxx how an exchange has ended.
func endingOf(o exchange.Outcome) raxx.Ending {
	ending := raxx.Ending{Status: o.Status, Content: o.Content, Cause: raxx.NewCause(o.Fault)}
	if o.Err == nil {
		return ending
	}
	reason, _, cause := blame(o.Err)
	var panicked *PanicError
	if errors.As(o.Err, &panicked) {
		reason = raxx.Aborted
	}
	ending.Reason, ending.Cause = reason, raxx.NewCause(cause)
	return ending
}
