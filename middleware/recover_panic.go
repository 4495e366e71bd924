package middleware

import (
	"fmt"
	"runtime"
	"strings"
)

// A PanicError is a panic that was recovered.
type PanicError struct {
	Value any // what it panicked with
	// Stack is where it happened, the innermost call first, down to the
	// middleware that recovered it.
	Stack []Frame
}

// A Frame is a call on a stack.
type Frame struct {
	Function string
	File     string
	Line     int
}

// Error returns the text of the value.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value, if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Trace returns the stack as text, two lines a call. If the value brings a stack of
// its own, since the panic happened on another goroutine and was passed on, that one
// comes first.
func (e *PanicError) Trace() string {
	var b strings.Builder
	if traced, ok := e.Value.(interface{ Trace() string }); ok {
		b.WriteString(strings.TrimSpace(traced.Trace()) + "\n\n")
	}
	for _, f := range e.Stack {
		fmt.Fprintf(&b, "%s\n\t%s:%d\n", f.Function, f.File, f.Line)
	}
	return b.String()
}

// maxFrames bounds what is kept of a stack, which may have overflowed.
const maxFrames = 64

// newPanicError is called by the deferred function that has recovered v. A panic
// that was recovered on another goroutine and went on here keeps its stack.
func newPanicError(v any) *PanicError {
	if p, ok := v.(*PanicError); ok {
		return p
	}
	return &PanicError{v, panicStack()}
}

// panicStack returns the calls between the panic and the middleware. While a
// deferred function runs, the frames of the panic are still below it.
func panicStack() (stack []Frame) {
	pcs := make([]uintptr, maxFrames)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	panicked := false
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			panicked, stack = true, stack[:0] // the innermost panic is not the first one
		case !panicked, len(stack) == 0 && strings.HasPrefix(f.Function, "runtime."):
		case isRecovering(f.Function):
			return stack
		default:
			stack = append(stack, Frame{f.Function, f.File, f.Line})
		}
		if !more {
			return stack
		}
	}
}

// isRecovering reports whether a function is one of those that recover panics.
func isRecovering(function string) bool {
	_, name, ok := strings.Cut(function, "raxx/middleware.")
	return ok && (name == "(*Recover).call" || name == "recoverMachine.step" ||
		strings.HasPrefix(name, "recoverGuard.pull") || strings.HasPrefix(name, "(*timeoutCall)."))
}
