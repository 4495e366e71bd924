package sse

import (
	"fmt"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// MediaType is the content type of an event stream.
const MediaType = "text/event-stream"

// Stream answers a request with an event stream: the events that m returns. A HEAD
// request gets the head alone, and m is not used.
//
// The events of m are those of every machine: [raxx.Open], [raxx.Info],
// [raxx.Timer], [raxx.Pulled], [raxx.Drain], [raxx.Closed], and [raxx.Data] and [raxx.Tail] if
// the request has a body that has not been read. Its parts are [Event],
// [Comment], [raxx.Tail] without a trailer, effects, and [raxx.Abort]. What else
// a stream needs is done for it: see the package's documentation.
//
// It panics with an [*EventError] if [Event.Check] refuses config.Lost.
func Stream(req raxx.Request, config Config, m raxx.Machine) raxx.Response {
	if err := config.Lost.Check(); err != nil {
		panic(err)
	}
	resp := head()
	if req.Method == raxx.MethodHead {
		return resp
	}
	s := stream{inner: m, finite: config.Finite, heartbeat: config.heartbeat(), retry: config.retry(req)}
	if last := LastEventID(req); last != "" && config.History != nil {
		s.catch = &catchUp{history: config.History, last: last, lost: config.Lost}
	}
	resp.Body = raxx.NewMachine(s, stream.step)
	return resp
}

// head returns the response of an event stream, without its body.
func head() raxx.Response {
	return raxx.Response{Status: raxx.StatusOK, Header: raxx.Header{
		{Name: "content-type", Value: MediaType},
		// What is told once is of no use to anybody later.
		{Name: "cache-control", Value: "no-store"},
		// Proxies that gather responses before they send them know this one.
		{Name: "x-accel-buffering", Value: "no"},
	}}
}

// LastEventID returns the ID of the last event that the client has seen before
// it lost the connection, or "".
func LastEventID(req raxx.Request) string { return req.Header.Get("last-event-id") }

// timerName is the name of the one timer that a stream has beside those of the
// machine within.
const timerName = "raxx/sse"

// A stream is the state of the machine that stands around the application's:
// events go out of it as text.
type stream struct {
	inner     raxx.Machine
	finite    bool
	heartbeat time.Duration // negative: none
	retry     time.Duration // of the farewell; 0: none
	catch     *catchUp      // nil once there is nothing to catch up on
}

// A PartError says that a machine returned a part that can't be part of an event
// stream. It is the cause of the [raxx.Abort] that follows.
type PartError struct {
	Part   raxx.Part
	Reason string
}

// Error names the type of the part and the reason.
func (e *PartError) Error() string { return fmt.Sprintf("sse: a %T %s", e.Part, e.Reason) }

func (s stream) step(event raxx.Event) (stream, []raxx.Part) {
	if timer, ok := event.(raxx.Timer); ok && timer.Name == timerName {
		return s.tick()
	}
	var o output
	var parts []raxx.Part
	s.inner, parts = s.inner.Step(event)
	for _, part := range parts {
		if s.send(part, &o); o.broken {
			return s, o.flush()
		}
	}
	_, drains := event.(raxx.Drain)
	if drains && !s.finite || o.ended {
		s.end(drains, &o)
		return s, o.flush()
	}
	if _, opens := event.(raxx.Open); opens {
		if first := s.firstTick(); first >= 0 {
			o.part(raxx.After{Name: timerName, Delay: first})
		}
	}
	return s, o.flush()
}

// end ends the stream, because the machine has said so or the server drains. What
// the client has missed comes before: a stream that is over already when a client
// comes back would else never be sent to it.
func (s *stream) end(drains bool, o *output) {
	if s.catch != nil && s.catch.sent == nil {
		s.catch = s.catch.replay(o)
	}
	if drains {
		o.text = Event{Retry: s.retry}.append(o.text)
	}
	o.part(raxx.Tail{})
}

// send sends a part of the machine within.
func (s *stream) send(part raxx.Part, o *output) {
	if _, effect := part.(raxx.Effect); o.ended && !effect {
		o.abort(&PartError{part, "comes behind the end of the stream"})
		return
	}
	switch part := part.(type) {
	case Event:
		if err := part.Check(); err != nil {
			o.abort(err)
			break
		}
		if s.catch == nil {
			o.text = part.append(o.text)
			break
		}
		s.catch = s.catch.take(part, o)
	case Comment:
		o.text = part.append(o.text)
	case raxx.Tail:
		if len(part.Trailer) > 0 {
			o.abort(&PartError{part, "with a trailer is nothing that a client of an event stream reads"})
			break
		}
		o.ended = true
	case raxx.Abort:
		o.breakOff(part)
	case raxx.Effect:
		if after, ok := part.(raxx.After); ok && after.Name == timerName {
			o.abort(&PartError{part, "has the name of the stream's own timer"})
			break
		}
		o.part(part)
	default:
		o.abort(&PartError{part, "can't be part of an event stream"})
	}
}

// firstTick returns when the stream's own timer is to come first; negative if
// never. Without a delay it comes when the machine's subscriptions stand.
func (s stream) firstTick() time.Duration {
	if s.catch != nil {
		return 0
	}
	return s.heartbeat
}

// tick is the stream's own timer: at first it brings what the client has missed,
// then heartbeats.
func (s stream) tick() (stream, []raxx.Part) {
	var o output
	next := s.heartbeat
	switch {
	case s.catch == nil:
		o.text = append(o.text, ":\n\n"...)
	case s.catch.sent == nil:
		s.catch = s.catch.replay(&o)
		if next < 0 {
			next = defaultHeartbeat // to forget what the replay brought, if for nothing else
		}
	default:
		// By now nothing comes twice: what was published before the replay has
		// been handed over.
		s.catch = nil
		if s.heartbeat >= 0 {
			o.text = append(o.text, ":\n\n"...)
		}
	}
	if next >= 0 {
		o.part(raxx.After{Name: timerName, Delay: next})
	}
	return s, o.flush()
}

// Equal reports whether both would do the same from here on. It is for tests.
func (s stream) Equal(t stream) bool {
	return s.inner.Equal(t.inner) && s.finite == t.finite && s.heartbeat == t.heartbeat && s.retry == t.retry && s.catch.equal(t.catch)
}
