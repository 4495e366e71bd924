package h2

import "github.com/raxx-go/raxx/raxx"

// A Kind says what has happened.
type Kind uint8

// The kinds of events.
const (
	// NoEvent means that more has to come first.
	NoEvent Kind = iota
	// RequestEvent: a request has come on Stream. End tells that it has no
	// body. Status, if it is not 0, is what to refuse it with: 431, if its
	// header is too large.
	RequestEvent
	// DataEvent: there is more in Stream.Unread. End tells that it is all.
	DataEvent
	// TrailerEvent: the body of Stream has ended, with Trailer.
	TrailerEvent
	// ResetEvent: Stream has been closed before its time, by the peer with
	// Code, or because of the fault of the peer that Err names.
	ResetEvent
	// RefusedEvent: a frame did not become a request, or was for a stream that
	// is closed; Err says why. It is for traces.
	RefusedEvent
	// GoAwayEvent: the peer is about to leave, for the reason Code. It may still
	// open streams.
	GoAwayEvent
)

// An Event is something that a driver has to know. A driver uses one again and
// again; what it wants to keep, it copies.
type Event struct {
	Kind    Kind
	End     bool
	Status  int
	Code    Code
	Stream  *Stream
	Request raxx.Request
	Trailer raxx.Header
	Err     *StreamError
}

func (ev *Event) reset() {
	if ev.Kind != NoEvent {
		*ev = Event{}
	}
}
