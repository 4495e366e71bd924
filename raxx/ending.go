package raxx

// An Ending is how an exchange has ended. See [Scope.OnEnd].
type Ending struct {
	// Status is that of the head that was sent, or zero if none was. It need not
	// be the one that the handler has returned: what can't be sent is replaced.
	Status int
	// Content is how many octets of content have been handed to the network. A
	// piece or a file that it has not taken whole does not count. What a machine
	// has sent in its last step counts, though some of it may still wait.
	Content int64
	// Reason is why the reply was not sent whole, or zero if it was.
	Reason Reason
	// Cause is the error behind Reason. If that is zero, it is the cause of the
	// response, or why the response was replaced, or the failure of a machine that
	// had last words (see [LastWorder]).
	Cause Cause
}

// OnEnd has f called once, when the exchange is over: behind the last octet of the
// reply, or when that can't be sent whole. Of several functions the last one is
// called first. OnEnd reports whether f will be called: false if the server does
// not tell of the end, outside of a server, and if the exchange is over already. It
// may be called from any goroutine.
//
// f may take long: no other exchange waits for it, but a server that shuts down
// does. A panic in f costs the connection.
//
// A reply of a few kilobytes may be written after its end, together with the
// replies to other requests that came with it: an error of that write comes too
// late for f.
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
