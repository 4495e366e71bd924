package ace

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// A network is one way to reach a server: each test of this file that does not
// need fake time runs over all of them.
type network struct {
	name   string
	listen listenFunc
}

var networks = []network{
	{"socket", listenOn(func(l net.Listener) net.Listener { return l })},
	{"memory", func(t *testing.T) (net.Listener, func() (net.Conn, error)) {
		l := memnet.Listen()
		return l, l.Dial
	}},
	{"socket with TLS", overTLS(listenOn(func(l net.Listener) net.Listener { return l }))},
	{"stream", listenOn(func(l net.Listener) net.Listener { return foreign{l} })},
	{"stream with TLS", overTLS(listenOn(func(l net.Listener) net.Listener { return foreign{l} }))},
}

// A foreign listener is none that pollers know: each of its connections has a
// goroutine, as every connection has on systems without pollers.
type foreign struct{ net.Listener }

// polled reports whether pollers serve the network.
func (n network) polled() bool {
	return runtime.GOOS == "linux" && strings.HasPrefix(n.name, "socket")
}

// A listenFunc opens a listener, and returns how to reach it.
type listenFunc = func(t *testing.T) (net.Listener, func() (net.Conn, error))

func listenOn(as func(net.Listener) net.Listener) listenFunc {
	return func(t *testing.T) (net.Listener, func() (net.Conn, error)) {
		l, err := Listen("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return as(l), func() (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) }
	}
}

func overTLS(listen listenFunc) listenFunc {
	return func(t *testing.T) (net.Listener, func() (net.Conn, error)) {
		l, _ := listen(t)
		client := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}}
		return l, func() (net.Conn, error) { return tls.Dial("tcp", l.Addr().String(), client) }
	}
}

// configFor returns the config with what the network needs.
func (n network) configFor(t *testing.T, c Config) Config {
	t.Helper()
	if strings.HasSuffix(n.name, "TLS") {
		cert, err := DevelopmentCertificate("localhost")
		if err != nil {
			t.Fatal(err)
		}
		c.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	}
	return c
}

// overAll runs a test over every network.
func overAll(t *testing.T, test func(t *testing.T, n network)) {
	for _, n := range networks {
		t.Run(n.name, func(t *testing.T) { test(t, n) })
	}
}

// overClear is overAll without TLS, for tests that bring it themselves or do
// without: what is closed within TLS only can't be seen on the socket.
func overClear(t *testing.T, test func(t *testing.T, n network)) {
	for _, n := range networks {
		if !strings.HasSuffix(n.name, "TLS") {
			t.Run(n.name, func(t *testing.T) { test(t, n) })
		}
	}
}

// start serves h until the test ends, and returns how to reach it.
func start(t *testing.T, n network, h raxx.Handler, c Config) (*Server, func() *peer) {
	t.Helper()
	l, dial := n.listen(t)
	s := New(h, n.configFor(t, c))
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-served; err != nil && !errors.Is(err, ErrServerClosed) {
			t.Errorf("Serve returned %v", err)
		}
	})
	return s, func() *peer {
		t.Helper()
		conn, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		conn.SetDeadline(time.Now().Add(20 * time.Second)) // a test that waits for ever says where
		return newPeer(t, conn)
	}
}

// A peer is the client's end of a connection.
type peer struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

func newPeer(t *testing.T, conn net.Conn) *peer { return &peer{t, conn, bufio.NewReader(conn)} }

func (p *peer) send(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.Conn, text); err != nil {
		p.t.Fatalf("send %.40q: %v", text, err)
	}
}

// receive reads a response with its body.
func (p *peer) receive() (status int, body string) {
	p.t.Helper()
	resp, err := http.ReadResponse(p.r, nil)
	if err != nil {
		p.t.Fatalf("read a response: %v", err)
	}
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatalf("read the body of a response: %v", err)
	}
	return resp.StatusCode, string(all)
}

func (p *peer) want(status int, body string) {
	p.t.Helper()
	if s, b := p.receive(); s != status || b != body {
		p.t.Errorf("got %d %.60q, want %d %.60q", s, b, status, body)
	}
}

// wantEnd reads until the connection is closed by the server.
func (p *peer) wantEnd() {
	p.t.Helper()
	if rest, err := io.ReadAll(p.r); err != nil || len(rest) > 0 {
		p.t.Errorf("got %q, %v at the end of the connection", rest, err)
	}
}

