package sse_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/sse"
)

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("got differs from want (-want +got):\n%s", d)
	}
}

func TestEncode(t *testing.T) {
	for _, tt := range []struct {
		name  string
		event sse.Event
		want  raxx.Data
	}{
		{"data alone", sse.Event{Data: "hello"}, "data: hello\n\n"},
		{"all fields", sse.Event{ID: "7", Type: "tick", Data: "a", Retry: time.Second}, "id: 7\nevent: tick\nretry: 1000\ndata: a\n\n"},
		{"a line of data for every line", sse.Event{Data: "a\nb\rc\r\nd\n"}, "data: a\ndata: b\ndata: c\ndata: d\ndata:\n\n"},
		{"empty lines", sse.Event{Data: "\n\n"}, "data:\ndata:\ndata:\n\n"},
		{"a space in front stays", sse.Event{Data: " a"}, "data:  a\n\n"},
		{"what looks like a field is data", sse.Event{Data: "x\nevent: admin"}, "data: x\ndata: event: admin\n\n"},
		{"a type without data is dispatched", sse.Event{Type: "ping"}, "event: ping\ndata:\n\n"},
		{"an id alone", sse.Event{ID: "7"}, "id: 7\n\n"},
		{"a retry alone", sse.Event{Retry: 1}, "retry: 1\n\n"},
		{"retry in whole milliseconds", sse.Event{Retry: 1500*time.Microsecond + 1}, "retry: 2\n\n"},
		{"the zero Event is nothing", sse.Event{}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.event.Encode()
			if err != nil {
				t.Fatal(err)
			}
			diff(t, tt.want, got)
		})
	}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		event sse.Event
		part  string
	}{
		{sse.Event{ID: "1\ndata: x"}, `id holds '\n' at offset 1`},
		{sse.Event{ID: "1\r"}, `id holds '\r'`},
		{sse.Event{ID: "\x00"}, `id holds '\x00'`},
		{sse.Event{ID: "a\x01"}, `id holds '\x01' at offset 1`},
		{sse.Event{ID: "\x7f"}, `id holds '\x7f'`},
		{sse.Event{ID: " 1"}, "id begins or ends with white space"},
		{sse.Event{ID: "1\t"}, "id begins or ends with white space"},
		{sse.Event{ID: "\ndata: x"}, `id holds '\n' at offset 0`},
		{sse.Event{Type: "a\nb"}, `type holds '\n'`},
		{sse.Event{Type: "\ndata: x"}, `type holds '\n' at offset 0`},
		{sse.Event{Type: "a\r"}, `type holds '\r'`},
		{sse.Event{Retry: -1}, "time to retry"},
	} {
		_, err := tt.event.Encode()
		var fault *sse.EventError
		if !errors.As(err, &fault) || fault.Event != tt.event || !strings.Contains(err.Error(), tt.part) {
			t.Errorf("%+v: got %v, want %q", tt.event, err, tt.part)
		}
	}
}

// What can be compared can be compared without options.
func TestValuesAreEqualToThemselves(t *testing.T) {
	m := raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) { return n, nil })
	history := sse.NewHistory(1)
	open := func(last string, config sse.Config) raxx.Response {
		config.Spread = -1 // so that they say the same farewell
		return sse.Stream(raxx.Get("/").With("last-event-id", last), config, m)
	}
	history.Add(sse.Event{ID: "2"})
	base := sse.Config{History: history}
	diff(t, open("1", base), open("1", base))
	for _, tt := range []struct {
		name   string
		last   string
		config sse.Config
		events int // that both machines have got
		same   bool
	}{
		{"catching up on the same", "1", base, 1, true},
		{"having caught up on the same", "1", base, 2, true},
		{"on different events", "2", base, 1, false},
		{"one of them on nothing", "", base, 1, false},
		{"from histories that differ", "1", sse.Config{History: sse.NewHistory(1)}, 1, false},
		{"with different words for what is lost", "1", sse.Config{History: history, Lost: sse.Event{Type: "a"}}, 1, false},
		{"with different heartbeats", "1", sse.Config{History: history, Heartbeat: time.Hour}, 1, false},
		{"one of which is finite", "1", sse.Config{History: history, Finite: true}, 1, false},
		{"with different farewells", "1", sse.Config{History: history, Retry: time.Hour}, 1, false},
		{"having caught up on different events", "2", base, 2, false},
		{"with nothing to catch up on any more", "1", base, 3, true},
		{"one of which has only caught up on nothing", "", base, 3, true},
	} {
		one, other := open("1", base).Body.(raxx.Machine), open(tt.last, tt.config).Body.(raxx.Machine)
		for _, event := range []raxx.Event{raxx.Open{}, raxx.Timer{Name: beat}, raxx.Timer{Name: beat}}[:tt.events] {
			one, _ = one.Step(event)
			other, _ = other.Step(event)
		}
		if one.Equal(other) != tt.same || other.Equal(one) != tt.same {
			t.Errorf("%s: equal is not %t", tt.name, tt.same)
		}
	}
	if cmp.Equal(open("1", base), sse.Stream(raxx.Get("/").With("last-event-id", "1"), sse.Config{History: history, Spread: -1}, saying())) {
		t.Error("streams of different machines are equal")
	}
	says := func(id string) raxx.Machine {
		m := raxx.NewMachine(id, func(id string, _ raxx.Event) (string, []raxx.Part) { return "", []raxx.Part{sse.Event{ID: id}} })
		held, _ := sse.Stream(raxx.Get("/").With("last-event-id", "1"), base, m).Body.(raxx.Machine).Step(raxx.Open{})
		return held
	}
	if !says("1").Equal(says("1")) || says("1").Equal(says("2")) {
		t.Error("streams that hold back different events are equal")
	}
	diff(t, sse.Config{Retry: 1, Lost: sse.Event{Type: "a"}}, sse.Config{Retry: 1, Lost: sse.Event{Type: "a"}})
}
