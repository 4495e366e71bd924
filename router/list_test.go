package router_test

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

func TestTableIsPrinted(t *testing.T) {
	shop := router.MustNew(
		router.Get("/", echo).Named("shop"),
		router.Put("/cart/:item", echo).BodyLimit(1500),
		router.Mount("/images", echo),
	)
	r := router.MustNew(
		router.Get("/", echo).Named("home"),
		router.Get("/users/:id", echo).Named("user"),
		router.Post("/users", echo).BodyLimit(64<<10),
		router.Post("/uploads/*path", echo).Streamed(),
		router.Group("/admin", trail("mw"),
			router.On("PURGE", "/cache", echo).BodyLimit(-1),
			router.Any("/é/:x", echo),
		),
		router.MountRouter("/shop/:shop", shop),
		router.Mount("/", echo).Named("rest"),
	)
	const golden = "testdata/routes.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(r.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), r.String()); diff != "" {
		t.Errorf("table (-want +got; -update rewrites it):\n%s", diff)
	}
}

func TestRoutesAreData(t *testing.T) {
	r := router.MustNew(router.Post("/x", echo).Streamed().Named("x"), router.Mount("/m", echo))
	got := r.Routes()
	for i := range got {
		if got[i].Site == "" {
			t.Errorf("route %d has no site", i)
		}
		got[i].Site = ""
	}
	want := []router.Entry{
		{Method: "POST", Pattern: "/x", Name: "x", Streamed: true},
		{Method: router.AnyMethod, Pattern: "/m", Mounted: true, Streamed: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Routes (-want +got):\n%s", diff)
	}
	got[0].Name = "changed"
	if r.Routes()[0].Name != "x" {
		t.Error("the caller can change the table")
	}
	if got := router.MustNew(router.Get("/y", echo)).Routes()[0].BodyLimit; got != raxx.DefaultBodyLimit {
		t.Errorf("BodyLimit = %d, want %d", got, raxx.DefaultBodyLimit)
	}
}
