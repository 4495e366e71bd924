package nethttptest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/nethttp"
)

// A server is a way to serve an http.Handler.
type server interface {
	Serve(net.Listener) error
	Close() error
}

// An engine is a version of HTTP.
type engine struct {
	name       string
	http2, tls bool
}

var engines = []engine{{"HTTP 1.1", false, false}, {"HTTP 2 in the clear", true, false}, {"HTTP 2 over TLS", true, true}}

// A client asks a server of its own.
type client struct {
	testing.TB
	engine engine
	*http.Transport
	addr string
}

// ofNetHTTP returns a client of an http.Server.
func (e engine) ofNetHTTP(t testing.TB, h http.Handler) *client {
	s := &http.Server{Handler: h, Protocols: e.protocols(), TLSConfig: e.config(t)}
	return e.client(t, tlsServer{s, e.tls})
}

// ofAce returns a client of a server of ace.
func (e engine) ofAce(t testing.TB, h http.Handler) *client {
	return e.client(t, ace.New(nethttp.FromHTTP(h), ace.Config{TLS: e.config(t)}))
}

// A tlsServer is an http.Server that may speak TLS.
type tlsServer struct {
	*http.Server
	tls bool
}

func (s tlsServer) Serve(l net.Listener) error {
	if s.tls {
		return s.ServeTLS(l, "", "")
	}
	return s.Server.Serve(l)
}

func (e engine) config(t testing.TB) *tls.Config {
	if !e.tls {
		return nil
	}
	cert, err := ace.DevelopmentCertificate("localhost")
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}}
}

func (e engine) protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(!e.http2)
	p.SetHTTP2(e.http2 && e.tls)
	p.SetUnencryptedHTTP2(e.http2 && !e.tls)
	return p
}

func (e engine) client(t testing.TB, s server) *client {
	t.Helper()
	l, err := ace.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &client{TB: t, engine: e, addr: l.Addr().String(), Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, Protocols: e.protocols(), DisableCompression: true,
		ExpectContinueTimeout: time.Minute,
	}}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		c.CloseIdleConnections()
		s.Close()
		if err := <-served; err != nil && !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve returned %v", err)
		}
	})
	return c
}

// An ask is a request.
type ask struct {
	method, target string
	header         http.Header
	body           string
	unknown        bool // the length of the body is not told
	trailer        http.Header
	http1          bool // it is for HTTP/1.1 only
}

// An answer is what a client sees of a reply.
type answer struct {
	informs []string
	status  int
	header  []string // sorted; without what frames the content, and the date
	body    string
	trailer []string
	broken  bool
}

// request returns a request for the client's server.
func (c *client) request(ctx context.Context, a ask) *http.Request {
	c.Helper()
	scheme := "http"
	if c.engine.tls {
		scheme = "https"
	}
	var body io.Reader
	if a.body != "" || a.unknown {
		body = strings.NewReader(a.body)
	}
	if a.unknown {
		body = io.MultiReader(body)
	}
	method := a.method
	if method == "" {
		method = "GET"
	}
	req, err := http.NewRequestWithContext(ctx, method, scheme+"://"+c.addr+a.target, body)
	if err != nil {
		c.Fatal(err)
	}
	req.Host = "example.org"
	for key, values := range a.header {
		req.Header[key] = values
	}
	req.Trailer = a.trailer.Clone()
	return req
}

// ask sends a request and waits for all of the reply.
func (c *client) ask(a ask) (got answer) {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), 20*time.Second)
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
			got.informs = append(got.informs, fmt.Sprint(code, fields(http.Header(header))))
			return nil
		},
	})
	resp, err := c.RoundTrip(c.request(ctx, a))
	if err != nil {
		if ctx.Err() != nil {
			c.Fatalf("%s: %v", a.target, err)
		}
		got.broken = true
		return got
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if ctx.Err() != nil {
		c.Fatalf("%s: the body ended with %v after %d bytes", a.target, err, len(body))
	}
	got.status, got.header, got.trailer = resp.StatusCode, fields(resp.Header), fields(resp.Trailer)
	got.body, got.broken = string(body), err != nil
	return got
}

// fields returns what does not depend on when and how a reply is sent.
func fields(h http.Header) (all []string) {
	for key, values := range h {
		switch key {
		case "Date", "Content-Length", "Transfer-Encoding", "Connection":
			continue
		}
		for _, v := range values {
			all = append(all, key+": "+v)
		}
	}
	slices.Sort(all)
	return all
}

// alike asks h under an http.Server and under ace, over every version, and wants
// the same answers. Some of them are looked at by want, if it is not nil.
func alike(t *testing.T, h http.Handler, want func(t *testing.T, a ask, got answer), asks ...ask) {
	t.Helper()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			reference, ours := e.ofNetHTTP(t, h), e.ofAce(t, h)
			for _, a := range asks {
				if a.http1 && e.http2 {
					continue
				}
				expected := reference.ask(a)
				got := ours.ask(a)
				if diff := cmp.Diff(short(expected), short(got), cmp.AllowUnexported(answer{})); diff != "" {
					t.Errorf("%s %s %v (-net/http +ace):\n%s", a.method, a.target, a.header, diff)
				}
				if want != nil {
					want(t, a, got)
				}
			}
		})
	}
}

// short clips a body that is too long to be looked at.
func short(a answer) answer {
	if len(a.body) > 500 {
		a.body = fmt.Sprintf("%.50s… %d bytes, sum %d", a.body, len(a.body), sum(a.body))
	}
	return a
}

func sum(text string) (n int) {
	for i := range len(text) {
		n = n*31 + int(text[i])
	}
	return n
}

// TestMain fails if a test leaves a goroutine of the module behind.
func TestMain(m *testing.M) {
	code := m.Run()
	if left := leaked(); code == 0 && left != "" {
		fmt.Fprintf(os.Stderr, "goroutines left behind:\n\n%s\n", left)
		code = 1
	}
	os.Exit(code)
}

// leaked returns the stacks of the goroutines that are still in the module after
// they have had time to end.
func leaked() string {
	var left []string
	for range 100 {
		runtime.GC() // replies that nobody took end with it
		buf := make([]byte, 1<<20)
		left = nil
		for i, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if i > 0 && strings.Contains(stack, "raxx-go/raxx/ace") {
				left = append(left, stack)
			}
		}
		if left == nil {
			return ""
		}
		<-time.After(20 * time.Millisecond)
	}
	return strings.Join(left, "\n\n")
}
