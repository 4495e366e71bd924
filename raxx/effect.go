package raxx

import "time"

// An Effect is what should happen besides a reply, as a value: a [Subscribe],
// [Unsubscribe], [Publish], [After], [Pull] or [Patience]. A machine returns effects
// among its parts; a handler puts them into [Response.Do]. A [Note] is for a
// middleware, the others are for the server.
type Effect interface {
	Part
	isEffect()
}

// Publish sends a message to all machines that subscribe to a topic, in every
// process that shares the server's broker. It does not wait for them. What no
// request has caused is published by the server itself: it has a method Publish.
//
// What two exchanges publish at once comes in either order, whichever of them was
// first to change what they tell of.
type Publish struct{ Topic, Message string }

// Subscribe makes every message that is published on a topic from now on an
// [Info] event of the machine. To subscribe once more changes only what happens
// when the mailbox is full.
//
// It holds when the step is done. A machine that begins with what there is
// already returns an [After] without a delay beside it, and looks when that
// comes, so that nothing is missed in between.
type Subscribe struct {
	Topic string
	// Full says what happens to a message that finds the mailbox full, because
	// the client reads slower than messages come.
	Full Overflow
}

// Unsubscribe ends the effect of a [Subscribe].
type Unsubscribe struct{ Topic string }

// After makes a [Timer] of the same name happen when Delay is over. There is one
// timer of each name: another After sets it anew. A delay of zero is over as
// soon as what was sent before has been taken; a negative one stops the timer.
type After struct {
	Name  string
	Delay time.Duration
}

// Patience is how long the client may keep a body of this exchange waiting, of the
// request or of the reply, by sending or taking nothing: from now on, and in place
// of what the server allows by its configuration (ProgressTimeout of package ace).
// If Limit is zero, that holds again. If it is negative, or too large to come, there
// is no limit, and a client that says nothing holds the exchange for ever.
//
// It is for a stream both ways on which nothing may be said for an hour, and for
// clients that pause; a shorter one is for a reply that nobody may hold up. A route
// has one by [MapResponse], whatever its handler answers:
//
//	patient := raxx.MapResponse(func(resp raxx.Response) raxx.Response {
//		return resp.WithDo(raxx.Patience{Limit: time.Hour})
//	})
//
// What a handler reads of the request before it returns comes in the server's own
// time. Where a network has no room left for what was sent, other limits may end
// the connection before: over HTTP/2 the server's own, since a connection is shared,
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
