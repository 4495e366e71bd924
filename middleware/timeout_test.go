package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func ExampleTimeout() {
	handler := middleware.Timeout{After: time.Millisecond}.Middleware()(func(req raxx.Request) raxx.Response {
		<-req.Context().Done() // a query that takes long, and heeds the context
		return raxx.Text(200, "too late")
	})
	fmt.Println(handler(raxx.Get("/")).Body)
	// Output: {"title":"Service Unavailable","status":503,"detail":"the reply was not ready in time"}
}

var timeoutTestReply = raxx.Problem(503, "the reply was not ready in time").WithCause(middleware.ErrTimedOut)

// timeoutTestSleep takes as long as the path says.
func timeoutTestSleep(req raxx.Request) raxx.Response {
	d, _ := time.ParseDuration(req.Path[1:])
	time.Sleep(d) // of the bubble
	return raxx.Text(200, req.Path)
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := middleware.Timeout{After: 5 * time.Second}.Middleware()(timeoutTestSleep)
		for path, want := range map[string]raxx.Response{
			"/0s": raxx.Text(200, "/0s"), "/4s": raxx.Text(200, "/4s"), "/6s": timeoutTestReply, "/1h": timeoutTestReply,
		} {
			begun := time.Now()
			if diff := cmp.Diff(want, handler(raxx.Get(path))); diff != "" {
				t.Errorf("%s: %s", path, diff)
			}
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("%s took %v", path, took)
			}
		}
		time.Sleep(2 * time.Hour) // of the bubble: until all handlers have returned
	})
}

// A late reply is nobody's: not that of the next request, and not that of a
// request that is ready in the same moment (gin-contrib/timeout #40, #84).
func TestTimeoutNeverCrossesReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := make(chan string, 1000)
		handler := middleware.Timeout{After: time.Second, Late: func(req raxx.Request, resp raxx.Response) {
			late <- req.Path + " " + string(resp.Body.(raxx.Data))
		}}.Middleware()(timeoutTestSleep)
		replies := make(chan string, 1000)
		n := 0
		for _, path := range []string{"/999ms", "/1s", "/1001ms", "/2s"} {
			for range 100 {
				n++
				go func() {
					resp := handler(raxx.Get(path))
					if resp.Status == 200 {
						replies <- path + " " + string(resp.Body.(raxx.Data))
					}
				}()
			}
		}
		time.Sleep(time.Minute) // of the bubble
		synctest.Wait()
		close(replies)
		close(late)
		count := 0
		for line := range replies {
			count++
			if path, body, _ := strings.Cut(line, " "); path != body || path == "/2s" || path == "/1001ms" {
				t.Errorf("a reply: %s", line)
			}
		}
		for line := range late {
			count++
			if path, body, _ := strings.Cut(line, " "); path != body || path == "/999ms" {
				t.Errorf("late: %s", line)
			}
		}
		if count != n {
			t.Errorf("%d answers of %d handlers", count, n)
		}
	})
}

func TestTimeoutByDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := middleware.Timeout{}.Middleware()(timeoutTestSleep)
		for path, want := range map[string]int{"/9999ms": 200, "/10001ms": 503} {
			if got := handler(raxx.Get(path)).Status; got != want {
				t.Errorf("%s: status %d, want %d", path, got, want)
			}
		}
		time.Sleep(time.Minute) // of the bubble: until all handlers have returned
	})
	defer func() {
		if recover() == nil {
			t.Error("a negative time is no panic")
		}
	}()
	middleware.Timeout{After: -1}.Middleware()
}

func TestTimeoutEndsTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		middleware.Timeout{After: time.Second}.Middleware()(func(req raxx.Request) raxx.Response {
			<-req.Context().Done()
			ended <- context.Cause(req.Context())
			return raxx.NoContent()
		})(raxx.Get("/"))
		if err := <-ended; err != middleware.ErrTimedOut {
			t.Errorf("the cause is %v", err)
		}
	})
}

