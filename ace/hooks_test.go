package ace_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// A hook that panics costs the connection that it is told of, and no other; where that
// is over, nothing.
func TestHooksThatPanic(t *testing.T) {
	for _, e := range engines {
		if e.under != "" || e.stack {
			continue
		}
		for _, name := range []string{"ConnectionOpened", "HandshakeEnded", "ExchangeEnded", "ConnectionClosed"} {
			if name == "HandshakeEnded" && !e.tls {
				continue
			}
			t.Run(e.name+" "+name, func(t *testing.T) {
				var armed atomic.Bool
				panics := func(hook string) {
					if hook == name && armed.Load() {
						panic("on purpose")
					}
				}
				closed := make(chan error, 1)
				c := e.newClient(t, hello, ace.Config{Trace: ace.Trace{
					ConnectionOpened: func(ace.ConnectionEvent) { panics("ConnectionOpened") },
					HandshakeEnded:   func(ace.HandshakeEvent) { panics("HandshakeEnded") },
					ExchangeEnded:    func(ace.ExchangeEvent) { panics("ExchangeEnded") },
					ConnectionClosed: func(event ace.ConnectionEvent) {
						if armed.Load() {
							select {
							case closed <- event.Err:
							default: // the client has tried again
							}
						}
						panics("ConnectionClosed")
					},
				}})
				armed.Store(true)
				c.ask(ask{method: "GET", target: "/"})
				if name == "ConnectionClosed" {
					c.http.CloseIdleConnections()
				}
				err := within(t, closed, "the connection ends")
				armed.Store(false)
				var panicked *ace.PanicError
				if got, want := errors.As(err, &panicked), name != "ConnectionClosed"; got != want || want && panicked.Value != "on purpose" {
					t.Errorf("the connection ended by %v", err)
				}
				c.http.CloseIdleConnections()
				if got := c.ask(ask{method: "GET", target: "/"}); got.status != 200 || got.body != "hello" {
					t.Errorf("behind it: %+v", got)
				}
			})
		}
	}
}

// So does one that is told of exchanges that end with their connection, and it is told
// of each.
func TestHooksThatPanicAtTheEnd(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		opened, told, closed := make(chan bool, 2), make(chan bool, 2), make(chan bool, 1)
		c := e.newClient(t, body(reacts(func(event raxx.Event) []raxx.Part {
			if _, ok := event.(raxx.Open); ok {
				opened <- true
			}
			return nil
		})), ace.Config{Trace: ace.Trace{
			ExchangeEnded: func(ace.ExchangeEvent) {
				told <- true
				panic("on purpose")
			},
			ConnectionClosed: func(ace.ConnectionEvent) { closed <- true },
		}})
		p := c.h2Dial()
		for _, stream := range []uint32{1, 3} {
			p.ask(stream, "GET /")
			within(t, opened, "the machine begins")
		}
		c.server.Close()
		within(t, told, "the trace is told of an exchange")
		within(t, told, "and of the other")
		within(t, closed, "the connection ends")
		if err := c.server.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

// A brokenBroker panics whatever it is asked.
type brokenBroker struct{}

func (brokenBroker) Publish(topic, message string) error { panic("out of tea") }

func (brokenBroker) Subscribe(topic string, deliver func(string)) (func(), error) {
	panic("out of tea")
}

// What panics in a broker is its failure, also where a machine is told of its end: as
// one is that says goodbye to the others.
func TestBrokerThatPanics(t *testing.T) {
	for _, e := range engines {
		if e.under != "" || e.stack {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			failures := make(chan ace.BrokerEvent, 3)
			c := e.newClient(t, func(req raxx.Request) raxx.Response {
				if req.Path == "/" {
					return hello(req)
				}
				return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
					switch event.(type) {
					case raxx.Open:
						return []raxx.Part{raxx.Subscribe{Topic: "subscribe"}, raxx.Data("x")}
					case raxx.Closed:
						return []raxx.Part{raxx.Publish{Topic: "goodbye"}}
					}
					return nil
				}))
			}, ace.Config{Broker: brokenBroker{}, Trace: ace.Trace{BrokerFailed: func(event ace.BrokerEvent) {
				failures <- event
				panic("and so does the hook")
			}}})
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			resp := c.open(ctx, ask{method: "GET", target: "/chat"})
			for _, want := range []string{"subscribe", "goodbye"} {
				event := within(t, failures, want)
				var panicked *ace.PanicError
				if event.Topic != want || !errors.As(event.Err, &panicked) || panicked.Value != "out of tea" || len(panicked.Stack) == 0 {
					t.Errorf("the trace was told of %q, %v; want %q", event.Topic, event.Err, want)
				}
				leave()
			}
			resp.Body.Close()
			c.http.CloseIdleConnections()
			if got := c.ask(ask{method: "GET", target: "/"}); got.body != "hello" {
				t.Errorf("behind it: %+v", got)
			}
		})
	}
}
