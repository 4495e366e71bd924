package ace

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

func post(body string) string {
	return fmt.Sprintf("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

func echo(req raxx.Request) raxx.Response { return raxx.Response{Status: 200, Body: req.Body} }

func TestEchoOfAnySize(t *testing.T) {
	for _, size := range []int{0, 1, bufferSize, bufferSize + 1, 5 << 20} {
		body := strings.Repeat("0123456789abcdef", size/16+1)[:size]
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			overAll(t, func(t *testing.T, n network) {
				_, dial := start(t, n, echo, Config{})
				p := dial()
				for range 2 {
					go io.WriteString(p.Conn, post(body))
					if status, got := p.receive(); status != 200 || got != body {
						t.Errorf("got %d and %d bytes, want %d", status, len(got), size)
					}
				}
			})
		})
	}
}

// Each chunk of an echo comes back before the next one is sent.
func TestEchoDoesNotWaitForMore(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		_, dial := start(t, n, echo, Config{})
		p := dial()
		p.send("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
		resp, err := http.ReadResponse(p.r, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, chunk := range []string{"one", "two", "three"} {
			p.send(fmt.Sprintf("%x\r\n%s\r\n", len(chunk), chunk))
			got := make([]byte, len(chunk))
			if _, err := io.ReadFull(resp.Body, got); err != nil || string(got) != chunk {
				t.Fatalf("got %q, %v, want %q", got, err, chunk)
			}
		}
		p.send("0\r\n\r\n")
		if rest, err := io.ReadAll(resp.Body); err != nil || len(rest) > 0 {
			t.Errorf("got %q, %v at the end", rest, err)
		}
	})
}

// A goroutine that goes on pulling after the reply has been sent gets an error,
// and neither the next request nor memory that belongs to it.
func TestBodyIsTakenBackAtTheEndOfItsExchange(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		type result struct {
			chunk string
			err   error
		}
		results, answered := make(chan result, 1), make(chan bool)
		_, dial := start(t, n, func(req raxx.Request) raxx.Response {
			if req.Path == "/next" {
				return hello(req)
			}
			pulled := make(chan bool)
			go func() {
				var r result
				for chunk, err := range raxx.Chunks(req.Body) {
					if r.err = err; err != nil {
						break
					}
					close(pulled)
					<-answered
					<-answered
					r.chunk = string(chunk) // not copied before
				}
				results <- r
			}()
			<-pulled
			return raxx.NoContent()
		}, Config{})
		p := dial()
		p.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 8\r\n\r\nmine")
		p.want(204, "")
		answered <- true
		p.send("rest" + "GET /next HTTP/1.1\r\nHost: test\r\n\r\n")
		p.want(200, "hello")
		answered <- true
		if r := <-results; r.chunk != "mine" || !errors.Is(r.err, ErrExchangeOver) {
			t.Errorf("got %q, %v; want the chunk and ErrExchangeOver", r.chunk, r.err)
		}
	})
}

// A pull that waits when the reply has been sent is ended.
func TestWaitingPullEndsWithItsExchange(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		results := make(chan error, 1)
		_, dial := start(t, n, func(req raxx.Request) raxx.Response {
			if req.Body == nil {
				return hello(req)
			}
			waiting := make(chan bool)
			go func() {
				var last error
				for _, err := range raxx.Chunks(req.Body) {
					if last = err; err == nil {
						close(waiting)
					}
				}
				results <- last
			}()
			<-waiting
			return raxx.NoContent()
		}, Config{})
		p := dial()
		p.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 8\r\n\r\nmine")
		p.want(204, "")
		if err := <-results; !errors.Is(err, ErrExchangeOver) {
			t.Errorf("the pull ended with %v", err)
		}
		p.send("rest" + get) // the connection is still in step
		p.want(200, "hello")
	})
}

func TestBodyThatBreaksOffIsAnError(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		results := make(chan error, 1)
		_, dial := start(t, n, func(req raxx.Request) raxx.Response {
			_, err := raxx.ReadAll(req.Body, 0)
			results <- err
			return raxx.NoContent()
		}, Config{})
		p := dial()
		p.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 8\r\n\r\nmine")
		p.Close()
		if err := <-results; !errors.Is(err, ErrClientGone) {
			t.Errorf("got %v", err)
		}
	})
}

// A stream's chunk reaches the client before the next one is made.
func TestStreamIsSentAsItComes(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		next := make(chan string)
		_, dial := start(t, n, func(raxx.Request) raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				for text := range next {
					if !yield([]byte(text), nil) {
						return
					}
				}
			})}
		}, Config{})
		p := dial()
		p.send(get)
		resp, err := http.ReadResponse(p.r, nil) // the head comes before the first chunk
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"tick", "tock"} {
			next <- text
			got := make([]byte, 4)
			if _, err := io.ReadFull(resp.Body, got); string(got) != text {
				t.Fatalf("got %q, %v", got, err)
			}
		}
		close(next)
		if rest, err := io.ReadAll(resp.Body); err != nil || len(rest) > 0 {
			t.Errorf("got %q, %v at the end", rest, err)
		}
	})
}

