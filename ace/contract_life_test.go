package ace_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// within fails the test if nothing comes from c before long.
func within[T any](t testing.TB, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(10 * time.Second):
		t.Fatalf("it did not happen: %s", what)
	}
	return v
}

// open sends a request and returns when the head of its reply is there.
func (c *client) open(ctx context.Context, a ask) *http.Response {
	c.Helper()
	var ignored answer
	resp, err := c.http.RoundTrip(c.request(ctx, a, &ignored))
	if err != nil {
		c.Fatal(err)
	}
	return resp
}

// A client that goes away ends the context of its exchange, whatever the handler
// is doing, and is the last event of its machine.
func TestContractClientGoesAway(t *testing.T) {
	t.Run("a handler that waits for its context", func(t *testing.T) {
		onEngines(t, func(t *testing.T, e engine) {
			begun, causes := make(chan bool, 1), make(chan error, 1)
			c := e.newClient(t, func(req raxx.Request) raxx.Response {
				ctx := req.Context()
				begun <- true
				<-ctx.Done()
				causes <- context.Cause(ctx)
				return hello(req)
			}, ace.Config{})
			ctx, cancel := context.WithCancel(t.Context())
			go c.http.RoundTrip(c.request(ctx, ask{method: "GET", target: "/"}, new(answer)))
			within(t, begun, "the handler is called")
			cancel()
			if cause := within(t, causes, "the context ends"); !errors.Is(cause, e.cause(ace.ErrClientGone)) {
				t.Errorf("the cause is %v", cause)
			}
		})
	})
	t.Run("a stream that waits for the context", func(t *testing.T) {
		onEngines(t, func(t *testing.T, e engine) {
			done := make(chan bool, 1)
			c := e.newClient(t, func(req raxx.Request) raxx.Response {
				return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) {
					// The client may be gone before the first chunk is: then that is
					// how the stream is told, and it must not go on.
					if yield([]byte("a"), nil) {
						<-req.Context().Done()
						yield([]byte("b"), nil)
					}
					done <- true
				})}
			}, ace.Config{})
			ctx, cancel := context.WithCancel(t.Context())
			resp := c.open(ctx, ask{method: "GET", target: "/"})
			io.ReadFull(resp.Body, make([]byte, 1))
			cancel()
			within(t, done, "the stream is told")
		})
	})
	t.Run("a stream that sends for ever", func(t *testing.T) {
		onEngines(t, func(t *testing.T, e engine) {
			done := make(chan bool, 1)
			c := e.newClient(t, func(req raxx.Request) raxx.Response {
				return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) {
					for yield([]byte(text(10000)), nil) {
					}
					done <- true
				})}
			}, ace.Config{})
			ctx, cancel := context.WithCancel(t.Context())
			resp := c.open(ctx, ask{method: "GET", target: "/"})
			io.CopyN(io.Discard, resp.Body, 1<<20)
			cancel()
			within(t, done, "the stream is not asked for more")
		})
	})
	t.Run("a body that is being read", func(t *testing.T) {
		onEngines(t, func(t *testing.T, e engine) {
			faults := make(chan error, 1)
			c := e.newClient(t, func(req raxx.Request) raxx.Response {
				_, err := raxx.ReadAll(req.Body, 0)
				faults <- err
				return hello(req)
			}, ace.Config{})
			ctx, cancel := context.WithCancel(t.Context())
			body, more := io.Pipe()
			defer more.Close()
			req := c.request(ctx, ask{method: "POST", target: "/", unknown: true}, new(answer))
			req.Body = body
			go c.http.RoundTrip(req)
			io.WriteString(more, "a")
			cancel()
			var fault *raxx.Error
			if err := within(t, faults, "the body ends"); !errors.As(err, &fault) || fault.Status != 400 || e.under != serverOfNetHTTP && !errors.Is(err, ace.ErrClientGone) {
				t.Errorf("the body ended with %v", err)
			}
		})
	})
	t.Run("a machine", func(t *testing.T) {
		onEngines(t, func(t *testing.T, e engine) {
			events := make(chan raxx.Event, 10)
			c := e.newClient(t, does(func(event raxx.Event) []raxx.Part {
				events <- event
				return []raxx.Part{raxx.Data("a")}
			}), ace.Config{})
			ctx, cancel := context.WithCancel(t.Context())
			resp := c.open(ctx, ask{method: "GET", target: "/"})
			io.ReadFull(resp.Body, make([]byte, 1))
			cancel()
			within(t, events, "Open")
			if got, want := within(t, events, "Closed"), raxx.Event(raxx.Closed{Reason: raxx.ClientGone}); got != want {
				t.Errorf("the machine was told %#v", got)
			}
		})
	})
}

