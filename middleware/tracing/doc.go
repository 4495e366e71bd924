// Package tracing makes server spans and metrics of OpenTelemetry of the exchanges of
// a server. It is a module of its own, so that nobody else has its dependencies.
//
//	app := router.Config{Middleware: tracing.Config{}.Middleware()}.MustNew(
//		router.Get("/users/:id", user),
//	)
//
// It belongs where the router has found the route: router.Config.Middleware is around
// every reply, also to requests that no route takes. Further out there are no routes,
// and a span has but the method as its name. Behind middleware.ClientAddress, which
// stands around the router, it knows the client.
//
// Where spans and metrics go is decided by the providers; with those of package otel,
// which are taken where a [Config] names no other, the program sets them:
//
//	otel.SetTracerProvider(provider)
//	otel.SetMeterProvider(meters)
//	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(
//		propagation.TraceContext{}, propagation.Baggage{}))
//
// # Spans
//
// A span is called "GET /users/:id", and is the child of the one that the client names
// in traceparent, if the propagator reads that. It begins before the handler is called
// and ends when the reply is over ([raxx.Scope.OnEnd]): that of an event stream or a
// WebSocket lasts as long as that does. A server that does not tell of the end is
// believed by the kind of the body: a complete reply is over when the handler returns,
// a stream when its last chunk has been taken, a machine when it ends.
//
// A machine that waits keeps its span: some 400 bytes, and about a kilobyte if it is
// recorded.
//
// The attributes are those of the semantic conventions for HTTP:
//
//	http.request.method           one that is known, else "_OTHER"; then http.request.method_original, too
//	http.route                    the pattern that the router has found
//	url.scheme, url.path          and url.query, if [Config.Query] asks for it
//	server.address, server.port   what the client believes to talk to
//	network.peer.address, .port   who is connected
//	client.address                as middleware.ClientAddress has found it; without that, who is connected
//	network.protocol.version      "1.1" or "2"
//	user_agent.original           what the client calls itself
//	http.response.status_code     that was sent, if one was
//	error.type                    of a failure: the status, "panic", "unsendable" or "aborted"
//
// and one of its own, raxx.end, if the reply has broken off: "client_gone", "timeout",
// "server_closed", "overflow", "protocol", "unsendable" or "aborted".
//
// A span fails (its status is Error) by a status of 500 or more, a panic (also with a
// [raxx.Abort]), and a reply that the application has broken off or that can't be sent. A client that leaves is no
// failure, whatever the handler makes of it. What led to a failure is an event of
// the span, called "exception". A panic goes on.
//
// The context of the request carries the span, so what a handler does with it is a child
// of that: ask another service by nethttp.FromTransport with a transport that traces,
// or a database. A handler adds to the span, or names it in a line of the log:
//
//	span := trace.SpanFromContext(req.Context())
//	return middleware.AddLogAttr(resp, "trace", span.SpanContext().TraceID().String())
//
// # Metrics
//
//	http.server.request.duration     in seconds, until the reply is over
//	http.server.active_requests      whose reply is not over
//	http.server.request.body.size    in bytes, as much as was read
//	http.server.response.body.size   in bytes, as much as was sent
//
// They have the attributes http.request.method, http.route, url.scheme,
// network.protocol.version, http.response.status_code and error.type; active_requests
// has method and scheme. The sizes leave out what is no content: that of a tunnel,
// and of a protocol that was switched to.
//
// # What clients can do
//
// A client can't make up the value of an attribute of a metric: methods and versions
// are those that are known, routes those of the router, and hosts are left out. In
// spans, no attribute is longer than 512 bytes but for the stack of a panic, and all of
// them are valid UTF-8, without which an exporter would drop all spans of a batch. Secrets are in paths and
// queries: a query is shown only if it is asked for.
//
// Whether a trace is recorded is for most samplers the decision of who began it. So
// anybody who may send traceparent decides how much is recorded: [Config.Public] is for
// servers that strangers reach.
package tracing
