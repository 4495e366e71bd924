package decompress

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow is how far back content may refer, which is what a decoder has to
// keep. RFC 9659, Section 3: a sender must not need more.
const maxWindow = 8 << 20

// errWindow is the error of content that needs more.
var errWindow = errors.New("decompress: the window is too large")

// A decoder decodes one coding, for one body after the other.
type decoder struct {
	coding string
	reader interface {
		io.Reader
		Reset(io.Reader) error
	}
	piece [pieceSize]byte
}

// newPool returns a pool of decoders.
func newPool(coding string) *sync.Pool {
	return &sync.Pool{New: func() any {
		d := &decoder{coding: coding}
		switch coding {
		case "gzip":
			d.reader = new(gzip.Reader)
		case "br":
			d.reader = new(brotli.Reader)
		case "zstd":
			z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
				zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecodeBuffersBelow(0))
			if err != nil {
				panic(err) // the options above are right
			}
			d.reader = z
		}
		return d
	}}
}

// begin makes d ready for the content that r holds.
func (d *decoder) begin(r io.Reader) error {
	if d.coding != "br" {
		return d.reader.Reset(r)
	}
	var first [1]byte
	if _, err := io.ReadFull(r, first[:]); err != nil {
		return err
	}
	if 1<<brotliWindow(first[0]) > maxWindow {
		return errWindow
	}
	return d.reader.Reset(io.MultiReader(bytes.NewReader(first[:]), r))
}

// read decodes the next piece.
func (d *decoder) read() ([]byte, error) {
	n, err := d.reader.Read(d.piece[:])
	if errors.Is(err, zstd.ErrWindowSizeExceeded) {
		err = errWindow
	}
	return d.piece[:n], err
}

// brotliWindow returns the base 2 logarithm of the window, by the first octet of
// the content (RFC 7932, Section 9.1).
func brotliWindow(first byte) int {
	if first&1 == 0 {
		return 16
	}
	if n := first >> 1 & 7; n != 0 {
		return 17 + int(n)
	}
	if n := first >> 4 & 7; n != 0 {
		return 8 + int(n) // 9, which stands for larger ones, is none
	}
	return 17
}
