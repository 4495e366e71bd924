package ace

import (
	"crypto/tls"
	"net/netip"
	"time"

	"github.com/raxx-go/raxx/ace/internal/h1"
	"github.com/raxx-go/raxx/ace/internal/h2"
	"github.com/raxx-go/raxx/raxx"
)

// A Config holds every option and limit of a server. Its zero value is safe in
// production. For each limit, zero means the stated default and a negative
// value means none, which is dangerous in the stated way.
type Config struct {
	// HeadTimeout is the time a client has from the first byte of a request's
	// head to its last. Default 10 s. Without it, clients that send a byte now
	// and then (slow loris) hold connections for ever.
	HeadTimeout time.Duration
	// IdleTimeout is how long a connection may wait for its next request.
	// Default 60 s. Without it, silent clients hold connections for ever.
	IdleTimeout time.Duration
	// ProgressTimeout is how long a body, of a request or a reply, may stand still
	// because the client does not send or read. Default 30 s. There is no limit on
	// how long a body takes as a whole. A client that takes what comes of the reply
	// may let the body of its request wait meanwhile. An exchange that is to be
	// silent both ways for longer, such as a stream of gRPC, needs a longer time:
	// its response may ask for it, by [raxx.Patience]. Without it, clients that
	// stop reading hold replies in memory for ever.
	ProgressTimeout time.Duration
	// HandshakeTimeout is the time for a TLS handshake, and also for the PROXY
	// header before it (see [ProxyProtocol]). Default 10 s. Without it, clients
	// that connect and say nothing hold connections for ever.
	HandshakeTimeout time.Duration
	// DrainTimeout is how long [Server.Run] waits for exchanges to end when it
	// has closed its endpoints. Default 30 s. Without it, one slow client can
	// hold up a restart for ever.
	DrainTimeout time.Duration
	// DrainDelay is how long the server goes on to accept connections after
	// [Server.Ready] has turned false. Default: none. Behind a load balancer it
	// should be longer than the balancer takes to notice; without it, connections
	// that the balancer still sends are refused.
	DrainDelay time.Duration

	// MaxHeadBytes limits a request line with its fields, and a trailer.
	// Default 32 KiB. Without it, a client decides how much memory a head takes.
	MaxHeadBytes int
	// MaxFields limits how many fields a head, or a trailer, has. Default 200. Over
	// HTTP/2, where a browser sends each cookie in a field of its own, as many
	// cookie fields may come besides. Without it, a head of many empty fields takes
	// many times its size.
	MaxFields int
	// MaxConnections limits how many connections there are at once. Those beyond it
	// wait in the kernel's queue. Default: the limit on file descriptors, less what
	// is left for pollers, files and the application's own connections: an eighth
	// of it, but at least 32 and two for each processor. Without it, an accept can
	// fail for want of a descriptor.
	MaxConnections int
	// MaxConnectionsPerAddress limits how many connections there are at once
	// from one IPv4 address, or from one network of 64 bits of IPv6. One more is
	// closed at once. Behind a proxy whose PROXY headers are believed, the
	// client's address counts. Default: a quarter of MaxConnections, which is
	// far more than a household or an office needs, and leaves the server to
	// others. Without it, one client can take all connections that there are.
	MaxConnectionsPerAddress int
	// UnlimitedAddresses are those to which MaxConnectionsPerAddress does not
	// apply. Default, if nil: loopback, private, link-local and shared ones
	// (RFC 6598), because what comes from there may be a proxy that speaks for
	// many. Name the proxies that have other addresses, such as those of a
	// content delivery network. Unix sockets are never limited.
	UnlimitedAddresses []netip.Prefix

	// MaxStreams limits how many requests are answered at once on a connection
	// of HTTP/2. Default 250. Without it, one connection can have as many
	// handlers at work as it likes.
	MaxStreams int
	// MaxResets limits how many streams of a connection of HTTP/2 may be given up
	// within ten seconds: reset by the client, or by the server because of what the
	// client did. Default 500. Without it, a client makes the server work for
	// requests whose replies it never takes (rapid reset).
	MaxResets int
	// MaxMailbox limits how many messages wait for a machine whose client reads
	// slower than they come. Default 256. The machine says what happens to one
	// more: see [raxx.Subscribe]. Without it, a client that does not read fills the
	// memory with what others publish.
	MaxMailbox int

	// HeapFloor is a number of bytes that Go's collector counts as in use although
	// nothing is stored there, while [Server.Run] runs. Default 8 MiB, or none if
	// GOGC or GOMEMLIMIT says when to collect. The collector begins when the heap
	// has doubled, or at 4 MiB; since this server keeps so little, that would be
	// two hundred times a second under load, at a sixth of all CPU time. The price
	// of the floor is up to as many bytes more of garbage that wait to be
	// collected; the floor itself takes address space only. More than 1 GiB counts
	// as 1 GiB.
	HeapFloor int

	// Broker carries the messages that handlers and machines publish. Default:
	// they reach the subscribers of this server.
	Broker Broker

	// TLS, if not nil, makes the server speak TLS on every endpoint that does not
	// say otherwise: see [Endpoint]. If it names no protocols of HTTP, ALPN offers
	// those that the server speaks. A config without a certificate is an error.
	// What its GetConfigForClient returns is used as it is.
	TLS *tls.Config

	// DisableHTTP2 makes the server speak HTTP/1.1 only. Else it speaks HTTP/2 over
	// TLS with clients that choose it (ALPN), and in the clear with those that
	// begin with its preface (RFC 9113, Section 3.3).
	DisableHTTP2 bool

	// ErrorResponse makes the reply to a request that no handler could answer. err
	// is a [*ProtocolError] (the client broke the protocol or a limit), a
	// [*PanicError] (the handler panicked), or a [*ResponseError] (its response
	// can't be sent); and where a machine has not sent its head, an [*AbortError]
	// (it broke the reply off) or [ErrOverflow]. Of a request that could not be
	// read, req holds what was. Default: [DefaultErrorResponse]. It may be called
	// from many goroutines. Its response must not have a Machine as its body. If it
	// does, or can't be sent for another reason, or if ErrorResponse panics, the
	// reply is a 500 without content, and the trace is told of that fault, too.
	ErrorResponse func(req raxx.Request, err error) raxx.Response

	// Trace is told what happens. The server itself logs nothing.
	Trace Trace
}

