package static

import (
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

func TestApp(t *testing.T) {
	files := Config{App: "index.html", NotApp: []string{"/api", "/old/files/"}}.MustNew(site())
	browser := func(path string) raxx.Request {
		return raxx.Get(path).With("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	}
	tests := []struct {
		name string
		req  raxx.Request
		want bool
	}{
		{"a page", browser("/users/7"), true},
		{"a page with a dot", browser("/users/john.doe"), true},
		{"a page, as browsers say", browser("/users/7").With("sec-fetch-mode", "navigate"), true},
		{"HEAD", raxx.Head("/users/7").With("accept", "text/html"), true},
		{"a path that no file may have", browser("/a/../b"), true},
		{"a script's request", browser("/users/7").With("sec-fetch-mode", "cors"), false},
		{"a picture", browser("/none.png"), false},
		{"an old asset", browser("/assets/app-0123456789abcdef0123.js").With("sec-fetch-mode", "navigate"), false},
		{"a program", raxx.Get("/users/7").With("accept", "*/*"), false},
		{"a program that says nothing", raxx.Get("/users/7"), false},
		{"a program that wants JSON", raxx.Get("/users/7").With("accept", "application/json"), false},
		{"the API", browser("/api/users/7"), false},
		{"the API itself", browser("/api"), false},
		{"the API, escaped", browser("/%61pi/x"), false},
		{"malformed", browser("/%zz/x"), false},
		{"below two names", browser("/old/files/x"), false},
		{"beside two names", browser("/old/x"), true},
		{"the same letters", browser("/apis"), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			notFound := func(raxx.Request) raxx.Response { return raxx.Problem(404, "").WithDo(raxx.Publish{Topic: "t"}) }
			for _, h := range []raxx.Handler{files.Handle, files.Middleware(notFound)} {
				got := h(tt.req)
				if !tt.want {
					diff(t, 404, got.Status)
					continue
				}
				diff(t, 200, got.Status)
				diff(t, "<h1>home</h1>", content(t, got))
				diff(t, "no-cache", got.Header.Get("cache-control"))
				diff(t, 304, h(tt.req.With("if-none-match", got.Header.Get("etag"))).Status)
			}
		})
	}
}

// A cache that has kept the 404 of a program must not hand it to a browser.
func TestAppAndCaches(t *testing.T) {
	files := Config{App: "index.html", NotApp: []string{"/api"}}.MustNew(site())
	notFound := func(raxx.Request) raxx.Response { return raxx.Problem(404, "") }
	for path, want := range map[string]string{"/users/7": "accept, sec-fetch-mode", "/none.png": "", "/api/x": ""} {
		page := raxx.Get(path).With("accept", "text/html")
		for _, req := range []raxx.Request{raxx.Get(path), page, page.With("sec-fetch-mode", "cors")} {
			for _, h := range []raxx.Handler{files.Handle, files.Middleware(notFound)} {
				got := h(req)
				if vary := got.Header.Get("vary"); got.Status == 404 && vary != want {
					t.Errorf("%s with %v: the 404 varies by %q, want %q", path, req.Header, vary, want)
				}
			}
		}
	}
}

// The page stands for what is not there, and for nothing else.
func TestAppLeavesRoutes(t *testing.T) {
	m := raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) { return n, nil })
	for _, resp := range []raxx.Response{
		raxx.Text(200, "x"), raxx.Text(403, "x"), raxx.Text(500, "x"), raxx.Defer(m), raxx.Reply(404, "text/plain", m),
	} {
		h := Config{App: "index.html"}.MustNew(site()).Middleware(func(raxx.Request) raxx.Response { return resp })
		diff(t, resp, h(raxx.Get("/users").With("accept", "text/html")))
		diff(t, resp, h(raxx.New("POST", "/users", nil).With("accept", "text/html")))
	}
	got := Config{}.MustNew(site()).Handle(raxx.Get("/users").With("accept", "text/html"))
	diff(t, 404, got.Status)
}
