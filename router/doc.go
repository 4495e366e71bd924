// Package router finds the handler for a request by its method and its path:
//
//	r, err := router.New(
//		router.Get("/", home),
//		router.Get("/users/:id", showUser).Named("user"),
//		router.Post("/users", createUser).BodyLimit(64<<10),
//		router.Group("/admin", requireAdmin,
//			router.Get("/stats", showStats),
//			router.Post("/import", importUsers).Streamed(),
//		),
//		router.Mount("/assets", assets),
//	)
//
// [New] makes a [Router] of a list of routes, once, and reports everything that is
// wrong with them, with the lines in which they were made. From then on the router
// does not change. Its method [Router.Handle] is a [raxx.Handler].
//
// # Patterns
//
// A pattern is written as for httprouter, which does the matching. Between two
// slashes stands
//
//	users     a literal
//	:id       a parameter: all up to the next slash, but not nothing
//	@:name    a parameter behind a literal
//	*path     at the end only, a catch-all: the rest, which may be empty
//
// The path is taken as it was sent and split at its slashes; then each segment is
// decoded, once. So /users/a%2Fb matches /users/:id, whose id is "a/b", and
// /caf%C3%A9 matches /café. Patterns are decoded in the same way: in a literal, a
// colon is written %3A and an asterisk %2A. A malformed escape is answered with
// 400.
//
// The value of a catch-all begins behind the slash: for /files/*path, the path
// /files/a/b.txt has the value "a/b.txt", and /files/ has "". It is decoded as
// well, so it does not tell a/b from a%2Fb, and it may hold "..". Do not guard
// a part of what a catch-all takes with a route of its own: guard all of it, or
// use a [Mount], whose handler splits the path by itself. Open files by an
// [io/fs.FS] that checks names, as [raxx.NewFile] does.
//
// # Which route
//
// Of all patterns that match the path and have a route for the method, the most
// specific wins, whatever the order of the routes: from the left, the first
// segment in which they differ decides, a literal before a parameter, a
// parameter behind a longer literal before one behind a shorter, and a catch-all
// last. With /a/b/d, /a/:x/c and /*rest, the path /a/b/c takes the second.
// Two routes of one method whose patterns differ in nothing but the names of
// parameters are refused.
//
// HEAD is answered by the route for GET, unless there is one for HEAD. OPTIONS is
// answered with 204 and the methods in the field allow, unless there is a route for
// it. If patterns match, but for other methods only, the answer is 405 with these
// methods; or 501, if no route takes such a method and it is no method that
// everybody knows (RFC 9110, Section 9.1). If no pattern matches, it is 404.
// [Config.Miss] lets you write these replies yourself.
//
// Nothing is redirected, cleaned or folded: /users/7/, /users//7 and /USERS/7 are
// other paths than /users/7, and not found if only /users/7 is there.
//
// # What a route does
//
// A handler finds [raxx.Request.Pattern] and [raxx.Request.Params] filled in,
// and the body of the request read, up to a limit ([Route.BodyLimit]), unless
// the route is [Route.Streamed]. Middleware is around routes ([Route.With]),
// groups of routes ([Group]), or everything ([Config.Middleware]).
//
// Routes are data: [Router.Routes] and [Router.String] list them,
// [Router.Find] tells which one takes a request, and [Router.Path] makes a path
// of a name and parameters.
//
// # Limits
//
// A pattern has 255 parameters at the most. The body of a request is read up to 8
// MiB ([raxx.DefaultBodyLimit]), unless [Route.BodyLimit] or [Config.BodyLimit]
// says otherwise.
//
// # What it refuses to do
//
// It looks at method and path only: hosts, fields and queries are for handlers and
// middleware. For hosts a map of routers will do: there is an example. Patterns hold
// no regular expressions: a handler reads its parameters, by [raxx.ParamAs], and says
// 404. No route is added to a router that is there.
package router
