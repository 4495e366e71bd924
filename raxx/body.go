package raxx

import (
	"errors"
	"fmt"
	"iter"
	"math"
)

// A Body is the content of a message. It is one of
//
//   - nil: there is none,
//   - [Data]: all of it,
//   - [File]: a part of a file, which a server may send without reading it,
//   - [Stream]: chunks, of which the first may not be there yet,
//   - [Machine]: of a response only; a state machine that makes the content as
//     events come.
//
// The set is closed; the same variants serve requests and responses. So that
// two empty bodies are equal, everything in this package makes nil of Data
// that holds nothing.
type Body interface{ isBody() }

// Data is a complete body. It is a string because a string can't be changed:
// it can be compared, kept and shared. Text and bytes are the same thing here.
type Data string

func (Data) isBody()    {}
func (File) isBody()    {}
func (Stream) isBody()  {}
func (Machine) isBody() {}

// Length returns the number of bytes in b, or -1 where that is not known before
// it has been sent: for a [Machine], a [Stream] without a length and a [File] to
// its end.
func Length(b Body) int64 {
	switch b := b.(type) {
	case nil:
		return 0
	case Data:
		return int64(len(b))
	case File:
		return b.Length
	case Stream:
		return b.Length
	}
	return -1
}

// Chunks returns the content of b piece by piece, whatever its variant. A chunk
// is valid until the next one is asked for; copy it to keep it. An error is the
// last thing that comes. The content of a [Stream] comes only once. That of a
// [Machine] comes from a server only: here it is the error [ErrMachine].
func Chunks(b Body) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		switch b := b.(type) {
		case Data:
			if b != "" {
				yield([]byte(b), nil)
			}
		case File:
			b.chunks(yield)
		case Stream:
			if b.chunks != nil {
				b.chunks(yield)
			}
		case Machine:
			yield(nil, ErrMachine)
		case nil:
		default:
			yield(nil, fmt.Errorf("raxx: a body of type %T, which is none: take the value, and not a pointer to it", b))
		}
	}
}

// ErrMachine is the error of reading a [Machine] as if its content were there
// already. Package raxxtest drives machines in tests.
var ErrMachine = errors.New("raxx: a machine has content only while a server drives it")

// ReadAll returns the whole of b, if it is no longer than limit bytes. Past the
// limit it stops reading, and its error is an [*Error] of status 413. If limit is
// zero, it is [DefaultBodyLimit]; if negative, there is none, and the sender of the
// body decides how much memory is used. A body that is not as long as it promised
// is an error, as it is for a server.
func ReadAll(b Body, limit int64) (Data, error) {
	limit = limitOr(limit, DefaultBodyLimit)
	if Length(b) > limit {
		return "", tooLarge(limit)
	}
	if d, ok := b.(Data); ok {
		return d, nil
	}
	var all []byte
	if n := Length(b); n > 0 {
		// The length is the sender's word: it is believed for the first
		// 64 KiB only, so that a promise alone costs nothing.
		all = make([]byte, 0, min(n, 64<<10))
	}
	for chunk, err := range Chunks(b) {
		if err != nil {
			return "", err
		}
		if int64(len(all)+len(chunk)) > limit {
			return "", tooLarge(limit)
		}
		all = append(all, chunk...)
	}
	if n := Length(b); n >= 0 && n != int64(len(all)) {
		return "", fmt.Errorf("raxx: a body of %d bytes that promised %d", len(all), n)
	}
	return dataOf(all), nil
}

// DefaultBodyLimit is how many bytes of a body are held in memory where no other
// limit was given: 8 MiB.
const DefaultBodyLimit = 8 << 20

// readSize is how much of a file or of data is handed on at once.
const readSize = 32 << 10

// limitOr resolves a limit of which zero means the default, and a negative
// number none.
func limitOr(limit, byDefault int64) int64 {
	switch {
	case limit == 0:
		return byDefault
	case limit < 0:
		return math.MaxInt64
	}
	return limit
}
