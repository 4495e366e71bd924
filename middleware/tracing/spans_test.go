package tracing_test

import (
	"bufio"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"go.opentelemetry.io/otel/codes"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/middleware/tracing"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

// request returns the attributes of a request of ask, and more.
func request(method, path, version string, more attrs) attrs {
	all := attrs{
		"http.request.method": method, "url.scheme": "http", "url.path": path, "network.protocol.version": version,
		"server.address": "example.com", "server.port": int64(80), "user_agent.original": "tester/1",
		"client.address": "192.0.2.1", "network.peer.address": "192.0.2.1",
	}
	maps.Copy(all, more)
	return all
}

// anyPort takes out what differs from one connection to the next.
func anyPort(spans []span) []span {
	for _, s := range spans {
		delete(s.Attrs, "network.peer.port")
	}
	return spans
}

const noProgress = "multiple Read calls return no data or error"

func TestSpans(t *testing.T) {
	panicked := func(text string) []event {
		return []event{{"exception", attrs{"exception.type": "panic", "exception.message": text, "exception.stacktrace": true}}}
	}
	failed := func(kind, text string) []event {
		return []event{{"exception", attrs{"exception.type": kind, "exception.message": text}}}
	}
	status := func(code int64) attrs { return attrs{"http.response.status_code": code} }
	ended := func(code int64, failure, end string) attrs {
		return attrs{"http.response.status_code": code, "error.type": failure, "raxx.end": end}
	}
	tea := "ace: the handler panicked: out of tea"
	early := "ace: the body of the response ended early: " + noProgress
	for _, test := range []struct {
		ask   string
		route string
		want  span // without the name, the route and the request
	}{
		{"GET /users/1", "/users/:id", span{Attrs: status(200)}},
		{"HEAD /users/1", "/users/:id", span{Attrs: status(200)}},
		{"POST /users", "/users", span{Attrs: status(201)}},
		{"GET /nothing", "", span{Attrs: status(404)}},
		{"GET /slow", "/slow", span{Took: 3 * time.Second, Attrs: status(204)}},
		{"GET /broken", "/broken", span{
			Status: codes.Error, Attrs: attrs{"http.response.status_code": int64(500), "error.type": "500"},
			Events: failed("*errors.errorString", noProgress),
		}},
		{"GET /panic", "/panic", span{
			Status: codes.Error, Text: tea, Attrs: attrs{"http.response.status_code": int64(500), "error.type": "panic"}, Events: panicked(tea),
		}},
		{"GET /stream", "/stream", span{Took: 2 * time.Second, Attrs: status(200)}},
		{"HEAD /stream", "/stream", span{Attrs: status(200)}},
		{"GET /stream/broken", "/stream/broken", span{
			Took: 2 * time.Second, Status: codes.Error, Text: early, Attrs: ended(200, "unsendable", "unsendable"),
			Events: failed("*exchange.ResponseError", early),
		}},
		{"GET /stream/panic", "/stream/panic", span{
			Status: codes.Error, Text: tea, Attrs: ended(200, "panic", "aborted"), Events: panicked(tea),
		}},
		{"GET /machine", "/machine", span{Took: 3 * time.Second, Attrs: status(200)}},
		{"GET /machine/late", "/machine/late", span{
			Took: time.Second, Status: codes.Error, Attrs: attrs{"http.response.status_code": int64(503), "error.type": "503"},
			Events: failed("*errors.errorString", noProgress),
		}},
		{"POST /upload", "/upload", span{Attrs: status(204)}},
		{"GET /machine/panic", "/machine/panic", span{
			Status: codes.Error, Text: tea, Attrs: ended(200, "panic", "aborted"), Events: panicked(tea),
		}},
		{"GET /machine/abort", "/machine/abort", span{
			Status: codes.Error, Text: "ace: the machine broke the reply off: " + noProgress, Attrs: ended(200, "aborted", "aborted"),
			Events: failed("*exchange.AbortError", "ace: the machine broke the reply off: "+noProgress),
		}},
		{"GET /unsendable", "/unsendable", span{
			Status: codes.Error, Attrs: attrs{"http.response.status_code": int64(500), "error.type": "500"},
			Events: failed("*exchange.ResponseError", `ace: a field of the response can't be sent: raxx: field "a": the value holds '\n' at offset 1 (RFC 9110, 5.5)`),
		}},
	} {
		for _, version := range []string{"1.1", "2"} {
			t.Run(test.ask+" over "+version, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newTelescope(t)
					endpoint := serve(t, app(s.config().Middleware()))
					client := endpoint.HTTP1()
					if version == "2" {
						client = endpoint.HTTP2()
					}
					method, path, _ := strings.Cut(test.ask, " ")
					body := ""
					if method == "POST" {
						body = "12345"
					}
					ask(t, client, method, path, body)
					want := test.want
					want.Attrs = request(method, path, version, want.Attrs)
					if want.Name = method; test.route != "" {
						want.Name += " " + test.route
						want.Attrs["http.route"] = test.route
					}
					diff(t, []span{want}, anyPort(s.take()))
				})
			})
		}
	}
}

