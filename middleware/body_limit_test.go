package middleware_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func ExampleBodyLimit() {
	handler := middleware.BodyLimit(4)(stackTestHandler)
	fmt.Println(handler(raxx.Post("/", "text/plain", raxx.Data("12345"))).Body)
	// Output: {"title":"Content Too Large","status":413,"detail":"the body is larger than 4 bytes"}
}

var bodyLimitRefusal = &raxx.Error{Status: 413, Detail: "the body is larger than 4 bytes"}

// bodyLimitOf returns the stream with a length.
func bodyLimitOf(length int64, chunks ...string) raxx.Stream {
	s := raxxtest.Chunks(chunks...)
	s.Length = length
	return s
}

func TestBodyLimit(t *testing.T) {
	for _, test := range []struct {
		name   string
		body   raxx.Body
		called bool
		want   raxx.Data // that the handler reads
		err    error
	}{
		{"nothing", nil, true, "", nil},
		{"Data that fits", raxx.Data("1234"), true, "1234", nil},
		{"Data that does not", raxx.Data("12345"), false, "", nil},
		{"a stream that fits", bodyLimitOf(4, "12", "34"), true, "1234", nil},
		{"a stream that says it does not", bodyLimitOf(5, "12", "345"), false, "", nil},
		{"a stream of unknown length that fits", bodyLimitOf(-1, "12", "34"), true, "1234", nil},
		{"a stream of unknown length that does not (chunked, as Bandit took it)", bodyLimitOf(-1, "123", "45", "6"), true, "123", bodyLimitRefusal},
		{"a stream that is longer than it says", bodyLimitOf(2, "12345"), true, "", bodyLimitRefusal},
	} {
		t.Run(test.name, func(t *testing.T) {
			called := false
			resp := middleware.BodyLimit(4)(func(req raxx.Request) raxx.Response {
				called = true
				var got raxx.Data
				var failure error
				for chunk, err := range raxx.Chunks(req.Body) {
					got += raxx.Data(chunk)
					failure = err
				}
				if got != test.want || !raxx.NewCause(failure).Equal(raxx.NewCause(test.err)) {
					t.Errorf("read %q and %v, want %q and %v", got, failure, test.want, test.err)
				}
				return raxx.NoContent()
			})(raxx.Post("/", "text/plain", test.body))
			want := bodyLimitRefusal.Response()
			if test.called {
				want = raxx.NoContent()
			}
			if diff := cmp.Diff(want, resp); called != test.called || diff != "" {
				t.Errorf("called: %v; %s", called, diff)
			}
		})
	}
}

func TestBodyLimitThatIsNegative(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it did not panic")
		}
	}()
	middleware.BodyLimit(-1)
}

func TestBodyLimitKeepsTheTrailer(t *testing.T) {
	trailer := raxx.Header{{Name: "x-sum", Value: "9"}}
	body := raxxtest.Chunks("ab").WithTrailer(func() raxx.Header { return trailer })
	middleware.BodyLimit(4)(func(req raxx.Request) raxx.Response {
		raxx.ReadAll(req.Body, 0)
		if diff := cmp.Diff(trailer, req.Body.(raxx.Stream).Trailer()); diff != "" {
			t.Error(diff)
		}
		return raxx.NoContent()
	})(raxx.Post("/", "text/plain", body))
}

func TestBodyLimitOfMachines(t *testing.T) {
	m := raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
		switch event := event.(type) {
		case raxx.Data:
			return n + len(event), nil
		case raxx.Tail:
			return n, []raxx.Part{raxx.Text(200, fmt.Sprint(n))}
		case raxx.Closed:
			return n, []raxx.Part{raxx.Publish{Topic: "left", Message: event.Reason.String()}}
		case raxx.Info:
			if event.Message == "head" {
				return n, []raxx.Part{raxx.Response{Status: 200}}
			}
			return n, []raxx.Part{raxx.Response{Status: 101}}
		}
		return n, nil
	})
	left := raxx.Publish{Topic: "left", Message: raxx.Violated.String()}
	for _, test := range []struct {
		name   string
		resp   raxx.Response
		events []raxx.Event
		want   []raxx.Part
	}{
		{"a body that fits", raxx.Defer(m), []raxx.Event{raxx.Data("12"), raxx.Data("34"), raxx.Tail{}}, []raxx.Part{raxx.Text(200, "4")}},
		{"one that does not, before the head", raxx.Defer(m), []raxx.Event{raxx.Data("12"), raxx.Data("345")},
			[]raxx.Part{left, bodyLimitRefusal.Response()}},
		{"one that does not, behind the head", raxx.Response{Status: 200, Body: m}, []raxx.Event{raxx.Data("12345")},
			[]raxx.Part{raxx.Response{Status: 200}, left, raxx.Abort{Cause: raxx.NewCause(bodyLimitRefusal)}}},
		{"one that does not, behind a head that came later", raxx.Defer(m), []raxx.Event{raxx.Info{Message: "head"}, raxx.Data("12345")},
			[]raxx.Part{raxx.Response{Status: 200}, left, raxx.Abort{Cause: raxx.NewCause(bodyLimitRefusal)}}},
		{"another protocol", raxx.Response{Status: 101, Body: m}, []raxx.Event{raxx.Data("12345")}, []raxx.Part{raxx.Response{Status: 101}}},
		{"another protocol, later", raxx.Defer(m), []raxx.Event{raxx.Data("1234"), raxx.Info{}, raxx.Data("12345")},
			[]raxx.Part{raxx.Response{Status: 101}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			handler := middleware.BodyLimit(4)(func(raxx.Request) raxx.Response { return test.resp })
			resp := handler(raxx.Post("/", "text/plain", bodyLimitOf(-1, "")))
			if diff := cmp.Diff(test.want, raxxtest.Run(resp, test.events...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBodyLimitCountsWhatTheHandlerHasRead(t *testing.T) {
	body := bodyLimitOf(-1, "123", "45")
	resp := middleware.BodyLimit(4)(func(req raxx.Request) raxx.Response {
		for range raxx.Chunks(req.Body) {
			break
		}
		return raxx.Defer(raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) { return n, nil }))
	})(raxx.Post("/", "text/plain", body))
	if diff := cmp.Diff([]raxx.Part{bodyLimitRefusal.Response()}, raxxtest.Run(resp, raxx.Data("45"))); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkBodyLimit(b *testing.B) {
	handler := middleware.BodyLimit(0)(stackTestHandler)
	req := raxx.Post("/", "text/plain", raxxtest.Chunks("hello"))
	b.ReportAllocs()
	for b.Loop() {
		handler(req)
	}
}
