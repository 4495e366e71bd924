package sse

import (
	"cmp"
	"hash/fnv"
	"io"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A Config says how an event stream behaves. Its zero value is right for
// production.
type Config struct {
	// Heartbeat is how often the client is sent a comment, so that nobody on
	// the way takes the connection for a dead one, and a client that vanished
	// is missed. If zero, 15 s. If negative, there is none.
	Heartbeat time.Duration
	// Retry is how long clients wait before they connect anew when the server
	// shuts down, at least. If zero, 1 s. If negative, they are not told, and
	// all of them come back at once.
	Retry time.Duration
	// Spread is how much longer than Retry a client may wait: each waits for a
	// time of its own within it. If zero, 4 s. If negative, they all wait for
	// Retry.
	Spread time.Duration
	// Finite says that the machine ends the stream by itself before long, such as
	// one that passes on the answer of a model. A server that shuts down waits for it
	// as for any other reply; the machine is told by [raxx.Drain], and may go on. Else
	// the stream ends then.
	Finite bool
	// History holds the events that a client may have missed. A client that
	// says which it has seen last is sent those behind it. If nil, the machine
	// has to know what to do about [LastEventID].
	History *History
	// Lost is what a client is sent first if History does not know the event
	// that it has seen last, so that it may have missed more than there is: the
	// page may load itself anew. If zero, it is not told.
	Lost Event
}

const (
	defaultHeartbeat = 15 * time.Second
	defaultRetry     = time.Second
	defaultSpread    = 4 * time.Second
)

func (c Config) heartbeat() time.Duration { return cmp.Or(c.Heartbeat, defaultHeartbeat) }

// retry returns how long the client of req is told to wait; zero if it is not
// told. It depends on the request alone, in which clients differ by address,
// cookies, or the address that a proxy tells.
func (c Config) retry(req raxx.Request) time.Duration {
	base, spread := cmp.Or(c.Retry, defaultRetry), cmp.Or(c.Spread, defaultSpread)
	if base < 0 {
		return 0
	}
	if spread < time.Millisecond {
		return base
	}
	sum := fnv.New64a()
	io.WriteString(sum, req.Peer.Address)
	for _, f := range req.Header {
		io.WriteString(sum, f.Value)
	}
	return base + time.Duration(sum.Sum64()%uint64(spread/time.Millisecond))*time.Millisecond
}
