package websocket

import (
	"compress/flate"
	"io"
	"slices"
	"sync"
)

// A window is the end of what compressed messages have said, to which the next
// one may refer (RFC 7692, Section 7.1.1).
type window struct {
	size int  // how much is kept; 0: every message stands for itself
	said span // ends with it
}

// text returns what is kept.
func (w window) text() string {
	said := w.said.bytes()
	return textOf(said[max(0, len(said)-w.size):])
}

// after returns the window behind text. What is kept moves to another buffer when
// as much as a quarter of it has been said since, and not with each message: there
// may be thousands of them in a few kilobytes.
func (w window) after(text string) window {
	if w.size == 0 {
		return w
	}
	most := w.size + w.size/4
	if w.said.n+len(text) > most {
		text = text[max(0, len(text)-w.size):]
		kept := w.text()
		w.said = span{}.append(kept[max(0, len(kept)+len(text)-w.size):], 0, int64(most))
	}
	w.said = w.said.append(text, 0, int64(most))
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
	for range maxFinal {
		if err := f.run(f.dictionary(w), limit); err != nil {
			return "", w, err
		}
		if f.source.empty() {
			text := f.text()
			return text, w.after(text), nil
		}
		// RFC 7692, Section 7.2.3.4: there may be more behind a block that is
		// the last one of its stream.
	}
	return "", w, badDeflate
}

// maxWindow is how far back DEFLATE can refer.
const maxWindow = 1 << 15

// dictionary returns what the next stream may refer to: the window, and what this
// message has said already. It is only read.
func (f *inflater) dictionary(w window) []byte {
	said := []byte(nil)
	if n := len(f.out); n < maxWindow {
		said = w.said.bytes()
		said = said[max(0, len(said)-min(w.size, maxWindow-n)):]
		if n == 0 {
			return said
		}
	}
	return append(said[:len(said):len(said)], f.out[max(0, len(f.out)-maxWindow):]...)
}

// run appends to f.out what one DEFLATE stream holds.
func (f *inflater) run(dictionary []byte, limit int64) *fault {
	// The error is always nil.
	_ = f.reader.(flate.Resetter).Reset(&f.source, dictionary)
	for {
		if len(f.out) == cap(f.out) {
			f.out = slices.Grow(f.out, 512) // at least: what there is doubles
		}
		n, err := f.reader.Read(f.out[len(f.out):cap(f.out)])
		f.out = f.out[:len(f.out)+n]
		switch {
		case err != nil && err != io.EOF:
			return badDeflate
		case int64(len(f.out)) > limit:
			return tooBig
		case err == io.EOF:
			return nil
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
