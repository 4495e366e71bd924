package middleware_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

var cachePolicies = middleware.CacheControl{
	Rules: []middleware.CacheRule{
		{Path: "/api/open", Value: "public, max-age=5", Personal: true},
		{Path: "/api", Value: "no-store"},
		{Type: "text/html", Value: "no-cache"},
		{Type: "image/*", Value: "public, max-age=3600"},
	},
	Default: "max-age=60",
}

func TestCacheControl(t *testing.T) {
	html, png := raxx.HTML(200, "x"), raxx.Reply(200, "Image/PNG", raxx.Data("x"))
	json := raxx.Reply(200, "application/json", raxx.Data("{}"))
	get := func(path string) raxx.Request { return raxx.Get(path) }
	tests := []struct {
		name string
		req  raxx.Request
		resp raxx.Response
		want string
	}{
		{"by type", get("/"), html, "no-cache"},
		{"by a range of types", get("/cat"), png, "public, max-age=3600"},
		{"by path before type", get("/api/x"), html, "no-store"},
		{"the path itself", get("/api"), json, "no-store"},
		{"a path that begins with the same letters", get("/apis"), json, "max-age=60"},
		{"a path with an escape", get("/%61pi/x"), html, "no-store"},
		{"a path that is malformed", get("/%zz"), json, "max-age=60"},
		{"the default", get("/x"), json, "max-age=60"},
		{"HEAD", raxx.Head("/"), html, "no-cache"},
		{"POST", raxx.Post("/", "text/plain", nil), html, ""},
		{"the handler's own", get("/"), html.With("cache-control", "max-age=1"), "max-age=1"},
		{"an error", get("/"), html.WithStatus(500), ""},
		{"not found", get("/"), html.WithStatus(404), ""},
		{"a part", get("/cat"), png.WithStatus(206), "public, max-age=3600"},
		{"a permanent redirect", get("/x"), raxx.Redirect(308, "/"), "max-age=60"},
		{"one that is not", get("/x"), raxx.Redirect(302, "/"), ""},
		{"not modified, by path", get("/api/x"), raxx.Response{Status: 304}, "no-store"},
		{"not modified, of an unknown type", get("/x"), raxx.Response{Status: 304}, ""},
		{"a switch of protocols", get("/x").With("authorization", "Basic x"), raxx.Response{Status: 101, Body: raxx.Machine{}}, ""},

		{"a cookie", get("/cat"), png.Add("set-cookie", "a=b"), "no-store"},
		{"a cookie with an error", get("/cat"), png.WithStatus(500).Add("set-cookie", "a=b"), "no-store"},
		{"a password", get("/cat").With("authorization", "Basic x"), png, "no-store"},
		{"a cookie where the rule allows it", get("/api/open/x"), png.Add("set-cookie", "a=b"), "public, max-age=5"},
		{"a cookie where the handler knows better", get("/cat"), png.Add("set-cookie", "a=b").With("cache-control", "private"), "private"},
		{"a password, and not modified", get("/x").With("authorization", "Basic x"), raxx.Response{Status: 304}, "no-store"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := cachePolicies.Middleware()(etagAnswer(tt.resp))(tt.req)
			want := tt.resp
			if tt.want != "" {
				want = want.With("cache-control", tt.want)
			}
			etagDiff(t, want, got)
		})
	}
}

func TestCacheControlRules(t *testing.T) {
	for _, tt := range []struct {
		rule   middleware.CacheRule
		status int
		want   string
	}{
		{middleware.CacheRule{Type: "Text/HTML", Value: "private"}, 200, "private"},
		{middleware.CacheRule{Type: "*/*", Value: "private"}, 200, "private"},
		{middleware.CacheRule{Type: "text/*", Value: "private"}, 200, "private"},
		{middleware.CacheRule{Type: "image/*", Value: "private"}, 200, ""},
		{middleware.CacheRule{Value: "max-age=1234567890"}, 200, "max-age=1234567890"},
		{middleware.CacheRule{Value: "private"}, 203, "private"},
		{middleware.CacheRule{Value: "private"}, 301, "private"},
		{middleware.CacheRule{Value: "private"}, 308, "private"},
		{middleware.CacheRule{Value: "private"}, 302, ""},
		{middleware.CacheRule{Value: "private"}, 404, ""},
	} {
		h := middleware.CacheControl{Rules: []middleware.CacheRule{tt.rule}}.Middleware()
		resp := raxx.Reply(tt.status, "text/html ; charset=utf-8", nil)
		if got := h(etagAnswer(resp))(raxx.Get("/")).Header.Get("cache-control"); got != tt.want {
			t.Errorf("%+v, %d: got %q, want %q", tt.rule, tt.status, got, tt.want)
		}
	}
}