// The head of a stream is on its way before anything else is known of it, though
// there is a body that nobody reads.
func TestHeadOfAStreamDoesNotWaitForABody(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		next := make(chan string)
		_, dial := start(t, n, func(raxx.Request) raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				yield([]byte(<-next), nil)
			})}
		}, Config{})
		p := dial()
		p.send(post("nobody reads this"))
		resp, err := http.ReadResponse(p.r, nil)
		if err != nil {
			t.Fatal(err)
		}
		next <- "tick"
		if got, err := io.ReadAll(resp.Body); err != nil || string(got) != "tick" {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

// Each piece of a body can be answered before the next one comes, even if it is
// another goroutine that reads it, which begins when the reply has begun.
func TestBodyIsReadByAnotherGoroutineThanTheReplys(t *testing.T) {
	const pieces, size = 5, 4
	for name, length := range map[string]int64{"chunked": -1, "of known length": pieces * size} {
		t.Run(name, func(t *testing.T) {
			overAll(t, func(t *testing.T, n network) {
				_, dial := start(t, n, func(req raxx.Request) raxx.Response {
					return raxx.Response{Status: 200, Body: raxx.NewStream(length, func(yield func([]byte, error) bool) {
						read := make(chan string)
						go func() {
							defer close(read)
							for chunk, err := range raxx.Chunks(req.Body) {
								if err != nil {
									return
								}
								read <- string(chunk)
							}
						}()
						for chunk := range read {
							if !yield([]byte(chunk), nil) {
								return
							}
						}
					})}
				}, Config{})
				p := dial()
				p.send(fmt.Sprintf("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n", pieces*size))
				var resp *http.Response
				for i := range pieces {
					piece := fmt.Sprintf("%0*d", size, i)
					p.send(piece)
					if resp == nil {
						var err error
						if resp, err = http.ReadResponse(p.r, nil); err != nil {
							t.Fatal(err)
						}
					}
					got := make([]byte, size)
					if _, err := io.ReadFull(resp.Body, got); string(got) != piece {
						t.Fatalf("got %q, %v instead of %q", got, err, piece)
					}
				}
				if rest, err := io.ReadAll(resp.Body); err != nil || len(rest) > 0 {
					t.Errorf("got %q, %v at the end", rest, err)
				}
			})
		})
	}
}

func TestSlowReaderIsCutForWantOfProgress(t *testing.T) {
	ended := make(chan error, 1)
	_, dial := start(t, networks[0], func(raxx.Request) raxx.Response {
		return raxx.Text(200, strings.Repeat("x", 64<<20))
	}, Config{
		ProgressTimeout: 300 * time.Millisecond,
		Trace:           Trace{ConnectionClosed: func(e ConnectionEvent) { ended <- e.Err }},
	})
	p := dial()
	p.send(get)
	if err := <-ended; !errors.Is(err, ErrTimeout) {
		t.Errorf("the connection ended with %v", err)
	}
}

// So is a client that does not go on with its body, over every network.
func TestBodyThatStopsComing(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		faults := make(chan error, 1)
		_, dial := start(t, n, func(req raxx.Request) raxx.Response {
			_, err := raxx.ReadAll(req.Body, 0)
			faults <- err
			return raxx.Text(408, "too slow")
		}, Config{ProgressTimeout: 50 * time.Millisecond})
		p := dial()
		p.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhe")
		p.want(408, "too slow")
		if err := <-faults; !errors.Is(err, ErrTimeout) {
			t.Errorf("the handler is told %v", err)
		}
	})
}

// Who reads a stream again is told so, and does not take it for an empty one.
func TestBodyCanBeReadOnce(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		_, dial := start(t, n, func(req raxx.Request) raxx.Response {
			first, err := raxx.ReadAll(req.Body, 0)
			if err != nil {
				return raxx.Text(500, err.Error())
			}
			if _, err := raxx.ReadAll(req.Body, 0); !errors.Is(err, ErrBodyRead) {
				return raxx.Text(500, fmt.Sprint("the second time: ", err))
			}
			return raxx.Text(200, string(first))
		}, Config{})
		p := dial()
		p.send(post("hello") + get)
		p.want(200, "hello")
	})
}

// A client that leaves during an upload is not the handler's fault.
func TestClientThatLeavesDuringAnUpload(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		events := make(chan ExchangeEvent, 1)
		_, dial := start(t, n, raxx.Try(func(req raxx.Request) (raxx.Response, error) {
			_, err := raxx.ReadAll(req.Body, 0)
			return raxx.NoContent(), err
		}), Config{Trace: Trace{ExchangeEnded: func(e ExchangeEvent) { events <- e }}})
		p := dial()
		p.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 50\r\n\r\nmine")
		p.Close()
		if e := <-events; e.Status != 400 || !errors.Is(e.Fault, ErrClientGone) {
			t.Errorf("the trace was told of status %d and fault %v", e.Status, e.Fault)
		}
	})
}

