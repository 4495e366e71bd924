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
// [Server.Advance], and a broker: an [Exchange] with one client can make
// something happen in the one with another. There is no socket, no goroutine
// and no sleep. All of them check what comes out as a server would.
//
// # Middleware
//
// [Laws] puts a middleware around every kind of handler, and checks that it
// leaves alone what is not its own.
package raxxtest
