package router_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

func named(t *testing.T) *router.Router {
	t.Helper()
	r, err := router.New(
		router.Get("/", echo).Named("home"),
		router.Get("/users/:id", echo).Named("user"),
		router.Get("/users/:user/posts/:post", echo).Named("post"),
		router.Get("/files/*path", echo).Named("file"),
		router.Get("/*page", echo).Named("page"),
		router.Get("/@:name/café%2F/x y", echo).Named("profile"),
		router.Group("/admin", nil, router.Get("/:id", echo).Named("admin user")),
	)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPath(t *testing.T) {
	type id int64
	type slug string
	r := named(t)
	for _, tt := range []struct {
		name string
		args []any
		want string
	}{
		{"home", nil, "/"},
		{"user", []any{"id", "7"}, "/users/7"},
		{"user", []any{"id", "a/b c%?é:~*"}, "/users/a%2Fb%20c%25%3F%C3%A9:~*"},
		{"user", []any{"id", 7}, "/users/7"},
		{"user", []any{"id", id(-42)}, "/users/-42"},
		{"user", []any{"id", uint8(42)}, "/users/42"},
		{"user", []any{"id", slug("x")}, "/users/x"},
		{"user", []any{"id", true}, "/users/true"},
		{"user", []any{"id", float32(0.1)}, "/users/0.1"},
		{"user", []any{"id", netip.MustParseAddr("::1")}, "/users/::1"},
		{"user", []any{"id", "..."}, "/users/..."},
		{"user", []any{raxx.Param{Name: "id", Value: "7"}}, "/users/7"},
		{"post", []any{"post", 2, "user", 1}, "/users/1/posts/2"},
		{"post", []any{raxx.Params{{Name: "user", Value: "1"}, {Name: "post", Value: "2"}}}, "/users/1/posts/2"},
		{"file", []any{"path", "a/b c.txt"}, "/files/a/b%20c.txt"},
		{"file", []any{"path", ""}, "/files/"},
		{"file", []any{"path", "/x/"}, "/files//x/"},
		{"page", []any{"page", "x/y"}, "/x/y"},
		{"profile", []any{"name", "."}, "/@./caf%C3%A9%2F/x%20y"},
		{"admin user", []any{"id", 1}, "/admin/1"},
	} {
		got, err := r.Path(tt.name, tt.args...)
		if got != tt.want || err != nil {
			t.Errorf("Path(%q, %v) = %q, %v; want %q", tt.name, tt.args, got, err, tt.want)
		}
	}
}

func TestPathSaysWhatWasMeant(t *testing.T) {
	r := named(t)
	for _, tt := range []struct {
		name string
		args []any
		want string
	}{
		{"usr", nil, `router: no route is called "usr"; did you mean "user"?`},
		{"psot", nil, `router: no route is called "psot"; did you mean "post"?`},
		{"something else", nil, `router: no route is called "something else"`},
		{"user", nil, `router: path of "user" (/users/:id): parameter "id" is missing`},
		{"user", []any{"ID", 1}, `router: path of "user" (/users/:id): there is no parameter "ID"; did you mean "id"?`},
		{"post", []any{"usr", 1}, `router: path of "post" (/users/:user/posts/:post): there is no parameter "usr"; did you mean "user"?`},
		{"user", []any{"id", 1, "id", 2}, `router: path of "user" (/users/:id): parameter "id" is given twice`},
		{"user", []any{"id", ""}, `router: path of "user" (/users/:id): parameter "id" is empty; only a catch-all may be`},
		{"user", []any{"id"}, `router: path of "user" (/users/:id): parameter "id" has no value behind its name`},
		{"user", []any{7}, `router: path of "user" (/users/:id): argument 1 is of type int, where the name of a parameter belongs`},
		{"user", []any{"id", []int{1}}, `router: path of "user" (/users/:id): the value of parameter "id" is of type []int, which has no text`},
		{"user", []any{"id", nil}, `router: path of "user" (/users/:id): the value of parameter "id" is of type <nil>, which has no text`},
		{"user", []any{"id", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
			`router: path of "user" (/users/:id): the value of parameter "id" is of type time.Time, which has no text`},
		{"", nil, `router: no route is called ""`},
		{"user", []any{"id", ".."}, `router: path of "user" (/users/:id): parameter "id" makes a segment "..", which clients take out of a path`},
		{"file", []any{"path", "a/./b"}, `router: path of "file" (/files/*path): parameter "path" makes a segment ".", which clients take out of a path`},
		{"page", []any{"page", "/evil.example"}, `router: path of "page" (/*page): parameter "page" makes a path that begins with two slashes`},
	} {
		got, err := r.Path(tt.name, tt.args...)
		if err == nil || err.Error() != tt.want || got != "" {
			t.Errorf("Path(%q, %v) = %q, %v; want %s", tt.name, tt.args, got, err, tt.want)
		}
	}
	_, err := r.Path("usr")
	if diff := cmp.Diff(error(&router.NameError{Name: "usr", Nearest: []string{"user"}}), err); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

// What Path makes leads back to its route, with the same parameters.
func TestPathLeadsBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		pattern := randomPattern(rng)
		r, err := router.New(router.Get(pattern, echo).Named("it"))
		if err != nil {
			continue // the same name twice
		}
		params := randomParams(rng, pattern)
		path, err := r.Path("it", params)
		if err != nil {
			continue // dot segments
		}
		m, err := r.Find("GET", path)
		if err != nil {
			t.Fatalf("%s with %v is %q, and Find: %v", pattern, params, path, err)
		}
		if diff := cmp.Diff(params, m.Params); diff != "" {
			t.Fatalf("%s is %q, which has the parameters (-want +got):\n%s", pattern, path, diff)
		}
	}
}

// randomParams returns values of any bytes for the parameters of a pattern.
func randomParams(rng *rand.Rand, pattern string) raxx.Params {
	var params raxx.Params
	for _, s := range refSplit(pattern) {
		for i, c := range s {
			if c == ':' || c == '*' {
				value := make([]byte, 1+rng.IntN(4))
				for j := range value {
					value[j] = "ab/%.:*? é\x00~"[rng.IntN(13)]
				}
				params = append(params, raxx.Param{Name: s[i+1:], Value: string(value)})
			}
		}
	}
	return params
}

func ExampleRouter_Path() {
	r := router.MustNew(router.Get("/users/:id/files/*path", echo).Named("file"))
	path, err := r.Path("file", "id", 7, "path", "notes/to do.txt")
	fmt.Println(path, err)
	_, err = r.Path("flie", "id", 7)
	fmt.Println(err)
	// Output:
	// /users/7/files/notes/to%20do.txt <nil>
	// router: no route is called "flie"; did you mean "file"?
}
