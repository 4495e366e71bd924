package ace

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// A certificate that does not come keeps no connection for longer than a handshake
// may take: whoever looks for it is told.
func TestHandshakeTimeoutReachesCallbacks(t *testing.T) {
	server, client := testTLS(t)
	server.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		select {
		case <-hello.Context().Done():
			return nil, hello.Context().Err()
		case <-time.After(10 * time.Second):
			return nil, errors.New("it was not told")
		}
	}
	overClear(t, func(t *testing.T, n network) {
		ended := make(chan error, 1)
		_, dial := start(t, n, hello, Config{TLS: server, HandshakeTimeout: 200 * time.Millisecond, Trace: Trace{
			HandshakeEnded: func(e HandshakeEvent) { ended <- e.Err },
		}})
		go tls.Client(dial().Conn, client).Handshake()
		if err := <-ended; !errors.Is(err, ErrTimeout) {
			t.Errorf("the handshake ended with %v", err)
		}
	})
}

// Nor does a client that has begun one and does not go on.
func TestHandshakeThatStops(t *testing.T) {
	server, _ := testTLS(t)
	overClear(t, func(t *testing.T, n network) {
		ended := make(chan error, 1)
		_, dial := start(t, n, hello, Config{TLS: server, HandshakeTimeout: 200 * time.Millisecond, Trace: Trace{
			HandshakeEnded: func(e HandshakeEvent) { ended <- e.Err },
		}})
		p := dial()
		io.WriteString(p.Conn, "\x16\x03\x01") // of a record
		if err := <-ended; !errors.Is(err, ErrTimeout) {
			t.Errorf("the handshake ended with %v", err)
		}
		if got, _ := io.ReadAll(p.Conn); len(got) > 0 {
			t.Errorf("got %q", got)
		}
	})
}

// A pausingConn is a client's end of a connection that does something before one of
// its writes, and takes its time for those behind it.
type pausingConn struct {
	net.Conn
	before int // that write
	do     func()
}

func (c *pausingConn) Write(p []byte) (int, error) {
	switch c.before--; {
	case c.before == 0:
		c.do()
	case c.before < 0:
		time.Sleep(drainGrace / 2)
	}
	return c.Conn.Write(p)
}

// A drain finds clients before their handshake and within it. They are answered, if
// they go on before long.
func TestDrainDuringAHandshake(t *testing.T) {
	server, client := testTLS(t)
	for name, write := range map[string]int{"before it": 1, "within it": 2, "behind it": 3} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := memnet.Listen()
				s := New(hello, Config{TLS: server, Trace: Trace{ConnectionClosed: func(e ConnectionEvent) {
					took := time.Since(e.Opened)
					if e.Requests == 0 && (!errors.Is(e.Err, ErrTimeout) || took < drainGrace/2 || took > 2*drainGrace) {
						t.Errorf("a silent client was cut off after %v by %v", took, e.Err)
					}
				}}})
				served, down := make(chan error, 1), make(chan error, 1)
				go func() { served <- s.Serve(l) }()
				dial := func() net.Conn {
					conn, err := l.Dial()
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { conn.Close() })
					return conn
				}
				newPeer(t, dial()) // says nothing
				p := newPeer(t, tls.Client(&pausingConn{dial(), write, func() {
					synctest.Wait()
					go func() { down <- s.Shutdown(t.Context()) }()
					time.Sleep(drainGrace / 2)
				}}, client))
				p.send(get)
				p.want(200, "hello")
				p.wantEnd()
				p.Close()
				if err := <-down; err != nil {
					t.Errorf("Shutdown returned %v", err)
				}
				if err := <-served; err != nil {
					t.Errorf("Serve returned %v", err)
				}
				time.Sleep(time.Second) // the server's timers stand still at their next tick
			})
		})
	}
}

// Whoever has a listener that puts TLS on its connections serves the same requests.
func TestListenersOfTLS(t *testing.T) {
	server, client := testTLS(t)
	listen := func(t *testing.T, h raxx.Handler, c Config) (dial func() (net.Conn, error)) {
		l := memnet.Listen()
		s := New(h, c)
		served := make(chan error, 1)
		go func() { served <- s.Serve(tls.NewListener(l, server)) }()
		t.Cleanup(func() {
			s.Close()
			if err := <-served; err != nil {
				t.Error(err)
			}
		})
		return l.Dial
	}
	t.Run("requests", func(t *testing.T) {
		dial := listen(t, func(req raxx.Request) raxx.Response {
			return raxx.Text(200, req.Scheme+" "+req.Peer.TLS.ServerName)
		}, Config{})
		conn, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		newPeer(t, conn).askTLS(client, "https test")
	})
	t.Run("silence", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ended := make(chan error, 1)
			dial := listen(t, hello, Config{Trace: Trace{HandshakeEnded: func(e HandshakeEvent) { ended <- e.Err }}})
			conn, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			begun := time.Now()
			if err, took := <-ended, time.Since(begun).Round(time.Second); !errors.Is(err, ErrTimeout) || took != 10*time.Second {
				t.Errorf("the handshake ended after %v with %v", took, err)
			}
		})
	})
	t.Run("a reply that breaks off", func(t *testing.T) {
		dial := listen(t, func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "a/b", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				if yield([]byte("half"), nil) {
					yield(nil, io.ErrNoProgress)
				}
			}))
		}, Config{})
		conn, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		secured := tls.Client(conn, client)
		io.WriteString(secured, "GET / HTTP/1.0\r\n\r\n")
		if got, err := io.ReadAll(secured); err == nil {
			t.Errorf("%q has come to a regular end", got)
		}
	})
}