// A client that leaves is no failure, whatever the handler makes of it.
func TestClientsThatLeave(t *testing.T) {
	for _, path := range []string{"/patient", "/machine", "/stream"} {
		for _, version := range []string{"1.1", "2"} {
			t.Run(path+" over "+version, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newTelescope(t)
					endpoint := serve(t, app(s.config().Middleware()))
					client := endpoint.HTTP1()
					if version == "2" {
						client = endpoint.HTTP2()
					}
					client.Timeout = 1500 * time.Millisecond
					ask(t, client, "GET", path, "")
					time.Sleep(5 * time.Second) // of the bubble
					spans := s.take()
					if len(spans) != 1 {
						t.Fatalf("got %d spans", len(spans))
					}
					one := spans[0]
					end, failure := one.Attrs["raxx.end"], one.Attrs["error.type"]
					if one.Status != codes.Unset || failure != nil || one.Events != nil || end != nil && end != "client_gone" {
						t.Errorf("got %+v", one)
					}
					if path != "/patient" && end == nil {
						t.Errorf("it does not say that the client has left: %+v", one)
					}
				})
			})
		}
	}
}

// masked is a frame of a client with a short text.
func masked(text string) string {
	return "\x81" + string([]byte{0x80 | byte(len(text))}) + "\x00\x00\x00\x00" + text
}

func TestWebSocket(t *testing.T) {
	const ask = "GET /talk HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: upgrade\r\nUser-Agent: tester/1\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
	for _, test := range []struct {
		name, says string
		want       span
	}{
		{"that is closed", "\x88\x82\x00\x00\x00\x00\x03\xe8", span{Attrs: attrs{}}},
		{"whose client leaves", "", span{Attrs: attrs{"raxx.end": "client_gone"}}},
		{"that panics", masked("coffee"), span{
			Status: codes.Error, Text: "ace: the handler panicked: out of tea", Attrs: attrs{"error.type": "panic"},
			Events: []event{{"exception", attrs{
				"exception.type": "panic", "exception.message": "ace: the handler panicked: out of tea", "exception.stacktrace": true,
			}}},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newTelescope(t)
				conn, err := serve(t, app(s.config().Middleware())).Dial()
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				conn.Write([]byte(ask))
				if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || resp.StatusCode != 101 {
					t.Fatal(resp, err)
				}
				conn.Write([]byte(masked("tea")))
				time.Sleep(10 * time.Second) // of the bubble
				diff(t, nil, s.take())
				if conn.Write([]byte(test.says)); test.says == "" {
					conn.Close()
				}
				synctest.Wait()
				conn.Close()
				synctest.Wait()
				test.want.Name, test.want.Took = "GET /talk", 10*time.Second
				test.want.Attrs = request("GET", "/talk", "1.1", test.want.Attrs)
				test.want.Attrs["http.route"], test.want.Attrs["http.response.status_code"] = "/talk", int64(101)
				diff(t, []span{test.want}, anyPort(s.take()))
				// What was said is no content.
				for name := range s.measured(t) {
					if strings.Contains(name, "body") || strings.Contains(name, "active") {
						t.Errorf("got %s", name)
					}
				}
			})
		})
	}
}

