package ace

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A client that takes a long reply slowly makes progress, although the socket takes
// more of the reply only when a good part of what it holds has gone.
func TestSlowReaderOfALongReplyIsNotCut(t *testing.T) {
	const size = 16 << 20
	content := raxx.Data(strings.Repeat("x", size))
	for name, body := range map[string]raxx.Body{
		"data": content,
		"a machine": raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
			if _, ok := event.(raxx.Open); !ok {
				return n, nil
			}
			return n, []raxx.Part{content, raxx.Tail{}}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			_, dial := start(t, networks[0], func(raxx.Request) raxx.Response {
				return raxx.Response{Status: 200, Body: body}
			}, Config{ProgressTimeout: time.Second})
			readSlowly(t, dial(), size)
		})
	}
}

// readSlowly reads a reply of so much content, most of it at once, but only when the
// server has waited several times as long as it may without progress.
func readSlowly(t *testing.T, p *peer, size int) {
	t.Helper()
	p.Conn.(*net.TCPConn).SetReadBuffer(64 << 10)
	p.send(get)
	resp, err := http.ReadResponse(p.r, nil)
	if err != nil {
		t.Fatal(err)
	}
	piece := make([]byte, 32<<10)
	for range 75 {
		<-time.After(60 * time.Millisecond)
		if _, err := io.ReadFull(resp.Body, piece); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := io.Copy(io.Discard, resp.Body); err != nil || n != int64(size-75*len(piece)) {
		t.Errorf("%d octets of the rest, %v", n, err)
	}
}
