package middleware_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

func ExampleHealth() {
	ctx, stop := context.WithCancel(context.Background()) // that of ace.Run
	handler := middleware.Health{IsReady: func() bool { return ctx.Err() == nil }}.Middleware()(stackTestHandler)
	fmt.Println(handler(raxx.Get("/readyz")).Status)
	stop() // the server drains
	fmt.Println(handler(raxx.Get("/readyz")).Status, handler(raxx.Get("/livez")).Status)
	// Output:
	// 200
	// 503 200
}

func TestHealth(t *testing.T) {
	ok := raxx.Text(200, "ok\n").With("cache-control", "no-store")
	refused := raxx.Problem(405, "").With("allow", "GET, HEAD").With("cache-control", "no-store")
	for _, test := range []struct {
		name string
		req  raxx.Request
		want raxx.Response
	}{
		{"alive", raxx.Get("/livez"), ok},
		{"ready, when nobody knows better", raxx.Get("/readyz?verbose"), ok},
		{"HEAD", raxx.Head("/livez"), ok},
		{"another method", raxx.New("POST", "/readyz", nil), refused},
		{"another path", raxx.Get("/livez/"), stackTestHandler(raxx.Request{})},
		{"another path that begins alike", raxx.Get("/livezz"), stackTestHandler(raxx.Request{})},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, middleware.Health{}.Middleware()(stackTestHandler)(test.req)); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("paths of one's own", func(t *testing.T) {
		handler := middleware.Health{Live: "/up", Ready: "/ready"}.Middleware()(stackTestHandler)
		if diff := cmp.Diff(ok, handler(raxx.Get("/up"))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestHealthThatCannotBeMeant(t *testing.T) {
	for _, c := range []middleware.Health{{Live: "/readyz"}, {Live: "livez"}, {Ready: "*"}, {Live: "/up?x"}, {Ready: "/up #"}} {
		t.Run(fmt.Sprint(c.Live, c.Ready), func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it did not panic")
				}
			}()
			c.Middleware()
		})
	}
}
