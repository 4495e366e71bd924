package raxx

import "iter"

// A Stream is a body that comes in chunks. As a request's body it is read from
// the connection as it is pulled, so that a handler which is slow slows its
// client, and an unread one costs nothing. As a response's body it is pulled by
// the server, at the pace of the client.
//
// A stream is read once, by one goroutine, with [Stream.Chunks]. Two streams
// are equal if they promise the same length; what they hold can't be compared
// before it is read ([Collect] and [ReadAll] do that).
type Stream struct {
	// Length is the number of bytes to come, or -1 if it is not known. A
	// response that sends more or less than it promised is cut off.
	Length int64

	chunks  iter.Seq2[[]byte, error]
	trailer func() Header
}

// NewStream returns a stream of the given length (-1 if it is not known). The
// memory of a chunk may be used again as soon as the next one is asked for. An
// error that chunks yields ends the stream; the recipient of the message sees that
// it is not whole. Every chunk is sent at once, so chunks of a few bytes cost a
// system call each. The head goes out before the first chunk is there if the length
// is not known; else a server may send it with that chunk.
//
// A server calls chunks when it sends the body, and not at all in reply to HEAD,
// with 304, or if the response can't be sent: open within chunks what has to be
// closed. The server stops asking when the client has gone away, which it learns
// when it sends; a stream that waits for something else should wait for the end of
// [Request.Context], too.
func NewStream(length int64, chunks iter.Seq2[[]byte, error]) Stream {
	return Stream{Length: max(length, -1), chunks: chunks}
}

// WithTrailer returns the stream with a function that is called once, after the
// last chunk, for the fields to send behind it.
func (s Stream) WithTrailer(trailer func() Header) Stream {
	s.trailer = trailer
	return s
}

// Chunks returns the content. See [Chunks] for how long a chunk is valid.
func (s Stream) Chunks() iter.Seq2[[]byte, error] { return Chunks(s) }

// Trailer returns the fields that came behind the body of a request, or nil before
// its end. Of a stream to which WithTrailer gave a function, it calls that: ask once,
// behind the last chunk.
func (s Stream) Trailer() Header {
	if s.trailer == nil {
		return nil
	}
	return s.trailer()
}

// HasTrailer reports whether fields may come behind the last chunk.
func (s Stream) HasTrailer() bool { return s.trailer != nil }

// Equal reports whether both promise the same length.
func (s Stream) Equal(t Stream) bool { return s.Length == t.Length }
