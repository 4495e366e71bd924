package acetest_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/acetest"
	"github.com/raxx-go/raxx/raxx"
)

// whoAsks says by which protocol, under which name, and from where it was asked.
func whoAsks(req raxx.Request) raxx.Response {
	return raxx.Text(200, req.Peer.Protocol+" "+req.Scheme+" "+req.Authority+" "+req.Peer.Address)
}

// certificate returns a config with a certificate.
func certificate(t *testing.T) *tls.Config {
	t.Helper()
	cert, err := ace.DevelopmentCertificate("example.com")
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}}
}

// get returns the content that a client gets.
func get(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestClients(t *testing.T) {
	clear := acetest.Serve(t, ace.New(whoAsks, ace.Config{}))
	secure := acetest.Serve(t, ace.New(whoAsks, ace.Config{TLS: certificate(t)}))
	for _, test := range []struct {
		client *http.Client
		url    string
		want   string
	}{
		{clear.HTTP1(), "http://shop.example/", "HTTP/1.1 http shop.example 192.0.2.1:"},
		{clear.HTTP2(), "http://shop.example/", "HTTP/2.0 http shop.example 192.0.2.1:"},
		{secure.HTTP1(), "https://shop.example/", "HTTP/1.1 https shop.example 192.0.2.1:"},
		{secure.HTTP2(), "https://shop.example/", "HTTP/2.0 https shop.example 192.0.2.1:"},
		{clear.From("[2001:db8::1]:7").HTTP1(), "http://a/", "HTTP/1.1 http a [2001:db8::1]:7"},
		{secure.From("198.51.100.7:7").HTTP2(), "https://a/", "HTTP/2.0 https a 198.51.100.7:7"},
	} {
		if got := get(t, test.client, test.url); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.url, got, test.want)
		}
	}
}

func TestConnectionsHavePortsOfTheirOwn(t *testing.T) {
	app := acetest.Serve(t, ace.New(whoAsks, ace.Config{}))
	first, second := get(t, app.HTTP1(), "http://a/"), get(t, app.HTTP1(), "http://a/")
	if first == second {
		t.Errorf("two connections have the same address: %s", first)
	}
	client := app.HTTP1()
	if first, second = get(t, client, "http://a/"), get(t, client, "http://a/"); first != second {
		t.Errorf("one client has two connections: %s, %s", first, second)
	}
}

// One test has as many clients as it likes, whatever a server allows an address.
func TestAddressesAreNotCounted(t *testing.T) {
	app := acetest.Serve(t, ace.New(whoAsks, ace.Config{MaxConnectionsPerAddress: 1}))
	for _, from := range []string{"", "198.51.100.7:7", "198.51.100.7:7", "198.51.100.7:8"} {
		client := app.From(from).HTTP1()
		if got := get(t, client, "http://a/"); !strings.Contains(got, "http a ") {
			t.Errorf("from %q: got %q", from, got)
		}
	}
}

func TestSay(t *testing.T) {
	hello := func(raxx.Request) raxx.Response { return raxx.Text(200, "hello") }
	app := acetest.Serve(t, ace.New(hello, ace.Config{}))
	answer, err := app.Say("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n")
	if strings.Count(answer, "HTTP/1.1 200 OK\r\n") != 1 || strings.Count(answer, "HTTP/1.1 400 Bad Request\r\n") != 1 || err != nil {
		t.Errorf("got %q, %v", answer, err)
	}
}

// Who will send nothing more has left, for those who ask.
func TestSayAndLeave(t *testing.T) {
	app := acetest.Serve(t, ace.New(func(req raxx.Request) raxx.Response {
		<-req.Context().Done()
		return raxx.Text(200, context.Cause(req.Context()).Error())
	}, ace.Config{}))
	answer, err := app.Say("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	if !strings.HasSuffix(answer, ace.ErrClientGone.Error()) || err != nil {
		t.Errorf("got %q, %v", answer, err)
	}
}

// An answer that comes before the server has heard all is not lost, and neither
// side waits for the other.
func TestSayMoreThanIsHeard(t *testing.T) {
	app := acetest.Serve(t, ace.New(whoAsks, ace.Config{}))
	answer, err := app.Say("nonsense\r\n\r\n" + strings.Repeat("x", 1<<20))
	if !strings.HasPrefix(answer, "HTTP/1.1 400 ") {
		t.Errorf("got %q, %v", answer, err)
	}
}

// shout answers in capitals until it is told that nothing more comes.
func shout(n int, event raxx.Event) (int, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Data:
		return n, []raxx.Part{raxx.Data(strings.ToUpper(string(event)))}
	case raxx.Tail:
		return n, []raxx.Part{raxx.Tail{}}
	}
	return n, nil
}

func TestEndpointsOfOneServer(t *testing.T) {
	server := ace.New(whoAsks, ace.Config{})
	web := acetest.ServeEndpoint(t, server, ace.Endpoint{Name: "web", TLS: certificate(t)})
	raw := acetest.ServeEndpoint(t, server, ace.Endpoint{Name: "raw", Machine: raxx.NewMachine(0, shout)})
	if got := get(t, web.HTTP2(), "https://a/"); !strings.HasPrefix(got, "HTTP/2.0 https a ") {
		t.Errorf("got %q", got)
	}
	answer, err := raw.Say("hello")
	if answer != "HELLO" || err != nil {
		t.Errorf("got %q, %v", answer, err)
	}
}

func TestTimeInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := acetest.Serve(t, ace.New(whoAsks, ace.Config{IdleTimeout: time.Hour}))
		conn, err := app.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		began := time.Now()
		io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		if _, err := io.ReadAll(conn); err != nil { // until the server sends it away
			t.Error(err)
		}
		if took := time.Since(began).Round(time.Minute); took != time.Hour {
			t.Errorf("the connection was kept for %v", took)
		}
	})
}

func TestBubblesOfAllClients(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		for name, clientOf := range map[string]func(*acetest.Endpoint) *http.Client{"HTTP1": (*acetest.Endpoint).HTTP1, "HTTP2": (*acetest.Endpoint).HTTP2} {
			t.Run(name+" "+scheme, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					config := ace.Config{}
					if scheme == "https" {
						config.TLS = certificate(t)
					}
					app := acetest.Serve(t, ace.New(whoAsks, config))
					if got := get(t, clientOf(app), scheme+"://a/"); !strings.Contains(got, scheme+" a 192.0.2.1:") {
						t.Errorf("got %q", got)
					}
				})
			})
		}
	}
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(req raxx.Request) raxx.Response {
			time.Sleep(time.Minute)
			return raxx.Text(200, "done")
		}
		server := ace.New(slow, ace.Config{})
		app := acetest.Serve(t, server)
		got := make(chan string, 1)
		go func() { got <- get(t, app.HTTP1(), "http://a/") }()
		synctest.Wait()
		if err := server.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if got := <-got; got != "done" {
			t.Errorf("got %q", got)
		}
		if _, err := app.Dial(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("behind the drain: %v", err)
		}
	})
}

// What is left when a test ends is cut, and who waits for it is told.
func TestEndOfATestCuts(t *testing.T) {
	var conn net.Conn
	t.Run("a test that leaves a connection", func(t *testing.T) {
		var err error
		if conn, err = acetest.Serve(t, ace.New(whoAsks, ace.Config{})).Dial(); err != nil {
			t.Fatal(err)
		}
	})
	if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("read %d, %v", n, err)
	}
}

// A failing is a testing.TB that notes its errors.
type failing struct {
	testing.TB
	errors []string
	end    func()
}

func (f *failing) Helper()                           {}
func (f *failing) Cleanup(end func())                { f.end = end }
func (f *failing) Errorf(format string, args ...any) { f.errors = append(f.errors, format) }

func TestServerThatCannotServe(t *testing.T) {
	f := &failing{TB: t}
	app := acetest.ServeEndpoint(f, ace.New(whoAsks, ace.Config{}), ace.Endpoint{TLS: &tls.Config{}})
	f.end()
	if len(f.errors) != 1 {
		t.Errorf("the test was told of %q", f.errors)
	}
	var endpoint *ace.EndpointError
	if _, err := app.Dial(); !errors.As(err, &endpoint) {
		t.Errorf("dialling failed by %v, which does not say why", err)
	}
}

func TestNothingIsAsked(t *testing.T) {
	for range 100 { // the server may be closed before it has begun
		f := &failing{TB: t}
		acetest.Serve(f, ace.New(whoAsks, ace.Config{}))
		f.end()
		if f.errors != nil {
			t.Fatal(f.errors)
		}
	}
}

func TestDialsThatNobodyAccepts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := acetest.Serve(t, ace.New(whoAsks, ace.Config{MaxConnections: 8}))
		for range 2000 {
			conn, err := app.Dial()
			if err != nil {
				if !errors.Is(err, syscall.ECONNREFUSED) {
					t.Error(err)
				}
				return
			}
			defer conn.Close()
		}
		t.Error("2,000 connections wait to be accepted")
	})
}

func TestStartRefusesAnAddress(t *testing.T) {
	defer func() {
		want := "acetest: an endpoint in memory has neither Address nor Listener"
		if diff := cmp.Diff(any(want), recover()); diff != "" {
			t.Error(diff)
		}
	}()
	acetest.Start(ace.New(whoAsks, ace.Config{}), ace.Endpoint{Address: ":0"})
}

// The client of somebody else, who wants no more than a function that dials.
func TestDialContext(t *testing.T) {
	app := acetest.Serve(t, ace.New(whoAsks, ace.Config{}))
	conn, err := app.DialContext(t.Context(), "tcp", "shop.example:80")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := conn.LocalAddr().String(); !strings.HasPrefix(got, "192.0.2.1:") {
		t.Errorf("the client is at %s", got)
	}
}

// slowFor returns a handler that says on a channel when it begins, and heeds
// nothing for a while.
func slowFor(d time.Duration, begun, done chan<- struct{}) raxx.Handler {
	return func(raxx.Request) raxx.Response {
		begun <- struct{}{}
		time.Sleep(d)
		close(done)
		return raxx.Text(200, "")
	}
}

// Nothing of a test is at work behind its end: in a bubble that would be a panic.
func TestEndOfATestWaitsForHandlers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, done := make(chan struct{}), make(chan struct{})
		t.Cleanup(func() { // behind that of Serve
			select {
			case <-done:
			default:
				t.Error("the handler goes on behind the end of the test")
			}
		})
		conn, err := acetest.Serve(t, ace.New(slowFor(9*time.Second, begun, done), ace.Config{})).Dial()
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		<-begun
		conn.Close()
	})
}

func TestCloseNamesHandlersThatDoNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, done := make(chan struct{}), make(chan struct{})
		app := acetest.Start(ace.New(slowFor(time.Hour, begun, done), ace.Config{}), ace.Endpoint{})
		go app.Say("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
		<-begun
		err := app.Close()
		if e, ok := errors.AsType[*ace.DrainError](err); !ok || e.Left != 1 || !strings.Contains(err.Error(), "GET /slow") {
			t.Errorf("got %v", err)
		}
		<-done
	})
}
