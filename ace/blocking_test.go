package ace_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// A gate is code of a user that blocks: it tells that it has been called, and waits
// until it is opened.
type gate struct{ begun, opened chan bool }

func (g gate) wait() {
	select {
	case g.begun <- true:
		<-g.opened
	case <-g.opened:
	}
}

// blockedAtOnce is more than there are pollers and governors.
const blockedAtOnce = 8

// Code of a user that takes long holds up what it is called for, and nothing else,
// wherever the server calls it.
func TestBlockingCodeOfUsers(t *testing.T) {
	var topics atomic.Int32
	refused := ask{method: "CONNECT", target: ""}
	for _, test := range []struct {
		name   string
		config func(g gate) ace.Config
		block  func(g gate, req raxx.Request) raxx.Response // what /block is answered with
		ask    ask
		leaves bool // the client leaves when the head has come
	}{
		{"the hook for exchanges", func(g gate) ace.Config {
			return ace.Config{Trace: ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) {
				if e.Request.Path == "/block" {
					g.wait()
				}
			}}}
		}, nil, ask{}, false},
		{"the hook for a connection", func(g gate) ace.Config {
			blocked := new(atomic.Int32)
			return ace.Config{Trace: ace.Trace{ConnectionOpened: func(ace.ConnectionEvent) {
				if blocked.Add(1) <= blockedAtOnce {
					g.wait()
				}
			}}}
		}, nil, ask{}, false},
		{"the hook for the end of a connection", func(g gate) ace.Config {
			return ace.Config{Trace: ace.Trace{ConnectionClosed: func(ace.ConnectionEvent) { g.wait() }}}
		}, nil, ask{}, true},
		{"the reply for what no handler sees", func(g gate) ace.Config {
			return ace.Config{ErrorResponse: func(raxx.Request, error) raxx.Response { g.wait(); return raxx.Response{Status: 500} }}
		}, nil, refused, false},
		{"the reply for a machine that breaks off", func(g gate) ace.Config {
			return ace.Config{ErrorResponse: func(raxx.Request, error) raxx.Response { g.wait(); return raxx.Response{Status: 500} }}
		}, func(gate, raxx.Request) raxx.Response { return raxx.Defer(reacts(opening(raxx.Abort{}))) }, ask{}, false},
		{"the last step of a machine", nil, func(g gate, _ raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
				if _, closed := event.(raxx.Closed); closed {
					g.wait()
				}
				return nil
			}))
		}, ask{}, true},
		{"a machine that breaks off", nil, func(g gate, _ raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
				if _, closed := event.(raxx.Closed); closed {
					g.wait()
				}
				return parts(raxx.Data("a"), raxx.Abort{})
			}))
		}, ask{}, false},
		{"the close of a file", nil, func(g gate, _ raxx.Request) raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewFile(gateFS{g}, "a")}
		}, ask{}, false},
		{"the end of a stream whose client leaves", nil, func(g gate, _ raxx.Request) raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				defer g.wait()
				for yield([]byte(text(1000)), nil) {
				}
			})}
		}, ask{}, true},
		{"a broker that publishes", func(g gate) ace.Config { return ace.Config{Broker: gateBroker{g}} }, func(gate, raxx.Request) raxx.Response {
			return raxx.NoContent().WithDo(raxx.Publish{Topic: "t", Message: "m"})
		}, ask{}, false},
		{"a broker that publishes what a HEAD brings", func(g gate) ace.Config { return ace.Config{Broker: gateBroker{g}} }, func(gate, raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", reacts(opening())).WithDo(raxx.Publish{Topic: "t", Message: "m"})
		}, ask{method: "HEAD", target: "/block"}, false},
		{"a broker that subscribes", func(g gate) ace.Config { return ace.Config{Broker: gateBroker{g}} }, func(gate, raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", reacts(opening())).WithDo(raxx.Subscribe{Topic: fmt.Sprint(topics.Add(1))})
		}, ask{}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, e engine) {
				if e.under != "" || e.stack {
					t.Skip("it makes no difference")
				}
				if e.http2 && test.ask.method == "CONNECT" {
					t.Skip("the client does not send it")
				}
				g := gate{make(chan bool), make(chan bool)}
				var config ace.Config
				if test.config != nil {
					config = test.config(g)
				}
				c := e.newClient(t, func(req raxx.Request) raxx.Response {
					if req.Path == "/block" && test.block != nil {
						return test.block(g, req)
					}
					return hello(req)
				}, config)
				a := test.ask
				if a.method == "" {
					a = ask{method: "GET", target: "/block"}
				}
				for range blockedAtOnce {
					other, conns := *c, make(chan net.Conn, 1)
					other.dial = func() (net.Conn, error) {
						conn, err := c.dial()
						conns <- conn
						return conn, err
					}
					other.http = other.transport()
					t.Cleanup(other.http.CloseIdleConnections)
					go func() {
						resp, err := other.http.RoundTrip(other.request(t.Context(), a, new(answer)))
						if err != nil {
							return
						}
						if test.leaves {
							(<-conns).Close()
						}
						io.Copy(io.Discard, resp.Body)
						resp.Body.Close()
					}()
					within(t, g.begun, "it is called")
				}
				for range 20 {
					if got := c.ask(ask{method: "GET", target: "/"}); got.body != "hello" {
						t.Fatalf("got %+v", got)
					}
				}
				close(g.opened)
			})
		})
	}
}

