package router_test

import (
	"fmt"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

func Example() {
	users := map[string]string{"7": "Ada"}
	showUser := func(req raxx.Request) raxx.Response {
		name, ok := users[req.Params.Get("id")]
		if !ok {
			return raxx.Problem(404, "no such user")
		}
		return raxx.Text(200, "Hello, "+name)
	}
	r, err := router.New(
		router.Get("/users/:id", showUser).Named("user"),
		router.Get("/users/new", say("a form")),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, req := range []raxx.Request{
		raxx.Get("/users/7"),
		raxx.Get("/users/new"),
		raxx.Get("/users/8"),
		raxx.Delete("/users/7"),
	} {
		resp := r.Handle(req)
		fmt.Println(req.Method, req.Path, resp.Status, resp.Body)
	}
	// Output:
	// GET /users/7 200 Hello, Ada
	// GET /users/new 200 a form
	// GET /users/8 404 {"title":"Not Found","status":404,"detail":"no such user"}
	// DELETE /users/7 405 {"title":"Method Not Allowed","status":405,"detail":"this path answers only GET, HEAD, OPTIONS"}
}

// What is wrong with a table is told at once, with the lines of the routes.
func ExampleNew() {
	_, err := router.New(
		router.Get("/users/:id", say("a user")),
		router.Get("/users/:name", say("a user")),
		router.Get("/users/:id.json", say("a user")),
	)
	fmt.Println(err)
	// Output:
	// router: pattern "/users/:id.json" at offset 10: a parameter takes all up to the next slash; its name may not hold '.' (router/example_test.go:48)
	// router: two routes match the same requests: GET /users/:id (router/example_test.go:46) and GET /users/:name (router/example_test.go:47)
}

func ExampleGroup() {
	requireAdmin := func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			if req.Header.Get("authorization") != "Bearer secret" {
				return raxx.Problem(401, "").With("www-authenticate", "Bearer")
			}
			return next(req)
		}
	}
	r := router.MustNew(
		router.Group("/admin", requireAdmin,
			router.Get("", say("dashboard")),
			router.Get("/users/:id", say("a user")),
		),
	)
	fmt.Println(r.Handle(raxx.Get("/admin")).Status)
	fmt.Println(r.Handle(raxx.Get("/admin").With("authorization", "Bearer secret")).Body)
	// Output:
	// 401
	// dashboard
}

// Each host has a router of its own. The server writes hosts in lower case.
func Example_hosts() {
	sites := map[string]raxx.Handler{
		"example.org":     router.MustNew(router.Get("/", say("home"))).Handle,
		"api.example.org": router.MustNew(router.Get("/books", say("books"))).Handle,
	}
	app := func(req raxx.Request) raxx.Response {
		if site, ok := sites[req.Host()]; ok {
			return site(req)
		}
		return raxx.Problem(raxx.StatusMisdirectedRequest, "")
	}
	fmt.Println(app(raxx.Get("https://example.org/")).Body)
	fmt.Println(app(raxx.Get("https://api.example.org:8443/books")).Body)
	fmt.Println(app(raxx.Get("https://api.example.org/")).Status)
	fmt.Println(app(raxx.Get("https://other.example/")).Status)
	// Output:
	// home
	// books
	// 404
	// 421
}

func ExampleConfig_miss() {
	r := router.Config{
		Miss: func(req raxx.Request, m router.Miss) raxx.Response {
			return raxx.HTML(m.Status, "<h1>Sorry</h1>")
		},
	}.MustNew(router.Get("/", say("home")))
	fmt.Println(r.Handle(raxx.Get("/nothing")).Body)
	resp := r.Handle(raxx.Post("/", "text/plain", nil))
	fmt.Println(resp.Status, resp.Header.Get("allow"))
	// Output:
	// <h1>Sorry</h1>
	// 405 GET, HEAD, OPTIONS
}

func ExampleRouter_Find() {
	r := router.MustNew(
		router.Get("/users/:id", say("a user")),
		router.Get("/users/me", say("yourself")),
	)
	m, err := r.Find("GET", "/users/a%2Fb")
	fmt.Println(m.Route.Pattern, m.Params, err)
	_, err = r.Find("PUT", "/users/me")
	fmt.Println(err)
	// Output:
	// /users/:id [{id a/b}] <nil>
	// router: 405: this path answers only GET, HEAD, OPTIONS
}

// A handler that makes paths knows the router as a variable, which is set when
// the handler is called.
func ExampleRouter_Path_inHandler() {
	var r *router.Router
	create := raxx.Try(func(req raxx.Request) (raxx.Response, error) {
		path, err := r.Path("user", "id", 7)
		return raxx.SeeOther(path), err
	})
	r = router.MustNew(
		router.Post("/users", create),
		router.Get("/users/:id", say("a user")).Named("user"),
	)
	fmt.Println(r.Handle(raxx.Post("/users", "text/plain", nil)).Header.Get("location"))
	// Output: /users/7
}
