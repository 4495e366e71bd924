package ace

import (
	"net"
	"runtime/debug"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A Trace is a set of hooks. Each may be nil. They are called from many goroutines
// at once. While a hook runs, that of which it is told waits, and nothing else: the
// first request of a connection, or its next one. AcceptFailed, LimitReached and
// ConnectionRefused hold up further accepts on their endpoint. [JoinTraces] makes
// one of several; package slogtrace has one that logs, and package prom one that
// counts.
//
// No hook may wait for Shutdown or Run of its server, which wait for the hook.
// Its other methods may be called.
//
// If a hook that is told of a connection panics, this costs the connection, and
// ConnectionClosed is told why; where there is no connection any more, or none at
// all, as for AcceptFailed and BrokerFailed, it costs nothing and nobody is told. A
// panic of a hook that is told of endpoints, or of the server's beginning and end,
// ends the process, as on any goroutine. ConnectionOpened, HandshakeEnded,
// ExchangeEnded and ConnectionClosed may also end their goroutine
// ([runtime.Goexit]), at the same cost; the others must not.
type Trace struct {
	// EndpointOpened is called when a server begins to accept on an endpoint.
	EndpointOpened func(EndpointEvent)
	// EndpointClosed is called when it has stopped.
	EndpointClosed func(EndpointEvent)
	// Ready is called when the last endpoint has been opened, so that
	// [Server.Ready] turns true.
	Ready func(ReadyEvent)

	// AcceptFailed is called when accepting a connection failed and will be tried
	// again. A failure that ends the endpoint is told to EndpointClosed.
	AcceptFailed func(AcceptEvent)
	// LimitReached is called when there are as many connections as are allowed, so
	// that the next one on this endpoint waits in the kernel's queue. It is not
	// called again before there has been room. An endpoint to which nobody connects
	// keeps room for one connection or two.
	LimitReached func(AcceptEvent)
	// ConnectionRefused is called when a connection was closed at once because
	// there are too many from its address. One that began with a PROXY header
	// had been opened before, so that ConnectionClosed follows.
	ConnectionRefused func(ConnectionEvent)

	// ConnectionOpened is called when a connection has been accepted.
	ConnectionOpened func(ConnectionEvent)
	// BrokerFailed is called when the broker could not publish a message, or not
	// subscribe to a topic.
	BrokerFailed func(BrokerEvent)
	// HandshakeEnded is called when the handshake of TLS has come to its end, or
	// has failed, on connections with TLS.
	HandshakeEnded func(HandshakeEvent)
	// ExchangeEnded is called when a reply has been sent, or can't be.
	ExchangeEnded func(ExchangeEvent)
	// ConnectionClosed is called when a connection has been closed.
	ConnectionClosed func(ConnectionEvent)

	// DrainBegan is called first thing when the server is shut down: it is not
	// ready any more, and its endpoints are still open.
	DrainBegan func(DrainEvent)
	// ConnectionsCut is called when connections were cut because they had not
	// ended in the time to drain. How many handlers are Left is not known yet.
	ConnectionsCut func(DrainError)
	// DrainEnded is called when the server has been shut down.
	DrainEnded func(DrainEvent)
}

// JoinTraces returns a trace that tells each of the traces, in their order.
func JoinTraces(traces ...Trace) (all Trace) {
	for _, t := range traces {
		all.EndpointOpened = both(all.EndpointOpened, t.EndpointOpened)
		all.EndpointClosed = both(all.EndpointClosed, t.EndpointClosed)
		all.Ready = both(all.Ready, t.Ready)
		all.AcceptFailed = both(all.AcceptFailed, t.AcceptFailed)
		all.LimitReached = both(all.LimitReached, t.LimitReached)
		all.ConnectionRefused = both(all.ConnectionRefused, t.ConnectionRefused)
		all.ConnectionOpened = both(all.ConnectionOpened, t.ConnectionOpened)
		all.HandshakeEnded = both(all.HandshakeEnded, t.HandshakeEnded)
		all.BrokerFailed = both(all.BrokerFailed, t.BrokerFailed)
		all.ExchangeEnded = both(all.ExchangeEnded, t.ExchangeEnded)
		all.ConnectionClosed = both(all.ConnectionClosed, t.ConnectionClosed)
		all.DrainBegan = both(all.DrainBegan, t.DrainBegan)
		all.ConnectionsCut = both(all.ConnectionsCut, t.ConnectionsCut)
		all.DrainEnded = both(all.DrainEnded, t.DrainEnded)
	}
	return all
}

// both returns a hook that calls a and then b. It is nil if they are: what nobody
// wants to know is not found out.
func both[E any](a, b func(E)) func(E) {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return func(event E) {
		a(event)
		b(event)
	}
}

// tell calls a hook, if there is one.
func tell[E any](hook func(E), event E) {
	if hook != nil {
		hook(event)
	}
}

// tellSafely calls a hook, if there is one, for what others can bring about: clients,
// a broker. They must not end the server by a panic of the hook, which comes back.
func tellSafely[E any](hook func(E), event E) (fault error) {
	defer func() {
		if v := recover(); v != nil {
			fault = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	tell(hook, event)
	return nil
}

// An EndpointEvent tells of an endpoint.
type EndpointEvent struct {
	Endpoint string // its name
	Addr     net.Addr
	TLS      bool
	Err      error // why it was closed; nil if it was told to
}

// A ReadyEvent tells that a server accepts connections on all of its endpoints.
type ReadyEvent struct{ Addrs []net.Addr }

// A DrainEvent tells of the end of a server.
type DrainEvent struct {
	Connections int           // that are open
	Took        time.Duration // since the drain began
	Err         error         // nil, or a [*DrainError]
}

// An AcceptEvent tells why an endpoint has not accepted a connection.
type AcceptEvent struct {
	Endpoint string // its name
	Addr     net.Addr
	Err      error         // the system's, or [ErrConnectionLimit]
	Pause    time.Duration // until it tries again; 0: it does so at once
}

// A ConnectionEvent tells of a connection.
type ConnectionEvent struct {
	Endpoint string // its name
	Peer     raxx.Peer
	Opened   time.Time
	Requests int // whose heads could be read; without HTTP, 1
	// Err is why it ended: nil if client or server closed it between two requests;
	// else a [*ProtocolError], [ErrTimeout], [ErrClientGone], [ErrAddressLimit],
	// [ErrProxyHeader], [ErrServerClosed], the fault of the handler or the hook
	// that cost the connection, or the network's error.
	Err error
}

// A HandshakeEvent tells of a handshake of TLS.
type HandshakeEvent struct {
	Endpoint   string    // its name
	Peer       raxx.Peer // with what was agreed on, unless it failed
	ServerName string    // that the client has asked for, if it got that far
	Begun      time.Time
	Ended      time.Time
	// Err is why it failed: [ErrTimeout], [ErrClientGone], [ErrServerClosed], a
	// [*ProtocolError] for a client that spoke HTTP without TLS, or the error of
	// package tls.
	Err error
}

// An ExchangeEvent tells of a request and its reply.
type ExchangeEvent struct {
	Endpoint string       // its name
	Request  raxx.Request // of one that could not be read: as much as was
	Status   int          // of the reply; 0 if none was begun
	Content  int64        // bytes of content in the reply
	Begun    time.Time    // when the head of the request had come
	Ended    time.Time
	// Fault is what the handler's side says went wrong: a [*PanicError], a
	// [*ResponseError], or the cause of its response, which may be a client's
	// fault that the handler has answered with a status from 400 to 499.
	Fault error
	// Err is why the reply was not sent whole, or why the request was refused.
	Err error
}

// A BrokerEvent tells of a broker that has failed.
type BrokerEvent struct {
	Topic string
	Err   error // the broker's, or its panic as a [*PanicError]
}
