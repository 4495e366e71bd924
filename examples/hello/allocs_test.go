//go:build !race

package main

import (
	"net"
	"runtime"
	"testing"

	"github.com/raxx-go/raxx/ace"
)

// A plain request costs three allocations at most, from the socket through the
// router and back, however many fields it has. The race detector makes pools
// forget, so the test is not for it.
func TestAllocationsOfAPlainRequest(t *testing.T) {
	l, err := ace.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := ace.New(app(), ace.Config{})
	go s.Serve(l)
	defer s.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for name, request := range map[string]string{
		"one field":    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"seven fields": "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\nF: 6\r\n\r\n",
	} {
		out, in := []byte(request), make([]byte, 4096)
		ask := func(n int) {
			for range n {
				if _, err := conn.Write(out); err != nil {
					t.Fatal(err)
				}
				if _, err := conn.Read(in); err != nil {
					t.Fatal(err)
				}
			}
		}
		ask(500)
		const n = 5000
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		ask(n)
		runtime.ReadMemStats(&after)
		if each := float64(after.Mallocs-before.Mallocs) / n; each >= 3.5 {
			t.Errorf("%s: %.2f allocations for a request, want 3 at most", name, each)
		} else {
			t.Logf("%s: %.2f allocations for a request", name, each)
		}
	}
}
