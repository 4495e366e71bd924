package sse_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
	"github.com/raxx-go/raxx/raxx/sse"
)

type parts = []raxx.Part

// beat is the timer of a stream.
const beat = "raxx/sse"

// head is the response of every stream.
var head = raxx.Response{Status: 200, Header: raxx.Header{
	{Name: "content-type", Value: "text/event-stream"},
	{Name: "cache-control", Value: "no-store"},
	{Name: "x-accel-buffering", Value: "no"},
}}

// saying returns a machine that answers the nth event with the nth parts.
func saying(script ...parts) raxx.Machine {
	return raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) {
		if n >= len(script) {
			return n, nil
		}
		return n + 1, script[n]
	})
}

func TestStream(t *testing.T) {
	pulse := raxx.After{Name: beat, Delay: 15 * time.Second}
	sub, pub, after := raxx.Subscribe{Topic: "a"}, raxx.Publish{Topic: "a"}, raxx.After{Name: "mine", Delay: 1}
	hello := sse.Event{Data: "hello"}
	quiet := sse.Config{Heartbeat: -1}
	for _, tt := range []struct {
		name   string
		config sse.Config
		m      raxx.Machine
		events []raxx.Event
		want   parts
	}{
		{"a heartbeat is set when the stream opens", sse.Config{}, saying(), nil, parts{head, pulse}},
		{"and comes again and again", sse.Config{}, saying(), []raxx.Event{raxx.Timer{Name: beat}, raxx.Timer{Name: beat}},
			parts{head, pulse, raxx.Data(":\n\n"), pulse, raxx.Data(":\n\n"), pulse}},
		{"at another pace", sse.Config{Heartbeat: time.Hour}, saying(), nil, parts{head, raxx.After{Name: beat, Delay: time.Hour}}},
		{"or never", quiet, saying(), nil, parts{head}},
		{"events that follow on each other are one piece", quiet, saying(parts{hello, sse.Event{ID: "1", Data: "a"}, sse.Comment("b\nc")}), nil,
			parts{head, raxx.Data("data: hello\n\nid: 1\ndata: a\n\n: b\n: c\n\n")}},
		{"effects keep their place", quiet, saying(parts{sub, hello, pub, after, hello}), nil,
			parts{head, sub, raxx.Data("data: hello\n\n"), pub, after, raxx.Data("data: hello\n\n")}},
		{"the machine hears of everything but the heartbeat", quiet,
			saying(parts{sse.Event{Data: "1"}}, parts{sse.Event{Data: "2"}}, parts{sse.Event{Data: "3"}}),
			[]raxx.Event{raxx.Timer{Name: "mine"}, raxx.Timer{Name: beat}, raxx.Info{}},
			parts{head, raxx.Data("data: 1\n\n"), raxx.Data("data: 2\n\n"), raxx.Data(":\n\n"), raxx.Data("data: 3\n\n")}},
		{"a Tail ends it", sse.Config{}, saying(parts{hello, raxx.Tail{}}), nil, parts{head, raxx.Data("data: hello\n\n"), raxx.Tail{}}},
		{"effects may follow on it", quiet, saying(parts{raxx.Tail{}, pub}), nil, parts{head, pub, raxx.Tail{}}},
		{"when the server shuts down, clients are told when to come back", sse.Config{Heartbeat: -1, Retry: 3 * time.Second, Spread: -1},
			saying(nil, parts{sse.Event{Data: "bye"}}), []raxx.Event{raxx.Drain{}},
			parts{head, raxx.Data("data: bye\n\nretry: 3000\n\n"), raxx.Tail{}}},
		{"also if the machine ends it", sse.Config{Heartbeat: -1, Spread: -1},
			saying(nil, parts{sse.Event{Data: "bye"}, raxx.Tail{}}), []raxx.Event{raxx.Drain{}},
			parts{head, raxx.Data("data: bye\n\nretry: 1000\n\n"), raxx.Tail{}}},
		{"and publishes behind that", sse.Config{Heartbeat: -1, Spread: -1},
			saying(nil, parts{raxx.Tail{}, pub}), []raxx.Event{raxx.Drain{}}, parts{head, pub, raxx.Data("retry: 1000\n\n"), raxx.Tail{}}},
		{"or they are not told", sse.Config{Heartbeat: -1, Retry: -1}, saying(), []raxx.Event{raxx.Drain{}}, parts{head, raxx.Tail{}}},
		{"a finite one goes on", sse.Config{Heartbeat: -1, Finite: true},
			saying(nil, parts{hello}, parts{hello, raxx.Tail{}}), []raxx.Event{raxx.Drain{}, raxx.Timer{}},
			parts{head, raxx.Data("data: hello\n\n"), raxx.Data("data: hello\n\n"), raxx.Tail{}}},
		{"or ends", sse.Config{Heartbeat: -1, Spread: -1, Finite: true},
			saying(nil, parts{raxx.Tail{}}), []raxx.Event{raxx.Drain{}}, parts{head, raxx.Data("retry: 1000\n\n"), raxx.Tail{}}},
		{"the client has gone", quiet, saying(nil, parts{hello, pub}), []raxx.Event{raxx.Closed{Reason: raxx.ClientGone}}, parts{head, pub}},
		{"the zero machine", quiet, raxx.Machine{}, nil, parts{head, raxx.Tail{}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, raxxtest.Run(sse.Stream(raxx.Get("/"), tt.config, tt.m), tt.events...))
		})
	}
}

