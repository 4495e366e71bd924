package websocket

import (
	"compress/flate"
	"io"
	"slices"
	"strings"
	"sync"
)

// A window is the end of what compressed messages have said, to which the next
// one may refer (RFC 7692, Section 7.1.1).
type window struct {
	size int // how much is kept; 0: every message stands for itself
	text string
}

// after returns the window behind text.
func (w window) after(text string) window {
	if w.size == 0 {
		return w
	}
	if len(text) < w.size {
		kept := min(len(w.text), w.size-len(text))
		w.text = w.text[len(w.text)-kept:] + text
		return w
	}
	// A clone, since a message may be much longer than its end.
	w.text = strings.Clone(text[len(text)-w.size:])
	return w
}

const (
	// flushed is what the sender of a message takes off its end (RFC 7692,
	// Section 7.2.1).
	flushed = "\x00\x00\xff\xff"
	// finalBlock ends a DEFLATE stream with nothing.
	finalBlock = "\x01\x00\x00\xff\xff"
	// maxFinal is how many blocks of a message may say that they are the last.
	// Each costs a new start, and no encoder makes more than one.
	maxFinal = 16
	// maxPooled is how much memory is kept for the next message.
	maxPooled = 64 << 10
)

var badDeflate = &fault{InvalidPayload, "compressed data that can't be read (RFC 7692, 7.2.2)"}

// An inflater is memory for decompression. Nothing that leaves it points into
// it.
type inflater struct {
	reader io.ReadCloser // a flate.Resetter
	source source
	out    []byte
}

// inflaters are pooled, because one takes some 40 KiB, and waiting takes none.
var inflaters = sync.Pool{New: func() any {
	f := &inflater{}
	f.reader = flate.NewReader(&f.source)
	return f
}}

// inflate decompresses a message, unless it is longer than limit. It returns the
// window for the next one.
func inflate(payload string, w window, limit int64) (string, window, *fault) {
	if payload == "" {
		// Not what RFC 7692 asks for, but what zlib makes of no text at all.
		return "", w, nil
	}
	f := inflaters.Get().(*inflater)
	defer f.release()
	f.source = source{payload, flushed + finalBlock}
	dictionary := []byte(w.text)
	for range maxFinal {
		if err := f.run(dictionary, limit); err != nil {
			return "", w, err
		}
		if f.source.empty() {
			text := f.text()
			return text, w.after(text), nil
		}
		// RFC 7692, Section 7.2.3.4: there may be more behind a block that is
		// the last one of its stream.
		dictionary = append([]byte(w.text), f.out...)
		dictionary = dictionary[max(0, len(dictionary)-maxWindow):]
	}
	return "", w, badDeflate
}

// maxWindow is how far back DEFLATE can refer.
const maxWindow = 1 << 15

// run appends to f.out what one DEFLATE stream holds.
func (f *inflater) run(dictionary []byte, limit int64) *fault {
	// The error is always nil.
	_ = f.reader.(flate.Resetter).Reset(&f.source, dictionary)
	for {
		if int64(len(f.out)) > limit {
			return tooBig
		}
		if len(f.out) == cap(f.out) {
			f.out = slices.Grow(f.out, 512) // at least: what there is doubles
		}
		n, err := f.reader.Read(f.out[len(f.out):cap(f.out)])
		f.out = f.out[:len(f.out)+n]
		switch {
		case err == io.EOF && int64(len(f.out)) <= limit:
			return nil
		case err == io.EOF:
			return tooBig
		case err != nil:
			return badDeflate
		}
	}
}

// text returns what has come, in memory that is the caller's.
func (f *inflater) text() string {
	if len(f.out) < maxPooled || cap(f.out)-len(f.out) > len(f.out)/4 {
		return string(f.out)
	}
	text := textOf(f.out)
	f.out = nil
	return text
}

func (f *inflater) release() {
	f.source = source{}
	f.out = f.out[:0]
	if cap(f.out) > maxPooled {
		f.out = nil
	}
	inflaters.Put(f)
}

// A source is what is read by flate: one text behind the other. It is an
// [io.ByteReader], so that flate takes no octet more than it needs.
type source struct{ text, behind string }

func (s *source) empty() bool { return s.text == "" && s.behind == "" }

func (s *source) turn() bool {
	if s.text == "" {
		s.text, s.behind = s.behind, ""
	}
	return s.text != ""
}

func (s *source) ReadByte() (byte, error) {
	if !s.turn() {
		return 0, io.EOF
	}
	c := s.text[0]
	s.text = s.text[1:]
	return c, nil
}

func (s *source) Read(b []byte) (int, error) {
	if !s.turn() {
		return 0, io.EOF
	}
	n := copy(b, s.text)
	s.text = s.text[n:]
	return n, nil
}