// The trailer of a body is that of its own request for as long as anybody has the
// body, whatever the connection does meanwhile.
func TestTrailerOutlivesItsExchange(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		bodies := make(chan raxx.Stream, 2)
		_, dial := start(t, n, func(req raxx.Request) raxx.Response {
			if body, ok := req.Body.(raxx.Stream); ok {
				raxx.ReadAll(body, 0)
				bodies <- body
			}
			return hello(req)
		}, Config{})
		p := dial()
		for _, value := range []string{"first", "second"} {
			p.send("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-sum: " + value + "\r\n\r\n")
			p.want(200, "hello")
		}
		p.Close()
		for _, want := range []string{"first", "second"} {
			if got := (<-bodies).Trailer().Get("x-sum"); got != want {
				t.Errorf("the trailer of a request whose exchange is over is %q, want %q", got, want)
			}
		}
	})
}

// A client that waits for 100 (Continue) is not forgotten because somebody has just
// begun to read its body when the reply begins.
func TestContinueBesideAReader(t *testing.T) {
	const expecting = "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
	overAll(t, func(t *testing.T, n network) {
		servers := make(chan *Server, 2)
		read := func() *sync.Mutex {
			s := <-servers
			s.mu.Lock()
			defer s.mu.Unlock()
			return &s.workers.body.mu
		}
		s, dial := start(t, n, func(req raxx.Request) raxx.Response {
			reader := read()
			reader.Lock() // and is about to look whether it has to wait
			if req.Path == "/ends" {
				return raxx.Response{Status: 200, Body: raxx.NewFile(toldFS(sync.OnceFunc(reader.Unlock)), "a")}
			}
			return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				reader.Unlock()
				body, err := raxx.ReadAll(req.Body, 0)
				yield([]byte(body), err)
			})}
		}, Config{})
		servers <- s
		servers <- s
		p := dial()
		p.send(expecting)
		if line, err := p.r.ReadString('\n'); line != "HTTP/1.1 100 Continue\r\n" {
			t.Fatalf("got %q, %v", line, err)
		}
		p.r.ReadString('\n')
		p.send("hello")
		p.want(200, "hello")

		p.send(strings.Replace(expecting, "/", "/ends", 1))
		resp, err := http.ReadResponse(p.r, nil)
		if err != nil || resp.StatusCode != 200 || !resp.Close {
			t.Errorf("got %v, %v; want 200 and the end of the connection: its body may come or not", resp, err)
		}
	})
}

// A client is told to go on once, also if somebody waits for more of the body when
// the reply begins.
func TestContinueIsSentOnce(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		bodies, begin := make(chan raxx.Body, 1), make(chan struct{})
		_, dial := start(t, n, func(req raxx.Request) raxx.Response {
			bodies <- req.Body
			<-begin
			return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) { yield([]byte("hello"), nil) })}
		}, Config{})
		p := dial()
		p.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
		read := make(chan error, 1)
		go func(body raxx.Body) {
			_, err := raxx.ReadAll(body, 0)
			read <- err
		}(<-bodies)
		if line, err := p.r.ReadString('\n'); line != "HTTP/1.1 100 Continue\r\n" {
			t.Fatalf("got %q, %v", line, err)
		}
		p.r.ReadString('\n')
		close(begin)
		if line, err := p.r.ReadString('\n'); line != "HTTP/1.1 200 OK\r\n" {
			t.Errorf("got %q, %v behind the interim reply", line, err)
		}
		p.Close()
		<-read
	})
}

// Behind the head of the final reply there is no place for 100 (Continue).
func TestNoContinueBehindTheHead(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		reading, read := make(chan struct{}), make(chan string, 1)
		_, dial := start(t, n, func(req raxx.Request) raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewFile(toldFS(sync.OnceFunc(func() {
				close(reading)
				body, _ := raxx.ReadAll(req.Body, 0)
				read <- string(body)
			})), "a")}
		}, Config{})
		p := dial()
		p.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhe")
		<-reading
		p.send("llo")
		resp, err := http.ReadResponse(p.r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if content, err := io.ReadAll(resp.Body); resp.StatusCode != 200 || string(content) != "content" || err != nil {
			t.Errorf("got %d with %q, %v", resp.StatusCode, content, err)
		}
		if body := <-read; body != "hello" {
			t.Errorf("the handler has read %q", body)
		}
	})
}

// A toldFS has a file, and is called when that is read.
type toldFS func()

func (f toldFS) Open(string) (fs.File, error) {
	file, err := fstest.MapFS{"a": {Data: []byte("content")}}.Open("a")
	return toldFile{file, f}, err
}

type toldFile struct {
	fs.File
	read func()
}

func (f toldFile) Read(p []byte) (int, error) {
	f.read()
	return f.File.Read(p)
}
