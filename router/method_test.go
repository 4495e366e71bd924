package router_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

func TestMethods(t *testing.T) {
	r := router.MustNew(
		router.Get("/users/:id", say("get")),
		router.Put("/users/:id", say("put")),
		router.Patch("/users/:id", say("patch")),
		router.Delete("/users/:id", say("delete")),
		router.Post("/users/new", say("post new")),
		router.Query("/users", say("query")),
		router.On("PURGE", "/users/:id", say("purge")),
		router.On("HEAD", "/head/:x", say("head")),
		router.Get("/head/:x", say("get")),
		router.Get("/headlast/:x", say("get")),
		router.On("HEAD", "/headlast/:x", say("head")),
		router.On("brew", "/pot", say("brew")),
		router.Get("/head/exact", say("get exact")),
		router.On("OPTIONS", "/options", say("options")),
		router.Any("/any/:x", say("any")),
		router.Get("/any/:y", say("get")),
		router.Get("/any/*z", say("rest")),
	)
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "/users/7", "get"},
		{"HEAD", "/users/7", "get"},
		{"PUT", "/users/7", "put"},
		{"PATCH", "/users/7", "patch"},
		{"DELETE", "/users/7", "delete"},
		{"PURGE", "/users/7", "purge"},
		{"QUERY", "/users", "query"},
		{"purge", "/users/7", "405 DELETE, GET, HEAD, OPTIONS, PATCH, PURGE, PUT"},
		{"GET", "/users", "405 OPTIONS, QUERY"},

		// The best pattern for the method counts, not the best of all.
		{"GET", "/users/new", "get"},
		{"POST", "/users/new", "post new"},
		{"POST", "/users/7", "405 DELETE, GET, HEAD, OPTIONS, PATCH, PURGE, PUT"},
		{"BREW", "/users/new", "405 DELETE, GET, HEAD, OPTIONS, PATCH, POST, PURGE, PUT"},
		{"OPTIONS", "/users/new", "204 DELETE, GET, HEAD, OPTIONS, PATCH, POST, PURGE, PUT"},

		{"HEAD", "/head/1", "head"},
		{"HEAD", "/headlast/1", "head"},
		{"brew", "/pot", "brew"},
		{"HEAD", "/head/exact", "get exact"},
		{"POST", "/head/1", "405 GET, HEAD, OPTIONS"},
		{"OPTIONS", "/options", "options"},
		{"GET", "/options", "405 OPTIONS"},

		{"GET", "/any/1", "get"},
		{"HEAD", "/any/1", "get"},
		{"POST", "/any/1", "any"},
		{"OPTIONS", "/any/1", "any"},
		{"*", "/any/1", "any"},
		{"GET", "/any/1/2", "rest"},
		{"POST", "/any/1/2", "405 GET, HEAD, OPTIONS"},
	} {
		if got := answer(r, tt.method, tt.path); got != tt.want {
			t.Errorf("%s %s = %s, want %s", tt.method, tt.path, got, tt.want)
		}
	}
}

func TestHandlerSeesHead(t *testing.T) {
	r := router.MustNew(router.Get("/", func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Method) }))
	if got := answer(r, "HEAD", "/"); got != "HEAD" {
		t.Errorf("the method is %s, want HEAD", got)
	}
}

func TestOptionsOfServer(t *testing.T) {
	for _, tt := range []struct {
		name   string
		routes []router.Route
		want   string
	}{
		{"no routes", nil, "204 OPTIONS"},
		{"a few", []router.Route{router.Get("/x", echo), router.On("PURGE", "/y", echo)}, "204 GET, HEAD, OPTIONS, PURGE"},
		{"a mounted router", []router.Route{
			router.MountRouter("/sub", router.MustNew(router.Post("/", echo))),
		}, "204 OPTIONS, POST"},
		{"a route for any", []router.Route{router.Any("/x", echo)},
			"204 DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, QUERY"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := raxx.New("OPTIONS", "/", nil)
			req.Path = "*"
			r := router.MustNew(tt.routes...)
			resp := r.Handle(req)
			want := raxx.NoContent().With("allow", tt.want[len("204 "):])
			if diff := cmp.Diff(want, resp); diff != "" {
				t.Errorf("OPTIONS * (-want +got):\n%s", diff)
			}
		})
	}
}
