package ace

import (
	"strings"
	"testing"
)

// A client that has sent a part of a head and waits must not keep a whole buffer.
func TestBufferShrinksForAWait(t *testing.T) {
	var pool bufferPool
	b := pool.get()
	b.b = append(b.b, "usedGET / HT"...)
	b.r = len("used")
	small := pool.shrink(b)
	if string(small.unread()) != "GET / HT" || cap(small.b) > 64 {
		t.Errorf("shrunk to %q in %d bytes", small.unread(), cap(small.b))
	}
	small.b = small.b[:len(small.b)+copy(small.space(), "TP/1.1")] // it can still grow
	for range 20 {
		n := copy(small.space(), strings.Repeat("x", 1<<10))
		small.b = small.b[:len(small.b)+n]
	}
	if got := string(small.unread()); !strings.HasPrefix(got, "GET / HTTP/1.1xxx") {
		t.Errorf("grown to %.40q", got)
	}
	full := pool.get()
	full.b = full.b[:cap(full.b)]
	if pool.shrink(full) != full {
		t.Error("a buffer that is full was copied")
	}
}