func TestCacheControlZero(t *testing.T) {
	h := middleware.CacheControl{}.Middleware()(etagAnswer(raxx.HTML(200, "x")))
	etagDiff(t, raxx.HTML(200, "x"), h(raxx.Get("/")))
	etagDiff(t, "no-store", h(raxx.Get("/").With("authorization", "Bearer x")).Header.Get("cache-control"))
}

func TestCacheControlOfDeferredHead(t *testing.T) {
	m := raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) {
		return n, []raxx.Part{raxx.HTML(200, "x")}
	})
	resp := cachePolicies.Middleware()(etagAnswer(raxx.Defer(m)))(raxx.Get("/"))
	_, parts := resp.Body.(raxx.Machine).Step(raxx.Open{})
	etagDiff(t, []raxx.Part{raxx.HTML(200, "x").With("cache-control", "no-cache")}, parts)
}

func TestCacheControlPanics(t *testing.T) {
	for _, tt := range []struct {
		rule middleware.CacheRule
		want string
	}{
		{middleware.CacheRule{Value: ""}, "is empty"},
		{middleware.CacheRule{Value: "public, private"}, "says public and private"},
		{middleware.CacheRule{Value: "no-store, max-age=5"}, "to store"},
		{middleware.CacheRule{Value: "no-store, s-maxage=5"}, "to store"},
		{middleware.CacheRule{Value: "no-store, immutable"}, "to store"},
		{middleware.CacheRule{Value: "no-store, public"}, "to store"},
		{middleware.CacheRule{Value: "s-maxage=x"}, "number of seconds"},
		{middleware.CacheRule{Value: "stale-while-revalidate"}, "number of seconds"},
		{middleware.CacheRule{Value: "stale-if-error=-1"}, "number of seconds"},
		{middleware.CacheRule{Value: "max-age=12345678901"}, "number of seconds"},
		{middleware.CacheRule{Value: "=5"}, "without a name"},
		{middleware.CacheRule{Value: "max-age=5, Max-Age=6"}, "max-age twice"},
		{middleware.CacheRule{Value: "max-age"}, "number of seconds"},
		{middleware.CacheRule{Value: "max-age=1h"}, "number of seconds"},
		{middleware.CacheRule{Value: "max age=5"}, "is no directive"},
		{middleware.CacheRule{Value: "public\r\nset-cookie: a=b"}, "5.5"},
		{middleware.CacheRule{Path: "api", Value: "no-cache"}, "begin with a slash"},
		{middleware.CacheRule{Path: "/%z", Value: "no-cache"}, "well-formed"},
		{middleware.CacheRule{Type: "html", Value: "no-cache"}, "has to be one such as"},
		{middleware.CacheRule{Type: "text/html; charset=utf-8", Value: "no-cache"}, "has to be one such as"},
		{middleware.CacheRule{Type: "*/html", Value: "no-cache"}, "has to be one such as"},
		{middleware.CacheRule{Type: "*", Value: "no-cache"}, "has to be one such as"},
	} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, tt.want) {
					t.Errorf("%+v: got panic %q, want %q", tt.rule, text, tt.want)
				}
			}()
			middleware.CacheControl{Rules: []middleware.CacheRule{tt.rule}}.Middleware()
		}()
	}
}

func TestCacheControlLaws(t *testing.T) {
	raxxtest.Laws(t, cachePolicies.Middleware())
	raxxtest.Laws(t, middleware.CacheControl{}.Middleware())
}

func ExampleCacheControl() {
	h := middleware.CacheControl{
		Rules: []middleware.CacheRule{
			{Path: "/api", Value: "no-store"},
			{Type: "text/html", Value: "no-cache"},
		},
		Default: "max-age=3600",
	}.Middleware()(func(req raxx.Request) raxx.Response {
		if req.Path == "/" {
			return raxx.HTML(200, "<h1>Hello</h1>")
		}
		return raxx.Text(200, "hello")
	})
	for _, path := range []string{"/", "/robots.txt", "/api/users"} {
		fmt.Println(path, h(raxx.Get(path)).Header.Get("cache-control"))
	}
	// Output:
	// / no-cache
	// /robots.txt max-age=3600
	// /api/users no-store
}

func BenchmarkCacheControl(b *testing.B) {
	h := cachePolicies.Middleware()(etagAnswer(raxx.Reply(200, "application/json", raxx.Data("{}"))))
	req := raxx.Get("/users/1").With("accept", "text/html").With("user-agent", "test")
	b.ReportAllocs()
	for b.Loop() {
		h(req)
	}
}