// An ID means nothing to a stream without a history. A client may send one all the same.
func TestStreamWithoutHistory(t *testing.T) {
	req := raxx.Get("/").With("last-event-id", "1")
	want := raxxtest.Run(sse.Stream(raxx.Get("/"), sse.Config{Spread: -1}, saying()), raxx.Timer{Name: beat}, raxx.Drain{})
	diff(t, want, raxxtest.Run(sse.Stream(req, sse.Config{Spread: -1}, saying()), raxx.Timer{Name: beat}, raxx.Drain{}))
}

func TestStreamIsNotStartedForHead(t *testing.T) {
	diff(t, head, sse.Stream(raxx.Head("/"), sse.Config{}, saying()))
}

// What can't be part of an event stream breaks it off.
func TestStreamRefuses(t *testing.T) {
	for _, tt := range []struct {
		part raxx.Part
		text string
	}{
		{raxx.Data("a"), "raxx.Data can't be part"},
		{raxx.Text(200, "a"), "raxx.Response can't be part"},
		{raxx.Inform{Status: 103}, "raxx.Inform can't be part"},
		{raxx.Tail{Trailer: raxx.Header{{Name: "a", Value: "b"}}}, "with a trailer"},
		{raxx.After{Name: beat}, "own timer"},
		{sse.Event{ID: "a\nb"}, "the id holds"},
		{nil, "<nil> can't be part"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			x := raxxtest.Start(sse.Stream(raxx.Get("/"), sse.Config{}, saying(parts{sse.Event{Data: "a"}, tt.part, sse.Event{Data: "b"}})))
			if x.Content() != "data: a\n\n" || x.Err() == nil || !strings.Contains(x.Err().Error(), tt.text) {
				t.Errorf("got %q and %v", x.Content(), x.Err())
			}
			// Nothing is behind the Abort, in particular not what was refused.
			_, got := sse.Stream(raxx.Get("/"), sse.Config{}, saying(parts{tt.part, sse.Event{Data: "b"}})).Body.(raxx.Machine).Step(raxx.Open{})
			if len(got) != 1 {
				t.Errorf("a part that is refused becomes %v", got)
			} else if _, aborts := got[0].(raxx.Abort); !aborts {
				t.Errorf("a part that is refused becomes %v", got)
			}
		})
	}
	x := raxxtest.Start(sse.Stream(raxx.Get("/"), sse.Config{}, saying(parts{raxx.Tail{}, sse.Event{Data: "a"}})))
	if x.Content() != "" || x.Err() == nil || !strings.Contains(x.Err().Error(), "a sse.Event comes behind the end") {
		t.Errorf("an event behind the end: %q and %v", x.Content(), x.Err())
	}
	cause := errors.New("no more")
	x = raxxtest.Start(sse.Stream(raxx.Get("/"), sse.Config{}, saying(parts{raxx.Abort{Cause: raxx.NewCause(cause)}})))
	if !errors.Is(x.Err(), cause) {
		t.Errorf("an Abort became %v", x.Err())
	}
}

// Clients that are told to come back do not come all at once.
func TestClientsComeBackOneByOne(t *testing.T) {
	seen := map[raxx.Data]bool{}
	for i := range 100 {
		req, address := raxx.Get("/"), fmt.Sprintf("192.0.2.%d", i)
		if i%2 == 0 {
			req = req.With("x-forwarded-for", address)
		} else {
			req.Peer.Address = address
		}
		x := raxxtest.Start(sse.Stream(req, sse.Config{Retry: time.Second, Spread: time.Second}, saying()))
		x.Send(raxx.Drain{})
		events, _ := sse.Parse(x.Content())
		if retry := events[0].Retry; retry < time.Second || retry >= 2*time.Second {
			t.Fatalf("a client is told %v", retry)
		}
		seen[x.Content()] = true
	}
	if len(seen) < 80 {
		t.Errorf("100 clients come back at %d different times", len(seen))
	}
}

func TestLostIsChecked(t *testing.T) {
	defer func() {
		if _, ok := recover().(*sse.EventError); !ok {
			t.Error("Stream took an event that can't be sent")
		}
	}()
	sse.Stream(raxx.Get("/"), sse.Config{Lost: sse.Event{ID: "\n"}}, saying())
}

func TestPull(t *testing.T) {
	cut := errors.New("cut")
	events := func(yield func(sse.Event, error) bool) {
		if yield(sse.Event{Data: "1"}, nil) && yield(sse.Event{Data: "2"}, nil) {
			yield(sse.Event{}, cut)
		}
	}
	diff(t, parts{head, raxx.Data("data: 1\n\n"), raxx.Data("data: 2\n\n"), raxx.Abort{Cause: raxx.NewCause(cut)}},
		raxxtest.Run(sse.Pull(events)))
	for range raxx.Chunks(sse.Pull(events).Body) {
		break
	}
	bad := func(yield func(sse.Event, error) bool) { yield(sse.Event{ID: "\n"}, nil) }
	var fault *sse.EventError
	if _, err := raxx.Collect(sse.Pull(bad)); !errors.As(err, &fault) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkStep(b *testing.B) {
	m := raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
		if info, ok := event.(raxx.Info); ok {
			return n, parts{sse.Event{ID: "17", Data: info.Message}}
		}
		return n, nil
	})
	body := sse.Stream(raxx.Get("/"), sse.Config{}, m).Body.(raxx.Machine)
	info := raxx.Info{Topic: "t", Message: strings.Repeat("x", 100)}
	b.ReportAllocs()
	for b.Loop() {
		body, _ = body.Step(info)
	}
}
