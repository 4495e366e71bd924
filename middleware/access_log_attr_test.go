package middleware_test

import (
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func ExampleAddLogAttr() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case slog.TimeKey, "total":
			return slog.Attr{}
		}
		return a
	}}))
	handler := middleware.AccessLog{Logger: logger}.Middleware()(func(raxx.Request) raxx.Response {
		return middleware.AddLogAttr(raxx.Text(200, "Hello"), "user", "ada")
	})
	handler(raxx.Get("/tea"))
	// Output:
	// level=INFO msg=request method=GET host=localhost path=/tea status=200 out=5 user=ada
}

func TestLogAttrs(t *testing.T) {
	// says answers to Open with what it was given.
	says := func(parts ...raxx.Part) raxx.Machine {
		return raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
			if _, ok := event.(raxx.Open); ok {
				return n, parts
			}
			return n, nil
		})
	}
	named := func(resp raxx.Response) raxx.Response { return middleware.AddLogAttr(resp, "user", "ada") }
	for _, test := range []struct {
		name string
		resp raxx.Response
		want string
	}{
		{"of what is complete", named(raxx.Text(200, "a")), "status=200 out=1 total=0s user=ada"},
		{"several, of several types", middleware.AddLogAttr(middleware.AddLogAttr(named(raxx.Text(200, "a")), "n", 7), "took", time.Second),
			"status=200 out=1 total=0s user=ada n=7 took=1s"},
		{"of a stream", named(raxx.Reply(200, "text/plain", raxxtest.Chunks("a"))), "status=200 out=1 total=0s user=ada"},
		{"of a machine", named(raxx.Reply(200, "text/plain", says(raxx.Tail{}))), "status=200 out=0 total=0s user=ada"},
		{"of a deferred head", raxx.Defer(says(named(raxx.Text(404, "a")))), "status=404 out=1 total=0s user=ada"},
		{"of both", middleware.AddLogAttr(raxx.Defer(says(named(raxx.Text(404, "a")))), "route", "/:id"), "status=404 out=1 total=0s route=/:id user=ada"},
		{"of a text that is long", middleware.AddLogAttr(raxx.Text(200, "a"), "x", strings.Repeat("a", 600)),
			"status=200 out=1 total=0s x=" + strings.Repeat("a", 509) + "..."},
		{"of a string of another type", middleware.AddLogAttr(raxx.Text(200, "a"), "x", raxx.Data(strings.Repeat("a", 600))),
			"status=200 out=1 total=0s x=" + strings.Repeat("a", 509) + "..."},
		{"of an error that is long", middleware.AddLogAttr(raxx.Text(200, "a"), "x", errors.New(strings.Repeat("a", 600))),
			"status=200 out=1 total=0s x=" + strings.Repeat("a", 509) + "..."},
		{"of errors", middleware.AddLogAttr(middleware.AddLogAttr(raxx.Text(200, "a"), "x", errors.New("no")), "y", (*raxx.Error)(nil)),
			"status=200 out=1 total=0s x=no y=<nil>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var l accessLogTest
				answers := func(raxx.Request) raxx.Response { return test.resp }
				// A note that nobody has taken would be an error.
				x := raxxtest.NewServer(l.middleware(middleware.AccessLog{})(answers)).Serve(raxx.Get("/"))
				if _, err := x.Response(); err != nil {
					t.Error(err)
				}
				accessLogWant(t, &l, "level=INFO "+test.want)

				skips := l.middleware(middleware.AccessLog{Skip: func(raxx.Request) bool { return true }})
				if _, err := raxxtest.NewServer(skips(answers)).Serve(raxx.Get("/")).Response(); err != nil {
					t.Error("skipped:", err)
				}
				accessLogWant(t, &l)
			})
		})
	}
}

func TestLogAttrsOfAllReplies(t *testing.T) {
	route := func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response { return middleware.AddLogAttr(next(req), "route", req.Pattern) }
	}
	log := middleware.AccessLog{Logger: slog.New(slog.DiscardHandler)}
	raxxtest.Laws(t, raxx.Stack(log.Middleware(), route))
	log.Skip = func(raxx.Request) bool { return true }
	raxxtest.Laws(t, raxx.Stack(log.Middleware(), route))
}

// Tests of handlers compare what they say to the log.
func TestLogAttrsAreCompared(t *testing.T) {
	abc := middleware.AddLogAttr(raxx.NoContent(), "user", "abc")
	if diff := cmp.Diff(middleware.AddLogAttr(raxx.NoContent(), "user", "abc"), abc); diff != "" {
		t.Error(diff)
	}
	for _, other := range []raxx.Response{
		raxx.NoContent(), middleware.AddLogAttr(raxx.NoContent(), "user", "axc"), middleware.AddLogAttr(raxx.NoContent(), "users", "abc"),
	} {
		if cmp.Equal(other, abc) {
			t.Errorf("%v equals %v", other, abc)
		}
	}
}
