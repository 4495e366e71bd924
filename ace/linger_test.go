package ace_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"

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

// Where the end of such a connection is what its client waits for, it comes soon, and takes
// nothing along.
func TestLingerWithoutHalfCloseIsShortWhereTheEndIsWaitedFor(t *testing.T) {
	bye := reacts(func(event raxx.Event) []raxx.Part {
		if _, opens := event.(raxx.Open); opens {
			return []raxx.Part{raxx.Data("bye"), raxx.Tail{}}
		}
		return nil
	})
	for name, row := range map[string]struct {
		asks string
		resp raxx.Response
		raw  raxx.Machine
	}{
		"a bare connection":      {asks: "x", raw: bye},
		"another protocol":       {asks: "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n", resp: raxx.Response{Status: 101, Body: bye}.With("upgrade", "a")},
		"HTTP 1.0, for a body":   {asks: "POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\nx", resp: raxx.Response{Status: 200, Body: bye}},
		"HTTP 1.0, kept alive":   {asks: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", resp: raxx.Response{Status: 200, Body: bye}},
		"what is no HTTP at all": {asks: "what is this\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := memnet.Listen()
				s := ace.New(func(raxx.Request) raxx.Response { return row.resp }, ace.Config{})
				served := make(chan error, 1)
				go func() { served <- s.ServeEndpoints(ace.Endpoint{Listener: plainListener{l}, Machine: row.raw}) }()
				conn, err := l.Dial()
				if err != nil {
					t.Fatal(err)
				}
				begun := time.Now()
				io.WriteString(conn, row.asks)
				if got, err := io.ReadAll(conn); err != nil || time.Since(begun) > 500*time.Millisecond {
					t.Errorf("got %q, %v, behind %v", got, err, time.Since(begun))
				}
				conn.Close()
				s.Close()
				if err := <-served; err != nil {
					t.Errorf("Serve returned %v", err)
				}
				time.Sleep(time.Second) // the server's timers stand still at their next tick
			})
		})
	}
}

// Proxies send on until nobody takes any more, and look at the reply then. However
// long an upload is that was refused, what they wait for is not a reset, which would
// take the reply away (RFC 9112, Section 9.6).
func TestLongUploadsThatAreRefusedAreNotReset(t *testing.T) {
	tooLarge := func(raxx.Request) raxx.Response { return raxx.Text(raxx.StatusContentTooLarge, "too large") }
	test := func(t *testing.T, c *client) {
		conn, err := c.dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if c.engine.tls {
			conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
		}
		io.WriteString(conn, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n")
		sent, err := sendsUntilStuck(conn)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after %d octets: %v", sent, err)
		}
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		reply, err := io.ReadAll(conn)
		if got := string(reply); !strings.HasPrefix(got, "HTTP/1.1 413 ") || !strings.HasSuffix(got, "too large") {
			t.Errorf("got %q, %v", reply, err)
		}
	}
	inFakeTime(t, ace.Config{}, tooLarge, test)
	for _, e := range engines[1:3] {
		t.Run(e.name, func(t *testing.T) { test(t, e.newClient(t, tooLarge, ace.Config{})) })
	}
}

// Many clients look for a reply when they have sent everything. One whose way to us is
// slow may do so: it is read on from for as long as something comes, though not for ever.
func TestSlowUploadsThatAreRefusedAreReadOn(t *testing.T) {
	tooLarge := func(raxx.Request) raxx.Response { return raxx.Text(raxx.StatusContentTooLarge, "too large") }
	refused := func(t *testing.T, c *client) net.Conn {
		conn, err := c.dial()
		if err != nil {
			t.Fatal(err)
		}
		if c.engine.tls {
			conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
		}
		io.WriteString(conn, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n")
		return conn
	}
	inFakeTime(t, ace.Config{}, tooLarge, func(t *testing.T, c *client) {
		conn := refused(t, c)
		defer conn.Close()
		if took := sendsSlowly(conn, 25*time.Second); took < 25*time.Second {
			t.Errorf("it was read on from for %v", took)
		}
		reply, err := io.ReadAll(conn)
		if got := string(reply); !strings.HasPrefix(got, "HTTP/1.1 413 ") || !strings.HasSuffix(got, "too large") {
			t.Errorf("got %q, %v", reply, err)
		}
	})
	inFakeTime(t, ace.Config{}, tooLarge, func(t *testing.T, c *client) {
		conn := refused(t, c)
		defer conn.Close()
		if took := sendsSlowly(conn, time.Minute); took < 29*time.Second || took > 31*time.Second {
			t.Errorf("a client without end was read on from for %v, want 30 s", took)
		}
	})
}

// A drain does not wait for a client that sends on all the same: whatever it was told,
// it has had the time to look at it.
func TestLingerEndsWithADrain(t *testing.T) {
	inFakeTime(t, ace.Config{}, hello, func(t *testing.T, c *client) {
		for _, broken := range []string{"nonsense\r\n\r\n", http2.ClientPreface + strings.Repeat("\x00", 9)} {
			conn, err := c.dial()
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(conn, broken)
			go sendsSlowly(conn, time.Minute)
		}
		time.Sleep(3500 * time.Millisecond)
		if n := c.server.(*ace.Server).Connections(); n != 2 {
			t.Errorf("%d connections linger", n)
		}
		begun := time.Now()
		if err := c.server.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("Shutdown took %v", took)
		}
		time.Sleep(time.Minute)
	})
}

// Nor does a client that has let pass the time of its head get more of it.
func TestLingerOfALateHeadIsShort(t *testing.T) {
	inFakeTime(t, ace.Config{}, hello, func(t *testing.T, c *client) {
		conn, err := c.dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, "GET / HTTP/1.1\r\n")
		time.Sleep(11 * time.Second)
		if took := sendsSlowly(conn, time.Minute); took > 3*time.Second {
			t.Errorf("it was read on from for %v", took)
		}
	})
}

// sendsSlowly sends for as long as it can, or as it is told, and returns how long
// that was.
func sendsSlowly(conn net.Conn, atMost time.Duration) time.Duration {
	begun := time.Now()
	for time.Since(begun) < atMost {
		if _, err := conn.Write(make([]byte, 10<<10)); err != nil {
			break
		}
		time.Sleep(time.Second)
	}
	return time.Since(begun)
}

// sendsUntilStuck sends until nothing has been taken for half a second, and returns
// how much was, and the error of the last write.
func sendsUntilStuck(conn net.Conn) (sent int, err error) {
	piece := make([]byte, 64<<10)
	for sent < 100<<20 && err == nil {
		conn.SetWriteDeadline(time.Now().Add(500 * time.Millisecond))
		var n int
		n, err = conn.Write(piece)
		sent += n
	}
	return sent, err
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