// A handler's context ends with it, unless its stream or machine goes on: what it
// has started and left behind stops.
func TestTimeoutEndsTheContextOfAHandlerThatIsReady(t *testing.T) {
	machine := raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) { return n, nil })
	for name, test := range map[string]struct {
		resp raxx.Response
		want error
	}{
		"data":           {raxx.Text(200, "a"), context.Canceled},
		"nothing":        {raxx.NoContent(), context.Canceled},
		"a panic":        {raxx.Response{}, context.Canceled},
		"a stream":       {raxx.Reply(200, "text/plain", raxxtest.Chunks("a")), nil},
		"a machine":      {raxx.Response{Status: 200, Body: machine}, nil},
		"a late machine": {raxx.Defer(machine), nil},
	} {
		t.Run(name, func(t *testing.T) {
			var ctx context.Context
			handler := middleware.Timeout{}.Middleware()(func(req raxx.Request) raxx.Response {
				ctx = req.Context()
				if name == "a panic" {
					recoverTestPanic()
				}
				return test.resp
			})
			func() {
				defer func() { _ = recover() }()
				handler(raxx.Get("/"))
			}()
			if err := ctx.Err(); err != test.want {
				t.Errorf("the context: %v, want %v", err, test.want)
			}
		})
	}
}

func TestTimeoutKeepsTheValuesAndTheContextOfTheRequest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	req := middleware.RequestIDKey.Set(raxx.Get("/").WithContext(ctx), "id-1")
	middleware.Timeout{}.Middleware()(func(req raxx.Request) raxx.Response {
		if id := middleware.RequestIDKey.Get(req); id != "id-1" {
			t.Errorf("the id is %q", id)
		}
		cancel() // the client leaves
		<-req.Context().Done()
		return raxx.NoContent()
	})(req)
}

func TestTimeoutPassesPanicsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p *middleware.PanicError
		recovers := middleware.Recover{Report: func(_ raxx.Request, e *middleware.PanicError) { p = e }}.Middleware()
		stack := raxx.Stack(recovers, middleware.Timeout{}.Middleware())
		resp := stack(func(raxx.Request) raxx.Response {
			recoverTestPanic()
			return raxx.NoContent()
		})(raxx.Get("/"))
		if resp.Status != 500 || !errors.Is(p, errRecoverTest) || !strings.HasSuffix(p.Stack[0].Function, ".recoverTestPanic") {
			t.Errorf("got %v; %v\n%s", resp, p, p.Trace())
		}

		p = nil
		resp = stack(func(raxx.Request) raxx.Response { panic(raxx.Abort{Cause: raxx.NewCause(errRecoverTest)}) })(raxx.Get("/"))
		if resp.Cause.Err() != errRecoverTest || p != nil {
			t.Errorf("an Abort: got %v, and reported %v", resp, p)
		}

		resp = stack(func(raxx.Request) raxx.Response { runtime.Goexit(); return raxx.NoContent() })(raxx.Get("/"))
		if resp.Status != 500 {
			t.Errorf("Goexit: got %v", resp)
		}
	})
}

// A panic that comes too late must not take the process along (echo #1794).
func TestTimeoutOfAHandlerThatPanicsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := make(chan error, 1)
		handler := middleware.Timeout{After: time.Second, Late: func(_ raxx.Request, resp raxx.Response) { late <- resp.Cause.Err() }}.
			Middleware()(func(req raxx.Request) raxx.Response {
			<-req.Context().Done()
			panic(errRecoverTest)
		})
		if diff := cmp.Diff(timeoutTestReply, handler(raxx.Get("/"))); diff != "" {
			t.Error(diff)
		}
		if err := <-late; !errors.Is(err, errRecoverTest) {
			t.Errorf("told of %v", err)
		}
	})
}

// Late is called where nobody stands behind it to recover its panic.
func TestTimeoutWhoseLatePanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := middleware.Timeout{After: time.Second, Late: func(raxx.Request, raxx.Response) { recoverTestPanic() }}.
			Middleware()(timeoutTestSleep)
		if diff := cmp.Diff(timeoutTestReply, handler(raxx.Get("/2s"))); diff != "" {
			t.Error(diff)
		}
		time.Sleep(time.Minute) // of the bubble: until the handler has returned
	})
}

func TestTimeoutDoesNotBoundAStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := middleware.Timeout{After: time.Second}.Middleware()(func(req raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				for range 5 {
					time.Sleep(time.Second) // of the bubble
					if err := req.Context().Err(); err != nil || !yield([]byte("a"), err) {
						yield(nil, err)
						return
					}
				}
			}))
		})
		content, err := raxx.ReadAll(handler(raxx.Get("/")).Body, 0)
		if content != "aaaaa" || err != nil {
			t.Errorf("got %q, %v", content, err)
		}
	})
}

func TestTimeoutOfMachines(t *testing.T) {
	m := raxx.NewMachine("", func(s string, event raxx.Event) (string, []raxx.Part) {
		switch event := event.(type) {
		case raxx.Info:
			if event.Message == "head" {
				return s, []raxx.Part{raxx.Response{Status: 200}, raxx.Data("a")}
			}
			return s, []raxx.Part{raxx.Data(event.Message)}
		case raxx.Closed:
			return s, []raxx.Part{raxx.Data("can't be sent"), raxx.Publish{Topic: "left", Message: event.Reason.String()}}
		}
		return s, []raxx.Part{raxx.Subscribe{Topic: "t"}}
	})
	start := func(t *testing.T, resp raxx.Response) *raxxtest.Exchange {
		return raxxtest.Start(middleware.Timeout{After: 5 * time.Second}.Middleware()(func(raxx.Request) raxx.Response {
			time.Sleep(2 * time.Second) // of the bubble
			return resp
		})(raxx.Get("/")))
	}
	for _, test := range []struct {
		name string
		run  func(*raxxtest.Exchange)
		resp raxx.Response
		want []raxx.Part
	}{
		{"whose head comes in time", func(x *raxxtest.Exchange) {
			x.Advance(2 * time.Second)
			x.Send(raxx.Info{Topic: "t", Message: "head"})
			x.Advance(time.Hour)
			x.Send(raxx.Info{Topic: "t", Message: "b"})
			x.Send(raxx.Timer{Name: "raxx/middleware: Timeout 5s"}) // which was on its way
		}, raxx.Defer(m), []raxx.Part{
			raxx.Subscribe{Topic: "t"}, raxx.After{Name: "raxx/middleware: Timeout 5s", Delay: 3 * time.Second},
			raxx.After{Name: "raxx/middleware: Timeout 5s", Delay: -1}, raxx.Response{Status: 200}, raxx.Data("a"), raxx.Data("b"),
		}},
		{"whose head does not come in time", func(x *raxxtest.Exchange) { x.Advance(3 * time.Second) }, raxx.Defer(m), []raxx.Part{
			raxx.Subscribe{Topic: "t"}, raxx.After{Name: "raxx/middleware: Timeout 5s", Delay: 3 * time.Second},
			raxx.Publish{Topic: "left", Message: raxx.TimedOut.String()}, timeoutTestReply,
		}},
		{"whose head is there", func(x *raxxtest.Exchange) { x.Advance(time.Hour) }, raxx.Response{Status: 200, Body: m}, []raxx.Part{
			raxx.Response{Status: 200}, raxx.Subscribe{Topic: "t"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := start(t, test.resp)
				test.run(x)
				if diff := cmp.Diff(test.want, x.Parts()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// Two around each other, of the same time, share a timer.
func TestTimeoutTwice(t *testing.T) {
	mw := middleware.Timeout{After: time.Second}.Middleware()
	never := raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) { return n, nil })
	x := raxxtest.Start(mw(mw(func(raxx.Request) raxx.Response { return raxx.Defer(never) }))(raxx.Get("/")))
	x.Advance(time.Second)
	if head, _ := x.Head(); head.Status != 503 || !x.Ended() || x.Err() != nil {
		t.Errorf("got %v, %v", head, x.Err())
	}
}

func BenchmarkTimeout(b *testing.B) {
	handler := middleware.Timeout{}.Middleware()(stackTestHandler)
	req := raxx.Get("/")
	b.ReportAllocs()
	for b.Loop() {
		handler(req)
	}
}
