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
	// Heartbeat is how often the client is sent a comment, so that nobody on the
	// way takes the connection for a dead one, and a client that has vanished is
	// noticed. If zero, 15 s. If negative, there is none.
	Heartbeat time.Duration
	// Retry is how long clients wait at least before they connect anew when the
	// server shuts down. If zero, 1 s. If negative, they are not told, and all of
	// them come back at once.
	Retry time.Duration
	// Spread is how much longer than Retry a client may wait: each waits for a
	// time of its own within it. If zero, 4 s. If negative, they all wait for
	// Retry.
	Spread time.Duration
	// Finite says that the machine ends the stream by itself before long, such as
	// one that passes on the answer of a model. A server that shuts down waits for
	// it as for any other reply; the machine is told by [raxx.Drain], and may go
	// on. If Finite is not set, the stream ends behind what the machine says to
	// Drain.
	Finite bool
	// History holds the events that a client may have missed. A client that says
	// which event it has seen last is sent those behind it. If nil, it is up to the
	// machine to heed [LastEventID].
	History *History
	// Lost is the event that a client is sent first if History does not know the
	// event that the client has seen last, so that it may have missed more than
	// History holds: the page may load itself anew. If zero, no such event is sent.
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
