package decompress

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/raxx-go/raxx/raxx"
)

// pieceSize is how much is decoded at a time.
const pieceSize = 32 << 10

// stream returns body without its coding. It sets rest to false at the end of it.
func (d *decompressor) stream(coding string, body raxx.Body, rest *atomic.Bool) raxx.Stream {
	out := raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		defer d.open.Add(-1)
		if d.open.Add(1) > d.decoders {
			yield(nil, &raxx.Error{
				Status: raxx.StatusServiceUnavailable, Detail: "too many bodies are being decoded",
				Header: raxx.Header{{Name: "retry-after", Value: "1"}},
			})
			return
		}
		in := &source{Reader: raxx.NewReader(body), most: d.maxSize}
		defer in.close()
		if err := d.decode(coding, in, rest, yield); err != nil {
			yield(nil, in.explained(coding, err))
		}
	})
	if in, ok := body.(raxx.Stream); ok && in.HasTrailer() {
		return out.WithTrailer(in.Trailer)
	}
	return out
}

// decode yields what the source holds. Its error has not been yielded; there is
// none if nobody wants to hear it.
func (d *decompressor) decode(coding string, in *source, rest *atomic.Bool, yield func([]byte, error) bool) error {
	pool := d.pools[coding]
	dec := pool.Get().(*decoder)
	defer pool.Put(dec)
	if err := dec.begin(in); err == io.EOF {
		// Whoever adds the field to all that he sends adds it to nothing, too; and
		// how a body without content comes depends on what forwards it.
		rest.Store(false)
		return nil
	} else if err != nil {
		return err
	}
	for size := int64(0); ; {
		piece, err := dec.read()
		size += int64(len(piece))
		if fault := d.tooMuch(size, in.size); fault != nil {
			return fault
		}
		if len(piece) > 0 && !yield(piece, nil) {
			return nil
		}
		if err == io.EOF {
			rest.Store(false)
			return nil // the decoder has looked for more
		}
		if err != nil {
			return err
		}
	}
}

// tooMuch returns why no more is decoded, if size bytes came of sent.
func (d *decompressor) tooMuch(size, sent int64) error {
	switch {
	case size > d.maxSize:
		return &raxx.Error{
			Status: raxx.StatusContentTooLarge, Detail: fmt.Sprintf("the body is larger than %d bytes when it is decoded", d.maxSize),
		}
	case size > freeSize && size/d.maxRatio > sent:
		return &raxx.Error{
			Status: raxx.StatusContentTooLarge, Detail: fmt.Sprintf("the body is more than %d times larger when it is decoded", d.maxRatio),
		}
	}
	return nil
}

// A source is the body as the client sends it.
type source struct {
	io.Reader
	most int64 // how much may be read, but for freeSize
	size int64 // how much has been read
	err  error // of the body, but for its end
}

// Read refuses a body that goes on and on. A coding makes nothing much longer;
// but there is no end to what may be said in it of nothing.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	s.size += int64(n)
	if s.size-freeSize > s.most {
		n, err = 0, &raxx.Error{
			Status: raxx.StatusContentTooLarge, Detail: fmt.Sprintf("the body is larger than %d bytes before it is decoded", s.most+freeSize),
		}
	}
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

func (s *source) close() { s.Reader.(io.Closer).Close() }

// explained returns err as it is, if it is that of a limit or of the body
// itself. Else the content is to blame.
func (s *source) explained(coding string, err error) error {
	var fault *raxx.Error
	switch {
	case s.err != nil:
		return s.err
	case errors.As(err, &fault):
		return fault
	case errors.Is(err, errWindow):
		return &raxx.Error{Status: raxx.StatusContentTooLarge, Detail: "the body needs a window larger than 8 MiB (RFC 9659)", Err: err}
	}
	return &raxx.Error{Status: raxx.StatusBadRequest, Detail: "the body is no " + coding + " content", Err: err}
}
