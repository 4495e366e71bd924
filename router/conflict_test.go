package router_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

// here returns the site of the line that calls it.
func here() string {
	_, _, line, _ := runtime.Caller(1)
	return fmt.Sprintf("router/conflict_test.go:%d", line)
}

func TestConflictNamesBothPlaces(t *testing.T) {
	first, at1 := router.Get("/users/:id", echo), here()
	second, at2 := router.Get("/users/:name", echo), here()
	_, err := router.New(first, router.Post("/users/:any", echo), second)
	conflict, ok := errors.AsType[*router.ConflictError](err)
	if !ok {
		t.Fatalf("New = %v, want a ConflictError", err)
	}
	want := &router.ConflictError{
		First:  router.Entry{Method: "GET", Pattern: "/users/:id", BodyLimit: raxx.DefaultBodyLimit, Site: at1},
		Second: router.Entry{Method: "GET", Pattern: "/users/:name", BodyLimit: raxx.DefaultBodyLimit, Site: at2},
	}
	if diff := cmp.Diff(want, conflict); diff != "" {
		t.Errorf("conflict (-want +got):\n%s", diff)
	}
	text := "router: two routes match the same requests: GET /users/:id (" + at1 + ") and GET /users/:name (" + at2 + ")"
	if err.Error() != text {
		t.Errorf("Error() = %s, want %s", err, text)
	}
}

func TestConflicts(t *testing.T) {
	one, two := router.MustNew(router.Get("/", echo).Named("home")), router.MustNew(router.Get("/", echo))
	for _, tt := range []struct {
		name   string
		routes []router.Route
		want   string // a part of the error; "" if there is none
	}{
		{"the same twice", []router.Route{router.Get("/x", echo), router.Get("/x", echo)}, "same requests"},
		{"the same, escaped", []router.Route{router.Get("/é", echo), router.Get("/%C3%A9", echo)}, "same requests"},
		{"catch-alls", []router.Route{router.Get("/*a", echo), router.Get("/*b", echo)}, "same requests"},
		{"two for any method", []router.Route{router.Any("/x", echo), router.Any("/x", echo)}, "same requests"},
		{"within groups", []router.Route{
			router.Group("/a", nil, router.Get("/b", echo)), router.Group("/a/b", nil, router.Get("", echo)),
		}, "same requests"},
		{"two mounts", []router.Route{router.Mount("/a", echo), router.MountRouter("/a", one)}, "same requests"},
		{"a mount and a catch-all", []router.Route{router.Mount("/a", echo), router.Any("/a/*x", echo)}, "same requests"},
		{"two names", []router.Route{router.Get("/x", echo).Named("x"), router.Get("/y", echo).Named("x")}, `called "x"`},
		{"a name in a mounted router", []router.Route{
			router.MountRouter("/one", one), router.Get("/y", echo).Named("home"),
		}, `called "home": GET /one/ (router/conflict_test.go:`},

		{"another method", []router.Route{router.Get("/x", echo), router.Post("/x", echo)}, ""},
		{"GET and HEAD", []router.Route{router.Get("/x", echo), router.On("HEAD", "/x", echo)}, ""},
		{"GET and any", []router.Route{router.Get("/x", echo), router.Any("/x", echo)}, ""},
		{"a slash at the end", []router.Route{router.Get("/x", echo), router.Get("/x/", echo)}, ""},
		{"a mount and a route at its prefix", []router.Route{router.Mount("/a", echo), router.Any("/a", echo)}, ""},
		{"routes without a name", []router.Route{router.MountRouter("/one", one), router.MountRouter("/two", two)}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := router.New(tt.routes...)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestAllFaultsAreReportedAtOnce(t *testing.T) {
	silent := func(raxx.Handler) raxx.Handler { return nil }
	_, err := router.New(
		router.Get("/a//b", echo),
		router.Get("users", nil),
		router.Route{},
		router.On("get", "/lower", echo),
		router.On("G T", "/space", echo),
		router.On("", "/empty", echo),
		router.Group("/slash/", nil, router.Get("/x", echo), router.Get("/x", echo)),
		router.Group("noslash", nil, router.Get("/x", echo)),
		router.Group("/:a", nil, router.Get("/:a", echo), router.Get("x", echo)),
		router.Group("/*all", nil, router.Get("/x", echo)),
		router.Group("", nil, router.Get("", echo)),
		router.Group("/named", nil).Named("group"),
		router.Mount("/m/", echo),
		router.MountRouter("/nil", nil),
		router.MountRouter("/:id", router.MustNew(router.Get("/:id", echo))).Named("sub"),
		router.MountRouter("/:id", router.MustNew(router.Get("/:id", echo))),
		router.Mount("/bad//prefix", echo),
		router.Group("/bad//group", nil),
		router.Get("/silent", echo).With(silent),
		router.Get("/silent within", echo).With(trail("outer"), silent),
		router.Get("/dup", echo).Named("a"),
		router.Get("/dup", echo).Named("a"),
	)
	want := []string{
		`pattern "/a//b" at offset 3: an empty segment`,
		`pattern "users" at offset 0: a pattern begins with a slash`,
		`GET users`, // the handler is nil
		`router: route 3 of a list behind the prefix "" is a Route that no function of this package made`,
		`methods are case-sensitive: it is called GET`,
		`the method holds ' '`,
		`the method is empty`,
		`pattern "/slash/" at offset 6: a prefix does not end with a slash`,
		`pattern "noslash" at offset 0: a pattern begins with a slash`,
		`pattern "/:a/:a" at offset 5: a second parameter`,
		`pattern "/:ax" at offset 3: a pattern begins with a slash`,
		`pattern "/*all" at offset 1: a catch-all takes the rest`,
		`pattern "" at offset 0: a pattern begins with a slash`,
		`a group can't be called "group"`,
		`pattern "/m/" at offset 2: a prefix does not end with a slash`,
		`* /nil/... (router/conflict_test.go:`,
		`a router that is mounted can't be called "sub"`,
		`pattern "/:id/:id" at offset 6: a second parameter`,
		`pattern "/bad//prefix" at offset 5: an empty segment`,
		`pattern "/bad//group" at offset 5: an empty segment`,
		`a middleware returns no handler`,
		`a middleware returns no handler`,
		`two routes match the same requests: GET /dup`,
		`two routes are called "a": GET /dup`,
	}
	var got []string
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range list.Unwrap() {
			got = append(got, e.Error())
		}
	}
	for i, text := range got {
		hasSite := strings.Contains(text, "router/conflict_test.go:") || strings.Contains(text, "no function")
		if i < len(want) && strings.Contains(text, want[i]) && hasSite {
			got[i] = want[i]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestConfigMiddlewareMustReturnAHandler(t *testing.T) {
	silent := func(raxx.Handler) raxx.Handler { return nil }
	if r, err := (router.Config{Middleware: silent}).New(); err == nil {
		t.Errorf("New = %v, want an error", r)
	}
}

func TestMustNewPanics(t *testing.T) {
	defer func() {
		if err, ok := recover().(error); !ok || !isA[*router.PatternError](err) {
			t.Errorf("MustNew panics with %v, want a PatternError", err)
		}
	}()
	router.MustNew(router.Get("x", echo))
}
