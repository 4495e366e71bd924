package router_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

// pathEcho answers with the path that it was given, behind what echo says.
func pathEcho(req raxx.Request) raxx.Response {
	resp := echo(req)
	text, _ := resp.Body.(raxx.Data)
	resp.Body = raxx.Data(req.Path+" | ") + text
	return resp
}

func TestMount(t *testing.T) {
	r := router.MustNew(
		router.Mount("/assets", pathEcho).With(trail("mw")),
		router.Get("/assets/special", echo),
		router.Get("/assets/by/:id", echo),
		router.Mount("/tenants/:tenant/files", pathEcho),
		router.Get("/other", echo),
	)
	for _, tt := range []struct{ path, want string }{
		{"/assets/css/app.css", "mw(/assets/css/app.css) /css/app.css | /assets"},
		{"/assets/", "mw(/assets/) / | /assets"},
		{"/assets", "mw(/assets) / | /assets"},
		{"/assets/a%2Fb//c/", "mw(/assets/a%2Fb//c/) /a%2Fb//c/ | /assets"},
		{"/assets//x", "mw(/assets//x) //x | /assets"},
		{"/%61ssets/x%20", "mw(/%61ssets/x%20) /x%20 | /assets"},
		{"/assets/special", "/assets/special"},
		{"/assets/by/7", `/assets/by/:id id="7"`},
		{"/assets/by/", "mw(/assets/by/) /by/ | /assets"},
		{"/assetsx", "404"},
		{"/assets%2Fx", "404"},
		{"/tenants/a%2Fb/files/x/y", `/x/y | /tenants/:tenant/files tenant="a/b"`},
		{"/tenants//files/x", "404"},
	} {
		if got := answer(r, "GET", tt.path); got != tt.want {
			t.Errorf("GET %s = %s, want %s", tt.path, got, tt.want)
		}
	}
	if got, want := answer(r, "BREW", "/assets/x"), "mw(/assets/x) /x | /assets"; got != want {
		t.Errorf("BREW /assets/x = %s, want %s", got, want)
	}
}

func TestRouteAtThePrefixOfAMount(t *testing.T) {
	r := router.MustNew(router.Mount("/a", say("mount")), router.Any("/a", say("any")), router.Get("/a/*x", say("get")))
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "/a", "any"}, {"BREW", "/a", "any"}, {"GET", "/a/", "get"}, {"POST", "/a/", "mount"}, {"HEAD", "/a/b", "get"},
	} {
		if got := answer(r, tt.method, tt.path); got != tt.want {
			t.Errorf("%s %s = %s, want %s", tt.method, tt.path, got, tt.want)
		}
	}
}

func TestParametersHaveNoSpareMemory(t *testing.T) {
	r := router.MustNew(router.Mount("/:a", echo), router.Get("/x/:b/:c/:d", echo))
	m, err := r.Find("GET", "/1/2")
	if err != nil || len(m.Params) != 1 || cap(m.Params) != 1 {
		t.Errorf("Find = %v with room for %d, %v; want one parameter", m.Params, cap(m.Params), err)
	}
}

func TestMountOfEverything(t *testing.T) {
	for _, prefix := range []string{"", "/"} {
		r := router.MustNew(router.Mount(prefix, pathEcho).Named("rest"), router.Get("/users/:id", echo))
		for path, want := range map[string]string{
			"/": "/ | ", "/x/y": "/x/y | ", "/users/": "/users/ | ", "/users/7": `/users/:id id="7"`,
		} {
			if got := answer(r, "GET", path); got != want {
				t.Errorf("GET %s = %s, want %s", path, got, want)
			}
		}
		if got, err := r.Path("rest"); got != "/" || err != nil {
			t.Errorf("Path = %q, %v; want /", got, err)
		}
	}
}

func TestMountOfEverythingInAMountOfEverything(t *testing.T) {
	r := router.MustNew(router.MountRouter("/", router.MustNew(router.Mount("/", pathEcho))))
	if got := answer(r, "GET", "/x/y"); got != "/x/y | " {
		t.Errorf("GET /x/y = %s", got)
	}
}

// admin is a router with a miss of its own.
func admin() *router.Router {
	gone := func(_ raxx.Request, m router.Miss) raxx.Response { return raxx.Text(200, "admin has no such page") }
	return router.Config{Miss: gone}.MustNew(
		router.Get("/", echo).Named("admin"),
		router.Get("/users/:id", echo).Named("admin user"),
		router.Mount("/logs/:day", pathEcho).Named("logs"),
	)
}

