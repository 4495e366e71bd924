package ace_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// What RFC 9110 asks of a server, over HTTP/1.1. What the exchange decides for
// every version is proved in internal/exchange.

func TestExpectContinue(t *testing.T) {
	const expect = post + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"
	t.Run("10.1.1 the body is asked for when it is read", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.send(expect)
			tc.wantContinue()
			tc.send("he")
			tc.wantNothing()
			tc.send("llo")
			tc.wantReply(200, "hello", "!connection")
		})
	})
	t.Run("10.1.1 a chunked body is asked for when it is read", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.send(post, "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
			tc.wantContinue()
			tc.send("5\r\nhello\r\n0\r\n\r\n")
			tc.wantReply(200, "hello")
		})
	})
	t.Run("10.1.1 a body that may become the reply is asked for", func(t *testing.T) {
		serve(t, echo, func(tc *testConn) {
			tc.send(expect)
			tc.receive()
			if !strings.HasPrefix(string(tc.got), "HTTP/1.1 100 Continue\r\n\r\n") {
				t.Fatalf("got %q", tc.got)
			}
			tc.got = tc.got[len("HTTP/1.1 100 Continue\r\n\r\n"):]
			tc.send("hello")
			tc.wantReply(200, "hello")
		})
	})
	t.Run("10.1.1 a body that nobody reads is not asked for", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(expect)
			// Whether the body follows now is anybody's guess.
			tc.wantReply(200, "hello", "connection: close")
			tc.wantClosed()
		})
	})
	t.Run("10.1.1 a body that has come is not asked for", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.send(expect, "hello", getOne)
			tc.wantReply(200, "hello")
			tc.wantReply(200, "")
		})
	})
	t.Run("10.1.1 a body of which a part has come is asked for once", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.sendEach(expect+"h", "el", "lo")
			tc.receive()
			if got := string(tc.got); strings.Count(got, "100 Continue") != 1 || !strings.HasSuffix(got, "hello") {
				t.Errorf("got %q", got)
			}
		})
	})
	t.Run("10.1.1 a body that is too large is refused before it is sent", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.send(post, "Content-Length: 100000000\r\nExpect: 100-continue\r\n\r\n")
			tc.wantReply(413, "*", "connection: close")
			tc.wantClosed()
		})
	})
	t.Run("10.1.1 without a body there is nothing to ask for", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.send(get, "Expect: 100-continue\r\n\r\n")
			tc.wantReply(200, "", "!connection")
		})
	})
	t.Run("10.1.1 a client of HTTP 1.0 gets no interim reply", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.send("POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
			tc.wantNothing()
			tc.send("hello")
			tc.wantReply(200, "hello")
		})
	})
	t.Run("15.2 nor one that its machine sends", func(t *testing.T) {
		informs := func(raxx.Event) []raxx.Part {
			return parts(raxx.Inform{Status: 103, Header: raxx.Header{{Name: "link", Value: "</a>"}}}, raxx.Text(200, "hello"))
		}
		serve(t, deferred(new(record), informs), func(tc *testConn) {
			tc.send("GET / HTTP/1.0\r\n\r\n")
			tc.wantReply(200, "hello")
			tc.wantClosed()
		})
	})
	t.Run("10.1.1 another expectation is passed over", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.send(post, "Content-Length: 5\r\nExpect: x-a\r\n\r\nhello")
			tc.wantReply(200, "hello")
		})
	})
	t.Run("10.1.1 a malformed request gets no interim reply", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.send(post, "Content-Length: 5\r\nExpect: 100-continue\r\nX : y\r\n\r\n")
			tc.wantReply(400, "*")
		})
	})
	t.Run("10.1.1 a body that is malformed from the start", func(t *testing.T) {
		serve(t, streamOf("hello"), func(tc *testConn) {
			tc.send(post, "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\nz")
			tc.receive()
			tc.got = []byte(strings.TrimPrefix(string(tc.got), "HTTP/1.1 100 Continue\r\n\r\n"))
			tc.wantReply(400, "*", "connection: close")
		})
	})
}

