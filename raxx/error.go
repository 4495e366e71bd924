package raxx

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// An Error is an error that knows which reply it deserves. Return one from a
// handler of [Try] or [In], wrapped or not. Status, Detail and Header are for
// the client; Err is for logs.
type Error struct {
	Status int    // of the reply; if zero, 500
	Detail string // a sentence for the client; may be empty
	Header Header // what such a reply needs: allow for 405, www-authenticate for 401; may be nil
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

// Response returns the reply: a problem with the status and the detail, and the
// fields of Header behind its own.
func (e *Error) Response() Response {
	resp := Problem(e.Status, e.Detail).WithCause(e)
	resp.Header = concat(resp.Header, e.Header)
	return resp
}

// Equal reports whether both say the same. Their Err is compared by its text.
func (e Error) Equal(f Error) bool {
	return e.Status == f.Status && e.Detail == f.Detail && slices.Equal(e.Header, f.Header) &&
		Cause{e.Err}.Equal(Cause{f.Err})
}

func tooLarge(limit int64) *Error {
	return &Error{Status: StatusContentTooLarge, Detail: fmt.Sprintf("the body is larger than %d bytes", limit)}
}

// clip bounds what an error repeats of that which a client sent.
func clip(s string) string { return cut(s, 64) }

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return s[:most] + "..."
}

// A clippedError is an error whose text may repeat what a client sent, however
// long: it cuts the text, so that no log is filled by requests.
type clippedError struct{ error }

func (e clippedError) Error() string { return cut(e.error.Error(), 200) }

func (e clippedError) Unwrap() error { return e.error }

// unsupported is the error of a body that is not of the media type want.
func unsupported(want string) *Error {
	// RFC 9110, Section 15.5.16: accept tells what would have been taken.
	return &Error{
		Status: StatusUnsupportedMediaType, Detail: "the content type must be " + want, Header: Header{{"accept", want}},
	}
}

// A Cause holds the error that led to a response. Two causes are equal if one
// is the other, by [errors.Is], or if they have the same text: so a test can
// write down the cause that it expects. A test that expects a response and does
// not care for its cause compares resp.WithCause(nil).
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
	return isError(c.err, d.err) || isError(d.err, c.err) || c.err.Error() == d.err.Error()
}

// isError is [errors.Is], but for a target that "==" panics on: one of a type that
// can be compared, which holds what can't.
func isError(err, target error) bool {
	v := reflect.ValueOf(target)
	return (v.Comparable() || !v.Type().Comparable()) && errors.Is(err, target)
}

// String returns the text of the error, or "none".
func (c Cause) String() string {
	if c.err == nil {
		return "none"
	}
	return c.err.Error()
}
