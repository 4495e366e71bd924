package ace

import (
	"errors"
	"io"
	"net/http"
	"os"
	"testing"
	"time"
)

// The kernel does not copy every file. Those that tell of the process are some that
// it does not, and at the address 0 of its memory nothing can be read.
func TestFilesThatTheKernelDoesNotCopy(t *testing.T) {
	environ, err := os.ReadFile("/proc/self/environ")
	if len(environ) == 0 {
		t.Skip("there is none: ", err)
	}
	s, dial := start(t, networks[0], hello, Config{})
	p := dial()
	p.send(get)
	if _, err := http.ReadResponse(p.r, nil); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	conn := s.workers.conn.(*socket) // of a worker that waits
	s.mu.Unlock()
	send := func(name string) error {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		return conn.sendFile(file, int64(len(environ)), time.Second)
	}
	io.ReadAll(io.LimitReader(p.r, int64(p.r.Buffered())))
	if err := send("/proc/self/environ"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(environ))
	if _, err := io.ReadFull(p.r, got); err != nil || string(got) != string(environ) {
		t.Errorf("got %d octets, %v", len(got), err)
	}
	var fault *ResponseError
	if err := send("/proc/self/mem"); !errors.As(err, &fault) {
		t.Errorf("a file that can't be read: %v, which is none of the file", err)
	}
}
