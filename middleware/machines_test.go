package middleware_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"
	"weak"

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

// A server makes one string of a head, of which all that a request says is a piece. A
// machine that has sent its own head may wait for hours, and must not keep it.
func TestWaitingMachinesKeepNoHead(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	proxies := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	id, log := middleware.RequestID{Trusted: proxies}.Middleware(), middleware.AccessLog{Logger: quiet}.Middleware()
	for name, mw := range map[string]raxx.Middleware{
		"AccessLog":                      log,
		"AccessLog and an id of a proxy": raxx.Stack(id, log),
		"Recover":                        middleware.Recover{Report: func(raxx.Request, *middleware.PanicError) {}}.Middleware(),
		"Recover and an id of a proxy":   raxx.Stack(id, middleware.Recover{}.Middleware()),
		"Default":                        middleware.Default{Logger: quiet, Development: true}.Middleware(),
		"Timeout":                        middleware.Timeout{}.Middleware(),
		"BodyLimit":                      middleware.BodyLimit(5),
	} {
		for _, deferred := range []bool{false, true} {
			m, head := waitingMachine(mw, deferred)
			runtime.GC()
			if head.Value() != nil {
				t.Errorf("%s (deferred: %t): the head of the request is kept", name, deferred)
			}
			runtime.KeepAlive(m)
		}
	}
}

// waitingMachine returns a machine behind mw that has sent its head, and the head of
// its request.
func waitingMachine(mw raxx.Middleware, deferred bool) (raxx.Machine, weak.Pointer[byte]) {
	words := []string{"GET", "localhost", "/events", "a=b", "x-request-id", "an-id", "user-agent", "curl", "cookie", "b=c"}
	head := strings.Join(words, " ")
	at := func(i int) string { return head[strings.Index(head, words[i]):][:len(words[i])] }
	req := raxx.Request{
		Method: at(0), Scheme: "http", Authority: at(1), Path: at(2), Query: at(3),
		Header: raxx.Header{{Name: at(4), Value: at(5)}, {Name: at(6), Value: at(7)}, {Name: at(8), Value: at(9)}},
		Peer:   raxx.Peer{Address: "192.0.2.1:80"},
	}
	resp := mw(func(raxx.Request) raxx.Response {
		resp := raxx.Defer(raxx.NewMachine(0, stateMachine))
		if !deferred {
			resp.Status = 200
		}
		return resp
	})(req)
	m, _ := resp.Body.(raxx.Machine).Step(raxx.Open{})
	if deferred {
		m, _ = m.Step(raxx.Info{Message: "head"})
	}
	return m, weak.Make(unsafe.StringData(head))
}

// What is reported of a machine that waits says whose it is all the same.
func TestRecoverReportsAMachineThatHasSentItsHead(t *testing.T) {
	var reported []string
	mw := raxx.Stack(middleware.RequestID{}.Middleware(), middleware.Recover{Report: func(req raxx.Request, _ *middleware.PanicError) {
		id := middleware.RequestIDKey.Get(req)
		reported = append(reported, fmt.Sprintf("%s %s %t %d", req.Method, req.URL(), len(id) == 36, len(req.Header)))
	}}.Middleware())
	for _, status := range []int{0, 200} {
		resp := mw(func(raxx.Request) raxx.Response {
			return raxx.Response{Status: status, Body: raxx.NewMachine(0, stateMachine)}
		})(raxx.Get("/events?a=b").With("cookie", "b=c"))
		m, _ := resp.Body.(raxx.Machine).Step(raxx.Open{})
		if status == 0 {
			m, _ = m.Step(raxx.Info{Message: "head"})
		}
		m.Step(raxx.Info{Message: "panic"})
	}
	for _, got := range reported {
		if got != "GET http://localhost/events?a=b true 0" {
			t.Errorf("reported of %s", got)
		}
	}
	if len(reported) != 2 {
		t.Errorf("%d reports", len(reported))
	}
}
