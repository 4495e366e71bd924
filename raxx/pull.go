package raxx

// Pull has a body read for a machine: each piece is a [Pulled] event of the same
// name, and so is its end. So a machine waits for what somebody else says as it
// waits for messages, without standing still: a service that it asks, a query, the
// other end of a tunnel. Its test hands it Pulled events, and asks nobody.
//
//	raxx.Pull{Name: "answer", From: raxx.StreamFrom(-1, func() (io.ReadCloser, error) {
//		return raxx.NewReader(service(question).Body), nil
//	})}
//
// The body is read on a goroutine of its own, which may wait for as long as it
// likes. Of what it brings, one piece at a time waits for the machine, so a client
// that reads slowly slows it.
//
// There is one Pull of each name: another one takes its place, and one without a
// body ends it; what it has brought by then, and the machine was not told of, is
// dropped. The end of the machine ends it, too. A body that waits at that moment
// notices when it has its next piece, unless it heeds the context of the request.
//
// A body that panics ends the exchange as a step that panics does. One that is
// a [Machine] has no content: it ends with [ErrMachine].
//
// With Hold a machine passes on what its client sends at the pace of the receiver:
// for each [Data] it pulls a body that writes the data to the receiver, and yields
// nothing itself.
type Pull struct {
	Name string
	From Body // nil: nothing any more
	// Hold says that nothing more is read from the client until the machine has
	// been told of the end of this Pull. Unless something is sent meanwhile, the
	// server notices only then that the client has left.
	Hold bool
}

// Pulled is a piece of the body of a [Pull], or its end.
type Pulled struct {
	Name string
	// Data is the piece. It is empty at the end, and only there.
	Data Data
	// End is true if nothing more comes.
	End bool
	// Cause is why the body broke off, at the end of one that did.
	Cause Cause
}

func (Pull) isEffect() {}

// IsPart marks the type as a [Part].
func (Pull) IsPart() {}

// IsEvent marks the type as an [Event].
func (Pulled) IsEvent() {}