const get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n"

func hello(raxx.Request) raxx.Response { return raxx.Text(200, "hello") }

func TestServerAnswersOnEveryNetwork(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		_, dial := start(t, n, func(req raxx.Request) raxx.Response {
			return raxx.Text(200, req.Method+" "+req.Path+" "+req.Peer.Protocol)
		}, Config{})
		p := dial()
		for range 3 {
			p.send("GET /a%20b HTTP/1.1\r\nHost: test\r\n\r\n")
			p.want(200, "GET /a%20b HTTP/1.1")
		}
	})
}

func TestSilentClientsDoNotStopTheService(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		_, dial := start(t, n, hello, Config{})
		for range 300 {
			dial()
		}
		p := dial()
		p.send(get)
		p.want(200, "hello")
	})
}

func TestPanicCostsItsExchangeOnly(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		faults := make(chan error, 1)
		_, dial := start(t, n, func(req raxx.Request) raxx.Response {
			if req.Path == "/panic" {
				panic("on purpose")
			}
			return hello(req)
		}, Config{Trace: Trace{ExchangeEnded: func(e ExchangeEvent) {
			if e.Fault != nil {
				faults <- e.Fault
			}
		}}})
		p := dial()
		p.send("GET /panic HTTP/1.1\r\nHost: test\r\n\r\n")
		if status, body := p.receive(); status != 500 || strings.Contains(body, "purpose") {
			t.Errorf("got %d %q, want 500 without the panic's text", status, body)
		}
		p.send(get)
		p.want(200, "hello")
		var fault *PanicError
		if err := <-faults; !errors.As(err, &fault) || fault.Value != "on purpose" || len(fault.Stack) == 0 {
			t.Errorf("the trace was told %v", err)
		}
	})
}

func TestErrorResponseIsTheConfigs(t *testing.T) {
	config := Config{ErrorResponse: func(_ raxx.Request, err error) raxx.Response {
		return raxx.Text(418, err.Error())
	}}
	overAll(t, func(t *testing.T, n network) {
		_, dial := start(t, n, func(raxx.Request) raxx.Response { panic("tea") }, config)
		p := dial()
		p.send(get)
		p.want(418, "ace: the handler panicked: tea")
		p.send("GET / HTTP/1.1\r\n\r\n")
		p.want(418, "ace: not exactly one Host field (RFC 9112, 3.2)")
		p.wantEnd()
	})
}

func TestConnectionsBeyondTheLimitWait(t *testing.T) {
	s, dial := start(t, networks[0], hello, Config{MaxConnections: 2})
	first, second, third := dial(), dial(), dial()
	for _, p := range []*peer{first, second} {
		p.send(get)
		p.want(200, "hello")
	}
	third.send(get)
	third.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if _, err := third.r.Peek(1); err == nil || s.Connections() != 2 {
		t.Errorf("a third connection was served beside two: %v, %d", err, s.Connections())
	}
	third.SetReadDeadline(time.Time{})
	first.Close()
	third.r.Reset(third.Conn)
	third.want(200, "hello")
}

func TestShutdownLetsExchangesEnd(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		begun, release := make(chan bool), make(chan bool)
		s, dial := start(t, n, func(req raxx.Request) raxx.Response {
			if req.Path == "/slow" {
				begun <- true
				<-release
			}
			return hello(req)
		}, Config{})
		idle, busy := dial(), dial()
		idle.send(get)
		idle.want(200, "hello")
		busy.send("GET /slow HTTP/1.1\r\nHost: test\r\n\r\n")
		<-begun
		down := make(chan error, 1)
		go func() { down <- s.Shutdown(t.Context()) }()
		for range 2 { // one more request on a connection that was idle
			if len(s.Addrs()) == 0 {
				break
			}
		}
		idle.wantEnd()
		release <- true
		resp, err := http.ReadResponse(busy.r, nil)
		if err != nil || resp.StatusCode != 200 || !resp.Close {
			t.Fatalf("got %v, %v; want 200 with connection: close", resp, err)
		}
		io.ReadAll(resp.Body)
		busy.Close()
		if err := <-down; err != nil {
			t.Errorf("Shutdown returned %v", err)
		}
		if err := s.Serve(memnet.Listen()); !errors.Is(err, ErrServerClosed) {
			t.Errorf("Serve after Shutdown returned %v", err)
		}
	})
}