// Nor do the last steps of machines whose connection breaks under them.
func TestBlockingLastStepsOfAConnection(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		g := gate{make(chan bool), make(chan bool)}
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			if req.Path == "/block" {
				return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
					if _, closed := event.(raxx.Closed); closed {
						g.wait()
					}
					return nil
				}))
			}
			return hello(req)
		}, ace.Config{})
		dial := c.dial
		for range blockedAtOnce {
			var below net.Conn
			c.dial = func() (_ net.Conn, err error) { below, err = dial(); return below, err }
			p := c.h2Dial()
			p.ask(1, "GET /block")
			p.until("the head", func() bool { return p.streams[1].status != "" })
			if tcp, ok := below.(*net.TCPConn); ok {
				tcp.SetLinger(0)
			}
			below.Close()
			within(t, g.begun, "it is called")
		}
		for range 20 {
			if got := c.ask(ask{method: "GET", target: "/"}); got.body != "hello" {
				t.Fatalf("got %+v", got)
			}
		}
		close(g.opened)
	})
}

// Nor does what is told of clients that never begin their handshake.
func TestBlockingHookForHandshakes(t *testing.T) {
	for _, e := range engines {
		if !e.tls || e.under != "" || e.stack {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			g := gate{make(chan bool), make(chan bool)}
			c := e.newClient(t, hello, ace.Config{HandshakeTimeout: 100 * time.Millisecond, Trace: ace.Trace{
				HandshakeEnded: func(e ace.HandshakeEvent) {
					if e.Err != nil {
						g.wait()
					}
				},
			}})
			for range blockedAtOnce {
				silent, err := c.dial()
				if err != nil {
					t.Fatal(err)
				}
				defer silent.Close()
				within(t, g.begun, "it is called")
			}
			if got := c.ask(ask{method: "GET", target: "/"}); got.body != "hello" {
				t.Errorf("got %+v", got)
			}
			close(g.opened)
		})
	}
}

// A gateFS has a file that blocks when it is closed.
type gateFS struct{ gate gate }

func (f gateFS) Open(name string) (fs.File, error) {
	file, err := fstest.MapFS{"a": {Data: []byte("hello")}}.Open(name)
	return gateFile{file, f.gate}, err
}

type gateFile struct {
	fs.File
	gate gate
}

func (f gateFile) Close() error {
	f.gate.wait()
	return f.File.Close()
}

// A gateBroker blocks.
type gateBroker struct{ gate gate }

func (b gateBroker) Publish(string, string) error {
	b.gate.wait()
	return nil
}

func (b gateBroker) Subscribe(string, func(string)) (func(), error) {
	b.gate.wait()
	return nil, errors.New("none")
}
