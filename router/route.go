package router

import (
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// A Route is a line of a routing table, a group of lines, or another handler
// that is mounted. It is a value and does nothing before [New] makes a router
// of it: packages can return lists of routes, and the same route may stand in
// several routers. The methods return a changed copy.
type Route struct {
	kind    routeKind
	method  string
	pattern string // of a group or a mount: the prefix
	name    string
	site    string
	body    bodyRule
	stack   []raxx.Middleware // the outermost first

	handler raxx.Handler
	router  *Router // mounted
	routes  []Route // in the group
}

type routeKind uint8

const (
	noRoute routeKind = iota
	single
	group
	mount
)

// A bodyRule says what a route does with the body of a request.
type bodyRule struct {
	said     bool // else the rule of the group holds
	streamed bool
	limit    int64
}

// Get returns a route for GET. It takes HEAD as well, unless a route for HEAD
// matches as well or better.
func Get(pattern string, h raxx.Handler) Route { return newRoute(raxx.MethodGet, pattern, h) }

// Post returns a route for POST.
func Post(pattern string, h raxx.Handler) Route { return newRoute(raxx.MethodPost, pattern, h) }

// Put returns a route for PUT.
func Put(pattern string, h raxx.Handler) Route { return newRoute(raxx.MethodPut, pattern, h) }

// Patch returns a route for PATCH.
func Patch(pattern string, h raxx.Handler) Route { return newRoute(raxx.MethodPatch, pattern, h) }

// Delete returns a route for DELETE.
func Delete(pattern string, h raxx.Handler) Route { return newRoute(raxx.MethodDelete, pattern, h) }

// Query returns a route for QUERY (RFC 10008), a GET with a body.
func Query(pattern string, h raxx.Handler) Route { return newRoute(raxx.MethodQuery, pattern, h) }

// Any returns a route for every method, also for HEAD, OPTIONS and methods that
// nobody has thought of. Of two routes with the same pattern, one for the method of
// the request comes before it.
func Any(pattern string, h raxx.Handler) Route { return newRoute(AnyMethod, pattern, h) }

// On returns a route for one method, whichever it is: "OPTIONS", or one of your
// own. Methods are case-sensitive. [AnyMethod] stands for all of them.
func On(method, pattern string, h raxx.Handler) Route { return newRoute(method, pattern, h) }

// newRoute is called by an exported function, whose caller is the site.
func newRoute(method, pattern string, h raxx.Handler) Route {
	return Route{kind: single, method: method, pattern: pattern, handler: h, site: callSite(2)}
}

// Named returns the route with a name, by which [Router.Path] finds it.
func (r Route) Named(name string) Route {
	r.name = name
	return r
}

// With returns the route with middleware around it, the first outermost. It stands
// inside of the middleware that the route has already, and of that of its groups.
// On a group, it is around every route in it.
//
// Middleware is applied when the router is built, once for each route: what the
// routes are to share, such as the count of a rate limit, must be made before.
func (r Route) With(stack ...raxx.Middleware) Route {
	r.stack = slices.Concat(r.stack, stack)
	return r
}

// BodyLimit returns the route with another limit for the body of a request, in
// bytes. [raxx.Complete] enforces it, inside of all middleware: the body of a
// request that a middleware refuses is not read. If zero, it is
// [raxx.DefaultBodyLimit]; if negative, there is none, and clients decide how much
// memory is used. On a group it holds for those routes that don't say otherwise.
func (r Route) BodyLimit(limit int64) Route {
	r.body = bodyRule{said: true, limit: limit}
	return r
}

// Streamed returns the route without a limit: its handler finds the body as a
// [raxx.Stream] and reads it, or not, at its own pace. On a group it holds for
// those routes that don't say otherwise.
func (r Route) Streamed() Route {
	r.body = bodyRule{said: true, streamed: true}
	return r
}
