package nethttp

import (
	"errors"
	"fmt"
)

// A PanicError is the panic of an http.Handler, which happened on a goroutine of
// its own. [FromHTTP] panics with it where the server of the request sees it.
type PanicError struct {
	Value any    // what the handler panicked with
	Stack []byte // of its goroutine
}

// Error returns the text of the value.
func (e *PanicError) Error() string { return fmt.Sprint(e.Value) }

// Trace returns the stack as text. A server that recovers the panic puts it before
// that of its own goroutine.
func (e *PanicError) Trace() string { return string(e.Stack) }

// Unwrap returns the value, if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

var (
	// ErrBodyRead: the body of the request is a stream, and somebody has begun to
	// read it before. raxx.Complete makes a body that can be read again.
	ErrBodyRead = errors.New("nethttp: the body has been read before")
	// ErrNoUpgrade: the handler wants to speak another protocol, and the
	// http.ResponseWriter that it was given has no way to do so.
	ErrNoUpgrade = errors.New("nethttp: this connection can't be used for another protocol")
	// ErrNoFlush: a machine answers behind a net/http middleware whose
	// http.ResponseWriter can't be flushed. What the machine says would not
	// reach the client before its end, which may never come.
	ErrNoFlush = errors.New("nethttp: a machine behind a ResponseWriter that has no Flush")
)

// errGoexit is what becomes of a reply whose handler has ended its goroutine.
var errGoexit = errors.New("nethttp: the handler has ended its goroutine")

// errLate is the error of a write that comes when the reply is over.
var errLate = errors.New("nethttp: the reply is over")
