package ace

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// A running server on several endpoints, by their names.
type manyEndpoints struct {
	t      *testing.T
	server *Server
	addrs  map[string]net.Addr
	stop   func()
	done   chan error
}

// runMany runs a server on endpoints until the test ends.
func runMany(t *testing.T, c Config, endpoints ...Endpoint) *manyEndpoints {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	opened := make(chan EndpointEvent, len(endpoints))
	c.Trace.EndpointOpened = func(e EndpointEvent) { opened <- e }
	m := &manyEndpoints{t, New(func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Scheme) }, c),
		make(map[string]net.Addr), stop, make(chan error, 1)}
	go func() { m.done <- m.server.RunEndpoints(ctx, endpoints...) }()
	for range endpoints {
		select {
		case e := <-opened:
			m.addrs[e.Endpoint] = e.Addr
		case err := <-m.done:
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		stop()
		if err := <-m.done; err != nil {
			t.Errorf("RunEndpoints returned %v", err)
		}
	})
	return m
}

func (m *manyEndpoints) dial(name string) *peer {
	m.t.Helper()
	addr := m.addrs[name]
	conn, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	return newPeer(m.t, conn)
}

// askTLS asks over TLS, and returns what the client has seen of it.
func (p *peer) askTLS(client *tls.Config, want string) tls.ConnectionState {
	p.t.Helper()
	conn := tls.Client(p.Conn, client)
	q := newPeer(p.t, conn)
	q.send(get)
	q.want(200, want)
	return conn.ConnectionState()
}

func TestServerOnSeveralEndpoints(t *testing.T) {
	a := newAuthority(t)
	configFor := func(name string) *tls.Config {
		store, err := Certificates(a.files(t, newKey(t), name, name))
		if err != nil {
			t.Fatal(err)
		}
		return store.TLSConfig()
	}
	closed := make(chan EndpointEvent, 4)
	m := runMany(t, Config{TLS: configFor("every.test"), Trace: Trace{EndpointClosed: func(e EndpointEvent) { closed <- e }}},
		Endpoint{Name: "clear", Address: "127.0.0.1:0", Cleartext: true},
		Endpoint{Name: "tls", Address: "127.0.0.1:0"},
		Endpoint{Name: "other", Address: "127.0.0.1:0", TLS: configFor("other.test")},
		Endpoint{Name: "unix", Address: "unix:" + filepath.Join(t.TempDir(), "s"), Options: ListenConfig{Mode: 0o600}, Cleartext: true},
	)
	for _, name := range []string{"clear", "unix"} {
		p := m.dial(name)
		p.send(get)
		p.want(200, "http")
	}
	for name, host := range map[string]string{"tls": "every.test", "other": "other.test"} {
		state := m.dial(name).askTLS(&tls.Config{RootCAs: a.pool, ServerName: host, NextProtos: []string{"http/1.1"}}, "https")
		if got := state.NegotiatedProtocol; got != "http/1.1" {
			t.Errorf("endpoint %s negotiated %q", name, got)
		}
	}
	if got := len(m.server.Addrs()); got != 4 {
		t.Errorf("the server has %d addresses, want 4", got)
	}
	m.stop()
	for range 4 {
		if e := <-closed; e.TLS != (e.Endpoint == "tls" || e.Endpoint == "other") {
			t.Errorf("the trace was told of %+v", e)
		}
	}
}

