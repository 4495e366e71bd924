package raxx

import (
	"io"
	"iter"
	"strings"
)

// Copy writes the content of b to w as it comes, and returns how many bytes it
// has written. Whatever the length, it needs no more memory than a chunk:
//
//	n, err := raxx.Copy(file, req.Body, 1<<30)
//
// For limit see [ReadAll]. A body whose length is known to be over it is not
// read at all; of any other, w may have got up to limit bytes before the error
// comes. Other errors are those of the body and of w.
func Copy(w io.Writer, b Body, limit int64) (n int64, err error) {
	limit = limitOr(limit, DefaultBodyLimit)
	if Length(b) > limit {
		return 0, tooLarge(limit)
	}
	for chunk, err := range Chunks(b) {
		if err != nil {
			return n, err
		}
		if int64(len(chunk)) > limit-n {
			return n, tooLarge(limit)
		}
		m, err := w.Write(chunk)
		if n += int64(m); err != nil {
			return n, err
		}
	}
	return n, nil
}

// NewReader returns the content of b for code that takes an [io.Reader], such as a
// decoder of CSV or of pictures. It pulls a chunk only when it has nothing left to
// return, and has no limit. Close it, or what it reads from stays open. One
// goroutine at a time may use it, for as long as b may be read: see [Handler].
func NewReader(b Body) io.ReadCloser {
	if data, ok := b.(Data); ok {
		return io.NopCloser(strings.NewReader(string(data)))
	}
	next, stop := iter.Pull2(Chunks(b))
	return &bodyReader{next: next, stop: stop}
}

// A bodyReader reads chunks as one sequence of bytes.
type bodyReader struct {
	next func() ([]byte, error, bool)
	stop func()
	rest []byte // what was not read of the last chunk
	err  error  // comes when rest is empty
}

// Read reads from the last chunk, or from the next one if that is at its end.
func (r *bodyReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 && r.err == nil {
		chunk, err, ok := r.next()
		if !ok {
			err = io.EOF
		}
		r.rest, r.err = chunk, err
	}
	if len(r.rest) == 0 {
		return 0, r.err
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Close lets go of the body. What was not read is lost.
func (r *bodyReader) Close() error {
	r.stop()
	r.rest, r.err = nil, io.ErrClosedPipe
	return nil
}

// StreamFrom returns a stream of what a reader reads, of the given length (-1 if
// it is not known). The server calls open when it begins to send the body, so
// never in reply to HEAD, and closes the reader at its end, or when the client
// has gone away. By then the head has been sent: if open fails, the client sees
// a reply that breaks off.
func StreamFrom(length int64, open func() (io.ReadCloser, error)) Stream {
	return NewStream(length, func(yield func([]byte, error) bool) {
		r, err := open()
		if err != nil {
			yield(nil, err)
			return
		}
		defer r.Close()
		buf := make([]byte, readSize)
		for err == nil {
			var n int
			n, err = r.Read(buf)
			if n > 0 && !yield(buf[:n], nil) {
				return
			}
		}
		if err != io.EOF {
			yield(nil, err)
		}
	})
}
