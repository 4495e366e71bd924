package ace

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

func TestContextEndsWhenTheClientGoesAway(t *testing.T) {
	for name, request := range map[string]string{
		"no body":      get,
		"unread body":  "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\n",
		"body in part": "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhel",
	} {
		t.Run(name, func(t *testing.T) {
			overAll(t, func(t *testing.T, n network) {
				asked, causes := make(chan bool), make(chan error)
				_, dial := start(t, n, func(req raxx.Request) raxx.Response {
					ctx, cancel := context.WithCancel(req.Context()) // a derived one
					defer cancel()
					asked <- true
					<-ctx.Done()
					causes <- context.Cause(ctx)
					return hello(req)
				}, Config{})
				p := dial()
				p.send(request)
				<-asked
				p.Close()
				select {
				case cause := <-causes:
					if !errors.Is(cause, ErrClientGone) {
						t.Errorf("the context ended with %v", cause)
					}
				case <-time.After(5 * time.Second):
					t.Fatal("the context did not end")
				}
			})
		})
	}
}

// On a socket, what the client has sent behind its request does not hide that it
// has gone.
func TestContextEndsBehindPipelinedRequests(t *testing.T) {
	if !networks[0].polled() {
		t.Skip("what is beyond a stream's read-ahead can't be seen")
	}
	asked, causes := make(chan bool, 2), make(chan error, 2)
	_, dial := start(t, networks[0], func(req raxx.Request) raxx.Response {
		ctx := req.Context()
		asked <- true
		<-ctx.Done()
		causes <- context.Cause(ctx)
		return hello(req)
	}, Config{})
	p := dial()
	p.send(get)
	<-asked
	p.send(get)
	p.Close()
	if cause := <-causes; !errors.Is(cause, ErrClientGone) {
		t.Errorf("the context ended with %v", cause)
	}
}

func TestContextEndsWithTheExchange(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		keep := make(chan raxx.Request, 1)
		_, dial := start(t, n, func(req raxx.Request) raxx.Response {
			if req.Path == "/keep" {
				keep <- req
				if err := req.Context().Err(); err != nil {
					t.Errorf("ended within its exchange: %v", err)
				}
			}
			return hello(req)
		}, Config{})
		p := dial()
		p.send("GET /keep HTTP/1.1\r\nHost: test\r\n\r\n")
		p.want(200, "hello")
		p.send(get) // the exchange before is over when this one is
		p.want(200, "hello")
		if cause := context.Cause((<-keep).Context()); !errors.Is(cause, ErrExchangeOver) {
			t.Errorf("the context of an exchange that is over has cause %v", cause)
		}
	})
}

// The watching that a context starts must not eat the body, nor the request that
// follows.
func TestContextBesideBodyAndPipeline(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		_, dial := start(t, n, func(req raxx.Request) raxx.Response {
			done := req.Context().Done()
			body, err := raxx.ReadAll(req.Body, 0)
			if err != nil {
				return raxx.Text(500, err.Error())
			}
			select {
			case <-done:
				return raxx.Text(500, "ended")
			default:
			}
			return raxx.Text(200, string(body))
		}, Config{})
		p := dial()
		for range 3 {
			p.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 11\r\n\r\nhello")
			p.send(" world" + get)
			p.want(200, "hello world")
			p.want(200, "")
		}
	})
}

// Who asks for a context when the connection has been cut finds it ended.
func TestContextBehindACut(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		begun, cut, causes := make(chan bool), make(chan bool), make(chan error, 1)
		s, dial := start(t, n, func(req raxx.Request) raxx.Response {
			begun <- true
			<-cut
			causes <- context.Cause(req.Context())
			return hello(req)
		}, Config{})
		dial().send(get)
		<-begun
		s.Close()
		cut <- true
		if err := <-causes; !errors.Is(err, ErrServerClosed) {
			t.Errorf("the context ended with %v", err)
		}
	})
}

func TestContextOfHalfClosedClient(t *testing.T) {
	overClear(t, func(t *testing.T, n network) {
		_, dial := start(t, n, func(req raxx.Request) raxx.Response {
			<-req.Context().Done()
			return hello(req)
		}, Config{})
		p := dial()
		p.send(get)
		p.Conn.(interface{ CloseWrite() error }).CloseWrite()
		p.want(200, "hello") // it can still be told
	})
}

// Nobody who does not ask pays for a watcher: in a bubble, its goroutine would
// show as one more that waits for the connection.
func TestContextThatNobodyAsksForCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		watched := make(chan bool, 1)
		var s *Server
		s = New(func(req raxx.Request) raxx.Response {
			req.Context()
			s.mu.Lock()
			defer s.mu.Unlock()
			for w := s.workers; w != nil; w = w.next {
				watched <- w.watching
			}
			return hello(req)
		}, Config{})
		go s.Serve(l)
		conn, _ := l.Dial()
		io.WriteString(conn, get)
		if <-watched {
			t.Error("the connection is watched before anybody waits for the context")
		}
		http.ReadResponse(bufio.NewReader(conn), nil)
		conn.Close()
		s.Shutdown(t.Context())
	})
}

// Every exchange ends its context, also one that comes to its end in an unusual way.
func TestContextEndsHowever(t *testing.T) {
	const chunked = "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
	for name, test := range map[string]struct {
		send     string
		response raxx.Response
	}{
		"a tunnel that is refused": {"CONNECT test:80 HTTP/1.1\r\nHost: test:80\r\n\r\n", raxx.NoContent()},
		"a machine that waits for a malformed body": {
			chunked + "x", raxx.Response{Body: raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) { return n, nil })},
		},
		"a broker that panics": {"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", raxx.NoContent().WithDo(raxx.Publish{Topic: "a"})},
	} {
		t.Run(name, func(t *testing.T) {
			overAll(t, func(t *testing.T, n network) {
				contexts := make(chan context.Context, 2)
				s, dial := start(t, n, func(req raxx.Request) raxx.Response {
					contexts <- req.Context()
					return test.response
				}, Config{
					Broker: panickyBroker{},
					ErrorResponse: func(req raxx.Request, err error) raxx.Response {
						contexts <- req.Context()
						return DefaultErrorResponse(req, err)
					},
				})
				p := dial()
				p.send(test.send)
				io.ReadAll(p.r)
				for _, w := range s.Workers() {
					if len(w.Exchanges) > 0 {
						t.Errorf("%v goes on behind its reply", w.Exchanges[0])
					}
				}
				select {
				case <-(<-contexts).Done():
				case <-time.After(5 * time.Second):
					t.Error("its context has not ended")
				}
			})
		})
	}
}

type panickyBroker struct{ Broker }

func (panickyBroker) Publish(string, string) error { panic("no message today") }
