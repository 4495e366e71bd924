package ace_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// What RFC 9112 asks of a server, as far as it takes a connection to show it.
// How messages are read and written is proved in internal/h1.

func TestIncompleteMessage(t *testing.T) {
	t.Run("8 a connection that ends before a request gets no answer", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.halfClose()
			tc.wantClosed()
		})
	})
	t.Run("8 a head that breaks off gets no answer", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(getOne, "GET / HT")
			tc.halfClose()
			tc.wantReply(200, "hello")
			tc.wantClosed()
		})
	})
	for name, body := range map[string]string{
		"8 content that breaks off":               post + "Content-Length: 5\r\n\r\nhel",
		"8 content that does not begin":           post + "Content-Length: 5\r\n\r\n",
		"8 a chunk that breaks off":               postChunked + "5\r\nhel",
		"8 a body without its last chunk":         postChunked + "5\r\nhello\r\n",
		"8 a body without the end of its trailer": postChunked + "5\r\nhello\r\n0\r\nX: y\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			serve(t, complete, func(tc *testConn) {
				tc.send(body)
				tc.halfClose()
				tc.wantReply(400, "*", "connection: close")
				tc.wantClosed()
			})
		})
	}
	t.Run("8 a reply that has begun breaks off with the body it echoes", func(t *testing.T) {
		serve(t, echo, func(tc *testConn) {
			tc.sendEach(postChunked, "5\r\nhello\r\n")
			tc.halfClose()
			tc.wantBroken(200, "hello")
			tc.wantClosed()
		})
	})
}

func TestPersistentConnection(t *testing.T) {
	t.Run("9.3 a connection serves one request after the other", func(t *testing.T) {
		serve(t, path, func(tc *testConn) {
			for _, p := range []string{"/a", "/b", "/c"} {
				tc.send("GET ", p, " HTTP/1.1\r\n", host, crlf)
				tc.wantReply(200, p, "!connection")
			}
			tc.wantNothing()
		})
	})
	t.Run("9.3 an HTTP 1.0 connection ends with its reply", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send("GET / HTTP/1.0\r\n\r\n", getOne)
			tc.wantReply(200, "hello", "connection: close")
			tc.wantClosed()
		})
	})
	t.Run("9.3 an HTTP 1.0 connection persists on demand", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			for range 2 {
				tc.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
				tc.wantReply(200, "hello", "connection: keep-alive")
			}
			tc.wantNothing()
		})
	})
	t.Run("9.3 an HTTP 1.0 stream ends with the connection", func(t *testing.T) {
		serve(t, streamOf("one, ", "two"), func(tc *testConn) {
			tc.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
			tc.wantReply(200, "one, two", "connection: close", "!transfer-encoding", "!content-length")
			tc.wantClosed()
		})
	})
	t.Run("9.6 nothing is answered behind close", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(getOne, get, "Connection: close\r\n\r\n", getOne)
			tc.wantReply(200, "hello", "!connection")
			tc.wantReply(200, "hello", "connection: close")
			tc.wantClosed()
		})
	})
	t.Run("9.6 a handler may close the connection", func(t *testing.T) {
		serve(t, func(raxx.Request) raxx.Response {
			return raxx.Text(200, "bye").With("connection", "x, close")
		}, func(tc *testConn) {
			tc.send(getOne, getOne)
			tc.wantReply(200, "bye", "connection: close")
			tc.wantClosed()
		})
	})
	t.Run("9.6 a client that has closed its direction gets its replies", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.send(getOne, postHello)
			tc.halfClose()
			tc.wantReply(200, "")
			tc.wantReply(200, "hello")
			tc.wantClosed()
		})
	})
}

