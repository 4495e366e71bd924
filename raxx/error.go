package raxx

import (
	"errors"
	"fmt"
)

// An Error is an error that knows which reply it deserves. Return one from a
// handler of [Try] or [In], wrapped or not. Status and Detail are for the
// client; Err is for logs.
type Error struct {
	Status int
	Detail string // a sentence for the client; may be empty
	Err    error  // what led to it; may be nil; never sent
}

// Error returns the status, the detail and the text of Err.
func (e *Error) Error() string {
	text := fmt.Sprintf("%d %s", e.Status, StatusText(e.Status))
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Response returns the reply: a problem with the status and the detail.
func (e *Error) Response() Response { return Problem(e.Status, e.Detail).WithCause(e) }

// Equal reports whether both say the same. Their Err is compared by its text.
func (e *Error) Equal(f *Error) bool {
	if e == nil || f == nil {
		return e == f
	}
	return e.Status == f.Status && e.Detail == f.Detail && Cause{e.Err}.Equal(Cause{f.Err})
}

func tooLarge(limit int64) *Error {
	return &Error{Status: StatusContentTooLarge, Detail: fmt.Sprintf("the body is larger than %d bytes", limit)}
}

// A Cause holds the error that led to a response. Two causes are equal if one
// is the other, by [errors.Is], or if they have the same text: so a test can
// write down the cause that it expects.
type Cause struct{ err error }

// NewCause returns the cause that is err.
func NewCause(err error) Cause { return Cause{err} }

// Err returns the error, or nil.
func (c Cause) Err() error { return c.err }

// Equal reports whether both are the same error.
func (c Cause) Equal(d Cause) bool {
	if c.err == nil || d.err == nil {
		return c.err == nil && d.err == nil
	}
	return errors.Is(c.err, d.err) || errors.Is(d.err, c.err) || c.err.Error() == d.err.Error()
}

// String returns the text of the error.
func (c Cause) String() string {
	if c.err == nil {
		return "none"
	}
	return c.err.Error()
}