// A request that the client sent before it could know of the drain is answered.
func TestShutdownAnswersWhatIsOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		s := New(hello, Config{})
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		conn, _ := l.Dial()
		p := &peer{t, conn, bufio.NewReader(conn)}
		p.send(get)
		p.want(200, "hello")
		down := make(chan error, 1)
		go func() { down <- s.Shutdown(t.Context()) }()
		synctest.Wait()
		time.Sleep(drainGrace / 2)
		p.send(get)
		p.want(200, "hello")
		p.wantEnd()
		p.Close()
		if err := errors.Join(<-down, <-served); err != nil {
			t.Error(err)
		}
	})
}

func TestShutdownCutsAtItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		causes := make(chan error, 1)
		l := memnet.Listen()
		s := New(func(req raxx.Request) raxx.Response {
			ctx := req.Context()
			<-ctx.Done()
			causes <- context.Cause(ctx)
			return hello(req)
		}, Config{})
		go s.Serve(l)
		conn, _ := l.Dial()
		io.WriteString(conn, get)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown returned %v", err)
		}
		if cause := <-causes; !errors.Is(cause, ErrServerClosed) {
			t.Errorf("the context of the exchange ended with %v", cause)
		}
		if got, _ := io.ReadAll(conn); len(got) != 0 {
			t.Errorf("got %q from a connection that was cut", got)
		}
	})
}

func TestRunServesUntilItsContextEnds(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	addrs := make(chan net.Addr, 1)
	s := New(hello, Config{Trace: Trace{EndpointOpened: func(e EndpointEvent) { addrs <- e.Addr }}})
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, "127.0.0.1:0") }()
	resp, err := http.Get("http://" + (<-addrs).String())
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("got %v, %v", resp, err)
	}
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	stop()
	if err := <-done; err != nil {
		t.Errorf("Run returned %v", err)
	}
	if err := New(hello, Config{}).Run(t.Context(), "not an address"); err == nil {
		t.Error("Run on a bad address returned nil")
	}
}

func TestTraceTellsOfConnectionsAndExchanges(t *testing.T) {
	var mu sync.Mutex
	var events []string
	note := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, fmt.Sprintf(format, args...))
	}
	closed := make(chan bool, 3)
	_, dial := start(t, networks[1], hello, Config{Trace: Trace{
		ConnectionOpened: func(e ConnectionEvent) { note("opened %s", e.Peer.Address) },
		ConnectionClosed: func(e ConnectionEvent) {
			note("closed after %d: %v", e.Requests, e.Err)
			closed <- true
		},
		ExchangeEnded: func(e ExchangeEvent) {
			note("%s %s %d %d: %v", e.Request.Method, e.Request.Path, e.Status, e.Content, e.Err)
		},
	}})
	p := dial()
	p.send(get + "GET /bad HTTP/1.1\r\nHost: test\r\nHost: test\r\n\r\n")
	p.want(200, "hello")
	p.receive()
	p.Close()
	<-closed
	mu.Lock()
	defer mu.Unlock()
	want := []string{
		"opened client",
		"GET / 200 5: <nil>",
		"GET  400 ",
		"closed after 1: ace: not exactly one Host field (RFC 9112, 3.2)",
	}
	for i := range want {
		if i >= len(events) || !strings.HasPrefix(events[i], want[i]) {
			t.Fatalf("events are %q, want them to begin with %q", events, want)
		}
	}
}

// blockOn returns a handler that waits for release on one path.
func blockOn(path string, release <-chan bool) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		if req.Path == path {
			<-release
		}
		return hello(req)
	}
}

// Run leaves the connections to whoever has shut the server down: it cuts none that
// Shutdown waits for.
func TestRunBesideShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, release := make(chan bool), make(chan bool)
		l := memnet.Listen()
		s := New(func(req raxx.Request) raxx.Response {
			begun <- true
			<-release
			return hello(req)
		}, Config{})
		ran, down := make(chan error, 1), make(chan error, 1)
		go func() { ran <- s.RunEndpoints(t.Context(), Endpoint{Listener: l}) }()
		synctest.Wait()
		conn, _ := l.Dial()
		p := newPeer(t, conn)
		p.send(get)
		<-begun
		go func() { down <- s.Shutdown(t.Context()) }()
		synctest.Wait()
		release <- true
		p.want(200, "hello")
		p.Close()
		if err := errors.Join(<-down, <-ran); err != nil {
			t.Error(err)
		}
	})
}
