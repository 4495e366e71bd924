package ace_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// How the server that this one takes its name from failed, as far as HTTP/1.1 and
// TLS go: each row is a subtest, or names the tests that are it. What was HTTP/2
// alone is in TestWhatTheOriginalsDidOverHTTP2.
//
//   - TLS was not possible at all: `ace.TestTLS`, `ace.TestOldVersionsAreRefused`.
//   - A hundred silent clients on the port for TLS stopped the service:
//     `ace.TestSilentTLSClient`, and many more on sockets, with TLS and without:
//     `ace.TestTenThousandSilentConnections`.
//   - A connection that never sent a byte was held for ever:
//     `ace.TestTimeouts/9.5_a_connection_without_a_request_ends_after_60_s_in_silence`,
//     and one that sent a part of a head for ten seconds after each byte:
//     `ace.TestTimeouts/9.5_a_head_that_takes_longer_than_10_s_gets_408`.
//   - A client that left while a request was in work made an error report:
//     `slogtrace.TestLevelsOfRequests/a_client_that_leaves`, and below.
func TestWhatTheOriginalsDid(t *testing.T) {
	t.Run("keep-alive and pipelining: every connection was closed, a second request thrown away", func(t *testing.T) {
		serve(t, path, func(tc *testConn) {
			tc.send("GET /a HTTP/1.1\r\n", host, crlf, "GET /b HTTP/1.1\r\n", host, crlf)
			tc.wantReply(200, "/a", "!connection")
			tc.wantReply(200, "/b", "!connection")
			tc.send("GET /c HTTP/1.1\r\n", host, crlf)
			tc.wantReply(200, "/c", "!connection")
		})
	})
	t.Run("HEAD: the body was sent", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send("HEAD / HTTP/1.1\r\n", host, crlf)
			tc.wantReplyTo("HEAD", 200, "", "content-length: 5")
			tc.wantNothing()
		})
	})
	t.Run("no Host: the authority was undefined, in words", func(t *testing.T) {
		authority := func(req raxx.Request) raxx.Response { return raxx.Text(200, "<"+req.Authority+">") }
		serve(t, authority, func(tc *testConn) {
			tc.send("GET / HTTP/1.0\r\n\r\n")
			tc.wantReply(200, "<>", "!transfer-encoding")
			tc.wantClosed()
		})
		serve(t, authority, func(tc *testConn) {
			tc.send("GET / HTTP/1.1\r\n\r\n")
			tc.wantReply(400, "*", "connection: close")
			tc.wantClosed()
		})
	})
	t.Run("HTTP/1.0: it was answered as 1.1", func(t *testing.T) {
		stream := func(raxx.Request) raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) { yield([]byte("hello"), nil) })}
		}
		serve(t, stream, func(tc *testConn) {
			tc.send("GET / HTTP/1.0\r\n", host, crlf)
			tc.wantReply(200, "hello", "!transfer-encoding")
			tc.wantClosed()
		})
	})
	t.Run("OPTIONS *, CONNECT, a negative length: the connection crashed", func(t *testing.T) {
		serve(t, path, func(tc *testConn) {
			tc.send("OPTIONS * HTTP/1.1\r\n", host, crlf)
			tc.wantReply(200, "*")
			tc.send("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n")
			tc.wantReply(501, "*", "connection: close")
			tc.wantClosed()
		})
		wantRefused(t, 400, post, "Content-Length: -1\r\n\r\n")
	})
	t.Run("Expect: both sides waited", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.send(post, "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n")
			tc.wantContinue()
			tc.send("hello")
			tc.wantReply(200, "hello")
		})
	})
	t.Run("two lengths: they were accepted", func(t *testing.T) {
		for _, fields := range []string{
			"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: +5\r\n",
		} {
			wantRefused(t, 400, post, fields, crlf, "0\r\n\r\n")
		}
	})
	t.Run("long lines and bodies: 2 kB were too much", func(t *testing.T) {
		serve(t, path, func(tc *testConn) {
			long := "/" + strings.Repeat("a", 16<<10)
			tc.send("GET ", long, " HTTP/1.1\r\n", host, "X: ", strings.Repeat("y", 8<<10), crlf, crlf)
			tc.wantReply(200, long)
		})
		wantRefused(t, 414, "GET /", strings.Repeat("a", 33<<10), " HTTP/1.1\r\n", host, crlf)
		wantRefused(t, 431, get, "X: ", strings.Repeat("y", 33<<10), crlf, crlf)
		serve(t, complete, func(tc *testConn) {
			tc.send(post, "Content-Length: 8388609\r\n\r\n")
			tc.wantReply(413, "*")
		})
	})
	t.Run("20,000 fields: they were accepted, for seconds of work", func(t *testing.T) {
		wantRefused(t, 431, get, strings.Repeat("a:\r\n", 20_000), crlf)
	})
	t.Run("a malformed line: it was sent back", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send("GET / <script>alert(1)</script>\r\n", host, crlf)
			if r := tc.wantReply(400, "*", "connection: close"); strings.Contains(r.body, "script") {
				t.Errorf("the answer repeats what was sent: %q", r.body)
			}
			tc.wantClosed()
		})
	})
	t.Run("an unknown method: 501, or a crash", func(t *testing.T) {
		serve(t, func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Method) }, func(tc *testConn) {
			for _, method := range []string{"PROPFIND", "PING", "brew"} {
				tc.send(method, " / HTTP/1.1\r\n", host, crlf)
				tc.wantReply(200, method)
			}
		})
	})
	t.Run("a handler that crashes costs its exchange and nothing else", func(t *testing.T) {
		serve(t, func(req raxx.Request) raxx.Response {
			if req.Path == "/crash" {
				panic("on purpose")
			}
			return hello(req)
		}, func(tc *testConn) {
			tc.send("GET /crash HTTP/1.1\r\n", host, crlf, getOne)
			tc.wantReply(500, "*", "!connection")
			tc.wantReply(200, "hello")
		})
	})
	t.Run("Date: it was never sent", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(getOne)
			tc.wantReply(200, "hello", "date: "+time.Now().UTC().Format(http.TimeFormat))
		})
	})
	t.Run("large replies: whole, whatever their size", func(t *testing.T) {
		for _, size := range []int{0, 1, 65_535, 65_536, 1 << 20, 10 << 20} {
			content := strings.Repeat("x", size)
			serve(t, func(raxx.Request) raxx.Response { return raxx.Text(200, content) }, func(tc *testConn) {
				tc.send(getOne)
				tc.wantReply(200, content, fmt.Sprintf("content-length: %d", size))
			})
		}
	})
}

