package ace_test

import (
	"context"
	"testing"

	"github.com/raxx-go/raxx/ace"
)

// A hook that takes long holds up what it is told of, and nothing else.
func TestHooksThatBlock(t *testing.T) {
	const blocked = 8 // more than there are pollers
	onAce := func(t *testing.T, test func(t *testing.T, e engine)) {
		onEngines(t, func(t *testing.T, e engine) {
			if e.under != "" || e.stack {
				t.Skip("it makes no difference")
			}
			test(t, e)
		})
	}
	t.Run("ExchangeEnded", func(t *testing.T) {
		onAce(t, func(t *testing.T, e engine) {
			begun, release := make(chan bool), make(chan bool)
			c := e.newClient(t, hello, ace.Config{Trace: ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) {
				if e.Request.Path == "/block" {
					begun <- true
					<-release
				}
			}}})
			for range blocked {
				other := *c
				other.http = other.transport()
				t.Cleanup(other.http.CloseIdleConnections)
				go other.http.RoundTrip(other.request(t.Context(), ask{method: "GET", target: "/block"}, new(answer)))
				within(t, begun, "the hook is called")
			}
			for range 20 {
				if got := c.ask(ask{method: "GET", target: "/"}); got.body != "hello" {
					t.Fatalf("got %+v", got)
				}
			}
			close(release)
		})
	})
	t.Run("ConnectionClosed", func(t *testing.T) {
		onAce(t, func(t *testing.T, e engine) {
			begun, release := make(chan bool), make(chan bool)
			c := e.newClient(t, hello, ace.Config{Trace: ace.Trace{ConnectionClosed: func(e ace.ConnectionEvent) {
				select {
				case begun <- true:
					<-release
				case <-release:
				}
			}}})
			for range blocked {
				other := *c
				other.http = other.transport()
				ctx, cancel := context.WithCancel(t.Context())
				other.open(ctx, ask{method: "GET", target: "/"}).Body.Close()
				cancel()
				other.http.CloseIdleConnections()
				within(t, begun, "the hook is called")
			}
			for range 20 {
				if got := c.ask(ask{method: "GET", target: "/"}); got.body != "hello" {
					t.Fatalf("got %+v", got)
				}
			}
			close(release)
		})
	})
}
