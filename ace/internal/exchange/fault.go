package exchange

import (
	"fmt"
	"runtime/debug"
	"slices"
)

// A PanicError is a handler's panic, recovered.
type PanicError struct {
	Value any    // what it panicked with
	Stack []byte // of the goroutine, as runtime/debug prints it
}

// NewPanicError returns the error of a panic with v that was recovered on this
// stack. A value that brings a stack as text was recovered before, on another
// goroutine, and has been passed on: that stack, which tells more, comes first.
func NewPanicError(v any, stack []byte) *PanicError {
	if traced, ok := v.(interface{ Trace() string }); ok {
		stack = slices.Concat([]byte(traced.Trace()), []byte("\n"), stack)
	}
	return &PanicError{v, stack}
}

// Error returns the text of the value.
func (e *PanicError) Error() string { return fmt.Sprintf("ace: the handler panicked: %v", e.Value) }

// Unwrap returns the value, if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// A ResponseError says why a response can't be sent as the handler made it.
type ResponseError struct {
	Reason string
	Err    error // what led to it; may be nil
}

// Error returns the reason, and the error that led to it.
func (e *ResponseError) Error() string {
	if e.Err != nil {
		return "ace: " + e.Reason + ": " + e.Err.Error()
	}
	return "ace: " + e.Reason
}

// Unwrap returns the error that led to it.
func (e *ResponseError) Unwrap() error { return e.Err }

func unsendable(format string, args ...any) *ResponseError {
	return &ResponseError{Reason: fmt.Sprintf(format, args...)}
}

// recovered, deferred, turns a panic into an error.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = NewPanicError(v, debug.Stack())
	}
}