// An endpoint with a handler of its own is answered for by that one, whatever its
// clients speak; all others by the server's.
func TestEndpointsWithHandlersOfTheirOwn(t *testing.T) {
	called := func(name string) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			if req.Path == "/live" {
				return raxx.Response{Status: 200, Body: raxx.NewMachine(told{nil, func(event raxx.Event) []raxx.Part {
					if _, open := event.(raxx.Open); open {
						return []raxx.Part{raxx.Data(name), raxx.Tail{}}
					}
					return nil
				}}, told.step)}
			}
			return raxx.Text(200, name)
		}
	}
	for _, server := range []raxx.Handler{called("server"), nil} {
		ended := make(chan ExchangeEvent, 1)
		s := New(server, Config{Trace: Trace{ExchangeEnded: func(e ExchangeEvent) { ended <- e }}})
		endpoints := map[string]*memnet.Listener{"public": memnet.Listen(), "admin": memnet.Listen()}
		if server != nil {
			endpoints["server"] = memnet.Listen()
		}
		var all []Endpoint
		for name, l := range endpoints {
			e := Endpoint{Name: name, Listener: l}
			if name != "server" {
				e.Handler = called(name)
			}
			all = append(all, e)
		}
		served := make(chan error, 1)
		go func() { served <- s.ServeEndpoints(all...) }()
		for name, l := range endpoints {
			for _, http2 := range []bool{false, true} {
				var protocols http.Protocols
				protocols.SetHTTP1(!http2)
				protocols.SetUnencryptedHTTP2(http2)
				transport := &http.Transport{Protocols: &protocols, DialContext: func(context.Context, string, string) (net.Conn, error) { return l.Dial() }}
				for _, path := range []string{"/", "/live"} {
					resp, err := (&http.Client{Transport: transport}).Get("http://localhost" + path)
					if err != nil {
						t.Fatal(err)
					}
					body, err := io.ReadAll(resp.Body)
					resp.Body.Close()
					if string(body) != name || err != nil || (resp.ProtoMajor == 2) != http2 {
						t.Errorf("%s%s, %s: got %q, %v", name, path, resp.Proto, body, err)
					}
					if e := <-ended; e.Endpoint != name {
						t.Errorf("%s%s, %s: the trace was told of endpoint %q", name, path, resp.Proto, e.Endpoint)
					}
				}
				transport.CloseIdleConnections()
			}
		}
		s.Close()
		<-served
	}
}

// An endpoint is closed as soon as the server drains, also if nobody accepts there
// for want of permits.
func TestEndpointWithoutPermitsIsClosed(t *testing.T) {
	begun, release, closed := make(chan bool), make(chan bool), make(chan bool, 1)
	config := Config{MaxConnections: 1, Trace: Trace{EndpointClosed: func(EndpointEvent) { closed <- true }}}
	s, dial := start(t, networks[0], func(raxx.Request) raxx.Response {
		begun <- true
		<-release
		return raxx.NoContent()
	}, config)
	p := dial()
	p.send(get)
	<-begun
	down := make(chan error, 1)
	go func() { down <- s.Shutdown(t.Context()) }()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Error("the endpoint is open while a connection is being served")
	}
	close(release)
	p.want(204, "")
	if err := <-down; err != nil {
		t.Error(err)
	}
}

// A client that has been on one endpoint resumes its session on another with the
// same config, as on IPv4 and IPv6.
func TestEndpointsShareSessions(t *testing.T) {
	server, client := testTLS(t)
	for name, config := range map[string]Config{"of their own": {}, "which is the server's": {TLS: server}} {
		t.Run(name, func(t *testing.T) {
			client.ClientSessionCache = tls.NewLRUClientSessionCache(1)
			m := runMany(t, config,
				Endpoint{Name: "a", Address: "127.0.0.1:0", TLS: server},
				Endpoint{Name: "b", Address: "127.0.0.1:0", TLS: server},
				Endpoint{Name: "c", Address: "127.0.0.1:0"})
			if m.dial("a").askTLS(client, "https").DidResume {
				t.Error("the first handshake resumed a session")
			}
			if !m.dial("b").askTLS(client, "https").DidResume {
				t.Error("a session of one endpoint was not resumed on the other")
			}
			if config.TLS != nil && !m.dial("c").askTLS(client, "https").DidResume {
				t.Error("a session was not resumed where the server's config holds by default")
			}
		})
	}
}

