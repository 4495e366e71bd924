package raxxtest

import (
	"errors"
	"slices"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// An Exchange is a request and its answer, driven by hand: a test hands it
// events and looks at the parts that come out. [Server.Serve] and [Start] make
// one. It is used by one goroutine at a time, the one that uses its [Server].
//
// Each part is checked as a server would check it. One that breaks a rule is
// not taken: in its place stands a [raxx.Abort] whose cause is a [*RuleError],
// and the machine gets the event Closed with the reason Unsendable.
type Exchange struct {
	server  *Server
	machine raxx.Machine
	running bool // the machine gets events
	reply   reply
	parts   []raxx.Part
	content []byte // that the client has been sent
	taken   int    // of parts, by Take
	err     error
	topics  []string
	timers  []timer
	pulls   []*pull
	sated   func() bool // when a stream has been read far enough; nil: see maxContent
}

// maxContent is how much of a stream is read before it counts as one that never
// ends.
const maxContent = raxx.DefaultBodyLimit

// ErrEndless is the cause with which a body is broken off when 8 MiB of it have
// been read. Read a body that never ends in pieces, with [raxx.Chunks].
var ErrEndless = errors.New("raxxtest: the body goes on after 8 MiB; read it with raxx.Chunks, piece by piece")

// Start begins to drive the response of a handler. If its body is a machine, that
// machine has got its [raxx.Open]. The exchange has a [Server] of its own; see
// [Exchange.Server].
func Start(resp raxx.Response) *Exchange {
	return NewServer(nil).start(raxx.MethodGet, resp, raxx.Open{})
}

// Run hands a response the events, one after the other, and returns all parts that
// come: so the test of a machine is a comparison of two lists. Nothing else
// happens: no message that the machine publishes comes back to it, and no timer
// ends that is not among the events. [raxx.Open] comes first by itself, if it is
// not among them.
//
// The list begins with the effects in Do and the head, if there is one, without
// them and the body. A response without a machine is a list by itself: of the
// one part that it is, or, if the body is a stream, of its head, its chunks and
// a Tail. A stream that fails ends with an Abort whose cause is its error. What a
// machine says last when it fails ([raxx.LastWorder]) stands in front of the Abort.
func Run(resp raxx.Response, events ...raxx.Event) []raxx.Part {
	open, events := splitOpen(events)
	s := NewServer(nil)
	s.still = true
	x := s.start(raxx.MethodGet, resp, open)
	x.Send(events...)
	return x.Parts()
}

// splitOpen returns the Open that comes first, by itself if it is not among the
// events, and what comes behind it.
func splitOpen(events []raxx.Event) (raxx.Open, []raxx.Event) {
	if len(events) > 0 {
		if open, ok := events[0].(raxx.Open); ok {
			return open, events[1:]
		}
	}
	return raxx.Open{}, events
}

// Send hands events to the machine and returns the parts that have come since the
// last Send, Take or Advance. A machine that has ended gets no event any more.
//
// Messages that are published meanwhile reach the machines that subscribe. Time
// stands still: a timer, even one without a delay, comes with [Exchange.Advance]
// only.
func (x *Exchange) Send(events ...raxx.Event) []raxx.Part {
	for _, event := range events {
		x.handle(event)
		x.server.deliver()
	}
	return x.Take()
}

// Advance is [Server.Advance]. It returns the parts of x that have come since the
// last Send, Take or Advance.
func (x *Exchange) Advance(d time.Duration) []raxx.Part {
	x.server.Advance(d)
	return x.Take()
}

// Take returns the parts that have come since the last Send, Take or Advance.
func (x *Exchange) Take() []raxx.Part {
	parts := slices.Clone(x.parts[x.taken:])
	x.taken = len(x.parts)
	return parts
}

// Server returns the server that the exchange takes place at.
func (x *Exchange) Server() *Server { return x.server }

// Parts returns all that has come, as [Run] does.
func (x *Exchange) Parts() []raxx.Part { return slices.Clone(x.parts) }

// Head returns the head that the client has seen, without body, trailer and
// effects, and reports whether there has been one.
func (x *Exchange) Head() (raxx.Response, bool) { return x.reply.head, x.reply.headed }

// Content returns the content that the client has been sent so far.
func (x *Exchange) Content() raxx.Data { return raxx.Data(x.content) }

// Ended reports whether the exchange is over: nothing more comes.
func (x *Exchange) Ended() bool { return !x.running }

// Err returns why the client was not sent a whole answer, or nil: a [*RuleError],
// the error of a stream, the cause of an Abort, or a [*ClosedError].
func (x *Exchange) Err() error { return x.err }

// Response returns the complete response that says what the client has seen; see
// [raxx.Collect]. The error is that of [Exchange.Err], or says that the answer
// has not ended.
func (x *Exchange) Response() (raxx.Response, error) {
	if x.err != nil {
		return raxx.Response{}, x.err
	}
	if x.running {
		return raxx.Response{}, errors.New("raxxtest: the exchange has not ended")
	}
	resp := x.reply.head.WithBody(raxx.Data(x.content))
	resp.Trailer = x.reply.trailer
	return resp, nil
}

// Topics returns the topics that the machine subscribes to, in the order in
// which it did.
func (x *Exchange) Topics() []string { return slices.Clone(x.topics) }

// A ClosedError says that an exchange was closed before its answer was whole.
type ClosedError struct{ Reason raxx.Reason }

// Error returns the reason in words.
func (e *ClosedError) Error() string {
	return "raxxtest: the exchange was closed: " + e.Reason.String()
}