func TestHeadMethod(t *testing.T) {
	files := fstest.MapFS{"a": {Data: []byte("hello")}}
	for _, tt := range []struct {
		name   string
		resp   raxx.Response
		length string
	}{
		{"9.3.2 data", raxx.Text(200, "hello"), "content-length: 5"},
		{"9.3.2 a file", raxx.Reply(200, "text/plain", raxx.NewFile(files, "a")), "content-length: 5"},
		{"9.3.2 a stream of known length", raxx.Reply(200, "text/plain", raxx.NewStream(5, nil)), "content-length: 5"},
		{"9.3.2 a stream of unknown length", raxx.Reply(200, "text/plain", raxx.NewStream(-1, nil)), "!content-length"},
		{"9.3.2 a length and no content", raxx.Response{Status: 200}.With("content-length", "5"), "content-length: 5"},
		{"9.3.2 neither", raxx.Response{Status: 200}, "!content-length"},
		{"9.3.2 a failure", raxx.Text(404, "hello"), "content-length: 5"},
		{"9.3.2 data with a trailer", raxx.Text(200, "hello").WithTrailer("x", "y"), "content-length: 5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			serve(t, func(raxx.Request) raxx.Response { return tt.resp }, func(tc *testConn) {
				tc.send("HEAD / HTTP/1.1\r\n", host, crlf, "HEAD / HTTP/1.1\r\n", host, crlf)
				for range 2 {
					tc.wantReplyTo("HEAD", tt.resp.Status, "", tt.length, "!transfer-encoding", "!connection")
				}
				tc.wantNothing()
			})
		})
	}
	t.Run("9.3.2 a refused request has no content either", func(t *testing.T) {
		serve(t, func(raxx.Request) raxx.Response { panic("x") }, func(tc *testConn) {
			tc.send("HEAD / HTTP/1.1\r\n", host, crlf)
			tc.wantReplyTo("HEAD", 500, "")
			tc.wantNothing()
		})
	})
	for _, tt := range []struct {
		name, in string
		status   int
	}{
		{"9.3.2 nor has one that is malformed", "HEAD / HTTP/1.1\r\n" + host + "X : y\r\n" + crlf, 400},
		{"9.3.2 nor one whose lines are", "HEAD / HTTP/1.1\n", 400},
		{"9.3.2 nor one that is too large", "HEAD / HTTP/1.1\r\nX: " + strings.Repeat("y", 40<<10), 431},
		{"9.3.2 nor one that does not end", "\r\nHEAD / HTTP/1.1\r\n", 408},
	} {
		t.Run(tt.name, func(t *testing.T) {
			serve(t, hello, func(tc *testConn) {
				tc.send(tt.in)
				tc.advance(11 * time.Second)
				tc.wantReplyTo("HEAD", tt.status, "", "connection: close")
				tc.wantClosed()
			})
		})
	}
}

func TestMethods(t *testing.T) {
	t.Run("9.1 a method is the handler's to judge", func(t *testing.T) {
		serve(t, func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Method) }, func(tc *testConn) {
			for _, method := range []string{"PUT", "TRACE", "OPTIONS", "brew", "PRI"} {
				tc.send(method, " / HTTP/1.1\r\n", host, crlf)
				tc.wantReply(200, method)
			}
		})
	})
	t.Run("9.3.6 CONNECT reaches no handler", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send("CONNECT t.example:443 HTTP/1.1\r\n", host, crlf, "\x16\x03\x01")
			tc.wantReply(501, "*", "connection: close")
			tc.wantClosed()
		})
	})
	t.Run("7.8 an upgrade is not taken", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(get, "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n")
			tc.wantReply(200, "hello", "!upgrade", "!connection")
		})
	})
}

func TestRequestIsComplete(t *testing.T) {
	var got raxx.Request
	serve(t, func(req raxx.Request) raxx.Response {
		got = req
		return raxx.NoContent()
	}, func(tc *testConn) {
		tc.send("GET /a?b HTTP/1.1\r\nHost: T.example:80\r\nX: y\r\n\r\n")
		tc.wantReply(204, "")
	})
	t.Run("7.1 scheme and authority come from the connection and from Host", func(t *testing.T) {
		if url := got.URL(); url != "http://t.example:80/a?b" {
			t.Errorf("got %q", url)
		}
	})
	t.Run("3.7 the peer is the one of the connection", func(t *testing.T) {
		if want := (raxx.Peer{Address: "client", Protocol: "HTTP/1.1"}); got.Peer != want {
			t.Errorf("got %v, want %v", got.Peer, want)
		}
	})
}