func TestPipelining(t *testing.T) {
	t.Run("9.3.2 replies come in the order of the requests", func(t *testing.T) {
		serve(t, path, func(tc *testConn) {
			tc.send("GET /a HTTP/1.1\r\n", host, crlf, "GET /b HTTP/1.1\r\n", host, crlf, "GET /c HTTP/1.1\r\n", host, crlf)
			for _, p := range []string{"/a", "/b", "/c"} {
				tc.wantReply(200, p)
			}
			tc.wantNothing()
		})
	})
	t.Run("9.3.2 requests with and without bodies", func(t *testing.T) {
		serve(t, echo, func(tc *testConn) {
			tc.send(getOne, postHello, postChunked, "3;a\r\none\r\n0\r\nX: y\r\n\r\n", "HEAD / HTTP/1.1\r\n", host, crlf, postHello)
			tc.wantReply(200, "")
			tc.wantReply(200, "hello")
			tc.wantReply(200, "one")
			tc.wantReplyTo("HEAD", 200, "")
			tc.wantReply(200, "hello")
			tc.wantNothing()
		})
	})
	t.Run("9.3.2 what one read brought is answered with one write", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.send(strings.Repeat(getOne+postHello, 8))
			tc.wantWrites(1)
			for range 8 {
				tc.wantReply(200, "")
				tc.wantReply(200, "hello")
			}
		})
	})
	t.Run("9.3.2 a reply does not wait for the rest of the next request", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(getOne, "GET / HT")
			tc.wantReply(200, "hello")
			tc.send("TP/1.1\r\n", host)
			tc.wantNothing()
			tc.send(crlf)
			tc.wantReply(200, "hello")
		})
	})
	t.Run("9.3.2 a reply does not wait for the body of the next request", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.send(getOne, post, "Content-Length: 5\r\n\r\n")
			tc.wantReply(200, "")
			tc.send("hello")
			tc.wantReply(200, "hello")
		})
	})
	t.Run("9.3.2 a malformed request is answered behind those before it", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(getOne, get, "X : y\r\n\r\n", getOne)
			tc.wantWrites(1)
			tc.wantReply(200, "hello", "!connection")
			tc.wantReply(400, "*", "connection: close")
			tc.wantClosed()
		})
	})
	t.Run("9.3.2 requests that fill more than a buffer", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			long := get + "X: " + strings.Repeat("y", 20<<10) + "\r\n\r\n"
			tc.send(long, getOne, long)
			for range 3 {
				tc.wantReply(200, "hello")
			}
			tc.wantNothing()
		})
	})
}