func TestMountedRouter(t *testing.T) {
	inner := admin()
	r := router.MustNew(
		router.Group("/t/:tenant", trail("mw"), router.MountRouter("/admin", inner)),
		router.Get("/t/:tenant/admin/users/me", echo),
	)
	for _, tt := range []struct{ path, want string }{
		{"/t/a/admin", `mw(/t/a/admin) /t/:tenant/admin/ tenant="a"`},
		{"/t/a/admin/", `mw(/t/a/admin/) /t/:tenant/admin/ tenant="a"`},
		{"/t/a/admin/users/7", `mw(/t/a/admin/users/7) /t/:tenant/admin/users/:id tenant="a" id="7"`},
		{"/t/a/admin/users/me", `/t/:tenant/admin/users/me tenant="a"`},
		{"/t/a/admin/logs/mon/x/y", `mw(/t/a/admin/logs/mon/x/y) /x/y | /t/:tenant/admin/logs/:day tenant="a" day="mon"`},
		{"/t/a/admin/nothing", "mw(/t/a/admin/nothing) admin has no such page"},
		{"/t/a/adminx", "404"},
	} {
		if got := answer(r, "GET", tt.path); got != tt.want {
			t.Errorf("GET %s = %s, want %s", tt.path, got, tt.want)
		}
	}
	if got, want := answer(inner, "GET", "/users/7"), `/users/:id id="7"`; got != want {
		t.Errorf("the inner router by itself: GET /users/7 = %s, want %s", got, want)
	}
}

func TestFindInMountedRouter(t *testing.T) {
	r := router.MustNew(router.MountRouter("/t/:tenant", admin()))
	m, err := r.Find("GET", "/t/a/users/7")
	if err != nil {
		t.Fatal(err)
	}
	m.Route.Site = ""
	want := router.Match{
		Route:  router.Entry{Method: "GET", Pattern: "/t/:tenant/users/:id", Name: "admin user", BodyLimit: raxx.DefaultBodyLimit},
		Params: raxx.Params{{Name: "tenant", Value: "a"}, {Name: "id", Value: "7"}},
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("Find (-want +got):\n%s", diff)
	}
	if m, err := r.Find("PUT", "/t/a/users/7"); !isA[*router.Miss](err) || !cmp.Equal(m, router.Match{}) {
		t.Errorf("Find(PUT) = %v, %v; want a Miss", m, err)
	}
}

func TestPathsIntoMountedRouter(t *testing.T) {
	r := router.MustNew(router.Group("/x", nil, router.MountRouter("/t/:tenant", admin())))
	for _, tt := range []struct {
		name string
		args []any
		want string
	}{
		{"admin", []any{"tenant", "a"}, "/x/t/a/"},
		{"admin user", []any{"tenant", "a", "id", 7}, "/x/t/a/users/7"},
		{"logs", []any{"tenant", "a", "day", "mon"}, "/x/t/a/logs/mon"},
	} {
		if got, err := r.Path(tt.name, tt.args...); got != tt.want || err != nil {
			t.Errorf("Path(%q) = %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
}

// A handler that asks for a parameter of its own pattern must not get that of a
// mount around it, which can't be known when the mounted handler is a function.
func TestInnerParameterHidesOuter(t *testing.T) {
	inner := router.MustNew(router.Get("/posts/:id", echo))
	r := router.MustNew(router.Mount("/users/:id/of/:org", inner.Handle))
	want := `/users/:id/of/:org/posts/:id org="o" id="post"`
	if got := answer(r, "GET", "/users/user/of/o/posts/post"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The rest that a mount takes counts as a parameter for httprouter.
func TestMountBehindManyParameters(t *testing.T) {
	var prefix, path strings.Builder
	for i := range 254 {
		fmt.Fprintf(&prefix, "/:p%d", i)
		path.WriteString("/v")
	}
	r := router.MustNew(router.Mount(prefix.String(), func(req raxx.Request) raxx.Response {
		return raxx.Text(200, fmt.Sprintf("%s %d", req.Path, len(req.Params)))
	}))
	if got, want := r.Handle(raxx.Get(path.String()+"/x/y")), raxx.Text(200, "/x/y 254"); !cmp.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, err := router.New(router.Mount(prefix.String()+"/:one_more", echo)); !isA[*router.PatternError](err) {
		t.Errorf("New = %v, want a PatternError: there is no room for the rest", err)
	}
}