// Faults of handlers are the same everywhere, and cost their own exchange only.
func TestContractFaults(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		if e.under == serverOfNetHTTP {
			t.Skip("it has no Trace; nethttp.Config.Report has a test of its own")
		}
		ended := make(chan ace.ExchangeEvent, 10)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			switch req.Path {
			case "/panic":
				panic("on purpose")
			case "/step":
				return raxx.Reply(200, "text/plain", reacts(func(raxx.Event) []raxx.Part { panic("on purpose") }))
			case "/context":
				go func() { <-req.Context().Done() }()
			}
			return hello(req)
		}, ace.Config{Trace: ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) { ended <- e }}})
		for _, row := range []struct {
			path    string
			status  int
			content int64
			fault   bool
			err     bool
		}{
			{"/", 200, 5, false, false},
			{"/context", 200, 5, false, false},
			{"/panic", 500, 46, true, false},
			{"/step", 200, 0, true, true},
			{"/", 200, 5, false, false},
		} {
			c.ask(ask{method: "GET", target: row.path + "?q"})
			got := within(t, ended, "the trace is told")
			if got.Status == 500 && e.inDevelopment() && got.Content > row.content {
				got.Content = row.content // with the source
			}
			if got.Request.Path != row.path || got.Request.Query != "q" || got.Status != row.status || got.Content != row.content ||
				row.fault != e.isPanic(got.Fault) || row.fault != (got.Fault != nil) || (got.Err != nil) != row.err || got.Ended.Before(got.Begun) || got.Begun.IsZero() {
				t.Errorf("%s: the trace was told %+v", row.path, got)
			}
		}
	})
}

// A drain lets exchanges come to their end, and tells the machines.
func TestContractDrain(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		begun, release := make(chan bool), make(chan bool)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			if req.Path == "/machine" {
				return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
					switch event.(type) {
					case raxx.Open:
						return []raxx.Part{raxx.Data("a")}
					case raxx.Drain:
						return []raxx.Part{raxx.Data("bye"), raxx.Tail{}}
					}
					return nil
				}))
			}
			begun <- true
			<-release
			return raxx.Text(200, text(large))
		}, ace.Config{})
		machine := c.open(t.Context(), ask{method: "GET", target: "/machine"})
		io.ReadFull(machine.Body, make([]byte, 1))
		busy := make(chan answer, 1)
		go func() { busy <- c.ask(ask{method: "GET", target: "/"}) }()
		within(t, begun, "the handler is called")
		down := make(chan error, 1)
		go func() { down <- c.server.Shutdown(t.Context()) }()
		if rest, err := io.ReadAll(machine.Body); string(rest) != "bye" || err != nil {
			t.Errorf("the machine's reply ended with %q, %v", rest, err)
		}
		release <- true
		if got := within(t, busy, "the reply"); got.status != 200 || len(got.body) != large || got.broken {
			t.Errorf("got %d with %d bytes, broken: %v", got.status, len(got.body), got.broken)
		}
		c.http.CloseIdleConnections()
		if err := within(t, down, "the server is down"); err != nil {
			t.Errorf("Shutdown returned %v", err)
		}
	})
}