func TestStatusWithoutContent(t *testing.T) {
	t.Run("15.3.5 a 204 has neither content nor length", func(t *testing.T) {
		serve(t, func(raxx.Request) raxx.Response { return raxx.NoContent().With("x", "y") }, func(tc *testConn) {
			tc.send(getOne, getOne)
			for range 2 {
				tc.wantReply(204, "", "x: y", "!content-length", "!transfer-encoding")
			}
			tc.wantNothing()
		})
	})
	t.Run("15.3.6 a 205 is empty", func(t *testing.T) {
		serve(t, func(raxx.Request) raxx.Response { return raxx.Response{Status: 205} }, func(tc *testConn) {
			tc.send(getOne)
			tc.wantReply(205, "", "content-length: 0")
		})
	})
	t.Run("15.4.5 a 304 has the length of the 200, and no content", func(t *testing.T) {
		serve(t, func(raxx.Request) raxx.Response { return raxx.Text(304, "hello") }, func(tc *testConn) {
			tc.send(getOne, getOne)
			for range 2 {
				tc.wantReply(304, "", "content-length: 5", "!transfer-encoding")
			}
			tc.wantNothing()
		})
	})
	for name, resp := range map[string]raxx.Response{
		"15.3.5 a 204 with content is a mistake":  raxx.Text(204, "hello"),
		"15.3.6 a 205 with content is a mistake":  raxx.Text(205, "hello"),
		"15.3.5 a 204 with a stream is a mistake": {Status: 204, Body: raxx.NewStream(-1, nil)},
		"15.2 an interim status is no reply":      {Status: 100},
		"15.2 a status of zero is no reply":       {},
		"15 a status of three digits at most":     {Status: 1000},
		"15 a status under 600":                   {Status: 600},
	} {
		t.Run(name, func(t *testing.T) {
			serve(t, func(raxx.Request) raxx.Response { return resp }, func(tc *testConn) {
				tc.send(getOne, getOne)
				for range 2 {
					tc.wantReply(500, "*")
				}
				tc.wantNothing()
			})
		})
	}
}

func TestDate(t *testing.T) {
	// Fake time begins here.
	const first, second = "Sat, 01 Jan 2000 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:05 GMT"
	t.Run("6.6.1 every reply tells the time", func(t *testing.T) {
		serve(t, hello, func(tc *testConn) {
			tc.send(getOne)
			tc.wantReply(200, "hello", "date: "+first)
			tc.advance(5 * time.Second)
			tc.send(getOne, get, "X : y\r\n\r\n")
			tc.wantReply(200, "hello", "date: "+second)
			tc.wantReply(400, "*", "date: "+second)
		})
	})
	t.Run("6.6.1 an interim reply does not", func(t *testing.T) {
		serve(t, complete, func(tc *testConn) {
			tc.send(post, "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
			tc.wantContinue()
		})
	})
	t.Run("6.6.1 a handler's own stands alone", func(t *testing.T) {
		serve(t, func(raxx.Request) raxx.Response { return raxx.NoContent().With("date", second) }, func(tc *testConn) {
			tc.send(getOne)
			tc.wantReply(204, "", "date: "+second)
		})
	})
}

// A handler's mistake becomes a 500: nothing of the response reaches the wire.
func TestUnsendableResponse(t *testing.T) {
	with := func(name, value string) raxx.Response {
		return raxx.Response{Status: 200, Header: raxx.Header{{Name: "x-before", Value: "1"}, {Name: name, Value: value}}, Body: raxx.Data("secret")}
	}
	broken := errors.New("no such row")
	for _, tt := range []struct {
		name string
		resp raxx.Response
	}{
		{"5.5 CRLF in a value", with("x", "a\r\nset-cookie: b=c")},
		{"5.5 LF in a value", with("x", "a\nset-cookie: b=c")},
		{"5.5 CR in a value", with("x", "a\rset-cookie: b=c")},
		{"5.5 NUL in a value", with("x", "a\x00")},
		{"5.5 white space at the end of a value", with("x", "a ")},
		{"5.1 CRLF in a name", with("x\r\nset-cookie", "b=c")},
		{"5.1 a space in a name", with("x y", "z")},
		{"5.1 a colon in a name", with("x: y", "z")},
		{"5.1 an empty name", with("", "z")},
		{"5.1 a name in upper case", with("X", "z")},
		{"8.6 a content-length that is not true", with("content-length", "5")},
		{"8.6 a content-length that is no number", with("content-length", "+6")},
		{"8.6 two content-lengths", with("content-length", "6").Add("content-length", "6")},
		{"8.6 a content-length without content", raxx.Response{Status: 200}.With("content-length", "5")},
		{"6.5 CRLF in a trailer", raxx.Response{Status: 200, Trailer: raxx.Header{{Name: "x", Value: "a\r\nb: c"}}}},
		{"6.5.1 a trailer that frames", raxx.Text(200, "secret").WithTrailer("content-length", "6")},
		{"15 a file that is not there", raxx.Reply(200, "text/plain", raxx.NewFile(fstest.MapFS{}, "secret"))},
		{"15 a body that can't be opened", raxx.Reply(200, "text/plain", raxx.File{Name: "secret"})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var fault error
			trace := ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) { fault = e.Fault }}
			serveWith(t, ace.Config{Trace: trace}, func(raxx.Request) raxx.Response { return tt.resp }, func(tc *testConn) {
				tc.send(getOne, getOne)
				tc.receive()
				if s := string(tc.got); strings.Contains(s, "secret") || strings.Contains(s, "cookie") || strings.Contains(s, "x-before") {
					t.Errorf("got %q", s)
				}
				for range 2 {
					tc.wantReply(500, "*", "content-type: application/problem+json", "!connection")
				}
				tc.wantNothing()
			})
			if mistake := new(ace.ResponseError); !errors.As(fault, &mistake) {
				t.Errorf("the trace is told of %v", fault)
			}
		})
	}
	t.Run("15.6.1 a panic", func(t *testing.T) {
		var fault error
		trace := ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) { fault = e.Fault }}
		serveWith(t, ace.Config{Trace: trace}, func(raxx.Request) raxx.Response { panic(broken) }, func(tc *testConn) {
			tc.send(postHello, getOne)
			for range 2 {
				tc.wantReply(500, `{"title":"Internal Server Error","status":500}`, "!connection")
			}
			tc.wantNothing()
		})
		if p := new(ace.PanicError); !errors.As(fault, &p) || !errors.Is(fault, broken) || len(p.Stack) == 0 {
			t.Errorf("the trace is told of %v", fault)
		}
	})
	t.Run("15.6.1 a replacement that can't be sent either", func(t *testing.T) {
		for _, replace := range []func(raxx.Request, error) raxx.Response{
			func(raxx.Request, error) raxx.Response { return raxx.Response{} },
			func(raxx.Request, error) raxx.Response { panic("again") },
		} {
			serveWith(t, ace.Config{ErrorResponse: replace}, func(raxx.Request) raxx.Response { panic("x") }, func(tc *testConn) {
				tc.send(getOne, get, "X : y\r\n\r\n")
				tc.wantReply(500, "")
				tc.wantReply(500, "", "connection: close")
				tc.wantClosed()
			})
		}
	})
}

