package raxxtest

import (
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// A Route is a line of a routing table, from which [Requests] makes requests. A
// pattern is a path in which ":name" stands for a segment, or for its end behind a
// literal, and "*name" for the rest, as in package router. The method "*" stands for
// all of them.
type Route struct{ Method, Pattern string }

// Requests returns a request for every route, in whose path the values stand for
// the parameters: by name, or "1" where there is none. A route for all methods is
// asked by GET. Bodies and fields that a route needs are for the caller to add. All
// of them ask http://localhost: for a site that speaks HTTPS only, or has another
// name, set their Scheme and Authority.
func Requests(routes []Route, values map[string]string) (all []raxx.Request) {
	value := func(name string) string {
		if v, ok := values[name]; ok {
			return v
		}
		return "1"
	}
	for _, route := range routes {
		segments := strings.Split(route.Pattern, "/")
		for i, segment := range segments {
			if rest, ok := strings.CutPrefix(segment, "*"); ok {
				segments[i] = value(rest)
			} else if literal, name, ok := strings.Cut(segment, ":"); ok {
				segments[i] = literal + raxx.EscapeSegment(value(name))
			}
		}
		method := route.Method
		if method == "*" {
			method = raxx.MethodGet
		}
		all = append(all, raxx.New(method, strings.Join(segments, "/"), nil))
	}
	return all
}
