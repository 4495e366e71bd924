package raxxtest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// errLaw is the error that handlers and bodies fail with; errPanic is what they
// panic with.
var errLaw, errPanic = errors.New("an error of the handler"), errors.New("a panic of the handler")

// errLate ends a stream that is pulled faster than it is sent.
var errLate = errors.New("raxxtest: the stream is pulled, but not sent")

// A probe is what a handler on trial notes about one exchange.
type probe struct {
	seen func() raxx.Data // what the client can read so far; nil: nothing is being sent

	called  int          // how often the handler was
	req     raxx.Request // that it was called with
	body    raxx.Data    // of the request: what the handler and the machine got
	bodyEnd string       // how it ended: "", "tail", "error" or "data"
	trailer raxx.Header  // of the request
	pulled  int          // chunks of the response
	opened  bool         // the stream of the response was asked for anything
	closed  bool         // and it has been let go of
	late    string       // what was held back of the response
	kept    string       // what was held back of the request's body
	events  []raxx.Event // that the machine got, but for the request's body

	guards []func() string
}

// header returns a copy of h with room behind it, and keeps watch over both.
func (p *probe) header(h ...raxx.Field) raxx.Header { return guarded(p, "a header", h) }

// parts returns a copy of the parts, and keeps watch over it.
func (p *probe) parts(parts []raxx.Part) []raxx.Part { return guarded(p, "the parts of a step", parts) }

// guarded returns a copy of list with room behind it. Nobody may write to it.
func guarded[E any](p *probe, name string, list []E) []E {
	mine := append(make([]E, 0, len(list)+2), list...)
	before := slices.Clone(mine[:cap(mine)])
	p.guards = append(p.guards, func() string {
		for i, e := range mine[:cap(mine)] {
			if !same(e, before[i]) {
				return fmt.Sprintf("somebody wrote %v into place %d of %s that is not theirs", e, i, name)
			}
		}
		return ""
	})
	return mine
}

// same compares what is in a header or a step. The body of a response may hold a
// function: of a stream, its head tells enough.
func same(a, b any) bool {
	ra, isA := a.(raxx.Response)
	rb, isB := b.(raxx.Response)
	if isA && isB {
		return ra.Status == rb.Status && slices.Equal(ra.Header, rb.Header) && slices.Equal(ra.Trailer, rb.Trailer) &&
			sameBody(ra.Body, rb.Body)
	}
	return isA == isB && reflect.DeepEqual(a, b)
}

func sameBody(a, b raxx.Body) bool {
	switch a := a.(type) {
	case raxx.Data:
		return b == raxx.Body(a)
	case raxx.File:
		file, ok := b.(raxx.File)
		return ok && a.Equal(file)
	}
	return reflect.TypeOf(a) == reflect.TypeOf(b)
}

// stream returns a stream that finds out when it is pulled faster than it is
// sent. It spoils each chunk when it is asked for the next. Then it fails with
// err, if there is one; with errPanic it panics.
func (p *probe) stream(length int64, err error, chunks ...string) raxx.Stream {
	return raxx.NewStream(length, func(yield func([]byte, error) bool) {
		p.opened = true
		defer func() { p.closed = true }()
		var sent strings.Builder
		for _, chunk := range chunks {
			if !p.pull(sent.String()) {
				yield(nil, errLate)
				return
			}
			buf := []byte(chunk)
			more := yield(buf, nil)
			spoil(buf)
			if !more {
				return
			}
			sent.WriteString(chunk)
		}
		p.fail(err, yield)
	})
}

// fail ends a stream with an error, if there is one.
func (p *probe) fail(err error, yield func([]byte, error) bool) {
	if err == errPanic {
		panic(err)
	}
	if err != nil {
		yield(nil, err)
	}
}

// pull notes that one more chunk was asked for, when the ones before it made up
// sent. It reports whether they have reached the client.
func (p *probe) pull(sent string) bool {
	p.pulled++
	if p.seen == nil {
		return p.pulled < 100 // the law about pulling finds this
	}
	if !strings.HasPrefix(string(p.seen()), sent) {
		p.late = fmt.Sprintf("chunk %d of a stream was asked for before the client had been sent the %d bytes before it", p.pulled, len(sent))
		return false
	}
	return true
}

// upload returns the body of a request, which finds out when it is read faster
// than the handler or its machine gets it. It ends with err, if there is one.
func (p *probe) upload(err error, chunks ...string) raxx.Stream {
	all := chunksThen(err, chunks...)
	return raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		read := 0
		for chunk, err := range all.Chunks() {
			if read > len(p.body) {
				p.kept = fmt.Sprintf("more of the request's body was asked for when %d of the %d bytes before it had been handed on", len(p.body), read)
			}
			read += len(chunk)
			if !yield(chunk, err) {
				return
			}
		}
	})
}

// machine returns a machine that answers the nth event with the nth parts, and
// notes the events. It puts the events of the request's body aside.
func (p *probe) machine(script ...[]raxx.Part) raxx.Machine {
	return raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
		switch event := event.(type) {
		case raxx.Data:
			p.body += event
			return n, nil
		case raxx.Tail:
			p.bodyEnd, p.trailer = "tail", event.Trailer
			return n, nil
		}
		p.events = append(p.events, event)
		if n >= len(script) {
			return n, nil
		}
		if len(script[n]) == 1 && script[n][0] == panics {
			panic(errPanic)
		}
		return n + 1, p.parts(script[n])
	})
}

// A wordy is a machine that has last words.
type wordy struct{ raxx.Machine }

func (w wordy) step(event raxx.Event) (next wordy, parts []raxx.Part) {
	next.Machine, parts = w.Step(event)
	return next, parts
}

// LastWords is what it says when it has failed.
func (wordy) LastWords() raxx.Data { return "the end" }

// Equal reports whether the machines are equal.
func (w wordy) Equal(v wordy) bool { return w.Machine.Equal(v.Machine) }

// echo returns a machine that answers the request's body with what is in it, piece
// by piece or, if its head is deferred, at the end.
func (p *probe) echo(head ...raxx.Part) raxx.Machine {
	end := func() []raxx.Part { return append(p.parts(head), p.body, publish, raxx.Tail{}) }
	return raxx.NewMachine(struct{}{}, func(s struct{}, event raxx.Event) (struct{}, []raxx.Part) {
		switch event := event.(type) {
		case raxx.Open:
			if _, comes := p.req.Body.(raxx.Stream); !comes || p.bodyEnd != "" {
				return s, end()
			}
		case raxx.Data:
			if p.body += event; len(head) == 0 {
				return s, []raxx.Part{event}
			}
		case raxx.Tail:
			p.bodyEnd, p.trailer = "tail", event.Trailer
			if len(head) == 0 {
				return s, []raxx.Part{publish, raxx.Tail{}}
			}
			return s, end()
		}
		return s, nil
	})
}

// panics is a part that stands for a panic of the step.
var panics raxx.Part = raxx.Abort{Cause: raxx.NewCause(errPanic)}