// A stream that does not keep its promise is cut off where it broke it, so that
// the client sees that it is not whole.
func TestBrokenStream(t *testing.T) {
	chunks := func(err error, chunks ...string) func(yield func([]byte, error) bool) {
		return func(yield func([]byte, error) bool) {
			for _, c := range chunks {
				if !yield([]byte(c), nil) {
					return
				}
			}
			if err != nil {
				yield(nil, err)
			}
		}
	}
	broken := errors.New("broken")
	panics := func(yield func([]byte, error) bool) {
		yield([]byte("hello"), nil)
		panic("x")
	}
	for _, tt := range []struct {
		name string
		body raxx.Stream
		want string
	}{
		{"8.6 less than it promised", raxx.NewStream(9, chunks(nil, "hello")), "hello"},
		{"8.6 more than it promised", raxx.NewStream(9, chunks(nil, "hello", "world")), "hello"},
		{"8.6 an error before all of it", raxx.NewStream(9, chunks(broken, "hello")), "hello"},
		{"8.6 an error of a stream without a length", raxx.NewStream(-1, chunks(broken, "hello")), "hello"},
		{"8.6 a panic before all of it", raxx.NewStream(9, panics), "hello"},
		{"8.6 a panic of a stream without a length", raxx.NewStream(-1, panics), "hello"},
		{"8.6 an error before anything", raxx.NewStream(-1, chunks(broken)), ""},
		{"6.5 a late trailer that can't be sent", raxx.NewStream(-1, chunks(nil, "hello")).WithTrailer(func() raxx.Header {
			return raxx.Header{{Name: "x", Value: "a\r\nb"}}
		}), "hello"},
		{"6.5.1 a late trailer that frames", raxx.NewStream(-1, chunks(nil, "hello")).WithTrailer(func() raxx.Header {
			return raxx.Header{{Name: "content-length", Value: "5"}}
		}), "hello"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var fault error
			trace := ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) { fault = e.Fault }}
			serveWith(t, ace.Config{Trace: trace}, func(raxx.Request) raxx.Response {
				return raxx.Reply(200, "text/plain", tt.body)
			}, func(tc *testConn) {
				tc.send(getOne, getOne)
				tc.wantBroken(200, tt.want)
				tc.wantClosed()
			})
			if fault == nil {
				t.Error("the trace is told of no fault")
			}
		})
	}
	t.Run("8.6 to HTTP 1.0, which knows no other sign, the connection is reset", func(t *testing.T) {
		serve(t, func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", raxx.NewStream(-1, chunks(broken, "hello")))
		}, func(tc *testConn) {
			tc.send("GET / HTTP/1.0\r\n\r\n")
			tc.wantReset()
		})
	})
	t.Run("8.6 a handler that failed costs its own connection only", func(t *testing.T) {
		serve(t, func(req raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", raxx.NewStream(-1, panics))
		}, func(tc *testConn) {
			tc.send(getOne)
			tc.wantBroken(200, "hello")
			tc.wantClosed()
		})
	})
}

