package ace_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

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

// A client that only says that it will send nothing more gets all of a reply that its
// machine has ended, as it does from a handler.
func TestHalfClosedClientGetsWhatAMachineHasEnded(t *testing.T) {
	for name, turns := range map[string]bool{"turns": true, "goroutine": false} {
		t.Run(name, func(t *testing.T) {
			var seen record
			h := machineOf(&seen, func(event raxx.Event) []raxx.Part {
				if _, ok := event.(raxx.Open); ok {
					return parts(raxx.Data(strings.Repeat("x", 1<<20)), raxx.Tail{})
				}
				return nil
			})
			var s *ace.Server
			serveDriven(t, turns, ace.Config{}, h, &s, func(tc *testConn) {
				tc.send(getOne)
				wantSeen(t, &seen, "Open")
				tc.halfClose()
				tc.wantReply(200, strings.Repeat("x", 1<<20))
			})
		})
	}
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

// Whoever waits for the end of the request's context takes nothing from its machine,
// and is told that the client is gone.
func TestContextOfARequestThatAMachineAnswers(t *testing.T) {
	var seen record
	causes := make(chan error, 1)
	var ctx context.Context
	h := func(req raxx.Request) raxx.Response {
		ctx = req.Context()
		context.AfterFunc(ctx, func() { causes <- context.Cause(ctx) })
		return machineOf(&seen, nil)(req)
	}
	serve(t, h, func(tc *testConn) {
		seen.take()
		tc.sendEach(post+"Content-Length: 10\r\n\r\n", "hello", " worl")
		wantSeen(t, &seen, "Open", "Data hello", "Data  worl", "Tail")
		if ctx.Err() != nil {
			t.Errorf("it has ended before: %v", context.Cause(ctx))
		}
		tc.conn.Close()
		if cause := <-causes; !errors.Is(cause, ace.ErrClientGone) {
			t.Errorf("the context has ended: %v", cause)
		}
		wantSeen(t, &seen, "Closed the client has gone away")
	})
}

// A trace is told of an exchange that has become a tunnel, at its end, and so is
// whoever has asked for that.
func TestEndOfATunnel(t *testing.T) {
	var ended []ace.ExchangeEvent
	endings := make(chan raxx.Ending, 1)
	h := func(req raxx.Request) raxx.Response {
		req.Scope.OnEnd(func(e raxx.Ending) { endings <- e })
		return raxx.Response{Status: 101, Header: raxx.Header{{Name: "upgrade", Value: "echo"}}, Body: raxx.NewMachine(diary{new(record), func(event raxx.Event) []raxx.Part {
			switch event := event.(type) {
			case raxx.Data:
				return parts(event)
			case raxx.Tail:
				return parts(raxx.Tail{})
			}
			return nil
		}}, diary.step)}
	}
	config := ace.Config{Trace: ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) { ended = append(ended, e) }}}
	for name, end := range map[string]func(*testConn){"a regular end": (*testConn).halfClose, "a reset": func(tc *testConn) { tc.conn.Reset() }} {
		t.Run(name, func(t *testing.T) {
			serveWith(t, config, h, func(tc *testConn) {
				ended = nil
				tc.send("GET /tunnel HTTP/1.1\r\n" + host + "Upgrade: echo\r\nConnection: upgrade\r\n\r\nhello")
				if tc.receive(); !strings.HasSuffix(string(tc.got), "hello") || len(ended) != 0 {
					t.Fatalf("got %q, and %d exchanges have ended", tc.got, len(ended))
				}
				end(tc)
				tc.receive()
				synctest.Wait()
				if len(ended) != 1 {
					t.Fatalf("a trace is told of %d exchanges", len(ended))
				}
				told := <-endings
				if told.Status != 101 || told.Reason != 0 != (name == "a reset") {
					t.Errorf("who has asked is told of %+v", told)
				}
				e := ended[0]
				if e.Request.Path != "/tunnel" || e.Status != 101 || e.Fault != nil || errors.Is(e.Err, ace.ErrClientGone) != (name == "a reset") {
					t.Errorf("the trace is told of %s, status %d, fault %v, error %v", e.Request.Path, e.Status, e.Fault, e.Err)
				}
			})
		})
	}
}
