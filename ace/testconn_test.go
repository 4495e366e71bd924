package ace_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// serve runs a test against a server of h in a network in memory and in fake
// time, over one connection.
func serve(t *testing.T, h raxx.Handler, test func(tc *testConn)) {
	t.Helper()
	serveWith(t, ace.Config{}, h, test)
}

// serveWith is serve with a Config.
func serveWith(t *testing.T, config ace.Config, h raxx.Handler, test func(tc *testConn)) {
	t.Helper()
	var server *ace.Server
	serveServer(t, config, h, &server, test)
}

// serveServer is serveWith, and lets the test have the server. The test is run
// twice: with a worker that has a goroutine, and with one that is driven by turns,
// as on sockets.
func serveServer(t *testing.T, config ace.Config, h raxx.Handler, s **ace.Server, test func(tc *testConn)) {
	t.Helper()
	for _, turns := range []bool{false, true} {
		serveDriven(t, turns, config, h, s, test)
	}
}

func serveDriven(t *testing.T, turns bool, config ace.Config, h raxx.Handler, s **ace.Server, test func(tc *testConn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := &countingListener{Listener: memnet.Listen()}
		var where net.Listener = l
		if turns {
			where = l.Listener
		}
		server := ace.New(h, config)
		*s = server
		served := make(chan error, 1)
		go func() { served <- server.Serve(where) }()
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			conn.Close()
			server.Close()
			if err := <-served; err != nil {
				t.Errorf("Serve returned %v", err)
			}
			time.Sleep(time.Second) // the server's timers stand still at their next tick
		}()
		tc := &testConn{t: t, conn: conn.(*memnet.Conn), listener: l.Listener}
		if !turns {
			tc.writes = &l.writes
		}
		test(tc)
	})
}

// A countingListener counts the writes of the server.
type countingListener struct {
	*memnet.Listener
	writes atomic.Int64
}

func (l *countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &countingConn{conn.(*memnet.Conn), &l.writes}, nil
}

type countingConn struct {
	*memnet.Conn
	writes *atomic.Int64
}

