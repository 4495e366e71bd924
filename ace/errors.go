package ace

import (
	"errors"
	"io"
	"strings"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/h1"
)

// A ProtocolError is a fault of the client: it sent what is no HTTP, or went
// beyond a limit.
type ProtocolError struct {
	Status  int    // of the reply; 0 if there is none, as for most faults over HTTP/2
	Section string // of RFC 9112 or, over HTTP/2, RFC 9113, such as "6.1"
	Reason  string // what it did, which may name another RFC
	Err     error  // the protocol's own error
}

// Error returns the reason, with the section.
func (e *ProtocolError) Error() string { return "ace: " + e.text() }

// Unwrap returns the protocol's own error.
func (e *ProtocolError) Unwrap() error { return e.Err }

// text returns the reason with the section, unless it names another RFC itself.
func (e *ProtocolError) text() string {
	if strings.Contains(e.Reason, "(RFC ") {
		return e.Reason
	}
	return e.Reason + " (RFC 9112, " + e.Section + ")"
}

// A PanicError is a handler's panic, or its call of runtime.Goexit. Its Stack is
// that of the goroutine. If the panic happened on another goroutine, the stack of
// that one stands first: middleware.Timeout and nethttp.FromHTTP pass it on, by a
// value with a method Trace() string.
type PanicError = exchange.PanicError

// An AbortError is the end of a reply that its machine broke off with raxx.Abort.
type AbortError = exchange.AbortError

// A ResponseError is a response that can't be sent: a field that would split the
// message, a length that is not true, a body that ended with an error.
type ResponseError = exchange.ResponseError

// Errors that end exchanges and connections. They are found with errors.Is in
// the errors of request bodies, in context.Cause of a request's context, and in
// trace events.
var (
	// ErrClientGone: the client closed the connection, or it was lost.
	ErrClientGone = errors.New("ace: the client has gone away")
	// ErrTimeout: the client took longer than a limit of [Config] allows.
	ErrTimeout = errors.New("ace: the client took too long")
	// ErrServerClosed: the server was closed, or the time to drain was over. A
	// server that was shut down or closed also returns it when it is told to serve
	// again.
	ErrServerClosed = errors.New("ace: the server is closed")
	// ErrExchangeOver: the reply has been sent; what belonged to its exchange
	// can't be used any more.
	ErrExchangeOver = errors.New("ace: the exchange is over")
	// ErrOverflow: more messages came for a machine than its mailbox holds,
	// since its client reads too slowly.
	ErrOverflow = errors.New("ace: the mailbox is full")
	// ErrBodyRead: the body of the request is a stream, and it has been read to
	// its end before. raxx.Complete makes a body that can be read again.
	ErrBodyRead = errors.New("ace: the body has been read before")
)

// protocolError returns err as a ProtocolError if it is the fault of a protocol.
func protocolError(err error) (*ProtocolError, bool) {
	var protocol *ProtocolError
	if errors.As(err, &protocol) {
		return protocol, true
	}
	var parse *h1.ParseError
	if !errors.As(err, &parse) {
		return h2ProtocolError(err)
	}
	return &ProtocolError{parse.Status, parse.Section, strings.TrimSpace(parse.Reason), parse}, true
}

// isFault reports whether err is the fault of the handler's side. What has led to
// it may be an error of a network, but not of the client's.
func isFault(err error) bool {
	var (
		response *ResponseError
		panicked *PanicError
	)
	return errors.As(err, &response) || errors.As(err, &panicked)
}

// fileFault is the fault of a file that can't be read to its end because of err.
func fileFault(err error) error {
	if err == io.EOF {
		return &ResponseError{Reason: "the file of the response has become shorter"}
	}
	return &ResponseError{Reason: "the file of the response can't be read", Err: err}
}
