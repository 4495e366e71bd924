package nethttp_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
)

// A pipeListener hands out the server's ends of pipes.
type pipeListener struct{ conns, closed chan net.Conn }

func (l pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l pipeListener) Close() error {
	close(l.closed)
	return nil
}

func (l pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// overPipe asks an http.Server that runs h, over HTTP/2 or HTTP/1.1, and gives the
// reply to look, in a bubble of its own.
func overPipe(t *testing.T, http2 bool, h http.Handler, look func(*testing.T, *http.Response)) {
	t.Helper()
	postOverPipe(t, http2, h, func() (io.Reader, func(*testing.T, *http.Response)) { return nil, look })
}

// postOverPipe is overPipe with a body, which begin makes within the bubble.
func postOverPipe(t *testing.T, http2 bool, h http.Handler, begin func() (io.Reader, func(*testing.T, *http.Response))) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := pipeListener{make(chan net.Conn), make(chan net.Conn)}
		s := &http.Server{Handler: h, Protocols: new(http.Protocols), WriteTimeout: time.Second}
		s.Protocols.SetHTTP1(!http2)
		s.Protocols.SetUnencryptedHTTP2(http2)
		go s.Serve(l)
		client := &http.Transport{Protocols: s.Protocols, DialContext: func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			l.conns <- far
			return near, nil
		}}
		body, look := begin()
		req, err := http.NewRequest("POST", "http://a/", body)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		resp, err := client.RoundTrip(req.WithContext(ctx))
		defer func() {
			cancel()
			s.Close()
			client.CloseIdleConnections()
			time.Sleep(time.Hour) // for the timers that have been stopped
		}()
		if err != nil {
			t.Fatal(err)
		}
		look(t, resp)
		resp.Body.Close()
	})
}

// A reply whose next piece comes late does not stand still because of its client,
// and is not cut, however long that takes.
func TestToHTTPPauses(t *testing.T) {
	const pause = 45 * time.Second // longer than the limit
	replies := map[string]func() raxx.Body{
		"a machine": func() raxx.Body {
			return reacts(func(event raxx.Event) []raxx.Part {
				switch event.(type) {
				case raxx.Open, raxx.Timer:
					return []raxx.Part{raxx.Data("tick\n"), raxx.After{Delay: pause}}
				}
				return nil
			})
		},
		"a stream": func() raxx.Body {
			return raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				for yield([]byte("tick\n"), nil) {
					time.Sleep(pause)
				}
			})
		},
	}
	for name, body := range replies {
		for _, http2 := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				overPipe(t, http2, to(answers(raxx.Response{Status: 200, Body: body()})), func(t *testing.T, resp *http.Response) {
					r := bufio.NewReader(resp.Body)
					for i := range 5 {
						if line, err := r.ReadString('\n'); err != nil {
							t.Fatalf("%s: got %q, %v in place of piece %d", resp.Proto, line, err, i)
						}
					}
				})
			})
		}
	}
}

// One whose client does not read is cut, over HTTP/2, too.
func TestToHTTPStandsStill(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		var began time.Time
		var took atomic.Int64
		var reason atomic.Value
		h := nethttp.ToHTTP(answers(raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part {
			switch event := event.(type) {
			case raxx.Open:
				began = time.Now()
			case raxx.Closed:
				took.Store(int64(time.Since(began)))
				reason.Store(event.Reason)
			}
			return []raxx.Part{raxx.Data(make([]byte, 1<<20)), raxx.After{}}
		})}), nethttp.Config{ProgressTimeout: time.Minute})
		overPipe(t, http2, h, func(t *testing.T, resp *http.Response) {
			time.Sleep(2 * time.Minute)
			if got := time.Duration(took.Load()); reason.Load() == nil || got != time.Minute {
				t.Errorf("%s: the machine is told %v after %v", resp.Proto, reason.Load(), got)
			}
			if _, err := io.ReadAll(resp.Body); err == nil || errors.Is(err, io.EOF) {
				t.Errorf("%s: the reply looks whole", resp.Proto)
			}
		})
	}
}

