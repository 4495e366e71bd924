package raxx

// An Ending is how an exchange has ended. See [Scope.OnEnd].
type Ending struct {
	// Status is that of the head that was sent, or zero if none was. It need not
	// be the one that the handler has returned: what can't be sent is replaced.
	Status int
	// Content is how many octets of content have been handed to the network. A
	// piece that it has not taken whole does not count, nor does such a file; but
	// what a machine has sent in its last step does, and may still have waited.
	Content int64
	// Reason is why the reply was not sent whole, or zero if it was.
	Reason Reason
	// Cause is the error behind the reason, or why the response was replaced, or by
	// what a machine has failed that had the last word: see [LastWorder].
	Cause Cause
}

// OnEnd has f called once, when the exchange is over: behind the last octet of the
// reply, or when that can't be sent whole. Of several functions the last one is
// called first. It reports whether f will be called: not by a server that does
// not tell, not outside of one, and not if the exchange is over already. It may be
// called from any goroutine.
//
// f may take long: no other exchange waits for it, but a server that shuts down
// does. A panic in f costs the connection.
//
// A reply of a few kilobytes is handed over together with others that were asked
// for at once: what the network says to that comes behind the end.
func (s Scope) OnEnd(f func(Ending)) bool {
	source, ok := s.source.(EndSource)
	return ok && source.OnExchangeEnd(s.id, f)
}

// An EndSource is a [ContextSource] that tells of the end of exchanges, too. It is
// implemented by servers.
type EndSource interface {
	ContextSource
	// OnExchangeEnd is [Scope.OnEnd] for the exchange that the source knows by
	// id.
	OnExchangeEnd(id uint64, f func(Ending)) bool
}
