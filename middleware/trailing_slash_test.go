package middleware_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

func ExampleTrailingSlash() {
	handler := middleware.TrailingSlash{}.Middleware()(stackTestHandler)
	resp := handler(raxx.Get("/users/?page=2"))
	fmt.Println(resp.Status, resp.Header)
	// Output: 308 [{location /users?page=2}]
}

func TestTrailingSlash(t *testing.T) {
	for _, test := range []struct{ name, target, removed, added string }{
		{"the root", "/", "/", "/"},
		{"a path", "/users", "/users", "/users/"},
		{"a path with a slash", "/users/", "/users", "/users/"},
		{"a query", "/users/?a=/", "/users?a=/", "/users/?a=/"},
		{"several slashes", "/users///", "/users", "/users///"},
		{"slashes within", "/a//b/", "/a//b", "/a//b/"},
		{"an escaped slash", "/a%2F", "/a%2F", "/a%2F/"},
		{"a file", "/style.css", "/style.css", "/style.css"},
		{"a dot further up", "/v1.2/users", "/v1.2/users", "/v1.2/users/"},
		{"two slashes (chi #504)", "//evil.example/", "//evil.example/", "//evil.example/"},
		{"two slashes, without one at the end (echo)", "//evil.example", "//evil.example", "//evil.example"},
		{"three slashes (slashify)", "///evil.example/", "///evil.example/", "///evil.example/"},
		{"a backslash (chi, GHSA-mqqf-5wvp-8fh8)", `/\evil.example/`, `/\evil.example/`, `/\evil.example/`},
		{"an escaped backslash", "/%5Cevil.example/", "/%5Cevil.example/", "/%5Cevil.example/"},
		{"only slashes (aiohttp, GHSA-v6wp-4m6f-gcjg)", "////", "////", "////"},
		{"the whole server", "*", "*", "*"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, c := range []struct {
				config middleware.TrailingSlash
				want   string
			}{{middleware.TrailingSlash{}, test.removed}, {middleware.TrailingSlash{Add: true}, test.added}} {
				req := raxx.Post("/", "text/plain", raxx.Data("hello"))
				req.Path, req.Query, _ = strings.Cut(test.target, "?")

				want := raxx.Redirect(308, c.want)
				if c.want == test.target {
					want = raxx.Text(200, test.target)
				}
				echo := func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Target()) }
				if diff := cmp.Diff(want, c.config.Middleware()(echo)(req)); diff != "" {
					t.Errorf("%+v: %s", c.config, diff)
				}
				c.config.Serve = true
				if diff := cmp.Diff(raxx.Text(200, c.want), c.config.Middleware()(echo)(req)); diff != "" {
					t.Errorf("%+v: %s", c.config, diff)
				}
			}
		})
	}
}

// The host is never named: that of chi's RedirectSlashes was the client's
// (GHSA-vrw8-fxc6-2r93).
func FuzzTrailingSlashStaysOnTheSite(f *testing.F) {
	for _, path := range []string{"/a/", "//evil.example/", `/\evil.example/`, "/%09/evil.example/", "/.//evil.example/", "/%2e//evil.example/", "/;//evil.example/"} {
		f.Add(path, "")
	}
	base, _ := url.Parse("https://example.org/here/")
	f.Fuzz(func(t *testing.T, path, query string) {
		for _, add := range []bool{false, true} {
			req := raxx.Get("https://evil.example/")
			req.Path, req.Query = path, query
			location := middleware.TrailingSlash{Add: add}.Middleware()(stackTestHandler)(req).Header.Get("location")
			if location == "" {
				continue
			}
			if location[0] != '/' || len(location) > 1 && (location[1] == '/' || location[1] == '\\') {
				t.Errorf("%q leads to %q", path, location)
			}
			if to, err := base.Parse(location); err == nil && to.Host != "example.org" {
				t.Errorf("%q leads to %v", path, to)
			}
		}
	})
}

func BenchmarkTrailingSlash(b *testing.B) {
	handler := middleware.TrailingSlash{}.Middleware()(stackTestHandler)
	req := raxx.Get("/users/7")
	b.ReportAllocs()
	for b.Loop() {
		handler(req)
	}
}
