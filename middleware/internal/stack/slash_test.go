package stack

import (
	"testing"
	"testing/fstest"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/middleware/static"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// In front of what takes slashes away, folders keep those that they need: no client
// is sent to and fro.
func TestFoldersInFrontOfTrailingSlash(t *testing.T) {
	files := static.Config{Prefix: "/docs"}.MustNew(fstest.MapFS{"guide/index.html": {Data: []byte("guide")}})
	site := raxx.Stack(files.Middleware, middleware.TrailingSlash{}.Middleware())(func(req raxx.Request) raxx.Response {
		return raxx.Text(raxx.StatusOK, req.Path)
	})
	for target, want := range map[string]raxx.Data{"/docs/guide": "guide", "/docs/guide/": "guide", "/users/": "/users"} {
		resp, err := raxxtest.NewBrowser(site).Visit(target)
		if err != nil {
			t.Fatalf("%s: %v", target, err)
		}
		got, err := raxx.ReadAll(resp.Body, -1)
		diff(t, nil, err)
		diff(t, want, got)
	}
}
