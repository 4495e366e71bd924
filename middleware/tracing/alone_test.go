package tracing_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/codes"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// A server that tells of the end of exchanges, or says that it does.
type server struct{}

func (server) ExchangeContext(uint64) context.Context           { return context.Background() }
func (server) OnExchangeEnd(_ uint64, f func(raxx.Ending)) bool { return true }

// Where nobody tells of the end, it is found out.
func TestWithoutAServer(t *testing.T) {
	type parts = []raxx.Part
	// says answers to each timer with what comes next.
	says := func(list ...parts) raxx.Machine {
		return raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
			if _, ok := event.(raxx.Timer); ok {
				if list[n] == nil {
					panic("out of tea")
				}
				return n + 1, list[n]
			}
			return n, nil
		})
	}
	now := func(m raxx.Machine) raxx.Response { return raxx.Reply(200, "", m) }
	panicking := raxx.NewStream(-1, func(func([]byte, error) bool) { panic("out of tea") })
	failure := func(kind string, more attrs) []event {
		all := attrs{"exception.type": kind}
		for k, v := range more {
			all[k] = v
		}
		return []event{{"exception", all}}
	}
	said := failure("*errors.errorString", attrs{"exception.message": noProgress})
	stack := failure("panic", attrs{"exception.stacktrace": true})
	for _, test := range []struct {
		name   string
		method string
		resp   raxx.Response
		timers int // a second before each
		want   span
		out    float64 // bytes
	}{
		{"complete", "GET", raxx.Text(200, "hello"), 0, span{Attrs: attrs{"http.response.status_code": int64(200)}}, 5},
		{"to HEAD", "HEAD", raxx.Text(200, "hello"), 0, span{Attrs: attrs{"http.response.status_code": int64(200)}}, 0},
		{"a stream", "GET", raxx.Reply(200, "", raxxtest.Chunks("ab", "c")), 0, span{Attrs: attrs{"http.response.status_code": int64(200)}}, 3},
		{"a stream to HEAD", "HEAD", raxx.Reply(200, "", raxxtest.Chunks("ab")), 0, span{Attrs: attrs{"http.response.status_code": int64(200)}}, 0},
		{"a stream that fails", "GET", raxx.Reply(200, "", raxxtest.Broken(io.ErrNoProgress, "a")), 0, span{
			Status: codes.Error, Text: noProgress, Events: said,
			Attrs: attrs{"http.response.status_code": int64(200), "error.type": "unsendable", "raxx.end": "unsendable"},
		}, 1},
		{"a stream that panics", "GET", raxx.Reply(200, "", panicking), 0, span{
			Status: codes.Error, Events: stack, Attrs: attrs{"http.response.status_code": int64(200), "error.type": "panic"},
		}, -1},
		{"a machine", "GET", now(says(parts{raxx.Data("ab")}, parts{raxx.Data("c"), raxx.Tail{}})), 2, span{
			Took: 2 * time.Second, Attrs: attrs{"http.response.status_code": int64(200)},
		}, 3},
		{"a machine to HEAD", "HEAD", now(says(parts{})), 1, span{Attrs: attrs{"http.response.status_code": int64(200)}}, 0},
		{"a deferred head", "GET", raxx.Defer(says(parts{raxx.Response{Status: 201}}, parts{raxx.Tail{}})), 2, span{
			Took: 2 * time.Second, Attrs: attrs{"http.response.status_code": int64(201)},
		}, 0},
		{"a deferred reply", "GET", raxx.Defer(says(parts{raxx.Text(503, "busy").WithCause(io.ErrNoProgress)})), 1, span{
			Took: time.Second, Status: codes.Error, Events: said, Attrs: attrs{"http.response.status_code": int64(503), "error.type": "503"},
		}, 4},
		{"a deferred stream", "GET", raxx.Defer(says(parts{raxx.Reply(200, "", raxxtest.Chunks("ab"))})), 1, span{
			Took: time.Second, Attrs: attrs{"http.response.status_code": int64(200)},
		}, 2},
		{"a machine that breaks off", "GET", now(says(parts{raxx.Data("ab"), raxx.Abort{Cause: raxx.NewCause(io.ErrNoProgress)}})), 1, span{
			Took: time.Second, Status: codes.Error, Text: noProgress, Events: said,
			Attrs: attrs{"http.response.status_code": int64(200), "error.type": "aborted", "raxx.end": "aborted"},
		}, 2},
		{"a machine that panics", "GET", now(says(nil)), 1, span{
			Took: time.Second, Status: codes.Error, Events: stack, Attrs: attrs{"http.response.status_code": int64(200), "error.type": "panic"},
		}, -1},
		{"a machine whose client leaves", "GET", now(says(parts{})), 0, span{
			Attrs: attrs{"http.response.status_code": int64(200), "raxx.end": "client_gone"},
		}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newTelescope(t)
				resp := s.config().Middleware()(func(raxx.Request) raxx.Response { return test.resp })(raxx.New(test.method, "/", nil))
				consume(test.method, resp, test.timers)
				for k, v := range (attrs{"http.request.method": test.method, "url.scheme": "http", "url.path": "/", "server.address": "localhost", "server.port": int64(80)}) {
					test.want.Attrs[k] = v
				}
				test.want.Name = test.method
				diff(t, []span{test.want}, s.take())
				out, known := s.sizes(t, "http.server.response.body.size")
				if known != (test.out >= 0) || known && out != test.out {
					t.Errorf("got a size of %v (%v), want %v", out, known, test.out)
				}
			})
		})
	}
}

