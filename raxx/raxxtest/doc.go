// Package raxxtest is the test kit of package raxx. A handler is a function of
// values, so most tests need no kit: they call it and compare. This package is
// for what a single call does not show: machines, middleware, whole sites.
//
// # Machines
//
// [Run] turns a response and a list of events into the list of parts that come
// out, so the test of a machine is a comparison:
//
//	got := raxxtest.Run(ticker(req), raxx.Timer{}, raxx.Drain{})
//
// [Server] serves a handler to a test, with a clock that stands still until
// [Server.Advance], and a broker: an [Exchange] with one client can make something
// happen in the one with another. All of them check what comes out, as a server
// does before it sends it; a part that breaks a rule is a [*RuleError].
// [Server.EventSource] and [Server.WebSocket] are clients that speak a protocol.
//
// A machine without HTTP, that of an ace.Endpoint, is driven as the body of
// raxx.Response{Status: 101}.
//
// There is no socket, no goroutine and no sleep in any of this.
//
// # Middleware and handlers
//
// [Laws] puts a middleware around every kind of handler, and checks that it
// leaves alone what is not its own. [Lint] stands between any two of a stack and
// watches both sides. [Chaos] lets things go wrong, and a [Tape] stands in for a
// service that is not at hand.
//
// # Sites
//
// [Browser] keeps cookies and follows redirects. [Site] checks what has to be
// true of every page. [Golden] compares a page with the one that was written
// down.
//
// # What it refuses to do
//
// It has no assertions of its own: package cmp compares values without options.
// It does not parse HTML, and a [Browser] runs no scripts.
package raxxtest
