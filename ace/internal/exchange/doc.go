// Package exchange holds the semantics of HTTP (RFC 9110) that are the same in
// every version: which responses have content, that a length has to be true,
// what a handler's mistake turns into. A rule that would stand in two protocols
// stands here.
//
// A protocol gives it the request and a [Sender]; [Exchange.Serve] calls the
// handler and drives the Sender with the parts of the reply.
package exchange
