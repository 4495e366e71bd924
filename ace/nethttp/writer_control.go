package nethttp

import (
	"context"
	"net/http"
	"time"
)

// What http.ResponseController and old handlers ask of a writer.

// Flush sends what has been written.
func (w *writer) Flush() { w.FlushError() }

// FlushError sends what has been written, and returns when the server has taken
// it. See http.ResponseController.
func (w *writer) FlushError() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	if w.call.inner.passed != nil {
		return nil // it is sent when the handler returns
	}
	if w.status == 0 {
		w.decide(http.StatusOK)
	}
	return w.push()
}

// isOver reports whether nothing can be written any more.
func (w *writer) isOver() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err != nil
}

// EnableFullDuplex has nothing to do: a request can always be read while its reply
// is written.
func (w *writer) EnableFullDuplex() error { return nil }

// SetWriteDeadline sets the time at which a write that waits for the client, and
// every later one, fails. The reply breaks off then. The zero time is none.
func (w *writer) SetWriteDeadline(t time.Time) error {
	w.deadline.set(t)
	return nil
}

// CloseNotify returns a channel that is told when the client has gone away. It is
// for old handlers, and the frameworks that were made for them.
func (w *writer) CloseNotify() <-chan bool {
	gone := make(chan bool, 1)
	context.AfterFunc(&w.call.ctx, func() { gone <- true })
	return gone
}