// An answer may come before the body of its request. What follows must still be
// told from the body.
func TestUnreadBody(t *testing.T) {
	t.Run("9.3 it is skipped", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(postHello, postChunked, "5\r\nhello\r\n0\r\nX: y\r\n\r\n", getOne)
			for range 3 {
				tc.wantReply(200, "hello", "!connection")
			}
			tc.wantNothing()
		})
	})
	t.Run("9.3 the reply does not wait for it", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(post, "Content-Length: 5\r\n\r\n")
			tc.wantReply(200, "hello", "!connection")
			tc.sendEach("he", "llo", getOne)
			tc.wantReply(200, "hello")
		})
	})
	t.Run("9.3 a part of it was read", func(t *testing.T) {
		serve(t, func(req raxx.Request) raxx.Response {
			for chunk := range raxx.Chunks(req.Body) {
				return raxx.Text(200, string(chunk))
			}
			return raxx.Text(200, "none")
		}, func(tc *testConn) {
			tc.send(postChunked, "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n", getOne)
			tc.wantReply(200, "one")
			tc.wantReply(200, "none")
		})
	})
	t.Run("9.3 one that is too long to skip ends the connection", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(post, "Content-Length: 1000000\r\n\r\n")
			tc.wantReply(200, "hello", "connection: close")
			tc.wantClosed()
		})
	})
	t.Run("9.3 one that turns out too long ends the connection", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(postChunked)
			tc.wantReply(200, "hello")
			for range 40 {
				tc.sendEach("2000\r\n", strings.Repeat("x", 8<<10), crlf)
			}
			tc.wantClosed()
		})
	})
	t.Run("9.6 one in chunks that is larger than its handler takes ends the connection", func(t *testing.T) {
		h := raxx.Complete(4)(hello)
		serve(t, h, func(tc *testConn) {
			tc.send(postChunked, "5\r\nhello\r\n")
			tc.wantReply(413, "*", "connection: close")
			tc.wantClosed()
		})
		serve(t, h, func(tc *testConn) { // unless it has come
			tc.send(postChunked, "5\r\nhello\r\n0\r\n\r\n", getOne)
			tc.wantReply(413, "*", "!connection")
			tc.wantReply(200, "hello")
		})
	})
	t.Run("9.6 one in chunks that has not come ends the connection", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(postChunked, "5\r\nhello\r\n")
			tc.wantReply(200, "hello", "connection: close")
			tc.wantClosed()
		})
		// One that was read up to the end of what it says comes to its end soon.
		serve(t, func(req raxx.Request) raxx.Response {
			for chunk := range raxx.Chunks(req.Body) {
				return raxx.Text(200, string(chunk))
			}
			return raxx.NoContent()
		}, func(tc *testConn) {
			tc.send(postChunked, "2\r\n{}\r\n")
			tc.wantReply(200, "{}", "!connection")
			tc.send("0\r\n\r\n", getOne)
			tc.wantReply(204, "")
		})
	})
	t.Run("9.5 one that does not come ends the connection", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(post, "Content-Length: 5\r\n\r\nhell")
			tc.wantReply(200, "hello")
			tc.advance(4900 * time.Millisecond)
			tc.wantNothing()
			tc.advance(time.Second)
			tc.wantClosed()
		})
	})
	for name, body := range map[string]string{
		"7.1 a malformed chunk size in it is answered with 400":   "5\r\nhello\r\nz",
		"7.1 a malformed end of chunk in it is answered with 400": "5\r\nhelloX",
		"7.1.2 a malformed trailer in it is answered with 400":    "0\r\nX : y\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			for _, before := range []string{"", getOne, postHello} {
				serve(t, hello, func(tc *testConn) {
					if before != "" {
						tc.send(before)
						tc.wantReply(200, "hello")
					}
					tc.send(postChunked, body)
					tc.wantReply(400, "*", "connection: close")
					tc.wantClosed()
				})
			}
		})
	}
	t.Run("7.1 a fault that comes behind the reply ends the connection", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(postChunked)
			tc.wantReply(200, "hello")
			tc.send("z", getOne)
			tc.wantClosed()
		})
	})
}

func TestMalformedBody(t *testing.T) {
	for name, body := range map[string]string{
		"7.1 a malformed chunk size":     "z\r\nhello",
		"7.1 a malformed second chunk":   "3\r\none\r\n2\r\ntwo\r\n0\r\n\r\n",
		"7.1.1 a malformed extension":    "3;\r\none\r\n0\r\n\r\n",
		"7.1.2 a malformed trailer":      "3\r\none\r\n0\r\nX : y\r\n\r\n",
		"7.1.2 a trailer that frames":    "3\r\none\r\n0\r\nContent-Length: 9\r\n\r\n",
		"11.2 a request within the body": "0\r\n" + get + "X: y\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			for _, h := range []raxx.Handler{echo, complete} {
				serve(t, h, func(tc *testConn) {
					tc.send(postChunked, body, getOne)
					tc.wantReply(400, "*", "connection: close")
					tc.wantClosed()
				})
			}
		})
	}
	t.Run("7.1 a fault behind the beginning of the reply breaks it off", func(t *testing.T) {
		serve(t, echo, func(tc *testConn) {
			tc.sendEach(postChunked, "3\r\none\r\n", "z")
			tc.wantBroken(200, "one")
			tc.wantClosed()
		})
	})
	t.Run("7.1 a trailer that is too long", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.send(postChunked, "0\r\nX: ", strings.Repeat("y", 40<<10))
			tc.wantReply(431, "*", "connection: close")
			tc.wantClosed()
		})
	})
}

