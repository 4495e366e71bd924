package nethttp_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// onWire runs a client, octet by octet, of an http.Server that runs h, in a bubble
// of its own.
func onWire(t *testing.T, h http.Handler, client func(*testing.T, net.Conn)) {
	t.Helper()
	onWireOf(t, h, func(conn net.Conn) net.Conn { return conn }, client)
}

// onWireOf is onWire with what wrap makes of the server's end.
func onWireOf(t *testing.T, h http.Handler, wrap func(net.Conn) net.Conn, client func(*testing.T, net.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := pipeListener{make(chan net.Conn), make(chan net.Conn)}
		s := &http.Server{Handler: h}
		go s.Serve(l)
		near, far := net.Pipe()
		l.conns <- wrap(far)
		defer func() {
			near.Close()
			s.Close()
			time.Sleep(time.Hour) // for the timers that have been stopped
		}()
		client(t, near)
	})
}

// A handler may leave a goroutine behind that reads the body: that is taken away
// from it when the reply is over, and nobody waits for the rest.
func TestToHTTPBodyIsTakenBack(t *testing.T) {
	read := make(chan error, 1)
	s := httptest.NewServer(to(func(req raxx.Request) raxx.Response {
		begun := make(chan bool)
		go func() {
			var last error
			for _, err := range req.Body.(raxx.Stream).Chunks() {
				if last = err; err == nil {
					close(begun)
				}
			}
			read <- last
		}()
		<-begun
		return raxx.Text(200, "done")
	}))
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
	if line, err := bufio.NewReader(conn).ReadString('\n'); line != "HTTP/1.1 200 OK\r\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	if err := <-read; err == nil {
		t.Error("the body looks whole")
	}
}

// To a client of HTTP/1.0 the end of the connection is that of the content, where
// no length was told: a reply that breaks off does not end so.
func TestToHTTPBreaksOffToHTTP10(t *testing.T) {
	machine := func(end raxx.Part) raxx.Body {
		return reacts(func(event raxx.Event) []raxx.Part {
			if _, ok := event.(raxx.Open); ok {
				return []raxx.Part{raxx.Data("a"), end}
			}
			return nil
		})
	}
	h := to(func(req raxx.Request) raxx.Response {
		return raxx.Response{Status: 200, Body: map[string]raxx.Body{
			"/stream": raxxtest.Chunks("a"), "/machine": machine(raxx.Tail{}),
			"/stream/broken": raxxtest.Broken(io.ErrNoProgress, "a"), "/machine/broken": machine(raxx.Abort{}),
		}[req.Path]}
	})
	for name, server := range map[string]*httptest.Server{"in the clear": httptest.NewServer(h), "over TLS": httptest.NewTLSServer(h)} {
		defer server.Close()
		for _, path := range []string{"/stream", "/machine", "/stream/broken", "/machine/broken"} {
			var conn net.Conn
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			if server.TLS != nil {
				conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
			}
			conn.SetReadDeadline(time.Now().Add(20 * time.Second))
			fmt.Fprintf(conn, "GET %s HTTP/1.0\r\n\r\n", path)
			_, err = io.ReadAll(conn)
			conn.Close()
			if broken := strings.HasSuffix(path, "/broken"); (err != nil) != broken {
				t.Errorf("%s, %s: the connection ends with %v", path, name, err)
			}
		}
	}
}

// Of a body that nobody wants, no more is read than a connection is worth.
func TestToHTTPBodyThatNobodyWants(t *testing.T) {
	h := to(answers(raxx.Response{Status: 200, Body: raxxtest.Chunks("a", "b")}))
	onWire(t, h, func(t *testing.T, conn net.Conn) {
		go io.Copy(io.Discard, conn)
		io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n")
		n, piece := 0, make([]byte, 4<<10)
		for n < 100<<20 {
			more, err := conn.Write(piece)
			n += more
			if err != nil {
				break
			}
		}
		if n > 1<<20 {
			t.Errorf("%d bytes were read", n)
		}
	})
}

// A client that sends the rest octet by octet is not waited for, whatever time it leaves
// between them.
func TestToHTTPBodyThatNobodyWantsTakesSoLong(t *testing.T) {
	h := to(answers(raxx.Response{Status: 200, Body: raxxtest.Chunks("a", "b")}))
	onWire(t, h, func(t *testing.T, conn net.Conn) {
		go io.Copy(io.Discard, conn)
		io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n")
		begun := time.Now()
		for time.Since(begun) < time.Minute {
			if _, err := conn.Write([]byte("x")); err != nil {
				break
			}
			time.Sleep(40 * time.Millisecond)
		}
		if took := time.Since(begun); took > 6*time.Second {
			t.Errorf("it was read for %v", took)
		}
	})
}

