package nethttp

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"

	"github.com/raxx-go/raxx/raxx"
)

// A requestBody is the body of a request of net/http as a handler of raxx pulls
// it, which may be done on another goroutine than the handler's.
type requestBody struct {
	r       *http.Request
	length  int64       // -1 if it is not known; 0 if there is none
	reading atomic.Bool // somebody waits for the client
	taken   atomic.Bool // a machine gets what is left
	over    atomic.Bool // nobody gets anything any more
	begun   atomic.Bool // somebody has read
	ended   atomic.Bool // the end was read

	mu   sync.Mutex // held while somebody reads, which may wait for the client
	from io.Reader
	buf  []byte
	err  error
}

// newRequestBody returns a body of the given length.
func newRequestBody(r *http.Request, length int64) *requestBody {
	if r.Body == nil || r.Body == http.NoBody {
		length = 0
	}
	b := &requestBody{r: r, length: length, from: r.Body}
	b.ended.Store(length == 0)
	return b
}

// body returns the body of the request: nil if there is none.
func (b *requestBody) body() raxx.Body {
	if b.length == 0 {
		return nil
	}
	return b.stream()
}

func (b *requestBody) stream() raxx.Stream {
	s := raxx.NewStream(b.length, b.chunks)
	if b.length < 0 || len(b.r.Trailer) > 0 {
		s = s.WithTrailer(b.trailer)
	}
	return s
}

// trailer returns the fields behind the body once its end has been read.
func (b *requestBody) trailer() raxx.Header {
	if !b.ended.Load() {
		return nil
	}
	return trailerOf(b.r.Trailer)
}

// chunks yields what is left of the body.
func (b *requestBody) chunks(yield func([]byte, error) bool) {
	for first := true; ; first = false {
		chunk, err := b.pull(first)
		if err == io.EOF {
			return
		}
		if !yield(chunk, err) || err != nil {
			return
		}
	}
}

// pull returns the next piece, and io.EOF behind the last. first says that
// somebody begins to pull.
func (b *requestBody) pull(first bool) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.taken.Load():
		return nil, errLate
	case b.ended.Load() && first:
		return nil, ErrBodyRead
	}
	return b.read()
}

// onTheWay reports whether a part of the body may still have to come.
func (b *requestBody) onTheWay() bool { return !b.ended.Load() }

// isEmpty reports whether nothing comes, which may have to be waited for. It is for a
// body that nobody else knows yet.
func (b *requestBody) isEmpty() bool {
	if b.length >= 0 {
		return b.length == 0
	}
	ahead := bufio.NewReader(b.from)
	b.from = ahead
	_, err := ahead.Peek(1)
	return err == io.EOF
}

// read reads the next piece. The lock is held.
func (b *requestBody) read() ([]byte, error) {
	if b.buf == nil {
		b.buf = make([]byte, bodyBufferSize(b.length))
	}
	b.begun.Store(true)
	for {
		switch {
		case b.ended.Load():
			return nil, io.EOF
		case b.err != nil:
			return nil, bodyFault(b.err)
		}
		n, err := b.wait()
		if err == io.EOF {
			b.ended.Store(true)
		} else {
			b.err = err
		}
		if n > 0 {
			return b.buf[:n], nil
		}
	}
}

// wait reads, unless the exchange is over.
func (b *requestBody) wait() (int, error) {
	b.reading.Store(true)
	defer b.reading.Store(false)
	if b.over.Load() {
		return 0, errLate
	}
	return b.from.Read(b.buf)
}

// bodyBufferSize is the size of the buffer for a body of n bytes.
func bodyBufferSize(n int64) int64 {
	if n > 0 && n < bufferSize {
		return n + 1 // so that the end comes with the last byte
	}
	return bufferSize
}

// bodyFault is the error that the puller of a body sees.
func bodyFault(err error) error {
	var tooLarge *http.MaxBytesError
	var known *raxx.Error
	switch {
	case errors.As(err, &known): // of the server, which a middleware has handed on
		return err
	case errors.As(err, &tooLarge):
		return &raxx.Error{Status: raxx.StatusContentTooLarge, Detail: "the body is too large", Err: err}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &raxx.Error{Status: raxx.StatusRequestTimeout, Detail: "the body stopped coming", Err: err}
	}
	return &raxx.Error{Status: raxx.StatusBadRequest, Detail: "the body did not arrive whole", Err: err}
}
