package websocket

import (
	"fmt"

	"github.com/raxx-go/raxx/raxx"
)

// Text is a text message: an event when the client sends it, a part when the
// machine does. It is UTF-8; a part that is not can't be sent.
type Text string

// Binary is a binary message: an event when the client sends it, a part when the
// machine does.
type Binary string

// A Close is the part that ends the conversation. What the client sends from then
// on is not handed to the machine. The machine gets only [Closed], when the client
// has answered or has not answered in time. A [raxx.Tail] without a trailer is a
// Close, too.
type Close struct {
	// Code says why. If zero, it is [NormalClosure].
	Code Code
	// Reason is for people who look for a fault. At most 123 octets of it are sent.
	Reason string
}

// Closed is the last event of every machine. Of the parts that it returns then,
// only effects count.
type Closed struct {
	// Code is what the client's Close said, or [NoStatus] if that said nothing. If
	// the client broke the protocol, it is the code that the client was told. It is
	// [Abnormal] if the connection ended otherwise.
	Code Code
	// Reason is what came with the code.
	Reason string
	// Cause is zero if both sides have said Close. [raxx.Violated] tells that
	// the client broke the protocol, [raxx.TimedOut] that it did not answer a
	// ping or a Close; for the others see [raxx.Reason].
	Cause raxx.Reason
}

// IsEvent marks the type as a [raxx.Event].
func (Text) IsEvent() {}

// IsPart marks the type as a [raxx.Part].
func (Text) IsPart() {}

// IsEvent marks the type as a [raxx.Event].
func (Binary) IsEvent() {}

// IsPart marks the type as a [raxx.Part].
func (Binary) IsPart() {}

// IsPart marks the type as a [raxx.Part].
func (Close) IsPart() {}

// IsEvent marks the type as a [raxx.Event].
func (Closed) IsEvent() {}

// A PartError says that a machine returned a part that can't be sent over a
// WebSocket. It is the cause of the [raxx.Abort] that follows.
type PartError struct {
	Part   raxx.Part
	Reason string
}

// Error names the type of the part and the reason.
func (e *PartError) Error() string { return fmt.Sprintf("websocket: a %T %s", e.Part, e.Reason) }
