package raxx

import (
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// errCut is the error of a body that is cut.
var errCut = errors.New("connection reset")

// diff fails the test if got is not want.
func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("got differs from want (-want +got):\n%s", d)
	}
}

// wantStatus fails the test unless err is an *Error of this status, whose text
// holds part; a status of 0 stands for no error.
func wantStatus(t *testing.T, err error, status int, part string) {
	t.Helper()
	if status == 0 {
		if err != nil {
			t.Fatalf("got error %v, want none", err)
		}
		return
	}
	var fault *Error
	if !errors.As(err, &fault) || fault.Status != status || !strings.Contains(fault.Detail, part) {
		t.Fatalf("got error %v, want status %d and %q", err, status, part)
	}
}

// wantPanic fails the test unless f panics with an error that is an E.
func wantPanic[E error](t *testing.T, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if p := recover(); p != nil {
			if _, ok := p.(E); !ok {
				t.Errorf("panic with %T %v, want %T", p, p, *new(E))
			}
			return
		}
		t.Errorf("no panic, want %T", *new(E))
	}()
	f()
}

// chunksOf yields these strings, and err at the end if there is one. Like a
// server it uses one buffer, which it spoils after each chunk.
func chunksOf(err error, chunks ...string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, c := range chunks {
			buf := []byte(c)
			more := yield(buf, nil)
			for i := range buf {
				buf[i] = '!'
			}
			if !more {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

func streamOf(chunks ...string) Stream { return NewStream(-1, chunksOf(nil, chunks...)) }

// splits yields s whole, byte by byte, and cut in two at every place.
func splits(s string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		if !yield([]string{s}) || !yield(strings.Split(s, "")) {
			return
		}
		for i := range len(s) {
			if !yield([]string{s[:i], s[i:]}) {
				return
			}
		}
	}
}

// textOf returns the text of an error, or "".
func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func asData(b Body) Data {
	data, _ := b.(Data)
	return data
}