// wantRefused sends a request that no handler may see.
func wantRefused(t *testing.T, status int, parts ...string) {
	t.Helper()
	reached := func(raxx.Request) raxx.Response {
		t.Error("the handler was reached")
		return raxx.NoContent()
	}
	serve(t, reached, func(tc *testConn) {
		tc.send(parts...)
		tc.wantReply(status, "*", "connection: close")
	})
}

// With HTTP/2 the 101st connection never completed its handshake, because the
// 100 before held the acceptors. Here none holds anything that another needs.
func TestConnectionsPastTheirHandshakeHoldNobodyUp(t *testing.T) {
	cert, err := ace.DevelopmentCertificate()
	if err != nil {
		t.Fatal(err)
	}
	l := memnet.Listen()
	server := ace.New(hello, ace.Config{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}})
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	for i := range 150 {
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		over := tls.Client(conn, &tls.Config{ServerName: "localhost", InsecureSkipVerify: true})
		if _, err := io.WriteString(over, getOne); err != nil {
			t.Fatalf("connection %d: %v", i+1, err)
		}
		if _, err := over.Read(make([]byte, 1)); err != nil {
			t.Fatalf("connection %d: %v", i+1, err)
		}
	}
	server.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// A client that leaves while a handler is at work is told as just that.
func TestClientThatLeavesIsNoFault(t *testing.T) {
	exchanges, connections := make(chan ace.ExchangeEvent, 1), make(chan ace.ConnectionEvent, 1)
	config := ace.Config{Trace: ace.Trace{
		ExchangeEnded:    func(e ace.ExchangeEvent) { exchanges <- e },
		ConnectionClosed: func(e ace.ConnectionEvent) { connections <- e },
	}}
	serveWith(t, config, func(req raxx.Request) raxx.Response {
		<-req.Context().Done()
		return raxx.Text(200, strings.Repeat("x", 1<<20))
	}, func(tc *testConn) {
		tc.send(getOne)
		synctest.Wait()
		tc.conn.Reset()
		if e := <-exchanges; e.Fault != nil || !errors.Is(e.Err, ace.ErrClientGone) {
			t.Errorf("of the exchange the trace was told fault %v, error %v", e.Fault, e.Err)
		}
		if e := <-connections; !errors.Is(e.Err, ace.ErrClientGone) {
			t.Errorf("of the connection the trace was told %v", e.Err)
		}
	})
}

// With HTTP/2 the original gave back more of the window than had been used, so
// that a body came in as fast as its client liked. Here it comes as it is read.
func TestUploadThatNobodyReadsWaits(t *testing.T) {
	var release chan bool
	serve(t, func(req raxx.Request) raxx.Response {
		<-release
		return complete(req)
	}, func(tc *testConn) {
		release = make(chan bool) // of the bubble
		const size = 4 << 20
		sent, done := 0, make(chan bool)
		go func() {
			defer close(done)
			fmt.Fprint(tc.conn, post, "Content-Length: ", size, "\r\n\r\n")
			for sent < size {
				n, err := io.WriteString(tc.conn, strings.Repeat("x", 64<<10))
				if sent += n; err != nil {
					return
				}
			}
		}()
		synctest.Wait()
		if sent > 256<<10 {
			t.Errorf("the server took %d bytes that nobody has read", sent)
		}
		release <- true
		<-done
		if r := tc.wantReply(200, "*"); len(r.body) != size {
			t.Errorf("the handler has read %d bytes", len(r.body))
		}
	})
}
