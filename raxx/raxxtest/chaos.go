package raxxtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A Trigger decides for which requests something goes wrong. It may be called
// from many goroutines at once.
type Trigger func(raxx.Request) bool

// Chaos makes something go wrong for the requests that the trigger chooses: fault
// is put around the handler for them. Other requests pass. Faults are [Answer],
// [Crash], [Cut], [Latency], or any middleware.
//
//	h = raxxtest.Chaos(raxxtest.Nth(2), raxxtest.Cut(100))(h)
func Chaos(when Trigger, fault raxx.Middleware) raxx.Middleware {
	return func(next raxx.Handler) raxx.Handler {
		faulty := fault(next)
		return func(req raxx.Request) raxx.Response {
			if when(req) {
				return faulty(req)
			}
			return next(req)
		}
	}
}

// Always is the trigger that chooses every request.
func Always(raxx.Request) bool { return true }

// Nth returns a trigger that chooses the requests with these numbers. The first
// request has the number one.
func Nth(numbers ...int64) Trigger {
	var count atomic.Int64
	return func(raxx.Request) bool {
		n := count.Add(1)
		return slices.Contains(numbers, n)
	}
}

// Every returns a trigger that chooses one in n requests, the nth first. It panics
// if n is less than one.
func Every(n int64) Trigger {
	if n < 1 {
		panic(fmt.Sprintf("raxxtest: Every of %d requests", n))
	}
	var count atomic.Int64
	return func(raxx.Request) bool { return count.Add(1)%n == 0 }
}

// Share returns a trigger that chooses a share of the requests, from 0 to 1. The
// same seed chooses the same ones.
func Share(share float64, seed uint64) Trigger {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, seed))
	return func(raxx.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		return random.Float64() < share
	}
}

// Answer is the fault that resp is answered, and the handler not asked.
func Answer(resp raxx.Response) raxx.Middleware {
	return func(raxx.Handler) raxx.Handler {
		return func(raxx.Request) raxx.Response { return resp }
	}
}

// Crash is the fault that the handler panics with v, when it has done its work.
func Crash(v any) raxx.Middleware {
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			next(req)
			panic(v)
		}
	}
}

// ErrCut is the error of a body that [Cut] has cut.
var ErrCut = errors.New("raxxtest: the body was cut")

// Cut is the fault that the body of the response breaks off behind its first n
// octets, with [ErrCut]. A body that is no longer than that is left as it is. It
// panics if n is negative.
func Cut(n int64) raxx.Middleware {
	if n < 0 {
		panic(fmt.Sprintf("raxxtest: Cut behind %d octets", n))
	}
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			resp := next(req)
			if m, ok := resp.Body.(raxx.Machine); ok {
				resp.Body = raxx.NewMachine(cutMachine{m, n}, cutMachine.step)
				return resp
			}
			return cutBody(resp, n)
		}
	}
}

// cutBody returns resp with a body that is there, cut.
func cutBody(resp raxx.Response, n int64) raxx.Response {
	length := raxx.Length(resp.Body)
	if resp.Body == nil || length >= 0 && length <= n {
		return resp
	}
	body := resp.Body
	cut := raxx.NewStream(length, func(yield func([]byte, error) bool) {
		left := n
		for chunk, err := range raxx.Chunks(body) {
			if err == nil && int64(len(chunk)) > left {
				if left == 0 || yield(chunk[:left], nil) {
					yield(nil, ErrCut)
				}
				return
			}
			left -= int64(len(chunk))
			if !yield(chunk, err) {
				return
			}
		}
	})
	if s, ok := body.(raxx.Stream); ok && s.HasTrailer() {
		cut = cut.WithTrailer(s.Trailer)
	}
	resp.Body = cut
	return resp
}

// A cutMachine breaks off behind left octets.
type cutMachine struct {
	inner raxx.Machine
	left  int64
}

func (m cutMachine) step(event raxx.Event) (cutMachine, []raxx.Part) {
	var parts, sent []raxx.Part
	m.inner, parts = m.inner.Step(event)
	for _, part := range parts {
		switch p := part.(type) {
		case raxx.Response:
			part = cutBody(p, m.left)
		case raxx.Data:
			if int64(len(p)) > m.left {
				p, m.left = p[:m.left], 0
				return m, append(sent, p, raxx.Abort{Cause: raxx.NewCause(ErrCut)})
			}
			m.left -= int64(len(p))
		}
		sent = append(sent, part)
	}
	return m, sent
}

// LastWords are those of the machine within, as far as they come. See
// [raxx.LastWorder].
func (m cutMachine) LastWords() raxx.Data {
	words := m.inner.LastWords()
	return words[:min(int64(len(words)), m.left)]
}

// Latency is the fault that the answer comes late, by d. The handler is called at
// once, and nobody waits for it: the response is a machine that sets a timer. So a
// test makes the time pass with [Server.Advance].
func Latency(d time.Duration) raxx.Middleware {
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			return raxx.Defer(raxx.NewMachine(lateMachine{resp: next(req), delay: d}, lateMachine.step))
		}
	}
}

// latencyTimer is the name of the timer of a late response.
const latencyTimer = "raxx/raxxtest: latency"

// A lateMachine keeps a response back, and what happens meanwhile.
type lateMachine struct {
	resp  raxx.Response
	delay time.Duration
	held  []raxx.Event // until the response is sent
	inner raxx.Machine // that has been sent, if it is one
	sent  bool
}

func (m lateMachine) step(event raxx.Event) (lateMachine, []raxx.Part) {
	if m.sent {
		var parts []raxx.Part
		m.inner, parts = m.inner.Step(event)
		return m, parts
	}
	switch event := event.(type) {
	case raxx.Open:
		m.held = []raxx.Event{event}
		return m, []raxx.Part{raxx.After{Name: latencyTimer, Delay: m.delay}}
	case raxx.Timer:
		if event.Name == latencyTimer {
			return m.send()
		}
	case raxx.Closed:
		return m, nil
	}
	m.held = append(m.held[:len(m.held):len(m.held)], event)
	return m, nil
}

// LastWords are those of the machine that has been sent. See [raxx.LastWorder].
func (m lateMachine) LastWords() raxx.Data { return m.inner.LastWords() }

// send sends the response, and hands its machine what has happened.
func (m lateMachine) send() (lateMachine, []raxx.Part) {
	m.sent = true
	inner, machine := m.resp.Body.(raxx.Machine)
	if m.resp.Body != nil && !machine {
		return m, []raxx.Part{m.resp}
	}
	var parts []raxx.Part
	for _, effect := range m.resp.Do {
		parts = append(parts, effect)
	}
	head := m.resp
	head.Body, head.Do = nil, nil
	m.inner, m.resp = inner, raxx.Response{}
	if head.Status != 0 {
		parts = append(parts, head)
	}
	if !machine {
		// A response without a body that a machine sends is a head only.
		return m, append(parts, raxx.Tail{})
	}
	for _, event := range m.held {
		var more []raxx.Part
		m.inner, more = m.inner.Step(event)
		parts = append(parts, more...)
		if slices.ContainsFunc(more, endsReply) {
			break // it is told nothing more
		}
	}
	m.held = nil
	return m, parts
}

// endsReply reports whether nothing comes behind a part.
func endsReply(part raxx.Part) bool {
	switch part := part.(type) {
	case raxx.Tail, raxx.Abort:
		return true
	case raxx.Response:
		return part.Body != nil
	}
	return false
}