// What is left of a body behind a reply that streams is read, as far as a connection
// is worth it, so that the next request is found on that. Else the connection is
// closed: the rest of the body is no request (RFC 9112, Section 9.3).
func TestToHTTPSkipsWhatNobodyWants(t *testing.T) {
	hidden := "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
	length := func(n int) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n", n) }
	chunked := "Transfer-Encoding: chunked\r\n\r\n"
	machine := reacts(func(event raxx.Event) []raxx.Part {
		if _, ok := event.(raxx.Open); ok {
			return []raxx.Part{raxx.Data("ab"), raxx.Tail{}}
		}
		return nil
	})
	for _, row := range []struct {
		name  string
		head  string // from the first field of the request on
		first string // of the body
		pause time.Duration
		rest  string
		kept  bool // the connection
	}{
		{"little", length(2), "a", 0, "b", true},
		{"as much as is worth it", length(256 << 10), "a", 0, strings.Repeat("b", 256<<10-1), true},
		{"more", length(256<<10 + 10*len(hidden)), strings.Repeat("a", 256<<10), 0, strings.Repeat(hidden, 10), false},
		{"more, of somebody who asked for 100", "Expect: 100-continue\r\n" + length(256<<10+10*len(hidden)), strings.Repeat("a", 256<<10), 0, strings.Repeat(hidden, 10), false},
		{"much more", length(1 << 20), strings.Repeat("a", 1<<20-len(hidden)), 0, hidden, false},
		{"from a client that pauses", length(2), "a", 40 * time.Millisecond, "b", true},
		{"from one that pauses for long", length(1 + len(hidden)), "a", 80 * time.Millisecond, hidden, false},
		{"from one that sends nothing at first", length(len(hidden)), "", time.Minute, hidden, false},
		{"in chunks", chunked, "1\r\na\r\n", 0, "1\r\nb\r\n0\r\nx: y\r\n\r\n", true},
		{"in chunks that come late", chunked, "1\r\na\r\n", time.Minute, hidden, false},
		{"in chunks that are malformed", chunked, "1\r\na\r\nx\r\n", 0, hidden, false},
	} {
		for kind, body := range map[string]raxx.Body{"a stream": raxxtest.Chunks("a", "b"), "a machine": machine, "a middleware": machine} {
			t.Run(row.name+", behind "+kind, func(t *testing.T) {
				var h http.Handler = to(func(req raxx.Request) raxx.Response {
					if req.Path == "/hidden" {
						t.Error("a body is taken for a request")
					}
					return raxx.Response{Status: 200, Body: body}
				})
				if app := h; kind == "a middleware" {
					h = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						app.ServeHTTP(&recording{ResponseWriter: &recording{ResponseWriter: w}}, r)
					})
				}
				onWire(t, h, func(t *testing.T, conn net.Conn) {
					go func() {
						io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\n"+row.head+row.first)
						time.Sleep(row.pause) // of the bubble
						io.WriteString(conn, row.rest)
						io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
					}()
					begun := time.Now()
					r := bufio.NewReader(conn)
					answered, continues := 0, 0
					for {
						resp, err := http.ReadResponse(r, nil)
						if err != nil {
							break
						}
						if resp.StatusCode == 100 {
							continues++
							continue
						}
						if body, err := io.ReadAll(resp.Body); string(body) != "ab" || err != nil || time.Since(begun) > time.Second {
							t.Errorf("got %v, %q, %v behind %v", resp.Status, body, err, time.Since(begun))
						}
						answered++
					}
					if want := map[bool]int{true: 2, false: 1}[row.kept]; answered != want {
						t.Errorf("got %d replies, want %d", answered, want)
					}
					if asked := strings.HasPrefix(row.head, "Expect"); (continues == 1) != asked {
						t.Errorf("got %d times 100, asked for: %v", continues, asked)
					}
				})
			})
		}
	}
}

// RFC 9110, Section 10.1.1: who has begun to send is not told to once more.
func TestToHTTPContinuesOnce(t *testing.T) {
	h := to(func(req raxx.Request) raxx.Response {
		for range req.Body.(raxx.Stream).Chunks() {
			break
		}
		return raxx.Response{Status: 200, Body: raxxtest.Chunks("a", "b")}
	})
	onWire(t, h, func(t *testing.T, conn net.Conn) {
		go func() {
			io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n")
			time.Sleep(time.Second) // of the bubble
			io.WriteString(conn, "abc")
			time.Sleep(time.Second)
			io.WriteString(conn, "def")
		}()
		got, err := io.ReadAll(conn)
		if n := strings.Count(string(got), "100 Continue"); n != 1 || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

// RFC 9110, Section 10.1.1: who waits to send a body that nobody wants is not told to.
func TestToHTTPContinuesNobody(t *testing.T) {
	onWire(t, to(answers(raxx.Text(403, "no"))), func(t *testing.T, conn net.Conn) {
		go io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n")
		if line, err := bufio.NewReader(conn).ReadString('\n'); line != "HTTP/1.1 403 Forbidden\r\n" {
			t.Errorf("got %q, %v", line, err)
		}
	})
}

// A committing writer takes the first status for the last, as that of echo does.
type committing struct {
	http.ResponseWriter
	committed bool
}

func (c *committing) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *committing) WriteHeader(status int) {
	if !c.committed {
		c.committed = true
		c.ResponseWriter.WriteHeader(status)
	}
}

// That who waits is told to send is no affair of a middleware: some take it for the head.
func TestToHTTPContinuesPastAMiddleware(t *testing.T) {
	app := to(func(req raxx.Request) raxx.Response { return raxx.Response{Status: 201, Body: req.Body} })
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { app.ServeHTTP(&committing{ResponseWriter: w}, r) })
	for _, expect := range []string{"100-continue", "x-a, 100-Continue"} {
		onWire(t, h, func(t *testing.T, conn net.Conn) {
			go io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: "+expect+"\r\nContent-Length: 3\r\n\r\n")
			r := bufio.NewReader(conn)
			for _, want := range []string{"HTTP/1.1 100 Continue\r\n", "\r\n", "HTTP/1.1 201 Created\r\n"} {
				if line, err := r.ReadString('\n'); line != want {
					t.Fatalf("got %q, %v, want %q", line, err, want)
				}
			}
			go io.WriteString(conn, "abc")
			if rest, err := io.ReadAll(r); !strings.HasSuffix(string(rest), "\r\n\r\nabc") || err != nil {
				t.Errorf("got %q, %v", rest, err)
			}
		})
	}
}
