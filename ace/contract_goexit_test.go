package ace_test

import (
	"context"
	"io"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// A handler that ends its goroutine, as a test does by FailNow, costs its connection
// and nothing else, and a trace is told whose fault it was.
func TestContractGoexit(t *testing.T) {
	machine := raxx.NewMachine(0, func(int, raxx.Event) (int, []raxx.Part) {
		runtime.Goexit()
		return 0, nil
	})
	kinds := map[string]func() raxx.Response{
		"a handler": func() raxx.Response { runtime.Goexit(); return raxx.Response{} },
		"a stream": func() raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				yield([]byte("abc"), nil)
				runtime.Goexit()
			})}
		},
		"a machine": func() raxx.Response { return raxx.Response{Status: 200, Body: machine} },
	}
	for name, exits := range kinds {
		t.Run(name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, e engine) {
				exchanges := make(chan ace.ExchangeEvent, 10*runtime.GOMAXPROCS(0))
				c := e.newClient(t, func(req raxx.Request) raxx.Response {
					if req.Path == "/exit" {
						return exits()
					}
					return hello(req)
				}, ace.Config{Trace: ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) { exchanges <- e }}})
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				for range 3 * runtime.GOMAXPROCS(0) { // more than there are goroutines that poll
					resp, err := c.http.RoundTrip(c.request(ctx, ask{method: "GET", target: "/exit"}, new(answer)))
					if err == nil {
						_, err = io.ReadAll(resp.Body)
						resp.Body.Close()
					}
					// What stands around it may have a goroutine for it, and an answer.
					if whole := err == nil && resp.StatusCode != 500; whole || ctx.Err() != nil {
						t.Fatalf("the reply has come whole, or hangs: %v", err)
					}
					if e.under == serverOfNetHTTP {
						continue
					}
					select {
					case e := <-exchanges:
						if e.Request.Path != "/exit" || e.Fault == nil {
							t.Errorf("a trace is told of %s, fault %v, error %v", e.Request.Path, e.Fault, e.Err)
						}
					case <-ctx.Done():
						t.Fatal("no trace is told of it")
					}
				}
				if got := c.ask(ask{method: "GET", target: "/"}); got.status != 200 {
					t.Errorf("another request: %+v", got)
				}
				c.http.CloseIdleConnections()
				if err := c.server.Shutdown(ctx); err != nil {
					t.Errorf("Shutdown: %v", err)
				}
			})
		})
	}
}

// The trace is told of the exchange, too, and once.
func TestContractTraceOfWhatExits(t *testing.T) {
	step := func(at raxx.Event) raxx.Machine {
		return raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
			if reflect.TypeOf(event) == reflect.TypeOf(at) {
				runtime.Goexit()
			}
			return n, []raxx.Part{raxx.After{}}
		})
	}
	stream := raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		yield([]byte("abc"), nil)
		runtime.Goexit()
	})
	kinds := map[string]func() raxx.Response{
		"a handler":            func() raxx.Response { runtime.Goexit(); return raxx.Response{} },
		"a stream":             func() raxx.Response { return raxx.Response{Status: 200, Body: stream} },
		"a machine at once":    func() raxx.Response { return raxx.Response{Status: 200, Body: step(raxx.Open{})} },
		"a machine later":      func() raxx.Response { return raxx.Response{Status: 200, Body: step(raxx.Timer{})} },
		"a deferred head":      func() raxx.Response { return raxx.Defer(step(raxx.Timer{})) },
		"the stream of a head": func() raxx.Response { return raxx.Defer(reacts(opening(raxx.Response{Status: 200, Body: stream}))) },
	}
	for name, exits := range kinds {
		t.Run(name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, e engine) {
				if e.under == serverOfNetHTTP {
					t.Skip("it has no Trace")
				}
				ended := make(chan ace.ExchangeEvent, 10)
				c := e.newClient(t, func(raxx.Request) raxx.Response { return exits() }, ace.Config{Trace: ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) { ended <- e }}})
				if resp, err := c.http.RoundTrip(c.request(t.Context(), ask{method: "GET", target: "/path"}, new(answer))); err == nil {
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
				got := within(t, ended, "the trace is told")
				if len(ended) > 0 {
					t.Errorf("it was told again of %+v", <-ended)
				}
				// What stands around it may have a goroutine for it, and a fault of its own.
				if got.Request.Path != "/path" || got.Err == nil && got.Fault == nil {
					t.Errorf("it was told of %q, the fault %v and the end %v", got.Request.Path, got.Fault, got.Err)
				}
			})
		})
	}
}

// So does a hook that is told of a connection: the place of that is free again, and the
// server answers on.
func TestContractHooksOfConnectionsThatExit(t *testing.T) {
	exit := func(ace.ConnectionEvent) { runtime.Goexit() }
	for name, trace := range map[string]ace.Trace{
		"ConnectionOpened": {ConnectionOpened: exit},
		"ConnectionClosed": {ConnectionClosed: exit},
		"HandshakeEnded":   {HandshakeEnded: func(ace.HandshakeEvent) { runtime.Goexit() }},
	} {
		t.Run(name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, e engine) {
				if e.under == serverOfNetHTTP {
					t.Skip("it has no Trace")
				}
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				c := e.newClient(t, hello, ace.Config{Trace: trace, MaxConnections: 1})
				for range 3 * runtime.GOMAXPROCS(0) {
					resp, err := c.http.RoundTrip(c.request(ctx, ask{method: "GET", target: "/"}, new(answer)))
					switch costs := trace.ConnectionOpened != nil || trace.HandshakeEnded != nil && e.tls; {
					case ctx.Err() != nil:
						t.Fatal("a connection is not served")
					case costs && err == nil:
						t.Error("a connection was served whose hook had exited")
					case !costs && (err != nil || resp.StatusCode != 200):
						t.Errorf("it answers %v, %v", resp, err)
					}
					if err == nil {
						io.Copy(io.Discard, resp.Body)
						resp.Body.Close()
					}
					c.http.CloseIdleConnections()
				}
				if err := c.server.Shutdown(ctx); err != nil {
					t.Errorf("Shutdown: %v", err)
				}
			})
		})
	}
}
