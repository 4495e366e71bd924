package router_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

// trail returns a middleware that puts its name in front of the reply, with the
// path that it saw.
func trail(name string) raxx.Middleware {
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			resp := next(req)
			text, _ := resp.Body.(raxx.Data)
			resp.Body = raxx.Data(name+"("+req.Path+") ") + text
			return resp
		}
	}
}

func TestGroups(t *testing.T) {
	r := router.Config{Middleware: trail("all")}.MustNew(
		router.Get("/", say("home")),
		router.Group("/api", trail("api"),
			router.Get("", say("root")),
			router.Get("/", say("slash")),
			router.Group("/v1", raxx.Stack(trail("v1"), trail("v1b")),
				router.Get("/x", say("x")).With(trail("r1"), trail("r2")).With(trail("r3")),
			).With(trail("late")),
			router.Group("", nil, router.Get("/:id", echo)),
		),
		router.Group("/users/:user", nil, router.Group("/posts/:post", nil, router.Get("", echo))),
	)
	for _, tt := range []struct{ path, want string }{
		{"/", "all(/) home"},
		{"/api", "all(/api) api(/api) root"},
		{"/api/", "all(/api/) api(/api/) slash"},
		{"/api/v1/x", "all(/api/v1/x) api(/api/v1/x) v1(/api/v1/x) v1b(/api/v1/x) late(/api/v1/x) " +
			"r1(/api/v1/x) r2(/api/v1/x) r3(/api/v1/x) x"},
		{"/api/7", `all(/api/7) api(/api/7) /api/:id id="7"`},
		{"/users/a/posts/b", `all(/users/a/posts/b) /users/:user/posts/:post user="a" post="b"`},
	} {
		if got := answer(r, "GET", tt.path); got != tt.want {
			t.Errorf("GET %s = %s, want %s", tt.path, got, tt.want)
		}
	}
}

// Routes are values: what is done with one does not show in another.
func TestRoutesAreValues(t *testing.T) {
	base := router.Get("/x", say("x")).With(trail("a"))
	one, two := base.With(trail("one")), base.With(trail("two"))
	list := []router.Route{router.Group("/one", nil, one), router.Group("/two", nil, two), base}
	group := router.Group("/all", nil, list...)
	list[2] = router.Get("/y", echo)
	r := router.MustNew(group)
	for path, want := range map[string]string{
		"/all/x": "a(/all/x) x", "/all/one/x": "a(/all/one/x) one(/all/one/x) x",
		"/all/two/x": "a(/all/two/x) two(/all/two/x) x", "/all/y": "404",
	} {
		if got := answer(r, "GET", path); got != want {
			t.Errorf("GET %s = %s, want %s", path, got, want)
		}
	}
}

func TestMiddlewareIsComposedOnce(t *testing.T) {
	composed := 0
	count := func(next raxx.Handler) raxx.Handler {
		composed++
		return next
	}
	r := router.MustNew(router.Group("", count, router.Get("/a", echo), router.Any("/b", echo)))
	for range 3 {
		r.Handle(raxx.Get("/a"))
		r.Handle(raxx.Post("/b", "text/plain", raxx.Data("x")))
	}
	if composed != 2 {
		t.Errorf("applied %d times, want once for each route", composed)
	}
}

func TestRequestIsNotWrittenTo(t *testing.T) {
	r := build(t, "/users/:id/:x")
	req := raxx.Get("/users/a%20b/c")
	req.Params = append(make(raxx.Params, 0, 8), raxx.Param{Name: "outer", Value: "1"}) // with room behind it
	before := req
	got := r.Handle(req)
	if diff := cmp.Diff(before, req); diff != "" {
		t.Errorf("the request was changed (-before +after):\n%s", diff)
	}
	want := raxx.Text(200, `/users/:id/:x outer="1" id="a b" x="c"`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reply (-want +got):\n%s", diff)
	}
	if spare := req.Params[:2:2][1]; spare != (raxx.Param{}) {
		t.Errorf("the memory behind the caller's parameters holds %v", spare)
	}
}
