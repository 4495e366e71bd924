package raxxtest

import (
	"slices"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

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