// So it is with endpoints of machines, among themselves: what was begun as HTTP can't
// be resumed as something else.
func TestEndpointsOfMachinesShareSessions(t *testing.T) {
	server, client := testTLS(t)
	client.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	client.NextProtos = nil
	hangsUp := raxx.NewMachine(0, func(int, raxx.Event) (int, []raxx.Part) { return 0, []raxx.Part{raxx.Data("tea"), raxx.Tail{}} })
	m := runMany(t, Config{TLS: server},
		Endpoint{Name: "http", Address: "127.0.0.1:0"},
		Endpoint{Name: "a", Address: "127.0.0.1:0", Machine: hangsUp},
		Endpoint{Name: "b", Address: "127.0.0.1:0", Machine: hangsUp, TLS: server})
	if m.dial("http").askTLS(client, "https").DidResume {
		t.Error("the first handshake resumed a session")
	}
	for _, step := range []struct {
		name   string
		resume bool
	}{{"a", false}, {"b", true}, {"a", true}} {
		conn := tls.Client(m.dial(step.name).Conn, client)
		if said, err := io.ReadAll(conn); string(said) != "tea" || err != nil {
			t.Fatalf("%s said %q, %v", step.name, said, err)
		}
		if resumed := conn.ConnectionState().DidResume; resumed != step.resume {
			t.Errorf("on %s a session was resumed: %t", step.name, resumed)
		}
	}
}

func TestEndpointErrorsNameTheEndpoint(t *testing.T) {
	config := &tls.Config{}
	for _, tt := range []struct {
		name     string
		endpoint Endpoint
		want     string
	}{
		{"no address", Endpoint{Name: "n"}, "ace: endpoint n: neither Address nor Listener"},
		{"neither address nor name", Endpoint{}, `ace: endpoint "": neither Address nor Listener`},
		{"two addresses", Endpoint{Address: ":0", Listener: memnet.Listen()}, "ace: endpoint :0: both Address and Listener"},
		{"options for a listener", Endpoint{Listener: memnet.Listen(), Options: ListenConfig{ReusePort: true}},
			"ace: endpoint server: options for a Listener that is there already"},
		{"TLS in the clear", Endpoint{Address: ":0", TLS: config, Cleartext: true}, "ace: endpoint :0: both TLS and Cleartext"},
		{"a handler beside a machine", Endpoint{Address: ":0", Handler: hello, Machine: raxx.NewMachine(told{}, told.step)},
			"ace: endpoint :0: both Handler and Machine"},
		{"TLS without a certificate", Endpoint{Address: ":0", TLS: config}, "ace: endpoint :0: a TLS config without a certificate"},
		{"an address that is none", Endpoint{Address: "nowhere"}, `ace: endpoint nowhere: listen on "nowhere": `},
		{"an option that means nothing", Endpoint{Address: ":0", Options: ListenConfig{Mode: 0o600}},
			`ace: endpoint :0: listen on ":0": option Mode is for unix sockets`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			first, last := memnet.Listen(), memnet.Listen()
			err := New(hello, Config{}).RunEndpoints(t.Context(), Endpoint{Listener: first}, tt.endpoint, Endpoint{Listener: last})
			var named *EndpointError
			if !errors.As(err, &named) || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			for _, l := range []net.Listener{first, tt.endpoint.Listener, last} {
				if l == nil {
					continue
				}
				if _, err := l.(*memnet.Listener).Dial(); err == nil {
					t.Error("a listener was left open")
				}
			}
		})
	}
	if err := New(hello, Config{}).RunEndpoints(t.Context()); err == nil {
		t.Error("RunEndpoints on nothing returned nil")
	}
	if got, want := (&EndpointError{Endpoint: "web"}).Error(), "ace: endpoint web"; got != want { // as a test of a hook makes one
		t.Errorf("without an error: %q, want %q", got, want)
	}
	// Every handshake would fail, and nobody be told.
	err := New(hello, Config{TLS: config}).RunEndpoints(t.Context(), Endpoint{Address: ":0", Cleartext: true}, Endpoint{Address: ":0", Name: "secure"})
	if want := "ace: endpoint secure: a TLS config without a certificate"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("a server without a certificate: %v, want %s", err, want)
	}
	// An address that was forgotten, such as a variable that is not set.
	err = Run(t.Context(), "", hello)
	want := `ace: endpoint "": listen on "": it is empty; to listen on a port of every address write :8080`
	var none *AddressError
	if !errors.As(err, &none) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Run without an address: %v, want %s", err, want)
	}
}

