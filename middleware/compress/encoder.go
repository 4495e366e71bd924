package compress

import (
	"bytes"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A writer is what the encoders of all codings can do.
type writer interface {
	io.WriteCloser
	Flush() error
	Reset(io.Writer)
}

// An encoder is a writer and what it writes to. Writes to memory don't fail,
// and neither do encoders that are used in order.
type encoder struct {
	writer
	out bytes.Buffer
}

// A pool keeps encoders of one coding for the next reply.
type pool struct{ sync.Pool }

func newPool(coding string) *pool {
	return &pool{sync.Pool{New: func() any {
		e := &encoder{}
		e.writer = newWriter(coding, &e.out)
		return e
	}}}
}

// Windows are small: a large one makes long replies a little shorter, and every
// encoder (and the client's decoder) a lot larger.
const (
	zstdWindow   = 256 << 10
	brotliLGWin  = 18 // 256 KiB
	brotliLevel  = 4
	gzipLevel    = 5
	maxKeptBytes = 1 << 20 // of output, with an encoder in the pool
)

func newWriter(coding string, w io.Writer) writer {
	switch coding {
	case "zstd":
		return must(zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1),
			zstd.WithWindowSize(zstdWindow), zstd.WithLowerEncoderMem(true), zstd.WithZeroFrames(true)))
	case "br":
		return brotli.NewWriterOptions(w, brotli.WriterOptions{Quality: brotliLevel, LGWin: brotliLGWin})
	}
	return must(gzip.NewWriterLevel(w, gzipLevel))
}

// must returns w: the options above are right.
func must[W writer](w W, err error) writer {
	if err != nil {
		panic(err)
	}
	return w
}

// get returns an encoder at the begin of its content.
func (p *pool) get() *encoder {
	e := p.Get().(*encoder)
	e.out.Reset()
	e.Reset(&e.out)
	return e
}

func (p *pool) put(e *encoder) {
	if e.out.Cap() <= maxKeptBytes {
		p.Put(e)
	}
}