func TestTrailerFields(t *testing.T) {
	t.Run("6.5 those of a request follow its body", func(t *testing.T) {
		serve(t, raxx.Complete(0)(func(req raxx.Request) raxx.Response {
			return raxx.Text(200, req.Trailer.Get("x-sum")+req.Header.Get("x-sum"))
		}), func(tc *testConn) {
			tc.send(postChunked, "5\r\nhello\r\n0\r\nX-Sum: 9\r\n\r\n", postChunked, "0\r\n\r\n")
			tc.wantReply(200, "9")
			tc.wantReply(200, "")
		})
	})
	t.Run("6.5 those of a reply follow its content", func(t *testing.T) {
		serve(t, func(raxx.Request) raxx.Response {
			return raxx.Text(200, "hello").WithTrailer("x-sum", "9").With("trailer", "x-sum")
		}, func(tc *testConn) {
			tc.send(getOne, getOne)
			for range 2 {
				r := tc.wantReply(200, "hello", "transfer-encoding: chunked", "!content-length")
				if got := r.Trailer.Get("x-sum"); got != "9" {
					t.Errorf("got the trailer %q", r.Trailer)
				}
			}
		})
	})
	t.Run("6.5 those of a stream are made behind it", func(t *testing.T) {
		serve(t, func(raxx.Request) raxx.Response {
			sum := "none"
			body := raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				yield([]byte("hello"), nil)
				sum = "9"
			})
			return raxx.Reply(200, "text/plain", body.WithTrailer(func() raxx.Header { return raxx.Header{{Name: "x-sum", Value: sum}} }))
		}, func(tc *testConn) {
			tc.send(getOne)
			tc.receive()
			if got := string(tc.got); !strings.HasSuffix(got, "5\r\nhello\r\n0\r\nx-sum: 9\r\n\r\n") {
				t.Errorf("got %q", got)
			}
		})
	})
	t.Run("6.5 a client of HTTP 1.0 gets none", func(t *testing.T) {
		serve(t, func(raxx.Request) raxx.Response {
			return raxx.Text(200, "hello").WithTrailer("x-sum", "9")
		}, func(tc *testConn) {
			tc.send("GET / HTTP/1.0\r\n\r\n")
			tc.wantReply(200, "hello", "content-length: 5")
			tc.wantClosed()
		})
	})
}

func TestContent(t *testing.T) {
	big := strings.Repeat("0123456789", 20_000)
	files := fstest.MapFS{"a": {Data: []byte(big)}}
	for _, tt := range []struct {
		name string
		body raxx.Body
		want string
	}{
		{"8.6 none", nil, ""},
		{"8.6 empty data", raxx.Data(""), ""},
		{"8.6 data", raxx.Data("hello"), "hello"},
		{"8.6 data of many buffers", raxx.Data(big), big},
		{"8.6 a file", raxx.NewFile(files, "a"), big},
		{"8.6 a part of a file", raxx.NewFile(files, "a").Range(11, 4), "1234"},
		{"8.6 a stream of known length", raxx.NewStream(5, func(yield func([]byte, error) bool) { yield([]byte("hello"), nil) }), "hello"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			serve(t, func(raxx.Request) raxx.Response { return raxx.Response{Status: 200, Body: tt.body} }, func(tc *testConn) {
				for range 2 {
					tc.send(getOne)
					r := tc.wantReply(200, tt.want, "!transfer-encoding")
					if r.ContentLength != int64(len(tt.want)) {
						t.Errorf("content-length %d, want %d", r.ContentLength, len(tt.want))
					}
				}
				tc.wantNothing()
			})
		})
	}
	t.Run("8.6 a stream of unknown length comes in chunks", func(t *testing.T) {
		serve(t, streamOf("one", "", "two"), func(tc *testConn) {
			tc.send(getOne)
			tc.receive()
			if got := string(tc.got); !strings.HasSuffix(got, crlf+crlf+"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n") {
				t.Errorf("got %q", got)
			}
		})
	})
}
