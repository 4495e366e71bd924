package router_test

import (
	"math/rand/v2"
	"testing"

	"github.com/raxx-go/raxx/router"
)

// Whatever the order in which routes are given, the most specific one wins.
func TestMostSpecificPatternWins(t *testing.T) {
	for _, tt := range []struct {
		name     string
		patterns []string
		want     map[string]string // path: pattern
	}{
		{"static before parameter before catch-all",
			[]string{"/users/new", "/users/:id", "/users/*rest", "/*all"},
			map[string]string{
				"/users/new": "/users/new", "/users/7": "/users/:id", "/users/7/x": "/users/*rest",
				"/users/": "/users/*rest", "/x": "/*all", "/": "/*all", "/users": "/*all",
			}},
		{"the first segment from the left that differs decides",
			[]string{"/a/:x/c", "/:y/b/c", "/a/*rest", "/:y/:z/:w"},
			map[string]string{
				"/a/b/c": "/a/:x/c", "/b/b/c": "/:y/b/c", "/a/b/d": "/a/*rest", "/b/c/d": "/:y/:z/:w",
			}},
		{"turns back from a static segment that leads nowhere",
			[]string{"/a/:x/c", "/a/b/d"},
			map[string]string{"/a/b/c": "/a/:x/c", "/a/b/d": "/a/b/d", "/a/b/e": ""}},
		{"turns back over several segments",
			[]string{"/:a/:b/:c/d", "/x/:b/:c/e", "/x/y/:c/f", "/x/y/z/g", "/*all"},
			map[string]string{
				"/x/y/z/d": "/:a/:b/:c/d", "/x/y/z/e": "/x/:b/:c/e",
				"/x/y/z/f": "/x/y/:c/f", "/x/y/z/g": "/x/y/z/g", "/x/y/z/h": "/*all",
			}},
		{"a longer literal before a parameter is more specific",
			[]string{"/@:user", "/:page", "/@admin:id", "/@admins"},
			map[string]string{
				"/@bob": "/@:user", "/bob": "/:page", "/@admin7": "/@admin:id",
				"/@admin": "/@:user", "/@admins": "/@admins", "/@": "/:page",
			}},
		{"a slash at the end is a segment",
			[]string{"/users", "/users/", "/users/:id", "/users/:id/"},
			map[string]string{
				"/users": "/users", "/users/": "/users/", "/users/7": "/users/:id",
				"/users/7/": "/users/:id/", "/users//": "",
			}},
		{"no parameter but a catch-all is empty",
			[]string{"/users/:id/posts", "/users/*rest", "/:a/:b/:c"},
			map[string]string{"/users//posts": "/users/*rest", "/users/7/posts": "/users/:id/posts", "/x//y": ""}},
		{"parameters may be called differently in each pattern",
			[]string{"/:a/x", "/:b/y", "/:c", "/:d/x/:e"},
			map[string]string{"/1/x": "/:a/x", "/1/y": "/:b/y", "/1": "/:c", "/1/x/2": "/:d/x/:e"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 50 {
				shuffled := make([]string, len(tt.patterns))
				for i, j := range rand.Perm(len(shuffled)) {
					shuffled[i] = tt.patterns[j]
				}
				checkWinners(t, build(t, shuffled...), tt.want)
			}
		})
	}
}

func checkWinners(t *testing.T, r *router.Router, want map[string]string) {
	t.Helper()
	for path, pattern := range want {
		m, err := r.Find("GET", path)
		if (err != nil) != (pattern == "") || m.Route.Pattern != pattern {
			t.Errorf("Find(%s) = %q, %v; want %q", path, m.Route.Pattern, err, pattern)
		}
	}
}
