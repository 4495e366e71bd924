package websocket

import (
	"cmp"
	"math"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A Config says how a WebSocket behaves. Its zero value is safe in production.
type Config struct {
	// Protocols are the subprotocols that the application speaks, its favourite
	// first. See [Config.Protocol].
	Protocols []string
	// Origins are the origins whose pages may open this WebSocket, besides the host
	// that they open it on: "https://app.example.org", "https://*.example.org", or
	// "*" for any. Browsers let any page open a WebSocket to here with the user's
	// cookies: "*" is for WebSockets that look at no cookie.
	Origins []string
	// AllowOrigin, unless it is nil, decides on other origins, such as those of
	// customers, which a database knows: it is that of middleware.CORS and of
	// middleware.CrossOrigin, which asks, too, where it is in front. It is asked
	// only about requests that would be refused otherwise, on the goroutine of the
	// handler. Bound what it remembers of origins that it does not know: anybody
	// can send any. The origin is in the form that browsers write, in lower case:
	// compare all of it, the scheme too. "null" and what is malformed is refused
	// without a question. It fails closed: if it returns an error, the answer is
	// that of a [*raxx.Error], or else 503.
	AllowOrigin func(req raxx.Request, origin string) (bool, error)

	// MessageLimit is the size of the largest message, in octets, before it is
	// compressed. The WebSocket of a client that sends more is closed with
	// [MessageTooBig]. If zero, 1 MiB. If negative, there is no limit, and the
	// client decides how much memory is used.
	MessageLimit int64
	// PingInterval is how often an idle client is sent a ping. One that has not
	// answered by the time of the next is gone. If zero, 30 s. If negative, there
	// are no pings, and a client that has vanished may go unnoticed.
	PingInterval time.Duration
	// CloseTimeout is how long a client may take to answer a Close. If zero,
	// 5 s. If negative, for ever.
	CloseTimeout time.Duration

	// Compress lets messages be compressed, if the client can (RFC 7692). The
	// length of a compressed message tells how much its parts resemble each
	// other: a secret beside text that somebody else chose can be guessed from
	// it.
	Compress bool
	// CompressFrom is the size of the smallest message that is compressed. If zero,
	// 512 octets. If negative, messages of any size are.
	CompressFrom int
	// KeepContext lets the client refer to its earlier messages, so that the next
	// ones are shorter. It takes up to 40 KiB of memory for each connection, also
	// while it waits; otherwise compression takes none.
	KeepContext bool
}

const (
	defaultMessageLimit = 1 << 20
	defaultPingInterval = 30 * time.Second
	defaultCloseTimeout = 5 * time.Second
	defaultCompressFrom = 512
)

func (c Config) messageLimit() int64 {
	switch {
	case c.MessageLimit == 0:
		return defaultMessageLimit
	case c.MessageLimit < 0:
		return math.MaxInt64
	}
	return c.MessageLimit
}

func (c Config) pingInterval() time.Duration { return cmp.Or(c.PingInterval, defaultPingInterval) }

func (c Config) closeTimeout() time.Duration { return cmp.Or(c.CloseTimeout, defaultCloseTimeout) }

func (c Config) compressFrom() int { return max(cmp.Or(c.CompressFrom, defaultCompressFrom), 0) }