// consume does with a response what a server would.
func consume(method string, resp raxx.Response, timers int) {
	defer func() { recover() }()
	switch body := resp.Body.(type) {
	case raxx.Machine:
		m, _ := body.Step(raxx.Open{})
		for range timers {
			time.Sleep(time.Second) // of the bubble
			var parts []raxx.Part
			m, parts = m.Step(raxx.Timer{})
			for _, part := range parts {
				if head, ok := part.(raxx.Response); ok {
					raxx.ReadAll(head.Body, 0)
				}
			}
		}
		m.Step(raxx.Closed{Reason: raxx.ClientGone})
	case nil:
	default:
		if method != "HEAD" {
			raxx.ReadAll(body, 0)
		}
	}
}

// sizes returns the sum of a histogram, and whether it has seen anything.
func (s *telescope) sizes(t *testing.T, name string) (sum float64, known bool) {
	t.Helper()
	for key, v := range s.measured(t) {
		if len(key) > len(name) && key[:len(name)] == name {
			sum, known = sum+v.Sum, true
		}
	}
	return sum, known
}

// What nobody pulls and nobody steps is over with the context.
func TestWithoutAServerThatGoesOn(t *testing.T) {
	for _, resp := range []raxx.Response{raxx.Reply(200, "", raxxtest.Chunks("a")), raxx.Reply(200, "", ticking())} {
		synctest.Test(t, func(t *testing.T) {
			s := newTelescope(t)
			ctx, leave := context.WithCancel(t.Context())
			s.config().Middleware()(func(raxx.Request) raxx.Response { return resp })(raxx.Get("/").WithContext(ctx))
			synctest.Wait()
			diff(t, nil, s.take())
			leave()
			synctest.Wait()
			if spans := s.take(); len(spans) != 1 || spans[0].Attrs["raxx.end"] != "client_gone" || spans[0].Status != codes.Unset {
				t.Errorf("got %+v", spans)
			}
		})
	}
}

// A stream that is pulled ends as it does, whatever becomes of the context.
func TestWithoutAServerThatIsPulled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTelescope(t)
		ctx, leave := context.WithCancel(t.Context())
		defer leave()
		resp := s.config().Middleware()(func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "", raxxtest.Chunks("a", "b"))
		})(raxx.Get("/").WithContext(ctx))
		for range resp.Body.(raxx.Stream).Chunks() {
			leave()
			synctest.Wait()
			diff(t, nil, s.take())
		}
		if spans := s.take(); len(spans) != 1 || spans[0].Attrs["raxx.end"] != nil {
			t.Errorf("got %+v", spans)
		}
	})
}

// A handler that fails since its client has left is not to blame; one that fails by
// something else is.
func TestFailuresOfThoseWhoseClientHasLeft(t *testing.T) {
	for _, test := range []struct {
		name  string
		cause error
		gone  bool
		want  codes.Code
	}{
		{"the client has left", context.Canceled, true, codes.Unset},
		{"something else", errors.New("disk full"), true, codes.Error},
		{"the client is there", context.Canceled, false, codes.Error},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newTelescope(t)
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			if test.gone {
				leave()
			}
			s.config().Middleware()(func(raxx.Request) raxx.Response {
				return raxx.Text(500, "").WithCause(test.cause)
			})(raxx.Get("/").WithContext(ctx))
			if spans := s.take(); len(spans) != 1 || spans[0].Status != test.want {
				t.Errorf("got %+v", spans)
			}
		})
	}
}

// A panic goes on, with its stack.
func TestPanicsGoOn(t *testing.T) {
	s := newTelescope(t)
	defer func() {
		if v := recover(); v != "out of tea" {
			t.Errorf("got %v", v)
		}
		if spans := s.take(); len(spans) != 1 || spans[0].Attrs["error.type"] != "panic" {
			t.Errorf("got %+v", spans)
		}
	}()
	s.config().Middleware()(func(raxx.Request) raxx.Response { panic("out of tea") })(raxx.Get("/"))
}

// A machine may hold on to the list that it has returned.
func TestPartsStayAsTheyAre(t *testing.T) {
	s := newTelescope(t)
	list := []raxx.Part{raxx.Reply(200, "", raxxtest.Chunks("ab"))}
	resp := s.config().Middleware()(func(raxx.Request) raxx.Response {
		return raxx.Defer(raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) { return n, list }))
	})(raxx.Get("/"))
	resp.Body.(raxx.Machine).Step(raxx.Open{})
	raxx.ReadAll(list[0].(raxx.Response).Body, 0)
	diff(t, nil, s.take())
}

// A borrower is a machine that keeps nothing of what it is handed.
type borrower struct{}

func (borrower) BorrowsData() bool { return true }

func TestBorrowersStayBorrowers(t *testing.T) {
	for _, m := range []raxx.Machine{
		raxx.NewMachine(borrower{}, func(b borrower, _ raxx.Event) (borrower, []raxx.Part) { return b, nil }), ticking(),
	} {
		resp := newTelescope(t).config().Middleware()(func(raxx.Request) raxx.Response { return raxx.Defer(m) })(raxx.Get("/"))
		diff(t, m.Borrows(), resp.Body.(raxx.Machine).Borrows())
	}
}
