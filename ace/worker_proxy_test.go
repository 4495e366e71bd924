package ace

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// hidden hides what a listener is, so that it is served as a stream.
type hidden struct{ net.Listener }

// proxiedEndpoints serves for a proxy on this machine, as sockets and as streams.
func proxiedEndpoints(t *testing.T, c Config, test func(t *testing.T, s *Server, dial func() net.Conn, ended <-chan ConnectionEvent)) {
	for name, wrap := range map[string]func(net.Listener) net.Listener{
		"socket": func(l net.Listener) net.Listener { return l },
		"stream": func(l net.Listener) net.Listener { return hidden{l} },
	} {
		t.Run(name, func(t *testing.T) {
			inner := listenHere(t, ListenConfig{}, "127.0.0.1:0")
			ended := make(chan ConnectionEvent, 100)
			c.Trace.ConnectionClosed = func(e ConnectionEvent) { ended <- e }
			s := New(func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Peer.Address) }, c)
			served := make(chan error, 1)
			go func() { served <- s.Serve(ProxyProtocol(wrap(inner), netip.MustParsePrefix("127.0.0.0/8"))) }()
			defer func() {
				s.Close()
				if err := <-served; err != nil {
					t.Error(err)
				}
			}()
			test(t, s, func() net.Conn {
				conn, err := net.Dial("tcp", inner.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { conn.Close() })
				conn.SetDeadline(time.Now().Add(20 * time.Second))
				return conn
			}, ended)
		})
	}
}

func TestProxiedRequests(t *testing.T) {
	proxiedEndpoints(t, Config{}, func(t *testing.T, s *Server, dial func() net.Conn, ended <-chan ConnectionEvent) {
		for _, header := range []string{proxyHeader, proxyHeaderBinary} {
			conn := dial()
			conn.(*net.TCPConn).SetNoDelay(true)
			for _, c := range []byte(header) {
				conn.Write([]byte{c})
				time.Sleep(100 * time.Microsecond)
			}
			io.WriteString(conn, get) // and a second one, from answerTo
			if got := answerTo(conn); !strings.HasPrefix(got, "192.0.2.1:56324HTTP/1.1 200") {
				t.Errorf("the handler was told %q", got)
			}
			if e := <-ended; e.Err != nil || e.Requests != 2 || e.Peer.Address != "192.0.2.1:56324" {
				t.Errorf("the trace was told %+v", e)
			}
		}
	})
}

// Without a header there is no answer, whatever is missing.
func TestProxiedWithoutAHeader(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		ends     bool
		want     error
	}{
		{"a request", get, true, ErrProxyHeader},
		{"half a header", proxyHeader[:20], true, ErrProxyHeader},
		{"half a header, and silence", proxyHeader[:20], false, ErrTimeout},
		{"a health check", "", true, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Config{HandshakeTimeout: 200 * time.Millisecond}
			proxiedEndpoints(t, c, func(t *testing.T, s *Server, dial func() net.Conn, ended <-chan ConnectionEvent) {
				conn := dial()
				io.WriteString(conn, tt.in)
				if tt.ends {
					conn.(*net.TCPConn).CloseWrite()
				}
				if got, _ := io.ReadAll(conn); len(got) > 0 {
					t.Errorf("it was answered with %q", got)
				}
				if e := <-ended; !errors.Is(e.Err, tt.want) || e.Requests != 0 {
					t.Errorf("the trace was told %+v, want %v", e, tt.want)
				}
			})
		})
	}
}

// The time of the header is not the request's.
func TestProxiedRequestTakesItsTime(t *testing.T) {
	c := Config{HandshakeTimeout: 300 * time.Millisecond}
	proxiedEndpoints(t, c, func(t *testing.T, s *Server, dial func() net.Conn, ended <-chan ConnectionEvent) {
		conn := dial()
		io.WriteString(conn, proxyHeader)
		time.Sleep(2 * c.HandshakeTimeout)
		if got := answerTo(conn); got != "192.0.2.1:56324" {
			t.Errorf("got %s", got)
		}
	})
}

// A drain waits for headers as it does for requests, and a close does not.
func TestProxiedDrain(t *testing.T) {
	proxiedEndpoints(t, Config{}, func(t *testing.T, s *Server, dial func() net.Conn, ended <-chan ConnectionEvent) {
		silent, late := dial(), dial()
		for s.Connections() < 2 {
			time.Sleep(time.Millisecond)
		}
		down := make(chan error, 1)
		begun := time.Now()
		go func() { down <- s.Shutdown(t.Context()) }()
		for len(s.Addrs()) > 0 {
			time.Sleep(time.Millisecond)
		}
		io.WriteString(late, proxyHeader)
		if got := answerTo(late); got != "192.0.2.1:56324" {
			t.Errorf("what was on its way got %q", got)
		}
		io.Copy(io.Discard, silent)
		if err := <-down; err != nil || time.Since(begun) > 3*time.Second {
			t.Errorf("Shutdown returned %v after %v", err, time.Since(begun))
		}
	})
	proxiedEndpoints(t, Config{}, func(t *testing.T, s *Server, dial func() net.Conn, ended <-chan ConnectionEvent) {
		silent := dial()
		for s.Connections() < 1 {
			time.Sleep(time.Millisecond)
		}
		begun := time.Now()
		s.Close()
		if got, _ := io.ReadAll(silent); len(got) > 0 || time.Since(begun) > drainGrace/2 {
			t.Errorf("it was cut after %v", time.Since(begun))
		}
		if e := <-ended; !errors.Is(e.Err, ErrServerClosed) {
			t.Errorf("the trace was told %v", e.Err)
		}
	})
}

// A config that names other protocols has the server's, too.
func TestProtocolsOfTheServer(t *testing.T) {
	s := New(hello, Config{TLS: &tls.Config{NextProtos: []string{"acme-tls/1"}}})
	if got := s.tls; !slices.Equal(got.NextProtos, []string{"h2", "http/1.1", "http/1.0", "acme-tls/1"}) || got.MinVersion != tls.VersionTLS12 {
		t.Errorf("protocols %q, version %x", got.NextProtos, got.MinVersion)
	}
}
