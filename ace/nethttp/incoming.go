package nethttp

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"

	"github.com/raxx-go/raxx/raxx"
)

// An incoming is the body of a request as an http.Handler reads it. It may be read
// by another goroutine than the handler's, also when that has returned; Close does
// not wait for a read.
type incoming struct {
	content raxx.Body
	trailer http.Header // of the request, filled in at the end of the body
	handled bool        // it is an http.Handler who reads, and not a transport
	closed  atomic.Bool
	begun   atomic.Bool // somebody has begun to read
	ended   atomic.Bool // the end was read

	mu     sync.Mutex
	reader io.ReadCloser
}

var _ io.ReadCloser = (*incoming)(nil)

// Read reads what has come of the body, or waits for it.
func (b *incoming) Read(p []byte) (int, error) {
	defer b.release()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	if b.reader == nil {
		b.begun.Store(true)
		b.reader = raxx.NewReader(b.content)
	}
	n, err := b.reader.Read(p)
	if err == io.EOF && !b.ended.Swap(true) {
		b.fillTrailer()
	}
	if b.handled {
		err = asOfHTTP(err)
	}
	return n, err
}

// asOfHTTP returns the error of a body as net/http would have it: its handlers compare
// io.ErrUnexpectedEOF, and ask whether a net.Error was a time-out.
func asOfHTTP(err error) error {
	var known *raxx.Error
	switch {
	case err == nil || err == io.EOF:
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	case errors.As(err, &known) && known.Status == raxx.StatusRequestTimeout:
		return timeoutError{err}
	}
	return err
}

// A timeoutError is the error of a body that has stopped coming, as a net.Error.
type timeoutError struct{ error }

func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

// Is reports whether target is the error of a deadline of net/http.
func (timeoutError) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// Unwrap returns the error of the server.
func (e timeoutError) Unwrap() error { return e.error }

// fillTrailer puts the fields behind the body where the handler looks for them.
func (b *incoming) fillTrailer() {
	if s, ok := b.content.(raxx.Stream); ok {
		for _, f := range s.Trailer() {
			key := http.CanonicalHeaderKey(f.Name)
			b.trailer[key] = append(b.trailer[key], f.Value)
		}
	}
}

// Close lets go of the body. A read that waits goes on to do so, and its end is
// that of the body.
func (b *incoming) Close() error {
	b.closed.Store(true)
	b.release()
	return nil
}

// release lets go of the reader of a body that was closed, unless somebody reads:
// who does releases it afterwards.
func (b *incoming) release() {
	if !b.closed.Load() || !b.mu.TryLock() {
		return
	}
	defer b.mu.Unlock()
	if b.reader != nil {
		b.reader.Close()
		b.reader = nil
	}
}

// onTheWay reports whether a part of the body may still have to come from the
// client.
func (b *incoming) onTheWay() bool {
	if b == nil || b.ended.Load() {
		return false
	}
	_, streams := b.content.(raxx.Stream)
	return streams
}
