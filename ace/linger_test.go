package ace_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// A plainListener has connections that can do what every net.Conn can, and no more:
// they can't close one direction, as those of most listeners that wrap others.
type plainListener struct{ net.Listener }

func (l plainListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return struct{ net.Conn }{conn}, err
}

// A client that is still sending gets its reply also over a connection that can't
// close one direction (RFC 9112, Section 9.6).
func TestLingerWithoutHalfClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		s := ace.New(hello, ace.Config{})
		served := make(chan error, 1)
		go func() { served <- s.Serve(plainListener{l}) }()
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		io.WriteString(conn, post+"Content-Length: 1000000\r\n\r\n"+strings.Repeat("x", 60<<10))
		synctest.Wait()
		reply, err := io.ReadAll(conn)
		if err != nil || !strings.HasSuffix(string(reply), "\r\n\r\nhello") {
			t.Errorf("got %q, %v", reply, err)
		}
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("the connection was closed after %v", took)
		}
		conn.Close()
		s.Close()
		if err := <-served; err != nil {
			t.Errorf("Serve returned %v", err)
		}
		time.Sleep(time.Second) // the server's timers stand still at their next tick
	})
}

// A reply that breaks off takes none of those before it along, though the client has
// sent more than was read.
func TestLingerBehindAReplyThatBreaksOff(t *testing.T) {
	broken := map[string]raxx.Response{
		"a stream":  {Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) { _ = yield([]byte("abc"), nil) && yield(nil, io.ErrNoProgress) })},
		"a machine": {Status: 200, Body: reacts(opening(raxx.Data("abc"), raxx.Abort{}))},
	}
	for name, resp := range broken {
		t.Run(name, func(t *testing.T) {
			serve(t, func(req raxx.Request) raxx.Response {
				if req.Path == "/broken" {
					return resp
				}
				return hello(req)
			}, func(tc *testConn) {
				tc.send(getOne, "GET /broken HTTP/1.1\r\n", host, crlf, strings.Repeat(getOne, 1000))
				tc.advance(time.Millisecond)
				tc.wantReply(200, "hello")
				tc.wantBroken(200, "abc")
				tc.wantClosed()
			})
		})
	}
}