func (c *countingConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

// A testConn is a client that sends what it is told, byte for byte, and knows
// what it wants.
type testConn struct {
	t      *testing.T
	conn   *memnet.Conn
	writes *atomic.Int64 // of the server

	listener *memnet.Listener

	got []byte // what has come and was not looked at yet
	end error  // what came behind it: nil as long as the connection is open
}

// dial opens another connection, which lasts as long as the test.
func (tc *testConn) dial() *testConn {
	tc.t.Helper()
	conn, err := tc.listener.Dial()
	if err != nil {
		tc.t.Fatal(err)
	}
	tc.t.Cleanup(func() { conn.Close() })
	return &testConn{t: tc.t, conn: conn.(*memnet.Conn), writes: tc.writes, listener: tc.listener}
}

// send sends the parts in one write.
func (tc *testConn) send(parts ...string) {
	tc.t.Helper()
	if _, err := io.WriteString(tc.conn, strings.Join(parts, "")); err != nil {
		tc.t.Fatalf("send %.60q: %v", parts, err)
	}
}

// sendEach sends each part when the server has done all it can about those
// before.
func (tc *testConn) sendEach(parts ...string) {
	tc.t.Helper()
	for _, part := range parts {
		tc.send(part)
		synctest.Wait()
	}
}

// halfClose says that the client will send nothing more.
func (tc *testConn) halfClose() { tc.conn.CloseWrite() }

// advance lets time pass, and the server do what it does then.
func (tc *testConn) advance(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// receive takes what the server sends until it has nothing more to do. Time
// stands still until then, so that a nanosecond is long enough to wait.
func (tc *testConn) receive() {
	for tc.end == nil {
		tc.conn.SetReadDeadline(time.Now().Add(1))
		buf := make([]byte, 4<<10)
		n, err := tc.conn.Read(buf)
		tc.got = append(tc.got, buf[:n]...)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		tc.end = err
	}
}

// A reply is a response as a client sees it.
type reply struct {
	*http.Response
	body string
}

// read reads the next reply, to a request of this method.
func (tc *testConn) read(method string) (reply, error) {
	tc.t.Helper()
	tc.receive()
	all := bytes.NewReader(tc.got)
	r := bufio.NewReader(all)
	resp, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		tc.t.Fatalf("got %q, %v; want a reply", tc.got, tc.end)
	}
	body, err := io.ReadAll(resp.Body)
	tc.got = tc.got[len(tc.got)-r.Buffered()-all.Len():]
	return reply{resp, string(body)}, err
}

// wantReply reads a whole reply to a GET or POST. "*" stands for any body. Each
// of the fields is a line that must be there, or, behind "!", a name that must
// not.
func (tc *testConn) wantReply(status int, body string, fields ...string) reply {
	tc.t.Helper()
	return tc.wantReplyTo("GET", status, body, fields...)
}

// wantReplyTo is wantReply for any method.
func (tc *testConn) wantReplyTo(method string, status int, body string, fields ...string) reply {
	tc.t.Helper()
	r, err := tc.read(method)
	if err != nil {
		tc.t.Fatalf("the body of the reply %d %.60q breaks off: %v", r.StatusCode, r.body, err)
	}
	if r.StatusCode != status || body != "*" && r.body != body {
		tc.t.Errorf("got %d %.200q, want %d %.200q", r.StatusCode, r.body, status, body)
	}
	r.wantFields(tc.t, fields)
	return r
}

// wantBroken reads a reply whose body breaks off behind these bytes, in a way
// that a client can see.
func (tc *testConn) wantBroken(status int, body string) {
	tc.t.Helper()
	r, err := tc.read("GET")
	if r.StatusCode != status || r.body != body || !errors.Is(err, io.ErrUnexpectedEOF) {
		tc.t.Errorf("got %d %.200q, %v; want %d %.200q that breaks off", r.StatusCode, r.body, err, status, body)
	}
}

func (r reply) wantFields(t *testing.T, fields []string) {
	t.Helper()
	for _, f := range fields {
		name, value, has := strings.Cut(f, ": ")
		switch got := r.values(strings.TrimPrefix(name, "!")); {
		case !has && len(got) > 0, has && strings.Join(got, ", ") != value:
			t.Errorf("got %q, want %q", got, f)
		}
	}
}

// values returns the values of a field, also of those that net/http keeps
// elsewhere.
func (r reply) values(name string) []string {
	switch name {
	case "transfer-encoding":
		return r.TransferEncoding
	case "connection":
		if r.Close {
			return []string{"close"}
		}
	}
	return r.Header.Values(name)
}

// wantBytes wants exactly these bytes, and none behind them.
func (tc *testConn) wantBytes(want string) {
	tc.t.Helper()
	tc.receive()
	if string(tc.got) != want {
		tc.t.Errorf("got %q, want %q", tc.got, want)
	}
	tc.got = nil
}

// wantContinue wants an interim reply and nothing more.
func (tc *testConn) wantContinue() {
	tc.t.Helper()
	tc.wantBytes("HTTP/1.1 100 Continue\r\n\r\n")
}

// wantNothing wants the server to wait.
func (tc *testConn) wantNothing() {
	tc.t.Helper()
	tc.receive()
	if len(tc.got) > 0 || tc.end != nil {
		tc.t.Fatalf("got %q, %v; want nothing", tc.got, tc.end)
	}
}

// wantClosed wants nothing more but the regular end of the connection.
func (tc *testConn) wantClosed() {
	tc.t.Helper()
	tc.receive()
	if len(tc.got) > 0 || tc.end != io.EOF {
		tc.t.Fatalf("got %q, %v; want the end of the connection", tc.got, tc.end)
	}
}

// wantReset wants an end of the connection that can't be taken for a regular
// one.
func (tc *testConn) wantReset() {
	tc.t.Helper()
	tc.receive()
	if !errors.Is(tc.end, syscall.ECONNRESET) {
		tc.t.Fatalf("got %q, %v; want a reset", tc.got, tc.end)
	}
}

// wantWrites wants the server to have written this often since it was last
// asked.
func (tc *testConn) wantWrites(n int64) {
	tc.t.Helper()
	synctest.Wait()
	if tc.writes == nil {
		return // they are the same calls, and not counted
	}
	if got := tc.writes.Swap(0); got != n {
		tc.t.Errorf("the server has written %d times, want %d", got, n)
	}
}

// Parts that the messages of many tests have in common.
const (
	host = "Host: t.example\r\n"
	crlf = "\r\n"
	get  = "GET / HTTP/1.1\r\n" + host // a head but for its end
	post = "POST / HTTP/1.1\r\n" + host

	getOne      = get + crlf
	postHello   = post + "Content-Length: 5\r\n\r\nhello"
	postChunked = post + "Transfer-Encoding: chunked\r\n\r\n"
)

// hello answers with its name and reads no body.
func hello(raxx.Request) raxx.Response { return raxx.Text(200, "hello") }

// echo sends the body back as it comes.
func echo(req raxx.Request) raxx.Response { return raxx.Response{Status: 200, Body: req.Body} }

// complete reads the body, and sends it back when it is whole.
func complete(req raxx.Request) raxx.Response { return raxx.Complete(0)(echo)(req) }

// path answers with the path.
func path(req raxx.Request) raxx.Response { return raxx.Text(200, req.Path) }

// talksWhileItReads returns a handler that sends n points, one every 20 s, while it
// reads the body of the request on another goroutine. At the end it tells what came of
// that.
func talksWhileItReads(n int) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			read := make(chan string, 1)
			go func() {
				body := ""
				for chunk, err := range raxx.Chunks(req.Body) {
					body += string(chunk)
					var fault *raxx.Error
					if errors.As(err, &fault) {
						body += fmt.Sprint(" ", fault.Status)
					}
				}
				read <- body
			}()
			for range n {
				time.Sleep(20 * time.Second)
				yield([]byte("."), nil)
			}
			yield([]byte(<-read), nil)
		}))
	}
}