// What a client sends is told as far as that is safe.
func TestTextOfClients(t *testing.T) {
	s := newTelescope(t)
	config := s.config()
	config.Query = true
	handler := config.Middleware()(func(raxx.Request) raxx.Response { return raxx.NoContent() })
	long := strings.Repeat("a", 600)
	req := raxx.New("BREW", "https://[2001:db8::1]:8443/"+long+"?page=2&token=s3cret&tok%65n=s3cret&token=&q", nil)
	req = req.With("user-agent", "caf\xe9 "+strings.Repeat("é", 300))
	req.Peer = raxx.Peer{Address: "[::ffff:192.0.2.7]:51334", Protocol: "HTTP/0.9"}
	handler(req)
	handler(middleware.ClientIP.Set(raxx.Request{Method: strings.Repeat("M", 600), Scheme: "gopher", Authority: "a\xff:99999"}, middleware.PeerIP(req)))
	spans := s.take()
	for i := range spans {
		spans[i].Took = 0
	}
	diff(t, []span{{Name: "HTTP", Attrs: attrs{
		"http.request.method": "_OTHER", "http.request.method_original": "BREW", "http.response.status_code": int64(204),
		"url.scheme": "https", "url.path": "/" + long[:511], "url.query": "page=2&token=REDACTED&tok%65n=REDACTED&token=&q",
		"server.address": "2001:db8::1", "server.port": int64(8443),
		"network.peer.address": "192.0.2.7", "network.peer.port": int64(51334), "client.address": "192.0.2.7",
		"user_agent.original": "caf\uFFFD " + strings.Repeat("é", 252),
	}}, {Name: "HTTP", Attrs: attrs{
		"http.request.method": "_OTHER", "http.request.method_original": strings.Repeat("M", 512), "http.response.status_code": int64(204),
		"url.scheme": "_OTHER", "server.address": "a\uFFFD", "client.address": "192.0.2.7",
	}}}, spans)
	for name := range s.measured(t) {
		if strings.Contains(name, "BREW") || strings.Contains(name, "MMM") || strings.Contains(name, "gopher") || strings.Contains(name, "db8") {
			t.Errorf("a client has made up %s", name)
		}
	}
}

// A server of net/http tells of the end as well.
func TestUnderNetHTTP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTelescope(t)
		handler := nethttp.ToHTTP(app(s.config().Middleware()), nethttp.Config{})
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "http://example.com/stream", nil))
		synctest.Wait()
		spans := s.take()
		if len(spans) != 1 || spans[0].Name != "GET /stream" || spans[0].Took != 2*time.Second {
			t.Errorf("got %+v", spans)
		}
		sum, _ := s.sizes(t, "http.server.response.body.size")
		diff(t, 8.0, sum)
	})
}

// A text of a request is a piece of its whole head, which a span must not keep.
func TestSpansKeepNoHeads(t *testing.T) {
	s := newTelescope(t)
	config := s.config()
	config.Query = true
	head := strings.Repeat("a", 1000)
	req := raxx.Request{Method: head[:9], Path: head[10:19], Query: head[20:29], Authority: head[30:39]}
	req.Header = raxx.Header{{Name: "user-agent", Value: head[40:49]}}
	config.Middleware()(func(raxx.Request) raxx.Response { return raxx.NoContent() })(req)
	first := uintptr(unsafe.Pointer(unsafe.StringData(head)))
	for _, kv := range s.spans.GetSpans()[0].Attributes {
		text := kv.Value.AsString()
		if at := uintptr(unsafe.Pointer(unsafe.StringData(text))); first <= at && at < first+uintptr(len(head)) {
			t.Errorf("%s is a piece of the head", kv.Key)
		}
	}
}

func TestMethodsAndSkip(t *testing.T) {
	s := newTelescope(t)
	config := s.config()
	config.Methods = []string{"BREW"}
	config.Skip = func(req raxx.Request) bool { return req.Path == "/health" }
	handler := router.Config{Middleware: config.Middleware()}.MustNew(
		router.On("BREW", "/pot", func(raxx.Request) raxx.Response { return raxx.NoContent() }),
		router.Get("/pot", func(raxx.Request) raxx.Response { return raxx.NoContent() }),
		router.Get("/health", func(raxx.Request) raxx.Response { return raxx.NoContent() }),
	)
	for _, ask := range []string{"BREW /pot", "GET /pot", "GET /health"} {
		method, path, _ := strings.Cut(ask, " ")
		if resp := handler.Handle(raxx.New(method, path, nil)); resp.Status != 204 {
			t.Error(resp)
		}
	}
	var names []string
	for _, one := range s.take() {
		names = append(names, one.Name)
	}
	diff(t, []string{"BREW /pot", "HTTP /pot"}, names)
}

// The providers of package otel do nothing before they are set.
func TestZeroConfig(t *testing.T) {
	resp := tracing.Config{}.Middleware()(func(raxx.Request) raxx.Response { return raxx.NoContent() })(raxx.Get("/"))
	diff(t, raxx.NoContent(), resp)
}