// When one endpoint fails all is over, and the error says which one it was.
func TestOneFailingEndpointEndsTheServer(t *testing.T) {
	good, bad := memnet.Listen(), &flakyListener{Listener: memnet.Listen()}
	closed := make(chan EndpointEvent, 2)
	s := New(hello, Config{Trace: Trace{EndpointClosed: func(e EndpointEvent) { closed <- e }}})
	done := make(chan error, 1)
	go func() {
		done <- s.RunEndpoints(t.Context(), Endpoint{Name: "good", Listener: good}, Endpoint{Name: "bad", Listener: bad})
	}()
	conn, err := good.Dial()
	if err != nil {
		t.Fatal(err)
	}
	p := newPeer(t, conn)
	p.send(get)
	p.want(200, "hello")
	bad.fail(syscall.EINVAL)
	bad.Dial() // ends the accept that waits
	var named *EndpointError
	if err := <-done; !errors.As(err, &named) || named.Endpoint != "bad" || !errors.Is(err, syscall.EINVAL) {
		t.Errorf("RunEndpoints returned %v", err)
	}
	for range 2 {
		if e := <-closed; (e.Endpoint == "bad") != (e.Err != nil) {
			t.Errorf("the trace was told that %s ended with %v", e.Endpoint, e.Err)
		}
	}
	if _, err := good.Dial(); err == nil {
		t.Error("the other endpoint was left open")
	}
	if rest, _ := p.r.Peek(1); len(rest) > 0 {
		t.Error("a connection was left open")
	}
}

// An endpoint on which nobody comes takes nothing from the others that they can't
// do without.
func TestFewConnectionsOnManyEndpoints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(hello, Config{MaxConnections: 3})
		served := make(chan error, 3)
		var all []*memnet.Listener
		for range 3 { // one after the other, so that the first could take all
			l := memnet.Listen()
			all = append(all, l)
			go func() { served <- s.Serve(l) }()
			synctest.Wait()
		}
		for _, l := range all {
			conn, err := l.Dial()
			if err != nil {
				t.Fatal(err)
			}
			p := newPeer(t, conn)
			p.send(get)
			p.want(200, "hello")
			defer p.Close()
		}
		one := memnet.Listen()
		if err := s.Serve(one); err == nil || !strings.Contains(err.Error(), "MaxConnections") {
			t.Errorf("a fourth endpoint for three connections: Serve returned %v", err)
		}
		if _, err := one.Dial(); err == nil {
			t.Error("its listener was left open")
		}
		s.Close()
		for range all {
			if err := <-served; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestServerThatIsClosedOpensNothing(t *testing.T) {
	s := New(hello, Config{})
	s.Close()
	l := listenHere(t, ListenConfig{}, "127.0.0.1:0")
	if err := s.ServeEndpoints(Endpoint{Listener: l}); !errors.Is(err, ErrServerClosed) {
		t.Errorf("ServeEndpoints returned %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener was left open: %v", err)
	}
}

func TestServerWithoutAHandlerServesMachinesOnly(t *testing.T) {
	s := New(nil, Config{})
	var failed *EndpointError
	if err := s.ServeEndpoints(Endpoint{Listener: memnet.Listen()}); !errors.As(err, &failed) {
		t.Errorf("an endpoint for HTTP: %v", err)
	}
	l := memnet.Listen()
	served := make(chan error, 1)
	go func() {
		served <- s.ServeEndpoints(Endpoint{Listener: l, Machine: raxx.NewMachine(told{nil, func(raxx.Event) []raxx.Part {
			return []raxx.Part{raxx.Data("hello"), raxx.Tail{}}
		}}, told.step)})
	}()
	conn, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); string(got) != "hello" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	conn.Close()
	s.Close()
	<-served
}
