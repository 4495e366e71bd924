package middleware_test

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// stateMachine counts the Info events "count"; at others it sends something, and is
// as it was.
func stateMachine(n int, event raxx.Event) (int, []raxx.Part) {
	info, _ := event.(raxx.Info)
	switch info.Message {
	case "count":
		return n + 1, nil
	case "head":
		return n, []raxx.Part{raxx.Response{Status: 200}}
	case "switch":
		return n, []raxx.Part{raxx.Response{Status: 101}}
	case "data":
		return n, []raxx.Part{raxx.Data("abc")}
	case "tail":
		return n, []raxx.Part{raxx.Tail{}}
	case "panic":
		panic("oh")
	}
	return n, nil
}

// Machines that middleware has made of equal ones are equal if the same events may
// lead to the same parts: the tests of a site compare them.
func TestMachinesOfMiddlewareCompare(t *testing.T) {
	say := func(messages ...string) []raxx.Event {
		events := []raxx.Event{raxx.Open{}}
		for _, message := range messages {
			events = append(events, raxx.Info{Message: message})
		}
		return events
	}
	after := func(event raxx.Event, messages ...string) []raxx.Event { return append(say(messages...), event) }
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	for _, test := range []struct {
		name   string
		mw     raxx.Middleware
		differ [][]raxx.Event // what leads to machines that differ
	}{
		{"Timeout", middleware.Timeout{After: time.Second}.Middleware(), [][]raxx.Event{
			say(), say("count"), say("head"), after(raxx.Timer{Name: "raxx/middleware: Timeout 1s"}),
		}},
		{"BodyLimit", middleware.BodyLimit(5), [][]raxx.Event{
			say(), say("count"), say("head"), say("switch"), after(raxx.Data("abc")), after(raxx.Data("abcdef")),
		}},
		{"Recover", middleware.Recover{Report: func(raxx.Request, *middleware.PanicError) {}}.Middleware(), [][]raxx.Event{
			say(), say("count"), say("head"), say("panic"),
		}},
		{"AccessLog", middleware.AccessLog{Logger: quiet}.Middleware(), [][]raxx.Event{
			say("head"), say("head", "count"), say("head", "data"), say("head", "tail"),
		}},
	} {
		run := func(mw raxx.Middleware, events []raxx.Event) raxx.Machine {
			resp := mw(func(raxx.Request) raxx.Response { return raxx.Defer(raxx.NewMachine(0, stateMachine)) })(
				raxx.Post("/", "text/plain", raxxtest.Chunks()))
			m := resp.Body.(raxx.Machine)
			for _, event := range events {
				m, _ = m.Step(event)
			}
			return m
		}
		for i, one := range test.differ {
			for j, other := range test.differ {
				if got := run(test.mw, one).Equal(run(test.mw, other)); got != (i == j) {
					t.Errorf("%s: after %v and %v: equal is %t", test.name, one, other, got)
				}
			}
		}
	}
}

// Of two time-outs that are not the same the timers have other names.
func TestMachinesOfTwoTimeoutsDiffer(t *testing.T) {
	machine := func(d time.Duration) raxx.Body {
		return middleware.Timeout{After: d}.Middleware()(func(raxx.Request) raxx.Response {
			return raxx.Defer(raxx.NewMachine(0, stateMachine))
		})(raxx.Get("/")).Body
	}
	if machine(time.Second).(raxx.Machine).Equal(machine(time.Minute).(raxx.Machine)) {
		t.Error("they are equal")
	}
}
