package ace_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// A machine that has said nothing yet gets the body of a client that waits to be
// asked for it.
func TestMachineAsksForTheBody(t *testing.T) {
	var seen record
	answer := func(event raxx.Event) []raxx.Part {
		if _, ok := event.(raxx.Tail); ok {
			return parts(raxx.Text(200, "thanks"))
		}
		return nil
	}
	serve(t, deferred(&seen, answer), func(tc *testConn) {
		seen.take()
		tc.send(post, "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
		tc.wantContinue()
		wantSeen(t, &seen, "Open")
		tc.send("hello")
		tc.wantReply(200, "thanks")
	})
}

// A client that goes away while it does not read ends its exchange at once, and
// not when it has taken too long. (Where a worker has a goroutine of its own, that
// waits in a write.)
func TestClientGoesAwayWithoutReading(t *testing.T) {
	var seen record
	var told, closed error
	config := ace.Config{Trace: ace.Trace{
		ExchangeEnded:    func(e ace.ExchangeEvent) { told = e.Err },
		ConnectionClosed: func(e ace.ConnectionEvent) { closed = e.Err },
	}}
	h := machineOf(&seen, func(event raxx.Event) []raxx.Part {
		if _, ok := event.(raxx.Open); ok {
			return parts(raxx.Data(strings.Repeat("x", 1<<20)))
		}
		return nil
	})
	var s *ace.Server
	serveDriven(t, true, config, h, &s, func(tc *testConn) {
		tc.send(getOne)
		wantSeen(t, &seen, "Open")
		tc.halfClose()
		wantSeen(t, &seen, "Closed the client has gone away")
		if !errors.Is(told, ace.ErrClientGone) || !errors.Is(closed, ace.ErrClientGone) {
			t.Errorf("the trace was told %v of the exchange and %v of the connection, want %v", told, closed, ace.ErrClientGone)
		}
	})
}

// Nor does a machine that has to end wait for a client that does not read.
func TestOverflowOfAMachineWhoseClientDoesNotRead(t *testing.T) {
	var seen record
	var s *ace.Server
	h := func(req raxx.Request) raxx.Response {
		return machineOf(&seen, func(event raxx.Event) []raxx.Part {
			if _, ok := event.(raxx.Open); ok {
				return parts(raxx.Data(strings.Repeat("x", 1<<20)))
			}
			return nil
		})(req).WithDo(raxx.Subscribe{Topic: "t"})
	}
	serveDriven(t, true, ace.Config{MaxMailbox: 2}, h, &s, func(tc *testConn) {
		tc.send(getOne)
		wantSeen(t, &seen, "Open")
		for range 3 {
			s.Publish("t", "m")
		}
		wantSeen(t, &seen, "Closed the mailbox is full")
	})
}
