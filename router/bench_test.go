package router_test

import (
	"testing"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

// table is a routing table of the size of a small application.
func table() *router.Router {
	none := func(raxx.Request) raxx.Response { return raxx.Response{Status: 204} }
	return router.MustNew(
		router.Get("/", none),
		router.Get("/users", none),
		router.Post("/users", none),
		router.Get("/users/new", none),
		router.Get("/users/:id", none),
		router.Put("/users/:id", none),
		router.Delete("/users/:id", none),
		router.Get("/users/:id/posts", none),
		router.Get("/users/:id/posts/:post", none),
		router.Get("/users/me/:tab", none),
		router.Get("/@:user", none),
		router.Get("/assets/*path", none),
		router.Mount("/mounted", none),
		router.Get("/*page", none),
	)
}

var requests = []struct {
	name   string
	allocs float64
	req    raxx.Request
}{
	{"static", 0, raxx.Get("/users/new")},
	{"root", 0, raxx.Get("/")},
	{"one parameter", 1, raxx.Get("/users/7")},
	{"two parameters", 1, raxx.Get("/users/7/posts/9")},
	{"conflicting pattern", 1, raxx.Get("/users/me/likes")},
	{"catch-all", 1, raxx.Get("/assets/css/app.css")},
	{"HEAD", 1, raxx.Head("/users/7")},
	{"mount", 1, raxx.Get("/mounted/x")},
	{"escaped", 3, raxx.Get("/users/a%20b")},
}

func TestAllocations(t *testing.T) {
	r := table()
	for _, tt := range requests {
		t.Run(tt.name, func(t *testing.T) {
			got := testing.AllocsPerRun(100, func() { r.Handle(tt.req) })
			if got > tt.allocs {
				t.Errorf("%s %s allocates %v times, want at most %v", tt.req.Method, tt.req.Path, got, tt.allocs)
			}
		})
	}
}

func BenchmarkHandle(b *testing.B) {
	r := table()
	for _, tt := range requests {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Handle(tt.req)
			}
		})
	}
}
