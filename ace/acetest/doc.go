// Package acetest serves an [ace.Server] to a test, on a network in memory. There
// is no port and no socket, and in a bubble of testing/synctest an hour takes no
// time.
//
//	func TestGreetingIsServed(t *testing.T) {
//		app := acetest.Serve(t, ace.New(greet, ace.Config{}))
//		resp, err := app.HTTP2().Get("http://example.com/hello/Ada")
//		…
//	}
//
// What a handler says needs no server: a test calls it and compares what it
// returns, and package raxxtest does the rest. This package is for what a server
// adds: the limits, time-outs and trace of an [ace.Config], a drain, applications
// that speak no HTTP, clients that somebody else has written.
//
// # Clients
//
// [Endpoint.HTTP1] and [Endpoint.HTTP2] are clients of net/http. Whatever host
// their URLs name, the server answers: over TLS if the URL begins with "https", for
// which the server needs a certificate, such as one of
// [ace.DevelopmentCertificate]. Other clients are given [Endpoint.DialContext] to
// dial with. [Endpoint.Dial] is a bare connection, [Endpoint.Say] a whole
// conversation, and [Endpoint.From] the endpoint for clients with an address.
//
// # What it is not
//
// A connection in memory holds 64 KiB in each direction, and shows at once that the
// other side has left. What a kernel adds to that is not there: sendfile, queues,
// probes, unix sockets. For these, [ace.Listen] has a port that is free. Addresses
// are names and no more: Config.MaxConnectionsPerAddress does not count them. The
// package has no assertions: cmp compares values without options.
package acetest
