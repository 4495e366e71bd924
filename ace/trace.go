package ace

import (
	"net"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A Trace is a set of hooks. Each may be nil. They are called on the goroutine
// to which the thing happens, from many goroutines at once, and hold it up for
// as long as they take.
type Trace struct {
	// EndpointOpened is called when a server begins to accept on an endpoint.
	EndpointOpened func(EndpointEvent)
	// EndpointClosed is called when it has stopped.
	EndpointClosed func(EndpointEvent)
	// AcceptFailed is called when accepting a connection failed. Unless the
	// endpoint closes next, it will be tried again.
	AcceptFailed func(AcceptEvent)
	// LimitReached is called when there are as many connections as are allowed,
	// so that the next one waits in the kernel's queue. It is not called again
	// before there has been room.
	LimitReached func(AcceptEvent)
	// ConnectionRefused is called when a connection was closed at once because
	// there are too many from its address. One that began with a PROXY header
	// had been opened before, so that ConnectionClosed follows.
	ConnectionRefused func(ConnectionEvent)
	// ConnectionOpened is called when a connection has been accepted.
	ConnectionOpened func(ConnectionEvent)
	// ConnectionClosed is called when a connection has been closed.
	ConnectionClosed func(ConnectionEvent)
	// BrokerFailed is called when the broker could not publish a message, or not
	// subscribe to a topic.
	BrokerFailed func(topic string, err error)
	// ExchangeEnded is called when a reply has been sent, or can't be.
	ExchangeEnded func(ExchangeEvent)
}

// tell calls a hook, if there is one.
func tell[E any](hook func(E), event E) {
	if hook != nil {
		hook(event)
	}
}

// An EndpointEvent tells of an endpoint.
type EndpointEvent struct {
	Endpoint string // its name
	Addr     net.Addr
	TLS      bool
	Err      error // why it was closed; nil if it was told to
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
	Requests int // how many have been answered
	// Err is why it ended: nil if client or server closed it between two
	// requests; else a [*ProtocolError], [ErrTimeout], [ErrClientGone],
	// [ErrAddressLimit], [ErrServerClosed], the error of the handler that cut it, or the network's.
	Err error
}

// An ExchangeEvent tells of a request and its reply.
type ExchangeEvent struct {
	Request raxx.Request // of one that could not be read: as much as was
	Status  int          // of the reply; 0 if none was begun
	Content int64        // bytes of content in the reply
	Begun   time.Time    // when the head of the request had come
	Ended   time.Time
	// Fault is what the handler's side says went wrong: a [*PanicError], a
	// [*ResponseError], or the cause of its response, which may be a client's
	// fault that the handler has answered with a status from 400 to 499.
	Fault error
	// Err is why the reply was not sent whole, or why the request was refused.
	Err error
}