func TestTimeouts(t *testing.T) {
	t.Run("9.5 a connection without a request ends after 60 s in silence", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.advance(59 * time.Second)
			tc.wantNothing()
			tc.advance(2 * time.Second)
			tc.wantClosed()
		})
	})
	t.Run("9.5 a connection between requests ends after 60 s in silence", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			for range 2 {
				tc.send(getOne)
				tc.wantReply(200, "hello")
				tc.advance(59 * time.Second)
				tc.wantNothing()
			}
			tc.advance(2 * time.Second)
			tc.wantClosed()
		})
	})
	t.Run("9.5 a head that takes longer than 10 s gets 408", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.advance(50 * time.Second)
			for i := range 9 {
				tc.send((get + "X: y")[i : i+1])
				tc.advance(time.Second)
				tc.wantNothing()
			}
			tc.advance(2 * time.Second)
			tc.wantReply(408, "*", "connection: close")
			tc.wantClosed()
		})
	})
	t.Run("9.5 the time for a head begins with its first octet", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			for range 3 {
				tc.sendEach("G")
				tc.advance(9 * time.Second)
				tc.send(getOne[1:])
				tc.wantReply(200, "hello")
			}
		})
	})
	t.Run("9.5 an empty line and nothing more gets no answer", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(crlf)
			tc.advance(61 * time.Second)
			tc.wantClosed()
		})
	})
	t.Run("9.5 a body that stands still for 30 s gets 408", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.send(post, "Content-Length: 5\r\n\r\nhell")
			tc.advance(29 * time.Second)
			tc.wantNothing()
			tc.advance(2 * time.Second)
			tc.wantReply(408, "*", "connection: close")
			tc.wantClosed()
		})
	})
	t.Run("9.5 a body that moves may take any time", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.send(post, "Content-Length: 5\r\n\r\n")
			for _, octet := range []string{"h", "e", "l", "l", "o"} {
				tc.advance(29 * time.Second)
				tc.send(octet)
			}
			tc.wantReply(200, "hello", "!connection")
		})
	})
	t.Run("9.5 a body whose client takes the reply meanwhile may stand still", func(t *testing.T) {
		serve(t, talksWhileItReads(5), func(tc *testConn) {
			tc.send(postChunked + "1\r\na\r\n")
			tc.advance(5 * 20 * time.Second)
			tc.wantUndated(headChunked + strings.Repeat("1\r\n.\r\n", 5))
			tc.advance(29 * time.Second)
			tc.wantNothing()
			tc.advance(2 * time.Second)
			tc.wantUndated("5\r\na 408\r\n0\r\n\r\n")
		})
	})
	t.Run("9.5 a client that does not read for 30 s is cut off", func(t *testing.T) {
		ended := make(chan error, 1)
		trace := ace.Trace{ConnectionClosed: func(e ace.ConnectionEvent) { ended <- e.Err }}
		big := func(raxx.Request) raxx.Response { return raxx.Text(200, strings.Repeat("x", 1<<20)) }
		serveWith(t, ace.Config{Trace: trace}, big, func(tc *testConn) {
			tc.send(getOne)
			tc.advance(29 * time.Second)
			if len(ended) > 0 {
				t.Fatal("it is cut off too early")
			}
			tc.advance(2 * time.Second)
			if err := <-ended; err != ace.ErrTimeout {
				t.Errorf("the connection ended with %v", err)
			}
			if r, err := tc.read("GET"); err == nil {
				t.Errorf("the client got %d bytes and no error", len(r.body))
			}
		})
	})
	t.Run("9.5 a client that reads slowly is not cut off", func(t *testing.T) {
		const size = 256 << 10
		big := func(raxx.Request) raxx.Response { return raxx.Text(200, strings.Repeat("x", size)) }
		serve(t, big, func(tc *testConn) {
			tc.send(getOne)
			for range 16 {
				tc.advance(29 * time.Second)
				buf := make([]byte, size/16)
				n, _ := tc.conn.Read(buf)
				tc.got = append(tc.got, buf[:n]...)
			}
			if r := tc.wantReply(200, "*"); len(r.body) != size {
				t.Errorf("got %d bytes", len(r.body))
			}
		})
	})
}

