package ace_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// Whoever asks is told how an exchange has ended, of every kind of reply.
func TestContractEnding(t *testing.T) {
	const long = 1 << 20
	errDisk := errors.New("disk full")
	files := fstest.MapFS{"a": {Data: []byte(text(long))}}
	says := func(parts ...raxx.Part) raxx.Machine {
		return raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
			if _, ok := event.(raxx.Open); ok {
				return n, parts
			}
			return n, nil
		})
	}
	panics := func(yield func([]byte, error) bool) {
		yield([]byte("abc"), nil)
		panic("out of tea")
	}
	for _, test := range []struct {
		name   string
		method string
		resp   func() raxx.Response
		want   raxx.Ending
	}{
		{"a whole reply", "GET", func() raxx.Response { return raxx.Text(200, "hello") }, raxx.Ending{Status: 200, Content: 5}},
		{"without content", "GET", raxx.NoContent, raxx.Ending{Status: 204}},
		{"to HEAD", "HEAD", func() raxx.Response { return raxx.Text(404, "hello") }, raxx.Ending{Status: 404}},
		{"a long reply", "GET", func() raxx.Response { return raxx.Text(200, text(long)) }, raxx.Ending{Status: 200, Content: long}},
		{"a file", "GET", func() raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewFile(files, "a")}
		}, raxx.Ending{Status: 200, Content: long}},
		{"a file that is not there", "GET", func() raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewFile(files, "b")}
		}, raxx.Ending{Status: 500}},
		{"a stream", "GET", func() raxx.Response {
			return raxx.Response{Status: 200, Body: raxxtest.Chunks("abc", "de")}
		}, raxx.Ending{Status: 200, Content: 5}},
		{"a machine", "GET", func() raxx.Response {
			return raxx.Response{Status: 200, Body: says(raxx.Data("abc"), raxx.Tail{})}
		}, raxx.Ending{Status: 200, Content: 3}},
		{"a machine with a deferred reply", "GET", func() raxx.Response {
			return raxx.Defer(says(raxx.Text(404, "hello")))
		}, raxx.Ending{Status: 404, Content: 5}},
		{"a stream that fails", "GET", func() raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				if yield([]byte("abc"), nil) {
					yield(nil, errDisk)
				}
			})}
		}, raxx.Ending{Status: 200, Content: 3, Reason: raxx.Unsendable, Cause: raxx.NewCause(errDisk)}},
		{"a stream that panics", "GET", func() raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewStream(-1, panics)}
		}, raxx.Ending{Status: 200, Content: 3, Reason: raxx.Aborted}},
		{"a machine that breaks off", "GET", func() raxx.Response {
			return raxx.Response{Status: 200, Body: says(raxx.Data("abc"), raxx.Abort{Cause: raxx.NewCause(errDisk)})}
		}, raxx.Ending{Status: 200, Content: 3, Reason: raxx.Aborted, Cause: raxx.NewCause(errDisk)}},
		{"a machine that panics", "GET", func() raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
				if _, ok := event.(raxx.Open); ok {
					return n, []raxx.Part{raxx.Data("abc"), raxx.After{}}
				}
				panic("out of tea")
			})}
		}, raxx.Ending{Status: 200, Content: 3, Reason: raxx.Aborted}},
		{"a panic", "GET", func() raxx.Response { panic("out of tea") }, raxx.Ending{Status: 500}},
		{"a response that can't be sent", "GET", func() raxx.Response { return raxx.Text(99, "hello") }, raxx.Ending{Status: 500}},
	} {
		t.Run(test.name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, e engine) {
				endings, scopes := make(chan raxx.Ending, 1), make(chan raxx.Scope, 1)
				order := make(chan string, 2)
				c := e.newClient(t, func(req raxx.Request) raxx.Response {
					tell := func(name string) func(raxx.Ending) {
						return func(raxx.Ending) { order <- name }
					}
					scope := req.WithContext(context.Background()).Scope // which keeps the end
					if !req.Scope.OnEnd(func(e raxx.Ending) { endings <- e }) ||
						!req.Scope.OnEnd(tell("second")) || !scope.OnEnd(tell("first")) {
						t.Error("nobody will tell of the end")
					}
					scopes <- req.Scope
					return test.resp()
				}, ace.Config{})
				if resp, err := c.http.RoundTrip(c.request(t.Context(), ask{method: test.method, target: "/"}, new(answer))); err == nil {
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
				got := within(t, endings, "the end is told")
				if got.Status == 500 {
					got.Content = 0 // each server has a page of its own
				}
				if test.want.Reason == raxx.Aborted && got.Reason == raxx.Unsendable && e.stack {
					got.Reason = raxx.Aborted // the panic of a stream has become its error
				}
				if test.want.Cause.Err() == nil && (got.Status == 500 || got.Reason == raxx.Aborted) {
					if got.Cause.Err() == nil {
						t.Error("no cause is told")
					}
					got.Cause = raxx.Cause{}
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Error(diff)
				}
				if first := within(t, order, "both are told"); first != "first" {
					t.Errorf("the %s is told first", first)
				}
				scope := <-scopes
				if scope.OnEnd(func(raxx.Ending) {}) {
					t.Error("the end of what is over will be told")
				}
			})
		})
	}
}

