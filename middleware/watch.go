package middleware

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/raxx-go/raxx/raxx"
)

// errNotSent is the end of a stream that nobody pulled.
var errNotSent = errors.New("middleware: the reply was not sent")

// errNotTaken is the end of a stream whose consumer wanted no more.
var errNotTaken = errors.New("middleware: the client took no more")

// errStreamPanicked is the end of a stream that panicked. The panic goes on.
var errStreamPanicked = errors.New("middleware: the stream panicked")

// A streamWatch tells, once, how a stream has ended. A server need not pull a
// stream: the head may be one that can't be sent, or the client gone. Then it
// has ended when the exchange has.
type streamWatch struct {
	state atomic.Int32 // of the three below
	end   func(sent int64, err error)
}

const (
	watchWaiting int32 = iota
	watchPulled
	watchEnded
)

// watchStream returns s as a stream whose end is told to end.
func watchStream(req raxx.Request, s raxx.Stream, end func(sent int64, err error)) raxx.Stream {
	w := &streamWatch{end: end}
	unsent := func() {
		if w.state.CompareAndSwap(watchWaiting, watchEnded) {
			w.end(0, errNotSent)
		}
	}
	if !req.Scope.OnEnd(func(raxx.Ending) { unsent() }) {
		context.AfterFunc(req.Context(), unsent)
	}
	return sameTrailer(s, raxx.NewStream(s.Length, func(yield func([]byte, error) bool) {
		w.pull(s, yield)
	}))
}

// pull yields the chunks of s.
func (w *streamWatch) pull(s raxx.Stream, yield func([]byte, error) bool) {
	first := w.state.CompareAndSwap(watchWaiting, watchPulled)
	sent, err := int64(0), errStreamPanicked
	defer func() {
		if first {
			w.end(sent, err)
		}
	}()
	for chunk, failure := range s.Chunks() {
		if !yield(chunk, failure) {
			if err = failure; err == nil {
				err = errNotTaken
			}
			return
		}
		if failure != nil {
			err = failure
			return
		}
		sent += int64(len(chunk))
	}
	err = nil
}

// sendsContent reports whether a reply with this status has content that is sent
// (RFC 9110, Sections 9.3.2, 15.3.5 and 15.4.5).
func sendsContent(method string, status int) bool {
	return method != raxx.MethodHead && status != raxx.StatusNoContent && status != raxx.StatusNotModified
}

// countStream returns s as a stream that adds the bytes which are pulled to n.
func countStream(s raxx.Stream, n *atomic.Int64) raxx.Stream {
	return sameTrailer(s, raxx.NewStream(s.Length, func(yield func([]byte, error) bool) {
		for chunk, err := range s.Chunks() {
			n.Add(int64(len(chunk)))
			if !yield(chunk, err) {
				return
			}
		}
	}))
}
