// Package nethttp leads from net/http to raxx and back: [FromHTTP] runs an
// http.Handler under any server of raxx, [ToHTTP] runs a handler of raxx under an
// http.Server and its routers, [FromMiddleware] makes a middleware of one that was
// written for net/http, and [FromTransport] makes a handler of an
// [http.RoundTripper], which asks other servers.
//
//	files := nethttp.FromHTTP(http.FileServerFS(public))
//	err := ace.Run(ctx, "127.0.0.1:8080", files)
//
//	http.Handle("/users/{id}", nethttp.ToHTTP(users, nethttp.Config{}))
//
//	app = nethttp.FromMiddleware(middleware.RequestID)(app)
//
//	weather := nethttp.FromTransport(http.DefaultTransport)
//	today := weather(raxx.Get("https://weather.example/today"))
//
// # Model
//
// A handler of net/http says its reply by calling methods, one of raxx returns it.
// To get from the first to the second takes a goroutine on which the first can
// wait:
//
//	server ── Request ──▶ FromHTTP ··▶ goroutine: ServeHTTP(w, r)
//	server ◀── Data ─────────────────── it returned, and wrote little
//	server ◀── Stream, chunk by chunk ─ it writes on, and waits in Write
//
// Nothing is buffered beyond 32 KiB, nothing is written faster than the client
// takes it, and the exchange is not over before the handler has returned, as in
// net/http. The other way needs no goroutine: a response is a value that can be
// sent.
//
// One adapter inside the other costs nothing but the goroutine. A handler of raxx
// that is found within a [FromHTTP] hands its response through as the value that it
// is, machines and effects too, unless a middleware has put a ResponseWriter of its
// own in between. So a router of net/http under ace can lead to event streams that
// ace drives.
//
// # What is lost
//
// From raxx to net/http: the order of fields, hijacking, read deadlines, the
// local address, and interim responses while a body is on the way.
//
// From net/http to raxx: the order of the fields of a request, whether a query that
// is empty was there, and what a server of net/http refuses or changes by itself.
//
// Both ways, a machine keeps a goroutine while it waits if it stands behind a
// ResponseWriter of a middleware or under an http.Server.
//
// # Limits
//
// The limits of connections and requests are the server's: an http.Server has no
// time limits unless its time-outs are set. [Config] has those of machines and of
// replies that stream.
//
// # What it refuses to do
//
// It does not log, guess a type of content for a handler of raxx, or make an
// http.ResponseWriter do what it can't: an upgrade that no connection can be had
// for is answered with 501, and a machine behind a middleware that can't be
// flushed with 500.
package nethttp
