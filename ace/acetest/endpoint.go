package acetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/internal/memnet"
)

// An Endpoint is where clients reach a server in memory. Its methods may be called
// from any goroutine.
type Endpoint struct {
	service *service
	from    string // the address of clients; empty: each connection has its own
}

// A service is a server that serves an endpoint in memory.
type service struct {
	server   *ace.Server
	listener *memnet.Listener
	clients  atomic.Uint32 // that have dialled without an address of their own

	ended chan struct{} // closed when the server serves the endpoint no more
	err   error         // why; to be read behind ended
}

// Serve serves s to a test. When the test ends, it closes the server as
// [Endpoint.Close] does; if that fails, so does the test.
func Serve(t testing.TB, s *ace.Server) *Endpoint {
	t.Helper()
	return ServeEndpoint(t, s, ace.Endpoint{})
}

// ServeEndpoint is Serve with an endpoint that has a name, a TLS config or a
// machine of its own, but neither Address nor Listener. It may be called more than
// once for a server.
func ServeEndpoint(t testing.TB, s *ace.Server, endpoint ace.Endpoint) *Endpoint {
	t.Helper()
	e := Start(s, endpoint)
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("acetest: %v", err)
		}
	})
	return e
}

// Start is ServeEndpoint without a test, as for an example: its caller calls
// [Endpoint.Close]. It panics if the endpoint has an Address or a Listener.
func Start(s *ace.Server, endpoint ace.Endpoint) *Endpoint {
	if endpoint.Address != "" || endpoint.Listener != nil {
		panic("acetest: an endpoint in memory has neither Address nor Listener")
	}
	serving := &service{server: s, listener: memnet.Listen(), ended: make(chan struct{})}
	endpoint.Listener = serving.listener
	go func() {
		serving.err = s.ServeEndpoints(endpoint)
		close(serving.ended)
	}()
	return &Endpoint{service: serving}
}

// Close closes the server, which cuts the connections that are left, and waits for
// handlers that are still at work: their context has ended, and so has a wait for
// their client. In a bubble of testing/synctest, time goes on meanwhile. It returns
// why the server had stopped serving the endpoint before, if that was an error, and
// an [*ace.DrainError] if a handler goes on for ten seconds more. Whoever wants the
// server to drain calls [ace.Server.Shutdown] first.
func (e *Endpoint) Close() error {
	server := e.service.server
	server.Close()
	<-e.service.ended
	if err := e.service.err; err != nil && !errors.Is(err, ace.ErrServerClosed) { // that: it was closed before it had begun
		return err
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, errHandlers)
	defer cancel()
	return server.Shutdown(ctx)
}

// patience is how long Close waits for handlers whose connections it has cut.
const patience = 10 * time.Second

var errHandlers = fmt.Errorf("the server was closed %v before", patience)

// From returns the endpoint as it is for clients at an address, such as
// "198.51.100.7:4321", which is what handlers see in raxx.Peer. Without it each
// connection comes from another port of 192.0.2.1.
func (e *Endpoint) From(address string) *Endpoint { return &Endpoint{e.service, address} }

// Dial opens a connection. As a [net.TCPConn] it has CloseWrite, and SetLinger with
// which a client breaks it off. It fails when the server has stopped listening, or
// 1,024 connections wait to be accepted.
func (e *Endpoint) Dial() (net.Conn, error) {
	return e.DialContext(context.Background(), "", "")
}

// DialContext is Dial in the form that other clients take, such as an
// [http.Transport]. It reaches the server whatever network and address it is called
// with.
func (e *Endpoint) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	from := e.from
	if from == "" {
		from = fmt.Sprint("192.0.2.1:", 1024+e.service.clients.Add(1)%(1<<16-1024))
	}
	conn, err := e.service.listener.DialFrom(ctx, memnet.Addr(from))
	if err != nil {
		return nil, fmt.Errorf("acetest: %w", e.service.why(err))
	}
	return conn, nil
}

// why returns why dialling has failed: with the server's own error, if it has one.
func (s *service) why(err error) error {
	select {
	case <-s.ended:
		return errors.Join(err, s.err)
	default:
		return err
	}
}

// Say opens a connection, sends text as it is, then closes its sending side, and
// returns what the server sends until it closes the connection. It speaks no TLS.
// For a handler that asks for its context, a client that will send nothing more has
// left: ask such a handler by a client that stays, such as [Endpoint.HTTP1].
//
//	answer, err := app.Say("GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n")
func (e *Endpoint) Say(text string) (answer string, err error) {
	conn, err := e.Dial()
	if err != nil {
		return "", err
	}
	defer conn.Close()
	go func() {
		// If this fails, the server had heard enough, and its answer says why.
		io.WriteString(conn, text)
		conn.(*memnet.Conn).CloseWrite()
	}()
	b, err := io.ReadAll(conn)
	return string(b), err
}
