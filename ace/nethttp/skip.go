package nethttp

import (
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	// skipAtMost is how much of a body that nobody wants is read to keep the
	// connection; of a longer one, closing is cheaper.
	skipAtMost = 256 << 10
	// silence is how long a client that has its reply may pause in such a body, and
	// skipTimeout how long all of it may take.
	silence     = 50 * time.Millisecond
	skipTimeout = 5 * time.Second
)

// close takes the body of the request away from whoever may still be reading it,
// because net/http waits for them.
func (s *served) close() {
	s.body.over.Store(true)
	switch {
	case s.duplex:
		s.skip()
	case s.body.reading.Load():
		s.control.SetReadDeadline(time.Now().Add(silence))
	}
}

// skip reads what is left of the body. If net/http did so itself after the reply,
// as it does where both go on at the same time, it would begin to watch the
// connection at the end of the body and at once read the next request from it,
// which it takes for an error. And a connection that is closed with something
// unread takes the end of the reply with it.
func (s *served) skip() {
	b := s.body
	until := time.Now().Add(skipTimeout)
	pause := func() error { return s.control.SetReadDeadline(time.Now().Add(min(silence, time.Until(until)))) }
	if pause() != nil { // which wakes who reads
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	buf := make([]byte, bodyBufferSize(b.length))
	for left := skipAtMost; left > 0 && !b.ended.Load() && b.err == nil && pause() == nil; {
		n, err := b.r.Body.Read(buf)
		left -= n
		if err == io.EOF {
			b.ended.Store(true)
		} else {
			b.err = err
		}
	}
	if b.ended.Load() {
		s.control.SetReadDeadline(time.Time{})
		return
	}
	s.control.SetReadDeadline(time.Unix(1, 0)) // net/http is not to read on
	s.closeBehind()
}

// closeBehind has net/http close the connection behind the reply, whose head does not
// say so. net/http takes a body that it could not read to its end for one that was,
// where both go on at the same time, and would read the next request from what is
// left of it (RFC 9112, Section 9.3). What makes it close is a body of which more came
// than it allows.
func (s *served) closeBehind() {
	http.MaxBytesReader(innermost(s.w), io.NopCloser(strings.NewReader("x")), 0).Read(make([]byte, 1))
}
