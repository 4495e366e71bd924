package raxx

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestCopy(t *testing.T) {
	tests := []struct {
		name   string
		body   Body
		limit  int64
		want   string
		status int
	}{
		{"nothing", nil, 1, "", 0},
		{"data", Data("abc"), 3, "abc", 0},
		{"a stream", streamOf("ab", "", "c"), 3, "abc", 0},
		{"a file", NewFile(testFiles, "ten").Range(2, 3), 3, "234", 0},
		{"data over the limit", Data("abcd"), 3, "", 413},
		{"a stream over the limit", streamOf("ab", "cd"), 3, "ab", 413},
		{"a stream that promises too much", NewStream(4, chunksOf(nil, "ab")), 3, "", 413},
		{"no limit", streamOf("ab", "cd"), -1, "abcd", 0},
		{"the default limit", Data(strings.Repeat("x", DefaultBodyLimit+1)), 0, "", 413},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			n, err := Copy(&b, tt.body, tt.limit)
			wantStatus(t, err, tt.status, "larger than")
			diff(t, tt.want, b.String())
			diff(t, int64(len(tt.want)), n)
		})
	}
}

func TestCopyHandsOnErrors(t *testing.T) {
	var b strings.Builder
	n, err := Copy(&b, NewStream(-1, chunksOf(errCut, "ab")), 9)
	if n != 2 || !errors.Is(err, errCut) {
		t.Errorf("Copy = %d, %v, want 2, %v", n, err, errCut)
	}
	n, err = Copy(errWriter{}, streamOf("ab", "c"), 9)
	if n != 1 || !errors.Is(err, errFull) {
		t.Errorf("Copy = %d, %v, want 1, %v", n, err, errFull)
	}
}

var errFull = errors.New("no space left")

// An errWriter takes one byte.
type errWriter struct{}

func (errWriter) Write([]byte) (int, error) { return 1, errFull }

func TestNewReader(t *testing.T) {
	for _, body := range []Body{Data("0123456789"), streamOf("01", "", "23456", "789"), NewFile(testFiles, "ten")} {
		for _, halved := range []bool{false, true} {
			r := NewReader(body)
			var from io.Reader = r
			if halved {
				from = iotest.OneByteReader(r)
			}
			got, err := io.ReadAll(from)
			if string(got) != "0123456789" || err != nil {
				t.Errorf("read %q, %v of a %T", got, err, body)
			}
			diff(t, nil, r.Close())
		}
	}
	if got, err := io.ReadAll(NewReader(nil)); len(got) > 0 || err != nil {
		t.Errorf("read %q, %v of nothing", got, err)
	}
}

func TestNewReaderHandsOnTheError(t *testing.T) {
	r := NewReader(NewStream(-1, chunksOf(errCut, "ab")))
	defer r.Close()
	for range 2 { // it comes again
		got, err := io.ReadAll(r)
		if !errors.Is(err, errCut) || len(got) > 2 {
			t.Errorf("read %q, %v, want %v", got, err, errCut)
		}
	}
}

func TestNewReaderCloses(t *testing.T) {
	left := false
	r := NewReader(NewStream(-1, func(yield func([]byte, error) bool) {
		defer func() { left = true }()
		for yield([]byte("abc"), nil) {
		}
	}))
	if n, err := r.Read(make([]byte, 2)); n != 2 || err != nil {
		t.Errorf("Read = %d, %v", n, err)
	}
	diff(t, nil, r.Close())
	diff(t, true, left)
	if n, err := r.Read(make([]byte, 2)); n != 0 || err != io.ErrClosedPipe {
		t.Errorf("Read after Close = %d, %v", n, err)
	}
}

func TestStreamFrom(t *testing.T) {
	for _, tt := range []struct {
		name   string
		reader io.Reader
		want   Data
		err    error
	}{
		{"all at once", strings.NewReader("abc"), "abc", nil},
		{"byte by byte", iotest.OneByteReader(strings.NewReader("abc")), "abc", nil},
		{"with the error behind", iotest.DataErrReader(strings.NewReader("abc")), "abc", nil},
		{"that fails", iotest.ErrReader(errCut), "", errCut},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &closer{Reader: tt.reader}
			s := StreamFrom(-1, func() (io.ReadCloser, error) { return c, nil })
			diff(t, NewStream(-1, nil), s)
			got, err := ReadAll(s, -1)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %q, %v, want %q, %v", got, err, tt.want, tt.err)
			}
			diff(t, 1, c.closed)
		})
	}
	t.Run("that can't be opened", func(t *testing.T) {
		_, err := ReadAll(StreamFrom(3, func() (io.ReadCloser, error) { return nil, errCut }), -1)
		diff(t, true, errors.Is(err, errCut))
	})
	t.Run("that nobody wants any more", func(t *testing.T) {
		c := &closer{Reader: strings.NewReader("abc")}
		for range Chunks(StreamFrom(3, func() (io.ReadCloser, error) { return c, nil })) {
			break
		}
		diff(t, 1, c.closed)
	})
}

// A closer counts how often it is closed.
type closer struct {
	io.Reader
	closed int
}

func (c *closer) Close() error {
	c.closed++
	return nil
}
