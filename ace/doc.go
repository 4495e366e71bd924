// Package ace is a server for HTTP/1.1 and HTTP/2, and for machines on bare
// connections, over TCP, TLS and unix sockets.
//
//	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
//	defer stop()
//	err := ace.Run(ctx, "127.0.0.1:8080", func(req raxx.Request) raxx.Response {
//		return raxx.Text(200, "Hello, World!")
//	})
//
// # Model
//
// An endpoint is a listening socket. Its governors keep workers waiting in accept.
// The worker that accepts a connection is the worker that serves it; it tells its
// governor at once, before any byte or handshake, so that the governor starts the
// next. A worker owns its connection to the end. What goes wrong in a handler costs
// its exchange; what goes wrong in a worker costs its connection; nothing costs the
// server.
//
// A worker borrows a goroutine while it has something to do. On Linux, pollers
// run what is readable to completion where it was read, and a handler that does
// not return at once stalls nobody: another goroutine goes on polling. A
// connection that waits holds less than a kilobyte, and over TLS what crypto/tls
// keeps. On other systems a worker has a goroutine of its own. See
// docs/scheduler.md.
//
// # Machines
//
// A response whose body is a [raxx.Machine] is run as a process: what the client
// sends, messages on topics, timers and the drain are its events, one step at a
// time. While it waits it holds no goroutine and no buffer. Messages stay within
// the server unless [Config] has a [Broker]; [Server.Publish] sends those that no
// request has caused. For machines on connections that speak no HTTP, see
// [Endpoint].
//
// # Protocols
//
// HTTP/2 is spoken over TLS with clients that ask for it, and in the clear with
// those that begin with it, on the same endpoints. Handlers do not know the
// difference: streams, trailers, machines, interim responses and upgrades work
// alike (an extended CONNECT of RFC 8441 is a GET that asks for an upgrade).
//
// # Bodies
//
// The body of a request is a [raxx.Stream] that is read from the connection as
// it is pulled, by one goroutine, until the reply has been sent. The first pull
// sends 100 (Continue) to a client that waits for it. What nobody reads is
// skipped, or the connection is closed.
//
// # Ending
//
// [Server.Shutdown] drains; [Server.Run] and [Run] do so when their context
// ends. A [*DrainError] says what had to be cut. [Server.Close] cuts.
//
// # Operating
//
// [Server.Ready] is for load balancers, [Server.Workers] shows what every
// connection is doing, and a [Trace] is told what happens. See
// docs/operations.md.
//
// # Limits
//
// [Config] holds all of them. Its zero value is safe in production.
//
// # What it refuses
//
// Requests that two parsers could read differently are answered with 400 and the
// section of RFC 9112 that they break, and the connection is closed; over HTTP/2
// they are reset. A plain CONNECT is answered with 501. A response that would split
// a message, or whose length is not true, becomes a 500, or breaks off if its head
// has been sent. The server logs nothing: see [Trace].
package ace