// What was published before a drain reaches a machine that ends by the drain.
func TestContractDrainLosesNoMessage(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		begun, drained, release := make(chan bool, 2), make(chan bool, 1), make(chan bool)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			switch {
			case req.Method == "POST":
				return raxx.NoContent().WithDo(raxx.Publish{Topic: "t", Message: req.Query})
			case req.Path == "/other":
				return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
					if _, drains := event.(raxx.Drain); !drains {
						return nil
					}
					drained <- true
					return []raxx.Part{raxx.Tail{}}
				}))
			}
			return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
				switch event := event.(type) {
				case raxx.Open:
					begun <- true
				case raxx.Info:
					if event.Message == "1" {
						begun <- true
						<-release
					}
					return []raxx.Part{raxx.Data(event.Message)}
				case raxx.Drain:
					return []raxx.Part{raxx.Tail{}}
				}
				return nil
			})).WithDo(raxx.Subscribe{Topic: "t"})
		}, ace.Config{})
		machine := c.open(t.Context(), ask{method: "GET", target: "/"})
		c.open(t.Context(), ask{method: "GET", target: "/other"})
		within(t, begun, "Open")
		for i := range 3 {
			c.ask(ask{method: "POST", target: fmt.Sprint("/?", i+1)})
			if i == 0 {
				within(t, begun, "the first message")
			}
		}
		down := make(chan error, 1)
		go func() { down <- c.server.Shutdown(t.Context()) }()
		within(t, drained, "the machines are told")
		close(release)
		if got, err := io.ReadAll(machine.Body); string(got) != "123" || err != nil {
			t.Errorf("the machine's reply is %q, %v", got, err)
		}
		c.http.CloseIdleConnections()
		if err := within(t, down, "the server is down"); err != nil {
			t.Errorf("Shutdown returned %v", err)
		}
	})
}

// A server that is closed cuts what goes on.
func TestContractClose(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		events, causes := make(chan raxx.Event, 10), make(chan error, 1)
		begun := make(chan bool, 1)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			if req.Path == "/machine" {
				return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
					events <- event
					if _, opens := event.(raxx.Open); !opens {
						return nil // a write that fails would not tell why
					}
					return []raxx.Part{raxx.Data("a")}
				}))
			}
			ctx := req.Context()
			begun <- true
			<-ctx.Done()
			causes <- context.Cause(ctx)
			// What has an end could be out before the cut.
			return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				for yield([]byte("a"), nil) {
				}
			}))
		}, ace.Config{})
		machine := c.open(t.Context(), ask{method: "GET", target: "/machine"})
		io.ReadFull(machine.Body, make([]byte, 1))
		within(t, events, "Open")
		busy := make(chan answer, 1)
		go func() { busy <- c.ask(ask{method: "GET", target: "/"}) }()
		within(t, begun, "the handler is called")
		c.server.Close()
		last := within(t, events, "Closed")
		if _, drains := last.(raxx.Drain); drains { // it may be in time
			last = within(t, events, "Closed")
		}
		if last != raxx.Event(raxx.Closed{Reason: raxx.ServerClosed}) {
			t.Errorf("the machine was told %#v", last)
		}
		if cause := within(t, causes, "the context ends"); !errors.Is(cause, e.cause(ace.ErrServerClosed)) {
			t.Errorf("the context ended with %v", cause)
		}
		if got := within(t, busy, "the reply"); !got.broken {
			t.Errorf("got %+v", got)
		}
		if _, err := io.ReadAll(machine.Body); err == nil {
			t.Error("the machine's reply came to a regular end")
		}
	})
}

// A request that somebody keeps has a context that has ended, whoever asks for it
// first when, and whatever the connection does meanwhile.
func TestContractContextOfTheKept(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		kept := make(chan raxx.Request, 2)
		release := make(chan bool)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			if req.Path == "/block" {
				req.Context()
				kept <- req
				<-release
				return hello(req)
			}
			kept <- req
			return hello(req)
		}, ace.Config{})
		c.ask(ask{method: "GET", target: "/"})
		first := <-kept
		done := make(chan bool)
		go func() {
			c.ask(ask{method: "GET", target: "/block"})
			close(done)
		}()
		second := <-kept
		// Behind the stack it is Timeout that ends it.
		if err := context.Cause(first.Context()); e.under == "" && !e.stack && !errors.Is(err, ace.ErrExchangeOver) || err == nil {
			t.Errorf("the context of the first has ended with %v", err)
		}
		if err := second.Context().Err(); err != nil {
			t.Errorf("the context of the second has ended with %v", err)
		}
		close(release)
		within(t, done, "the second reply")
		<-second.Context().Done()
	})
}

// It is the server's doing also for a machine that is about to send.
func TestContractCloseUnderAMachineThatSends(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		const n = 5
		begun, ends := make(chan bool, n), make(chan raxx.Event, n)
		c := e.newClient(t, func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
				switch event.(type) {
				case raxx.Open:
					begun <- true
				case raxx.Closed:
					ends <- event
				case raxx.Drain:
					return nil
				}
				return []raxx.Part{raxx.Data("a"), raxx.After{}}
			}))
		}, ace.Config{})
		for range n {
			resp := c.open(t.Context(), ask{method: "GET", target: "/"})
			go io.Copy(io.Discard, resp.Body)
			within(t, begun, "Open") // which may come behind the head
		}
		c.server.Close()
		for range n {
			if got := within(t, ends, "Closed"); got != raxx.Event(raxx.Closed{Reason: raxx.ServerClosed}) {
				t.Errorf("a machine was told %#v", got)
			}
		}
	})
}

