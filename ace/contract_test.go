package ace_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// The contract: whatever a request comes on, the handler sees the same value, and
// the client the same reply. The rows are in contract_*_test.go.

// An engine is a way between a client and a handler.
type engine struct {
	name   string
	http2  bool
	tls    bool
	memory bool
	under  string // what else the handler stands under: see contract_nethttp_test.go
	stack  bool   // it stands behind what every site mounts: see contract_stack_test.go
}

var engines = []engine{
	{"HTTP 1.1 in memory", false, false, true, "", false},
	{"HTTP 1.1", false, false, false, "", false},
	{"HTTP 1.1 over TLS", false, true, false, "", false},
	{"HTTP 2 in memory", true, false, true, "", false},
	{"HTTP 2 in the clear", true, false, false, "", false},
	{"HTTP 2 over TLS", true, true, false, "", false},
	{"HTTP 2 over TLS in memory", true, true, true, "", false},
	{"HTTP 1.1, behind middleware of net http", false, false, false, middlewareOfNetHTTP, false},
	{"HTTP 2, behind middleware of net http", true, false, false, middlewareOfNetHTTP, false},
	{"HTTP 1.1, behind a writer of net http", false, false, false, writerOfNetHTTP, false},
	{"HTTP 2, behind a writer of net http", true, false, false, writerOfNetHTTP, false},
	{"HTTP 1.1 of net http", false, false, false, serverOfNetHTTP, false},
	{"HTTP 1.1 over TLS of net http", false, true, false, serverOfNetHTTP, false},
	{"HTTP 2 in the clear of net http", true, false, false, serverOfNetHTTP, false},
	{"HTTP 2 over TLS of net http", true, true, false, serverOfNetHTTP, false},
	{"HTTP 1.1, behind the stack", false, false, false, "", true},
	{"HTTP 1.1 over TLS, behind the stack", false, true, false, "", true},
	{"HTTP 2 in the clear, behind the stack", true, false, false, "", true},
	{"HTTP 2 over TLS, behind the stack", true, true, false, "", true},
	{"HTTP 1.1, behind a writer of net http and the stack", false, false, false, writerOfNetHTTP, true},
	{"HTTP 1.1 of net http, behind the stack", false, false, false, serverOfNetHTTP, true},
	{"HTTP 2 over TLS of net http, behind the stack", true, true, false, serverOfNetHTTP, true},
}

// direct are the ways that need no server.
var direct = []engine{{name: "without a server"}, {name: "without a server, behind the stack", stack: true}}

// onEngines runs a test on every engine.
func onEngines(t *testing.T, test func(t *testing.T, e engine)) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) { test(t, e) })
	}
}

// A client asks a server of its own, which lasts as long as the test.
type client struct {
	testing.TB
	engine engine
	server contractServer
	http   *http.Transport
	dial   func() (net.Conn, error)
}

// newClient starts a server of h.
func (e engine) newClient(t testing.TB, h raxx.Handler, config ace.Config) *client {
	t.Helper()
	if e.tls {
		cert, err := ace.DevelopmentCertificate("localhost")
		if err != nil {
			t.Fatal(err)
		}
		config.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	}
	l, dial := e.listen(t)
	c := &client{TB: t, engine: e, server: e.server(e.behindStack(h), config), dial: dial}
	c.http = c.transport()
	served := make(chan error, 1)
	go func() { served <- c.server.Serve(l) }()
	t.Cleanup(func() {
		c.http.CloseIdleConnections()
		c.server.Close()
		if err := <-served; err != nil {
			t.Errorf("Serve returned %v", err)
		}
	})
	return c
}

// listen returns a listener, and how to reach it below TLS.
func (e engine) listen(t testing.TB) (net.Listener, func() (net.Conn, error)) {
	t.Helper()
	if e.memory {
		l := memnet.Listen()
		return l, l.Dial
	}
	l, err := ace.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l, func() (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) }
}

// transport returns the client of net/http, which speaks nothing but what the
// engine does.
func (c *client) transport() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!c.engine.http2)
	protocols.SetHTTP2(c.engine.http2 && c.engine.tls)
	protocols.SetUnencryptedHTTP2(c.engine.http2 && !c.engine.tls)
	return &http.Transport{
		DialContext:           func(context.Context, string, string) (net.Conn, error) { return c.dial() },
		TLSClientConfig:       &tls.Config{InsecureSkipVerify: true},
		Protocols:             protocols,
		DisableCompression:    true,
		ExpectContinueTimeout: time.Minute,
	}
}

// An ask is a request as a client sends it.
type ask struct {
	method, target string
	header         raxx.Header
	body           string
	unknown        bool // the length of the body is not told beforehand
	trailer        raxx.Header
}

