package router

import (
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// Group returns a list of routes, as one Route, that share a prefix of their
// patterns and a middleware. Either may be missing: the prefix is "" and the
// middleware nil. [raxx.Stack] makes one middleware of many.
//
//	router.Group("/admin", requireAdmin,
//		router.Get("", dashboard),          // GET /admin
//		router.Get("/users/:id", showUser), // GET /admin/users/:id
//	)
//
// A prefix begins with a slash and does not end with one. It may hold
// parameters. Groups nest; the middleware of the outer group is outermost. It
// is applied to each route by itself; see [Route.With].
func Group(prefix string, mw raxx.Middleware, routes ...Route) Route {
	return Route{
		kind: group, pattern: prefix, site: callSite(1),
		stack: []raxx.Middleware{mw}, routes: slices.Clone(routes),
	}
}

// Mount returns a route that hands all requests under a prefix to another
// handler, whatever their method, unless another route matches better. The
// handler finds the path without the prefix, beginning with a slash and still
// escaped: with Mount("/assets", files), the path /assets/app.css is /app.css
// for files, and /assets/ as well as /assets is /. Middleware of the mount and
// its groups sees the whole path.
//
// The prefix is in [raxx.Request.Pattern], its parameters are in
// [raxx.Request.Params]. A mount is [Route.Streamed] unless BodyLimit is called
// on it: it leaves the body to the handler.
func Mount(prefix string, h raxx.Handler) Route {
	return Route{
		kind: mount, method: AnyMethod, pattern: prefix, site: callSite(1),
		body: bodyRule{said: true, streamed: true}, handler: h,
	}
}

// MountRouter returns a [Mount] of another router. That router answers by itself
// what none of its routes takes. [Router.Routes] lists its routes, and
// [Router.Path] knows their names: so their names must not be those of other
// routes, and the parameters of the prefix must not have the names of parameters in
// its patterns.
func MountRouter(prefix string, r *Router) Route {
	return Route{
		kind: mount, method: AnyMethod, pattern: prefix, site: callSite(1),
		body: bodyRule{said: true, streamed: true}, router: r,
	}
}
