package compress

import (
	"errors"
	"fmt"

	"github.com/raxx-go/raxx/raxx"
)

// data returns the content in a coding, or "" if that is not shorter.
func (c *compressor) data(coding string, content raxx.Data) raxx.Data {
	p := c.pools[coding]
	e := p.get()
	defer p.put(e)
	e.Write(bytesOf(string(content)))
	e.Close()
	if e.out.Len() >= len(content) {
		return ""
	}
	return raxx.Data(e.out.Bytes())
}

// pieceSize is how much of a file is sent at once, about.
const pieceSize = 16 << 10

// stream returns the content of a file or a stream in a coding. The length that was
// promised, or -1, is that of what is in body.
func (c *compressor) stream(coding string, body raxx.Body, promised int64) raxx.Stream {
	in, live := body.(raxx.Stream)
	out := raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		c.open.Add(1)
		defer c.open.Add(-1)
		p := c.pools[coding]
		e := p.get()
		defer p.put(e)
		e.encode(body, live, promised, yield)
	})
	if live && in.HasTrailer() {
		return out.WithTrailer(in.Trailer)
	}
	return out
}

// opens reports whether a file can be sent. One that can't has to stay a file,
// so that the server finds out before it sends the head: a stream would break
// off.
func opens(f raxx.File) bool {
	file, _, err := f.Open()
	if err != nil {
		return false
	}
	file.Close()
	return true
}

// encode yields the content in the coding of e. A chunk of a live body is not
// kept back.
func (e *encoder) encode(body raxx.Body, live bool, promised int64, yield func([]byte, error) bool) {
	left := promised
	for chunk, err := range raxx.Chunks(body) {
		if left -= int64(len(chunk)); err == nil && promised >= 0 && left < 0 {
			err = brokenPromise(left)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		if len(chunk) == 0 {
			continue
		}
		e.Write(chunk)
		if live {
			e.Flush()
		} else if e.out.Len() < pieceSize {
			continue
		}
		if !yield(e.out.Bytes(), nil) {
			return
		}
		e.out.Reset()
	}
	if left > 0 {
		yield(nil, brokenPromise(left))
		return
	}
	e.Close()
	yield(e.out.Bytes(), nil)
}

// brokenPromise is the error of content that has another length than was promised,
// of which left bytes are missing. The server would see to that; but it does not hear
// of the length when the content is compressed, and what is cut off would look whole.
func brokenPromise(left int64) error {
	if left < 0 {
		return errors.New("compress: the content is longer than it promised")
	}
	return fmt.Errorf("compress: the content ended %d bytes before the length that it promised", left)
}