// The head of a reply that streams does not wait for the body of the request,
// whoever reads that.
func TestToHTTPBodyOnAnotherGoroutine(t *testing.T) {
	read := func(req raxx.Request) <-chan raxx.Data {
		got := make(chan raxx.Data, 1)
		go func() {
			data, _ := raxx.ReadAll(req.Body, 0)
			got <- data
		}()
		time.Sleep(time.Nanosecond) // of the bubble: until it waits for the client
		return got
	}
	for name, h := range map[string]raxx.Handler{
		"a stream": func(req raxx.Request) raxx.Response {
			got := read(req)
			return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				yield([]byte(<-got), nil)
			})}
		},
		"a machine": func(req raxx.Request) raxx.Response {
			read(req) // it gets what comes while it reads, and the machine the rest
			return raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part {
				if _, end := event.(raxx.Tail); end {
					return []raxx.Part{raxx.Data("hello"), event.(raxx.Part)}
				}
				return nil
			})}
		},
		"a machine that begins behind what came": func(req raxx.Request) raxx.Response {
			got := read(req)
			return raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part {
				switch event := event.(type) {
				case raxx.Open:
					<-got
				case raxx.Tail:
					return []raxx.Part{raxx.Data("hello"), event}
				}
				return nil
			})}
		},
	} {
		for _, http2 := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				postOverPipe(t, http2, to(h), func() (io.Reader, func(*testing.T, *http.Response)) {
					body, client := io.Pipe()
					return body, func(t *testing.T, resp *http.Response) {
						io.WriteString(client, "hello")
						client.Close()
						if all, err := io.ReadAll(resp.Body); string(all) != "hello" || err != nil {
							t.Errorf("%s: got %q, %v", resp.Proto, all, err)
						}
					}
				})
			})
		}
	}
}

// A machine takes the body over before its first step from whoever has been left
// reading it, so that it hears of the end, however fast the rest of it comes.
func TestToHTTPMachineTakesTheBodyOver(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		var goOn chan bool
		h := to(func(req raxx.Request) raxx.Response {
			read := make(chan bool)
			go func() {
				defer close(read)
				raxx.ReadAll(req.Body, 0)
			}()
			time.Sleep(time.Nanosecond) // of the bubble: until it waits for the client
			return raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part {
				switch event := event.(type) {
				case raxx.Open:
					close(goOn)
					<-read
				case raxx.Tail:
					return []raxx.Part{raxx.Data("the end"), event}
				}
				return nil
			})}
		})
		postOverPipe(t, http2, h, func() (io.Reader, func(*testing.T, *http.Response)) {
			goOn = make(chan bool)
			body, client := io.Pipe()
			go func() {
				<-goOn
				io.WriteString(client, "hello")
				client.Close()
			}()
			return body, func(t *testing.T, resp *http.Response) {
				if all, err := io.ReadAll(resp.Body); string(all) != "the end" || err != nil {
					t.Errorf("%s: got %q, %v", resp.Proto, all, err)
				}
			}
		})
	}
}

// Where the limit is switched off, http.Server.WriteTimeout stays, which overPipe sets.
func TestToHTTPWriteTimeoutStays(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		h := nethttp.ToHTTP(answers(raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part {
			return []raxx.Part{raxx.Data("tick\n"), raxx.After{Delay: 400 * time.Millisecond}}
		})}), nethttp.Config{ProgressTimeout: -1})
		begun := time.Now()
		overPipe(t, http2, h, func(t *testing.T, resp *http.Response) {
			begun = time.Now()
			data, err := io.ReadAll(resp.Body)
			if took := time.Since(begun); err == nil || len(data) < 10 || took > 2*time.Second {
				t.Errorf("%s: got %d octets in %v, %v", resp.Proto, len(data), took, err)
			}
		})
	}
}

// A reply that does not stream has the time that the http.Server gives it, and no other.
func TestToHTTPWholeRepliesHaveNoLimit(t *testing.T) {
	content := strings.Repeat("a", 1<<20)
	onWire(t, to(answers(raxx.Text(200, content))), func(t *testing.T, conn net.Conn) {
		io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		time.Sleep(time.Hour) // of the bubble
		got, err := io.ReadAll(conn)
		if err != nil || !strings.HasSuffix(string(got), content) {
			t.Errorf("got %d octets, %v", len(got), err)
		}
	})
}
