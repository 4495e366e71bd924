package raxxtest

import (
	"iter"

	"github.com/raxx-go/raxx/raxx"
)

// An incoming is the body of a request on its way from the client: read by the
// handler, and behind it by the machine.
type incoming struct {
	stream raxx.Stream
	next   func() ([]byte, error, bool)
	stop   func()
	done   bool
}

func newIncoming(stream raxx.Stream) *incoming {
	in := &incoming{stream: stream}
	in.next, in.stop = iter.Pull2(stream.Chunks())
	return in
}

// body returns what the handler reads from.
func (in *incoming) body() raxx.Stream {
	body := raxx.NewStream(in.stream.Length, func(yield func([]byte, error) bool) {
		for !in.done {
			chunk, err, ok := in.next()
			in.done = !ok || err != nil
			if ok && !yield(chunk, err) {
				return
			}
		}
	})
	if in.stream.HasTrailer() {
		body = body.WithTrailer(in.stream.Trailer)
	}
	return body
}

// event returns what the machine gets next.
func (in *incoming) event() raxx.Event {
	chunk, err, ok := in.next()
	in.done = !ok || err != nil
	switch {
	case err != nil:
		return raxx.Closed{Reason: raxx.ClientGone}
	case !ok:
		return raxx.Tail{Trailer: in.stream.Trailer()}
	}
	return raxx.Data(chunk)
}

// Chunks returns a stream of these chunks, of unknown length, as it comes from a
// connection: every chunk is spoiled when the next one is asked for, so that code
// which keeps one is found out.
func Chunks(chunks ...string) raxx.Stream { return chunksThen(nil, chunks...) }

// Broken returns a stream like that of [Chunks] that ends with an error.
func Broken(err error, chunks ...string) raxx.Stream { return chunksThen(err, chunks...) }

func chunksThen(err error, chunks ...string) raxx.Stream {
	return raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		for _, chunk := range chunks {
			buf := []byte(chunk)
			more := yield(buf, nil)
			spoil(buf)
			if !more {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	})
}

// spoil overwrites what must not be looked at any more.
func spoil(buf []byte) {
	for i := range buf {
		buf[i] = '!'
	}
}