// A client that goes away in the middle is the reason, whether or not its own body
// was read, and the server does not shut down before that has been told.
func TestContractEndingOfAClientThatLeaves(t *testing.T) {
	for _, name := range []string{"a request", "a body that nobody reads"} {
		t.Run(name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, e engine) {
				reasons, release := make(chan raxx.Reason), make(chan bool)
				c := e.newClient(t, func(req raxx.Request) raxx.Response {
					req.Scope.OnEnd(func(e raxx.Ending) {
						if e.Reason != raxx.ClientGone {
							t.Errorf("the cause is %v", e.Cause)
						}
						reasons <- e.Reason
						<-release
					})
					return raxx.Text(200, text(64<<20))
				}, ace.Config{})
				ctx, cancel := context.WithCancel(t.Context())
				req := c.request(ctx, ask{method: "GET", target: "/"}, new(answer))
				body, more := io.Pipe()
				if name != "a request" {
					if e.under == serverOfNetHTTP && !e.http2 {
						t.Skip("net/http reads the body before it replies")
					}
					req.Method, req.Body, req.ContentLength = "POST", body, -1
				}
				if _, err := c.http.RoundTrip(req); err != nil {
					t.Fatal(err)
				}
				cancel()
				more.CloseWithError(io.ErrUnexpectedEOF) // before that net/http gives no stream up
				if reason := within(t, reasons, "the end is told"); reason != raxx.ClientGone {
					t.Errorf("the reason is %q", reason)
				}
				c.http.CloseIdleConnections()
				down := make(chan error, 1)
				go func() { down <- c.server.Shutdown(t.Context()) }()
				select {
				case <-down:
					t.Error("the server is down, and the end is still being told")
				default:
				}
				close(release)
				if err := within(t, down, "the server is down"); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Each of those who asked is told, though another one panics.
func TestContractEndingBesideAPanic(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		told := make(chan bool, 1)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			req.Scope.OnEnd(func(raxx.Ending) { told <- true })
			req.Scope.OnEnd(func(raxx.Ending) { panic("out of tea") })
			return raxx.Text(200, "hello")
		}, ace.Config{})
		if resp, err := c.http.RoundTrip(c.request(t.Context(), ask{method: "GET", target: "/"}, new(answer))); err == nil {
			resp.Body.Close()
		}
		within(t, told, "the other one is told")
	})
}

// The end is told also of a machine that breaks down when it has waited.
func TestContractEndingOfAMachineThatExits(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		reasons := make(chan raxx.Reason, 1)
		machine := raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
			switch event.(type) {
			case raxx.Open:
				return n, []raxx.Part{raxx.Data("a"), raxx.After{Name: "later", Delay: 10 * time.Millisecond}}
			case raxx.Timer:
				runtime.Goexit()
			}
			return n, nil
		})
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			req.Scope.OnEnd(func(e raxx.Ending) { reasons <- e.Reason })
			return raxx.Response{Status: 200, Body: machine}
		}, ace.Config{})
		resp := c.open(t.Context(), ask{method: "GET", target: "/"})
		io.Copy(io.Discard, resp.Body)
		if reason := within(t, reasons, "the end is told"); reason == 0 {
			t.Error("it has come to a regular end")
		}
	})
}

// A machine that panics at its end is a fault, of which the trace is told, though its
// client has gone.
func TestContractPanicAtTheEnd(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		if e.under == serverOfNetHTTP {
			t.Skip("it has no Trace")
		}
		ended := make(chan ace.ExchangeEvent, 1)
		c := e.newClient(t, does(func(event raxx.Event) []raxx.Part {
			if _, ok := event.(raxx.Closed); ok {
				panic("on purpose")
			}
			return []raxx.Part{raxx.Data("a")}
		}), ace.Config{Trace: ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) { ended <- e }}})
		ctx, cancel := context.WithCancel(t.Context())
		resp := c.open(ctx, ask{method: "GET", target: "/"})
		io.ReadFull(resp.Body, make([]byte, 1))
		cancel()
		got := within(t, ended, "the trace is told")
		if !e.isPanic(got.Fault) || !errors.Is(got.Err, ace.ErrClientGone) {
			t.Errorf("the trace was told of the fault %v and the end %v", got.Fault, got.Err)
		}
	})
}

// One that ends its goroutine there costs no more than a connection that was over.
func TestContractExitAtTheEnd(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		if e.under == serverOfNetHTTP {
			t.Skip("it has no Trace")
		}
		ended, closed := make(chan ace.ExchangeEvent, 1), make(chan bool, 1)
		c := e.newClient(t, does(func(event raxx.Event) []raxx.Part {
			if _, ok := event.(raxx.Closed); ok {
				runtime.Goexit()
			}
			return []raxx.Part{raxx.Data("a")}
		}), ace.Config{Trace: ace.Trace{
			ExchangeEnded:    func(e ace.ExchangeEvent) { ended <- e },
			ConnectionClosed: func(ace.ConnectionEvent) { closed <- true },
		}})
		resp := c.open(t.Context(), ask{method: "GET", target: "/"})
		defer resp.Body.Close()
		c.server.Close()
		// What stands around it may have a goroutine for it.
		if got := within(t, ended, "the trace is told"); got.Fault == nil && e.under == "" || !errors.Is(got.Err, ace.ErrServerClosed) {
			t.Errorf("the trace was told of the fault %v and the end %v", got.Fault, got.Err)
		}
		within(t, closed, "the connection ends")
		if err := c.server.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

// And of a handler.
func TestContractEndingOfAHandlerThatExits(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		endings := make(chan raxx.Ending, 1)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			req.Scope.OnEnd(func(e raxx.Ending) { endings <- e })
			runtime.Goexit()
			return raxx.Response{}
		}, ace.Config{})
		if resp, err := c.http.RoundTrip(c.request(t.Context(), ask{method: "GET", target: "/"}, new(answer))); err == nil {
			resp.Body.Close()
		}
		// What stands around it may have a goroutine for it, and an answer.
		if got := within(t, endings, "the end is told"); got.Status != 500 && got.Reason != raxx.Aborted {
			t.Errorf("got %v", got)
		}
	})
}