func TestClose(t *testing.T) {
	t.Run("9.6 a refused client that goes on sending gets its answer", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send("GET / HTTP/1.1\r\nX : y\r\n\r\n", strings.Repeat("x", 60<<10))
			tc.advance(time.Second)
			tc.send(strings.Repeat("x", 60<<10))
			tc.wantReply(400, "*", "connection: close")
			tc.wantClosed()
		})
	})
	t.Run("9.6 it waits for 2 s from the last that came", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(post, "Connection: close\r\nContent-Length: 1\r\n\r\nx")
			tc.wantReply(200, "hello")
			tc.wantClosed()
			for range 2 {
				tc.advance(1800 * time.Millisecond)
				tc.send("x")
			}
			tc.advance(2200 * time.Millisecond)
			if _, err := tc.conn.Write([]byte("x")); err == nil {
				t.Error("the connection is still open")
			}
		})
	})
	t.Run("9.6 a client that sends on and on is cut", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send("GET / HTTP/1.1\r\nX : y\r\n\r\n")
			tc.wantReply(400, "*", "connection: close")
			sent := sendsOn(tc.conn)
			if sent < 4<<20 || sent > 10<<20 {
				t.Errorf("it was cut after %d octets", sent)
			}
		})
	})
	t.Run("9.6 it does not wait behind a last request without a body", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(get, "Connection: close\r\n\r\n")
			tc.wantReply(200, "hello")
			tc.wantClosed()
			if _, err := tc.conn.Write([]byte("x")); err == nil {
				t.Error("the connection is still open")
			}
		})
	})
	for _, tt := range []struct {
		name, in string
		status   int
	}{
		{"9.6 a refused request is answered, and closed", "GET / HTTP/1.1\r\n\r\n", 400},
		{"9.6 a TLS handshake is answered, and closed", "\x16\x03\x01\x00\xc8\x01", 400},
		{"9.6 half of the preface of HTTP 2 is answered, and closed", "PRI * HTTP/2.0\r\n\r\nSN", 505},
		{"9.6 a coding that is not known is answered, and closed", post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
		{"9.6 a head beyond the limit is answered, and closed", get + "X: " + strings.Repeat("y", 40<<10), 431},
		{"9.6 a target beyond the limit is answered, and closed", "GET /" + strings.Repeat("a", 40<<10) + " HTTP/1.1\r\n" + host + crlf, 414},
	} {
		t.Run(tt.name, func(t *testing.T) {
			serve(t, hello, func(tc *testConn) {
				tc.send(tt.in)
				tc.wantReply(tt.status, "*", "connection: close", "content-type: application/problem+json")
				tc.wantClosed()
			})
		})
	}
	t.Run("9.6 garbage is refused at its first octet", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send("\x00")
			tc.wantReply(400, "*", "connection: close")
			tc.wantClosed()
		})
	})
}

// sendsOn sends for as long as it can, and does not read. It returns how much was
// taken.
func sendsOn(conn io.Writer) (sent int) {
	piece := make([]byte, 64<<10)
	for sent < 100<<20 {
		n, err := conn.Write(piece)
		if sent += n; err != nil {
			break
		}
	}
	return sent
}

// streamOf returns a handler that sends the chunks one by one.
func streamOf(chunks ...string) raxx.Handler {
	return func(raxx.Request) raxx.Response {
		return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			for _, c := range chunks {
				if !yield([]byte(c), nil) {
					return
				}
			}
		}))
	}
}
