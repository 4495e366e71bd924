package h2

// A closedBy says how a stream was closed.
type closedBy uint8

const (
	itsEnd      closedBy = iota // both sides ended
	resetByUs                   // the peer may not know yet
	resetByPeer                 // it knows, and sends nothing more
	longAgo                     // in one of these ways
	neverOpened                 // its identifier was skipped
)

// recentStreams remembers streams that were closed by a reset: what their frames
// are worth differs (RFC 9113, Section 5.1). It forgets the oldest, so that
// resets cost no memory.
type recentStreams struct {
	ring     []recentStream
	at       int
	longAgo  uint32 // streams up to this one may have been forgotten
	gapFirst uint32 // the identifiers that were last skipped
	gapLast  uint32
}

type recentStream struct {
	id  uint32
	how closedBy
}

func (r *recentStreams) add(id uint32, how closedBy) {
	if len(r.ring) < recentlyClosed {
		r.ring = append(r.ring, recentStream{id, how})
		return
	}
	r.longAgo = max(r.longAgo, r.ring[r.at].id)
	r.ring[r.at] = recentStream{id, how}
	r.at = (r.at + 1) % recentlyClosed
}

// skip notes that the identifiers from last to next, without them, were passed
// over, which closes them (RFC 9113, Section 5.1.1).
func (r *recentStreams) skip(last, next uint32) {
	if next-last > 2 {
		r.gapFirst, r.gapLast = last+1, next-1
	}
}

// how returns how a stream was closed.
func (r *recentStreams) how(id uint32) closedBy {
	for i := range r.ring {
		if r.ring[i].id == id {
			return r.ring[i].how
		}
	}
	switch {
	case r.gapFirst <= id && id <= r.gapLast:
		return neverOpened
	case id <= r.longAgo:
		return longAgo
	}
	return itsEnd
}

// fewRecent is how many resets a connection remembers on which nothing goes on.
const fewRecent = 16

// shrink forgets all but the newest resets. Frames for those can be on their way
// for as long as the peer has not heard of it.
func (r *recentStreams) shrink() {
	n := len(r.ring)
	if n <= fewRecent {
		return
	}
	kept := make([]recentStream, 0, fewRecent)
	for i := range n {
		if s := r.ring[(r.at+i)%n]; n-i > fewRecent {
			r.longAgo = max(r.longAgo, s.id)
		} else {
			kept = append(kept, s)
		}
	}
	r.ring, r.at = kept, 0
}
