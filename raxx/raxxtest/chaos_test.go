package raxxtest

import (
	"errors"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

func hello(raxx.Request) raxx.Response { return raxx.Text(200, "hello") }

func TestTriggers(t *testing.T) {
	for _, tt := range []struct {
		name string
		when Trigger
		want string
	}{
		{"Always", Always, "xxxxxx"},
		{"Nth", Nth(2, 5), ".x..x."},
		{"Nth of none", Nth(), "......"},
		{"Every", Every(3), "..x..x"},
		{"Share of all", Share(1, 7), "xxxxxx"},
		{"Share of none", Share(0, 7), "......"},
	} {
		h := Chaos(tt.when, Answer(raxx.Problem(503, "")))(hello)
		got := ""
		for range 6 {
			if h(raxx.Get("/")).Status == 503 {
				got += "x"
			} else {
				got += "."
			}
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
	var one, two []bool
	a, b := Share(0.5, 42), Share(0.5, 42)
	for range 100 {
		one, two = append(one, a(raxx.Get("/"))), append(two, b(raxx.Get("/")))
	}
	if !slices.Equal(one, two) || !slices.Contains(one, true) || !slices.Contains(one, false) {
		t.Error("the same seed chooses others, or not a share")
	}
}

func TestChaosThatCannotBeMeant(t *testing.T) {
	for name, make := range map[string]func(){
		"Every of 0 requests":  func() { Every(0) },
		"Cut behind -1 octets": func() { Cut(-1) },
	} {
		func() {
			defer func() { diff(t, any("raxxtest: "+name), recover()) }()
			make()
		}()
	}
}

func TestCrash(t *testing.T) {
	called := false
	defer func() {
		if recover() != "boom" || !called {
			t.Error("the handler did not panic behind its work")
		}
	}()
	Crash("boom")(func(raxx.Request) raxx.Response { called = true; return raxx.NoContent() })(raxx.Get("/"))
}

func TestCut(t *testing.T) {
	files := fstest.MapFS{"f": {Data: []byte("hello")}}
	head := raxx.Response{Status: 200}
	for _, tt := range []struct {
		name string
		resp raxx.Response
		n    int64
		want raxx.Data
		cut  bool
	}{
		{"Data", head.WithBody(raxx.Data("hello")), 3, "hel", true},
		{"Data to its end", head.WithBody(raxx.Data("hello")), 5, "hello", false},
		{"a file", head.WithBody(raxx.NewFile(files, "f")), 3, "hel", true},
		{"a stream within a chunk", head.WithBody(Chunks("he", "llo")), 3, "hel", true},
		{"a stream between two chunks", head.WithBody(Chunks("he", "llo")), 2, "he", true},
		{"a stream at its end", head.WithBody(Chunks("he", "llo")), 5, "hello", false},
		{"at the beginning", head.WithBody(Chunks("he", "llo")), 0, "", true},
		{"a machine", head.WithBody(saying(parts{raxx.Data("he"), raxx.Data("llo"), raxx.Tail{}})), 3, "hel", true},
		{"a machine to its end", head.WithBody(saying(parts{raxx.Data("he"), raxx.Data("llo"), raxx.Tail{}})), 5, "hello", false},
		{"a deferred response", raxx.Defer(saying(parts{head.WithBody(raxx.Data("hello"))})), 3, "hel", true},
		{"no body", raxx.NoContent(), 0, "", false},
		{"a machine with last words", head.WithBody(raxx.NewMachine(wordy{saying(parts{raxx.Data("he"), raxx.Data("llo")})}, wordy.step)), 3, "hel", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := NewServer(Cut(tt.n)(func(raxx.Request) raxx.Response { return tt.resp })).Serve(raxx.Get("/"))
			if x.Content() != tt.want || errors.Is(x.Err(), ErrCut) != tt.cut || !tt.cut && x.Err() != nil {
				t.Errorf("got %q and %v", x.Content(), x.Err())
			}
		})
	}
	// What is not cut is not touched.
	Laws(t, Cut(1<<30))
}

func TestLatency(t *testing.T) {
	s := NewServer(Latency(time.Second)(room))
	x := s.Serve(raxx.Get("/a"))
	x.Advance(time.Second - 1)
	if _, ok := x.Head(); ok {
		t.Fatal("the answer comes too early")
	}
	x.Advance(1)
	s.Serve(raxx.Post("/a", "text/plain", raxx.Data("hi")))
	diff(t, raxx.Data(""), x.Content())
	s.Advance(time.Second)
	diff(t, raxx.Data("hi"), x.Content())

	for name, resp := range map[string]raxx.Response{
		"Data":     raxx.Text(200, "hello, you"),
		"a stream": raxx.Text(200, "").WithBody(Chunks("hello, ", "you")),
		"a machine": raxx.Text(200, "").WithDo(raxx.Publish{Topic: "a"}).WithBody(saying(
			parts{raxx.Data("hello, ")}, parts{raxx.Data("you")}, parts{raxx.Tail{}})),
		"a deferred head": raxx.Defer(saying(nil, parts{raxx.Text(200, ""), raxx.Data("hello, you")}, parts{raxx.Tail{}})).
			WithDo(raxx.Publish{Topic: "a"}),
	} {
		x := NewServer(Latency(time.Second)(func(raxx.Request) raxx.Response { return resp })).Serve(raxx.Get("/"))
		x.Send(raxx.Info{Topic: "meanwhile"})
		x.Advance(time.Second)
		x.Send(raxx.Info{})
		got, err := x.Response()
		diff(t, raxx.Text(200, "hello, you"), got)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	none := func(raxx.Request) raxx.Response { return raxx.NoContent().WithDo(raxx.Publish{Topic: "a"}) }
	x = NewServer(Latency(time.Second)(none)).Serve(raxx.Get("/"))
	x.Take()
	diff(t, parts{raxx.Publish{Topic: "a"}, raxx.NoContent(), raxx.Tail{}}, x.Advance(time.Second))

	x = NewServer(Latency(time.Second)(hello)).Serve(raxx.Get("/"))
	x.Send(raxx.Closed{Reason: raxx.ClientGone})
	x.Advance(time.Minute)
	if _, ok := x.Head(); ok {
		t.Error("a client that has gone was answered")
	}
}

// A machine that ends its reply at once is told no more of what has happened
// before it was asked.
func TestLatencyOfMachineThatEndsAtOnce(t *testing.T) {
	for name, resp := range map[string]raxx.Response{
		"a tail":        raxx.Text(200, "").WithBody(raxx.Machine{}),
		"a whole reply": raxx.Defer(answering(raxx.Text(200, "hello"))),
		"an abort":      raxx.Text(200, "").WithBody(answering(raxx.Abort{Cause: raxx.NewCause(errLaw)})),
	} {
		x := NewServer(Latency(time.Second)(func(raxx.Request) raxx.Response { return resp })).Serve(raxx.Post("/", "a/b", Chunks("a", "b")))
		x.Send(raxx.Info{Topic: "meanwhile"})
		x.Advance(time.Second)
		var rule *RuleError
		if !x.Ended() || errors.As(x.Err(), &rule) {
			t.Errorf("%s: got %v, %v", name, x.Parts(), x.Err())
		}
	}
}

// answering returns a machine that answers every event with these parts.
func answering(parts ...raxx.Part) raxx.Machine {
	return raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) { return n, parts })
}
