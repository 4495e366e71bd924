package ace

import (
	"bytes"
	"syscall"
	"testing"

	"github.com/raxx-go/raxx/ace/internal/scheduler"
	"github.com/raxx-go/raxx/raxx"
)

// What a socket does not take at once, or takes a part of, comes behind what was
// kept before, once and in order, whatever the sizes of the records.
func TestTLSRecordsStayInOrder(t *testing.T) {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(pair[1])
	sched, err := scheduler.New(1, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer sched.Close()
	s := &socket{server: New(func(raxx.Request) raxx.Response { return raxx.NoContent() }, Config{})}
	sched.Init(&s.conn, pair[0], nil)
	defer syscall.Close(pair[0])
	l := &tlsLayer{socket: s}
	var sent, got bytes.Buffer
	take := make([]byte, 64<<10)
	read := func(n int) int {
		n, _ = syscall.Read(pair[1], take[:n])
		got.Write(take[:max(n, 0)])
		return n
	}
	sizes := []int{100, 16406, 9000, 22, 16406, 40000, 1}
	for i := range 700 {
		p := bytes.Repeat([]byte{byte(i), byte(i >> 8)}, sizes[i%len(sizes)])
		sent.Write(p)
		if n, err := l.Write(p); n != len(p) || err != nil {
			t.Fatalf("Write returned %d, %v", n, err)
		}
		if i%3 == 0 {
			read(1 + i*37%len(take))
		}
	}
	for err := l.tryFlush(); err != nil; err = l.tryFlush() {
		if err != errAgain {
			t.Fatal(err)
		}
		read(len(take))
	}
	for read(len(take)) > 0 {
	}
	if !bytes.Equal(sent.Bytes(), got.Bytes()) {
		t.Errorf("%d octets came of %d, or not in order", got.Len(), sent.Len())
	}
}
