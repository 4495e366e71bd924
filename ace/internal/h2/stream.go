package h2

import (
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// A Stream is one exchange (RFC 9113, Section 5). A driver may refer to it until
// it calls [Conn.Forget].
type Stream struct {
	// Owner is the driver's.
	Owner any

	id    uint32
	flags streamFlags
	urge  urgency

	// What the peer is sending:
	recv          inflow
	body          []byte // Invariant: body[read:] is unread, and does not move before it is taken
	read          int
	received      int64 // octets of content that have come
	contentLength int64 // -1: not told

	// What we are sending:
	credit  int64 // what the peer has granted beyond its initial window, less what was sent
	pending []byte
	trailer raxx.Header
	moved   int64 // when content last went, or became the peer's to take

	// Invariant: a stream is in one list at most.
	list       *streamList
	next, prev *Stream
	turn       uint32 // of the scheduler, when it was last served
}

// streamFlags are facts about a stream.
type streamFlags uint16

const (
	remoteClosed   streamFlags = 1 << iota // END_STREAM has come
	localClosed                            // END_STREAM has been sent
	closed                                 // there is nothing more to send or to receive
	forgotten                              // the driver is done with it
	headSent                               // the final head
	ending                                 // END_STREAM follows on what is pending
	connectTunnel                          // CONNECT
	extendedTunnel                         // extended CONNECT
	bodyRefused                            // nobody will take what comes
)

func (f streamFlags) has(g streamFlags) bool { return f&g != 0 }

// ID returns the stream's identifier.
func (s *Stream) ID() uint32 { return s.id }

// Closed reports whether there is nothing more to send or to receive: both sides
// have ended, or one has reset it. What is unread may still be taken if the
// peer's side had ended before.
func (s *Stream) Closed() bool { return s.flags.has(closed) }

// Ended reports whether all of the request's body has come.
func (s *Stream) Ended() bool { return s.flags.has(remoteClosed) }

// Connect reports whether the request was a CONNECT for a tunnel to elsewhere.
func (s *Stream) Connect() bool { return s.flags.has(connectTunnel) }

// Extended reports whether the request was an extended CONNECT (RFC 8441),
// which is presented as a GET that asks for an upgrade.
func (s *Stream) Extended() bool { return s.flags.has(extendedTunnel) }

// Unread returns the content that has come and has not been taken. It stays as
// it is until it is taken.
func (s *Stream) Unread() []byte { return s.body[s.read:] }

// Leave moves what is unread elsewhere: whoever looks at it may go on to, also when
// it has been taken.
func (s *Stream) Leave() { s.body, s.read = slices.Clone(s.Unread()), 0 }

// keep adds content to what is unread.
func (s *Stream) keep(p []byte) {
	if len(s.body)+len(p) <= cap(s.body) {
		s.body = append(s.body, p...)
		return
	}
	unread := s.body[s.read:]
	s.body = append(make([]byte, 0, max(2*len(unread), len(unread)+len(p))), unread...)
	s.body, s.read = append(s.body, p...), 0
}

// take drops the first n unread octets. A buffer that is empty is used again
// unless it is large.
func (s *Stream) take(n int) {
	if s.read += n; s.read < len(s.body) {
		return
	}
	s.body, s.read = s.body[:0], 0
	if cap(s.body) > maxKeptBuffer {
		s.body = nil
	}
}

// Unwanted reports whether the request was answered, and only the rest of its
// body is still to come, which nobody will take. [Stream.Moved] tells since when.
func (s *Stream) Unwanted() bool { return s.flags.has(forgotten) && s.flags.has(localClosed) }

// Pending returns how many octets of content wait to be sent.
func (s *Stream) Pending() int { return len(s.pending) }

// Moved returns when content was last sent on the stream or began to wait,
// in the time that the driver tells.
func (s *Stream) Moved() int64 { return s.moved }
