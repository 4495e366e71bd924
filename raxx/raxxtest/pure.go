package raxxtest

import (
	"slices"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// Pure checks that the machine in resp is a pure function, as [raxx.Step] asks
// for: it takes every step twice, from the same state, and fails t if the second
// one returns other parts than the first. So what a step writes into a state that
// it shares is found. A machine that does something besides, such as storing what
// comes, does it twice.
//
// The first event is Open, which comes by itself, as in [Run].
func Pure(t testing.TB, resp raxx.Response, events ...raxx.Event) {
	t.Helper()
	m, ok := resp.Body.(raxx.Machine)
	if !ok {
		t.Errorf("the body is a %T, not a machine", resp.Body)
		return
	}
	open, events := splitOpen(events)
	for i, event := range append([]raxx.Event{open}, events...) {
		next, first := m.Step(event)
		first = slices.Clone(first)
		_, second := m.Step(event)
		if !slices.EqualFunc(first, second, func(a, b raxx.Part) bool { return same(a, b) }) {
			t.Errorf("event %d, a %T: the step returns %v, and from the same state again %v", i, event, first, second)
			return
		}
		m = next
	}
}
