package ace

import (
	"io"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace/internal/scheduler"
	"github.com/raxx-go/raxx/ace/internal/wheel"
	"github.com/raxx-go/raxx/raxx"
)

// A treadmill is a transport on which the same requests come again and again: it
// shows what a worker costs without the system calls.
type treadmill struct {
	server *Server
	bytes  string
	left   int
}

func (t *treadmill) read(b **buffer, _ int64) error {
	if t.left--; t.left < 0 {
		return io.EOF
	}
	if *b == nil {
		*b = t.server.buffers.get()
	}
	in := *b
	in.b = in.b[:len(in.b)+copy(in.space(), t.bytes)]
	return nil
}

func (t *treadmill) await(int64, expectation)                 {}
func (t *treadmill) hungUp() bool                             { return false }
func (t *treadmill) kick()                                    {}
func (t *treadmill) lost() bool                               { return false }
func (t *treadmill) doze(int64)                               {}
func (t *treadmill) handlerBegins(string) bool                { return false }
func (t *treadmill) leave()                                   {}
func (t *treadmill) handlerEnds(string)                       {}
func (t *treadmill) wake()                                    {}
func (t *treadmill) watch(func())                             {}
func (t *treadmill) unwatch()                                 {}
func (t *treadmill) write(_, _ []byte, _ time.Duration) error { return nil }
func (t *treadmill) writeSome(p, q []byte, _ time.Duration) (int, error) {
	return len(p) + len(q), nil
}
func (t *treadmill) sendFile(_ fs.File, _ int64, _ time.Duration) error { return nil }
func (t *treadmill) turns() bool                                        { return false }
func (t *treadmill) enter(string) (scheduler.Ticket, bool)              { return 0, false }
func (t *treadmill) exit(scheduler.Ticket) bool                         { return false }
func (t *treadmill) blocks()                                            {}
func (t *treadmill) isWriting() bool                                    { return false }
func (t *treadmill) closeWrite() error                                  { return io.EOF }
func (t *treadmill) endless(bool)                                       {}
func (t *treadmill) cut()                                               {}
func (t *treadmill) close(bool)                                         {}

// wrkRequest is what wrk sends.
const wrkRequest = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"

// browserRequest has the fields that a browser sends.
const browserRequest = "GET /articles/42?page=2 HTTP/1.1\r\nHost: www.example.org\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n" +
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-GB,en;q=0.5\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\nReferer: https://www.example.org/articles\r\nConnection: keep-alive\r\n" +
	"Cookie: session=6f9d0c2e5b7a4f1e8d3c; theme=dark; consent=yes\r\nUpgrade-Insecure-Requests: 1\r\n" +
	"Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: same-origin\r\nPriority: u=0, i\r\n\r\n"

func BenchmarkWorker(b *testing.B) {
	for name, bytes := range map[string]string{
		"plain":     wrkRequest,
		"browser":   browserRequest,
		"pipelined": strings.Repeat(wrkRequest, 16),
	} {
		b.Run(name, func(b *testing.B) {
			s := New(func(raxx.Request) raxx.Response { return raxx.Text(200, "Hello, World!") }, Config{})
			count := strings.Count(bytes, "GET ")
			w := s.newWorker(arrival{endpoint: &endpoint{server: s, handler: s.handler}})
			w.conn = &treadmill{server: s, bytes: bytes, left: b.N/count + 1}
			var running wheel.Timer // as a waiting connection would have
			s.wheel.Init(&running, wheel.Func(func() {}))
			running.In(time.Hour)
			defer running.Remove()
			b.ReportAllocs()
			b.ResetTimer()
			if w.serve(); w.why != nil {
				b.Fatal(w.why)
			}
		})
	}
}
