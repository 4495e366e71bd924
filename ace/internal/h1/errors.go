package h1

import "fmt"

// A ParseError is a fault of the peer: bytes that are no HTTP/1.1, or that go
// beyond a limit.
type ParseError struct {
	Status  int    // the status to answer with
	Section string // of RFC 9112, unless Reason names another RFC
	Reason  string
}

// Error returns the reason and the section.
func (e *ParseError) Error() string {
	return fmt.Sprintf("h1: %s (RFC 9112, %s)", e.Reason, e.Section)
}

func refuse(status int, section, reason string) *ParseError {
	return &ParseError{status, section, reason}
}

func malformed(section, reason string) *ParseError { return refuse(400, section, reason) }
