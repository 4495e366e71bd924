package process

import "errors"

var (
	// ErrEnded: the process has ended before.
	ErrEnded = errors.New("process: it has ended")
	// errGoexit: a body that was read for the machine has ended its goroutine.
	errGoexit = errors.New("process: the body has ended its goroutine")
	// ErrOverflow: more messages came than the mailbox holds.
	ErrOverflow = errors.New("process: the mailbox is full")
)

// A LinkError is why a process ends that is linked to one that ended with Err.
type LinkError struct{ Err error }

// Error returns the text of Err.
func (e *LinkError) Error() string { return "process: a linked one has ended: " + e.Err.Error() }

// Unwrap returns Err.
func (e *LinkError) Unwrap() error { return e.Err }
