package raxx

import "time"

// An Event is what happens to a [Machine]: an [Open], [Data] or a [Tail] from
// the client, an [Info], a [Timer], a [Pulled], a [Drain], or a [Closed].
//
// These are the events of a server. A package that puts a protocol in front of
// machines may have others, which it makes of these (the messages of a
// WebSocket): they have a method IsEvent that does nothing.
type Event interface{ IsEvent() }

// Open is the first event of a machine. A head that was not deferred stands before
// what the machine answers with. If the reply is no more than that head (to HEAD,
// or with status 204 or 304), the machine gets no event at all.
type Open struct {
	// Peer says who is at the other end of the connection.
	Peer Peer
}

// An Info is a message on a topic that the machine subscribes to.
type Info struct{ Topic, Message string }

// A Timer is the end of an [After].
type Timer struct {
	Name string
	// At is when it was handed to the machine, which has no other clock.
	At time.Time
}

// Drain says that the server shuts down. It comes behind the messages and timers
// that were waiting. A machine that does not end its reply is cut off at the
// server's deadline.
type Drain struct{}

// Closed is the last event of a machine whose exchange has ended before it was
// done. Nothing can be sent any more; [Publish] still works, and the cause of an
// [Abort] is told to whoever watches the server as the fault of the exchange. A
// machine that has panicked gets no Closed.
type Closed struct{ Reason Reason }

// IsEvent marks the type as an [Event].
func (Open) IsEvent() {}

// IsEvent marks the type as an [Event].
func (Data) IsEvent() {}

// IsEvent marks the type as an [Event].
func (Tail) IsEvent() {}

// IsEvent marks the type as an [Event].
func (Info) IsEvent() {}

// IsEvent marks the type as an [Event].
func (Timer) IsEvent() {}

// IsEvent marks the type as an [Event].
func (Drain) IsEvent() {}

// IsEvent marks the type as an [Event].
func (Closed) IsEvent() {}

// A Reason is why an exchange ended before its reply was whole, or its machine
// done: see [Closed] and [Ending].
type Reason uint8

const (
	// ClientGone: the client closed the connection, reset the exchange, or was
	// lost. Or it takes no more than the head that the machine has sent: it
	// asked with HEAD, or the status has no content.
	ClientGone Reason = iota + 1
	// TimedOut: the client did not take what was sent, or did not go on with
	// its body, for too long.
	TimedOut
	// ServerClosed: the server was closed, or its time to drain was over.
	ServerClosed
	// Overflowed: more messages came than the mailbox holds.
	Overflowed
	// Violated: the client broke the rules of the protocol.
	Violated
	// Unsendable: the handler or the machine sent what can't be sent: a part out of
	// order, a field that would split the message, more than it promised, a body
	// that ended with an error.
	Unsendable
	// Aborted: the machine itself broke the reply off, with [Abort]; or, in an
	// [Ending], a stream or a machine panicked.
	Aborted
)

// String returns the reason in words.
func (r Reason) String() string {
	switch r {
	case ClientGone:
		return "the client has gone away"
	case TimedOut:
		return "the client took too long"
	case ServerClosed:
		return "the server is closed"
	case Overflowed:
		return "the mailbox is full"
	case Violated:
		return "the client broke the protocol"
	case Unsendable:
		return "the reply can't be sent"
	case Aborted:
		return "the reply was broken off"
	}
	return "unknown"
}
