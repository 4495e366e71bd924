package raxxtest

import (
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

func TestRequests(t *testing.T) {
	got := Requests([]Route{{"GET", "/a/:x/:y"}, {"PUT", "/f/*rest"}, {"POST", "/"}}, map[string]string{"x": "b/c", "rest": "d/e"})
	diff(t, []raxx.Request{raxx.Get("/a/b%2Fc/1"), raxx.New("PUT", "/f/d/e", nil), raxx.New("POST", "/", nil)}, got)
}

// What package router can say, and no request does.
func TestRequestsOfAllKindsOfRoutes(t *testing.T) {
	got := Requests([]Route{{"*", "/any"}, {"GET", "/@:name/a%3Ab"}}, map[string]string{"name": "a/b"})
	diff(t, []raxx.Request{raxx.Get("/any"), raxx.Get("/@a%2Fb/a%3Ab")}, got)
}
