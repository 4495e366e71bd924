package middleware

import (
	"slices"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A timeoutMachine is a machine that has to send its head in time.
type timeoutMachine struct {
	inner  raxx.Machine
	after  time.Duration // the whole time, which names the timer
	left   time.Duration // when the machine was made
	headed bool          // or it will never come
	over   bool          // it has timed out
}

// timer returns the name of the timer. Of two timers of one name the later one
// is set anew: both are of the same time, so it does not matter which machine
// sees its end.
func (m *timeoutMachine) timer() string { return "raxx/middleware: Timeout " + m.after.String() }

func (m timeoutMachine) step(event raxx.Event) (timeoutMachine, []raxx.Part) {
	if m.over {
		return m, nil
	}
	if timer, ok := event.(raxx.Timer); ok && timer.Name == m.timer() {
		if m.headed {
			return m, nil // it went off before it was stopped
		}
		return m.timedOut()
	}
	var parts []raxx.Part
	m.inner, parts = m.inner.Step(event)
	if m.headed {
		return m, parts
	}
	_, opened := event.(raxx.Open)
	for i, part := range parts {
		if _, head := part.(raxx.Response); head {
			m.headed = true
			if opened {
				return m, parts
			}
			return m, slices.Insert(slices.Clone(parts), i, raxx.Part(raxx.After{Name: m.timer(), Delay: -1}))
		}
	}
	if opened {
		parts = append(parts[:len(parts):len(parts)], raxx.After{Name: m.timer(), Delay: max(m.left, 0)})
	}
	return m, parts
}

// timedOut ends the machine: it may still publish that it has ended.
func (m timeoutMachine) timedOut() (timeoutMachine, []raxx.Part) {
	m.over, m.headed = true, true
	var parts []raxx.Part
	m.inner, parts = closeMachine(m.inner, raxx.TimedOut)
	return m, append(parts, timedOut())
}

// closeMachine tells a machine that its exchange is over, and returns what it
// publishes then.
func closeMachine(m raxx.Machine, reason raxx.Reason) (raxx.Machine, []raxx.Part) {
	m, parts := m.Step(raxx.Closed{Reason: reason})
	var published []raxx.Part
	for _, part := range parts {
		if publish, ok := part.(raxx.Publish); ok {
			published = append(published, publish)
		}
	}
	return m, published
}

// BorrowsData is true if it is for the machine within; see [raxx.Borrower].
func (m timeoutMachine) BorrowsData() bool { return m.inner.Borrows() }

// LastWords are those of the machine within; see [raxx.LastWorder].
func (m timeoutMachine) LastWords() raxx.Data { return m.inner.LastWords() }

// Equal reports whether both stand around equal machines and have come as far.
func (m timeoutMachine) Equal(n timeoutMachine) bool {
	return m.after == n.after && m.headed == n.headed && m.over == n.over && m.inner.Equal(n.inner)
}