// An answer is all that a client sees of a reply.
type answer struct {
	informs []string // the status and the fields of each interim response
	status  int
	header  raxx.Header // sorted, without Date
	body    string
	trailer raxx.Header
	broken  bool // it ended before its end, in a way that can be seen
}

// ask sends a request and waits for all of the reply.
func (c *client) ask(a ask) answer {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), 20*time.Second)
	defer cancel()
	var got answer
	req := c.request(ctx, a, &got)
	resp, err := c.http.RoundTrip(req)
	if err != nil {
		if ctx.Err() != nil {
			c.Fatalf("%s %s: %v", a.method, a.target, err)
		}
		got.broken = true
		return got
	}
	defer resp.Body.Close()
	got.status, got.header = resp.StatusCode, fieldsOf(resp.Header)
	body, err := io.ReadAll(resp.Body)
	if ctx.Err() != nil {
		c.Fatalf("%s %s: the body ended with %v after %d bytes", a.method, a.target, err, len(body))
	}
	got.body, got.broken = string(body), err != nil
	got.trailer = fieldsOf(resp.Trailer)
	return c.engine.withoutStack(c, got)
}

// wantAnswer compares what a client sees with what it should.
func wantAnswer(t testing.TB, want, got answer) {
	t.Helper()
	want.body, got.body = brief(want.body), brief(got.body)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(answer{})); diff != "" {
		t.Errorf("unexpected reply (-want +got):\n%.2000s", diff)
	}
}

// brief stands for a body that is too long to be looked at.
func brief(body string) string {
	if len(body) <= 200 {
		return body
	}
	return fmt.Sprintf("%.20q… %d bytes, CRC %08x", body, len(body), crc32.ChecksumIEEE([]byte(body)))
}

// request makes a request of net/http.
func (c *client) request(ctx context.Context, a ask, got *answer) *http.Request {
	c.Helper()
	scheme := "http"
	if c.engine.tls {
		scheme = "https"
	}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
			got.informs = append(got.informs, fmt.Sprint(code, fieldsOf(http.Header(header))))
			return nil
		},
	})
	var body io.Reader
	if a.body != "" || a.unknown {
		body = strings.NewReader(a.body)
	}
	if a.unknown {
		body = io.MultiReader(body) // net/http does not look into it
	}
	req, err := http.NewRequestWithContext(ctx, a.method, scheme+"://example.org"+a.target, body)
	if err != nil {
		c.Fatal(err)
	}
	req.Header["User-Agent"] = nil
	for _, f := range a.header {
		req.Header.Add(f.Name, f.Value)
	}
	for _, f := range a.trailer {
		if req.Trailer == nil {
			req.Trailer = http.Header{}
		}
		req.Trailer.Add(f.Name, f.Value)
	}
	return req
}

// fieldsOf returns a header of net/http as one of raxx, sorted.
func fieldsOf(header http.Header) (fields raxx.Header) {
	for name, values := range header {
		for _, value := range values {
			if name != "Date" {
				fields = append(fields, raxx.Field{Name: strings.ToLower(name), Value: value})
			}
		}
	}
	return sorted(fields)
}

func sorted(fields raxx.Header) raxx.Header {
	slices.SortStableFunc(fields, func(a, b raxx.Field) int { return strings.Compare(a.Name, b.Name) })
	return fields
}

// askDirectly is ask without a server. What only a server knows is left out: the
// length that stands in the header.
func (e engine) askDirectly(t testing.TB, h raxx.Handler, a ask) answer {
	req := raxx.New(a.method, "http://example.org"+a.target, raxx.Data(a.body))
	req.Header = a.header
	if a.body != "" {
		req.Body = raxxtest.Chunks(a.body)
	}
	x := raxxtest.NewServer(e.behindStack(h)).Serve(req)
	var got answer
	for _, part := range x.Parts() {
		if inform, ok := part.(raxx.Inform); ok {
			got.informs = append(got.informs, fmt.Sprint(inform.Status, inform.Header))
		}
	}
	head, _ := x.Head()
	got.status, got.header = head.Status, sorted(slices.Clone(head.Header))
	got.body = string(x.Content())
	resp, err := x.Response()
	got.trailer, got.broken = resp.Trailer, err != nil
	return e.withoutStack(t, got)
}

// reacts returns a machine without a state.
func reacts(do func(raxx.Event) []raxx.Part) raxx.Machine {
	return raxx.NewMachine(struct{}{}, func(s struct{}, event raxx.Event) (struct{}, []raxx.Part) { return s, do(event) })
}

// errBroken is why a stream of a test ends early.
var errBroken = errors.New("on purpose")

func text(n int) string {
	const line = "all work and no play makes a dull server\n"
	return strings.Repeat(line, n/len(line)+1)[:n]
}
