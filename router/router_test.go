package router_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

// echo answers with what the router found out about the request.
func echo(req raxx.Request) raxx.Response {
	var b strings.Builder
	b.WriteString(req.Pattern)
	for _, p := range req.Params {
		fmt.Fprintf(&b, " %s=%q", p.Name, p.Value)
	}
	return raxx.Text(200, b.String())
}

// say returns a handler that answers with a text.
func say(text string) raxx.Handler {
	return func(raxx.Request) raxx.Response { return raxx.Text(200, text) }
}

// answer returns what r answers: the text, if it was a handler's, or the status
// with the field allow.
func answer(r *router.Router, method, target string) string {
	resp := r.Handle(raxx.New(method, target, nil))
	if resp.Status != 200 {
		return strings.TrimSpace(fmt.Sprintf("%d %s", resp.Status, resp.Header.Get("allow")))
	}
	text, _ := resp.Body.(raxx.Data)
	return string(text)
}

// build returns the router of patterns that all answer GET with echo.
func build(t *testing.T, patterns ...string) *router.Router {
	t.Helper()
	var routes []router.Route
	for _, p := range patterns {
		routes = append(routes, router.Get(p, echo))
	}
	r, err := router.New(routes...)
	if err != nil {
		t.Fatalf("New(%q): %v", patterns, err)
	}
	return r
}

// The requests on which routers for Go were found to disagree, or to surprise.
func TestRequestsThatRoutersDisagreeOn(t *testing.T) {
	r := build(t, "/users/new", "/users/:id")
	for _, tt := range []struct{ method, target, want string }{
		{"GET", "/users/new", `/users/new`},
		{"GET", "/users/7", `/users/:id id="7"`},
		{"GET", "/users/a%2Fb", `/users/:id id="a/b"`},
		{"GET", "/users/a%20b", `/users/:id id="a b"`},
		{"GET", "/users/a+b", `/users/:id id="a+b"`},
		{"GET", "/users/a%252Fb", `/users/:id id="a%2Fb"`},
		{"GET", "/users/7?x=1", `/users/:id id="7"`},
		{"GET", "/users/7/", "404"},
		{"GET", "/users/", "404"},
		{"GET", "/users", "404"},
		{"GET", "/users//7", "404"},
		{"GET", "/USERS/7", "404"},
		{"GET", "/users/x/../7", "404"},
		{"GET", "/users/..", `/users/:id id=".."`},
		{"GET", "/users%2F7", "404"},
		{"GET", "/users/%6Eew", `/users/new`},
		{"GET", "/users/%", "400"},
		{"GET", "/users/7%2", "400"},
		{"GET", "/users/%zz", "400"},
		{"GET", "/nothing/%zz", "400"},
		{"HEAD", "/users/7", `/users/:id id="7"`},
		{"POST", "/users/7", "405 GET, HEAD, OPTIONS"},
		{"TRACE", "/users/7", "405 GET, HEAD, OPTIONS"},
		{"PROPFIND", "/users/7", "501 GET, HEAD, OPTIONS"},
		{"get", "/users/7", "501 GET, HEAD, OPTIONS"},
		{"PROPFIND", "/nothing", "404"},
		{"OPTIONS", "/users/7", "204 GET, HEAD, OPTIONS"},
		{"OPTIONS", "/nothing", "404"},
		{"POST", "/nothing", "404"},
	} {
		t.Run(tt.method+" "+tt.target, func(t *testing.T) {
			if got := answer(r, tt.method, tt.target); got != tt.want {
				t.Errorf("%s %s = %s, want %s", tt.method, tt.target, got, tt.want)
			}
		})
	}
}

func TestLiteralsAreComparedDecoded(t *testing.T) {
	r := build(t, "/café/:x", "/~user", "/a b", "/jobs/:id/log%3Atail", "/100%25", "/star%2A/:x", "/in%2Fout")
	for _, tt := range []struct{ path, want string }{
		{"/caf%C3%A9/1", `/café/:x x="1"`},
		{"/caf%c3%a9/1", `/café/:x x="1"`},
		{"/café/1", `/café/:x x="1"`},
		{"/%7Euser", "/~user"},
		{"/~user", "/~user"},
		{"/a%20b", "/a b"},
		{"/jobs/7/log:tail", `/jobs/:id/log%3Atail id="7"`},
		{"/jobs/7/log%3Atail", `/jobs/:id/log%3Atail id="7"`},
		{"/jobs/a:b%2A/log:tail", `/jobs/:id/log%3Atail id="a:b*"`},
		{"/100%25", "/100%25"},
		{"/star*/:", `/star%2A/:x x=":"`},
		{"/in%2fout", "/in%2Fout"},
		{"/in/out", "404"},
	} {
		if got := answer(r, "GET", tt.path); got != tt.want {
			t.Errorf("GET %s = %s, want %s", tt.path, got, tt.want)
		}
	}
}

func TestPathsWithoutASlashInFront(t *testing.T) {
	r := router.MustNew(router.Any("/*path", echo))
	for _, path := range []string{"", "*", "users", "%2Fusers"} {
		req := raxx.Get("/")
		req.Path = path
		if got := r.Handle(req).Status; got != 400 {
			t.Errorf("path %q: status %d, want 400", path, got)
		}
	}
}

func TestCatchAll(t *testing.T) {
	r := build(t, "/files/*path", "/")
	for _, tt := range []struct{ path, want string }{
		{"/files/a/b.txt", `/files/*path path="a/b.txt"`},
		{"/files/", `/files/*path path=""`},
		{"/files", "404"},
		{"/files//a", `/files/*path path="/a"`},
		{"/files/a/", `/files/*path path="a/"`},
		{"/files/a%2Fb/%C3%A9", `/files/*path path="a/b/é"`},
		{"/files/../x", `/files/*path path="../x"`},
		{"/", "/"},
	} {
		if got := answer(r, "GET", tt.path); got != tt.want {
			t.Errorf("GET %s = %s, want %s", tt.path, got, tt.want)
		}
	}
}

func TestParamsAreReadByType(t *testing.T) {
	show := raxx.Try(func(req raxx.Request) (raxx.Response, error) {
		id, err := raxx.ParamAs[int](req, "id")
		return raxx.Text(200, fmt.Sprint(id+1)), err
	})
	r := router.MustNew(router.Get("/users/:id", show))
	if got := answer(r, "GET", "/users/41"); got != "42" {
		t.Errorf("GET /users/41 = %s, want 42", got)
	}
	if got := answer(r, "GET", "/users/x"); got != "404" {
		t.Errorf("GET /users/x = %s, want 404", got)
	}
}

func TestManyGoroutinesUseOneRouter(t *testing.T) {
	r := build(t, "/users/:id", "/users/me/:tab", "/:a/:b", "/*all")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 200 {
				want := fmt.Sprintf(`/users/:id id="%d-%d"`, i, j)
				if got := answer(r, "GET", fmt.Sprintf("/users/%d-%d", i, j)); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestRouterWithoutRoutes(t *testing.T) {
	r := router.MustNew()
	for target, want := range map[string]string{"/": "404", "/x/y": "404"} {
		if got := answer(r, "GET", target); got != want {
			t.Errorf("GET %s = %s, want %s", target, got, want)
		}
	}
}
