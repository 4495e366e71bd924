package ace_test

import (
	"errors"
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// A reply that is made from the body goes out with its first piece. If there is none,
// since the body is malformed or breaks off, its head goes nowhere, and the client is
// told what was wrong; so is the trace, which has no fault of the handler to tell.
func TestReplyWhoseBodyIsMalformed(t *testing.T) {
	for _, tt := range []struct {
		name    string
		does    func(*testConn)
		section string
	}{
		{"malformed", func(tc *testConn) { tc.send("zz\r\n") }, "7.1"},
		{"broken off", func(tc *testConn) { tc.halfClose() }, "8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var events chan ace.ExchangeEvent
			config := ace.Config{Trace: ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) { events <- e }}}
			serveWith(t, config, func(req raxx.Request) raxx.Response {
				if req.Method == "GET" {
					return hello(req)
				}
				return raxx.Reply(200, "text/plain", promise(5, req.Body.(raxx.Stream)))
			}, func(tc *testConn) {
				events = make(chan ace.ExchangeEvent, 2)
				tc.send(getOne, postChunked)
				tc.advance(time.Second)
				tt.does(tc)
				tc.advance(time.Second)
				tc.wantReply(200, "hello")
				tc.wantReply(400, "*", "connection: close")
				tc.wantClosed()
				<-events
				var protocol *ace.ProtocolError
				if e := <-events; e.Status != 400 || e.Fault != nil || !errors.As(e.Err, &protocol) || protocol.Section != tt.section {
					t.Errorf("the trace was told of %d, %v, fault %v", e.Status, e.Err, e.Fault)
				}
			})
		})
	}
}

// The trace is told who has sent what can't be read.
func TestTraceOfAHeadThatIsNone(t *testing.T) {
	for name, does := range map[string]func(*testConn){
		"malformed": func(tc *testConn) { tc.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") },
		"late":      func(tc *testConn) { tc.send("GET / HTTP/1.1\r\nHo"); tc.advance(11 * time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			var events chan ace.ExchangeEvent
			config := ace.Config{Trace: ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) { events <- e }}}
			serveWith(t, config, hello, func(tc *testConn) {
				events = make(chan ace.ExchangeEvent, 1)
				does(tc)
				e := <-events
				var protocol *ace.ProtocolError
				if e.Request.Scheme != "http" || e.Request.Peer.Address != "client" || !errors.As(e.Err, &protocol) || e.Status != protocol.Status {
					t.Errorf("the trace was told of %+v", e)
				}
			})
		})
	}
}

// A client that goes amid a head has not come to a regular end.
func TestTraceOfHalfAHead(t *testing.T) {
	var closed chan error
	config := ace.Config{Trace: ace.Trace{ConnectionClosed: func(e ace.ConnectionEvent) { closed <- e.Err }}}
	serveWith(t, config, hello, func(tc *testConn) {
		closed = make(chan error, 1)
		tc.send("GET / HT")
		tc.halfClose()
		if err := <-closed; !errors.Is(err, ace.ErrClientGone) {
			t.Errorf("the connection ended by %v", err)
		}
	})
}
