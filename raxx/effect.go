package raxx

import "time"

// An Effect is what should happen besides a reply, as a value: a [Subscribe],
// [Unsubscribe], [Publish], [After], [Pull], [Patience] or [Note]. A machine
// returns effects among its parts; a handler puts them into [Response.Do]. A [Note]
// is for a middleware, the others are for the server.
type Effect interface {
	Part
	isEffect()
}

// Publish sends a message to all machines that subscribe to a topic, in every
// process that shares the server's broker. It does not wait for them. To publish
// what no request has caused, call the method Publish of the server.
//
// Messages that two exchanges publish at the same time may arrive in either order,
// whichever exchange was the first to make the change that they tell of.
type Publish struct{ Topic, Message string }

// Subscribe makes every message that is published on a topic from now on an
// [Info] event of the machine. To subscribe once more changes only what happens
// when the mailbox is full.
//
// It holds when the step is done. So a machine that begins with what is there
// already does not look in this step: it returns an [After] without a delay beside
// the Subscribe and looks when that [Timer] comes. Then it misses nothing in
// between.
type Subscribe struct {
	Topic string
	// Full says what happens to a message that finds the mailbox full, because
	// the client reads slower than messages come.
	Full Overflow
}

// Unsubscribe ends the effect of a [Subscribe].
type Unsubscribe struct{ Topic string }

// After makes a [Timer] of the same name happen when Delay is over. There is one
// timer of each name: another After sets it anew. A delay of zero is over as soon
// as what was sent before has been taken; a negative one stops the timer. A server
// may be late: package ace is, by up to a fifth of a second, where Delay is 10
// seconds or more.
type After struct {
	Name  string
	Delay time.Duration
}

// Patience sets how long the client may keep a body of this exchange waiting, that
// of the request or of the reply, by sending or taking nothing. It holds from now
// on, in place of the limit in the server's configuration (ProgressTimeout of
// package ace). If Limit is zero, the server's holds again. If it is negative, or
// longer than any clock can count, there is no limit, and a client that says
// nothing holds the exchange for ever.
//
// A long one is for a stream both ways that may be silent for an hour, and for
// clients that pause; a short one is for a reply that nobody may hold up.
// [MapResponse] gives a route one, whatever its handler answers:
//
//	patient := raxx.MapResponse(func(resp raxx.Response) raxx.Response {
//		return resp.WithDo(raxx.Patience{Limit: time.Hour})
//	})
//
// While the handler reads the request, before it returns, the server's limit holds.
// Where the network has no room left for what was sent, other limits may end the
// connection earlier: over HTTP/2 the server's own, since a connection is shared,
// and the kernel's.
type Patience struct{ Limit time.Duration }

// An Overflow says what happens to a message for which there is no room.
type Overflow uint8

const (
	// CloseOnOverflow ends the exchange with the reason [Overflowed]: nothing
	// is lost without the client seeing it. It is the default.
	CloseOnOverflow Overflow = iota
	// DropOldest makes room by dropping the message that has waited longest of
	// those on a topic with DropOldest. If there is none, the new one is
	// dropped.
	DropOldest
	// DropNewest drops the message that has come last.
	DropNewest
)

func (Publish) isEffect()     {}
func (Subscribe) isEffect()   {}
func (Unsubscribe) isEffect() {}
func (After) isEffect()       {}
func (Patience) isEffect()    {}