// DefaultErrorResponse answers with an RFC 9457 problem: a [*ProtocolError] with
// its status and its reason, anything else with 500 and nothing more.
func DefaultErrorResponse(_ raxx.Request, err error) raxx.Response {
	if e, ok := err.(*ProtocolError); ok {
		return raxx.Problem(e.Status, e.text())
	}
	return raxx.Problem(raxx.StatusInternalServerError, "")
}

// orDefault returns d, the default if d is zero, or a time beyond all others if
// d is negative, or longer than that.
func orDefault(d, byDefault time.Duration) time.Duration {
	switch {
	case d == 0:
		return byDefault
	case d < 0 || d > forever:
		return forever
	}
	return d
}

// forever is longer than any machine runs, and can be added to that of a clock.
const forever = 100 * 365 * 24 * time.Hour

// orDefaultCount is orDefault for numbers. HTTP/2 tells some of them by 32 bits.
func orDefaultCount(n, byDefault int) int {
	const most = 1<<31 - 1
	switch {
	case n == 0:
		return byDefault
	case n < 0 || n > most:
		return most
	}
	return n
}

// limits are a Config with all its defaults filled in.
type limits struct {
	head, idle, progress, handshake, drain, delay time.Duration
	h1                                            h1.Limits
	h2                                            h2.Limits
	connections, perAddress, mailbox              int
}

func (c *Config) limits() limits {
	connections := orDefaultCount(c.MaxConnections, descriptorLimit())
	return limits{
		head:      orDefault(c.HeadTimeout, 10*time.Second),
		idle:      orDefault(c.IdleTimeout, 60*time.Second),
		progress:  orDefault(c.ProgressTimeout, 30*time.Second),
		handshake: orDefault(c.HandshakeTimeout, 10*time.Second),
		drain:     orDefault(c.DrainTimeout, 30*time.Second),
		delay:     min(max(c.DrainDelay, 0), forever),
		h1: h1.Limits{
			HeadBytes: orDefaultCount(c.MaxHeadBytes, 32<<10),
			Fields:    orDefaultCount(c.MaxFields, 200),
		},
		connections: connections,
		perAddress:  orDefaultCount(c.MaxConnectionsPerAddress, max(connections/4, 1)),
		h2: h2.Limits{
			HeaderBytes: orDefaultCount(c.MaxHeadBytes, 32<<10),
			Fields:      orDefaultCount(c.MaxFields, 200),
			Streams:     orDefaultCount(c.MaxStreams, 250),
			Resets:      orDefaultCount(c.MaxResets, 500),
		},
		mailbox: orDefaultCount(c.MaxMailbox, 256),
	}
}
