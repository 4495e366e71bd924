// Package prom makes metrics for Prometheus of what a server does. It is a module of
// its own, so that nobody else has its dependencies.
//
//	metrics, err := prom.New(prom.Config{})
//	if err != nil {
//		return err
//	}
//	app := router.Config{Middleware: metrics.Middleware()}.MustNew(
//		router.Get("/users/:id", user),
//	)
//	server := ace.New(app.Handle, ace.Config{Trace: metrics.Trace()})
//
// # What is measured
//
// [Metrics.Trace] is told by the server itself, so it counts what no handler sees,
// too: connections, handshakes, and requests that were refused.
//
//	ace_ready                              1 from when all endpoints accept until a drain begins
//	ace_connections                        open now, by endpoint
//	ace_connections_accepted_total         by endpoint
//	ace_connections_closed_total           by endpoint, protocol, end
//	ace_connections_refused_total          too many from one address, by endpoint
//	ace_connections_cut_total              that had not ended in the time to drain
//	ace_connection_limit_reached_total     that clients had to wait for MaxConnections, by endpoint
//	ace_accept_failures_total              by endpoint
//	ace_tls_handshake_duration_seconds     by endpoint, end
//	ace_exchange_duration_seconds          until the reply is over, by endpoint, protocol, method, status, end
//	ace_reply_content_bytes_total          by endpoint, protocol
//	ace_broker_failures_total              messages and topics that a broker has failed
//
// [Metrics.Middleware] knows the route. It belongs where the router has found it:
// router.Config.Middleware is around every reply, also to requests that no route takes.
//
//	http_requests_in_flight                whose reply is not over
//	http_request_duration_seconds          until the head of the reply is known, by method, route, status
//
// A request whose head is deferred, and whose client leaves before there is one, is
// not in http_request_duration_seconds.
//
// The durations are histograms, whose count is the number of requests. The duration
// of an exchange lasts to the end of its reply, that of an event stream as long as
// the client stays; the duration of a route lasts until it knows what to answer.
//
// # Labels
//
//	endpoint   the name of the ace.Endpoint
//	protocol   "HTTP/1.0", "HTTP/1.1" or "HTTP/2.0"; "" where none was spoken
//	method     one of RFC 9110 or PATCH, else "other"
//	route      the pattern, such as "/users/:id"; "" if no route takes the request
//	status     of the reply; "0" if none was begun
//	end        how it ended: "complete"; by the client "client_gone", "timeout" and
//	           "protocol"; by this side "server_closed", "overflow" and "fault"; "refused",
//	           of a connection too many from its address; "network", of one that broke;
//	           "failed", of a handshake that came to no agreement
//
// A client can't make up a label: no value is taken from what it sends but methods
// and versions that are known. A server that answers with many statuses of its own
// has a series for each.
//
// # Who may read them
//
// [Handler] shows them. They tell a stranger which routes there are, and how much they
// are asked for: serve them on an endpoint that only Prometheus reaches,
//
//	server.RunEndpoints(ctx,
//		ace.Endpoint{Address: ":8080"},
//		ace.Endpoint{Address: "10.0.0.7:9100", Handler: prom.Handler(nil)},
//	)
//
// or behind middleware.BasicAuth. The exchanges of that endpoint are counted, too.
package prom
