package websocket

import (
	"compress/flate"
	"sync"
)

// A deflater is memory for compression. Nothing that leaves it points into it.
type deflater struct {
	writer *flate.Writer
	out    sink
	in     [4 << 10]byte
}

// A sink takes what flate writes.
type sink struct{ b []byte }

func (s *sink) Write(b []byte) (int, error) {
	s.b = append(s.b, b...)
	return len(b), nil
}

// wideDeflaters are pooled, because one takes more than 1 MiB. It forgets each
// message, so that none is needed while nothing is sent.
var wideDeflaters = sync.Pool{New: func() any { return newDeflater(flate.BestSpeed) }}

// narrowDeflaters are for a client whose window is smaller than that of package
// flate. They only use that some octets are more frequent than others, and so
// refer to no earlier text, and stay in any window.
var narrowDeflaters = sync.Pool{New: func() any { return newDeflater(flate.HuffmanOnly) }}

// deflaters returns the pool for a window that is narrow, or is not.
func deflaters(narrow bool) *sync.Pool {
	if narrow {
		return &narrowDeflaters
	}
	return &wideDeflaters
}

func newDeflater(level int) *deflater {
	d := &deflater{}
	d.writer, _ = flate.NewWriter(&d.out, level) // the level is sound
	return d
}

// deflate compresses a message. packed is valid until d is released to its pool.
func deflate(message string, narrow bool) (d *deflater, packed []byte) {
	d = deflaters(narrow).Get().(*deflater)
	d.writer.Reset(&d.out)
	// The sink does not fail, and so nothing here does.
	for rest := message; rest != ""; {
		n := copy(d.in[:], rest)
		rest = rest[n:]
		_, _ = d.writer.Write(d.in[:n])
	}
	_ = d.writer.Flush()
	return d, d.out.b[:len(d.out.b)-len(flushed)]
}

func (d *deflater) release(narrow bool) {
	d.out.b = d.out.b[:0]
	if cap(d.out.b) > maxPooled {
		d.out.b = nil
	}
	deflaters(narrow).Put(d)
}
