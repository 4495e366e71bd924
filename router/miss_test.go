package router_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

func TestMissIsAProblem(t *testing.T) {
	r := router.MustNew(router.Get("/x", echo))
	for _, tt := range []struct {
		req  raxx.Request
		want raxx.Response
	}{
		{raxx.Get("/y"), raxx.Problem(404, "there is nothing at this path")},
		{raxx.Delete("/x"), raxx.Problem(405, "this path answers only GET, HEAD, OPTIONS").With("allow", "GET, HEAD, OPTIONS")},
		{raxx.Get("/x/%4"), raxx.Problem(400, "malformed escape at offset 3")},
	} {
		got := r.Handle(tt.req)
		if got.Status == 400 {
			tt.want.Body = got.Body // the wording is that of raxx
			if !strings.Contains(string(got.Body.(raxx.Data)), "offset 3") {
				t.Errorf("%s: %s does not name offset 3", tt.req.Path, got.Body)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", tt.req.Method, tt.req.Path, diff)
		}
	}
}

func TestConfigMiss(t *testing.T) {
	var seen []router.Miss
	custom := func(req raxx.Request, m router.Miss) raxx.Response {
		seen = append(seen, m)
		return raxx.Text(m.Status, req.Path)
	}
	r := router.Config{Miss: custom}.MustNew(router.Get("/x", echo))
	for _, tt := range []struct {
		method, path string
		want         raxx.Response
	}{
		{"GET", "/y", raxx.Text(404, "/y")},
		{"POST", "/x", raxx.Text(405, "/x").With("allow", "GET, HEAD, OPTIONS")},
		{"GET", "/%", raxx.Text(400, "/%")},
		{"OPTIONS", "/x", raxx.NoContent().With("allow", "GET, HEAD, OPTIONS")},
	} {
		if diff := cmp.Diff(tt.want, r.Handle(raxx.New(tt.method, tt.path, nil))); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", tt.method, tt.path, diff)
		}
	}
	if len(seen) != 3 || !cmp.Equal(seen[1].Allow, []string{"GET", "HEAD", "OPTIONS"}) {
		t.Errorf("Miss was asked with %v, want a 404, a 405 with its methods and a 400", seen)
	}
}

// Who hides that there is something at a path hides the methods, too.
func TestConfigMissMayHide(t *testing.T) {
	want := raxx.Problem(404, "")
	r := router.Config{Miss: func(raxx.Request, router.Miss) raxx.Response { return want }}.MustNew(router.Get("/x", echo))
	if diff := cmp.Diff(want, r.Handle(raxx.Delete("/x"))); diff != "" {
		t.Errorf("DELETE /x (-want +got):\n%s", diff)
	}
}

func TestConfigMiddlewareIsAroundEverything(t *testing.T) {
	tag := func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			return next(req).With("x-tag", fmt.Sprintf("%q %q", req.Pattern, req.Params.Get("id")))
		}
	}
	r := router.Config{Middleware: tag}.MustNew(
		router.Get("/users/:id", echo),
		router.Mount("/mounted", func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Path) }),
	)
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "/users/7", `"/users/:id" "7"`},
		{"GET", "/mounted/x", `"/mounted" ""`},
		{"POST", "/users/7", `"" ""`},
		{"OPTIONS", "/users/7", `"" ""`},
		{"GET", "/nothing", `"" ""`},
		{"GET", "/%", `"" ""`},
	} {
		got := r.Handle(raxx.New(tt.method, tt.path, nil)).Header.Get("x-tag")
		if got != tt.want {
			t.Errorf("%s %s: x-tag: %s, want %s", tt.method, tt.path, got, tt.want)
		}
	}
}

func TestFindSaysWhyNot(t *testing.T) {
	r := router.MustNew(router.Get("/x", echo))
	for _, tt := range []struct {
		method, path string
		want         *router.Miss
	}{
		{"GET", "/y", &router.Miss{Status: 404, Detail: "there is nothing at this path"}},
		{"PUT", "/x", &router.Miss{
			Status: 405, Allow: []string{"GET", "HEAD", "OPTIONS"}, Detail: "this path answers only GET, HEAD, OPTIONS",
		}},
		{"OPTIONS", "/x", &router.Miss{
			Status: 204, Allow: []string{"GET", "HEAD", "OPTIONS"}, Detail: "the router answers OPTIONS",
		}},
	} {
		_, err := r.Find(tt.method, tt.path)
		if diff := cmp.Diff(error(tt.want), err); diff != "" {
			t.Errorf("Find(%s, %s) (-want +got):\n%s", tt.method, tt.path, diff)
		}
	}
}