// A machine that has ended its reply is not told that the client has gone away
// while the reply was on its way.
func TestContractMachineThatHasEnded(t *testing.T) {
	for name, parts := range map[string][]raxx.Part{
		"a tail": {raxx.Reply(200, "text/plain", nil), raxx.Data(text(large)), raxx.Data(text(20 * large)), raxx.Tail{}},
		"a stream": {raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			for yield([]byte(text(large)), nil) {
			}
		}))},
	} {
		t.Run(name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, e engine) {
				if e.under == serverOfNetHTTP {
					t.Skip("nothing tells of the end of an exchange under net/http")
				}
				ended := make(chan ace.ExchangeEvent, 1)
				events := make(chan raxx.Event, 10)
				c := e.newClient(t, defers(func(event raxx.Event) []raxx.Part {
					events <- event
					return opening(parts...)(event)
				}), ace.Config{Trace: ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) { ended <- e }}})
				ctx, cancel := context.WithCancel(t.Context())
				resp := c.open(ctx, ask{method: "GET", target: "/"})
				io.ReadFull(resp.Body, make([]byte, 1000))
				cancel()
				within(t, ended, "the exchange ends")
				if <-events; len(events) > 0 {
					t.Errorf("the machine was told %#v", <-events)
				}
			})
		})
	}
}

// Behind a head that is all the client gets, a machine is not done, and told of
// the end.
func TestContractMachineBehindAHeadAlone(t *testing.T) {
	for name, row := range map[string]struct {
		method string
		status int
		want   []raxx.Event
	}{
		"HEAD":           {"HEAD", 200, []raxx.Event{raxx.Open{}, raxx.Closed{Reason: raxx.ClientGone}}},
		"204":            {"GET", 204, []raxx.Event{raxx.Open{}, raxx.Closed{Reason: raxx.ClientGone}}},
		"HEAD and a 404": {"HEAD", 404, []raxx.Event{raxx.Open{}}},
	} {
		t.Run(name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, e engine) {
				events := make(chan raxx.Event, 10)
				c := e.newClient(t, defers(func(event raxx.Event) []raxx.Part {
					if _, ok := event.(raxx.Open); ok {
						event = raxx.Open{}
					}
					events <- event
					switch {
					case event != raxx.Open{}:
						return nil
					case row.status == 404:
						return parts(raxx.Response{Status: 404}, raxx.Tail{})
					}
					return parts(raxx.Response{Status: row.status})
				}), ace.Config{})
				wantAnswer(t, answer{status: row.status}, c.ask(ask{method: row.method, target: "/"}))
				for _, want := range row.want {
					if got := within(t, events, fmt.Sprintf("%#v", want)); got != want {
						t.Errorf("the machine was told %#v, want %#v", got, want)
					}
				}
				c.ask(ask{method: row.method, target: "/"})
				if got := within(t, events, "Open"); got != (raxx.Open{}) {
					t.Errorf("the machine was told %#v behind its end", got)
				}
			})
		})
	}
}

// What a response publishes is published in reply to HEAD, too, though its machine
// is not asked.
func TestContractHEADPublishes(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		heard, listens := make(chan string, 1), make(chan bool, 1)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			if req.Path == "/hear" {
				return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
					switch event := event.(type) {
					case raxx.Open:
						return parts(raxx.Subscribe{Topic: "news"}, raxx.After{})
					case raxx.Timer:
						listens <- true
					case raxx.Info:
						heard <- event.Message
					}
					return nil
				}))
			}
			return raxx.Reply(200, "text/plain", reacts(opening(raxx.Tail{}))).WithDo(raxx.Publish{Topic: "news", Message: req.Method})
		}, ace.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c.open(ctx, ask{method: "GET", target: "/hear"})
		within(t, listens, "somebody listens")
		c.ask(ask{method: "HEAD", target: "/"})
		if got := within(t, heard, "the message"); got != "HEAD" {
			t.Errorf("heard %q", got)
		}
	})
}
