// Package slogtrace writes what happens in a server to a log of package slog.
//
//	server := ace.New(app, ace.Config{Trace: slogtrace.New(slog.Default())})
//
// Every event is one line. Its level says who should read it:
//
//   - Error: something is broken on this side, and somebody has to repair it: an
//     endpoint that fails, a handler that panics, a response that can't be sent.
//   - Warn: the server lacks something, or has taken something away: descriptors,
//     connections, time to drain.
//   - Info: the life of the server, and a line for each request. A client that
//     breaks the protocol, leaves, or is too slow is no fault of the server.
//   - Debug: connections and handshakes, whatever became of them. A client could
//     fill the log with them.
//
// The query of a request is left out, because people put secrets there; so are
// its fields. A long path is cut, and so is a long error.
//
// With a handler that has an access log of its own, such as middleware.AccessLog,
// there would be two lines for each request. Then leave this one out:
//
//	trace := slogtrace.New(logger)
//	trace.ExchangeEnded = nil
//
// Then requests that no handler has seen, because they broke the protocol, are in
// neither log.
//
// It can stand beside other subscribers: see [ace.JoinTraces].
package slogtrace
